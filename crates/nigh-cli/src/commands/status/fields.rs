//! `nigh status --fields`: the fields that a filter can test, and their values.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nigh::{Collection, FieldSummary, FieldValue};
use serde::Serialize;
use serde_json::Value as Json;

use crate::Outcome;
use crate::output::{Failure, Output, bytes, json, thousands};
use crate::plan::Plan;

/// Maximum number of values shown for a field.
const MAX_SHOWN_VALUES: usize = 12;
/// Maximum number of characters shown of a value.
const MAX_SHOWN_CHARACTERS: usize = 40;
/// Maximum number of values of a field in JSON.
const MAX_JSON_VALUES: usize = 1000;

/// The output of `nigh status --fields --json`.
#[derive(Serialize)]
struct FieldsJson<'a> {
    collection: &'a Path,
    fields: Vec<FieldJson>,
}

#[derive(Serialize)]
struct FieldJson {
    /// The name, as a filter writes it.
    name: String,
    documents: u64,
    /// The most frequent first.
    values: Vec<ValueCountJson>,
    /// True if there are more values than listed.
    more: bool,
    /// The smallest and the largest number; null if there are no numbers.
    range: Option<(f64, f64)>,
}

#[derive(Serialize)]
struct ValueCountJson {
    value: Json,
    documents: u64,
}

pub fn run(plan: &Plan, collection: &Collection, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let fields = collection.fields(if plan.json { MAX_JSON_VALUES } else { MAX_SHOWN_VALUES })?;
    let outcome = if fields.is_empty() { Outcome::Nothing } else { Outcome::Found };
    if plan.json {
        let fields = fields.into_iter().map(to_json).collect();
        json(out, &FieldsJson { collection: collection.path(), fields })?;
        return Ok(outcome);
    }
    let width = fields.iter().map(|field| field.name.chars().count()).max().unwrap_or(0).clamp(9, 30);
    out.line().dim(format_args!("{:<width$}  {:>9}  values", "field", "documents")).end()?;
    for field in &fields {
        let FieldSummary { name, documents, .. } = field;
        let documents = thousands(*documents);
        out.line()
            .path(format_args!("{name:<width$}"))
            .plain(format_args!("  {documents:>9}  "))
            .dim(format_values(field))
            .end()?;
    }
    Ok(outcome)
}

/// Returns the values of a field, for people.
fn format_values(field: &FieldSummary) -> String {
    match (field.name.as_str(), field.range) {
        // Every document has another path: a list of them is useless.
        ("path", _) => return String::new(),
        ("size", Some((least, greatest))) => return format!("{} to {}", bytes(least as u64), bytes(greatest as u64)),
        ("modified", Some((least, greatest))) => return format!("{} to {}", format_day(least), format_day(greatest)),
        (_, Some((least, greatest))) if field.more => return format!("{least} to {greatest}"),
        _ => {}
    }
    let each = field.values.iter().map(|(value, count)| format!("{} ({})", format_value(value), thousands(*count)));
    let mut list = each.collect::<Vec<_>>().join(", ");
    if field.more {
        list.push_str(if list.is_empty() { "…" } else { ", …" });
    }
    list
}

fn format_value(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) if text.chars().count() > MAX_SHOWN_CHARACTERS => {
            text.chars().take(MAX_SHOWN_CHARACTERS).chain(['…']).collect()
        }
        FieldValue::Text(text) => text.clone(),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Float(number) => number.to_string(),
        FieldValue::Bool(truth) => truth.to_string(),
        _ => String::new(),
    }
}

/// Returns a time in nanoseconds since 1970 as a UTC date: 2026-05-01.
fn format_day(nanoseconds: f64) -> String {
    let at = UNIX_EPOCH.checked_add(Duration::from_secs((nanoseconds / 1e9).max(0.0) as u64));
    let days =
        at.unwrap_or(SystemTime::UNIX_EPOCH).duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    // Years are counted from March, so that the leap day is the last day; 400 years have 146,097 days.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year)
}

fn to_json(field: FieldSummary) -> FieldJson {
    let value = |value| match value {
        FieldValue::Text(text) => Json::from(text),
        FieldValue::Integer(number) => Json::from(number),
        FieldValue::Float(number) => Json::from(number),
        FieldValue::Bool(truth) => Json::from(truth),
        _ => Json::Null,
    };
    let values = field
        .values
        .into_iter()
        .map(|(field_value, documents)| ValueCountJson { value: value(field_value), documents });
    FieldJson {
        name: field.name,
        documents: field.documents,
        values: values.collect(),
        more: field.more,
        range: field.range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_of_a_time_is_a_date() {
        for (seconds, shown) in [
            (0.0, "1970-01-01"),
            (951_782_399.0, "2000-02-28"),
            (951_782_400.0, "2000-02-29"),
            (951_868_800.0, "2000-03-01"),
            (4_107_542_400.0, "2100-03-01"),
            (1_714_521_600.0, "2024-05-01"),
        ] {
            assert_eq!(format_day(seconds * 1e9), shown);
        }
    }
}
