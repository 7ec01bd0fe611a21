//! Writes the packed file: quantises the weights of a safetensors file, once, and lays them out for the kernels.

use std::borrow::Cow;
use std::io::{self, Seek, Write};
use std::ops::Range;

use half::f16;
use safetensors::Dtype;

use super::super::tensors::{Dense, Norm, Tensors, size_of_kind, widen};
use super::layout::{Cursor, LayerAt, LinearAt, NormAt, Sizes};
use super::smooth::{Channels, smoothing};
use super::{EMBEDDING, TOKENS, floor_of, layer_name};
use crate::error::{Error, Result};
use crate::model::{Activation, BertConfig};
use crate::packed::PackedWriter;
use nigh_kernel::integer::{ZERO_POINT, offsets, quantise_weights};

/// The approximate number of bytes of the token table that share one hash. Checking them on first use takes 5 µs. Opening the
/// file reads all hashes.
const BLOCK_BYTES: usize = 8192;
/// The number of blocks of the token table that are read before the memory of the source file's pages is released.
const HELD_BLOCKS: usize = 1024;

/// The content of a packed file: the small sections in memory, and the token table, which is streamed from the source.
pub(super) struct PackedContents<'a> {
    sections: Vec<(String, Vec<u8>)>,
    tokens: (Dtype, &'a [u8]),
    hidden: usize,
}

impl<'a> PackedContents<'a> {
    /// Quantises all layers.
    pub(super) fn make(tensors: &'a Tensors<'a>, config: &BertConfig, activation: Activation) -> Result<Self> {
        let sizes = Sizes::new(config);
        let floor = floor_of(activation);
        let embedding_norm = tensors.embedding_norm(config)?;
        let mut sections = vec![(EMBEDDING.to_owned(), embedding(tensors, config, &embedding_norm)?)];
        let at = LayerAt::new(sizes);
        let mut before = Channels::new(&embedding_norm, None);
        for i in 0..config.num_hidden_layers {
            let layer = tensors.layer(i, config)?;
            let mut section = Section(vec![0; at.len]);
            section.linear(&at.qkv, &group_by_head(layer.qkv, sizes), Some(&before), None)?;
            section.linear(&at.attention_output, &layer.attention_output, None, None)?;
            section.norm(&at.attention_norm, &layer.attention_norm);
            let middle = Channels::new(&layer.attention_norm, Some(&before));
            section.linear(&at.intermediate, &layer.intermediate, Some(&middle), None)?;
            section.linear(&at.output, &layer.output, None, Some(floor))?;
            section.norm(&at.output_norm, &layer.output_norm);
            sections.push((layer_name(i), section.0));
            before = Channels::new(&layer.output_norm, Some(&middle));
        }
        Ok(Self { sections, tokens: tensors.words(config)?, hidden: config.hidden_size })
    }

    /// Writes every section. Calls `release` regularly, so that memory of tensors that were read can be freed.
    pub(super) fn write<W: Write + Seek>(&self, writer: &mut PackedWriter<W>, release: &dyn Fn()) -> io::Result<()> {
        for (name, bytes) in &self.sections {
            writer.section(name, bytes)?;
        }
        let (dtype, bytes) = self.tokens;
        let rows = (BLOCK_BYTES / 2).div_ceil(self.hidden);
        let parts = bytes.chunks(rows * self.hidden * size_of_kind(dtype)).enumerate().map(|(part, bytes)| {
            if part % HELD_BLOCKS == 0 {
                release();
            }
            Cow::Owned(halves(dtype, bytes))
        });
        writer.blocks(TOKENS, (rows * self.hidden * 2) as u32, parts)
    }
}

/// The positions of the parts of the section [`EMBEDDING`]: position embeddings, segment embeddings (if any), layer norm.
pub(super) struct EmbeddingAt {
    pub(super) positions: Range<usize>,
    pub(super) types: Range<usize>,
    pub(super) norm: NormAt,
    pub(super) len: usize,
}

impl EmbeddingAt {
    pub(super) fn new(config: &BertConfig) -> Self {
        let mut at = Cursor(0);
        let row = 4 * config.hidden_size;
        Self {
            positions: at.take(config.max_position_embeddings * row),
            types: at.take(config.type_vocab_size * row),
            norm: at.norm(config.hidden_size),
            len: at.0,
        }
    }
}

