//! How a handle gets at a collection: a writer's through the records, which it publishes; a reader's through what is
//! published, without any lock.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::mend;
use super::options::CollectionOptions;
use super::records_to_index::{self, JustStored, SETTINGS_UNREADABLE};
use super::words;
use crate::error::{Error, Result};
use crate::index::{Merger, Publisher, Snapshot};
use crate::kernel::sync;
use crate::records::{OpenMode, Settings, Store};

/// Where in a collection the published generation is.
const PUBLISHED: &str = "published";

pub(super) enum Access {
    Writer(Box<WriterAccess>),
    Reader(ReaderAccess),
}

/// The one process, and the one handle in it, that holds the collection's lock.
pub(super) struct WriterAccess {
    /// Before the store: merging ends before the lock is let go.
    pub(super) merger: Merger,
    pub(super) publisher: Arc<Publisher>,
    pub(super) store: Store,
}

/// Any number of them, in any number of processes.
pub(super) struct ReaderAccess {
    directory: PathBuf,
    current: RwLock<Arc<Snapshot>>,
}

impl Access {
    /// The newest published generation.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`].
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        match self {
            Self::Writer(writer) => Ok(writer.publisher.snapshot()),
            Self::Reader(reader) => reader.snapshot(),
        }
    }

    pub(super) fn writer(&self) -> Option<&WriterAccess> {
        match self {
            Self::Writer(writer) => Some(writer),
            Self::Reader(_) => None,
        }
    }
}

impl WriterAccess {
    /// A store that was just made, and an empty generation beside it.
    pub(super) fn create(collection: &Path, store: Store, options: &CollectionOptions) -> Result<Self> {
        let publisher = records_to_index::rebuild_index(&store, &published_in(collection))?;
        Ok(Self::assemble(store, publisher, options))
    }

    /// Opens the records and what is published, and brings the two to the same change: what the records have and the
    /// published generation has not is published; what the head says that the records have lost is restored from there.
    ///
    /// # Errors
    /// What [`Store::open`] says of records that are damaged, or lost what was never published; [`Error::CopiesDiffer`];
    /// [`Error::IndexDamaged`].
    pub(super) fn open(collection: &Path, mode: OpenMode, options: &CollectionOptions) -> Result<Self> {
        let directory = published_in(collection);
        let store = match Store::open(collection, OpenMode { accept_loss: true, ..mode }) {
            // The records are gone, head and all: they are made again, unless nothing was ever there.
            Err(Error::CollectionMissing { .. }) if something_in(collection)? => {
                let snapshot = Snapshot::at(&directory)?.ok_or_else(|| current_missing(&directory))?;
                mend::from_published(collection, &snapshot, mode)?
            }
            // A power loss while the collection was made: nothing was ever acknowledged.
            Err(Error::RecordsDamaged { .. }) if !Store::check_head(collection)? && !something_in(collection)? => {
                return Err(Error::CollectionMissing { path: collection.to_path_buf() });
            }
            store => store?,
        };
        let mut store = if store.is_suspect() { mend::suspect(store, collection, mode)? } else { store };
        let Some(publisher) = Publisher::open(&directory, words::sidecar(&store.settings(), collection)?)? else {
            // Made by an older nigh, or the making of the collection was interrupted.
            refuse_loss(&store, mode)?;
            let publisher = records_to_index::rebuild_index(&store, &directory)?;
            return Ok(Self::assemble(store, publisher, options));
        };
        let snapshot = publisher.snapshot();
        let id = settings_of(&snapshot, collection)?.id;
        if id.is_empty() && store.loss().is_none() {
            // Migrating was interrupted: the records have an identity already.
            drop((snapshot, publisher));
            let publisher = records_to_index::rebuild_index(&store, &directory)?;
            return Ok(Self::assemble(store, publisher, options));
        }
        if id != store.settings().id {
            return Err(mend::of_another(collection));
        }
        let whole = store.acknowledged_by(snapshot.totals().sequence);
        if !whole {
            // What is published may be an older copy, too: what was acknowledged must be in one of the two.
            refuse_loss(&store, mode)?;
        }
        if snapshot.totals().sequence > store.found_on_open().sequence {
            if store.loss().is_none() {
                return Err(mend::older_records(collection, &store, &snapshot));
            }
            records_to_index::restore_records(&mut store, &snapshot)?;
        }
        if whole {
            store.clear_loss();
        }
        if words::are_outdated(&snapshot)? {
            // An older version cut the words otherwise. The records have all that is published.
            drop((snapshot, publisher));
            let publisher = records_to_index::rebuild_index(&store, &directory)?;
            return Ok(Self::assemble(store, publisher, options));
        }
        records_to_index::publish_changes(&store, &publisher, JustStored::new())?;
        Ok(Self::assemble(store, publisher, options))
    }

