//! Folders: a temporary one to work in, copies, and the kinds of names in them.

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
    /// Makes an empty folder below `parent`; by default in /dev/shm if that exists, where syncs cost nothing.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn new(parent: Option<&Path>, name: &str) -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let parent =
            parent.map_or_else(|| if memory.is_dir() { memory.into() } else { std::env::temp_dir() }, PathBuf::from);
        let path = parent.join(format!("nigh-{name}-{}", std::process::id()));
        clear(&path)?;
        fs::create_dir_all(&path).map_err(TaskFailure::io("make", &path))?;
        let path = path.canonicalize().map_err(TaskFailure::io("find", &path))?;
        Ok(Self { path, keep: false })
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.keep {
            let _ = clear(&self.path);
        }
    }
}

/// Removes a folder and its content, if it exists.
pub(crate) fn clear(path: &Path) -> Result {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(TaskFailure::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Makes `to` a copy of `from`, with permissions and modification times. If `from` does not exist, `to` will not either.
pub(crate) fn copy(from: &Path, to: &Path) -> Result {
    clear(to)?;
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

/// The paths of all files and folders below a folder, relative to it.
pub(crate) fn names(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            all.insert(path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            }
        }
    }
    all
}

/// The kind of a name: the name with its decimal and hexadecimal numbers replaced by #.
pub(crate) fn kind(name: &str) -> String {
    let mut kind = String::new();
    let mut word = String::new();
    for c in name.chars().chain(['\0']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        let number = word.chars().any(|c| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_hexdigit());
        kind.push_str(if number { "#" } else { &word });
        word.clear();
        if c != '\0' {
            kind.push(c);
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_of_a_name_ignores_numbers_but_not_endings() {
        assert_eq!(kind("published/segment-0000001f"), kind("published/segment-00000020"));
        assert_eq!(kind("records/snap.0000000000013F2A"), "records/snap.#");
        assert_ne!(kind("head.new"), kind("head"));
        assert_eq!(kind("head.00aa12.unfinished"), "head.#.unfinished");
        assert_eq!(kind("nigh-int8.packed"), "nigh-int8.packed");
    }

    #[test]
    fn copy_has_the_same_content() {
        let place = RunFolder::new(Some(&std::env::temp_dir()), "xtask-copy").unwrap();
        let (from, to) = (place.path.join("a"), place.path.join("b"));
        fs::create_dir_all(from.join("x/y")).unwrap();
        fs::write(from.join("x/y/z"), "text").unwrap();
        fs::create_dir_all(to.join("old")).unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(names(&from), names(&to));
        assert_eq!(fs::read(to.join("x/y/z")).unwrap(), b"text");
        copy(&place.path.join("none"), &to).unwrap();
        assert!(!to.exists());
    }
}
