//! Between the two copies of a collection: documents from the records into the published generation, and back.

use std::collections::HashSet;
use std::path::Path;
use std::{iter, mem};

use super::words;
use crate::document::{DocumentId, FileStamp, Metadata, metadata_json};
use crate::error::{Error, Result};
use crate::index::{
    Changes, FoundDocument, GenerationBuilder, Published, PublishedPassage, Publisher, Record, Shape, Snapshot,
};
use crate::records::{Restored, RestoredPassage, Settings, Store, StoredDocument, VectorPrecision};

pub(super) const SETTINGS_UNREADABLE: &str = "its settings cannot be read";

/// Bytes of texts and vectors that go into one segment when everything is published anew.
const PART_BYTES: usize = 64 << 20;

/// What the vectors of a collection have in common.
pub(super) fn shape(settings: &Settings) -> Result<Shape> {
    let too_many = |_| Error::InvalidInput { problem: format!("vectors of {} numbers", settings.dimension) };
    let dimension = u32::try_from(settings.dimension).map_err(too_many)?;
    Ok(Shape { dimension, half: settings.precision == VectorPrecision::F16 })
}

/// The settings as they are published.
pub(super) fn settings_json(settings: &Settings) -> Result<String> {
    serde_json::to_string(settings).map_err(|e| Error::InvalidInput { problem: format!("settings: {e}") })
}

/// Publishes what the records have and the published generation has not.
///
/// # Errors
/// [`Error::Io`]: the generation before stays; [`Error::RecordsDamaged`], [`Error::IndexDamaged`].
pub(super) fn publish(store: &Store, publisher: &Publisher) -> Result<u64> {
    let snapshot = publisher.snapshot();
    let (totals, settings) = (store.totals(), settings_json(&store.settings())?);
    if snapshot.totals() == totals && snapshot.settings() == settings {
        return Ok(snapshot.generation());
    }
    let (mut put, mut removed) = (Vec::new(), Vec::new());
    for change in store.changes_since(snapshot.totals().sequence, usize::MAX)? {
        if change.removed {
            removed.push(change.document);
        } else {
            put.push(document(store, &change.id)?);
        }
    }
    let changes = Changes { totals, settings, put, removed };
    Ok(publisher.publish(changes)?.generation())
}

/// Publishes everything that the records hold, in the place of whatever is published.
///
/// # Errors
/// As [`publish`].
pub(super) fn make(store: &Store, directory: &Path) -> Result<Publisher> {
    let settings = store.settings();
    let generation = store.head().map_or(0, |head| head.generation).max(Snapshot::generation_at(directory)?);
    let sidecar = words::sidecar(&settings, store.collection())?;
    let mut making = GenerationBuilder::begin(directory, shape(&settings)?, sidecar)?;
    let (mut part, mut bytes) = (Vec::new(), 0);
    store.for_each_document(&mut |stored| {
        let document = whole(store, stored)?;
        bytes += document.text.len() + document.passages.iter().map(|p| p.vector.len()).sum::<usize>();
        part.push(document);
        if bytes > PART_BYTES {
            making.part(&part)?;
            (part, bytes) = (Vec::new(), 0);
        }
        Ok(())
    })?;
    making.part(&part)?;
    making.finish(store.totals(), settings_json(&settings)?, generation.saturating_add(1))
}

/// One document of the records, whole.
fn document(store: &Store, id: &DocumentId) -> Result<Published> {
    let stored = store.document(id)?.ok_or_else(|| missing(store, "the whole", id))?;
    whole(store, stored)
}

fn whole(store: &Store, stored: StoredDocument) -> Result<Published> {
    let text = store.whole_text(stored.number)?;
    let StoredDocument { number, id: name, syntax, metadata, stamp, content_hash, sequence, passages, .. } = stored;
    let passages = passages.into_iter().map(|passage| {
        let vector = store.kept_vector(passage.id)?.ok_or_else(|| missing(store, "a vector", &name))?;
        let (id, span, context, hash) = (passage.id, passage.span, passage.context, passage.hash);
        Ok(PublishedPassage { id, span, context, hash, vector })
    });
    let passages = passages.collect::<Result<_>>()?;
    let record = Record { id: name, syntax, metadata: metadata_json(&metadata), stamp, content_hash };
    Ok(Published { number, sequence, record, text, passages })
}

fn missing(store: &Store, what: &str, id: &DocumentId) -> Error {
    let problem = format!("{what} of {id} is missing; run `nigh verify`");
    Error::RecordsDamaged { path: store.collection().to_path_buf(), problem }
}

/// What the records and the published generation do not have in common.
///
/// # Errors
/// [`Error::RecordsDamaged`], [`Error::IndexDamaged`], [`Error::Io`].
pub(super) fn differences(store: &Store, snapshot: &Snapshot) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    if snapshot.totals() != store.totals() {
        findings
            .push("the published generation is not of the same change as the records; run `nigh rebuild`".to_owned());
    }
    for place in snapshot.places()? {
        let found = snapshot.document(place)?;
        let id = found.record()?.id;
        let same = match store.document(&id)? {
            Some(stored) => {
                let [ours, theirs] = [document(store, &id)?, published(&found, stored.stamp)?].map(comparable);
                stored.number == found.number() && ours == theirs
            }
            None => false,
        };
        if !same {
            findings.push(format!("{id} is published otherwise than the records have it; run `nigh rebuild`"));
        }
    }
    snapshot.check_intact()?;
    Ok(findings)
}

