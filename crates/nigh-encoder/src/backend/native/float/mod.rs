//! The encoder in f32.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Bert`]: embeddings, then the layers, over sequences laid end to end |
//! | `attention.rs` | multi-head self-attention, one sequence and head at a time |
//! | `weights.rs` | tensors to packed weights |

mod attention;
mod weights;

use self::attention::Heads;
use self::weights::{LayerWeights, Linear, Weights};
use super::tensors::Norm;
use super::{Backend, Batch, Idle, add, finish};
use crate::error::Result;
use crate::model::{Activation, ModelInfo};
use nigh_kernel::gemm::{Rows, Store, gemm};
use nigh_kernel::{AlignedBuffer, Simd, elementwise};

/// A BERT encoder with its weights packed for the kernels.
pub(super) struct Bert {
    weights: Weights,
    simd: Simd,
    idle: Idle<Scratch>,
}

/// Activations of one bundle; grown to the largest bundle seen.
#[derive(Default)]
struct Scratch {
    /// `[tokens, hidden]`: the residual stream.
    x: AlignedBuffer,
    /// `[tokens, 3 × hidden]`: queries, keys, values side by side.
    qkv: AlignedBuffer,
    /// `[tokens, hidden]`: what the heads gathered.
    context: AlignedBuffer,
    /// `[tokens, intermediate]`: inside the feed-forward layer.
    wide: AlignedBuffer,
    /// Attention's packed keys and values, and scores.
    heads: Heads,
}

impl Bert {
    /// Reads and packs a model directory's safetensors.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] for another architecture, [`Error::ModelFile`] for missing or misshapen tensors.
    pub(super) fn load(model: &ModelInfo, simd: Simd) -> Result<Self> {
        Ok(Self { weights: Weights::load(model)?, simd, idle: Idle::default() })
    }

    fn embed(&self, batch: &Batch, x: &mut [f32]) -> Result<()> {
        let weights = &self.weights;
        let hidden = weights.hidden;
        for sequence in batch.sequences() {
            for (position, token) in sequence.enumerate() {
                let row = &mut x[token * hidden..][..hidden];
                weights.words.read(batch.ids[token], row)?;
                add(row, weights.positions.row(position, "position")?);
                if let Some(types) = &weights.types {
                    add(row, types.row(batch.types[token] as usize, "segment")?);
                }
            }
        }
        self.norm(x, &weights.embedding_norm);
        Ok(())
    }

    fn layer(&self, layer: &LayerWeights, batch: &Batch, tokens: usize, scratch: &mut Scratch) {
        let (hidden, wide) = (self.weights.hidden, self.weights.intermediate);
        let Scratch { x, qkv, context, wide: inner, heads } = scratch;
        let x = &mut x[..tokens * hidden];
        let qkv = &mut qkv[..tokens * 3 * hidden];
        self.linear(x, hidden, &layer.qkv, false, qkv);
        let context = &mut context[..tokens * hidden];
        for sequence in batch.sequences() {
            let mask = batch.mask_of(sequence.clone());
            heads.attend(self.simd, self.weights.heads, hidden, sequence, mask, qkv, context);
        }
        self.linear(context, hidden, &layer.attention_output, true, x);
        self.norm(x, &layer.attention_norm);
        let inner = &mut inner[..tokens * wide];
        self.linear(x, hidden, &layer.intermediate, false, inner);
        match self.weights.activation {
            Activation::Gelu => elementwise::gelu(self.simd, inner),
            Activation::GeluTanh => elementwise::gelu_tanh(self.simd, inner),
            Activation::Relu => elementwise::relu(self.simd, inner),
        }
        self.linear(inner, wide, &layer.output, true, x);
        self.norm(x, &layer.output_norm);
    }

    /// out = input · W + b, or with `residual` out += input · W + b.
    fn linear(&self, input: &[f32], width: usize, layer: &Linear, residual: bool, out: &mut [f32]) {
        let rows = Rows { data: input, rows: input.len() / width, stride: width };
        let store = if residual { Store::AddBias(&layer.bias) } else { Store::Bias(&layer.bias) };
        gemm(self.simd, rows, layer.weight.as_packed(), store, out, layer.weight.columns());
    }

    fn norm(&self, x: &mut [f32], norm: &Norm) {
        elementwise::layer_norm(self.simd, x, &norm.gain, &norm.bias, self.weights.epsilon);
    }
}

impl Backend for Bert {
    fn forward(&self, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        let (hidden, tokens) = (self.weights.hidden, batch.ids.len());
        let mut scratch = self.idle.take();
        scratch.x.grow(tokens * hidden);
        scratch.qkv.grow(tokens * 3 * hidden);
        scratch.context.grow(tokens * hidden);
        scratch.wide.grow(tokens * self.weights.intermediate);
        self.embed(batch, &mut scratch.x[..tokens * hidden])?;
        for layer in &self.weights.layers {
            self.layer(layer, batch, tokens, &mut scratch);
        }
        let finished = finish(&scratch.x[..tokens * hidden], states);
        self.idle.give(scratch);
        finished
    }

    fn check_intact(&self) -> Result<()> {
        self.weights.check_intact()
    }
}
