//! Dot products of one quantised query with rows of int8 codes, in integers.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the safe functions, prefetching, dispatch, the loops of every path |
//! | `avx512.rs` | 64 bytes at a time, with VNNI or without |
//! | `avx2.rs` | 32 bytes at a time, with VNNI (either encoding) or without |
//! | `portable.rs` | plain Rust |
//! | `tests.rs` | every path against 64-bit sums |
//!
//! A row has `stride` bytes; a code c is stored as the byte c + 128. A query has `stride` codes as i8. Strides are multiples of
//! [`LINE`]. Padding is 128 in rows and 0 in queries, so that it adds nothing. Four rows are multiplied together, as horizontal
//! sums are cheaper in fours. In a contiguous scan, one row comes from each quarter of the rows, since memory delivers four
//! streams faster than one. Sums wrap at 32 bits; they are exact for codes of −127..=127 and up to 133,000 dimensions.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(test)]
mod tests;

use super::simd::{Simd, SimdLevel};

/// Strides are multiples of this number of bytes: a cache line, and the widest register.
pub const LINE: usize = 64;
/// This is added to a code to store it as a byte.
pub const BIAS: u8 = 128;

/// Returns how much larger a dot product with stored bytes is than one with codes: 128 times the sum of the query's codes.
pub fn correction(query: &[i8]) -> i32 {
    query.iter().fold(0i32, |sum, &code| sum.wrapping_add(i32::from(code))).wrapping_mul(i32::from(BIAS))
}

