//! The lexical section of a segment as a byte string. Empty if there are no rows; otherwise, little-endian:
//!
//! ```text
//!   0   8  "NIGHWORD"
//!   8   4  format, 4; formats 1 and 2 have another tokenisation, format 3 fewer names and titles
//!  12   4  number of documents (equal to the rows)
//!  16   4  1 if a map of rows follows the files, otherwise 0
//!  20   4  CRC-32 of the bytes from 0 to the files, with zeros here
//!  24      [KINDS] × (u64 kind: its index in KINDS, u64 offset, u64 length), offsets from the start of the string
//!          the files, one after the other
//!          [documents] × u32: the row of each document; without it, the row of a document is its number
//! ```

use std::ops::Range;
use std::sync::OnceLock;

use super::guard::{OTHER_TOKENISATION, damaged};
use crate::error::Result;
use crate::kernel::SharedBytes;

const MAGIC: &[u8; 8] = b"NIGHWORD";
const FORMAT: u32 = 4;
/// The length of the header before the table of files, in bytes.
const HEADER: usize = 24;
/// The length of an entry of the table of files, in bytes.
const ENTRY: usize = 24;
/// The bytes of the header's checksum.
const CRC: Range<usize> = 20..24;

/// The endings of a tantivy segment's files.
pub(super) const KINDS: [&str; 6] = ["idx", "pos", "term", "store", "fast", "fieldnorm"];

/// Stored bytes, checked when they are read.
#[allow(clippy::len_without_is_empty, reason = "no caller needs it")]
pub trait Source: Send + Sync {
    /// Returns the number of bytes.
    fn len(&self) -> usize;

    /// Reads the bytes of a range.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`](crate::error::Error::IndexDamaged) if they are damaged, or the range is outside.
    fn read(&self, range: Range<usize>) -> Result<SharedBytes>;
}

impl Source for SharedBytes {
    fn len(&self) -> usize {
        self[..].len()
    }

    fn read(&self, range: Range<usize>) -> Result<SharedBytes> {
        if range.start > range.end || range.end > self[..].len() {
            return Err(damaged("it is shorter than it says"));
        }
        Ok(self.part(range))
    }
}

/// The header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) documents: u32,
    /// `[KINDS]`: the range of each file.
    pub(super) files: [Range<usize>; KINDS.len()],
    /// The range of the map of rows, if there is one.
    pub(super) rows: Option<Range<usize>>,
}

/// Encodes the header. `lengths`: the lengths of the files. `mapped`: true if a map of rows follows them.
pub(super) fn encode_header(documents: u32, lengths: [usize; KINDS.len()], mapped: bool) -> Vec<u8> {
    let mut offset = HEADER + KINDS.len() * ENTRY;
    let mut head = Vec::with_capacity(offset);
    head.extend_from_slice(MAGIC);
    for number in [FORMAT, documents, u32::from(mapped), 0] {
        head.extend_from_slice(&number.to_le_bytes());
    }
    for (kind, length) in lengths.into_iter().enumerate() {
        for number in [kind, offset, length] {
            head.extend_from_slice(&(number as u64).to_le_bytes());
        }
        offset += length;
    }
    let crc = crc32fast::hash(&head);
    head[CRC].copy_from_slice(&crc.to_le_bytes());
    head
}

/// Reads the header; `None` for an empty byte string.
pub(super) fn read_header(source: &dyn Source) -> Result<Option<Header>> {
    let total = source.len();
    if total == 0 {
        return Ok(None);
    }
    let files_at = HEADER + KINDS.len() * ENTRY;
    if total < files_at {
        return Err(damaged("it is too short"));
    }
    let bytes = source.read(0..files_at)?;
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    if bytes[..8] != *MAGIC {
        return Err(damaged("it is of an unknown format"));
    }
    if number(8) != FORMAT {
        return Err(damaged(OTHER_TOKENISATION));
    }
    let (documents, mapped) = (number(12), number(16));
    let mut without_crc = bytes.to_vec();
    without_crc[CRC].fill(0);
    if crc32fast::hash(&without_crc) != number(CRC.start) || mapped > 1 || documents == 0 {
        return Err(damaged("its header contradicts itself"));
    }
    let long = |at: usize| u64::from(number(at)) | u64::from(number(at + 4)) << 32;
    let mut files: [Range<usize>; KINDS.len()] = Default::default();
    // Each file must begin where the previous one ends.
    let mut next = files_at as u64;
    for (kind, file) in files.iter_mut().enumerate() {
        let at = HEADER + kind * ENTRY;
        let (offset, length) = (long(at + 8), long(at + 16));
        let end = offset.checked_add(length).filter(|&end| end <= total as u64);
        let (Some(end), true) = (end, long(at) == kind as u64 && offset == next) else {
            return Err(damaged("its files are not where they should be"));
        };
        *file = offset as usize..end as usize;
        next = end;
    }
    let end = next + u64::from(mapped) * u64::from(documents) * 4;
    if end != total as u64 {
        return Err(damaged("it is not as long as it says"));
    }
    Ok(Some(Header { documents, files, rows: (mapped == 1).then_some(next as usize..total) }))
}

/// True if a byte string has an older tokenisation and must be built again.
///
/// # Errors
/// Errors of reading it.
pub fn is_outdated(source: &dyn Source) -> Result<bool> {
    if source.len() < HEADER {
        return Ok(false);
    }
    let bytes = source.read(0..CRC.start)?;
    let format = bytes.get(8..12).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
    Ok(bytes.starts_with(MAGIC) && format < FORMAT)
}

/// Returns the bytes of each file in a byte string, by its ending.
///
/// # Errors
/// [`Error::IndexDamaged`](crate::error::Error::IndexDamaged).
pub fn file_sizes(words: &[u8]) -> Result<Vec<(&'static str, usize)>> {
    let header = read_header(&SharedBytes::from(words.to_vec()))?;
    let sizes = header.iter().flat_map(|header| KINDS.iter().zip(&header.files));
    Ok(sizes.map(|(kind, range)| (*kind, range.len())).collect())
}

/// The row of each document, and the reverse.
pub(super) struct RowMap {
    documents: u32,
    /// `[documents]` × u32, little-endian; `None` if the row of each document is its number.
    rows: Option<SharedBytes>,
    /// `[rows]`: the document of each row; `u32::MAX` for a row without a document. Computed when it is first needed.
    inverse: OnceLock<Vec<u32>>,
}

impl RowMap {
    pub(super) fn new(header: &Header, source: &dyn Source) -> Result<Self> {
        let rows = header.rows.clone().map(|range| source.read(range)).transpose()?;
        Ok(Self { documents: header.documents, rows, inverse: OnceLock::new() })
    }

    /// Returns the row of a document of the segment.
    #[inline]
    pub(super) fn row(&self, document: u32) -> u32 {
        match &self.rows {
            None => document,
            Some(bytes) => {
                let at = document as usize * 4;
                bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(u32::MAX, u32::from_le_bytes)
            }
        }
    }

    /// Returns the document of a row; `None` if the row does not exist.
    pub(super) fn document(&self, row: u32) -> Option<u32> {
        if self.rows.is_none() {
            return (row < self.documents).then_some(row);
        }
        let inverse = self.inverse.get_or_init(|| {
            let mut inverse = vec![u32::MAX; self.documents as usize];
            for document in 0..self.documents {
                if let Some(slot) = inverse.get_mut(self.row(document) as usize) {
                    *slot = document;
                }
            }
            inverse
        });
        inverse.get(row as usize).copied().filter(|&document| document != u32::MAX)
    }
}
