//! Filters without columns: reads the documents one after the other.

use crate::document::{DocumentId, Metadata, parse_metadata};
use crate::error::Result;
use crate::filter::{Fields, Filter, language};
use crate::index::{FoundDocument, RowId, Snapshot};

/// Returns the rows of each segment that match a filter. Reads the metadata of every document, and its text if the filter
/// needs the language.
///
/// # Errors
/// [`crate::Error::InvalidFilter`] for an invalid filter; [`crate::Error::IndexDamaged`].
pub(in crate::collection) fn matching(snapshot: &Snapshot, filter: &Filter) -> Result<Vec<Vec<u32>>> {
    filter.check()?;
    let mut rows = vec![Vec::new(); snapshot.sidecars().count()];
    each(snapshot, filter.asks_language(), &mut |row, fields| {
        if filter.matches(fields) {
            rows[row.segment].push(row.row);
        }
    })?;
    Ok(rows)
}

/// True if a document without passages matches a filter.
///
/// # Errors
/// [`crate::Error::IndexDamaged`].
pub(in crate::collection) fn matches_without_rows(document: &FoundDocument<'_>, filter: &Filter) -> Result<bool> {
    let record = document.record()?;
    let metadata = parse_metadata(&record.id, &record.metadata)?;
    let text = if filter.asks_language() { document.text()? } else { String::new() };
    let language = stated_language(&metadata).or_else(|| language(&text));
    let (stamp, len) = (record.stamp.as_ref(), document.text_len());
    Ok(filter.matches(&Fields::of(&record.id, &metadata, stamp, len, language)))
}

/// Calls `work` for every row that is not deleted, with the values for filters. Without `needs_language`, a language that
/// would have to be detected is left out, so that no text is read.
///
/// # Errors
/// [`crate::Error::IndexDamaged`].
pub(in crate::collection) fn each(
    snapshot: &Snapshot,
    needs_language: bool,
    work: &mut dyn FnMut(RowId, &Fields),
) -> Result<()> {
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        let record = document.record()?;
        let metadata = parse_metadata(&record.id, &record.metadata)?;
        let text = match stated_language(&metadata) {
            None if needs_language => document.text()?,
            _ => String::new(),
        };
        let language = stated_language(&metadata).or_else(|| language(&text));
        let fields = |metadata: &Metadata| {
            Fields::of(&record.id, metadata, record.stamp.as_ref(), document.text_len(), language)
        };
        let document_fields = fields(&metadata);
        for (ordinal, row) in (0..).zip(document.rows()) {
            let own = document.passage(ordinal)?.context.metadata.clone();
            let row = RowId { segment: place.segment, row };
            match with_own(&metadata, &record.id, &own)? {
                Some(combined) => work(row, &fields(&combined)),
                None => work(row, &document_fields),
            }
        }
    }
    Ok(())
}

/// Returns the language in a document's metadata. It takes precedence over the detected one.
pub(super) fn stated_language(metadata: &Metadata) -> Option<&str> {
    let text_of = |name: &str| metadata.get(name).and_then(|value| value.as_str());
    text_of("lang").or_else(|| text_of("language"))
}

/// Returns the metadata of a document, overridden by those of one of its passages; `None` if the passage has none of its own.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] for text that is not metadata.
pub(super) fn with_own(metadata: &Metadata, id: &DocumentId, own: &str) -> Result<Option<Metadata>> {
    let own = parse_metadata(id, own)?;
    Ok((!own.is_empty()).then(|| {
        let mut combined = metadata.clone();
        combined.extend(own);
        combined
    }))
}
