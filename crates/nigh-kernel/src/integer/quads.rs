//! AVX2: products of bytes, four to a 16-bit sum.
//!
//! `vpmaddubsw` multiplies 32 unsigned bytes by 32 signed ones and adds pairs, but saturates at 16 bits. Two of its results, added, are sums
//! of four products: a quad. Then `vpmaddwd` widens and adds: 5 instructions for 128 multiplications and additions, where products of words
//! need 8. To be exact, no quad may leave 16 bits, whatever the weights are. So bytes that are too large together are moved from their row
//! to a list, its [`Excess`]: in their place the row has zero, and each of them is multiplied alone. Real activations have few of them: for
//! MiniLM and e5, 1 to 9 % of quads lose one byte.
//!
//! - Symmetric activations are about 128. They are used as signed bytes, with the zero point removed; the weights plus 128 are the unsigned
//!   ones. Sum = Σ s · (w + 128) − 128 · Σ s. A quad is safe if its positive s add up to at most 128, and its negative ones to at least −128:
//!   128 · 255 < 2^15.
//! - Activations above a floor are used as unsigned bytes, the weights as signed ones. A quad is safe if its activations add up to at most
//!   255: 255 · 128 < 2^15.
//!
//! A tile has 4 rows × 16 columns: 8 accumulators, 4 registers of B for two groups of k, A broadcast from memory.

use std::arch::x86_64::*;
use std::cell::RefCell;
use std::ops::Range;

use super::Tile;
use super::operand::{PANEL, Packed, Rows};
use super::split::Entry;
pub(super) use super::split::Excess;
use super::vnni256::store;

/// The number of rows of a full tile.
pub(super) const ROWS: usize = 4;

/// The columns that are processed together: two registers.
const COLUMNS: usize = 16;

/// The bytes of a group of these columns.
pub(super) const GROUP_BYTES: usize = COLUMNS * 4;

thread_local! {
    /// Half a panel, kept for the thread's next product. It only grows.
    static HALF: RefCell<Vec<i8>> = RefCell::default();
}

/// Multiplies all rows by the panels. `output` returns the tile that starts at a row and a panel, of which only C, scales, offsets and bias
/// count.
///
/// # Safety
/// The CPU has AVX2; `excess` is that of these rows; the rows and B are valid for the groups of `b`; the tiles that `output` returns
/// are valid for the rows from there to the last one.
pub(super) unsafe fn product(
    a: Rows<'_, u8>,
    excess: &Excess,
    b: Packed<'_, i8>,
    panels: Range<usize>,
    output: impl Fn(usize, usize) -> Tile,
) {
    let groups = b.k.div_ceil(4);
    HALF.with_borrow_mut(|half| {
        half.resize(half.len().max(groups * GROUP_BYTES), 0);
        for panel in panels {
            let panel_start = panel * groups * PANEL * 4;
            let b = &b.data[panel_start..][..groups * PANEL * 4];
            for column in (0..output(0, panel).columns).step_by(COLUMNS) {
                // SAFETY: the caller has AVX2.
                unsafe { copy_half(b, column, excess.is_symmetric(), half) };
                for row in (0..a.rows).step_by(ROWS) {
                    let tile = Tile {
                        a: a.data[row * a.stride..].as_ptr(),
                        a_stride: a.stride,
                        b: half.as_ptr(),
                        groups,
                        ..output(row, panel)
                    };
                    // SAFETY: A has whole groups of the rows from `row` on, `half` has the groups of the columns from `column` on,
                    // and the entries of `excess` are about groups of these rows; the caller promises the rest.
                    unsafe { tile_of(ROWS.min(a.rows - row), tile, column, excess, row) };
                }
            }
        }
    });
}

/// Copies half a panel, from column `first` on; plus 128 (modulo 256) if `flipped`.
///
/// # Panics
/// When `half` is shorter than half the panel, or the half is not in the panel.
#[target_feature(enable = "avx2")]
fn copy_half(panel: &[i8], first: usize, flipped: bool, half: &mut [i8]) {
    let groups = panel.len() / (PANEL * 4);
    assert!(half.len() >= groups * GROUP_BYTES && first + COLUMNS <= PANEL, "{groups} groups of half a panel");
    let flip = _mm256_set1_epi8(if flipped { i8::MIN } else { 0 });
    // The half that comes next: in the same panel, or at the start of the next one.
    let next = panel.as_ptr().wrapping_add(if first == 0 { GROUP_BYTES } else { panel.len() });
    for group in 0..groups {
        // A hint, not an access: it may point past the weights, hence the wrapping arithmetic.
        _mm_prefetch::<_MM_HINT_T0>(next.wrapping_add(group * PANEL * 4));
        for register in 0..2 {
            // SAFETY: first + COLUMNS ≤ PANEL, so that the group has the 64 bytes from `first` on; `half` has as many for each group.
            unsafe {
                let from = panel.as_ptr().add((group * PANEL + first) * 4 + register * 32).cast();
                let to = half.as_mut_ptr().add(group * GROUP_BYTES + register * 32).cast();
                _mm256_storeu_si256(to, _mm256_xor_si256(_mm256_loadu_si256(from), flip));
            }
        }
    }
}

