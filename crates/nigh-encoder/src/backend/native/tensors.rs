//! Reads the tensors of a BERT from a safetensors file. Compares every shape with config.json before reading a number.

use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use crate::error::{Error, Result};
use crate::model::{BertConfig, ModelInfo, NOT_INTACT};
use nigh_disk::{Links, open_regular};
use nigh_kernel::FileMap;

/// The tensor that is searched to find the prefix of all names.
const ANCHOR: &str = "embeddings.word_embeddings.weight";
const POSITIONS: &str = "embeddings.position_embeddings.weight";
const TYPES: &str = "embeddings.token_type_embeddings.weight";
const NORM: &str = "embeddings.LayerNorm";

/// A mapped safetensors file.
pub(super) struct Source {
    path: PathBuf,
    map: FileMap,
}

impl Source {
    /// Maps the model.safetensors of a model directory.
    pub(super) fn open(model: &ModelInfo) -> Result<Self> {
        let path =
            model.safetensors().ok_or_else(|| Error::unsupported(model.path(), "it has no model.safetensors"))?;
        let map =
            open_regular(path, Links::Follow).and_then(|file| FileMap::of(&file)).map_err(Error::io("map", path))?;
        Ok(Self { path: path.to_path_buf(), map })
    }

    /// See [`Backend::check_intact`](super::Backend::check_intact); checks this file.
    pub(super) fn check_intact(&self) -> Result<()> {
        if self.map.is_intact() { Ok(()) } else { Err(Error::model_file(&self.path, NOT_INTACT)) }
    }

    /// Returns the result of `read`. If a part of the file could not be read, returns that error instead, also in place of
    /// another error of `read`.
    pub(super) fn intact<'a, T>(&'a self, read: impl FnOnce(&'a Self) -> Result<T>) -> Result<T> {
        let result = read(self);
        self.check_intact()?;
        result
    }

    /// Reads the list of tensors.
    pub(super) fn tensors(&self) -> Result<Tensors<'_>> {
        let tensors = SafeTensors::deserialize(&self.map).map_err(|cause| {
            Error::model_file(
                &self.path,
                format!("it is not a safetensors file ({cause}); fetch or copy the model again"),
            )
        })?;
        let names = tensors.names();
        let prefix = names.iter().find_map(|name| name.strip_suffix(ANCHOR));
        let problem = || format!("its safetensors have no {ANCHOR}, so it is not a BERT model");
        let prefix = prefix.ok_or_else(|| Error::unsupported(&self.path, problem()))?;
        Ok(Tensors { prefix: prefix.to_owned(), path: &self.path, tensors })
    }

    /// See [`FileMap::release`].
    pub(super) fn release(&self) {
        self.map.release();
    }

    /// Returns the bytes of the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }
}

/// The tensors by name, and the prefix of all names (`bert.` in some files, else empty).
pub(super) struct Tensors<'a> {
    path: &'a Path,
    tensors: SafeTensors<'a>,
    prefix: String,
}

/// A linear layer as models store it.
pub(super) struct Dense {
    /// `[out, in]`, row-major.
    pub(super) weight: Vec<f32>,
    /// `[out]`.
    pub(super) bias: Vec<f32>,
}

/// A layer norm's gain and bias, `[hidden]` each.
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// One transformer layer as models store it.
pub(super) struct Layer {
    /// Query, key and value projections as one: `[3 × hidden, hidden]`.
    pub(super) qkv: Dense,
    pub(super) attention_output: Dense,
    pub(super) attention_norm: Norm,
    pub(super) intermediate: Dense,
    pub(super) output: Dense,
    pub(super) output_norm: Norm,
}

