//! Between the two copies of a collection: documents from the records into the published generation, and back.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::{iter, mem};

use super::words;
use crate::document::{DocumentId, FileStamp, Metadata, StoredDocument, StoredPassage, parse_metadata};
use crate::error::{Error, Result};
use crate::index::{Changes, FoundDocument, GenerationBuilder, Publisher, Record, Shape, Snapshot};
use crate::records::{Settings, Store, VectorPrecision};

pub(super) const SETTINGS_UNREADABLE: &str = "its settings cannot be read";

/// Bytes of texts and vectors that go into one segment when everything is published anew.
const PART_BYTES: usize = 64 << 20;

/// What the vectors of a collection have in common.
pub(super) fn shape(settings: &Settings) -> Result<Shape> {
    let too_many =
        |_| Error::InvalidOptions { problem: format!("vectors of {} numbers are too long", settings.dimension) };
    let dimension = u32::try_from(settings.dimension).map_err(too_many)?;
    Ok(Shape { dimension, half: settings.precision == VectorPrecision::F16 })
}

/// The settings as they are published.
pub(super) fn settings_json(settings: &Settings) -> Result<String> {
    serde_json::to_string(settings)
        .map_err(|e| Error::InvalidOptions { problem: format!("the settings are no JSON: {e}") })
}

/// Documents that a commit has just stored. The vectors of passages that it kept are not among them.
pub(super) type JustStored = HashMap<u64, StoredDocument<Option<Vec<u8>>>>;

/// Publishes what the records have and the published generation has not. Documents that were just stored are taken from
/// memory, as far as that is their last change; all others are read from the records.
///
/// # Errors
/// [`Error::Io`]: the generation before stays; [`Error::RecordsDamaged`], [`Error::IndexDamaged`].
pub(super) fn publish_changes(store: &Store, publisher: &Publisher, mut just_stored: JustStored) -> Result<u64> {
    let snapshot = publisher.snapshot();
    let (totals, settings) = (store.totals(), settings_json(&store.settings())?);
    if snapshot.totals() == totals && snapshot.settings() == settings {
        return Ok(snapshot.generation());
    }
    let (mut put, mut removed) = (Vec::new(), Vec::new());
    for change in store.changes_since(snapshot.totals().sequence, usize::MAX)? {
        if change.removed {
            removed.push(change.document);
            continue;
        }
        put.push(match just_stored.remove(&change.document) {
            Some(document) if document.sequence == change.sequence => with_kept_vectors(store, document)?,
            _ => store.document(&change.id)?.ok_or_else(|| missing(store, "the whole", &change.id))?,
        });
    }
    let changes = Changes { totals, settings, put, removed };
    Ok(publisher.publish(changes)?.generation())
}

/// The document with the vectors that were kept, from the records.
fn with_kept_vectors(store: &Store, document: StoredDocument<Option<Vec<u8>>>) -> Result<StoredDocument> {
    let StoredDocument { number, sequence, id: name, text, syntax, metadata, stamp, content_hash, passages } = document;
    let passages = passages.into_iter().map(|StoredPassage { id, span, context, hash, vector }| {
        let vector = match vector {
            Some(new) => new,
            None => store.kept_vector(id)?.ok_or_else(|| missing(store, "a vector", &name))?,
        };
        Ok(StoredPassage { id, span, context, hash, vector })
    });
    let passages = passages.collect::<Result<_>>()?;
    Ok(StoredDocument { number, sequence, id: name, text, syntax, metadata, stamp, content_hash, passages })
}

/// Publishes everything that the records hold, in the place of whatever is published.
///
/// # Errors
/// As [`publish_changes`].
pub(super) fn rebuild_index(store: &Store, directory: &Path) -> Result<Publisher> {
    rebuild_index_with(store, directory, &mut |_, _| Ok(()))
}

/// The same. `step` is called after each document, with how many there were and how many there are.
///
/// # Errors
/// As [`publish_changes`], and what `step` says.
pub(super) fn rebuild_index_with(
    store: &Store,
    directory: &Path,
    step: &mut dyn FnMut(u64, u64) -> Result<()>,
) -> Result<Publisher> {
    let (mut number, total) = (0, store.counts().documents);
    let settings = store.settings();
    let generation = store.head().map_or(0, |head| head.generation).max(Snapshot::generation_at(directory)?);
    let sidecar = words::sidecar(&settings, store.collection())?;
    let mut making = GenerationBuilder::begin(directory, shape(&settings)?, sidecar)?;
    let (mut part, mut bytes) = (Vec::new(), 0);
    store.for_each_document(&mut |document| {
        bytes += document.text.len() + document.passages.iter().map(|p| p.vector.len()).sum::<usize>();
        part.push(document);
        if bytes > PART_BYTES {
            making.part(&part)?;
            (part, bytes) = (Vec::new(), 0);
        }
        number += 1;
        step(number, total)
    })?;
    making.part(&part)?;
    making.finish(store.totals(), settings_json(&settings)?, generation.saturating_add(1))
}

