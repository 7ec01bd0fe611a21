//! Opening a store: creates it, opens it for writing, or inspects a copy; compares it with its head.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use crate::disk::{Dir, random_id, sync_names};
use crate::error::{Error, Result};

use super::codec::Counters;
use super::format::{self, FORMAT_CURRENT};
use super::head::{self, Head};
use super::keys;
use super::lock::Lock;
use super::migrate;
use super::replace_vectors::{end_replacing, records_name};
use super::settings::Settings;
use super::store::{
    Loss, Store, StoreState, counts, put_counters, put_settings, read_counters, read_format, read_settings, records,
};
use super::tree::{Batch, FileCopy, Tree};
use super::types::Counts;

/// The mode in which a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenMode {
    /// How long to wait if another process holds the lock. Default: 0.
    pub wait: Duration,
    /// Whether to open although acknowledged changes are lost. [`Store::loss`] then has their number. Default: false.
    pub accept_loss: bool,
    /// Whether to open although the head belongs to another collection; the head then counts as lost. Default: false.
    pub ignore_head: bool,
    /// Whether these records are the only copy of the acknowledged changes. When a read fails, sled takes that place for the
    /// end of its file and truncates it. So a copy of the file is kept while it is opened, and put back if less is found than
    /// was acknowledged. Default: false.
    pub only_copy: bool,
}

impl Store {
    /// Creates an empty store in `collection`, and the directory itself if it is missing. Replaces the remains of an interrupted
    /// `create`. Assigns a new identity if the settings have none. Waits for the lock as long as `wait`, and calls `prepare`
    /// when it has it: only one process at a time prepares and creates.
    ///
    /// # Errors
    /// [`Error::CollectionExists`]; [`Error::InvalidOptions`] for a dimension of 0; [`Error::Locked`];
    /// [`Error::NotOurs`] for a directory of another user; [`Error::Io`], also if the directory's path is a symbolic link; the
    /// errors of `prepare`.
    pub fn create_after(
        collection: &Path,
        settings: Settings,
        wait: Duration,
        prepare: impl FnOnce(&Dir) -> Result<()>,
    ) -> Result<Self> {
        settings.check()?;
        let directory = Dir::make(collection).map_err(Error::io("create", collection))?;
        check_owner(&directory)?;
        // Checked before the lock, as there is no use in waiting if there is a collection; and after it, as another process
        // may have created one meanwhile.
        refuse_existing(&directory)?;
        let lock = Lock::acquire(&directory, wait)?;
        refuse_existing(&directory)?;
        prepare(&directory)?;
        Self::create_locked(directory, lock, settings)
    }

    /// The same, without waiting and without preparation.
    #[cfg(test)]
    pub fn create(collection: &Path, settings: Settings) -> Result<Self> {
        Self::create_after(collection, settings, Duration::ZERO, |_| Ok(()))
    }

    /// Creates an empty store in a locked directory.
    pub(super) fn create_locked(directory: Dir, lock: Lock, mut settings: Settings) -> Result<Self> {
        if settings.id.is_empty() {
            settings.id = random_id();
        }
        let collection = &directory.path().to_path_buf();
        directory.sweep().map_err(Error::io("clear", collection))?;
        refuse_existing(&directory)?;
        let tree = match Tree::open(&records(collection)) {
            // A power loss during `create`: without a head nothing was acknowledged. The files are kept nevertheless.
            Err(Error::RecordsDamaged { .. }) => {
                set_aside(&directory).map_err(Error::io("set aside", records(collection)))?;
                Tree::open(&records(collection))?
            }
            tree => tree?,
        };
        if read_counters(&tree)?.is_some_and(|counters| counters.sequence > 0) {
            return Err(Error::CollectionExists { path: collection.clone() });
        }
        initialise(&tree, &settings, Counters::default())?;
        let state = StoreState { counters: Counters::default(), settings };
        let store = Self::assemble(directory, Some(lock), tree, state, None, None);
        store.flush()?;
        store.collection.sync().map_err(Error::io("sync", collection))?;
        if let Some(parent) = collection.parent().filter(|p| !p.as_os_str().is_empty()) {
            sync_names(parent).map_err(Error::io("sync", parent))?;
        }
        Ok(store)
    }

