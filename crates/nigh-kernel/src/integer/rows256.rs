//! AVX2 forms of the operations on every activation; those that the compiler makes are two to eight times slower, mostly where they narrow
//! to bytes. Each has the same steps in the same order as its body in `quantise.rs`, so that the bits are the same.

use std::arch::x86_64::*;

use super::operand::{PANEL, Rows};
use super::quantise::{BYTE_PEAK, POLYNOMIAL, ROUND, TO_BYTE, WEIGHT_PEAK, ZERO_POINT, magnitude, rounded};

/// The number of values that become one register of bytes.
const STEP: usize = 32;

/// # Safety
/// The CPU has AVX2. `x` has whole rows of `factors.len()`, `out` as many of `stride` ≥ that, `scales` as many values.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn quantise_rows(x: &[f32], factors: &[f32], out: &mut [u8], stride: usize, scales: &mut [f32]) {
    let width = factors.len();
    for (row, scale) in scales.iter_mut().enumerate() {
        let x = &x[row * width..][..width];
        let out = &mut out[row * stride..][..width];
        let product = |at: usize| {
            // SAFETY: both slices have 8 values from `at` on: at + 8 ≤ width.
            unsafe { _mm256_mul_ps(_mm256_loadu_ps(x.as_ptr().add(at)), _mm256_loadu_ps(factors.as_ptr().add(at))) }
        };
        let peak = peak_of(width, product, |i| x[i] * factors[i]);
        *scale = peak / WEIGHT_PEAK as f32;
        let inverse = if peak == 0.0 { 0.0 } else { WEIGHT_PEAK as f32 / peak };
        let (wide, round) = (_mm256_set1_ps(inverse), _mm256_set1_ps(TO_BYTE));
        narrow(
            out,
            |at| _mm256_castps_si256(_mm256_add_ps(_mm256_mul_ps(product(at), wide), round)),
            |i| (x[i] * factors[i] * inverse + TO_BYTE).to_bits(),
        );
    }
}

/// # Safety
/// The CPU has AVX2. `x` has whole rows of `width`, `out` as many of `stride` ≥ that, `scales` as many values.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn quantise_rows_above(
    x: &[f32],
    width: usize,
    floor: f32,
    out: &mut [u8],
    stride: usize,
    scales: &mut [f32],
) {
    for (row, scale) in scales.iter_mut().enumerate() {
        let x = &x[row * width..][..width];
        let out = &mut out[row * stride..][..width];
        // SAFETY: the row has 8 values from `at` on: at + 8 ≤ width.
        let above = |at: usize| unsafe { _mm256_sub_ps(_mm256_loadu_ps(x.as_ptr().add(at)), _mm256_set1_ps(floor)) };
        let peak = peak_of(width, above, |i| x[i] - floor);
        *scale = peak / BYTE_PEAK;
        let inverse = if peak == 0.0 { 0.0 } else { BYTE_PEAK / peak };
        let (wide, round) = (_mm256_set1_ps(inverse), _mm256_set1_ps(ROUND));
        narrow(
            out,
            |at| _mm256_castps_si256(_mm256_add_ps(_mm256_mul_ps(above(at), wide), round)),
            |i| ((x[i] - floor) * inverse + ROUND).to_bits(),
        );
    }
}

/// Returns the largest magnitude of `width` values, by the bits. `eight` returns the values from a position on, `one` a single value.
#[inline]
#[target_feature(enable = "avx2")]
fn peak_of(width: usize, eight: impl Fn(usize) -> __m256, one: impl Fn(usize) -> f32) -> f32 {
    let mask = _mm256_set1_epi32(0x7fff_ffff);
    let mut peaks = [_mm256_setzero_si256(); 4];
    let whole = width / STEP * STEP;
    for at in (0..whole).step_by(STEP) {
        for (i, peak) in peaks.iter_mut().enumerate() {
            *peak = _mm256_max_epi32(*peak, _mm256_and_si256(_mm256_castps_si256(eight(at + i * 8)), mask));
        }
    }
    let peaks = _mm256_max_epi32(_mm256_max_epi32(peaks[0], peaks[1]), _mm256_max_epi32(peaks[2], peaks[3]));
    let tail = (whole..width).map(|i| magnitude(one(i)));
    f32::from_bits(tail.chain(lanes_of(peaks)).fold(0, i32::max) as u32)
}

