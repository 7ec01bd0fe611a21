//! Detects the instruction sets of this CPU, once.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The levels that kernels have paths for, fastest last. On x86-64 every dispatch lists every level, so that the compiler finds
/// all dispatches when a level is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SimdLevel {
    /// Plain Rust, any CPU.
    Portable,
    /// x86-64 with AVX2, FMA and F16C.
    Avx2,
    /// AVX2, with integer dot products of 256 bits: AVX-VNNI, or the 256-bit form of AVX-512 VNNI.
    AvxVnni,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512,
    /// AVX-512, with integer dot products (AVX-512 VNNI).
    Avx512Vnni,
    /// AVX-512 VNNI, with int8 products of whole tiles (AMX-INT8); on Linux only.
    Amx,
}

impl SimdLevel {
    /// All levels, slowest first.
    pub const ALL: [Self; 6] = [Self::Portable, Self::Avx2, Self::AvxVnni, Self::Avx512, Self::Avx512Vnni, Self::Amx];

    /// Returns the fastest level of this CPU.
    pub fn best() -> Self {
        Simd::detect().level()
    }

    /// True if this CPU has the level's instructions.
    pub fn is_available(self) -> bool {
        Simd::at(self).is_some()
    }

    /// Returns `portable`, `avx2`, `avx-vnni`, `avx512`, `avx512-vnni` or `amx`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avx-vnni",
            Self::Avx512 => "avx512",
            Self::Avx512Vnni => "avx512-vnni",
            Self::Amx => "amx",
        }
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SimdLevel {
    type Err = ParseSimdLevelError;

    /// Parses a [`SimdLevel::name`].
    fn from_str(text: &str) -> Result<Self, ParseSimdLevelError> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| ParseSimdLevelError(text.to_owned()))
    }
}

/// The error for a text that is not the name of a [`SimdLevel`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseSimdLevelError(String);

impl fmt::Display for ParseSimdLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = SimdLevel::ALL.map(SimdLevel::name).join(", ");
        write!(f, "{:?} is not an instruction set; it is one of {names}", self.0)
    }
}

impl Error for ParseSimdLevelError {}

/// Proof that this CPU has a level: values come only from [`Simd::detect`] and [`Simd::at`], which check the CPU. The `unsafe` calls
/// of this crate rely on this proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simd(SimdLevel);

impl Simd {
    /// Returns the fastest level of this CPU.
    pub fn detect() -> Self {
        static BEST: OnceLock<Simd> = OnceLock::new();
        *BEST.get_or_init(|| {
            let best = SimdLevel::ALL.into_iter().rev().find(|&level| supports(level));
            Simd(best.unwrap_or(SimdLevel::Portable))
        })
    }

    /// Returns the proof for a level; `None` if the CPU does not have it.
    pub fn at(level: SimdLevel) -> Option<Self> {
        supports(level).then_some(Self(level))
    }

    /// Returns all levels of this CPU, slowest first. Each kernel is tested on all of them.
    pub fn available() -> impl Iterator<Item = Self> {
        SimdLevel::ALL.into_iter().filter_map(Self::at)
    }

    /// Returns the level that this proves.
    pub fn level(self) -> SimdLevel {
        self.0
    }
}

/// True if this CPU has the instructions of a level.
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
        SimdLevel::Amx => avx512 && has!("avx512vnni") && crate::sys::amx::is_permitted(),
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
    fn simd_level_parses_its_name() {
        for level in SimdLevel::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        let refused = "neon".parse::<SimdLevel>().unwrap_err().to_string();
        assert!(refused.contains("\"neon\"") && refused.contains("avx-vnni"), "{refused}");
    }

    #[test]
    fn simd_detects_the_last_available_level() {
        let all: Vec<Simd> = Simd::available().collect();
        assert_eq!(all.first().map(|s| s.level()), Some(SimdLevel::Portable));
        assert_eq!(all.last(), Some(&Simd::detect()));
        assert!(all.iter().all(|simd| simd.level().is_available()) && SimdLevel::best().is_available());
    }
}
