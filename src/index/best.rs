//! The best passage of each of the best documents.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::snapshot::Place;
use crate::document::PassageId;

/// A document's best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Cosine similarity, as all vectors have length 1.
    pub score: f32,
    /// The document's number.
    pub document: u64,
    /// The passage's place in its document, from 0.
    pub ordinal: u32,
    /// The passage.
    pub passage: PassageId,
    /// The document in its snapshot.
    pub place: Place,
}

/// The best match of each of the best documents so far. Holds up to twice as many documents as wanted, and drops the
/// worse half whenever it is full.
pub(super) struct BestDocuments {
    limit: usize,
    /// What a match must reach to count.
    pub(super) threshold: f32,
    by_document: HashMap<u64, Match>,
}

impl BestDocuments {
    pub(super) fn new(limit: usize, min_score: f32) -> Self {
        Self { limit, threshold: min_score, by_document: HashMap::new() }
    }

    pub(super) fn offer(&mut self, candidate: Match) {
        if candidate.score < self.threshold {
            return;
        }
        let held = self.by_document.entry(candidate.document).or_insert(candidate);
        if order(&candidate, held).is_lt() {
            *held = candidate;
        }
        if self.by_document.len() > self.limit.saturating_mul(2).max(64) {
            let kept = self.take();
            // The lowest of those kept: nothing below it can be among the best any more.
            self.threshold = kept.last().map_or(f32::INFINITY, |lowest| lowest.score);
            self.by_document.extend(kept.into_iter().map(|m| (m.document, m)));
        }
    }

    /// The best, in order; leaves nothing.
    fn take(&mut self) -> Vec<Match> {
        let mut all: Vec<Match> = self.by_document.drain().map(|(_, m)| m).collect();
        all.sort_unstable_by(order);
        all.truncate(self.limit);
        all
    }

    pub(super) fn finish(mut self) -> Vec<Match> {
        self.take()
    }
}

/// Best first; equal scores by document, then by place. Adding 0 makes −0 and 0 equal, which sums of another order give.
pub(super) fn order(a: &Match, b: &Match) -> Ordering {
    (b.score + 0.0).total_cmp(&(a.score + 0.0)).then((a.document, a.ordinal).cmp(&(b.document, b.ordinal)))
}
