//! AVX2: 16-bit words, 6 rows × 16 columns, 12 accumulators, two registers of B, A broadcast from memory.
//!
//! `vpmaddubsw` multiplies bytes, but saturates at 16 bits (255 · 127 · 2 > 32,767). So `words.rs` widens bytes to words, once for many
//! products, and `vpmaddwd` multiplies them: this is exact. A group of k has two products for each number of C: 12 products and 12
//! additions, 8 loads. Signs moved from A to B by `vpsignb` need as many instructions, and more loads.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_castps_si256, _mm256_castsi256_ps,
    _mm256_cvtepi8_epi16, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_shuffle_ps, _mm256_storeu_si256,
};

use super::vnni256::store;
use super::{PANEL, Tile};

/// The number of rows of a full tile.
pub(super) const ROWS: usize = 6;

/// The columns that are processed together: two registers.
pub(super) const COLUMNS: usize = 16;

/// The bytes of a group of one register's columns.
const REGISTER: usize = 32;

/// Multiplies words.
///
/// # Safety
/// The CPU has AVX2; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows of words (see [`super::product`]).
pub(super) unsafe fn tile(rows: usize, t: Tile) {
    for half in 0..t.columns.div_ceil(COLUMNS) {
        let b = t.b.wrapping_add(half * 2 * REGISTER);
        // SAFETY: the caller's obligations; the panel has this half, with its groups PANEL × 4 bytes apart.
        unsafe { tile_of::<{ PANEL * 4 }>(rows, Tile { b, ..t }, half * COLUMNS) };
    }
}

/// Multiplies words by [`COLUMNS`] columns, of which the first is `first`. `t.b` has only these: its groups are `STRIDE` bytes apart.
///
/// # Safety
/// The same as [`tile`]; the tile has the column `first`.
pub(super) unsafe fn tile_of<const STRIDE: usize>(rows: usize, t: Tile, first: usize) {
    // SAFETY: the caller's obligations are those of each of these calls.
    unsafe {
        match rows {
            1 => rows_of::<1, STRIDE>(t, first),
            2 => rows_of::<2, STRIDE>(t, first),
            3 => rows_of::<3, STRIDE>(t, first),
            4 => rows_of::<4, STRIDE>(t, first),
            5 => rows_of::<5, STRIDE>(t, first),
            _ => rows_of::<6, STRIDE>(t, first),
        }
    }
}

/// # Safety
/// The same as [`tile_of`], with `R` rows.
#[expect(clippy::needless_range_loop, reason = "see avx512.rs")]
#[target_feature(enable = "avx2")]
unsafe fn rows_of<const R: usize, const STRIDE: usize>(t: Tile, first: usize) {
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    for group in 0..t.groups {
        // SAFETY: group < groups: B has two registers of it, each of the R rows of A has 4 bytes.
        unsafe {
            let b = t.b.add(group * STRIDE);
            let b = [_mm256_loadu_si256(b.cast()), _mm256_loadu_si256(b.add(REGISTER).cast())];
            for r in 0..R {
                let a = t.a.add(r * t.a_stride + group * 4).cast::<i32>().read_unaligned();
                let a = _mm256_set1_epi32(a);
                for i in 0..2 {
                    sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(a, b[i]));
                }
            }
        }
    }
    // SAFETY: the tile has R rows and the column `first`.
    unsafe { store(t, first, sums) };
}

/// Widens one row of A.
#[target_feature(enable = "avx2")]
pub(super) fn widen_row(bytes: &[u8], words: &mut [i16]) {
    for (word, &byte) in words.iter_mut().zip(bytes) {
        *word = i16::from(byte);
    }
}

/// The words of [`COLUMNS`] columns of a panel with `groups` groups of four bytes.
pub(super) const fn words_of_half(groups: usize) -> usize {
    groups * 4 * COLUMNS
}

/// Widens half a panel of bytes, from column `first` on: each group of four becomes two of two, next to each other.
///
/// # Panics
/// When `words` is shorter than [`words_of_half`] of the whole groups of `bytes`, or the half is not in the panel.
#[target_feature(enable = "avx2")]
pub(super) fn widen_half(bytes: &[i8], first: usize, words: &mut [i16]) {
    let groups = bytes.len() / (PANEL * 4);
    assert!(words.len() >= words_of_half(groups) && first + COLUMNS <= PANEL, "{groups} groups of words");
    for group in 0..groups {
        for eight in 0..2 {
            // SAFETY: first + 16 ≤ PANEL: 32 bytes of group < groups are read. In its two groups of words, 32 bytes each are written.
            unsafe {
                let from = bytes.as_ptr().add((group * PANEL + first + eight * 8) * 4).cast::<__m128i>();
                // Four columns in a register, each with its values 0 1 and 2 3 of k.
                let low = _mm256_cvtepi8_epi16(_mm_loadu_si128(from));
                let high = _mm256_cvtepi8_epi16(_mm_loadu_si128(from.add(1)));
                let to = words.as_mut_ptr().add(words_of_half(group)).cast::<__m256i>().add(eight);
                _mm256_storeu_si256(to, pairs::<0b10_00_10_00>(low, high));
                _mm256_storeu_si256(to.add(2), pairs::<0b11_01_11_01>(low, high));
            }
        }
    }
}

/// Returns every second pair of words of `low`, then of `high`: the even ones or the odd ones.
#[inline]
#[target_feature(enable = "avx2")]
fn pairs<const WHICH: i32>(low: __m256i, high: __m256i) -> __m256i {
    let mixed = _mm256_shuffle_ps::<WHICH>(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high));
    // The shuffle works within 128-bit lanes: columns 0 1 4 5 | 2 3 6 7.
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(mixed))
}
