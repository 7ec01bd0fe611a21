//! Why a file gave no text.

/// What the readers return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file gave no text. The message completes "skipped PATH: …": what it is, and what to do where something can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not whole, or not what its format asks for. It may be whole again when it is read next.
    #[error("{0}")]
    Damaged(String),
    /// It wants a password, or is copy-protected.
    #[error("{0}")]
    Encrypted(String),
    /// Its format is not understood, or not by this version.
    #[error("{0}")]
    Unsupported(String),
    /// There is no text in it.
    #[error("{0}")]
    Empty(String),
    /// It would take more memory than one file may.
    #[error("{0}")]
    TooLarge(String),
    /// Its format is known, and this build has no reader for it: another build reads the file.
    #[error("{format}, which this build cannot read; build with the feature `{feature}` to have it read")]
    NotBuilt {
        /// What it is: "a Word document".
        format: &'static str,
        /// The feature that brings its reader, one of [`crate::FEATURES`].
        feature: &'static str,
    },
}

impl Error {
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged(reason.into())
    }

    pub(crate) fn encrypted(reason: impl Into<String>) -> Self {
        Self::Encrypted(reason.into())
    }

    pub(crate) fn unsupported(reason: impl Into<String>) -> Self {
        Self::Unsupported(reason.into())
    }

    pub(crate) fn empty(reason: impl Into<String>) -> Self {
        Self::Empty(reason.into())
    }
}
