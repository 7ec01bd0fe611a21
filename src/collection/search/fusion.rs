//! Fuses cosine and BM25 into one score: v² z + foreign + 0.10 BM25 + 2 coverage + 8 exact².
//!
//! - z: how many standard deviations the cosine is above the mean cosine of this query with random texts in the same
//!   language (see `relevance.rs`).
//! - foreign: what a passage in another script than the query would get from its words, if it could have those of the query.
//!   It is a share of what the best passage in the query's script gets from its words, at most 0.8: the nearer the foreign
//!   passage is in meaning, compared with that passage, the more. Without it, a passage in the query's language with a few
//!   everyday words outranks the answer in another language. Since it is less than the whole, the words decide between two
//!   passages that are equally near. A model of one language has no foreign passages.
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
/// The z-score up to which a foreign passage gets nothing for words that it cannot have. Like the next two, chosen by the share
/// of right first documents in folders in two languages, and by nDCG@10 over a corpus in two languages
/// (docs/benchmarks/languages.md).
const FOREIGN_Z_SCORE: f32 = 1.5;
/// The smallest z-score that the best passage in the query's script counts with. A passage with the query's words and a lower
/// one is hardly the answer.
const MIN_NATIVE_Z_SCORE: f32 = 3.5;
/// The largest share of the lexical score of the best passage in the query's script that a foreign passage gets.
const MAX_FOREIGN_SHARE: f32 = 0.8;
/// The score for a cosine of 1 without random texts, in a collection of one passage and no reference texts. Any positive number
/// would do, as there is nothing to rank.
const LONE_COSINE_WEIGHT: f32 = 10.0;

/// The values about a query that all its candidates share.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueryShares {
    /// The share of the query that the model's vocabulary covers.
    vocabulary_coverage: f32,
    /// The best candidate in the query's script.
    native: Option<NativeScores>,
}

/// The scores of the best candidate in the query's script.
#[derive(Debug, Clone, Copy)]
struct NativeScores {
    z_score: f32,
    /// What it gets for its words, except exact names and numbers.
    lexical: f32,
}

impl QueryShares {
    /// Finds the best candidate in the query's script, if there are foreign ones.
    pub(super) fn of<'a>(vocabulary_coverage: f32, candidates: impl Iterator<Item = &'a HitCandidate> + Clone) -> Self {
        let mut native: Option<(f32, NativeScores)> = None;
        if candidates.clone().any(|candidate| candidate.is_foreign) {
            for candidate in candidates.filter(|candidate| !candidate.is_foreign) {
                let Some(z_score) = candidate.z_score() else { continue };
                let parts = candidate.lexical().unwrap_or_default();
                let sum = weighted_sum(vocabulary_coverage, z_score, parts);
                if native.is_none_or(|(best, _)| sum > best) {
                    let lexical = lexical_part(LexicalParts { exact: 0.0, ..parts });
                    native = Some((sum, NativeScores { z_score, lexical }));
                }
            }
        }
        Self { vocabulary_coverage, native: native.map(|(_, native)| native) }
    }

    /// Returns what a candidate gets for its cosine.
    fn dense_part(&self, candidate: &HitCandidate) -> f32 {
        match candidate.z_score() {
            Some(z_score) => dense_part(self.vocabulary_coverage, z_score),
            None => LONE_COSINE_WEIGHT * candidate.cosine.unwrap_or_default(),
        }
    }

    /// Returns what a foreign passage gets for words that it cannot have; 0 for other passages.
    pub(super) fn foreign_part(&self, candidate: &HitCandidate) -> f32 {
        let (true, Some(z_score), Some(native)) = (candidate.is_foreign, candidate.z_score(), self.native) else {
            return 0.0;
        };
        let share = (z_score - FOREIGN_Z_SCORE) / native.z_score.max(MIN_NATIVE_Z_SCORE);
        native.lexical * share.clamp(0.0, MAX_FOREIGN_SHARE)
    }
}

/// Returns the ranking score of a candidate: of both sides together if `is_hybrid`, else of the side that was searched.
pub(super) fn score(candidate: &HitCandidate, shares: QueryShares, is_hybrid: bool) -> f32 {
    match (is_hybrid, candidate.cosine, candidate.bm25) {
        (true, Some(_), _) => {
            let foreign = shares.foreign_part(candidate);
            shares.dense_part(candidate) + foreign + lexical_part(candidate.lexical().unwrap_or_default())
        }
        (_, Some(cosine), _) => cosine,
        (_, None, bm25) => bm25.unwrap_or(0.0),
    }
}

/// Returns the weighted sum of v, z and the lexical parts.
fn weighted_sum(vocabulary_coverage: f32, z_score: f32, lexical: LexicalParts) -> f32 {
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
            random_scores: Some(Distribution { mean: 0.75, deviation: 0.02 }),
            ..HitCandidate::default()
        };
        let shares = QueryShares { vocabulary_coverage: 1.0, native: None };
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
            random_scores: Some(Distribution { mean: 0.2, deviation: 0.1 }),
            ..HitCandidate::default()
        };
        let candidates =
            [candidate(0.7, 0.0, 0.0, true), candidate(0.4, 12.0, 0.4, false), candidate(0.25, 0.0, 0.0, true)];
        let scores = |candidates: &[HitCandidate]| {
            let shares = QueryShares::of(1.0, candidates.iter());
            candidates.iter().map(|candidate| score(candidate, shares, true)).collect::<Vec<f32>>()
        };
        let ranked = scores(&candidates);
        // z 5 and at most .8 of the 2 that the second has for its words; z 2 and these 2; z .5.
        assert!((ranked[0] - 6.6).abs() < 1e-4 && (ranked[1] - 4.0).abs() < 1e-4, "{ranked:?}");
        assert!((ranked[2] - 0.5).abs() < 1e-4, "{ranked:?}");
        // Of two passages that are equally near, the one with the words comes first.
        let equal = scores(&[candidates[0].clone(), candidate(0.7, 20.0, 0.8, false)]);
        assert!(equal[1] > equal[0], "{equal:?}");
        // If no passage in the query's language has its words, no words are expected in the other.
        let without_words = scores(&[candidates[0].clone(), candidate(0.6, 0.0, 0.0, false)]);
        assert!((without_words[0] - 5.0).abs() < 1e-4, "{without_words:?}");
    }
}
