//! The fields of front matter as metadata: tags and aliases as lists of texts, dates as filters read them.

use serde_json::{Map, Value};

use crate::types::Metadata;

/// The most tags or aliases of a document.
const MAX_LISTED: usize = 100;
/// The fields that are dates.
const DATES: [&str; 9] =
    ["date", "updated", "created", "published", "modified", "lastmod", "publishDate", "due", "expiryDate"];

/// Turns fields into metadata. `tag` and `tags` become `tags`, `alias` and `aliases` become `aliases`; null values are left out.
pub(super) fn normalise(fields: Map<String, Value>) -> Metadata {
    let mut metadata = Metadata::new();
    let (mut all_tags, mut aliases) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        match name.to_ascii_lowercase().as_str() {
            "tag" | "tags" if is_listed(&value) => tags(&value, &mut all_tags),
            "alias" | "aliases" if is_listed(&value) => texts(&value, &[',', '，', '、', ';', '；'], &mut aliases),
            _ if DATES.iter().any(|date| date.eq_ignore_ascii_case(&name)) => {
                let date = match &value {
                    Value::String(text) => iso_date(text),
                    Value::Number(number) => iso_date(&number.to_string()),
                    _ => None,
                };
                metadata.insert(name, date.map_or(value, Value::from));
            }
            _ if value.is_null() => {}
            _ => {
                metadata.insert(name, value);
            }
        }
    }
    for (name, listed) in [("tags", all_tags), ("aliases", aliases)] {
        if !listed.is_empty() {
            metadata.insert(name.to_owned(), listed.into());
        }
    }
    metadata.retain(|_, value| !value.is_null());
    metadata
}

/// True for a text, a number or a list of them: what tags and aliases may be.
fn is_listed(value: &Value) -> bool {
    let is_scalar = |value: &Value| !value.is_object() && !value.is_array();
    value.as_array().map_or(is_scalar(value), |items| items.iter().all(is_scalar))
}

/// Adds tags without their `#`. A text is a list with commas, or else with spaces, between the tags.
pub(crate) fn tags(value: &Value, found: &mut Vec<String>) {
    let commas = [',', '，', '、', ';', '；'];
    match value {
        Value::String(text) if !text.contains(commas) => {
            text.split_whitespace().for_each(|tag| add(tag.trim_start_matches('#'), found));
        }
        value => {
            let mut listed = Vec::new();
            texts(value, &commas, &mut listed);
            listed.iter().for_each(|tag| add(tag.trim_start_matches('#'), found));
        }
    }
}

/// Adds the texts of a list, or of a text with `separators` between them.
fn texts(value: &Value, separators: &[char], found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| add(&written(item), found)),
        Value::String(text) => text.split(separators).for_each(|part| add(part, found)),
        value => add(&written(value), found),
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

fn add(text: &str, found: &mut Vec<String>) {
    let text = text.trim();
    if !text.is_empty() && found.len() < MAX_LISTED && !found.iter().any(|known| known == text) {
        found.push(text.to_owned());
    }
}

/// Returns a date that filters cannot read in a notation that they read: `20240501`, `202405011030`, Org's `<2024-05-01 Wed 10:30>`.
pub(crate) fn iso_date(text: &str) -> Option<String> {
    let text = text.trim();
    if matches!(text.len(), 8 | 12 | 14) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let part = |from: usize, to: usize| text.get(from..to);
        let is_within = |part: &str, last: u32| part.parse::<u32>().is_ok_and(|number| (1..=last).contains(&number));
        let (month, day) = (part(4, 6)?, part(6, 8)?);
        let is_date = matches!(part(0, 2)?, "19" | "20") && is_within(month, 12) && is_within(day, 31);
        let date = format!("{}-{month}-{day}", part(0, 4)?);
        let time = part(8, 12).map_or(String::new(), |_| format!("T{}:{}", &text[8..10], &text[10..12]));
        return is_date.then(|| date + &time);
    }
    let inside = text.strip_prefix(['<', '['])?.split(['>', ']']).next()?;
    let mut words = inside.split_whitespace();
    let day = words.next().filter(|day| day.len() == 10 && day.bytes().filter(|byte| *byte == b'-').count() == 2)?;
    let time = words.find(|word| word.contains(':')).and_then(|time| time.split('-').next());
    Some(time.map_or_else(|| day.to_owned(), |time| format!("{day}T{time:0>5}")))
}
