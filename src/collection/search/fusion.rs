//! Cosine and BM25 to one score: k² z + 0.10 BM25 + 2 coverage + 8 exact².
//!
//! z is how many standard deviations a cosine lies above what this query scores with passages at random, k the share of the
//! query that the model's vocabulary knows, coverage the share of the question's words that the passage holds. BM25 is taken
//! as it is: it is near 0 where nothing matches and large where many rare words do, so it needs no weight of confidence; a
//! reciprocal rank fusion throws that away and loses up to .04 nDCG@10. `exact` is the share of the question that is a name, a
//! code or a number which the passage has exactly: where the question is nothing else, no nearness of meaning outvotes it, and
//! one number among many words changes little. What BM25 has of it is left out here. One setting for all sets, measured over those of
//! public retrieval sets with two models; half or double of a constant costs at most .016 (docs/benchmarks/quality.md).

use super::relevance::Distribution;

/// What is known of a passage that may become a hit.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidate {
    pub(super) dense_rank: Option<usize>,
    pub(super) lexical_rank: Option<usize>,
    pub(super) cosine: Option<f32>,
    pub(super) bm25: Option<f32>,
    /// The share of the question's words that it holds, in [0, 1].
    pub(super) coverage: Option<f32>,
    /// Which part of its BM25 it has for names and numbers that are asked for exactly.
    pub(super) bonus: f32,
    /// The share of the question that those are, in [0, 1].
    pub(super) exact: f32,
}

const BM25: f32 = 0.10;
const COVERAGE: f32 = 2.0;
const EXACT: f32 = 8.0;
/// A cosine's place where there is nothing to compare with: a collection of one passage.
const ALONE: f32 = 10.0;

impl Candidate {
    /// What words say of it: BM25 without what is asked for exactly, and coverage with that.
    pub(super) fn words(&self) -> Option<Words> {
        let (bm25, coverage) = self.bm25.zip(self.coverage)?;
        Some(Words { bm25: (bm25 - self.bonus).max(0.0), coverage, exact: self.exact })
    }
}

/// What words say of a passage.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words {
    pub(super) bm25: f32,
    pub(super) coverage: f32,
    pub(super) exact: f32,
}

/// The score of a candidate: of both sides, or of the one that was asked. `at_random`: the query with the collection's passages;
/// `known`: the share of the query that the model knows.
pub(super) fn score(candidate: &Candidate, at_random: Option<Distribution>, known: f32, both: bool) -> f32 {
    match (both, candidate.cosine, candidate.bm25) {
        (true, Some(cosine), _) => {
            let dense = at_random.map_or(ALONE * cosine, |at_random| by_meaning(known, at_random.above(cosine)));
            dense + by_words(candidate.words().unwrap_or_default())
        }
        (_, Some(cosine), _) => cosine,
        (_, None, bm25) => bm25.unwrap_or(0.0),
    }
}

/// The sum itself: k, z, BM25, coverage, what is exact.
pub(super) fn sum(known: f32, above: f32, words: Words) -> f32 {
    by_meaning(known, above) + by_words(words)
}

fn by_meaning(known: f32, above: f32) -> f32 {
    known * known * above
}

fn by_words(Words { bm25, coverage, exact }: Words) -> f32 {
    BM25 * bm25 + COVERAGE * coverage + EXACT * exact * exact
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(cosine: f32, bm25: f32, coverage: f32, bonus: f32, exact: f32) -> Candidate {
        Candidate {
            cosine: Some(cosine),
            bm25: Some(bm25),
            coverage: Some(coverage),
            bonus,
            exact,
            ..Candidate::default()
        }
    }

    #[test]
    fn a_name_that_is_the_whole_question_is_not_outvoted_by_meaning() {
        let at_random = Some(Distribution { mean: 0.75, deviation: 0.02 });
        let score = |candidate: &Candidate| score(candidate, at_random, 1.0, true);
        // Five deviations nearer in meaning, with all parts of the name.
        let nearer = score(&candidate(0.87, 6.0, 0.7, 0.0, 0.0));
        assert!(score(&candidate(0.77, 9.0, 1.0, 3.0, 1.0)) > nearer);
        // A number that is a tenth of the question changes little.
        assert!(score(&candidate(0.77, 9.0, 0.7, 3.0, 0.1)) < nearer);
    }

    #[test]
    fn the_bonus_of_exact_words_is_not_counted_twice() {
        let plain = candidate(0.8, 6.0, 0.5, 0.0, 0.0).words().unwrap_or_default();
        let exact = candidate(0.8, 26.0, 0.5, 20.0, 0.0).words().unwrap_or_default();
        assert_eq!((plain.bm25, plain.coverage), (exact.bm25, exact.coverage));
    }
}
