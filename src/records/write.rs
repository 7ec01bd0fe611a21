//! Stores, removes and restamps documents: each in one atomic batch.

use std::collections::BTreeSet;

use crate::document::{DocumentId, FileStamp, Metadata, PassageId, Span, metadata_json};
use crate::error::{Error, Result};

use super::codec::{self, ChangeRecord, Counters, NameRecord};
use super::keys;
use super::rows::{DocumentRows, PassageRow, Writes};
use super::settings::Settings;
use super::store::{Store, put_counters};
use super::tree::Batch;
use super::types::{PassageVector, PutOutcome, RemoveOutcome, SplitDocument, SplitPassage};
use super::vector;

/// The stored version of a document that a write replaces.
pub(super) struct OldVersion {
    pub(super) name: NameRecord,
    pub(super) sequence: u64,
    pub(super) passages: BTreeSet<u64>,
}

/// A passage's id, and its vector's bytes if it is new.
type AssignedPassage = (PassageId, Option<Vec<u8>>);

/// The part of a document that is stored.
#[derive(Clone, Copy)]
enum PutExtent {
    Whole,
    /// Only the passages that have vectors.
    EncodedPart,
}

impl Store {
    /// Stores a document. It replaces a stored document with the same id and takes over its number; new passages get new ids.
    /// Durable after the next [`Store::flush`].
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a passage without a vector, a vector that is not finite or of another dimension, a
    /// kept passage that is not there, a span outside the text, or metadata that would not read back; [`Error::Io`],
    /// [`Error::RecordsDamaged`].
    pub fn put(&self, document: &SplitDocument) -> Result<PutOutcome> {
        self.put_passages(document, PutExtent::Whole)
    }

    /// Stores a document with the passages that have vectors so far, and marks it as unfinished: its stamp and content hash
    /// match no file, so that the next run continues it. It replaces the rows of an older version here; the published version
    /// stays until the document is whole.
    ///
    /// # Errors
    /// The errors of [`Store::put`].
    pub fn put_part(&self, document: &SplitDocument) -> Result<PutOutcome> {
        self.put_passages(document, PutExtent::EncodedPart)
    }

    fn put_passages(&self, document: &SplitDocument, extent: PutExtent) -> Result<PutOutcome> {
        let invalid = |problem: String| Error::InvalidDocument { id: document.id.to_string(), problem };
        let metadata = checked_metadata(&document.metadata).map_err(invalid)?;
        let passages: Vec<&SplitPassage> = match extent {
            PutExtent::Whole => document.passages.iter().collect(),
            PutExtent::EncodedPart => document.passages.iter().filter(|p| !p.vector.is_missing()).collect(),
        };
        let mut state = self.write_state();
        let old = self.old(&document.id)?;
        let mut counters = state.counters;
        let mut writes = Writes::new(&self.tree);

        let number = match &old {
            Some(old) => old.name.number,
            None => take(&mut counters.next_document),
        };
        let stored = old.as_ref().map(|old| &old.passages);
        let assigned = assign(&document.text, &passages, stored, &state.settings, &mut counters).map_err(invalid)?;
        let kept: BTreeSet<u64> = assigned.iter().filter(|(_, vector)| vector.is_none()).map(|(id, _)| id.0).collect();
        let removed: Vec<u64> = stored.into_iter().flatten().filter(|id| !kept.contains(id)).copied().collect();
        if let Some(old) = &old {
            writes.clear(old, &removed)?;
        }

        counters.sequence += 1;
        counters.documents += u64::from(old.is_none());
        counters.passages = (counters.passages + passages.len() as u64)
            .saturating_sub(stored.map_or(0, |passages| passages.len() as u64));

        let rows = passages.iter().zip(&assigned).map(|(passage, (id, vector))| PassageRow {
            id: id.0,
            span: &passage.span,
            hash: passage.hash,
            context: &passage.context,
            vector: vector.as_deref(),
        });
        let rows = DocumentRows {
            sequence: counters.sequence,
            id: &document.id,
            text: &document.text,
            syntax: document.syntax,
            metadata,
            name: match extent {
                PutExtent::Whole => NameRecord::new(number, document.content_hash, document.stamp),
                PutExtent::EncodedPart => NameRecord::unfinished(number, document.stamp),
            },
            passages: rows.collect(),
        };
        rows.put(&mut writes)?;
        let mut batch = writes.finish();
        put_counters(&self.tree, &mut batch, &counters)?;
        self.apply(batch)?;
        state.counters = counters;
        let removed = removed.into_iter().map(PassageId).collect();
        let (passages, vectors) = assigned.into_iter().unzip();
        Ok(PutOutcome { sequence: counters.sequence, document: number, passages, vectors, removed })
    }

