//! [`CollectionOptions`]: how a collection is created and opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::handle::Collection;
use super::trust::Trust;
use crate::encoder::model::ModelStore;
use crate::encoder::{EncoderOptions, VectorSpace};
use crate::error::Result;
use crate::records::{OpenMode, VectorPrecision, WordIndex};

/// Options to create or open a collection with; made by [`Collection::options`].
///
/// An existing collection keeps what it was created with. Options "for a new collection" are ignored for it; a model or a
/// dimension that is not its own is an error.
///
/// ```no_run
/// use nigh::Collection;
///
/// let notes = Collection::options().model("all-MiniLM-L6-v2").passage_tokens(128).open("notes.nigh")?;
/// let vectors = Collection::options().dimension(768).open("vectors.nigh")?;
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CollectionOptions {
    pub(super) model: Option<PathBuf>,
    pub(super) model_store: Option<ModelStore>,
    pub(super) encoder: EncoderOptions,
    pub(super) space: Option<VectorSpace>,
    pub(super) dimension: Option<usize>,
    pub(super) vector_precision: VectorPrecision,
    pub(super) passage_tokens: Option<usize>,
    pub(super) overlap_tokens: Option<usize>,
    pub(super) word_index: Option<WordIndex>,
    pub(super) lock_timeout: Option<Duration>,
    pub(super) allow_data_loss: bool,
    pub(super) existing_only: bool,
    pub(super) read_only: bool,
    pub(super) trust: Trust,
    pub(super) graphs_from: Option<u32>,
}

impl CollectionOptions {
    /// The default of [`CollectionOptions::lock_timeout`]: 3 seconds.
    pub const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_secs(3);

    /// Creates the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// The model: the name of an installed one ([`ModelStore::list`]), or the path of its directory. Default for a new
    /// collection: multilingual-e5-small, or its 4-bit copy if only that is installed. An existing collection knows its model; it
    /// accepts only this one.
    #[must_use]
    pub fn model(mut self, name_or_path: impl Into<PathBuf>) -> Self {
        self.model = Some(name_or_path.into());
        self
    }

    /// The directory of installed models. Default: [`ModelStore::user`].
    #[must_use]
    pub fn model_store(mut self, store: ModelStore) -> Self {
        self.model_store = Some(store);
        self
    }

    /// The options of the encoder. Default: [`EncoderOptions::default`]. Their space is not used: see
    /// [`CollectionOptions::vector_space`].
    #[must_use]
    pub fn encoder(mut self, options: EncoderOptions) -> Self {
        self.encoder = options;
        self
    }

    /// The space of the vectors in a new collection. Default: the one that suits the model, [`VectorSpace::suited_to`]:
    /// [`VectorSpace::LanguageNeutral`] for a multilingual model, [`VectorSpace::Original`] for others. An existing collection
    /// accepts only the space that it has; [`Collection::change_space`] moves it to the language-neutral one.
    #[must_use]
    pub fn vector_space(mut self, space: VectorSpace) -> Self {
        self.space = Some(space);
        self
    }

    /// Creates a collection without a model. It takes vectors of this many numbers, from 1 to 65,536. It is searched by such
    /// vectors, or by words. Default: a collection with a model.
    #[must_use]
    pub fn dimension(mut self, dimension: usize) -> Self {
        self.dimension = Some(dimension);
        self
    }

    /// The format of the vectors in a new collection: [`VectorPrecision::F32`] (4 bytes for each number) or
    /// [`VectorPrecision::F16`] (2 bytes; an error of at most 5e-4). Default: f16.
    #[must_use]
    pub fn vector_precision(mut self, precision: VectorPrecision) -> Self {
        self.vector_precision = precision;
        self
    }

    /// The maximal length of a passage in a new collection, in tokens of the model. Default: 192 or the model's context length less
    /// its prefix, whichever is less; a single paragraph that is longer stays whole, up to the model's length.
    #[must_use]
    pub fn passage_tokens(mut self, tokens: usize) -> Self {
        self.passage_tokens = Some(tokens);
        self
    }

    /// The number of tokens that two passages share if a paragraph is split between them, for a new collection. Default: an
    /// eighth of a passage.
    #[must_use]
    pub fn overlap_tokens(mut self, tokens: usize) -> Self {
        self.overlap_tokens = Some(tokens);
        self
    }

    /// The kind of lexical index in a new collection. Default: everything that this build supports, [`WordIndex::BUILT_IN`].
    #[must_use]
    pub fn word_index(mut self, words: WordIndex) -> Self {
        self.word_index = Some(words);
        self
    }

    /// How long to wait, to open or to create it, until another process or handle releases the collection. Default:
    /// [`CollectionOptions::DEFAULT_LOCK_TIMEOUT`].
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }

    /// Whether to open a collection that has lost acknowledged changes; [`Status::lost_changes`](super::Status) then has
    /// their number. Default: false, opening it is an error.
    #[must_use]
    pub fn allow_data_loss(mut self, allow: bool) -> Self {
        self.allow_data_loss = allow;
        self
    }

    /// Whether to open only a collection that exists. Default: false, [`CollectionOptions::open`] creates a missing one.
    #[must_use]
    pub fn existing_only(mut self, existing_only: bool) -> Self {
        self.existing_only = existing_only;
        self
    }

    /// Whether to open for searching only: takes no lock, has no writer, and never creates a collection. Default: false.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// The number of passages from which a segment gets a graph; smaller segments are scanned. Default: 40,000.
    #[must_use]
    pub fn graphs_from(mut self, passages: u32) -> Self {
        self.graphs_from = Some(passages);
        self
    }

    /// Which collections are trusted. The folders, the list of refused files and the model's path that are stored in a
    /// collection are used only if it is trusted. A collection of another user is not opened unless it is trusted. Default:
    /// [`Trust::Everything`].
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Opens the collection in a directory. Creates it if there is none, unless the options forbid that.
    ///
    /// # Errors
    /// See [`Collection::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Collection> {
        Collection::open_with(path.as_ref(), self)
    }

    /// Creates a collection in a directory.
    ///
    /// # Errors
    /// [`crate::Error::CollectionExists`] if there already is one, else the errors of [`Collection::open`].
    pub fn create(self, path: impl AsRef<Path>) -> Result<Collection> {
        Collection::create_with(path.as_ref(), self)
    }

    /// Returns the mode in which the records are opened.
    pub(super) fn open_mode(&self) -> OpenMode {
        OpenMode {
            wait: self.lock_timeout.unwrap_or(Self::DEFAULT_LOCK_TIMEOUT),
            accept_loss: self.allow_data_loss,
            ..OpenMode::default()
        }
    }

    /// True if a missing collection is not created.
    pub(super) fn must_exist(&self) -> bool {
        self.existing_only || self.read_only
    }
}
