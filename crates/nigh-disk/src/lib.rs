//! Files and directories of a collection: opened without following links, written under random names, made durable.
//!
//! A collection may come from anywhere, even from a cloned repository. So nothing in it is opened by a path that somebody else
//! could redirect: a directory is opened first, without following a link, and then each file relative to the open directory.
//!
//! | rule | how it is kept |
//! |---|---|
//! | links are not followed | `O_NOFOLLOW`, relative to an open directory |
//! | only regular files are read or written | checked before opening, and again on the open file |
//! | existing files are not overwritten in place | new files are created exclusively, under a random name, then renamed |
//! | a file that is written in place has one name | a file with a second hard link is refused |
//! | written files are private | directories get mode 0700, files 0600 |
//! | new names survive a power loss | the file is synced, then renamed, then its directory is synced |
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `dir.rs` | [`Dir`]: an open directory, and the files in it |
//! | `fresh.rs` | [`Fresh`]: a new file under a temporary name |
//! | `regular.rs` | [`read_regular`]: reads a file outside a collection, if it is a regular file of limited size |
//! | `sync.rs` | syncs directories by path |
//! | `unix.rs` | the system calls of Unix, relative to directory handles |
//! | `portable.rs` | the same functions for other systems, by plain paths |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

mod dir;
mod fresh;
mod regular;
mod sync;
#[cfg(not(unix))]
#[path = "portable.rs"]
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
