//! Files and directories of a collection: opened without following links, made under random names, made durable.
//!
//! A collection may come from anywhere, also out of a cloned repository. So nothing in it is opened by a path that
//! somebody else could have bent: a directory is opened first, without following a link, and each file relative to it.
//!
//! | rule | how it is kept |
//! |---|---|
//! | links are not followed | `O_NOFOLLOW`, relative to an open directory |
//! | only regular files are read or written | looked at before opening, and again on the open file |
//! | nothing that exists is written through | new files are made exclusively, under a random name, then renamed |
//! | what is written in place has one name | a file with a second hard link is refused |
//! | what is written is private | directories get mode 0700, files 0600 |
//! | names outlive a power loss | the file is synced, then renamed, then its directory is synced |
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `dir.rs` | [`Dir`]: an open directory, and the files in it |
//! | `fresh.rs` | [`Fresh`]: a new file that has no name yet that anybody looks for |
//! | `regular.rs` | [`read_regular`]: a file outside a collection, read only where it is a regular file of bounded size |
//! | `sync.rs` | directories synced by path |
//! | `unix.rs`, `other.rs` | the system calls, and what stands for them elsewhere |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

mod dir;
mod fresh;
mod regular;
mod sync;
#[cfg(not(unix))]
#[path = "other.rs"]
mod system;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;

#[cfg(test)]
mod tests;

pub use dir::Dir;
pub use fresh::{Fresh, random_id};
pub use regular::{Links, open_regular, read_regular};
pub use sync::sync_names;
