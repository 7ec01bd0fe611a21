//! The options of an encoder ([`EncoderOptions`]), the times of loading it ([`LoadTimes`]) and the kinds of texts ([`TextKind`]).

use std::path::PathBuf;
use std::time::Duration;

use super::backend::BackendKind;
use super::model::{Pooling, Precision};
use super::space::VectorSpace;
use crate::error::{Error, Result};
use nigh_kernel::SimdLevel;

/// Options of an encoder. `EncoderOptions::new()` is right in most cases.
///
/// ```
/// use nigh_encoder::{EncoderOptions, Precision};
///
/// let options = EncoderOptions::new().precision(Precision::F32).threads(2);
/// assert_eq!(options.threads, Some(2));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct EncoderOptions {
    /// The backend. Default: native if the model has safetensors, else ort.
    pub backend: Option<BackendKind>,
    /// The arithmetic. Default: int8 for the native backend, f32 for ort.
    pub precision: Option<Precision>,
    /// Threads, from 1 to [`EncoderOptions::MAX_THREADS`]. Default: the cores that this process may use
    /// (CPU affinity and cgroup limits counted), at most [`EncoderOptions::MAX_THREADS`].
    pub threads: Option<usize>,
    /// The instruction set of the native backend, for tests and comparisons. Default: the best one of the CPU.
    pub simd: Option<SimdLevel>,
    /// The path of ONNX Runtime's shared library, for the ort backend. Default: none.
    pub runtime: Option<PathBuf>,
    /// The pooling, for comparisons. Another pooling than that of the model's directory changes the vectors, and so the
    /// fingerprint. Default: the pooling of the directory.
    pub pooling: Option<Pooling>,
    /// The space of the vectors of queries and passages. Another one than the original changes the vectors, and so the
    /// fingerprint. Default: [`VectorSpace::Original`].
    pub space: VectorSpace,
}

impl EncoderOptions {
    /// The largest number of threads: 256. More would cost time and memory without making anything faster.
    pub const MAX_THREADS: usize = 256;

    /// Returns the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of threads to start.
    pub(super) fn thread_count(&self, available: usize) -> Result<usize> {
        match self.threads {
            None => Ok(available.clamp(1, Self::MAX_THREADS)),
            Some(threads @ 1..=Self::MAX_THREADS) => Ok(threads),
            Some(threads) => {
                let problem = format!("{threads} threads; an encoder has 1 to {}", Self::MAX_THREADS);
                Err(Error::InvalidOptions { problem })
            }
        }
    }

    /// Sets the backend.
    #[must_use]
    pub fn backend(mut self, backend: BackendKind) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Sets the arithmetic.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Sets the number of threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Sets the instruction set of the native backend.
    #[must_use]
    pub fn simd(mut self, level: SimdLevel) -> Self {
        self.simd = Some(level);
        self
    }

    /// Sets the path of ONNX Runtime's shared library.
    #[must_use]
    pub fn runtime(mut self, library: impl Into<PathBuf>) -> Self {
        self.runtime = Some(library.into());
        self
    }

    /// Sets another pooling than that of the model's directory.
    #[must_use]
    pub fn pooling(mut self, pooling: Pooling) -> Self {
        self.pooling = Some(pooling);
        self
    }

    /// Sets the space of the vectors of queries and passages.
    #[must_use]
    pub fn space(mut self, space: VectorSpace) -> Self {
        self.space = space;
        self
    }
}

/// The duration of each part of loading an encoder. With two or more threads, both parts run at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LoadTimes {
    /// The time to map the packed tokenizer; or to read tokenizer.json, if there is no packed form (yet).
    pub tokenizer: Duration,
    /// The time to map or read the weights, and to pack them if there was no packed file.
    pub weights: Duration,
}

/// The role of a text, which decides its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextKind {
    /// A query: gets the model's query prefix.
    Query,
    /// A text to be found: gets the model's passage prefix.
    Passage,
    /// Any text: gets no prefix.
    Plain,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn thread_count_is_limited() {
        let count = |threads: usize| EncoderOptions::default().threads(threads).thread_count(4);
        assert_eq!((count(1).unwrap(), count(256).unwrap()), (1, 256));
        for threads in [0, 257, 20_000, usize::MAX] {
            let refused = count(threads).unwrap_err();
            assert!(
                matches!(refused, Error::InvalidOptions { .. }) && refused.to_string().contains("256"),
                "{refused}"
            );
        }
        let default = |available: usize| EncoderOptions::default().thread_count(available).unwrap();
        assert_eq!((default(0), default(8), default(1000)), (1, 8, 256));
    }
}
