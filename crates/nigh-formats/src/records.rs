//! JSON records: one on each line (JSON Lines), or an array of objects.

use std::fmt;

use serde::Deserializer;
use serde::de::{SeqAccess, Visitor};

use super::Extracted;
use super::json::{Json, JsonRecord};
use super::rows::{MAX_VALUE_BYTES, RowSections, list_lines, one_line};
use crate::types::Metadata;

/// A string of at least this many bytes is written as text, without its field name.
const LONG_STRING_BYTES: usize = 200;
/// Names of fields that contain a record's text, even if it is short.
const TEXT_FIELDS: [&str; 8] = ["text", "content", "body", "passage", "document", "abstract", "contents", "markdown"];

/// Reads the records of JSON Lines; returns `None` if most lines are not JSON.
pub(super) fn lines(text: &str) -> Option<Extracted> {
    let mut rows = RowSections::default();
    let mut malformed = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(value) => add(&mut rows, number, &value),
            Err(_) => malformed.push(number),
        }
    }
    if malformed.len() > rows.len() {
        return None;
    }
    if !malformed.is_empty() {
        rows.losses.push(format!("{} not valid JSON and left out", is_or_are(&malformed)));
    }
    rows.finish()
}

fn is_or_are(lines: &[u64]) -> String {
    format!("{} {}", list_lines(lines), if lines.len() == 1 { "is" } else { "are" })
}

/// Reads the records of an array of at least two objects; returns `None` for any other JSON. They are read one by one: the values of a
/// record take twenty times its bytes.
pub(super) fn array(text: &str) -> Option<Extracted> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let rows = parser.deserialize_seq(RecordArray).ok()?;
    parser.end().ok()?;
    (rows.len() >= 2).then(|| rows.finish()).flatten()
}

/// Converts the records of an array while they are parsed.
struct RecordArray;

impl<'de> Visitor<'de> for RecordArray {
    type Value = RowSections;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<RowSections, A::Error> {
        let (mut rows, mut number) = (RowSections::default(), 0);
        while let Some(JsonRecord(record)) = records.next_element()? {
            number += 1;
            add(&mut rows, number, &record);
        }
        Ok(rows)
    }
}

fn add(rows: &mut RowSections, number: u64, record: &Json) {
    let mut flat = FlatRecord::default();
    flat.walk("", record);
    let mut text = flat.pairs.join("; ");
    for long in &flat.texts {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(long.trim());
    }
    rows.add(number, &text, flat.metadata);
}

/// The values of a record, each with the path of names to it, joined by dots.
#[derive(Default)]
struct FlatRecord<'v> {
    pairs: Vec<String>,
    texts: Vec<&'v str>,
    metadata: Metadata,
}

impl<'v> FlatRecord<'v> {
    // The parser allows 128 levels.
    fn walk(&mut self, name: &str, value: &'v Json) {
        match value {
            Json::Null => {}
            Json::Object(fields) => {
                for (key, value) in fields {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    self.walk(&name, value);
                }
            }
            Json::Array(items) if items.iter().any(Json::is_nested) => {
                for item in items {
                    self.walk(name, item);
                }
            }
            Json::Array(items) => {
                let shown: Vec<String> = items.iter().map(value_text).filter(|item| !item.is_empty()).collect();
                self.pair(name, &shown.join(", "));
                if shown.iter().map(String::len).sum::<usize>() <= MAX_VALUE_BYTES {
                    self.keep(name, value);
                }
            }
            Json::String(text) => {
                let last = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
                if text.len() >= LONG_STRING_BYTES || name.is_empty() || TEXT_FIELDS.contains(&last.as_str()) {
                    self.texts.push(text);
                } else {
                    self.pair(name, &one_line(text));
                }
                if text.len() <= MAX_VALUE_BYTES {
                    self.keep(name, value);
                }
            }
            Json::Bool(_) | Json::Number(_) => {
                self.pair(name, &value_text(value));
                self.keep(name, value);
            }
        }
    }

    fn pair(&mut self, name: &str, value: &str) {
        match (name.is_empty(), value.is_empty()) {
            (_, true) => {}
            (true, false) => self.pairs.push(value.to_owned()),
            (false, false) => self.pairs.push(format!("{name}: {value}")),
        }
    }

    /// Keeps the first value of a name.
    fn keep(&mut self, name: &str, value: &Json) {
        if !name.is_empty() && !self.metadata.contains_key(name) {
            self.metadata.insert(name.to_owned(), value.to_value());
        }
    }
}

