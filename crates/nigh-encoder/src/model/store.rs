//! [`ModelStore`]: the models on this machine, by name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use serde::Serialize;

use super::catalogue::{self, CATALOGUE, RUNTIME};
use super::config::MAX_JSON_BYTES;
use super::install::{InstallRecord, RECORD_FILE};
use crate::error::{Error, Result};
use nigh_disk::{Links, read_regular};

/// The models of a data directory, and of local directories that take precedence over it.
///
/// ```text
/// <root>/models/NAME/                          an installed model: a Hugging Face directory with nigh-model.json
/// <root>/runtime/onnxruntime-VERSION/          ONNX Runtime's shared library
/// <local>/NAME/                                a model that nigh did not install; only read
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStore {
    root: PathBuf,
    local: Vec<PathBuf>,
}

/// One model in [`ModelStore::list`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModelListing {
    /// Its name.
    pub name: String,
    /// True if it is in nigh's catalogue. Otherwise it was imported, or is in a local directory.
    pub catalogue: bool,
    /// True if it is the default model, which a collection uses if it sets no other.
    pub default: bool,
    /// Its languages and its purpose in one line, for models of the catalogue.
    pub summary: Option<String>,
    /// SPDX identifier of its licence, if known.
    pub licence: Option<String>,
    /// Its directory, if it is on this machine.
    pub path: Option<PathBuf>,
    /// Its size on disk in bytes, if it is on this machine.
    pub bytes: Option<u64>,
    /// The size of its download in bytes, for models of the catalogue.
    pub download_bytes: Option<u64>,
    /// A description of the source that delivered it, if nigh installed it.
    pub source: Option<String>,
}

