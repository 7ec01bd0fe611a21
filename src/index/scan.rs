//! The scan: compares every accepted row by its code, and returns the rows that may be among the best.
//!
//! A score by codes differs from the exact one by at most a known bound ([`error_bound`]). Let t be the score by codes of the last
//! of the best documents. Each of these documents has an exact score of at least t − bound. So a document of the exact answer has
//! a passage whose score by codes is at least t − 2 · bound, and the rows that the scan returns contain the exact answer.

use super::best_documents::BestDocuments;
use super::codes::CodedQuery;
use super::row_filter::RowFilter;
use super::scoring::{CodeScore, error_bound};
use super::segment::Segment;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::row::{RowId, ScoredRow};

/// The rows that are scored at a time: their scores fit in the L1 cache.
const ROWS_AT_A_TIME: usize = 1024;
/// A scan of at least this many rows uses several threads.
const MIN_ROWS_FOR_THREADS: usize = 1 << 15;
/// The most threads of one scan. More would not be faster, because memory bandwidth limits a scan.
const MAX_THREADS: usize = 8;
/// If at least one in this many rows of a segment is accepted, consecutive rows are compared, also the rows that are not accepted.
const MAX_ROWS_PER_ACCEPTED: usize = 4;

/// The input of a scan.
pub(super) struct Scan<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// The segments to scan: the index in the snapshot, and the accepted rows.
    pub(super) segments: &'a [(usize, &'a RowFilter<'a>)],
    pub(super) query: &'a CodedQuery,
    pub(super) limit: usize,
    pub(super) min_score: f32,
}

/// The result of one thread.
struct ScanPart {
    best: BestDocuments,
    candidates: Vec<CodeScore>,
}

impl Scan<'_> {
    /// Returns every row that may be among the best.
    pub(super) fn run(&self) -> Result<Vec<CodeScore>> {
        let total: usize = self.segments.iter().map(|(_, filter)| filter.count() as usize).sum();
        let threads = threads_for(total);
        let parts = if threads < 2 { vec![self.scan_part(0, 1)] } else { self.scan_parts(threads) };
        let mut best = BestDocuments::new(self.limit, f32::NEG_INFINITY);
        let mut candidates = Vec::new();
        for part in parts {
            let part = part?;
            part.best.finish().into_iter().for_each(|row| best.offer(row));
            candidates.push(part.candidates);
        }
        // With fewer documents than wanted, every row may be among the best.
        let last = best.finish().get(self.limit - 1).map_or(f32::NEG_INFINITY, |last| last.score);
        let lowest_candidate = last - 2.0 * self.error_bound();
        Ok(candidates.into_iter().flatten().filter(|candidate| candidate.score >= lowest_candidate).collect())
    }

    fn scan_parts(&self, threads: usize) -> Vec<Result<ScanPart>> {
        std::thread::scope(|scope| {
            let spawned = |part| scope.spawn(move || self.scan_part(part, threads));
            let handles: Vec<_> = (1..threads).map(spawned).collect();
            let first = self.scan_part(0, threads);
            let panicked = |_| Err(Error::Threads { purpose: "searching", problem: "one ended early".to_owned() });
            let others = handles.into_iter().map(|handle| handle.join().unwrap_or_else(panicked));
            std::iter::once(first).chain(others).collect()
        })
    }

    /// Scans one of `parts` equal shares of each segment.
    fn scan_part(&self, part: usize, parts: usize) -> Result<ScanPart> {
        let best = BestDocuments::new(self.limit, f32::NEG_INFINITY);
        let mut found = ScanPart { best, candidates: Vec::new() };
        let start_of = |part: usize, rows: u32| rows as usize * part / parts;
        // Computed once: it iterates over all segments.
        let bound = self.error_bound();
        let mut scores = [0.0f32; ROWS_AT_A_TIME];
        let mut chosen: Vec<u32> = Vec::with_capacity(ROWS_AT_A_TIME);
        for (index, filter) in self.segments {
            let segment = &*self.snapshot.segments()[*index].segment;
            // If few rows are accepted, only those are compared.
            let dense = filter.count() as usize * MAX_ROWS_PER_ACCEPTED >= segment.rows() as usize;
            let (mut from, end) = (start_of(part, segment.rows()), start_of(part + 1, segment.rows()));
            while from < end {
                if dense {
                    let to = end.min(from + ROWS_AT_A_TIME);
                    let scanned = segment.codes().scan(self.query, from..to, &mut scores[..to - from]);
                    scanned.map_err(|error| segment.named(error))?;
                    for (&score, row) in scores.iter().zip(from as u32..to as u32) {
                        if score >= self.lowest_candidate(&found.best, bound) && filter.accepts(row) {
                            self.keep(&mut found, *index, segment, row, score)?;
                        }
                    }
                    from = to;
                } else {
                    chosen.clear();
                    let rest = (from as u32..end as u32).filter(|&row| filter.accepts(row));
                    chosen.extend(rest.take(ROWS_AT_A_TIME));
                    let scores = &mut scores[..chosen.len()];
                    segment.codes().gather(self.query, &chosen, scores).map_err(|error| segment.named(error))?;
                    for (&score, &row) in scores.iter().zip(&chosen) {
                        if score >= self.lowest_candidate(&found.best, bound) {
                            self.keep(&mut found, *index, segment, row, score)?;
                        }
                    }
                    from = if chosen.len() < ROWS_AT_A_TIME {
                        end
                    } else {
                        chosen.last().map_or(end, |&last| last as usize + 1)
                    };
                }
            }
        }
        Ok(found)
    }

    /// Returns the score by codes below which a row can no longer be among the best. `bound`: [`Scan::error_bound`].
    fn lowest_candidate(&self, best: &BestDocuments, bound: f32) -> f32 {
        (best.threshold - 2.0 * bound).max(self.min_score - bound)
    }

    /// Adds a candidate. `index`: the index of the segment in the snapshot.
    fn keep(&self, found: &mut ScanPart, index: usize, segment: &Segment, row: u32, score: f32) -> Result<()> {
        let id = RowId { segment: index, row };
        found.candidates.push(CodeScore { row: id, score });
        if score >= found.best.threshold {
            // Any number that identifies the document; its real number is not needed yet.
            let document = (index as u64) << 32 | u64::from(segment.row(row)?.document);
            found.best.offer(ScoredRow { row: id, document, score });
        }
        Ok(())
    }

    /// Returns the largest error bound of the segments.
    fn error_bound(&self) -> f32 {
        let residuals = self.segments.iter().map(|(index, _)| self.snapshot.segments()[*index].segment.residual());
        error_bound(self.query, residuals.fold(0.0, f32::max))
    }
}

/// Returns the number of threads for a scan of `rows` rows.
pub(super) fn threads_for(rows: usize) -> usize {
    if rows < MIN_ROWS_FOR_THREADS {
        return 1;
    }
    let max_threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    // Each thread gets at least half of the rows that make threads worthwhile.
    max_threads.min(2 * rows / MIN_ROWS_FOR_THREADS).max(1)
}
