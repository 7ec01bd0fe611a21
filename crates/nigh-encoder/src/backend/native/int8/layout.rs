//! The positions of a layer's numbers in its section of the packed file.

use std::ops::Range;

use crate::model::BertConfig;
use nigh_kernel::integer::{PANEL, U8xI8, packed_len};

/// The sizes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) hidden: usize,
    pub(super) heads: usize,
    pub(super) intermediate: usize,
}

impl Sizes {
    pub(super) fn new(config: &BertConfig) -> Self {
        Self { hidden: config.hidden_size, heads: config.num_attention_heads, intermediate: config.intermediate_size }
    }

    /// Returns the number of dimensions of a head.
    pub(super) fn head(&self) -> usize {
        self.hidden / self.heads
    }

    /// Returns the number of columns of a head in the first product: query, key and value side by side, padded to whole panels,
    /// so that one head can be computed alone.
    pub(super) fn head_columns(&self) -> usize {
        (3 * self.head()).next_multiple_of(PANEL)
    }
}

/// The position of a linear layer in the section.
#[derive(Debug, Clone)]
pub(super) struct LinearAt {
    /// The number of inputs.
    pub(super) k: usize,
    /// The number of outputs.
    pub(super) n: usize,
    /// `packed_len(k, n)` i8.
    pub(super) weight: Range<usize>,
    /// One f32 per output: w ≈ scale · q.
    pub(super) scales: Range<usize>,
    /// One i32 per output: removes the activations' zero point from the sums.
    pub(super) offsets: Range<usize>,
    /// One f32 per output.
    pub(super) bias: Range<usize>,
    /// One f32 per input: activations are multiplied by it before they are quantised; see `smooth.rs`.
    pub(super) factors: Range<usize>,
}

/// The position of a layer norm in the section: gain and bias, `[hidden]` f32 each.
#[derive(Debug, Clone)]
pub(super) struct NormAt {
    pub(super) gain: Range<usize>,
    pub(super) bias: Range<usize>,
}

/// The positions of all parts of a layer. Every part starts on a cache line.
#[derive(Debug, Clone)]
pub(super) struct LayerAt {
    pub(super) qkv: LinearAt,
    pub(super) attention_output: LinearAt,
    pub(super) attention_norm: NormAt,
    pub(super) intermediate: LinearAt,
    pub(super) output: LinearAt,
    pub(super) output_norm: NormAt,
    /// The length of the section in bytes.
    pub(super) len: usize,
}

impl LayerAt {
    pub(super) fn new(sizes: Sizes) -> Self {
        let mut at = Cursor(0);
        let Sizes { hidden, heads, intermediate } = sizes;
        Self {
            qkv: at.linear(hidden, heads * sizes.head_columns()),
            attention_output: at.linear(hidden, hidden),
            attention_norm: at.norm(hidden),
            intermediate: at.linear(hidden, intermediate),
            output: at.linear(intermediate, hidden),
            output_norm: at.norm(hidden),
            len: at.0,
        }
    }
}

/// Assigns ranges of bytes one after the other. Holds the next free byte.
pub(super) struct Cursor(pub(super) usize);

impl Cursor {
    pub(super) fn take(&mut self, bytes: usize) -> Range<usize> {
        let start = self.0;
        self.0 = (start + bytes).next_multiple_of(64);
        start..start + bytes
    }

    fn linear(&mut self, k: usize, n: usize) -> LinearAt {
        LinearAt {
            k,
            n,
            weight: self.take(packed_len::<U8xI8>(k, n)),
            scales: self.take(4 * n),
            offsets: self.take(4 * n),
            bias: self.take(4 * n),
            factors: self.take(4 * k),
        }
    }

    pub(super) fn norm(&mut self, width: usize) -> NormAt {
        NormAt { gain: self.take(4 * width), bias: self.take(4 * width) }
    }
}
