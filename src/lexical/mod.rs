//! Lexical search: BM25 over passages in Chinese, English and mixed text; and filters over columns.
//!
//! Each published segment has a lexical section, a byte string that this module writes and reads: a tantivy segment whose documents
//! are the rows. All sections of a snapshot are read as one index, so that a term's frequency counts over the whole collection.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `analysis/` | text to terms, for documents and for queries | nothing |
//! | `fields.rs` | the values of a document that filters read, as columns | `error` |
//! | `documents.rs` | sets of documents | nothing |
//! | `ranges.rs` | the ranges of numbers that a filter's test accepts | `filter` |
//! | `filter.rs` | filters over columns | `documents`, `ranges`, `fields`, `guard`, `filter` |
//! | `columns.rs` | the fields of the columns, and the values of one field | `lexicon`, `fields`, `guard`, `filter` |
//! | `schema.rs` | the fields, their weights, and how tantivy gets their terms | `fields` |
//! | `packed.rs` | the byte string: its header, its files, the row of each tantivy document | `error`, `kernel` |
//! | `pack.rs` | writes a tantivy segment as a byte string | `packed`, `guard` |
//! | `directory.rs` | byte strings as one read-only directory of tantivy | `packed` |
//! | `scratch.rs` | a directory of tantivy for merges, with little in memory | `error` |
//! | `merge.rs` | merges sections | the above |
//! | `build.rs` | passages to a section | the above |
//! | `lexicon.rs` | [`Lexicon`]: all sections of a snapshot, opened | the above |
//! | `background.rs` | how rare a term is, in the collection and in texts of all kinds | `analysis`, `schema` |
//! | `candidates.rs` | the terms that a query may search for | the above |
//! | `exact.rs` | the exact terms of a query: names, codes, values | the above |
//! | `query.rs` | [`Query`]: the terms of a query with their weights in the collection | the above |
//! | `search.rs` | the best documents | the above |
//! | `score.rs` | scores of given rows, and the contribution of each term | the above |
//! | `phrase.rs` | the passages that may contain a phrase | `analysis`, `lexicon`, `schema`, `guard` |
//! | `verify.rs` | the full check: every postings list of every term | `lexicon`, `guard` |
//! | `guard.rs` | tantivy's errors and panics as errors of this crate | `error` |
//! | `tests/` | what a search must find; sections that were split and merged, compared with one build; damage |
//!
//! **Score.** The sum over fields of weight × BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75), each term once.

mod analysis;
mod background;
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
mod pack;
mod packed;
mod phrase;
mod query;
mod ranges;
mod schema;
mod score;
mod scratch;
mod search;
mod verify;

#[cfg(test)]
mod tests;

pub(crate) use analysis::normalise::normalise;
pub use build::{Passage, build};
pub use fields::Fields;
pub use lexicon::Lexicon;
pub use merge::{LexicalPart, merge};
pub use pack::gather;
pub use packed::{Source, file_sizes, is_outdated};
pub use query::Query;
