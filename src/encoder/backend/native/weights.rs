//! safetensors to packed weights. Every shape is checked against config.json before a number is read.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use crate::encoder::model::{Activation, BertConfig, ModelInfo};
use crate::error::{Error, Result};
use crate::kernel::gemm::PackedMatrix;
use crate::kernel::map::FileMap;

/// A linear layer: `[out, in]` weights packed, one bias an output.
pub(super) struct Linear {
    pub(super) weight: PackedMatrix,
    pub(super) bias: Vec<f32>,
}

/// A layer norm's gain and bias, `[hidden]` each.
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// One transformer layer.
pub(super) struct LayerWeights {
    /// Query, key and value projections as one: `[3 × hidden, hidden]`.
    pub(super) qkv: Linear,
    pub(super) attention_output: Linear,
    pub(super) attention_norm: Norm,
    pub(super) intermediate: Linear,
    pub(super) output: Linear,
    pub(super) output_norm: Norm,
}

/// A small table held in memory, `[rows, width]`.
pub(super) struct Table {
    values: Vec<f32>,
    width: usize,
}

impl Table {
    /// Row `i`; `what` names it in the error.
    pub(super) fn row(&self, i: usize, what: &str) -> Result<&[f32]> {
        self.values.chunks_exact(self.width).nth(i).ok_or_else(|| Error::InvalidInput {
            problem: format!("{what} {i} is past the model's {} {what} embeddings", self.values.len() / self.width),
        })
    }
}

/// The word embeddings, left in the mapped file: a text touches few of them.
pub(super) struct WordTable {
    map: Arc<FileMap>,
    bytes: Range<usize>,
    dtype: Dtype,
    rows: usize,
    width: usize,
}

impl WordTable {
    /// Reads the embedding of one token into `out`, `[width]`.
    pub(super) fn read(&self, token: u32, out: &mut [f32]) -> Result<()> {
        let token = token as usize;
        if token >= self.rows {
            let problem = format!(
                "token {token} is past the model's {} word embeddings; its tokenizer.json belongs to another model",
                self.rows
            );
            return Err(Error::InvalidInput { problem });
        }
        let size = self.bytes.len() / self.rows;
        widen(self.dtype, &self.map[self.bytes.start + token * size..][..size], &mut out[..self.width]);
        Ok(())
    }
}

/// All of a BERT's weights.
pub(super) struct Weights {
    pub(super) words: WordTable,
    pub(super) positions: Table,
    /// Segment embeddings; a model may leave them out.
    pub(super) types: Option<Table>,
    pub(super) embedding_norm: Norm,
    pub(super) layers: Vec<LayerWeights>,
    pub(super) hidden: usize,
    pub(super) heads: usize,
    pub(super) intermediate: usize,
    pub(super) epsilon: f32,
    pub(super) activation: Activation,
}

impl Weights {
    pub(super) fn load(model: &ModelInfo) -> Result<Self> {
        let config = BertConfig::read(&model.path)?;
        let path = model.safetensors.clone().ok_or_else(|| Error::ModelUnsupported {
            path: model.path.clone(),
            problem: "it has no model.safetensors".to_owned(),
        })?;
        let map = Arc::new(FileMap::open(&path).map_err(Error::io("map", &path))?);
        let tensors = SafeTensors::deserialize(&map).map_err(|cause| {
            Error::model_file(&path, format!("it is no safetensors file ({cause}); fetch or copy the model again"))
        })?;
        let anchor = "embeddings.word_embeddings.weight";
        let names = tensors.names();
        let prefix =
            names.iter().find_map(|name| name.strip_suffix(anchor)).ok_or_else(|| Error::ModelUnsupported {
                path: model.path.clone(),
                problem: format!("its safetensors hold no {anchor}, so it is no BERT"),
            })?;
        let file = TensorFile { path, map: &map, tensors: &tensors, prefix };
        let hidden = config.hidden_size;
        let layers = (0..config.num_hidden_layers).map(|i| file.layer(i, &config)).collect::<Result<_>>()?;
        let types = match config.type_vocab_size {
            0 => None,
            rows => Some(file.table("embeddings.token_type_embeddings.weight", rows, hidden)?),
        };
        Ok(Self {
            words: file.words(anchor, config.vocab_size, hidden)?,
            positions: file.table("embeddings.position_embeddings.weight", config.max_position_embeddings, hidden)?,
            types,
            embedding_norm: file.norm("embeddings.LayerNorm", hidden)?,
            layers,
            hidden,
            heads: config.num_attention_heads,
            intermediate: config.intermediate_size,
            epsilon: config.layer_norm_eps,
            activation: config.activation(&model.path)?,
        })
    }
}

