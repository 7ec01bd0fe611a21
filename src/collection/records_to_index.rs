//! Copies documents between the two parts of a collection: from the records into the published index, and back.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::{iter, mem};

use super::words;
use crate::document::{DocumentId, FileStamp, Metadata, StoredDocument, StoredPassage, Totals, parse_metadata};
use crate::error::{Error, Result};
use crate::index::{Changes, FoundDocument, GenerationBuilder, Publisher, Record, Shape, Snapshot};
use crate::records::{self, Settings, Store, VectorPrecision};

/// The problem of a generation whose settings are not those of a collection.
pub(super) const SETTINGS_UNREADABLE: &str = "its settings cannot be read";

/// The bytes of texts and vectors in one segment when everything is published anew.
const PART_BYTES: usize = 64 << 20;

/// Returns the shape that all vectors of a collection have.
pub(super) fn shape(settings: &Settings) -> Result<Shape> {
    let too_many =
        |_| Error::InvalidOptions { problem: format!("vectors of {} numbers are too long", settings.dimension) };
    let dimension = u32::try_from(settings.dimension).map_err(too_many)?;
    Ok(Shape { dimension, half: settings.precision == VectorPrecision::F16 })
}

/// Returns the settings in the form in which they are published.
pub(super) fn settings_json(settings: &Settings) -> Result<String> {
    serde_json::to_string(settings)
        .map_err(|e| Error::InvalidOptions { problem: format!("the settings cannot be written as JSON: {e}") })
}

/// Documents that a commit has just stored, by number. Vectors that a document kept from before are `None`.
pub(super) type JustStored = HashMap<u64, StoredDocument<Option<Vec<u8>>>>;

/// Publishes the changes that the records have and the published generation lacks. Takes a document from `just_stored` if
/// that is its last change; reads all others from the records. Leaves out unfinished documents: if an older version is
/// published, it stays.
///
/// # Errors
/// [`Error::Io`]: the previous generation stays; [`Error::RecordsDamaged`], [`Error::IndexDamaged`].
pub(super) fn publish_changes(store: &Store, publisher: &Publisher, mut just_stored: JustStored) -> Result<u64> {
    let snapshot = publisher.snapshot();
    let (before, settings) = (snapshot.totals(), settings_json(&store.settings())?);
    let Totals { documents, passages, .. } = before;
    let mut totals = Totals { documents, passages, ..store.totals() };
    if before == totals && snapshot.settings() == settings {
        return Ok(snapshot.generation());
    }
    let (mut put, mut removed) = (Vec::new(), Vec::new());
    for change in store.changes_since(before.sequence, usize::MAX)? {
        if let Some(old) = snapshot.find_number(change.document)? {
            totals.documents = totals.documents.saturating_sub(1);
            totals.passages = totals.passages.saturating_sub(snapshot.document(old)?.passages() as u64);
        }
        if change.removed {
            removed.push(change.document);
            continue;
        }
        let document = match just_stored.remove(&change.document) {
            Some(document) if document.sequence == change.sequence => with_kept_vectors(store, document)?,
            _ => store.document(&change.id)?.ok_or_else(|| missing_error(store, "the whole", &change.id))?,
        };
        totals.documents += 1;
        totals.passages += document.passages.len() as u64;
        put.push(document);
    }
    let changes = Changes { totals, settings, put, removed };
    Ok(publisher.publish(changes)?.generation())
}

/// Fills in the vectors that the document kept, from the records.
fn with_kept_vectors(store: &Store, document: StoredDocument<Option<Vec<u8>>>) -> Result<StoredDocument> {
    let name = document.id.clone();
    document.map_vectors(|passage, vector| match vector {
        Some(new) => Ok(new),
        None => store.kept_vector(passage)?.ok_or_else(|| missing_error(store, "a vector", &name)),
    })
}

/// Publishes everything in the records except unfinished documents, and replaces the published index.
///
/// # Errors
/// The errors of [`publish_changes`].
pub(super) fn rebuild_index(store: &Store, directory: &Path) -> Result<Publisher> {
    rebuild_index_with(store, directory, &mut |_, _| Ok(()))
}

