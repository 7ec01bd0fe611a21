//! What a model directory says of itself, in the files that Hugging Face and sentence-transformers lay out.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::{check_hidden, read_json};
use super::fingerprint;
use crate::error::{Error, Result};

/// How token states become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pooling {
    /// The mean over all tokens that take part. The default where a model says nothing.
    Mean,
    /// The first token's state.
    Cls,
    /// The largest value of each dimension.
    Max,
    /// The sum divided by the square root of the number of tokens.
    MeanSqrtLen,
}

/// The class of arithmetic that made a vector; part of the fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Precision {
    /// 32-bit floating point: the reference, and what an ONNX file runs in, whatever it holds.
    F32,
    /// 8-bit integers, weights with a scale per output and activations with one per token: the native backend's default.
    #[default]
    Int8,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Self; 2] = [Self::F32, Self::Int8];

    /// `f32` or `int8`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

/// What is put in front of a text before it is encoded. Empty where a model wants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Prompts {
    /// In front of a question.
    pub query: String,
    /// In front of a passage that is to be found.
    pub passage: String,
}

/// A model directory, read but not loaded: cheap to make, needs no weights in memory.
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    /// Its name: the catalogue's or the imported one, else the directory's.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// Length of its vectors.
    pub dimension: usize,
    /// The most tokens of a sequence, special tokens and prefix included.
    pub window: usize,
    /// How token states become one vector.
    pub pooling: Pooling,
    /// Whether its vectors have length 1. True also where the directory does not say (it has no modules.json).
    pub normalise: bool,
    /// What goes in front of questions and passages.
    pub prompts: Prompts,
    /// model.safetensors, where it has one.
    pub safetensors: Option<PathBuf>,
    /// model.onnx (or onnx/model.onnx), where it has one.
    pub onnx: Option<PathBuf>,
}

impl ModelInfo {
    /// Reads a model directory.
    ///
    /// # Errors
    /// [`Error::ModelFile`] for a missing or damaged file, [`Error::Io`] when one cannot be read.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        let path = directory.as_ref().to_path_buf();
        let file = |name: &str| Some(path.join(name)).filter(|file| file.is_file());
        let config_path = path.join("config.json");
        let config: Config = read_json(&config_path)?.ok_or_else(|| {
            Error::model_file(
                &config_path,
                "it is missing; a model directory has config.json, tokenizer.json and weights",
            )
        })?;
        check_hidden(&config_path, config.hidden_size)?;
        if file("tokenizer.json").is_none() {
            return Err(Error::model_file(
                path.join("tokenizer.json"),
                "it is missing; nigh reads fast tokenizers only",
            ));
        }
        let modules: Option<Vec<Module>> = read_json(&path.join("modules.json"))?;
        let pooling_directory =
            modules.iter().flatten().find(|m| m.kind.ends_with(".Pooling")).map(|m| m.path.as_str());
        let pooling_path = path.join(pooling_directory.unwrap_or("1_Pooling")).join("config.json");
        let pooling = match read_json::<PoolingConfig>(&pooling_path)? {
            Some(config) => config.pooling(&pooling_path)?,
            None => Pooling::Mean,
        };
        let window = Self::window(&path, &config)?;
        let installed: Option<Installed> = read_json(&path.join("nigh-model.json"))?;
        let directory_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            name: installed.map(|i| i.name).or(directory_name).unwrap_or_else(|| "model".to_owned()),
            dimension: config.hidden_size,
            window,
            pooling,
            normalise: modules.is_none_or(|modules| modules.iter().any(|m| m.kind.ends_with(".Normalize"))),
            prompts: read_json::<SentenceConfig>(&path.join("config_sentence_transformers.json"))?
                .unwrap_or_default()
                .prompts
                .into(),
            safetensors: file("model.safetensors"),
            onnx: file("model.onnx").or_else(|| file("onnx/model.onnx")),
            path,
        })
    }

    /// sentence_bert_config.json's max_seq_length, else tokenizer_config.json's model_max_length, and never more than
    /// there are position embeddings.
    fn window(path: &Path, config: &Config) -> Result<usize> {
        let rows = config.max_position_embeddings.unwrap_or(512);
        let stated = match read_json::<WindowConfig>(&path.join("sentence_bert_config.json"))? {
            Some(WindowConfig { max_seq_length: Some(window) }) => Some(window),
            _ => read_json::<TokenizerConfig>(&path.join("tokenizer_config.json"))?
                .and_then(|config| config.model_max_length)
                .filter(|&length| length < 1e6)
                .map(|length| length as usize),
        };
        match stated.unwrap_or(rows).min(rows) {
            0..8 => Err(Error::model_file(path, "its window is under 8 tokens, which leaves no room for a text")),
            window => Ok(window),
        }
    }

    /// The hash over all that decides a vector: weights, tokenizer, pooling, prefixes, window, normalisation, precision.
    /// Hexadecimal. Reads the weights once (0.1–0.3 s for a file of 470 MB in memory); for installed models the file
    /// hashes are kept beside them.
    ///
    /// # Errors
    /// [`Error::Io`] when a file cannot be read.
    pub fn fingerprint(&self, precision: Precision, onnx: bool) -> Result<String> {
        fingerprint::of(self, precision, onnx)
    }
}

