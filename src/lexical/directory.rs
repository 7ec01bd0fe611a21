//! Byte strings as one read-only directory of tantivy. Each byte string is a segment, named by its index; this module makes meta.json.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{HasLen, Index};

use super::guard::{damaged, unreadable};
use super::packed::{Header, KINDS, Source};
use super::schema::{LAYOUT, settings};
use crate::error::Result;

/// Opens byte strings as one index, with segments in their order.
pub(super) fn open(parts: &[(Arc<dyn Source>, Header)]) -> Result<Index> {
    let mut files = HashMap::new();
    let mut segments = Vec::new();
    for (index, (source, header)) in parts.iter().enumerate() {
        let name = segment_name(index);
        for (kind, range) in KINDS.iter().zip(&header.files) {
            let file = SourceFile { source: Arc::clone(source), range: range.clone() };
            files.insert(PathBuf::from(format!("{name}.{kind}")), Arc::new(file));
        }
        segments.push(json!({ "segment_id": name, "max_doc": header.documents, "deletes": null }));
    }
    let meta = json!({
        "index_settings": settings(),
        "segments": segments,
        "schema": LAYOUT.schema,
        "opstamp": 0,
    });
    let meta = serde_json::to_vec(&meta).map_err(damaged)?;
    Index::open(Composite { files: Arc::new(files), meta: Arc::new(meta) }).map_err(unreadable)
}

/// Returns the name of a segment by its index: a UUID, as tantivy requires.
pub(super) fn segment_name(index: usize) -> String {
    format!("{index:032x}")
}

#[derive(Clone)]
struct Composite {
    files: Arc<HashMap<PathBuf, Arc<SourceFile>>>,
    meta: Arc<Vec<u8>>,
}

/// A file: a range of a byte string.
struct SourceFile {
    source: Arc<dyn Source>,
    range: Range<usize>,
}

impl std::fmt::Debug for Composite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files", self.files.len())
    }
}

impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.range)
    }
}

impl HasLen for SourceFile {
    fn len(&self) -> usize {
        self.range.len()
    }
}

impl FileHandle for SourceFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.range.len() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the range is outside the file"));
        }
        let bytes = self.source.read(self.range.start + range.start..self.range.start + range.end);
        bytes.map(OwnedBytes::new).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

fn read_only() -> io::Error {
    io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "a published lexical index is never changed")
}

impl Directory for Composite {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match self.files.get(path) {
            Some(file) => Ok(Arc::<SourceFile>::clone(file)),
            None => Err(OpenReadError::FileDoesNotExist(path.to_path_buf())),
        }
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.files.contains_key(path) || path == Path::new("meta.json"))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new("meta.json") {
            return Ok(self.meta.to_vec());
        }
        Err(OpenReadError::FileDoesNotExist(path.to_path_buf()))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_path_buf() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_path_buf() })
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(read_only())
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
