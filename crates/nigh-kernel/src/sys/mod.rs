//! Uses of the operating system: maps files, and returns free memory.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `map.rs` | [`FileMap`]: read-only memory maps of files |
//! | `guard.rs` | the SIGBUS handler that keeps a process alive when a mapped file is truncated or cannot be read |
//! | `guard_tests.rs` | its tests |
//! | `shared.rs` | [`SharedBytes`]: a part of a map, or of memory, with several owners |
//! | `heap.rs` | returns free heap memory to the system |

mod guard;
pub mod heap;
mod map;
mod shared;

pub use map::FileMap;
pub use shared::SharedBytes;
