//! The values of a document that filters test.

use serde_json::Value as Json;

use super::name::{Field, METADATA};
use super::spelling::composed;
use super::value::ValueRef;
use crate::document::{DocumentId, FileStamp, Metadata};

/// The values of a document by path: `path`, `size`, … and `metadata.NAME`. An array gives several values with one path.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(pub Vec<(String, FieldValue)>);

/// One value. Text stays text, even if it looks like a number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FieldValue {
    /// Text, in NFC.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Bool(bool),
}

impl FieldValue {
    pub(crate) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Text(text) => ValueRef::Text(text),
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Float(number) => ValueRef::Float(*number),
            Self::Bool(truth) => ValueRef::Bool(*truth),
        }
    }
}

/// The most bytes of a text that are kept. Tantivy stores the length of a term in 16 bits.
const MAX_TEXT_BYTES: usize = 60_000;
/// The most bytes of a path that is kept; escaping may double them.
const MAX_PATH_BYTES: usize = 30_000;

impl Fields {
    /// Collects the values of a document. `stamp`: size and time of its file, if it has one. `text_len`: the bytes of its text.
    /// `language`: see [`super::language`].
    pub fn of(
        id: &DocumentId,
        metadata: &Metadata,
        stamp: Option<&FileStamp>,
        text_len: usize,
        language: Option<&str>,
    ) -> Self {
        let mut fields = Self::default();
        let size = stamp.map_or(text_len as u64, |stamp| stamp.size);
        fields.add(&Field::Path, FieldValue::Text(composed(id.as_str()).into_owned()));
        fields.add(&Field::Size, FieldValue::Integer(i64::try_from(size).unwrap_or(i64::MAX)));
        if let Some(extension) = extension(id.as_str()) {
            fields.add(&Field::Extension, FieldValue::Text(composed(&extension).into_owned()));
        }
        if let Some(language) = language {
            fields.add(&Field::Language, FieldValue::Text(language.to_lowercase()));
        }
        if let Some(stamp) = stamp {
            fields.add(&Field::Modified, FieldValue::Integer(stamp.modified_ns));
        }
        let mut open: Vec<(String, &Json)> =
            metadata.iter().rev().map(|(name, value)| (format!("{METADATA}{}", composed(name)), value)).collect();
        while let Some((path, value)) = open.pop() {
            let value = match value {
                Json::Null => continue,
                Json::Array(elements) => {
                    open.extend(elements.iter().rev().map(|element| (path.clone(), element)));
                    continue;
                }
                Json::Object(members) => {
                    open.extend(
                        members.iter().rev().map(|(name, value)| (format!("{path}.{}", composed(name)), value)),
                    );
                    continue;
                }
                Json::Bool(truth) => FieldValue::Bool(*truth),
                Json::String(text) => {
                    let text = composed(text);
                    FieldValue::Text(text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned())
                }
                Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                    (Some(number), _) => FieldValue::Integer(number),
                    (None, Some(number)) => FieldValue::Float(number),
                    (None, None) => continue,
                },
            };
            if path.len() <= MAX_PATH_BYTES {
                fields.0.push((path, value));
            }
        }
        fields
    }

    fn add(&mut self, field: &Field, value: FieldValue) {
        self.0.push((field.path(), value));
    }
}

/// The most characters of an extension. What follows a dot in an id that is a sentence is not an extension.
const MAX_EXTENSION: usize = 24;

/// Returns the extension of a file name: `md` of `notes/A.b.MD`.
fn extension(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    let is_one = !stem.is_empty() && !extension.is_empty();
    let is_short = extension.chars().count() <= MAX_EXTENSION && !extension.contains(char::is_whitespace);
    (is_one && is_short).then(|| extension.to_lowercase())
}

/// Returns the path of a column's key.
#[cfg(feature = "lexical")]
pub(crate) fn path_of_key(key: &str) -> String {
    let key = key.strip_prefix("float.").unwrap_or(key);
    key.replace("\u{2}0", "\0").replace("\u{2}2", "\u{2}")
}

/// Returns the key of the column for a path. Numbers with fractions have their own column: otherwise all numbers of the field would
/// become f64, and large integers inexact. The key has no NUL, which keys must not contain.
#[cfg(feature = "lexical")]
pub(crate) fn column_key(path: &str, fractions: bool) -> String {
    let mut key = String::with_capacity(path.len() + 8);
    if fractions {
        key.push_str("float.");
    }
    for c in path.chars() {
        match c {
            '\0' => key.push_str("\u{2}0"),
            '\u{2}' => key.push_str("\u{2}2"),
            c => key.push(c),
        }
    }
    key
}
