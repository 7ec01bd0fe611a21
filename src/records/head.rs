//! The head: what was acknowledged last, in a file outside sled, so that a loss inside sled is seen.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::sync_directory;
use crate::error::{Error, Result};

use super::format;
use super::settings::Settings;

/// What was acknowledged: everything up to `sequence` is durable. Stored as JSON in `C/head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The record format's number.
    pub format: u32,
    /// The last acknowledged change.
    pub sequence: u64,
    /// Documents held at that change.
    pub documents: u64,
    /// Passages held at that change.
    pub passages: u64,
    /// How many times [`Store::flush`](super::Store::flush) has acknowledged, from 1.
    pub generation: u64,
    /// The next document's number, so that none is given twice even when records were lost.
    pub next_document: u64,
    /// The next passage's id, likewise.
    pub next_passage: u64,
    /// A copy of the settings, for a store that came back empty.
    pub settings: Settings,
}

/// Enough of a head of any format.
#[derive(Deserialize)]
struct AnyHead {
    format: u32,
}

impl Head {
    pub(super) fn path(collection: &Path) -> PathBuf {
        collection.join("head")
    }

    /// Reads `C/head`; none where there is none.
    ///
    /// # Errors
    /// [`Error::FormatTooNew`], [`Error::FormatTooOld`]; [`Error::RecordsDamaged`] when it is not a head; [`Error::Io`].
    pub(super) fn read(collection: &Path) -> Result<Option<Self>> {
        let path = Self::path(collection);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Io { action: "read", path, source }),
        };
        let damaged = |error: serde_json::Error| Error::RecordsDamaged {
            path: collection.to_path_buf(),
            problem: format!("the file head cannot be read ({error}); open it accepting loss to write it again"),
        };
        let any: AnyHead = serde_json::from_slice(&bytes).map_err(damaged)?;
        format::check(collection, any.format)?;
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// Writes `C/head` so that a crash leaves the one before or this one.
    pub(super) fn write(&self, collection: &Path) -> Result<()> {
        let path = Self::path(collection);
        let fresh = collection.join("head.new");
        let write = || {
            let mut bytes = serde_json::to_vec(self)?;
            bytes.push(b'\n');
            let mut file = File::create(&fresh)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(Error::io("write", &path))?;
        sync_directory(collection)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn a_head_round_trips_and_a_foreign_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Head::read(dir.path()).unwrap(), None);
        let head = Head {
            format: 1,
            sequence: 9,
            documents: 2,
            passages: 5,
            generation: 3,
            next_document: 4,
            next_passage: 11,
            settings: Settings::of_dimension(8),
        };
        head.write(dir.path()).unwrap();
        assert_eq!(Head::read(dir.path()).unwrap(), Some(head));

        fs::write(Head::path(dir.path()), "{\"format\":3,\"something\":\"new\"}").unwrap();
        assert!(matches!(Head::read(dir.path()), Err(Error::FormatTooNew { found: 3, .. })));
        fs::write(Head::path(dir.path()), "{\"format\":1,\"sequence\":").unwrap();
        assert!(matches!(Head::read(dir.path()), Err(Error::RecordsDamaged { .. })));
    }
}