    /// True if `collection` has a store; does not open it. Also true for the remains of an interrupted `create`, though `open`
    /// returns [`Error::CollectionMissing`] for them. True if the directory cannot be read.
    pub fn exists(collection: &Path) -> bool {
        let exists = || {
            let directory = Dir::open(collection)?;
            Ok(directory.has(head::FILE)? || directory.has("records")? && directory.sub("records")?.has("db")?)
        };
        exists().unwrap_or_else(|error: std::io::Error| {
            !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        })
    }

    /// True if `collection` has a head with this version's format.
    ///
    /// # Errors
    /// [`Error::FormatTooNew`], [`Error::FormatOld`], [`Error::FormatTooOld`]; [`Error::Io`].
    pub fn check_head(collection: &Path) -> Result<bool> {
        let directory = Dir::open(collection).map_err(Error::io("open", collection))?;
        match Head::read(&directory) {
            Err(Error::RecordsDamaged { .. }) => Ok(true),
            head => {
                let head = head?;
                head.as_ref().map_or(Ok(()), |head| format::check_current(collection, head.format))?;
                Ok(head.is_some())
            }
        }
    }

    /// Returns the collection id in the head of `collection`; `None` if there is no head or it cannot be read.
    ///
    /// # Errors
    /// [`Error::Io`], for example if the head is a symbolic link.
    pub fn head_identity(collection: &Path) -> Result<Option<String>> {
        let directory = match Dir::open(collection) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            directory => directory.map_err(Error::io("open", collection))?,
        };
        match Head::read(&directory) {
            Ok(head) => Ok(head.map(|head| head.settings.id).filter(|id| !id.is_empty())),
            Err(error @ Error::Io { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Opens the store in `collection` for writing.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`]; [`Error::Locked`]; [`Error::NotOurs`]; [`Error::FormatTooNew`], [`Error::FormatOld`],
    /// [`Error::FormatTooOld`]; [`Error::RecordsBehind`] when acknowledged changes are lost, unless the mode accepts that;
    /// [`Error::CopiesDiffer`] when the head belongs to another collection; [`Error::RecordsDamaged`]; [`Error::Io`].
    pub fn open(collection: &Path, mode: OpenMode) -> Result<Self> {
        if !Self::exists(collection) {
            return Err(Error::CollectionMissing { path: collection.to_path_buf() });
        }
        let directory = Dir::open(collection).map_err(Error::io("open", collection))?;
        check_owner(&directory)?;
        let lock = Lock::acquire(&directory, mode.wait)?;
        // Older versions left the access rights to the umask; a killed process may have left unfinished files.
        let clear = || directory.close().and_then(|()| directory.sweep()).and_then(|()| end_replacing(&directory));
        clear().map_err(Error::io("clear", collection))?;
        let head = read_head(&directory, mode)?;
        let tree = if mode.only_copy && !mode.accept_loss {
            with_copy(&directory, |tree| {
                let counters = read_counters(&tree)?.unwrap_or_default();
                refuse_loss(&directory, &counters, head.as_ref())?;
                Ok(tree)
            })?
        } else {
            Tree::open(&records(collection))?
        };
        let store = Self::compare(directory, Some(lock), tree, head, mode)?;
        if read_format(&store.tree)?.is_none() {
            let (counters, settings) = {
                let state = store.read_state();
                (if store.loss.is_some() { Counters::default() } else { state.counters }, state.settings.clone())
            };
            initialise(&store.tree, &settings, counters)?;
        }
        // After a migration, or a crash between the records and their head.
        let is_behind = |head: &Head| head.format != FORMAT_CURRENT || head.sequence < store.counts().sequence;
        if store.loss.is_none() && store.head().as_ref().is_some_and(is_behind) {
            store.flush()?;
        }
        Ok(store)
    }

    /// Opens a temporary copy of the records, to inspect them without writing to the collection. Accepts loss. Writers wait as
    /// long as the store is open.
    ///
    /// # Errors
    /// The errors of [`Store::open`].
    pub fn inspect(collection: &Path, wait: Duration) -> Result<Self> {
        let directory = Dir::open(collection).map_err(Error::io("open", collection))?;
        let lock = Lock::share(&directory, wait)?;
        let mode = OpenMode { wait, accept_loss: true, ..OpenMode::default() };
        let head = read_head(&directory, mode)?;
        let name = records_name(&directory);
        let records = collection.join(name);
        let copy = tempfile::tempdir().map_err(Error::io("make a temporary copy of", &records))?;
        let tree = match directory.has(name) {
            Ok(false) => Tree::open_in_empty(&records, copy.path())?,
            _ => Tree::open_copy(&records, copy.path())?,
        };
        let mut store = Self::compare(directory, lock, tree, head, mode)?;
        store.copy = Some(copy);
        Ok(store)
    }

    /// Migrates the store in `collection` to the current format. Returns the old and the new format.
    ///
    /// # Errors
    /// The errors of [`Store::open`]. If less is found than was acknowledged, the records are left as they were: when a read
    /// fails, sled takes that place for the end of its file and truncates it.
    pub fn migrate(collection: &Path, wait: Duration) -> Result<(u32, u32)> {
        if !Self::exists(collection) {
            return Err(Error::CollectionMissing { path: collection.to_path_buf() });
        }
        let directory = Dir::open(collection).map_err(Error::io("open", collection))?;
        check_owner(&directory)?;
        let _lock = Lock::acquire(&directory, wait)?;
        directory.sweep().and_then(|()| end_replacing(&directory)).map_err(Error::io("clear", collection))?;
        let head = Head::read(&directory)?;
        with_copy(&directory, |tree| {
            let found = read_format(&tree)?.ok_or_else(|| tree.damaged("the format number is missing"))?;
            format::check(collection, found)?;
            let counters = read_counters(&tree)?.unwrap_or_default();
            refuse_loss(&directory, &counters, head.as_ref())?;
            if found < FORMAT_CURRENT {
                // Older versions left the access rights to the umask.
                directory.make_private().map_err(Error::io("change the mode of", collection))?;
            }
            Ok((found, migrate::run(&tree, migrate::STEPS, found)?))
        })
    }

    /// Makes a store of a tree and its head. Refuses lost changes unless the mode accepts them; see [`Store::open`].
    pub(super) fn compare(
        directory: Dir,
        lock: Option<Lock>,
        tree: Tree,
        head: Option<Head>,
        mode: OpenMode,
    ) -> Result<Self> {
        let collection = directory.path().to_path_buf();
        let missing = || Error::CollectionMissing { path: collection.clone() };
        let found = match read_format(&tree)? {
            Some(found) => {
                format::check_current(&collection, found)?;
                let counters = read_counters(&tree)?.ok_or_else(|| tree.damaged("the counters are missing"))?;
                Some((counters, read_settings(&tree)?))
            }
            None if tree.scan(&[]).next().transpose()?.is_some() => {
                return Err(tree.damaged("the format number is missing"));
            }
            None => None,
        };
        let (mut state, head) = match (found, head) {
            (Some((counters, settings)), Some(head)) => {
                let (ours, theirs) = (&settings.id, &head.settings.id);
                if !theirs.is_empty() && ours != theirs {
                    let problem = "the file head belongs to another collection than the records".to_owned();
                    return Err(Error::CopiesDiffer { path: collection, problem });
                }
                (StoreState { counters, settings }, Some(head))
            }
            // `create` writes the head before it returns, so a store with changes had one.
            (Some((counters, settings)), None) if counters.sequence > 0 || mode.ignore_head => {
                if !mode.accept_loss {
                    return Err(tree.damaged("the file head, which says what was acknowledged, is missing"));
                }
                (StoreState { counters, settings }, None)
            }
            (None, Some(head)) => {
                let settings = head.settings.clone();
                (StoreState { counters: Counters::default(), settings }, Some(head))
            }
            (_, None) => return Err(missing()),
        };
        let loss = loss(&state.counters, head.as_ref());
        if !mode.accept_loss {
            refuse_loss(&directory, &state.counters, head.as_ref())?;
        }
        if let Some(head) = &head {
            // A number is never assigned twice, even if its document was lost.
            let counters = &mut state.counters;
            counters.sequence = counters.sequence.max(head.sequence);
            counters.next_document = counters.next_document.max(head.next_document);
            counters.next_passage = counters.next_passage.max(head.next_passage);
        }
        Ok(Self::assemble(directory, lock, tree, state, head, loss))
    }

    pub(super) fn assemble(
        collection: Dir,
        lock: Option<Lock>,
        tree: Tree,
        state: StoreState,
        head: Option<Head>,
        loss: Option<Loss>,
    ) -> Self {
        let (state, head, lock) = (RwLock::new(state), Mutex::new(head), Mutex::new(lock));
        Self { collection, tree, state, head, loss, lock, copy: None }
    }
}

/// Opens the tree in a locked collection and calls `work` with it. If either fails, puts sled's file back as it was.
fn with_copy<T>(collection: &Dir, work: impl FnOnce(Tree) -> Result<T>) -> Result<T> {
    let records = records(collection.path());
    let copy = FileCopy::of(collection, &records)?;
    let result = Tree::open(&records).and_then(work);
    if result.is_err()
        && let Some(copy) = copy
    {
        copy.put_back().map_err(Error::io("put back", records))?;
    }
    result
}

/// Refuses counters that lack changes that the head acknowledged. Without a head, refuses nothing.
fn refuse_loss(collection: &Dir, counters: &Counters, head: Option<&Head>) -> Result<()> {
    match loss(counters, head) {
        Some(Loss { acknowledged: Some(acknowledged), found }) => {
            let (expected, found) = (acknowledged.sequence, found.sequence);
            Err(Error::RecordsBehind { path: records(collection.path()), expected, found })
        }
        _ => Ok(()),
    }
}

/// Renames the records of a collection, so that new ones can be created.
pub(super) fn set_aside(collection: &Dir) -> std::io::Result<()> {
    let is_free = |number: &u32| !collection.has(format!("records.damaged-{number}")).unwrap_or(true);
    let new_name = format!("records.damaged-{}", (1..).find(is_free).unwrap_or(u32::MAX));
    if collection.has("records")? {
        collection.rename("records", new_name)?;
    }
    collection.sync()
}

/// Refuses a directory of another user: that user could replace our files there, and theirs would be trusted as ours.
fn check_owner(directory: &Dir) -> Result<()> {
    if directory.is_foreign() { Err(Error::NotOurs { path: directory.path().to_path_buf() }) } else { Ok(()) }
}

/// Refuses to create a store where there is one.
fn refuse_existing(directory: &Dir) -> Result<()> {
    match directory.has(head::FILE).map_err(Error::io("read", directory.path()))? {
        true => Err(Error::CollectionExists { path: directory.path().to_path_buf() }),
        false => Ok(()),
    }
}

fn read_head(directory: &Dir, mode: OpenMode) -> Result<Option<Head>> {
    if mode.ignore_head {
        return Ok(None);
    }
    match Head::read(directory) {
        Err(Error::RecordsDamaged { .. }) if mode.accept_loss => Ok(None),
        head => head,
    }
}

/// Returns the acknowledged changes that are missing. A store ahead of its head lacks nothing: the crash came between the
/// two writes.
fn loss(found: &Counters, head: Option<&Head>) -> Option<Loss> {
    let counts_of =
        |head: &Head| Counts { sequence: head.sequence, documents: head.documents, passages: head.passages };
    let acknowledged = head.map(counts_of);
    let found = counts(found);
    match acknowledged {
        Some(acknowledged) if acknowledged.sequence <= found.sequence => None,
        _ => Some(Loss { acknowledged, found }),
    }
}

/// Writes the rows that every store has, in one batch.
fn initialise(tree: &Tree, settings: &Settings, counters: Counters) -> Result<()> {
    let mut batch = Batch::default();
    batch.insert(keys::FORMAT, &FORMAT_CURRENT.to_le_bytes());
    put_settings(tree, &mut batch, settings)?;
    put_counters(tree, &mut batch, &counters)?;
    tree.apply(batch)
}