/// The part of config.json that every backend needs.
#[derive(Deserialize)]
struct Config {
    hidden_size: usize,
    max_position_embeddings: Option<usize>,
}

/// One line of modules.json.
#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct WindowConfig {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize)]
struct TokenizerConfig {
    model_max_length: Option<f64>,
}

/// The part of nigh-model.json that is read back here.
#[derive(Deserialize)]
struct Installed {
    name: String,
}

#[derive(Deserialize, Default)]
struct SentenceConfig {
    #[serde(default)]
    prompts: PromptConfig,
}

#[derive(Deserialize, Default)]
struct PromptConfig {
    #[serde(default)]
    query: String,
    passage: Option<String>,
    document: Option<String>,
}

impl From<PromptConfig> for Prompts {
    fn from(config: PromptConfig) -> Self {
        Self { query: config.query, passage: config.passage.or(config.document).unwrap_or_default() }
    }
}

/// 1_Pooling/config.json, in its older form (flags) and its newer (a name).
#[derive(Deserialize)]
struct PoolingConfig {
    pooling_mode: Option<String>,
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
    #[serde(default)]
    pooling_mode_max_tokens: bool,
    #[serde(default)]
    pooling_mode_mean_sqrt_len_tokens: bool,
}

impl PoolingConfig {
    fn pooling(&self, path: &Path) -> Result<Pooling> {
        if let Some(mode) = &self.pooling_mode {
            return match mode.as_str() {
                "mean" => Ok(Pooling::Mean),
                "cls" => Ok(Pooling::Cls),
                "max" => Ok(Pooling::Max),
                "mean_sqrt_len_tokens" => Ok(Pooling::MeanSqrtLen),
                other => Err(Error::model_file(path, format!("its pooling_mode {other:?} is not built in"))),
            };
        }
        let flags = [
            (self.pooling_mode_cls_token, Pooling::Cls),
            (self.pooling_mode_mean_tokens, Pooling::Mean),
            (self.pooling_mode_max_tokens, Pooling::Max),
            (self.pooling_mode_mean_sqrt_len_tokens, Pooling::MeanSqrtLen),
        ];
        let mut chosen = flags.iter().filter(|(set, _)| *set).map(|&(_, pooling)| pooling);
        match (chosen.next(), chosen.next()) {
            (Some(pooling), None) => Ok(pooling),
            _ => Err(Error::model_file(path, "it must choose exactly one of mean, cls, max and mean_sqrt_len pooling")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        directory
    }

    const CONFIG: (&str, &str) = ("config.json", r#"{"hidden_size": 8, "max_position_embeddings": 64}"#);
    const TOKENIZER: (&str, &str) = ("tokenizer.json", "{}");

    #[test]
    fn the_files_say_everything() {
        let directory = directory(&[
            CONFIG,
            TOKENIZER,
            ("modules.json", r#"[{"path": "pool", "type": "sentence_transformers.models.Pooling"}]"#),
            ("pool/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#),
            ("sentence_bert_config.json", r#"{"max_seq_length": 32}"#),
            ("config_sentence_transformers.json", r#"{"prompts": {"query": "q: ", "document": "d: "}}"#),
        ]);
        let info = ModelInfo::open(directory.path()).unwrap();
        assert_eq!((info.dimension, info.window, info.pooling, info.normalise), (8, 32, Pooling::Cls, false));
        assert_eq!(info.prompts, Prompts { query: "q: ".to_owned(), passage: "d: ".to_owned() });
    }

    #[test]
    fn what_they_leave_out_is_the_documented_default() {
        let directory = directory(&[CONFIG, TOKENIZER]);
        let info = ModelInfo::open(directory.path()).unwrap();
        assert_eq!((info.window, info.pooling, info.normalise), (64, Pooling::Mean, true));
        assert_eq!(info.prompts, Prompts::default());
    }

    #[test]
    fn damaged_files_are_named() {
        for (files, name) in [
            (vec![TOKENIZER], "config.json"),
            (vec![CONFIG], "tokenizer.json"),
            (vec![("config.json", "{"), TOKENIZER], "config.json"),
            (vec![CONFIG, TOKENIZER, ("1_Pooling/config.json", "{}")], "1_Pooling"),
            (vec![CONFIG, TOKENIZER, ("sentence_bert_config.json", r#"{"max_seq_length": 3}"#)], "window"),
        ] {
            let directory = directory(&files);
            let error = ModelInfo::open(directory.path()).unwrap_err();
            assert!(matches!(error, Error::ModelFile { .. }) && error.to_string().contains(name), "{error}");
        }
    }
}
