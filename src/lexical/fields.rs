//! The values that filters read, as columns: each row has its values, which are not searched as text.

use std::collections::BTreeMap;

use tantivy::schema::OwnedValue;

use super::schema::FIELDS;
use crate::filter::column_key;
pub use crate::filter::{FieldValue, Fields};

impl Fields {
    /// Converts the values to tantivy's form.
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

/// Returns the name of a path's columns for `SegmentReader::fast_fields().dynamic_column_handles(NAME)`. [`FieldValue::Float`] has its
/// own columns: `fractions`. Dots and backslashes of the path are escaped.
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
