//! For those who search beside the vectors: which rows of a snapshot may be found, and what a query scores with given rows.

use super::accept::{Accept, Rows};
use super::best::{BestDocuments, Match};
use super::codes::CodedQuery;
use super::search::cosine;
use super::segment::Section;
use super::snapshot::{Live, Place, Snapshot};
use crate::error::{Error, Result};
use crate::kernel::Simd;

/// A row of a snapshot: its segment, and which row of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowAt {
    /// From 0, in the snapshot.
    pub segment: usize,
    /// From 0, in the segment.
    pub row: u32,
}

/// The rows that may be found, each with its document.
pub struct Acceptance<'a> {
    snapshot: &'a Snapshot,
    pub(super) accepts: Vec<Accept<'a>>,
}

impl Acceptance<'_> {
    /// The number of a row's document; none when the row may not be found.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn document(&self, at: RowAt) -> Result<Option<u64>> {
        let (Some(accept), Some(live)) = (self.accepts.get(at.segment), self.snapshot.segments().get(at.segment))
        else {
            return Ok(None);
        };
        if !accept.contains(at.row) {
            return Ok(None);
        }
        let segment = &live.segment;
        Ok(Some(segment.entry(segment.row(at.row)?.document)?.number))
    }
}

impl Snapshot {
    /// What other rooms keep beside the rows of each segment.
    pub fn sidecars(&self) -> impl Iterator<Item = &Section> {
        self.segments().iter().map(|live| live.segment.sidecar())
    }

    /// Which rows may be found: those that live, are `among` these, and are not of the document numbered `skip`.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn acceptance<'a>(&'a self, among: Option<&'a Rows>, skip: Option<u64>) -> Result<Acceptance<'a>> {
        let skip = skip.map(|number| self.find_number(number)).transpose()?.flatten();
        let accepts = self.segments().iter().enumerate().map(|(i, live)| {
            let skipped = match skip {
                Some(place) if place.segment == i => self.document(place)?.entry.row_range(),
                _ => 0..0,
            };
            Ok(Accept::new(live, among.and_then(|rows| rows.of_segment(i)), skipped))
        });
        Ok(Acceptance { snapshot: self, accepts: accepts.collect::<Result<_>>()? })
    }

    /// Where a match stands.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn row_of(&self, found: &Match) -> Result<RowAt> {
        let entry = self.document(found.place)?.entry;
        Ok(RowAt { segment: found.place.segment, row: entry.first_row + found.ordinal })
    }

    /// The match that a row is, scored as a search would.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::InvalidInput`] for a query of another dimension.
    pub fn score(&self, query: &[f32], at: RowAt) -> Result<Match> {
        self.check_dimension(query)?;
        let Match { ordinal, document, passage, place, .. } = self.match_at(at)?;
        let segment = &self.segments()[at.segment].segment;
        let score = cosine(Simd::detect(), query, segment.vector(at.row)?, segment.shape());
        Ok(Match { score, document, ordinal, passage, place })
    }

    /// The match that a row is, without a score.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], also for a row that is not there.
    pub fn match_at(&self, at: RowAt) -> Result<Match> {
        let Some(Live { segment, .. }) = self.segments().get(at.segment) else {
            return Err(super::stored::damaged(format!("a row of segment {}, which is not there", at.segment)));
        };
        if at.row >= segment.rows() {
            return Err(segment.damaged(&format!("row {} is wanted, which it does not have", at.row)));
        }
        let row = segment.row(at.row)?;
        let entry = segment.entry(row.document)?;
        if !entry.row_range().contains(&at.row) {
            return Err(segment.damaged(&format!("row {} is of a document that does not have it", at.row)));
        }
        let ordinal = at.row - entry.first_row;
        let place = Place { segment: at.segment, document: row.document };
        Ok(Match { score: 0.0, document: entry.number, ordinal, passage: row.passage, place })
    }

    /// Scores by code of about `count` living passages, spread evenly: how the query stands to the collection at large.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::InvalidInput`] for a query of another dimension.
    pub fn sample(&self, query: &[f32], count: usize) -> Result<Vec<f32>> {
        self.check_dimension(query)?;
        let query = CodedQuery::new(query);
        let rows: usize = self.segments().iter().map(|live| live.segment.rows() as usize).sum();
        let step = rows.div_ceil(count.max(1)).max(1);
        let (mut samples, mut score, mut offset) = (Vec::with_capacity(count), [0.0], 0);
        for live in self.segments() {
            let segment = &live.segment;
            let mut row = offset;
            while row < segment.rows() as usize {
                if live.rows.as_ref().is_none_or(|living| living.contains(row as u32)) {
                    let scored = segment.codes().gather(&query, &[row as u32], &mut score);
                    scored.map_err(|error| segment.named(error))?;
                    samples.push(score[0]);
                }
                row += step;
            }
            offset = row - segment.rows() as usize;
        }
        Ok(samples)
    }

    /// The best `limit` documents of these matches, each by its best.
    pub fn best_of(matches: impl IntoIterator<Item = Match>, limit: usize) -> Vec<Match> {
        let mut best = BestDocuments::new(limit, f32::NEG_INFINITY);
        matches.into_iter().for_each(|found| best.offer(found));
        best.finish()
    }

    pub(super) fn check_dimension(&self, query: &[f32]) -> Result<()> {
        let wanted = self.shape().dimension as usize;
        if query.len() != wanted {
            let problem = format!("a vector of {} numbers; this collection's have {wanted}", query.len());
            return Err(Error::InvalidInput { problem });
        }
        Ok(())
    }
}
