//! Splits reStructuredText, Org and LaTeX into blocks: headings, blocks that are not prose, and the paragraphs between them.

use std::ops::Range;

use super::blocks::{BlockKind, TextBlock, paragraphs, trimmed};
use crate::document::Syntax;
use nigh_formats::parts;

/// Splits a text in one of these languages into blocks.
pub(super) fn blocks(text: &str, syntax: Syntax) -> Vec<TextBlock> {
    let mut blocks = Vec::new();
    let mut last_end = 0;
    for part in parts(text, syntax) {
        add_prose(text, last_end..part.bytes.start, &mut blocks);
        last_end = part.bytes.end;
        let Some(bytes) = trimmed(text, part.bytes) else { continue };
        blocks.push(match part.heading {
            Some((level, title)) => TextBlock::with_heading(bytes, BlockKind::Prose, level, title),
            None => TextBlock::new(bytes, BlockKind::Lines),
        });
    }
    add_prose(text, last_end..text.len(), &mut blocks);
    blocks
}

/// Adds the paragraphs of a range of the text.
fn add_prose(text: &str, range: Range<usize>, blocks: &mut Vec<TextBlock>) {
    let start = range.start;
    let paragraphs = paragraphs(&text[range], BlockKind::Prose).into_iter();
    blocks.extend(
        paragraphs.map(|block| TextBlock { bytes: start + block.bytes.start..start + block.bytes.end, ..block }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lines_and_prose() {
        let text = "Title\n=====\n\none\ntwo\n\nthree::\n\n  code\n\nfour\n";
        let found: Vec<(&str, BlockKind, Option<u8>)> = blocks(text, Syntax::Rst)
            .into_iter()
            .map(|b| (&text[b.bytes], b.kind, b.heading.map(|heading| heading.level)))
            .collect();
        assert_eq!(
            found,
            [
                ("Title\n=====", BlockKind::Prose, Some(1)),
                ("one\ntwo", BlockKind::Prose, None),
                ("three::", BlockKind::Prose, None),
                ("code", BlockKind::Lines, None),
                ("four", BlockKind::Prose, None),
            ]
        );
    }
}
