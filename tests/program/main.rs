//! Tests of the program `nigh` from outside: its output, its exit codes, and what it leaves on the disk.
//!
//! | file | what it checks |
//! |---|---|
//! | `support/` | what `tests/it` shares; runs the program, also with limits |
//! | `bench.rs` | `nigh bench`; the encoder's path in `nigh status`; threads under a CPU affinity |
//! | `change_passages.rs` | `nigh migrate --passages` |
//! | `cli.rs` | the commands: output, and which collection they use |
//! | `damage/` | every file of a collection damaged in every way, under every command (Linux) |
//! | `empty_folders.rs` | folders that are empty or missing |
//! | `errors.rs` | exit codes and errors |
//! | `escaping.rs` | control characters in names and texts, in every command and error (Linux) |
//! | `eval.rs` | `nigh eval`: sets, the user's own documents, output, errors |
//! | `eval_questions.rs` | `nigh eval --questions`: the user's own questions |
//! | `export_import.rs` | `nigh export` and `nigh import`: round trips, errors of lines |
//! | `filters.rs` | filters: errors, hints, paths |
//! | `folders.rs` | which folders a run reads, what it leaves out, its settings |
//! | `forged.rs` | heads and settings of a collection with hostile values (Linux) |
//! | `formats.rs` | real files of every format, found at the right place |
//! | `hits.rs` | hits: paths, stale files, snippets, explanations, options |
//! | `hostile.rs` | files made to harm the reader (Linux) |
//! | `import_lines.rs` | `nigh import` of hostile lines |
//! | `json_order.rs` | the order of names in JSON |
//! | `kills.rs` | `kill -9` at any moment of every command (Linux) |
//! | `names.rs` | files asked for by name; front matter (a real model) |
//! | `permissions.rs` | permissions of stored files; collections on a read-only medium (Linux) |
//! | `priority.rs` | the CPU priority of `nigh index --nice` and `nigh watch` (Linux) |
//! | `query_syntax.rs` | phrases, exclusions and short filters in a question |
//! | `quiet.rs` | `--quiet`, broken pipes, full disks |
//! | `rebuild.rs` | `nigh verify` and `nigh rebuild` |
//! | `repository/` | a hostile repository: links, FIFOs, devices and settings at every path (Linux) |
//! | `space.rs` | the space of vectors: `nigh encode`, `nigh migrate --space`, the setting |
//! | `stale.rs` | `nigh status --stale`; moved files; settings of a folder |
//! | `trust.rs` | settings, folders and models that came with a repository (Linux) |
//! | `watch.rs` | `nigh watch` under bursts of changes (Linux) |
//!
//! Real models are found as in `tests/it`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may panic, and print what they skip"
)]

mod bench;
mod change_passages;
mod cli;
#[cfg(target_os = "linux")]
mod damage;
mod empty_folders;
mod errors;
#[cfg(target_os = "linux")]
mod escaping;
mod eval;
mod eval_questions;
mod export_import;
mod filters;
mod folders;
#[cfg(target_os = "linux")]
mod forged;
mod formats;
mod hits;
#[cfg(target_os = "linux")]
mod hostile;
mod import_lines;
mod json_order;
#[cfg(target_os = "linux")]
mod kills;
mod names;
#[cfg(target_os = "linux")]
mod permissions;
#[cfg(target_os = "linux")]
mod priority;
mod query_syntax;
#[cfg(target_os = "linux")]
mod quiet;
mod rebuild;
#[cfg(target_os = "linux")]
mod repository;
mod space;
mod stale;
mod support;
#[cfg(target_os = "linux")]
mod trust;
#[cfg(target_os = "linux")]
mod watch;
