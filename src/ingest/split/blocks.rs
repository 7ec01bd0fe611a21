//! Blocks: the stretches of a text that are kept whole where they fit.

use std::ops::Range;

/// How a block is cut when it is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// At sentence ends.
    Prose,
    /// At line ends: code, tables, data.
    Lines,
}

/// One block. Its bytes begin and end with a character that is not white space; blocks ascend and do not overlap, and
/// between them is only white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) bytes: Range<usize>,
    pub(super) kind: Kind,
    pub(super) heading: Option<Box<Heading>>,
}

/// What a block that is a heading says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// 1 to 6.
    pub(super) level: u8,
    /// On one line.
    pub(super) title: String,
}

/// The part of a range that begins and ends with a character that is not white space; none when there is none.
pub(super) fn trimmed(text: &str, bytes: Range<usize>) -> Option<Range<usize>> {
    let part = &text[bytes.clone()];
    let start = bytes.start + (part.len() - part.trim_start().len());
    let end = bytes.start + part.trim_end().len();
    (start < end).then_some(start..end)
}

/// Blocks with blank lines between them.
pub(super) fn paragraphs(text: &str, kind: Kind) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut add = |bytes| blocks.extend(trimmed(text, bytes).map(|bytes| Block { bytes, kind, heading: None }));
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            add(start..at);
            start = at + line.len();
        }
        at += line.len();
    }
    add(start..at);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_blocks() {
        let text = "\n  one\ntwo\r\n \t\r\n三\u{3000}\n\n\n";
        let found: Vec<&str> = paragraphs(text, Kind::Prose).iter().map(|b| &text[b.bytes.clone()]).collect();
        assert_eq!(found, ["one\ntwo", "三"]);
        assert!(paragraphs(" \n\n", Kind::Lines).is_empty());
    }
}
