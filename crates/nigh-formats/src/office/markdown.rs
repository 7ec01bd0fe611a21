//! Writes blocks of an office document as Markdown: clean text, escaped only where it would be taken for markup.

/// A cell with more blocks or bytes than this is part of a page's layout, not of a table.
const MAX_CELL_BLOCKS: usize = 6;
const MAX_CELL_BYTES: usize = 2000;
/// The fence before and after code.
const FENCE: &str = "```";
/// Headings with more characters are body text with a heading's style.
const MAX_HEADING_CHARS: usize = 200;
/// Items with more bytes get blank lines around them.
const LONG_ITEM_BYTES: usize = 300;

/// A block of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::office) enum MarkdownBlock {
    /// A heading and its level, from 1.
    Heading(u8, String),
    /// A list item: its nesting depth, from 0; its mark ("-", "2.", "一、"); its text.
    Item(usize, String, String),
    /// A paragraph.
    Text(String),
    /// Rows of a table, one line each.
    Rows(Vec<String>),
    /// Lines of program text, with their spaces.
    Code(String),
}

impl MarkdownBlock {
    /// Returns its text on one line, for a cell of a table.
    pub(in crate::office) fn line(&self) -> String {
        match self {
            Self::Heading(_, text) | Self::Text(text) => one_line(text),
            Self::Item(_, mark, text) if mark == "-" => one_line(text),
            Self::Item(_, mark, text) => one_line(&join_mark(mark, text)),
            Self::Rows(rows) => rows.join(" "),
            Self::Code(text) => one_line(text),
        }
    }
}

/// A Markdown text that grows block by block.
#[derive(Debug, Default)]
pub(in crate::office) struct MarkdownWriter {
    text: String,
    /// The nesting depth of the previous item; `None` if an item would begin a list.
    item: Option<usize>,
    /// True if the previous item is long.
    long: bool,
    /// True if the previous block is code.
    code: bool,
    first_heading: Option<String>,
}

impl MarkdownWriter {
    /// Adds a block, unless it has no text.
    pub(in crate::office) fn push(&mut self, block: &MarkdownBlock) {
        match block {
            MarkdownBlock::Heading(level, text) => {
                let text = one_line(text);
                if text.chars().count() > MAX_HEADING_CHARS {
                    return self.push(&MarkdownBlock::Text(text));
                }
                if text.is_empty() {
                    return;
                }
                self.separate("\n\n");
                self.text.extend(std::iter::repeat_n('#', usize::from((*level).clamp(1, 6))));
                self.text.push(' ');
                for (at, character) in text.char_indices() {
                    // Markdown would drop a tag from the heading: "List<String>".
                    let tag = character == '<'
                        && text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next));
                    self.text.push_str(if tag { "\\<" } else { "" });
                    self.text.extend((!tag).then_some(character));
                }
                self.first_heading.get_or_insert(text);
            }
            MarkdownBlock::Item(depth, mark, text) => {
                let text = tidy(text);
                if text.is_empty() {
                    return;
                }
                let long = text.len() > LONG_ITEM_BYTES;
                let before = self.item;
                self.separate(if before.is_some() && !long && !self.long { "\n" } else { "\n\n" });
                let depth = (*depth).min(before.map_or(0, |before| before + 1));
                let indent = "  ".repeat(depth);
                self.text.push_str(&indent);
                self.text.push_str(&join_mark(mark, &text.replace('\n', &format!("\n{indent}  "))));
                (self.item, self.long) = (Some(depth), long);
            }
            MarkdownBlock::Text(text) => {
                let text = tidy(text);
                if text.is_empty() {
                    return;
                }
                self.separate("\n\n");
                for (number, line) in text.lines().enumerate() {
                    self.text.push_str(if number > 0 { "\n" } else { "" });
                    self.text.push_str(if would_be_markup(line) { "\\" } else { "" });
                    self.text.push_str(line);
                }
            }
            MarkdownBlock::Rows(rows) => self.push(&MarkdownBlock::Text(rows.join("\n"))),
            MarkdownBlock::Code(text) if text.contains(FENCE) => self.push(&MarkdownBlock::Text(text.clone())),
            MarkdownBlock::Code(text) => {
                let text = text.trim_end();
                if text.is_empty() {
                    return;
                }
                // Each line is a paragraph of its own in the file.
                if self.code && self.text.ends_with(FENCE) {
                    self.text.truncate(self.text.len() - FENCE.len());
                } else {
                    self.separate("\n\n");
                    self.text.push_str(FENCE);
                    self.text.push('\n');
                }
                self.text.push_str(text);
                self.text.push('\n');
                self.text.push_str(FENCE);
                self.code = true;
            }
        }
    }

    /// Returns the text and its first heading.
    pub(in crate::office) fn finish(self) -> (String, Option<String>) {
        (self.text, self.first_heading)
    }

    fn separate(&mut self, with: &str) {
        if !self.text.is_empty() {
            self.text.push_str(with);
        }
        self.item = None;
        self.code = false;
    }
}

