//! A segment: some documents with their passages and vectors, in one immutable file that is mapped and searched in place.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the format: sections, footer, the entries of documents and rows |
//! | `checked.rs` | the file, whose blocks are checked when they are first read |
//! | `writer.rs` | writes the file as a stream, with its checksums |
//! | `build.rs` | [`write`]: writes a segment from documents, section by section |
//! | `fresh.rs` | documents in memory, to write |
//! | `merged.rs` | documents of other segments that are not deleted, to write |
//! | `reader.rs` | [`Segment`]: documents, rows, texts, vectors, codes |
//! | `sidecar.rs` | [`Sidecar`]: the section that another module fills |
//! | `forge.rs` | for tests: files with harmful values and valid checksums |
//!
//! # The format
//!
//! All numbers are little-endian. `checked.rs` describes prelude, body and table. The body holds the sections; each begins at a
//! multiple of 64 bytes, with zeros between them. The footer is [`Footer`] in postcard's encoding. Documents are sorted by
//! number; a document's passages are consecutive rows, in the order of the text.
//!
//! | section | content |
//! |---|---|
//! | `Records` | for each document a [`Record`] and then the contexts ([`Context`](crate::document::Context)) of its rows, both encoded with postcard |
//! | `Texts` | the documents' texts, UTF-8, one after the other |
//! | `Rows` | `[rows]` entries of 56 bytes: [`Row`] |
//! | `Passages` | `[rows]` u32: the rows in the order of their passages' ids |
//! | `Vectors` | `[rows, dimension]` f16 or f32 |
//! | `Codes` | `[rows, stride]` u8: the vectors in 8 bits, see `index/codes.rs` |
//! | `Scales` | `[rows]` f32: the codes' scales |
//! | `Documents` | `[documents]` entries of 56 bytes: [`Entry`] |
//! | `Names` | `[documents]` of 12 bytes: the first 8 of the id's BLAKE3, u32 document; sorted |
//! | `Sidecar` | bytes of another module for each row, see `sidecar.rs` |
//! | `Graph` | the graph over the codes, if the segment has one; see `index/graph/` |

mod build;
mod checked;
#[cfg(test)]
pub(crate) mod forge;
mod fresh;
mod merged;
mod reader;
mod sidecar;
mod writer;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::{DocumentId, FileStamp, PassageId, Span, Syntax};
pub use crate::document::{StoredDocument as Published, StoredPassage as PublishedPassage};

pub(crate) use build::{Input, Writing, write};
pub use checked::Section;
pub(crate) use fresh::{Fresh, decode};
pub(crate) use merged::Merged;
pub(crate) use reader::Segment;
pub use sidecar::{Sidecar, SidecarPart};

/// The kind of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Records,
    Texts,
    Rows,
    Passages,
    Vectors,
    Codes,
    Scales,
    Documents,
    Names,
    Graph,
    Sidecar,
}

/// Dimension and precision of all vectors of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The count of numbers in a vector.
    pub dimension: u32,
    /// True if vectors are stored as f16 (2 bytes), false for f32 (4 bytes).
    pub half: bool,
}

impl Shape {
    /// Returns the length of a stored vector in bytes.
    pub(crate) fn vector_bytes(self) -> usize {
        self.dimension as usize * if self.half { 2 } else { 4 }
    }
}

/// The footer of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Footer {
    shape: Shape,
    documents: u32,
    rows: u32,
    /// The largest distance between a vector and its codes.
    residual: f32,
    /// Kind, offset in the file and length.
    sections: Vec<(Kind, u64, u64)>,
    /// The CRC-32 of each 4 KB of the table of checksums.
    roots: Vec<u32>,
}

/// A document without its text and passages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The document's id.
    pub id: DocumentId,
    /// The syntax of the text.
    pub syntax: Syntax,
    /// A JSON object; empty for no metadata.
    pub metadata: String,
    /// The stamp of the file, if the document came from a file; without the fields that [`stored_stamp`] omits.
    #[serde(with = "stored_stamp")]
    pub stamp: Option<FileStamp>,
    /// The hash of the content.
    pub content_hash: [u8; 32],
}

/// A stamp as all versions of segments store it: three numbers. The other fields of a stamp are not needed here: the stamps of the
/// records decide whether a file changed.
mod stored_stamp {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::document::FileStamp;

    #[derive(Serialize, Deserialize)]
    struct Stored {
        size: u64,
        modified_ns: i64,
        checked_ns: i64,
    }

