//! The handle of a collection: its store, its index, and its model when it is needed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::model::Resolved;
use super::options::CollectionOptions;
use super::search::SearchBuilder;
use super::writer::Writer;
use crate::document::{Document, DocumentId};
use crate::encoder::Encoder;
use crate::error::{Error, Result};
use crate::index::{FlatIndex, RowKey};
use crate::records::{
    Change, FORMAT_CURRENT, ModelIdentity, NewDocument, OpenMode, Settings, Store, StoredDocument, VectorPrecision,
};

/// Documents that can be searched by meaning. Cheap to clone; usable from any number of threads.
///
/// For now one process at a time has a collection open; another one waits a little and is then told which process it is
/// ([`Error::Locked`]). Within the process, any number of clones search while one writer writes.
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

pub(super) struct Inner {
    path: PathBuf,
    options: CollectionOptions,
    settings: Settings,
    model: Mutex<ModelState>,
    state: RwLock<State>,
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

/// What changes at a commit, together.
pub(super) struct State {
    pub(super) store: Store,
    index: Option<FlatIndex>,
}

/// What a collection holds, and what it was made with.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Its directory.
    pub path: PathBuf,
    /// The record format's number.
    pub format: u32,
    /// How many commits it has seen.
    pub generation: u64,
    /// The number of its last change.
    pub sequence: u64,
    /// Documents.
    pub documents: u64,
    /// Passages of all documents.
    pub passages: u64,
    /// The model's name; none for brought vectors.
    pub model: Option<String>,
    /// The model's fingerprint, hexadecimal.
    pub fingerprint: Option<String>,
    /// Where the model is on this machine; none when it is not.
    pub model_path: Option<PathBuf>,
    /// Numbers of a vector.
    pub dimension: usize,
    /// `f16` or `f32`: how vectors are kept.
    pub precision: VectorPrecision,
    /// The longest passage in tokens; none: the model's window.
    pub passage_tokens: Option<usize>,
    /// Bytes of the records on disk.
    pub bytes_on_disk: u64,
    /// When it was made, in seconds since 1970.
    pub created_unix: u64,
    /// Acknowledged changes that are lost, when it was opened all the same.
    pub lost_changes: Option<u64>,
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

