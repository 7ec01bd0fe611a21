//! A container file of named sections, mapped and read in place. Every byte is checked before it is used.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the format: header, table of contents, [`Problem`] |
//! | `writer.rs` | [`PackedWriter`]: writes a file under a temporary name and renames it, or an image in memory |
//! | `beside.rs` | temporary files, and the removal of files that killed processes left |
//! | `reader.rs` | [`PackedFile`], [`BlockSection`] and its [`BlockView`]: open, look up, verify |
//! | `tests.rs` | round trips, every byte damaged, every length truncated, garbage, several writers at once |
//!
//! # The format
//!
//! All numbers are little-endian. A file is a header, then the sections, then the table of contents (TOC) to its last byte.
//!
//! | offset | bytes | header |
//! |---|---|---|
//! | 0 | 8 | `NIGHPACK` |
//! | 8 | 4 | format version, u32: 1 |
//! | 12 | 4 | header length, u32: 128 |
//! | 16 | 8 | file length, u64 |
//! | 24 | 8 | TOC offset, u64 |
//! | 32 | 8 | TOC length, u64 |
//! | 40 | 32 | BLAKE3 of the TOC |
//! | 72 | 24 | zeros |
//! | 96 | 32 | BLAKE3 of bytes 0 to 96 |
//!
//! Each section starts at a multiple of 64 bytes, after the previous section; the gaps between them are zero and never read.
//!
//! The TOC is [`Toc`] in postcard's encoding: integers are varints, strings, bytes and lists are preceded by their
//! length, an enum is its variant's number, and arrays of bytes are stored unchanged.
//!
//! | field | type | content |
//! |---|---|---|
//! | about | string | the caller's description; not interpreted here |
//! | sections | list | in the order of their offsets |
//! | · name | string | unique |
//! | · offset, len | u64, u64 | in the file |
//! | · check | 0: `[u8; 32]` | BLAKE3 of the section |
//! | | 1: u32, bytes | block length; the first 8 bytes of each block's BLAKE3 (the last block may be shorter) |

mod beside;
mod reader;
mod writer;

#[cfg(test)]
mod tests;

use std::{fmt, io};

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

pub(crate) use reader::{BlockSection, BlockView, PackedFile};
#[cfg(test)]
use writer::MemoryWriter;
pub(crate) use writer::{PackedWriter, write_file, write_memory, write_whole};

const MAGIC: [u8; 8] = *b"NIGHPACK";
const VERSION: u32 = 1;
const HEADER_LEN: usize = 128;
/// The offset of the header's own hash. It is the hash of the bytes before it.
const HEADER_HASH: usize = 96;
/// The alignment of sections, in bytes.
const ALIGNMENT: u64 = 64;

/// The fields of a header that vary.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    file_len: u64,
    toc_offset: u64,
    toc_len: u64,
    toc_hash: [u8; 32],
}

impl Header {
    /// Creates the header of a file that ends with `toc`, at `toc_offset`.
    fn new(toc_offset: u64, toc: &[u8]) -> Self {
        let toc_len = toc.len() as u64;
        Self { file_len: toc_offset + toc_len, toc_offset, toc_len, toc_hash: *blake3::hash(toc).as_bytes() }
    }

    fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(HEADER_LEN as u32).to_le_bytes());
        bytes[16..24].copy_from_slice(&self.file_len.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.toc_offset.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.toc_len.to_le_bytes());
        bytes[40..72].copy_from_slice(&self.toc_hash);
        let hash = blake3::hash(&bytes[..HEADER_HASH]);
        bytes[HEADER_HASH..].copy_from_slice(hash.as_bytes());
        bytes
    }

    /// Reads the header at the start of `file`, and compares the lengths in it with the length of the file.
    fn decode(file: &[u8]) -> Result<Self, Problem> {
        let found = file.len() as u64;
        let magic_len = file.len().min(MAGIC.len());
        if file[..magic_len] != MAGIC[..magic_len] {
            return Err(Problem::Foreign);
        }
        let Some(bytes) = file.first_chunk::<HEADER_LEN>() else {
            return Err(Problem::Cut { expected: HEADER_LEN as u64, found });
        };
        // Check this before the hash, since another version may hash other bytes.
        let version = u32::from_le_bytes(array(bytes, 8));
        if version != VERSION {
            return Err(Problem::Version(version));
        }
        if *blake3::hash(&bytes[..HEADER_HASH]).as_bytes() != array(bytes, HEADER_HASH) {
            return Err(Problem::HeaderDamaged);
        }
        let header_len = u32::from_le_bytes(array(bytes, 12));
        let number = |at| u64::from_le_bytes(array(bytes, at));
        let header =
            Self { file_len: number(16), toc_offset: number(24), toc_len: number(32), toc_hash: array(bytes, 40) };
        if found < header.file_len {
            return Err(Problem::Cut { expected: header.file_len, found });
        }
        let toc_end = header.toc_offset.checked_add(header.toc_len);
        if header_len as usize != HEADER_LEN
            || header.toc_offset < HEADER_LEN as u64
            || toc_end != Some(header.file_len)
        {
            return Err(Problem::Contradiction("its header's lengths"));
        }
        if found > header.file_len {
            return Err(Problem::TooLong { expected: header.file_len, found });
        }
        Ok(header)
    }
}

