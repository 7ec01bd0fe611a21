//! Integer matrix products, with B packed once: C = scale(A·B), optionally plus a bias and plus the old values of C. Sums are
//! exact, so every path gives the same bits, and a row's result depends on that row alone.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the driver: checks every bound, then loops over panels and row tiles |
//! | `operand.rs` | the two kinds of product, the packed layout, and how a sum becomes a result |
//! | `quantise.rs` | f32 to integers: rows of activations, weights, attention's keys and values |
//! | `rows256.rs` | AVX2 forms of the operations that take most time |
//! | `rows512.rs` | AVX-512 forms of the operations that take most time |
//! | `amx.rs` | AMX: products of activations with weights in tile registers, 32×32 sums |
//! | `avx512.rs` | AVX-512 VNNI: a 12×32 register tile |
//! | `vnni256.rs` | the same dot products at 256 bits (AVX-VNNI, or AVX-512 VNNI with VL): a 6×16 tile |
//! | `avx2.rs` | AVX2: products of 16-bit words, a 6×16 tile |
//! | `words.rs` | AVX2: bytes widened to words |
//! | `activations.rs` | quantised rows that many products share, in the form of their path |
//! | `quads.rs` | AVX2: products of such rows with weights, four to a 16-bit sum: a 4×16 tile |
//! | `bounds.rs` | how fast the products of a path could be; for benchmarks |
//! | `split.rs` | AVX2: makes those rows safe for 16-bit sums |
//! | `portable.rs` | plain Rust; the scalar reference |
//! | `tests.rs` | every path against the reference, over odd shapes |
//!
//! **Kinds.** [`U8xI8`]: A is u8, B is i8, four of k at a time (`vpdpbusd`). [`I16xI16`]: A and B are i16, two at a time
//! (`vpdpwssd`). Both add to i32, and both take 4 bytes of A and of each column of B at a time, so they share a layout.
//!
//! **Layout.** B (k rows, n columns) is cut into panels of [`PANEL`] columns; a panel holds, for each group of k, the
//! group's 4 bytes of each of its columns: `[ceil(n / PANEL)][ceil(k / GROUP)][PANEL][GROUP]`, padded with zeros. On
//! ARM, `sdot` could use the same groups: a 16-byte load has four columns of one group. The offset of A's bytes would have to
//! be removed (xor 0x80).
//!
//! **Order.** The loops are those of `gemm`: panels outside, row tiles inside. The tiles have nearly equal heights.

mod activations;
#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod bounds;
mod operand;
mod portable;
#[cfg(target_arch = "x86_64")]
mod quads;
mod quantise;
#[cfg(target_arch = "x86_64")]
mod rows256;
#[cfg(target_arch = "x86_64")]
mod rows512;
#[cfg(target_arch = "x86_64")]
mod split;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod vnni256;
#[cfg(target_arch = "x86_64")]
mod words;

use std::ops::Range;

pub use activations::{Activations, Steps, multiply};
#[doc(hidden)]
pub use bounds::from_registers;
pub use operand::{I16xI16, Output, PANEL, Packed, Product, Rows, U8xI8, groups, packed_len};
pub use quantise::{
    ZERO_POINT, max_abs, offsets, pack_columns_i16, pack_rows_i8, quantise_rows, quantise_rows_above, quantise_weights,
    rows_to_u8, softmax_i16,
};

use super::simd::{Simd, SimdLevel};

/// The input of a tile: pointers that the driver has checked. A and B are read 4 bytes at a time.
#[derive(Clone, Copy)]
struct Tile {
    a: *const u8,
    /// The number of bytes from one row of A to the next.
    a_stride: usize,
    b: *const i8,
    /// The number of groups of k.
    groups: usize,
    c: *mut f32,
    c_stride: usize,
    /// The number of columns of B in this panel, 1..=PANEL.
    columns: usize,
    /// One factor per row.
    row_scales: *const f32,
    /// One factor per column of the panel.
    column_scales: *const f32,
    /// Numbers added to the sums, one per column of the panel; null for none.
    offsets: *const i32,
    /// Numbers added after the scales, one per column of the panel; null for none.
    bias: *const f32,
    /// True if the result is added to the old values of C.
    accumulate: bool,
}

type Run = unsafe fn(usize, Tile);

