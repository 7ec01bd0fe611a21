//! Tantivy's errors and panics as errors of this crate. Checksums are verified before tantivy reads bytes, but tantivy trusts their
//! content: invalid content with a valid checksum must not end the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;

use crate::error::{Error, Result};

/// The problem of a segment from another tantivy version.
pub(super) const OTHER_VERSION: &str = "it was written by another version of nigh, with another version of tantivy";

/// The problem of a section from a nigh version with another tokenisation.
pub(super) const OTHER_TOKENISATION: &str =
    "it was written by another version of nigh, which cuts text into words in another way";

/// The most characters of a panic's message that an error shows.
const MAX_SHOWN_CHARACTERS: usize = 160;

/// Runs `work`, which calls tantivy, and turns a panic into an error.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
        let first_line = message.unwrap_or("without a message").lines().next().unwrap_or_default();
        let shown: String = first_line.chars().take(MAX_SHOWN_CHARACTERS).collect();
        Err(damaged(format!("tantivy panicked ({shown})")))
    })
}

/// Returns an error about a damaged lexical index. The caller that knows the file adds its path.
pub(super) fn damaged(problem: impl std::fmt::Display) -> Error {
    Error::IndexDamaged { path: PathBuf::new(), problem: format!("its word index: {problem}") }
}

/// Converts tantivy's errors; for `map_err`.
pub(super) fn unreadable(error: TantivyError) -> Error {
    match error {
        // Each file of a segment ends with its format version, which is checked on opening.
        TantivyError::IncompatibleIndex(_) | TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_)) => {
            damaged(OTHER_VERSION)
        }
        error => damaged(error),
    }
}

/// Converts I/O errors of tantivy; for `map_err`.
pub(super) fn unread(error: std::io::Error) -> Error {
    damaged(error)
}
