//! What filters are asked of: values of a document, by name. They are kept as columns, a value a row, and not searched as text.

use std::collections::BTreeMap;

use tantivy::schema::OwnedValue;

use super::schema::FIELDS;

/// The values of a document by their paths. A path may come several times: an array.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(pub Vec<(String, FieldValue)>);

/// One value. Text stays text, whatever it looks like.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Text, compared byte for byte.
    Text(String),
    /// A whole number. Where a segment has fractions of the same name, its whole numbers are kept as f64 too.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

impl Fields {
    /// As tantivy takes them.
    pub(super) fn to_object(&self) -> BTreeMap<String, OwnedValue> {
        let mut object: BTreeMap<String, OwnedValue> = BTreeMap::new();
        for (path, value) in &self.0 {
            let value = match value {
                FieldValue::Text(text) => OwnedValue::Str(text.clone()),
                FieldValue::Integer(number) => OwnedValue::I64(*number),
                FieldValue::Float(number) => OwnedValue::F64(*number),
                FieldValue::Bool(value) => OwnedValue::Bool(*value),
            };
            match object.get_mut(path) {
                Some(OwnedValue::Array(values)) => values.push(value),
                _ => {
                    object.insert(path.clone(), OwnedValue::Array(vec![value]));
                }
            }
        }
        object
    }
}

/// What the columns of a path are called in `SegmentReader::fast_fields().dynamic_column_handles(NAME)`. Dots and backslashes
/// of the path belong to its name.
pub fn column_name(path: &str) -> String {
    let mut name = format!("{FIELDS}.");
    for c in path.chars() {
        if matches!(c, '.' | '\\') {
            name.push('\\');
        }
        name.push(c);
    }
    name
}
