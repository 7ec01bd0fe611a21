//! The errors of this crate. Each message is one line: what went wrong, where, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// The result of the fallible functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The errors of this crate, each with the facts that a caller needs to react.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused an operation on a path.
    #[error("cannot {action} {}: {source}{}", path.display(), io_advice(source))]
    Io {
        /// A verb and its object, as in "cannot … PATH".
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// No model of that name is known, and no directory of that path exists.
    #[error(
        "there is no model and no directory {name:?}; known models: {known} (or give the path of a Hugging Face BERT directory)"
    )]
    ModelUnknown {
        /// The name or path that was given.
        name: String,
        /// The names that are known, separated by commas.
        known: String,
    },

    /// The model is in the catalogue but not on this machine.
    #[error("the model {name} is not installed in {}; fetch it, or import a copy of its files", directory.display())]
    ModelNotInstalled {
        /// Its name in the catalogue.
        name: String,
        /// The directory of installed models.
        directory: PathBuf,
    },

    /// A model cannot be imported under this name.
    #[error("a model cannot be imported as {name:?}: {problem}; choose another name")]
    ModelName {
        /// The name.
        name: String,
        /// The reason.
        problem: String,
    },

    /// Files that were to be imported under a name of the catalogue are not the catalogue's.
    #[error("{} is not {name} of the catalogue: {problem}; choose another name for this model", path.display())]
    NotInCatalogue {
        /// The name in the catalogue.
        name: String,
        /// The file that differs, or the directory that lacks files.
        path: PathBuf,
        /// The difference.
        problem: String,
    },

    /// A file of a model is missing, damaged or of the wrong kind.
    #[error("the model file {} is unusable: {problem}", path.display())]
    ModelFile {
        /// The file.
        path: PathBuf,
        /// The problem, and what to do about it.
        problem: String,
    },

    /// A file does not have the SHA-256 that the catalogue pins.
    #[error("{} has SHA-256 {found} but {expected} is pinned; it was not installed: delete it and fetch it again, or use another source", path.display())]
    HashMismatch {
        /// The file.
        path: PathBuf,
        /// The pinned hash, hexadecimal.
        expected: String,
        /// The hash of the file, hexadecimal.
        found: String,
    },

    /// The model is of a kind that the backend cannot run.
    #[error("the model in {} cannot be run: {problem}{}", path.display(), instead(*runs_on))]
    ModelUnsupported {
        /// Its directory.
        path: PathBuf,
        /// The feature that is not supported, and those that are.
        problem: String,
        /// The backend that may be able to run it, `native` or `ort`.
        runs_on: Option<&'static str>,
    },

    /// The backend does not compute in this precision.
    #[error(
        "the {backend} backend cannot compute in {precision}, as it runs an ONNX file as it is; leave the precision to the backend, or use the native backend"
    )]
    PrecisionUnsupported {
        /// The backend, `ort`.
        backend: &'static str,
        /// The precision that was asked for.
        precision: &'static str,
    },

    /// No source could deliver a model or a runtime.
    #[error("cannot fetch {what}: {problem}")]
    Fetch {
        /// The model or file.
        what: String,
        /// The answer of each source.
        problem: String,
    },

    /// A model or file would have to be fetched, and the options forbid it.
    #[error("{what} is not on this machine, and the options forbid fetching it")]
    Offline {
        /// The model or file.
        what: String,
    },

    /// ONNX Runtime's shared library could not be loaded.
    #[error("cannot load ONNX Runtime{}: {problem}", loaded_from(path))]
    Runtime {
        /// The path that was tried, if one was known.
        path: Option<PathBuf>,
        /// The whole chain of causes, as text.
        problem: String,
    },

    /// No ONNX Runtime can be fetched for this platform.
    #[error(
        "{name} can be fetched for Linux on x86-64 (glibc) only; install ONNX Runtime 1.22 or newer yourself and give the path of its library"
    )]
    RuntimeUnavailable {
        /// Name and version of the runtime.
        name: String,
    },

    /// A backend failed while it computed.
    #[error("the {backend} backend failed: {problem}")]
    Backend {
        /// `native` or `ort`.
        backend: &'static str,
        /// Its message.
        problem: String,
    },

    /// A text or a sequence of tokens that the model cannot encode.
    #[error("cannot encode: {problem}")]
    Encode {
        /// The problem, and what to do about it.
        problem: String,
    },

    /// An option that is out of range, or that this machine does not support.
    #[error("invalid options: {problem}")]
    InvalidOptions {
        /// The problem, and what to do about it.
        problem: String,
    },

    /// The system could not start threads.
    #[error("cannot start threads for {purpose}: {problem}")]
    Threads {
        /// Their purpose.
        purpose: &'static str,
        /// The system's message.
        problem: String,
    },

    /// A query that is empty or only white space.
    #[error("the query is empty; ask with at least one word")]
    EmptyQuery,

    /// The operation was cancelled. What was finished is kept.
    #[error("interrupted; what was finished is kept, and doing the same again continues from there")]
    Interrupted,
}

impl Error {
    /// True if a stored file is damaged, missing or invalid. False if the request was wrong, or the system refused.
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::ModelFile { .. } | Self::HashMismatch { .. } | Self::NotInCatalogue { .. })
    }

    /// True if the request was wrong: another input, name or option would have worked.
    pub fn is_user_error(&self) -> bool {
        matches!(
            self,
            Self::ModelUnknown { .. }
                | Self::ModelNotInstalled { .. }
                | Self::ModelName { .. }
                | Self::ModelUnsupported { .. }
                | Self::PrecisionUnsupported { .. }
                | Self::Offline { .. }
                | Self::Encode { .. }
                | Self::InvalidOptions { .. }
                | Self::EmptyQuery
        )
    }

    /// Creates an I/O error with its action and its path, for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Creates the error for a damaged or unusable model file.
    pub(crate) fn model_file(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::ModelFile { path: path.as_ref().to_path_buf(), problem: problem.into() }
    }

    /// Creates the error for a model that no backend can run.
    pub(crate) fn unsupported(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::ModelUnsupported { path: path.as_ref().to_path_buf(), problem: problem.into(), runs_on: None }
    }
}

fn loaded_from(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|p| format!(" from {}", p.display())).unwrap_or_default()
}

fn instead(backend: Option<&str>) -> String {
    backend.map(|backend| format!("; use the {backend} backend instead")).unwrap_or_default()
}

/// Returns advice for the most common reasons for which the system refuses.
fn io_advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space and try again",
        io::ErrorKind::PermissionDenied => "; check its permissions",
        _ => "",
    }
}
