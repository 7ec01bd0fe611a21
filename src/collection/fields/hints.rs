//! The hints about fields and values that no document has.

use super::FieldSummary;
use crate::filter::{Field, FieldValue, Leaf, Test, closest, write_seconds};

/// The most values that a hint lists.
const MAX_LISTED_VALUES: usize = 8;

/// Returns the built-in field for a name that people know it by elsewhere.
pub(super) fn built_in_alias(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "ext" | "type" | "filetype" | "format" | "suffix" => "extension",
        "file" | "filename" | "name" | "id" | "folder" | "dir" => "path",
        "mtime" | "changed" | "updated" | "modification" => "modified",
        "bytes" | "length" | "filesize" => "size",
        _ => return None,
    })
}

/// Describes a test that no document passes, and the values that there are instead.
pub(super) fn no_match(leaf: &Leaf, summary: &FieldSummary) -> String {
    let test = leaf.written();
    let asked = match &leaf.test {
        Test::Equal(literal) => Some(literal.text.as_str()),
        Test::In(literals) if literals.len() == 1 => literals.first().map(|literal| literal.text.as_str()),
        _ => None,
    };
    let texts = || {
        summary
            .values
            .iter()
            .filter_map(|(value, _)| if let FieldValue::Text(text) = value { Some(text) } else { None })
    };
    if let Some(asked) = asked {
        let asked_lower = asked.to_lowercase();
        let contains_asked = |text: &&String| text.to_lowercase().contains(&asked_lower);
        let similar =
            texts().find(contains_asked).map(String::as_str).or_else(|| closest(asked, texts().map(String::as_str)));
        if let Some(similar) = similar {
            let is_part = texts().any(|text| contains_asked(&text)) && similar.to_lowercase() != asked_lower;
            let name = &summary.name;
            let how = if is_part { format!(" For a part of it: {name} glob \"*{asked}*\"") } else { String::new() };
            return format!("no document matches {test}. Did you mean {:?}?{how}", shorten(similar));
        }
    }
    match (&leaf.field, summary.range) {
        (Field::Size, Some((least, greatest))) => {
            return format!("no document matches {test}; this collection has {least} to {greatest} bytes");
        }
        (Field::Modified, Some((first, last))) => {
            // Nanoseconds since 1970, exact to less than a microsecond.
            let (first, last) = (write_seconds(first as i64), write_seconds(last as i64));
            return format!("no document matches {test}; this collection has {first} to {last}");
        }
        (Field::Path | Field::Size | Field::Modified, _) => return format!("no document matches {test}"),
        _ => {}
    }
    if let Test::Order(_, literal) = &leaf.test
        && literal.reads_texts()
        && summary.range.is_none()
        && !texts().any(|text| literal.reads(text))
    {
        let type_name = if literal.is_date() { "date" } else { "number" };
        let sample = texts().next().map_or(String::new(), |text| format!(", such as {:?}", shorten(text)));
        return format!(
            "no document matches {test}: no value of {} can be read as a {type_name}{sample}",
            summary.name
        );
    }
    let values =
        summary.values.iter().take(MAX_LISTED_VALUES).map(|(value, count)| format!("{} ({count})", show_value(value)));
    let values = values.collect::<Vec<_>>().join(", ");
    let dots = if summary.more || summary.values.len() > MAX_LISTED_VALUES { ", …" } else { "" };
    match summary.range {
        Some((least, greatest)) if summary.values.len() > MAX_LISTED_VALUES => {
            format!("no document matches {test}; this collection has {least} to {greatest}")
        }
        _ if values.is_empty() => format!("no document matches {test}"),
        _ => format!("no document matches {test}; this collection has {values}{dots}"),
    }
}

/// Returns a value as a hint shows it.
fn show_value(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) => shorten(text),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Float(number) => number.to_string(),
        FieldValue::Bool(truth) => truth.to_string(),
    }
}

/// Cuts a text that is too long for a hint.
fn shorten(text: &str) -> String {
    const MAX_BYTES: usize = 60;
    let end = text.floor_char_boundary(MAX_BYTES);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}
