//! Jupyter notebooks, formats 3 and 4: a section a cell, as Markdown.

use pulldown_cmark::{Event, Tag, TagEnd};
use serde_json::Value;

use super::charset::Encoding;
use super::{Extracted, Section, heading_text, markdown};
use crate::error::{Error, Result};
use crate::types::{Metadata, Place, PlaceKind, Syntax};

/// So much of a cell's output is kept, in bytes and lines: the rest is data.
const OUTPUT_BYTES: usize = 1 << 10;
const OUTPUT_LINES: usize = 20;

/// The cells of a notebook.
///
/// # Errors
/// The reason: no notebook, damaged, or empty.
pub(super) fn notebook(text: &str) -> Result<Extracted> {
    let damaged = |error: serde_json::Error| {
        let kind = if error.is_eof() { "it breaks off" } else { "its JSON is invalid" };
        Error::damaged(format!("a damaged notebook ({kind} at line {}); save it again or restore it", error.line()))
    };
    let notebook: Value = serde_json::from_str(text).map_err(damaged)?;
    let language = notebook
        .pointer("/metadata/language_info/name")
        .or_else(|| notebook.pointer("/metadata/kernelspec/language"))
        .and_then(Value::as_str)
        .unwrap_or("python");
    let newer = notebook.get("cells").and_then(Value::as_array).map(Vec::as_slice);
    // Format 3 has worksheets, nearly always one.
    let sheets = notebook.get("worksheets").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let older = sheets.iter().filter_map(|sheet| sheet.get("cells")?.as_array()).flatten();
    if newer.is_none() && sheets.is_empty() {
        return Err(Error::unsupported(
            "no notebook: its JSON has no cells; give it another extension to have it indexed as JSON",
        ));
    }
    let mut found = Extracted {
        text: String::new(),
        sections: Vec::new(),
        metadata: metadata(&notebook, language),
        losses: Vec::new(),
        title: notebook.pointer("/metadata/title").and_then(Value::as_str).map(|title| heading_text([title])),
        syntax: Syntax::Markdown,
        encoding: Encoding::Utf8,
    };
    let mut path: Vec<(u8, String)> = Vec::new();
    for (number, cell) in (1..).zip(newer.unwrap_or_default().iter().chain(older)) {
        let content = content(cell, language);
        if content.trim().is_empty() {
            continue;
        }
        if !found.text.is_empty() {
            found.text.push_str("\n\n");
        }
        found.sections.push(Section {
            start: found.text.len(),
            place: Place::new(PlaceKind::Cell, number),
            headings: above(&path, &content),
            metadata: Metadata::new(),
        });
        found.text.push_str(content.trim_matches(['\n', '\r']));
        enter(&mut path, &content, &mut found.title);
    }
    if found.sections.is_empty() { Err(Error::empty("empty")) } else { Ok(found) }
}

/// The headings above a cell: without those that a heading at its beginning ends.
fn above(path: &[(u8, String)], content: &str) -> Vec<String> {
    let text = content.trim_start();
    let marks = text.bytes().take_while(|&byte| byte == b'#').count();
    let opens = (1..=6).contains(&marks) && text[marks..].starts_with(' ');
    let stays = |level: u8| !opens || usize::from(level) < marks;
    path.iter().filter(|(level, _)| stays(*level)).map(|(_, title)| title.clone()).collect()
}

