//! Tantivy's errors and panics as errors of this crate. Its bytes are checked before it reads them, but it takes them at their
//! word: what gets past that must not take the process down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;

use crate::error::{Error, Result};

/// What a segment of a version of tantivy that this one does not read is called.
pub(super) const OTHER_VERSION: &str = "it was written by another version of nigh, with another version of tantivy";

/// What words of another version of nigh are called, which cut them otherwise.
pub(super) const OTHER_CUTS: &str = "it was written by another version of nigh, which cuts words otherwise";

/// Runs `work`, which calls tantivy.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let said = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
        let said = said.unwrap_or("without a word").lines().next().unwrap_or_default();
        let said: String = said.chars().take(160).collect();
        Err(damaged(format!("tantivy panicked ({said})")))
    })
}

/// The word index is not what was written. Whoever knows its file adds it.
pub(super) fn damaged(problem: impl std::fmt::Display) -> Error {
    Error::IndexDamaged { path: PathBuf::new(), problem: format!("its word index: {problem}") }
}

/// For `map_err`.
pub(super) fn unreadable(error: TantivyError) -> Error {
    match error {
        // Every file of a segment says at its end which format it has, and is asked when it is opened.
        TantivyError::IncompatibleIndex(_) | TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_)) => {
            damaged(OTHER_VERSION)
        }
        error => damaged(error),
    }
}

/// For `map_err` where tantivy reads itself.
pub(super) fn unread(error: std::io::Error) -> Error {
    damaged(error)
}
