//! Opens and creates collections.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::access::{Access, ReaderAccess, WriterAccess, has_published_files, settings_of};
use super::handle::{Collection, describe};
use super::model::Resolved;
use super::model_state::ModelState;
use super::options::CollectionOptions;
use super::trust::Trust;
use super::words;
use crate::disk::{Dir, random_id};
use crate::error::{Error, Result};
use crate::records::{Cuts, Settings, Store, WordIndex};

/// The rules that keep a collection out of git.
const GITIGNORE: &[u8] = b"*\n";

/// The most bytes of an existing `.gitignore` that are read, to see whether its rules are the user's.
const GITIGNORE_BYTES: u64 = 1 << 20;

impl Collection {
    /// Returns options to create or open a collection with: the same as [`CollectionOptions::new`].
    pub fn options() -> CollectionOptions {
        CollectionOptions::new()
    }

    /// Opens the collection in a directory. Creates one with the default model if there is none, with the directory. Give it a
    /// directory of its own: it has several files, and a `.gitignore` that makes git ignore them.
    ///
    /// # Errors
    /// [`Error::Model`] when a new collection needs the default model and it is not on this machine;
    /// [`Error::ModelMismatch`] when the model here is not the one that the collection was created with, [`Error::SpaceMismatch`]
    /// when its vectors are in another space than asked for; [`Error::Locked`]
    /// when another process or handle has it open; [`Error::FormatTooNew`]; [`Error::RecordsBehind`] and [`Error::RecordsDamaged`]
    /// when documents are lost; [`Error::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        CollectionOptions::new().open(path)
    }

    /// Opens an existing collection for searching only. Takes no lock, works while another process writes, and sees its
    /// commits.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`] if there is none, else the errors of [`Collection::open`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self> {
        CollectionOptions::new().read_only(true).open(path)
    }

    /// True if a directory has a collection.
    pub fn exists(path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        // A path that exists and cannot be examined counts as a collection. A path that does not exist never does.
        let means_missing =
            |error: std::io::Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        !path.symlink_metadata().is_err_and(means_missing)
            && (Store::exists(path) || has_published_files(path).unwrap_or(true))
    }

    pub(super) fn open_with(path: &Path, options: CollectionOptions) -> Result<Self> {
        let found = if Self::exists(path) {
            Self::open_existing(path, options.clone())
        } else {
            Err(Error::CollectionMissing { path: path.to_path_buf() })
        };
        // Also if creating it was interrupted: nothing was ever acknowledged there.
        if options.must_exist() || !matches!(found, Err(Error::CollectionMissing { .. })) {
            return found;
        }
        match Self::create_with(path, options.clone()) {
            // Another process or thread has created it meanwhile.
            Err(Error::CollectionExists { .. }) => Self::open_existing(path, options),
            created => created,
        }
    }

    fn open_existing(path: &Path, options: CollectionOptions) -> Result<Self> {
        let trusted = trust(path, &options)?;
        if options.read_only {
            return Self::with_access(path, options, trusted, Access::Reader(ReaderAccess::open(path)?));
        }
        let writer = WriterAccess::open(path, options.open_mode(), &options)?;
        Self::with_access(path, options, trusted, Access::Writer(Box::new(writer)))
    }

    pub(super) fn with_access(path: &Path, options: CollectionOptions, trusted: bool, access: Access) -> Result<Self> {
        let settings = match &access {
            Access::Writer(writer) => writer.store.settings(),
            Access::Reader(_) => {
                let snapshot = access.snapshot()?;
                settings_of(&snapshot, path)?
            }
        };
        if let Some(dimension) = options.dimension.filter(|&d| d != settings.dimension || settings.model.is_some()) {
            let vectors = describe(&settings);
            let problem = format!("{vectors}; it was opened for vectors of {dimension} numbers without a model");
            return Err(Error::CollectionKind { path: path.to_path_buf(), problem });
        }
        let model = match &settings.model {
            None if options.model.is_some() => {
                let problem = "has no model: it takes your own vectors".to_owned();
                return Err(Error::CollectionKind { path: path.to_path_buf(), problem });
            }
            None => ModelState::None,
            Some(wanted) => match Resolved::for_existing(wanted, path, trusted, &options) {
                Ok(resolved) => {
                    if let Some(writer) = access.writer().filter(|_| trusted && resolved.identity != *wanted) {
                        // The same model in another directory: the next open tries that one first.
                        writer
                            .store
                            .set_settings(Settings { model: Some(resolved.identity.clone()), ..settings.clone() })?;
                    }
                    ModelState::Found(Box::new(resolved))
                }
                Err(error @ (Error::ModelMismatch { .. } | Error::SpaceMismatch { .. })) => return Err(error),
                // A requested model must be there; one that is only remembered may come later.
                Err(error) if options.model.is_some() => return Err(error),
                Err(_) => ModelState::Missing,
            },
        };
        Ok(Self::assemble(path, options, trusted, settings, model, access))
    }

    pub(super) fn create_with(path: &Path, options: CollectionOptions) -> Result<Self> {
        if path.as_os_str().is_empty() {
            let problem = "the path of the collection is empty; name a directory".to_owned();
            return Err(Error::InvalidOptions { problem });
        }
        if options.dimension.is_some() && options.model.is_some() {
            let problem = "a collection has either a model or a dimension for your own vectors, not both".to_owned();
            return Err(Error::InvalidOptions { problem });
        }
        let model = match options.dimension {
            Some(_) => None,
            None => Some(Resolved::for_new(&options)?),
        };
        let settings = Settings {
            id: random_id(),
            dimension: model.as_ref().map_or(options.dimension.unwrap_or(0), |model| model.info.dimension()),
            model: model.as_ref().map(|model| model.identity.clone()),
            precision: options.vector_precision,
            cuts: Cuts::Sections,
            passage_tokens: options.passage_tokens,
            overlap_tokens: options.overlap_tokens,
            old_passages_until: 0,
            words: options.word_index.unwrap_or(WordIndex::BUILT_IN),
            created_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            folders: Vec::new(),
        };
        words::check(&settings, path)?;
        let id = settings.id.clone();
        let store = Store::create_after(path, settings, options.open_mode().wait, |directory| {
            // git ignores a collection. A `.gitignore` with other rules belongs to the user and stays; a link is replaced.
            let found = directory.read(".gitignore", GITIGNORE_BYTES);
            if !found.is_ok_and(|found| found.is_some_and(|rules| rules != GITIGNORE)) {
                directory.replace(".gitignore", GITIGNORE).map_err(Error::io("write", path.join(".gitignore")))?;
            }
            if let Trust::Listed(list) = &options.trust {
                // Before the collection exists: so it is trusted if its creation is interrupted and continued later. If the
                // list cannot be written, the user is only asked once more.
                let _ = list.add_named(&id, path);
            }
            Ok(())
        })?;
        let settings = store.settings();
        let access = Access::Writer(Box::new(WriterAccess::create(path, store, &options)?));
        let model = model.map_or(ModelState::None, |model| ModelState::Found(Box::new(model)));
        Ok(Self::assemble(path, options, true, settings, model, access))
    }
}

/// Returns whether a collection is trusted. Refuses one that belongs to another user, unless it is trusted.
pub(super) fn trust(path: &Path, options: &CollectionOptions) -> Result<bool> {
    let trusted = options.trust.covers(path)?;
    let is_foreign = Dir::open(path).map_err(Error::io("open", path))?.is_foreign();
    if is_foreign && !trusted {
        return Err(Error::NotTrusted { path: path.to_path_buf() });
    }
    Ok(trusted)
}
