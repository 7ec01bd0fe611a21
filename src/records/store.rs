//! The store: its settings and counts, lost changes, and the flush that makes changes durable.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::codec::{self, Counters};
use super::format::FORMAT_CURRENT;
use super::head::Head;
use super::keys;
use super::lock::Lock;
use super::settings::Settings;
use super::tree::{Batch, Tree, size_on_disk};
use super::types::Counts;
use crate::disk::Dir;
use crate::document::Totals;
use crate::error::{Error, Result};
use crate::kernel::sync;

/// Acknowledged changes that are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// The acknowledged counts; `None` if the head itself is lost.
    pub acknowledged: Option<Counts>,
    /// The counts that were found.
    pub found: Counts,
}

/// The records of one collection, for one writer. `Send + Sync`: any number of threads may read and write.
///
/// Each write is one batch: readers see a document completely or not at all, also after a crash. After a failed write (on a
/// full disk, for example) every call fails until the store is opened again.
pub struct Store {
    pub(super) collection: Dir,
    /// Declared before `lock`, so that sled is closed before the lock is released.
    pub(super) tree: Tree,
    /// Locked for reading by everything that reads several rows, for writing by every write.
    pub(super) state: RwLock<StoreState>,
    /// The last head written. Lock order: before `state`.
    pub(super) head: Mutex<Option<Head>>,
    pub(super) loss: Option<Loss>,
    /// `None` if this is an inspected copy and there is no lock file.
    pub(super) lock: Mutex<Option<Lock>>,
    /// The inspected copy. Deleted after sled is closed.
    pub(super) copy: Option<tempfile::TempDir>,
}

/// The rows that the store keeps in memory.
pub(super) struct StoreState {
    pub(super) counters: Counters,
    pub(super) settings: Settings,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("collection", &self.collection.path()).finish_non_exhaustive()
    }
}

impl Store {
    /// Returns the collection's directory.
    pub fn collection(&self) -> &Path {
        self.collection.path()
    }

    /// True if a write was interrupted, here or in an earlier process, so that the records may be inconsistent.
    /// [`Store::verify`] checks them.
    pub fn is_suspect(&self) -> bool {
        sync::lock(&self.lock).as_ref().is_some_and(Lock::is_suspect)
    }

