//! Why a file gave no text: a kind for callers to decide by, and a message for people.

use std::fmt::Display;

/// The result type of the readers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file gave no text. The variant is the kind. The message is for people: it completes "skipped PATH: …", and says what to do
/// if something can be done. Do not decide by its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is damaged or incomplete. It may be complete when it is read next.
    #[error("{0}")]
    Damaged(String),
    /// The file needs a password, or is copy-protected.
    #[error("{0}")]
    Encrypted(String),
    /// The file's format is not supported.
    #[error("{0}")]
    Unsupported(String),
    /// The file has no text.
    #[error("{0}")]
    Empty(String),
    /// The file's text or unpacked content is larger than the limit for one file.
    #[error("{0}")]
    TooLarge(String),
    /// The file's format is known, but this build has no reader for it. Another build can read the file.
    #[error("{format}, and this build has no reader for it; build with the feature `{feature}`")]
    NotBuilt {
        /// The format with an article: "a Word document".
        format: &'static str,
        /// The feature that adds the reader, one of [`crate::FEATURES`].
        feature: &'static str,
    },
}

impl Error {
    /// A damaged file of a format ("DOCX"); `problem` describes the damage.
    pub(crate) fn damaged(format: &str, problem: impl Display) -> Self {
        Self::Damaged(format!("damaged or incomplete {format}: {problem}"))
    }

    /// A file of a format ("DOCX") that needs a password.
    pub(crate) fn encrypted(format: &str) -> Self {
        Self::Encrypted(format!("encrypted {format}; save a copy without a password"))
    }

    pub(crate) fn unsupported(reason: impl Into<String>) -> Self {
        Self::Unsupported(reason.into())
    }

    pub(crate) fn empty(reason: impl Into<String>) -> Self {
        Self::Empty(reason.into())
    }
}