fn embedding(tensors: &Tensors<'_>, config: &BertConfig, norm: &Norm) -> Result<Vec<u8>> {
    let at = EmbeddingAt::new(config);
    let mut section = Section(vec![0; at.len]);
    section.f32(&at.positions, &tensors.positions(config)?);
    if let Some(types) = tensors.types(config)? {
        section.f32(&at.types, &types);
    }
    section.norm(&at.norm, norm);
    Ok(section.0)
}

/// Reorders outputs `[q of all heads, k of all heads, v of all heads]` to `[q, k, v, zeros]` for each head.
fn group_by_head(qkv: Dense, sizes: Sizes) -> Dense {
    let (hidden, width, columns) = (sizes.hidden, sizes.head(), sizes.head_columns());
    let mut weight = vec![0.0; sizes.heads * columns * hidden];
    let mut bias = vec![0.0; sizes.heads * columns];
    for head in 0..sizes.heads {
        for part in 0..3 {
            let (from, to) = (part * hidden + head * width, head * columns + part * width);
            weight[to * hidden..][..width * hidden].copy_from_slice(&qkv.weight[from * hidden..][..width * hidden]);
            bias[to..][..width].copy_from_slice(&qkv.bias[from..][..width]);
        }
    }
    Dense { weight, bias }
}

/// A section that is being filled.
struct Section(Vec<u8>);

impl Section {
    /// Quantises and packs one linear layer. `before`: the channels of the layer norm whose output is this layer's input, if
    /// there is one. `floor`: a lower bound of the input, if there is one.
    ///
    /// # Errors
    /// [`Error::Backend`] for a weight that is not finite: its integer would be finite, so the error could not be detected
    /// later.
    fn linear(&mut self, at: &LinearAt, dense: &Dense, before: Option<&Channels>, floor: Option<f32>) -> Result<()> {
        if !dense.weight.iter().all(|w| w.is_finite()) {
            let problem = "a weight is not a finite number; the model's weights are damaged".to_owned();
            return Err(Error::Backend { backend: "native", problem });
        }
        // 1. Quantise and pack the weights, with one scale per output.
        let smoothing = smoothing(at.k, before);
        let (packed, scales) = quantise_weights(&dense.weight, at.n, &smoothing);
        let bytes = packed.iter().map(|&q| q as u8);
        self.0[at.weight.clone()].iter_mut().zip(bytes).for_each(|(out, byte)| *out = byte);
        self.f32(&at.scales, &scales);
        // 2. Compute the offsets, which remove the zero point of the activations from the sums.
        let offsets = offsets(&packed, at.n, at.k);
        let bytes: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        self.0[at.offsets.clone()].copy_from_slice(&bytes);
        // 3. Compute the bias. Inputs are quantised as the difference from their floor, so floor · Σ w is added here.
        let mut bias = dense.bias.clone();
        if let Some(floor) = floor {
            for ((bias, &offset), &scale) in bias.iter_mut().zip(&offsets).zip(&scales) {
                *bias += floor * scale * (offset / -ZERO_POINT) as f32;
            }
        }
        self.f32(&at.bias, &bias);
        // 4. Compute the factors of the inputs: 1 / the smoothing by which the weights were multiplied.
        let factors: Vec<f32> = smoothing.iter().map(|s| 1.0 / s).collect();
        self.f32(&at.factors, &factors);
        Ok(())
    }

    fn norm(&mut self, at: &NormAt, norm: &Norm) {
        self.f32(&at.gain, &norm.gain);
        self.f32(&at.bias, &norm.bias);
    }

    fn f32(&mut self, at: &Range<usize>, values: &[f32]) {
        let (out, _) = self.0[at.clone()].as_chunks_mut::<4>();
        out.iter_mut().zip(values).for_each(|(out, value)| *out = value.to_le_bytes());
    }
}

/// Converts embeddings of any dtype to little-endian f16.
fn halves(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
    let mut wide = vec![0.0; bytes.len() / size_of_kind(dtype)];
    widen(dtype, bytes, &mut wide);
    wide.into_iter().flat_map(|x| f16::from_f32(x).to_le_bytes()).collect()
}
