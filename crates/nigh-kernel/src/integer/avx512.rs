//! AVX-512 VNNI: 12 rows × 32 columns, 24 accumulators, two registers of B, A broadcast from memory.
//!
//! A group of k has 24 dot products and 14 loads, so the dot products are the limit. If a panel has at most 16 columns, only
//! one register of B is used: short sequences have few keys.

use std::arch::x86_64::{
    __m512, __m512i, __mmask16, _MM_HINT_T0, _mm_prefetch, _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32,
    _mm512_dpwssd_epi32, _mm512_loadu_si512, _mm512_mask_storeu_ps, _mm512_maskz_loadu_epi32, _mm512_maskz_loadu_ps,
    _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_si512,
};

use super::rows512::mask_of_first;
use super::{PANEL, Product, Tile};

/// The number of rows of a full tile.
pub(super) const ROWS: usize = 12;

/// The number of groups of B that are prefetched ahead.
const GROUPS_AHEAD: usize = 16;

/// # Safety
/// The CPU has AVX-512 F and VNNI; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows (see
/// [`super::product`]).
pub(super) unsafe fn tile<P: Product>(rows: usize, t: Tile) {
    // SAFETY: the caller's obligations are those of each of these calls.
    unsafe { if t.columns > 16 { columns::<P, 2>(rows, t) } else { columns::<P, 1>(rows, t) } }
}

/// # Safety
/// The same as [`tile`]; at most 16 × `H` columns.
unsafe fn columns<P: Product, const H: usize>(rows: usize, t: Tile) {
    // SAFETY: the caller's obligations are those of each of these calls.
    unsafe {
        match rows {
            1 => rows_of::<P, H, 1>(t),
            2 => rows_of::<P, H, 2>(t),
            3 => rows_of::<P, H, 3>(t),
            4 => rows_of::<P, H, 4>(t),
            5 => rows_of::<P, H, 5>(t),
            6 => rows_of::<P, H, 6>(t),
            7 => rows_of::<P, H, 7>(t),
            8 => rows_of::<P, H, 8>(t),
            9 => rows_of::<P, H, 9>(t),
            10 => rows_of::<P, H, 10>(t),
            11 => rows_of::<P, H, 11>(t),
            _ => rows_of::<P, H, 12>(t),
        }
    }
}

/// # Safety
/// The same as [`columns`], with `R` rows.
#[expect(
    clippy::needless_range_loop,
    reason = "zipped iterators are not reliably inlined here, which costs a factor of five"
)]
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn rows_of<P: Product, const H: usize, const R: usize>(t: Tile) {
    let mut starts = [_mm512_setzero_si512(); H];
    if !t.offsets.is_null() {
        for half in 0..H {
            // SAFETY: the mask keeps the load inside the panel's `columns` offsets.
            starts[half] = unsafe {
                _mm512_maskz_loadu_epi32(mask_of_first(t.columns.saturating_sub(half * 16)), t.offsets.add(half * 16))
            };
        }
    }
    let mut sums = [starts; R];
    for group in 0..t.groups {
        // SAFETY: group < groups: the panel has PANEL × 4 bytes of it, and each of the R rows of A has 4.
        unsafe {
            let b = t.b.add(group * PANEL * 4);
            let mut columns = [_mm512_setzero_si512(); H];
            for half in 0..H {
                // A hint, not an access: it may point past the panel, hence the wrapping arithmetic.
                _mm_prefetch::<_MM_HINT_T0>(b.wrapping_add(GROUPS_AHEAD * PANEL * 4 + half * 64));
                columns[half] = _mm512_loadu_si512(b.add(half * 64).cast());
            }
            for r in 0..R {
                let a = _mm512_set1_epi32(t.a.add(r * t.a_stride + group * 4).cast::<i32>().read_unaligned());
                for half in 0..H {
                    sums[r][half] = dot::<P>(sums[r][half], a, columns[half]);
                }
            }
        }
    }
    // SAFETY: the caller's obligations.
    unsafe { store(t, sums) };
}

/// Scales and stores the sums of `R` rows. Not inlined, and by value: if this code indexed the sums of the loop above, the compiler might keep
/// them in memory, at half the speed. It did so in the program, not in the benchmarks.
///
/// # Safety
/// The same as [`columns`], with `R` rows.
#[inline(never)]
#[target_feature(enable = "avx512f")]
unsafe fn store<const H: usize, const R: usize>(t: Tile, sums: [[__m512i; H]; R]) {
    for half in 0..H {
        let mask = mask_of_first(t.columns.saturating_sub(half * 16));
        // SAFETY: the mask keeps every access inside the panel's `columns` scales and biases, and the row's elements of
        // C; each of the R rows has a scale.
        unsafe {
            let scale = _mm512_maskz_loadu_ps(mask, t.column_scales.add(half * 16));
            for (r, sums) in sums.iter().enumerate() {
                store_half(t, r, half, mask, scale, sums[half]);
            }
        }
    }
}

/// Scales the sums of a row and half a panel, and stores those of the mask. `scale` has the columns' factors.
///
/// # Safety
/// The CPU has AVX-512 F; the tile has row `r`, and the mask is that of the columns of this half that exist.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn store_half(t: Tile, r: usize, half: usize, mask: __mmask16, scale: __m512, sums: __m512i) {
    // SAFETY: the mask keeps every access inside the panel's biases and the row's elements of C; the row has a scale.
    unsafe {
        let row = _mm512_set1_ps(*t.row_scales.add(r));
        let mut value = _mm512_mul_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sums), row), scale);
        if !t.bias.is_null() {
            value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(mask, t.bias.add(half * 16)));
        }
        let c = t.c.add(r * t.c_stride + half * 16);
        if t.accumulate {
            value = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, c), value);
        }
        _mm512_mask_storeu_ps(c, mask, value);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn dot<P: Product>(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    if P::BYTES { _mm512_dpbusd_epi32(sum, a, b) } else { _mm512_dpwssd_epi32(sum, a, b) }
}
