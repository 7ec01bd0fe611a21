//! From format 2 to 3: adds an identity to the collection, and ctime and inode to the stamps of files.
//!
//! Frozen. The settings are JSON in pieces of 3,584 bytes; the key of a piece is `\x01settings` and a piece number u32,
//! big-endian. Format 3 adds the member `id`, 32 hexadecimal digits. A record of a name in format 2 is the version byte 1 and,
//! in postcard, document u64, hash [u8; 32], an option of (size u64, modified i64, checked i64). Format 3 appends changed i64
//! and inode u64 to the option. A migrated record has 0 for both: unknown.

use crate::disk::random_id;
use crate::error::{Error, Result};
use crate::records::tree::{Batch, Tree};

const SETTINGS: &[u8] = b"\x01settings";
/// The most bytes of a piece of the settings.
const PIECE_BYTES: usize = 3584;
/// Table `NAMES`. After the table's byte, a key has the document's id.
const NAMES: u8 = 2;
const VERSION: u8 = 1;

type Old = (u64, [u8; 32], Option<(u64, i64, i64)>);
type New = (u64, [u8; 32], Option<(u64, i64, i64, i64, u64)>);

pub(in crate::records) fn rewrite(tree: &Tree, batch: &mut Batch) -> Result<()> {
    add_identity(tree, batch)?;
    for row in tree.scan(&[NAMES]) {
        let (key, value) = row?;
        let garbled = |why: &str| -> Error { tree.damaged(format!("a name is garbled: {why}")) };
        let record = match value.split_first() {
            Some((&VERSION, record)) => record,
            _ => return Err(garbled("its version is unknown")),
        };
        let (number, hash, stamp) = match postcard::take_from_bytes::<Old>(record) {
            Ok((record, [])) => record,
            Ok(_) => return Err(garbled("bytes follow it")),
            Err(error) => return Err(garbled(&error.to_string())),
        };
        let new: New = (number, hash, stamp.map(|(size, modified, checked)| (size, modified, checked, 0, 0)));
        let value = postcard::to_extend(&new, vec![VERSION]).map_err(|error| garbled(&error.to_string()))?;
        batch.insert(key, value);
    }
    Ok(())
}

/// Adds an identity to the settings.
fn add_identity(tree: &Tree, batch: &mut Batch) -> Result<()> {
    let mut json = Vec::new();
    for row in tree.scan(SETTINGS) {
        let (key, piece) = row?;
        json.extend_from_slice(&piece);
        batch.remove(key);
    }
    let garbled = |why: String| -> Error { tree.damaged(format!("the settings: {why}")) };
    let mut settings: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&json).map_err(|error| garbled(error.to_string()))?;
    settings.insert("id".to_owned(), random_id().into());
    let json = serde_json::to_vec(&settings).map_err(|error| garbled(error.to_string()))?;
    for (number, piece) in (0u32..).zip(json.chunks(PIECE_BYTES)) {
        let mut key = SETTINGS.to_vec();
        key.extend_from_slice(&number.to_be_bytes());
        batch.insert(key, piece);
    }
    Ok(())
}
