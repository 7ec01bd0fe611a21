//! Checks whether the file of a hit changed since it was indexed.

use std::io::ErrorKind;
use std::path::{Component, Path};

use serde::Serialize;

use super::hits::DocumentHit;
use crate::ingest::read::FileReader;
use crate::ingest::source::look;
use crate::ingest::sync::is_current;

/// The most bytes of a file that is read to compare its content, when its size is the same and its times differ.
const MAX_READ_BYTES: u64 = 4 << 20;

/// The state of a document's file, compared with when it was indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FileState {
    /// The document did not come from a file, or the file cannot be read.
    Unknown,
    /// The content is the same.
    Same,
    /// The content changed, so that text, lines and places of a hit may be wrong.
    Changed,
    /// There is no file with this path any more.
    Gone,
}

impl DocumentHit {
    /// True if the document came from a file of a folder, so that its id is a path.
    pub fn is_from_file(&self) -> bool {
        self.stamp.is_some()
    }

    /// Compares the document's file with its state when it was indexed. `base` is the folder that ids are relative to: the one
    /// that [`crate::Writer::index_folder`] indexes with the prefix "". Usually needs one `stat`. Reads a file of at most 4 MB
    /// if its size is the same and its times do not decide. Does not read a symbolic link.
    pub fn file_state(&self, base: &Path) -> FileState {
        let Some(stamp) = self.stamp else { return FileState::Unknown };
        let id = Path::new(self.id.as_str());
        // An id of a file never has `..`, so this id would lead to a file that was not indexed.
        if id.components().any(|part| part == Component::ParentDir) {
            return FileState::Unknown;
        }
        let path = base.join(id);
        let file = match look(&path) {
            Ok(Some(file)) => file,
            Ok(None) => return FileState::Gone,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return FileState::Gone;
            }
            Err(_) => return FileState::Unknown,
        };
        if is_current(stamp, &file) {
            return FileState::Same;
        }
        if file.size != stamp.size {
            return FileState::Changed;
        }
        let has_same_times = file.modified_ns == stamp.modified_ns && stamp.modified_ns != 0;
        let is_same = match FileReader::new(MAX_READ_BYTES, None).no_links().hash(&path) {
            Ok(hash) => hash == self.content_hash,
            // Too large, or a link: only its times can decide.
            _ => has_same_times,
        };
        if is_same { FileState::Same } else { FileState::Changed }
    }
}
