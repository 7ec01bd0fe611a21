//! AVX2: moves bytes out of rows of activations, until every quad is safe to multiply; see `quads.rs`.

use std::arch::x86_64::*;

use super::quads::{GROUP_BYTES, ROWS};
use super::quantise::ZERO_POINT;

/// The largest sum of the positive bytes of a symmetric quad, and of the magnitudes of its negative ones.
const SYMMETRIC_LIMIT: i32 = 128;

/// The largest sum of an unsigned quad.
const UNSIGNED_LIMIT: i32 = 255;

/// The bytes of a quad, from its first one on: pairs of two neighbouring groups of four.
const QUAD: [usize; 4] = [0, 1, 4, 5];

/// A group of four bytes of which only one is not 0. The default, all 0, adds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    /// The number of the group in its row, times the bytes of a group of a tile's columns.
    pub(super) offset: u32,
    pub(super) bytes: i32,
}

/// The bytes that were moved out of rows, and the sums of the rows.
#[derive(Debug, Default)]
pub(super) struct Excess {
    /// The entries of all tiles of [`ROWS`] rows: one of each row, side by side.
    entries: Vec<[Entry; ROWS]>,
    /// For each tile, the end of its entries.
    ends: Vec<usize>,
    /// For each row, −128 times the sum of its signed bytes, with those that were moved. Empty if the rows are unsigned.
    starts: Vec<i32>,
    /// The entries of the rows of one tile.
    moved: [Vec<Entry>; ROWS],
}

impl Excess {
    /// Returns the entries of a tile.
    pub(super) fn of_tile(&self, tile: usize) -> &[[Entry; ROWS]] {
        let start = tile.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.entries[start..self.ends[tile]]
    }

    /// Returns the numbers with which the sums of the rows from `row` on start; `None` if the rows are unsigned.
    pub(super) fn starts_of(&self, row: usize) -> Option<&[i32]> {
        self.starts.get(row..).filter(|starts| !starts.is_empty())
    }

    /// Makes rows of `width` bytes, `stride` apart, safe. Symmetric ones lose their zero point and become signed. The bytes after `width`
    /// become 0.
    ///
    /// # Safety
    /// The CPU has AVX2.
    ///
    /// # Panics
    /// When `stride` is not a multiple of 32, or shorter than `width`.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn split(&mut self, rows: &mut [u8], stride: usize, width: usize, symmetric: bool) {
        assert!(stride.is_multiple_of(32) && stride >= width, "rows of {width} bytes, {stride} apart");
        self.entries.clear();
        self.ends.clear();
        self.starts.clear();
        for tile in rows.chunks_mut(ROWS * stride) {
            for moved in &mut self.moved {
                moved.clear();
            }
            for (row, moved) in tile.chunks_exact_mut(stride).zip(&mut self.moved) {
                if symmetric {
                    row[width..].fill(ZERO_POINT as u8);
                    self.starts.push(-ZERO_POINT * split_row::<true>(row, moved));
                } else {
                    row[width..].fill(0);
                    split_row::<false>(row, moved);
                }
            }
            let most = self.moved.iter().map(Vec::len).max().unwrap_or(0);
            let entry = |i: usize| self.moved.each_ref().map(|moved| moved.get(i).copied().unwrap_or_default());
            self.entries.extend((0..most).map(entry));
            self.ends.push(self.entries.len());
        }
    }
}

/// Splits one row, a multiple of 32 bytes. Returns the sum of its signed bytes if it is symmetric.
#[target_feature(enable = "avx2")]
fn split_row<const SYMMETRIC: bool>(row: &mut [u8], moved: &mut Vec<Entry>) -> i32 {
    let (zero, ones) = (_mm256_setzero_si256(), _mm256_set1_epi8(1));
    // A quad's sum is in the first two words of each four.
    let firsts = _mm256_set1_epi64x(0xffff_ffff);
    let mut sums = zero;
    for at in (0..row.len()).step_by(32) {
        // SAFETY: the row has 32 bytes from `at` on: its length is a multiple of 32.
        let x = unsafe { _mm256_loadu_si256(row.as_ptr().add(at).cast()) };
        let over = if SYMMETRIC {
            let x = _mm256_xor_si256(x, _mm256_set1_epi8(i8::MIN));
            // SAFETY: as above.
            unsafe { _mm256_storeu_si256(row.as_mut_ptr().add(at).cast(), x) };
            let pairs = _mm256_maddubs_epi16(ones, x);
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
            let limit = _mm256_set1_epi16(SYMMETRIC_LIMIT as i16);
            // As unsigned bytes, since the magnitude of −128 is 128.
            let (above, below) = (_mm256_max_epi8(x, zero), _mm256_sub_epi8(zero, _mm256_min_epi8(x, zero)));
            let [above, below] = [above, below].map(|part| _mm256_cmpgt_epi16(quads_of(part), limit));
            _mm256_or_si256(above, below)
        } else {
            _mm256_cmpgt_epi16(quads_of(x), _mm256_set1_epi16(UNSIGNED_LIMIT as i16))
        };
        let mut over = _mm256_movemask_epi8(_mm256_and_si256(over, firsts)) as u32;
        while over != 0 {
            // Two bits for each word.
            let byte = over.trailing_zeros();
            over &= !(0b11 << byte);
            lighten::<SYMMETRIC>(row, at + byte as usize, moved);
        }
    }
    let mut lanes = [0i32; 8];
    // SAFETY: `lanes` has 32 bytes.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sums) };
    lanes.iter().sum()
}

/// Returns the sum of each quad of unsigned bytes, in the first two words of each four.
#[inline]
#[target_feature(enable = "avx2")]
fn quads_of(x: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(x, _mm256_set1_epi8(1));
    _mm256_add_epi16(pairs, _mm256_srli_epi64::<32>(pairs))
}

/// Moves the largest bytes of the quad that starts at `first` out of the row, until the rest is safe.
fn lighten<const SYMMETRIC: bool>(row: &mut [u8], first: usize, moved: &mut Vec<Entry>) {
    let value = |byte: u8| if SYMMETRIC { i32::from(byte as i8) } else { i32::from(byte) };
    let limit = if SYMMETRIC { SYMMETRIC_LIMIT } else { UNSIGNED_LIMIT };
    loop {
        let quad = QUAD.map(|i| value(row[first + i]));
        let above: i32 = quad.iter().map(|&x| x.max(0)).sum();
        let below: i32 = quad.iter().map(|&x| x.min(0)).sum();
        let largest = if above > limit {
            (0..4).max_by_key(|&i| quad[i])
        } else if below < -limit {
            (0..4).min_by_key(|&i| quad[i])
        } else {
            None
        };
        let Some(i) = largest else { return };
        let at = first + QUAD[i];
        let bytes = i32::from(row[at]) << (at % 4 * 8);
        moved.push(Entry { offset: (at / 4 * GROUP_BYTES) as u32, bytes });
        row[at] = 0;
    }
}
