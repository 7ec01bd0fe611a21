//! The store: made, opened, compared with its head, flushed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::disk::sync_directory;
use crate::document::Totals;
use crate::error::{Error, Result};

use super::codec::{self, Counters};
use super::format::{self, FORMAT_CURRENT};
use super::head::Head;
use super::keys;
use super::lock::Lock;
use super::migrate;
use super::settings::Settings;
use super::tree::{Batch, Tree, size_on_disk};
use super::types::Counts;

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenMode {
    /// How long to wait for another holder of the lock. Default: not at all.
    pub wait: Duration,
    /// Whether to open although acknowledged changes are lost. [`Store::loss`] then says how many. Default: no.
    pub accept_loss: bool,
}

/// What was lost of the acknowledged changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// What was acknowledged; none where the head itself is lost.
    pub acknowledged: Option<Counts>,
    /// What was found.
    pub found: Counts,
}

/// The records of one collection, for one writer. `Send + Sync`: any number of threads may read and write.
///
/// Writes are one batch each: a reader, and whoever opens after a crash, sees a whole document or none of it. After a
/// write that failed (a full disk, say) every call fails until the store is opened again.
pub struct Store {
    pub(super) collection: PathBuf,
    /// Before `_lock`: sled is closed before the lock is let go.
    pub(super) tree: Tree,
    /// Held for reading by whatever reads several rows, for writing by every write.
    state: RwLock<State>,
    /// The last head written. Taken before `state` by whoever takes both.
    head: Mutex<Option<Head>>,
    loss: Option<Loss>,
    _lock: Lock,
}

/// What the store keeps in memory of its own rows.
pub(super) struct State {
    pub(super) counters: Counters,
    pub(super) settings: Settings,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("collection", &self.collection).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes an empty store in `collection`, and the directory itself where it is missing. What an interrupted `create`
    /// left is made anew.
    ///
    /// # Errors
    /// [`Error::CollectionExists`]; [`Error::InvalidInput`] for a dimension of 0; [`Error::Locked`]; [`Error::Io`].
    pub fn create(collection: &Path, settings: Settings) -> Result<Self> {
        settings.check()?;
        fs::create_dir_all(collection).map_err(Error::io("create", collection))?;
        let lock = Lock::acquire(collection, Duration::ZERO)?;
        let exists = || Error::CollectionExists { path: collection.to_path_buf() };
        if Head::path(collection).exists() {
            return Err(exists());
        }
        let tree = Tree::open(&records(collection))?;
        if read_counters(&tree)?.is_some_and(|counters| counters.sequence > 0) {
            return Err(exists());
        }
        initialise(&tree, &settings, Counters::default())?;
        let state = State { counters: Counters::default(), settings };
        let store = Self::assemble(collection, lock, tree, state, None, None);
        store.flush()?;
        store.tree.sync_names()?;
        sync_directory(collection)?;
        if let Some(parent) = collection.parent().filter(|p| !p.as_os_str().is_empty()) {
            sync_directory(parent)?;
        }
        Ok(store)
    }

    /// Whether a store is in `collection`, as far as can be seen without opening it. One that an interrupted `create`
    /// left counts here, and is [`Error::CollectionMissing`] to `open`.
    pub fn exists(collection: &Path) -> bool {
        Head::path(collection).exists() || records(collection).join("db").exists()
    }

