//! Words: BM25 over passages, in Chinese, English and what is mixed of them.
//!
//! Beside the rows of each published segment stands one byte string, which this room makes and nobody else reads: a tantivy
//! segment whose documents are the rows. All of them together are read as one index, so that how rare a word is counts over
//! the whole collection.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `analysis/` | text to terms, for what is stored and for what is asked | nothing |
//! | `fields.rs` | what filters are asked of: values of a document by name | `error` |
//! | `documents.rs` | sets of documents | nothing |
//! | `ranges.rs` | which numbers a test accepts | `filter` |
//! | `filter.rs` | filters over columns | `documents`, `ranges`, `fields`, `guard`, `filter` |
//! | `columns.rs` | what the columns hold: which fields, and the values of one | `lexicon`, `fields`, `guard`, `filter` |
//! | `schema.rs` | the fields, their weights, how their terms reach tantivy | `fields` |
//! | `packed.rs` | the byte string: its header, its files, which row a document of it is | `error`, `kernel` |
//! | `directory.rs` | byte strings as one directory of tantivy, read only | `packed` |
//! | `scratch.rs` | a directory of tantivy for what is being merged: no more in memory than need be | `error` |
//! | `build.rs` | passages to a byte string | the above |
//! | `merge.rs` | living rows of several byte strings to one | the above |
//! | `lexicon.rs` | [`Lexicon`]: all byte strings, opened | the above |
//! | `candidates.rs` | the terms that a question may ask for | the above |
//! | `exact.rs` | of them those that it asks for exactly | the above |
//! | `query.rs` | [`Query`]: a question's terms, with what the collection knows of them | the above |
//! | `search.rs` | the best documents | the above |
//! | `score.rs` | scores of given rows, and of which terms they are made | the above |
//! | `verify.rs` | the full check: every list of every term | `lexicon`, `guard` |
//! | `guard.rs` | tantivy's errors and panics as errors of this crate | `error` |
//! | `tests/` | what must be found, splits and merges against one build, damage |
//!
//! **Score.** The sum over fields of weight × BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75), each term once.

mod analysis;
mod build;
mod candidates;
mod columns;
mod directory;
mod documents;
mod exact;
mod fields;
mod filter;
mod guard;
mod lexicon;
mod merge;
mod packed;
mod query;
mod ranges;
mod schema;
mod score;
mod scratch;
mod search;
mod verify;

#[cfg(test)]
mod tests;

pub use build::gather;
pub use build::{Passage, build};
pub use fields::Fields;
pub use lexicon::Lexicon;
pub use merge::{Part, merge};
pub use packed::Source;
pub use packed::{file_sizes, is_outdated};
pub use query::Query;
