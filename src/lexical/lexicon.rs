//! All lexical sections of a snapshot, opened as one index.

use std::sync::Arc;

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{ReloadPolicy, Searcher, SegmentReader, Term};

use super::directory;
use super::filter;
use super::guard::{damaged, guard, unread, unreadable};
use super::packed::{RowMap, Source, read_header};
use crate::error::Result;
use crate::filter::Filter;

/// The lexical sections of a snapshot as one index. Immutable; shared between threads.
pub struct Lexicon {
    pub(super) searcher: Searcher,
    /// `[segments of the snapshot]`; `None` for a segment without rows.
    parts: Vec<Option<Part>>,
    /// `[segments of the searcher]`: the index of the segment in the snapshot.
    snapshot_indices: Vec<usize>,
}

/// A segment with rows.
struct Part {
    /// The index of the segment in the searcher.
    searcher_index: usize,
    rows: SegmentRows,
}

/// The row of each document of a tantivy segment, and the reverse.
pub struct SegmentRows(RowMap);

impl SegmentRows {
    /// Returns the row of a document of the segment.
    pub fn row(&self, document: u32) -> u32 {
        self.0.row(document)
    }

    /// Returns the document of a row; `None` if the row does not exist.
    pub fn document(&self, row: u32) -> Option<u32> {
        self.0.document(row)
    }
}

impl Lexicon {
    /// Opens the sections of the segments, in their order. Reads only the header, the footers and the list of fields of each.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn open(segments: Vec<Arc<dyn Source>>) -> Result<Self> {
        guard(|| {
            let (mut sources, mut parts, mut snapshot_indices) = (Vec::new(), Vec::new(), Vec::new());
            for (segment, source) in segments.into_iter().enumerate() {
                let Some(header) = read_header(&*source)? else {
                    parts.push(None);
                    continue;
                };
                let rows = SegmentRows(RowMap::new(&header, &*source)?);
                parts.push(Some(Part { searcher_index: sources.len(), rows }));
                snapshot_indices.push(segment);
                sources.push((source, header));
            }
            let index = directory::open(&sources)?;
            let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(0);
            let searcher = reader.try_into().map_err(unreadable)?.searcher();
            let readers = searcher.segment_readers();
            let is_in_order = |(index, reader): (usize, &SegmentReader)| {
                reader.segment_id().uuid_string() == directory::segment_name(index)
            };
            if readers.len() != snapshot_indices.len() || !readers.iter().enumerate().all(is_in_order) {
                return Err(damaged("its segments are not those that were opened"));
            }
            Ok(Self { searcher, parts, snapshot_indices })
        })
    }

    /// Returns the columns of a segment (see [`super::column_name`]) and its rows; `None` for a segment without rows.
    pub fn columns(&self, segment: usize) -> Option<(&SegmentReader, &SegmentRows)> {
        let part = self.parts.get(segment)?.as_ref()?;
        Some((self.searcher.segment_readers().get(part.searcher_index)?, &part.rows))
    }

    /// Returns the rows of each segment that match a filter, also deleted ones.
    ///
    /// # Errors
    /// [`crate::Error::InvalidFilter`] for an invalid filter; [`crate::Error::IndexDamaged`].
    pub fn matching(&self, filter: &Filter) -> Result<Vec<Vec<u32>>> {
        filter.check()?;
        let of_segment = |segment| {
            let Some((reader, rows)) = self.columns(segment) else { return Ok(Vec::new()) };
            Ok(filter::rows(reader, filter)?.iter().map(|document| rows.row(document)).collect())
        };
        (0..self.parts.len()).map(of_segment).collect()
    }

    /// Returns the number of segments of the snapshot.
    pub(super) fn segments(&self) -> usize {
        self.parts.len()
    }

    /// Returns every segment with rows: its index in the snapshot, its reader, its rows.
    pub(super) fn readers(&self) -> impl Iterator<Item = (usize, &SegmentReader, &SegmentRows)> {
        let with_segment = |&segment: &usize| self.columns(segment).map(|(reader, rows)| (segment, reader, rows));
        self.snapshot_indices.iter().filter_map(with_segment)
    }

    /// Returns the number of passages in all segments, including deleted ones.
    pub(super) fn passages(&self) -> u64 {
        self.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum()
    }

    /// Returns the number of tokens of a field in all passages.
    pub(super) fn tokens(&self, field: Field) -> Result<u64> {
        Bm25StatisticsProvider::total_num_tokens(&self.searcher, field).map_err(unreadable)
    }

    /// Returns the number of passages with a term.
    pub(super) fn frequency(&self, field: Field, text: &str) -> Result<u64> {
        let term = Term::from_field_text(field, text);
        let mut frequency = 0;
        for reader in self.searcher.segment_readers() {
            let found = reader.inverted_index(field).map_err(unreadable)?.doc_freq(&term).map_err(unread)?;
            frequency += u64::from(found);
        }
        Ok(frequency)
    }

    /// Returns at most `limit` terms of a field with a prefix; from each segment the first ones in alphabetical order.
    pub(super) fn terms_with_prefix(&self, field: Field, prefix: &str, limit: usize) -> Result<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        for reader in self.searcher.segment_readers() {
            let index = reader.inverted_index(field).map_err(unreadable)?;
            let mut terms = index.terms().range().ge(prefix).into_stream().map_err(unread)?;
            let mut remaining = limit;
            while remaining > 0 && terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
                remaining -= 1;
                let term = std::str::from_utf8(terms.key()).map_err(|_| damaged("a term is not UTF-8"))?;
                if found.len() < limit && !found.iter().any(|known| known == term) {
                    found.push(term.to_owned());
                }
            }
        }
        Ok(found)
    }
}
