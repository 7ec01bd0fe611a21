//! The title and the names of a document, and its values for filters.

use serde_json::Value as Json;

use super::matching::{stated_language, with_own};
use crate::document::{Metadata, parse_metadata};
use crate::error::Result;
use crate::filter::{Fields, language};
use crate::index::Published;

/// The parts of a document that the lexical index stores besides its text.
pub(super) struct DocumentFields {
    pub(super) title: String,
    /// The names of the document besides its title and its path.
    pub(super) names: Vec<String>,
    pub(super) fields: Fields,
    /// For each passage with its own metadata: the fields of its document, overridden by its own.
    pub(super) of_passages: Vec<Option<Fields>>,
}

impl DocumentFields {
    pub(super) fn of(document: &Published) -> Result<Self> {
        let Published { id, stamp, .. } = document;
        let metadata = parse_metadata(id, &document.metadata)?;
        let language = stated_language(&metadata).or_else(|| language(&document.text));
        let fields = |metadata: &Metadata| Fields::of(id, metadata, stamp.as_ref(), document.text.len(), language);
        let of_passages = document.passages.iter().map(|passage| {
            let combined = with_own(&metadata, id, &passage.context.metadata)?;
            Ok(combined.map(|combined| fields(&combined)))
        });
        let of_passages = of_passages.collect::<Result<_>>()?;
        let title = title(id.as_str(), &metadata);
        let names = texts(&metadata, "aliases").into_iter().map(str::to_owned).collect();
        Ok(Self { title, names, fields: fields(&metadata), of_passages })
    }
}

/// The longest file extension, in bytes. A longer ending is part of the name.
const MAX_EXTENSION_BYTES: usize = 5;
/// The fields besides the title whose texts count as words of the title, and the most bytes of each.
const DESCRIBING: [&str; 8] =
    ["aliases", "tags", "categories", "category", "description", "summary", "keywords", "subtitle"];
const MAX_DESCRIBING_BYTES: usize = 300;
/// The most folders above a file whose names count.
const MAX_FOLDERS: usize = 2;

/// Returns the title of a document, and below it what else its title field has, each on a line: the name of its file without
/// extension, the words of that name, its folders, and the texts that describe it. An id that is not the name of a file is used as
/// the title if there is no other.
fn title(id: &str, metadata: &Metadata) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let (name, extension) = last.rsplit_once('.').unwrap_or((last, ""));
    let is_file = (1..=MAX_EXTENSION_BYTES).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic());
    let mut lines = match metadata.get("title").and_then(|title| title.as_str()) {
        Some(title) if is_file && !title.contains(name) => format!("{title}\n{name}"),
        Some(title) => title.to_owned(),
        None => name.to_owned(),
    };
    let mut add = |line: &str| {
        if !line.is_empty() {
            lines.push('\n');
            lines.push_str(line);
        }
    };
    if is_file {
        let spaced = with_spaces(name);
        add(if spaced == name { "" } else { &spaced });
        let folders: Vec<&str> = id.rsplit('/').skip(1).take(MAX_FOLDERS).collect();
        add(folders.into_iter().rev().collect::<Vec<_>>().join(" ").trim());
    }
    for name in DESCRIBING {
        let mut texts = texts(metadata, name).join(", ");
        texts.truncate(texts.floor_char_boundary(MAX_DESCRIBING_BYTES));
        add(&texts.replace('\n', " "));
    }
    lines
}

/// Returns a name with spaces between the words of camel case: `Library Loans` for `LibraryLoans`.
fn with_spaces(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut before: Option<char> = None;
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let ends_acronym =
            before.is_some_and(char::is_uppercase) && characters.peek().is_some_and(|c| c.is_lowercase());
        if c.is_uppercase() && (before.is_some_and(char::is_lowercase) || ends_acronym) {
            spaced.push(' ');
        }
        spaced.push(c);
        before = Some(c);
    }
    spaced
}

/// Returns the text of a field, or the texts of a list.
fn texts<'m>(metadata: &'m Metadata, name: &str) -> Vec<&'m str> {
    match metadata.get(name) {
        Some(Json::String(text)) => vec![text],
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn title_field_has_names_folders_and_descriptions() {
        for (id, metadata, wanted) in [
            ("a/b/notes/LibraryLoans.cs", json!({}), "LibraryLoans\nLibrary Loans\nb notes"),
            ("1on1 Maria.md", json!({"title": "Talk"}), "Talk\n1on1 Maria"),
            ("x/HTTPServer.rs", json!({"title": "HTTPServer"}), "HTTPServer\nHTTP Server\nx"),
            (
                "n.md",
                json!({"title": "n", "tags": ["sea", "boats"], "description": "One\ntwo", "draft": "no"}),
                "n\nsea, boats\nOne two",
            ),
            ("user 17", json!({"aliases": ["Ana"]}), "user 17\nAna"),
            ("/home/li/work/plan.md", json!({"title": 3}), "plan\nli work"),
        ] {
            let metadata = metadata.as_object().unwrap().clone().into_iter().collect();
            assert_eq!(title(id, &metadata), wanted, "{id}");
        }
        let long = json!({"description": "长".repeat(5000)}).as_object().unwrap().clone().into_iter().collect();
        assert_eq!(title("a.md", &long).len(), 2 + MAX_DESCRIBING_BYTES);
    }
}
