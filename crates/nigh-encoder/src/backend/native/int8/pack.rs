//! safetensors to the packed file: weights quantised and laid out for the kernels, once.

use std::borrow::Cow;
use std::io::{self, Seek, Write};
use std::ops::Range;

use half::f16;
use safetensors::Dtype;

use super::super::tensors::{Dense, Norm, Tensors, size_of_kind, widen};
use super::layout::{Cursor, LayerAt, LinearAt, NormAt, Sizes};
use super::smooth::{Channels, smoothing};
use super::{EMBEDDING, WORDS, floor_of, layer_name};
use crate::error::{Error, Result};
use crate::model::{Activation, BertConfig};
use crate::packed::PackedWriter;
use nigh_kernel::integer::{ZERO_POINT, offsets, quantise_weights};

/// About how many bytes of the word table are checked together, 5 µs the first time: opening reads one hash of each.
const CHECKED: usize = 8192;
/// Parts of it that are read before the memory that they take is given back.
const HELD: usize = 1024;

/// A packed model's content: the small parts made, the word table yet to be streamed.
pub(super) struct Contents<'a> {
    sections: Vec<(String, Vec<u8>)>,
    words: (Dtype, &'a [u8]),
    hidden: usize,
}

impl<'a> Contents<'a> {
    /// Quantises all layers.
    pub(super) fn make(tensors: &'a Tensors<'a>, config: &BertConfig, activation: Activation) -> Result<Self> {
        let sizes = Sizes::of(config);
        let floor = floor_of(activation);
        let embedding_norm = tensors.embedding_norm(config)?;
        let mut sections = vec![(EMBEDDING.to_owned(), embedding(tensors, config, &embedding_norm)?)];
        let at = LayerAt::of(sizes);
        let mut before = Channels::of(&embedding_norm, None);
        for i in 0..config.num_hidden_layers {
            let layer = tensors.layer(i, config)?;
            let mut section = Section(vec![0; at.len]);
            section.linear(&at.qkv, &heads_apart(layer.qkv, sizes), Some(&before), None)?;
            section.linear(&at.attention_output, &layer.attention_output, None, None)?;
            section.norm(&at.attention_norm, &layer.attention_norm);
            let middle = Channels::of(&layer.attention_norm, Some(&before));
            section.linear(&at.intermediate, &layer.intermediate, Some(&middle), None)?;
            section.linear(&at.output, &layer.output, None, Some(floor))?;
            section.norm(&at.output_norm, &layer.output_norm);
            sections.push((layer_name(i), section.0));
            before = Channels::of(&layer.output_norm, Some(&middle));
        }
        Ok(Self { sections, words: tensors.words(config)?, hidden: config.hidden_size })
    }

    /// Writes every section. `release` is called now and then: what was read of the tensors is not needed again.
    pub(super) fn write<W: Write + Seek>(&self, writer: &mut PackedWriter<W>, release: &dyn Fn()) -> io::Result<()> {
        for (name, bytes) in &self.sections {
            writer.section(name, bytes)?;
        }
        let (dtype, bytes) = self.words;
        let rows = (CHECKED / 2).div_ceil(self.hidden);
        let parts = bytes.chunks(rows * self.hidden * size_of_kind(dtype)).enumerate().map(|(part, bytes)| {
            if part % HELD == 0 {
                release();
            }
            Cow::Owned(halves(dtype, bytes))
        });
        writer.blocks(WORDS, (rows * self.hidden * 2) as u32, parts)
    }
}

/// Where the parts of the section `embedding` are: positions, segments (if any), layer norm.
pub(super) struct EmbeddingAt {
    pub(super) positions: Range<usize>,
    pub(super) types: Range<usize>,
    pub(super) norm: NormAt,
    pub(super) len: usize,
}

impl EmbeddingAt {
    pub(super) fn of(config: &BertConfig) -> Self {
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
    let at = EmbeddingAt::of(config);
    let mut section = Section(vec![0; at.len]);
    section.f32(&at.positions, &tensors.positions(config)?);
    if let Some(types) = tensors.types(config)? {
        section.f32(&at.types, &types);
    }
    section.norm(&at.norm, norm);
    Ok(section.0)
}

/// Reorders the outputs `[q of all heads, k of all, v of all]` to `[q, k, v, zeros]` of each head.
fn heads_apart(qkv: Dense, sizes: Sizes) -> Dense {
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

/// A section in the making.
struct Section(Vec<u8>);

impl Section {
    /// `before`: the channels of the layer norm that makes this layer's input, where one does. `floor`: the least value of the input, where
    /// there is one: its part of the sums, floor · Σ w, goes into the bias.
    ///
    /// # Errors
    /// [`Error::Backend`] for a weight that is no number: an integer cannot hold it, so nothing later would notice.
    fn linear(&mut self, at: &LinearAt, dense: &Dense, before: Option<&Channels>, floor: Option<f32>) -> Result<()> {
        if !dense.weight.iter().all(|w| w.is_finite()) {
            let problem = "a weight is not a finite number; the model's weights are damaged".to_owned();
            return Err(Error::Backend { backend: "native", problem });
        }
        let smoothing = smoothing(at.k, before);
        let (packed, scales) = quantise_weights(&dense.weight, at.n, &smoothing);
        let bytes = packed.iter().map(|&q| q as u8);
        self.0[at.weight.clone()].iter_mut().zip(bytes).for_each(|(out, byte)| *out = byte);
        self.f32(&at.scales, &scales);
        let offsets = offsets(&packed, at.n, at.k);
        let bytes: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        self.0[at.offsets.clone()].copy_from_slice(&bytes);
        let mut bias = dense.bias.clone();
        if let Some(floor) = floor {
            for ((bias, &offset), &scale) in bias.iter_mut().zip(&offsets).zip(&scales) {
                *bias += floor * scale * (offset / -ZERO_POINT) as f32;
            }
        }
        self.f32(&at.bias, &bias);
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

/// Embeddings as little-endian f16, whatever they were.
fn halves(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
    let mut wide = vec![0.0; bytes.len() / size_of_kind(dtype)];
    widen(dtype, bytes, &mut wide);
    wide.into_iter().flat_map(|x| f16::from_f32(x).to_le_bytes()).collect()
}
