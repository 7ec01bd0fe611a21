//! The encoder in 8-bit integers.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Int8Bert`]: embeddings, then the layers, over sequences laid end to end |
//! | `attention.rs` | self-attention for one head of one sequence |
//! | `parallel.rs` | one small batch on several threads |
//! | `weights.rs` | the packed file, mapped, in the form that the kernels take; written if it is missing or outdated |
//! | `layout.rs` | the positions of a layer's numbers in the packed file |
//! | `pack.rs` | writes the packed file from the tensors |
//! | `smooth.rs` | scales outlier channels, so that the others keep the precision of 8 bits |
//!
//! Weights are i8 with one scale per output; activations are u8 with one scale per token, computed for each text; sums are exact
//! i32. The residual stream, layer norms and softmax are f32. Attention multiplies bytes for its scores and 16-bit integers for
//! its weighted sums (see `attention.rs`). All f32 operations are done in the same order on every path, so that every CPU gives the
//! same vectors, bit for bit.

mod attention;
mod layout;
mod pack;
mod parallel;
mod smooth;
mod weights;

use self::attention::{AttentionShape, AttentionWorkspace};
use self::parallel::ParallelWorkspace;
use self::weights::{Int8Weights, Layer, Linear, Norm};
use super::{Backend, Batch, Idle, add, finish};
use crate::error::Result;
use crate::model::{Activation, ModelInfo};
use nigh_kernel::integer::{Activations, Output, PANEL, Steps, multiply};
use nigh_kernel::{Aligned, Simd, SimdLevel, elementwise};

/// Name of the packed file, which lies next to the model's own files.
const FILE: &str = "nigh-int8.packed";
/// To be changed when the same weights are packed in another way.
const SCHEME: &str = "bert-int8-4";
/// The section with position and segment embeddings.
const EMBEDDING: &str = "embedding";
/// The section with the token embeddings.
const TOKENS: &str = "words";

/// Returns a close lower bound of an activation's values: the minimum of GELU is −0.16997, or −0.17004 with tanh.
fn floor_of(activation: Activation) -> f32 {
    match activation {
        Activation::Gelu | Activation::GeluTanh => -0.1701,
        Activation::Relu => 0.0,
    }
}

fn layer_name(i: usize) -> String {
    format!("layer.{i}")
}

/// Returns the number of tokens that are computed together in the part of a layer after attention. Their widest activations (1536 f32 per
/// token for hidden size 384) stay in L2. Tiles of AMX multiply so fast that reading the weights would be the limit with fewer tokens.
fn token_block(simd: Simd) -> usize {
    if simd.level() == SimdLevel::Amx { 96 } else { 48 }
}

/// A BERT encoder with weights in a packed file.
pub(super) struct Int8Bert {
    weights: Int8Weights,
    simd: Simd,
    workspaces: Idle<Int8Workspace>,
    parallel_workspaces: Idle<ParallelWorkspace>,
}

/// Buffers for the activations of one batch. They grow to the largest batch seen.
#[derive(Default)]
struct Int8Workspace {
    /// `[tokens, hidden]`: the residual stream.
    x: Aligned<f32>,
    /// `x`, quantised.
    quantised: Activations,
    /// `[tokens, head_columns]`: one head's queries, keys, values.
    qkv: Aligned<f32>,
    /// `[tokens, hidden]`: the results of the heads side by side.
    context: Aligned<f32>,
    /// `[token_block, intermediate]`: the activations between the two feed-forward products.
    wide: Aligned<f32>,
    /// `wide`, quantised; also a quantised block of `context` or `x`.
    block: Activations,
    attention: AttentionWorkspace,
}

/// Quantises `x`, the input rows of `linear`: above a floor if the layer has one, else symmetrically about 0.
fn quantise(simd: Simd, x: &[f32], linear: &Linear<'_>, out: &mut Activations) {
    let steps = match linear.floor {
        Some(floor) => Steps::Above { floor, width: linear.weight.k },
        None => Steps::Symmetric(linear.factors),
    };
    out.fill(simd, x, steps);
}

impl Int8Bert {
    /// Maps the packed file of a model directory. Writes it first if it is missing or outdated.
    ///
    /// # Errors
    /// [`crate::Error::ModelUnsupported`] for another architecture, [`crate::Error::ModelFile`] for missing tensors
    /// or wrong shapes.
    pub(super) fn load(model: &ModelInfo, simd: Simd) -> Result<Self> {
        let weights = Int8Weights::load(model)?;
        Ok(Self { weights, simd, workspaces: Idle::default(), parallel_workspaces: Idle::default() })
    }

    /// Sums the token, position and segment embeddings of every token, applies layer norm, and writes to `x`,
    /// `[tokens, hidden]`.
    fn embed(&self, batch: &Batch, x: &mut [f32]) -> Result<()> {
        let hidden = self.weights.sizes.hidden;
        for sequence in batch.sequences() {
            for (position, token) in sequence.enumerate() {
                let row = &mut x[token * hidden..][..hidden];
                self.weights.token(batch.ids[token], row)?;
                add(row, self.weights.position(position)?);
                if let Some(segment) = self.weights.segment(batch.types[token] as usize)? {
                    add(row, segment);
                }
            }
        }
        self.norm(x, self.weights.embedding_norm());
        Ok(())
    }

