//! [`Error`]: the one error type of this crate. Each message is one line: what went wrong, where, what to do next.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Error`] and its messages |
//! | `classify.rs` | [`Error::is_corruption`], [`Error::is_user_error`] |
//! | `make.rs` | making errors: from the system's, from the encoder's, for a file of the index |
//! | `phrase.rs` | the parts of messages that depend on values |

mod classify;
mod make;
mod phrase;

use std::io;
use std::ops::Range;
use std::path::PathBuf;

pub use nigh_encoder::Error as EncoderError;

use phrase::{by, column, io_advice, near};

/// What the fallible functions of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, with the facts needed to act on it.
///
/// Every message ends with what to do next, in general terms. A program that has commands of its own for that can add them by variant.
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

    /// The model or its encoder: it is not installed, cannot be fetched, is damaged, or cannot run or encode.
    #[error(transparent)]
    Model(EncoderError),

    /// An argument that nothing can be done with, as a vector of another length than the collection's.
    #[error("invalid input: {problem}")]
    InvalidInput {
        /// What is wrong, and what to do.
        problem: String,
    },

    /// Options that contradict each other, or one that is out of its bounds.
    #[error("invalid options: {problem}")]
    InvalidOptions {
        /// What is wrong, and what to do.
        problem: String,
    },

    /// Globs of a folder that cannot be read.
    #[error("the {list} globs cannot be read: {problem}")]
    InvalidGlob {
        /// Which list: `include` or `exclude`.
        list: &'static str,
        /// The glob, and what is wrong with it.
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
    #[error("no document {id:?} is in the collection {}", collection.display())]
    DocumentMissing {
        /// The id that was given.
        id: String,
        /// The collection.
        collection: PathBuf,
    },

    /// No collection there.
    #[error("no collection at {}; create it first", path.display())]
    CollectionMissing {
        /// The path that was given.
        path: PathBuf,
    },

    /// A collection was to be created where one is.
    #[error("a collection is already at {}; open it instead of creating it", path.display())]
    CollectionExists {
        /// Its path.
        path: PathBuf,
    },

    /// The operation does not fit this kind of collection: text for one without a model, a vector for one with a model, a write through a
    /// read-only handle.
    #[error("the collection {} {problem}", path.display())]
    CollectionKind {
        /// The collection.
        path: PathBuf,
        /// What it takes instead.
        problem: String,
    },

    /// The collection's vectors were made by another model.
    #[error("the collection {} was made with {expected} but the model here is {found}; use the first, or index into a new collection", path.display())]
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
        /// The oldest format that can be read.
        oldest: u32,
        /// The newest format that can be read.
        newest: u32,
    },

    /// Written by an older nigh, in a format that this one cannot read.
    #[error("{} has format {found}; this nigh reads formats {oldest} to {newest}: export it with an older nigh and import it here", path.display())]
    FormatTooOld {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The oldest format that can be read.
        oldest: u32,
        /// The newest format that can be read.
        newest: u32,
    },

    /// Written by an older nigh, in a format that [`Collection::migrate`](crate::Collection::migrate) converts.
    #[error("{} has format {found} and this nigh writes format {newest}: migrate it first", path.display())]
    FormatOld {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format after the migration.
        newest: u32,
    },

    /// Another process, or another handle, has the collection open for writing.
    #[error("the collection {} is in use{}; wait for it to finish, or stop it", path.display(), by(*holder))]
    Locked {
        /// The collection.
        path: PathBuf,
        /// The id of that process, if it is known.
        holder: Option<u32>,
    },

    /// The stored records contradict themselves, or cannot be read.
    #[error("the records in {} are damaged: {problem}; {}", path.display(), if *repairable {
        "rebuild the collection, which restores them from its published index"
    } else {
        "move the collection away and index again"
    })]
    RecordsDamaged {
        /// The store.
        path: PathBuf,
        /// What was found.
        problem: String,
        /// Whether [`Collection::rebuild`](crate::Collection::rebuild) may restore them. False when the published index is damaged too.
        repairable: bool,
    },

    /// The store holds less than was acknowledged: it lost its last changes.
    #[error("the records in {} end at change {found} but {expected} were acknowledged: some are lost; index their sources again to restore them", path.display())]
    RecordsBehind {
        /// The store.
        path: PathBuf,
        /// The last acknowledged change.
        expected: u64,
        /// The last change found.
        found: u64,
    },

    /// The files of a collection do not belong together: one is of another collection, or an older copy.
    #[error("the files in {} do not belong together: {problem}; rebuild the collection, which keeps those that do", path.display())]
    CopiesDiffer {
        /// The collection.
        path: PathBuf,
        /// Which of them differ, and how.
        problem: String,
    },

    /// The collection belongs to another user of this machine.
    #[error("the collection {} is owned by another user, so nothing is written to it; use a collection of your own, or become its owner", path.display())]
    NotOurs {
        /// The collection.
        path: PathBuf,
    },

    /// The collection belongs to another user and is not trusted, so it is not read.
    #[error("the collection {} is not trusted: it is owned by another user; if you know where it comes from, trust it", path.display())]
    NotTrusted {
        /// The collection.
        path: PathBuf,
    },

    /// The model of a collection that is not trusted is not installed, and a model at a path that such a collection names is not loaded.
    #[error("the collection {} is not trusted, so its model {model} is not loaded from the path that it names, and no installed model has this name; trust the collection, or fetch the model", path.display())]
    ModelNotTrusted {
        /// The collection.
        path: PathBuf,
        /// The name of its model.
        model: String,
    },

    /// A file of the published index is missing, or is not what was written. The records hold the same data.
    #[error("the index file {} is damaged: {problem}; rebuild the collection, which makes it again from the records", path.display())]
    IndexDamaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },

    /// A filter with a mistake. [`Error::caret`] shows where it is.
    #[error("the filter {} is wrong at column {}: {problem}", near(expression, at), column(expression, at))]
    InvalidFilter {
        /// The whole expression.
        expression: String,
        /// The bytes of it that are wrong; may be empty, at its end.
        at: Range<usize>,
        /// What is wrong, and what to do.
        problem: String,
    },

    /// The system could not start threads, or one of them ended early.
    #[error("the threads for {purpose} failed: {problem}; try again")]
    Threads {
        /// What they were for.
        purpose: &'static str,
        /// What happened.
        problem: String,
    },

    /// Stopped on request. What was committed is kept.
    #[error("interrupted; what was finished is kept, and doing the same again continues from there")]
    Interrupted,
}

#[cfg(test)]
mod tests;