    /// Removes a document; `None` if there is no such document.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn remove(&self, id: &DocumentId) -> Result<Option<RemoveOutcome>> {
        let mut state = self.write_state();
        let Some(old) = self.old(id)? else { return Ok(None) };
        let removed: Vec<u64> = old.passages.iter().copied().collect();
        let mut writes = Writes::new(&self.tree);
        writes.clear(&old, &removed)?;
        let mut batch = writes.finish();
        batch.remove(keys::name(id.as_str()));
        let mut counters = state.counters;
        counters.sequence += 1;
        counters.documents = counters.documents.saturating_sub(1);
        counters.passages = counters.passages.saturating_sub(removed.len() as u64);
        let change = ChangeRecord { document: old.name.number, removed: true, id: id.clone() };
        let change = codec::encode(&change).map_err(|e| self.tree.damaged(e.to_string()))?;
        batch.insert(keys::numbered(keys::CHANGES, counters.sequence), change);
        put_counters(&self.tree, &mut batch, &counters)?;
        self.apply(batch)?;
        state.counters = counters;
        let removed = removed.into_iter().map(PassageId).collect();
        Ok(Some(RemoveOutcome { sequence: counters.sequence, document: old.name.number, removed }))
    }

    /// Replaces only the file stamp of a document; false if there is no such document. This is not a change: it gets no
    /// sequence number, and the next flush makes it durable without acknowledging it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn restamp(&self, id: &DocumentId, stamp: Option<FileStamp>) -> Result<bool> {
        let _state = self.write_state();
        let Some(name) = self.name_record(id)? else { return Ok(false) };
        let name = NameRecord::new(name.number, name.content_hash, stamp);
        let mut batch = Batch::default();
        let value = codec::encode(&name).map_err(|e| self.tree.damaged(e.to_string()))?;
        batch.insert(keys::name(id.as_str()), value);
        self.apply(batch)?;
        Ok(true)
    }

    /// Returns what a write must know about the stored version; `None` if there is none.
    pub(super) fn old(&self, id: &DocumentId) -> Result<Option<OldVersion>> {
        let Some(name) = self.name_record(id)? else { return Ok(None) };
        let header = self.header(name.number)?;
        let mut passages = BTreeSet::new();
        for row in self.tree.scan(&keys::numbered(keys::PASSAGES, name.number)) {
            let (key, value) = row?;
            if let Some((_, _, 0)) = keys::passage_and_piece(&key) {
                passages.insert(codec::passage_id(&value).map_err(|e| self.tree.damaged(e))?);
            }
        }
        Ok(Some(OldVersion { name, sequence: header.sequence, passages }))
    }
}

/// Returns a number that was never used, and advances the counter.
fn take(next: &mut u64) -> u64 {
    let number = *next;
    *next += 1;
    number
}

/// Writes metadata as JSON, and checks that it can be read back.
pub(super) fn checked_metadata(metadata: &Metadata) -> Result<String, String> {
    let json = metadata_json(metadata);
    if !json.is_empty() {
        serde_json::from_str::<Metadata>(&json).map_err(|e| format!("its metadata could not be read back: {e}"))?;
    }
    Ok(json)
}

/// Assigns every passage its id, and the bytes of its vector if that is new.
fn assign(
    text: &str,
    passages: &[&SplitPassage],
    stored: Option<&BTreeSet<u64>>,
    settings: &Settings,
    counters: &mut Counters,
) -> Result<Vec<AssignedPassage>, String> {
    let mut kept = BTreeSet::new();
    let assign_one = |(ordinal, passage): (usize, &&SplitPassage)| {
        check_span(text, &passage.span).map_err(|problem| format!("passage {ordinal} {problem}"))?;
        match &passage.vector {
            PassageVector::Missing { .. } => Err(format!("passage {ordinal} has no vector")),
            PassageVector::New(vector) => {
                let bytes = vector::encode(vector, settings.dimension, settings.precision)?;
                Ok((PassageId(take(&mut counters.next_passage)), Some(bytes)))
            }
            PassageVector::Keep(PassageId(id)) if !stored.is_some_and(|s| s.contains(id)) => {
                Err(format!("passage {ordinal} keeps the vector of passage {id}, which this document does not have"))
            }
            PassageVector::Keep(PassageId(id)) if !kept.insert(*id) => {
                Err(format!("passage {ordinal} keeps the vector of passage {id}, which another one keeps"))
            }
            PassageVector::Keep(id) => Ok((*id, None)),
        }
    };
    passages.iter().enumerate().map(assign_one).collect()
}

/// Checks that a span lies in the text and that its lines are possible. The problem completes "passage 3 …".
pub(super) fn check_span(text: &str, span: &Span) -> Result<(), String> {
    if text.get(span.bytes.clone()).is_none() {
        let (start, end) = (span.bytes.start, span.bytes.end);
        return Err(format!("spans bytes {start} to {end} of a text of {}, or cuts a character", text.len()));
    }
    if span.lines.start == 0 || span.lines.end < span.lines.start {
        return Err(format!("spans lines {} to {}", span.lines.start, span.lines.end));
    }
    Ok(())
}