/// Multiplies rows of A by [`COLUMNS`] columns, of which the first is `first`.
///
/// # Safety
/// The CPU has AVX2; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows; the tile has the column `first`. `excess`
/// has the entries of these rows, of which the first is `row`, a multiple of [`ROWS`].
unsafe fn tile_of(rows: usize, t: Tile, first: usize, excess: &Excess, row: usize) {
    let entries = excess.of_tile(row / ROWS);
    // SAFETY: the caller's obligations are those of each of these calls.
    unsafe {
        match (excess.starts_of(row), rows) {
            (Some(starts), 1) => rows_of::<1, true>(t, first, entries, starts),
            (Some(starts), 2) => rows_of::<2, true>(t, first, entries, starts),
            (Some(starts), 3) => rows_of::<3, true>(t, first, entries, starts),
            (Some(starts), _) => rows_of::<4, true>(t, first, entries, starts),
            (None, 1) => rows_of::<1, false>(t, first, entries, &[]),
            (None, 2) => rows_of::<2, false>(t, first, entries, &[]),
            (None, 3) => rows_of::<3, false>(t, first, entries, &[]),
            (None, _) => rows_of::<4, false>(t, first, entries, &[]),
        }
    }
}

/// `starts`: one number for each row, with which its sums start, if `SYMMETRIC`.
///
/// # Safety
/// The same as [`tile_of`], with `R` rows.
#[expect(clippy::needless_range_loop, reason = "see avx512.rs")]
#[target_feature(enable = "avx2")]
unsafe fn rows_of<const R: usize, const SYMMETRIC: bool>(
    t: Tile,
    first: usize,
    entries: &[[Entry; ROWS]],
    starts: &[i32],
) {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    if SYMMETRIC {
        for r in 0..R {
            sums[r] = [_mm256_set1_epi32(starts[r]); 2];
        }
    }
    // 1. Quads: two groups of k at a time, then the last one of an odd number.
    for pair in 0..t.groups / 2 {
        // SAFETY: 2 · pair + 1 < groups: B has two registers of each of the two groups, each of the R rows of A has 8 bytes.
        unsafe {
            let b = [columns_of(t.b, pair * 2), columns_of(t.b, pair * 2 + 1)];
            for r in 0..R {
                let a = t.a.add(r * t.a_stride + pair * 8);
                let a = [broadcast(a), broadcast(a.add(4))];
                for i in 0..2 {
                    let quads =
                        _mm256_add_epi16(multiply::<SYMMETRIC>(a[0], b[0][i]), multiply::<SYMMETRIC>(a[1], b[1][i]));
                    sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(quads, ones));
                }
            }
        }
    }
    if t.groups % 2 == 1 {
        // SAFETY: B and each of the R rows have a last group.
        unsafe {
            let b = columns_of(t.b, t.groups - 1);
            for r in 0..R {
                let a = broadcast(t.a.add(r * t.a_stride + (t.groups - 1) * 4));
                for i in 0..2 {
                    let pairs = multiply::<SYMMETRIC>(a, b[i]);
                    sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(pairs, ones));
                }
            }
        }
    }
    // 2. The bytes that were moved out of their rows, one of each row at a time.
    for entry in entries {
        for r in 0..R {
            // SAFETY: the entry's group is one of A's rows, so B has two registers of it.
            let b = unsafe { columns_at(t.b, entry[r].offset as usize) };
            let a = _mm256_set1_epi32(entry[r].bytes);
            for i in 0..2 {
                let pairs = multiply::<SYMMETRIC>(a, b[i]);
                sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    // The sums of symmetric activations have no zero point that offsets would remove.
    let t = if SYMMETRIC { Tile { offsets: std::ptr::null(), ..t } } else { t };
    // SAFETY: the tile has R rows and the column `first`.
    unsafe { store(t, first, sums) };
}

/// Returns sums of pairs of products. They fit 16 bits if the activations are safe.
#[inline]
#[target_feature(enable = "avx2")]
fn multiply<const SYMMETRIC: bool>(a: __m256i, b: __m256i) -> __m256i {
    if SYMMETRIC { _mm256_maddubs_epi16(b, a) } else { _mm256_maddubs_epi16(a, b) }
}

/// Loads a group of all columns.
///
/// # Safety
/// `b` has the group.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn columns_of(b: *const i8, group: usize) -> [__m256i; 2] {
    // SAFETY: the caller's obligation.
    unsafe { columns_at(b, group * GROUP_BYTES) }
}

/// # Safety
/// `b` has [`GROUP_BYTES`] bytes from `offset` on.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn columns_at(b: *const i8, offset: usize) -> [__m256i; 2] {
    // SAFETY: the caller's obligation: two registers of 32 bytes.
    unsafe {
        let b = b.add(offset);
        [_mm256_loadu_si256(b.cast()), _mm256_loadu_si256(b.add(32).cast())]
    }
}

/// Loads a group of a row into every column.
///
/// # Safety
/// `a` has 4 bytes.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn broadcast(a: *const u8) -> __m256i {
    // SAFETY: the caller's obligation.
    _mm256_set1_epi32(unsafe { a.cast::<i32>().read_unaligned() })
}