/// Computes the dot product of `query` with every row: `dots[i] = Σ query[j] · (rows[i][j] − 128)`. `rows` is
/// `[dots.len(), query.len()]`, row-major; `correction` is the [`correction`] of the query. It is fastest for some hundred rows
/// at a time.
///
/// # Panics
/// When the query's length is not a multiple of [`LINE`], or `rows` is not `dots.len()` times as long.
pub fn dot_rows(simd: Simd, query: &[i8], correction: i32, rows: &[u8], dots: &mut [i32]) {
    assert!(query.len().is_multiple_of(LINE), "the stride");
    assert_eq!(rows.len(), query.len() * dots.len(), "rows × stride");
    match simd.level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX-512 F, BW and VNNI; the lengths were checked above.
        SimdLevel::Avx512Vnni | SimdLevel::Amx => unsafe { avx512::vnni::rows(query, rows, dots) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX-512 F and BW; the lengths were checked above.
        SimdLevel::Avx512 => unsafe { avx512::plain::rows(query, rows, dots) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX2 and one encoding of VNNI; the lengths were checked above.
        SimdLevel::AvxVnni => unsafe {
            if avx2::has_vex() { avx2::vex::rows(query, rows, dots) } else { avx2::evex::rows(query, rows, dots) }
        },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX2; the lengths were checked above.
        SimdLevel::Avx2 => unsafe { avx2::plain::rows(query, rows, dots) },
        SimdLevel::Portable => portable::rows(query, rows, dots),
        #[cfg(not(target_arch = "x86_64"))]
        _ => portable::rows(query, rows, dots),
    }
    dots.iter_mut().for_each(|dot| *dot = dot.wrapping_sub(correction));
}

/// The same as [`dot_rows`], for scattered rows. Prefetches the next rows while the first are multiplied.
///
/// # Panics
/// When the query's length is not a multiple of [`LINE`], a row has another length, or the numbers of rows and dots differ.
pub fn dot_gathered(simd: Simd, query: &[i8], correction: i32, rows: &[&[u8]], dots: &mut [i32]) {
    assert!(query.len().is_multiple_of(LINE), "the stride");
    assert_eq!(rows.len(), dots.len(), "a dot for each row");
    assert!(rows.iter().all(|row| row.len() == query.len()), "rows of the stride");
    match simd.level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX-512 F, BW and VNNI; the lengths were checked above.
        SimdLevel::Avx512Vnni | SimdLevel::Amx => unsafe { avx512::vnni::gathered(query, rows, dots) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX-512 F and BW; the lengths were checked above.
        SimdLevel::Avx512 => unsafe { avx512::plain::gathered(query, rows, dots) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX2 and one encoding of VNNI; the lengths were checked above.
        SimdLevel::AvxVnni => unsafe {
            if avx2::has_vex() {
                avx2::vex::gathered(query, rows, dots)
            } else {
                avx2::evex::gathered(query, rows, dots)
            }
        },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `simd` proves AVX2; the lengths were checked above.
        SimdLevel::Avx2 => unsafe { avx2::plain::gathered(query, rows, dots) },
        SimdLevel::Portable => portable::gathered(query, rows, dots),
        #[cfg(not(target_arch = "x86_64"))]
        _ => portable::gathered(query, rows, dots),
    }
    dots.iter_mut().for_each(|dot| *dot = dot.wrapping_sub(correction));
}

/// Turns a stored row into a query: every byte minus [`BIAS`], as the bits of an i8. A byte of 0, which is not a code, becomes −128.
///
/// # Panics
/// When the lengths differ.
pub fn unbias(row: &[u8], query: &mut [u8]) {
    assert_eq!(row.len(), query.len(), "a code for each byte");
    for (code, &byte) in query.iter_mut().zip(row) {
        *code = byte ^ BIAS;
    }
}

/// Prefetches a value, or bytes, into the cache, without waiting.
#[inline]
pub fn prefetch<T: ?Sized>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..size_of_val(value)).step_by(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of x86-64; `at` is inside the value, and a prefetch changes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast::<i8>().add(at)) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// Defines a path as a module: two loops over rows, and the product of one to four rows with the query. The module around it
/// must define `total` and `total_of_one`, the horizontal sums for its width.
#[cfg(target_arch = "x86_64")]
macro_rules! simd_path {
    (
        $name:ident, $what:literal, $features:literal, $bytes:literal, $register:ty, $zero:ident, $load:ident, $step:ident
    ) => {
        #[doc = $what]
        pub(super) mod $name {
            use super::*;

            /// Computes the sums of `R` rows, each still spread over a register.
            ///
            /// # Safety
            /// The CPU has the features; the query's length is a multiple of 64; each row is as long.
            #[inline]
            #[target_feature(enable = $features)]
            unsafe fn sum_rows<const R: usize>(query: &[i8], rows: [*const u8; R]) -> [$register; R] {
                let mut sums = [$zero(); R];
                for at in (0..query.len()).step_by($bytes) {
                    // SAFETY: at + the register's bytes ≤ the length of the query and of each row, as it divides 64.
                    unsafe {
                        let q = $load(query.as_ptr().add(at).cast());
                        for (sum, row) in sums.iter_mut().zip(rows) {
                            *sum = $step(*sum, $load(row.add(at).cast()), q);
                        }
                    }
                }
                sums
            }

            /// Computes the sums of the first one to four rows, as many as `dots` has elements.
            ///
            /// # Safety
            /// The CPU has the features; the query's length is a multiple of 64, and every row is as long.
            #[inline]
            #[target_feature(enable = $features)]
            unsafe fn store(query: &[i8], rows: [*const u8; 4], dots: &mut [i32]) {
                // SAFETY: the caller's obligations are those of `sum_rows`.
                unsafe {
                    if let [dot] = dots {
                        *dot = total_of_one(sum_rows(query, [rows[0]]));
                    } else {
                        dots.copy_from_slice(&total(sum_rows(query, rows))[..dots.len()]);
                    }
                }
            }

            /// Computes the sums of contiguous rows.
            ///
            /// # Safety
            /// The CPU has the features; the query's length is a multiple of 64; `rows` is `dots.len()` times as long.
            #[target_feature(enable = $features)]
            pub(in crate::codes) unsafe fn rows(query: &[i8], rows: &[u8], dots: &mut [i32]) {
                let (stride, part) = (query.len(), dots.len() / 4);
                let base = rows.as_ptr();
                for i in 0..part {
                    // SAFETY: each of these rows is below 4 · part, so that it ends inside `rows`. The prefetched addresses may
                    // lie behind the end; they are computed with wrapping arithmetic and never read.
                    let sums = unsafe {
                        let rows = [0, 1, 2, 3].map(|quarter| base.add((quarter * part + i) * stride));
                        for row in rows {
                            for at in (0..stride).step_by(64) {
                                _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(crate::codes::BYTES_AHEAD + at).cast());
                            }
                        }
                        total(sum_rows(query, rows))
                    };
                    for (quarter, sum) in sums.into_iter().enumerate() {
                        dots[quarter * part + i] = sum;
                    }
                }
                let last = dots.len().saturating_sub(1);
                let row = |i: usize| base.wrapping_add((4 * part + i).min(last) * stride);
                if 4 * part < dots.len() {
                    // SAFETY: none of these rows is behind the last.
                    unsafe { store(query, [0, 1, 2, 3].map(row), &mut dots[4 * part..]) };
                }
            }

            /// Computes the sums of scattered rows.
            ///
            /// # Safety
            /// The CPU has the features; the query's length is a multiple of 64, and every row is as long; there are as many
            /// rows as dots.
            #[target_feature(enable = $features)]
            pub(in crate::codes) unsafe fn gathered(query: &[i8], rows: &[&[u8]], dots: &mut [i32]) {
                let ahead = crate::codes::ROWS_AHEAD;
                rows.iter().take(ahead).for_each(|row| crate::codes::prefetch(*row));
                for (group, dots) in dots.chunks_mut(4).enumerate() {
                    rows.iter().skip(group * 4 + ahead).take(4).for_each(|row| crate::codes::prefetch(*row));
                    let row = |i: usize| rows[(group * 4 + i).min(rows.len() - 1)].as_ptr();
                    // SAFETY: every row is as long as the query.
                    unsafe { store(query, [0, 1, 2, 3].map(row), dots) };
                }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
use simd_path;

/// The number of bytes that each of a scan's four streams prefetches ahead.
#[cfg(target_arch = "x86_64")]
const BYTES_AHEAD: usize = 384;
/// The number of scattered rows that are prefetched ahead.
#[cfg(target_arch = "x86_64")]
const ROWS_AHEAD: usize = 8;
