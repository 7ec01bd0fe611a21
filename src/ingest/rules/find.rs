//! Finds and reads the ignore files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::IgnoreFileKind;
use super::bounds::FILE_BYTES;
use crate::disk::{Links, read_regular};

/// The most bytes of a file that has the path of a repository's folder.
const POINTER_BYTES: u64 = 8 << 10;

/// True if a folder is the top of a repository: it has a `.git`, which is a file in a worktree or a submodule.
pub(super) fn is_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}

/// Returns the path and text of a folder's ignore file of this kind; `None` if there is none. Reports a file that cannot be read
/// to `problem`.
pub(super) fn read_ignore_file(
    folder: &Path,
    kind: IgnoreFileKind,
    problem: &mut dyn FnMut(&Path, String),
) -> Option<(PathBuf, Vec<u8>)> {
    let path = match kind {
        IgnoreFileKind::Own => folder.join(".nighignore"),
        IgnoreFileKind::Git => folder.join(".gitignore"),
        IgnoreFileKind::Exclude => exclude_file(folder, problem)?,
    };
    // Most folders have none, and this is the cheapest check.
    if fs::symlink_metadata(&path).ok()?.is_dir() {
        return None;
    }
    match read_regular(&path, Links::Refuse, FILE_BYTES) {
        Ok(text) => Some((path, text?)),
        Err(error) => {
            let kept = "none of its rules is applied, so that what they leave out is taken";
            problem(&path, format!("an ignore file that is not read: {error}; {kept}"));
            None
        }
    }
}

/// Returns the path of the exclude file of a folder's repository. The repository of a worktree or a submodule is in another
/// folder; a submodule does not share it.
fn exclude_file(folder: &Path, problem: &mut dyn FnMut(&Path, String)) -> Option<PathBuf> {
    let git = folder.join(".git");
    let found = fs::symlink_metadata(&git).ok()?;
    if found.is_dir() {
        let info = git.join("info");
        if fs::symlink_metadata(&info).ok()?.is_symlink() {
            problem(&info, "a symbolic link, not followed; the rules in its exclude file are not applied".to_owned());
            return None;
        }
        return Some(info.join("exclude"));
    }
    let first_line =
        |path: &Path, problem: &mut dyn FnMut(&Path, String)| match read_regular(path, Links::Refuse, POINTER_BYTES) {
            Ok(text) => {
                let text = String::from_utf8(text?).ok()?;
                text.lines().next().map(str::to_owned)
            }
            Err(error) => {
                problem(path, format!("not read: {error}; the rules in its exclude file are not applied"));
                None
            }
        };
    let repository = folder.join(first_line(&git, problem)?.strip_prefix("gitdir: ")?);
    let common = match first_line(&repository.join("commondir"), problem) {
        Some(common) => repository.join(common),
        None => {
            let is_repository = fs::symlink_metadata(repository.join("HEAD")).is_ok_and(|found| found.is_file());
            is_repository.then_some(repository)?
        }
    };
    Some(common.canonicalize().unwrap_or(common).join("info").join("exclude"))
}
