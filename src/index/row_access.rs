//! Access to single rows, for searches that combine vectors with something else: the rows that a search may find, and the document, the
//! cosine and a sample of rows.

use super::best_documents::BestDocuments;
use super::codes::CodedQuery;
use super::found_document::FoundDocument;
use super::row_filter::{RowFilter, RowSet};
use super::scoring::cosine;
use super::segment::{Section, Segment};
use super::snapshot::{LiveSegment, Snapshot};
use super::stored;
use crate::error::{Error, Result};
use crate::kernel::Simd;
use crate::row::{RowId, ScoredRow};

/// The rows of a snapshot that a search may find.
#[derive(Debug)]
pub struct AcceptedRows<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// One filter for each segment.
    pub(super) filters: Vec<RowFilter<'a>>,
}

impl AcceptedRows<'_> {
    /// Returns the number of a row's document; `None` if a search may not find the row.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn document(&self, row: RowId) -> Result<Option<u64>> {
        let (Some(filter), Some(live)) = (self.filters.get(row.segment), self.snapshot.segments().get(row.segment))
        else {
            return Ok(None);
        };
        if !filter.accepts(row.row) {
            return Ok(None);
        }
        Ok(Some(live.segment.document_of_row(row.row)?.1.number))
    }
}

impl Snapshot {
    /// Returns the sidecar section of each segment, see [`super::Sidecar`].
    pub fn sidecars(&self) -> impl Iterator<Item = &Section> {
        self.segments().iter().map(|live| live.segment.sidecar())
    }

    /// Returns the rows that a search may find: not deleted, `within` a set, and not of the document numbered `skip`.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn accepted_rows<'a>(&'a self, within: Option<&'a RowSet>, skip: Option<u64>) -> Result<AcceptedRows<'a>> {
        let skip = skip.map(|number| self.find_number(number)).transpose()?.flatten();
        let filters = self.segments().iter().enumerate().map(|(index, live)| {
            let skipped = match skip {
                Some(document) if document.segment == index => self.document(document)?.rows(),
                _ => 0..0,
            };
            Ok(RowFilter::new(live, within.and_then(|rows| rows.of_segment(index)), skipped))
        });
        Ok(AcceptedRows { snapshot: self, filters: filters.collect::<Result<_>>()? })
    }

    /// Returns the document of a row.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], also for a row that does not exist.
    pub fn document_of(&self, row: RowId) -> Result<FoundDocument<'_>> {
        let segment = self.segment_of(row)?;
        Ok(FoundDocument { segment, entry: segment.document_of_row(row.row)?.1 })
    }

    /// Returns the cosine of a query and a row, both of length 1. It is the same as the score of a search.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], also for a row that does not exist; [`Error::InvalidInput`] for a query of another dimension.
    pub fn cosine(&self, query: &[f32], row: RowId) -> Result<f32> {
        self.check_dimension(query)?;
        let segment = self.segment_of(row)?;
        segment.document_of_row(row.row)?;
        Ok(cosine(Simd::detect(), query, segment.vector(row.row)?, segment.shape()))
    }

    fn segment_of(&self, row: RowId) -> Result<&Segment> {
        let Some(LiveSegment { segment, .. }) = self.segments().get(row.segment) else {
            return Err(stored::damaged(format!("it has no segment {}, and a row of it was asked for", row.segment)));
        };
        Ok(segment)
    }

    /// Returns scores by codes of about `count` evenly spread passages: the distribution of the query's scores over the collection.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::InvalidInput`] for a query of another dimension.
    pub fn sample(&self, query: &[f32], count: usize) -> Result<Vec<(RowId, f32)>> {
        self.check_dimension(query)?;
        let query = CodedQuery::new(query);
        let rows: usize = self.segments().iter().map(|live| live.segment.rows() as usize).sum();
        let step = rows.div_ceil(count.max(1)).max(1);
        // `first_row`: the first row of a segment that is in the sample. The step goes on across segments.
        let (mut samples, mut score, mut first_row) = (Vec::with_capacity(count), [0.0], 0);
        for (number, live) in self.segments().iter().enumerate() {
            let segment = &live.segment;
            let mut row = first_row;
            while row < segment.rows() as usize {
                if live.rows.as_ref().is_none_or(|living| living.contains(row as u32)) {
                    let scored = segment.codes().gather(&query, &[row as u32], &mut score);
                    scored.map_err(|error| segment.named(error))?;
                    samples.push((RowId { segment: number, row: row as u32 }, score[0]));
                }
                row += step;
            }
            first_row = row - segment.rows() as usize;
        }
        Ok(samples)
    }

    fn check_dimension(&self, query: &[f32]) -> Result<()> {
        let wanted = self.shape().dimension as usize;
        if query.len() != wanted {
            let problem = format!("a vector of {} numbers; this collection's have {wanted}", query.len());
            return Err(Error::InvalidInput { problem });
        }
        Ok(())
    }
}

/// Returns the best row of each of the best `limit` documents, the best first.
pub fn best_documents(rows: impl IntoIterator<Item = ScoredRow>, limit: usize) -> Vec<ScoredRow> {
    let mut best = BestDocuments::new(limit, f32::NEG_INFINITY);
    rows.into_iter().for_each(|row| best.offer(row));
    best.finish()
}
