//! The manifest: the segments of the published generation and their deleted documents. One file, `published/CURRENT`, which is replaced
//! atomically.
//!
//! | at | bytes | |
//! |---|---|---|
//! | 0 | 8 | `NIGHCURR` |
//! | 8 | 4 | format version, u32 |
//! | 12 | 4 | CRC-32 of everything after byte 16 |
//! | 16 | 8 | generation, u64 |
//! | 24 | | [`Manifest`] in postcard's encoding |

use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::fail_point::fail_point;
use super::segment::Shape;
use crate::disk::Dir;
use crate::document::Totals;
use crate::error::{Error, Result};

/// The format of the published generation. A generation in another format is rebuilt from the records.
const VERSION: u32 = 1;
const MAGIC: &[u8; 8] = b"NIGHCURR";
const FILE_NAME: &str = "CURRENT";
/// A limit above the size of any manifest, which grows by a few bytes for each deleted document.
const MAX_BYTES: u64 = 1 << 30;
const HEADER_BYTES: usize = 24;
/// The largest valid number: counting up from it does not overflow.
const MAX_NUMBER: u64 = u64::MAX >> 1;

/// A published generation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The number of the generation; each new generation has a larger one.
    #[serde(skip)]
    pub(crate) generation: u64,
    /// The checksum in the file.
    #[serde(skip)]
    pub(crate) crc: u32,
    /// The totals of the records from which the generation was made.
    pub(crate) totals: Totals,
    /// The settings of the collection as JSON, for the caller.
    pub(crate) settings: String,
    /// The dimension and precision of the vectors.
    pub(crate) shape: Shape,
    /// The number of the next segment.
    pub(crate) next_segment: u64,
    /// The segments, oldest first.
    pub(crate) segments: Vec<Listed>,
}

/// A segment in the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// The number of the segment, which is part of its file name.
    pub(crate) id: u64,
    /// The length of the file in bytes.
    pub(crate) bytes: u64,
    /// The checksum of its footer, which distinguishes the file from others of the same name.
    pub(crate) crc: u32,
    pub(crate) documents: u32,
    pub(crate) rows: u32,
    /// The number of rows of deleted documents.
    pub(crate) dead_rows: u32,
    /// The deleted documents, ascending; each as the difference to the previous one.
    dead: Vec<u32>,
}

impl Listed {
    pub(crate) fn new(id: u64, identity: (u64, u32), documents: u32, rows: u32) -> Self {
        Self { id, bytes: identity.0, crc: identity.1, documents, rows, dead_rows: 0, dead: Vec::new() }
    }

    /// Returns the deleted documents, ascending.
    pub(crate) fn dead(&self) -> Vec<u32> {
        let mut document = 0u32;
        let add_difference = |&difference: &u32| {
            document = document.wrapping_add(difference);
            document
        };
        self.dead.iter().map(add_difference).collect()
    }

    /// Replaces the deleted documents, ascending. `rows`: the number of rows of these documents.
    pub(crate) fn set_dead(&mut self, dead: &[u32], rows: u32) {
        let mut last = 0;
        self.dead = dead.iter().map(|&document| document - std::mem::replace(&mut last, document)).collect();
        self.dead_rows = rows;
    }

    pub(crate) fn live_rows(&self) -> u32 {
        self.rows.saturating_sub(self.dead_rows)
    }

    pub(crate) fn live_documents(&self) -> u32 {
        self.documents.saturating_sub(u32::try_from(self.dead.len()).unwrap_or(u32::MAX))
    }
}

impl Manifest {
    /// Returns the path of the manifest in a published directory.
    pub(crate) fn path(directory: &Path) -> PathBuf {
        directory.join(FILE_NAME)
    }

