//! An open directory, and the files in it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::fresh::{Fresh, is_unfinished};
use super::regular::read_limited;
use super::sync::sync_names;
use super::system::{self, Facts, Handle, Kind};

/// An open directory. Its methods take names of entries, not paths.
pub struct Dir {
    path: PathBuf,
    handle: Handle,
    facts: Facts,
}

impl Dir {
    /// Opens a directory. Links above the directory are followed; if the directory itself is a link, it is refused.
    ///
    /// # Errors
    /// The system's error. For a link, the error says what to do.
    pub fn open(path: &Path) -> io::Result<Self> {
        match system::open_directory(path) {
            Ok(handle) => Self::from_handle(path.to_path_buf(), handle),
            Err(error) => Err(Self::explain(path, error)),
        }
    }

    /// Opens a directory; creates it and its parents if missing.
    ///
    /// # Errors
    /// See [`Dir::open`].
    pub fn make(path: &Path) -> io::Result<Self> {
        match Self::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            let missing: Vec<&Path> = parent.ancestors().take_while(|folder| !folder.exists()).collect();
            std::fs::create_dir_all(parent)?;
            for folder in missing {
                sync_names(folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
            }
        }
        match system::make_directory(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Self::open(path),
        }
    }

    /// Opens the last two parts of a path, `parent/name`, one after the other, so that neither can be a link.
    ///
    /// # Errors
    /// See [`Dir::open`].
    pub fn nested(path: &Path) -> io::Result<Self> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => Self::open(parent)?.sub(name),
            _ => Self::open(path),
        }
    }

    fn from_handle(path: PathBuf, handle: Handle) -> io::Result<Self> {
        let facts = system::facts_of_directory(&handle)?;
        Ok(Self { path, handle, facts })
    }

    /// Returns a clearer error if the path is a link or not a directory.
    fn explain(path: &Path, error: io::Error) -> io::Error {
        match std::fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => refusal(Kind::Link),
            Ok(found) if !found.is_dir() => {
                io::Error::new(ErrorKind::InvalidInput, "it is not a directory; move it away")
            }
            _ => error,
        }
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Returns the path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if the directory belongs to another user than that of this process.
    pub fn is_foreign(&self) -> bool {
        self.facts.owner != system::user()
    }

    /// Opens a subdirectory.
    ///
    /// # Errors
    /// See [`Dir::open`].
    pub fn sub(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        let path = self.path.join(name.as_ref());
        match system::open_directory_in(&self.handle, name.as_ref()) {
            Ok(handle) => {
                let directory = Self::from_handle(path, handle)?;
                self.check_owner(directory.facts)?;
                Ok(directory)
            }
            Err(error) => Err(Self::explain(&path, error)),
        }
    }

    /// Opens a subdirectory; creates it if missing.
    ///
    /// # Errors
    /// See [`Dir::open`].
    pub fn make_sub(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        match system::make_directory_in(&self.handle, name.as_ref()) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => self.sub(name),
        }
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// The system's error; [`ErrorKind::InvalidInput`] if it is not a regular file, or belongs to another user.
    pub fn file(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.open_checked(name.as_ref(), false).map(|(file, _)| file)
    }

    /// Opens a file for reading and writing in place; creates it if missing.
    ///
    /// # Errors
    /// The errors of [`Dir::file`]; an error for a file with a second hard link, since a write would also change the file under
    /// that other name.
    pub fn in_place(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let name = name.as_ref();
        loop {
            match self.open_checked(name, true) {
                Ok((_, facts)) if facts.link_count > 1 => return Err(hard_link_error()),
                Ok((file, _)) => return Ok(file),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            match system::create_file(&self.handle, name) {
                // Another process created the file meanwhile.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
    }

    /// Opens a file, and checks it twice: before it is opened, since just opening some devices has effects; and after, since the name
    /// may be that of another file by then.
    fn open_checked(&self, name: &OsStr, write: bool) -> io::Result<(File, Facts)> {
        check_kind(system::facts_at(&self.handle, name)?)?;
        let file = system::open_file(&self.handle, name, write)?;
        let facts = system::facts_of_file(&file)?;
        check_kind(facts)?;
        self.check_owner(facts)?;
        Ok((file, facts))
    }

    /// Checks an entry's owner: everything in a directory must belong to the directory's owner, or to this process's user.
    fn check_owner(&self, facts: Facts) -> io::Result<()> {
        if facts.owner == self.facts.owner || facts.owner == system::user() {
            return Ok(());
        }
        let problem = format!("it belongs to another user ({}) than its directory", facts.owner);
        Err(io::Error::new(ErrorKind::InvalidInput, problem))
    }

    /// Reads a whole file of at most `limit` bytes; `None` if it does not exist.
    ///
    /// # Errors
    /// The errors of [`Dir::file`]; [`ErrorKind::FileTooLarge`].
    pub fn read(&self, name: impl AsRef<OsStr>, limit: u64) -> io::Result<Option<Vec<u8>>> {
        match self.file(name) {
            Ok(file) => read_limited(file, limit).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a file under a random name that begins with `name`.
    ///
    /// # Errors
    /// The system's error.
    pub fn fresh(&self, name: impl AsRef<OsStr>) -> io::Result<Fresh> {
        Fresh::new(self.handle.try_clone()?, name.as_ref())
    }

    /// Replaces a file by a file with this content, durably. After a crash, there is either the old or the new file, complete.
    ///
    /// # Errors
    /// The system's error; the old file stays.
    pub fn replace(&self, name: impl AsRef<OsStr>, content: &[u8]) -> io::Result<()> {
        let mut fresh = self.fresh(name.as_ref())?;
        fresh.write_all(content)?;
        fresh.sync_all()?;
        fresh.put(name)?;
        self.sync()
    }

    /// True if the name exists, as a file or anything else.
    ///
    /// # Errors
    /// The system's error.
    pub fn has(&self, name: impl AsRef<OsStr>) -> io::Result<bool> {
        match system::facts_at(&self.handle, name.as_ref()) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Checks that everything below is a directory, or a regular file with one hard link. Use this for directories that another
    /// crate opens by path.
    ///
    /// # Errors
    /// The errors of [`Dir::in_place`], with the name.
    pub fn check_all(&self) -> io::Result<()> {
        for name in self.names()? {
            let with_name = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", name.display()));
            let facts = match system::facts_at(&self.handle, &name) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                facts => facts?,
            };
            if facts.kind == Kind::Directory {
                self.sub(&name).and_then(|below| below.check_all()).map_err(with_name)?;
                continue;
            }
            check_kind(facts).and_then(|()| self.check_owner(facts)).map_err(with_name)?;
            if facts.link_count > 1 {
                return Err(with_name(hard_link_error()));
            }
        }
        Ok(())
    }

    /// Returns the names in the directory, in any order.
    ///
    /// # Errors
    /// The system's error.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        system::names(&self.handle)
    }

    /// Returns the total bytes of all files in the directory and below. A file that is deleted meanwhile counts as 0.
    ///
    /// # Errors
    /// The system's error.
    pub fn bytes(&self) -> io::Result<u64> {
        let mut bytes = 0;
        for name in self.names()? {
            match system::facts_at(&self.handle, &name) {
                Ok(facts) if facts.kind == Kind::Directory => bytes += self.sub(&name)?.bytes()?,
                Ok(facts) => bytes += facts.size,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(bytes)
    }

    /// Deletes a file or a link.
    ///
    /// # Errors
    /// The system's error.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        system::remove(&self.handle, name.as_ref())
    }

    /// Deletes an entry: a file, a link, or a directory with everything below. Does nothing if there is none. Links are not
    /// followed.
    ///
    /// # Errors
    /// The system's error; the errors of [`Dir::sub`]. Some of the files below may be deleted then.
    pub fn remove_all(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        let name = name.as_ref();
        match system::facts_at(&self.handle, name) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Ok(facts) if facts.kind == Kind::Directory => {
                let below = self.sub(name)?;
                below.names()?.iter().try_for_each(|name| below.remove_all(name))?;
                system::remove_directory(&self.handle, name)
            }
            facts => facts.and_then(|_| self.remove(name)),
        }
    }

    /// Renames an entry. Replaces an entry with the new name.
    ///
    /// # Errors
    /// The system's error.
    pub fn rename(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> io::Result<()> {
        system::rename(&self.handle, from.as_ref(), &self.handle, to.as_ref())
    }

    /// Deletes unfinished files that a crash left. Only the one process that writes to the directory may call this.
    ///
    /// # Errors
    /// The system's error.
    pub fn sweep(&self) -> io::Result<()> {
        for name in self.names()?.iter().filter(|name| is_unfinished(name)) {
            match self.remove(name) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the names in the directory durable.
    ///
    /// # Errors
    /// The system's error.
    pub fn sync(&self) -> io::Result<()> {
        system::sync(&self.handle)
    }

    /// Returns the time when the names in the directory last changed, in seconds and nanoseconds. If two calls return the same time, no
    /// name was added or removed between them. Zeros if the system does not say.
    ///
    /// # Errors
    /// The system's error.
    pub fn names_changed(&self) -> io::Result<(i64, i64)> {
        system::names_changed_at(&self.handle)
    }

    /// Calls [`Dir::make_private`] if group or others have any access to the directory.
    ///
    /// # Errors
    /// The system's error.
    pub fn close(&self) -> io::Result<()> {
        if self.facts.others_have_access { self.make_private() } else { Ok(()) }
    }

    /// Removes the access of group and others to the directory and to all files below.
    ///
    /// # Errors
    /// The system's error.
    pub fn make_private(&self) -> io::Result<()> {
        system::make_private(&self.handle, None)?;
        for name in self.names()? {
            match system::facts_at(&self.handle, &name) {
                // Leave out files with a second hard link: the other name may be outside the collection.
                Ok(facts) if facts.kind == Kind::File && facts.link_count == 1 => {
                    system::make_private(&self.handle, Some(&name))?;
                }
                Ok(facts) if facts.kind == Kind::Directory => self.sub(&name)?.make_private()?,
                _ => {}
            }
        }
        Ok(())
    }
}

pub(super) fn check_kind(facts: Facts) -> io::Result<()> {
    if facts.kind == Kind::File { Ok(()) } else { Err(refusal(facts.kind)) }
}

fn refusal(kind: Kind) -> io::Error {
    let (code, what) = match kind {
        Kind::File => (ErrorKind::NotADirectory, "it is not a directory"),
        Kind::Directory => (ErrorKind::IsADirectory, "it is a directory, not a file; move it away"),
        Kind::Link => (
            ErrorKind::InvalidInput,
            "it is a symbolic link, which is not followed here; put what it points to in its place",
        ),
        Kind::Other => {
            (ErrorKind::InvalidInput, "it is not a regular file (a FIFO, a socket or a device); move it away")
        }
    };
    io::Error::new(code, what)
}

fn hard_link_error() -> io::Error {
    let problem = "it has a second name somewhere (a hard link), which a write would change, too; replace it by a copy";
    io::Error::new(ErrorKind::InvalidInput, problem)
}
