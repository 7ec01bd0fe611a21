//! Atomic installation: all files are collected in `.partial-NAME`, which one rename makes visible.
//!
//! ```text
//! <parent>/.lock-NAME       held (advisory) by the process that installs NAME; never removed
//! <parent>/.partial-NAME/   finished files, and FILE.part for one that is being written; kept for the next attempt
//! <parent>/NAME/            complete, synced, with nigh-model.json
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::catalogue::PinnedFile;
use super::hash::{CHUNK_BYTES, Hashing};
use crate::error::{Error, Result};
use nigh_disk::{Links, open_regular, sync_names};

/// The time between two attempts to take the lock.
const RETRY_LOCK_AFTER: Duration = Duration::from_millis(200);

/// The file in an installed model's directory that holds its [`InstallRecord`]. It is written last.
pub(super) const RECORD_FILE: &str = "nigh-model.json";

/// The record of an installed model: the content of its `nigh-model.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstallRecord {
    /// The name it is installed under.
    pub name: String,
    /// SPDX identifier of its licence, if it is known.
    pub licence: Option<String>,
    /// A description of the source that delivered it: a hub, a wheel or a directory.
    pub source: String,
    /// The source's commit or version, if it has one.
    pub revision: Option<String>,
    /// Its files, in the order of their paths.
    pub files: Vec<InstalledFile>,
}

/// A file of an installed model, as it was when it was installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstalledFile {
    /// Its path in the model's directory, with `/` between folders.
    pub path: String,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A callback that gets the number of bytes of the current file that have arrived. An error stops the work.
pub(super) type Tick<'a> = dyn FnMut(u64) -> Result<()> + 'a;

/// A model directory that is being built, under a lock.
#[derive(Debug)]
pub(super) struct Staging {
    directory: PathBuf,
    destination: PathBuf,
    /// The files that belong to the installation; everything else in the directory is removed by the commit.
    files: BTreeMap<String, InstalledFile>,
    /// The lock, held until this is dropped.
    _lock: File,
}

