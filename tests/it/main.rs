//! What nigh promises, checked from outside: only its public API, on real files, with a small but real BERT.
//!
//! | file | what it checks |
//! |---|---|
//! | `support/` | a tiny model written to a directory, a naive BERT to compare with, collections in temporary places |
//! | `encoder.rs` | the native encoder against the naive one; batches, threads, instruction sets |
//! | `int8.rs` | the default precision: the same bits on every path, near f32 |
//! | `outliers.rs` | models with outlier channels, and weights that are no numbers, in int8 |
//! | `packed_file.rs` | the packed file beside a model: made, used, stale, damaged |
//! | `tokenizer.rs` | the real models' tokenizers against the `tokenizers` crate, over all texts of NIGH_TEST_FILES |
//! | `golden.rs` | the real models against published vectors; ONNX Runtime |
//! | `e5.rs` | the imported e5 against the reference converter's |
//! | `collection.rs` | upsert, search, replace, remove, commit |
//! | `writer.rs` | documents that are encoded together, cancelled operations, documents that are refused |
//! | `api.rs` | what every public type promises |
//! | `snapshot.rs` | one commit, held: searches, pages, counts, batches |
//! | `documents.rs` | what a document may be |
//! | `opening.rs` | who may open a collection, with which model, and what for |
//! | `words.rs` | what a collection keeps of words |
//! | `vectors.rs` | collections of brought vectors |
//! | `finding.rs` | what is found by words, filters, relevance; the sentence that is marked |
//! | `relevance.rs` | relevance in small collections, and the background beside a model |
//! | `folder.rs` | a folder brought into a collection, again and again |
//! | `ranges.rs` | byte and line ranges of passages and hits |
//! | `bad_input.rs` | what is wrong with files and queries |
//! | `bad_model.rs` | what is wrong with models |
//! | `full_disk.rs` | a disk that fills up while a folder is indexed |
//! | `crash.rs` | `kill -9` while a folder is indexed |
//! | `killed.rs` | `kill -9` while brought vectors are committed and segments merged |
//! | `cut.rs` | files that are cut while they are mapped; model directories that hang or take all memory |
//! | `readers.rs` | reading processes beside a writing one |
//! | `published.rs` | what is published or recorded is damaged or gone; collections without it |
//! | `migration.rs` | a whole collection of the version before, migrated (Unix) |
//! | `transfer.rs` | export and import |
//!
//! The program is tested in `tests/program`.
//!
//! Real models are looked for below `NIGH_DATA`, else in the user's data directory; a test that lacks one says so and
//! passes, unless `NIGH_TEST_REQUIRE_MODELS` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may fail loudly, and say what they skip"
)]

mod api;
mod bad_input;
mod bad_model;
mod collection;
mod crash;
#[cfg(unix)]
mod cut;
mod documents;
mod e5;
mod encoder;
#[cfg(feature = "lexical")]
mod exact;
mod finding;
mod folder;
mod full_disk;
mod golden;
mod int8;
mod killed;
#[cfg(unix)]
mod migration;
mod opening;
mod outliers;
mod packed_file;
mod published;
mod ranges;
mod readers;
mod relevance;
mod snapshot;
mod support;
mod tokenizer;
mod transfer;
mod vectors;
mod words;
mod writer;
