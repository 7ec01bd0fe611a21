//! Limits of a document in JSON, checked while it is parsed: a line of hostile input must not take more memory than a
//! document of this crate. The output of [`super::Collection::export`] for documents from files is far below them.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::exported::ExportedPassage;
use crate::document::Metadata;
use crate::ingest::source_document::MOST_TEXT;

/// The most values in the metadata of a document or of a passage, including nested values.
const MAX_VALUES: usize = 1 << 17;
/// The most headings above a passage, and the most bytes of one heading.
const MAX_HEADINGS: usize = 1 << 10;
const MAX_HEADING_BYTES: usize = 64 << 10;
/// The most numbers of a vector.
const MAX_DIMENSION: usize = 1 << 20;
/// The most memory of all passages of a document, in bytes, estimated. 65,536 passages with vectors of 1,024 numbers take
/// 270 MB.
const MAX_PASSAGES_BYTES: usize = 512 << 20;
/// The number of values in a node of the B-tree that holds metadata.
const NODE_VALUES: usize = 11;
/// The bytes of such a node.
const NODE_BYTES: usize = 640;
/// The bytes that an object's field takes besides its name and its value: the place in the order, and a hash.
const FIELD_BYTES: usize = 64;

/// Reads a text that is not too long for a document.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_str(Text(MOST_TEXT))
}

/// Reads headings that are neither too many nor too long.
pub(super) fn headings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let bounded: Vec<Heading> =
        deserializer.deserialize_seq(List { max: MAX_HEADINGS, what: "headings", of: PhantomData })?;
    Ok(bounded.into_iter().map(|Heading(heading)| heading).collect())
}

/// Reads a vector that is not too long.
pub(super) fn vector<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    deserializer.deserialize_seq(List { max: MAX_DIMENSION, what: "numbers", of: PhantomData })
}

/// Reads a vector that is not too long, or null.
pub(super) fn some_vector<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<f32>>, D::Error> {
    #[derive(Deserialize)]
    struct Vector(#[serde(deserialize_with = "vector")] Vec<f32>);
    Ok(Option::<Vector>::deserialize(deserializer)?.map(|Vector(vector)| vector))
}

/// Reads metadata that does not have too many values.
pub(super) fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Metadata, D::Error> {
    let values_left = Cell::new(MAX_VALUES);
    deserializer.deserialize_map(Fields(&values_left))
}

/// Reads passages that do not take too much memory together.
pub(super) fn some_passages<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<ExportedPassage>>, D::Error> {
    struct Passages(Vec<ExportedPassage>);
    impl<'de> Deserialize<'de> for Passages {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_seq(PassageList).map(Self)
        }
    }
    Ok(Option::<Passages>::deserialize(deserializer)?.map(|Passages(passages)| passages))
}

struct Heading(String);

impl<'de> Deserialize<'de> for Heading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(MAX_HEADING_BYTES)).map(Self)
    }
}

/// A text of at most this many bytes.
struct Text(usize);

impl Text {
    fn check<E: Error>(&self, text: &str) -> Result<(), E> {
        let (length, max) = (text.len(), self.0);
        if length > max { Err(E::custom(format_args!("a text of {length} bytes; the most is {max}"))) } else { Ok(()) }
    }
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        self.check(text)?;
        Ok(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<String, E> {
        self.check(&text)?;
        Ok(text)
    }
}

/// A list with a maximal length. `what`: its elements, in the plural, for errors.
struct List<T> {
    max: usize,
    what: &'static str,
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.what)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            if elements.len() == self.max {
                return Err(A::Error::custom(format_args!("more than {} {}", self.max, self.what)));
            }
            elements.push(element);
        }
        Ok(elements)
    }
}

/// A list of passages that do not take too much memory together.
struct PassageList;

impl<'de> Visitor<'de> for PassageList {
    type Value = Vec<ExportedPassage>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of passages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (mut passages, mut memory_bytes) = (Vec::new(), 0);
        while let Some(passage) = list.next_element()? {
            memory_bytes += passage_bytes(&passage);
            if memory_bytes > MAX_PASSAGES_BYTES {
                let max_mb = MAX_PASSAGES_BYTES >> 20;
                return Err(A::Error::custom(format_args!("its passages take more than {max_mb} MB in memory")));
            }
            passages.push(passage);
        }
        Ok(passages)
    }
}

/// Estimates the bytes that a passage takes in memory.
fn passage_bytes(passage: &ExportedPassage) -> usize {
    let ExportedPassage { headings, place, metadata, hash, vector, .. } = passage;
    let name = place.as_ref().and_then(|place| place.name.as_ref()).map_or(0, String::len);
    let strings: usize = headings.iter().map(|heading| heading.len() + size_of::<String>()).sum();
    let values: usize = metadata.iter().map(|(name, value)| name.len() + value_bytes(value)).sum();
    let tree = metadata.len().div_ceil(NODE_VALUES) * NODE_BYTES;
    let hash = hash.as_ref().map_or(0, String::len);
    size_of::<ExportedPassage>() + vector.len() * size_of::<f32>() + strings + name + hash + values + tree
}

