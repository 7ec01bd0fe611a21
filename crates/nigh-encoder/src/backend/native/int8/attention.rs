//! Multi-head self-attention (Vaswani et al. 2017) in integers: softmax(Q·Kᵀ / √d)·V for one head of one sequence.
//!
//! Queries and keys have 8 bits, with one scale each for the head and sequence. Probabilities have 12 bits and values 11, so that
//! their sums over [`KEYS`] keys fit 32. The softmax is in f32. Measured over 2,000 passages, before the smoothing of today, as
//! mean cosine to f32: .99794 with 8 bits for queries and keys, .99795 with 13; .99764 with 8 bits for probabilities and values,
//! too.

use nigh_kernel::integer::{
    I16xI16, Output, PANEL, Packed, Rows, U8xI8, max_abs, pack_columns_i16, pack_rows_i8, packed_len, product,
    rows_to_u8, softmax_i16,
};
use nigh_kernel::{Aligned, Simd};

/// Queries whose scores are held at a time.
const QUERIES: usize = 48;

/// Keys whose values are summed in one integer: 512 × 4095 × 1023 < 2^31.
const KEYS: usize = 512;

/// The largest quantised query or key.
const BYTE_PEAK: f32 = 127.0;

/// The largest quantised value.
const VALUE_PEAK: f32 = 1023.0;

/// The shape of attention for one head of one sequence.
#[derive(Clone, Copy)]
pub(super) struct AttentionShape {
    /// Tokens of the sequence.
    pub(super) tokens: usize,
    /// Dimensions of the head.
    pub(super) width: usize,
    /// Elements from one token's query, key and value to the next token's.
    pub(super) qkv_stride: usize,
    /// Elements from one token's result to the next token's.
    pub(super) context_stride: usize,
}

/// Buffers for one head of one sequence, reused.
#[derive(Default)]
pub(super) struct AttentionWorkspace {
    queries: Vec<u8>,
    keys: Vec<i8>,
    /// One per key: takes the queries' zero point out of the sums.
    offsets: Vec<i32>,
    values: Vec<i16>,
    /// `[QUERIES, tokens]`: scores of a block of queries.
    scores: Aligned<f32>,
    /// Their softmax, not yet divided by its sum.
    weights: Vec<i16>,
    /// One factor per query of a block, all the same.
    row_scales: Vec<f32>,
    /// One factor per key or column, all 1.
    column_scales: Vec<f32>,
    /// One bias per key: 0, or −∞ for a masked one.
    masked: Vec<f32>,
    /// One per query of a block: 1 / the sum of its weights, then divided by the values' scale.
    inverses: Vec<f32>,
}

