//! Computes one hash of everything that decides a vector. It is stored with a collection, so that vectors of two models are
//! never mixed.

use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::config::read_json;
use super::info::ModelInfo;
use super::kinds::Precision;
use crate::error::{Error, Result};
use crate::packed::write_whole;
use nigh_disk::{Links, open_regular};
use nigh_kernel::FileMap;

/// The version of the hash. Change it when the same facts are hashed in another way.
const SCHEME: &str = "nigh-model-1";

/// The name of the file with an installed model's file hashes, in the model's directory.
const CACHE_FILE: &str = "nigh-hashes.json";

impl ModelInfo {
    /// Returns the hash of everything that decides a vector: weights, tokenizer, pooling, prefixes, context length,
    /// normalisation, precision. It has 64 hexadecimal digits. `onnx`: hashes the ONNX weights instead of the safetensors.
    ///
    /// Reads the weights once (0.1–0.3 s for a file of 470 MB in memory). For installed models, the hashes of the files are stored
    /// next to the files.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] when the model has no such weights; [`Error::Io`] when a file cannot be read.
    pub fn fingerprint(&self, precision: Precision, onnx: bool) -> Result<String> {
        fingerprint(self, precision, onnx)
    }
}

fn fingerprint(model: &ModelInfo, precision: Precision, onnx: bool) -> Result<String> {
    let weights = if onnx { &model.onnx } else { &model.safetensors };
    let weights =
        weights.as_ref().ok_or_else(|| Error::unsupported(&model.path, "it has no weights for that backend"))?;
    let mut hashes = Hashes::open(&model.path);
    // Serialised as JSON, so that no two different sets of facts give the same bytes.
    let facts = (
        SCHEME,
        hashes.hash(weights)?,
        hashes.hash(&model.path.join("tokenizer.json"))?,
        hashes.hash(&model.path.join("config.json"))?,
        model.pooling,
        &model.prompts,
        model.context_length,
        model.normalise,
        precision,
    );
    hashes.save();
    let facts = serde_json::to_vec(&facts).map_err(|error| Error::io("fingerprint", &model.path)(error.into()))?;
    Ok(blake3::hash(&facts).to_hex().to_string())
}

/// The BLAKE3 of a file, with the size and time that show whether the file is still the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FileHash {
    file: String,
    bytes: u64,
    modified_ns: u128,
    blake3: String,
}

/// The known file hashes of a model directory.
struct Hashes<'a> {
    directory: &'a Path,
    known: Vec<FileHash>,
    changed: bool,
}

impl<'a> Hashes<'a> {
    fn open(directory: &'a Path) -> Self {
        let known = read_json(&directory.join(CACHE_FILE)).ok().flatten().unwrap_or_default();
        Self { directory, known, changed: false }
    }

    fn hash(&mut self, path: &Path) -> Result<String> {
        let metadata = std::fs::metadata(path).map_err(Error::io("read", path))?;
        let file = path.strip_prefix(self.directory).unwrap_or(path).to_string_lossy().into_owned();
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified_ns = modified.map_or(0, |time| time.as_nanos());
        let is_unchanged = |known: &&FileHash| {
            known.file == file && known.bytes == metadata.len() && known.modified_ns == modified_ns && modified_ns != 0
        };
        if let Some(known) = self.known.iter().find(is_unchanged) {
            return Ok(known.blake3.clone());
        }
        let map =
            open_regular(path, Links::Follow).and_then(|file| FileMap::of(&file)).map_err(Error::io("read", path))?;
        let blake3 = blake3::hash(&map).to_hex().to_string();
        if !map.is_intact() {
            return Err(Error::model_file(path, super::NOT_INTACT));
        }
        self.known.retain(|known| known.file != file);
        self.known.push(FileHash { file, bytes: metadata.len(), modified_ns, blake3: blake3.clone() });
        self.changed = true;
        Ok(blake3)
    }

    /// Saves the hashes, but only in directories that nigh installed. If that fails, they are computed again next time.
    fn save(&self) {
        if !self.changed || !self.directory.join("nigh-model.json").exists() {
            return;
        }
        if let Ok(bytes) = serde_json::to_vec_pretty(&self.known) {
            let _ = write_whole(&self.directory.join(CACHE_FILE), &bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_depends_on_every_fact_and_hashes_installed_models_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let write = |name: &str, content: &str| std::fs::write(path.join(name), content).unwrap();
        write("config.json", r#"{"hidden_size": 8}"#);
        write("tokenizer.json", "{}");
        write("model.safetensors", "weights");
        let mut info = ModelInfo::open(path).unwrap();
        let first = info.fingerprint(Precision::F32, false).unwrap();
        assert_eq!(first, info.fingerprint(Precision::F32, false).unwrap());
        assert!(!path.join(CACHE_FILE).exists(), "nothing is written into a directory that nigh did not install");
        write("nigh-model.json", r#"{"name": "m"}"#);
        assert_eq!(first, info.fingerprint(Precision::F32, false).unwrap());
        assert!(path.join(CACHE_FILE).exists());
        assert_eq!(first, info.fingerprint(Precision::F32, false).unwrap());
        info.prompts.query = "query: ".to_owned();
        let second = info.fingerprint(Precision::F32, false).unwrap();
        assert_ne!(first, second);
        write("model.safetensors", "other weights");
        assert_ne!(second, info.fingerprint(Precision::F32, false).unwrap());
        assert!(info.fingerprint(Precision::F32, true).is_err(), "it has no ONNX file");
    }

    /// A collection refuses a model with another fingerprint, so the same facts must give the same one in every version.
    #[test]
    fn fingerprint_is_the_same_in_every_version() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        for (name, content) in [
            ("config.json", r#"{"hidden_size": 8, "max_position_embeddings": 64}"#),
            ("tokenizer.json", "{}"),
            ("model.safetensors", "weights"),
            ("model.onnx", "other weights"),
            (
                "config_sentence_transformers.json",
                r#"{"prompts": {"query": "query: \"\u00fc\" ", "passage": "passage: "}}"#,
            ),
        ] {
            std::fs::write(path.join(name), content).unwrap();
        }
        let info = ModelInfo::open(path).unwrap();
        assert_eq!((&*info.prompts.query, &*info.prompts.passage), ("query: \"\u{fc}\" ", "passage: "));
        let fingerprint = |precision, onnx| info.fingerprint(precision, onnx).unwrap();
        let all = [(Precision::F32, false), (Precision::Int8, false), (Precision::F32, true)];
        assert_eq!(
            all.map(|(precision, onnx)| fingerprint(precision, onnx)),
            [
                "6aa079e00502107a4d7a64d7f62e2826a78c7fb8a4eed7ba633400d9a3d61261",
                "abc7d0c18fd73ede3d31d733fac047de30b84817ec3829469fa75e76cb0f0f95",
                "824e15c8b6b7c9380ab5de3bc902cf9b6e4cbc3c1f713720be25d6afb673512b",
            ]
        );
    }
}
