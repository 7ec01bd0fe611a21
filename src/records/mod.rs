//! The system of record: documents, their passages and vectors, and the collection's settings, kept in sled.
//!
//! A collection directory `C` has `C/lock` (which process writes), `C/head` (the last acknowledged change) and `C/records/` (sled).
//! One document's rows are written in one atomic batch; [`Store::flush`] makes everything before it durable and
//! acknowledges it in the head. On open the two are compared, because sled can lose its tail without an error.
//!
//! This module imports only [`crate::error`], [`crate::document`] and [`crate::disk`], and is the only one that uses sled.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `settings.rs` | the settings that a collection was created with: model, dimension, precision |
//! | `types.rs` | documents to be stored, outcomes, stamps, changes, counts |
//! | `open.rs` | create, open, inspect a copy, compare with the head |
//! | `store.rs` | [`Store`]: settings, counts, loss, flush |
//! | `write.rs` | put, remove, restamp: one batch each |
//! | `rows.rs` | writes the rows of one document over those of its previous version |
//! | `restore.rs` | restores documents with their old numbers; replaces lost records |
//! | `replace_vectors.rs` | replaces all vectors, by a copy of the records |
//! | `read.rs` | reads single documents, texts, passages, vectors |
//! | `scan.rs` | reads all documents, stamps, vectors; the changes since a sequence number |
//! | `verify.rs` | the full check: every row accounted for |
//! | `keys.rs` | the key of every row, by table |
//! | `codec.rs` | the value of every row: versioned records, and values in pieces |
//! | `vector.rs` | vectors as little-endian bytes, f16 or f32 |
//! | `format.rs` | the format numbers, and the check of a format |
//! | `migrate.rs` | the steps from each format to the next |
//! | `head.rs` | the file that says which change was acknowledged last, written atomically outside sled |
//! | `lock.rs` | the lock file, which names the process that holds it |
//! | `tree.rs` | sled itself: files checked before it opens them, every call guarded against its panics |
//! | `tests/` | round trips, a naive model, damage, `kill -9`, the stored fixture |

mod codec;
mod format;
mod head;
mod keys;
mod lock;
mod migrate;
mod open;
mod read;
mod replace_vectors;
mod restore;
mod rows;
mod scan;
mod settings;
mod store;
mod tree;
mod types;
mod vector;
mod verify;
mod write;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::copy as copy_for_tests;

pub use codec::is_unfinished;
pub use format::{FORMAT_CURRENT, FORMAT_OLDEST};
pub use open::OpenMode;
pub use settings::{Cuts, ModelIdentity, Settings, VectorPrecision, WordIndex};
pub use store::{Loss, Store};
pub use types::{DocumentChange, PassageVector, SplitDocument, SplitPassage, StampedDocument};
