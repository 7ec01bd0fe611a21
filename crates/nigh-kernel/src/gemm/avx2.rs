//! AVX2 with FMA: 6 rows × 16 columns, 12 accumulators; a panel is processed in two halves.

use std::arch::x86_64::{
    __m256, _mm256_broadcast_ss, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_setzero_ps, _mm256_storeu_ps,
};

use super::{PANEL, Tile};

/// The number of rows of a full tile.
pub(super) const ROWS: usize = 6;

/// # Safety
/// The CPU has AVX2 and FMA; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows (see [`super::gemm`]).
pub(super) unsafe fn tile(rows: usize, t: Tile) {
    for half in 0..2 {
        if t.columns <= half * 16 {
            break;
        }
        // SAFETY: the caller's obligations are those of each of these calls.
        unsafe {
            match rows {
                1 => rows_of::<1>(t, half),
                2 => rows_of::<2>(t, half),
                3 => rows_of::<3>(t, half),
                4 => rows_of::<4>(t, half),
                5 => rows_of::<5>(t, half),
                _ => rows_of::<6>(t, half),
            }
        }
    }
}

/// # Safety
/// The same as [`tile`], with `R` rows and the half of the panel that starts at column 16 × `half`, of which one column exists.
#[target_feature(enable = "avx2,fma")]
unsafe fn rows_of<const R: usize>(t: Tile, half: usize) {
    let mut sums: [[__m256; 2]; R] = [[_mm256_setzero_ps(); 2]; R];
    for p in 0..t.k {
        // SAFETY: p < k: the panel's row p has PANEL elements, and each of the R rows of A has an element p.
        unsafe {
            let b = t.b.add(p * PANEL + half * 16);
            let (b0, b1) = (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8)));
            for (r, sums) in sums.iter_mut().enumerate() {
                let a = _mm256_broadcast_ss(&*t.a.add(r * t.a_stride + p));
                sums[0] = _mm256_fmadd_ps(a, b0, sums[0]);
                sums[1] = _mm256_fmadd_ps(a, b1, sums[1]);
            }
        }
    }
    let columns = (t.columns - half * 16).min(16);
    for (r, sums) in sums.iter().enumerate() {
        let mut values = [0.0f32; 16];
        // SAFETY: `values` has 16 elements; the row of C and the bias have `columns` from 16 × half on.
        unsafe {
            _mm256_storeu_ps(values.as_mut_ptr(), sums[0]);
            _mm256_storeu_ps(values.as_mut_ptr().add(8), sums[1]);
            let c = std::slice::from_raw_parts_mut(t.c.add(r * t.c_stride + half * 16), columns);
            for (j, (c, value)) in c.iter_mut().zip(values).enumerate() {
                let before = if t.accumulate { *c } else { 0.0 };
                let bias = if t.bias.is_null() { 0.0 } else { *t.bias.add(half * 16 + j) };
                *c = before + value + bias;
            }
        }
    }
}
