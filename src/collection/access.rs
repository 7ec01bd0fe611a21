//! How a handle accesses a collection: a writer through the records, which it publishes; a reader through the published
//! index, without any lock.

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

/// The directory of the published index in a collection.
const PUBLISHED: &str = "published";

/// How a handle accesses its collection.
pub(super) enum Access {
    Writer(Box<WriterAccess>),
    Reader(ReaderAccess),
}

/// Access of the one handle, in one process, that holds the collection's lock.
pub(super) struct WriterAccess {
    /// Declared before the store, so that merging ends before the lock is released.
    pub(super) merger: Merger,
    pub(super) publisher: Arc<Publisher>,
    pub(super) store: Store,
}

/// Access of a reader. There can be any number of them, in any number of processes.
pub(super) struct ReaderAccess {
    collection: PathBuf,
    /// The directory of the published index.
    directory: PathBuf,
    /// The fingerprint of the vectors when it was opened.
    fingerprint: Option<String>,
    /// The newest generation that was seen.
    current: RwLock<Arc<Snapshot>>,
}

impl Access {
    /// Returns the newest published generation.
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
    /// Access to a store that was just created; publishes an empty generation.
    pub(super) fn create(collection: &Path, store: Store, options: &CollectionOptions) -> Result<Self> {
        let publisher = records_to_index::rebuild_index(&store, &published_in(collection))?;
        Ok(Self::assemble(store, publisher, options))
    }

    /// Opens the records and the published index, and brings both to the same change: publishes changes that only the
    /// records have, and restores changes that only the published index has, if the head says that they were acknowledged.
    ///
    /// # Errors
    /// The errors of [`Store::open`] for records that are damaged or that lost changes which were never published;
    /// [`Error::CopiesDiffer`]; [`Error::IndexDamaged`].
    pub(super) fn open(collection: &Path, mode: OpenMode, options: &CollectionOptions) -> Result<Self> {
        let directory = published_in(collection);
        let store = match Store::open(collection, OpenMode { accept_loss: true, ..mode }) {
            // The records and their head are gone: restore them, unless there never was anything.
            Err(Error::CollectionMissing { .. }) if has_published_files(collection)? => {
                let snapshot = Snapshot::at(&directory)?.ok_or_else(|| current_missing(&directory))?;
                mend::from_published(collection, &snapshot, mode)?
            }
            // A power loss while the collection was created: nothing was ever acknowledged.
            Err(Error::RecordsDamaged { .. })
                if !Store::check_head(collection)? && !has_published_files(collection)? =>
            {
                return Err(Error::CollectionMissing { path: collection.to_path_buf() });
            }
            store => store?,
        };
        let mut store = if store.is_suspect() { mend::check_suspect(store, collection, mode)? } else { store };
        let Some(publisher) = Publisher::open(&directory, words::sidecar(&store.settings(), collection)?)? else {
            // An older nigh wrote the collection, or creating it was interrupted.
            refuse_loss(&store, mode)?;
            let publisher = records_to_index::rebuild_index(&store, &directory)?;
            return Ok(Self::assemble(store, publisher, options));
        };
        let snapshot = publisher.snapshot();
        let id = settings_of(&snapshot, collection)?.id;
        if id.is_empty() && store.loss().is_none() {
            // A migration was interrupted: only the records have an identity.
            drop((snapshot, publisher));
            let publisher = records_to_index::rebuild_index(&store, &directory)?;
            return Ok(Self::assemble(store, publisher, options));
        }
        if id != store.settings().id {
            return Err(mend::another_collection(collection));
        }
        let has_all_acknowledged = store.acknowledged_by(snapshot.totals().sequence);
        if !has_all_acknowledged {
            // The published index may be an older copy, too: one of the two must have all acknowledged changes.
            refuse_loss(&store, mode)?;
        }
        if snapshot.totals().sequence > store.found_on_open().sequence {
            if store.loss().is_none() {
                return Err(mend::older_records(collection, &store, &snapshot));
            }
            if has_other_vectors(&store, &snapshot)? {
                // Never single documents: their vectors are of another model or space than the records.
                drop(store);
                store = mend::from_published(collection, &snapshot, mode)?;
            } else {
                records_to_index::restore_records(&mut store, &snapshot)?;
            }
        }
        if has_all_acknowledged {
            store.clear_loss();
        }
        if has_other_vectors(&store, &snapshot)? || words::are_outdated(&snapshot)? {
            // A move to another space was interrupted, or an older version tokenised in another way. The records have everything
            // that is published.
            drop((snapshot, publisher));
            let publisher = records_to_index::rebuild_index(&store, &directory)?;
            return Ok(Self::assemble(store, publisher, options));
        }
        records_to_index::publish_changes(&store, &publisher, JustStored::new())?;
        Ok(Self::assemble(store, publisher, options))
    }

