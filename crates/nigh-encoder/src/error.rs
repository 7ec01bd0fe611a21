//! What can go wrong with a model, or while one works. Each message is one line: what went wrong, where, what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// What the crate's fallible functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, with the facts needed to act on it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something on a path.
    #[error("cannot {action} {}: {source}{}", path.display(), io_advice(source))]
    Io {
        /// A verb and its object, as in "cannot … PATH".
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// No model of that name is in the catalogue, and no directory of that path exists.
    #[error(
        "no model is called {name:?}, and no directory either; known models: {known} (or give the path of a Hugging Face BERT directory)"
    )]
    ModelUnknown {
        /// What was asked for.
        name: String,
        /// The catalogue's names.
        known: String,
    },

    /// The model is known but not on this machine.
    #[error("the model {name} is not installed in {}; fetch it with `nigh model pull {name}`", directory.display())]
    ModelNotInstalled {
        /// Its catalogue name.
        name: String,
        /// Where it was looked for.
        directory: PathBuf,
    },

    /// A file of a model is missing, damaged or not what it should be.
    #[error("the model file {} is unusable: {problem}", path.display())]
    ModelFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },

    /// A fetched or given file does not have its pinned hash.
    #[error("{} has SHA-256 {found} but {expected} is pinned; it was not installed: delete it and fetch it again, or use another source", path.display())]
    HashMismatch {
        /// The file.
        path: PathBuf,
        /// The pinned hash, hexadecimal.
        expected: String,
        /// The file's hash, hexadecimal.
        found: String,
    },

    /// The model is of a kind that the asked-for backend cannot run.
    #[error("the model in {} cannot be run: {problem}", path.display())]
    ModelUnsupported {
        /// Its directory.
        path: PathBuf,
        /// What is not supported, and what would be.
        problem: String,
    },

    /// No source could deliver a model or a runtime.
    #[error("cannot fetch {what}: {problem}")]
    Fetch {
        /// The model or file.
        what: String,
        /// What each source said, and what to do.
        problem: String,
    },

    /// Fetching was needed but forbidden.
    #[error(
        "{what} is not on this machine and --offline forbids fetching it; run `nigh model pull` with a connection, or copy it from another machine with `nigh model import DIRECTORY`"
    )]
    Offline {
        /// The model or file.
        what: String,
    },

    /// ONNX Runtime's shared library could not be loaded.
    #[error("ONNX Runtime cannot be loaded{}: {problem}; install it with `nigh model pull --runtime`", at(path))]
    Runtime {
        /// Where it was looked for, when a place was known.
        path: Option<PathBuf>,
        /// The whole chain of causes, as text.
        problem: String,
    },

    /// A backend failed while it computed.
    #[error("the {backend} backend failed: {problem}")]
    Backend {
        /// `native` or `ort`.
        backend: &'static str,
        /// What it said.
        problem: String,
    },

    /// An input or option with which nothing can be done.
    #[error("this cannot be done: {problem}")]
    InvalidInput {
        /// What is wrong, and what to do.
        problem: String,
    },

    /// A query without a word in it.
    #[error("the query is empty; ask with at least one word")]
    EmptyQuery,

    /// Stopped on request. What was committed stays.
    #[error("interrupted; what was finished is kept, and the same command goes on from there")]
    Interrupted,
}

impl Error {
    /// Whether stored data is damaged or gone, as opposed to a wrong request or an unwilling system.
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::ModelFile { .. } | Self::HashMismatch { .. })
    }

    /// Whether the request was at fault: another input or name would have worked.
    pub fn is_user_error(&self) -> bool {
        matches!(
            self,
            Self::ModelUnknown { .. }
                | Self::ModelNotInstalled { .. }
                | Self::ModelUnsupported { .. }
                | Self::Offline { .. }
                | Self::InvalidInput { .. }
                | Self::EmptyQuery
        )
    }

    /// For `map_err`: an I/O error with its verb and its path.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// For damaged or unusable model files.
    pub(crate) fn model_file(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::ModelFile { path: path.as_ref().to_path_buf(), problem: problem.into() }
    }
}

fn at(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|p| format!(" from {}", p.display())).unwrap_or_default()
}

/// What to do about the system's commonest refusals.
fn io_advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space and try again",
        io::ErrorKind::PermissionDenied => "; check its permissions",
        _ => "",
    }
}
