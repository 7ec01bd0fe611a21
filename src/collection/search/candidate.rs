//! A row that may become a hit, with its scores.

use super::distribution::Distribution;

/// The scores of a row that may become a hit.
#[derive(Debug, Clone, Default)]
pub(super) struct HitCandidate {
    /// The number of its document.
    pub(super) document: u64,
    /// Its document's rank in the search by vectors, from 1.
    pub(super) dense_rank: Option<usize>,
    /// Its document's rank in the lexical search, from 1.
    pub(super) lexical_rank: Option<usize>,
    pub(super) cosine: Option<f32>,
    /// True if its document is in another script than the query, so that it can hardly have the query's words.
    pub(super) is_foreign: bool,
    /// Cosines of the query with random texts in its language: those of the collection and the model's reference texts; `None` without
    /// vectors, or without reference texts in a collection with fewer than two passages.
    pub(super) random_scores: Option<Distribution>,
    pub(super) bm25: Option<f32>,
    /// The share of the query's words that the row has, weighted by idf, in [0, 1].
    pub(super) coverage: Option<f32>,
    /// The part of its BM25 score from names and numbers that the query contains and the row has exactly.
    pub(super) bonus: f32,
    /// The share of the query that these names and numbers are, in [0, 1].
    pub(super) exact: f32,
}

impl HitCandidate {
    pub(super) fn of(document: u64) -> Self {
        Self { document, ..Self::default() }
    }

    /// Returns how many standard deviations its cosine is above the mean cosine of random texts; `None` without
    /// [`HitCandidate::random_scores`].
    pub(super) fn z_score(&self) -> Option<f32> {
        Some(self.random_scores?.z_score(self.cosine?))
    }

    /// Returns its lexical scores, if the search has any.
    pub(super) fn lexical(&self) -> Option<LexicalParts> {
        let (bm25, coverage) = self.bm25.zip(self.coverage)?;
        Some(LexicalParts { bm25: (bm25 - self.bonus).max(0.0), coverage, exact: self.exact })
    }
}

/// The parts of a lexical score.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LexicalParts {
    /// BM25 without the part of exact names and numbers.
    pub(super) bm25: f32,
    /// The share of the query's words that the passage has, in [0, 1].
    pub(super) coverage: f32,
    /// The share of the query that is a name or a number which the passage has exactly, in [0, 1].
    pub(super) exact: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lexical_parts_do_not_count_exact_words_twice() {
        let candidate =
            |bm25, bonus| HitCandidate { bm25: Some(bm25), coverage: Some(0.5), bonus, ..HitCandidate::default() };
        let plain = candidate(6.0, 0.0).lexical().unwrap_or_default();
        let exact = candidate(26.0, 20.0).lexical().unwrap_or_default();
        assert_eq!((plain.bm25, plain.coverage), (exact.bm25, exact.coverage));
    }
}