/// Writes the low byte of each value. `eight` returns the values from a position on, `one` a single value.
#[inline]
#[target_feature(enable = "avx2")]
fn narrow(out: &mut [u8], eight: impl Fn(usize) -> __m256i, one: impl Fn(usize) -> u32) {
    let whole = out.len() / STEP * STEP;
    for at in (0..whole).step_by(STEP) {
        let bytes = bytes_of([eight(at), eight(at + 8), eight(at + 16), eight(at + 24)]);
        // SAFETY: at + 32 ≤ the length of `out`.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(at).cast(), bytes) };
    }
    for (i, out) in out.iter_mut().enumerate().skip(whole) {
        *out = one(i) as u8;
    }
}

/// Returns the low bytes of 32 integers, in order.
#[inline]
#[target_feature(enable = "avx2")]
fn bytes_of(x: [__m256i; 4]) -> __m256i {
    let low = _mm256_set1_epi32(0xff);
    let [a, b, c, d] = x.map(|x| _mm256_and_si256(x, low));
    // Packing works within 128-bit lanes: the groups of four come out as a0 b0 c0 d0 a1 b1 c1 d1.
    let mixed = _mm256_packus_epi16(_mm256_packus_epi32(a, b), _mm256_packus_epi32(c, d));
    _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
}

/// Returns the eight integers of a register.
#[inline]
#[target_feature(enable = "avx2")]
fn lanes_of(x: __m256i) -> [i32; 8] {
    let mut lanes = [0; 8];
    // SAFETY: `lanes` has 32 bytes.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), x) };
    lanes
}

/// # Safety
/// The CPU has AVX2. `scores` has a row of `keys` ≥ 1 for each of `inverses`, `out` one of `stride` ≥ `keys`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn softmax_i16(scores: &[f32], keys: usize, out: &mut [i16], stride: usize, inverses: &mut [f32]) {
    let whole = keys / 16 * 16;
    for (row, inverse) in inverses.iter_mut().enumerate() {
        let scores = &scores[row * keys..][..keys];
        let out = &mut out[row * stride..][..stride];
        // SAFETY: the row has 8 values from `at` on: at + 8 ≤ keys.
        let eight = |at: usize| unsafe { _mm256_loadu_ps(scores.as_ptr().add(at)) };
        // 1. Find the highest score. If one operand is NaN, the result is the second one: the peak so far.
        let mut peaks = [_mm256_set1_ps(f32::NEG_INFINITY); 2];
        for at in (0..whole).step_by(16) {
            peaks = [_mm256_max_ps(eight(at), peaks[0]), _mm256_max_ps(eight(at + 8), peaks[1])];
        }
        let mut lanes = [0.0f32; 8];
        // SAFETY: `lanes` has 32 bytes.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), _mm256_max_ps(peaks[0], peaks[1])) };
        let higher = |a: f32, &b: &f32| if b > a { b } else { a };
        let peak = lanes.iter().chain(&scores[whole..]).fold(f32::NEG_INFINITY, higher);
        // 2. Compute the probabilities and their sum.
        let wide = _mm256_set1_ps(peak);
        let mut sums = _mm256_setzero_si256();
        for at in (0..whole).step_by(16) {
            let [a, b] = [eight(at), eight(at + 8)].map(|x| probabilities(_mm256_sub_ps(x, wide)));
            sums = _mm256_add_epi32(sums, _mm256_add_epi32(a, b));
            // Packing works within 128-bit lanes.
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi32(a, b));
            // SAFETY: at + 16 ≤ keys ≤ the length of `out`.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(at).cast(), words) };
        }
        // 3. The last scores: with −∞ up to 16 of them, which get no weight, and with the padding.
        out[whole..].fill(0);
        if whole < keys {
            let mut rest = [f32::NEG_INFINITY; 16];
            rest[..keys - whole].copy_from_slice(&scores[whole..]);
            // SAFETY: `rest` has 16 values.
            let [a, b] = unsafe { [_mm256_loadu_ps(rest.as_ptr()), _mm256_loadu_ps(rest.as_ptr().add(8))] }
                .map(|x| probabilities(_mm256_sub_ps(x, wide)));
            sums = _mm256_add_epi32(sums, _mm256_add_epi32(a, b));
            for (out, p) in out[whole..keys].iter_mut().zip(lanes_of(a).into_iter().chain(lanes_of(b))) {
                *out = p as i16;
            }
        }
        let sum: i32 = lanes_of(sums).iter().sum();
        *inverse = 1.0 / sum as f32;
    }
}

