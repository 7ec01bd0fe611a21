//! [`ComputePath`]: backend, arithmetic, kernels and threads of an encoder.

use serde::Serialize;

use super::backend::BackendKind;
use super::model::{ModelInfo, Precision};
use super::options::EncoderOptions;
use crate::error::{Error, Result};
use nigh_kernel::{Simd, SimdLevel};

/// How an encoder computes on this machine.
///
/// ```no_run
/// use nigh_encoder::{ComputePath, EncoderOptions, ModelInfo, SimdLevel};
///
/// let model = ModelInfo::open("/models/all-MiniLM-L6-v2")?;
/// let path = ComputePath::of(&model, &EncoderOptions::new())?; // loads nothing
/// if path.simd == SimdLevel::Portable {
///     println!("encoding will be slow here");
/// }
/// # Ok::<(), nigh_encoder::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ComputePath {
    /// What runs the model.
    pub backend: BackendKind,
    /// The arithmetic.
    pub precision: Precision,
    /// The instruction set of the native backend.
    pub simd: SimdLevel,
    /// The number of threads.
    pub threads: usize,
}

impl ComputePath {
    /// Returns the path that an encoder with this model and these options would use here. Does not load the model.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`], [`Error::PrecisionUnsupported`] and [`Error::InvalidOptions`], as
    /// [`Encoder::with_options`](super::Encoder::with_options).
    pub fn of(model: &ModelInfo, options: &EncoderOptions) -> Result<Self> {
        Ok(Self::choose(model, options)?.0)
    }

    /// Returns the path, and the proof that its kernels may run.
    pub(super) fn choose(model: &ModelInfo, options: &EncoderOptions) -> Result<(Self, Simd)> {
        let backend = BackendKind::choose(options.backend, model)?;
        let precision = backend.precision(options.precision)?;
        let simd = match options.simd {
            None => Simd::detect(),
            Some(level) => Simd::at(level)
                .ok_or_else(|| Error::InvalidOptions { problem: format!("this CPU cannot run the {level} path") })?,
        };
        let threads = options.thread_count(available_threads())?;
        Ok((Self { backend, precision, simd: simd.level(), threads }, simd))
    }
}

/// Returns the number of cores that this process may use, by CPU affinity and cgroup quotas; 1 if the system does not say.
fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
