//! Splits reStructuredText, Org and LaTeX into blocks: headings, blocks that are not prose, and the paragraphs between them.

use super::blocks::{BlockKind, TextBlock, paragraphs, trimmed};
use crate::document::Syntax;
use nigh_formats::parts;

pub(super) fn blocks(text: &str, syntax: Syntax) -> Vec<TextBlock> {
    let mut blocks = Vec::new();
    let mut at = 0;
    for part in parts(text, syntax) {
        prose(text, at, part.bytes.start, &mut blocks);
        at = part.bytes.end;
        let Some(bytes) = trimmed(text, part.bytes) else { continue };
        blocks.push(match part.heading {
            Some((level, title)) => TextBlock::with_heading(bytes, BlockKind::Prose, level, title),
            None => TextBlock::new(bytes, BlockKind::Lines),
        });
    }
    prose(text, at, text.len(), &mut blocks);
    blocks
}

fn prose(text: &str, start: usize, end: usize, blocks: &mut Vec<TextBlock>) {
    let found = paragraphs(&text[start..end], BlockKind::Prose).into_iter();
    blocks.extend(found.map(|b| TextBlock { bytes: start + b.bytes.start..start + b.bytes.end, ..b }));
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
