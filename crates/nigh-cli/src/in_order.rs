//! JSON objects of changing members, in an order that people can read. A map of `serde_json` sorts its names; what has always
//! the same members is a struct, and keeps its order by itself.

use serde::{Serialize, Serializer};

/// Names and values, written as one JSON object in this order. No name comes twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InOrder<V>(pub Vec<(&'static str, V)>);

impl<V: Serialize> Serialize for InOrder<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn members_are_written_as_they_come() {
        let inner = |value| InOrder(vec![("z", value), ("a", None)]);
        let outer = InOrder(vec![("second", inner(Some(0.5))), ("first", InOrder(Vec::new()))]);
        assert_eq!(serde_json::to_string(&outer).unwrap(), r#"{"second":{"z":0.5,"a":null},"first":{}}"#);
    }
}
