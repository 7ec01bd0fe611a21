//! JSON objects whose members keep their order. (A map of `serde_json` would sort them.)

use serde::{Serialize, Serializer};

/// Names and values, which are written as one JSON object in this order. Names must be unique.
pub(super) struct InOrder<'a, V>(pub(super) Vec<(&'a str, V)>);

impl<V: Serialize> Serialize for InOrder<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
