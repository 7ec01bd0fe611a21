//! Living rows of several byte strings to one, without looking at their text again.

use std::path::Path;
use std::sync::Arc;

use tantivy::BitSet;
use tantivy::directory::OwnedBytes;
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::indexer::merge_filtered_segments;

use super::build::{Out, pack};
use super::directory;
use super::guard::{damaged, guard, unread, unreadable};
use super::packed::{RowMap, Source, header};
use super::schema::settings;
use super::scratch::Scratch;
use crate::error::Result;

/// One of the byte strings that are merged.
pub struct Part {
    /// Its bytes.
    pub words: Arc<dyn Source>,
    /// `[rows]`: which row each becomes; none for a dead one.
    pub rows: Vec<Option<u32>>,
}

/// Makes the byte string of what lives. Every row from 0 to their number must come once. `folder` is for files that are gone
/// when this returns.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] for bytes that are not as they were written, or do not fit `rows`; [`crate::Error::Io`];
/// those of `out`.
pub fn merge(parts: Vec<Part>, folder: &Path, out: &mut Out<'_>) -> Result<()> {
    let scratch = Scratch::new(folder);
    let merged = guard(|| {
        let (mut sources, mut filters, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            let header = header(&*part.words)?;
            let documents = header.as_ref().map_or(0, |header| header.documents);
            if documents as usize != part.rows.len() {
                return Err(damaged(format!("it has {documents} rows and not {}", part.rows.len())));
            }
            let Some(header) = header else { continue };
            let (before, map) = (rows.len(), RowMap::new(&header, &*part.words)?);
            let mut living = BitSet::with_max_value(documents);
            for document in 0..documents {
                let row = map.row(document) as usize;
                let becomes = part.rows.get(row).ok_or_else(|| damaged(format!("it names row {row}")))?;
                if let Some(becomes) = *becomes {
                    living.insert(document);
                    rows.push(becomes);
                }
            }
            let alive = rows.len() - before;
            if alive > 0 {
                sources.push((part.words, header));
                filters.push(if alive == documents as usize { None } else { Some(filter(&living)?) });
            }
        }
        if sources.is_empty() {
            return Ok(());
        }
        check(&rows)?;
        let index = directory::open(&sources)?;
        let segments = index.searchable_segments().map_err(unreadable)?;
        let merged = merge_filtered_segments(&segments, settings(), filters, scratch.clone()).map_err(unreadable)?;
        let in_order = rows.iter().enumerate().all(|(document, &row)| document == row as usize);
        pack(&merged, &scratch, (!in_order).then_some(&rows), out)
    });
    scratch.explain(merged)
}

fn filter(living: &BitSet) -> Result<AliveBitSet> {
    let mut bytes = Vec::new();
    write_alive_bitset(living, &mut bytes).map_err(unread)?;
    Ok(AliveBitSet::open(OwnedBytes::new(bytes)))
}

/// That every row comes once.
fn check(rows: &[u32]) -> Result<()> {
    let mut seen = vec![false; rows.len()];
    for &row in rows {
        match seen.get_mut(row as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(damaged(format!("row {row} of {} comes twice or is too high", rows.len()))),
        }
    }
    Ok(())
}
