//! How an encoder is to run, and what a text is to it.

use std::path::PathBuf;
use std::time::Duration;

use super::backend::BackendKind;
use super::model::{Pooling, Precision};
use crate::error::{Error, Result};
use nigh_kernel::SimdLevel;

/// How an encoder is to run. `EncoderOptions::default()` is right for most.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct EncoderOptions {
    /// Which backend. Default: native where the model has safetensors, else ort.
    pub backend: Option<BackendKind>,
    /// Which arithmetic. Default: int8 for the native backend, f32 for ort.
    pub precision: Option<Precision>,
    /// Threads, from 1 to [`EncoderOptions::MAX_THREADS`]. Default: the cores this process may use (CPU affinity and cgroup limits counted).
    pub threads: Option<usize>,
    /// Forces an instruction set, for tests and comparisons. Default: the CPU's best.
    pub simd: Option<SimdLevel>,
    /// ONNX Runtime's shared library, for the ort backend.
    pub runtime: Option<PathBuf>,
    /// Pools in another way than the model's directory says, for comparisons. The vectors are another model's then, with a
    /// fingerprint of their own. Default: what the directory says.
    pub pooling: Option<Pooling>,
}

impl EncoderOptions {
    /// The most threads that an encoder has: more cost time and memory without end, and help no more.
    pub const MAX_THREADS: usize = 256;

    /// The number of threads to start.
    pub(super) fn thread_count(&self, available: usize) -> Result<usize> {
        match self.threads {
            None => Ok(available.clamp(1, Self::MAX_THREADS)),
            Some(threads @ 1..=Self::MAX_THREADS) => Ok(threads),
            Some(threads) => {
                let problem =
                    format!("an encoder with {threads} threads; from 1 to {} are possible", Self::MAX_THREADS);
                Err(Error::InvalidInput { problem })
            }
        }
    }

    /// Chooses a backend.
    #[must_use]
    pub fn backend(mut self, backend: BackendKind) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Chooses an arithmetic.
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

    /// Forces an instruction set.
    #[must_use]
    pub fn simd(mut self, level: SimdLevel) -> Self {
        self.simd = Some(level);
        self
    }

    /// Says where ONNX Runtime's shared library is.
    #[must_use]
    pub fn runtime(mut self, library: impl Into<PathBuf>) -> Self {
        self.runtime = Some(library.into());
        self
    }

    /// Pools in another way than the model's directory says.
    #[must_use]
    pub fn pooling(mut self, pooling: Pooling) -> Self {
        self.pooling = Some(pooling);
        self
    }
}

/// How long the parts of loading an encoder took. They run at the same time where there are two threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LoadTimes {
    /// Mapping the packed tokenizer; or reading tokenizer.json, where that was not packed yet or cannot be.
    pub tokenizer: Duration,
    /// Mapping or reading the weights, and packing them where no packed file was there.
    pub weights: Duration,
}

/// What a text is, which decides the prefix it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// A question: the model's query prefix.
    Query,
    /// Something to be found: the model's passage prefix.
    Passage,
    /// As it is: no prefix.
    Plain,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn threads_are_bounded() {
        let count = |threads: usize| EncoderOptions::default().threads(threads).thread_count(4);
        assert_eq!((count(1).unwrap(), count(256).unwrap()), (1, 256));
        for threads in [0, 257, 20_000, usize::MAX] {
            let refused = count(threads).unwrap_err();
            assert!(matches!(refused, Error::InvalidInput { .. }) && refused.to_string().contains("256"), "{refused}");
        }
        let default = |available: usize| EncoderOptions::default().thread_count(available).unwrap();
        assert_eq!((default(0), default(8), default(1000)), (1, 8, 256));
    }
}
