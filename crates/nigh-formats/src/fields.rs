//! Splits delimited text into records, even with damaged quotes.
//!
//! A quote at the beginning of a field opens it. A quote before a delimiter or a line end closes it; blanks may be between. Any other
//! quote is a letter, and so is a quote that would make its field swallow rows of the table.

use memchr::memchr3;

/// The special characters of a delimited text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// True if a backslash escapes the next character, as databases write: `\"`, `\\`.
    pub(super) escapes: bool,
}

impl Signs {
    pub(super) fn with_delimiter(delimiter: u8) -> Self {
        Self { delimiter, quote: b'"', escapes: false }
    }
}

/// One record.
#[derive(Debug, Clone)]
pub(super) struct CsvRecord {
    pub(super) fields: Vec<String>,
    /// The line where it begins, from 1.
    pub(super) line: u64,
    /// True if blank lines precede it.
    pub(super) after_blank: bool,
}

impl CsvRecord {
    /// True if all fields are empty.
    pub(super) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }
}

/// Iterates over the records of a text. Each byte is read a bounded number of times, even with damaged quotes: a field over several
/// lines is given up at the first quote that does not close it, so that two such fields never include the same lines.
pub(super) struct CsvRecords<'t> {
    text: &'t str,
    signs: Signs,
    /// The number of fields of a complete record; 0 if unknown.
    width: usize,
    /// The position of the next record, in bytes.
    at: usize,
    /// The line of the next record, from 1.
    line: u64,
    /// True if a record was read.
    begun: bool,
    /// From this position on, a quote closes a field only on its own line.
    no_close_from: usize,
    /// The number of quoted fields so far.
    pub(super) quoted: usize,
    /// The number of quotes after a backslash in such fields, which do not close them, and of `\N` fields.
    pub(super) escaped: usize,
}

/// A quoted field.
struct Quoted {
    content: String,
    /// The position after the closing quote and blanks.
    end: usize,
}

impl<'t> CsvRecords<'t> {
    pub(super) fn new(text: &'t str, signs: Signs, width: usize) -> Self {
        let no_close_from = usize::MAX;
        Self { text, signs, width, at: 0, line: 1, begun: false, no_close_from, quoted: 0, escaped: 0 }
    }

