//! What a folder is walked for: the options, the files found, and what was left out and why.
//!
//! Files that the hidden-file rule leaves out are what the user asked for and are not reported. What ignore files and globs leave
//! out is counted, for each of them, in [`FolderScan::left_out`]. All else that is not delivered (links, odd names, too large,
//! unreadable, rules that are not applied) is named in [`FolderScan::skipped`] with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::scope::{Globs, is_within};
pub use super::walk::{folders, is_bare, look, scan};
use crate::error::Result;

/// How to walk.
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
    /// What matches one of these globs is left out. Default: none.
    pub exclude: Vec<String>,
    /// Only these relative paths, and what is below them, are looked at. Default: everything.
    pub only: Option<Vec<String>>,
    /// A folder above the root whose `.gitignore`, and those of the folders between, count also where there is no repository.
    /// Default: none.
    pub base: Option<PathBuf>,
    /// A folder that is never walked: the collection's, whatever it is called. Default: none.
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
    /// Where it is: the root as it was given, and the way down from it.
    pub path: PathBuf,
    /// The way down from the root, `/` between its parts on every system; a root that is a file: its name.
    pub relative: String,
    /// Bytes, at the time of the walk.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970 (negative before). 0 where the system does not say.
    pub modified_ns: i64,
    /// When anything about it changed last, its name or rights included, which no program can set; as `modified_ns`.
    pub changed_ns: i64,
    /// What tells it from other files of its file system. 0 where the system does not say.
    pub inode: u64,
}

/// Something that was found and not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The way down from the root, as [`FoundFile::relative`]; characters that are not UTF-8 show as `�`.
    pub path: String,
    /// Why, and what to do where something can be done.
    pub reason: String,
}

/// Whether globs can be read.
///
/// # Errors
/// [`Error::InvalidGlob`](crate::error::Error::InvalidGlob) for one that is none.
pub fn check(include: &[String], exclude: &[String]) -> Result<()> {
    Globs::new(include, exclude).map(|_| ())
}

/// Why something was left out though nothing is wrong with it.
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
    /// Tools make it from other files, and would make it again; the name is its own.
    Generated,
}

/// How much was left out. What is in a folder that was left out is not counted.
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

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderScan {
    /// The files to read, in the order of [`FoundFile::relative`], each once.
    pub files: Vec<FoundFile>,
    /// What was left out though no rule asked for it, in the order of the paths.
    pub skipped: Vec<Skipped>,
    /// Relative paths whose content could not be seen: an absent file that equals one of them, or lies below one, is
    /// not known to be gone. The empty path stands for the whole root. See [`FolderScan::is_unknown`].
    pub failed_directories: Vec<String>,
    /// What was looked at: these relative paths, and what is below them. None: everything.
    pub only: Option<BTreeSet<String>>,
    /// What was left out, by reason and name (see [`LeftOutBy`]); hidden names, where these are not wanted, aside.
    pub left_out: BTreeMap<(LeftOutBy, String), Count>,
}

impl FolderScan {
    /// Whether the walk could not see if a file of this relative path exists.
    pub fn is_unknown(&self, relative: &str) -> bool {
        self.failed_directories.iter().any(|prefix| {
            prefix.is_empty()
                || relative.strip_prefix(prefix.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        })
    }

    /// Whether the walk looked for a file of this relative path.
    pub fn covers(&self, relative: &str) -> bool {
        self.only.as_ref().is_none_or(|only| is_within(only, relative))
    }

    /// Whether there was nothing at all, hidden names aside, where the walk looked: a folder may hold no file to read and yet be
    /// neither empty nor a disk that is not mounted.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.skipped.is_empty()
            && self.failed_directories.is_empty()
            && self.left_out.is_empty()
    }

    /// Counts what was left out.
    pub(super) fn leave_out(&mut self, by: LeftOutBy, name: String, folder: bool) {
        self.left_out.entry((by, name)).or_default().add(folder);
    }

    pub(super) fn skip(&mut self, path: String, reason: impl Into<String>) {
        self.skipped.push(Skipped { path, reason: reason.into() });
    }
}
