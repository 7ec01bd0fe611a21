//! New files: made exclusively under a random name, and given their own name once they are whole.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind};
use std::time::{SystemTime, UNIX_EPOCH};

use super::dir::Dir;
use super::system;

/// What every name ends with that is given before a file is whole.
const UNFINISHED: &str = ".unfinished";

/// How often another random name is tried. One that is taken was put there to be in the way.
const TRIES: usize = 32;

/// A new file. Deleted when dropped before [`Fresh::put`].
pub(crate) struct Fresh<'d> {
    directory: &'d Dir,
    /// None once it has its own name.
    temporary: Option<OsString>,
    file: File,
}

impl<'d> Fresh<'d> {
    pub(super) fn new(directory: &'d Dir, name: &OsStr) -> io::Result<Self> {
        for _ in 0..TRIES {
            let mut temporary = name.to_owned();
            temporary.push(format!(".{:016x}{UNFINISHED}", random()));
            match system::create_file(directory.handle(), &temporary) {
                Ok(file) => return Ok(Self { directory, temporary: Some(temporary), file }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "every random name is taken"))
    }

    /// The open file, to write to.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Syncs the file and gives it its name, in the place of what had it. The name is durable once the directory is synced.
    ///
    /// # Errors
    /// What the system says: the file is deleted then.
    pub(crate) fn put(mut self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.file.sync_all()?;
        let file = self.file.try_clone()?;
        if let Some(temporary) = &self.temporary {
            let handle = self.directory.handle();
            system::rename(handle, temporary, handle, name.as_ref())?;
            self.temporary = None;
        }
        Ok(file)
    }
}

impl Drop for Fresh<'_> {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What stays is deleted by the next sweep.
            let _ = system::remove(self.directory.handle(), temporary);
        }
    }
}

/// Whether a name is that of a file that never became whole.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.ends_with(UNFINISHED))
}

/// A number that nobody can guess: the standard library seeds these hashers from the system's randomness.
fn random() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos()));
    hasher.write_u32(std::process::id());
    hasher.finish()
}

/// 128 random bits, as 32 hexadecimal digits.
pub(crate) fn random_id() -> String {
    format!("{:016x}{:016x}", random(), random())
}