/// [`rebuild_index`], which calls `step` after each document with the number of documents done and in all.
///
/// # Errors
/// The errors of [`publish_changes`] and of `step`.
pub(super) fn rebuild_index_with(
    store: &Store,
    directory: &Path,
    step: &mut dyn FnMut(u64, u64) -> Result<()>,
) -> Result<Publisher> {
    let (mut done, total) = (0, store.counts().documents);
    let settings = store.settings();
    let generation = store.head().map_or(0, |head| head.generation).max(Snapshot::generation_at(directory)?);
    let sidecar = words::sidecar(&settings, store.collection())?;
    let mut builder = GenerationBuilder::begin(directory, shape(&settings)?, sidecar)?;
    let (mut part, mut bytes) = (Vec::new(), 0);
    let mut totals = Totals { documents: 0, passages: 0, ..store.totals() };
    store.for_each_document(&mut |document| {
        if !records::is_unfinished(&document.content_hash, document.stamp) {
            totals.documents += 1;
            totals.passages += document.passages.len() as u64;
            bytes += document.text.len() + document.passages.iter().map(|p| p.vector.len()).sum::<usize>();
            part.push(document);
        }
        if bytes > PART_BYTES {
            builder.part(&part)?;
            (part, bytes) = (Vec::new(), 0);
        }
        done += 1;
        step(done, total)
    })?;
    builder.part(&part)?;
    builder.finish(totals, settings_json(&settings)?, generation.saturating_add(1))
}

fn missing_error(store: &Store, what: &str, id: &DocumentId) -> Error {
    Error::records_damaged(store.collection(), format!("{what} of {id} is missing"))
}

/// Returns the differences between the records and the published generation. Of an unfinished document nothing is compared:
/// the published generation may have an older version of it.
///
/// # Errors
/// [`Error::RecordsDamaged`], [`Error::IndexDamaged`], [`Error::Io`].
pub(super) fn differences(store: &Store, snapshot: &Snapshot) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let numbers = |totals: Totals| Totals { documents: 0, passages: 0, ..totals };
    if numbers(snapshot.totals()) != numbers(store.totals()) {
        findings.push("the published generation and the records end at different changes".to_owned());
    }
    let mut unfinished = HashSet::new();
    store.for_each_stamp(&mut |document| {
        if document.is_unfinished() {
            unfinished.insert(document.number);
        }
        Ok(())
    })?;
    let mut whole = 0;
    for place in snapshot.places()? {
        let found = snapshot.document(place)?;
        if unfinished.contains(&found.number()) {
            continue;
        }
        whole += 1;
        let id = found.record()?.id;
        let is_same = match store.document(&id)? {
            Some(stored) => {
                let published = published_document(&found, stored.stamp)?;
                comparable(stored) == comparable(published)
            }
            None => false,
        };
        if !is_same {
            findings.push(format!("{id} in the published index differs from the records"));
        }
    }
    snapshot.check_intact()?;
    let stored = store.counts().documents.saturating_sub(unfinished.len() as u64);
    if whole < stored {
        findings.push(format!("the records have {stored} documents, the published index has {whole} of them"));
    }
    Ok(findings)
}

/// Splits a document into itself without metadata, and its metadata and its passages' metadata as values. The order of
/// names within a JSON object differs between versions and with the features of `serde_json`, so the texts cannot be compared.
fn comparable(mut document: StoredDocument) -> (StoredDocument, Vec<Result<Metadata, String>>) {
    let StoredDocument { id, metadata, passages, .. } = &mut document;
    let of_passages = passages.iter_mut().map(|passage| &mut passage.context.metadata);
    let values = iter::once(metadata).chain(of_passages).map(|json| {
        let json = mem::take(json);
        // Text that is not metadata is compared as it is.
        parse_metadata(id, &json).map_err(|_| json)
    });
    let values = values.collect();
    (document, values)
}

