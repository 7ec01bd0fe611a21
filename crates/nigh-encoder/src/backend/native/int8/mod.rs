//! The encoder in 8-bit integers.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Bert`]: embeddings, then the layers, over sequences laid end to end |
//! | `attention.rs` | multi-head self-attention, one sequence and head at a time |
//! | `team.rs` | one small bundle on several threads |
//! | `weights.rs` | the packed file, mapped, as the kernels take it; making it where it is missing or stale |
//! | `layout.rs` | where a layer's numbers are in the packed file |
//! | `pack.rs` | tensors to the packed file |
//! | `smooth.rs` | what keeps outliers from spoiling 8 bits |
//!
//! Weights are i8 with a scale per output; activations u8 with a scale per token, found as they come; sums are exact i32.
//! The residual stream, layer norms and softmax are f32; attention's scores are products of bytes, its weighted sums of
//! 16-bit words (see `attention.rs`). All that is f32 is done in the same order on every path, so every CPU gives the same vectors to the last bit.

mod attention;
mod layout;
mod pack;
mod smooth;
mod team;
mod weights;

use self::attention::Head;
use self::weights::{Layer, Linear, Norm, Weights};
use super::{Backend, Batch, Idle, add, finish};
use crate::error::Result;
use crate::model::{Activation, ModelInfo};
use nigh_kernel::integer::{Bytes, Output, PANEL, Rows, product, quantise_rows, quantise_rows_above};
use nigh_kernel::{AlignedBuffer, Simd, elementwise};

/// The packed file's name, beside the model's own files.
const FILE: &str = "nigh-int8.packed";
/// Bumped when the same weights would be packed in another way.
const SCHEME: &str = "bert-int8-4";
const EMBEDDING: &str = "embedding";
const WORDS: &str = "words";

/// The least value that an activation gives, or a little below: GELU's is −0.16997, or −0.17004 by way of tanh.
fn floor_of(activation: Activation) -> f32 {
    match activation {
        Activation::Gelu | Activation::GeluTanh => -0.1701,
        Activation::Relu => 0.0,
    }
}

fn layer_name(i: usize) -> String {
    format!("layer.{i}")
}

/// Tokens that pass through the rest of a layer together after attention: their widest activations (1536 f32 each for
/// hidden size 384) stay in L2.
const BLOCK: usize = 48;

/// A BERT encoder over a packed file.
pub(super) struct Bert {
    weights: Weights,
    simd: Simd,
    idle: Idle<Scratch>,
    rooms: Idle<team::Room>,
}

/// Activations of one bundle; grown to the largest bundle seen.
#[derive(Default)]
struct Scratch {
    /// `[tokens, hidden]`: the residual stream.
    x: AlignedBuffer,
    /// The same, quantised.
    quantised: Quantised,
    /// `[tokens, head_columns]`: one head's queries, keys, values.
    qkv: AlignedBuffer,
    /// `[tokens, hidden]`: what the heads gathered.
    context: AlignedBuffer,
    /// `[BLOCK, intermediate]`: inside the feed-forward layer.
    wide: AlignedBuffer,
    /// The same, quantised; also a block of `context` or `x`.
    block: Quantised,
    head: Head,
}

/// Rows of u8 with a scale each.
#[derive(Default)]
struct Quantised {
    rows: Vec<u8>,
    scales: Vec<f32>,
}

impl Quantised {
    /// Quantises rows of `linear`'s inputs: with a floor, where it has one.
    fn fill(&mut self, simd: Simd, x: &[f32], linear: &Linear<'_>) {
        let k = linear.weight.k;
        self.reserve(x.len() / k, k);
        self.fill_from(simd, 0, x, linear);
    }

    /// Makes room for `rows` rows of `k`.
    fn reserve(&mut self, rows: usize, k: usize) {
        if self.rows.len() < rows * stride_of(k) {
            self.rows.resize(rows * stride_of(k), 0);
        }
        if self.scales.len() < rows {
            self.scales.resize(rows, 0.0);
        }
    }

    /// Quantises whole rows into those from row `first` on, for which there is room.
    fn fill_from(&mut self, simd: Simd, first: usize, x: &[f32], linear: &Linear<'_>) {
        let k = linear.weight.k;
        let (rows, stride) = (x.len() / k, stride_of(k));
        let out = &mut self.rows[first * stride..][..rows * stride];
        let scales = &mut self.scales[first..first + rows];
        match linear.floor {
            Some(floor) => quantise_rows_above(simd, x, k, floor, out, stride, scales),
            None => quantise_rows(simd, x, linear.factors, out, stride, scales),
        }
    }
}

/// Bytes from one quantised row to the next.
fn stride_of(k: usize) -> usize {
    k.next_multiple_of(64)
}

impl Bert {
    /// Maps the packed file of a model directory, or makes it.
    ///
    /// # Errors
    /// [`crate::Error::ModelUnsupported`] for another architecture, [`crate::Error::ModelFile`] for missing or misshapen
    /// tensors.
    pub(super) fn load(model: &ModelInfo, simd: Simd) -> Result<Self> {
        Ok(Self { weights: Weights::load(model)?, simd, idle: Idle::default(), rooms: Idle::default() })
    }

