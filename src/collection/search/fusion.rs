//! Fuses cosine and BM25 into one score: v² (z + foreign) + 0.10 BM25 + 2 coverage + 8 exact².
//!
//! - z: how many standard deviations the cosine is above the mean cosine of this query with random passages; in the
//!   language-neutral space, with those in the same language.
//! - foreign: 0 in the original space. In the language-neutral one: what a passage in another script than the query would get
//!   from its words, if it could have those of the query. Among passages in the query's language, those nearer in meaning have
//!   more of its words: with z above 1, about z - 1. It is less if no passage in the query's language has the query's words.
//!   Without it, a passage in the query's language with a few everyday words outranks the answer in another language.
//! - v: the share of the query that the model's vocabulary covers.
//! - BM25, without the part of exact names and numbers. It is not rescaled: it is near 0 if nothing matches, and large if
//!   many rare words do. A reciprocal rank fusion loses that, and up to .04 nDCG@10 with it.
//! - coverage: the share of the query's words that the passage has.
//! - exact: the share of the query that is a name, a code or a number which the passage has exactly. If the query has
//!   nothing else, no similarity of meaning outweighs it; one number among many words changes little.
//!
//! The weights are the same for all collections and models. They are round values, chosen on a grid by nDCG@10 over public
//! retrieval sets with two models. Half or double of a weight costs at most .016 (docs/benchmarks/quality.md). Their unit
//! is one standard deviation of a cosine, the same as that of z.

use super::candidate::{HitCandidate, LexicalParts};

/// Standard deviations for one unit of BM25.
const BM25_WEIGHT: f32 = 0.10;
/// Standard deviations for a passage that has all words of the query.
const COVERAGE_WEIGHT: f32 = 2.0;
/// Standard deviations for a passage that has the whole query as an exact name, code or number.
const EXACT_WEIGHT: f32 = 8.0;
/// What a foreign passage gets for each standard deviation of its cosine above [`FOREIGN_Z_SCORE`].
const FOREIGN_WEIGHT: f32 = 1.0;
/// The z-score up to which passages have few of the query's words.
const FOREIGN_Z_SCORE: f32 = 1.0;
/// The coverage of the best passage in the query's language from which foreign passages get all of their part.
const FOREIGN_COVERAGE: f32 = 0.5;
/// The score for a cosine of 1 in a collection of one passage, which has no distribution. Any positive number would do, as
/// there is nothing to rank.
const LONE_COSINE_WEIGHT: f32 = 10.0;

/// The values about a query that all its candidates share.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueryShares {
    /// The share of the query that the model's vocabulary covers.
    pub(super) vocabulary_coverage: f32,
    /// The largest coverage of a candidate that is not foreign.
    pub(super) native_coverage: f32,
}

impl QueryShares {
    pub(super) fn of<'a>(vocabulary_coverage: f32, candidates: impl Iterator<Item = &'a HitCandidate>) -> Self {
        let native = candidates.filter(|candidate| !candidate.is_foreign).filter_map(|candidate| candidate.coverage);
        Self { vocabulary_coverage, native_coverage: native.fold(0.0, f32::max) }
    }
}

/// Returns the ranking score of a candidate: of both sides together if `is_hybrid`, else of the side that was searched.
pub(super) fn score(candidate: &HitCandidate, shares: QueryShares, is_hybrid: bool) -> f32 {
    match (is_hybrid, candidate.cosine, candidate.bm25) {
        (true, Some(cosine), _) => {
            let dense = candidate.collection_scores.map_or(LONE_COSINE_WEIGHT * cosine, |random_scores| {
                let z_score = random_scores.z_score(cosine);
                let foreign = if candidate.is_foreign { foreign_part(z_score, shares.native_coverage) } else { 0.0 };
                dense_part(shares.vocabulary_coverage, z_score + foreign)
            });
            dense + lexical_part(candidate.lexical().unwrap_or_default())
        }
        (_, Some(cosine), _) => cosine,
        (_, None, bm25) => bm25.unwrap_or(0.0),
    }
}

/// Returns the weighted sum of v, z and the lexical parts.
pub(super) fn weighted_sum(vocabulary_coverage: f32, z_score: f32, lexical: LexicalParts) -> f32 {
    dense_part(vocabulary_coverage, z_score) + lexical_part(lexical)
}

fn dense_part(vocabulary_coverage: f32, z_score: f32) -> f32 {
    vocabulary_coverage * vocabulary_coverage * z_score
}

fn foreign_part(z_score: f32, native_coverage: f32) -> f32 {
    FOREIGN_WEIGHT * (z_score - FOREIGN_Z_SCORE).max(0.0) * (native_coverage / FOREIGN_COVERAGE).min(1.0)
}

fn lexical_part(LexicalParts { bm25, coverage, exact }: LexicalParts) -> f32 {
    BM25_WEIGHT * bm25 + COVERAGE_WEIGHT * coverage + EXACT_WEIGHT * exact * exact
}

#[cfg(test)]
mod tests {
    use super::super::distribution::Distribution;
    use super::*;

    #[test]
    fn fusion_ranks_a_name_that_is_the_whole_query_above_nearer_meaning() {
        let candidate = |cosine: f32, bm25: f32, coverage: f32, bonus: f32, exact: f32| HitCandidate {
            cosine: Some(cosine),
            bm25: Some(bm25),
            coverage: Some(coverage),
            bonus,
            exact,
            collection_scores: Some(Distribution { mean: 0.75, deviation: 0.02 }),
            ..HitCandidate::default()
        };
        let shares = QueryShares { vocabulary_coverage: 1.0, native_coverage: 0.0 };
        let score = |candidate: &HitCandidate| score(candidate, shares, true);
        // Five deviations nearer in meaning, and with all parts of the name.
        let nearer = score(&candidate(0.87, 6.0, 0.7, 0.0, 0.0));
        assert!(score(&candidate(0.77, 9.0, 1.0, 3.0, 1.0)) > nearer);
        // A number that is a tenth of the query changes little.
        assert!(score(&candidate(0.77, 9.0, 0.7, 3.0, 0.1)) < nearer);
    }

    #[test]
    fn fusion_ranks_the_nearest_passage_in_another_script_above_everyday_words() {
        let candidate = |cosine: f32, bm25: f32, coverage: f32, is_foreign: bool| HitCandidate {
            cosine: Some(cosine),
            bm25: Some(bm25),
            coverage: Some(coverage),
            is_foreign,
            collection_scores: Some(Distribution { mean: 0.2, deviation: 0.1 }),
            ..HitCandidate::default()
        };
        let candidates = [
            candidate(0.7, 0.0, 0.0, true),
            candidate(0.6, 12.0, 0.4, false),
            candidate(0.7, 20.0, 0.8, false),
            candidate(0.25, 0.0, 0.0, true),
        ];
        let scores = |candidates: &[HitCandidate]| {
            let shares = QueryShares::of(1.0, candidates.iter());
            candidates.iter().map(|candidate| score(candidate, shares, true)).collect::<Vec<f32>>()
        };
        let ranked = scores(&candidates);
        assert!(ranked[0] > ranked[1], "{ranked:?}");
        assert!(ranked[0] < ranked[2] + 1.0 && ranked[3] < 1.0, "{ranked:?}");
        // If no passage in the query's language has its words, no words are expected in the other.
        let without_words = scores(&[candidates[0].clone(), candidate(0.6, 0.0, 0.0, false)]);
        assert!((without_words[0] - 5.0).abs() < 1e-4, "{without_words:?}");
    }
}
