//! What filters are asked of, as columns: a value a row, not searched as text.

use std::collections::BTreeMap;

use tantivy::schema::OwnedValue;

use super::schema::FIELDS;
use crate::filter::column_key;
pub use crate::filter::{FieldValue, Fields};

impl Fields {
    /// As tantivy takes them.
    pub(super) fn to_object(&self) -> BTreeMap<String, OwnedValue> {
        let mut object: BTreeMap<String, OwnedValue> = BTreeMap::new();
        for (path, value) in &self.0 {
            let key = column_key(path, matches!(value, FieldValue::Float(_)));
            let value = match value {
                FieldValue::Text(text) => OwnedValue::Str(text.clone()),
                FieldValue::Integer(number) => OwnedValue::I64(*number),
                FieldValue::Float(number) => OwnedValue::F64(*number),
                FieldValue::Bool(value) => OwnedValue::Bool(*value),
            };
            match object.get_mut(&key) {
                Some(OwnedValue::Array(values)) => values.push(value),
                _ => {
                    object.insert(key, OwnedValue::Array(vec![value]));
                }
            }
        }
        object
    }
}

/// What the columns of a path are called in `SegmentReader::fast_fields().dynamic_column_handles(NAME)`: one of
/// [`FieldValue::Float`], or one of everything else. Dots and backslashes of the path belong to its name.
pub fn column_name(path: &str, fractions: bool) -> String {
    let mut name = format!("{FIELDS}.");
    for c in column_key(path, fractions).chars() {
        if matches!(c, '.' | '\\') {
            name.push('\\');
        }
        name.push(c);
    }
    name
}
