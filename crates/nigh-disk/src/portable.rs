//! The functions of `unix.rs` for systems without directory handles: plain paths, checked before use.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A directory's path.
pub(super) struct Handle(PathBuf);

impl Handle {
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(self.0.clone()))
    }
}

/// The same as on Unix, but owner, link count and access of others are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) owner: u32,
    pub(super) link_count: u64,
    pub(super) size: u64,
    pub(super) others_have_access: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Link,
    Other,
}

fn facts_in(metadata: &fs::Metadata) -> Facts {
    let kind = match metadata.file_type() {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Directory,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    };
    Facts { kind, owner: 0, link_count: 1, size: metadata.len(), others_have_access: false }
}

pub(super) fn user() -> u32 {
    0
}

pub(super) fn open_directory(path: &Path) -> io::Result<Handle> {
    match facts_in(&fs::symlink_metadata(path)?).kind {
        Kind::Directory => Ok(Handle(path.to_path_buf())),
        _ => Err(io::ErrorKind::NotADirectory.into()),
    }
}

pub(super) fn open_directory_in(directory: &Handle, name: &OsStr) -> io::Result<Handle> {
    open_directory(&directory.0.join(name))
}

pub(super) fn open_file(directory: &Handle, name: &OsStr, write: bool) -> io::Result<File> {
    OpenOptions::new().read(true).write(write).open(directory.0.join(name))
}

pub(super) fn open_path(path: &Path, _follow_links: bool) -> io::Result<File> {
    File::open(path)
}

pub(super) fn facts_of_path(path: &Path, follow_links: bool) -> io::Result<Facts> {
    Ok(facts_in(&if follow_links { fs::metadata(path)? } else { fs::symlink_metadata(path)? }))
}

pub(super) fn create_file(directory: &Handle, name: &OsStr) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(directory.0.join(name))
}

pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

pub(super) fn make_directory_in(directory: &Handle, name: &OsStr) -> io::Result<()> {
    fs::create_dir(directory.0.join(name))
}

pub(super) fn facts_at(directory: &Handle, name: &OsStr) -> io::Result<Facts> {
    Ok(facts_in(&fs::symlink_metadata(directory.0.join(name))?))
}

pub(super) fn facts_of_directory(directory: &Handle) -> io::Result<Facts> {
    Ok(facts_in(&fs::symlink_metadata(&directory.0)?))
}

pub(super) fn facts_of_file(file: &File) -> io::Result<Facts> {
    Ok(facts_in(&file.metadata()?))
}

pub(super) fn names_changed_at(_directory: &Handle) -> io::Result<(i64, i64)> {
    Ok((0, 0))
}

pub(super) fn rename(from: &Handle, old: &OsStr, to: &Handle, new: &OsStr) -> io::Result<()> {
    fs::rename(from.0.join(old), to.0.join(new))
}

pub(super) fn remove(directory: &Handle, name: &OsStr) -> io::Result<()> {
    fs::remove_file(directory.0.join(name))
}

pub(super) fn remove_directory(directory: &Handle, name: &OsStr) -> io::Result<()> {
    fs::remove_dir(directory.0.join(name))
}

pub(super) fn names(directory: &Handle) -> io::Result<Vec<OsString>> {
    fs::read_dir(&directory.0)?.map(|entry| Ok(entry?.file_name())).collect()
}

pub(super) fn sync(_directory: &Handle) -> io::Result<()> {
    Ok(())
}

pub(super) fn make_private(_directory: &Handle, _name: Option<&OsStr>) -> io::Result<()> {
    Ok(())
}
