//! Quantisation, packing and softmax of attention, row operations, exact search.

use std::hint::black_box;

use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};
use crate::kernel::integer::{
    PANEL, Rows, max_abs, pack_columns_i16, pack_rows_i8, quantise_rows, quantise_rows_above, rows_to_u8, softmax_i16,
};
use crate::kernel::{Simd, elementwise};
use crate::products::{HEAD, QUERIES, TOKENS};
use crate::timing::Timing;

/// MiniLM's sizes, and the block of tokens that passes through a layer together.
const HIDDEN: usize = 384;
const INTERMEDIATE: usize = 1536;
const BLOCK_TOKENS: usize = 48;
/// The rows of the exact search: they fit in the L2 cache as f16 and as f32.
const SCANNED_ROWS: usize = 512;

/// Measures all operations on rows.
pub fn measure_all(simd: Simd, timing: &Timing<'_>) {
    layer(simd, timing);
    for tokens in TOKENS {
        attention(simd, timing, tokens);
    }
    scan(simd, timing);
}

fn layer(simd: Simd, timing: &Timing<'_>) {
    for width in [HIDDEN, INTERMEDIATE] {
        let x = values(BLOCK_TOKENS * width);
        let (mut bytes, mut scales) = (vec![0; x.len()], vec![0.0; BLOCK_TOKENS]);
        let factors = vec![1.0; width];
        timing.elements(&format!("quantise_rows {BLOCK_TOKENS}x{width}"), x.len(), || {
            quantise_rows(simd, &x, &factors, &mut bytes, width, &mut scales);
        });
        timing.elements(&format!("quantise_rows_above {BLOCK_TOKENS}x{width}"), x.len(), || {
            quantise_rows_above(simd, &x, width, -5.0, &mut bytes, width, &mut scales);
        });
    }
    let wide = values(BLOCK_TOKENS * INTERMEDIATE);
    timing.in_place(&format!("gelu {BLOCK_TOKENS}x{INTERMEDIATE}"), &wide, |x| elementwise::gelu(simd, x));
    timing
        .in_place(&format!("gelu_coarse {BLOCK_TOKENS}x{INTERMEDIATE}"), &wide, |x| elementwise::gelu_coarse(simd, x));
    let gain = vec![1.0; HIDDEN];
    timing.in_place(&format!("layer_norm {BLOCK_TOKENS}x{HIDDEN}"), &values(BLOCK_TOKENS * HIDDEN), |x| {
        elementwise::layer_norm(simd, x, &gain, &gain, 1e-12);
    });
}

/// Measures one head of one sequence.
fn attention(simd: Simd, timing: &Timing<'_>, tokens: usize) {
    let rows = QUERIES.min(tokens);
    let scores = values(rows * tokens);
    let even = tokens.next_multiple_of(2);
    let (mut weights, mut inverses) = (vec![0; rows * even], vec![0.0; rows]);
    timing.elements(&format!("softmax_i16 {rows}x{tokens}"), scores.len(), || {
        softmax_i16(simd, &scores, tokens, &mut weights, even, &mut inverses);
    });
    timing.in_place(&format!("softmax {rows}x{tokens}"), &scores, |scores| {
        scores.chunks_exact_mut(tokens).for_each(|row| elementwise::softmax(simd, row, 0.2));
    });
    // Queries, keys and values are adjacent.
    let stride = 3 * HEAD;
    let (qkv, count) = (values(tokens * stride), tokens * HEAD);
    let mut out = vec![0; even.next_multiple_of(PANEL) * HEAD];
    let (mut keys, mut offsets) = (vec![0; tokens.next_multiple_of(PANEL) * HEAD], vec![0; tokens]);
    timing.elements(&format!("pack_rows_i8 {tokens}x{HEAD}"), count, || {
        let rows = Rows { data: &qkv[..], rows: tokens, stride };
        pack_rows_i8(simd, rows, HEAD, 20.0, &mut keys, &mut offsets);
    });
    timing.elements(&format!("pack_columns_i16 {tokens}x{HEAD}"), count, || {
        pack_columns_i16(simd, &qkv, tokens, HEAD, stride, 100.0, &mut out);
    });
    let mut queries = vec![0; count];
    timing.elements(&format!("rows_to_u8 {tokens}x{HEAD}"), count, || {
        rows_to_u8(simd, &qkv, HEAD, stride, 20.0, &mut queries);
    });
    timing.elements(&format!("largest {tokens}x{HEAD}"), count, || {
        black_box(max_abs(simd, black_box(&qkv), HEAD, stride));
    });
}

fn scan(simd: Simd, timing: &Timing<'_>) {
    let (query, rows) = (values(HIDDEN), values(SCANNED_ROWS * HIDDEN));
    let halves: Vec<u16> = rows.iter().map(|&x| half::f16::from_f32(x).to_bits()).collect();
    let mut scores = vec![0.0; SCANNED_ROWS];
    timing.elements(&format!("dot f16 {SCANNED_ROWS}x{HIDDEN}"), rows.len(), || {
        dot_rows_f16(simd, &query, &halves, &mut scores);
    });
    timing.elements(&format!("dot f32 {SCANNED_ROWS}x{HIDDEN}"), rows.len(), || {
        dot_rows_f32(simd, &query, &rows, &mut scores);
    });
}

/// Returns values from −5 to 5.
fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i * 7919 % 1000) as f32 * 0.01 - 5.0).collect()
}
