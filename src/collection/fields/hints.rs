//! The hints about fields and values that no document has.

use std::collections::BTreeMap;

use super::FieldSummary;
use crate::filter::{Field, FieldValue, Leaf, Test, closest, folded, quoted, write_seconds};

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
    let asked: Vec<&str> = match &leaf.test {
        Test::Equal(literal) => vec![&literal.text],
        Test::In(literals) => literals.iter().map(|literal| literal.text.as_str()).collect(),
        Test::Contains(part) => vec![&part.text],
        Test::Prefix(text) => vec![text],
        _ => Vec::new(),
    };
    let texts = || {
        summary
            .values
            .iter()
            .filter_map(|(value, _)| if let FieldValue::Text(text) = value { Some(&**text) } else { None })
    };
    let is_part = matches!(leaf.test, Test::Contains(_));
    let similar = |asked: &&str| if is_part { similar_word(asked, texts()) } else { similar_text(asked, texts()) };
    if let Some((asked, similar)) = asked.iter().find_map(|asked| Some((*asked, similar(asked)?))) {
        let name = &summary.name;
        let similar = shorten(similar);
        let is_longer = folded(&similar).contains(&*folded(asked)) && folded(&similar) != folded(asked);
        let how = match &leaf.test {
            Test::Contains(_) => format!("Did you mean {name} contains {}?", quoted(&similar)),
            _ if is_longer => format!("Did you mean {similar:?}? For a part of it: {name} contains {}", quoted(asked)),
            _ => format!("Did you mean {similar:?}?"),
        };
        return format!("no document matches {test}. {how}");
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
        (Field::Path, _) => return format!("no document matches {test}{}", folders(texts())),
        (Field::Size | Field::Modified, _) => return format!("no document matches {test}"),
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

/// Returns the value that contains the one that was asked for, or is nearest to it; for paths also by the file name.
fn similar_text<'s>(asked: &str, texts: impl Iterator<Item = &'s str> + Clone) -> Option<&'s str> {
    let wanted = folded(asked);
    let containing = || texts.clone().find(|text| !wanted.is_empty() && folded(text).contains(&*wanted));
    let last = |text: &'s str| text.rsplit('/').next().unwrap_or(text);
    let by_name = || {
        let nearest = closest(asked.rsplit('/').next().unwrap_or(asked), texts.clone().map(last))?;
        texts.clone().find(|text| last(text) == nearest)
    };
    containing().or_else(|| closest(asked, texts.clone())).or_else(by_name)
}

/// Returns the word of a value that is nearest to the one that was asked for.
fn similar_word<'s>(asked: &str, texts: impl Iterator<Item = &'s str>) -> Option<&'s str> {
    closest(asked, texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric())))
}

/// Lists the folders that paths begin with, the most frequent first; without folders, some paths.
fn folders<'s>(texts: impl Iterator<Item = &'s str> + Clone) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let tops = texts.clone().filter_map(|path| path.trim_start_matches('/').split_once('/'));
    tops.for_each(|(top, _)| *counts.entry(top).or_default() += 1);
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut listed: Vec<String> = counts.iter().map(|(top, count)| format!("{}/ ({count})", shorten(top))).collect();
    if listed.is_empty() {
        listed = texts.take(MAX_LISTED_VALUES + 1).map(shorten).collect();
    }
    let dots = if listed.len() > MAX_LISTED_VALUES { ", …" } else { "" };
    listed.truncate(MAX_LISTED_VALUES);
    if listed.is_empty() { String::new() } else { format!("; this collection has {}{dots}", listed.join(", ")) }
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
