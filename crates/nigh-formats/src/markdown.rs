//! Markdown for the readers and the splitter: front matter, headings, the title.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Front matter with more than this many bytes is treated as text.
const MAX_FRONT_MATTER_BYTES: usize = 64 << 10;
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

/// Returns the byte range of YAML front matter, with both its `---` lines. Returns `None` unless it is at the very start and its first
/// line that is not blank has the form `key: …`.
pub fn front_matter(text: &str) -> Option<Range<usize>> {
    let mut end = 0;
    let mut keyed = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        end += line.len();
        let line = line.trim_end();
        match number {
            0 if line != "---" => return None,
            0 => {}
            _ if end > MAX_FRONT_MATTER_BYTES => return None,
            _ if matches!(line, "---" | "...") => return keyed.then_some(0..end),
            _ if keyed || line.is_empty() => {}
            _ => {
                let key = line.split_once(':')?.0;
                keyed = !key.is_empty() && !key.contains(char::is_whitespace);
                if !keyed {
                    return None;
                }
            }
        }
    }
    None
}

/// Returns the front matter's `title:`, else the text of the first heading.
pub(super) fn title(text: &str) -> Option<String> {
    let front = front_matter(text).unwrap_or(0..0);
    let declared = text[front.clone()].lines().find_map(|line| line.strip_prefix("title:")).map(str::trim);
    // A value that continues on the next lines ("|", ">") is not used; a heading is used instead.
    if let Some(value) = declared.filter(|value| !value.is_empty() && !value.starts_with(['|', '>'])) {
        let unquoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q)).unwrap_or(value);
        if !unquoted.trim().is_empty() {
            return Some(heading_text([unquoted]));
        }
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

    #[test]
    fn front_matter_only_at_the_start() {
        let text = "---\ntitle: A\n\ntags: [b]\n---\n# H\n";
        assert_eq!(&text[front_matter(text).unwrap()], "---\ntitle: A\n\ntags: [b]\n---\n");
        assert!(front_matter("---\r\ntitle: A\r\n---\r\nx").is_some());
        for text in [
            "---\n\n# H: a\n\n---\n",
            "---\ntitle: A\n",
            "\n---\na: b\n---\n",
            "---\n---\n",
            "text",
            "",
            "----\na: b\n---\n",
        ] {
            assert_eq!(front_matter(text), None, "{text:?}");
        }
    }

    #[test]
    fn title_is_of_front_matter_or_first_heading() {
        for (text, expected) in [
            ("---\ntitle: \"Java 集合\"\n---\n## 概述\n", Some("Java 集合")),
            ("---\ntitle:\n---\n## 概述\n", Some("概述")),
            ("---\ncategory: x\n---\n\ntext\n", None),
            ("```sh\n# comment\n```\n\nReal\n====\n", Some("Real")),
            ("# \n\n## Use `cargo`  **now** {#now}\n", Some("Use cargo now")),
            ("no heading", None),
        ] {
            assert_eq!(title(text).as_deref(), expected, "{text:?}");
        }
        let long = title(&format!("# {}", "长".repeat(5000))).unwrap();
        assert_eq!(long.chars().count(), MAX_HEADING_CHARS + 1);
    }
}
