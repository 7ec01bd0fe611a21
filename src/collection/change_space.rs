//! [`Collection::change_space`]: moves the vectors of a collection to another space, without encoding its documents.
//!
//! 1. The records are copied with moved vectors and the new fingerprint, and the copy takes their place
//!    (`records/replace_vectors.rs`).
//! 2. The published index is built again from the records.
//!
//! Each step is atomic. Between them the two copies have different fingerprints: readers use the published index, which is whole
//! in the old space, and the next writer does step 2 ([`WriterAccess::open`]).

use std::path::{Path, PathBuf};

use super::access::{Access, WriterAccess, published_in};
use super::handle::Collection;
use super::model::Resolved;
use super::options::CollectionOptions;
use super::progress::Progress;
use super::{open, records_to_index};
use crate::encoder::{Cancel, TextKind, VectorSpace};
use crate::error::{Error, Result};
use crate::records::{Settings, Store};

/// Moves a collection's vectors to another space; made by [`Collection::change_space`], started by [`ChangeSpace::run`].
///
/// ```no_run
/// let (notes, change) = nigh::Collection::change_space("notes.nigh", nigh::VectorSpace::LanguageNeutral)
///     .on_progress(|progress| eprintln!("{} of {} vectors", progress.passages, progress.total_passages))
///     .run()?;
/// println!("{}: from {} to {}", notes.path().display(), change.from, change.to);
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is moved before it is run"]
pub struct ChangeSpace<'a> {
    path: PathBuf,
    space: VectorSpace,
    options: CollectionOptions,
    cancel: Cancel,
    progress: Progress<'a, SpaceProgress>,
}

/// The progress of a [`ChangeSpace`]: first all vectors are moved, then all documents are published again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SpaceProgress {
    /// Passages whose vectors are moved.
    pub passages: u64,
    /// Passages in all.
    pub total_passages: u64,
    /// Documents published again.
    pub documents: u64,
    /// Documents in all.
    pub total_documents: u64,
}

/// The space of a collection before and after [`Collection::change_space`]. They are the same if there was nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpaceChange {
    /// The space that the vectors were in.
    pub from: VectorSpace,
    /// The space that they are in.
    pub to: VectorSpace,
    /// The number of vectors that were moved.
    pub passages: u64,
}

impl Collection {
    /// Moves the vectors of a collection to another space, from the stored vectors: no document is read or encoded. The only
    /// way is from [`VectorSpace::Original`] to [`VectorSpace::LanguageNeutral`]. Nothing happens before [`ChangeSpace::run`].
    ///
    /// A crash at any moment leaves the collection in the old space or in the new one. While it runs, searches find the old
    /// vectors, and the records take their space on the disk twice; then so does the published index. Handles opened for reading
    /// before it must be opened again afterwards.
    pub fn change_space<'a>(path: impl AsRef<Path>, space: VectorSpace) -> ChangeSpace<'a> {
        ChangeSpace {
            path: path.as_ref().to_path_buf(),
            space,
            options: CollectionOptions::new(),
            cancel: Cancel::new(),
            progress: Progress::none(),
        }
    }
}

impl<'a> ChangeSpace<'a> {
    /// The options to open the collection with; their [`CollectionOptions::vector_space`] is not used. Default:
    /// [`CollectionOptions::new`].
    pub fn options(mut self, options: CollectionOptions) -> Self {
        self.options = options;
        self
    }

    /// Stops when this token is cancelled, with [`Error::Interrupted`]. The collection is then whole in one of the two spaces.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls this function from time to time.
    pub fn on_progress(mut self, callback: impl FnMut(SpaceProgress) + 'a) -> Self {
        self.progress = Progress::to(callback);
        self
    }

    /// Moves the vectors. Returns the collection, open for writing, and what changed; does nothing if its vectors are in this space
    /// already.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] for a space that does not suit the model, and for the way back to the original space;
    /// [`Error::CollectionKind`] for a collection without a model, and for one with a document of which only a part is
    /// encoded; [`Error::CollectionMissing`]; [`Error::Model`] if the model is not on this machine; [`Error::Interrupted`]; the
    /// errors of [`Collection::open`].
    pub fn run(self) -> Result<(Collection, SpaceChange)> {
        let Self { path, space, options, cancel, mut progress } = self;
        if !Collection::exists(&path) {
            return Err(Error::CollectionMissing { path });
        }
        let mut options = options.existing_only(true).read_only(false);
        options.space = None;
        let trusted = open::trust(&path, &options)?;
        let writer = WriterAccess::open(&path, options.open_mode(), &options)?;
        let settings = writer.store.settings();
        let Some(wanted) = &settings.model else {
            let problem = "has no model: whoever makes its vectors has to move them".to_owned();
            return Err(Error::CollectionKind { path, problem });
        };
        let model = Resolved::for_existing(wanted, &path, trusted, &options)?;
        let from = model.options.space;
        let finish = |writer, passages| {
            let collection =
                Collection::with_access(&path, options.clone(), trusted, Access::Writer(Box::new(writer)))?;
            Ok((collection, SpaceChange { from, to: space, passages }))
        };
        if from == space {
            return finish(writer, 0);
        }
        check(&model, from, space)?;
        check_is_finished(&writer.store, &path)?;
        let model = model.in_space(space);
        let encoder = model.load()?;
        let mut told = SpaceProgress {
            total_passages: writer.store.counts().passages,
            total_documents: writer.store.counts().documents,
            ..SpaceProgress::default()
        };
        let mut tell = |change: &dyn Fn(&mut SpaceProgress)| {
            change(&mut told);
            progress.tell(told);
            if cancel.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
        };
        // Merges end before the records are closed.
        let WriterAccess { merger, publisher, store } = writer;
        drop((merger, publisher));
        let settings = Settings { model: Some(model.identity.clone()), ..settings };
        let store = store.replace_vectors(
            settings,
            &mut |vector| Ok(encoder.move_to_own_space(TextKind::Passage, vector)?),
            &mut |done, _| tell(&|progress| progress.passages = done),
        )?;
        let publisher = records_to_index::rebuild_index_with(&store, &published_in(&path), &mut |done, _| {
            tell(&|progress| progress.documents = done)
        })?;
        finish(WriterAccess::assemble(store, publisher, &options), told.passages)
    }
}

/// Refuses a way that does not exist, and a space that does not suit the model.
fn check(model: &Resolved, from: VectorSpace, to: VectorSpace) -> Result<()> {
    if (from, to) != (VectorSpace::Original, VectorSpace::LanguageNeutral) {
        let problem = format!(
            "vectors cannot be moved from the {from} space to the {to} one, because the move took a part of each away; the \
             documents have to be encoded again: index them into a new collection"
        );
        return Err(Error::InvalidOptions { problem });
    }
    Ok(to.check_suits(&model.info)?)
}

/// Refuses records with a document of which only a part is encoded: publishing them again would lose the older version that
/// searches find.
fn check_is_finished(store: &Store, path: &Path) -> Result<()> {
    let mut unfinished = None;
    store.for_each_stamp(&mut |document| {
        if document.is_unfinished() {
            unfinished.get_or_insert(document.id);
        }
        Ok(())
    })?;
    match unfinished {
        None => Ok(()),
        Some(id) => {
            let problem =
                format!("has only a part of {id}, because indexing was interrupted; index its folder again first");
            Err(Error::CollectionKind { path: path.to_path_buf(), problem })
        }
    }
}
