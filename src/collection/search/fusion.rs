//! Cosine and BM25 to one score.
//!
//! Each is put on a scale of its own for this query: a cosine by how far it stands above the collection at large, in standard
//! deviations, a BM25 as a share of the best one. Ranks would throw away how sure a side is.

use super::relevance::Background;

/// What is known of a passage that may become a hit.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidate {
    pub(super) dense_rank: Option<usize>,
    pub(super) lexical_rank: Option<usize>,
    pub(super) cosine: Option<f32>,
    pub(super) bm25: Option<f32>,
    /// The share of the question's words that it holds, in [0, 1].
    pub(super) coverage: Option<f32>,
    pub(super) terms: Vec<(String, f32)>,
}

/// The weight of the words' side when the best candidate holds all words of the question; less when it holds fewer.
const WORDS: f32 = 0.8;

/// How candidates of one search are scored.
pub(super) struct Fusion {
    both: bool,
    /// Of the dense side: what counts as 0, and as 1.
    floor: f32,
    ceiling: f32,
    best_bm25: f32,
    weight: f32,
}

impl Fusion {
    pub(super) fn new<'a>(
        candidates: impl Iterator<Item = &'a Candidate> + Clone,
        background: Option<Background>,
        both: bool,
    ) -> Self {
        let top = |of: fn(&Candidate) -> Option<f32>| candidates.clone().filter_map(of).fold(f32::NEG_INFINITY, f32::max);
        let (best_bm25, coverage) = (top(|c| c.bm25).max(1e-6), top(|c| c.coverage).max(0.0));
        let ceiling = top(|c| c.cosine);
        let floor = background.map_or(0.0, |background| background.mean).min(ceiling - 1e-6);
        Self { both, floor, ceiling, best_bm25, weight: WORDS * coverage }
    }

    /// The score: the cosine, the BM25, or where both were asked their sum on scales of their own, in [0, 1] for the most.
    pub(super) fn score(&self, candidate: &Candidate) -> f32 {
        match (self.both, candidate.cosine, candidate.bm25) {
            (true, Some(cosine), bm25) => {
                let dense = (cosine - self.floor) / (self.ceiling - self.floor);
                let lexical = bm25.unwrap_or(0.0) / self.best_bm25;
                (dense + self.weight * lexical) / (1.0 + self.weight)
            }
            (_, Some(cosine), _) => cosine,
            (_, None, bm25) => bm25.unwrap_or(0.0),
        }
    }
}
