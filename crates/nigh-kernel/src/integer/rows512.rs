//! AVX-512 forms of the operations on every activation; those that the compiler makes are two to five times slower. Each has
//! the same steps in the same order as its body in `quantise.rs`, so that the bits are the same.

use std::arch::x86_64::*;

use super::operand::{PANEL, Rows};
use super::quantise::{BYTE_PEAK, POLYNOMIAL, ROUND, TO_BYTE, WEIGHT_PEAK, ZERO_POINT};

/// The number of rows of the softmax whose highest scores are found together.
const ROW_BLOCK: usize = 16;

/// Returns the mask of the first `columns` of 16 lanes.
pub(super) fn mask_of_first(columns: usize) -> __mmask16 {
    if columns >= 16 { !0 } else { (1 << columns) - 1 }
}

/// # Safety
/// The CPU has AVX-512 F. `x` has whole rows of `factors.len()`, `out` as many of `stride` ≥ that, `scales` as many values.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn quantise_rows(x: &[f32], factors: &[f32], out: &mut [u8], stride: usize, scales: &mut [f32]) {
    let width = factors.len();
    let magnitude = _mm512_set1_epi32(0x7fff_ffff);
    for (row, scale) in scales.iter_mut().enumerate() {
        let x = &x[row * width..][..width];
        let out = &mut out[row * stride..][..width];
        // 1. Find the largest |x · factor|, by the bits, in two registers.
        let mut peaks = [_mm512_setzero_si512(); 2];
        let mut at = 0;
        while at < width {
            for (i, peaks) in peaks.iter_mut().enumerate() {
                let mask = mask_of_first(width.saturating_sub(at + i * 16));
                // SAFETY: the mask keeps the loads inside both slices; wrapping, since a wholly masked load may lie past them.
                let (x, factor) = unsafe {
                    (
                        _mm512_maskz_loadu_ps(mask, x.as_ptr().wrapping_add(at + i * 16)),
                        _mm512_maskz_loadu_ps(mask, factors.as_ptr().wrapping_add(at + i * 16)),
                    )
                };
                let bits = _mm512_and_si512(_mm512_castps_si512(_mm512_mul_ps(x, factor)), magnitude);
                *peaks = _mm512_max_epi32(*peaks, bits);
            }
            at += 32;
        }
        let peak = f32::from_bits(_mm512_reduce_max_epi32(_mm512_max_epi32(peaks[0], peaks[1])) as u32);
        // 2. Compute the scale, then express each value in steps of it, plus the zero point.
        *scale = peak / WEIGHT_PEAK as f32;
        let inverse = _mm512_set1_ps(if peak == 0.0 { 0.0 } else { WEIGHT_PEAK as f32 / peak });
        let round = _mm512_set1_ps(TO_BYTE);
        let mut at = 0;
        while at < width {
            let mask = mask_of_first(width - at);
            // SAFETY: the mask keeps loads and stores inside the slices, which all have `width` elements.
            unsafe {
                let x = _mm512_maskz_loadu_ps(mask, x.as_ptr().add(at));
                let factor = _mm512_maskz_loadu_ps(mask, factors.as_ptr().add(at));
                let value = _mm512_add_ps(_mm512_mul_ps(_mm512_mul_ps(x, factor), inverse), round);
                _mm512_mask_cvtepi32_storeu_epi8(out.as_mut_ptr().add(at).cast(), mask, _mm512_castps_si512(value));
            }
            at += 16;
        }
    }
}