impl AttentionWorkspace {
    /// Attends for one head. `qkv`: `[tokens, qkv_stride]`, for each token its query, key and value, `width` elements each.
    /// `context` receives `[tokens, width]`, rows `context_stride` apart. Keys that `mask` leaves out have no weight.
    pub(super) fn attend(
        &mut self,
        simd: Simd,
        shape: AttentionShape,
        mask: Option<&[bool]>,
        qkv: &[f32],
        context: &mut [f32],
    ) {
        let AttentionShape { tokens, width, qkv_stride: stride, context_stride } = shape;

        // 1. Masked tokens become zeros, so that they have no part in the scales.
        let mut kept = Vec::new();
        let qkv = match mask {
            None => qkv,
            Some(mask) => {
                kept.extend_from_slice(qkv);
                for (row, _) in kept.chunks_mut(stride).zip(mask).filter(|(_, kept)| !**kept) {
                    row.fill(0.0);
                }
                &kept[..]
            }
        };

        // 2. One factor each for queries, keys and values: the largest becomes the largest integer.
        let [query_factor, key_factor, value_factor] =
            [(0, BYTE_PEAK), (1, BYTE_PEAK), (2, VALUE_PEAK)].map(|(part, peak)| {
                let largest = max_abs(simd, &qkv[part * width..], width, stride);
                if largest == 0.0 { 1.0 } else { peak / largest }
            });

        // 3. Quantise queries and keys; pack the keys as the right side of Q·Kᵀ.
        let padded = width.next_multiple_of(4);
        grow(&mut self.queries, tokens * padded);
        grow(&mut self.keys, packed_len::<U8xI8>(width, tokens));
        grow(&mut self.offsets, tokens);
        rows_to_u8(simd, qkv, width, stride, query_factor, &mut self.queries[..tokens * padded]);
        let keys = Rows { data: &qkv[width..], rows: tokens, stride };
        pack_rows_i8(simd, keys, width, key_factor, &mut self.keys, &mut self.offsets);

        // 4. Quantise and pack the values, in blocks of KEYS keys.
        let value_blocks = tokens.div_ceil(KEYS);
        let value_block = packed_len::<I16xI16>(tokens.min(KEYS), width);
        grow(&mut self.values, value_block * value_blocks);
        for (i, values) in self.values.chunks_exact_mut(value_block).take(value_blocks).enumerate() {
            let first = i * KEYS;
            let keys = KEYS.min(tokens - first);
            pack_columns_i16(simd, &qkv[first * stride + 2 * width..], keys, width, stride, value_factor, values);
        }

        // 5. What turns the integer sums of Q·Kᵀ into scores: the factors, 1 / √d, and log2 e, as the softmax is in base 2.
        let score_scale = std::f32::consts::LOG2_E / ((width as f32).sqrt() * query_factor * key_factor);
        fill(&mut self.row_scales, QUERIES, score_scale);
        fill(&mut self.column_scales, tokens.max(width), 1.0);
        let bias = mask.map(|mask| {
            self.masked.clear();
            self.masked.extend(mask.iter().map(|&kept| if kept { 0.0 } else { f32::NEG_INFINITY }));
            &self.masked[..]
        });

        let weights_stride = tokens.next_multiple_of(2);
        self.scores.grow(QUERIES * tokens);
        grow(&mut self.weights, QUERIES * weights_stride);
        self.inverses.resize(QUERIES, 0.0);
        for first in (0..tokens).step_by(QUERIES) {
            let rows = QUERIES.min(tokens - first);

            // 6. Scores of a block of queries with all keys.
            let queries = Rows { data: &self.queries[first * padded..], rows, stride: padded };
            let keys = Packed { data: &self.keys, k: width, n: tokens };
            let output = Output {
                row_scales: &self.row_scales,
                column_scales: &self.column_scales,
                offsets: Some(&self.offsets),
                bias,
                accumulate: false,
            };
            let scores = &mut self.scores[..rows * tokens];
            product::<U8xI8>(simd, queries, keys, 0..tokens.div_ceil(PANEL), output, scores, tokens);

            // 7. Their softmax as integers; what is left to divide by goes into the scale of the next product.
            let weights = &mut self.weights[..rows * weights_stride];
            softmax_i16(simd, scores, tokens, weights, weights_stride, &mut self.inverses[..rows]);
            self.inverses[..rows].iter_mut().for_each(|inverse| *inverse /= value_factor);

            // 8. The weighted sum of the values, block by block, added up in f32.
            for (i, values) in self.values.chunks_exact(value_block).take(value_blocks).enumerate() {
                let keys = KEYS.min(tokens - i * KEYS);
                let weights = Rows { data: &weights[i * KEYS..], rows, stride: weights_stride };
                let output =
                    Output { row_scales: &self.inverses, offsets: None, bias: None, accumulate: i > 0, ..output };
                let context = &mut context[first * context_stride..];
                let values = Packed { data: values, k: keys, n: width };
                product::<I16xI16>(simd, weights, values, 0..width.div_ceil(PANEL), output, context, context_stride);
            }
        }
    }
}

fn grow<T: Copy + Default>(buffer: &mut Vec<T>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, T::default());
    }
}

fn fill(buffer: &mut Vec<f32>, len: usize, value: f32) {
    buffer.clear();
    buffer.resize(len, value);
}
