//! Tests of nigh's guarantees from outside: only its public API, on real files, with a small but real BERT.
//!
//! | file | what it checks |
//! |---|---|
//! | `support/` | a tiny model written to a directory, a naive BERT to compare with, collections in temporary places |
//! | `encoder.rs` | the native encoder against the naive one; batches, threads, instruction sets |
//! | `int8.rs` | the default precision: the same bits on every path, near f32 |
//! | `outliers.rs` | models with outlier channels, and weights with NaN or infinity, in int8 |
//! | `packed_file.rs` | the packed file next to a model: written, reused, stale, damaged |
//! | `tokenizer.rs` | the real models' tokenizers against the `tokenizers` crate, over all texts of NIGH_TEST_FILES |
//! | `golden.rs` | the real models against published vectors; ONNX Runtime |
//! | `e5.rs` | the imported e5 against that of the reference converter |
//! | `collection.rs` | upsert, search, replace, remove, commit |
//! | `writer.rs` | documents that are encoded in one batch, cancelled operations, refused documents |
//! | `api.rs` | the traits of the public types |
//! | `snapshot.rs` | snapshots: one commit for several searches, pages, counts, batches |
//! | `space.rs` | the language-neutral space of vectors |
//! | `change_space.rs` | a collection moved to the language-neutral space |
//! | `change_passages.rs` | a collection whose passages are made again by another rule |
//! | `documents.rs` | limits of documents |
//! | `opening.rs` | opening a collection: the lock, the model, the options |
//! | `words.rs` | the data that a collection stores for searches by words |
//! | `vectors.rs` | collections of documents with their own vectors |
//! | `finding.rs` | results by words, filters, relevance; the highlighted sentence |
//! | `query_syntax.rs` | phrases, exclusions and short filters in a query |
//! | `relevance.rs` | relevance in small collections, and the reference texts of a model |
//! | `folder.rs` | a folder indexed repeatedly |
//! | `ranges.rs` | byte and line ranges of passages and hits |
//! | `bad_input.rs` | bad files and queries |
//! | `bad_model.rs` | bad models |
//! | `full_disk.rs` | a disk that fills up while a folder is indexed |
//! | `crash.rs` | `kill -9` while a folder is indexed |
//! | `killed.rs` | `kill -9` while vectors are committed and segments merged |
//! | `cut.rs` | files that are truncated while mapped (Unix) |
//! | `hostile_model.rs` | model directories that hang the program or exhaust its memory (Unix) |
//! | `readers.rs` | reading processes while another one writes |
//! | `published.rs` | published files or records that are damaged or missing |
//! | `migration.rs` | a complete collection of the previous version, migrated (Unix) |
//! | `transfer.rs` | export and import |
//!
//! The program is tested in `tests/program`.
//!
//! Real models are looked for below `NIGH_DATA`, else in the user's data directory. A test without its model prints that and
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
mod change_passages;
mod change_space;
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
#[cfg(unix)]
mod hostile_model;
mod int8;
mod killed;
#[cfg(unix)]
mod migration;
mod opening;
mod outliers;
mod packed_file;
mod published;
#[cfg(feature = "lexical")]
mod query_syntax;
mod ranges;
mod readers;
mod relevance;
mod snapshot;
mod space;
mod support;
mod tokenizer;
mod transfer;
mod vectors;
mod words;
mod writer;
