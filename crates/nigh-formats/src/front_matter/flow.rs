//! YAML in brackets: `[a, b]`, `{a: b}`.

use serde_json::{Map, Value};

use super::{Budget, insert, scalar};

/// Reads the value in brackets at the start of `text`. Returns it and the bytes that it takes.
pub(super) fn value(text: &str, depth: usize, budget: &mut Budget) -> Option<(Value, usize)> {
    let mut flow = Flow { text, at: 0, budget };
    let value = flow.value(depth)?;
    Some((value, flow.at))
}

struct Flow<'t, 'b> {
    text: &'t str,
    at: usize,
    budget: &'b mut Budget,
}

impl<'t> Flow<'t, '_> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Skips white space and comments; returns the next character.
    fn peek(&mut self) -> Option<char> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let is_comment = self.rest().starts_with('#') && self.text[..self.at].ends_with(char::is_whitespace);
            if !is_comment {
                return self.rest().chars().next();
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.budget.take(depth)?;
        match self.peek()? {
            '[' => self.list(depth).map(Value::Array),
            '{' => self.mapping(depth).map(Value::Object),
            _ => self.scalar().map(|(text, quoted)| if quoted { Value::from(text) } else { scalar::plain(&text) }),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            if self.peek()? == ']' {
                self.at += 1;
                return Some(items);
            }
            items.push(self.value(depth + 1)?);
            self.separator(']')?;
        }
    }

    fn mapping(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.at += 1;
        let mut fields = Map::new();
        loop {
            if self.peek()? == '}' {
                self.at += 1;
                return Some(fields);
            }
            let (key, _) = self.scalar().filter(|(key, _)| !key.is_empty())?;
            let value = match self.peek()? {
                ':' => {
                    self.at += 1;
                    match self.peek()? {
                        ',' | '}' => Value::Null,
                        _ => self.value(depth + 1)?,
                    }
                }
                _ => Value::Null,
            };
            insert(&mut fields, key, value)?;
            self.separator('}')?;
        }
    }

    /// Skips a comma; `None` unless a comma or the closing bracket follows.
    fn separator(&mut self, closing: char) -> Option<()> {
        match self.peek()? {
            ',' => self.at += 1,
            c if c == closing => {}
            _ => return None,
        }
        Some(())
    }

    /// Reads a scalar, and whether it is quoted.
    fn scalar(&mut self) -> Option<(String, bool)> {
        let rest = self.rest();
        let (text, length, quoted) = match rest.chars().next()? {
            '"' => scalar::double_quoted(rest, false).map(|(text, length)| (text, length, true))?,
            '\'' => scalar::single_quoted(rest, false).map(|(text, length)| (text, length, true))?,
            ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`' => return None,
            '-' | '?' | ':' if rest[1..].starts_with([' ', ',', ']', '}', '\n']) => return None,
            _ => {
                let end = rest.char_indices().find(|&(at, c)| match c {
                    ',' | '[' | ']' | '{' | '}' => true,
                    ':' => rest[at + 1..].starts_with([' ', ',', '[', ']', '{', '}', '\n', '\r']),
                    '#' => rest[..at].ends_with(char::is_whitespace),
                    _ => false,
                });
                let length = end.map_or(rest.len(), |(at, _)| at);
                let words: Vec<&str> = rest[..length].split_whitespace().collect();
                // A list or a mapping that is not closed.
                if rest[..length].contains('\n') && words.len() > 100 {
                    return None;
                }
                (words.join(" "), length, false)
            }
        };
        self.at += length;
        Some((text, quoted))
    }
}
