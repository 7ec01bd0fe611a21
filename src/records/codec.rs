//! Encodes the value of every row. Small records are postcard after a version byte; long values are split into pieces.
//!
//! The records here are the format: changing one makes a new format version (see `migrations/`).

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::document::{Context, DocumentId, FileStamp, PassageId, Place, PlaceKind, Span, StoredPassage};

use super::types::DocumentChange;

/// The most bytes of a row's value. sled puts larger values into files of their own, which it never syncs.
pub(super) const PIECE_BYTES: usize = 3584;

/// The version byte that every record begins with.
const VERSION: u8 = 1;

/// The last sequence number, the next free numbers, and the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counters {
    /// The last change's sequence number; 0 before the first.
    pub(super) sequence: u64,
    pub(super) next_document: u64,
    pub(super) next_passage: u64,
    pub(super) documents: u64,
    pub(super) passages: u64,
}

/// A row of `NAMES`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NameRecord {
    pub(super) number: u64,
    pub(super) content_hash: [u8; 32],
    /// size, modified_ns, checked_ns, changed_ns, inode
    stamp: Option<(u64, i64, i64, i64, u64)>,
}

/// The content hash and the check time in the row of an unfinished document. No file has this hash and every file changed
/// after this time, so the next run reads the file again.
const UNFINISHED_HASH: [u8; 32] = [0; 32];
const UNFINISHED_CHECKED_NS: i64 = i64::MIN;

impl NameRecord {
    /// Creates the row of a document of which only some passages are stored.
    pub(super) fn unfinished(number: u64, stamp: Option<FileStamp>) -> Self {
        let stamp = stamp.map(|stamp| FileStamp { checked_ns: UNFINISHED_CHECKED_NS, ..stamp });
        Self::new(number, UNFINISHED_HASH, stamp)
    }

    /// True if only a part of the document's passages is stored.
    pub(super) fn is_unfinished(&self) -> bool {
        is_unfinished(&self.content_hash, self.stamp())
    }

    pub(super) fn new(number: u64, content_hash: [u8; 32], stamp: Option<FileStamp>) -> Self {
        let stamp = stamp.map(|s| (s.size, s.modified_ns, s.checked_ns, s.changed_ns, s.inode));
        Self { number, content_hash, stamp }
    }

    pub(super) fn stamp(&self) -> Option<FileStamp> {
        let (size, modified_ns, checked_ns, changed_ns, inode) = self.stamp?;
        Some(FileStamp { size, modified_ns, checked_ns, changed_ns, inode })
    }
}

/// True if these are the content hash and the stamp of an unfinished document.
pub fn is_unfinished(content_hash: &[u8; 32], stamp: Option<FileStamp>) -> bool {
    *content_hash == UNFINISHED_HASH && stamp.is_some_and(|stamp| stamp.checked_ns == UNFINISHED_CHECKED_NS)
}

/// A value of `HEADERS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeaderRecord {
    pub(super) id: DocumentId,
    /// The sequence number of the document's row in `CHANGES`.
    pub(super) sequence: u64,
    pub(super) text_bytes: u64,
    pub(super) passages: u32,
    /// See [`Syntax::code`].
    pub(super) syntax: u8,
    /// A JSON object; empty for no metadata.
    pub(super) metadata: String,
}

/// A value of `PASSAGES`. The id comes first: scans read it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PassageRecord {
    pub(super) id: u64,
    bytes: (u64, u64),
    lines: (u64, u64),
    hash: [u8; 16],
    headings: Vec<String>,
    /// (kind, see [`PlaceKind::code`]; number; name)
    place: Option<(u8, u32, Option<String>)>,
    /// A JSON object; empty for no metadata.
    metadata: String,
}

impl PassageRecord {
    pub(super) fn new(id: u64, span: &Span, hash: [u8; 16], context: Context) -> Self {
        let ends = |range: &std::ops::Range<usize>| (range.start as u64, range.end as u64);
        let Context { headings, place, metadata } = context;
        let place = place.map(|Place { kind, number, name, .. }| (kind.code(), number, name));
        Self { id, bytes: ends(&span.bytes), lines: ends(&span.lines), hash, headings, place, metadata }
    }

