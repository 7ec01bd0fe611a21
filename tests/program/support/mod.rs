//! Helpers for the tests of the program, besides those of `tests/it`:
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `command.rs` | runs `nigh` and reads its output |
//! | `program.rs` | the program from outside: limits on time and memory, printed advice followed |
//! | `prepared.rs` | a small collection with several commits, and how commands that meet damage must end |
//! | `chance.rs` | seeds, and numbers of cases |
//! | `tree.rs` | directory trees copied and compared |

#[cfg(target_os = "linux")]
pub mod chance;
pub mod command;
#[cfg(target_os = "linux")]
pub mod prepared;
#[cfg(target_os = "linux")]
pub mod program;
#[path = "../../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the library's tests use the rest")]
mod shared;
#[cfg(target_os = "linux")]
pub mod tree;

pub use shared::*;
