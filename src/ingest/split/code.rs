//! Splits program text into blocks: functions, types and modules, in any language.

use super::blocks::{BlockHeading, BlockKind, TextBlock, paragraphs, trimmed};
use super::keywords::identifier;
use super::lines::{CodeLine, LineKind, lines};
use super::outline::{Definition, definitions, starts_with_end};

/// Splits program text into blocks. A definition without nested definitions is one block. A definition with nested definitions is a
/// heading above their blocks.
pub(super) fn blocks(text: &str) -> Vec<TextBlock> {
    // The lines of a patch begin with marks, and it shows only pieces of code.
    if ["diff ", "--- ", "Index: "].iter().any(|mark| text.starts_with(mark)) {
        return paragraphs(text, BlockKind::Lines);
    }
    let lines = lines(text);
    let definitions = definitions(text, &lines);
    let mut writer = CodeBlocks { text, lines: &lines, next_line: 0, blocks: Vec::new() };
    let mut open: Vec<&Definition> = Vec::new();
    for (number, definition) in definitions.iter().enumerate() {
        while let Some(around) = open.pop_if(|around| around.end <= definition.first) {
            writer.add_lines(around.end, around.depth);
        }
        writer.add_lines(definition.first, open.len());
        let has_nested = definitions.get(number + 1).is_some_and(|next| next.first < definition.end);
        writer.add_definition(definition, has_nested);
        if has_nested {
            open.push(definition);
        }
    }
    while let Some(around) = open.pop() {
        writer.add_lines(around.end, around.depth);
    }
    writer.add_lines(lines.len(), 0);
    writer.blocks
}

/// The blocks that were made of a program text so far.
struct CodeBlocks<'t> {
    text: &'t str,
    lines: &'t [CodeLine],
    /// The next line to be put into a block.
    next_line: usize,
    blocks: Vec<TextBlock>,
}

impl CodeBlocks<'_> {
    /// Returns the byte at which a line starts; the length of the text if there is no such line.
    fn byte(&self, line: usize) -> usize {
        self.lines.get(line).map_or(self.text.len(), |line| line.bytes.start)
    }

    /// Adds the lines before `end`, which belong to no definition, below `under` headings. A closing line stays with the block that
    /// it closes.
    fn add_lines(&mut self, end: usize, under: usize) {
        while let Some(line) = self.lines.get(self.next_line..end).and_then(<[CodeLine]>::first) {
            match self.blocks.last_mut() {
                _ if line.kind == LineKind::Blank => {}
                Some(last) if is_closing_line(line.head(self.text)) => {
                    last.bytes.end = trimmed(self.text, line.bytes.clone()).map_or(last.bytes.end, |bytes| bytes.end);
                }
                _ => break,
            }
            self.next_line += 1;
        }
        if self.next_line >= end {
            return;
        }
        let (start_byte, end_byte) = (self.byte(self.next_line), self.byte(end));
        for block in paragraphs(&self.text[start_byte..end_byte], BlockKind::Lines) {
            let bytes = start_byte + block.bytes.start..start_byte + block.bytes.end;
            self.blocks.push(TextBlock { bytes, under: level(under), ..block });
        }
        self.next_line = end;
    }

    /// Adds a definition, or only its signature if it has nested ones.
    fn add_definition(&mut self, definition: &Definition, has_nested: bool) {
        let end = if has_nested { definition.signature + 1 } else { definition.end };
        let first_byte = self.byte(definition.first);
        let whole = trimmed(self.text, first_byte..self.byte(definition.end));
        if let (Some(bytes), Some(whole)) = (trimmed(self.text, first_byte..self.byte(end)), whole) {
            let title = definition.found.title.clone();
            let heading = BlockHeading { level: level(definition.depth), title, end: Some(whole.end) };
            self.blocks.push(TextBlock { heading: Some(Box::new(heading)), ..TextBlock::new(bytes, BlockKind::Lines) });
        }
        self.next_line = end;
    }
}

/// Returns a depth as the level of a heading.
fn level(depth: usize) -> u8 {
    u8::try_from(depth).unwrap_or(u8::MAX)
}

/// True if a line only closes something.
fn is_closing_line(head: &str) -> bool {
    !head.contains(char::is_alphanumeric)
        || (starts_with_end(head) && identifier(head).len() == head.trim_end_matches([';', '.']).len())
}
