//! Uses of the operating system: maps files, and returns free memory.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `amx.rs` | asks Linux for the registers of AMX |
//! | `map.rs` | [`FileMap`]: read-only memory maps of files |
//! | `guard.rs` | the SIGBUS handler that keeps a process alive when a mapped file is truncated or cannot be read |
//! | `guard_tests.rs` | its tests |
//! | `shared.rs` | [`SharedBytes`]: a part of a map, or of memory, with several owners |
//! | `heap.rs` | returns free heap memory to the system |

#[cfg(target_arch = "x86_64")]
pub(crate) mod amx;
mod guard;
pub mod heap;
mod map;
mod shared;

pub use map::FileMap;
pub use shared::SharedBytes;
