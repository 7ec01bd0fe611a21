//! What is known of a document beside its text: what it is called, what filters ask of it.

use super::matching::{said_language, with_own};
use crate::document::{Metadata, parse_metadata};
use crate::error::Result;
use crate::filter::{Fields, language};
use crate::index::Published;

/// What is known of a document beside its text.
pub(super) struct Known {
    pub(super) title: String,
    pub(super) fields: Fields,
    /// Of each passage that has metadata of its own: those of its document, and over them its own.
    pub(super) of_passages: Vec<Option<Fields>>,
}

impl Known {
    pub(super) fn of(document: &Published) -> Result<Self> {
        let Published { id, stamp, .. } = document;
        let metadata = parse_metadata(id, &document.metadata)?;
        let language = said_language(&metadata).or_else(|| language(&document.text));
        let fields = |metadata: &Metadata| Fields::of(id, metadata, stamp.as_ref(), document.text.len(), language);
        let of_passages = document.passages.iter().map(|passage| {
            let all = with_own(&metadata, id, &passage.context.metadata)?;
            Ok(all.map(|all| fields(&all)))
        });
        let of_passages = of_passages.collect::<Result<_>>()?;
        let title = title(id.as_str(), &metadata);
        Ok(Self { title, fields: fields(&metadata), of_passages })
    }
}

/// The longest ending that tells a file from another name, in bytes.
const LONGEST_EXTENSION: usize = 5;

/// What a document is called: its `title`, and the name of its file without folders and extension. An id that is no name of a file
/// counts where there is no title.
fn title(id: &str, metadata: &Metadata) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let (name, extension) = last.rsplit_once('.').unwrap_or((last, ""));
    let is_file = (1..=LONGEST_EXTENSION).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic());
    match metadata.get("title").and_then(|title| title.as_str()) {
        Some(title) if is_file && !title.contains(name) => format!("{title}\n{name}"),
        Some(title) => title.to_owned(),
        None => name.to_owned(),
    }
}