    pub(super) fn serialize<S: Serializer>(stamp: &Option<FileStamp>, to: S) -> Result<S::Ok, S::Error> {
        let stored = |&FileStamp { size, modified_ns, checked_ns, .. }: &_| Stored { size, modified_ns, checked_ns };
        stamp.as_ref().map(stored).serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<FileStamp>, D::Error> {
        let stamp = |Stored { size, modified_ns, checked_ns }| FileStamp {
            size,
            modified_ns,
            checked_ns,
            ..FileStamp::default()
        };
        Ok(Option::<Stored>::deserialize(from)?.map(stamp))
    }
}

/// Where the parts of a document are in its segment. Offsets are in bytes from the start of their section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The document's number in its collection.
    pub(crate) number: u64,
    /// The sequence number of the document's last change.
    pub(crate) sequence: u64,
    record_at: u64,
    text_at: u64,
    pub(crate) text_len: u64,
    record_len: u32,
    contexts_len: u32,
    pub(crate) first_row: u32,
    pub(crate) rows: u32,
}

/// The length of a stored [`Entry`] in bytes.
const ENTRY: usize = 56;

impl Entry {
    fn encode(&self, out: &mut Vec<u8>) {
        for long in [self.number, self.sequence, self.record_at, self.text_at, self.text_len] {
            out.extend_from_slice(&long.to_le_bytes());
        }
        for short in [self.record_len, self.contexts_len, self.first_row, self.rows] {
            out.extend_from_slice(&short.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Self {
        let (long, short) = (|i: usize| checked::u64_at(bytes, 8 * i), |i: usize| checked::u32_at(bytes, 40 + 4 * i));
        Self {
            number: long(0),
            sequence: long(1),
            record_at: long(2),
            text_at: long(3),
            text_len: long(4),
            record_len: short(0),
            contexts_len: short(1),
            first_row: short(2),
            rows: short(3),
        }
    }

    /// Returns the document's rows in the segment.
    pub(crate) fn row_range(&self) -> Range<u32> {
        self.first_row..self.first_row.saturating_add(self.rows)
    }
}

/// A passage in its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) passage: PassageId,
    /// The first byte in the document's text.
    start: u64,
    /// The end in the document's text, exclusive.
    end: u64,
    /// The hash of the text that was encoded.
    hash: [u8; 16],
    /// The first line, from 1, and the end, exclusive.
    lines: (u32, u32),
    /// The offset of the passage's context in the contexts of its document, or [`NO_CONTEXT`].
    context: u32,
    /// The index of the passage's document in the segment.
    pub(crate) document: u32,
}

/// The length of a stored [`Row`] in bytes.
const ROW: usize = 56;
/// The offset of a passage without headings, place or metadata.
const NO_CONTEXT: u32 = u32::MAX;

impl Row {
    fn new(passage: PassageId, span: &Span, hash: [u8; 16], context: u32) -> Self {
        let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
        Self {
            passage,
            start: span.bytes.start as u64,
            end: span.bytes.end as u64,
            hash,
            lines: (line(span.lines.start), line(span.lines.end)),
            context,
            document: 0,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        for long in [self.passage.0, self.start, self.end] {
            out.extend_from_slice(&long.to_le_bytes());
        }
        out.extend_from_slice(&self.hash);
        for short in [self.lines.0, self.lines.1, self.context, self.document] {
            out.extend_from_slice(&short.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Self {
        let (long, short) = (|i: usize| checked::u64_at(bytes, 8 * i), |i: usize| checked::u32_at(bytes, 40 + 4 * i));
        let hash = bytes.get(24..40).and_then(|b| b.try_into().ok()).unwrap_or_default();
        Self {
            passage: PassageId(long(0)),
            start: long(1),
            end: long(2),
            hash,
            lines: (short(0), short(1)),
            context: short(2),
            document: short(3),
        }
    }

    /// Returns the passage's range in the document's text.
    pub(crate) fn span(&self) -> Span {
        let to_usize = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        Span { bytes: to_usize(self.start)..to_usize(self.end), lines: self.lines.0 as usize..self.lines.1 as usize }
    }

    /// Returns the hash of the text that was encoded.
    pub(crate) fn hash(&self) -> [u8; 16] {
        self.hash
    }
}

/// Returns the first 8 bytes of an id's BLAKE3. The section `Names` is sorted by these.
fn name_hash(id: &str) -> u64 {
    checked::u64_at(blake3::hash(id.as_bytes()).as_bytes(), 0)
}

/// Converts a range of offsets to usize.
fn to_usize_range(start: u64, len: u64) -> Option<Range<usize>> {
    Some(usize::try_from(start).ok()?..usize::try_from(start.checked_add(len)?).ok()?)
}
