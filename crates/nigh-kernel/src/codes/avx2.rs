//! 32 bytes at a time.

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::*;

/// Which encoding of the 256-bit VNNI instruction this CPU has: AVX-VNNI's, or else that of AVX-512 VNNI.
pub(super) fn has_vex() -> bool {
    is_x86_feature_detected!("avxvnni")
}

macro_rules! path {
    ($name:ident, $what:literal, $features:literal, $step:expr) => {
        #[doc = $what]
        pub(super) mod $name {
            use super::*;

            super::super::loops!($features);

            /// The sums of some rows.
            ///
            /// # Safety
            /// The CPU has the features; the query's length is a multiple of 64; each row is as long.
            #[inline]
            #[target_feature(enable = $features)]
            unsafe fn some<const R: usize>(query: &[i8], rows: [*const u8; R]) -> [__m256i; R] {
                let mut sums = [_mm256_setzero_si256(); R];
                for at in (0..query.len()).step_by(32) {
                    // SAFETY: at + 32 ≤ the length of the query and of each row.
                    unsafe {
                        let q = _mm256_loadu_si256(query.as_ptr().add(at).cast());
                        for (sum, row) in sums.iter_mut().zip(rows) {
                            *sum = $step(*sum, _mm256_loadu_si256(row.add(at).cast()), q);
                        }
                    }
                }
                sums
            }
        }
    };
}

path!(vex, "AVX-VNNI.", "avx2,avxvnni", _mm256_dpbusd_avx_epi32);
path!(evex, "AVX-512 VNNI at 256 bits.", "avx2,avx512vl,avx512vnni", _mm256_dpbusd_epi32);
path!(plain, "With products of 16 bits: those of 8 would saturate.", "avx2", words);

/// Adds the products of 32 bytes to 8 sums, in even and odd bytes: a byte times a code, twice, fits 32 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn words(sum: __m256i, row: __m256i, query: __m256i) -> __m256i {
    let even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(query));
    let odd = _mm256_srai_epi16::<8>(query);
    let low = _mm256_and_si256(row, _mm256_set1_epi16(0xff));
    let high = _mm256_srli_epi16::<8>(row);
    _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_madd_epi16(low, even), _mm256_madd_epi16(high, odd)))
}

/// The sum of each register's 8 numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn total(sums: [__m256i; 4]) -> [i32; 4] {
    let pairs = (_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    let fours = _mm256_hadd_epi32(pairs.0, pairs.1);
    let whole = _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256::<1>(fours));
    let mut out = [0i32; 4];
    // SAFETY: `out` has room for the four numbers.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), whole) };
    out
}

/// The sum of a register's 8 numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn total_of_one([sum]: [__m256i; 1]) -> i32 {
    let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
    let pair = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
    _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32::<0b01>(pair)))
}
