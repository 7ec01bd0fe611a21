//! How fast a path's products of bytes could be: the instructions of its tile on registers alone, without loads and stores.
//!
//! For `benches/kernels`, which prints the share of this bound that a real product reaches.

use crate::simd::{Simd, SimdLevel};

/// Runs the instructions of `steps` steps of k of the path's tile for activations; returns how many multiplications and additions these are
/// in a real product. `None` for a path without such instructions.
pub fn from_registers(simd: Simd, steps: usize) -> Option<usize> {
    #[cfg(not(target_arch = "x86_64"))]
    let _ = steps;
    match simd.level() {
        SimdLevel::Portable => None,
        // SAFETY: `simd` proves that the CPU has the path's instructions.
        #[cfg(target_arch = "x86_64")]
        level => Some(unsafe {
            match level {
                SimdLevel::Amx => super::amx::from_registers(steps),
                SimdLevel::Avx512Vnni => x86::vnni512(steps),
                SimdLevel::AvxVnni if std::arch::is_x86_feature_detected!("avxvnni") => x86::vex(steps),
                SimdLevel::AvxVnni => x86::evex(steps),
                _ => x86::quads(steps),
            }
        }),
        #[cfg(not(target_arch = "x86_64"))]
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::asm;
    use std::arch::x86_64::*;

    /// Makes the compiler believe that a register changes, so that it computes every step.
    macro_rules! changes {
        ($class:ident, $register:expr) => {
            // SAFETY: there is no instruction.
            unsafe { asm!("/* {0} */", inout($class) $register, options(nomem, nostack, preserves_flags)) }
        };
    }

    /// 4 rows × 2 registers of 8 columns, two groups of k: see `quads.rs`.
    #[target_feature(enable = "avx2")]
    pub(super) fn quads(steps: usize) -> usize {
        let (mut a, mut b) = ([_mm256_set1_epi8(1); 2], [_mm256_set1_epi8(1); 2]);
        let ones = _mm256_set1_epi16(1);
        let mut sums = [_mm256_setzero_si256(); 8];
        for _ in 0..steps {
            for sum in &mut sums {
                changes!(ymm_reg, a[0]);
                changes!(ymm_reg, b[0]);
                let pairs = [_mm256_maddubs_epi16(a[0], b[0]), _mm256_maddubs_epi16(a[1], b[1])];
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(_mm256_add_epi16(pairs[0], pairs[1]), ones));
                changes!(ymm_reg, a[1]);
                changes!(ymm_reg, b[1]);
            }
        }
        for sum in &mut sums {
            changes!(ymm_reg, *sum);
        }
        steps * 8 * 128
    }

    macro_rules! vnni {
        ($name:ident, $features:literal, $class:ident, $zero:ident, $set:ident, $dot:ident, $sums:literal, $lanes:literal) => {
            /// One dot product of 4 bytes in each lane of each sum.
            #[target_feature(enable = $features)]
            pub(super) fn $name(steps: usize) -> usize {
                let (mut a, b) = ($set(1), $set(1));
                let mut sums = [$zero(); $sums];
                for _ in 0..steps {
                    for sum in &mut sums {
                        changes!($class, a);
                        *sum = $dot(*sum, a, b);
                    }
                }
                for sum in &mut sums {
                    changes!($class, *sum);
                }
                steps * $sums * $lanes * 8
            }
        };
    }

    vnni!(vex, "avx2,avxvnni", ymm_reg, _mm256_setzero_si256, _mm256_set1_epi8, _mm256_dpbusd_avx_epi32, 12, 8);
    vnni!(
        evex,
        "avx2,avx512vl,avx512vnni",
        ymm_reg,
        _mm256_setzero_si256,
        _mm256_set1_epi8,
        _mm256_dpbusd_epi32,
        12,
        8
    );
    vnni!(vnni512, "avx512f,avx512vnni", zmm_reg, _mm512_setzero_si512, _mm512_set1_epi8, _mm512_dpbusd_epi32, 24, 16);
}
