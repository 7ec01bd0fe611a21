//! The system calls of Unix, each relative to an open directory.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};

/// The mode of new directories.
const PRIVATE_DIRECTORY: Mode = Mode::RWXU;
/// The mode of new files.
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// The flags of every open: links are not followed, and opening a FIFO does not wait for its other end.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// An open directory.
pub(super) type Handle = OwnedFd;

/// Metadata of a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    /// The id of the user who owns the entry.
    pub(super) owner: u32,
    /// The number of hard links to the entry.
    pub(super) link_count: u64,
    /// The size in bytes.
    pub(super) size: u64,
    /// True if the mode gives group or others any access.
    pub(super) others_have_access: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Link,
    /// A FIFO, a socket, a device.
    Other,
}

#[allow(clippy::unnecessary_cast, reason = "the fields have other widths on other systems")]
fn facts_in(stat: &Stat) -> Facts {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    };
    Facts {
        kind,
        owner: stat.st_uid,
        link_count: stat.st_nlink as u64,
        size: stat.st_size as u64,
        others_have_access: stat.st_mode & 0o077 != 0,
    }
}

/// Returns the id of the user that this process runs as.
pub(super) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub(super) fn open_directory(path: &Path) -> io::Result<Handle> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    Ok(fs::open(path, CAREFUL | OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?)
}

pub(super) fn open_directory_in(directory: &Handle, name: &OsStr) -> io::Result<Handle> {
    Ok(fs::openat(directory, name, CAREFUL | OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?)
}

pub(super) fn open_file(directory: &Handle, name: &OsStr, write: bool) -> io::Result<File> {
    let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
    Ok(fs::openat(directory, name, CAREFUL | access, Mode::empty())?.into())
}

/// Opens a file for reading by its path. A link at its end is followed only with `follow_links`.
pub(super) fn open_path(path: &Path, follow_links: bool) -> io::Result<File> {
    let flags = if follow_links { CAREFUL.difference(OFlags::NOFOLLOW) } else { CAREFUL };
    Ok(fs::open(path, flags | OFlags::RDONLY, Mode::empty())?.into())
}

/// Returns the metadata of a path; with `follow_links`, that of the target of a link at its end.
pub(super) fn facts_of_path(path: &Path, follow_links: bool) -> io::Result<Facts> {
    Ok(facts_in(&if follow_links { fs::stat(path)? } else { fs::lstat(path)? }))
}

/// Creates a file; an error if the name exists.
pub(super) fn create_file(directory: &Handle, name: &OsStr) -> io::Result<File> {
    let flags = CAREFUL | OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
    Ok(fs::openat(directory, name, flags, PRIVATE_FILE)?.into())
}

pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    Ok(fs::mkdir(path, PRIVATE_DIRECTORY)?)
}

pub(super) fn make_directory_in(directory: &Handle, name: &OsStr) -> io::Result<()> {
    Ok(fs::mkdirat(directory, name, PRIVATE_DIRECTORY)?)
}

/// Returns the metadata of a name. Links are not followed.
pub(super) fn facts_at(directory: &Handle, name: &OsStr) -> io::Result<Facts> {
    Ok(facts_in(&fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?))
}

pub(super) fn facts_of_directory(directory: &Handle) -> io::Result<Facts> {
    Ok(facts_in(&fs::fstat(directory)?))
}

pub(super) fn facts_of_file(file: &File) -> io::Result<Facts> {
    Ok(facts_in(&fs::fstat(file)?))
}

/// Returns the time when the names in a directory last changed, in seconds and nanoseconds.
pub(super) fn names_changed_at(directory: &Handle) -> io::Result<(i64, i64)> {
    let stat = fs::fstat(directory)?;
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "the fields have other widths elsewhere")]
    Ok((stat.st_mtime as i64, stat.st_mtime_nsec as i64))
}

pub(super) fn rename(from: &Handle, old: &OsStr, to: &Handle, new: &OsStr) -> io::Result<()> {
    Ok(fs::renameat(from, old, to, new)?)
}

pub(super) fn remove(directory: &Handle, name: &OsStr) -> io::Result<()> {
    Ok(fs::unlinkat(directory, name, AtFlags::empty())?)
}

pub(super) fn remove_directory(directory: &Handle, name: &OsStr) -> io::Result<()> {
    Ok(fs::unlinkat(directory, name, AtFlags::REMOVEDIR)?)
}

pub(super) fn names(directory: &Handle) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::Dir::read_from(directory)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

pub(super) fn sync(directory: &Handle) -> io::Result<()> {
    Ok(fs::fsync(directory)?)
}

/// Removes the access of group and others to a directory, or to a file in it.
pub(super) fn make_private(directory: &Handle, name: Option<&OsStr>) -> io::Result<()> {
    match name {
        None => Ok(fs::fchmod(directory, PRIVATE_DIRECTORY)?),
        Some(name) => Ok(fs::fchmod(open_file(directory, name, false)?, PRIVATE_FILE)?),
    }
}
