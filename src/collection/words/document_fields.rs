//! The title of a document, and its values for filters.

use super::matching::{stated_language, with_own};
use crate::document::{Metadata, parse_metadata};
use crate::error::Result;
use crate::filter::{Fields, language};
use crate::index::Published;

/// The parts of a document that the lexical index stores besides its text.
pub(super) struct DocumentFields {
    pub(super) title: String,
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
        Ok(Self { title, fields: fields(&metadata), of_passages })
    }
}

/// The longest file extension, in bytes. A longer ending is part of the name.
const MAX_EXTENSION_BYTES: usize = 5;

/// Returns the title of a document: its `title`, and the name of its file without folders and extension. An id that is not
/// the name of a file is used as the title if there is no other.
fn title(id: &str, metadata: &Metadata) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let (name, extension) = last.rsplit_once('.').unwrap_or((last, ""));
    let is_file = (1..=MAX_EXTENSION_BYTES).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic());
    match metadata.get("title").and_then(|title| title.as_str()) {
        Some(title) if is_file && !title.contains(name) => format!("{title}\n{name}"),
        Some(title) => title.to_owned(),
        None => name.to_owned(),
    }
}
