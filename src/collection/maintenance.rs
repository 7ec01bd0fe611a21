//! Maintenance of a collection: rebuild, migration, the full check, and the list of changes.

use std::path::{Path, PathBuf};

use super::access::{Access, Rebuilt, WriterAccess, published_in, settings_of};
use super::handle::Collection;
use super::options::CollectionOptions;
use super::progress::Progress;
use super::{open, verify};
use crate::encoder::Cancel;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::{DocumentChange, OpenMode, Store};

/// Builds a collection's published index again; made by [`Collection::rebuild`], started by [`Rebuild::run`].
///
/// ```no_run
/// let cancel = nigh::Cancel::new(); // keep a clone of it, to stop the rebuild from another thread
/// let (notes, made) = nigh::Collection::rebuild("notes.nigh")
///     .cancel(&cancel)
///     .on_progress(|progress| eprintln!("{} of {} documents", progress.documents, progress.total))
///     .run()?;
/// println!("{}: {made:?}", notes.path().display());
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is rebuilt before it is run"]
pub struct Rebuild<'a> {
    path: PathBuf,
    options: CollectionOptions,
    cancel: Cancel,
    progress: Progress<'a, RebuildProgress>,
}

/// The progress of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RebuildProgress {
    /// Documents published again so far.
    pub documents: u64,
    /// Documents in all.
    pub total: u64,
}

/// The record format of a collection before and after [`Collection::migrate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormatChange {
    /// The format that it had.
    pub from: u32,
    /// The format that it has: [`FORMAT_CURRENT`](crate::FORMAT_CURRENT).
    pub to: u32,
}

impl<'a> Rebuild<'a> {
    /// The options to open the collection with. Default: [`CollectionOptions::new`].
    pub fn options(mut self, options: CollectionOptions) -> Self {
        self.options = options;
        self
    }

    /// Stops when this token is cancelled, with [`Error::Interrupted`]. The index published before stays; run the rebuild
    /// again to finish.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls this function after each document.
    pub fn on_progress(mut self, callback: impl FnMut(RebuildProgress) + 'a) -> Self {
        self.progress = Progress::to(callback);
        self
    }

    /// Rebuilds. Returns the collection, open for writing, and which of its two copies was rebuilt.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process writes; [`Error::RecordsDamaged`] or [`Error::RecordsBehind`] when the
    /// published index cannot be read either; [`Error::CollectionMissing`]; [`Error::Interrupted`]; [`Error::Io`].
    pub fn run(self) -> Result<(Collection, Rebuilt)> {
        let Self { path, options, cancel, mut progress } = self;
        if !Collection::exists(&path) {
            return Err(Error::CollectionMissing { path });
        }
        let trusted = open::trust(&path, &options)?;
        let mut step = |documents, total| {
            progress.tell(RebuildProgress { documents, total });
            if cancel.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
        };
        let (writer, rebuilt) = WriterAccess::rebuild(&path, options.open_mode(), &options, &mut step)?;
        let collection = Collection::with_access(&path, options, trusted, Access::Writer(Box::new(writer)))?;
        Ok((collection, rebuilt))
    }
}

impl Collection {
    /// Builds the published index again from the records. If the records cannot be opened, first restores them from the
    /// published index, and keeps the damaged ones next to them as `records.damaged-1`. Nothing happens before
    /// [`Rebuild::run`].
    pub fn rebuild<'a>(path: impl AsRef<Path>) -> Rebuild<'a> {
        Rebuild {
            path: path.as_ref().to_path_buf(),
            options: CollectionOptions::new(),
            cancel: Cancel::new(),
            progress: Progress::none(),
        }
    }

    /// Checks every byte of the published index. A handle that can write also checks every row of the records, against each
    /// other and against the published index. Returns the problems found; an empty list means that there are none. Writes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Io`] when reading failed, which does not mean that the collection is damaged.
    pub fn verify(&self) -> Result<Vec<String>> {
        match self.access() {
            Access::Writer(writer) => {
                let snapshot = self.newest()?;
                verify::check_writer(&writer.store, &snapshot)
            }
            Access::Reader(_) => {
                let snapshot = self.newest()?;
                verify::check_published(self.path(), &snapshot)
            }
        }
    }

    /// The full check of [`Collection::verify`] for a collection that may be too damaged to be opened. Writes nothing in the
    /// collection: checks the records in a copy, in the system's directory for temporary files.
    ///
    /// # Errors
    /// The errors of [`Collection::verify`]; [`Error::Locked`] while another process writes; [`Error::CollectionMissing`];
    /// [`Error::FormatOld`] and the other errors about the format.
    pub fn verify_at(path: impl AsRef<Path>, options: &CollectionOptions) -> Result<Vec<String>> {
        let path = path.as_ref();
        if !Self::exists(path) {
            return Err(Error::CollectionMissing { path: path.to_path_buf() });
        }
        open::trust(path, options)?;
        verify::findings(path, options.open_mode().wait)
    }

    /// Returns the last change of each document that changed after the change number `sequence`, oldest first, at most
    /// `limit` of them. Another system can follow this collection with it.
    /// [`Status::sequence`](super::Status::sequence) is the number of the newest change.
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection opened read-only, as only a writer opens the records, which have the
    /// changes; [`Error::RecordsDamaged`]; [`Error::Io`].
    pub fn changes_since(&self, sequence: u64, limit: usize) -> Result<Vec<DocumentChange>> {
        self.writer_access()?.store.changes_since(sequence, limit)
    }

    /// Converts the records in a directory to this version's format, and publishes them again. Does nothing if they have
    /// this format already.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`], [`Error::Locked`], [`Error::FormatTooNew`], [`Error::FormatTooOld`],
    /// [`Error::RecordsDamaged`], [`Error::Io`].
    pub fn migrate(path: impl AsRef<Path>) -> Result<FormatChange> {
        let (path, wait) = (path.as_ref(), CollectionOptions::DEFAULT_LOCK_TIMEOUT);
        let (from, to) = Store::migrate(path, wait)?;
        // Also if an earlier migration was interrupted after it converted the records.
        if from != to || Store::check_head(path).is_err() || Self::is_unpublished(path) {
            let mode = OpenMode { wait, ..OpenMode::default() };
            WriterAccess::rebuild(path, mode, &CollectionOptions::new(), &mut |_, _| Ok(()))?;
        }
        Ok(FormatChange { from, to })
    }

    /// True if the published index is missing, or has no identity yet.
    fn is_unpublished(path: &Path) -> bool {
        let published_settings = Snapshot::at(&published_in(path))
            .and_then(|snapshot| snapshot.map(|snapshot| settings_of(&snapshot, path)).transpose());
        published_settings.is_ok_and(|settings| settings.is_none_or(|settings| settings.id.is_empty()))
    }
}
