//! JSON objects with their fields in file order, whichever features of `serde_json` are enabled.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// Up to this many names are compared with each other; for more, a set is made.
const MAX_COMPARED_NAMES: usize = 8;

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    /// `null`, and numbers out of range.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as [`Value`] holds it.
    Number(Number),
    /// A text.
    String(String),
    /// Values in order.
    Array(Vec<Json>),
    /// Names and values in file order. A repeated name has its last value, at its first place.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// True for arrays and objects.
    pub(super) fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Converts the value for metadata.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::String(text) => Value::String(text.clone()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), value.to_value())).collect())
            }
        }
    }
}

// The parser bounds the depth: it allows 128 levels.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

/// A JSON object. Anything else is refused at its first byte, however long it is.
pub(super) struct JsonRecord(pub(super) Json);

impl<'de> Deserialize<'de> for JsonRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyJson).map(Self)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(item) = items.next_element()? {
            values.push(item);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(field) = fields.next_entry()? {
            members.push(field);
        }
        Ok(Json::Object(unique(members)))
    }
}

/// Keeps every name once: its last value, at its first place.
fn unique(fields: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let repeated = if fields.len() <= MAX_COMPARED_NAMES {
        fields.iter().enumerate().any(|(at, (name, _))| fields.iter().take(at).any(|(earlier, _)| earlier == name))
    } else {
        let names: HashSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.len() < fields.len()
    };
    if !repeated {
        return fields;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<(String, Json)> = Vec::new();
    for (name, value) in fields {
        match places.get(&name).and_then(|&at| kept.get_mut(at)) {
            Some((_, earlier)) => *earlier = value,
            None => {
                places.insert(name.clone(), kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    /// Generates texts that are JSON or nearly so.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            any::<u64>().prop_map(|value| value.to_string()),
            any::<f64>().prop_map(|value| format!("{value:e}")),
            "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
            "\"([a-c 中😀]|\\\\u[0-9a-fA-F]{4}|\\\\[nt\"/x])*\"",
        ];
        leaf.prop_recursive(6, 60, 12, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..12).prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec(("[a-d]{0,2}", inner), 0..20).prop_map(|fields| {
                    let fields: Vec<String> =
                        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", fields.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_values_equal_those_of_serde_json(text in json()) {
            let found = serde_json::from_str::<Json>(&text).ok();
            prop_assert_eq!(found.map(|json| json.to_value()), serde_json::from_str::<Value>(&text).ok(), "{}", text);
        }
    }

    #[test]
    fn json_record_is_an_object() {
        assert!(serde_json::from_str::<JsonRecord>(" {\"a\":[]}").is_ok());
        for text in ["null", "1", "\"a\"", "true", "[]", "[[", ""] {
            let Err(error) = serde_json::from_str::<JsonRecord>(text) else { panic!("{text}") };
            assert!(error.is_data() || text.is_empty(), "{text} is refused before its end is looked for: {error}");
        }
    }

    #[test]
    fn fields_keep_the_order_of_the_file() {
        let names = |count: u64| -> Vec<String> { (0..count).map(|n| (n * 7919 % 100).to_string()).collect() };
        for count in [3, MAX_COMPARED_NAMES as u64, 50] {
            let names = names(count);
            let fields: Vec<String> = names.iter().map(|name| format!("\"{name}\":1")).collect();
            for again in ["", ",\"0\":2"] {
                let text = format!("{{{}{again}}}", fields.join(","));
                let Json::Object(found) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
                assert!(found.iter().map(|(name, _)| name).eq(&names), "{text}: {found:?}");
                let first = if again.is_empty() { 1_u64 } else { 2 };
                assert_eq!(found[0].1, Json::Number(first.into()), "{text}");
            }
        }
    }
}
