//! The path for any CPU: one row times one panel, in a form that compilers vectorise.

use super::{PANEL, Tile};

/// The number of rows of a tile.
pub(super) const ROWS: usize = 1;

/// # Safety
/// `rows` is 1 and the tile's pointers are valid for the shape it states (see [`super::gemm`]).
pub(super) unsafe fn tile(_rows: usize, t: Tile) {
    // SAFETY: the caller's obligation, spelled out in gemm(): k elements of A, k × PANEL of B, `columns` of C and of the
    // bias when it is not null.
    let (a, b, c, bias) = unsafe {
        (
            std::slice::from_raw_parts(t.a, t.k),
            std::slice::from_raw_parts(t.b, t.k * PANEL),
            std::slice::from_raw_parts_mut(t.c, t.columns),
            (!t.bias.is_null()).then(|| std::slice::from_raw_parts(t.bias, t.columns)),
        )
    };
    let mut sums = [0.0f32; PANEL];
    for (&x, row) in a.iter().zip(b.chunks_exact(PANEL)) {
        for (sum, &y) in sums.iter_mut().zip(row) {
            *sum += x * y;
        }
    }
    for (j, (out, sum)) in c.iter_mut().zip(sums).enumerate() {
        let before = if t.accumulate { *out } else { 0.0 };
        *out = before + sum + bias.map_or(0.0, |bias| bias[j]);
    }
}
