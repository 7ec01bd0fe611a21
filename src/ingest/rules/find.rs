//! Finding and reading the ignore files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::IgnoreFileKind;
use super::bounds::FILE_BYTES;
use crate::disk::{Links, read_regular};

/// The most bytes of a file that names a repository's folder.
const POINTER_BYTES: u64 = 8 << 10;

/// Whether a folder is the top of a repository: it has a `.git`, which in a worktree or a submodule is a file.
pub(super) fn is_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}

/// The path and text of a folder's ignore file of this kind; `None` if there is none. Reports a file that cannot be read to
/// `problem`.
pub(super) fn text(
    folder: &Path,
    kind: IgnoreFileKind,
    problem: &mut dyn FnMut(&Path, String),
) -> Option<(PathBuf, Vec<u8>)> {
    let path = match kind {
        IgnoreFileKind::Own => folder.join(".nighignore"),
        IgnoreFileKind::Git => folder.join(".gitignore"),
        IgnoreFileKind::Exclude => exclude(folder, problem)?,
    };
    // Most folders have none: this is the cheapest check.
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

/// The path of the exclude file of a folder's repository. A worktree and a submodule have their repository elsewhere; a
/// submodule does not share it.
fn exclude(folder: &Path, problem: &mut dyn FnMut(&Path, String)) -> Option<PathBuf> {
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