    /// True if a directory has a file with the manifest's name.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn exists(directory: &Path) -> Result<bool> {
        match Dir::nested(directory).and_then(|dir| dir.has(FILE_NAME)) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
            found => found.map_err(Error::io("read", directory)),
        }
    }

    /// Returns generation and checksum, which identify the manifest. The generation alone does not: if a manifest is lost and rebuilt, the
    /// new one may have the same number.
    pub(crate) fn stamp(&self) -> (u64, u32) {
        (self.generation, self.crc)
    }

    /// Reads the stamp of the current manifest without checks; `None` if there is none. Reads only the header.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn stamp_at(directory: &Path) -> Result<Option<(u64, u32)>> {
        let path = Self::path(directory);
        let mut header = [0; HEADER_BYTES];
        match Dir::nested(directory).and_then(|dir| dir.file(FILE_NAME)?.read_exact(&mut header)) {
            Ok(()) => Ok(Some((generation_in(&header), read_u32(&header, 12)))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => Ok(None),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// Reads the manifest; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`].
    pub(crate) fn read(directory: &Path) -> Result<Option<Self>> {
        let path = Self::path(directory);
        let bytes = match Dir::nested(directory).and_then(|dir| dir.read(FILE_NAME, MAX_BYTES)) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let damaged = |problem: &str| Error::IndexDamaged { path: path.clone(), problem: problem.to_owned() };
        let Some((header, body)) = bytes.split_at_checked(HEADER_BYTES).filter(|_| bytes.starts_with(MAGIC)) else {
            return Err(damaged("it is not a manifest"));
        };
        let (version, crc) = (read_u32(header, 8), read_u32(header, 12));
        if crc != crc32fast::hash(&bytes[16..]) {
            return Err(damaged("it is not as it was written"));
        }
        if version != VERSION {
            return Err(damaged(&format!("it has format {version}, this nigh writes {VERSION}")));
        }
        let (mut manifest, rest) =
            postcard::take_from_bytes::<Self>(body).map_err(|error| damaged(&error.to_string()))?;
        if !rest.is_empty() {
            return Err(damaged("bytes follow it"));
        }
        (manifest.generation, manifest.crc) = (generation_in(header), crc);
        match manifest.contradiction() {
            Some(problem) => Err(damaged(problem)),
            None => Ok(Some(manifest)),
        }
    }

    /// Returns a problem that no writer causes: a segment listed twice, or numbers too large to count on from.
    fn contradiction(&self) -> Option<&'static str> {
        let mut ids: Vec<u64> = self.segments.iter().map(|listed| listed.id).collect();
        ids.sort_unstable();
        let Totals { sequence, documents, passages, next_document, next_passage } = self.totals;
        let numbers = [sequence, documents, passages, next_document, next_passage, self.next_segment, self.generation];
        if numbers.iter().any(|&number| number > MAX_NUMBER) {
            Some("a number in it is larger than any that nigh reaches")
        } else if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            Some("it lists a segment twice")
        } else if ids.last().is_some_and(|&last| last >= self.next_segment) {
            Some("it lists a segment that does not exist yet")
        } else {
            None
        }
    }

    /// Replaces the manifest durably: after a crash there is either the old one or the new one. The files that it lists must already be
    /// durable.
    ///
    /// # Errors
    /// [`Error::Io`]; then the old one stays.
    pub(crate) fn write(&mut self, directory: &Path) -> Result<()> {
        let path = Self::path(directory);
        let mut write = || {
            let mut bytes = Vec::from(MAGIC);
            bytes.extend_from_slice(&VERSION.to_le_bytes());
            bytes.extend_from_slice(&[0; 4]);
            bytes.extend_from_slice(&self.generation.to_le_bytes());
            let mut bytes = postcard::to_extend(&*self, bytes).map_err(std::io::Error::other)?;
            self.crc = crc32fast::hash(&bytes[16..]);
            bytes[12..16].copy_from_slice(&self.crc.to_le_bytes());
            let dir = Dir::nested(directory)?;
            let mut file = dir.fresh(FILE_NAME)?;
            file.write_all(&bytes)?;
            fail_point("manifest written")?;
            file.sync_all()?;
            fail_point("manifest synced")?;
            file.put(FILE_NAME)?;
            fail_point("manifest renamed")?;
            dir.sync()
        };
        write().map_err(Error::io("write", &path))
    }
}

/// Reads the little-endian u32 at a byte of the header.
fn read_u32(header: &[u8], offset: usize) -> u32 {
    header.get(offset..offset + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn generation_in(header: &[u8]) -> u64 {
    header.get(16..24).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}
