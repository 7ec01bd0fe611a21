//! Converts f32 to integers. Each operation has one body in plain Rust, compiled for every path (see `elementwise`), so all
//! paths give the same bits.
//!
//! Rounding is to nearest, ties to even: adding 1.5 · 2^23 leaves the integer in the low bits of the sum. A NaN or an
//! infinity makes the scale of its row NaN or infinite, so that it reaches the result instead of being lost in an integer.

use super::operand::{I16xI16, PANEL, Rows, U8xI8, groups, packed_len};
use crate::elementwise::every_path;
use crate::simd::{Simd, SimdLevel};

/// Weights are in −[`WEIGHT_PEAK`]..=[`WEIGHT_PEAK`], and so are activations before their offset.
pub const WEIGHT_PEAK: i32 = 127;

/// This is added to a quantised activation so that it fits u8. [`offsets`] removes it from the sums again.
pub const ZERO_POINT: i32 = 128;

/// The largest quantised activation without an offset: that of u8.
pub(super) const BYTE_PEAK: f32 = 255.0;

/// 1.5 · 2^23. Adding it to a number rounds the number to an integer, which is then in the low bits.
pub(super) const ROUND: f32 = 12_582_912.0;

/// [`ROUND`] plus [`ZERO_POINT`].
pub(super) const TO_BYTE: f32 = ROUND + ZERO_POINT as f32;

/// Coefficients of 4095 · 2^f on [−½, ½], lowest first: a minimax polynomial, to within 3e-6 relative.
pub(super) const POLYNOMIAL: [f32; 5] = [4_094.997, 2_838.333_7, 983.813_3, 228.983_77, 39.189_6];

/// The number of values that are processed together, so that loops vectorise.
const LANES: usize = 16;