    fn embed(&self, batch: &Batch, x: &mut [f32]) -> Result<()> {
        let hidden = self.weights.sizes.hidden;
        for sequence in batch.sequences() {
            for (position, token) in sequence.enumerate() {
                let row = &mut x[token * hidden..][..hidden];
                self.weights.word(batch.ids[token], row)?;
                add(row, self.weights.position(position)?);
                if let Some(segment) = self.weights.segment(batch.types[token] as usize)? {
                    add(row, segment);
                }
            }
        }
        self.norm(x, self.weights.embedding_norm());
        Ok(())
    }

    fn layer(&self, layer: &Layer<'_>, batch: &Batch, scratch: &mut Scratch) {
        let sizes = self.weights.sizes;
        let (hidden, wide) = (sizes.hidden, sizes.intermediate);
        let tokens = batch.ids.len();
        let Scratch { x, quantised, qkv, context, wide: inner, block, head: room } = scratch;
        let (x, context) = (&mut x[..tokens * hidden], &mut context[..tokens * hidden]);
        quantised.fill(self.simd, x, &layer.qkv);
        for head in 0..sizes.heads {
            self.attend(layer, batch, quantised, head, qkv, room, &mut context[head * sizes.head()..], hidden);
        }
        for (x, context) in x.chunks_mut(BLOCK * hidden).zip(context.chunks(BLOCK * hidden)) {
            let rows = x.len() / hidden;
            block.fill(self.simd, context, &layer.attention_output);
            self.linear(block, rows, &layer.attention_output, 0..hidden.div_ceil(PANEL), true, x, hidden);
            self.norm(x, layer.attention_norm);
            block.fill(self.simd, x, &layer.intermediate);
            let inner = &mut inner[..rows * wide];
            self.linear(block, rows, &layer.intermediate, 0..wide.div_ceil(PANEL), false, inner, wide);
            self.activate(inner);
            block.fill(self.simd, inner, &layer.output);
            self.linear(block, rows, &layer.output, 0..hidden.div_ceil(PANEL), true, x, hidden);
            self.norm(x, layer.output_norm);
        }
    }

    /// One head of every sequence: its queries, keys and values, then what it gathers into `context`, rows `stride` apart.
    #[expect(clippy::too_many_arguments, reason = "the shape of the operation: layer, head, buffers, output")]
    fn attend(
        &self,
        layer: &Layer<'_>,
        batch: &Batch,
        input: &Quantised,
        head: usize,
        qkv: &mut [f32],
        room: &mut Head,
        context: &mut [f32],
        stride: usize,
    ) {
        let (width, columns) = (self.weights.sizes.head(), self.weights.sizes.head_columns());
        let panels = columns / PANEL;
        self.linear(input, batch.ids.len(), &layer.qkv, head * panels..(head + 1) * panels, false, qkv, columns);
        for sequence in batch.sequences() {
            let mask = batch.mask_of(sequence.clone());
            let qkv = &qkv[sequence.start * columns..sequence.end * columns];
            let context = &mut context[sequence.start * stride..];
            room.attend(self.simd, sequence.len(), width, mask, qkv, columns, context, stride);
        }
    }

    /// out = input · W + b for some panels of W, or with `residual` out += input · W + b.
    #[expect(clippy::too_many_arguments, reason = "the shape of the operation: input, layer, part, output")]
    fn linear(
        &self,
        input: &Quantised,
        rows: usize,
        layer: &Linear<'_>,
        panels: std::ops::Range<usize>,
        residual: bool,
        out: &mut [f32],
        stride: usize,
    ) {
        let output = Output {
            row_scales: &input.scales,
            column_scales: layer.scales,
            offsets: layer.floor.is_none().then_some(layer.offsets),
            bias: Some(layer.bias),
            accumulate: residual,
        };
        let rows = Rows { data: &input.rows, rows, stride: stride_of(layer.weight.k) };
        product::<Bytes>(self.simd, rows, layer.weight, panels, output, out, stride);
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

impl Backend for Bert {
    fn forward(&self, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        let (sizes, tokens) = (self.weights.sizes, batch.ids.len());
        let mut scratch = self.idle.take();
        scratch.x.grow(tokens * sizes.hidden);
        scratch.qkv.grow(tokens * sizes.head_columns());
        scratch.context.grow(tokens * sizes.hidden);
        scratch.wide.grow(BLOCK.min(tokens) * sizes.intermediate);
        self.embed(batch, &mut scratch.x[..tokens * sizes.hidden])?;
        for i in 0..self.weights.layers() {
            self.layer(&self.weights.layer(i), batch, &mut scratch);
        }
        let finished = finish(&scratch.x[..tokens * sizes.hidden], states);
        self.idle.give(scratch);
        finished
    }

    fn forward_alone(&self, pool: &rayon::ThreadPool, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        if pool.current_num_threads() == 1 || self.weights.layers() == 0 {
            return self.forward(batch, states);
        }
        let len = batch.ids.len() * self.weights.sizes.hidden;
        let mut scratch = self.idle.take();
        scratch.x.grow(len);
        self.embed(batch, &mut scratch.x[..len])?;
        self.together(pool, batch, &mut scratch.x);
        let finished = finish(&scratch.x[..len], states);
        self.idle.give(scratch);
        finished
    }

    fn check_intact(&self) -> Result<()> {
        self.weights.check_intact()
    }
}
