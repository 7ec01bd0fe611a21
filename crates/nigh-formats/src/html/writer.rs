//! Writes blocks, lists, rows and code as lines of Markdown, with only the escapes that keep text from being read as markup.

/// Lists nested deeper are not indented further: the indentation of hostile pages would outgrow their text.
const MAX_INDENTED_LISTS: usize = 8;

/// The distance of the next block from the block before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// A blank line between them.
    Blank,
    /// The next line.
    Line,
}

/// Takes text and block ends, and writes Markdown.
pub(super) struct PageWriter {
    out: String,
    /// The block being filled: white space collapsed, line breaks kept.
    block: String,
    /// For every open list, the number of its next item; `None` for a list without numbers.
    lists: Vec<Option<u64>>,
    /// The marker of an item whose first block was not written yet.
    marker: Option<String>,
    /// Columns of indentation of each open item; blocks are indented by their sum.
    indents: Vec<usize>,
    gap: Gap,
}

impl PageWriter {
    pub(super) fn new() -> Self {
        Self {
            out: String::new(),
            block: String::new(),
            lists: Vec::new(),
            marker: None,
            indents: Vec::new(),
            gap: Gap::Blank,
        }
    }

    /// Returns the Markdown, ending with a line end unless it is empty.
    pub(super) fn finish(mut self) -> String {
        self.end_block();
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    /// Adds running text.
    pub(super) fn text(&mut self, text: &str) {
        push_collapsed(&mut self.block, text);
    }

    /// Ends the line within the block; a second call in a row ends the paragraph.
    pub(super) fn line_break(&mut self) {
        if self.block.ends_with(' ') {
            self.block.pop();
        }
        if !self.block.is_empty() && !self.block.ends_with("\n\n") {
            self.block.push('\n');
        }
    }

    /// Ends the block and writes it as a paragraph.
    pub(super) fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.trim().is_empty() {
            return;
        }
        let mut text = String::with_capacity(block.len());
        for line in block.trim().split('\n') {
            if is_markup(line) {
                text.push('\\');
            }
            text.push_str(line);
            text.push('\n');
        }
        self.write(text.trim_end());
    }

    /// Ends the block and writes it as a heading.
    pub(super) fn end_heading(&mut self, level: usize) {
        let block = std::mem::take(&mut self.block);
        let words = block.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            self.gap = Gap::Blank;
            self.write(&format!("{} {words}", "#".repeat(level)));
        }
    }

    /// Writes program text unchanged, in a fence.
    pub(super) fn code(&mut self, code: &str) {
        self.end_block();
        let code = code.trim_matches('\n').trim_end();
        if code.trim().is_empty() {
            return;
        }
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.write(&format!("{fence}\n{code}\n{fence}"));
    }

    /// Writes the rows of a table as one block, one line for each row.
    pub(super) fn rows(&mut self, rows: &[String]) {
        self.end_block();
        for row in rows {
            if is_markup(row) {
                self.write(&format!("\\{row}"));
            } else {
                self.write(row);
            }
            self.gap = Gap::Line;
        }
        self.gap = Gap::Blank;
    }

    /// Puts the next block on the next line.
    pub(super) fn no_gap(&mut self) {
        self.gap = Gap::Line;
    }

    /// Opens a list; `first` is the first number if its items are numbered.
    pub(super) fn start_list(&mut self, first: Option<u64>) {
        self.end_block();
        // A list inside an item begins on the next line after the item.
        self.gap = if self.lists.is_empty() || self.marker.is_some() { self.gap } else { Gap::Line };
        self.lists.push(first);
    }

    pub(super) fn end_list(&mut self) {
        self.end_block();
        self.lists.pop();
        self.gap = Gap::Blank;
    }

    pub(super) fn start_item(&mut self) {
        self.end_block();
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            Some(None) | None => "- ".to_owned(),
        };
        self.indents.push(if self.indents.len() < MAX_INDENTED_LISTS { marker.len() } else { 0 });
        self.marker = Some(marker);
    }

    pub(super) fn end_item(&mut self) {
        self.end_block();
        // The marker of an item without text must not move to the next item.
        self.marker = None;
        self.indents.pop();
        self.gap = Gap::Line;
    }

    /// Writes lines after the gap, indented to the current depth.
    fn write(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push_str(if self.gap == Gap::Line { "\n" } else { "\n\n" });
        }
        self.gap = Gap::Blank;
        let indent: usize = self.indents.iter().sum();
        let marker = self.marker.take();
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.out.push('\n');
            }
            match (&marker, at) {
                (Some(marker), 0) => {
                    self.out.extend(std::iter::repeat_n(' ', indent.saturating_sub(marker.len())));
                    self.out.push_str(marker);
                }
                _ if line.is_empty() => {}
                _ => self.out.extend(std::iter::repeat_n(' ', indent)),
            }
            self.out.push_str(line);
        }
    }
}

/// Escapes plain text so that no line is read as a heading or as a code fence.
#[cfg(feature = "mail")]
pub(crate) fn plain_as_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        if is_markup(line.trim_end()) {
            out.push('\\');
        }
        out.push_str(line);
    }
    out
}

/// Appends text with every run of white space as one space, and without a space at the start of a line.
pub(super) fn push_collapsed(to: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            // Zero width space, soft hyphen, byte order mark: they only mark where a line may break.
            '\u{200b}' | '\u{ad}' | '\u{feff}' => {}
            ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}' => {
                if !to.is_empty() && !to.ends_with([' ', '\n']) {
                    to.push(' ');
                }
            }
            c if c.is_control() => {}
            c => to.push(c),
        }
    }
}

/// True if Markdown reads a line of text as a heading, the underline of a heading, or a code fence.
fn is_markup(line: &str) -> bool {
    let hashes = line.bytes().take_while(|&byte| byte == b'#').count();
    let heading =
        (1..=6).contains(&hashes) && line.get(hashes..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let underline = |mark: char| !line.trim_end().is_empty() && line.trim_end().chars().all(|c| c == mark);
    heading || underline('=') || underline('-') || line.starts_with("```") || line.starts_with("~~~")
}
