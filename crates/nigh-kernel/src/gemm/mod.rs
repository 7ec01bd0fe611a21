//! Matrix products of f32, with B packed once: C = A·B, optionally plus a bias and plus the old values of C.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the driver: checks every bound, then loops over panels and row tiles; the scalar reference and the tests |
//! | `pack.rs` | the packed layout of B |
//! | `avx512.rs` | a 12×32 register tile |
//! | `avx2.rs` | a 6×16 register tile |
//! | `portable.rs` | a 1×32 tile in plain Rust |
//!
//! **Layout.** B has k rows and n columns. It is cut into panels of [`PANEL`] columns; a panel holds its k rows one after
//! the other, [`PANEL`] f32 each: `[ceil(n / PANEL)][k][PANEL]`, the last panel padded with zeros. Every path reads
//! the same layout.
//!
//! **Order.** The outer loop is over panels, the inner one over row tiles: one panel (48 KB at k = 384) stays in L1 and L2 for
//! all rows of A. Each element of C is summed over k in the same order in every tile, so a row's result does not depend on the
//! number of rows that are multiplied together.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod pack;
mod portable;

pub use pack::{PANEL, PackedMatrix, pack_columns, pack_rows, packed_len};

use super::simd::{Simd, SimdLevel};

/// The way in which the product is stored in C.
#[derive(Clone, Copy)]
pub enum Store<'a> {
    /// C = A·B.
    Overwrite,
    /// C = A·B + bias, one value per column.
    Bias(&'a [f32]),
    /// C += A·B + bias: the residual connection.
    AddBias(&'a [f32]),
}

/// A: `rows` × `k`, row-major, rows `stride` apart.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// The elements, from the first row on.
    pub data: &'a [f32],
    /// The number of rows.
    pub rows: usize,
    /// Elements from one row to the next.
    pub stride: usize,
}

/// B in the packed layout, borrowed.
#[derive(Clone, Copy)]
pub struct Packed<'a> {
    /// `packed_len(k, n)` elements.
    pub data: &'a [f32],
    /// The number of rows of B: the length of each sum.
    pub k: usize,
    /// The number of columns of B.
    pub n: usize,
}

/// The input of a tile: pointers that the driver has checked.
#[derive(Clone, Copy)]
struct Tile {
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    k: usize,
    c: *mut f32,
    c_stride: usize,
    /// The number of columns of B in this panel, 1..=PANEL.
    columns: usize,
    /// The panel's bias, `columns` values; null for none.
    bias: *const f32,
    /// True if the result is added to the old values of C.
    accumulate: bool,
}

/// Multiplies A and B. `c` is `a.rows` × `b.n`, row-major, rows `c_stride` apart.
///
/// # Panics
/// When a slice is shorter than its shape says, or a stride shorter than its row.
pub fn gemm(simd: Simd, a: Rows<'_>, b: Packed<'_>, store: Store<'_>, c: &mut [f32], c_stride: usize) {
    let (m, k, n) = (a.rows, b.k, b.n);
    if m == 0 || n == 0 {
        return;
    }
    assert!(k > 0 && a.stride >= k && a.data.len() >= (m - 1) * a.stride + k, "A is shorter than {m} rows of {k}");
    assert!(b.data.len() >= packed_len(k, n), "B is shorter than {k} × {n}");
    assert!(c_stride >= n && c.len() >= (m - 1) * c_stride + n, "C is shorter than {m} rows of {n}");
    let (bias, accumulate) = match store {
        Store::Overwrite => (None, false),
        Store::Bias(bias) => (Some(bias), false),
        Store::AddBias(bias) => (Some(bias), true),
    };
    assert!(bias.is_none_or(|bias| bias.len() >= n), "the bias is shorter than {n}");
    let (tile_rows, run): (usize, unsafe fn(usize, Tile)) = match simd.level() {
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 | SimdLevel::Avx512Vnni | SimdLevel::Amx => (avx512::ROWS, avx512::tile),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 | SimdLevel::AvxVnni => (avx2::ROWS, avx2::tile),
        SimdLevel::Portable => (portable::ROWS, portable::tile),
        #[cfg(not(target_arch = "x86_64"))]
        _ => (portable::ROWS, portable::tile),
    };
    for panel in 0..n.div_ceil(PANEL) {
        let column = panel * PANEL;
        let b_panel = &b.data[panel * k * PANEL..][..k * PANEL];
        let bias = bias.map_or(std::ptr::null(), |bias| bias[column..].as_ptr());
        let mut row = 0;
        while row < m {
            let rows = tile_rows.min(m - row);
            let tile = Tile {
                a: a.data[row * a.stride..].as_ptr(),
                a_stride: a.stride,
                b: b_panel.as_ptr(),
                k,
                c: c[row * c_stride + column..].as_mut_ptr(),
                c_stride,
                columns: PANEL.min(n - column),
                bias,
                accumulate,
            };
            // SAFETY: the asserts above bound every access: rows row..row+rows of A have k elements each inside a.data,
            // the panel has k × PANEL elements, the same rows of C have `columns` elements from `column` on, and the
            // bias has as many. `simd` proves that the CPU has the path's instructions. c is borrowed exclusively.
            unsafe { run(rows, tile) };
            row += rows;
        }
    }
}