fn missing(store: &Store, what: &str, id: &DocumentId) -> Error {
    Error::records_damaged(store.collection(), format!("{what} of {id} is missing"))
}

/// What the records and the published generation do not have in common.
///
/// # Errors
/// [`Error::RecordsDamaged`], [`Error::IndexDamaged`], [`Error::Io`].
pub(super) fn differences(store: &Store, snapshot: &Snapshot) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    if snapshot.totals() != store.totals() {
        findings.push("the published generation is not of the same change as the records".to_owned());
    }
    for place in snapshot.places()? {
        let found = snapshot.document(place)?;
        let id = found.record()?.id;
        let same = match store.document(&id)? {
            Some(ours) => {
                let theirs = published_document(&found, ours.stamp)?;
                comparable(ours) == comparable(theirs)
            }
            None => false,
        };
        if !same {
            findings.push(format!("{id} in the published index differs from the records"));
        }
    }
    snapshot.check_intact()?;
    Ok(findings)
}

/// A document without its metadata, and that, then its passages', as values: versions, and applications that share
/// `serde_json` with other features, write the names within an object in other orders, and each leaves what is written.
fn comparable(mut document: StoredDocument) -> (StoredDocument, Vec<Result<Metadata, String>>) {
    let StoredDocument { id, metadata, passages, .. } = &mut document;
    let of_passages = passages.iter_mut().map(|passage| &mut passage.context.metadata);
    let values = iter::once(metadata).chain(of_passages).map(|json| {
        let json = mem::take(json);
        // What is no metadata is compared as it is.
        parse_metadata(id, &json).map_err(|_| json)
    });
    let values = values.collect();
    (document, values)
}

/// A document as it is published, but with this stamp: a stamp may change without being published.
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

/// Brings records that lost changes to what is published: rows that are missing come back, with the numbers they had.
///
/// # Errors
/// [`Error::IndexDamaged`]: what was restored before it stays; [`Error::Io`].
pub(super) fn restore_records(store: &mut Store, snapshot: &Snapshot) -> Result<()> {
    let mut living = HashSet::new();
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        living.insert(document.number());
        let wanted = (document.number(), document.sequence());
        // Not only what changed last: what lost its tail may have lost other rows as well.
        let record = document.record()?;
        if store.number_and_sequence(&record.id)? != Some(wanted) {
            let document = published_document(&document, record.stamp)?;
            snapshot.check_intact()?;
            store.restore(&document)?;
        }
    }
    // What was not read is not gone.
    snapshot.check_intact()?;
    let gone = store.ids_without_numbers(&living)?;
    store.end_restoring(snapshot.totals(), &gone)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::document::{Context, Span, Syntax};
    use crate::records::{PassageVector, SplitDocument, SplitPassage};

    /// Metadata as versions wrote it that kept the order of names within an object.
    const OLD: &str = r#"{"about":{"z":1,"a":[{"y":0.1,"b":null}]},"n":1}"#;

    /// One document of metadata in the records, and how the old version published it, with this of its passage.
    fn differing(published: &str, of_passage: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), Settings::of_dimension(2)).unwrap();
        let passage = SplitPassage {
            span: Span { bytes: 0..4, lines: 1..2 },
            context: Context { metadata: OLD.to_owned(), ..Context::default() },
            hash: [1; 16],
            vector: PassageVector::New(vec![1.0, 0.0]),
        };
        let id = DocumentId::new("d").unwrap();
        let metadata = serde_json::from_str(OLD).unwrap();
        let (text, passages) = ("text".to_owned(), vec![passage]);
        let (syntax, stamp, content_hash) = (Syntax::Plain, None, [2; 32]);
        let new = SplitDocument { id: id.clone(), text, syntax, metadata, stamp, content_hash, passages };
        store.put(&new).unwrap();
        let mut document = store.document(&id).unwrap().unwrap();
        assert_ne!(document.metadata, OLD, "this version sorts them");
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
    fn the_order_of_names_within_metadata_is_no_difference() {
        assert_eq!(differing(OLD, OLD), [""; 0]);
        let sorted = r#"{"about":{"a":[{"b":null,"y":0.1}],"z":1},"n":1}"#;
        assert_eq!(differing(sorted, sorted), [""; 0]);
        for other in [OLD.replace("0.1", "0.2"), OLD.replace('z', "x"), String::new()] {
            for (document, passage) in [(&*other, OLD), (OLD, &*other)] {
                let found = differing(document, passage);
                assert!(
                    found.len() == 1 && found[0].starts_with("d in the published index differs"),
                    "{other}: {found:?}"
                );
            }
        }
    }
}