impl Staging {
    /// Takes the lock, and creates the directory or continues with the directory of an earlier attempt. While another process that
    /// installs the same name holds the lock, calls `waiting` about five times a second.
    ///
    /// # Errors
    /// The error of `waiting`; [`Error::Io`].
    pub(super) fn begin(parent: &Path, name: &str, waiting: &mut dyn FnMut() -> Result<()>) -> Result<Self> {
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let lock_path = parent.join(format!(".lock-{name}"));
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(Error::io("open", &lock_path))?;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    waiting()?;
                    std::thread::sleep(RETRY_LOCK_AFTER);
                }
                Err(TryLockError::Error(source)) => return Err(Error::io("lock", &lock_path)(source)),
            }
        }
        let directory = parent.join(format!(".partial-{name}"));
        fs::create_dir_all(&directory).map_err(Error::io("create", &directory))?;
        Ok(Self { directory, destination: parent.join(name), files: BTreeMap::new(), _lock: lock })
    }

    /// Returns the directory that collects the files.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Removes all files, also those of earlier attempts.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.files.clear();
        fs::remove_dir_all(&self.directory).map_err(Error::io("remove", &self.directory))?;
        fs::create_dir(&self.directory).map_err(Error::io("create", &self.directory))
    }

    /// Adopts a finished file of an earlier attempt. Returns true if there is a file with the right hash. Removes a file with another
    /// hash.
    #[cfg(feature = "fetch")]
    pub(super) fn adopt_finished(&mut self, pin: &PinnedFile) -> Result<bool> {
        if self.files.contains_key(pin.path) {
            return Ok(true);
        }
        let path = self.directory.join(pin.path);
        if !path.is_file() {
            return Ok(false);
        }
        let (sha256, bytes) = super::hash::hash_file(&path)?;
        if sha256 != pin.sha256 {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            return Ok(false);
        }
        self.adopt(InstalledFile { path: pin.path.to_owned(), sha256, bytes });
        Ok(true)
    }

    /// Adds a file to the installation. The file must be in the directory, complete and synced.
    pub(super) fn adopt(&mut self, file: InstalledFile) {
        self.files.insert(file.path.clone(), file);
    }

    /// Excludes a file from the installation again: it was only needed for a conversion.
    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Returns the hash of a file of the installation.
    pub(super) fn sha256_of(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|file| file.sha256.as_str())
    }

    /// Returns the path of the `.part` file for `path`, and creates its folder.
    pub(super) fn part(&self, path: &str) -> Result<PathBuf> {
        let part = self.directory.join(format!("{path}.part"));
        if let Some(folder) = part.parent() {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        Ok(part)
    }

    /// Writes a whole file from a reader, and compares it with `pin` if there is one. Errors show `from` as the source.
    pub(super) fn receive(
        &mut self,
        path: &str,
        pin: Option<&PinnedFile>,
        reader: &mut dyn Read,
        from: &Path,
        tick: &mut Tick<'_>,
    ) -> Result<()> {
        let part = self.part(path)?;
        let file = File::create(&part).map_err(Error::io("create", &part))?;
        let mut writer = Hashing::new(file);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let n = reader.read(&mut chunk).map_err(Error::io("read", from))?;
            if n == 0 {
                break;
            }
            writer.write_all(&chunk[..n]).map_err(Error::io("write", &part))?;
            // Stop if the file is larger than its pinned size: it is wrong, and could fill the disk.
            if pin.is_some_and(|pin| writer.bytes() > pin.bytes) {
                break;
            }
            tick(writer.bytes())?;
        }
        self.accept(path, pin, writer)
    }

    /// Completes a `.part` file: checks its hash, syncs it and renames it. A file with a wrong hash is removed.
    pub(super) fn accept(&mut self, path: &str, pin: Option<&PinnedFile>, written: Hashing<File>) -> Result<()> {
        let part = self.part(path)?;
        let bytes = written.bytes();
        let (file, sha256) = written.finish();
        if let Some(pin) = pin.filter(|pin| pin.sha256 != sha256) {
            drop(file);
            fs::remove_file(&part).map_err(Error::io("remove", &part))?;
            return Err(Error::HashMismatch {
                path: self.directory.join(path),
                expected: pin.sha256.to_owned(),
                found: sha256,
            });
        }
        file.sync_all().map_err(Error::io("sync", &part))?;
        drop(file);
        let finished = self.directory.join(path);
        fs::rename(&part, &finished).map_err(Error::io("rename", &part))?;
        self.adopt(InstalledFile { path: path.to_owned(), sha256, bytes });
        Ok(())
    }

    /// Copies a file into the installation.
    pub(super) fn copy(
        &mut self,
        from: &Path,
        path: &str,
        pin: Option<&PinnedFile>,
        tick: &mut Tick<'_>,
    ) -> Result<()> {
        let mut file = open_regular(from, Links::Follow).map_err(Error::io("read", from))?;
        self.receive(path, pin, &mut file, from, tick)
    }

    /// Writes a small file of the installation.
    pub(super) fn write(&mut self, path: &str, content: &[u8]) -> Result<()> {
        let mut reader = content;
        let finished = self.directory.join(path);
        self.receive(path, None, &mut reader, &finished, &mut |_| Ok(()))
    }

    /// Makes the installation visible, complete and durable, under its final name. Fills in `record.files`.
    pub(super) fn commit(mut self, mut record: InstallRecord) -> Result<PathBuf> {
        record.files = std::mem::take(&mut self.files).into_values().collect();
        let text = serde_json::to_vec_pretty(&record).map_err(|e| Error::io("write", &self.directory)(e.into()))?;
        self.write(RECORD_FILE, &text)?;
        let mut kept: Vec<PathBuf> = record.files.iter().map(|file| self.directory.join(&file.path)).collect();
        kept.push(self.directory.join(RECORD_FILE));
        remove_all_except(&self.directory, &kept)?;
        fs::rename(&self.directory, &self.destination).map_err(Error::io("install a model as", &self.destination))?;
        self.destination.parent().map_or(Ok(()), sync)?;
        Ok(self.destination.clone())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // This fails if the directory contains files, which is intended: a later attempt can use them.
        let _ = fs::remove_dir(&self.directory);
    }
}

