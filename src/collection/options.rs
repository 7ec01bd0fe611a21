//! How a collection is made and opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::handle::Collection;
use super::trust::Trust;
use crate::encoder::EncoderOptions;
use crate::encoder::model::ModelStore;
use crate::error::Result;
use crate::records::{VectorPrecision, WordIndex};

/// Settings for [`CollectionOptions::open`] and [`CollectionOptions::create`].
///
/// ```no_run
/// use nigh::CollectionOptions;
///
/// let notes = CollectionOptions::new().model("all-MiniLM-L6-v2").passage_tokens(128).open("notes.nigh")?;
/// let vectors = CollectionOptions::new().dimension(768).open("vectors.nigh")?;
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CollectionOptions {
    pub(super) model: Option<PathBuf>,
    pub(super) models: Option<ModelStore>,
    pub(super) encoder: EncoderOptions,
    pub(super) dimension: Option<usize>,
    pub(super) precision: VectorPrecision,
    pub(super) passage_tokens: Option<usize>,
    pub(super) overlap_tokens: Option<usize>,
    pub(super) words: Option<WordIndex>,
    pub(super) wait: Option<Duration>,
    pub(super) accept_loss: bool,
    pub(super) existing_only: bool,
    pub(super) read_only: bool,
    pub(super) trust: Trust,
    pub(super) graphs_from: Option<u32>,
}

impl CollectionOptions {
    /// How long an open waits for another process to let go of the collection, unless told otherwise.
    pub const DEFAULT_WAIT: Duration = Duration::from_secs(3);

    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The model, by name or by the path of its directory. Default for a new collection: multilingual-e5-small, or its
    /// 4-bit copy where only that is installed. For an existing one it must be the model that it was made with.
    #[must_use]
    pub fn model(mut self, name_or_path: impl Into<PathBuf>) -> Self {
        self.model = Some(name_or_path.into());
        self
    }

    /// Where models are installed. Default: [`ModelStore::user`].
    #[must_use]
    pub fn models(mut self, models: ModelStore) -> Self {
        self.models = Some(models);
        self
    }

    /// How the encoder runs.
    #[must_use]
    pub fn encoder(mut self, options: EncoderOptions) -> Self {
        self.encoder = options;
        self
    }

    /// A collection without a model: it takes and is searched by vectors of this many numbers.
    #[must_use]
    pub fn dimension(mut self, dimension: usize) -> Self {
        self.dimension = Some(dimension);
        self
    }

    /// Keeps vectors as f32 (4 bytes a number). Default: f16 (2 bytes; an error of 5e-4 at most).
    #[must_use]
    pub fn keep_f32(mut self) -> Self {
        self.precision = VectorPrecision::F32;
        self
    }

    /// The longest passage, in the model's tokens. Default: the model's window.
    #[must_use]
    pub fn passage_tokens(mut self, tokens: usize) -> Self {
        self.passage_tokens = Some(tokens);
        self
    }

    /// How many tokens two passages share where a paragraph is cut between them. Default: an eighth of a passage.
    #[must_use]
    pub fn overlap_tokens(mut self, tokens: usize) -> Self {
        self.overlap_tokens = Some(tokens);
        self
    }

    /// What a new collection keeps of words. Default: all that this build can make, [`WordIndex::BUILT_IN`].
    #[must_use]
    pub fn words(mut self, words: WordIndex) -> Self {
        self.words = Some(words);
        self
    }

    /// How long to wait for another process to let go. Default: [`CollectionOptions::DEFAULT_WAIT`].
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Opens also where acknowledged changes are lost; [`Status::lost_changes`](super::Status) then says how many.
    /// Default: that is an error.
    #[must_use]
    pub fn accept_loss(mut self) -> Self {
        self.accept_loss = true;
        self
    }

    /// Refuses to make a collection where there is none. Default: [`CollectionOptions::open`] makes it.
    #[must_use]
    pub fn existing_only(mut self) -> Self {
        self.existing_only = true;
        self
    }

    /// Refuses writers. Implies [`CollectionOptions::existing_only`].
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self.existing_only()
    }

    /// From how many passages on a segment gets a graph. Below that all its codes are scanned. Default: 40,000.
    #[must_use]
    pub fn graphs_from(mut self, passages: u32) -> Self {
        self.graphs_from = Some(passages);
        self
    }

    /// Which collections are obeyed: whether the folders, the list of refused files and the model's path that are written in this one
    /// count. In one that is not trusted they do not, and one of another user is not even read. Default:
    /// [`Trust::Everything`].
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Opens the collection in a directory, making it where there is none.
    ///
    /// # Errors
    /// See [`Collection::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Collection> {
        Collection::open_with(path.as_ref(), self)
    }

    /// Makes a collection in a directory.
    ///
    /// # Errors
    /// [`crate::Error::CollectionExists`] where there is one, else see [`Collection::open`].
    pub fn create(self, path: impl AsRef<Path>) -> Result<Collection> {
        Collection::create_with(path.as_ref(), self)
    }
}
