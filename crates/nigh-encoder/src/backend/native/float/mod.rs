//! The encoder in f32.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`FloatBert`]: embeddings, then the layers, over sequences laid end to end |
//! | `attention.rs` | self-attention, one sequence and head at a time |
//! | `weights.rs` | packs the tensors |

mod attention;
mod weights;

use self::attention::FloatAttention;
use self::weights::{FloatWeights, LayerWeights, Linear};
use super::tensors::Norm;
use super::{Backend, Batch, Idle, add, finish};
use crate::error::Result;
use crate::model::{Activation, ModelInfo};
use nigh_kernel::gemm::{Rows, Store, gemm};
use nigh_kernel::{Aligned, Simd, elementwise};

/// A BERT encoder with its weights packed for the kernels.
pub(super) struct FloatBert {
    weights: FloatWeights,
    simd: Simd,
    workspaces: Idle<FloatWorkspace>,
}

/// Buffers for the activations of one batch. They grow to the largest batch seen.
#[derive(Default)]
struct FloatWorkspace {
    /// `[tokens, hidden]`: the residual stream.
    x: Aligned<f32>,
    /// `[tokens, 3 × hidden]`: queries, keys, values side by side.
    qkv: Aligned<f32>,
    /// `[tokens, hidden]`: the results of the heads side by side.
    context: Aligned<f32>,
    /// `[tokens, intermediate]`: the activations between the two feed-forward products.
    wide: Aligned<f32>,
    /// Attention's packed keys and values, and scores.
    attention: FloatAttention,
}

impl FloatBert {
    /// Reads and packs a model directory's safetensors.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] for another architecture, [`Error::ModelFile`] for missing tensors or wrong shapes.
    pub(super) fn load(model: &ModelInfo, simd: Simd) -> Result<Self> {
        Ok(Self { weights: FloatWeights::load(model)?, simd, workspaces: Idle::default() })
    }

    /// Sums the token, position and segment embeddings of every token, applies layer norm, and writes to `x`,
    /// `[tokens, hidden]`.
    fn embed(&self, batch: &Batch, x: &mut [f32]) -> Result<()> {
        let weights = &self.weights;
        let hidden = weights.hidden;
        for sequence in batch.sequences() {
            for (position, token) in sequence.enumerate() {
                let row = &mut x[token * hidden..][..hidden];
                weights.tokens.read(batch.ids[token], row)?;
                add(row, weights.positions.row(position, "position")?);
                if let Some(types) = &weights.types {
                    add(row, types.row(batch.types[token] as usize, "segment")?);
                }
            }
        }
        self.norm(x, &weights.embedding_norm);
        Ok(())
    }

    /// Computes one transformer layer, in place on the residual stream.
    fn layer(&self, layer: &LayerWeights, batch: &Batch, tokens: usize, workspace: &mut FloatWorkspace) {
        let (hidden, wide) = (self.weights.hidden, self.weights.intermediate);
        let FloatWorkspace { x, qkv, context, wide: inner, attention } = workspace;
        let x = &mut x[..tokens * hidden];
        // 1. Queries, keys and values of all heads, then attention within each sequence.
        let qkv = &mut qkv[..tokens * 3 * hidden];
        self.linear(x, hidden, &layer.qkv, false, qkv);
        let context = &mut context[..tokens * hidden];
        for sequence in batch.sequences() {
            let mask = batch.mask_of(sequence.clone());
            attention.attend(self.simd, self.weights.heads, hidden, sequence, mask, qkv, context);
        }
        // 2. Attention's output projection, residual, layer norm.
        self.linear(context, hidden, &layer.attention_output, true, x);
        self.norm(x, &layer.attention_norm);
        // 3. Feed-forward: up, activation, down, residual, layer norm.
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

    /// Computes out = input · W + b; with `residual`, out += input · W + b.
    fn linear(&self, input: &[f32], width: usize, layer: &Linear, residual: bool, out: &mut [f32]) {
        let rows = Rows { data: input, rows: input.len() / width, stride: width };
        let store = if residual { Store::AddBias(&layer.bias) } else { Store::Bias(&layer.bias) };
        gemm(self.simd, rows, layer.weight.as_packed(), store, out, layer.weight.columns());
    }

    fn norm(&self, x: &mut [f32], norm: &Norm) {
        elementwise::layer_norm(self.simd, x, &norm.gain, &norm.bias, self.weights.epsilon);
    }
}

impl Backend for FloatBert {
    fn token_embedding(&self, token: u32, out: &mut [f32]) -> Result<bool> {
        self.weights.tokens.read(token, out).map(|()| true)
    }

    fn forward(&self, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        let (hidden, tokens) = (self.weights.hidden, batch.ids.len());
        let mut workspace = self.workspaces.take();
        workspace.x.grow(tokens * hidden);
        workspace.qkv.grow(tokens * 3 * hidden);
        workspace.context.grow(tokens * hidden);
        workspace.wide.grow(tokens * self.weights.intermediate);
        self.embed(batch, &mut workspace.x[..tokens * hidden])?;
        for layer in &self.weights.layers {
            self.layer(layer, batch, tokens, &mut workspace);
        }
        let finished = finish(&workspace.x[..tokens * hidden], states);
        self.workspaces.give(workspace);
        finished
    }

    fn check_intact(&self) -> Result<()> {
        self.weights.check_intact()
    }
}
