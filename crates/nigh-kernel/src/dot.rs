//! Dot products of one f32 query with many stored vectors, f16 or f32.

use half::f16;

use super::simd::{Simd, SimdLevel};

/// Scores every row: `scores[i] = query · rows[i]`. `rows` is `[scores.len(), query.len()]`, the bits of IEEE half floats,
/// row-major.
///
/// # Panics
/// When `rows` is not `scores.len()` × `query.len()` long.
pub fn dot_rows_f16(simd: Simd, query: &[f32], rows: &[u16], scores: &mut [f32]) {
    assert_eq!(rows.len(), query.len() * scores.len(), "rows × dimension");
    each_row(query.len(), rows, scores, |row| match simd.level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX-512 F and BW; each_row gives rows as long as the query.
        SimdLevel::Avx512 | SimdLevel::Avx512Vnni | SimdLevel::Amx => unsafe { x86::dot_f16_avx512(query, row) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX2, FMA and F16C; each_row gives rows as long as the query.
        SimdLevel::Avx2 | SimdLevel::AvxVnni => unsafe { x86::dot_f16_avx2(query, row) },
        SimdLevel::Portable => portable(query, row, |bits| f16::from_bits(bits).to_f32()),
        #[cfg(not(target_arch = "x86_64"))]
        _ => portable(query, row, |bits| f16::from_bits(bits).to_f32()),
    });
}

/// The same as [`dot_rows_f16`], for rows of f32.
///
/// # Panics
/// When `rows` is not `scores.len()` × `query.len()` long.
pub fn dot_rows_f32(simd: Simd, query: &[f32], rows: &[f32], scores: &mut [f32]) {
    assert_eq!(rows.len(), query.len() * scores.len(), "rows × dimension");
    each_row(query.len(), rows, scores, |row| match simd.level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX-512 F; each_row gives rows as long as the query.
        SimdLevel::Avx512 | SimdLevel::Avx512Vnni | SimdLevel::Amx => unsafe { x86::dot_f32_avx512(query, row) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX2 and FMA; each_row gives rows as long as the query.
        SimdLevel::Avx2 | SimdLevel::AvxVnni => unsafe { x86::dot_f32_avx2(query, row) },
        SimdLevel::Portable => portable(query, row, |value| value),
        #[cfg(not(target_arch = "x86_64"))]
        _ => portable(query, row, |value| value),
    });
}

/// Scores every row with `dot`.
fn each_row<T>(dimension: usize, rows: &[T], scores: &mut [f32], dot: impl Fn(&[T]) -> f32) {
    if dimension == 0 {
        scores.fill(0.0);
        return;
    }
    for (score, row) in scores.iter_mut().zip(rows.chunks_exact(dimension)) {
        *score = dot(row);
    }
}

