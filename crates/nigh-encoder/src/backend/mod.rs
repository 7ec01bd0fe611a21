//! Computes hidden states from token ids.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the trait [`Backend`]; chooses a backend for a model directory |
//! | `native/` | nigh's own BERT, in f32 and int8 |
//! | `ort.rs` | any ONNX encoder through ONNX Runtime, loaded at run time (feature `ort`) |

pub(super) mod native;
#[cfg(feature = "ort")]
mod ort;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::model::{ModelInfo, Precision, parse_name};
use crate::error::{Error, Result};
use nigh_kernel::Simd;

/// Computes hidden states. Called from several threads at once, one batch each.
pub(crate) trait Backend: Send + Sync {
    /// Writes the last layer's state of every token to `states` (cleared first): `[tokens, hidden_size]`, f32, row-major.
    ///
    /// # Errors
    /// [`Error::Backend`] when the computation fails, [`Error::Encode`] for a token that the model does not know.
    fn forward(&self, batch: &Batch, states: &mut Vec<f32>) -> Result<()>;

    /// The same as [`Backend::forward`], for a batch that is the only one at this time: uses the calling thread and the threads
    /// of the pool, to be as fast as possible.
    ///
    /// # Errors
    /// See [`Backend::forward`].
    fn forward_alone(&self, pool: &rayon::ThreadPool, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        let _ = pool;
        self.forward(batch, states)
    }

    /// Reads the embedding of a token, as it is before the first layer, into `out`, `[hidden_size]`. Returns false if the backend
    /// cannot read embeddings.
    ///
    /// # Errors
    /// [`Error::Encode`] for a token that the model does not know, [`Error::ModelFile`] for a damaged file.
    fn token_embedding(&self, token: u32, out: &mut [f32]) -> Result<bool> {
        let _ = (token, out);
        Ok(false)
    }

    /// Checks that the file was not truncated and could be read, so that all weights read so far were right. Call this after states
    /// were computed, and before they are used.
    ///
    /// # Errors
    /// [`Error::ModelFile`].
    fn check_intact(&self) -> Result<()> {
        Ok(())
    }
}

/// The backend that runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BackendKind {
    /// nigh's own BERT; needs model.safetensors.
    Native,
    /// ONNX Runtime; needs model.onnx, and its shared library at run time.
    Ort,
}

impl BackendKind {
    /// Chooses the backend for a directory: the requested one; else native if there are safetensors, ort if there is only an
    /// ONNX file.
    ///
    /// # Errors
    /// [`Error::ModelUnsupported`] when the directory lacks the weights of the requested backend, which is never replaced by
    /// another one.
    #[doc(hidden)]
    pub fn choose(requested: Option<Self>, model: &ModelInfo) -> Result<Self> {
        let kind = requested.unwrap_or(if model.safetensors().is_some() { Self::Native } else { Self::Ort });
        let (exists, wanted, other) = match kind {
            Self::Native => (model.safetensors().is_some(), "model.safetensors", Self::Ort),
            Self::Ort => (model.onnx().is_some(), "model.onnx", Self::Native),
        };
        if exists {
            return Ok(kind);
        }
        let problem = format!("it has no {wanted}, which the {} backend needs", kind.name());
        Err(Error::ModelUnsupported { path: model.path().to_path_buf(), problem, runs_on: Some(other.name()) })
    }

    /// Returns the requested precision, or the backend's default.
    ///
    /// # Errors
    /// [`Error::PrecisionUnsupported`]: the requested precision is never replaced by another one.
    #[doc(hidden)]
    pub fn precision(self, requested: Option<Precision>) -> Result<Precision> {
        match (self, requested) {
            (Self::Native, requested) => Ok(requested.unwrap_or_default()),
            (Self::Ort, None | Some(Precision::F32)) => Ok(Precision::F32),
            (Self::Ort, Some(other)) => {
                Err(Error::PrecisionUnsupported { backend: self.name(), precision: other.name() })
            }
        }
    }

    /// All backends.
    pub const ALL: [Self; 2] = [Self::Native, Self::Ort];

    /// Returns `native` or `ort`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ort => "ort",
        }
    }
}

impl std::fmt::Display for BackendKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for BackendKind {
    type Err = Error;

    /// Parses a [`BackendKind::name`].
    fn from_str(text: &str) -> Result<Self> {
        parse_name(text, "a backend", Self::ALL, Self::name)
    }
}

/// Loads a model's weights.
///
/// # Errors
/// [`Error::ModelFile`] and [`Error::ModelUnsupported`] for the model, [`Error::Runtime`] when ONNX Runtime is missing.
pub(super) fn load(
    kind: BackendKind,
    model: &ModelInfo,
    precision: Precision,
    simd: Simd,
    runtime: Option<PathBuf>,
) -> Result<Box<dyn Backend>> {
    match kind {
        BackendKind::Native => native::load(model, precision, simd),
        #[cfg(feature = "ort")]
        BackendKind::Ort => Ok(Box::new(ort::OrtBackend::load(model, runtime)?)),
        #[cfg(not(feature = "ort"))]
        BackendKind::Ort => {
            let problem = "this build has no ONNX Runtime backend; build with the feature `ort`".to_owned();
            Err(Error::Runtime { path: runtime, problem })
        }
    }
}
