//! The options of a walk and its result: the files found, and the files left out with the reason.
//!
//! Hidden files that are left out are not reported. Files that ignore files and globs exclude are counted, by rule, in
//! [`FolderScan::left_out`]. All other files that are not taken (links, names that are not UTF-8, too large, unreadable), and
//! rules that are not applied, are listed in [`FolderScan::skipped`] with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::scope::{Globs, is_within};
pub use super::walk::{folders, is_bare, look, scan};
use crate::error::Result;

/// The options of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkOptions {
    /// True to also take files and folders whose name starts with a dot. Default: false.
    pub hidden: bool,
    /// True to follow symbolic links found below the root. Default: false. The root itself may always be a link.
    pub follow_links: bool,
    /// The size of the largest file that is taken, in bytes. Default: [`WalkOptions::MAX_FILE_SIZE`].
    pub max_file_size: u64,
    /// Takes only files that match one of these globs, in the syntax of `.gitignore`. Default: empty, all files.
    pub include: Vec<String>,
    /// Leaves out files and folders that match one of these globs. Default: empty.
    pub exclude: Vec<String>,
    /// Walks only these relative paths, and everything below them. Default: `None`, everything.
    pub only: Option<Vec<String>>,
    /// A folder above the root: its `.gitignore` and those of the folders between it and the root apply even without a repository.
    /// Default: `None`.
    pub base: Option<PathBuf>,
    /// A folder that is never walked: the collection's own, whatever its name. Default: `None`.
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
    /// The path: the root as given, joined with the path below it.
    pub path: PathBuf,
    /// The path relative to the root, with `/` between the parts on every system. If the root is a file, its name.
    pub relative: String,
    /// The size in bytes, at the time of the walk.
    pub size: u64,
    /// The time of the last modification, in nanoseconds since 1970 (negative before). 0: unknown.
    pub modified_ns: i64,
    /// The time of the last change of content, name or permissions (ctime, which programs cannot set), in the same unit.
    pub changed_ns: i64,
    /// The inode. 0: unknown.
    pub inode: u64,
}

/// A file or folder that was found, but not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The path relative to the root, see [`FoundFile::relative`]; characters that are not UTF-8 are shown as `�`.
    pub path: String,
    /// The reason, and what to do about it if something can be done.
    pub reason: String,
}

/// Checks that globs can be parsed.
///
/// # Errors
/// [`Error::InvalidGlob`](crate::error::Error::InvalidGlob) for one that cannot be parsed.
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

/// The number of files and folders left out. The content of a folder that was left out is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// The number of files.
    pub files: usize,
    /// The number of folders.
    pub folders: usize,
}

impl Count {
    /// Counts one more.
    pub(super) fn add(&mut self, folder: bool) {
        *(if folder { &mut self.folders } else { &mut self.files }) += 1;
    }
}

/// The result of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderScan {
    /// The files to read, in the order of [`FoundFile::relative`], each once.
    pub files: Vec<FoundFile>,
    /// Files that no rule excludes and that were not taken, in the order of the paths.
    pub skipped: Vec<Skipped>,
    /// Relative paths that could not be read: a missing file at or below one of them may still exist. The empty path is the
    /// root. See [`FolderScan::is_unknown`].
    pub failed_directories: Vec<String>,
    /// The relative paths that the walk covered, with everything below them. `None`: everything.
    pub only: Option<BTreeSet<String>>,
    /// The files and folders left out, by rule and name (see [`LeftOutBy`]), without hidden ones.
    pub left_out: BTreeMap<(LeftOutBy, String), Count>,
}

impl FolderScan {
    /// True if the walk could not find out whether a file with this relative path exists.
    pub fn is_unknown(&self, relative: &str) -> bool {
        self.failed_directories.iter().any(|prefix| {
            prefix.is_empty()
                || relative.strip_prefix(prefix.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        })
    }

    /// True if the walk covered this relative path.
    pub fn covers(&self, relative: &str) -> bool {
        self.only.as_ref().is_none_or(|only| is_within(only, relative))
    }

    /// True if the walk found nothing at all, apart from hidden names. If it found files but none to read, the folder is not
    /// empty, and its disk is mounted.
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
