//! Blocks: the ranges of a text that are not split if they fit into a passage.

use std::ops::Range;

/// The places where a block is split if it is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// At sentence ends.
    Prose,
    /// At line ends: code, tables, data.
    Lines,
}

/// One block. Its bytes begin and end with a character that is not white space. Blocks ascend and do not overlap, and there is
/// only white space between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextBlock {
    pub(super) bytes: Range<usize>,
    pub(super) kind: BlockKind,
    /// Headings of a greater level end before this block. [`u8::MAX`]: no heading ends here; a heading ends where the next heading of
    /// its level begins.
    pub(super) under: u8,
    pub(super) heading: Option<Box<BlockHeading>>,
}

impl TextBlock {
    /// Creates a block that is not a heading and does not end one.
    pub(super) fn new(bytes: Range<usize>, kind: BlockKind) -> Self {
        Self { bytes, kind, under: u8::MAX, heading: None }
    }

    /// Creates a block that is a heading for the text after it, up to the next heading of its level.
    pub(super) fn with_heading(bytes: Range<usize>, kind: BlockKind, level: u8, title: String) -> Self {
        Self { heading: Some(Box::new(BlockHeading { level, title, end: None })), ..Self::new(bytes, kind) }
    }

    /// Moves the block by this many bytes.
    pub(super) fn shift(&mut self, by: usize) {
        self.bytes = self.bytes.start + by..self.bytes.end + by;
        if let Some(end) = self.heading.as_mut().and_then(|heading| heading.end.as_mut()) {
            *end += by;
        }
    }

    /// True if the block is a heading whose text is in the following blocks. The heading must stay with that text.
    pub(super) fn needs_next_block(&self) -> bool {
        self.heading.as_ref().is_some_and(|heading| heading.end.is_none_or(|end| end > self.bytes.end))
    }
}

/// The heading of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockHeading {
    /// The level, from 1 for the outermost.
    pub(super) level: u8,
    /// The title, on one line.
    pub(super) title: String,
    /// The end of its section in the text, if the section (a function or a type) is not split if it fits. `None`: it ends at the
    /// next heading of its level, and each heading in it may begin a passage.
    pub(super) end: Option<usize>,
}

/// Returns the range without white space at its ends; `None` if it is all white space.
pub(super) fn trimmed(text: &str, bytes: Range<usize>) -> Option<Range<usize>> {
    let part = &text[bytes.clone()];
    let start = bytes.start + (part.len() - part.trim_start().len());
    let end = bytes.start + part.trim_end().len();
    (start < end).then_some(start..end)
}

/// Splits a text into blocks at blank lines.
pub(super) fn paragraphs(text: &str, kind: BlockKind) -> Vec<TextBlock> {
    let mut blocks = Vec::new();
    let mut add = |bytes| blocks.extend(trimmed(text, bytes).map(|bytes| TextBlock::new(bytes, kind)));
    let (mut start, mut line_start) = (0, 0);
    for line in text.split_inclusive('\n') {
        let line_end = line_start + line.len();
        if line.trim().is_empty() {
            add(start..line_start);
            start = line_end;
        }
        line_start = line_end;
    }
    add(start..line_start);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_separate_blocks() {
        let text = "\n  one\ntwo\r\n \t\r\n三\u{3000}\n\n\n";
        let found: Vec<&str> = paragraphs(text, BlockKind::Prose).iter().map(|b| &text[b.bytes.clone()]).collect();
        assert_eq!(found, ["one\ntwo", "三"]);
        assert!(paragraphs(" \n\n", BlockKind::Lines).is_empty());
    }
}
