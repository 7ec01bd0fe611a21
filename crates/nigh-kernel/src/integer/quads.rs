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
/// count: those of row 0 are taken.
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
            let b = &b.data[panel * groups * PANEL * 4..][..groups * PANEL * 4];
            let top = output(0, panel);
            for column in (0..top.columns).step_by(COLUMNS) {
                for (i, row) in (0..a.rows).step_by(ROWS).enumerate() {
                    let tile = Tile {
                        a: a.data[row * a.stride..].as_ptr(),
                        a_stride: a.stride,
                        b: b[column * 4..].as_ptr(),
                        groups,
                        c: top.c.wrapping_add(row * top.c_stride),
                        row_scales: top.row_scales.wrapping_add(row),
                        ..top
                    };
                    let rows = ROWS.min(a.rows - row);
                    let (entries, starts) = (excess.of_tile(i), excess.starts_of(row));
                    // SAFETY: A has whole groups of the rows from `row` on, the panel those of the columns from `column` on, `half` as
                    // many as these; the entries are about groups of these rows, each of which has a start if there are any. The first
                    // tile fills `half`. The caller promises the rest.
                    unsafe {
                        if row == 0 {
                            tile_of::<true>(rows, tile, column, half.as_mut_ptr(), entries, starts);
                        } else {
                            tile_of::<false>(rows, tile, column, half.as_mut_ptr(), entries, starts);
                        }
                    }
                }
            }
        }
    });
}

/// Multiplies rows of A by [`COLUMNS`] columns, of which the first is `first`. The `FIRST` tile of these columns takes them from the panel,
/// where B starts, and copies them to `half`, plus 128 if A is symmetric; the others take them from `half`.
///
/// # Safety
/// The CPU has AVX2; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows; the tile has the column `first`. `half` has
/// [`GROUP_BYTES`] for each group, and the columns themselves unless this is the first tile. The entries are about groups of B, and `starts`
/// has a number for each row.
unsafe fn tile_of<const FIRST: bool>(
    rows: usize,
    t: Tile,
    first: usize,
    half: *mut i8,
    entries: &[[Entry; ROWS]],
    starts: Option<&[i32]>,
) {
    // SAFETY: the caller's obligations are those of each of these calls.
    unsafe {
        match (starts, rows) {
            (Some(starts), 1) => rows_of::<1, true, FIRST>(t, first, half, entries, starts),
            (Some(starts), 2) => rows_of::<2, true, FIRST>(t, first, half, entries, starts),
            (Some(starts), 3) => rows_of::<3, true, FIRST>(t, first, half, entries, starts),
            (Some(starts), _) => rows_of::<4, true, FIRST>(t, first, half, entries, starts),
            (None, 1) => rows_of::<1, false, FIRST>(t, first, half, entries, &[]),
            (None, 2) => rows_of::<2, false, FIRST>(t, first, half, entries, &[]),
            (None, 3) => rows_of::<3, false, FIRST>(t, first, half, entries, &[]),
            (None, _) => rows_of::<4, false, FIRST>(t, first, half, entries, &[]),
        }
    }
}

/// `starts`: one number for each row, with which its sums start, if `SYMMETRIC`.
///
/// # Safety
/// The same as [`tile_of`], with `R` rows.
#[expect(clippy::needless_range_loop, reason = "see avx512.rs")]
#[target_feature(enable = "avx2")]
unsafe fn rows_of<const R: usize, const SYMMETRIC: bool, const FIRST: bool>(
    t: Tile,
    first: usize,
    half: *mut i8,
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
    // From these columns to the next ones: in the same panel, or in the panel after it.
    let next = if first == 0 { GROUP_BYTES } else { t.groups * PANEL * 4 - GROUP_BYTES };
    let columns = |group: usize| {
        let at = half.wrapping_add(group * GROUP_BYTES);
        // SAFETY: group < groups, so that `half` has GROUP_BYTES bytes of it, two registers; so has the panel, PANEL × 4 bytes apart.
        unsafe {
            if !FIRST {
                return load(at);
            }
            // A hint, not an access: it may point past the weights, hence the wrapping arithmetic.
            _mm_prefetch::<_MM_HINT_T0>(t.b.wrapping_add(group * PANEL * 4 + next));
            let flip = _mm256_set1_epi8(if SYMMETRIC { i8::MIN } else { 0 });
            let b = load(t.b.add(group * PANEL * 4)).map(|b| _mm256_xor_si256(b, flip));
            _mm256_storeu_si256(at.cast(), b[0]);
            _mm256_storeu_si256(at.add(32).cast(), b[1]);
            b
        }
    };
    // 1. Quads: two groups of k at a time, then the last one of an odd number.
    for pair in 0..t.groups / 2 {
        let b = [columns(pair * 2), columns(pair * 2 + 1)];
        for r in 0..R {
            // SAFETY: 2 · pair + 1 < groups: each of the R rows of A has 8 bytes.
            let a = unsafe {
                let a = t.a.add(r * t.a_stride + pair * 8);
                [broadcast(a), broadcast(a.add(4))]
            };
            for i in 0..2 {
                let quads =
                    _mm256_add_epi16(multiply::<SYMMETRIC>(a[0], b[0][i]), multiply::<SYMMETRIC>(a[1], b[1][i]));
                sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(quads, ones));
            }
        }
    }
    if t.groups % 2 == 1 {
        let b = columns(t.groups - 1);
        for r in 0..R {
            // SAFETY: each of the R rows has a last group.
            let a = unsafe { broadcast(t.a.add(r * t.a_stride + (t.groups - 1) * 4)) };
            for i in 0..2 {
                let pairs = multiply::<SYMMETRIC>(a, b[i]);
                sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    // 2. The bytes that were moved out of their rows, one of each row at a time.
    for entry in entries {
        for r in 0..R {
            // SAFETY: the entry is about a group of B, which `half` has by now.
            let b = unsafe { load(half.add(entry[r].offset as usize)) };
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

/// Loads two registers.
///
/// # Safety
/// `b` has [`GROUP_BYTES`] bytes.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load(b: *const i8) -> [__m256i; 2] {
    // SAFETY: the caller's obligation: two registers of 32 bytes.
    unsafe { [_mm256_loadu_si256(b.cast()), _mm256_loadu_si256(b.add(32).cast())] }
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
