//! config.json of a BERT, with the defaults of transformers' BertConfig.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use nigh_disk::{Links, read_regular};

/// The largest accepted JSON file of a model, except tokenizer.json, in bytes. Such a file usually has a few thousand bytes.
pub(super) const MAX_JSON_BYTES: u64 = 16 << 20;
/// The largest sizes of a BERT that are accepted: far beyond those of real models, and no product of them overflows.
const MAX_HIDDEN: usize = 1 << 16;
const MAX_LAYERS: usize = 1 << 12;
const MAX_MATRIX_ROWS: usize = 1 << 28;

/// The non-linearity of the feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// x/2 · (1 + erf(x/√2)).
    Gelu,
    /// The approximation of GELU by tanh.
    GeluTanh,
    /// max(x, 0).
    Relu,
}

/// The part of a BERT's config.json that the native backend needs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BertConfig {
    #[serde(default = "default_model_type")]
    model_type: String,
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) vocab_size: usize,
    #[serde(default = "default_max_positions")]
    pub(crate) max_position_embeddings: usize,
    #[serde(default = "default_token_types")]
    pub(crate) type_vocab_size: usize,
    #[serde(default = "default_layer_norm_eps")]
    pub(crate) layer_norm_eps: f32,
    #[serde(default = "default_activation")]
    hidden_act: String,
    #[serde(default = "default_positions")]
    position_embedding_type: String,
}

fn default_model_type() -> String {
    "bert".to_owned()
}
fn default_max_positions() -> usize {
    512
}
fn default_token_types() -> usize {
    2
}
fn default_layer_norm_eps() -> f32 {
    1e-12
}
fn default_activation() -> String {
    "gelu".to_owned()
}
fn default_positions() -> String {
    "absolute".to_owned()
}

impl BertConfig {
    /// Reads a model directory's config.json and checks that the native encoder can run it.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] for another architecture, [`Error::ModelFile`] when the file is damaged or makes no sense.
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("config.json");
        let config: Self = read_json(&path)?.ok_or_else(|| Error::model_file(&path, "it is missing"))?;
        if config.model_type != "bert" {
            let problem = format!(
                "its model_type is {:?} and the native backend runs \"bert\" only; export the model to ONNX",
                config.model_type
            );
            return Err(Error::ModelUnsupported { path: directory.to_path_buf(), problem, runs_on: Some("ort") });
        }
        if config.position_embedding_type != "absolute" {
            let problem = format!("its position_embedding_type is {:?}, not absolute", config.position_embedding_type);
            return Err(Error::unsupported(directory, problem));
        }
        config.activation(directory)?;
        let sizes = [
            config.hidden_size,
            config.num_attention_heads,
            config.intermediate_size,
            config.vocab_size,
            config.max_position_embeddings,
        ];
        if sizes.contains(&0) || !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            let problem = "a size in it is 0, or hidden_size is not a multiple of num_attention_heads";
            return Err(Error::model_file(path, problem));
        }
        // This only rules out overflow. The sizes are compared with those of the weights before anything is allocated.
        check_hidden(&path, config.hidden_size)?;
        for (name, size, max) in [
            ("num_hidden_layers", config.num_hidden_layers, MAX_LAYERS),
            ("intermediate_size", config.intermediate_size, MAX_MATRIX_ROWS),
            ("vocab_size", config.vocab_size, MAX_MATRIX_ROWS),
            ("max_position_embeddings", config.max_position_embeddings, MAX_MATRIX_ROWS),
            ("type_vocab_size", config.type_vocab_size, MAX_MATRIX_ROWS),
        ] {
            check_size(&path, name, size, max)?;
        }
        Ok(config)
    }

    /// Returns the activation that `hidden_act` stands for.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] for an activation that is not built in.
    pub(crate) fn activation(&self, directory: &Path) -> Result<Activation> {
        match self.hidden_act.as_str() {
            "gelu" => Ok(Activation::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Ok(Activation::GeluTanh),
            "relu" => Ok(Activation::Relu),
            other => {
                let problem = format!("its hidden_act is {other:?}; gelu, gelu_new and relu are built in");
                Err(Error::unsupported(directory, problem))
            }
        }
    }
}

/// Refuses a hidden size that no model has.
///
/// # Errors
/// [`Error::ModelFile`].
pub(super) fn check_hidden(path: &Path, size: usize) -> Result<()> {
    check_size(path, "hidden_size", size, MAX_HIDDEN)
}

fn check_size(path: &Path, name: &str, size: usize, max: usize) -> Result<()> {
    if size <= max {
        return Ok(());
    }
    Err(Error::model_file(path, format!("its {name} is {size}; at most {max} is accepted: copy the model again")))
}

/// Reads a JSON file of a model; `None` if it does not exist.
///
/// # Errors
/// [`Error::Io`] when it cannot be read, [`Error::ModelFile`] when its JSON is not as expected.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read_regular(path, Links::Follow, MAX_JSON_BYTES).map_err(Error::io("read", path))? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|cause| {
        Error::model_file(path, format!("its JSON is not as expected ({cause}); fetch or copy the model again"))
    })
}
