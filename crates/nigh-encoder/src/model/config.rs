//! config.json of a BERT, with the defaults that transformers' BertConfig has.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use nigh_disk::{Links, read_regular};

/// The most bytes of a model's JSON file, its tokenizer's apart. They have some thousands.
pub(super) const MOST_BYTES: u64 = 16 << 20;
/// The largest sizes of a BERT that are taken: far beyond those there are, and no product of them overflows.
const MOST_HIDDEN: usize = 1 << 16;
const MOST_LAYERS: usize = 1 << 12;
const MOST_ROWS: usize = 1 << 28;

/// The non-linearity of the feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// x/2 · (1 + erf(x/√2)).
    Gelu,
    /// Its approximation by tanh.
    GeluTanh,
    /// max(x, 0).
    Relu,
}

/// The shape of a BERT.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BertConfig {
    #[serde(default = "bert")]
    model_type: String,
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) vocab_size: usize,
    #[serde(default = "five_hundred_and_twelve")]
    pub(crate) max_position_embeddings: usize,
    #[serde(default = "two")]
    pub(crate) type_vocab_size: usize,
    #[serde(default = "tiny")]
    pub(crate) layer_norm_eps: f32,
    #[serde(default = "gelu")]
    hidden_act: String,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

fn bert() -> String {
    "bert".to_owned()
}
fn five_hundred_and_twelve() -> usize {
    512
}
fn two() -> usize {
    2
}
fn tiny() -> f32 {
    1e-12
}
fn gelu() -> String {
    "gelu".to_owned()
}
fn absolute() -> String {
    "absolute".to_owned()
}

impl BertConfig {
    /// Reads a model directory's config.json and checks that the native encoder can run it.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] for another architecture, [`Error::ModelFile`] when it is damaged or makes no sense.
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
        // Whether they are those of the weights is compared before anything is allocated; here, that nothing computed from them overflows.
        check_hidden(&path, config.hidden_size)?;
        for (name, size, most) in [
            ("num_hidden_layers", config.num_hidden_layers, MOST_LAYERS),
            ("intermediate_size", config.intermediate_size, MOST_ROWS),
            ("vocab_size", config.vocab_size, MOST_ROWS),
            ("max_position_embeddings", config.max_position_embeddings, MOST_ROWS),
            ("type_vocab_size", config.type_vocab_size, MOST_ROWS),
        ] {
            check_size(&path, name, size, most)?;
        }
        Ok(config)
    }

    /// The activation that `hidden_act` names.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] for one that is not built in.
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
    check_size(path, "hidden_size", size, MOST_HIDDEN)
}

fn check_size(path: &Path, name: &str, size: usize, most: usize) -> Result<()> {
    if size <= most {
        return Ok(());
    }
    Err(Error::model_file(path, format!("its {name} is {size}; at most {most} is taken: copy the model again")))
}

/// Reads a JSON file of a model; none when it does not exist.
///
/// # Errors
/// [`Error::Io`] when it cannot be read, [`Error::ModelFile`] when it is not the JSON expected.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read_regular(path, Links::Follow, MOST_BYTES).map_err(Error::io("read", path))? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|cause| {
        Error::model_file(path, format!("it is not the JSON expected ({cause}); fetch or copy the model again"))
    })
}
