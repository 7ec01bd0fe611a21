//! The packed layout of a product's right side; see `mod.rs` for its shape.

use super::Packed;
use crate::Aligned;

/// The number of columns of a panel: two AVX-512 registers, or four AVX2 registers.
pub const PANEL: usize = 32;

/// Returns the number of f32 of a packed k × n matrix.
pub fn packed_len(k: usize, n: usize) -> usize {
    n.div_ceil(PANEL) * PANEL * k
}

/// A packed matrix that owns its memory: a layer's weights.
#[derive(Clone)]
pub struct PackedMatrix {
    data: Aligned<f32>,
    k: usize,
    n: usize,
}

impl PackedMatrix {
    /// Packs weights as models store them: `[n, k]`, one row per output, row-major.
    ///
    /// # Panics
    /// When `rows` does not have n × k elements.
    pub fn from_rows(rows: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(rows.len(), n * k, "weights of {n} × {k}");
        let mut data = Aligned::<f32>::zeroed(packed_len(k, n));
        pack_rows(rows, k, n, k, &mut data);
        Self { data, k, n }
    }

    /// Borrows it in the form that [`super::gemm`] takes.
    pub fn as_packed(&self) -> Packed<'_> {
        Packed { data: &self.data, k: self.k, n: self.n }
    }

    /// Returns the number of outputs, which are the columns of the product.
    pub fn columns(&self) -> usize {
        self.n
    }
}

/// Packs Bᵀ given as n rows of k elements, `stride` apart (weights; the keys of attention).
///
/// # Panics
/// When a slice is shorter than its shape says.
pub fn pack_rows(rows: &[f32], k: usize, n: usize, stride: usize, out: &mut [f32]) {
    for (panel, out) in out[..packed_len(k, n)].chunks_exact_mut(k * PANEL).enumerate() {
        let first = panel * PANEL;
        let width = PANEL.min(n - first);
        if width < PANEL {
            out.fill(0.0);
        }
        for column in 0..width {
            let row = &rows[(first + column) * stride..][..k];
            for (p, &value) in row.iter().enumerate() {
                out[p * PANEL + column] = value;
            }
        }
    }
}

/// Packs B given as k rows of n elements, `stride` apart (the values of attention).
///
/// # Panics
/// When a slice is shorter than its shape says.
pub fn pack_columns(rows: &[f32], k: usize, n: usize, stride: usize, out: &mut [f32]) {
    for (panel, out) in out[..packed_len(k, n)].chunks_exact_mut(k * PANEL).enumerate() {
        let first = panel * PANEL;
        let width = PANEL.min(n - first);
        for (p, out) in out.chunks_exact_mut(PANEL).enumerate() {
            out[..width].copy_from_slice(&rows[p * stride + first..][..width]);
            out[width..].fill(0.0);
        }
    }
}
