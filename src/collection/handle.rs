//! The handle of a collection: its records or what is published of them, and its model when it is needed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use super::access::{Access, ReaderAccess, Rebuilt, WriterAccess, published_in, settings_of, something_in};
use super::model::Resolved;
use super::options::CollectionOptions;
use super::search::SearchBuilder;
use super::trust::Trust;
use super::verify;
use super::words::{self, Lexicon, Lexicons};
use super::writer::Writer;
use crate::disk::{Dir, random_id};
use crate::encoder::{Encoder, ReferenceTexts};
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::kernel::sync;
use crate::records::{Change, ModelIdentity, OpenMode, Settings, Store, WordIndex};

/// Documents that can be searched by meaning. Cheap to clone; usable from any number of threads.
///
/// One process at a time has a collection open for writing ([`Collection::open`]); another one waits a little and is then
/// told which process it is ([`Error::Locked`]). Any number of processes search it meanwhile, without waiting
/// ([`Collection::open_read_only`]): each search sees the newest commit, whole.
///
/// ```no_run
/// use nigh::{Collection, Document};
///
/// let notes = Collection::open("notes.nigh")?;
/// let mut writer = notes.writer()?;
/// writer.upsert(Document::new("bert-pooling", "Mean pooling averages the token states.").with("lang", "en"))?;
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

pub(super) struct Inner {
    path: PathBuf,
    options: CollectionOptions,
    trusted: bool,
    settings: Settings,
    model: Mutex<ModelState>,
    access: Access,
    lexicons: Lexicons,
    pub(super) writing: AtomicBool,
}

/// What is known of the collection's model on this machine.
enum ModelState {
    /// A collection of brought vectors.
    None,
    /// Found, is the right one, not loaded.
    Found(Box<Resolved>),
    /// Not found when the collection was opened. Looked for again when it is needed.
    Missing,
    Loaded(Encoder),
}

