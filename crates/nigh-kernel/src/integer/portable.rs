//! Plain Rust: one row × 32 columns. The scalar reference that the other paths are tested against.

use super::{PANEL, Product, Tile};

/// The number of rows of a tile.
pub(super) const ROWS: usize = 1;

/// # Safety
/// `rows` is 1; the tile's pointers are valid for one row (see [`super::product`]).
pub(super) unsafe fn tile<P: Product>(_rows: usize, t: Tile) {
    // SAFETY: the caller's obligation: lengths in bytes or elements as `Tile` says.
    let (a, b, scales) = unsafe {
        (
            std::slice::from_raw_parts(t.a, t.groups * 4),
            std::slice::from_raw_parts(t.b, t.groups * PANEL * 4),
            std::slice::from_raw_parts(t.column_scales, t.columns),
        )
    };
    let mut sums = [0i32; PANEL];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<{ PANEL * 4 }>().0) {
        for (sum, b) in sums.iter_mut().zip(b.as_chunks::<4>().0) {
            *sum += dot::<P>(*a, *b);
        }
    }
    // SAFETY: the caller's obligation: one row's scale, and `columns` elements behind each of the other pointers that is not
    // null.
    unsafe {
        let row = *t.row_scales;
        for (j, &scale) in scales.iter().enumerate() {
            let offset = if t.offsets.is_null() { 0 } else { *t.offsets.add(j) };
            let mut value = sums[j].wrapping_add(offset) as f32 * row * scale;
            if !t.bias.is_null() {
                value += *t.bias.add(j);
            }
            let c = t.c.add(j);
            *c = if t.accumulate { *c + value } else { value };
        }
    }
}

/// Multiplies one group.
#[inline(always)]
fn dot<P: Product>(a: [u8; 4], b: [i8; 4]) -> i32 {
    if P::BYTES {
        a.iter().zip(b).map(|(&a, b)| i32::from(a) * i32::from(b)).sum()
    } else {
        let word = |low: u8, high: u8| i32::from(u16::from_le_bytes([low, high]) as i16);
        let b = b.map(|b| b as u8);
        word(a[0], a[1]) * word(b[0], b[1]) + word(a[2], a[3]) * word(b[2], b[3])
    }
}