    /// Opens an existing collection for searching only.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`] where there is none, else as [`Collection::open`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self> {
        CollectionOptions::new().read_only().open(path)
    }

    /// Whether a directory holds a collection.
    pub fn exists(path: impl AsRef<Path>) -> bool {
        Store::exists(path.as_ref())
    }

    pub(super) fn open_with(path: &Path, options: CollectionOptions) -> Result<Self> {
        if !Store::exists(path) {
            return if options.existing_only {
                Err(Error::CollectionMissing { path: path.to_path_buf() })
            } else {
                Self::create_with(path, options)
            };
        }
        let wait = options.wait.unwrap_or(CollectionOptions::DEFAULT_WAIT);
        let store = match Store::open(path, OpenMode { wait, accept_loss: options.accept_loss }) {
            // An interrupted creation: nothing was ever acknowledged there.
            Err(Error::CollectionMissing { .. }) if !options.existing_only => return Self::create_with(path, options),
            store => store?,
        };
        let settings = store.settings();
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
            Some(wanted) => match Resolved::for_existing(wanted, path, &options) {
                Ok(resolved) => {
                    if resolved.identity != *wanted && !options.read_only {
                        // The same model at another place: the next open looks there first.
                        store.set_settings(Settings { model: Some(resolved.identity.clone()), ..settings.clone() })?;
                    }
                    ModelState::Found(Box::new(resolved))
                }
                Err(error @ Error::ModelMismatch { .. }) => return Err(error),
                // A model that was asked for must be there; one that is only remembered may come later.
                Err(error) if options.model.is_some() => return Err(error),
                Err(_) => ModelState::Missing,
            },
        };
        Ok(Self::assemble(path, options, settings, model, store))
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
            dimension: model.as_ref().map_or(options.dimension.unwrap_or(0), |model| model.info.dimension),
            model: model.as_ref().map(|model| model.identity.clone()),
            precision: options.precision,
            passage_tokens: options.passage_tokens,
            overlap_tokens: options.overlap_tokens,
            created_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        };
        let store = Store::create(path, settings.clone())?;
        // A collection within a repository is nobody's source: it ignores itself.
        let ignore = path.join(".gitignore");
        std::fs::write(&ignore, "*\n").map_err(Error::io("write", &ignore))?;
        let model = model.map_or(ModelState::None, |model| ModelState::Found(Box::new(model)));
        Ok(Self::assemble(path, options, settings, model, store))
    }

    fn assemble(path: &Path, options: CollectionOptions, settings: Settings, model: ModelState, store: Store) -> Self {
        let inner = Inner {
            path: path.to_path_buf(),
            options,
            settings,
            model: Mutex::new(model),
            state: RwLock::new(State { store, index: None }),
            writing: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// What it was made with.
    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The collection's encoder, loaded on first use (tokenizer and weights: 0.1 s for MiniLM, about 1 s for e5).
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection without a model, [`Error::ModelNotInstalled`] when it is not here, and
    /// what [`Encoder::with_options`] says.
    pub fn encoder(&self) -> Result<Encoder> {
        let mut model = self.inner.model.lock().unwrap_or_else(PoisonError::into_inner);
        let encoder = match &*model {
            ModelState::Loaded(encoder) => return Ok(encoder.clone()),
            ModelState::Found(resolved) => resolved.load()?,
            ModelState::None => {
                let problem = "has no model: it takes and is searched by vectors that you bring".to_owned();
                return Err(Error::CollectionKind { path: self.inner.path.clone(), problem });
            }
            ModelState::Missing => match &self.inner.settings.model {
                Some(wanted) => Resolved::for_existing(wanted, &self.inner.path, &self.inner.options)?.load()?,
                None => return Err(Error::CollectionMissing { path: self.inner.path.clone() }),
            },
        };
        *model = ModelState::Loaded(encoder.clone());
        Ok(encoder)
    }

    /// A writer. One at a time, across processes.
    ///
    /// # Errors
    /// [`Error::Locked`] while another writer lives, [`Error::CollectionKind`] for a collection opened read-only.
    pub fn writer(&self) -> Result<Writer> {
        if self.inner.options.read_only {
            let problem = "was opened read-only; open it with Collection::open to write".to_owned();
            return Err(Error::CollectionKind { path: self.inner.path.clone(), problem });
        }
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

    /// A stored document with its text, or none of that id. Its vectors are not read.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an id that cannot be one; [`Error::RecordsDamaged`].
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        let id = DocumentId::new(id)?;
        let state = self.read();
        let Some(stored) = state.store.document(&id)? else { return Ok(None) };
        let text = state.store.whole_text(stored.number)?;
        let StoredDocument { syntax, metadata, .. } = stored;
        Ok(Some(Document { id: id.as_str().to_owned(), text, syntax, metadata, vector: None }))
    }

    /// What it holds.
    ///
    /// # Errors
    /// [`Error::Io`] when its directory cannot be read.
    pub fn status(&self) -> Result<Status> {
        let state = self.read();
        let counts = state.store.counts();
        let settings = &self.inner.settings;
        let model = settings.model.as_ref();
        let known = self.inner.model.lock().unwrap_or_else(PoisonError::into_inner);
        let model_path = match &*known {
            ModelState::Found(resolved) => Some(resolved.info.path.clone()),
            ModelState::Loaded(encoder) => Some(encoder.model().path.clone()),
            ModelState::None | ModelState::Missing => None,
        };
        let lost = |loss: crate::records::Loss| {
            loss.acknowledged.map_or(0, |acknowledged| acknowledged.sequence.saturating_sub(loss.found.sequence))
        };
        Ok(Status {
            path: self.inner.path.clone(),
            format: FORMAT_CURRENT,
            generation: state.store.head().map_or(0, |head| head.generation),
            sequence: counts.sequence,
            documents: counts.documents,
            passages: counts.passages,
            model: model.map(|model| model.name.clone()),
            fingerprint: model.map(|model| model.fingerprint.clone()),
            model_path,
            dimension: settings.dimension,
            precision: settings.precision,
            passage_tokens: settings.passage_tokens,
            bytes_on_disk: state.store.size_on_disk()?,
            created_unix: settings.created_unix,
            lost_changes: state.store.loss().map(lost),
        })
    }

    /// Checks every row of the records against every other. An empty list means that all is well.
    ///
    /// # Errors
    /// [`Error::RecordsDamaged`] when the records cannot even be walked.
    pub fn verify(&self) -> Result<Vec<String>> {
        Ok(self.read().store.verify()?.iter().map(ToString::to_string).collect())
    }

    /// The last change of each document that changed after `sequence`, oldest first, at most `limit`: what another system
    /// needs to follow this one. [`Status::sequence`] is the newest change.
    ///
    /// # Errors
    /// [`Error::RecordsDamaged`], [`Error::Io`].
    pub fn changes_since(&self, sequence: u64, limit: usize) -> Result<Vec<Change>> {
        self.read().store.changes_since(sequence, limit)
    }

    /// Brings the records in a directory to this version's format. Returns the format before and after; nothing happens
    /// when they are the same.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`], [`Error::Locked`], [`Error::FormatTooNew`], [`Error::FormatTooOld`], [`Error::Io`].
    pub fn migrate(path: impl AsRef<Path>) -> Result<(u32, u32)> {
        Store::migrate(path.as_ref(), CollectionOptions::DEFAULT_WAIT)
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.inner.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.inner.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the index and the store of one moment, loading the index first where nobody has yet.
    pub(super) fn with_index<T>(&self, work: impl FnOnce(&FlatIndex, &Store) -> Result<T>) -> Result<T> {
        loop {
            let state = self.read();
            if let Some(index) = &state.index {
                return work(index, &state.store);
            }
            drop(state);
            let mut state = self.write();
            if state.index.is_none() {
                state.index = Some(state.load_index()?);
            }
        }
    }
}

impl State {
    fn load_index(&self) -> Result<FlatIndex> {
        let settings = self.store.settings();
        let mut index = FlatIndex::new(settings.dimension, settings.precision == VectorPrecision::F16);
        self.store.for_each_vector(&mut |vector| {
            let ordinal = u32::try_from(vector.ordinal).unwrap_or(u32::MAX);
            index.add(RowKey { passage: vector.passage, document: vector.document, ordinal }, vector.bytes)
        })?;
        Ok(index)
    }

    /// Stores a document and keeps the index, where it is loaded, in step.
    pub(super) fn put(&mut self, document: NewDocument) -> Result<()> {
        let outcome = self.store.put(document)?;
        let Some(index) = &mut self.index else { return Ok(()) };
        for passage in outcome.removed {
            index.remove(passage);
        }
        for (ordinal, &passage) in outcome.passages.iter().enumerate() {
            let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
            let key = RowKey { passage, document: outcome.document, ordinal };
            if !index.replace_key(key) {
                // As it was stored, so that the index never differs from one loaded afresh.
                let problem = || format!("the vector of passage {} is missing just after it was written", passage.0);
                let path = self.store.collection().to_path_buf();
                let damaged = || Error::RecordsDamaged { path, problem: problem() };
                index.add_values(key, &self.store.vector(passage)?.ok_or_else(damaged)?)?;
            }
        }
        Ok(())
    }

    /// Removes a document; false when there is none of that id.
    pub(super) fn remove(&mut self, id: &DocumentId) -> Result<bool> {
        let Some(outcome) = self.store.remove(id)? else { return Ok(false) };
        if let Some(index) = &mut self.index {
            for passage in outcome.removed {
                index.remove(passage);
            }
        }
        Ok(true)
    }
}

/// What a collection takes, as the middle of a sentence.
pub(super) fn describe(settings: &Settings) -> String {
    match &settings.model {
        Some(ModelIdentity { name, .. }) => format!("was made with the model {name}"),
        None => format!("takes vectors of {} numbers that you bring", settings.dimension),
    }
}
