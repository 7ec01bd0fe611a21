//! [`Collection`]: the handle of a collection, from which searches and the writer are made.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::access::{Access, WriterAccess};
use super::model_state::ModelState;
use super::options::CollectionOptions;
use super::search::SearchBuilder;
use super::words::{Lexicon, Lexicons};
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::{ModelIdentity, Settings, WordIndex};

/// A collection of documents that can be searched by meaning. Cheap to clone; usable from any number of threads.
///
/// One process at a time has a collection open for writing ([`Collection::open`]). Another process waits for
/// [`CollectionOptions::lock_timeout`] and then fails with [`Error::Locked`], which names the first one. Any number of
/// processes can search meanwhile, without waiting ([`Collection::open_read_only`]): each search sees the newest commit.
///
/// ```no_run
/// use nigh::{Collection, Document};
///
/// let notes = Collection::open("notes.nigh")?;
/// let mut writer = notes.writer()?;
/// writer.upsert(Document::new("bert-pooling", "Mean pooling averages the token states.").with("author", "Ada"))?;
/// writer.commit()?;
/// for hit in notes.search("句向量为什么用平均池化?").limit(5).run()? {
///     println!("{:.3} {} {}", hit.score, hit.document.id, hit.passage.text);
/// }
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Clone)]
pub struct Collection {
    pub(super) inner: Arc<Inner>,
}

impl std::fmt::Debug for Collection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collection").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

/// What all clones of a handle share.
pub(super) struct Inner {
    pub(super) path: PathBuf,
    pub(super) options: CollectionOptions,
    /// See [`Collection::is_trusted`].
    pub(super) trusted: bool,
    pub(super) settings: Settings,
    pub(super) model: Mutex<ModelState>,
    access: Access,
    lexicons: Lexicons,
    /// True while a [`Writer`] of this process exists.
    pub(super) writing: AtomicBool,
}

impl Collection {
    pub(super) fn assemble(
        path: &Path,
        options: CollectionOptions,
        trusted: bool,
        settings: Settings,
        model: ModelState,
        access: Access,
    ) -> Self {
        let (path, model, writing) = (path.to_path_buf(), Mutex::new(model), AtomicBool::new(false));
        Self {
            inner: Arc::new(Inner {
                path,
                options,
                trusted,
                settings,
                model,
                access,
                lexicons: Lexicons::default(),
                writing,
            }),
        }
    }

    /// Returns the collection's directory.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// True if the settings that are stored in the collection are used: see [`Trust`](crate::Trust).
    pub fn is_trusted(&self) -> bool {
        self.inner.trusted
    }

    /// Returns the settings that the collection had when it was opened. The rule for passages may have changed since; see
    /// [`Collection::current_settings`].
    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Returns the settings of now: texts are split by these.
    pub(super) fn current_settings(&self) -> Settings {
        self.inner.access.writer().map_or_else(|| self.settings().clone(), |writer| writer.store.settings())
    }

    /// Returns the writer. Only one exists at a time, across all processes.
    ///
    /// # Errors
    /// [`Error::Locked`] while another writer exists; [`Error::CollectionKind`] for a collection opened read-only.
    pub fn writer(&self) -> Result<Writer> {
        self.writer_access()?;
        if self.inner.writing.swap(true, Ordering::AcqRel) {
            return Err(Error::Locked { path: self.inner.path.clone(), holder: Some(std::process::id()) });
        }
        Ok(Writer::new(self.clone()))
    }

    /// Searches by a text. Nothing happens before [`SearchBuilder::run`].
    pub fn search(&self, query: impl Into<String>) -> SearchBuilder {
        SearchBuilder::by_text(self.clone(), query.into())
    }

    /// Searches by a vector of [`Status::dimension`](crate::Status::dimension) numbers, which is scaled to length 1. Nothing
    /// happens before [`SearchBuilder::run`].
    pub fn search_by_vector(&self, vector: Vec<f32>) -> SearchBuilder {
        SearchBuilder::by_given_vector(self.clone(), vector)
    }

    /// Searches for documents similar to the stored document with this id, which itself is left out. Nothing happens before
    /// [`SearchBuilder::run`].
    pub fn similar_to(&self, id: impl Into<String>) -> SearchBuilder {
        SearchBuilder::like_document(self.clone(), id.into())
    }

    /// Returns the newest commit, as searches see it.
    pub(super) fn newest(&self) -> Result<Arc<Snapshot>> {
        self.inner.access.snapshot()
    }

    /// Returns the lexical index of a commit; `None` if the collection does not have one, or this build cannot read it.
    pub(super) fn lexicon(&self, snapshot: &Arc<Snapshot>) -> Result<Option<Arc<Lexicon>>> {
        if self.has_words() { self.inner.lexicons.of(snapshot) } else { Ok(None) }
    }

    /// True if the collection has a lexical index that this build can search.
    pub(super) fn has_words(&self) -> bool {
        self.settings().words != WordIndex::None && WordIndex::BUILT_IN != WordIndex::None
    }

    /// Returns the error of a lexical search in a collection without a lexical index.
    pub(super) fn without_words(&self) -> Error {
        let why = if self.settings().words == WordIndex::None {
            "keeps no words"
        } else {
            "cannot be searched by words in this build of nigh (its feature `lexical` is off)"
        };
        Error::CollectionKind { path: self.inner.path.clone(), problem: format!("{why}; search it by meaning") }
    }

    pub(super) fn access(&self) -> &Access {
        &self.inner.access
    }

    pub(super) fn writer_access(&self) -> Result<&WriterAccess> {
        self.inner.access.writer().ok_or_else(|| {
            let problem = "was opened read-only; open it with Collection::open to write".to_owned();
            Error::CollectionKind { path: self.inner.path.clone(), problem }
        })
    }
}

/// Describes the collection's vectors, as the middle of a sentence.
pub(super) fn describe(settings: &Settings) -> String {
    match &settings.model {
        Some(ModelIdentity { name, .. }) => format!("was made with the model {name}"),
        None => format!("takes your own vectors of {} numbers", settings.dimension),
    }
}
