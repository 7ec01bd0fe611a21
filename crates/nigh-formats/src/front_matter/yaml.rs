//! The YAML that front matter is written in: mappings and lists in blocks, with scalars.

use serde_json::{Map, Value};

use super::{Budget, flow, insert, scalar, yaml_scalar};

/// A line without its indentation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    /// The number of spaces before it.
    pub(super) indent: usize,
    /// The byte of its first character that is not a space.
    pub(super) start: usize,
    /// Without white space at its end.
    pub(super) text: &'t str,
    /// The byte where the next line begins.
    pub(super) end: usize,
}

impl Line<'_> {
    fn is_skipped(&self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    fn is_item(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }
}

pub(super) struct Reader<'t> {
    pub(super) source: &'t str,
    pub(super) lines: Vec<Line<'t>>,
    /// The index of the next line.
    pub(super) at: usize,
    pub(super) budget: Budget,
}

/// Reads a mapping; `None` for anything else.
pub(super) fn read(source: &str) -> Option<Map<String, Value>> {
    let mut end = 0;
    let lines = source.split_inclusive('\n').map(|line| {
        let start = end;
        end += line.len();
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        Line { indent, start: start + indent, text: text.trim_end(), end }
    });
    let lines = lines.collect();
    let mut reader = Reader { source, lines, at: 0, budget: Budget::default() };
    let fields = reader.mapping(0, 0)?;
    reader.next_line().is_none().then_some(fields)
}

/// Returns the value of `tags: #one #two`, which YAML takes for a comment.
fn unquoted_tags<'t>(key: &str, text: &'t str) -> Option<&'t str> {
    let is_tags = key.eq_ignore_ascii_case("tags") || key.eq_ignore_ascii_case("tag");
    let begins_tag = |(at, _): (usize, &str)| text[at + 1..].starts_with(char::is_alphanumeric);
    let is_plain = text.starts_with(|c: char| c == '#' || c.is_alphanumeric());
    (is_tags && is_plain && text.match_indices('#').any(begins_tag)).then_some(text)
}

impl<'t> Reader<'t> {
    /// Returns the next line that is neither blank nor a comment, and stays before it.
    pub(super) fn next_line(&mut self) -> Option<Line<'t>> {
        while self.lines.get(self.at).is_some_and(Line::is_skipped) {
            self.at += 1;
        }
        self.lines.get(self.at).copied()
    }

    /// Reads a mapping whose keys have this indentation.
    fn mapping(&mut self, indent: usize, depth: usize) -> Option<Map<String, Value>> {
        self.budget.take(depth)?;
        let mut fields = Map::new();
        while let Some(line) = self.next_line() {
            if line.indent < indent {
                break;
            }
            if line.indent > indent {
                return None;
            }
            let (key, rest) = yaml_scalar::key(line.text)?;
            let value = match unquoted_tags(&key, line.text[rest..].trim()) {
                Some(tags) => {
                    self.budget.take(depth + 1)?;
                    self.at += 1;
                    Value::from(tags)
                }
                None => self.value(line, rest, indent, depth + 1, true)?,
            };
            insert(&mut fields, key, value)?;
        }
        Some(fields)
    }

    /// Reads a list whose items have this indentation.
    fn list(&mut self, indent: usize, depth: usize) -> Option<Vec<Value>> {
        self.budget.take(depth)?;
        let mut items = Vec::new();
        while let Some(line) = self.next_line() {
            if line.indent != indent || !line.is_item() {
                if line.indent > indent {
                    return None;
                }
                break;
            }
            let rest = line.text[1..].trim_start_matches(' ');
            let is_nested = rest == "-" || rest.starts_with("- ");
            if !is_nested && yaml_scalar::key(rest).is_none() {
                items.push(self.value(line, line.text.len() - rest.len(), indent, depth + 1, false)?);
                continue;
            }
            // The item is a list or a mapping that begins on the line of its dash.
            let offset = line.text.len() - rest.len();
            let inner = Line { indent: line.indent + offset, start: line.start + offset, text: rest, ..line };
            *self.lines.get_mut(self.at)? = inner;
            items.push(match is_nested {
                true => Value::Array(self.list(inner.indent, depth + 1)?),
                false => Value::Object(self.mapping(inner.indent, depth + 1)?),
            });
        }
        Some(items)
    }

    /// Reads the value that begins at byte `rest` of a line, or on the lines below it, which are indented more than `indent`. The
    /// items of a list that is the value of a key may also have the indentation of the key.
    fn value(&mut self, line: Line<'t>, rest: usize, indent: usize, depth: usize, of_key: bool) -> Option<Value> {
        self.budget.take(depth)?;
        let text = line.text[rest..].trim_start();
        let start = line.start + line.text.len() - text.len();
        self.at += 1;
        if !text.is_empty() && !text.starts_with('#') {
            return self.scalar(text, start, indent, depth);
        }
        let Some(next) = self.next_line() else { return Some(Value::Null) };
        if next.is_item() && (next.indent > indent || (of_key && next.indent == indent)) {
            return self.list(next.indent, depth).map(Value::Array);
        }
        if next.indent <= indent {
            return Some(Value::Null);
        }
        if yaml_scalar::key(next.text).is_some() {
            return self.mapping(next.indent, depth).map(Value::Object);
        }
        self.at += 1;
        self.scalar(next.text, next.start, indent, depth)
    }

    /// Reads a scalar, or a value in brackets, that begins at byte `start`; `text` is the rest of its line.
    fn scalar(&mut self, text: &'t str, start: usize, indent: usize, depth: usize) -> Option<Value> {
        let whole = self.source.get(start..)?;
        let (value, length) = match text.chars().next()? {
            '"' => scalar::double_quoted(whole, false).map(|(text, length)| (Value::from(text), length))?,
            '\'' => scalar::single_quoted(whole, false).map(|(text, length)| (Value::from(text), length))?,
            '[' | '{' => flow::value(whole, depth, &mut self.budget)?,
            '|' | '>' => return self.block_scalar(text, indent).map(Value::from),
            '&' | '*' | '!' | '%' | '@' | '`' | ',' | ']' | '}' => return None,
            '-' | '?' if matches!(text.get(1..2), None | Some(" ")) => return None,
            _ => return self.plain_scalar(text, indent),
        };
        // Nothing but a comment may follow on its last line.
        let end = start + length;
        while self.lines.get(self.at).is_some_and(|line| line.start < end && line.end <= end) {
            self.at += 1;
        }
        if self.lines.get(self.at).is_some_and(|line| line.start < end) {
            self.at += 1;
        }
        let line_end = self.source[end..].find('\n').map_or(self.source.len(), |at| end + at);
        let after = self.source[end..line_end].trim();
        (after.is_empty() || after.starts_with('#')).then_some(value)
    }
}
