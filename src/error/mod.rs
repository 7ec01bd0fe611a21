//! [`Error`]: the one error type of this crate. Each message is one line: what went wrong, where, and what to do next.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Error`] and its messages |
//! | `classify.rs` | [`Error::is_corruption`], [`Error::is_user_error`] |
//! | `make.rs` | creates errors: from the system's, from the encoder's, for a file of the index |
//! | `phrase.rs` | the parts of messages that depend on values |

mod classify;
mod make;
mod phrase;

use std::io;
use std::ops::Range;
use std::path::PathBuf;

pub use nigh_encoder::Error as EncoderError;
use nigh_encoder::VectorSpace;

use phrase::{column, io_advice, locked_phrase, quote_around, space_advice};

/// The result of the fallible functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// All errors of this crate, with the facts that are needed to act on them.
///
/// Every message ends with what to do next, in general terms. A program can add its own commands for that, by variant.
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

    /// An error of the model or its encoder: the model is not installed, cannot be downloaded, is damaged, or cannot run.
    #[error(transparent)]
    Model(EncoderError),

    /// An argument that cannot be used, such as a vector whose dimension is not the collection's.
    #[error("invalid input: {problem}")]
    InvalidInput {
        /// The problem, and what to do.
        problem: String,
    },

    /// Options that contradict each other, or an option that is out of its range.
    #[error("invalid options: {problem}")]
    InvalidOptions {
        /// The problem, and what to do.
        problem: String,
    },

    /// Invalid globs of a folder.
    #[error("the {list} globs cannot be read: {problem}")]
    InvalidGlob {
        /// The list of globs: `include` or `exclude`.
        list: &'static str,
        /// The glob, and its problem.
        problem: String,
    },

    /// A query that is empty or only white space.
    #[error("the query is empty; ask with at least one word")]
    EmptyQuery,

    /// A document that cannot be stored as it is, or an id that no document can have.
    #[error("the document {id:?} is invalid: {problem}")]
    InvalidDocument {
        /// The document's id; of a long one, the first 80 characters.
        id: String,
        /// The problem, and what to do.
        problem: String,
    },

    /// There is no document with this id.
    #[error("no document {id:?} is in the collection {}", collection.display())]
    DocumentMissing {
        /// The id that was given.
        id: String,
        /// The collection.
        collection: PathBuf,
    },

    /// There is no collection at this path.
    #[error("no collection at {}; create it first", path.display())]
    CollectionMissing {
        /// The path that was given.
        path: PathBuf,
    },

    /// A collection cannot be created where there is one already.
    #[error("a collection is already at {}; open it instead of creating it", path.display())]
    CollectionExists {
        /// The path of the existing collection.
        path: PathBuf,
    },

    /// The operation does not fit this kind of collection: text for one without a model, a vector for one with a model, a write through a
    /// read-only handle.
    #[error("the collection {} {problem}", path.display())]
    CollectionKind {
        /// The collection.
        path: PathBuf,
        /// The reason, as the end of a sentence about the collection.
        problem: String,
    },

    /// The collection's vectors were made by another model.
    #[error("the collection {} was made with {expected} but the model here is {found}; use the first, or index into a new collection", path.display())]
    ModelMismatch {
        /// The collection.
        path: PathBuf,
        /// The name and fingerprint of the collection's model.
        expected: String,
        /// The name and fingerprint of the model on this machine.
        found: String,
    },

    /// The collection's vectors are of the same model, but in another space than the one that was asked for.
    #[error("the vectors of the collection {} are in the {expected} space, and the {asked} space was asked for; {}", path.display(), space_advice(*asked))]
    SpaceMismatch {
        /// The collection.
        path: PathBuf,
        /// The space of its vectors.
        expected: VectorSpace,
        /// The space that was asked for.
        asked: VectorSpace,
    },

    /// The collection was written by a newer nigh.
    #[error("{} has format {found}; this nigh reads formats {oldest} to {newest}: install a newer nigh", path.display())]
    FormatTooNew {
        /// The store.
        path: PathBuf,
        /// The format of the store.
        found: u32,
        /// The oldest format that can be read.
        oldest: u32,
        /// The newest format that can be read.
        newest: u32,
    },

    /// The collection was written by an older nigh, in a format that this version cannot read.
    #[error("{} has format {found}; this nigh reads formats {oldest} to {newest}: export it with an older nigh and import it here", path.display())]
    FormatTooOld {
        /// The store.
        path: PathBuf,
        /// The format of the store.
        found: u32,
        /// The oldest format that can be read.
        oldest: u32,
        /// The newest format that can be read.
        newest: u32,
    },

    /// The collection was written by an older nigh, in a format that [`Collection::migrate`](crate::Collection::migrate) converts.
    #[error("{} has format {found} and this nigh writes format {newest}: migrate it first", path.display())]
    FormatOld {
        /// The store.
        path: PathBuf,
        /// The format of the store.
        found: u32,
        /// The format after the migration.
        newest: u32,
    },

    /// A folder cannot be indexed, because its documents would share ids with those of another indexed folder: one run would
    /// remove the documents of the other.
    #[error(
        "the folder {} cannot be indexed with the id prefix {prefix:?}: the folder {} is indexed with {other_prefix:?}, and \
         each run would remove the documents of the other; use a prefix of its own, or forget the other folder first",
        path.display(),
        other.display()
    )]
    FolderConflict {
        /// The folder that was refused.
        path: PathBuf,
        /// The prefix that it was to have.
        prefix: String,
        /// The folder that was indexed before.
        other: PathBuf,
        /// The prefix of that folder.
        other_prefix: String,
    },

    /// Another process, or another handle, has the collection open for writing.
    #[error("the collection {} is {}", path.display(), locked_phrase(*holder))]
    Locked {
        /// The collection.
        path: PathBuf,
        /// The id of that process, if known.
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
        /// The problem that was found.
        problem: String,
        /// True if [`Collection::rebuild`](crate::Collection::rebuild) may restore them. False if the published index cannot be used either.
        repairable: bool,
    },

    /// The store has less than was acknowledged: it lost its last changes.
    #[error("the records in {} end at change {found} but {expected} were acknowledged: some are lost; index their sources again to restore them", path.display())]
    RecordsBehind {
        /// The store.
        path: PathBuf,
        /// The last acknowledged change.
        expected: u64,
        /// The last change found.
        found: u64,
    },

    /// The files of a collection do not belong together: one belongs to another collection, or is an older copy.
    #[error("the files in {} do not belong together: {problem}; rebuild the collection, which keeps those that do", path.display())]
    CopiesDiffer {
        /// The collection.
        path: PathBuf,
        /// The files that differ, and how.
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

    /// The model of an untrusted collection is not installed. The model path in such a collection is not used.
    #[error("the collection {} is not trusted, so its model {model} is not loaded from the path that it names, and no installed model has this name; trust the collection, or fetch the model", path.display())]
    ModelNotTrusted {
        /// The collection.
        path: PathBuf,
        /// The name of the collection's model.
        model: String,
    },

    /// A file of the published index is missing or damaged. The records have the same data.
    #[error("the index file {} is damaged: {problem}; rebuild the collection, which makes it again from the records", path.display())]
    IndexDamaged {
        /// The file.
        path: PathBuf,
        /// The problem that was found.
        problem: String,
    },

    /// A filter with a mistake. [`Error::caret`] shows its place.
    #[error("the filter {} is wrong at column {}: {problem}", quote_around(expression, at), column(expression, at))]
    InvalidFilter {
        /// The whole expression.
        expression: String,
        /// The wrong bytes of the expression; may be empty, at its end.
        at: Range<usize>,
        /// The problem, and what to do.
        problem: String,
    },

    /// The system could not start threads, or one of them ended early.
    #[error("the threads for {purpose} failed: {problem}; try again")]
    Threads {
        /// The purpose of the threads.
        purpose: &'static str,
        /// The problem.
        problem: String,
    },

    /// Stopped on request. What was committed is kept.
    #[error("interrupted; what was finished is kept, and doing the same again continues from there")]
    Interrupted,
}

#[cfg(test)]
mod tests;
