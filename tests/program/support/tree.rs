//! Copies and compares directory trees, with modes and times.

use std::collections::BTreeMap;
use std::fs::{self, FileTimes};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The state of a file, link or directory, without following it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    mode: u32,
    owner: u32,
    modified: (i64, i64),
    content: Vec<u8>,
}

/// Everything below a directory, itself included.
pub fn snapshot(directory: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut all = BTreeMap::new();
    look(directory, &mut all);
    all
}

fn look(path: &Path, all: &mut BTreeMap<PathBuf, Seen>) {
    let Ok(metadata) = path.symlink_metadata() else { return };
    let kind = metadata.file_type();
    let content = if kind.is_symlink() {
        fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()
    } else if kind.is_file() {
        fs::read(path).unwrap()
    } else {
        Vec::new()
    };
    if kind.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            look(&entry.unwrap().path(), all);
        }
    }
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    all.insert(path.to_path_buf(), Seen { mode: metadata.mode(), owner: metadata.uid(), modified, content });
}

/// Returns the differences between two snapshots, by name.
pub fn differences(before: &BTreeMap<PathBuf, Seen>, after: &BTreeMap<PathBuf, Seen>) -> Vec<String> {
    let mut all: Vec<&PathBuf> = before.keys().chain(after.keys()).collect();
    all.sort();
    all.dedup();
    let differs = all.into_iter().filter(|path| before.get(*path) != after.get(*path));
    let how = |path: &PathBuf| match (before.get(path), after.get(path)) {
        (None, _) => "is new",
        (_, None) => "is gone",
        (Some(a), Some(b)) if a.content != b.content => "has other content",
        (Some(a), Some(b)) if a.mode != b.mode => "has another mode",
        _ => "has another time or owner",
    };
    differs.map(|path| format!("{} {}", path.display(), how(path))).collect()
}

/// Copies a tree with times and modes. Links stay links; special files are left out.
pub fn copy(from: &Path, to: &Path) {
    let metadata = from.symlink_metadata().unwrap();
    let kind = metadata.file_type();
    if kind.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
    } else if kind.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
        fs::set_permissions(to, metadata.permissions()).unwrap();
    } else if kind.is_file() {
        fs::copy(from, to).unwrap();
        let times = FileTimes::new().set_modified(metadata.modified().unwrap());
        fs::File::options().append(true).open(to).unwrap().set_times(times).unwrap();
    }
}

/// Removes a path, but not the target of a link.
pub fn remove(path: &Path) {
    match path.symlink_metadata() {
        Err(_) => {}
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
    }
}

/// True if a path is a link, a directory, a FIFO or a hard link instead of a plain file.
pub fn is_odd(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| {
        let kind = metadata.file_type();
        kind.is_fifo() || !kind.is_file() || metadata.nlink() > 1
    })
}

/// Every regular file below a directory, in order.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let all = snapshot(directory);
    all.into_keys().filter(|path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())).collect()
}
