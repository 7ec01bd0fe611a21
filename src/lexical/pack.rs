//! Writes one tantivy segment as a byte string.

use std::path::Path;

use tantivy::directory::Directory;
use tantivy::{HasLen, Index};

use super::guard::{damaged, unread, unreadable};
use super::packed::{KINDS, encode_header};
use crate::error::Result;

/// The bytes of a file that are copied at a time.
const COPY_BYTES: usize = 1 << 18;

/// Receives a byte string, piece by piece.
pub type Out<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

/// Returns an [`Out`] that collects the bytes in memory.
pub fn gather(bytes: &mut Vec<u8>) -> impl FnMut(&[u8]) -> Result<()> {
    |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    }
}

/// Writes the only segment of an index to `out`. `rows`: the row of each tantivy document; `None` if it is the document's number.
pub(super) fn pack(index: &Index, files: &dyn Directory, rows: Option<&[u32]>, out: &mut Out<'_>) -> Result<()> {
    let segments = index.searchable_segment_metas().map_err(unreadable)?;
    let [segment] = &segments[..] else { return Err(damaged("it is not one segment")) };
    let name = segment.id().uuid_string();
    let mut opened = Vec::with_capacity(KINDS.len());
    for kind in KINDS {
        opened.push(files.open_read(Path::new(&format!("{name}.{kind}"))).map_err(damaged)?);
    }
    let lengths = std::array::from_fn(|kind| opened[kind].len());
    out(&encode_header(segment.max_doc(), lengths, rows.is_some()))?;
    for file in opened {
        for start in (0..file.len()).step_by(COPY_BYTES) {
            let piece = file.read_bytes_slice(start..file.len().min(start + COPY_BYTES));
            out(&piece.map_err(unread)?)?;
        }
    }
    rows.unwrap_or_default().chunks(COPY_BYTES).try_for_each(|rows| {
        let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
        out(&bytes)
    })
}
