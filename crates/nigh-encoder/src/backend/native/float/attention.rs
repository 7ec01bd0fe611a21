//! Multi-head self-attention (Vaswani et al. 2017): softmax(Q·Kᵀ / √d)·V for each head of one sequence.

use std::ops::Range;

use nigh_kernel::gemm::{Packed, Rows, Store, gemm, pack_columns, pack_rows, packed_len};
use nigh_kernel::{Aligned, Simd, elementwise};

/// The number of queries whose scores are computed together: 96 rows × 512 keys × 4 bytes = 192 KB stay in L2.
const QUERY_ROWS: usize = 96;

/// Buffers for one head's packed keys and values, and for a block of scores.
#[derive(Default)]
pub(super) struct FloatAttention {
    keys: Aligned<f32>,
    values: Aligned<f32>,
    scores: Aligned<f32>,
}

impl FloatAttention {
    /// Computes attention within one sequence, for all heads. `qkv` is `[tokens, 3 × hidden]` and `context` `[tokens, hidden]`,
    /// both of the whole batch; `sequence` is the token range of the sequence in them. Keys that `mask` excludes get no weight.
    #[expect(clippy::too_many_arguments, reason = "the shape of the operation: sizes, range, mask, input, output")]
    pub(super) fn attend(
        &mut self,
        simd: Simd,
        heads: usize,
        hidden: usize,
        sequence: Range<usize>,
        mask: Option<&[bool]>,
        qkv: &[f32],
        context: &mut [f32],
    ) {
        let (length, width, stride) = (sequence.len(), hidden / heads, 3 * hidden);
        let scale = 1.0 / (width as f32).sqrt();
        self.keys.grow(packed_len(width, length));
        self.values.grow(packed_len(length, width));
        self.scores.grow(QUERY_ROWS.min(length) * length);
        let rows = &qkv[sequence.start * stride..sequence.end * stride];
        let context = &mut context[sequence.start * hidden..sequence.end * hidden];
        for head in 0..heads {
            // 1. Pack the head's keys and values as right sides of products.
            let column = head * width;
            pack_rows(&rows[hidden + column..], width, length, stride, &mut self.keys);
            pack_columns(&rows[2 * hidden + column..], length, width, stride, &mut self.values);
            let keys = Packed { data: &self.keys, k: width, n: length };
            let values = Packed { data: &self.values, k: length, n: width };
            for first in (0..length).step_by(QUERY_ROWS) {
                let count = QUERY_ROWS.min(length - first);
                // 2. Compute the scores of a block of queries with all keys, and their softmax.
                let queries = Rows { data: &rows[first * stride + column..], rows: count, stride };
                let scores = &mut self.scores[..count * length];
                gemm(simd, queries, keys, Store::Overwrite, scores, length);
                for row in scores.chunks_exact_mut(length) {
                    if let Some(mask) = mask {
                        for (score, &kept) in row.iter_mut().zip(mask) {
                            if !kept {
                                *score = f32::NEG_INFINITY;
                            }
                        }
                    }
                    elementwise::softmax(simd, row, scale);
                }
                // 3. Compute the weighted sum of the values.
                let weights = Rows { data: scores, rows: count, stride: length };
                gemm(simd, weights, values, Store::Overwrite, &mut context[first * hidden + column..], hidden);
            }
        }
    }
}