    /// Opens the store in `collection`.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`]; [`Error::Locked`]; [`Error::FormatTooNew`], [`Error::FormatOld`],
    /// [`Error::FormatTooOld`]; [`Error::RecordsBehind`] when acknowledged changes are lost, unless the mode accepts that;
    /// [`Error::RecordsDamaged`]; [`Error::Io`].
    pub fn open(collection: &Path, mode: OpenMode) -> Result<Self> {
        let missing = || Error::CollectionMissing { path: collection.to_path_buf() };
        if !Self::exists(collection) {
            return Err(missing());
        }
        let lock = Lock::acquire(collection, mode.wait)?;
        let head = match Head::read(collection) {
            Err(Error::RecordsDamaged { .. }) if mode.accept_loss => None,
            head => head?,
        };
        let tree = Tree::open(&records(collection))?;
        let found = match read_format(&tree)? {
            Some(found) => {
                format::check_current(collection, found)?;
                let counters = read_counters(&tree)?.ok_or_else(|| tree.damaged("the counters are missing"))?;
                Some((counters, read_settings(&tree)?))
            }
            None if tree.scan(&[]).next().transpose()?.is_some() => {
                return Err(tree.damaged("the format number is missing"));
            }
            None => None,
        };
        let (mut state, head) = match (found, head) {
            (Some((counters, settings)), Some(head)) => (State { counters, settings }, Some(head)),
            // `create` writes the head before it returns, so a store with changes had one.
            (Some((counters, settings)), None) if counters.sequence > 0 => {
                if !mode.accept_loss {
                    return Err(tree.damaged("the file head, which says what was acknowledged, is missing"));
                }
                (State { counters, settings }, None)
            }
            (None, Some(head)) => {
                let settings = head.settings.clone();
                (State { counters: Counters::default(), settings }, Some(head))
            }
            (_, None) => return Err(missing()),
        };
        let loss = loss(&state.counters, head.as_ref());
        if let Some(Loss { acknowledged: Some(acknowledged), found }) = loss
            && !mode.accept_loss
        {
            let (expected, found) = (acknowledged.sequence, found.sequence);
            return Err(Error::RecordsBehind { path: records(collection), expected, found });
        }
        if let Some(head) = &head {
            // Numbers that were given out stay given out, also those that were lost.
            let counters = &mut state.counters;
            counters.sequence = counters.sequence.max(head.sequence);
            counters.next_document = counters.next_document.max(head.next_document);
            counters.next_passage = counters.next_passage.max(head.next_passage);
        }
        if read_format(&tree)?.is_none() {
            let counters = if loss.is_some() { Counters::default() } else { state.counters };
            initialise(&tree, &state.settings, counters)?;
        }
        Ok(Self::assemble(collection, lock, tree, state, head, loss))
    }

    /// Brings the store in `collection` to the current format. Gives the formats it had and has.
    ///
    /// # Errors
    /// As [`Store::open`], but for what depends on the head.
    pub fn migrate(collection: &Path, wait: Duration) -> Result<(u32, u32)> {
        if !Self::exists(collection) {
            return Err(Error::CollectionMissing { path: collection.to_path_buf() });
        }
        let _lock = Lock::acquire(collection, wait)?;
        let tree = Tree::open(&records(collection))?;
        let found = read_format(&tree)?.ok_or_else(|| tree.damaged("the format number is missing"))?;
        format::check(collection, found)?;
        Ok((found, migrate::run(&tree, migrate::STEPS, found)?))
    }

    fn assemble(
        collection: &Path,
        lock: Lock,
        tree: Tree,
        state: State,
        head: Option<Head>,
        loss: Option<Loss>,
    ) -> Self {
        let collection = collection.to_path_buf();
        Self { collection, tree, state: RwLock::new(state), head: Mutex::new(head), loss, _lock: lock }
    }

    /// The collection's directory.
    pub fn collection(&self) -> &Path {
        &self.collection
    }

    /// What was lost, when the store was opened accepting loss and there was some.
    pub fn loss(&self) -> Option<Loss> {
        self.loss
    }

    /// What the collection was made with.
    pub fn settings(&self) -> Settings {
        self.read_state().settings.clone()
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for another dimension or precision than that of the vectors already stored.
    pub fn set_settings(&self, settings: Settings) -> Result<()> {
        settings.check()?;
        let mut state = self.write_state();
        let old = &state.settings;
        let same = (old.dimension, old.precision) == (settings.dimension, settings.precision);
        if state.counters.passages > 0 && !same {
            let problem = "the dimension and precision of a collection that holds vectors cannot change".to_owned();
            return Err(Error::InvalidInput { problem });
        }
        let mut batch = Batch::default();
        put_settings(&self.tree, &mut batch, &settings)?;
        self.tree.apply(batch)?;
        state.settings = settings;
        Ok(())
    }

    /// How much the store holds.
    pub fn counts(&self) -> Counts {
        counts(&self.read_state().counters)
    }

    /// How much the store holds, and the numbers that it gives next.
    pub fn totals(&self) -> Totals {
        let Counters { sequence, next_document, next_passage, documents, passages } = self.read_state().counters;
        Totals { sequence, documents, passages, next_document, next_passage }
    }

    /// What was found on open: less than was acknowledged, when something is lost.
    pub fn found_on_open(&self) -> Counts {
        self.loss.map_or_else(|| self.counts(), |loss| loss.found)
    }

    /// Says that nothing is lost: what is published holds no more than was found, and what is not published was never
    /// acknowledged to anyone.
    pub fn vouch(&mut self) {
        self.loss = None;
    }

    /// Whether everything that was acknowledged is here, or would be with all up to the change `sequence`.
    pub fn acknowledged_by(&self, sequence: u64) -> bool {
        let acknowledged = self.loss.and_then(|loss| loss.acknowledged);
        acknowledged.is_none_or(|acknowledged| acknowledged.sequence <= sequence)
    }

    /// Whether acknowledged changes are lost, as an error.
    ///
    /// # Errors
    /// [`Error::RecordsBehind`]; [`Error::RecordsDamaged`] where the head is lost.
    pub fn check_loss(&self) -> Result<()> {
        match self.loss {
            None => Ok(()),
            Some(Loss { acknowledged: Some(acknowledged), found }) => {
                let (expected, found) = (acknowledged.sequence, found.sequence);
                Err(Error::RecordsBehind { path: records(&self.collection), expected, found })
            }
            Some(Loss { acknowledged: None, .. }) => {
                Err(self.tree.damaged("the file head, which says what was acknowledged, is missing"))
            }
        }
    }

    /// Counts acknowledgements from a higher number on.
    pub(super) fn go_on_from(&self, generation: u64) -> Result<()> {
        if let Some(head) = &mut *self.lock_head() {
            head.generation = head.generation.max(generation);
        }
        self.flush().map(|_| ())
    }

    /// Bytes of the files of the store in `collection`, which need not be open.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn size_in(collection: &Path) -> Result<u64> {
        size_on_disk(&records(collection))
    }

