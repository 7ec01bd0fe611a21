//! [`ModelInfo`]: the description of a model in the files of its directory, in the layout of Hugging Face and
//! sentence-transformers.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::{check_hidden, read_json};
use super::kinds::{Pooling, Prompts};
use crate::error::{Error, Result};

/// The description of a model, read from its directory. Opening one is cheap: no weights are loaded.
///
/// ```no_run
/// let model = nigh_encoder::ModelInfo::open("/models/all-MiniLM-L6-v2")?;
/// assert_eq!((model.name(), model.dimension(), model.context_length()), ("all-MiniLM-L6-v2", 384, 256));
/// # Ok::<(), nigh_encoder::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) dimension: usize,
    #[serde(rename = "window")]
    pub(super) context_length: usize,
    pub(super) pooling: Pooling,
    pub(super) normalise: bool,
    pub(super) prompts: Prompts,
    pub(super) safetensors: Option<PathBuf>,
    pub(super) onnx: Option<PathBuf>,
}

impl ModelInfo {
    /// Returns the name: the one in the catalogue or the one it was imported under, else the name of the directory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the length of the vectors, in f32 values.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns the largest number of tokens in a sequence, special tokens and prefix included.
    pub fn context_length(&self) -> usize {
        self.context_length
    }

    /// Returns how the states of the tokens are combined into one vector.
    pub fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// True if the vectors are scaled to length 1, or if the directory does not say (it has no modules.json).
    pub fn normalise(&self) -> bool {
        self.normalise
    }

    /// Returns the prefixes of queries and passages.
    pub fn prompts(&self) -> &Prompts {
        &self.prompts
    }

    /// Returns the path of model.safetensors, if the directory has one.
    pub fn safetensors(&self) -> Option<&Path> {
        self.safetensors.as_deref()
    }

    /// Returns the path of model.onnx (or onnx/model.onnx), if the directory has one.
    pub fn onnx(&self) -> Option<&Path> {
        self.onnx.as_deref()
    }

    /// Sets another pooling than that of the directory, for comparisons. It changes the vectors and the fingerprint.
    #[must_use]
    pub fn with_pooling(mut self, pooling: Pooling) -> Self {
        self.pooling = pooling;
        self
    }

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
                "it is missing; a model directory has config.json, tokenizer.json and weights (a ModelStore finds the directory of a name)",
            )
        })?;
        check_hidden(&config_path, config.hidden_size)?;
        if file("tokenizer.json").is_none() {
            return Err(Error::model_file(
                path.join("tokenizer.json"),
                "it is missing; only fast tokenizers can be read",
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
        let context_length = context_length(&path, &config)?;
        let installed: Option<Installed> = read_json(&path.join("nigh-model.json"))?;
        let directory_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            name: installed.map(|i| i.name).or(directory_name).unwrap_or_else(|| "model".to_owned()),
            dimension: config.hidden_size,
            context_length,
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
}

/// The number of position embeddings of a BERT if config.json does not give one.
const DEFAULT_POSITIONS: usize = 512;

/// Reads the context length: `max_seq_length` of sentence_bert_config.json, else `model_max_length` of tokenizer_config.json,
/// but at most the number of position embeddings.
fn context_length(path: &Path, config: &Config) -> Result<usize> {
    let rows = config.max_position_embeddings.unwrap_or(DEFAULT_POSITIONS);
    let configured = match read_json::<SentenceBertConfig>(&path.join("sentence_bert_config.json"))? {
        Some(SentenceBertConfig { max_seq_length: Some(length) }) => Some(length),
        _ => read_json::<TokenizerConfig>(&path.join("tokenizer_config.json"))?
            .and_then(|config| config.model_max_length)
            // A huge number stands for "no limit".
            .filter(|&length| length < 1e6)
            .map(|length| length as usize),
    };
    match configured.unwrap_or(rows).min(rows) {
        0..8 => Err(Error::model_file(path, "its context length is under 8 tokens, which is too short for a text")),
        length => Ok(length),
    }
}

/// The part of config.json that every backend needs.
#[derive(Deserialize)]
struct Config {
    hidden_size: usize,
    max_position_embeddings: Option<usize>,
}

/// One entry of modules.json.
#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct SentenceBertConfig {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize)]
struct TokenizerConfig {
    model_max_length: Option<f64>,
}

/// The part of nigh-model.json that is read here.
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

/// 1_Pooling/config.json, in its older form (flags) and its newer form (a name).
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
                other => Err(Error::model_file(path, format!("its pooling_mode {other:?} is not supported"))),
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
    fn info_is_read_from_the_files() {
        let directory = directory(&[
            CONFIG,
            TOKENIZER,
            ("modules.json", r#"[{"path": "pool", "type": "sentence_transformers.models.Pooling"}]"#),
            ("pool/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#),
            ("sentence_bert_config.json", r#"{"max_seq_length": 32}"#),
            ("config_sentence_transformers.json", r#"{"prompts": {"query": "q: ", "document": "d: "}}"#),
        ]);
        let info = ModelInfo::open(directory.path()).unwrap();
        assert_eq!((info.dimension, info.context_length, info.pooling, info.normalise), (8, 32, Pooling::Cls, false));
        assert_eq!(info.prompts, Prompts::new("q: ", "d: "));
    }

    #[test]
    fn info_has_the_documented_defaults() {
        let directory = directory(&[CONFIG, TOKENIZER]);
        let info = ModelInfo::open(directory.path()).unwrap();
        assert_eq!((info.context_length, info.pooling, info.normalise), (64, Pooling::Mean, true));
        assert_eq!(info.prompts, Prompts::default());
    }

    #[test]
    fn info_errors_show_the_damaged_file() {
        for (files, name) in [
            (vec![TOKENIZER], "config.json"),
            (vec![CONFIG], "tokenizer.json"),
            (vec![("config.json", "{"), TOKENIZER], "config.json"),
            (vec![CONFIG, TOKENIZER, ("1_Pooling/config.json", "{}")], "1_Pooling"),
            (vec![CONFIG, TOKENIZER, ("sentence_bert_config.json", r#"{"max_seq_length": 3}"#)], "context length"),
        ] {
            let directory = directory(&files);
            let error = ModelInfo::open(directory.path()).unwrap_err();
            assert!(matches!(error, Error::ModelFile { .. }) && error.to_string().contains(name), "{error}");
        }
    }
}
