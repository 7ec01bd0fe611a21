//! Markdown for the readers and the splitter: headings, the title, links.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

use crate::front_matter::front_matter;
use crate::types::Metadata;

/// A heading is cut to this many characters, since it is stored with every passage below it.
const MAX_HEADING_CHARS: usize = 200;

/// Returns a parser with the only configuration that is used. Metadata blocks are off: [`front_matter`] accepts them only at the very
/// start, but the parser would also accept a later `---` rule and lose the headings below it.
pub fn parser(text: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_HEADING_ATTRIBUTES;
    Parser::new_ext(text, options)
}

/// Returns the `title` of the front matter, whose fields are given, else the text of the first heading.
pub(super) fn title(text: &str, fields: &Metadata) -> Option<String> {
    let front = front_matter(text).unwrap_or(0..0);
    let declared = match fields.get("title") {
        Some(Value::String(title)) => Some(title.clone()),
        Some(Value::Number(title)) => Some(title.to_string()),
        Some(_) => None,
        // Also of front matter that cannot be read.
        None => text[front.clone()].lines().find_map(|line| line.strip_prefix("title:")).and_then(|value| {
            let value = value.trim();
            let unquoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q)).unwrap_or(value);
            (!value.starts_with(['|', '>', '&', '*', '!', '[', '{'])).then(|| unquoted.to_owned())
        }),
    };
    if let Some(declared) = declared.filter(|declared| !declared.trim().is_empty()) {
        return Some(heading_text([declared.as_str()]));
    }
    let mut parts: Option<Vec<String>> = None;
    for event in parser(&text[front.end..]) {
        match (event, &mut parts) {
            (Event::Start(Tag::Heading { .. }), _) => parts = Some(Vec::new()),
            (Event::End(TagEnd::Heading(_)), Some(found)) => {
                let title = heading_text(found.iter().map(String::as_str));
                if !title.is_empty() {
                    return Some(title);
                }
                parts = None;
            }
            (Event::Text(text) | Event::Code(text), Some(found)) => found.push(text.into_string()),
            (Event::SoftBreak | Event::HardBreak, Some(found)) => found.push(" ".to_owned()),
            _ => {}
        }
    }
    None
}

/// Returns a heading on one line, with white space collapsed, cut to 200 characters (with an ellipsis).
pub fn heading_text<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let joined: String = parts.into_iter().collect();
    let mut text = String::new();
    for word in joined.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    if let Some((cut, _)) = text.char_indices().nth(MAX_HEADING_CHARS) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::front_matter::front_matter_fields;

    #[test]
    fn title_is_of_front_matter_or_first_heading() {
        for (text, expected) in [
            ("---\ntitle: \"Java 集合\"\n---\n## 概述\n", Some("Java 集合")),
            ("---\ntitle:\n---\n## 概述\n", Some("概述")),
            ("---\ntitle: 2024\n---\n", Some("2024")),
            ("---\ntitle: >\n  Two\n  lines\n---\n# no\n", Some("Two lines")),
            ("---\ntitle: \"A\"\ntags: *x\n---\n# no\n", Some("A")),
            ("+++\ntitle = 'T'\n+++\n# no\n", Some("T")),
            ("---\ncategory: x\n---\n\ntext\n", None),
            ("```sh\n# comment\n```\n\nReal\n====\n", Some("Real")),
            ("# \n\n## Use `cargo`  **now** {#now}\n", Some("Use cargo now")),
            ("no heading", None),
        ] {
            assert_eq!(title(text, &front_matter_fields(text)).as_deref(), expected, "{text:?}");
        }
        let long = title(&format!("# {}", "长".repeat(5000)), &Metadata::new()).unwrap();
        assert_eq!(long.chars().count(), MAX_HEADING_CHARS + 1);
    }
}
