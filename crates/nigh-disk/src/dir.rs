//! An open directory, and the files in it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::fresh::{Fresh, is_unfinished};
use super::regular::bounded;
use super::sync::sync_names;
use super::system::{self, Facts, Handle, Kind};

/// An open directory. Every name given to its methods is one name, not a path.
pub struct Dir {
    path: PathBuf,
    handle: Handle,
    facts: Facts,
}

impl Dir {
    /// Opens a directory. Links above it are followed; a link in its place is refused.
    ///
    /// # Errors
    /// What the system says; for a link, what to do about it.
    pub fn open(path: &Path) -> io::Result<Self> {
        match system::open_directory(path) {
            Ok(handle) => Self::of(path.to_path_buf(), handle),
            Err(error) => Err(Self::explain(path, error)),
        }
    }

    /// Opens a directory, and makes it where it is missing, with what is missing above it.
    ///
    /// # Errors
    /// As [`Dir::open`].
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

    /// Opens `parent/name` where the path says so, so that neither of the two may be a link.
    ///
    /// # Errors
    /// As [`Dir::open`].
    pub fn nested(path: &Path) -> io::Result<Self> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => Self::open(parent)?.sub(name),
            _ => Self::open(path),
        }
    }

    fn of(path: PathBuf, handle: Handle) -> io::Result<Self> {
        let facts = system::facts_of_directory(&handle)?;
        Ok(Self { path, handle, facts })
    }

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

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it belongs to another user than the one this process runs as.
    pub fn is_foreign(&self) -> bool {
        self.facts.owner != system::user()
    }

    /// Opens a directory in it.
    ///
    /// # Errors
    /// As [`Dir::open`].
    pub fn sub(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        let path = self.path.join(name.as_ref());
        match system::open_directory_in(&self.handle, name.as_ref()) {
            Ok(handle) => {
                let directory = Self::of(path, handle)?;
                self.check_owner(directory.facts)?;
                Ok(directory)
            }
            Err(error) => Err(Self::explain(&path, error)),
        }
    }

    /// Opens a directory in it, and makes it where it is missing.
    ///
    /// # Errors
    /// As [`Dir::open`].
    pub fn make_sub(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        match system::make_directory_in(&self.handle, name.as_ref()) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => self.sub(name),
        }
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// What the system says; [`ErrorKind::InvalidInput`] for what is no regular file, or somebody else's.
    pub fn file(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.open_checked(name.as_ref(), false).map(|(file, _)| file)
    }

    /// Opens a file for reading and writing in place; makes it where it is missing.
    ///
    /// # Errors
    /// As [`Dir::file`]; for a file that has another name as well, since that would be written, too.
    pub fn in_place(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let name = name.as_ref();
        loop {
            match self.open_checked(name, true) {
                Ok((_, facts)) if facts.names > 1 => return Err(second_name()),
                Ok((file, _)) => return Ok(file),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            match system::create_file(&self.handle, name) {
                // Made by another process meanwhile.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
    }

    /// Looked at before it is opened, since opening alone does something to some devices, and after, since it may be another by then.
    fn open_checked(&self, name: &OsStr, write: bool) -> io::Result<(File, Facts)> {
        check_kind(system::facts_at(&self.handle, name)?)?;
        let file = system::open_file(&self.handle, name, write)?;
        let facts = system::facts_of_file(&file)?;
        check_kind(facts)?;
        self.check_owner(facts)?;
        Ok((file, facts))
    }

    /// What is in a directory belongs to whom the directory belongs to, or to us.
    fn check_owner(&self, facts: Facts) -> io::Result<()> {
        if facts.owner == self.facts.owner || facts.owner == system::user() {
            return Ok(());
        }
        let problem = format!("it belongs to another user ({}) than its directory does", facts.owner);
        Err(io::Error::new(ErrorKind::InvalidInput, problem))
    }

    /// Reads a whole file of at most `limit` bytes; none where there is none.
    ///
    /// # Errors
    /// As [`Dir::file`]; [`ErrorKind::FileTooLarge`].
    pub fn read(&self, name: impl AsRef<OsStr>, limit: u64) -> io::Result<Option<Vec<u8>>> {
        match self.file(name) {
            Ok(file) => bounded(file, limit).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A new file, under a random name that begins with `name`.
    ///
    /// # Errors
    /// What the system says.
    pub fn fresh(&self, name: impl AsRef<OsStr>) -> io::Result<Fresh> {
        Fresh::new(self.handle.try_clone()?, name.as_ref())
    }

    /// Puts a file with this content in the place of the one before, durably: a crash leaves the one or the other.
    ///
    /// # Errors
    /// What the system says: the one before stays.
    pub fn replace(&self, name: impl AsRef<OsStr>, content: &[u8]) -> io::Result<()> {
        let mut fresh = self.fresh(name.as_ref())?;
        fresh.write_all(content)?;
        fresh.sync_all()?;
        fresh.put(name)?;
        self.sync()
    }

    /// Whether something has this name, whatever it is.
    ///
    /// # Errors
    /// What the system says.
    pub fn has(&self, name: impl AsRef<OsStr>) -> io::Result<bool> {
        match system::facts_at(&self.handle, name.as_ref()) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Refuses what is neither a regular file with one name, nor a directory (which is looked into), down to the last. For what
    /// another crate opens by its path.
    ///
    /// # Errors
    /// As [`Dir::in_place`], with the name.
    pub fn check_all(&self) -> io::Result<()> {
        for name in self.names()? {
            let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", name.display()));
            let facts = match system::facts_at(&self.handle, &name) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                facts => facts?,
            };
            if facts.kind == Kind::Directory {
                self.sub(&name).and_then(|below| below.check_all()).map_err(named)?;
                continue;
            }
            check_kind(facts).and_then(|()| self.check_owner(facts)).map_err(named)?;
            if facts.names > 1 {
                return Err(named(second_name()));
            }
        }
        Ok(())
    }

    /// The names in it, in no order.
    ///
    /// # Errors
    /// What the system says.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        system::names(&self.handle)
    }

    /// Bytes of the files in it and below it. What goes meanwhile counts nothing.
    ///
    /// # Errors
    /// What the system says.
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

    /// Deletes a file, or a link.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        system::remove(&self.handle, name.as_ref())
    }

    /// Gives something in it another name, in the place of what has that.
    ///
    /// # Errors
    /// What the system says.
    pub fn rename(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> io::Result<()> {
        system::rename(&self.handle, from.as_ref(), &self.handle, to.as_ref())
    }

    /// Deletes new files that a crash left before they were whole. Only for whoever alone writes here.
    ///
    /// # Errors
    /// What the system says.
    pub fn sweep(&self) -> io::Result<()> {
        for name in self.names()?.iter().filter(|name| is_unfinished(name)) {
            match self.remove(name) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the names in it durable.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        system::sync(&self.handle)
    }

    /// When its names changed last; the same answer twice: no name came or went between. Zeros where the system does not say.
    ///
    /// # Errors
    /// What the system says.
    pub fn names_changed(&self) -> io::Result<(i64, i64)> {
        system::names_changed(&self.handle)
    }

    /// As [`Dir::make_private`], where others may do something with it.
    ///
    /// # Errors
    /// What the system says.
    pub fn close(&self) -> io::Result<()> {
        if self.facts.open { self.make_private() } else { Ok(()) }
    }

    /// Takes from it and from all files in it what others may do with them.
    ///
    /// # Errors
    /// What the system says.
    pub fn make_private(&self) -> io::Result<()> {
        system::make_private(&self.handle, None)?;
        for name in self.names()? {
            match system::facts_at(&self.handle, &name) {
                // A second name may be that of a file elsewhere.
                Ok(facts) if facts.kind == Kind::File && facts.names == 1 => {
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

fn second_name() -> io::Error {
    let problem = "it has a second name somewhere (a hard link), which would be written, too; replace it by a copy";
    io::Error::new(ErrorKind::InvalidInput, problem)
}
