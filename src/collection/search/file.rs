//! Whether the file of a hit is still as it was when it was indexed.

use std::io::ErrorKind;
use std::path::{Component, Path};

use serde::Serialize;

use super::hits::DocumentHit;
use crate::ingest::read::FileReader;
use crate::ingest::source::look;
use crate::ingest::sync::is_current;

/// A file of the same size whose times differ is read up to this size, to tell whether its content differs too.
const MOST_READ: u64 = 4 << 20;

/// What became of a document's file since it was indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FileState {
    /// The document did not come from a file, or the system does not let one see.
    Unknown,
    /// Its content is the same.
    Same,
    /// Its content is another, so that text, lines and places of a hit may be wrong.
    Changed,
    /// It is not there, or something that is no file is in its place.
    Gone,
}

impl DocumentHit {
    /// Whether it came from a file of a folder, so that its id is a path.
    pub fn is_from_file(&self) -> bool {
        self.stamp.is_some()
    }

    /// What became of its file since it was indexed. `base` is the folder that ids are relative to: the one whose files have
    /// the prefix "" in [`crate::Writer::index_folder`]. Costs one look at the file (`stat`); only a file of the same size whose
    /// times do not settle it, and of at most 4 MB, is read as well. A link is not read.
    pub fn file_state(&self, base: &Path) -> FileState {
        let Some(stamp) = self.stamp else { return FileState::Unknown };
        let id = Path::new(self.id.as_str());
        // No file of a folder has such an id.
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
        let same_times = file.modified_ns == stamp.modified_ns && stamp.modified_ns != 0;
        let same = match FileReader::new(MOST_READ, None).no_links().hash(&path) {
            Ok(hash) => hash == self.content_hash,
            // Too large, or a link: its times are all that is known.
            _ => same_times,
        };
        if same { FileState::Same } else { FileState::Changed }
    }
}
