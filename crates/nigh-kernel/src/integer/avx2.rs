//! AVX2: 6 rows × 8 columns, 12 accumulators; a panel is processed in quarters.
//!
//! `vpmaddubsw` would be twice as fast but saturates at 16 bits (255 · 127 · 2 > 32,767), so bytes are widened and
//! multiplied as 16-bit words: this is exact, and about as fast as f32 products. A register then has two half sums for each of
//! four columns; the halves are added at the end.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_set1_epi32, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_cvtepu8_epi16,
    _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi32,
    _mm256_setzero_si256,
};

use super::vnni256::store;
use super::{PANEL, Product, Tile};

/// The number of rows of a full tile.
pub(super) const ROWS: usize = 6;

/// # Safety
/// The CPU has AVX2; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows (see [`super::product`]).
pub(super) unsafe fn tile<P: Product>(rows: usize, t: Tile) {
    for half in 0..t.columns.div_ceil(16) {
        // SAFETY: the caller's obligations are those of each of these calls.
        unsafe {
            match rows {
                1 => rows_of::<P, 1>(t, half),
                2 => rows_of::<P, 2>(t, half),
                3 => rows_of::<P, 3>(t, half),
                4 => rows_of::<P, 4>(t, half),
                5 => rows_of::<P, 5>(t, half),
                _ => rows_of::<P, 6>(t, half),
            }
        }
    }
}

/// # Safety
/// The same as [`tile`], with `R` rows and the half of the panel that starts at column 16 × `half`, which exists.
#[target_feature(enable = "avx2")]
unsafe fn rows_of<P: Product, const R: usize>(t: Tile, half: usize) {
    // SAFETY: quarters 2 × half and 2 × half + 1 are inside the panel's padded layout.
    let (low, high) = unsafe { (quarter::<P, R>(t, half * 2), quarter::<P, R>(t, half * 2 + 1)) };
    for (r, (&low, &high)) in low.iter().zip(&high).enumerate() {
        // SAFETY: of row r < R, columns 16 × half on: store reads and writes those that exist.
        unsafe { store(t, r, half * 16, [low, high]) };
    }
}

/// Computes the sums of eight columns.
///
/// # Safety
/// The same as [`rows_of`]; `quarter` < 4.
#[inline]
#[expect(clippy::needless_range_loop, reason = "see avx512.rs")]
#[target_feature(enable = "avx2")]
unsafe fn quarter<P: Product, const R: usize>(t: Tile, quarter: usize) -> [__m256i; R] {
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    for group in 0..t.groups {
        // SAFETY: group < groups: the panel has PANEL × 4 bytes of it, each of the R rows of A has 4.
        unsafe {
            let b = t.b.add(group * PANEL * 4 + quarter * 32);
            if P::BYTES {
                let b = [
                    _mm256_cvtepi8_epi16(_mm_loadu_si128(b.cast())),
                    _mm256_cvtepi8_epi16(_mm_loadu_si128(b.add(16).cast())),
                ];
                for r in 0..R {
                    let a = t.a.add(r * t.a_stride + group * 4).cast::<i32>().read_unaligned();
                    let a = _mm256_cvtepu8_epi16(_mm_set1_epi32(a));
                    for i in 0..2 {
                        sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(a, b[i]));
                    }
                }
            } else {
                let b = _mm256_loadu_si256(b.cast());
                for r in 0..R {
                    let a = t.a.add(r * t.a_stride + group * 4).cast::<i32>().read_unaligned();
                    let sums = &mut sums[r];
                    sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(_mm256_set1_epi32(a), b));
                }
            }
        }
    }
    sums.map(|[low, high]| {
        if P::BYTES {
            // hadd works within 128-bit lanes: columns 0 1 4 5 | 2 3 6 7.
            _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(low, high))
        } else {
            low
        }
    })
}
