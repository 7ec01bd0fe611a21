//! The best row of each of the best documents.

use std::collections::HashMap;

use crate::row::ScoredRow;

/// The number of documents that are held before any are dropped, even if fewer are wanted.
const MIN_CAPACITY: usize = 64;

/// The best row of each of the best documents so far. Holds up to twice as many documents as wanted, and drops the worse half when it
/// is full.
pub(super) struct BestDocuments {
    limit: usize,
    /// The lowest score that still counts.
    pub(super) threshold: f32,
    by_document: HashMap<u64, ScoredRow>,
}

impl BestDocuments {
    pub(super) fn new(limit: usize, min_score: f32) -> Self {
        Self { limit, threshold: min_score, by_document: HashMap::new() }
    }

    /// Adds a row, unless its score is too low or its document has a better one.
    pub(super) fn offer(&mut self, row: ScoredRow) {
        if row.score < self.threshold {
            return;
        }
        let best = self.by_document.entry(row.document).or_insert(row);
        *best = row.min(*best);
        if self.by_document.len() > self.limit.saturating_mul(2).max(MIN_CAPACITY) {
            let kept = self.take_best();
            // The lowest kept score: documents below it can no longer be among the best.
            self.threshold = kept.last().map_or(f32::INFINITY, |lowest| lowest.score);
            self.by_document.extend(kept.into_iter().map(|row| (row.document, row)));
        }
    }

    /// Removes all rows, and returns the best ones, best first.
    fn take_best(&mut self) -> Vec<ScoredRow> {
        let mut rows: Vec<ScoredRow> = self.by_document.drain().map(|(_, row)| row).collect();
        rows.sort_unstable();
        rows.truncate(self.limit);
        rows
    }

    /// Returns the best rows, best first.
    pub(super) fn finish(mut self) -> Vec<ScoredRow> {
        self.take_best()
    }
}
