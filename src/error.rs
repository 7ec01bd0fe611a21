//! One error type for the whole crate. Each message is one line: what went wrong, where, what to do next.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use nigh_encoder::Error as Encoding;

/// What the library's fallible functions return.
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

    /// A document that cannot be stored as it is.
    #[error("the document {id:?} cannot be stored: {problem}")]
    InvalidDocument {
        /// Its id, as far as it can be shown.
        id: String,
        /// What is wrong, and what to do.
        problem: String,
    },

    /// No document of that id.
    #[error("no document {id:?} is in the collection {}; `nigh export` lists them all", collection.display())]
    DocumentMissing {
        /// The id asked for.
        id: String,
        /// The collection.
        collection: PathBuf,
    },

    /// No collection there.
    #[error("no collection at {}; make one with `nigh index FOLDER`", path.display())]
    CollectionMissing {
        /// Where it was looked for.
        path: PathBuf,
    },

    /// A collection was to be made where one is.
    #[error("a collection is already at {}; open it instead of creating it", path.display())]
    CollectionExists {
        /// Where.
        path: PathBuf,
    },

    /// Text was given to a collection that has no model, or a vector to one that has.
    #[error("the collection {} {problem}", path.display())]
    CollectionKind {
        /// The collection.
        path: PathBuf,
        /// What it takes instead.
        problem: String,
    },

    /// The collection's vectors were made by another model.
    #[error("the collection {} was made with {expected} but the model here is {found}; use the first, or index into a new collection with `nigh index --collection NEW --model …`", path.display())]
    ModelMismatch {
        /// The collection.
        path: PathBuf,
        /// Name and fingerprint of the collection's model.
        expected: String,
        /// Name and fingerprint of the model that was given.
        found: String,
    },

    /// Written by a newer nigh.
    #[error("{} has format {found}; this nigh reads formats {oldest} to {newest}: install a newer nigh", path.display())]
    FormatTooNew {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The oldest that can be read.
        oldest: u32,
        /// The newest that can be read.
        newest: u32,
    },

    /// Written by an older nigh whose format must be migrated first.
    #[error("{} has format {found}; this nigh reads formats {oldest} to {newest}: open it once with an older nigh and `nigh export` it", path.display())]
    FormatTooOld {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The oldest that can be read.
        oldest: u32,
        /// The newest that can be read.
        newest: u32,
    },

    /// Written by an older nigh in a format that is migrated on request.
    #[error("{} has format {found}, this nigh writes {newest}: bring it up with `nigh migrate`", path.display())]
    FormatOld {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format that it is migrated to.
        newest: u32,
    },

    /// Another process, or another handle, holds the collection.
    #[error("the collection {} is in use{}; wait for it to finish, or stop it", path.display(), by(*holder))]
    Locked {
        /// The collection.
        path: PathBuf,
        /// The process that holds it, when it left its number.
        holder: Option<u32>,
    },

    /// The stored records contradict themselves, or cannot be read.
    #[error("the records in {} are damaged: {problem}", path.display())]
    RecordsDamaged {
        /// The store.
        path: PathBuf,
        /// What was found, and what to do.
        problem: String,
    },

    /// The store holds less than was acknowledged: it lost its tail.
    #[error("the records in {} end at change {found} but {expected} were acknowledged: some are lost; run `nigh index` on the folder again to restore them", path.display())]
    RecordsBehind {
        /// The store.
        path: PathBuf,
        /// The last acknowledged change.
        expected: u64,
        /// The last change found.
        found: u64,
    },

    /// The files of a collection do not belong together: one is of another collection, or an older copy.
    #[error("the files in {} do not belong together: {problem}; run `nigh rebuild`, which keeps those that do", path.display())]
    CopiesDiffer {
        /// The collection.
        path: PathBuf,
        /// Which of them differ, and how.
        problem: String,
    },

    /// The collection belongs to another user of this machine.
    #[error("the collection {} is owned by another user, so nothing is written to it; use a collection of your own, or make this one yours with `chown`", path.display())]
    NotOurs {
        /// The collection.
        path: PathBuf,
    },

    /// The collection was not made here, and what was asked for would obey what is written in it.
    #[error("the collection {} is not trusted: {problem}", path.display())]
    NotTrusted {
        /// The collection.
        path: PathBuf,
        /// Why that matters, and what to do.
        problem: String,
    },

    /// A published file is missing, or is not what was written. The records hold what it held.
    #[error("the index file {} is damaged: {problem}; run `nigh rebuild` to make it again from the records", path.display())]
    IndexDamaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },

    /// A filter that cannot be asked. [`Error::caret`] shows where it is wrong.
    #[error("the filter {} is wrong at column {}: {problem}", near(expression, at), column(expression, at))]
    InvalidFilter {
        /// The whole expression.
        expression: String,
        /// The bytes of it that are wrong; may be empty, at its end.
        at: Range<usize>,
        /// What is wrong, and what to do.
        problem: String,
    },

    /// Stopped on request. What was committed stays.
    #[error("interrupted; what was finished is kept, and the same command goes on from there")]
    Interrupted,
}

