//! Fuses cosine and BM25 into one score: v² z + 0.10 BM25 + 2 coverage + 8 exact².
//!
//! - z: how many standard deviations the cosine is above the mean cosine of this query with random passages.
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
use super::distribution::Distribution;

/// Standard deviations for one unit of BM25.
const BM25_WEIGHT: f32 = 0.10;
/// Standard deviations for a passage that has all words of the query.
const COVERAGE_WEIGHT: f32 = 2.0;
/// Standard deviations for a passage that has the whole query as an exact name, code or number.
const EXACT_WEIGHT: f32 = 8.0;
/// The score for a cosine of 1 in a collection of one passage, which has no distribution. Any positive number would do, as
/// there is nothing to rank.
const LONE_COSINE_WEIGHT: f32 = 10.0;

/// Returns the ranking score of a candidate: of both sides together if `is_hybrid`, else of the side that was searched.
/// `random_scores`: cosines of the query with random passages of the collection. `vocabulary_coverage`: the share of the
/// query that the model's vocabulary covers.
pub(super) fn score(
    candidate: &HitCandidate,
    random_scores: Option<Distribution>,
    vocabulary_coverage: f32,
    is_hybrid: bool,
) -> f32 {
    match (is_hybrid, candidate.cosine, candidate.bm25) {
        (true, Some(cosine), _) => {
            let dense = random_scores.map_or(LONE_COSINE_WEIGHT * cosine, |random_scores| {
                dense_part(vocabulary_coverage, random_scores.z_score(cosine))
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

fn lexical_part(LexicalParts { bm25, coverage, exact }: LexicalParts) -> f32 {
    BM25_WEIGHT * bm25 + COVERAGE_WEIGHT * coverage + EXACT_WEIGHT * exact * exact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fusion_ranks_a_name_that_is_the_whole_query_above_nearer_meaning() {
        let candidate = |cosine: f32, bm25: f32, coverage: f32, bonus: f32, exact: f32| HitCandidate {
            cosine: Some(cosine),
            bm25: Some(bm25),
            coverage: Some(coverage),
            bonus,
            exact,
            ..HitCandidate::default()
        };
        let random_scores = Some(Distribution { mean: 0.75, deviation: 0.02 });
        let score = |candidate: &HitCandidate| score(candidate, random_scores, 1.0, true);
        // Five deviations nearer in meaning, and with all parts of the name.
        let nearer = score(&candidate(0.87, 6.0, 0.7, 0.0, 0.0));
        assert!(score(&candidate(0.77, 9.0, 1.0, 3.0, 1.0)) > nearer);
        // A number that is a tenth of the query changes little.
        assert!(score(&candidate(0.77, 9.0, 0.7, 3.0, 0.1)) < nearer);
    }
}