    /// True if a quote was found that does not close.
    pub(super) fn is_open(&self) -> bool {
        self.no_close_from < usize::MAX
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Returns the length of the line end at this place: 0, 1, or 2 for CR LF.
    fn line_end(&self, at: usize) -> usize {
        match (self.byte(at), self.byte(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => 0,
        }
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| matches!(byte, b' ' | b'\t') && byte != self.signs.delimiter) {
            at += 1;
        }
        at
    }

    /// True if a field may end here.
    fn is_field_end(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| byte == self.signs.delimiter || matches!(byte, b'\r' | b'\n'))
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Returns the fields of the record that begins here, and its end. If `on_one_line`, quoted fields do not span lines.
    fn fields(&mut self, mut at: usize, on_one_line: bool) -> (Vec<String>, usize) {
        let mut fields = Vec::with_capacity(self.width);
        loop {
            let opening = self.skip_blanks(at);
            let quoted = (self.byte(opening) == Some(self.signs.quote))
                .then(|| self.quoted_field(opening, on_one_line, opening > at))
                .flatten();
            let (field, end) = match quoted {
                Some(Quoted { content, end }) => {
                    self.quoted += 1;
                    (content, end)
                }
                None => self.unquoted_field(at),
            };
            // Databases write this for a missing value.
            let is_null = field == "\\N";
            self.escaped += usize::from(is_null);
            fields.push(if is_null { String::new() } else { field });
            if self.byte(end) != Some(self.signs.delimiter) {
                return (fields, end);
            }
            at = end + 1;
        }
    }

    /// Reads a field without quotes.
    fn unquoted_field(&self, from: usize) -> (String, usize) {
        let mut at = from;
        if !self.signs.escapes {
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            at += memchr3(self.signs.delimiter, b'\r', b'\n', rest).unwrap_or(rest.len());
        }
        while !self.is_field_end(at) {
            let escape = self.signs.escapes && self.byte(at) == Some(b'\\');
            at += if escape { 1 + self.line_end(at + 1).max(1) } else { 1 };
        }
        let at = at.min(self.text.len());
        let field = self.slice(from, at);
        (if self.signs.escapes { unescape(field) } else { field.to_owned() }, at)
    }

    /// Reads a field that begins with a quote at this place. Returns `None` if the quote is part of the text.
    fn quoted_field(&mut self, opening: usize, on_one_line: bool, after_blanks: bool) -> Option<Quoted> {
        let on_one_line = on_one_line || opening >= self.no_close_from;
        let Signs { quote, escapes, .. } = self.signs;
        let mut content = String::new();
        let (mut at, mut taken) = (opening + 1, opening + 1);
        let (mut letters, mut over_lines, mut has_escapes) = (0, false, false);
        loop {
            let Some(byte) = self.byte(at) else {
                if !on_one_line {
                    self.no_close_from = opening;
                }
                return None;
            };
            if byte == quote {
                // Doubled quotes are letters; an odd number of quotes may close the field.
                let run = self.text.as_bytes().get(at..)?.iter().take_while(|byte| **byte == quote).count();
                content += self.slice(taken, at);
                content.extend(std::iter::repeat_n(char::from(quote), run / 2));
                let end = at + run;
                if run % 2 == 1 {
                    let behind = self.skip_blanks(end);
                    if self.is_field_end(behind) {
                        let content = if has_escapes { unescape(&content) } else { content };
                        return Some(Quoted { content, end: behind });
                    }
                    if over_lines || after_blanks {
                        return None;
                    }
                    // A stray quote is a letter.
                    self.escaped += usize::from(self.byte(at - 1) == Some(b'\\'));
                    content.push(char::from(quote));
                    letters += 1;
                }
                (at, taken) = (end, end);
            } else if byte == b'\\' && escapes {
                has_escapes = true;
                let behind = at + 1;
                over_lines |= self.line_end(behind) > 0;
                at = behind + self.line_end(behind).max(1);
            } else {
                if matches!(byte, b'\r' | b'\n') {
                    if on_one_line || letters > 0 {
                        return None;
                    }
                    over_lines = true;
                }
                at += 1;
            }
        }
    }

    /// True if the lines of a multi-line record are records of their own: a stray quote opened a field there.
    fn is_torn(&mut self, start: usize, end: usize, width: usize) -> bool {
        let (first, mut at) = self.fields(start, true);
        let distance = |found: usize| found.abs_diff(self.width);
        if self.width > 0 && width != self.width {
            return distance(first.len()) < distance(width);
        }
        // The record is torn if each of its lines has as many fields as the other records. Lines with two fields, or with a blank
        // after the delimiter, may be sentences.
        let tabs = self.signs.delimiter == b'\t';
        let is_row = |fields: &[String]| {
            fields.len() == first.len() && (tabs || !fields.iter().skip(1).any(|field| field.starts_with(' ')))
        };
        if (self.width > 0 && first.len() != self.width) || first.len() < if tabs { 2 } else { 3 } || !is_row(&first) {
            return false;
        }
        while at < end {
            let (fields, behind) = self.fields(at + self.line_end(at), true);
            if !is_row(&fields) {
                return false;
            }
            at = behind.max(at + 1);
        }
        true
    }
}

impl Iterator for CsvRecords<'_> {
    type Item = CsvRecord;

    fn next(&mut self) -> Option<CsvRecord> {
        let mut blank_lines = false;
        while let ends @ 1.. = self.line_end(self.at) {
            self.at += ends;
            self.line += 1;
            blank_lines = true;
        }
        if self.at >= self.text.len() {
            return None;
        }
        // Reads a record. If it has several lines that are records of their own, reads only the first line.
        let (start, line, counted) = (self.at, self.line, (self.quoted, self.escaped));
        let (mut fields, mut end) = self.fields(start, false);
        if fields.iter().any(|field| field.contains(['\n', '\r'])) {
            let after = (self.quoted, self.escaped);
            if self.is_torn(start, end, fields.len()) {
                (self.quoted, self.escaped) = counted;
                (fields, end) = self.fields(start, true);
            } else {
                (self.quoted, self.escaped) = after;
            }
        }
        // Counts the lines of the record.
        let mut at = if fields.iter().any(|field| field.contains(['\n', '\r'])) { start } else { end };
        while at < end {
            let ends = self.line_end(at);
            self.line += u64::from(ends > 0);
            at += ends.max(1);
        }
        let ends = self.line_end(end);
        self.line += u64::from(ends > 0);
        self.at = end + ends;
        let after_blank = std::mem::replace(&mut self.begun, true) && blank_lines;
        Some(CsvRecord { fields, line, after_blank })
    }
}

/// Removes the backslashes of escapes.
fn unescape(field: &str) -> String {
    if !field.contains('\\') || field == "\\N" {
        return field.to_owned();
    }
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n' | 'r') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('0') => {}
            Some(other) if other.is_ascii_alphanumeric() => text.extend(['\\', other]),
            Some(other) => text.push(other),
            None => text.push('\\'),
        }
    }
    text
}