impl ModelStore {
    /// Returns the store in the data directory `root`. Nothing is created there before a model is installed.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), local: Vec::new() }
    }

    /// Returns the store in the user's data directory (on Linux `~/.local/share/nigh`). The variables `NIGH_DATA` and `NIGH_MODELS` of
    /// the program are not read: for them use [`ModelStore::at`] and [`ModelStore::with_local`].
    ///
    /// # Errors
    /// [`Error::Io`] when the system has no such directory for this user.
    pub fn user() -> Result<Self> {
        let none = || io::Error::new(io::ErrorKind::NotFound, "the system has none; give a directory instead");
        let data = choose_native_strategy().ok().map(|user| user.data_dir().join("nigh"));
        // With an empty or relative home directory, the data directory would be different in every working directory.
        let data = data.filter(|data| data.is_absolute()).ok_or_else(none);
        Ok(Self::at(data.map_err(Error::io("find the user's data directory for", "nigh"))?))
    }

    /// Also searches `directory`, whose subdirectories are models by name. Several are searched in the order of the calls, and all
    /// of them before the installed models.
    #[must_use]
    pub fn with_local(mut self, directory: impl Into<PathBuf>) -> Self {
        self.local.push(directory.into());
        self
    }

    /// Returns the data directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory of installed models: `<root>/models`.
    pub fn models_directory(&self) -> PathBuf {
        self.root.join("models")
    }

    #[cfg(feature = "fetch")]
    pub(super) fn local_directories(&self) -> &[PathBuf] {
        &self.local
    }

    /// Returns the directory of an installed model; `None` if it is not installed. Local directories are not searched.
    pub fn installed(&self, name: &str) -> Option<PathBuf> {
        is_name(name).then(|| self.models_directory().join(name)).filter(|path| path.join(RECORD_FILE).is_file())
    }

    /// Finds a model by name, in a local directory or else installed. Returns its directory; `None` if there is no such model.
    pub fn available(&self, name: &str) -> Option<PathBuf> {
        if !is_name(name) {
            return None;
        }
        let mut local = self.local.iter().map(|directory| directory.join(name));
        local.find(|path| is_model_directory(path)).or_else(|| self.installed(name))
    }

    /// Finds a model by name, in a local directory or else installed; or else by path. Returns its directory.
    ///
    /// # Errors
    /// [`Error::ModelNotInstalled`] for a name of the catalogue that is not on this machine; [`Error::ModelUnknown`] for anything else
    /// that is neither the name of a model nor an existing directory.
    pub fn find(&self, name_or_path: impl AsRef<Path>) -> Result<PathBuf> {
        let path = name_or_path.as_ref();
        if let Some(found) = path.to_str().and_then(|name| self.available(name)) {
            return Ok(found);
        }
        if path.is_dir() {
            return Ok(path.to_path_buf());
        }
        let name = path.to_string_lossy();
        match catalogue::entry(&name) {
            Some(entry) => Err(self.not_installed(entry.name)),
            None => Err(self.unknown(&name)),
        }
    }

    /// Returns the directory of the default model: the original, else its 4-bit copy.
    ///
    /// # Errors
    /// [`Error::ModelNotInstalled`] with the name of the original, when neither is on this machine.
    pub fn find_default(&self) -> Result<PathBuf> {
        self.find(catalogue::DEFAULT_MODEL).or_else(|error| self.find(catalogue::DEFAULT_MODEL_Q4).map_err(|_| error))
    }

    /// Returns the record of an installation; `None` for a model that is not installed.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::ModelFile`] when the record is damaged.
    pub fn record(&self, name: &str) -> Result<Option<InstallRecord>> {
        let Some(directory) = self.installed(name) else { return Ok(None) };
        let path = directory.join(RECORD_FILE);
        let text =
            read_regular(&path, Links::Follow, MAX_JSON_BYTES).map_err(Error::io("read", &path))?.unwrap_or_default();
        let problem = |e| format!("{e}; remove the model's directory and fetch it again");
        serde_json::from_slice(&text).map(Some).map_err(|e| Error::model_file(&path, problem(e)))
    }

    /// Lists the models of the catalogue in its order, then the others on this machine by name.
    pub fn list(&self) -> Vec<ModelListing> {
        let mut names: Vec<String> = CATALOGUE.iter().map(|entry| entry.name.to_owned()).collect();
        let mut others: Vec<String> = [self.models_directory()]
            .iter()
            .chain(&self.local)
            .filter_map(|directory| fs::read_dir(directory).ok())
            .flatten()
            .filter_map(|item| item.ok()?.file_name().into_string().ok())
            .filter(|name| !names.contains(name) && self.available(name).is_some())
            .collect();
        others.sort_unstable();
        others.dedup();
        names.append(&mut others);
        names.into_iter().map(|name| self.listing(name)).collect()
    }

    fn listing(&self, name: String) -> ModelListing {
        let entry = catalogue::entry(&name);
        let path = self.available(&name);
        // A damaged record hides the source of a model, not the model.
        let record = self.record(&name).ok().flatten().filter(|_| path == self.installed(&name));
        ModelListing {
            catalogue: entry.is_some(),
            default: name == catalogue::DEFAULT_MODEL,
            summary: entry.map(|entry| entry.summary.to_owned()),
            licence: entry.map(|e| e.licence.to_owned()).or_else(|| record.as_ref()?.licence.clone()),
            bytes: path.as_deref().map(size_on_disk),
            download_bytes: entry.map(|entry| entry.download_bytes),
            source: record.map(|record| record.source),
            path,
            name,
        }
    }

    /// Returns the directory of runtimes, which may not exist.
    pub(super) fn runtime_directory(&self) -> PathBuf {
        self.root.join("runtime")
    }

    /// Returns the path of ONNX Runtime's shared library, if nigh installed it.
    pub fn runtime_library(&self) -> Option<PathBuf> {
        let directory = self.runtime_directory().join(RUNTIME.name);
        Some(directory.join(RUNTIME.file.path)).filter(|path| path.is_file())
    }

    pub(super) fn not_installed(&self, name: &str) -> Error {
        Error::ModelNotInstalled { name: name.to_owned(), directory: self.models_directory() }
    }

    pub(super) fn unknown(&self, name: &str) -> Error {
        let imported = self.list().into_iter().filter(|model| !model.catalogue).map(|model| model.name);
        let known: Vec<String> = [catalogue::names()].into_iter().chain(imported).collect();
        Error::ModelUnknown { name: name.to_owned(), known: known.join(", ") }
    }
}

