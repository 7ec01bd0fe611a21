//! The key of every row: a table's byte, then big-endian numbers, so that rows sort by table and then by number.
//!
//! | table | key after the table's byte | value |
//! |---|---|---|
//! | `META` | a name | the format number, the counters, the settings in pieces |
//! | `NAMES` | the id's UTF-8 | number, content hash, file stamp |
//! | `HEADERS` | document u64, piece u32 | id, syntax, metadata, sizes, last change |
//! | `TEXTS` | document u64, piece u32 | that piece of the text |
//! | `PASSAGES` | document u64, ordinal u32, piece u32 | id, span, headings, hash |
//! | `VECTORS` | passage u64, piece u32 | that piece of the vector |
//! | `CHANGES` | sequence u64 | document, id, put or removed |

pub(super) const META: u8 = 1;
pub(super) const NAMES: u8 = 2;
pub(super) const HEADERS: u8 = 3;
pub(super) const TEXTS: u8 = 4;
pub(super) const PASSAGES: u8 = 5;
pub(super) const VECTORS: u8 = 6;
pub(super) const CHANGES: u8 = 7;

/// The row of the format number.
pub(super) const FORMAT: &[u8] = b"\x01format";
/// The row of the counters.
pub(super) const COUNTERS: &[u8] = b"\x01counters";
/// The prefix of the settings' rows; a piece number follows.
pub(super) const SETTINGS: &[u8] = b"\x01settings";

/// Returns the key of a document's row in `NAMES`.
pub(super) fn name(id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + id.len());
    key.push(NAMES);
    key.extend_from_slice(id.as_bytes());
    key
}

/// Returns a table's byte and one number: the whole key of a change, or the prefix of the rows of a document or a vector.
pub(super) fn numbered(table: u8, number: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(17);
    key.push(table);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// Returns the prefix of one passage's rows.
pub(super) fn passage(document: u64, ordinal: u32) -> Vec<u8> {
    piece(&numbered(PASSAGES, document), ordinal)
}

/// Returns the key of a value's `piece`th row.
pub(super) fn piece(prefix: &[u8], piece: u32) -> Vec<u8> {
    let mut key = Vec::with_capacity(prefix.len() + 4);
    key.extend_from_slice(prefix);
    key.extend_from_slice(&piece.to_be_bytes());
    key
}

/// Returns the u64 after the table's byte.
pub(super) fn number_of(key: &[u8]) -> Option<u64> {
    key.get(1..9).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes)
}

/// Returns the u32 at byte `offset` of a key; `None` if the key does not have `length` bytes.
fn u32_at(key: &[u8], offset: usize, length: usize) -> Option<u32> {
    if key.len() != length {
        return None;
    }
    key.get(offset..offset + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes)
}

/// Returns (number, piece) of a row of `HEADERS`, `TEXTS` or `VECTORS`.
pub(super) fn number_and_piece(key: &[u8]) -> Option<(u64, u32)> {
    Some((number_of(key)?, u32_at(key, 9, 13)?))
}

/// Returns (document, ordinal, piece) of a row of `PASSAGES`.
pub(super) fn passage_and_piece(key: &[u8]) -> Option<(u64, u32, u32)> {
    Some((number_of(key)?, u32_at(key, 9, 17)?, u32_at(key, 13, 17)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn keys_sort_by_number_and_read_back() {
        let keys: Vec<_> = [(1, 2, 0), (1, 2, 1), (1, 256, 0), (255, 0, 0), (256, 0, 0), (u64::MAX, u32::MAX, 7)]
            .into_iter()
            .map(|(d, o, p)| (piece(&passage(d, o), p), (d, o, p)))
            .collect();
        assert!(keys.is_sorted_by(|a, b| a.0 < b.0));
        for (key, parts) in &keys {
            assert_eq!(passage_and_piece(key), Some(*parts));
        }
        assert_eq!(number_and_piece(&piece(&numbered(TEXTS, 9), 3)), Some((9, 3)));
        assert_eq!(number_and_piece(b"\x04short"), None);
        assert_eq!(passage_and_piece(b"\x04short"), None);
    }
}
