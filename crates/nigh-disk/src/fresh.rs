//! New files: they are created exclusively under a random name, and renamed once they are complete.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Deref;
use std::time::{SystemTime, UNIX_EPOCH};

use super::dir::Dir;
use super::system::{self, Handle};

/// The suffix of every temporary name.
const UNFINISHED: &str = ".unfinished";

/// The most random names that are tried. If a random name is taken, somebody created it on purpose.
const MAX_TRIES: usize = 32;

/// A new file. It is deleted if it is dropped before [`Fresh::put`].
pub struct Fresh {
    directory: Handle,
    /// The temporary name; `None` once the file has its own name.
    temporary: Option<OsString>,
    file: File,
}

impl Fresh {
    pub(super) fn new(directory: Handle, name: &OsStr) -> io::Result<Self> {
        for _ in 0..MAX_TRIES {
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

    /// Renames the file to its own name, and replaces the file that had this name. The content must be synced before. The name
    /// is durable once the directory is synced.
    ///
    /// # Errors
    /// The system's error; the file is then deleted.
    pub fn put(mut self, name: impl AsRef<OsStr>) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            system::rename(&self.directory, temporary, &self.directory, name.as_ref())?;
            self.temporary = None;
        }
        Ok(())
    }

    /// The same as [`Fresh::put`], in another directory of the same file system.
    ///
    /// # Errors
    /// See [`Fresh::put`].
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
            // If this fails, the next [`Dir::sweep`] deletes the file.
            let _ = system::remove(&self.directory, temporary);
        }
    }
}

/// True if a name is that of an unfinished file.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.ends_with(UNFINISHED))
}

/// Returns a number that cannot be guessed: the standard library seeds these hashers from the system's randomness.
fn random() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos()));
    hasher.write_u32(std::process::id());
    hasher.finish()
}

/// Returns 128 random bits as 32 hexadecimal digits.
pub fn random_id() -> String {
    format!("{:016x}{:016x}", random(), random())
}