    /// Marks the records as consistent.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn clear_suspicion(&self) -> Result<()> {
        self.mark(false).map_err(Error::io("write", self.collection().join("lock")))
    }

    fn mark(&self, suspect: bool) -> std::io::Result<()> {
        match &mut *sync::lock(&self.lock) {
            Some(lock) if lock.is_suspect() != suspect => lock.mark(suspect),
            _ => Ok(()),
        }
    }

    /// Applies all of a batch or none of it. If that is interrupted, marks the records as suspect for the next process.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub(super) fn apply(&self, batch: Batch) -> Result<()> {
        let applied = self.tree.apply(batch);
        if applied.is_err() && self.tree.is_torn() {
            // The caller gets the error of the batch, which is the cause, even if marking fails, too.
            let _ = self.mark(true);
        }
        applied
    }

    /// Returns the lost changes, if the store was opened with loss accepted and some are lost.
    pub fn loss(&self) -> Option<Loss> {
        self.loss
    }

    /// Returns the settings that the collection was created with.
    pub fn settings(&self) -> Settings {
        self.read_state().settings.clone()
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] for another dimension or precision than that of the vectors already stored.
    pub fn set_settings(&self, settings: Settings) -> Result<()> {
        settings.check()?;
        let mut state = self.write_state();
        let old = &state.settings;
        let same = (old.dimension, old.precision) == (settings.dimension, settings.precision);
        if state.counters.passages > 0 && !same {
            let problem = "the dimension and precision of a collection that holds vectors cannot change".to_owned();
            return Err(Error::InvalidOptions { problem });
        }
        let mut batch = Batch::default();
        put_settings(&self.tree, &mut batch, &settings)?;
        self.apply(batch)?;
        state.settings = settings;
        Ok(())
    }

    /// Returns the number of documents, passages and changes.
    pub fn counts(&self) -> Counts {
        counts(&self.read_state().counters)
    }

    /// Returns the counts, and the next numbers that will be assigned.
    pub fn totals(&self) -> Totals {
        let Counters { sequence, next_document, next_passage, documents, passages } = self.read_state().counters;
        Totals { sequence, documents, passages, next_document, next_passage }
    }

    /// Returns the counts that were found on open: lower than the acknowledged ones if changes are lost.
    pub fn found_on_open(&self) -> Counts {
        self.loss.map_or_else(|| self.counts(), |loss| loss.found)
    }

    /// Declares that nothing is lost: the published generation has no more than was found here, and a change that was not
    /// published was never acknowledged.
    pub fn clear_loss(&mut self) {
        self.loss = None;
    }

    /// True if all acknowledged changes are here, or would be if those up to `sequence` were restored.
    pub fn acknowledged_by(&self, sequence: u64) -> bool {
        let acknowledged = self.loss.and_then(|loss| loss.acknowledged);
        acknowledged.is_none_or(|acknowledged| acknowledged.sequence <= sequence)
    }

    /// Refuses a store that lost acknowledged changes.
    ///
    /// # Errors
    /// [`Error::RecordsBehind`]; [`Error::RecordsDamaged`] if the head is lost.
    pub fn check_loss(&self) -> Result<()> {
        match self.loss {
            None => Ok(()),
            Some(Loss { acknowledged: Some(acknowledged), found }) => {
                let (expected, found) = (acknowledged.sequence, found.sequence);
                Err(Error::RecordsBehind { path: records(self.collection()), expected, found })
            }
            Some(Loss { acknowledged: None, .. }) => {
                Err(self.tree.damaged("the file head, which says what was acknowledged, is missing"))
            }
        }
    }

    /// Raises the generation of the head to at least this one.
    pub(super) fn continue_from(&self, generation: u64) -> Result<()> {
        if let Some(head) = &mut *self.lock_head() {
            head.generation = head.generation.max(generation);
        }
        self.flush().map(|_| ())
    }

    /// Returns the total size of the store's files in `collection`, in bytes. The store need not be open.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn size_in(collection: &Path) -> Result<u64> {
        size_on_disk(&records(collection))
    }

    /// Makes every change before this call durable, and acknowledges it in the head. Other threads may continue to write;
    /// their later changes wait for the next flush.
    ///
    /// # Errors
    /// [`Error::Io`]: then no new change is acknowledged.
    pub fn flush(&self) -> Result<Head> {
        let mut last = self.lock_head();
        let head = {
            let state = self.read_state();
            let counters = &state.counters;
            if self.loss.is_some() {
                // `open` raised the counters in memory; the stored ones showed the loss until now.
                let mut batch = Batch::default();
                put_counters(&self.tree, &mut batch, counters)?;
                self.apply(batch)?;
            }
            Head {
                format: FORMAT_CURRENT,
                sequence: counters.sequence,
                documents: counters.documents,
                passages: counters.passages,
                generation: last.as_ref().map_or(0, |head| head.generation).saturating_add(1),
                next_document: counters.next_document,
                next_passage: counters.next_passage,
                settings: state.settings.clone(),
            }
        };
        self.tree.flush()?;
        head.write(&self.collection)?;
        *last = Some(head.clone());
        Ok(head)
    }

    /// Returns the head that was read on open or written last.
    pub fn head(&self) -> Option<Head> {
        self.lock_head().clone()
    }

    pub(super) fn read_state(&self) -> RwLockReadGuard<'_, StoreState> {
        sync::read(&self.state)
    }

    pub(super) fn write_state(&self) -> RwLockWriteGuard<'_, StoreState> {
        sync::write(&self.state)
    }

    fn lock_head(&self) -> MutexGuard<'_, Option<Head>> {
        sync::lock(&self.head)
    }
}

pub(super) fn counts(counters: &Counters) -> Counts {
    Counts { sequence: counters.sequence, documents: counters.documents, passages: counters.passages }
}

pub(super) fn records(collection: &Path) -> PathBuf {
    collection.join("records")
}

pub(super) fn put_counters(tree: &Tree, batch: &mut Batch, counters: &Counters) -> Result<()> {
    let value = codec::encode(counters).map_err(|e| tree.damaged(e.to_string()))?;
    batch.insert(keys::COUNTERS, value);
    Ok(())
}

pub(super) fn put_settings(tree: &Tree, batch: &mut Batch, settings: &Settings) -> Result<()> {
    for row in tree.scan(keys::SETTINGS) {
        batch.remove(row?.0);
    }
    let json = serde_json::to_vec(settings).map_err(|e| Error::InvalidOptions { problem: e.to_string() })?;
    for (number, piece) in codec::pieces(&json) {
        batch.insert(keys::piece(keys::SETTINGS, number), piece);
    }
    Ok(())
}

pub(super) fn read_format(tree: &Tree) -> Result<Option<u32>> {
    let Some(value) = tree.get(keys::FORMAT)? else { return Ok(None) };
    let bytes = value.as_ref().try_into().map_err(|_| tree.damaged("the format number is garbled"))?;
    Ok(Some(u32::from_le_bytes(bytes)))
}

pub(super) fn read_counters(tree: &Tree) -> Result<Option<Counters>> {
    let value = tree.get(keys::COUNTERS)?;
    value.map(|v| codec::decode(&v).map_err(|e| tree.damaged(format!("the counters: {e}")))).transpose()
}

pub(super) fn read_settings(tree: &Tree) -> Result<Settings> {
    let mut json = Vec::new();
    for row in tree.scan(keys::SETTINGS) {
        json.extend_from_slice(&row?.1);
    }
    serde_json::from_slice(&json).map_err(|e| tree.damaged(format!("the settings: {e}")))
}
