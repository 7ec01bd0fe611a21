//! Activations in 8 bits, in the form that a path multiplies fastest.

use std::ops::Range;

#[cfg(target_arch = "x86_64")]
use super::amx;
use super::operand::{Output, Packed, Rows, U8xI8};
#[cfg(target_arch = "x86_64")]
use super::quads;
use super::quantise::{quantise_rows, quantise_rows_above};
use crate::simd::Simd;
#[cfg(target_arch = "x86_64")]
use crate::simd::SimdLevel;

/// How f32 becomes u8.
#[derive(Debug, Clone, Copy)]
pub enum Steps<'a> {
    /// Times one factor for each column, then symmetric about 128; see [`quantise_rows`].
    Symmetric(&'a [f32]),
    /// Rows of `width` values, none below `floor`; see [`quantise_rows_above`].
    Above {
        /// The lower bound of the values.
        floor: f32,
        /// The number of values in a row.
        width: usize,
    },
}

impl Steps<'_> {
    fn width(&self) -> usize {
        match *self {
            Self::Symmetric(factors) => factors.len(),
            Self::Above { width, .. } => width,
        }
    }
}

/// Quantised rows, each with a scale: the left side of products with weights. The buffers are reused.
#[derive(Debug, Default)]
pub struct Activations {
    bytes: Vec<u8>,
    scales: Vec<f32>,
    /// The number of values in a row.
    width: usize,
    /// The path that the form of the rows belongs to; `None` before the first rows.
    simd: Option<Simd>,
    #[cfg(target_arch = "x86_64")]
    excess: quads::Excess,
}

/// Returns the number of bytes from one row to the next: whole cache lines.
fn stride_of(width: usize) -> usize {
    width.next_multiple_of(64)
}

/// True if a level multiplies bytes in quads.
#[cfg(target_arch = "x86_64")]
fn in_quads(simd: Simd) -> bool {
    matches!(simd.level(), SimdLevel::Avx2 | SimdLevel::Avx512)
}

impl Activations {
    /// Replaces the rows by those of `x`, `[rows, width]`, quantised.
    ///
    /// # Panics
    /// When `x` does not have whole rows, or a row has no values.
    pub fn fill(&mut self, simd: Simd, x: &[f32], steps: Steps<'_>) {
        let width = steps.width();
        assert!(width > 0 && x.len().is_multiple_of(width), "{} values are no rows of {width}", x.len());
        let (rows, stride) = (x.len() / width, stride_of(width));
        (self.width, self.simd) = (width, Some(simd));
        if self.bytes.len() < rows * stride {
            self.bytes.resize(rows * stride, 0);
        }
        self.scales.resize(rows, 0.0);
        let bytes = &mut self.bytes[..rows * stride];
        match steps {
            Steps::Symmetric(factors) => quantise_rows(simd, x, factors, bytes, stride, &mut self.scales),
            Steps::Above { floor, width } => {
                quantise_rows_above(simd, x, width, floor, bytes, stride, &mut self.scales);
            }
        }
        #[cfg(target_arch = "x86_64")]
        if in_quads(simd) {
            let symmetric = matches!(steps, Steps::Symmetric(_));
            // SAFETY: `simd` proves AVX2.
            unsafe { self.excess.split(bytes, stride, width, symmetric) };
        }
    }

    /// Returns one scale for each row.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }
}

/// Multiplies all rows of A by the panels `panels` of the weights, as [`product`](super::product) does with the bytes of A. With
/// [`Steps::Symmetric`], `output.offsets` must be the [`offsets`](super::offsets) of the weights: a path may remove the zero point from
/// A instead.
///
/// # Panics
/// When A was not filled, its rows are not as long as the columns of the weights, or `product` would panic.
pub fn multiply(
    a: &Activations,
    weights: Packed<'_, i8>,
    panels: Range<usize>,
    output: Output<'_>,
    c: &mut [f32],
    c_stride: usize,
) {
    assert!(a.width == weights.k, "rows of {} values, weights of {}", a.width, weights.k);
    let Some(simd) = a.simd else { return };
    let rows = Rows { data: &a.bytes, rows: a.scales.len(), stride: stride_of(a.width) };
    #[cfg(target_arch = "x86_64")]
    {
        let tiles = simd.level() == SimdLevel::Amx && amx::takes(weights.k);
        if tiles || in_quads(simd) {
            if rows.rows == 0 || panels.is_empty() {
                return;
            }
            let tile = super::tiles::<U8xI8>(rows, weights, panels.clone(), output, c, c_stride);
            // SAFETY: `simd` proves AMX or AVX2. `tiles` has checked that the rows from `row` on and the columns of a panel have their
            // elements in A, B, C, scales, offsets and bias. `split` made `excess` from the same rows. c is borrowed exclusively.
            unsafe {
                if tiles {
                    amx::product(rows, weights, panels, tile);
                } else {
                    quads::product(rows, &a.excess, weights, panels, tile);
                }
            }
            return;
        }
    }
    super::product::<U8xI8>(simd, rows, weights, panels, output, c, c_stride);
}
