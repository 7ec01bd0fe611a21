//! Scans of all documents, stamps and changes.
//!
//! A flipped bit in sled's file can make a range of rows vanish without an error. So every scan compares the number of
//! rows with the counters, which are stored elsewhere in the file.

use std::collections::HashSet;

use crate::document::{DocumentId, StoredDocument};
use crate::error::Result;

use super::codec::{self, ChangeRecord, NameRecord};
use super::keys;
use super::store::Store;
use super::types::{Counts, DocumentChange, StampedDocument};

/// The number of stamps that are read at once. No lock is held during the callback, so it may read from the store.
const STAMPS_PER_READ: usize = 1024;

impl Store {
    /// Calls `work` with every document, complete, in the order of the numbers; with the stored part of an unfinished one. It
    /// may or may not see concurrent writes. The callback may read from and write to the store.
    ///
    /// # Errors
    /// The callback's error; [`Error::Io`](crate::error::Error::Io),
    /// [`Error::RecordsDamaged`](crate::error::Error::RecordsDamaged).
    pub fn for_each_document(&self, work: &mut dyn FnMut(StoredDocument) -> Result<()>) -> Result<()> {
        let before = self.counts();
        let mut seen = 0;
        let mut next = Some(0);
        while let Some(from) = next {
            let document = {
                let state = self.read_state();
                let mut rows = self.tree.scan_from(&keys::numbered(keys::HEADERS, from), &[keys::HEADERS]);
                let Some(row) = rows.next() else { break };
                seen += 1;
                let number = keys::number_of(&row?.0).ok_or_else(|| self.tree.damaged("a header's key is garbled"))?;
                next = number.checked_add(1);
                let header = self.header(number)?;
                self.whole_document(&state, &self.name_of(number, &header)?, header)?
            };
            work(document)?;
        }
        self.check_seen(before, seen)
    }

    /// Calls `work` with every document's id, number, stamp and content hash, in the order of the ids: one fast scan, which may
    /// or may not see concurrent writes. The callback may read from and write to the store.
    ///
    /// # Errors
    /// The errors of [`Store::for_each_document`].
    pub fn for_each_stamp(&self, work: &mut dyn FnMut(StampedDocument) -> Result<()>) -> Result<()> {
        let before = self.counts();
        let mut seen = 0;
        let mut from = vec![keys::NAMES];
        loop {
            let chunk = {
                let _state = self.read_state();
                let rows = self.tree.scan_from(&from, &[keys::NAMES]).take(STAMPS_PER_READ);
                rows.map(|row| row.and_then(|(key, value)| self.stamped(&key, &value))).collect::<Result<Vec<_>>>()?
            };
            let Some(last) = chunk.last() else { return self.check_seen(before, seen) };
            seen += chunk.len() as u64;
            from = keys::name(last.id.as_str());
            // The smallest key after that of the last id.
            from.push(0);
            for document in chunk {
                work(document)?;
            }
        }
    }

    /// Returns the changes after `sequence`, at most `limit`, oldest first. Only the last change of each document is kept.
    /// Applying all of them leads from any earlier state to the present one. Leaves out unfinished documents: their change
    /// follows when they are whole.
    ///
    /// # Errors
    /// [`Error::Io`](crate::error::Error::Io), [`Error::RecordsDamaged`](crate::error::Error::RecordsDamaged).
    pub fn changes_since(&self, sequence: u64, limit: usize) -> Result<Vec<DocumentChange>> {
        let Some(from) = sequence.checked_add(1) else { return Ok(Vec::new()) };
        let _state = self.read_state();
        let rows = self.tree.scan_from(&keys::numbered(keys::CHANGES, from), &[keys::CHANGES]);
        let changes = rows.map(|row| row.and_then(|(key, value)| self.change(&key, &value)));
        let whole = changes.filter_map(|change| match change {
            Ok(change) if change.removed => Some(Ok(change)),
            Ok(change) => match self.is_unfinished(&change.id) {
                Ok(unfinished) => (!unfinished).then_some(Ok(change)),
                Err(error) => Some(Err(error)),
            },
            Err(error) => Some(Err(error)),
        });
        whole.take(limit).collect()
    }

    /// Returns the ids of the documents that have not changed after the change `sequence`.
    ///
    /// # Errors
    /// [`Error::Io`](crate::error::Error::Io), [`Error::RecordsDamaged`](crate::error::Error::RecordsDamaged).
    pub fn unchanged_since(&self, sequence: u64) -> Result<HashSet<DocumentId>> {
        let _state = self.read_state();
        let rows = self.tree.scan_from(&keys::numbered(keys::CHANGES, 0), &[keys::CHANGES]);
        let changes = rows.map(|row| row.and_then(|(key, value)| self.change(&key, &value)));
        let mut unchanged = HashSet::new();
        for change in changes {
            let change = change?;
            if change.sequence > sequence {
                break;
            }
            if !change.removed {
                unchanged.insert(change.id);
            }
        }
        Ok(unchanged)
    }

    /// Checks that a scan saw all documents. Skipped if the store changed during the scan.
    fn check_seen(&self, before: Counts, seen: u64) -> Result<()> {
        if seen == before.documents || self.counts().sequence != before.sequence {
            return Ok(());
        }
        Err(self.tree.damaged(format!("{seen} documents of {} are there", before.documents)))
    }

    /// Decodes a row of `NAMES`.
    pub(super) fn stamped(&self, key: &[u8], value: &[u8]) -> Result<StampedDocument> {
        let id = key.get(1..).and_then(|id| std::str::from_utf8(id).ok()).and_then(|id| DocumentId::new(id).ok());
        let id = id.ok_or_else(|| self.tree.damaged("a name is garbled"))?;
        let name: NameRecord = codec::decode(value).map_err(|e| self.tree.damaged(format!("the name {id:?}: {e}")))?;
        Ok(StampedDocument { id, number: name.number, stamp: name.stamp(), content_hash: name.content_hash })
    }

    /// Decodes a row of `CHANGES`.
    pub(super) fn change(&self, key: &[u8], value: &[u8]) -> Result<DocumentChange> {
        let sequence = keys::number_of(key).filter(|_| key.len() == 9);
        let sequence = sequence.ok_or_else(|| self.tree.damaged("a change's key is garbled"))?;
        let change: ChangeRecord =
            codec::decode(value).map_err(|e| self.tree.damaged(format!("the change {sequence}: {e}")))?;
        Ok(change.into_change(sequence))
    }
}
