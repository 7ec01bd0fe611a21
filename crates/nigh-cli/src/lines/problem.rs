//! Describes the error of a line.

use serde_json::Value;
use serde_json::error::Category;

/// Describes the error of a line. `kept`: the line, if it was buffered completely.
pub(super) fn problem(error: &serde_json::Error, kept: &[u8]) -> String {
    const SAMPLE: &str = r#"{"id": "a", "text": "…"}"#;
    let message = error.to_string();
    let message = message.split(" at line 1 column ").next().unwrap_or_default();
    let column = error.column();
    let is_list = kept.trim_ascii_start().first() == Some(&b'[');
    match error.classify() {
        Category::Eof if is_list => {
            return format!("a list, not an object; write one object on each line, as in {SAMPLE}");
        }
        Category::Eof => {
            return format!(
                "the JSON is cut off: the line ends too early; write one object on each line, as in {SAMPLE}"
            );
        }
        Category::Syntax if std::str::from_utf8(kept).is_err() => {
            return "not UTF-8; save the input as UTF-8".to_owned();
        }
        Category::Syntax if message.contains("recursion") => {
            return "recursion limit: lists and objects are nested too deeply".to_owned();
        }
        Category::Syntax
            if message.contains("trailing characters") && kept.trim_ascii_start().first() == Some(&b'{') =>
        {
            return format!(
                "unexpected text after the object (column {column}); write one object on each line, as in {SAMPLE}"
            );
        }
        Category::Syntax => {
            return format!("not JSON (column {column}); write one object on each line, as in {SAMPLE}");
        }
        Category::Io | Category::Data => {}
    }
    let wrong = match serde_json::from_slice(kept) {
        Ok(Value::Object(members)) => ["id", "text"].into_iter().find_map(|name| match members.get(name) {
            None => Some(format!("{name:?} is missing; every document needs one, as in {SAMPLE}")),
            Some(Value::String(_)) => None,
            Some(_) => Some(format!("{name:?} must be text in quotes")),
        }),
        Ok(_) => Some(format!("not an object; write one on each line, as in {SAMPLE}")),
        // A value that is not an object, with text after it.
        Err(_) if !kept.is_empty() && kept.trim_ascii_start().first() != Some(&b'{') => {
            Some(format!("not an object; write one on each line, as in {SAMPLE}"))
        }
        Err(_) => None,
    };
    wrong.unwrap_or_else(|| format!("{message} (column {column})"))
}