/// Estimates the bytes that a JSON value takes in memory.
fn value_bytes(value: &Value) -> usize {
    let content_bytes = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_bytes).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| FIELD_BYTES + name.len() + value_bytes(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + content_bytes
}

/// The fields of metadata, with the number of values that are still allowed.
struct Fields<'a>(&'a Cell<usize>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Metadata, A::Error> {
        let mut all = Metadata::new();
        while let Some(name) = fields.next_key()? {
            all.insert(name, fields.next_value_seed(Counted(self.0))?);
        }
        Ok(all)
    }
}

/// Any JSON value. Nested values are counted.
struct Counted<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let values_left = self.0.get().checked_sub(1);
        self.0.set(
            values_left.ok_or_else(|| D::Error::custom(format_args!("metadata of more than {MAX_VALUES} values")))?,
        );
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = list.next_element_seed(Counted(self.0))? {
            all.push(value);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            all.insert(name, fields.next_value_seed(Counted(self.0))?);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::exported::ExportedDocument;
    use super::*;

    fn parsed(fields: &str) -> Result<ExportedDocument, String> {
        serde_json::from_str(&format!("{{\"id\": \"a\", {fields}}}")).map_err(|error| error.to_string())
    }

    #[test]
    fn documents_within_bounds_are_read() {
        let metadata = r#"{"a": [1, -2, 1.5e300, 18446744073709551615, true, null, "词\u0000"], "b": {"c": {"": []}}}"#;
        let passages = r#"[{"start_byte": 0, "end_byte": 1, "start_line": 1, "end_line": 1, "headings": ["h"],
            "metadata": {"x": [1]}, "vector": [0.5, 1]}]"#;
        let fields = format!(r#""text": "t", "metadata": {metadata}, "passages": {passages}, "vector": [1, 2.5]"#);
        let document = parsed(&fields).unwrap();
        assert_eq!(serde_json::to_value(&document.metadata).unwrap(), serde_json::from_str::<Value>(metadata).unwrap());
        let passage = &document.passages.as_ref().unwrap()[0];
        assert_eq!((&passage.headings[..], &passage.vector[..]), (&["h".to_owned()][..], &[0.5, 1.0][..]));
        assert_eq!(document.vector.as_deref(), Some(&[1.0, 2.5][..]));
        let bare = parsed(r#""text": "t", "passages": null, "vector": null"#).unwrap();
        assert!(bare.passages.is_none() && bare.vector.is_none() && bare.metadata.is_empty());
    }

    #[test]
    fn documents_beyond_bounds_are_refused() {
        let many = |one: &str, count: usize| vec![one; count].join(",");
        let metadata = |value: String| format!("\"text\": \"\", \"metadata\": {{\"a\": {value}}}");
        let passage = |field: &str| {
            format!(
                r#""text": "", "passages": [{{"start_byte": 0, "end_byte": 0, "start_line": 1, "end_line": 1, {field}}}]"#
            )
        };
        assert!(parsed(&metadata(format!("[{}]", many("0", MAX_VALUES - 1)))).is_ok());
        for (fields, problem) in [
            (format!("\"text\": \"{}\"", "x".repeat(MOST_TEXT + 1)), "a text of 67108865 bytes"),
            (metadata(format!("[{}]", many("0", MAX_VALUES))), "metadata of more than"),
            (metadata("[".repeat(200)), "recursion limit"),
            (passage(&format!("\"vector\": [{}]", many("0", MAX_DIMENSION + 1))), "more than 1048576 numbers"),
            (passage(&format!("\"headings\": [{}], \"vector\": []", many("\"\"", 1025))), "more than 1024 headings"),
            (
                passage(&format!("\"headings\": [\"{}\"], \"vector\": []", "h".repeat(MAX_HEADING_BYTES + 1))),
                "a text of",
            ),
        ] {
            let refused = parsed(&fields).unwrap_err();
            assert!(refused.contains(problem), "{refused} is not {problem}");
        }
        let one = format!(
            r#"{{"start_byte": 0, "end_byte": 0, "start_line": 1, "end_line": 1, "vector": [{}]}}"#,
            many("0", MAX_DIMENSION)
        );
        let refused = parsed(&format!("\"text\": \"\", \"passages\": [{}]", many(&one, 128))).unwrap_err();
        assert!(refused.contains("more than 512 MB"), "{refused}");
    }
}
