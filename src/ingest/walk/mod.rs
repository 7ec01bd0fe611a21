//! Walks a folder, applies its `.gitignore` and `.nighignore`, and reports everything that is left out.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`scan`]: walks a folder and decides which files are taken |
//! | `facts.rs` | a file's times, inode and hidden flag |
//! | `folders.rs` | lists only the folders, to watch them |
//! | `generated.rs` | folders and files that tools generate |
//! | `errors.rs` | paths that could not be read, and their effect on the files below them |

mod errors;
mod facts;
mod folders;
mod generated;

#[cfg(test)]
mod left_out_tests;
#[cfg(test)]
mod tests;

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::rules::{GlobWorkspace, IgnoreRules, RuleDecision, bytes_of};
use super::scope::{Globs, is_within, leads_to};
use super::source::{FolderScan, FoundFile, LeftOutBy, WalkOptions};
use crate::error::{Error, Result};
use errors::report;
pub use folders::folders;

/// The default name of the collection's folder, which is never walked.
const OWN_FOLDER: &str = ".nigh";
/// The folder of git, never walked, even with hidden files: git's objects and packs are not documents.
const GIT_FOLDER: &str = ".git";

/// Walks a folder, or takes a single file. A single file can only be left out by the size limit, not by an ignore rule.
///
/// Calls `cancelled` at every entry. A relative root starts at the current directory. See [`IgnoreRules::above`] for the ignore
/// files above the root. Leaves out generated files ([`generated`]), unless an ignore file includes them.
///
/// # Errors
/// [`Error::Io`] when the root is missing or cannot be read; [`Error::InvalidGlob`] for an invalid glob;
/// [`Error::Interrupted`] when `cancelled` returns true. Errors below the root are in the [`FolderScan`].
pub fn scan(root: &Path, walk: &WalkOptions, cancelled: &dyn Fn() -> bool) -> Result<FolderScan> {
    let metadata = fs::metadata(root).map_err(Error::io("read", root))?;
    if !metadata.is_dir() {
        let mut scan = FolderScan::default();
        let name = root.file_name().map(PathBuf::from).unwrap_or_else(|| root.to_path_buf());
        take(&mut scan, root.to_path_buf(), &name, &metadata, walk);
        return Ok(scan);
    }
    fs::read_dir(root).map_err(Error::io("read", root))?;
    // A folder's names may be listed although its files cannot be accessed (no execute permission): check that, too.
    fs::metadata(root.join(".")).map_err(Error::io("read", root))?;
    let mut scan = walk_until(root, walk, cancelled, &|_| false)?;
    scan.files.sort_by(|a, b| a.relative.cmp(&b.relative));
    scan.skipped.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
    scan.failed_directories.sort();
    scan.failed_directories.dedup();
    Ok(scan)
}

/// True if a folder has nothing at all to read, apart from hidden names. Ignores [`WalkOptions::only`]. Stops at the first
/// entry.
///
/// # Errors
/// The errors of [`scan`].
pub fn is_bare(root: &Path, walk: &WalkOptions, cancelled: &dyn Fn() -> bool) -> Result<bool> {
    let walk = WalkOptions { only: None, ..walk.clone() };
    Ok(walk_until(root, &walk, cancelled, &|scan| !scan.is_empty())?.is_empty())
}

/// Walks until `enough` returns true for the result so far, or to the end.
fn walk_until(
    root: &Path,
    walk: &WalkOptions,
    cancelled: &dyn Fn() -> bool,
    enough: &dyn Fn(&FolderScan) -> bool,
) -> Result<FolderScan> {
    let mut sieve = Sieve::new(root, walk)?;
    let mut entries = WalkDir::new(root).follow_links(walk.follow_links).into_iter();
    while let Some(entry) = entries.next() {
        if cancelled() {
            return Err(Error::Interrupted);
        }
        if enough(&sieve.scan) {
            break;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                report(&mut sieve.scan, root, &error);
                continue;
            }
        };
        let (kind, relative) = (entry.file_type(), below(root, entry.path()));
        if !sieve.accepts(&entry, &relative) {
            if kind.is_dir() {
                entries.skip_current_dir();
            }
        } else if entry.depth() == 0 || kind.is_dir() {
            sieve.rules.enter(entry.path(), &relative, entry.depth());
        } else if kind.is_symlink() {
            sieve.scan.skip(shown(&relative), errors::unfollowed_link_reason(entry.path()));
        } else if !sieve.globs.include(&relative, &mut sieve.scratch) {
            sieve.scan.leave_out(LeftOutBy::Include, String::new(), false);
        } else {
            match entry.metadata() {
                Ok(metadata) => take(&mut sieve.scan, entry.path().to_path_buf(), &relative, &metadata, walk),
                Err(error) => report(&mut sieve.scan, root, &error),
            }
        }
    }
    sieve.scan.skipped.append(&mut sieve.rules.problems);
    Ok(sieve.scan)
}

/// Decides whether a walk takes an entry, and keeps the result so far.
struct Sieve<'a> {
    walk: &'a WalkOptions,
    globs: Globs,
    rules: IgnoreRules,
    scratch: GlobWorkspace,
    scan: FolderScan,
}

