//! JSON objects with varying members, in a readable order. A map of `serde_json` sorts its names. An object with fixed members is a
//! struct, which keeps its order.

use serde::{Serialize, Serializer};

/// Names and values, written as a JSON object in this order. Names are unique.
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
    fn json_members_keep_their_order() {
        let inner = |value| InOrder(vec![("z", value), ("a", None)]);
        let outer = InOrder(vec![("second", inner(Some(0.5))), ("first", InOrder(Vec::new()))]);
        assert_eq!(serde_json::to_string(&outer).unwrap(), r#"{"second":{"z":0.5,"a":null},"first":{}}"#);
    }
}
