//! The options of a walk and its result: the files found, and files left out and why.
//!
//! Hidden files that are left out are not reported. Files that ignore files and globs leave out are counted, by rule, in
//! [`FolderScan::left_out`]. All other files that are not taken (links, names that are not UTF-8, too large, unreadable) and rules
//! that are not applied are listed in [`FolderScan::skipped`] with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::scope::{Globs, is_within};
pub use super::walk::{folders, is_bare, look, scan};
use crate::error::Result;

/// How to walk a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkOptions {
    /// Whether files and folders whose name starts with a dot are walked. Default: no.
    pub hidden: bool,
    /// Whether symbolic links found below the root are followed. Default: no. The root itself may always be one.
    pub follow_links: bool,
    /// The largest file taken, in bytes. Default: [`WalkOptions::MAX_FILE_SIZE`].
    pub max_file_size: u64,
    /// Only files that match one of these globs, in the syntax of `.gitignore`, are taken. Default: none, all are.
    pub include: Vec<String>,
    /// Files and folders that match one of these globs are left out. Default: none.
    pub exclude: Vec<String>,
    /// Only these relative paths, and everything below them, are walked. Default: everything.
    pub only: Option<Vec<String>>,
    /// A folder above the root: its `.gitignore` and those of the folders between apply even without a repository.
    /// Default: `None`.
    pub base: Option<PathBuf>,
    /// A folder that is never walked: the collection's, whatever its name. Default: `None`.
    pub own: Option<PathBuf>,
}

impl WalkOptions {
    /// The default of [`WalkOptions::max_file_size`]: 32 MiB.
    pub const MAX_FILE_SIZE: u64 = 32 << 20;
}

impl Default for WalkOptions {
    fn default() -> Self {
        let (include, exclude) = (Vec::new(), Vec::new());
        Self {
            hidden: false,
            follow_links: false,
            max_file_size: Self::MAX_FILE_SIZE,
            include,
            exclude,
            only: None,
            base: None,
            own: None,
        }
    }
}

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its path: the root as given, joined with the path below it.
    pub path: PathBuf,
    /// Its path below the root, with `/` between the parts on every system; if the root is a file, its name.
    pub relative: String,
    /// Bytes, at the time of the walk.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970 (negative before). 0: unknown.
    pub modified_ns: i64,
    /// When its content, name or rights last changed (ctime, which programs cannot set); as `modified_ns`.
    pub changed_ns: i64,
    /// Its inode. 0: unknown.
    pub inode: u64,
}

/// A file or folder that was found and not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its path below the root, as [`FoundFile::relative`]; characters that are not UTF-8 show as `�`.
    pub path: String,
    /// Why, and what to do where something can be done.
    pub reason: String,
}

/// Checks that globs can be parsed.
///
/// # Errors
/// [`Error::InvalidGlob`](crate::error::Error::InvalidGlob) for one that cannot.
pub fn check(include: &[String], exclude: &[String]) -> Result<()> {
    Globs::new(include, exclude).map(|_| ())
}

/// The rule that left a file or folder out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftOutBy {
    /// An ignore file; the name is its path.
    IgnoreFile,
    /// No glob of `include` matches it.
    Include,
    /// A glob of `exclude` matches it.
    Exclude,
    /// Tools generate it from other files; the name is its own.
    Generated,
}

/// How much was left out. The content of a folder that was left out is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many files.
    pub files: usize,
    /// How many folders.
    pub folders: usize,
}

impl Count {
    /// One more.
    pub(super) fn add(&mut self, folder: bool) {
        *(if folder { &mut self.folders } else { &mut self.files }) += 1;
    }
}

/// The result of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderScan {
    /// The files to read, in the order of [`FoundFile::relative`], each once.
    pub files: Vec<FoundFile>,
    /// Files that no rule leaves out and that were not taken, in the order of the paths.
    pub skipped: Vec<Skipped>,
    /// Relative paths that could not be read: a missing file at or below one of them may still exist. The empty path is the
    /// root. See [`FolderScan::is_unknown`].
    pub failed_directories: Vec<String>,
    /// The walk covered these relative paths and everything below them. `None`: everything.
    pub only: Option<BTreeSet<String>>,
    /// Files and folders left out, by rule and name (see [`LeftOutBy`]), without hidden ones.
    pub left_out: BTreeMap<(LeftOutBy, String), Count>,
}

impl FolderScan {
    /// Whether the walk could not find out if a file of this relative path exists.
    pub fn is_unknown(&self, relative: &str) -> bool {
        self.failed_directories.iter().any(|prefix| {
            prefix.is_empty()
                || relative.strip_prefix(prefix.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        })
    }

    /// Whether the walk covered this relative path.
    pub fn covers(&self, relative: &str) -> bool {
        self.only.as_ref().is_none_or(|only| is_within(only, relative))
    }

    /// Whether the walk found nothing at all, apart from hidden names. A folder without files to read need not be empty, nor a
    /// disk that is not mounted.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.skipped.is_empty()
            && self.failed_directories.is_empty()
            && self.left_out.is_empty()
    }

    /// Counts a file or folder that was left out.
    pub(super) fn leave_out(&mut self, by: LeftOutBy, name: String, folder: bool) {
        self.left_out.entry((by, name)).or_default().add(folder);
    }

    pub(super) fn skip(&mut self, path: String, reason: impl Into<String>) {
        self.skipped.push(Skipped { path, reason: reason.into() });
    }
}