    /// Makes the published generation again from the records; or the records from what is published, where they cannot be
    /// opened, contradict themselves, are of another collection or an older copy. Says which was made. `step` is called after each document,
    /// with how many there were and how many there are; an error of it ends the work, and what was published stays.
    ///
    /// # Errors
    /// [`Error::RecordsDamaged`] when neither side can be read, with what is wrong with each.
    pub(super) fn rebuild(
        collection: &Path,
        mode: OpenMode,
        options: &CollectionOptions,
        step: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<(Self, Rebuilt)> {
        let (store, rebuilt) = mend::rebuild(collection, mode)?;
        let publisher = records_to_index::rebuild_index_with(&store, &published_in(collection), step)?;
        Ok((Self::assemble(store, publisher, options), rebuilt))
    }

    fn assemble(store: Store, publisher: Publisher, options: &CollectionOptions) -> Self {
        let publisher = Arc::new(match options.graphs_from {
            Some(rows) => publisher.with_graphs_from(rows),
            None => publisher,
        });
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { merger: Merger::new(Arc::clone(&publisher), threads), publisher, store }
    }
}

/// What a rebuild made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rebuilt {
    /// The published generation, from the records.
    Published,
    /// The records, from the published generation; and that from them.
    Records,
}

pub(super) fn current_missing(directory: &Path) -> Error {
    Error::IndexDamaged { path: directory.join("CURRENT"), problem: "it is missing".to_owned() }
}

/// Whether anything is published in a collection, readable or not.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn something_in(collection: &Path) -> Result<bool> {
    Snapshot::has_files(&published_in(collection))
}

fn refuse_loss(store: &Store, mode: OpenMode) -> Result<()> {
    if mode.accept_loss { Ok(()) } else { store.check_loss() }
}

impl ReaderAccess {
    /// Opens what is published. Writes nothing and needs no lock.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], also where nothing is published; [`Error::CopiesDiffer`] where something else than this
    /// collection is; [`Error::FormatOld`]; [`Error::CollectionMissing`]; [`Error::Io`].
    pub(super) fn open(collection: &Path) -> Result<Self> {
        let directory = published_in(collection);
        let snapshot = match Snapshot::at(&directory)? {
            Some(snapshot) => snapshot,
            // Where nothing was ever acknowledged there is no collection yet.
            None if Store::check_head(collection)? || something_in(collection)? => {
                return Err(current_missing(&directory));
            }
            None => return Err(Error::CollectionMissing { path: collection.to_path_buf() }),
        };
        let id = settings_of(&snapshot, collection)?.id;
        if Store::head_identity(collection)?.is_some_and(|head| head != id) {
            return Err(mend::of_another(collection));
        }
        Ok(Self { directory, current: RwLock::new(Arc::new(snapshot)) })
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let held = Arc::clone(&sync::read(&self.current));
        if held.is_intact() && !held.is_stale(&self.directory)? {
            return Ok(held);
        }
        let newer = Arc::new(held.newer(&self.directory)?.ok_or_else(|| current_missing(&self.directory))?);
        // Another thread may have put a newer one there; then the next search looks again.
        *sync::write(&self.current) = Arc::clone(&newer);
        Ok(newer)
    }
}

/// Where the published generation of a collection is.
pub(super) fn published_in(collection: &Path) -> PathBuf {
    collection.join(PUBLISHED)
}

/// What a published generation says that the collection was made with.
///
/// # Errors
/// [`Error::IndexDamaged`] where that is not what its vectors are.
pub(super) fn settings_of(snapshot: &Snapshot, collection: &Path) -> Result<Settings> {
    let damaged = |problem: String| Error::IndexDamaged { path: published_in(collection).join("CURRENT"), problem };
    let settings: Settings = serde_json::from_str(snapshot.settings())
        .map_err(|error| damaged(format!("{SETTINGS_UNREADABLE}: {error}")))?;
    if records_to_index::shape(&settings)? != snapshot.shape() {
        let (says, has) = (settings.dimension, snapshot.shape().dimension);
        return Err(damaged(format!(
            "its settings say {says} numbers a vector, its segments have {has}, or another precision"
        )));
    }
    Ok(settings)
}
