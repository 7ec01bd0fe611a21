//! Going through everything: documents, stamps, vectors, changes.
//!
//! A flipped bit in sled's file can make a range of rows vanish without an error. So every scan compares what it saw
//! with the counters, which are elsewhere in the file.

use crate::document::{DocumentId, PassageId};
use crate::error::Result;

use super::codec::{self, ChangeRecord, NameRecord};
use super::keys;
use super::store::{Store, counts};
use super::types::{Change, Counts, StampedDocument, StoredDocument, StoredVector};

/// Stamps read at a time: readers of one store may nest only where no lock is held while the caller works.
const CHUNK: usize = 1024;

impl Store {
    /// Every document in the order of their numbers. Each is whole; what is written meanwhile may be seen or not, and
    /// the callback may read from and write to the store.
    ///
    /// # Errors
    /// What the callback gives; [`Error::Io`](crate::error::Error::Io),
    /// [`Error::RecordsDamaged`](crate::error::Error::RecordsDamaged).
    pub fn for_each_document(&self, work: &mut dyn FnMut(StoredDocument) -> Result<()>) -> Result<()> {
        let before = self.counts();
        let mut seen = 0;
        let mut next = Some(0);
        while let Some(from) = next {
            let document = {
                let _state = self.read_state();
                let mut rows = self.tree.scan_from(&keys::numbered(keys::HEADERS, from), &[keys::HEADERS]);
                let Some(row) = rows.next() else { break };
                seen += 1;
                let number = keys::number_of(&row?.0).ok_or_else(|| self.tree.damaged("a header's key is garbled"))?;
                next = number.checked_add(1);
                self.document_of(number, self.header(number)?)?
            };
            work(document)?;
        }
        self.check_seen(before, seen)
    }

    /// Every document's name, number, stamp and content hash, in the order of the names: one fast scan. What is written
    /// meanwhile may be seen or not, and the callback may read from and write to the store.
    ///
    /// # Errors
    /// As [`Store::for_each_document`].
    pub fn for_each_stamp(&self, work: &mut dyn FnMut(StampedDocument) -> Result<()>) -> Result<()> {
        let before = self.counts();
        let mut seen = 0;
        let mut from = vec![keys::NAMES];
        loop {
            let chunk = {
                let _state = self.read_state();
                let rows = self.tree.scan_from(&from, &[keys::NAMES]).take(CHUNK);
                rows.map(|row| row.and_then(|(key, value)| self.stamped(&key, &value))).collect::<Result<Vec<_>>>()?
            };
            let Some(last) = chunk.last() else { return self.check_seen(before, seen) };
            seen += chunk.len() as u64;
            from = keys::name(last.id.as_str());
            // The smallest key after that of the last name.
            from.push(0);
            for document in chunk {
                work(document)?;
            }
        }
    }

    /// Every vector in the order of the passages' ids, as they all were at one moment. Gives the counts of that moment.
    ///
    /// Writers wait meanwhile, and the callback must not call this store: it would wait for itself.
    ///
    /// # Errors
    /// As [`Store::for_each_document`].
    pub fn for_each_vector(&self, work: &mut dyn FnMut(StoredVector<'_>) -> Result<()>) -> Result<Counts> {
        let state = self.read_state();
        let length = state.settings.vector_bytes();
        let places = self.places()?;
        let damaged = || self.tree.damaged("the passages, their vectors and their count do not match");
        if places.len() as u64 != state.counters.passages {
            return Err(damaged());
        }
        let mut places = places.into_iter();
        let mut bytes = Vec::with_capacity(length);
        for row in self.tree.scan(&[keys::VECTORS]) {
            let (key, value) = row?;
            let (passage, piece) = keys::number_and_piece(&key).ok_or_else(damaged)?;
            if piece as usize * codec::PIECE_BYTES != bytes.len() {
                return Err(damaged());
            }
            let whole: &[u8] = if bytes.is_empty() && value.len() == length {
                &value
            } else {
                bytes.extend_from_slice(&value);
                if bytes.len() < length {
                    continue;
                }
                &bytes
            };
            match places.next() {
                Some((id, document, ordinal)) if id == passage && whole.len() == length => {
                    work(StoredVector { passage: PassageId(id), document, ordinal: ordinal as usize, bytes: whole })?;
                }
                _ => return Err(damaged()),
            }
            bytes.clear();
        }
        if !bytes.is_empty() || places.next().is_some() {
            return Err(damaged());
        }
        Ok(counts(&state.counters))
    }

    /// The changes after `sequence`, at most `limit`, the oldest first. Of each document only the last is kept, so
    /// going through them leads from any earlier state to the present one.
    ///
    /// # Errors
    /// [`Error::Io`](crate::error::Error::Io), [`Error::RecordsDamaged`](crate::error::Error::RecordsDamaged).
    pub fn changes_since(&self, sequence: u64, limit: usize) -> Result<Vec<Change>> {
        let Some(from) = sequence.checked_add(1) else { return Ok(Vec::new()) };
        let _state = self.read_state();
        let rows = self.tree.scan_from(&keys::numbered(keys::CHANGES, from), &[keys::CHANGES]).take(limit);
        rows.map(|row| row.and_then(|(key, value)| self.change(&key, &value))).collect()
    }

    /// Whether a scan of all documents saw as many as there are. Nothing can be said where some changed meanwhile.
    fn check_seen(&self, before: Counts, seen: u64) -> Result<()> {
        if seen == before.documents || self.counts().sequence != before.sequence {
            return Ok(());
        }
        Err(self.tree.damaged(format!("{seen} documents of {} are there", before.documents)))
    }

    /// (passage, document, ordinal) of every passage, in the order of their ids.
    fn places(&self) -> Result<Vec<(u64, u64, u32)>> {
        let mut places = Vec::new();
        for row in self.tree.scan(&[keys::PASSAGES]) {
            let (key, value) = row?;
            match keys::passage_and_piece(&key) {
                Some((document, ordinal, 0)) => {
                    places.push((codec::passage_id(&value).map_err(|e| self.tree.damaged(e))?, document, ordinal));
                }
                Some(_) => {}
                None => return Err(self.tree.damaged("a passage's key is garbled")),
            }
        }
        places.sort_unstable();
        Ok(places)
    }

    pub(super) fn stamped(&self, key: &[u8], value: &[u8]) -> Result<StampedDocument> {
        let id = key.get(1..).and_then(|id| std::str::from_utf8(id).ok()).and_then(|id| DocumentId::new(id).ok());
        let id = id.ok_or_else(|| self.tree.damaged("a name is garbled"))?;
        let name: NameRecord = codec::decode(value).map_err(|e| self.tree.damaged(format!("the name {id:?}: {e}")))?;
        Ok(StampedDocument { id, number: name.number, stamp: name.stamp(), content_hash: name.content_hash })
    }

    pub(super) fn change(&self, key: &[u8], value: &[u8]) -> Result<Change> {
        let sequence = keys::number_of(key).filter(|_| key.len() == 9);
        let sequence = sequence.ok_or_else(|| self.tree.damaged("a change's key is garbled"))?;
        let change: ChangeRecord =
            codec::decode(value).map_err(|e| self.tree.damaged(format!("the change {sequence}: {e}")))?;
        Ok(change.into_change(sequence))
    }
}