/// Reads a document from the published index, but with this stamp: a stamp may change without being published.
fn published_document(found: &FoundDocument<'_>, stamp: Option<FileStamp>) -> Result<StoredDocument> {
    let passages = (0..found.passages() as u32).map(|ordinal| {
        let passage = found.passage(ordinal)?;
        let (id, span, hash) = (passage.id(), passage.span(), passage.hash());
        Ok(StoredPassage { id, span, hash, context: passage.context, vector: passage.vector.to_vec() })
    });
    let passages = passages.collect::<Result<_>>()?;
    let Record { id, syntax, metadata, content_hash, stamp: _ } = found.record()?;
    let (number, sequence, text) = (found.number(), found.sequence(), found.text()?);
    Ok(StoredDocument { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages })
}

/// Restores lost changes in the records from the published index: missing rows come back, with their old numbers.
///
/// # Errors
/// [`Error::IndexDamaged`]: the rows restored before it stay; [`Error::Io`].
pub(super) fn restore_records(store: &mut Store, snapshot: &Snapshot) -> Result<()> {
    let mut published = HashSet::new();
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        published.insert(document.number());
        let number_and_sequence = (document.number(), document.sequence());
        // Check all documents: records that lost their last changes may have lost other rows as well.
        let record = document.record()?;
        if store.number_and_sequence(&record.id)? != Some(number_and_sequence) {
            let document = published_document(&document, record.stamp)?;
            snapshot.check_intact()?;
            store.restore(&document)?;
        }
    }
    // Before documents are removed from the records: a document that could not be read is not gone.
    snapshot.check_intact()?;
    let gone = store.ids_without_numbers(&published)?;
    store.end_restoring(snapshot.totals(), &gone)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::document::{Context, Span, Syntax};
    use crate::records::{PassageVector, SplitDocument, SplitPassage};

    /// Metadata as written by versions that kept the order of names within an object.
    const OLD_METADATA: &str = r#"{"about":{"z":1,"a":[{"y":0.1,"b":null}]},"n":1}"#;

    /// Compares one document in the records with a published copy that has this metadata and this passage metadata.
    fn compare_metadata(published: &str, of_passage: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), Settings::of_dimension(2)).unwrap();
        let passage = SplitPassage {
            span: Span { bytes: 0..4, lines: 1..2 },
            context: Context { metadata: OLD_METADATA.to_owned(), ..Context::default() },
            hash: [1; 16],
            vector: PassageVector::New(vec![1.0, 0.0]),
        };
        let id = DocumentId::new("d").unwrap();
        let metadata = serde_json::from_str(OLD_METADATA).unwrap();
        let (text, passages) = ("text".to_owned(), vec![passage]);
        let (syntax, stamp, content_hash) = (Syntax::Plain, None, [2; 32]);
        let new = SplitDocument { id: id.clone(), text, syntax, metadata, stamp, content_hash, passages };
        store.put(&new).unwrap();
        let mut document = store.document(&id).unwrap().unwrap();
        assert_ne!(document.metadata, OLD_METADATA, "this version sorts them");
        published.clone_into(&mut document.metadata);
        of_passage.clone_into(&mut document.passages[0].context.metadata);
        let settings = store.settings();
        let sidecar = words::sidecar(&settings, folder.path()).unwrap();
        let mut making =
            GenerationBuilder::begin(&folder.path().join("index"), shape(&settings).unwrap(), sidecar).unwrap();
        making.part(&[document]).unwrap();
        let publisher = making.finish(store.totals(), settings_json(&settings).unwrap(), 1).unwrap();
        differences(&store, &publisher.snapshot()).unwrap()
    }

    #[test]
    fn metadata_order_of_names_is_not_a_difference() {
        assert_eq!(compare_metadata(OLD_METADATA, OLD_METADATA), [""; 0]);
        let sorted = r#"{"about":{"a":[{"b":null,"y":0.1}],"z":1},"n":1}"#;
        assert_eq!(compare_metadata(sorted, sorted), [""; 0]);
        for other in [OLD_METADATA.replace("0.1", "0.2"), OLD_METADATA.replace('z', "x"), String::new()] {
            for (document, passage) in [(&*other, OLD_METADATA), (OLD_METADATA, &*other)] {
                let found = compare_metadata(document, passage);
                assert!(
                    found.len() == 1 && found[0].starts_with("d in the published index differs"),
                    "{other}: {found:?}"
                );
            }
        }
    }
}