    /// Converts the record, without a vector. `None` if a number does not fit this machine, or the kind of place is unknown.
    pub(super) fn into_stored(self) -> Option<StoredPassage<()>> {
        let range = |(start, end): (u64, u64)| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?);
        let span = Span { bytes: range(self.bytes)?, lines: range(self.lines)? };
        let place = match self.place {
            Some((kind, number, name)) => {
                let place = Place::new(PlaceKind::of_code(kind)?, number);
                Some(name.into_iter().fold(place, Place::named))
            }
            None => None,
        };
        let context = Context { headings: self.headings, place, metadata: self.metadata };
        Some(StoredPassage { id: PassageId(self.id), span, context, hash: self.hash, vector: () })
    }
}

/// A row of `CHANGES`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChangeRecord {
    pub(super) document: u64,
    pub(super) removed: bool,
    pub(super) id: DocumentId,
}

impl ChangeRecord {
    pub(super) fn into_change(self, sequence: u64) -> DocumentChange {
        DocumentChange { sequence, document: self.document, id: self.id, removed: self.removed }
    }
}

/// Encodes a record: the version byte, then postcard.
pub(super) fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_extend(record, vec![VERSION])
}

/// Decodes a record. Fails on another version and on bytes after the record.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match decode_first(bytes)? {
        (record, []) => Ok(record),
        (_, rest) => Err(format!("{} bytes follow a record", rest.len())),
    }
}

/// Reads the id of a passage from the first piece of its record.
pub(super) fn passage_id(piece: &[u8]) -> Result<u64, String> {
    decode_first(piece).map(|(id, _)| id)
}

fn decode_first<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8]), String> {
    match bytes {
        [VERSION, record @ ..] => postcard::take_from_bytes(record).map_err(|e| format!("a record is garbled: {e}")),
        [other, ..] => Err(format!("a record has version {other}; only {VERSION} is known")),
        [] => Err("a record is empty".to_owned()),
    }
}

/// Splits a value of unknown length. Every piece but the last is full, and the last may be empty: so each piece shows
/// whether another one follows.
pub(super) fn pieces(value: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let last = value.len() / PIECE_BYTES;
    (0..=last).map(move |i| {
        let end = value.len().min((i + 1) * PIECE_BYTES);
        (i as u32, &value[i * PIECE_BYTES..end])
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::document::Syntax;

    #[test]
    fn record_round_trips_and_rejects_other_bytes() {
        let counters = Counters { sequence: 1 << 40, next_document: 7, next_passage: 300, documents: 2, passages: 3 };
        let bytes = encode(&counters).unwrap();
        assert_eq!(decode::<Counters>(&bytes).unwrap(), counters);
        for cut in 0..bytes.len() {
            assert!(decode::<Counters>(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(decode::<Counters>(&[&bytes[..], &[0]].concat()).unwrap_err().contains("follow"));
        assert!(decode::<Counters>(&[2, 0, 0, 0, 0, 0]).unwrap_err().contains("version 2"));
    }

    #[test]
    fn passage_id_reads_from_the_first_piece() {
        let span = Span { bytes: 10..9000, lines: 1..4 };
        for kind in PlaceKind::ALL {
            let context = Context {
                headings: vec!["标题".repeat(3000)],
                place: Some(Place::new(kind, 7).named("表一")),
                metadata: r#"{"城市":"上海"}"#.to_owned(),
            };
            let bytes = encode(&PassageRecord::new(u64::MAX - 1, &span, [7; 16], context.clone())).unwrap();
            assert_eq!(passage_id(&bytes[..PIECE_BYTES]), Ok(u64::MAX - 1));
            let stored = decode::<PassageRecord>(&bytes).unwrap().into_stored().unwrap();
            assert_eq!((stored.span, stored.context), (span.clone(), context));
        }
        assert_eq!(PlaceKind::of_code(PlaceKind::ALL.len() as u8), None);
    }

    #[test]
    fn pieces_are_full_except_the_last() {
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let value: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let cut: Vec<_> = pieces(&value).collect();
            assert_eq!(cut.iter().flat_map(|p| p.1).copied().collect::<Vec<_>>(), value);
            let (last, others) = cut.split_last().unwrap();
            assert!(last.1.len() < PIECE_BYTES && others.iter().all(|p| p.1.len() == PIECE_BYTES));
            assert!(cut.iter().enumerate().all(|(i, p)| p.0 as usize == i));
        }
    }

    #[test]
    fn syntax_codes_round_trip() {
        for (code, syntax) in (0..).zip(Syntax::ALL) {
            assert_eq!((syntax.code(), Syntax::of_code(code)), (code, Some(syntax)));
        }
        assert_eq!(Syntax::of_code(Syntax::ALL.len() as u8), None);
    }
}