impl Error {
    /// Whether stored data is damaged or gone, as opposed to a wrong request or an unwilling system.
    pub fn is_corruption(&self) -> bool {
        matches!(
            self,
            Self::ModelFile { .. }
                | Self::HashMismatch { .. }
                | Self::RecordsDamaged { .. }
                | Self::RecordsBehind { .. }
                | Self::CopiesDiffer { .. }
                | Self::IndexDamaged { .. }
        )
    }

    /// Whether the request was at fault: another input, name or order of calls would have worked.
    pub fn is_user_error(&self) -> bool {
        matches!(
            self,
            Self::ModelUnknown { .. }
                | Self::ModelNotInstalled { .. }
                | Self::ModelUnsupported { .. }
                | Self::Offline { .. }
                | Self::InvalidInput { .. }
                | Self::EmptyQuery
                | Self::InvalidDocument { .. }
                | Self::InvalidFilter { .. }
                | Self::DocumentMissing { .. }
                | Self::CollectionMissing { .. }
                | Self::CollectionExists { .. }
                | Self::CollectionKind { .. }
                | Self::ModelMismatch { .. }
                | Self::NotOurs { .. }
                | Self::NotTrusted { .. }
                | Self::Locked { .. }
        )
    }

    /// For `map_err`: an I/O error with its verb and its path.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Names the index file, where the error came from a part of it that does not know its file.
    pub(crate) fn in_index_file(self, file: &Path) -> Self {
        match self {
            Self::IndexDamaged { path, problem } if path.as_os_str().is_empty() => {
                Self::IndexDamaged { path: file.to_path_buf(), problem }
            }
            other => other,
        }
    }

    /// For damaged or unusable model files.
    pub(crate) fn model_file(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::ModelFile { path: path.as_ref().to_path_buf(), problem: problem.into() }
    }
}

/// One to one: the encoder's errors are this crate's too.
impl From<Encoding> for Error {
    fn from(error: Encoding) -> Self {
        match error {
            Encoding::Io { action, path, source } => Self::Io { action, path, source },
            Encoding::ModelUnknown { name, known } => Self::ModelUnknown { name, known },
            Encoding::ModelNotInstalled { name, directory } => Self::ModelNotInstalled { name, directory },
            Encoding::ModelFile { path, problem } => Self::ModelFile { path, problem },
            Encoding::HashMismatch { path, expected, found } => Self::HashMismatch { path, expected, found },
            Encoding::ModelUnsupported { path, problem } => Self::ModelUnsupported { path, problem },
            Encoding::Fetch { what, problem } => Self::Fetch { what, problem },
            Encoding::Offline { what } => Self::Offline { what },
            Encoding::Runtime { path, problem } => Self::Runtime { path, problem },
            Encoding::Backend { backend, problem } => Self::Backend { backend, problem },
            Encoding::InvalidInput { problem } => Self::InvalidInput { problem },
            Encoding::EmptyQuery => Self::EmptyQuery,
            Encoding::Interrupted => Self::Interrupted,
            other => Self::Backend { backend: "native", problem: other.to_string() },
        }
    }
}

fn at(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|p| format!(" from {}", p.display())).unwrap_or_default()
}

fn by(holder: Option<u32>) -> String {
    holder.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}

/// The character where the mistake is, from 1.
fn column(expression: &str, at: &Range<usize>) -> usize {
    expression[..expression.floor_char_boundary(at.start)].chars().count() + 1
}

/// An expression, or of a long one the part about the mistake.
fn near(expression: &str, at: &Range<usize>) -> String {
    const MOST: usize = 160;
    if expression.len() <= MOST {
        return format!("{expression:?}");
    }
    let start = expression.floor_char_boundary(at.start.saturating_sub(MOST / 2));
    let end = expression.floor_char_boundary((start + MOST).min(expression.len()));
    let dots = |cut: bool| if cut { "…" } else { "" };
    format!("{}{:?}{}", dots(start > 0), &expression[start..end], dots(end < expression.len()))
}

/// What to do about the system's commonest refusals.
fn io_advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and run the same command again: what was committed is kept"
        }
        io::ErrorKind::PermissionDenied => "; check its permissions",
        io::ErrorKind::ReadOnlyFilesystem => "; it is on a read-only file system, use --collection to put it elsewhere",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_and_name_the_place() {
        let error = Error::io("read", "/no/such/file")(io::Error::from(io::ErrorKind::PermissionDenied));
        let text = error.to_string();
        assert!(text.contains("/no/such/file") && text.contains("permissions") && !text.contains('\n'), "{text}");
        assert!(std::error::Error::source(&error).is_some());
        assert!(!error.is_corruption() && !error.is_user_error());
    }

    #[test]
    fn long_filters_are_shown_about_the_mistake() {
        let expression = format!("{}错{}", "甲".repeat(20_000), "x".repeat(60_000));
        let error =
            Error::InvalidFilter { expression: expression.clone(), at: 60_000..60_003, problem: "bad".to_owned() };
        let text = error.to_string();
        assert!(text.len() < 260 && text.contains("甲错xx") && text.contains("column 20001: bad"), "{text}");
        assert!(text.starts_with("the filter …\"") && text.contains("x\"… is"), "{text}");
        for at in [0..0, 0..1, 120_003..120_003, usize::MAX..usize::MAX] {
            let error = Error::InvalidFilter { expression: expression.clone(), at, problem: String::new() };
            assert!(error.to_string().len() < 260, "{error}");
        }
    }
}
