//! AVX2: 32 bytes at a time.

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::*;

use super::simd_path;

/// True if this CPU has AVX-VNNI, the VEX encoding of the 256-bit VNNI instruction. Otherwise AVX-512 VNNI is used.
pub(super) fn has_vex() -> bool {
    is_x86_feature_detected!("avxvnni")
}

simd_path!(
    vex,
    "AVX-VNNI.",
    "avx2,avxvnni",
    32,
    __m256i,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_dpbusd_avx_epi32
);
simd_path!(
    evex,
    "AVX-512 VNNI at 256 bits.",
    "avx2,avx512vl,avx512vnni",
    32,
    __m256i,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_dpbusd_epi32
);
simd_path!(
    plain,
    "With products of 16 bits, as sums of products of 8 bits would saturate.",
    "avx2",
    32,
    __m256i,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    by_16_bits
);

/// Adds the products of 32 bytes to 8 sums: first those of even bytes, then those of odd bytes. The sum of two products fits 32
/// bits.
#[inline]
#[target_feature(enable = "avx2")]
fn by_16_bits(sum: __m256i, row: __m256i, query: __m256i) -> __m256i {
    let even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(query));
    let odd = _mm256_srai_epi16::<8>(query);
    let low = _mm256_and_si256(row, _mm256_set1_epi16(0xff));
    let high = _mm256_srli_epi16::<8>(row);
    _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_madd_epi16(low, even), _mm256_madd_epi16(high, odd)))
}

/// Returns the sum of the 8 numbers of each register.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn total(sums: [__m256i; 4]) -> [i32; 4] {
    let pairs = (_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    let fours = _mm256_hadd_epi32(pairs.0, pairs.1);
    let whole = _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256::<1>(fours));
    let mut out = [0i32; 4];
    // SAFETY: `out` has space for the four numbers.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), whole) };
    out
}

/// Returns the sum of the 8 numbers of one register.
#[inline]
#[target_feature(enable = "avx2")]
fn total_of_one([sum]: [__m256i; 1]) -> i32 {
    let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
    let pair = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
    _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32::<0b01>(pair)))
}