impl Collection {
    /// Opens the collection in a directory; makes it with the default model where there is none.
    ///
    /// # Errors
    /// [`Error::ModelNotInstalled`] when a new collection wants the default model and it is not here;
    /// [`Error::ModelMismatch`] when the model here is not the one the collection was made with; [`Error::Locked`] when
    /// another process has it; [`Error::FormatTooNew`]; [`Error::RecordsBehind`] and [`Error::RecordsDamaged`] when
    /// something is lost; [`Error::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        CollectionOptions::new().open(path)
    }

    /// Opens an existing collection for searching only: without a lock, beside any writer, and seeing its commits.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`] where there is none, else as [`Collection::open`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self> {
        CollectionOptions::new().read_only().open(path)
    }

    /// Whether a directory holds a collection.
    pub fn exists(path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        // What has a name and cannot be looked at is there. What has none is not, whatever else goes wrong.
        let nameless = |error: std::io::Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        !path.symlink_metadata().is_err_and(nameless) && (Store::exists(path) || something_in(path).unwrap_or(true))
    }

    pub(super) fn open_with(path: &Path, options: CollectionOptions) -> Result<Self> {
        if !Self::exists(path) {
            return if options.existing_only {
                Err(Error::CollectionMissing { path: path.to_path_buf() })
            } else {
                Self::create_with(path, options)
            };
        }
        let mode = OpenMode {
            wait: options.wait.unwrap_or(CollectionOptions::DEFAULT_WAIT),
            accept_loss: options.accept_loss,
            ..OpenMode::default()
        };
        let trusted = trust(path, &options)?;
        if options.read_only {
            return Self::with_access(path, options, trusted, Access::Reader(ReaderAccess::open(path)?));
        }
        match WriterAccess::open(path, mode, &options) {
            // An interrupted creation: nothing was ever acknowledged there.
            Err(Error::CollectionMissing { .. }) if !options.existing_only => Self::create_with(path, options),
            writer => Self::with_access(path, options, trusted, Access::Writer(Box::new(writer?))),
        }
    }

    /// Makes the published generation again from the records, and searches with it from then on. Where the records cannot
    /// be opened, they are made again from what is published, and what is left of them is kept beside as
    /// `records.damaged-1`.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process writes; [`Error::RecordsDamaged`] or [`Error::RecordsBehind`] when what is
    /// published cannot be read either; [`Error::CollectionMissing`]; [`Error::Io`].
    pub fn rebuild(path: impl AsRef<Path>, options: CollectionOptions) -> Result<(Self, Rebuilt)> {
        let path = path.as_ref();
        if !Self::exists(path) {
            return Err(Error::CollectionMissing { path: path.to_path_buf() });
        }
        let wait = options.wait.unwrap_or(CollectionOptions::DEFAULT_WAIT);
        let trusted = trust(path, &options)?;
        let mode = OpenMode { wait, accept_loss: options.accept_loss, ..OpenMode::default() };
        let (writer, rebuilt) = WriterAccess::rebuild(path, mode, &options)?;
        Ok((Self::with_access(path, options, trusted, Access::Writer(Box::new(writer)))?, rebuilt))
    }

    fn with_access(path: &Path, options: CollectionOptions, trusted: bool, access: Access) -> Result<Self> {
        let settings = match &access {
            Access::Writer(writer) => writer.store.settings(),
            Access::Reader(_) => {
                let snapshot = access.snapshot()?;
                settings_of(&snapshot, path)?
            }
        };
        if let Some(dimension) = options.dimension.filter(|&d| d != settings.dimension || settings.model.is_some()) {
            let has = describe(&settings);
            let problem = format!("{has}; it was opened for vectors of {dimension} numbers without a model");
            return Err(Error::CollectionKind { path: path.to_path_buf(), problem });
        }
        let model = match &settings.model {
            None if options.model.is_some() => {
                let problem = "has no model: it takes vectors that you bring".to_owned();
                return Err(Error::CollectionKind { path: path.to_path_buf(), problem });
            }
            None => ModelState::None,
            Some(wanted) => match Resolved::for_existing(wanted, path, trusted, &options) {
                Ok(resolved) => {
                    if let Some(writer) = access.writer().filter(|_| trusted && resolved.identity != *wanted) {
                        // The same model at another place: the next open looks there first.
                        writer
                            .store
                            .set_settings(Settings { model: Some(resolved.identity.clone()), ..settings.clone() })?;
                    }
                    ModelState::Found(Box::new(resolved))
                }
                Err(error @ Error::ModelMismatch { .. }) => return Err(error),
                // A model that was asked for must be there; one that is only remembered may come later.
                Err(error) if options.model.is_some() => return Err(error),
                Err(_) => ModelState::Missing,
            },
        };
        Ok(Self::assemble(path, options, trusted, settings, model, access))
    }

    pub(super) fn create_with(path: &Path, options: CollectionOptions) -> Result<Self> {
        if options.dimension.is_some() && options.model.is_some() {
            let problem = "a collection has either a model or a dimension for brought vectors, not both".to_owned();
            return Err(Error::InvalidInput { problem });
        }
        let model = match options.dimension {
            Some(_) => None,
            None => Some(Resolved::for_new(&options)?),
        };
        let settings = Settings {
            id: random_id(),
            dimension: model.as_ref().map_or(options.dimension.unwrap_or(0), |model| model.info.dimension),
            model: model.as_ref().map(|model| model.identity.clone()),
            precision: options.precision,
            passage_tokens: options.passage_tokens,
            overlap_tokens: options.overlap_tokens,
            words: options.words.unwrap_or(WordIndex::BUILT_IN),
            created_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            folders: Vec::new(),
        };
        words::check(&settings, path)?;
        // A collection within a repository is nobody's source: it ignores itself.
        let directory = Dir::make(path).map_err(Error::io("create", path))?;
        if directory.is_foreign() {
            return Err(Error::NotOurs { path: path.to_path_buf() });
        }
        directory.replace(".gitignore", b"*\n").map_err(Error::io("write", path.join(".gitignore")))?;
        if let Trust::Listed(list) = &options.trust {
            // Before it is there: what is made here and cut short is trusted when it is gone on with. Where this cannot be
            // remembered the user is asked once.
            let _ = list.add_named(&settings.id, path);
        }
        let store = Store::create(path, settings)?;
        let settings = store.settings();
        let access = Access::Writer(Box::new(WriterAccess::create(path, store, &options)?));
        let model = model.map_or(ModelState::None, |model| ModelState::Found(Box::new(model)));
        Ok(Self::assemble(path, options, true, settings, model, access))
    }

    fn assemble(
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

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Whether what is written in it is obeyed: see [`Trust`].
    pub fn is_trusted(&self) -> bool {
        self.inner.trusted
    }

    /// What it was made with.
    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The collection's encoder, loaded on first use (about 10 ms once its packed files are there).
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection without a model, [`Error::ModelNotInstalled`] when it is not here, and
    /// what [`Encoder::with_options`] says.
    pub fn encoder(&self) -> Result<Encoder> {
        let mut model = sync::lock(&self.inner.model);
        let encoder = match &*model {
            ModelState::Loaded(encoder) => return Ok(encoder.clone()),
            ModelState::Found(resolved) => resolved.load()?,
            ModelState::None => {
                let problem = "has no model: it takes and is searched by vectors that you bring".to_owned();
                return Err(Error::CollectionKind { path: self.inner.path.clone(), problem });
            }
            ModelState::Missing => match &self.inner.settings.model {
                Some(wanted) => {
                    Resolved::for_existing(wanted, &self.inner.path, self.inner.trusted, &self.inner.options)?.load()?
                }
                None => return Err(Error::CollectionMissing { path: self.inner.path.clone() }),
            },
        };
        *model = ModelState::Loaded(encoder.clone());
        Ok(encoder)
    }

    /// What its model makes of texts about everything: made where the model is loaded, else only what is kept already.
    ///
    /// # Errors
    /// What the encoder says.
    pub(super) fn reference_texts(&self) -> Result<Option<Arc<ReferenceTexts>>> {
        let encoder = match &*sync::lock(&self.inner.model) {
            ModelState::None | ModelState::Missing => return Ok(None),
            ModelState::Found(resolved) => {
                let (info, identity) = (&resolved.info, &resolved.identity);
                return Ok(ReferenceTexts::find(&info.path, &identity.fingerprint, info.dimension).map(Arc::new));
            }
            ModelState::Loaded(encoder) => encoder.clone(),
        };
        Ok(Some(encoder.reference_texts()?))
    }

    /// Where its model is on this machine; none when it is not, or there is no model.
    pub(super) fn model_path(&self) -> Option<PathBuf> {
        match &*sync::lock(&self.inner.model) {
            ModelState::Found(resolved) => Some(resolved.info.path.clone()),
            ModelState::Loaded(encoder) => Some(encoder.model().path.clone()),
            ModelState::None | ModelState::Missing => None,
        }
    }

    /// A writer. One at a time, across processes.
    ///
    /// # Errors
    /// [`Error::Locked`] while another writer lives, [`Error::CollectionKind`] for a collection opened read-only.
    pub fn writer(&self) -> Result<Writer> {
        self.writer_access()?;
        if self.inner.writing.swap(true, Ordering::AcqRel) {
            return Err(Error::Locked { path: self.inner.path.clone(), holder: Some(std::process::id()) });
        }
        Ok(Writer::new(self.clone()))
    }

    /// A search in plain words. Nothing happens before [`SearchBuilder::run`].
    pub fn search(&self, query: impl Into<String>) -> SearchBuilder {
        SearchBuilder::by_text(self.clone(), query.into())
    }

    /// A search by a vector of the collection's dimension; scaled to length 1.
    pub fn search_by_vector(&self, vector: Vec<f32>) -> SearchBuilder {
        SearchBuilder::by_given_vector(self.clone(), vector)
    }

    /// A search for what is like a document of the collection, which is itself left out.
    pub fn similar_to(&self, id: impl Into<String>) -> SearchBuilder {
        SearchBuilder::like_document(self.clone(), id.into())
    }

    /// Checks every byte of what is published, and for a handle that can write every row of the records against every
    /// other and against what is published. An empty list means that all is well. Writes nothing.
    ///
    /// # Errors
    /// [`Error::Io`]: the reading itself failed, which says nothing about the collection.
    pub fn verify(&self) -> Result<Vec<String>> {
        match &self.inner.access {
            Access::Writer(writer) => {
                let snapshot = self.newest()?;
                verify::of_writer(&writer.store, &snapshot)
            }
            Access::Reader(_) => {
                let snapshot = self.newest()?;
                verify::of_published(self.path(), &snapshot)
            }
        }
    }

    /// The full check, of what is published and of the records, for a collection that need not be fit to be opened. Writes nothing: the
    /// records are looked at in a copy, in the system's directory for temporary files.
    ///
    /// # Errors
    /// As [`Collection::verify`]; [`Error::Locked`] while another process writes; [`Error::CollectionMissing`]; [`Error::FormatOld`] and the like.
    pub fn verify_at(path: impl AsRef<Path>, options: &CollectionOptions) -> Result<Vec<String>> {
        let path = path.as_ref();
        if !Self::exists(path) {
            return Err(Error::CollectionMissing { path: path.to_path_buf() });
        }
        trust(path, options)?;
        verify::findings(path, options.wait.unwrap_or(CollectionOptions::DEFAULT_WAIT))
    }

    /// The last change of each document that changed after `sequence`, oldest first, at most `limit`: what another system
    /// needs to follow this one. [`Status::sequence`](super::Status::sequence) is the newest change.
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection opened read-only: the changes are in the records, which are the
    /// writer's; [`Error::RecordsDamaged`], [`Error::Io`].
    pub fn changes_since(&self, sequence: u64, limit: usize) -> Result<Vec<Change>> {
        self.writer_access()?.store.changes_since(sequence, limit)
    }

    /// Brings the records in a directory to this version's format, and publishes them again. Returns the format before and
    /// after; nothing happens when they are the same.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`], [`Error::Locked`], [`Error::FormatTooNew`], [`Error::FormatTooOld`],
    /// [`Error::RecordsDamaged`], [`Error::Io`].
    pub fn migrate(path: impl AsRef<Path>) -> Result<(u32, u32)> {
        let (path, wait) = (path.as_ref(), CollectionOptions::DEFAULT_WAIT);
        let (from, to) = Store::migrate(path, wait)?;
        // Also where an earlier migration was cut short after the records.
        if from != to || Store::check_head(path).is_err() || Self::is_unpublished(path) {
            let mode = OpenMode { wait, ..OpenMode::default() };
            WriterAccess::rebuild(path, mode, &CollectionOptions::new())?;
        }
        Ok((from, to))
    }

    /// Whether what is published is missing, or has no identity yet.
    fn is_unpublished(path: &Path) -> bool {
        let published =
            Snapshot::at(&published_in(path)).and_then(|found| found.map(|it| settings_of(&it, path)).transpose());
        published.is_ok_and(|settings| settings.is_none_or(|settings| settings.id.is_empty()))
    }

    /// The newest commit, as searches see it.
    pub(super) fn newest(&self) -> Result<Arc<Snapshot>> {
        self.inner.access.snapshot()
    }

    /// The words of a commit; none where none are kept, or this build cannot read them.
    pub(super) fn lexicon(&self, snapshot: &Arc<Snapshot>) -> Result<Option<Arc<Lexicon>>> {
        if self.has_words() { self.inner.lexicons.of(snapshot) } else { Ok(None) }
    }

    /// Whether it can be searched by words.
    pub(super) fn has_words(&self) -> bool {
        self.settings().words != WordIndex::None && WordIndex::BUILT_IN != WordIndex::None
    }

    /// Why it cannot be searched by words.
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

/// Whether a collection is obeyed. One of another user is not even read unless it is.
fn trust(path: &Path, options: &CollectionOptions) -> Result<bool> {
    let trusted = options.trust.covers(path)?;
    let foreign = Dir::open(path).map_err(Error::io("open", path))?.is_foreign();
    if foreign && !trusted {
        let problem =
            "it is owned by another user; if you know where it comes from, trust it with `nigh trust`".to_owned();
        return Err(Error::NotTrusted { path: path.to_path_buf(), problem });
    }
    Ok(trusted)
}

/// What a collection takes, as the middle of a sentence.
pub(super) fn describe(settings: &Settings) -> String {
    match &settings.model {
        Some(ModelIdentity { name, .. }) => format!("was made with the model {name}"),
        None => format!("takes vectors of {} numbers that you bring", settings.dimension),
    }
}