impl<'a> Sieve<'a> {
    /// Starts a walk at `root` with an empty result.
    ///
    /// # Errors
    /// [`Error::InvalidGlob`] for an invalid glob.
    fn new(root: &Path, walk: &'a WalkOptions) -> Result<Self> {
        let only = walk.only.as_ref().map(|paths| paths.iter().cloned().collect());
        Ok(Self {
            walk,
            globs: Globs::new(&walk.include, &walk.exclude)?,
            rules: IgnoreRules::above(root, walk.base.as_deref()),
            scratch: GlobWorkspace::default(),
            scan: FolderScan { only, ..FolderScan::default() },
        })
    }

    /// True if rules, globs and the walk's limits accept an entry; always true for the root. Call it for every entry, in the order
    /// of the walk: it drops the rules of folders that the walk has left.
    fn accepts(&mut self, entry: &DirEntry, relative: &Path) -> bool {
        self.rules.leave(entry.depth());
        entry.depth() == 0 || self.is_wanted(entry, relative)
    }

    /// [`Self::accepts`] for an entry below the root. Adds what ignore files, excluding globs and the rules for generated files
    /// leave out to the result, except hidden names, which nobody expects to be indexed.
    fn is_wanted(&mut self, entry: &DirEntry, relative: &Path) -> bool {
        if entry.file_name() == OWN_FOLDER || entry.file_name() == GIT_FOLDER {
            return false;
        }
        let is_folder = entry.file_type().is_dir();
        if is_folder && is_own(entry.path(), self.walk) {
            return false;
        }
        if let Some(only) = &self.scan.only {
            let is_covered = |path: String| is_within(only, &path) || is_folder && leads_to(only, &path);
            if !portable(relative).is_some_and(is_covered) {
                return false;
            }
        }
        let is_visible = self.walk.hidden || !facts::is_hidden(entry);
        // A rule that includes a path also includes hidden and generated files.
        let (decision, file) = self.rules.decide(relative, is_folder);
        match decision {
            RuleDecision::Nothing if !is_visible => return false,
            RuleDecision::LeaveOut => {
                if let Some(path) = self.rules.files.get(file).filter(|_| is_visible) {
                    self.scan.leave_out(LeftOutBy::IgnoreFile, path.clone(), is_folder);
                }
                return false;
            }
            RuleDecision::Nothing | RuleDecision::Keep => {}
        }
        if self.globs.exclude.decide(&bytes_of(relative), is_folder, &mut self.scratch) == RuleDecision::LeaveOut {
            if is_visible {
                self.scan.leave_out(LeftOutBy::Exclude, String::new(), is_folder);
            }
            return false;
        }
        if decision == RuleDecision::Nothing
            && let Some(name) = generated::generated_name(entry, is_folder)
        {
            self.scan.leave_out(LeftOutBy::Generated, name, is_folder);
            return false;
        }
        true
    }
}

/// True if a folder is the collection's own.
fn is_own(path: &Path, walk: &WalkOptions) -> bool {
    let Some(own) = &walk.own else { return false };
    path.file_name() == own.file_name() && path.canonicalize().is_ok_and(|path| path == *own)
}

/// Returns the current state of a file that was read before. `None`: it is not a regular file any more.
///
/// # Errors
/// The error of the operating system.
pub fn look(path: &Path) -> io::Result<Option<FoundFile>> {
    let metadata = path.symlink_metadata()?;
    // For a link that is followed, the stamp is that of the target.
    let metadata = if metadata.is_symlink() { path.metadata()? } else { metadata };
    if !metadata.is_file() {
        return Ok(None);
    }
    let modified_ns = metadata.modified().map(facts::nanoseconds).unwrap_or(0);
    let (changed_ns, inode) = facts::change(&metadata);
    let (path, relative) = (path.to_path_buf(), String::new());
    Ok(Some(FoundFile { path, relative, size: metadata.len(), modified_ns, changed_ns, inode }))
}

/// Adds a file, or the reason why it is skipped.
fn take(scan: &mut FolderScan, path: PathBuf, below: &Path, metadata: &Metadata, walk: &WalkOptions) {
    let Some(relative) = portable(below) else {
        scan.skip(shown(below), "its name is not UTF-8; rename it to have it indexed");
        return;
    };
    if !metadata.is_file() {
        scan.skip(relative, "not a regular file");
    } else if metadata.len() > walk.max_file_size {
        let (size, max) = (metadata.len(), walk.max_file_size);
        let reason = format!("{size} bytes, more than max_file_size ({max} bytes); raise it to have this file indexed");
        scan.skip(relative, reason);
    } else {
        let modified_ns = metadata.modified().map(facts::nanoseconds).unwrap_or(0);
        let (changed_ns, inode) = facts::change(metadata);
        scan.files.push(FoundFile { path, relative, size: metadata.len(), modified_ns, changed_ns, inode });
    }
}

/// Returns the path relative to `root`.
fn below(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}

/// Returns the path with `/` between the parts; `None` if a part is not UTF-8.
fn portable(relative: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// Returns a path to be shown to people.
pub(super) fn shown(path: &Path) -> String {
    match portable(path) {
        Some(portable) if path.is_relative() => portable,
        _ => path.to_string_lossy().into_owned(),
    }
}
