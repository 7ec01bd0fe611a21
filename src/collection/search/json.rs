//! Writes passages, sentences and times as JSON, with the names that the program uses (docs/json.md).

use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Highlight;
use crate::document::{Passage, Span};

/// Writes a time in milliseconds, rounded to microseconds.
pub(super) fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}

/// Writes a span as four fields. The end of the bytes is exclusive; the last line is inclusive.
fn span<J: SerializeStruct>(json: &mut J, Span { bytes, lines }: &Span) -> Result<(), J::Error> {
    json.serialize_field("start_byte", &bytes.start)?;
    json.serialize_field("end_byte", &bytes.end)?;
    json.serialize_field("start_line", &lines.start)?;
    json.serialize_field("end_line", &lines.end.saturating_sub(1))
}

impl Serialize for Passage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Passage", 9)?;
        json.serialize_field("id", &self.id)?;
        json.serialize_field("text", &self.text)?;
        span(&mut json, &self.span)?;
        json.serialize_field("headings", &self.headings)?;
        json.serialize_field("place", &self.place)?;
        json.serialize_field("metadata", &self.metadata)?;
        json.end()
    }
}

impl Serialize for Highlight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Highlight", 6)?;
        json.serialize_field("text", &self.text)?;
        span(&mut json, &self.span)?;
        json.serialize_field("score", &self.score)?;
        json.end()
    }
}