/// # Safety
/// The CPU has AVX-512 F. `x` has whole rows of `width`, `out` as many of `stride` ≥ that, `scales` as many values.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn quantise_rows_above(
    x: &[f32],
    width: usize,
    floor: f32,
    out: &mut [u8],
    stride: usize,
    scales: &mut [f32],
) {
    let (magnitude, floor) = (_mm512_set1_epi32(0x7fff_ffff), _mm512_set1_ps(floor));
    for (row, scale) in scales.iter_mut().enumerate() {
        let x = &x[row * width..][..width];
        let out = &mut out[row * stride..][..width];
        let mut peaks = [_mm512_setzero_si512(); 2];
        let mut at = 0;
        while at < width {
            for (i, peaks) in peaks.iter_mut().enumerate() {
                let mask = mask_of_first(width.saturating_sub(at + i * 16));
                // SAFETY: the mask keeps the load inside the row; wrapping, since a wholly masked load may lie past it.
                let x = unsafe { _mm512_maskz_loadu_ps(mask, x.as_ptr().wrapping_add(at + i * 16)) };
                let bits = _mm512_and_si512(_mm512_castps_si512(_mm512_sub_ps(x, floor)), magnitude);
                *peaks = _mm512_mask_max_epi32(*peaks, mask, *peaks, bits);
            }
            at += 32;
        }
        let peak = f32::from_bits(_mm512_reduce_max_epi32(_mm512_max_epi32(peaks[0], peaks[1])) as u32);
        // 2. Compute the scale, then express each value above the floor in steps of it.
        *scale = peak / BYTE_PEAK;
        let inverse = _mm512_set1_ps(if peak == 0.0 { 0.0 } else { BYTE_PEAK / peak });
        let round = _mm512_set1_ps(ROUND);
        let mut at = 0;
        while at < width {
            let mask = mask_of_first(width - at);
            // SAFETY: the mask keeps load and store inside the slices, which have `width` elements.
            unsafe {
                let x = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x.as_ptr().add(at)), floor);
                let value = _mm512_add_ps(_mm512_mul_ps(x, inverse), round);
                _mm512_mask_cvtepi32_storeu_epi8(out.as_mut_ptr().add(at).cast(), mask, _mm512_castps_si512(value));
            }
            at += 16;
        }
    }
}

/// # Safety
/// The CPU has AVX-512 F. Each of the rows that start in `x`, `stride` apart, has `width` values.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn max_abs(x: &[f32], width: usize, stride: usize) -> f32 {
    let magnitude = _mm512_set1_epi32(0x7fff_ffff);
    let mut peaks = [_mm512_setzero_si512(); 2];
    for row in x.chunks(stride) {
        let row = &row[..width];
        let mut at = 0;
        while at < width {
            for (i, peaks) in peaks.iter_mut().enumerate() {
                let mask = mask_of_first(width.saturating_sub(at + i * 16));
                // SAFETY: the mask keeps the load inside the row; wrapping, since a wholly masked load may lie past it.
                let x = unsafe { _mm512_maskz_loadu_epi32(mask, row.as_ptr().wrapping_add(at + i * 16).cast()) };
                *peaks = _mm512_max_epi32(*peaks, _mm512_and_si512(x, magnitude));
            }
            at += 32;
        }
    }
    f32::from_bits(_mm512_reduce_max_epi32(_mm512_max_epi32(peaks[0], peaks[1])) as u32)
}

/// # Safety
/// The CPU has AVX-512 F. `scores` has a row of `keys` ≥ 1 for each of `inverses`, `out` one of `stride` ≥ `keys`.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn softmax_i16(scores: &[f32], keys: usize, out: &mut [i16], stride: usize, inverses: &mut [f32]) {
    let mut peaks = [0.0; ROW_BLOCK];
    for (row, inverse) in inverses.iter_mut().enumerate() {
        // 1. Find the highest scores of a block of rows, before computing any power, so that the rows do not wait for each
        // other.
        if row.is_multiple_of(ROW_BLOCK) {
            for (scores, peak) in scores[row * keys..].chunks_exact(keys).zip(&mut peaks) {
                *peak = highest(scores);
            }
        }
        let scores = &scores[row * keys..][..keys];
        let out = &mut out[row * stride..][..stride];
        // 2. Compute the probabilities and their sum.
        let peak = _mm512_set1_ps(peaks[row % ROW_BLOCK]);
        let mut sum = _mm512_setzero_si512();
        let mut at = 0;
        while at < stride {
            let mask = mask_of_first(keys.saturating_sub(at));
            // SAFETY: the masks keep the load inside the row of scores, the store inside that of `out`.
            unsafe {
                let x = _mm512_maskz_loadu_ps(mask, scores.as_ptr().wrapping_add(at));
                let p = _mm512_maskz_mov_epi32(mask, probability(_mm512_sub_ps(x, peak)));
                sum = _mm512_add_epi32(sum, p);
                _mm512_mask_cvtepi32_storeu_epi16(out.as_mut_ptr().add(at).cast(), mask_of_first(stride - at), p);
            }
            at += 16;
        }
        *inverse = 1.0 / _mm512_reduce_add_epi32(sum) as f32;
    }
}