    /// Computes one transformer layer, in place on the residual stream.
    fn layer(&self, layer: &Layer<'_>, batch: &Batch, workspace: &mut Int8Workspace) {
        let sizes = self.weights.sizes;
        let (hidden, wide) = (sizes.hidden, sizes.intermediate);
        let tokens = batch.ids.len();
        let Int8Workspace { x, quantised, qkv, context, wide: inner, block, attention } = workspace;
        let (x, context) = (&mut x[..tokens * hidden], &mut context[..tokens * hidden]);
        // 1. Attention, head by head, over all sequences.
        quantise(self.simd, x, &layer.qkv, quantised);
        for head in 0..sizes.heads {
            self.attend(layer, batch, quantised, head, qkv, attention, &mut context[head * sizes.head()..], hidden);
        }
        // The other steps treat each token separately, so they are done block by block.
        let part = token_block(self.simd) * hidden;
        for (x, context) in x.chunks_mut(part).zip(context.chunks(part)) {
            let rows = x.len() / hidden;
            // 2. Attention's output projection, residual, layer norm.
            quantise(self.simd, context, &layer.attention_output, block);
            self.linear(block, &layer.attention_output, 0..hidden.div_ceil(PANEL), true, x, hidden);
            self.norm(x, layer.attention_norm);
            // 3. Feed-forward: up, activation, down, residual, layer norm.
            quantise(self.simd, x, &layer.intermediate, block);
            let inner = &mut inner[..rows * wide];
            self.linear(block, &layer.intermediate, 0..wide.div_ceil(PANEL), false, inner, wide);
            self.activate(inner);
            quantise(self.simd, inner, &layer.output, block);
            self.linear(block, &layer.output, 0..hidden.div_ceil(PANEL), true, x, hidden);
            self.norm(x, layer.output_norm);
        }
    }

    /// Computes one head of every sequence: its queries, keys and values, then its attention into `context`, rows `stride`
    /// apart.
    #[expect(clippy::too_many_arguments, reason = "the shape of the operation: layer, head, buffers, output")]
    fn attend(
        &self,
        layer: &Layer<'_>,
        batch: &Batch,
        input: &Activations,
        head: usize,
        qkv: &mut [f32],
        workspace: &mut AttentionWorkspace,
        context: &mut [f32],
        stride: usize,
    ) {
        let (width, columns) = (self.weights.sizes.head(), self.weights.sizes.head_columns());
        let panels = columns / PANEL;
        self.linear(input, &layer.qkv, head * panels..(head + 1) * panels, false, qkv, columns);
        for sequence in batch.sequences() {
            let mask = batch.mask_of(sequence.clone());
            let qkv = &qkv[sequence.start * columns..sequence.end * columns];
            let context = &mut context[sequence.start * stride..];
            let tokens = sequence.len();
            let shape = AttentionShape { tokens, width, qkv_stride: columns, context_stride: stride };
            workspace.attend(self.simd, shape, mask, qkv, context);
        }
    }

    /// Computes out = input · W + b for some panels of W; with `residual`, out += input · W + b. Rows of `out` are `stride`
    /// apart.
    fn linear(
        &self,
        input: &Activations,
        layer: &Linear<'_>,
        panels: std::ops::Range<usize>,
        residual: bool,
        out: &mut [f32],
        stride: usize,
    ) {
        let output = Output {
            row_scales: input.scales(),
            column_scales: layer.scales,
            offsets: layer.floor.is_none().then_some(layer.offsets),
            bias: Some(layer.bias),
            accumulate: residual,
        };
        multiply(input, layer.weight, panels, output, out, stride);
    }

    fn activate(&self, x: &mut [f32]) {
        match self.weights.activation {
            Activation::Gelu => elementwise::gelu_coarse(self.simd, x),
            Activation::GeluTanh => elementwise::gelu_tanh(self.simd, x),
            Activation::Relu => elementwise::relu(self.simd, x),
        }
    }

    fn norm(&self, x: &mut [f32], norm: Norm<'_>) {
        elementwise::layer_norm(self.simd, x, norm.gain, norm.bias, self.weights.epsilon);
    }
}

impl Backend for Int8Bert {
    fn forward(&self, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        let (sizes, tokens) = (self.weights.sizes, batch.ids.len());
        let mut workspace = self.workspaces.take();
        workspace.x.grow(tokens * sizes.hidden);
        workspace.qkv.grow(tokens * sizes.head_columns());
        workspace.context.grow(tokens * sizes.hidden);
        workspace.wide.grow(token_block(self.simd).min(tokens) * sizes.intermediate);
        self.embed(batch, &mut workspace.x[..tokens * sizes.hidden])?;
        for i in 0..self.weights.layers() {
            self.layer(&self.weights.layer(i), batch, &mut workspace);
        }
        let finished = finish(&workspace.x[..tokens * sizes.hidden], states);
        self.workspaces.give(workspace);
        finished
    }

    fn token_embedding(&self, token: u32, out: &mut [f32]) -> Result<bool> {
        self.weights.token(token, out).map(|()| true)
    }

    fn forward_alone(&self, pool: &rayon::ThreadPool, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        if pool.current_num_threads() == 1 || self.weights.layers() == 0 {
            return self.forward(batch, states);
        }
        let len = batch.ids.len() * self.weights.sizes.hidden;
        let mut workspace = self.workspaces.take();
        workspace.x.grow(len);
        self.embed(batch, &mut workspace.x[..len])?;
        self.forward_parallel(pool, batch, &mut workspace.x);
        let finished = finish(&workspace.x[..len], states);
        self.workspaces.give(workspace);
        finished
    }

    fn check_intact(&self) -> Result<()> {
        self.weights.check_intact()
    }
}
