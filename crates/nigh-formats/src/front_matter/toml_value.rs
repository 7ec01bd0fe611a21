//! Values of TOML.

use serde_json::{Map, Value};

use super::scalar;
use super::toml::{Cursor, put};

impl Cursor<'_> {
    pub(super) fn value(&mut self, depth: usize) -> Option<Value> {
        self.budget.take(depth)?;
        let rest = self.rest();
        let (text, length) = match rest.chars().next()? {
            '[' => return self.list(depth).map(Value::Array),
            '{' => return self.table(depth).map(Value::Object),
            _ if rest.starts_with("\"\"\"") => many_lines(rest, "\"\"\"")?,
            _ if rest.starts_with("'''") => many_lines(rest, "'''")?,
            '"' => scalar::double_quoted(rest, true)?,
            '\'' => scalar::single_quoted(rest, true)?,
            _ => return self.word(),
        };
        self.at += length;
        Some(Value::from(text))
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            if self.skip(true)? == ']' {
                self.at += 1;
                return Some(items);
            }
            items.push(self.value(depth + 1)?);
            if self.skip(true)? != ']' && !self.take(',') {
                return None;
            }
        }
    }

    fn table(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.at += 1;
        let mut fields = Map::new();
        loop {
            if self.skip(true)? == '}' {
                self.at += 1;
                return Some(fields);
            }
            let keys = self.keys()?;
            if !self.take('=') {
                return None;
            }
            self.skip(false);
            let value = self.value(depth + keys.len())?;
            put(&mut fields, &keys, value)?;
            if self.skip(true)? != '}' && !self.take(',') {
                return None;
            }
        }
    }

    /// Reads a number, a truth value or a date. A number that nigh would write in another way stays text.
    fn word(&mut self) -> Option<Value> {
        let rest = self.rest();
        let end = rest.find([',', ']', '}', '#', '\n']).unwrap_or(rest.len());
        let word = rest[..end].trim_end();
        self.at += word.len();
        let first = word.chars().next()?;
        match word {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ if first.is_ascii_digit() || matches!(first, '+' | '-') => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_' | '.' | ':' | ' ');
                let plain = word.replace('_', "");
                word.chars().all(is_part).then(|| scalar::number(&plain).unwrap_or_else(|| Value::from(word)))
            }
            _ => None,
        }
    }
}

/// Reads a text over several lines between `marks`. Returns it and the bytes that it takes, with its marks.
fn many_lines(text: &str, marks: &str) -> Option<(String, usize)> {
    let inside = text.strip_prefix(marks)?;
    let mut found = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        if inside[at..].starts_with(marks) {
            // One or two quotes may stand before the marks.
            let quote = marks.chars().next()?;
            let run = inside[at..].chars().take_while(|c| *c == quote).count().min(5);
            found.extend(std::iter::repeat_n(quote, run - 3));
            let found = found.strip_prefix("\r\n").or_else(|| found.strip_prefix('\n')).unwrap_or(&found);
            return Some((found.replace("\r\n", "\n"), marks.len() + at + run));
        }
        match c {
            '\\' if marks.starts_with('"') => {
                let rest = &inside[at + 1..];
                let blank = rest.len() - rest.trim_start().len();
                if rest[..blank].contains('\n') {
                    // A backslash at the end of a line: the white space after it is left out.
                    while characters.offset() < at + 1 + blank {
                        characters.next();
                    }
                } else {
                    let escaped = characters.next()?.1;
                    found.push(scalar::escape(escaped, &mut characters)?);
                }
            }
            c => found.push(c),
        }
    }
    None
}
