//! From format 1 to 2: adds the place in the file and the metadata to the passage records.
//!
//! Frozen. A record of format 1 is the version byte 1 and, in postcard, passage id u64, bytes (u64, u64), lines (u64, u64),
//! hash [u8; 16], headings: list of strings. Format 2 appends an option (kind u8, number u32, an option of a name), and a
//! string of JSON. A migrated record has a zero byte for "no place" and a zero byte for the empty string. Both formats have
//! the version byte 1: the format number of the store distinguishes them.

use crate::error::{Error, Result};
use crate::records::tree::{Batch, Tree};

/// Table `PASSAGES`. After the table's byte, a key has document u64, ordinal u32, piece u32, big-endian.
const PASSAGES: u8 = 5;
const KEY_BYTES: usize = 1 + 8 + 4 + 4;
/// The bytes of a piece. A shorter piece is the last one of its value.
const PIECE_BYTES: usize = 3584;
const VERSION: u8 = 1;
/// The two appended values: no place, no metadata.
const NO_PLACE_NO_METADATA: [u8; 2] = [0, 0];

type Passage = (u64, (u64, u64), (u64, u64), [u8; 16], Vec<String>);

pub(in crate::records) fn rewrite(tree: &Tree, batch: &mut Batch) -> Result<()> {
    let mut value = Vec::new();
    let mut prefix: Option<Vec<u8>> = None;
    for row in tree.scan(&[PASSAGES]) {
        let (key, piece) = row?;
        let (Some(passage_key), true) = (key.get(..KEY_BYTES - 4), key.len() == KEY_BYTES) else {
            return Err(tree.damaged("the key of a passage has another length"));
        };
        if prefix.as_deref().is_some_and(|prefix| prefix != passage_key) {
            return Err(tree.damaged("the end of a passage is missing"));
        }
        prefix = Some(passage_key.to_vec());
        value.extend_from_slice(&piece);
        if piece.len() < PIECE_BYTES {
            rewrite_passage(tree, batch, passage_key, &mut value)?;
            prefix = None;
            value.clear();
        }
    }
    if prefix.is_some() { Err(tree.damaged("the end of a passage is missing")) } else { Ok(()) }
}

fn rewrite_passage(tree: &Tree, batch: &mut Batch, prefix: &[u8], value: &mut Vec<u8>) -> Result<()> {
    let garbled = |why: &str| -> Error { tree.damaged(format!("a passage is garbled: {why}")) };
    match value.split_first() {
        Some((&VERSION, record)) => match postcard::take_from_bytes::<Passage>(record) {
            Ok((_, [])) => {}
            Ok(_) => return Err(garbled("bytes follow it")),
            Err(error) => return Err(garbled(&error.to_string())),
        },
        _ => return Err(garbled("its version is unknown")),
    }
    value.extend_from_slice(&NO_PLACE_NO_METADATA);
    for number in 0..=value.len() / PIECE_BYTES {
        let piece = &value[number * PIECE_BYTES..value.len().min((number + 1) * PIECE_BYTES)];
        let number = u32::try_from(number).map_err(|_| garbled("it has too many pieces"))?;
        let mut key = prefix.to_vec();
        key.extend_from_slice(&number.to_be_bytes());
        batch.insert(key, piece);
    }
    Ok(())
}
