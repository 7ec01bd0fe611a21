//! Passages to a byte string.

use std::path::Path;
use std::sync::Arc;

use tantivy::directory::{Directory, RamDirectory};
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::{HasLen, Index, TantivyDocument};

use super::analysis::Terms;
use super::fields::Fields;
use super::guard::{damaged, guard, unread, unreadable};
use super::merge::{Part, merge};
use super::packed::{KINDS, head};
use super::schema::{LAYOUT, settings, tokenizers};
use crate::error::Result;
use crate::kernel::SharedBytes;

/// Passages that are worked on at a time, so that memory stays bounded.
const CHUNK: usize = 8_000;
/// Tantivy sizes its table of terms by this: 2^15 places to begin with, and grows it.
const MEMORY: usize = 3_000_000;

/// Bytes of a file that are copied at a time.
const PIECE: usize = 1 << 18;

/// What takes a byte string, piece by piece.
pub type Out<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

/// Takes a byte string into memory.
pub fn gather(words: &mut Vec<u8>) -> impl FnMut(&[u8]) -> Result<()> {
    |piece| {
        words.extend_from_slice(piece);
        Ok(())
    }
}

/// A passage, and what its document is called.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its document's id: the path of its file.
    pub id: &'a str,
    /// What its document is called, in words: its title, the name of its file.
    pub title: &'a str,
    /// The headings above it, outermost first.
    pub headings: &'a [String],
    /// Its document's values.
    pub fields: &'a Fields,
}

/// Makes the byte string of these passages; the row of each is its place. None of them: no bytes. `dictionary`: whether Chinese
/// is cut into words of a dictionary, too. `folder` is for files that are gone when this returns.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] when tantivy fails, which it has no reason to; [`crate::Error::Io`]; those of `out`.
pub fn build<'a>(
    passages: impl Iterator<Item = Passage<'a>>,
    dictionary: bool,
    folder: &Path,
    out: &mut Out<'_>,
) -> Result<()> {
    let mut passages = passages.peekable();
    let mut terms = Terms::new(dictionary);
    let (mut chunks, mut first) = (Vec::new(), 0);
    while passages.peek().is_some() {
        let (packed, rows) = guard(|| chunk(passages.by_ref().take(CHUNK), &mut terms))?;
        if passages.peek().is_none() && chunks.is_empty() {
            return out(&packed);
        }
        let rows = (first..first + rows).map(Some).collect::<Vec<_>>();
        first += rows.len() as u32;
        chunks.push(Part { words: Arc::new(SharedBytes::from(packed)), rows });
    }
    merge(chunks, folder, out)
}

fn chunk<'a>(passages: impl Iterator<Item = Passage<'a>>, terms: &mut Terms) -> Result<(Vec<u8>, u32)> {
    let ram = RamDirectory::create();
    let builder = Index::builder().schema(LAYOUT.schema.clone()).settings(settings()).tokenizers(tokenizers());
    let mut writer: SingleSegmentIndexWriter =
        builder.single_segment_index_writer(ram.clone(), MEMORY).map_err(unreadable)?;
    let mut rows = 0;
    for passage in passages {
        terms.clear();
        terms.add(passage.title, true);
        passage.headings.iter().for_each(|heading| terms.add(heading, true));
        terms.add(passage.text, false);
        terms.add_names(passage.id, passage.title);
        let mut document = TantivyDocument::new();
        document.add_text(LAYOUT.words, &terms.words);
        document.add_text(LAYOUT.grams, &terms.grams);
        document.add_text(LAYOUT.title, &terms.title);
        if !passage.fields.0.is_empty() {
            document.add_object(LAYOUT.fields, passage.fields.to_object());
        }
        writer.add_document(document).map_err(unreadable)?;
        rows += 1;
    }
    let index = writer.finalize().map_err(unreadable)?;
    let mut packed = Vec::new();
    pack(&index, &ram, None, &mut gather(&mut packed))?;
    Ok((packed, rows))
}

/// Gives out the one segment of an index as a byte string. `rows` says which row each document is; none when each is the row
/// of its own number.
pub(super) fn pack(index: &Index, files: &dyn Directory, rows: Option<&[u32]>, out: &mut Out<'_>) -> Result<()> {
    let segments = index.searchable_segment_metas().map_err(unreadable)?;
    let [segment] = &segments[..] else { return Err(damaged("it is not one segment")) };
    let name = segment.id().uuid_string();
    let mut opened = Vec::with_capacity(KINDS.len());
    for kind in KINDS {
        opened.push(files.open_read(Path::new(&format!("{name}.{kind}"))).map_err(damaged)?);
    }
    let lengths = std::array::from_fn(|kind| opened[kind].len());
    out(&head(segment.max_doc(), lengths, rows.is_some()))?;
    for file in opened {
        for start in (0..file.len()).step_by(PIECE) {
            let piece = file.read_bytes_slice(start..file.len().min(start + PIECE));
            out(&piece.map_err(unread)?)?;
        }
    }
    rows.unwrap_or_default().chunks(PIECE).try_for_each(|rows| {
        let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
        out(&bytes)
    })
}