impl Tensors<'_> {
    /// Compares every size of config.json with the file's list of tensors. This is done before anything is allocated, so that
    /// no allocation is larger than the file.
    pub(super) fn check(&self, config: &BertConfig) -> Result<()> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        self.words(config)?;
        self.find(POSITIONS, &[config.max_position_embeddings, hidden])?;
        if config.type_vocab_size > 0 {
            self.find(TYPES, &[config.type_vocab_size, hidden])?;
        }
        self.find_norm(NORM, hidden)?;
        for i in 0..config.num_hidden_layers {
            let name = |part: &str| format!("encoder.layer.{i}.{part}");
            for (part, out, input) in [
                ("attention.self.query", hidden, hidden),
                ("attention.self.key", hidden, hidden),
                ("attention.self.value", hidden, hidden),
                ("attention.output.dense", hidden, hidden),
                ("intermediate.dense", wide, hidden),
                ("output.dense", hidden, wide),
            ] {
                self.find(&format!("{}.weight", name(part)), &[out, input])?;
                self.find(&format!("{}.bias", name(part)), &[out])?;
            }
            self.find_norm(&name("attention.output.LayerNorm"), hidden)?;
            self.find_norm(&name("output.LayerNorm"), hidden)?;
        }
        Ok(())
    }

    /// Reads the tensors of layer `i`.
    pub(super) fn layer(&self, i: usize, config: &BertConfig) -> Result<Layer> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{i}.{part}");
        let mut weight = Vec::with_capacity(3 * hidden * hidden);
        let mut bias = Vec::with_capacity(3 * hidden);
        for part in ["query", "key", "value"] {
            weight.extend(self.values(&name(&format!("attention.self.{part}.weight")), &[hidden, hidden])?);
            bias.extend(self.values(&name(&format!("attention.self.{part}.bias")), &[hidden])?);
        }
        Ok(Layer {
            qkv: Dense { weight, bias },
            attention_output: self.dense(&name("attention.output.dense"), hidden, hidden)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"), hidden)?,
            intermediate: self.dense(&name("intermediate.dense"), wide, hidden)?,
            output: self.dense(&name("output.dense"), hidden, wide)?,
            output_norm: self.norm(&name("output.LayerNorm"), hidden)?,
        })
    }

    /// Reads the layer norm after the embeddings.
    pub(super) fn embedding_norm(&self, config: &BertConfig) -> Result<Norm> {
        self.norm(NORM, config.hidden_size)
    }

    /// Reads the position embeddings, `[positions, hidden]`.
    pub(super) fn positions(&self, config: &BertConfig) -> Result<Vec<f32>> {
        let shape = [config.max_position_embeddings, config.hidden_size];
        self.values(POSITIONS, &shape)
    }

    /// Reads the segment embeddings, `[types, hidden]`; `None` if the model has none.
    pub(super) fn types(&self, config: &BertConfig) -> Result<Option<Vec<f32>>> {
        match config.type_vocab_size {
            0 => Ok(None),
            rows => self.values(TYPES, &[rows, config.hidden_size]).map(Some),
        }
    }

    /// Returns the dtype and the bytes of the token embeddings, `[vocabulary, hidden]`.
    pub(super) fn words(&self, config: &BertConfig) -> Result<(Dtype, &[u8])> {
        self.find(ANCHOR, &[config.vocab_size, config.hidden_size])
    }

    fn dense(&self, name: &str, out: usize, input: usize) -> Result<Dense> {
        Ok(Dense {
            weight: self.values(&format!("{name}.weight"), &[out, input])?,
            bias: self.values(&format!("{name}.bias"), &[out])?,
        })
    }

    /// Returns the names of a layer norm's gain and bias. In older checkpoints they are gamma and beta.
    fn norm_parts(&self, name: &str) -> (&'static str, &'static str) {
        let old = self.tensors.tensor(&format!("{}{name}.gamma", self.prefix)).is_ok();
        if old { ("gamma", "beta") } else { ("weight", "bias") }
    }

    fn find_norm(&self, name: &str, width: usize) -> Result<()> {
        let (gain, bias) = self.norm_parts(name);
        self.find(&format!("{name}.{gain}"), &[width])?;
        self.find(&format!("{name}.{bias}"), &[width])?;
        Ok(())
    }

    fn norm(&self, name: &str, width: usize) -> Result<Norm> {
        let (gain, bias) = self.norm_parts(name);
        Ok(Norm {
            gain: self.values(&format!("{name}.{gain}"), &[width])?,
            bias: self.values(&format!("{name}.{bias}"), &[width])?,
        })
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
            .map_err(|cause| Error::model_file(self.path, format!("it lacks the tensor {name} ({cause})")))?;
        if tensor.shape() != shape {
            let problem = format!("its tensor {name} has shape {:?}, config.json says {shape:?}", tensor.shape());
            return Err(Error::model_file(self.path, problem));
        }
        match tensor.dtype() {
            dtype @ (Dtype::F32 | Dtype::F16 | Dtype::BF16) => Ok((dtype, tensor.data())),
            other => Err(Error::model_file(
                self.path,
                format!("its tensor {name} is {other:?}; F32, F16 and BF16 are supported"),
            )),
        }
    }
}

/// Returns the bytes of one number of this dtype.
pub(super) fn size_of_kind(dtype: Dtype) -> usize {
    if dtype == Dtype::F32 { 4 } else { 2 }
}

/// Converts little-endian F32, F16 or BF16 to f32.
pub(super) fn widen(dtype: Dtype, bytes: &[u8], out: &mut [f32]) {
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
