//! VNNI at 256 bits: 6 rows × 16 columns, 12 accumulators; a panel is processed in two halves.
//!
//! One instruction has two encodings: AVX-VNNI (VEX), and AVX-512 VNNI with VL (EVEX). The body is written once and compiled
//! for both. With the second one, a CPU with AVX-512 can test this path.

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::*;

use super::{PANEL, Product, Run, Tile};

/// The number of rows of a full tile.
pub(super) const ROWS: usize = 6;

/// Returns the tile for the encoding that this CPU has.
pub(super) fn tile<P: Product>() -> Run {
    if is_x86_feature_detected!("avxvnni") { vex::tile::<P> } else { evex::tile::<P> }
}

macro_rules! encoding {
    ($name:ident, $features:literal, $dpbusd:ident, $dpwssd:ident) => {
        mod $name {
            use super::*;

            /// # Safety
            /// The CPU has the features; 1 ≤ rows ≤ [`ROWS`]; the tile's pointers are valid for that many rows (see
            /// `product`).
            pub(super) unsafe fn tile<P: Product>(rows: usize, t: Tile) {
                for half in 0..t.columns.div_ceil(16) {
                    // SAFETY: the caller's obligations are those of each of these calls.
                    unsafe {
                        match rows {
                            1 => rows_of::<P, 1>(t, half),
                            2 => rows_of::<P, 2>(t, half),
                            3 => rows_of::<P, 3>(t, half),
                            4 => rows_of::<P, 4>(t, half),
                            5 => rows_of::<P, 5>(t, half),
                            _ => rows_of::<P, 6>(t, half),
                        }
                    }
                }
            }

            /// # Safety
            /// The same as `tile`, with `R` rows and the half of the panel that starts at column 16 × `half`, which exists.
            #[target_feature(enable = $features)]
            unsafe fn rows_of<P: Product, const R: usize>(t: Tile, half: usize) {
                let mut sums = [[_mm256_setzero_si256(); 2]; R];
                for group in 0..t.groups {
                    // SAFETY: group < groups: the panel has PANEL × 4 bytes of it, each of the R rows of A has 4.
                    unsafe {
                        let b = t.b.add(group * PANEL * 4 + half * 64);
                        let b = [_mm256_loadu_si256(b.cast()), _mm256_loadu_si256(b.add(32).cast())];
                        for r in 0..R {
                            let a = t.a.add(r * t.a_stride + group * 4).cast::<i32>().read_unaligned();
                            let a = _mm256_set1_epi32(a);
                            for i in 0..2 {
                                let sum = sums[r][i];
                                sums[r][i] = if P::BYTES { $dpbusd(sum, a, b[i]) } else { $dpwssd(sum, a, b[i]) };
                            }
                        }
                    }
                }
                // SAFETY: the tile has R rows and the column 16 × half.
                unsafe { store(t, half * 16, sums) };
            }
        }
    };
}

encoding!(vex, "avx2,avxvnni", _mm256_dpbusd_avx_epi32, _mm256_dpwssd_avx_epi32);
encoding!(evex, "avx2,avx512vl,avx512vnni", _mm256_dpbusd_epi32, _mm256_dpwssd_epi32);

/// Scales and stores a tile: 16 columns of `R` rows, or as many as there are.
///
/// # Safety
/// The CPU has AVX2; the tile has `R` rows and the column `first`.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn store<const R: usize>(t: Tile, first: usize, sums: [[__m256i; 2]; R]) {
    let columns = (t.columns - first).min(16);
    if columns == 16 {
        for half in 0..2 {
            // SAFETY: columns `first`..`first` + 16 exist in scales, offsets, bias and C.
            unsafe { store_eight(t, first + half * 8, sums.map(|sums| sums[half])) };
        }
        return;
    }
    // Through memory, since these columns are taken one by one. The sums themselves must stay in registers.
    for (r, sums) in sums.into_iter().enumerate() {
        // SAFETY: of row r < R, `columns` columns from `first` on exist in scales, offsets, bias and C.
        unsafe { store_some(t, r, first, columns, sums) };
    }
}

/// Scales and stores 8 columns of all rows.
///
/// # Safety
/// The CPU has AVX2; the tile has `R` rows and eight columns from `first` on.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store_eight<const R: usize>(t: Tile, first: usize, sums: [__m256i; R]) {
    // SAFETY: the caller's obligation.
    unsafe {
        let offsets =
            if t.offsets.is_null() { _mm256_setzero_si256() } else { _mm256_loadu_si256(t.offsets.add(first).cast()) };
        let scales = _mm256_loadu_ps(t.column_scales.add(first));
        for (r, sum) in sums.into_iter().enumerate() {
            let sum = _mm256_cvtepi32_ps(_mm256_add_epi32(sum, offsets));
            let mut value = _mm256_mul_ps(_mm256_mul_ps(sum, _mm256_set1_ps(*t.row_scales.add(r))), scales);
            if !t.bias.is_null() {
                value = _mm256_add_ps(value, _mm256_loadu_ps(t.bias.add(first)));
            }
            let c = t.c.add(r * t.c_stride + first);
            if t.accumulate {
                value = _mm256_add_ps(_mm256_loadu_ps(c), value);
            }
            _mm256_storeu_ps(c, value);
        }
    }
}

/// Scales and stores fewer than 16 columns of a row, with the same operations in the same order.
///
/// # Safety
/// The CPU has AVX2; the tile has row `r` and `columns` columns from `first` on.
#[cold]
#[target_feature(enable = "avx2")]
unsafe fn store_some(t: Tile, r: usize, first: usize, columns: usize, sums: [__m256i; 2]) {
    let mut wide = [0i32; 16];
    // SAFETY: `wide` has 16 elements; scales, offsets, bias and the row of C have `columns` from `first` on.
    unsafe {
        _mm256_storeu_si256(wide.as_mut_ptr().cast(), sums[0]);
        _mm256_storeu_si256(wide.as_mut_ptr().add(8).cast(), sums[1]);
        let row = *t.row_scales.add(r);
        let scales = std::slice::from_raw_parts(t.column_scales.add(first), columns);
        let c = std::slice::from_raw_parts_mut(t.c.add(r * t.c_stride + first), columns);
        for j in 0..columns {
            let offset = if t.offsets.is_null() { 0 } else { *t.offsets.add(first + j) };
            let mut value = wide[j].wrapping_add(offset) as f32 * row * scales[j];
            if !t.bias.is_null() {
                value += *t.bias.add(first + j);
            }
            c[j] = if t.accumulate { c[j] + value } else { value };
        }
    }
}
