//! AVX-512: 64 bytes at a time.

use std::arch::x86_64::*;

use super::simd_path;

simd_path!(
    vnni,
    "With `vpdpbusd`.",
    "avx512f,avx512bw,avx512vnni",
    64,
    __m512i,
    _mm512_setzero_si512,
    _mm512_loadu_si512,
    _mm512_dpbusd_epi32
);
simd_path!(
    plain,
    "With products of 16 bits, as sums of products of 8 bits would saturate.",
    "avx512f,avx512bw",
    64,
    __m512i,
    _mm512_setzero_si512,
    _mm512_loadu_si512,
    by_16_bits
);

/// Adds the products of 64 bytes to 16 sums: first those of even bytes, then those of odd bytes. The sum of two products fits
/// 32 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn by_16_bits(sum: __m512i, row: __m512i, query: __m512i) -> __m512i {
    let even = _mm512_srai_epi16::<8>(_mm512_slli_epi16::<8>(query));
    let odd = _mm512_srai_epi16::<8>(query);
    let low = _mm512_and_si512(row, _mm512_set1_epi16(0xff));
    let high = _mm512_srli_epi16::<8>(row);
    _mm512_add_epi32(sum, _mm512_add_epi32(_mm512_madd_epi16(low, even), _mm512_madd_epi16(high, odd)))
}

/// Returns the sum of the 16 numbers of each register.
#[inline]
#[target_feature(enable = "avx512f")]
fn total(sums: [__m512i; 4]) -> [i32; 4] {
    let half = |s: __m512i| _mm256_add_epi32(_mm512_castsi512_si256(s), _mm512_extracti64x4_epi64::<1>(s));
    super::avx2::total(sums.map(half))
}

/// Returns the sum of the 16 numbers of one register.
#[inline]
#[target_feature(enable = "avx512f")]
fn total_of_one([sum]: [__m512i; 1]) -> i32 {
    _mm512_reduce_add_epi32(sum)
}