/// Defines a function that calls `rows512` if the CPU has AVX-512, `rows256` if it has AVX2, else the body.
macro_rules! widest {
    ($(#[$doc:meta])* pub fn $name:ident($($arg:ident: $type:ty),*) = $body:ident) => {
        $(#[$doc])*
        pub fn $name(simd: Simd, $($arg: $type),*) {
            match simd.level() {
                // SAFETY: `simd` proves AVX-512; the function slices its rows itself, with checked bounds.
                #[cfg(target_arch = "x86_64")]
                SimdLevel::Avx512 | SimdLevel::Avx512Vnni | SimdLevel::Amx => unsafe { super::rows512::$name($($arg),*) },
                // SAFETY: the same, with AVX2.
                #[cfg(target_arch = "x86_64")]
                SimdLevel::Avx2 | SimdLevel::AvxVnni => unsafe { super::rows256::$name($($arg),*) },
                SimdLevel::Portable => $body($($arg),*),
                #[cfg(not(target_arch = "x86_64"))]
                _ => $body($($arg),*),
            }
        }
    };
}

widest! {
    /// Quantises each row of `x` (`[rows, factors.len()]`, with one factor for each column) to u8, symmetric about
    /// [`ZERO_POINT`], with one scale for each row: x · factor ≈ scale · (q − 128), scale = max |x · factor| / 127. `out` is
    /// `[rows, stride]`, stride ≥ `factors.len()`.
    ///
    /// # Panics
    /// When a slice is shorter than `scales.len()` rows.
    pub fn quantise_rows(x: &[f32], factors: &[f32], out: &mut [u8], stride: usize, scales: &mut [f32])
        = quantise_rows_body
}

widest! {
    /// Quantises each row of `x` (`[rows, width]`, no value below `floor`) to u8 with one scale for each row: x ≈ scale · q +
    /// floor, scale = (max x − floor) / 255. For activations with a lower bound the steps are about half as large as in
    /// [`quantise_rows`].
    ///
    /// # Panics
    /// When a slice is shorter than `scales.len()` rows.
    pub fn quantise_rows_above(x: &[f32], width: usize, floor: f32, out: &mut [u8], stride: usize, scales: &mut [f32])
        = quantise_rows_above_body
}

every_path! {
    /// Quantises rows of `width` values, `stride` apart, times `factor`, to u8 about [`ZERO_POINT`] (the queries of attention).
    /// `out` is `[rows, width rounded up to a multiple of 4]`.
    pub fn rows_to_u8(x: &[f32], width: usize, stride: usize, factor: f32, out: &mut [u8]) = rows_to_u8_body
}

widest! {
    /// Packs Bᵀ for [`U8xI8`]: rows of `k` values, times `factor` (the keys of attention).
    /// `offsets` receives one value per row, which removes [`ZERO_POINT`] from the sums.
    ///
    /// # Panics
    /// When a slice is shorter than its shape says.
    pub fn pack_rows_i8(
        x: Rows<'_, f32>, k: usize, factor: f32, out: &mut [i8], offsets: &mut [i32]) = pack_rows_i8_body
}

every_path! {
    /// Packs B for [`I16xI16`]: `k` rows of `n` values, `stride` apart, times `factor` (the values of attention).
    pub fn pack_columns_i16(x: &[f32], k: usize, n: usize, stride: usize, factor: f32, out: &mut [i16])
        = pack_columns_i16_body
}

widest! {
    /// Computes the softmax in base 2 of each row of `scores` (`[rows, keys]`) as integers: p = 4095 · 2^(s − max s), rounded,
    /// to within 0.52; `out` is `[rows, stride]`, padded with 0. `inverses` receives 1 / Σp of each row.
    ///
    /// # Panics
    /// When a slice is shorter than `inverses.len()` rows.
    pub fn softmax_i16(scores: &[f32], keys: usize, out: &mut [i16], stride: usize, inverses: &mut [f32])
        = softmax_i16_body
}

/// Returns the largest |x| of rows of `width` values, `stride` apart; NaN when one is NaN.
pub fn max_abs(simd: Simd, x: &[f32], width: usize, stride: usize) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if matches!(simd.level(), SimdLevel::Avx512 | SimdLevel::Avx512Vnni | SimdLevel::Amx) {
        // SAFETY: `simd` proves AVX-512; the function slices its rows itself, with checked bounds.
        return unsafe { super::rows512::max_abs(x, width, stride) };
    }
    let mut out = 0.0;
    max_abs_into(simd, x, width, stride, &mut out);
    out
}

every_path! {
    fn max_abs_into(x: &[f32], width: usize, stride: usize, out: &mut f32) = max_abs_body
}

/// Quantises weights `[n, k]` (one row for each output, with one factor for each of the k columns), symmetric, with one scale
/// for each output, and packs them for [`U8xI8`]. Returns the packed matrix and the scales: w · factor ≈ scale · q.
///
/// # Panics
/// When `weights` does not have n × k elements; k is the number of factors.
pub fn quantise_weights(weights: &[f32], n: usize, factors: &[f32]) -> (Vec<i8>, Vec<f32>) {
    let k = factors.len();
    assert_eq!(weights.len(), n * k, "weights of {n} × {k}");
    let groups = groups::<U8xI8>(k);
    let mut packed = vec![0i8; packed_len::<U8xI8>(k, n)];
    let mut scales = vec![0.0; n];
    for (column, (row, scale)) in weights.chunks_exact(k).zip(&mut scales).enumerate() {
        let peak = row.iter().zip(factors).fold(0.0f32, |peak, (&w, &factor)| peak.max((w * factor).abs()));
        *scale = peak / WEIGHT_PEAK as f32;
        let inverse = if peak > 0.0 { WEIGHT_PEAK as f32 / peak } else { 0.0 };
        let panel = &mut packed[column / PANEL * groups * PANEL * 4..];
        for (p, (&w, &factor)) in row.iter().zip(factors).enumerate() {
            panel[(p / 4 * PANEL + column % PANEL) * 4 + p % 4] = (w * factor * inverse).round_ties_even() as i8;
        }
    }
    (packed, scales)
}

/// Returns the numbers that remove [`ZERO_POINT`] from the sums over packed weights: −128 · Σ q, one for each column.
pub fn offsets(packed: &[i8], n: usize, k: usize) -> Vec<i32> {
    let groups = groups::<U8xI8>(k);
    let sum = |column: usize| -> i32 {
        let panel = &packed[column / PANEL * groups * PANEL * 4..][..groups * PANEL * 4];
        let column = panel.chunks_exact(4).skip(column % PANEL).step_by(PANEL);
        column.flatten().map(|&q| i32::from(q)).sum()
    };
    (0..n).map(|column| -ZERO_POINT * sum(column)).collect()
}

/// Returns the bits of |x|. As integers they have the order of the values, with infinity and NaN last.
#[inline(always)]
pub(super) fn magnitude(x: f32) -> i32 {
    (x.to_bits() & 0x7fff_ffff) as i32
}

/// Returns the largest |x · factor|.
#[inline(always)]
fn peak_of(row: &[f32], factors: &[f32]) -> f32 {
    let mut peaks = [0i32; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    let (factor_chunks, factor_rest) = factors.as_chunks::<LANES>();
    for (chunk, factor_chunk) in chunks.iter().zip(factor_chunks) {
        for ((peak, &x), &factor) in peaks.iter_mut().zip(chunk).zip(factor_chunk) {
            *peak = (*peak).max(magnitude(x * factor));
        }
    }
    let tail = rest.iter().zip(factor_rest).map(|(&x, &factor)| magnitude(x * factor));
    f32::from_bits(tail.chain(peaks).fold(0, i32::max) as u32)
}

/// Rounds to the nearest integer, and returns its low bits.
#[inline(always)]
pub(super) fn rounded(x: f32) -> i32 {
    (x + ROUND).to_bits() as i32
}

#[inline(always)]
fn quantise_rows_body(x: &[f32], factors: &[f32], out: &mut [u8], stride: usize, scales: &mut [f32]) {
    for ((row, out), scale) in x.chunks_exact(factors.len()).zip(out.chunks_mut(stride)).zip(scales) {
        let peak = peak_of(row, factors);
        *scale = peak / WEIGHT_PEAK as f32;
        let inverse = if peak == 0.0 { 0.0 } else { WEIGHT_PEAK as f32 / peak };
        for ((q, &x), &factor) in out.iter_mut().zip(row).zip(factors) {
            *q = (x * factor * inverse + TO_BYTE).to_bits() as u8;
        }
    }
}

#[inline(always)]
fn quantise_rows_above_body(x: &[f32], width: usize, floor: f32, out: &mut [u8], stride: usize, scales: &mut [f32]) {
    for ((row, out), scale) in x.chunks_exact(width).zip(out.chunks_mut(stride)).zip(scales) {
        // 1. Find the largest x − floor.
        let (chunks, rest) = row.as_chunks::<LANES>();
        let mut peaks = [0i32; LANES];
        for chunk in chunks {
            for (peak, &x) in peaks.iter_mut().zip(chunk) {
                *peak = (*peak).max(magnitude(x - floor));
            }
        }
        let peak = rest.iter().map(|&x| magnitude(x - floor)).chain(peaks).fold(0, i32::max);
        // 2. Compute the scale, then express each value in steps of it.
        let peak = f32::from_bits(peak as u32);
        *scale = peak / BYTE_PEAK;
        let inverse = if peak == 0.0 { 0.0 } else { BYTE_PEAK / peak };
        for (q, &x) in out.iter_mut().zip(row) {
            *q = ((x - floor) * inverse + ROUND).to_bits() as u8;
        }
    }
}

#[inline(always)]
fn max_abs_body(x: &[f32], width: usize, stride: usize, out: &mut f32) {
    let mut peaks = [0i32; LANES];
    let mut peak = 0;
    for row in x.chunks(stride) {
        let (chunks, rest) = row[..width].as_chunks::<LANES>();
        for chunk in chunks {
            for (peak, &x) in peaks.iter_mut().zip(chunk) {
                *peak = (*peak).max(magnitude(x));
            }
        }
        for &x in rest {
            peak = peak.max(magnitude(x));
        }
    }
    *out = f32::from_bits(peaks.iter().fold(peak, |a, &b| a.max(b)) as u32);
}

#[inline(always)]
fn rows_to_u8_body(x: &[f32], width: usize, stride: usize, factor: f32, out: &mut [u8]) {
    for (row, out) in x.chunks(stride).zip(out.chunks_exact_mut(width.next_multiple_of(4))) {
        for (q, &x) in out.iter_mut().zip(&row[..width]) {
            *q = (x * factor + TO_BYTE).to_bits() as u8;
        }
    }
}

#[inline(always)]
fn pack_rows_i8_body(x: Rows<'_, f32>, k: usize, factor: f32, out: &mut [i8], offsets: &mut [i32]) {
    let groups = groups::<U8xI8>(k);
    let out = &mut out[..packed_len::<U8xI8>(k, x.rows)];
    out.fill(0);
    // Each row becomes a column of B. Its groups of four values are PANEL groups apart.
    for (column, (row, offset)) in x.data.chunks(x.stride).zip(&mut offsets[..x.rows]).enumerate() {
        let out = &mut out[column / PANEL * groups * PANEL * 4 + column % PANEL * 4..];
        let mut sum = 0;
        for (group, values) in row[..k].chunks(4).enumerate() {
            for (out, &value) in out[group * PANEL * 4..].iter_mut().zip(values) {
                *out = rounded(value * factor) as i8;
                sum += i32::from(*out);
            }
        }
        *offset = sum.wrapping_mul(-ZERO_POINT);
    }
}

#[inline(always)]
fn pack_columns_i16_body(x: &[f32], k: usize, n: usize, stride: usize, factor: f32, out: &mut [i16]) {
    let groups = groups::<I16xI16>(k);
    let out = &mut out[..packed_len::<I16xI16>(k, n)];
    for (panel, out) in out.chunks_exact_mut(groups * PANEL * 2).enumerate() {
        let first = panel * PANEL;
        let columns = PANEL.min(n - first);
        // Two rows of B form a group: their values are next to each other, column by column.
        for (group, out) in out.as_chunks_mut::<2>().0.chunks_exact_mut(PANEL).enumerate() {
            let a = &x[group * 2 * stride + first..][..columns];
            if group * 2 + 1 < k {
                let b = &x[(group * 2 + 1) * stride + first..][..columns];
                for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                    *out = [rounded(a * factor) as i16, rounded(b * factor) as i16];
                }
            } else {
                for (out, &a) in out.iter_mut().zip(a) {
                    *out = [rounded(a * factor) as i16, 0];
                }
            }
            out[columns..].fill([0, 0]);
        }
    }
}

#[inline(always)]
fn softmax_i16_body(scores: &[f32], keys: usize, out: &mut [i16], stride: usize, inverses: &mut [f32]) {
    for ((row, out), inverse) in scores.chunks_exact(keys).zip(out.chunks_mut(stride)).zip(inverses) {
        // 1. Find the highest score. NaN is ignored.
        let mut peaks = [f32::NEG_INFINITY; LANES];
        let (chunks, rest) = row.as_chunks::<LANES>();
        for chunk in chunks {
            for (peak, &x) in peaks.iter_mut().zip(chunk) {
                *peak = if x > *peak { x } else { *peak };
            }
        }
        let peak = peaks.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
        // 2. Compute the probabilities and their sum, first for whole chunks.
        let mut sums = [0i32; LANES];
        let (outs, out_rest) = out.as_chunks_mut::<LANES>();
        for (chunk, out) in chunks.iter().zip(&mut *outs) {
            for ((sum, &x), out) in sums.iter_mut().zip(chunk).zip(out) {
                let p = probability(x - peak);
                *sum += p;
                *out = p as i16;
            }
        }
        let mut sum = sums.iter().sum::<i32>();
        // 3. Fewer than LANES scores remain, so they and the padding are in the next whole chunk of `out`, or in its rest.
        let tail = match outs.get_mut(chunks.len()) {
            Some(chunk) => &mut chunk[..],
            None => out_rest,
        };
        for (&x, out) in rest.iter().zip(&mut *tail) {
            let p = probability(x - peak);
            sum += p;
            *out = p as i16;
        }
        tail[rest.len()..].fill(0);
        // 4. Store the factor for the weighted sums.
        *inverse = 1.0 / sum as f32;
    }
}

/// Computes 4095 · 2^x for x ≤ 0, rounded. At −14 it rounds to 0.
#[inline(always)]
fn probability(x: f32) -> i32 {
    // x = n + f with an integer n, then 4095 · 2^f by a polynomial, then n is added to the exponent.
    let x = if x > -14.0 { x } else { -14.0 };
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    let [a, b, c, d, e] = POLYNOMIAL;
    let value = a + f * (b + f * (c + f * (d + f * e)));
    let value = f32::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23));
    rounded(value) & 0xffff
}