/// Multiplies the rows of A by the panels `panels` of B. `c` receives the columns of those panels: row-major,
/// rows `c_stride` apart. The slices of `output` belong to all of B's columns.
///
/// A sum s in row i and column j becomes, in this order and in f32: `(s + offsets[j]) · row_scales[i] ·
/// column_scales[j] + bias[j]`, then C's value is added if `output.accumulate`.
///
/// # Panics
/// When a slice is shorter than its shape says, or a stride shorter than its row.
pub fn product<P: Product>(
    simd: Simd,
    a: Rows<'_, P::A>,
    b: Packed<'_, P::B>,
    panels: Range<usize>,
    output: Output<'_>,
    c: &mut [f32],
    c_stride: usize,
) {
    if a.rows == 0 || panels.is_empty() {
        return;
    }
    let output = tiles::<P>(a, b, panels.clone(), output, c, c_stride);
    #[cfg(target_arch = "x86_64")]
    if let (Some((a_bytes, b_bytes)), SimdLevel::Avx2 | SimdLevel::Avx512) = (P::bytes(a.data, b.data), simd.level()) {
        let groups = groups::<P>(b.k);
        let bytes = words::Bytes { a: a_bytes, a_stride: a.stride, rows: a.rows, b: b_bytes, groups };
        // SAFETY: `simd` proves AVX2. `tiles` has checked every bound: the rows from `row` on and the columns of the panel have
        // their elements in C, scales, offsets and bias. c is borrowed exclusively.
        unsafe { words::product(bytes, panels, output) };
        return;
    }
    let (max_rows, run): (usize, Run) = path::<P>(simd);
    let tiles = a.rows.div_ceil(max_rows);
    for panel in panels {
        for tile in 0..tiles {
            let (row, end) = (tile * a.rows / tiles, (tile + 1) * a.rows / tiles);
            // SAFETY: `tiles` has checked every bound: rows row..end of A have groups × 4 bytes each inside
            // a.data, the panel has as many for each of PANEL columns, the same rows of C have `columns` elements, and so
            // have scales, offsets and bias; end - row is 1..=max_rows. `simd` proves that the CPU has the path's
            // instructions. c is borrowed exclusively.
            unsafe { run(end - row, output(row, panel)) };
        }
    }
}

/// Checks that every slice is as long as the shapes say. Returns a function from a row and a panel to the tile that starts there.
fn tiles<P: Product>(
    a: Rows<'_, P::A>,
    b: Packed<'_, P::B>,
    panels: Range<usize>,
    output: Output<'_>,
    c: &mut [f32],
    c_stride: usize,
) -> impl Fn(usize, usize) -> Tile {
    let (m, k, n) = (a.rows, b.k, b.n);
    let groups = groups::<P>(k);
    let width = groups * P::GROUP;
    let first = panels.start * PANEL;
    assert!(panels.end <= n.div_ceil(PANEL), "B has no panels {panels:?}");
    let columns = (panels.end * PANEL).min(n) - first;
    assert!(k > 0 && a.stride >= width && a.data.len() >= (m - 1) * a.stride + width, "A is shorter than {m} rows");
    assert!(b.data.len() >= packed_len::<P>(k, n), "B is shorter than {k} × {n}");
    assert!(c_stride >= columns && c.len() >= (m - 1) * c_stride + columns, "C is shorter than {m} rows of {columns}");
    assert!(output.row_scales.len() >= m && output.column_scales.len() >= n, "scales for {m} × {n}");
    assert!(output.offsets.is_none_or(|offsets| offsets.len() >= n), "the offsets are fewer than {n}");
    assert!(output.bias.is_none_or(|bias| bias.len() >= n), "the bias is shorter than {n}");
    let c_start = c.as_mut_ptr();
    move |row: usize, panel: usize| {
        let column = panel * PANEL;
        Tile {
            a: a.data[row * a.stride..].as_ptr().cast(),
            a_stride: a.stride * size_of::<P::A>(),
            b: b.data[panel * width * PANEL..][..width * PANEL].as_ptr().cast(),
            groups,
            c: c_start.wrapping_add(row * c_stride + column - first),
            c_stride,
            columns: PANEL.min(n - column),
            row_scales: output.row_scales[row..].as_ptr(),
            column_scales: output.column_scales[column..].as_ptr(),
            offsets: output.offsets.map_or(std::ptr::null(), |offsets| offsets[column..].as_ptr()),
            bias: output.bias.map_or(std::ptr::null(), |bias| bias[column..].as_ptr()),
            accumulate: output.accumulate,
        }
    }
}

/// Returns the tile of a path, and its largest number of rows. With AVX2, that of words.
fn path<P: Product>(simd: Simd) -> (usize, Run) {
    match simd.level() {
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512Vnni | SimdLevel::Amx => (avx512::ROWS, avx512::tile::<P>),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::AvxVnni => (vnni256::ROWS, vnni256::tile::<P>()),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 | SimdLevel::Avx512 => (avx2::ROWS, avx2::tile),
        SimdLevel::Portable => (portable::ROWS, portable::tile::<P>),
        #[cfg(not(target_arch = "x86_64"))]
        _ => (portable::ROWS, portable::tile::<P>),
    }
}
