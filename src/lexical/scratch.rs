//! Files that tantivy writes while it merges: small ones in memory, large ones on the disk without a name. So the lexical index of a
//! large collection is never completely in memory, and no file stays after a crash.

use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, OwnedBytes, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};
use tempfile::SpooledTempFile;

use crate::error::{Error, Result};
use crate::kernel::sync::lock;

/// The largest file that stays in memory, in bytes.
const MAX_MEMORY_BYTES: usize = 1 << 20;

/// A temporary directory of tantivy.
#[derive(Clone)]
pub(super) struct Scratch(Arc<Shared>);

struct Shared {
    /// The folder of large files.
    folder: PathBuf,
    files: Mutex<HashMap<PathBuf, Arc<Finished>>>,
    failed: Failed,
}

/// The first write or read that failed. It is kept because tantivy's own errors do not distinguish it from damage.
#[derive(Clone, Default)]
struct Failed(Arc<Mutex<Option<io::Error>>>);

/// A finished file.
struct Finished {
    file: Mutex<SpooledTempFile>,
    len: usize,
    failed: Failed,
}

/// A file that tantivy is writing.
struct Unfinished {
    path: PathBuf,
    file: Option<SpooledTempFile>,
    len: usize,
    directory: Scratch,
}

impl Scratch {
    /// Creates a directory with large files in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self(Arc::new(Shared { folder: folder.to_path_buf(), files: Mutex::default(), failed: Failed::default() }))
    }

    /// Returns `result`, or the failure of a file that caused its error.
    ///
    /// # Errors
    /// The error of `result`, or [`Error::Io`].
    pub(super) fn explain<T>(&self, result: Result<T>) -> Result<T> {
        match lock(&self.0.failed.0).take() {
            Some(failure) if result.is_err() => Err(Error::io("write words in", &self.0.folder)(failure)),
            _ => result,
        }
    }
}

impl Failed {
    /// Keeps the first failure, and returns a copy to tantivy.
    fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            lock(&self.0).get_or_insert(error);
            copy
        })
    }
}

impl Finished {
    fn read_range(&self, range: Range<usize>) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; range.len()];
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(range.start as u64))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl HasLen for Finished {
    fn len(&self) -> usize {
        self.len
    }
}

impl FileHandle for Finished {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        self.failed.watch(self.read_range(range)).map(OwnedBytes::new)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else { return Err(io::Error::other("this file was finished")) };
        let written = self.directory.0.failed.watch(file.write(bytes))?;
        self.len += written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Unfinished {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let shared = &self.directory.0;
        let finished = Finished { file: Mutex::new(file), len: self.len, failed: shared.failed.clone() };
        lock(&shared.files).insert(std::mem::take(&mut self.path), Arc::new(finished));
        Ok(())
    }
}

impl Directory for Scratch {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match lock(&self.0.files).get(path) {
            Some(file) => Ok(Arc::<Finished>::clone(file)),
            None => Err(OpenReadError::FileDoesNotExist(path.to_path_buf())),
        }
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(lock(&self.0.files).contains_key(path))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let file = lock(&self.0.files).get(path).cloned();
        let file = file.ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_path_buf()))?;
        let bytes = self.0.failed.watch(file.read_range(0..file.len));
        bytes.map_err(|error| OpenReadError::wrap_io_error(error, path.to_path_buf()))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        match lock(&self.0.files).remove(path) {
            Some(_) => Ok(()),
            None => Err(DeleteError::FileDoesNotExist(path.to_path_buf())),
        }
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        if lock(&self.0.files).contains_key(path) {
            return Err(OpenWriteError::FileAlreadyExists(path.to_path_buf()));
        }
        let file = Some(SpooledTempFile::new_in(MAX_MEMORY_BYTES, &self.0.folder));
        let (path, directory) = (path.to_path_buf(), self.clone());
        Ok(BufWriter::new(Box::new(Unfinished { path, file, len: 0, directory })))
    }

    fn atomic_write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        lock(&self.0.files).remove(path);
        let mut writer = self.open_write(path).map_err(io::Error::other)?;
        writer.write_all(bytes)?;
        writer.terminate()
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files for {}", lock(&self.0.files).len(), self.0.folder.display())
    }
}

impl std::fmt::Debug for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.len)
    }
}
