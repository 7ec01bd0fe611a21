//! Builds the lexical section of a segment from passages.

use std::path::Path;
use std::sync::Arc;

use tantivy::directory::RamDirectory;
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::{Index, TantivyDocument};

use super::analysis::Terms;
use super::fields::Fields;
use super::guard::{guard, unreadable};
use super::merge::{LexicalPart, merge};
use super::pack::{Out, gather, pack};
use super::schema::{LAYOUT, settings, tokenizers};
use crate::error::Result;
use crate::kernel::SharedBytes;

/// The number of passages that are built at a time. The parts are then merged, so that memory stays bounded.
const BUILD_PASSAGES: usize = 8_000;
/// Tantivy's memory budget in bytes. It determines the initial size of the table of terms: 2^15 entries.
const MEMORY_BYTES: usize = 3_000_000;

/// A passage to build from.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The passage's text.
    pub text: &'a str,
    /// The id of the passage's document: the path of its file.
    pub id: &'a str,
    /// The title of the passage's document, its file name, and what else describes it, each on a line.
    pub title: &'a str,
    /// The names of the passage's document besides its title and its path.
    pub names: &'a [String],
    /// The headings above it, the outermost first.
    pub headings: &'a [String],
    /// The values that filters read.
    pub fields: &'a Fields,
}

/// Writes the lexical section of these passages to `out`; the row of each is its index. Without passages it writes no bytes.
/// `dictionary`: true to also divide Chinese into words of the dictionary. `folder`: for temporary files, deleted before this returns.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] if tantivy fails, which no input should cause; [`crate::Error::Io`]; errors of `out`.
pub fn build<'a>(
    passages: impl Iterator<Item = Passage<'a>>,
    dictionary: bool,
    folder: &Path,
    out: &mut Out<'_>,
) -> Result<()> {
    let mut passages = passages.peekable();
    let mut terms = Terms::new(dictionary);
    let (mut parts, mut first) = (Vec::new(), 0);
    while passages.peek().is_some() {
        let (packed, rows) = guard(|| build_part(passages.by_ref().take(BUILD_PASSAGES), &mut terms))?;
        if passages.peek().is_none() && parts.is_empty() {
            return out(&packed);
        }
        let rows = (first..first + rows).map(Some).collect::<Vec<_>>();
        first += rows.len() as u32;
        parts.push(LexicalPart { source: Arc::new(SharedBytes::from(packed)), rows });
    }
    merge(parts, folder, out)
}

fn build_part<'a>(passages: impl Iterator<Item = Passage<'a>>, terms: &mut Terms) -> Result<(Vec<u8>, u32)> {
    let ram = RamDirectory::create();
    let builder = Index::builder().schema(LAYOUT.schema.clone()).settings(settings()).tokenizers(tokenizers());
    let mut writer: SingleSegmentIndexWriter =
        builder.single_segment_index_writer(ram.clone(), MEMORY_BYTES).map_err(unreadable)?;
    let mut rows = 0;
    for passage in passages {
        terms.clear();
        terms.add(passage.title, true);
        passage.headings.iter().for_each(|heading| terms.add(heading, true));
        terms.add(passage.text, false);
        terms.add_names(passage.id, passage.title, passage.names);
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