/// Removes all files except `kept`, and folders without any of these files. Syncs the folders that stay.
fn remove_all_except(directory: &Path, kept: &[PathBuf]) -> Result<()> {
    for item in fs::read_dir(directory).map_err(Error::io("read", directory))? {
        let path = item.map_err(Error::io("read", directory))?.path();
        if path.is_dir() && kept.iter().any(|file| file.starts_with(&path)) {
            remove_all_except(&path, kept)?;
        } else if path.is_dir() {
            fs::remove_dir_all(&path).map_err(Error::io("remove", &path))?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    sync(directory)
}

/// Makes the names in a directory durable.
fn sync(directory: &Path) -> Result<()> {
    sync_names(directory).map_err(Error::io("sync", directory))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    const ABC: PinnedFile = PinnedFile {
        path: "deep/abc",
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        bytes: 3,
    };

    fn record() -> InstallRecord {
        InstallRecord { name: "m".into(), licence: None, source: "a test".into(), revision: None, files: Vec::new() }
    }

    #[test]
    fn commit_makes_exactly_the_adopted_files_visible() {
        let folder = tempfile::tempdir().unwrap();
        let mut staging = Staging::begin(folder.path(), "m", &mut || Ok(())).unwrap();
        staging.receive("deep/abc", Some(&ABC), &mut &b"abc"[..], Path::new("-"), &mut |_| Ok(())).unwrap();
        staging.write("small.json", b"{}").unwrap();
        fs::write(staging.part("other").unwrap(), "half of something").unwrap();
        fs::create_dir(staging.directory().join(".wheel")).unwrap();
        assert!(!folder.path().join("m").exists());

        let path = staging.commit(record()).unwrap();
        let mut names: Vec<_> = fs::read_dir(&path).unwrap().map(|item| item.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["deep", RECORD_FILE, "small.json"]);
        assert_eq!(fs::read(path.join("deep/abc")).unwrap(), b"abc");
        let written: InstallRecord = serde_json::from_slice(&fs::read(path.join(RECORD_FILE)).unwrap()).unwrap();
        assert_eq!(written.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["deep/abc", "small.json"]);
        assert_eq!((written.files[0].sha256.as_str(), written.files[0].bytes), (ABC.sha256, 3));
        assert!(!folder.path().join(".partial-m").exists());
    }

    #[test]
    fn receive_refuses_and_removes_a_file_with_a_wrong_hash() {
        let folder = tempfile::tempdir().unwrap();
        let mut staging = Staging::begin(folder.path(), "m", &mut || Ok(())).unwrap();
        for wrong in [&b"abd"[..], b"ab", b"abcd", b""] {
            let result = staging.receive(ABC.path, Some(&ABC), &mut &*wrong, Path::new("-"), &mut |_| Ok(()));
            assert!(matches!(result, Err(Error::HashMismatch { .. })), "{wrong:?}");
            assert!(!staging.part(ABC.path).unwrap().exists() && !staging.directory().join(ABC.path).exists());
        }
    }

    #[test]
    fn staging_without_files_leaves_no_directory() {
        let folder = tempfile::tempdir().unwrap();
        drop(Staging::begin(folder.path(), "m", &mut || Ok(())).unwrap());
        assert!(!folder.path().join(".partial-m").exists());
    }

    #[test]
    fn begin_waits_for_another_installation_and_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let first = Staging::begin(folder.path(), "m", &mut || Ok(())).unwrap();
        let second = Staging::begin(folder.path(), "m", &mut || Err(Error::Interrupted));
        assert!(matches!(second, Err(Error::Interrupted)));
        Staging::begin(folder.path(), "other", &mut || Err(Error::Interrupted)).unwrap();
        drop(first);
        Staging::begin(folder.path(), "m", &mut || Err(Error::Interrupted)).unwrap();
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn adopt_finished_takes_only_files_with_the_right_hash() {
        let folder = tempfile::tempdir().unwrap();
        let mut staging = Staging::begin(folder.path(), "m", &mut || Ok(())).unwrap();
        assert!(!staging.adopt_finished(&ABC).unwrap());
        fs::write(staging.part(ABC.path).unwrap().with_extension(""), "abd").unwrap();
        assert!(!staging.adopt_finished(&ABC).unwrap() && !staging.directory().join(ABC.path).exists());
        fs::write(staging.directory().join(ABC.path), "abc").unwrap();
        assert!(staging.adopt_finished(&ABC).unwrap());
    }
}