/// Computes the dot product in plain Rust, in eight partial sums. `widen` converts an element of the row to f32.
fn portable<T: Copy>(query: &[f32], row: &[T], widen: impl Fn(T) -> f32) -> f32 {
    let mut sums = [0.0f32; 8];
    let (whole, rest) = query.as_chunks::<8>();
    let (row_whole, row_rest) = row.as_chunks::<8>();
    for (q, r) in whole.iter().zip(row_whole) {
        for i in 0..8 {
            sums[i] += q[i] * widen(r[i]);
        }
    }
    let tail: f32 = rest.iter().zip(row_rest).map(|(&q, &r)| q * widen(r)).sum();
    sums.iter().sum::<f32>() + tail
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    /// # Safety
    /// The CPU has AVX-512 F and BW; `row` is as long as `query`.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) unsafe fn dot_f16_avx512(query: &[f32], row: &[u16]) -> f32 {
        let mut sums = [_mm512_setzero_ps(); 4];
        for (i, at) in (0..query.len()).step_by(16).enumerate() {
            let mask = tail_mask(query.len() - at);
            // SAFETY: the mask keeps the loads inside the slices, and `at` is a valid index of both.
            let (q, r) = unsafe {
                let half = if mask == !0 {
                    _mm256_loadu_si256(row.as_ptr().add(at).cast())
                } else {
                    _mm512_castsi512_si256(_mm512_maskz_loadu_epi16(u32::from(mask), row.as_ptr().add(at).cast()))
                };
                (_mm512_maskz_loadu_ps(mask, query.as_ptr().add(at)), _mm512_cvtph_ps(half))
            };
            sums[i % 4] = _mm512_fmadd_ps(q, r, sums[i % 4]);
        }
        _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])))
    }

    /// # Safety
    /// The CPU has AVX-512 F; `row` is as long as `query`.
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn dot_f32_avx512(query: &[f32], row: &[f32]) -> f32 {
        let mut sums = [_mm512_setzero_ps(); 4];
        for (i, at) in (0..query.len()).step_by(16).enumerate() {
            let mask = tail_mask(query.len() - at);
            // SAFETY: the mask keeps the loads inside the slices, and `at` is a valid index of both.
            let (q, r) = unsafe {
                (_mm512_maskz_loadu_ps(mask, query.as_ptr().add(at)), _mm512_maskz_loadu_ps(mask, row.as_ptr().add(at)))
            };
            sums[i % 4] = _mm512_fmadd_ps(q, r, sums[i % 4]);
        }
        _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])))
    }

    /// Returns the mask for the next 16 elements, of which only `remaining` exist.
    fn tail_mask(remaining: usize) -> __mmask16 {
        if remaining >= 16 { !0 } else { (1 << remaining) - 1 }
    }

    /// # Safety
    /// The CPU has AVX2, FMA and F16C; `row` is as long as `query`.
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) unsafe fn dot_f16_avx2(query: &[f32], row: &[u16]) -> f32 {
        let mut sums = [_mm256_setzero_ps(); 4];
        let whole = query.len() / 8;
        for i in 0..whole {
            // SAFETY: 8 × i + 8 ≤ the length of both slices.
            let (q, r) = unsafe {
                let half = _mm_loadu_si128(row.as_ptr().add(8 * i).cast());
                (_mm256_loadu_ps(query.as_ptr().add(8 * i)), _mm256_cvtph_ps(half))
            };
            sums[i % 4] = _mm256_fmadd_ps(q, r, sums[i % 4]);
        }
        let tail: f32 = (whole * 8..query.len()).map(|i| query[i] * half::f16::from_bits(row[i]).to_f32()).sum();
        reduce(sums) + tail
    }

    /// # Safety
    /// The CPU has AVX2 and FMA; `row` is as long as `query`.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn dot_f32_avx2(query: &[f32], row: &[f32]) -> f32 {
        let mut sums = [_mm256_setzero_ps(); 4];
        let whole = query.len() / 8;
        for i in 0..whole {
            // SAFETY: 8 × i + 8 ≤ the length of both slices.
            let (q, r) =
                unsafe { (_mm256_loadu_ps(query.as_ptr().add(8 * i)), _mm256_loadu_ps(row.as_ptr().add(8 * i))) };
            sums[i % 4] = _mm256_fmadd_ps(q, r, sums[i % 4]);
        }
        let tail: f32 = (whole * 8..query.len()).map(|i| query[i] * row[i]).sum();
        reduce(sums) + tail
    }

    #[target_feature(enable = "avx2")]
    fn reduce(sums: [__m256; 4]) -> f32 {
        let sum = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
        let mut lanes = [0.0f32; 8];
        // SAFETY: `lanes` has space for the eight values.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), sum) };
        lanes.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dot_of_every_path_equals_the_scalar_product(dimension in 0usize..400, count in 0usize..5, seed: u32) {
            let value = |i: usize| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 8_388_608.0 - 1.0;
            let query: Vec<f32> = (0..dimension).map(value).collect();
            let rows: Vec<f32> = (0..dimension * count).map(|i| f16::from_f32(value(i + 31)).to_f32()).collect();
            let halves: Vec<u16> = rows.iter().map(|&x| f16::from_f32(x).to_bits()).collect();
            for simd in Simd::available() {
                let (mut from_f16, mut from_f32) = (vec![9.0; count], vec![9.0; count]);
                dot_rows_f16(simd, &query, &halves, &mut from_f16);
                dot_rows_f32(simd, &query, &rows, &mut from_f32);
                for i in 0..count {
                    let exact: f64 = (0..dimension).map(|j| f64::from(query[j]) * f64::from(rows[i * dimension + j])).sum();
                    prop_assert!((f64::from(from_f16[i]) - exact).abs() < 1e-4, "{:?}", simd);
                    prop_assert!((f64::from(from_f32[i]) - exact).abs() < 1e-4, "{:?}", simd);
                }
            }
        }
    }
}
