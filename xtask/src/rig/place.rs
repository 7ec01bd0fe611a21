//! Folders: a temporary one to work in, copies, the paths in a folder, and paths with their numbers masked.

use crate::run::{Result, TaskFailure};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A temporary folder, removed when dropped unless `keep` is set.
#[derive(Debug)]
pub(crate) struct RunFolder {
    pub(crate) path: PathBuf,
    pub(crate) keep: bool,
}

impl RunFolder {
    /// Makes an empty folder below `parent`; a folder that already has the name is removed. The default parent is /dev/shm, where syncs
    /// cost nothing, else the temporary directory.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn new(parent: Option<&Path>, name: &str) -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let parent =
            parent.map_or_else(|| if memory.is_dir() { memory.into() } else { std::env::temp_dir() }, PathBuf::from);
        let path = parent.join(format!("nigh-{name}-{}", std::process::id()));
        remove_if_exists(&path)?;
        fs::create_dir_all(&path).map_err(TaskFailure::io("make", &path))?;
        let path = path.canonicalize().map_err(TaskFailure::io("find", &path))?;
        Ok(Self { path, keep: false })
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.keep {
            let _ = remove_if_exists(&self.path);
        }
    }
}

/// Removes a folder and its content, if it exists.
pub(crate) fn remove_if_exists(path: &Path) -> Result {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(TaskFailure::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Makes `to` a copy of `from`, with permissions and the modification times of files. If `from` does not exist, `to` will not either.
pub(crate) fn copy(from: &Path, to: &Path) -> Result {
    remove_if_exists(to)?;
    if from.exists() { copy_into(from, to) } else { Ok(()) }
}

fn copy_into(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to).map_err(TaskFailure::io("make", to))?;
    let permissions = fs::metadata(from).map_err(TaskFailure::io("read", from))?.permissions();
    for entry in fs::read_dir(from).map_err(TaskFailure::io("read", from))? {
        let entry = entry.map_err(TaskFailure::io("read", from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_into(&path, &target)?;
            continue;
        }
        let copied = || {
            fs::copy(&path, &target)?;
            let modified = entry.metadata()?.modified()?;
            fs::File::options().write(true).open(&target)?.set_modified(modified)
        };
        copied().map_err(TaskFailure::io("copy", &path))?;
    }
    fs::set_permissions(to, permissions).map_err(TaskFailure::io("set the mode of", to))
}

/// Returns the paths of all files and folders below a folder, relative to it. Folders that cannot be read count as empty.
pub(crate) fn relative_paths(folder: &Path) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            paths.insert(path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(path);
            }
        }
    }
    paths
}

/// Replaces the numbers in a path by #, so that files that differ only in their numbers are equal. A number is a word of hexadecimal
/// digits with at least one decimal digit.
pub(crate) fn mask_numbers(name: &str) -> String {
    let mut masked = String::new();
    let mut word = String::new();
    for c in name.chars().chain(['\0']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        let is_number = word.chars().any(|c| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_hexdigit());
        masked.push_str(if is_number { "#" } else { &word });
        word.clear();
        if c != '\0' {
            masked.push(c);
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_numbers_keeps_words_and_endings() {
        assert_eq!(mask_numbers("published/segment-0000001f"), mask_numbers("published/segment-00000020"));
        assert_eq!(mask_numbers("records/snap.0000000000013F2A"), "records/snap.#");
        assert_ne!(mask_numbers("head.new"), mask_numbers("head"));
        assert_eq!(mask_numbers("head.00aa12.unfinished"), "head.#.unfinished");
        assert_eq!(mask_numbers("nigh-int8.packed"), "nigh-int8.packed");
    }

    #[test]
    fn copy_replaces_the_target_and_has_the_same_content() {
        let place = RunFolder::new(Some(&std::env::temp_dir()), "xtask-copy").unwrap();
        let (from, to) = (place.path.join("a"), place.path.join("b"));
        fs::create_dir_all(from.join("x/y")).unwrap();
        fs::write(from.join("x/y/z"), "text").unwrap();
        fs::create_dir_all(to.join("old")).unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(relative_paths(&from), relative_paths(&to));
        assert_eq!(fs::read(to.join("x/y/z")).unwrap(), b"text");
        copy(&place.path.join("none"), &to).unwrap();
        assert!(!to.exists());
    }
}
