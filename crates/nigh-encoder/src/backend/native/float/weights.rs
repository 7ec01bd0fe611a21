//! The weights of a model, packed for the f32 kernels.

use std::ops::Range;

use safetensors::Dtype;

use super::super::past_table;
use super::super::tensors::{Dense, Norm, Source, widen};
use crate::error::Result;
use crate::model::{Activation, BertConfig, ModelInfo};
use nigh_kernel::gemm::PackedMatrix;

/// A linear layer: packed weights `[out, in]`, and one bias per output.
pub(super) struct Linear {
    pub(super) weight: PackedMatrix,
    pub(super) bias: Vec<f32>,
}

impl From<Dense> for Linear {
    fn from(dense: Dense) -> Self {
        let out = dense.bias.len();
        Self { weight: PackedMatrix::from_rows(&dense.weight, out, dense.weight.len() / out.max(1)), bias: dense.bias }
    }
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
    /// Returns row `i`. `what` is the kind of the table, for the error.
    pub(super) fn row(&self, i: usize, what: &str) -> Result<&[f32]> {
        self.values.chunks_exact(self.width).nth(i).ok_or_else(|| past_table(what, i, self.values.len() / self.width))
    }
}

/// The token embeddings. They stay in the mapped file, as a text uses few of them.
pub(super) struct TokenTable {
    source: Source,
    bytes: Range<usize>,
    dtype: Dtype,
    rows: usize,
    width: usize,
}

impl TokenTable {
    /// Reads the embedding of one token into `out`, `[width]`.
    pub(super) fn read(&self, token: u32, out: &mut [f32]) -> Result<()> {
        let token = token as usize;
        if token >= self.rows {
            return Err(past_table("token", token, self.rows));
        }
        let size = self.bytes.len() / self.rows;
        widen(self.dtype, &self.source.bytes()[self.bytes.start + token * size..][..size], &mut out[..self.width]);
        Ok(())
    }
}

/// All weights of a BERT, in f32.
pub(super) struct FloatWeights {
    pub(super) tokens: TokenTable,
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

impl FloatWeights {
    /// Checks that the mapped file was not truncated: token embeddings are read from it when a text needs them. See
    /// [`Backend::check_intact`](super::Backend::check_intact).
    pub(super) fn check_intact(&self) -> Result<()> {
        self.tokens.source.check_intact()
    }

    pub(super) fn load(model: &ModelInfo) -> Result<Self> {
        let config = BertConfig::read(model.path())?;
        let source = Source::open(model)?;
        // A read of a truncated file gives wrong bytes. `intact` reports the truncation instead of an error that it caused; the
        // last check covers the reads that are not wrapped.
        let tensors = source.intact(Source::tensors)?;
        let width = config.hidden_size;
        let layer = |i| -> Result<LayerWeights> {
            let layer = tensors.layer(i, &config)?;
            Ok(LayerWeights {
                qkv: layer.qkv.into(),
                attention_output: layer.attention_output.into(),
                attention_norm: layer.attention_norm,
                intermediate: layer.intermediate.into(),
                output: layer.output.into(),
                output_norm: layer.output_norm,
            })
        };
        let layers = source.intact(|_| {
            tensors.check(&config)?;
            (0..config.num_hidden_layers).map(layer).collect()
        })?;
        let positions = Table { values: tensors.positions(&config)?, width };
        let types = tensors.types(&config)?.map(|values| Table { values, width });
        let embedding_norm = tensors.embedding_norm(&config)?;
        let (dtype, words) = tensors.words(&config)?;
        // The slice borrows the map, so its offset in the file is the difference of the addresses.
        let start = words.as_ptr() as usize - source.bytes().as_ptr() as usize;
        let bytes = start..start + words.len();
        drop(tensors);
        source.check_intact()?;
        Ok(Self {
            tokens: TokenTable { source, bytes, dtype, rows: config.vocab_size, width },
            positions,
            types,
            embedding_norm,
            layers,
            hidden: width,
            heads: config.num_attention_heads,
            intermediate: config.intermediate_size,
            epsilon: config.layer_norm_eps,
            activation: config.activation(model.path())?,
        })
    }
}