/// Returns the highest score of a row.
#[inline]
#[target_feature(enable = "avx512f")]
fn highest(scores: &[f32]) -> f32 {
    let lowest = _mm512_set1_ps(f32::NEG_INFINITY);
    let mut peaks = [lowest; 2];
    let mut at = 0;
    while at < scores.len() {
        for (i, peaks) in peaks.iter_mut().enumerate() {
            let mask = mask_of_first(scores.len().saturating_sub(at + i * 16));
            // SAFETY: the mask keeps the load inside the row; wrapping, since a wholly masked load may lie past it.
            let x = unsafe { _mm512_mask_loadu_ps(lowest, mask, scores.as_ptr().wrapping_add(at + i * 16)) };
            // If one operand is NaN, the result is the second one: the peak so far.
            *peaks = _mm512_max_ps(x, *peaks);
        }
        at += 32;
    }
    _mm512_reduce_max_ps(_mm512_max_ps(peaks[0], peaks[1]))
}

/// Packs keys; see `quantise::pack_rows_i8`.
///
/// # Safety
/// The CPU has AVX-512 F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn pack_rows_i8(x: Rows<'_, f32>, k: usize, factor: f32, out: &mut [i8], offsets: &mut [i32]) {
    let (groups, n) = (k.div_ceil(4), x.rows);
    let out = &mut out[..n.next_multiple_of(PANEL) * groups * 4];
    if !n.is_multiple_of(PANEL) {
        out[n / PANEL * PANEL * groups * 4..].fill(0);
    }
    let (factor, round) = (_mm512_set1_ps(factor), _mm512_set1_ps(ROUND));
    let integer = _mm512_castps_si512(round);
    for (column, offset) in offsets[..n].iter_mut().enumerate() {
        let row = &x.data[column * x.stride..][..k];
        let panel = &mut out[column / PANEL * groups * PANEL * 4..][..groups * PANEL * 4];
        let (out, _) = panel.as_chunks_mut::<4>();
        let mut sum = _mm512_setzero_si512();
        // Four groups at a time: quantise them, add them to the column's sum, and store them at the column's place in each
        // group.
        for at in (0..k).step_by(16) {
            let mut bytes = [[0i8; 4]; 4];
            // SAFETY: the mask keeps the load inside the row; `bytes` has the 16 bytes that are stored.
            unsafe {
                let x = _mm512_maskz_loadu_ps(mask_of_first(k - at), row.as_ptr().add(at));
                let q = _mm512_add_ps(_mm512_mul_ps(x, factor), round);
                let q = _mm512_sub_epi32(_mm512_castps_si512(q), integer);
                sum = _mm512_add_epi32(sum, q);
                _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(q));
            }
            let first_group = at / 4;
            for group in first_group..groups.min(first_group + 4) {
                out[group * PANEL + column % PANEL] = bytes[group - first_group];
            }
        }
        *offset = _mm512_reduce_add_epi32(sum).wrapping_mul(-ZERO_POINT);
    }
}

/// See `quantise::probability`.
#[inline]
#[target_feature(enable = "avx512f")]
fn probability(x: __m512) -> __m512i {
    let round = _mm512_set1_ps(ROUND);
    // If x is NaN, the result is the second operand.
    let x = _mm512_max_ps(x, _mm512_set1_ps(-14.0));
    let shifted = _mm512_add_ps(x, round);
    let f = _mm512_sub_ps(x, _mm512_sub_ps(shifted, round));
    let mut value = _mm512_set1_ps(POLYNOMIAL[4]);
    value = _mm512_add_ps(_mm512_set1_ps(POLYNOMIAL[3]), _mm512_mul_ps(f, value));
    value = _mm512_add_ps(_mm512_set1_ps(POLYNOMIAL[2]), _mm512_mul_ps(f, value));
    value = _mm512_add_ps(_mm512_set1_ps(POLYNOMIAL[1]), _mm512_mul_ps(f, value));
    value = _mm512_add_ps(_mm512_set1_ps(POLYNOMIAL[0]), _mm512_mul_ps(f, value));
    let exponent = _mm512_slli_epi32::<23>(_mm512_castps_si512(shifted));
    let value = _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(value), exponent));
    let bits = _mm512_castps_si512(_mm512_add_ps(value, round));
    _mm512_and_si512(bits, _mm512_set1_epi32(0xffff))
}