/// Returns the `N` bytes at `at`, which must be within the header.
fn array<const N: usize>(header: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    std::array::from_fn(|i| header[at + i])
}

/// The table of contents.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Toc {
    about: String,
    sections: Vec<Section>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Section {
    name: String,
    offset: u64,
    len: u64,
    check: Check,
}

/// The checksums of a section: one for the whole section, or one for each block, checked as it is read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Check {
    Whole([u8; 32]),
    Blocks { block: u32, hashes: BlockHashes },
}

/// The first bytes of a block's BLAKE3: enough to detect accidental damage.
type BlockHash = [u8; 8];

/// The hashes of all blocks. Encoded as bytes, not as a list: decoding a list of 100,000 would take longer than the rest of
/// opening the file.
#[derive(Debug, PartialEq)]
struct BlockHashes(Vec<BlockHash>);

impl Serialize for BlockHashes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0.as_flattened())
    }
}

impl<'de> Deserialize<'de> for BlockHashes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = BlockHashes;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("hashes of 8 bytes each")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<BlockHashes, E> {
                match bytes.as_chunks() {
                    (hashes, []) => Ok(BlockHashes(hashes.to_vec())),
                    _ => Err(E::invalid_length(bytes.len(), &self)),
                }
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

fn block_hash(hash: &blake3::Hash) -> BlockHash {
    std::array::from_fn(|i| hash.as_bytes()[i])
}

/// The reason why a packed file cannot be used. The messages say "it"; the caller adds the path.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
    #[error("it is not a packed model")]
    Foreign,
    #[error("it has format version {0}; this nigh reads {VERSION}")]
    Version(u32),
    #[error("it was cut short: {expected} bytes are expected, the file has {found}")]
    Cut { expected: u64, found: u64 },
    #[error("bytes were appended: {expected} are expected, the file has {found}")]
    TooLong { expected: u64, found: u64 },
    /// [`nigh_kernel::FileMap::is_intact`] returned false.
    #[error("it was cut short, or could not be read, while it was in use")]
    NotIntact,
    #[error("its header is damaged: its checksum differs")]
    HeaderDamaged,
    #[error("its table of contents is damaged: its checksum differs")]
    TocDamaged,
    /// The checksums are right but the content is not: the writer was wrong.
    #[error("{0} contradict each other")]
    Contradiction(&'static str),
    #[error("its table of contents cannot be decoded: {0}")]
    TocUnreadable(#[source] postcard::Error),
    #[error("section {name:?} has no valid offset or checksum in the file")]
    SectionInvalid { name: String },
    #[error("it has no section {name:?}")]
    SectionMissing { name: String },
    #[error("section {name:?} is checked {}", if *blocks { "block by block, not whole" } else { "whole, not block by block" })]
    OtherCheck { name: String, blocks: bool },
    #[error("section {name:?} is damaged: its checksum differs")]
    SectionDamaged { name: String },
    #[error("section {name:?} is damaged at byte {start} to {end}: their checksum differs")]
    BlockDamaged { name: String, start: usize, end: usize },
    #[error("section {name:?} has {len} bytes; {start} to {end} are outside it")]
    OutOfRange { name: String, len: usize, start: usize, end: usize },
    #[error("section {name:?} belongs to another file")]
    OtherFile { name: String },
}

impl Problem {
    /// True if the system refused, false if the file is invalid. `source()` is then the `io::Error`.
    #[cfg(test)]
    pub(crate) fn is_io(&self) -> bool {
        matches!(self, Self::Io(_))
    }
}