/// The scalar reference of [`gemm`], in f64 and in plain order.
#[cfg(test)]
fn scalar(a: Rows<'_>, b: &[f32], k: usize, n: usize, bias: Option<&[f32]>, c: &mut [f64], c_stride: usize) {
    for i in 0..a.rows {
        for j in 0..n {
            let sum: f64 = (0..k).map(|p| f64::from(a.data[i * a.stride + p]) * f64::from(b[p * n + j])).sum();
            c[i * c_stride + j] += sum + bias.map_or(0.0, |bias| f64::from(bias[j]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(len: usize, seed: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
            })
            .collect()
    }

    /// Tests one shape on every path, with both packings and all three ways of storing.
    fn check(m: usize, k: usize, n: usize, extra: usize, seed: u32) {
        let (a_stride, c_stride) = (k + extra, n + extra);
        let a = noise(m * a_stride, seed);
        let b = noise(k * n, seed ^ 1);
        let bias = noise(n, seed ^ 2);
        let before = noise(m * c_stride, seed ^ 3);
        let rows = Rows { data: &a, rows: m, stride: a_stride };
        let transposed: Vec<f32> = (0..n * k).map(|i| b[(i % k) * n + i / k]).collect();
        let packed = PackedMatrix::from_rows(&transposed, n, k);
        let mut other = vec![0.0; packed_len(k, n)];
        pack_columns(&b, k, n, n, &mut other);
        assert_eq!(&packed.as_packed().data[..other.len()], &other[..]);
        for (store, adds, biased) in
            [(Store::Overwrite, false, false), (Store::Bias(&bias), false, true), (Store::AddBias(&bias), true, true)]
        {
            let mut expected: Vec<f64> =
                if adds { before.iter().map(|&x| f64::from(x)).collect() } else { vec![0.0; before.len()] };
            scalar(rows, &b, k, n, biased.then_some(&bias), &mut expected, c_stride);
            for simd in Simd::available() {
                let mut c = before.clone();
                gemm(simd, rows, packed.as_packed(), store, &mut c, c_stride);
                for i in 0..m {
                    for j in 0..c_stride {
                        let at = i * c_stride + j;
                        if j >= n {
                            assert_eq!(c[at], before[at], "{simd:?} wrote past column {n}");
                        } else {
                            let difference = (f64::from(c[at]) - expected[at]).abs();
                            assert!(
                                difference < 1e-6 * (k as f64 + 4.0),
                                "{simd:?} {m}×{k}×{n} at {i},{j}: {difference}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn gemm_is_right_for_the_encoders_shapes() {
        for (m, k, n) in [(1, 384, 1152), (13, 384, 384), (11, 1536, 384), (25, 384, 1536), (3, 32, 511), (2, 512, 64)]
        {
            check(m, k, n, 0, 7);
        }
    }

    #[test]
    fn gemm_rows_are_independent_of_each_other() {
        let (k, n) = (384, 96);
        let a = noise(40 * k, 5);
        let packed = PackedMatrix::from_rows(&noise(n * k, 6), n, k);
        for simd in Simd::available() {
            let mut all = vec![0.0; 40 * n];
            gemm(simd, Rows { data: &a, rows: 40, stride: k }, packed.as_packed(), Store::Overwrite, &mut all, n);
            for row in [0, 11, 12, 39] {
                let mut one = vec![0.0; n];
                let alone = Rows { data: &a[row * k..], rows: 1, stride: k };
                gemm(simd, alone, packed.as_packed(), Store::Overwrite, &mut one, n);
                assert_eq!(one, all[row * n..][..n], "{simd:?} row {row}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn gemm_is_right_for_any_shape(m in 1usize..30, k in 1usize..70, n in 1usize..100, extra in 0usize..5, seed: u32) {
            check(m, k, n, extra, seed);
        }
    }
}
