//! Blocks: the stretches of a text that are kept whole where they fit.

use std::ops::Range;

/// How a block is cut when it is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// At sentence ends.
    Prose,
    /// At line ends: code, tables, data.
    Lines,
}

/// One block. Its bytes begin and end with a character that is not white space; blocks ascend and do not overlap, and
/// between them is only white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextBlock {
    pub(super) bytes: Range<usize>,
    pub(super) kind: BlockKind,
    /// Headings of a greater level end before it. [`u8::MAX`]: none does, a heading ends where the next begins.
    pub(super) under: u8,
    pub(super) heading: Option<Box<BlockHeading>>,
}

impl TextBlock {
    /// A block that is no heading and ends none.
    pub(super) fn new(bytes: Range<usize>, kind: BlockKind) -> Self {
        Self { bytes, kind, under: u8::MAX, heading: None }
    }

    /// A block that is a heading above what follows, up to the next heading of its level.
    pub(super) fn headed(bytes: Range<usize>, kind: BlockKind, level: u8, title: String) -> Self {
        Self { heading: Some(Box::new(BlockHeading { level, title, end: None })), ..Self::new(bytes, kind) }
    }

    /// Moves it so many bytes further on.
    pub(super) fn shift(&mut self, by: usize) {
        self.bytes = self.bytes.start + by..self.bytes.end + by;
        if let Some(end) = self.heading.as_mut().and_then(|heading| heading.end.as_mut()) {
            *end += by;
        }
    }

    /// Whether it is a heading whose text stands in the blocks after it, and stays with them.
    pub(super) fn leads(&self) -> bool {
        self.heading.as_ref().is_some_and(|heading| heading.end.is_none_or(|end| end > self.bytes.end))
    }
}

/// What a block that is a heading says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockHeading {
    /// From 1, the outermost.
    pub(super) level: u8,
    /// On one line.
    pub(super) title: String,
    /// Where in the text that which it heads ends, when that is one thing, kept together where it fits: a function, a
    /// type. None: up to the next heading of its level, and each heading below it may begin a passage.
    pub(super) end: Option<usize>,
}

/// The part of a range that begins and ends with a character that is not white space; none when there is none.
pub(super) fn trimmed(text: &str, bytes: Range<usize>) -> Option<Range<usize>> {
    let part = &text[bytes.clone()];
    let start = bytes.start + (part.len() - part.trim_start().len());
    let end = bytes.start + part.trim_end().len();
    (start < end).then_some(start..end)
}

/// Blocks with blank lines between them.
pub(super) fn paragraphs(text: &str, kind: BlockKind) -> Vec<TextBlock> {
    let mut blocks = Vec::new();
    let mut add = |bytes| blocks.extend(trimmed(text, bytes).map(|bytes| TextBlock::new(bytes, kind)));
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
        let found: Vec<&str> = paragraphs(text, BlockKind::Prose).iter().map(|b| &text[b.bytes.clone()]).collect();
        assert_eq!(found, ["one\ntwo", "三"]);
        assert!(paragraphs(" \n\n", BlockKind::Lines).is_empty());
    }
}
