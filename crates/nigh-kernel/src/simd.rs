//! Which instruction sets this CPU has, detected once.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The paths that kernels are written for, fastest last. On x86-64 every dispatch names every level, so that the compiler
/// finds all of them when a level is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SimdLevel {
    /// Plain Rust, any CPU.
    Portable,
    /// x86-64 with AVX2, FMA and F16C.
    Avx2,
    /// As AVX2, with integer dot products of 256 bits: AVX-VNNI, or the 256-bit form of AVX-512 VNNI.
    AvxVnni,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512,
    /// As AVX-512, with integer dot products (AVX-512 VNNI).
    Avx512Vnni,
}

impl SimdLevel {
    /// Every level, slowest first.
    pub const ALL: [Self; 5] = [Self::Portable, Self::Avx2, Self::AvxVnni, Self::Avx512, Self::Avx512Vnni];
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avx-vnni",
            Self::Avx512 => "avx512",
            Self::Avx512Vnni => "avx512-vnni",
        })
    }
}

/// Proof that this CPU has a level: values come only from [`Simd::detect`] and [`Simd::at`], which check it. The `unsafe` calls of
/// this crate rely on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simd(SimdLevel);

impl Simd {
    /// The fastest level of this CPU.
    pub fn detect() -> Self {
        static BEST: OnceLock<Simd> = OnceLock::new();
        *BEST.get_or_init(|| {
            let best = SimdLevel::ALL.into_iter().rev().find(|&level| supports(level));
            Simd(best.unwrap_or(SimdLevel::Portable))
        })
    }

    /// This level, if the CPU has it.
    pub fn at(level: SimdLevel) -> Option<Self> {
        supports(level).then_some(Self(level))
    }

    /// Every level of this CPU, slowest first: what each kernel is tested on.
    pub fn available() -> impl Iterator<Item = Self> {
        SimdLevel::ALL.into_iter().filter_map(Self::at)
    }

    /// Which level this proves.
    pub fn level(self) -> SimdLevel {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
fn supports(level: SimdLevel) -> bool {
    use std::arch::is_x86_feature_detected as has;
    let avx2 = has!("avx2") && has!("fma") && has!("f16c");
    let avx512 = avx2 && has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
    match level {
        SimdLevel::Portable => true,
        SimdLevel::Avx2 => avx2,
        SimdLevel::AvxVnni => avx2 && (has!("avxvnni") || avx512 && has!("avx512vnni")),
        SimdLevel::Avx512 => avx512,
        SimdLevel::Avx512Vnni => avx512 && has!("avx512vnni"),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn supports(level: SimdLevel) -> bool {
    level == SimdLevel::Portable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simd_detects_the_last_available_level() {
        let all: Vec<Simd> = Simd::available().collect();
        assert_eq!(all.first().map(|s| s.level()), Some(SimdLevel::Portable));
        assert_eq!(all.last(), Some(&Simd::detect()));
    }
}