/// A document without its metadata, and that, then its passages', as values: versions, and applications that share
/// `serde_json` with other features, write the names within an object in other orders, and each leaves what is written.
fn comparable(mut document: Published) -> (Published, Vec<Result<Metadata, String>>) {
    let Published { record: Record { id, metadata, .. }, passages, .. } = &mut document;
    let of_passages = passages.iter_mut().map(|passage| &mut passage.context.metadata);
    let values = iter::once(metadata).chain(of_passages).map(|json| {
        let json = mem::take(json);
        // What is no metadata is compared as it is.
        parsed(id, &json).map_err(|_| json)
    });
    let values = values.collect();
    (document, values)
}

/// A document as it is published, but for its stamp: that may change without being published.
fn published(found: &FoundDocument<'_>, stamp: Option<FileStamp>) -> Result<Published> {
    let passages = (0..found.passages() as u32).map(|ordinal| {
        let passage = found.passage(ordinal)?;
        let (id, span, hash) = (passage.id(), passage.span(), passage.hash());
        Ok(PublishedPassage { id, span, hash, context: passage.context, vector: passage.vector.to_vec() })
    });
    Ok(Published {
        number: found.number(),
        sequence: found.sequence(),
        passages: passages.collect::<Result<_>>()?,
        text: found.text()?,
        record: Record { stamp, ..found.record()? },
    })
}

/// A document's metadata as it was published.
pub(super) fn metadata(record: &Record) -> Result<Metadata> {
    parsed(&record.id, &record.metadata)
}

/// The metadata of a document, or of a passage of it, as stored: a JSON object, or nothing.
pub(super) fn parsed(id: &DocumentId, json: &str) -> Result<Metadata> {
    if json.is_empty() {
        return Ok(Metadata::new());
    }
    let problem = |error| format!("the metadata of {id}: {error}");
    serde_json::from_str(json).map_err(|error| Error::InvalidDocument { id: id.to_string(), problem: problem(error) })
}

/// Brings records that lost changes to what is published: rows that are missing come back, with the numbers they had.
///
/// # Errors
/// [`Error::IndexDamaged`]: what was restored before it stays; [`Error::Io`].
pub(super) fn restore(store: &mut Store, snapshot: &Snapshot) -> Result<()> {
    let mut living = HashSet::new();
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        living.insert(document.number());
        let wanted = (document.number(), document.sequence());
        // Not only what changed last: what lost its tail may have lost other rows as well.
        let stored = store.document(&document.record()?.id)?;
        if stored.is_none_or(|stored| (stored.number, stored.sequence) != wanted) {
            let restored = restored(&document)?;
            snapshot.check_intact()?;
            store.restore(restored)?;
        }
    }
    // What was not read is not gone.
    snapshot.check_intact()?;
    let gone = store.not_among(&living)?;
    store.end_restoring(snapshot.totals(), &gone)
}

fn restored(document: &FoundDocument<'_>) -> Result<Restored> {
    let stamp = document.record()?.stamp;
    let Published { number, sequence, record, text, passages } = published(document, stamp)?;
    let metadata = metadata(&record)?;
    let passages = passages.into_iter().map(|passage| {
        let PublishedPassage { id, span, context, hash, vector } = passage;
        RestoredPassage { id, span, context, hash, vector }
    });
    let Record { id, syntax, stamp, content_hash, .. } = record;
    let passages = passages.collect();
    Ok(Restored { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::document::{Context, Span, Syntax};
    use crate::records::{NewDocument, NewPassage, PassageVector};

    /// Metadata as versions wrote it that kept the order of names within an object.
    const OLD: &str = r#"{"about":{"z":1,"a":[{"y":0.1,"b":null}]},"n":1}"#;

    /// One document of metadata in the records, and how the old version published it, with this of its passage.
    fn differing(published: &str, of_passage: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), Settings::of_dimension(2)).unwrap();
        let passage = NewPassage {
            span: Span { bytes: 0..4, lines: 1..2 },
            context: Context { metadata: OLD.to_owned(), ..Context::default() },
            hash: [1; 16],
            vector: PassageVector::New(vec![1.0, 0.0]),
        };
        let id = DocumentId::new("d").unwrap();
        let metadata = serde_json::from_str(OLD).unwrap();
        let (text, passages) = ("text".to_owned(), vec![passage]);
        let (syntax, stamp, content_hash) = (Syntax::Plain, None, [2; 32]);
        let new = NewDocument { id: id.clone(), text, syntax, metadata, stamp, content_hash, passages };
        store.put(&new).unwrap();
        let mut document = document(&store, &id).unwrap();
        assert_ne!(document.record.metadata, OLD, "this version sorts them");
        published.clone_into(&mut document.record.metadata);
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
                assert!(found.len() == 1 && found[0].starts_with("d is published otherwise"), "{other}: {found:?}");
            }
        }
    }
}
