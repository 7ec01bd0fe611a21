//! What is known of a document beside its text: what it is called, what filters ask of it.

use super::matching::{said_language, with_own};
use crate::collection::published;
use crate::document::Metadata;
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
        let record = &document.record;
        let metadata = published::metadata(record)?;
        let language = said_language(&metadata).or_else(|| language(&document.text));
        let fields = |metadata: &Metadata| {
            Fields::of(&record.id, metadata, record.stamp.as_ref(), document.text.len(), language)
        };
        let of_passages = document.passages.iter().map(|passage| {
            let all = with_own(&metadata, &record.id, &passage.context.metadata)?;
            Ok(all.map(|all| fields(&all)))
        });
        let of_passages = of_passages.collect::<Result<_>>()?;
        let title = title(record.id.as_str(), record.stamp.is_some(), &metadata);
        Ok(Self { title, fields: fields(&metadata), of_passages })
    }
}

/// What a document is called: its `title`, and the name of its file without folders and extension. A document without a file has the
/// one or the other.
fn title(id: &str, is_file: bool, metadata: &Metadata) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let name = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    match metadata.get("title").and_then(|title| title.as_str()) {
        Some(title) if is_file && !title.contains(name) => format!("{title}\n{name}"),
        Some(title) => title.to_owned(),
        None => name.to_owned(),
    }
}
