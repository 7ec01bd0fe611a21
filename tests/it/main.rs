//! What nigh promises, checked from outside: only its public API, on real files, with a small but real BERT.
//!
//! | file | what it checks |
//! |---|---|
//! | `support/` | a tiny model written to a directory, a naive BERT to compare with, collections in temporary places |
//! | `encoder.rs` | the native encoder against the naive one; batches, threads, instruction sets |
//! | `int8.rs` | the default precision: the same bits on every path, near f32 |
//! | `outliers.rs` | models with outlier channels, and weights that are no numbers, in int8 |
//! | `packed_file.rs` | the packed file beside a model: made, used, stale, damaged |
//! | `tokenizer.rs` | the real models' tokenizers against the `tokenizers` crate, over all texts of ../shared |
//! | `golden.rs` | the real models against published vectors; ONNX Runtime |
//! | `e5.rs` | the imported e5 against the reference converter's |
//! | `collection.rs` | upsert, search, replace, remove, commit |
//! | `documents.rs` | what a document may be |
//! | `opening.rs` | who may open a collection, with which model, and what for |
//! | `vectors.rs` | collections of brought vectors |
//! | `finding.rs` | what is found by words, filters, relevance; the sentence that is marked |
//! | `relevance.rs` | relevance in small collections, and the background beside a model |
//! | `folder.rs` | a folder brought into a collection, again and again |
//! | `stale.rs` | what a run would do; moved files; settings of a folder (feature `cli`) |
//! | `watch.rs` | `nigh watch` under bursts of changes (feature `cli`, Linux) |
//! | `formats.rs` | real files of every format, found at the right place (feature `cli`) |
//! | `hostile.rs` | files made to harm who reads them (feature `cli`, Linux) |
//! | `ranges.rs` | byte and line ranges of passages and hits |
//! | `bad_input.rs` | what is wrong with files and queries |
//! | `bad_model.rs` | what is wrong with models |
//! | `full_disk.rs` | a disk that fills up while a folder is indexed |
//! | `crash.rs` | `kill -9` while a folder is indexed |
//! | `killed.rs` | `kill -9` while brought vectors are committed and segments merged |
//! | `damage/` | every file of a collection damaged in every way, and every command on it (feature `cli`, Linux) |
//! | `forged.rs` | heads and settings of a collection with hostile values (feature `cli`, Linux) |
//! | `kills.rs` | `kill -9` at any moment of every command (feature `cli`, Linux) |
//! | `repository/` | a hostile repository: links, FIFOs, devices and settings at every path (feature `cli`, Linux) |
//! | `trust.rs` | settings, folders and models that came with a repository (feature `cli`, Linux) |
//! | `modes.rs` | who may read what is stored; collections on a read-only medium (feature `cli`, Linux) |
//! | `cut.rs` | files that are cut while they are mapped; model directories that hang or take all memory |
//! | `readers.rs` | reading processes beside a writing one |
//! | `published.rs` | what is published or recorded is damaged or gone; collections without it |
//! | `migration.rs` | a whole collection of the version before, migrated (Unix) |
//! | `transfer.rs` | export and import |
//! | `cli.rs` | the program: output, exit codes, errors (feature `cli`) |
//! | `output.rs` | strings of files that would steer a terminal, under every command and error (feature `cli`, Linux) |
//! | `eval.rs` | `nigh eval`: sets and one's own documents measured, output, errors (feature `cli`) |
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

mod bad_input;
mod bad_model;
#[cfg(feature = "cli")]
mod cli;
mod collection;
mod crash;
#[cfg(unix)]
mod cut;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod damage;
mod documents;
mod e5;
#[cfg(feature = "cli")]
mod emptied;
mod encoder;
#[cfg(feature = "cli")]
mod eval;
mod finding;
mod folder;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod forged;
#[cfg(feature = "cli")]
mod formats;
mod full_disk;
mod golden;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod hostile;
mod int8;
mod killed;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod kills;
#[cfg(unix)]
mod migration;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod modes;
mod opening;
mod outliers;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod output;
mod packed_file;
mod published;
mod ranges;
mod readers;
mod relevance;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod repository;
#[cfg(feature = "cli")]
mod stale;
mod support;
mod tokenizer;
mod transfer;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod trust;
mod vectors;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod watch;
