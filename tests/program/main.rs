//! What the program `nigh` promises, checked from outside: its output, its exit codes, what it leaves on the disk.
//!
//! | file | what it checks |
//! |---|---|
//! | `support/` | what `tests/it` shares, and the program under limits |
//! | `cli.rs` | the program: output, exit codes, errors |
//! | `eval.rs` | `nigh eval`: sets and one's own documents measured, output, errors |
//! | `formats.rs` | real files of every format, found at the right place |
//! | `hostile.rs` | files made to harm who reads them (Linux) |
//! | `forged.rs` | heads and settings of a collection with hostile values (Linux) |
//! | `shown.rs` | hits: paths from where one stands, stale files, snippets, explanations, flags |
//! | `filters.rs` | filters that are wrong, or accept nothing, and what is said of it |
//! | `quiet.rs` | `--quiet`, readers that leave, disks that are full |
//! | `roundtrip.rs` | `nigh export` and `nigh import`: what comes back, what is said of wrong lines |
//! | `kills.rs` | `kill -9` at any moment of every command (Linux) |
//! | `modes.rs` | who may read what is stored; collections on a read-only medium (Linux) |
//! | `order.rs` | the order of names in printed JSON |
//! | `output.rs` | strings of files that would steer a terminal, under every command and error (Linux) |
//! | `roots.rs` | which folders a run is about, what it leaves out, what its settings say |
//! | `stale.rs` | what a run would do; moved files; settings of a folder |
//! | `trust.rs` | settings, folders and models that came with a repository (Linux) |
//! | `watch.rs` | `nigh watch` under bursts of changes (Linux) |
//! | `damage/` | every file of a collection damaged in every way, and every command on it (Linux) |
//! | `repository/` | a hostile repository: links, FIFOs, devices and settings at every path (Linux) |
//! | `lines.rs` | `nigh import` of hostile lines |
//! | `rebuild.rs` | `nigh verify` and `nigh rebuild` |
//!
//! Real models are looked for as in `tests/it`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may fail loudly, and say what they skip"
)]

mod cli;
#[cfg(target_os = "linux")]
mod damage;
mod emptied;
mod eval;
mod filters;
#[cfg(target_os = "linux")]
mod forged;
mod formats;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod kills;
mod lines;
#[cfg(target_os = "linux")]
mod modes;
mod order;
#[cfg(target_os = "linux")]
mod output;
#[cfg(target_os = "linux")]
mod quiet;
mod rebuild;
#[cfg(target_os = "linux")]
mod repository;
mod roots;
mod roundtrip;
mod shown;
mod stale;
mod support;
#[cfg(target_os = "linux")]
mod trust;
#[cfg(target_os = "linux")]
mod watch;
