//! Jupyter notebooks, formats 3 and 4: one section for each cell, as Markdown.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | turns cells into sections |
//! | `output.rs` | the outputs of a cell |
//! | `tests.rs` | the tests of both |

mod output;

use pulldown_cmark::{Event, Tag, TagEnd};
use serde_json::Value;

use super::charset::Encoding;
use super::{Extracted, Section, heading_text, markdown};
use crate::error::{Error, Result};
use crate::types::{Metadata, Place, PlaceKind, Syntax};
use output::Unread;

/// A report lists at most this many names.
const MAX_LISTED_NAMES: usize = 3;

/// Reads the cells of a notebook.
///
/// # Errors
/// Returns the reason: not a notebook, damaged, or empty.
pub(super) fn notebook(text: &str) -> Result<Extracted> {
    let damaged = |error: serde_json::Error| {
        let kind = if error.is_eof() { "it breaks off" } else { "its JSON is invalid" };
        Error::damaged("notebook", format_args!("{kind} at line {}; save it again or restore it", error.line()))
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
    let mut unread = Unread::default();
    let mut attached = Vec::new();
    for (number, cell) in (1..).zip(newer.unwrap_or_default().iter().chain(older)) {
        attached.extend(attachments(cell));
        let content = content(cell, language, &mut unread);
        if content.trim().is_empty() {
            continue;
        }
        if !found.text.is_empty() {
            found.text.push_str("\n\n");
        }
        found.sections.push(Section {
            start: found.text.len(),
            place: Place::new(PlaceKind::Cell, number),
            headings: headings_above(&path, &content),
            metadata: Metadata::new(),
        });
        found.text.push_str(content.trim_matches(['\n', '\r']));
        update_headings(&mut path, &content, &mut found.title);
    }
    found.losses = unread.losses();
    if !attached.is_empty() {
        found.losses.push(format!("files attached to cells are not read: {}", list_names(&attached)));
    }
    if found.sections.is_empty() { Err(Error::empty("empty")) } else { Ok(found) }
}

/// Returns the names of the files that a cell's text may show.
fn attachments(cell: &Value) -> Vec<&str> {
    let attached = cell.get("attachments").and_then(Value::as_object);
    attached.map(|files| files.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// Lists a few names, and the number of the others.
fn list_names(names: &[&str]) -> String {
    let listed: Vec<String> =
        names.iter().take(MAX_LISTED_NAMES).map(|name| name.chars().take(100).collect()).collect();
    match names.len().saturating_sub(MAX_LISTED_NAMES) {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}

/// Returns the headings above a cell, without those that a heading at its beginning ends.
fn headings_above(path: &[(u8, String)], content: &str) -> Vec<String> {
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

/// Returns the text of a cell, as Markdown.
fn content(cell: &Value, language: &str, unread: &mut Unread) -> String {
    let source = join_lines(cell.get("source").or_else(|| cell.get("input")));
    match cell.get("cell_type").and_then(Value::as_str) {
        Some("markdown" | "html") => source,
        Some("heading") => {
            let level = cell.get("level").and_then(Value::as_u64).unwrap_or(1).clamp(1, 6);
            format!("{} {}", "#".repeat(usize::try_from(level).unwrap_or(1)), heading_text([source.as_str()]))
        }
        Some("code") => {
            let language = cell.get("language").and_then(Value::as_str).unwrap_or(language);
            let code = fence(&source, &language.to_lowercase());
            let output = output::read_outputs(cell, unread);
            if output.is_empty() { code } else { format!("{code}\n\n{}", fence(&output, "output")) }
        }
        _ => fence(&source, ""),
    }
}

/// Joins a text, which notebooks store as a string or as its lines.
fn join_lines(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// Makes a code block whose fence is longer than any fence in it; empty code gives an empty text.
fn fence(code: &str, language: &str) -> String {
    let code = code.trim_matches(['\n', '\r']).trim_end();
    if code.trim().is_empty() {
        return String::new();
    }
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{code}\n{fence}")
}

/// Updates the heading path after a cell, and takes the first heading as the title if there is none.
fn update_headings(path: &mut Vec<(u8, String)>, content: &str, title: &mut Option<String>) {
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
mod tests;