fn metadata(notebook: &Value, language: &str) -> Metadata {
    let mut metadata = Metadata::from([("code_language".to_owned(), Value::from(language.to_lowercase()))]);
    let authors =
        notebook.pointer("/metadata/authors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> =
        authors.iter().filter_map(|author| author.as_str().or_else(|| author.get("name")?.as_str())).collect();
    if !names.is_empty() {
        metadata.insert("author".to_owned(), names.join(", ").into());
    }
    metadata
}

/// What a cell says, as Markdown.
fn content(cell: &Value, language: &str) -> String {
    let source = joined(cell.get("source").or_else(|| cell.get("input")));
    match cell.get("cell_type").and_then(Value::as_str) {
        Some("markdown" | "html") => source,
        Some("heading") => {
            let level = cell.get("level").and_then(Value::as_u64).unwrap_or(1).clamp(1, 6);
            format!("{} {}", "#".repeat(usize::try_from(level).unwrap_or(1)), heading_text([source.as_str()]))
        }
        Some("code") => {
            let language = cell.get("language").and_then(Value::as_str).unwrap_or(language);
            let code = fenced(&source, &language.to_lowercase());
            let output = output(cell);
            if output.is_empty() { code } else { format!("{code}\n\n{}", fenced(&output, "output")) }
        }
        _ => fenced(&source, ""),
    }
}

/// Text as notebooks keep it: a string, or its lines.
fn joined(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// A code block, its fence longer than any in it; nothing for nothing.
fn fenced(code: &str, language: &str) -> String {
    let code = code.trim_matches(['\n', '\r']).trim_end();
    if code.trim().is_empty() {
        return String::new();
    }
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{code}\n{fence}")
}

/// The beginning of what a cell's code has printed and returned, and the error it ended with.
fn output(cell: &Value) -> String {
    let outputs = cell.get("outputs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut all = String::new();
    for output in outputs {
        let data = output.get("data").unwrap_or(output);
        // What is shown as an image is described by its object's name alone.
        let image = data.as_object().is_some_and(|data| {
            data.keys().any(|key| key.starts_with("image/") || matches!(key.as_str(), "png" | "jpeg" | "svg"))
        });
        let text = match output.get("output_type").and_then(Value::as_str) {
            Some("stream") => joined(output.get("text")),
            Some("error" | "pyerr") => {
                let part = |name: &str| output.get(name).and_then(Value::as_str).unwrap_or_default();
                format!("{}: {}", part("ename"), part("evalue"))
            }
            _ if image => String::new(),
            _ => joined(data.get("text/plain").or_else(|| data.get("text"))),
        };
        if !text.trim().is_empty() {
            all.push_str(text.trim_matches(['\n', '\r']).trim_end());
            all.push('\n');
        }
        if all.len() > 4 * OUTPUT_BYTES {
            break;
        }
    }
    short(&without_escapes(&all))
}

fn short(text: &str) -> String {
    let text = text.trim_end();
    let lines = text.match_indices('\n').nth(OUTPUT_LINES - 1).map_or(text.len(), |(at, _)| at);
    let end = text.floor_char_boundary(lines.min(OUTPUT_BYTES));
    if end == text.len() { text.to_owned() } else { format!("{}\n…", text[..end].trim_end()) }
}

/// Text without the escapes that colour it on a terminal.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.find(|c: char| c.is_ascii_alphabetic()).map_or("", |end| &part[end + 1..]));
    }
    kept
}

/// Brings the heading path past a cell, and takes the first heading for a title where there is none.
fn enter(path: &mut Vec<(u8, String)>, content: &str, title: &mut Option<String>) {
    let mut open: Option<(u8, Vec<String>)> = None;
    for event in markdown::parser(content) {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { level, .. }), _) => open = Some((level as u8, Vec::new())),
            (Event::End(TagEnd::Heading(_)), _) => {
                let Some((level, parts)) = open.take() else { continue };
                let heading = heading_text(parts.iter().map(String::as_str));
                if !heading.is_empty() {
                    title.get_or_insert_with(|| heading.clone());
                    path.retain(|(above, _)| *above < level);
                    path.push((level, heading));
                }
            }
            (Event::Text(text) | Event::Code(text), Some((_, parts))) => parts.push(text.into_string()),
            (Event::SoftBreak | Event::HardBreak, Some((_, parts))) => parts.push(" ".to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn cells_of_format_4() {
        let cells = json!([
            {"cell_type": "markdown", "source": ["# Title *x*\n", "text ![a](attachment:a.png) end"]},
            {"cell_type": "code", "source": "", "outputs": []},
            {"cell_type": "code", "source": ["a = '```'\n", "# no heading"], "outputs": [
                {"output_type": "stream", "text": ["\u{1b}[31mred\u{1b}[0m\n"]},
                {"output_type": "display_data", "data": {"image/png": "QUJD", "text/plain": "<Figure>"}},
                {"output_type": "execute_result", "data": {"text/plain": ["1\n"]}},
                {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["long"]},
            ]},
            {"cell_type": "markdown", "source": "## 二"},
            {"cell_type": "raw", "source": "raw"},
        ]);
        let file = json!({"nbformat": 4, "metadata": {"language_info": {"name": "R"}, "authors": [{"name": "A"}]}, "cells": cells});
        let found = notebook(&file.to_string()).unwrap();
        let ends = found.sections.iter().skip(1).map(|s| s.start).chain([found.text.len()]);
        let shown: Vec<(u32, String, &str)> = found
            .sections
            .iter()
            .zip(ends)
            .map(|(s, end)| (s.place.number, s.headings.join("/"), found.text[s.start..end].trim_end()))
            .collect();
        assert_eq!(
            shown,
            [
                (1, String::new(), "# Title *x*\ntext ![a](attachment:a.png) end"),
                (3, "Title x".to_owned(), "````r\na = '```'\n# no heading\n````\n\n```output\nred\n1\nE: v\n```"),
                (4, "Title x".to_owned(), "## 二"),
                (5, "Title x/二".to_owned(), "```\nraw\n```"),
            ]
        );
        assert_eq!(found.title.as_deref(), Some("Title x"));
        assert_eq!(json!(found.metadata), json!({"author": "A", "code_language": "r"}));
    }

    #[test]
    fn cells_of_format_3() {
        let cells = json!([
            {"cell_type": "heading", "level": 2, "source": ["Old"]},
            {"cell_type": "code", "language": "python", "input": ["x\n", "y"], "outputs": [{"output_type": "pyout", "text": ["2"]}]},
        ]);
        let found = notebook(&json!({"nbformat": 3, "worksheets": [{"cells": cells}]}).to_string()).unwrap();
        assert_eq!(found.text, "## Old\n\n```python\nx\ny\n```\n\n```output\n2\n```");
        assert_eq!(found.sections[1].headings, ["Old"]);
    }

    #[test]
    fn long_output_is_cut() {
        let lines = "0123456789\n".repeat(500);
        let cell = json!({"cell_type": "code", "source": "x", "outputs": [{"output_type": "stream", "text": lines}]});
        let found = notebook(&json!({"cells": [cell]}).to_string()).unwrap();
        assert_eq!(found.text.matches("0123456789").count(), OUTPUT_LINES);
        assert!(found.text.ends_with("…\n```"));
        assert!(short(&"长".repeat(5000)).len() <= OUTPUT_BYTES + 4);
    }

    #[test]
    fn what_is_no_notebook() {
        for (text, reason) in [
            ("{\"cells\": [", "a damaged notebook (it breaks off at line 1)"),
            ("{]", "a damaged notebook (its JSON is invalid at line 1)"),
            ("{}", "no notebook"),
            ("{\"cells\": []}", "empty"),
            ("{\"cells\": [1, {\"cell_type\": 5, \"source\": {}}]}", "empty"),
        ] {
            let error = notebook(text).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{text}: {error}");
        }
    }
}
