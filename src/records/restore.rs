//! Restoring: documents that come back from the published generation, with the numbers they had.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use crate::disk::Dir;
use crate::document::{Context, DocumentId, FileStamp, Metadata, PassageId, Span, Syntax, Totals};
use crate::error::{Error, Result};

use super::head;
use super::keys;
use super::lock::Lock;
use super::open::set_aside;
use super::rows::{DocumentRows, PassageRow, Writes};
use super::settings::Settings;
use super::store::{Store, put_counters, records};
use super::tree::Batch;
use super::write::{check_span, checked_metadata};

/// A document as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// Its number.
    pub number: u64,
    /// The number of its last change.
    pub sequence: u64,
    /// Its name.
    pub id: DocumentId,
    /// Its whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// What else is known of it.
    pub metadata: Metadata,
    /// Its file's stamp, when it came from a file.
    pub stamp: Option<FileStamp>,
    /// The hash it was put with.
    pub content_hash: [u8; 32],
    /// Its passages in order.
    pub passages: Vec<RestoredPassage>,
}

/// A passage as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RestoredPassage {
    /// Its identity.
    pub id: PassageId,
    /// Where it stands in the text.
    pub span: Span,
    /// What is known of it beside its text.
    pub context: Context,
    /// The hash it was put with.
    pub hash: [u8; 16],
    /// Its vector as it is kept.
    pub vector: Vec<u8>,
}

impl Store {
    /// Puts a document back with its numbers, over whatever has its name. The counters do not know of it before
    /// [`Store::end_restoring`].
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for what could not have been stored; [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn restore(&mut self, document: Restored) -> Result<()> {
        let invalid = |problem: String| Error::InvalidDocument { id: document.id.to_string(), problem };
        let metadata = checked_metadata(&document.metadata).map_err(invalid)?;
        let mut writes = Writes::new(&self.tree);
        if let Some(old) = self.old(&document.id)? {
            let all: Vec<u64> = old.passages.iter().copied().collect();
            writes.clear(&old, &all)?;
        }
        let length = self.settings().vector_bytes();
        let rows = document.passages.iter().map(|passage| {
            check_span(&document.text, &passage.span)?;
            if passage.vector.len() != length {
                return Err(format!("a vector of {} bytes; {length} are wanted", passage.vector.len()));
            }
            let RestoredPassage { id, span, context, hash, vector } = passage;
            Ok(PassageRow { id: id.0, span, hash: *hash, context, vector: Some(vector) })
        });
        let rows = DocumentRows {
            number: document.number,
            sequence: document.sequence,
            id: &document.id,
            text: &document.text,
            syntax: document.syntax,
            metadata,
            stamp: document.stamp,
            content_hash: document.content_hash,
            passages: rows.collect::<Result<_, _>>().map_err(invalid)?,
        };
        rows.put(&mut writes)?;
        self.apply(writes.finish())
    }

    /// The names of documents that have none of these numbers. While documents are restored the counters do not count
    /// them, so other scans would say that rows are missing.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn not_among(&self, numbers: &HashSet<u64>) -> Result<Vec<DocumentId>> {
        let mut others = Vec::new();
        for row in self.tree.scan(&[keys::NAMES]) {
            let (key, value) = row?;
            let document = self.stamped(&key, &value)?;
            if !numbers.contains(&document.number) {
                others.push(document.id);
            }
        }
        Ok(others)
    }

    /// Ends restoring: the store holds what `totals` count, and `gone` beside, which is removed now. Durable and
    /// acknowledged when this returns; nothing counts as lost any more.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn end_restoring(&mut self, totals: Totals, gone: &[DocumentId]) -> Result<()> {
        let mut passages = totals.passages;
        for id in gone {
            passages += self.document(id)?.map_or(0, |document| document.passages.len() as u64);
        }
        {
            let mut state = self.write_state();
            let counters = &mut state.counters;
            counters.sequence = counters.sequence.max(totals.sequence);
            counters.next_document = counters.next_document.max(totals.next_document);
            counters.next_passage = counters.next_passage.max(totals.next_passage);
            (counters.documents, counters.passages) = (totals.documents + gone.len() as u64, passages);
            let mut batch = Batch::default();
            put_counters(&self.tree, &mut batch, counters)?;
            self.apply(batch)?;
        }
        for id in gone {
            self.remove(id)?;
        }
        self.vouch();
        self.flush().map(|_| ())
    }

    /// Makes an empty store in the place of records that cannot be opened, which are kept beside under another name. Its
    /// head goes on from `generation`.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Io`].
    pub fn replace(collection: &Path, settings: Settings, generation: u64, wait: Duration) -> Result<Self> {
        let directory = Dir::open(collection).map_err(Error::io("open", collection))?;
        let lock = Lock::acquire(&directory, wait)?;
        let from = records(collection);
        let out_of_the_way = || {
            // In this order: a head without records says what is missing, records without a head would be taken for whole.
            set_aside(&directory)?;
            if directory.has(head::FILE)? {
                directory.remove(head::FILE)?;
            }
            directory.sync()
        };
        out_of_the_way().map_err(Error::io("set aside", &from))?;
        drop(lock);
        let store = Self::create(collection, settings)?;
        store.clear_suspicion()?;
        store.go_on_from(generation)?;
        Ok(store)
    }
}
