//! YAML as fields, from the events of `granit-parser`.

use granit_parser::{Event, Options, Parser, ScalarStyle, options};
use serde_json::{Map, Number, Value};

use super::{Budget, MAX_DEPTH, insert};

/// A list or a mapping that has not ended.
enum Open {
    List(Vec<Value>),
    /// With the key whose value comes next.
    Fields(Map<String, Value>, Option<String>),
}

/// Reads a mapping; `None` for anything else, and for anchors, references and types, which can make a short text large or give it
/// another meaning.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    let text = quoted(text);
    let limits: Options = options! {
        disallow_directives: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    let mut parser = Parser::new_from_str_with_options(&text, limits);
    let (mut open, mut budget): (Vec<Open>, _) = (Vec::new(), Budget::default());
    let mut root: Option<Value> = None;
    loop {
        let value = match parser.next_event()?.ok()?.0 {
            Event::Scalar(text, style, 0, None) => {
                budget.take(open.len())?;
                if let Some(Open::Fields(_, key @ None)) = open.last_mut() {
                    *key = Some(text.into_owned()).filter(|key| !key.is_empty());
                    key.as_ref()?;
                    continue;
                }
                match style {
                    ScalarStyle::Plain => plain(&text),
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Value::from(text),
                    ScalarStyle::Literal | ScalarStyle::Folded => Value::from(text.trim_end_matches('\n')),
                }
            }
            Event::SequenceStart(_, 0, None) => {
                open.push(Open::List(Vec::new()));
                budget.take(open.len())?;
                continue;
            }
            Event::MappingStart(_, 0, None) => {
                open.push(Open::Fields(Map::new(), None));
                budget.take(open.len())?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(items) => Value::Array(items),
                Open::Fields(fields, _) => Value::Object(fields),
            },
            Event::StreamStart | Event::DocumentStart(false, None) | Event::DocumentEnd => continue,
            Event::StreamEnd => break,
            _ => return None,
        };
        match open.last_mut() {
            Some(Open::List(items)) => items.push(value),
            // A list or a mapping cannot be a key.
            Some(Open::Fields(fields, key)) => insert(fields, key.take()?, value)?,
            None if root.is_some() => return None,
            None => root = Some(value),
        }
    }
    match root? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// Puts values in quotes that people write without: `title: Foo: a story`, which is invalid, and `tags: #one #two`, a comment.
fn quoted(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match unquoted(line) {
            Some((key, value)) => all.extend([key, ": '", &value.replace('\'', "''"), "'\n"]),
            None => all.push_str(line),
        }
    }
    all
}

/// Returns the key and the value of a line whose value needs quotes.
fn unquoted(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(": ")?;
    let value = value.trim();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if key.is_empty() || !key.chars().all(is_word) {
        return None;
    }
    if ["tags", "tag"].iter().any(|tags| key.eq_ignore_ascii_case(tags)) {
        let is_tag = |(at, _): (usize, &str)| value[at + 1..].starts_with(char::is_alphanumeric);
        let is_plain = value.starts_with(|c: char| c == '#' || c.is_alphanumeric());
        if is_plain && value.match_indices('#').any(is_tag) {
            return Some((key, value));
        }
    }
    let value = value.split(" #").next()?.trim_end();
    (value.starts_with(char::is_alphanumeric) && value.contains(": ")).then_some((key, value))
}

/// Returns what an unquoted word means. A number stays text if nigh would write it in another way: `007`, `1.10`.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::from(text)),
    }
}

/// Reads a number that is written as nigh writes it.
fn number(text: &str) -> Option<Value> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') || text.len() > 32 {
        return None;
    }
    let number: Number = text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))?;
    (number.to_string() == text).then_some(Value::Number(number))
}
