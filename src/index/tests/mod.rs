//! The published generation as a whole.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `fixture.rs` | a published directory beside a naive model of it |
//! | `model.rs` | sequences of changes, merges and reopening against that model |
//! | `meanwhile.rs` | commits while a merge is under way |
//! | `beside.rs` | a sidecar that names the passage of each row |
//! | `living.rs` | every living passage is found, with graphs |
//! | `deletes.rs` | recall after half of everything is deleted, again and again |
//! | `crash.rs` | a crash, and an error, at every fail point |
//! | `hostile/` | manifests and segments with valid checksums and hostile values: never a panic, a hang, or all memory |
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