    /// Builds the published index again from the records; or first the records from the published index, if they cannot be
    /// opened, contradict themselves, belong to another collection or are an older copy. Returns which was rebuilt. Calls
    /// `step` after each document, with the number of documents done and in all. An error of `step` ends the work; the index
    /// published before stays.
    ///
    /// # Errors
    /// [`Error::RecordsDamaged`] when neither side can be read, with the problem of each.
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

    pub(super) fn assemble(store: Store, publisher: Publisher, options: &CollectionOptions) -> Self {
        let publisher = Arc::new(match options.graphs_from {
            Some(rows) => publisher.with_graphs_from(rows),
            None => publisher,
        });
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { merger: Merger::new(Arc::clone(&publisher), threads), publisher, store }
    }
}

/// The part of a collection that a rebuild made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rebuilt {
    /// The published generation, from the records.
    Published,
    /// The records, from the published generation; then the published generation from them.
    Records,
}

/// Returns the error for an index without `CURRENT`, the file that names the published generation.
pub(super) fn current_missing(directory: &Path) -> Error {
    Error::IndexDamaged { path: directory.join("CURRENT"), problem: "it is missing".to_owned() }
}

/// True if anything is published in a collection, readable or not.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn has_published_files(collection: &Path) -> Result<bool> {
    Snapshot::has_files(&published_in(collection))
}

/// True if the vectors of the records and of the published index are of different models or spaces.
///
/// # Errors
/// See [`settings_of`].
pub(super) fn has_other_vectors(store: &Store, snapshot: &Snapshot) -> Result<bool> {
    Ok(fingerprint(&store.settings()) != fingerprint(&settings_of(snapshot, store.collection())?))
}

fn fingerprint(settings: &Settings) -> Option<&str> {
    settings.model.as_ref().map(|model| model.fingerprint.as_str())
}

/// Refuses a store that lost acknowledged changes, unless the mode accepts that.
fn refuse_loss(store: &Store, mode: OpenMode) -> Result<()> {
    if mode.accept_loss { Ok(()) } else { store.check_loss() }
}

impl ReaderAccess {
    /// Opens the published index. Writes nothing and needs no lock.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], also if nothing is published; [`Error::CopiesDiffer`] if the published index belongs to
    /// another collection; [`Error::FormatOld`]; [`Error::CollectionMissing`]; [`Error::Io`].
    pub(super) fn open(collection: &Path) -> Result<Self> {
        let directory = published_in(collection);
        let snapshot = match Snapshot::at(&directory)? {
            Some(snapshot) => snapshot,
            // If nothing was ever acknowledged, there is no collection yet.
            None if Store::check_head(collection)? || has_published_files(collection)? => {
                return Err(current_missing(&directory));
            }
            None => return Err(Error::CollectionMissing { path: collection.to_path_buf() }),
        };
        let settings = settings_of(&snapshot, collection)?;
        if Store::head_identity(collection)?.is_some_and(|head| head != settings.id) {
            return Err(mend::another_collection(collection));
        }
        let (collection, fingerprint) = (collection.to_path_buf(), fingerprint(&settings).map(str::to_owned));
        Ok(Self { collection, directory, fingerprint, current: RwLock::new(Arc::new(snapshot)) })
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let current = Arc::clone(&sync::read(&self.current));
        if current.is_intact() && !current.is_stale(&self.directory)? {
            return Ok(current);
        }
        let newer = Arc::new(current.newer(&self.directory)?.ok_or_else(|| current_missing(&self.directory))?);
        if fingerprint(&settings_of(&newer, &self.collection)?) != self.fingerprint.as_deref() {
            // The handle's model would encode queries for the old vectors.
            let problem = "has vectors of another space or model since it was opened here; open it again".to_owned();
            return Err(Error::CollectionKind { path: self.collection.clone(), problem });
        }
        // Another thread may have stored a newer one there; then the next search looks again.
        *sync::write(&self.current) = Arc::clone(&newer);
        Ok(newer)
    }
}

/// Returns the directory of a collection's published index.
pub(super) fn published_in(collection: &Path) -> PathBuf {
    collection.join(PUBLISHED)
}

/// Reads the settings of a collection from a published generation.
///
/// # Errors
/// [`Error::IndexDamaged`] if the settings do not fit the generation's vectors.
pub(super) fn settings_of(snapshot: &Snapshot, collection: &Path) -> Result<Settings> {
    let damaged = |problem: String| Error::IndexDamaged { path: published_in(collection).join("CURRENT"), problem };
    let settings: Settings = serde_json::from_str(snapshot.settings())
        .map_err(|error| damaged(format!("{SETTINGS_UNREADABLE}: {error}")))?;
    if records_to_index::shape(&settings)? != snapshot.shape() {
        let (stated, stored) = (settings.dimension, snapshot.shape().dimension);
        return Err(damaged(format!(
            "its settings have vectors of {stated} numbers, its segments of {stored}, or in another precision"
        )));
    }
    Ok(settings)
}