/// An open safetensors file, with what its tensor names begin with (`bert.` in some files).
struct TensorFile<'a> {
    path: PathBuf,
    map: &'a Arc<FileMap>,
    tensors: &'a SafeTensors<'a>,
    prefix: &'a str,
}

impl TensorFile<'_> {
    fn layer(&self, i: usize, config: &BertConfig) -> Result<LayerWeights> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{i}.{part}");
        let mut weight = Vec::with_capacity(3 * hidden * hidden);
        let mut bias = Vec::with_capacity(3 * hidden);
        for part in ["query", "key", "value"] {
            weight.extend(self.values(&name(&format!("attention.self.{part}.weight")), &[hidden, hidden])?);
            bias.extend(self.values(&name(&format!("attention.self.{part}.bias")), &[hidden])?);
        }
        Ok(LayerWeights {
            qkv: Linear { weight: PackedMatrix::from_rows(&weight, 3 * hidden, hidden), bias },
            attention_output: self.linear(&name("attention.output.dense"), hidden, hidden)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"), hidden)?,
            intermediate: self.linear(&name("intermediate.dense"), wide, hidden)?,
            output: self.linear(&name("output.dense"), hidden, wide)?,
            output_norm: self.norm(&name("output.LayerNorm"), hidden)?,
        })
    }

    fn linear(&self, name: &str, out: usize, input: usize) -> Result<Linear> {
        let weight = self.values(&format!("{name}.weight"), &[out, input])?;
        Ok(Linear {
            weight: PackedMatrix::from_rows(&weight, out, input),
            bias: self.values(&format!("{name}.bias"), &[out])?,
        })
    }

    /// Older checkpoints call a layer norm's weight and bias gamma and beta.
    fn norm(&self, name: &str, width: usize) -> Result<Norm> {
        let old = self.tensors.tensor(&format!("{}{name}.gamma", self.prefix)).is_ok();
        let (gain, bias) = if old { ("gamma", "beta") } else { ("weight", "bias") };
        Ok(Norm {
            gain: self.values(&format!("{name}.{gain}"), &[width])?,
            bias: self.values(&format!("{name}.{bias}"), &[width])?,
        })
    }

    fn table(&self, name: &str, rows: usize, width: usize) -> Result<Table> {
        Ok(Table { values: self.values(name, &[rows, width])?, width })
    }

    fn words(&self, name: &str, rows: usize, width: usize) -> Result<WordTable> {
        let (dtype, bytes) = self.find(name, &[rows, width])?;
        // The view borrows the map: its place in the file is where its bytes start.
        let start = bytes.as_ptr() as usize - self.map.as_ptr() as usize;
        Ok(WordTable { map: Arc::clone(self.map), bytes: start..start + bytes.len(), dtype, rows, width })
    }

    fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let (dtype, bytes) = self.find(name, shape)?;
        let mut values = vec![0.0; shape.iter().product()];
        widen(dtype, bytes, &mut values);
        Ok(values)
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<(Dtype, &[u8])> {
        let name = format!("{}{name}", self.prefix);
        let tensor = self
            .tensors
            .tensor(&name)
            .map_err(|cause| Error::model_file(&self.path, format!("it lacks the tensor {name} ({cause})")))?;
        if tensor.shape() != shape {
            let problem = format!("its tensor {name} has shape {:?}, config.json says {shape:?}", tensor.shape());
            return Err(Error::model_file(&self.path, problem));
        }
        match tensor.dtype() {
            dtype @ (Dtype::F32 | Dtype::F16 | Dtype::BF16) => Ok((dtype, tensor.data())),
            other => Err(Error::model_file(
                &self.path,
                format!("its tensor {name} is {other:?}; F32, F16 and BF16 are read"),
            )),
        }
    }
}

/// Little-endian F32, F16 or BF16 to f32.
fn widen(dtype: Dtype, bytes: &[u8], out: &mut [f32]) {
    match dtype {
        Dtype::F16 | Dtype::BF16 => {
            for (out, &bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                let bits = u16::from_le_bytes(bytes);
                *out = if dtype == Dtype::F16 { f16::from_bits(bits).to_f32() } else { bf16::from_bits(bits).to_f32() };
            }
        }
        _ => {
            for (out, &bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *out = f32::from_le_bytes(bytes);
            }
        }
    }
}
