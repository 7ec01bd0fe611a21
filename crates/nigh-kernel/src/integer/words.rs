//! AVX2: bytes as 16-bit words, so that products of bytes are products of words.
//!
//! Each byte takes part in many products, so widening costs little: a byte of A one instruction of 32 columns of each panel, a byte of B
//! one of [`CHUNK`] rows. The words of a chunk of A and of a panel of B stay in the second-level cache.

use std::cell::RefCell;
use std::ops::Range;

use super::{I16xI16, PANEL, Product, Tile, avx2};

/// The rows of A that are widened together: whole tiles.
const CHUNK: usize = 8 * avx2::ROWS;

/// The words of a thread, kept for its next product. They only grow.
#[derive(Default)]
struct Words {
    a: Vec<i16>,
    b: Vec<i16>,
}

/// Returns the first `length` words, whatever is in them.
fn first(words: &mut Vec<i16>, length: usize) -> &mut [i16] {
    if words.len() < length {
        words.resize(length, 0);
    }
    &mut words[..length]
}

thread_local! {
    static WORDS: RefCell<Words> = RefCell::default();
}

/// A product of bytes: rows of A `a_stride` bytes apart, with `groups` groups of four each, and panels of B.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    pub(super) a: &'a [u8],
    pub(super) a_stride: usize,
    pub(super) rows: usize,
    pub(super) b: &'a [i8],
    pub(super) groups: usize,
}

/// Multiplies all rows by the panels. `output` returns the tile that starts at a row and a panel, of which only C, scales, offsets and bias count.
///
/// # Safety
/// The CPU has AVX2; the tiles that `output` returns are valid for the rows from there to the last one.
pub(super) unsafe fn product(bytes: Bytes<'_>, panels: Range<usize>, output: impl Fn(usize, usize) -> Tile) {
    let Bytes { a, a_stride, rows, b, groups } = bytes;
    let width = groups * 4;
    WORDS.with_borrow_mut(|words| {
        let Words { a: a_words, b: b_words } = words;
        let b_words = first(b_words, avx2::words_of_half(groups));
        for chunk in (0..rows).step_by(CHUNK) {
            let count = CHUNK.min(rows - chunk);
            let a_words = first(a_words, count * width);
            for (r, words) in a_words.chunks_exact_mut(width).enumerate() {
                // SAFETY: the caller has AVX2.
                unsafe { avx2::widen_row(&a[(chunk + r) * a_stride..][..width], words) };
            }
            for panel in panels.clone() {
                let b = &b[panel * width * PANEL..][..width * PANEL];
                for column in (0..output(chunk, panel).columns).step_by(avx2::COLUMNS) {
                    // SAFETY: the caller has AVX2.
                    unsafe { avx2::widen_half(b, column, b_words) };
                    let tiles = count.div_ceil(avx2::ROWS);
                    for tile in 0..tiles {
                        let (row, end) = (tile * count / tiles, (tile + 1) * count / tiles);
                        let tile = Tile {
                            a: a_words[row * width..].as_ptr().cast(),
                            a_stride: width * size_of::<i16>(),
                            b: b_words.as_ptr().cast(),
                            groups: width / I16xI16::GROUP,
                            ..output(chunk + row, panel)
                        };
                        // SAFETY: rows row..end of the chunk have `width` words each, B has as many for each of the columns
                        // from `column` on; the caller promises the rest. end - row is 1..=ROWS.
                        unsafe { avx2::tile_of::<{ avx2::COLUMNS * 4 }>(end - row, tile, column) };
                    }
                }
            }
        }
    });
}
