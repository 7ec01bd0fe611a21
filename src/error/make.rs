//! Creates errors.

use std::io;
use std::path::Path;

use super::{EncoderError, Error};

impl Error {
    /// Creates an I/O error with its verb and its path, for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Creates an error for damaged records that a rebuild may restore.
    pub(crate) fn records_damaged(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::RecordsDamaged { path: path.as_ref().to_path_buf(), problem: problem.into(), repairable: true }
    }

    /// Adds the index file's path, if the error came from a part of the file that does not know it.
    pub(crate) fn in_index_file(self, file: &Path) -> Self {
        match self {
            Self::IndexDamaged { path, problem } if path.as_os_str().is_empty() => {
                Self::IndexDamaged { path: file.to_path_buf(), problem }
            }
            other => other,
        }
    }

    /// Creates an error for a damaged or unusable model file.
    pub(crate) fn model_file(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::Model(EncoderError::ModelFile { path: path.as_ref().to_path_buf(), problem: problem.into() })
    }
}

/// Errors that are not about a model have a variant of their own in [`Error`]; all others become [`Error::Model`].
impl From<EncoderError> for Error {
    fn from(error: EncoderError) -> Self {
        match error {
            EncoderError::Io { action, path, source } => Self::Io { action, path, source },
            EncoderError::InvalidOptions { problem } => Self::InvalidOptions { problem },
            EncoderError::Threads { purpose, problem } => Self::Threads { purpose, problem },
            EncoderError::EmptyQuery => Self::EmptyQuery,
            EncoderError::Interrupted => Self::Interrupted,
            other => Self::Model(other),
        }
    }
}
