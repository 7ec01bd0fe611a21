//! The head: the last acknowledged change, in a file outside sled, so that a loss inside sled is detected.

use serde::{Deserialize, Serialize};

use crate::disk::Dir;
use crate::error::{Error, Result};

use super::format;
use super::settings::Settings;

/// The last acknowledged change: everything up to `sequence` is durable. Stored as JSON in `C/head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the record format.
    pub format: u32,
    /// The last acknowledged change.
    pub sequence: u64,
    /// The number of documents at that change.
    pub documents: u64,
    /// The number of passages at that change.
    pub passages: u64,
    /// The number of acknowledging calls of [`Store::flush`](super::Store::flush), from 1.
    pub generation: u64,
    /// The next document's number, so that no number is assigned twice even if records were lost.
    pub next_document: u64,
    /// The next passage's id, for the same reason.
    pub next_passage: u64,
    /// A copy of the settings, for a store whose records were lost.
    pub settings: Settings,
}

/// The part of a head that all formats have.
#[derive(Deserialize)]
struct AnyHead {
    format: u32,
}

/// The file name of the head.
pub(super) const FILE: &str = "head";

/// The most bytes of the file, more than a head ever has. Its longest part is the model's path.
const MAX_BYTES: u64 = 1 << 20;

impl Head {
    /// Reads `C/head`; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::FormatTooNew`], [`Error::FormatTooOld`]; [`Error::RecordsDamaged`] when it is not a head; [`Error::Io`].
    pub(super) fn read(collection: &Dir) -> Result<Option<Self>> {
        let path = collection.path().join(FILE);
        let Some(bytes) = collection.read(FILE, MAX_BYTES).map_err(Error::io("read", &path))? else { return Ok(None) };
        let damaged = |error: serde_json::Error| {
            Error::records_damaged(collection.path(), format!("the file head cannot be read ({error})"))
        };
        let any: AnyHead = serde_json::from_slice(&bytes).map_err(damaged)?;
        format::check(collection.path(), any.format)?;
        let head: Self = serde_json::from_slice(&bytes).map_err(damaged)?;
        // Numbers grow by one at a time, so a number near the maximum is damage.
        let Self { sequence, generation, next_document, next_passage, .. } = head;
        if [sequence, generation, next_document, next_passage].iter().any(|&number| number > u64::MAX / 2) {
            return Err(Error::records_damaged(collection.path(), "the file head counts more than there can be"));
        }
        Ok(Some(head))
    }

    /// Writes `C/head` atomically: a crash leaves the old head or the new one.
    pub(super) fn write(&self, collection: &Dir) -> Result<()> {
        let write = || {
            let mut bytes = serde_json::to_vec(self)?;
            bytes.push(b'\n');
            collection.replace(FILE, &bytes)
        };
        write().map_err(Error::io("write", collection.path().join(FILE)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn head_round_trips_and_refuses_a_foreign_one() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open(folder.path()).unwrap();
        assert_eq!(Head::read(&dir).unwrap(), None);
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
        head.write(&dir).unwrap();
        assert_eq!(Head::read(&dir).unwrap(), Some(head));

        std::fs::write(folder.path().join(FILE), "{\"format\":4,\"something\":\"new\"}").unwrap();
        assert!(matches!(Head::read(&dir), Err(Error::FormatTooNew { found: 4, .. })));
        std::fs::write(folder.path().join(FILE), "{\"format\":1,\"sequence\":").unwrap();
        assert!(matches!(Head::read(&dir), Err(Error::RecordsDamaged { .. })));
    }
}