    /// Makes every change before this call durable and acknowledges it in the head. Other threads may go on writing;
    /// their later changes wait for the next flush.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing new is acknowledged then.
    pub fn flush(&self) -> Result<Head> {
        let mut last = self.lock_head();
        let head = {
            let state = self.read_state();
            let counters = &state.counters;
            if self.loss.is_some() {
                // They were raised on open; until here the stored ones went on showing the loss.
                let mut batch = Batch::default();
                put_counters(&self.tree, &mut batch, counters)?;
                self.tree.apply(batch)?;
            }
            Head {
                format: FORMAT_CURRENT,
                sequence: counters.sequence,
                documents: counters.documents,
                passages: counters.passages,
                generation: last.as_ref().map_or(0, |head| head.generation) + 1,
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

    /// The head that was read on open or written last.
    pub fn head(&self) -> Option<Head> {
        self.lock_head().clone()
    }

    pub(super) fn read_state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write_state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_head(&self) -> MutexGuard<'_, Option<Head>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn counts(counters: &Counters) -> Counts {
    Counts { sequence: counters.sequence, documents: counters.documents, passages: counters.passages }
}

pub(super) fn records(collection: &Path) -> PathBuf {
    collection.join("records")
}

/// What is missing of what the head acknowledged. A store ahead of its head is whole: the crash came between the two.
fn loss(found: &Counters, head: Option<&Head>) -> Option<Loss> {
    let acknowledged = head.map(|h| Counts { sequence: h.sequence, documents: h.documents, passages: h.passages });
    let found = counts(found);
    match acknowledged {
        Some(a) if a.sequence <= found.sequence => None,
        _ => Some(Loss { acknowledged, found }),
    }
}

fn initialise(tree: &Tree, settings: &Settings, counters: Counters) -> Result<()> {
    let mut batch = Batch::default();
    batch.insert(keys::FORMAT, &FORMAT_CURRENT.to_le_bytes());
    put_settings(tree, &mut batch, settings)?;
    put_counters(tree, &mut batch, &counters)?;
    tree.apply(batch)
}

pub(super) fn put_counters(tree: &Tree, batch: &mut Batch, counters: &Counters) -> Result<()> {
    let value = codec::encode(counters).map_err(|e| tree.damaged(e.to_string()))?;
    batch.insert(keys::COUNTERS, value);
    Ok(())
}

fn put_settings(tree: &Tree, batch: &mut Batch, settings: &Settings) -> Result<()> {
    for row in tree.scan(keys::SETTINGS) {
        batch.remove(row?.0);
    }
    let json = serde_json::to_vec(settings).map_err(|e| Error::InvalidInput { problem: e.to_string() })?;
    for (number, piece) in codec::pieces(&json) {
        batch.insert(keys::piece(keys::SETTINGS, number), piece);
    }
    Ok(())
}

fn read_format(tree: &Tree) -> Result<Option<u32>> {
    let Some(value) = tree.get(keys::FORMAT)? else { return Ok(None) };
    let bytes = value.as_ref().try_into().map_err(|_| tree.damaged("the format number is garbled"))?;
    Ok(Some(u32::from_le_bytes(bytes)))
}

pub(super) fn read_counters(tree: &Tree) -> Result<Option<Counters>> {
    let value = tree.get(keys::COUNTERS)?;
    value.map(|v| codec::decode(&v).map_err(|e| tree.damaged(format!("the counters: {e}")))).transpose()
}

fn read_settings(tree: &Tree) -> Result<Settings> {
    let mut json = Vec::new();
    for row in tree.scan(keys::SETTINGS) {
        json.extend_from_slice(&row?.1);
    }
    serde_json::from_slice(&json).map_err(|e| tree.damaged(format!("the settings: {e}")))
}
