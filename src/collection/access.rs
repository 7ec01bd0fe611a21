//! How a handle gets at a collection: a writer's through the records, which it publishes; a reader's through what is
//! published, without any lock.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::published::{self, SETTINGS_UNREADABLE};
use super::words::Words;
use crate::error::{Error, Result};
use crate::index::{Merger, Publisher, Snapshot};
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
    pub(super) fn create(collection: &Path, store: Store) -> Result<Self> {
        let publisher = published::make(&store, &published_in(collection))?;
        Ok(Self::assemble(store, publisher))
    }

    /// Opens the records and what is published, and brings the two to the same change: what the records have and the
    /// published generation has not is published; what the records have lost is restored from there.
    ///
    /// # Errors
    /// What [`Store::open`] says of records that are damaged, or lost what was never published; [`Error::IndexDamaged`].
    pub(super) fn open(collection: &Path, mode: OpenMode) -> Result<Self> {
        let directory = published_in(collection);
        let mut store = match Store::open(collection, OpenMode { accept_loss: true, ..mode }) {
            // The records are gone, head and all: they are made again, unless nothing was ever there.
            Err(Error::CollectionMissing { .. }) if something_in(collection)? => {
                let snapshot = Snapshot::at(&directory)?.ok_or_else(|| current_missing(&directory))?;
                Store::replace(collection, settings_of(&snapshot, collection)?, snapshot.generation(), mode.wait)?
            }
            store => store?,
        };
        let Some(publisher) = Publisher::open(&directory, Words::sidecar())? else {
            // Made by an older nigh, or the making of the collection was interrupted.
            refuse_loss(&store, mode)?;
            let publisher = published::make(&store, &directory)?;
            return Ok(Self::assemble(store, publisher));
        };
        let snapshot = publisher.snapshot();
        let whole = store.acknowledged_by(snapshot.totals().sequence);
        if !whole {
            // What is published may be an older copy, too: what was acknowledged must be in one of the two.
            refuse_loss(&store, mode)?;
        }
        if snapshot.totals().sequence > store.found_on_open().sequence {
            published::restore(&mut store, &snapshot)?;
        }
        if whole {
            store.vouch();
        }
        published::publish(&store, &publisher)?;
        Ok(Self::assemble(store, publisher))
    }

    /// Makes the published generation again from the records; or the records from what is published, where they cannot be
    /// opened. Says which was made.
    ///
    /// # Errors
    /// [`Error::RecordsDamaged`] when neither side can be read, with what is wrong with each.
    pub(super) fn rebuild(collection: &Path, mode: OpenMode) -> Result<(Self, Rebuilt)> {
        let directory = published_in(collection);
        let (store, rebuilt) = match Store::open(collection, mode) {
            Ok(store) => (store, Rebuilt::Published),
            Err(
                error @ (Error::RecordsDamaged { .. } | Error::RecordsBehind { .. } | Error::CollectionMissing { .. }),
            ) => {
                let snapshot = Snapshot::at(&directory).and_then(|it| it.ok_or_else(|| current_missing(&directory)));
                let whole = snapshot.and_then(|snapshot| snapshot.verify(&directory).map(|()| snapshot));
                let snapshot = whole.map_err(|cause| neither(collection, &error, &cause))?;
                let settings = settings_of(&snapshot, collection)?;
                let mut store = Store::replace(collection, settings, snapshot.generation(), mode.wait)?;
                published::restore(&mut store, &snapshot)?;
                (store, Rebuilt::Records)
            }
            Err(error) => return Err(error),
        };
        let publisher = published::make(&store, &directory)?;
        Ok((Self::assemble(store, publisher), rebuilt))
    }

    fn assemble(store: Store, publisher: Publisher) -> Self {
        let publisher = Arc::new(publisher);
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

/// Neither the records nor what is published can be read.
fn neither(collection: &Path, records: &Error, published: &Error) -> Error {
    // What both suggest, to make the one from the other, cannot be done.
    let what = |error: &Error| match error {
        Error::RecordsDamaged { problem, .. } | Error::IndexDamaged { problem, .. } => {
            problem.split(';').next().unwrap_or_default().to_owned()
        }
        Error::CollectionMissing { .. } => "they are missing".to_owned(),
        other => other.to_string(),
    };
    let file = match published {
        Error::IndexDamaged { path, .. } => path.display().to_string(),
        _ => "what is published".to_owned(),
    };
    let problem = format!(
        "{}, and they cannot be made again, as {file} is damaged, too ({}); move the collection away and index again",
        what(records),
        what(published)
    );
    Error::RecordsDamaged { path: collection.to_path_buf(), problem }
}

fn current_missing(directory: &Path) -> Error {
    Error::IndexDamaged { path: directory.join("CURRENT"), problem: "it is missing".to_owned() }
}

/// Whether anything is published in a collection, readable or not.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn something_in(collection: &Path) -> Result<bool> {
    let directory = published_in(collection);
    Ok(directory.join("CURRENT").exists() || Snapshot::has_files(&directory)?)
}

fn refuse_loss(store: &Store, mode: OpenMode) -> Result<()> {
    if mode.accept_loss { Ok(()) } else { store.check_loss() }
}

impl ReaderAccess {
    /// Opens what is published; none where nothing is.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`].
    pub(super) fn open(collection: &Path) -> Result<Option<Self>> {
        let directory = published_in(collection);
        let snapshot = Snapshot::at(&directory)?;
        Ok(snapshot.map(|snapshot| Self { directory, current: RwLock::new(Arc::new(snapshot)) }))
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let held = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        if held.is_intact() && !held.is_stale(&self.directory)? {
            return Ok(held);
        }
        let newer = Arc::new(held.newer(&self.directory)?.ok_or_else(|| current_missing(&self.directory))?);
        // Another thread may have put a newer one there; then the next search looks again.
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&newer);
        Ok(newer)
    }
}

/// Where the published generation of a collection is.
pub(super) fn published_in(collection: &Path) -> PathBuf {
    collection.join(PUBLISHED)
}

/// What a published generation says that the collection was made with.
pub(super) fn settings_of(snapshot: &Snapshot, collection: &Path) -> Result<Settings> {
    serde_json::from_str(snapshot.settings()).map_err(|error| Error::IndexDamaged {
        path: published_in(collection).join("CURRENT"),
        problem: format!("{SETTINGS_UNREADABLE}: {error}"),
    })
}
