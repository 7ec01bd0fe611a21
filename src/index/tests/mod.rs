//! The published generation as a whole.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `fixture.rs` | a published directory, and a naive model of it |
//! | `model.rs` | sequences of changes, merges and reopening against that model |
//! | `meanwhile.rs` | commits during a merge |
//! | `beside.rs` | a sidecar with the passage of each row |
//! | `living.rs` | every passage that is not deleted is found, with graphs |
//! | `deletes.rs` | recall after repeated deletions of half of everything |
//! | `crash.rs` | a crash or an error at every fail point |
//! | `hostile/` | manifests and segments with valid checksums and harmful values: never a panic, a hang, or all memory |
//! | `damage.rs` | flipped bytes, truncated and missing files: never a wrong answer |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod beside;
mod crash;
mod damage;
mod deletes;
mod fixture;
#[cfg(target_os = "linux")]
mod hostile;
mod living;
mod meanwhile;
mod model;