/// True if the blocks of a cell are too many to be shown on one line.
pub(in crate::office) fn is_layout(blocks: &[MarkdownBlock]) -> bool {
    blocks.len() > MAX_CELL_BLOCKS || blocks.iter().map(|block| block.line().len()).sum::<usize>() > MAX_CELL_BYTES
}

/// Returns the blocks of a cell on one line.
pub(in crate::office) fn cell_line(blocks: &[MarkdownBlock]) -> String {
    let lines: Vec<String> = blocks.iter().map(MarkdownBlock::line).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// Joins a list's mark and text: "1. text", but "一、text".
pub(in crate::office) fn join_mark(mark: &str, text: &str) -> String {
    let space = if mark.is_empty() || mark.ends_with(|last: char| !last.is_ascii()) { "" } else { " " };
    format!("{mark}{space}{text}")
}

/// Returns a row of a table, with its cells on one line; empty if all cells are empty.
pub(in crate::office) fn row(cells: &[String]) -> String {
    if cells.iter().all(String::is_empty) {
        return String::new();
    }
    let mut line = String::new();
    for (number, cell) in cells.iter().enumerate() {
        line.push_str(match (number, cell.is_empty()) {
            (0, _) => "",
            (_, true) => " |",
            (_, false) => " | ",
        });
        line.push_str(cell);
    }
    line
}

/// Cleans the lines of a text: white space collapsed, empty lines and invisible characters left out.
pub(in crate::office) fn tidy(text: &str) -> String {
    let text = text.trim();
    if is_one_line(text) {
        return text.to_owned();
    }
    let mut tidied = String::with_capacity(text.len());
    for line in text.lines() {
        let line = one_line(line);
        if !line.is_empty() {
            tidied.push_str(if tidied.is_empty() { "" } else { "\n" });
            tidied.push_str(&line);
        }
    }
    tidied
}

/// True if a text is certainly one line already, with nothing to collapse or to leave out, as most texts are. It only looks at bytes,
/// and returns false if such a character could begin.
fn is_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let followed = |at: usize, by: [u8; 2]| bytes.get(at + 1..at + 3) == Some(&by[..]);
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b' ' => bytes.get(at + 1) != Some(&b' '),
        // U+0080 to U+00BF; U+1680; U+2000 to U+207F; U+3000; U+FEFF.
        0xc2 => false,
        0xe1 => !followed(at, [0x9a, 0x80]),
        0xe2 => !matches!(bytes.get(at + 1), Some(0x80 | 0x81)),
        0xe3 => !followed(at, [0x80, 0x80]),
        0xef => !followed(at, [0xbb, 0xbf]),
        byte => *byte > b' ' && *byte != 0x7f,
    })
}

/// Returns a text on one line, with white space collapsed, without invisible characters.
pub(in crate::office) fn one_line(text: &str) -> String {
    let text = text.trim();
    if is_one_line(text) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let before = line.len();
        line.push_str(if line.is_empty() { "" } else { " " });
        let start = line.len();
        if is_one_line(word) {
            line.push_str(word);
            continue;
        }
        line.extend(word.chars().filter(|c| !c.is_control() && !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}')));
        if line.len() == start {
            line.truncate(before);
        }
    }
    line
}

/// True if a line of body text would change how the lines after it are read: a heading, a fence, a rule, a comment.
fn would_be_markup(line: &str) -> bool {
    let hashes = line.len() - line.trim_start_matches('#').len();
    let heading = (1..=6).contains(&hashes) && line[hashes..].chars().next().is_none_or(char::is_whitespace);
    let rule = |mark: char| line.trim_start_matches(mark).is_empty();
    let lower = || line.get(..10.min(line.len())).unwrap_or_default().to_ascii_lowercase();
    heading
        || line.starts_with("```")
        || line.starts_with("~~~")
        || (!line.is_empty() && (rule('-') || rule('=')))
        || (line.starts_with('<')
            && ["<!", "<?", "<script", "<pre", "<style", "<textarea"].iter().any(|tag| lower().starts_with(tag)))
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