/// See `quantise::probability`.
#[inline]
#[target_feature(enable = "avx2")]
fn probabilities(x: __m256) -> __m256i {
    let round = _mm256_set1_ps(ROUND);
    // If x is NaN, the result is the second operand.
    let x = _mm256_max_ps(x, _mm256_set1_ps(-14.0));
    let shifted = _mm256_add_ps(x, round);
    let f = _mm256_sub_ps(x, _mm256_sub_ps(shifted, round));
    let mut value = _mm256_set1_ps(POLYNOMIAL[4]);
    for &coefficient in POLYNOMIAL[..4].iter().rev() {
        value = _mm256_add_ps(_mm256_set1_ps(coefficient), _mm256_mul_ps(f, value));
    }
    let exponent = _mm256_slli_epi32::<23>(_mm256_castps_si256(shifted));
    let value = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(value), exponent));
    let bits = _mm256_castps_si256(_mm256_add_ps(value, round));
    _mm256_and_si256(bits, _mm256_set1_epi32(0xffff))
}

/// Packs keys; see `quantise::pack_rows_i8`.
///
/// # Safety
/// The CPU has AVX2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn pack_rows_i8(x: Rows<'_, f32>, k: usize, factor: f32, out: &mut [i8], offsets: &mut [i32]) {
    let (groups, n) = (k.div_ceil(4), x.rows);
    let out = &mut out[..n.next_multiple_of(PANEL) * groups * 4];
    if !n.is_multiple_of(PANEL) {
        out[n / PANEL * PANEL * groups * 4..].fill(0);
    }
    let (wide, round) = (_mm256_set1_ps(factor), _mm256_set1_ps(ROUND));
    for (column, offset) in offsets[..n].iter_mut().enumerate() {
        let row = &x.data[column * x.stride..][..k];
        let panel = &mut out[column / PANEL * groups * PANEL * 4..][..groups * PANEL * 4];
        let (out, _) = panel.as_chunks_mut::<4>();
        let mut sum = 0;
        for at in (0..k).step_by(STEP) {
            // 1. Quantise up to 32 values, with zeros after the last one.
            let mut bytes = [0i8; STEP];
            if at + STEP <= k {
                let eight = |at: usize| {
                    // SAFETY: the row has 8 values from `at` on.
                    let x = unsafe { _mm256_loadu_ps(row.as_ptr().add(at)) };
                    _mm256_castps_si256(_mm256_add_ps(_mm256_mul_ps(x, wide), round))
                };
                let quantised = bytes_of([eight(at), eight(at + 8), eight(at + 16), eight(at + 24)]);
                // SAFETY: `bytes` has 32 bytes.
                unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), quantised) };
            } else {
                for (byte, &x) in bytes.iter_mut().zip(&row[at..]) {
                    *byte = rounded(x * factor) as i8;
                }
            }
            sum += bytes.iter().map(|&byte| i32::from(byte)).sum::<i32>();
            // 2. Store each group of four at the column's place in it.
            let (fours, _) = bytes.as_chunks::<4>();
            for (group, four) in (at / 4..groups).zip(fours) {
                out[group * PANEL + column % PANEL] = *four;
            }
        }
        *offset = sum.wrapping_mul(-ZERO_POINT);
    }
}
