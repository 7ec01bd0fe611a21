//! New files: made exclusively under a random name, and given their own name once they are whole.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Deref;
use std::time::{SystemTime, UNIX_EPOCH};

use super::dir::Dir;
use super::system::{self, Handle};

/// What every name ends with that is given before a file is whole.
const UNFINISHED: &str = ".unfinished";

/// How often another random name is tried. One that is taken was put there to be in the way.
const TRIES: usize = 32;

/// A new file. Deleted when dropped before [`Fresh::put`].
pub struct Fresh {
    directory: Handle,
    /// None once it has its own name.
    temporary: Option<OsString>,
    file: File,
}

impl Fresh {
    pub(super) fn new(directory: Handle, name: &OsStr) -> io::Result<Self> {
        for _ in 0..TRIES {
            let mut temporary = name.to_owned();
            temporary.push(format!(".{:016x}{UNFINISHED}", random()));
            match system::create_file(&directory, &temporary) {
                Ok(file) => return Ok(Self { directory, temporary: Some(temporary), file }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "every random name is taken"))
    }

    /// Gives the file its name, in the place of what had it. Its content must be synced by then; the name is durable once the
    /// directory is.
    ///
    /// # Errors
    /// What the system says: the file is deleted then.
    pub fn put(mut self, name: impl AsRef<OsStr>) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            system::rename(&self.directory, temporary, &self.directory, name.as_ref())?;
            self.temporary = None;
        }
        Ok(())
    }

    /// As [`Fresh::put`], in another directory of the same file system.
    ///
    /// # Errors
    /// As [`Fresh::put`].
    pub fn put_in(mut self, directory: &Dir, name: impl AsRef<OsStr>) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            system::rename(&self.directory, temporary, directory.handle(), name.as_ref())?;
            self.temporary = None;
        }
        Ok(())
    }
}

impl Deref for Fresh {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Fresh {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What stays is deleted by the next sweep.
            let _ = system::remove(&self.directory, temporary);
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
pub fn random_id() -> String {
    format!("{:016x}{:016x}", random(), random())
}
