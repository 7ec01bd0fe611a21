//! TOML: fields, tables, lists of tables.

use serde_json::{Map, Value};

use super::{Budget, MAX_DEPTH};

/// A place in the text.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) budget: Budget,
}

/// Reads the fields; `None` if the text is not valid, or uses what is not read.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    let mut cursor = Cursor { text, at: 0, budget: Budget::default() };
    let mut fields = Map::new();
    // The name of the table that the next fields belong to.
    let mut table: Vec<String> = Vec::new();
    let mut tables: Vec<Vec<String>> = Vec::new();
    while let Some(c) = cursor.skip(true) {
        if c == '[' {
            cursor.at += 1;
            let is_list = cursor.take('[');
            table = cursor.keys()?;
            if !(cursor.take(']') && (!is_list || cursor.take(']'))) {
                return None;
            }
            cursor.budget.take(table.len())?;
            let (last, above) = table.split_last()?;
            if is_list {
                let parent = table_at(&mut fields, above)?;
                let items = parent.entry(last.as_str()).or_insert_with(|| Value::Array(Vec::new()));
                items.as_array_mut()?.push(Value::Object(Map::new()));
                // A new item may have tables of the same names as the one before.
                tables.retain(|known| !known.starts_with(&table));
            } else {
                if tables.contains(&table) {
                    return None;
                }
                tables.push(table.clone());
                table_at(&mut fields, &table)?;
            }
        } else {
            let keys = cursor.keys()?;
            cursor.skip(false);
            if !cursor.take('=') {
                return None;
            }
            cursor.skip(false);
            let value = cursor.value(table.len() + keys.len())?;
            put(table_at(&mut fields, &table)?, &keys, value)?;
        }
        // A line has one field.
        if cursor.skip(false).is_some_and(|c| c != '\n') {
            return None;
        }
    }
    Some(fields)
}

/// Returns the table of a name, in the last item of a list; makes it if it is new.
fn table_at<'m>(fields: &'m mut Map<String, Value>, names: &[String]) -> Option<&'m mut Map<String, Value>> {
    if names.len() > MAX_DEPTH {
        return None;
    }
    let mut table = fields;
    for name in names {
        let value = table.entry(name.as_str()).or_insert_with(|| Value::Object(Map::new()));
        table = match value {
            Value::Array(items) => items.last_mut()?.as_object_mut()?,
            value => value.as_object_mut()?,
        };
    }
    Some(table)
}

/// Adds a field with a dotted name; `None` if there is one of this name.
pub(super) fn put(fields: &mut Map<String, Value>, keys: &[String], value: Value) -> Option<()> {
    let (last, above) = keys.split_last()?;
    super::insert(table_at(fields, above)?, last.clone(), value)
}

impl<'t> Cursor<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Skips blanks and comments, and line ends if `over_lines`. Returns the next character.
    pub(super) fn skip(&mut self, over_lines: bool) -> Option<char> {
        loop {
            let rest = self.rest();
            let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r') || (over_lines && c == '\n');
            self.at += rest.len() - rest.trim_start_matches(is_blank).len();
            if !self.rest().starts_with('#') {
                return self.rest().chars().next();
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Skips a character. Returns true if it was the next one.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let is_next = self.rest().starts_with(wanted);
        self.at += if is_next { wanted.len_utf8() } else { 0 };
        is_next
    }

    /// Reads a name: words or quoted texts with dots between them.
    pub(super) fn keys(&mut self) -> Option<Vec<String>> {
        let mut keys = Vec::new();
        loop {
            self.skip(false);
            keys.push(self.key()?);
            self.skip(false);
            if keys.len() > MAX_DEPTH {
                return None;
            }
            if !self.take('.') {
                return Some(keys);
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        let rest = self.rest();
        let (key, length) = match rest.chars().next()? {
            '"' => super::scalar::double_quoted(rest, true)?,
            '\'' => super::scalar::single_quoted(rest, true)?,
            _ => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
                let length = end.unwrap_or(rest.len());
                (rest[..length].to_owned(), length)
            }
        };
        self.at += length;
        (!key.is_empty()).then_some(key)
    }
}