fn value_text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => one_line(text),
        other => other.to_value().to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn json_lines_have_one_section_for_each_line() {
        let text = "{\"id\":1,\"tags\":[\"a\",\"b\"],\"by\":{\"name\":\"张三\",\"age\":null},\"text\":\"One.\\n\\nTwo.\"}\n\n{\"id\":\"2\",\"x\":[{\"y\":1},{\"y\":2}]}\n{broken\n\"only text\"\n";
        let found = lines(text).unwrap();
        assert_eq!(found.text, "id: 1; tags: a, b; by.name: 张三\nOne.\n\nTwo.\nid: 2; x.y: 1; x.y: 2\nonly text");
        assert_eq!(found.sections.iter().map(|s| s.place.number).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(
            serde_json::to_value(&found.sections[0].metadata).unwrap(),
            serde_json::json!({"id": 1, "tags": ["a", "b"], "by.name": "张三", "text": "One.\n\nTwo."})
        );
        assert_eq!(found.losses, ["line 4 is not valid JSON and left out"]);
        for section in &found.sections {
            assert!(found.text.is_char_boundary(section.start));
        }
        assert_eq!(lines("not\njson\n{}\n"), None);
        assert_eq!(lines("{}\n{\"a\":null}\n"), None);
    }

    #[test]
    fn fields_keep_the_order_of_the_file() {
        for (record, text) in [
            (r#"{"z":1,"a":{"y":2,"b":[{"x":3,"c":4}]},"m":5}"#, "z: 1; a.y: 2; a.b.x: 3; a.b.c: 4; m: 5"),
            // If a name is repeated, the last value is used, at the place of the first.
            (r#"{"b":1,"a":2,"b":{"d":3,"c":4,"d":[5]},"a":null,"e":6}"#, "b.d: 5; b.c: 4; e: 6"),
            (r#"{"a.b":1,"a":{"b":2}}"#, "a.b: 1; a.b: 2"),
            (r#"{"":1,"b":{"":2}}"#, "1; b.: 2"),
            (r#"{"n":[1.0,0.1,-0,1e2,1E400]}"#, ""),
            (r#"{"n":[1.0,0.1,-0,1e2,123456789.123456789]}"#, "n: 1.0, 0.1, -0.0, 100.0, 123456789.12345679"),
            (
                r#"{"n":[18446744073709551615,18446744073709551616,-9223372036854775808,-9223372036854775809]}"#,
                "n: 18446744073709551615, 1.8446744073709552e+19, -9223372036854775808, -9.223372036854776e+18",
            ),
            (r#"{"n":5e-324,"m":1e-400,"k":0.30000000000000004}"#, "n: 5e-324; m: 0.0; k: 0.30000000000000004"),
            (r#"{"s":"\ud83d\ude00\u4e2d","t":[true,null,"x\n y"]}"#, "s: 😀中; t: true, x y"),
            (r#"{"s":"\ud83d"}"#, ""),
            (r#"{"\udc00":1}"#, ""),
            (r#"{"a":1} 2"#, ""),
            (r#"{"a":1,}"#, ""),
        ] {
            let found = lines(record).map(|found| found.text).unwrap_or_default();
            assert_eq!(found, text, "{record}");
            let twice = array(&format!("[{record},{record}]")).map(|found| found.text).unwrap_or_default();
            let expected = if text.is_empty() { String::new() } else { format!("{text}\n{text}") };
            assert_eq!(twice, expected, "{record}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        for depth in 120..136 {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                assert_eq!(
                    lines(&text).is_some(),
                    serde_json::from_str::<serde_json::Value>(&text).is_ok(),
                    "{depth} {open}"
                );
            }
        }
        for bomb in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 18), "[{\"a\":".repeat(1 << 18)] {
            assert_eq!((lines(&bomb), array(&bomb)), (None, None));
        }
    }

    #[test]
    fn many_fields_take_less_than_20_s() {
        let fields: Vec<String> = (0..400_000).map(|n| format!("\"{n}\":{}", n % 10)).collect();
        let (start, fields) = (std::time::Instant::now(), fields.join(","));
        let found = lines(&format!("{{{fields},{fields}}}")).unwrap();
        assert!(found.text.starts_with("0: 0; 1: 1; ") && found.text.ends_with("; 399999: 9"));
        assert_eq!(found.text.matches("; ").count(), 399_999);
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn arrays_of_objects_only() {
        let found = array("[{\"a\":1},{\"a\":\"b\"}]").unwrap();
        assert_eq!((found.text.as_str(), found.sections[1].start), ("a: 1\na: b", 5));
        for text in ["[]", "[{\"a\":1}]", "[1,2]", "{\"a\":[{},{}]}", "[{},1]", "[{},{}", ""] {
            assert_eq!(array(text), None, "{text}");
        }
        let deep = format!("[{{\"a\":{}1{}}},{{}}]", "[".repeat(500), "]".repeat(500));
        assert_eq!(array(&deep), None);
    }
}
