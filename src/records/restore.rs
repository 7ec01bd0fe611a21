//! Restores documents from the published generation, with their old numbers.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use crate::disk::Dir;
use crate::document::{DocumentId, StoredDocument, StoredPassage, Totals};
use crate::error::{Error, Result};

use super::codec::NameRecord;
use super::head;
use super::keys;
use super::lock::Lock;
use super::open::set_aside;
use super::read::parse_metadata;
use super::rows::{DocumentRows, PassageRow, Writes};
use super::settings::Settings;
use super::store::{Store, put_counters, records};
use super::tree::Batch;
use super::write::{check_span, checked_metadata};

impl Store {
    /// Stores a document with the numbers that it has, and replaces any document with the same id. The counters include it only
    /// after [`Store::end_restoring`].
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a document that could not have been stored; [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn restore(&mut self, document: &StoredDocument) -> Result<()> {
        let invalid = |problem: String| Error::InvalidDocument { id: document.id.to_string(), problem };
        let metadata = parse_metadata(&document.metadata).map_err(|error| error.to_string());
        let metadata = metadata.and_then(|metadata| checked_metadata(&metadata)).map_err(invalid)?;
        let mut writes = Writes::new(&self.tree);
        if let Some(old) = self.old(&document.id)? {
            let all: Vec<u64> = old.passages.iter().copied().collect();
            writes.clear(&old, &all)?;
        }
        let length = self.settings().vector_bytes();
        let rows = document.passages.iter().map(|passage| {
            check_span(&document.text, &passage.span)?;
            if passage.vector.len() != length {
                return Err(format!("a vector of {} bytes; expected {length}", passage.vector.len()));
            }
            let StoredPassage { id, span, context, hash, vector } = passage;
            Ok(PassageRow { id: id.0, span, hash: *hash, context, vector: Some(vector) })
        });
        let rows = DocumentRows {
            sequence: document.sequence,
            id: &document.id,
            text: &document.text,
            syntax: document.syntax,
            metadata,
            name: NameRecord::new(document.number, document.content_hash, document.stamp),
            passages: rows.collect::<Result<_, _>>().map_err(invalid)?,
        };
        rows.put(&mut writes)?;
        self.apply(writes.finish())
    }

    /// Returns the ids of documents whose numbers are not in `numbers`. The counters do not include restored documents yet, so
    /// other scans would report missing rows.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn ids_without_numbers(&self, numbers: &HashSet<u64>) -> Result<Vec<DocumentId>> {
        let mut ids = Vec::new();
        for row in self.tree.scan(&[keys::NAMES]) {
            let (key, value) = row?;
            let document = self.stamped(&key, &value)?;
            if !numbers.contains(&document.number) {
                ids.push(document.id);
            }
        }
        Ok(ids)
    }

    /// Ends restoring: sets the counters to `totals` and removes the documents `gone`, which `totals` do not include. All
    /// changes are durable and acknowledged when this returns, and no change counts as lost any more.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn end_restoring(&mut self, totals: Totals, gone: &[DocumentId]) -> Result<()> {
        // The counters first include the documents to be removed, because each removal subtracts its own.
        let mut passages = totals.passages;
        for id in gone {
            passages += self.passage_hashes(id)?.len() as u64;
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
        self.clear_loss();
        self.flush().map(|_| ())
    }

    /// Replaces records that cannot be opened with an empty store; keeps the old ones under another name. The generations of
    /// the new head continue from `generation`.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Io`].
    pub fn replace(collection: &Path, settings: Settings, generation: u64, wait: Duration) -> Result<Self> {
        let directory = Dir::open(collection).map_err(Error::io("open", collection))?;
        let lock = Lock::acquire(&directory, wait)?;
        let from = records(collection);
        let move_away = || {
            // In this order: a head without records shows the loss; records without a head would count as complete.
            set_aside(&directory)?;
            if directory.has(head::FILE)? {
                directory.remove(head::FILE)?;
            }
            directory.sync()
        };
        move_away().map_err(Error::io("set aside", &from))?;
        settings.check()?;
        let store = Self::create_locked(directory, lock, settings)?;
        store.clear_suspicion()?;
        store.continue_from(generation)?;
        Ok(store)
    }
}
