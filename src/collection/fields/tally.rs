//! Counts the values of a field.

use std::collections::HashMap;

use super::FieldSummary;
use crate::filter::{Field, FieldValue, ValueRef, written};

/// The most values of a field that are counted separately. A field with more values, such as a path, is not one to choose from.
const MAX_VALUES: usize = 10_000;
/// The longest text that is counted, in bytes.
const MAX_TEXT_BYTES: usize = 200;

/// Counts the values of one field.
#[derive(Default)]
pub(super) struct Tally {
    /// For each value: the number of documents that have it, and the last document that was counted.
    values: HashMap<Key, (u64, u32)>,
    /// `[documents]`: true for a document that has a value.
    has: Vec<bool>,
    more: bool,
    range: Option<(f64, f64)>,
}

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Bool(bool),
    Integer(i64),
    /// The bits of the number.
    Float(u64),
    Text(String),
}

impl Tally {
    /// Starts to count in this many documents.
    pub(super) fn new(documents: usize) -> Self {
        Self { has: vec![false; documents], ..Self::default() }
    }

    pub(super) fn add(&mut self, document: u32, value: ValueRef<'_>) {
        if let Some(has) = self.has.get_mut(document as usize) {
            *has = true;
        }
        let number = match value {
            ValueRef::Integer(number) => Some(number as f64),
            ValueRef::Float(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Bool(_) => None,
        };
        if let Some(number) = number {
            let (least, greatest) = self.range.unwrap_or((number, number));
            self.range = Some((least.min(number), greatest.max(number)));
        }
        let key = match value {
            ValueRef::Text(text) if text.len() > MAX_TEXT_BYTES => {
                self.more = true;
                return;
            }
            ValueRef::Text(text) => Key::Text(text.to_owned()),
            ValueRef::Integer(number) => Key::Integer(number),
            ValueRef::Float(number) => Key::Float(number.to_bits()),
            ValueRef::Bool(truth) => Key::Bool(truth),
        };
        if self.values.len() >= MAX_VALUES && !self.values.contains_key(&key) {
            self.more = true;
            return;
        }
        let (count, last) = self.values.entry(key).or_insert((0, u32::MAX));
        if *last != document {
            (*count, *last) = (*count + 1, document);
        }
    }

    pub(super) fn finish(self, path: &str, most: usize) -> FieldSummary {
        let mut values: Vec<(Key, u64)> = self.values.into_iter().map(|(key, (count, _))| (key, count)).collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let more = self.more || values.len() > most;
        values.truncate(most);
        let value = |key| match key {
            Key::Bool(truth) => FieldValue::Bool(truth),
            Key::Integer(number) => FieldValue::Integer(number),
            Key::Float(bits) => FieldValue::Float(f64::from_bits(bits)),
            Key::Text(text) => FieldValue::Text(text),
        };
        FieldSummary {
            name: written(&Field::of_path(path)),
            documents: self.has.iter().filter(|has| **has).count() as u64,
            values: values.into_iter().map(|(key, count)| (value(key), count)).collect(),
            more,
            range: self.range,
        }
    }
}
