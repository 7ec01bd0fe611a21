//! Merges the lexical sections of several segments without reading their text again.

use std::path::Path;
use std::sync::Arc;

use tantivy::BitSet;
use tantivy::directory::OwnedBytes;
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::indexer::merge_filtered_segments;

use super::directory;
use super::guard::{damaged, guard, unread, unreadable};
use super::pack::{Out, pack};
use super::packed::{RowMap, Source, read_header};
use super::schema::settings;
use super::scratch::Scratch;
use crate::error::Result;

/// The lexical section of one segment, to merge.
pub struct LexicalPart {
    /// The bytes of the section.
    pub source: Arc<dyn Source>,
    /// `[rows]`: the new row of each row; `None` for a deleted one.
    pub rows: Vec<Option<u32>>,
}

/// Writes the lexical section of the rows that are not deleted to `out`. Each new row must occur once. `folder`: for temporary files,
/// deleted before this returns.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] for damaged bytes, or bytes that do not match `rows`; [`crate::Error::Io`];
/// errors of `out`.
pub fn merge(parts: Vec<LexicalPart>, folder: &Path, out: &mut Out<'_>) -> Result<()> {
    let scratch = Scratch::new(folder);
    let merged = guard(|| {
        // Collect the new rows, and a filter for each part with deleted rows.
        let (mut sources, mut filters, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            let header = read_header(&*part.source)?;
            let documents = header.as_ref().map_or(0, |header| header.documents);
            if documents as usize != part.rows.len() {
                return Err(damaged(format!("it has {documents} rows and not {}", part.rows.len())));
            }
            let Some(header) = header else { continue };
            let (rows_before, map) = (rows.len(), RowMap::new(&header, &*part.source)?);
            let mut live = BitSet::with_max_value(documents);
            for document in 0..documents {
                let row = map.row(document) as usize;
                let new_row =
                    part.rows.get(row).ok_or_else(|| damaged(format!("it has row {row}, which does not exist")))?;
                if let Some(new_row) = *new_row {
                    live.insert(document);
                    rows.push(new_row);
                }
            }
            let live_count = rows.len() - rows_before;
            if live_count > 0 {
                sources.push((part.source, header));
                filters.push(if live_count == documents as usize { None } else { Some(to_alive_bitset(&live)?) });
            }
        }
        if sources.is_empty() {
            return Ok(());
        }
        check_each_row_once(&rows)?;
        let index = directory::open(&sources)?;
        let segments = index.searchable_segments().map_err(unreadable)?;
        let merged = merge_filtered_segments(&segments, settings(), filters, scratch.clone()).map_err(unreadable)?;
        let in_order = rows.iter().enumerate().all(|(document, &row)| document == row as usize);
        pack(&merged, &scratch, (!in_order).then_some(&rows), out)
    });
    scratch.explain(merged)
}

fn to_alive_bitset(live: &BitSet) -> Result<AliveBitSet> {
    let mut bytes = Vec::new();
    write_alive_bitset(live, &mut bytes).map_err(unread)?;
    Ok(AliveBitSet::open(OwnedBytes::new(bytes)))
}

/// Checks that every row occurs once.
fn check_each_row_once(rows: &[u32]) -> Result<()> {
    let mut seen = vec![false; rows.len()];
    for &row in rows {
        match seen.get_mut(row as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(damaged(format!("row {row} of {} comes twice or is too high", rows.len()))),
        }
    }
    Ok(())
}