/// True if `name` is a valid name of a model: 1 to 100 of `A-Z a-z 0-9 . _ -`, the first not a dot. Such a name is one path
/// component on every system, and never one of nigh's own hidden files.
pub(super) fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=100).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(legal)
}

fn is_model_directory(path: &Path) -> bool {
    path.join("config.json").is_file()
        && ["model.safetensors", "model.onnx"].iter().any(|weights| path.join(weights).is_file())
}

/// Returns the bytes of all files in a directory and below. Links to files count; links to folders do not, as they may be
/// circular.
fn size_on_disk(directory: &Path) -> u64 {
    let Ok(items) = fs::read_dir(directory) else { return 0 };
    let size = |item: fs::DirEntry| match item.file_type() {
        Ok(kind) if kind.is_dir() => size_on_disk(&item.path()),
        _ => fs::metadata(item.path()).ok().filter(fs::Metadata::is_file).map_or(0, |metadata| metadata.len()),
    };
    items.flatten().map(size).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    /// Creates a minimal model directory.
    fn model(directory: &Path) {
        fs::create_dir_all(directory.join("1_Pooling")).unwrap();
        for (file, text) in [("config.json", "{}"), ("model.onnx", "12345"), ("1_Pooling/config.json", "{ }")] {
            fs::write(directory.join(file), text).unwrap();
        }
    }

    fn installed(store: &ModelStore, name: &str) {
        let directory = store.models_directory().join(name);
        model(&directory);
        let record =
            format!(r#"{{"name": "{name}", "licence": null, "source": "a test", "revision": null, "files": []}}"#);
        fs::write(directory.join(RECORD_FILE), record).unwrap();
    }

    #[test]
    fn is_name_accepts_only_names_inside_the_store() {
        for good in ["all-MiniLM-L6-v2", "a", "A_1.x"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "../a", "a\\b", "a b", "模型", "a\0", &"x".repeat(101)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn find_searches_local_directories_then_installed_models_then_paths() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path().join("data"));
        assert!(matches!(store.find("all-MiniLM-L6-v2"), Err(Error::ModelNotInstalled { .. })));
        assert!(matches!(store.find("no-such"), Err(Error::ModelUnknown { .. })));
        assert!(matches!(store.find("../no/such"), Err(Error::ModelUnknown { .. })));
        assert_eq!(store.find(folder.path()).unwrap(), folder.path());

        installed(&store, "mine");
        assert_eq!(store.find("mine").unwrap(), store.models_directory().join("mine"));
        let local = folder.path().join("local");
        model(&local.join("mine"));
        let store = store.with_local(&local);
        assert_eq!(store.find("mine").unwrap(), local.join("mine"));
        assert_eq!(store.installed("mine").unwrap(), store.models_directory().join("mine"));
    }

    #[test]
    fn find_ignores_unfinished_installations() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path());
        model(&store.models_directory().join(".partial-mine"));
        model(&store.models_directory().join("copied-by-hand-without-a-note"));
        assert!(store.find(".partial-mine").is_err() && store.installed("copied-by-hand-without-a-note").is_none());
        assert_eq!(store.list().len(), CATALOGUE.len());
    }

    #[test]
    fn list_has_the_catalogue_first_and_then_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path()).with_local(folder.path().join("local"));
        installed(&store, "mine");
        model(&folder.path().join("local/theirs"));
        installed(&store, CATALOGUE[2].name);
        let list = store.list();
        assert_eq!(list.len(), CATALOGUE.len() + 2);
        assert!(list[0].default && list[0].path.is_none() && list[0].bytes.is_none());
        assert_eq!((list[2].source.as_deref(), list[2].licence.as_deref()), (Some("a test"), Some("Apache-2.0")));
        let mine = &list[CATALOGUE.len()];
        assert_eq!((mine.name.as_str(), mine.catalogue), ("mine", false));
        assert!(mine.bytes.unwrap() > 10);
        assert_eq!(list[CATALOGUE.len() + 1].name, "theirs");
        assert!(store.unknown("x").to_string().contains("mine, theirs"));
    }
}
