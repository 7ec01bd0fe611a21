//! Turns scores into a relevance in [0, 1] that is comparable between queries, collections and models.
//!
//! A cosine alone says little: one model gives 0.7 to 1, another -0.1 to 0.8. So it is compared with the query's cosines with
//! random texts: z is the number of standard deviations above their mean. The random texts are the collection's own passages in the same
//! language. In a small collection there are few, and all may be on the query's subject, so that the answer does not stand out. There,
//! reference texts on many subjects are used, which are stored with the model; they have the passage's language, since a model
//! finds texts of one language similar. Mean and deviation are between both kinds: the more passages, the nearer to the
//! collection's.
//!
//! If the collection lacks the query's words, no passage gets anything for them: so less is expected.
//!
//! In a hybrid search, the first hit's relevance is computed from its scores. That of the others is less by as much as their ranking
//! score is: so the relevance falls with the rank.
//!
//! A logistic function turns these values into a relevance. `weights.rs` has its weights and their origin;
//! docs/benchmarks/relevance.md shows how well it separates.

use super::candidate::{HitCandidate, LexicalParts};
use super::distribution::Distribution;
use super::fusion::{self, QueryShares};
use super::weights::RelevanceFeatures;
use crate::text::language::is_mostly_han_or_kana;

/// The number of passages at which the collection and the reference texts count equally. With more, relevance separates worse in
/// collections of 60 passages and more; with fewer, in smaller ones.
const REFERENCE_PASSAGES: f32 = 10.0;
/// The vocabulary coverage below which the model does not understand the query. A round value.
const MIN_VOCABULARY_COVERAGE: f32 = 0.6;
/// The idf coverage from which the collection's words count fully. A round value.
const MAX_IDF_COVERAGE: f32 = 0.3;

/// The script of a text. It separates languages as far as the reference texts need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Alphabetic letters.
    Alphabetic,
    /// Chinese characters or Japanese kana.
    Han,
}

impl Script {
    /// Returns the script of a text. A text is Han if at least a fifth of its letters are: names and code in it are often Latin.
    pub(super) fn of(text: &str) -> Self {
        if is_mostly_han_or_kana(text) { Self::Han } else { Self::Alphabetic }
    }

    fn of_language(language: &str) -> Self {
        if matches!(language, "zh" | "ja") { Self::Han } else { Self::Alphabetic }
    }
}

/// The values about a query that are known before its candidates are rated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct QueryCalibration {
    /// Cosines of the query with the reference texts, English and Chinese; `None` if the model does not know the language.
    pub(super) reference_scores: [Option<Distribution>; 2],
    /// The share of the query that the model's vocabulary covers, in [0, 1].
    pub(super) vocabulary_coverage: f32,
    /// The share of the query's words that the collection has at all, weighted by idf, in [0, 1].
    pub(super) idf_coverage: f32,
    /// The script of the query.
    script: Script,
    /// The number of passages in the collection.
    passages: f32,
}

impl QueryCalibration {
    /// Creates a calibration without any scores. `query`: empty if the search is not lexical.
    pub(super) fn new(query: &str, passages: u64) -> Self {
        Self {
            reference_scores: [None; 2],
            vocabulary_coverage: 1.0,
            idf_coverage: 0.0,
            script: Script::of(query),
            passages: passages as f32,
        }
    }

    /// Returns the distribution of the query's cosines with random texts in a language; an unknown one counts as that of the query. `own`:
    /// with those of the collection.
    pub(super) fn random_scores(&self, own: Option<Distribution>, language: Option<&str>) -> Option<Distribution> {
        let [english, chinese] = self.reference_scores;
        let reference = match language.map_or(self.script, Script::of_language) {
            Script::Alphabetic => english.or(chinese),
            Script::Han => chinese.or(english),
        };
        match (reference, own) {
            (Some(reference), Some(own)) => {
                Some(reference.toward(own, self.passages / (self.passages + REFERENCE_PASSAGES)))
            }
            (reference, own) => reference.or(own),
        }
    }

    /// True if passages in a language are in another script than the query.
    pub(super) fn is_foreign(&self, language: &str) -> bool {
        Script::of_language(language) != self.script
    }

    /// Returns what the relevances of all hits share. `best`: the first hit.
    pub(super) fn scale(&self, best: &HitCandidate, shares: QueryShares, is_hybrid: bool) -> RelevanceScale {
        let is_understood = self.vocabulary_coverage >= MIN_VOCABULARY_COVERAGE;
        match (best.cosine.zip(best.random_scores), best.lexical()) {
            (Some((cosine, random_scores)), Some(lexical)) if is_hybrid && is_understood => RelevanceScale::Hybrid {
                best: RelevanceFeatures::Hybrid {
                    z_score: self.vocabulary_coverage.powi(2) * random_scores.z_score(cosine),
                    coverage: lexical.coverage,
                    bm25: lexical.bm25,
                    exact: lexical.exact * lexical.exact,
                    foreign: shares.foreign_part(best),
                    known: self.idf_coverage.min(MAX_IDF_COVERAGE),
                    behind: 0.0,
                },
                best_score: fusion::score(best, shares, true),
            },
            (Some((_, random_scores)), lexical) if is_understood || lexical.is_none() => {
                RelevanceScale::Dense { random_scores }
            }
            // The model does not understand the query: use the words.
            (_, Some(_)) => RelevanceScale::Lexical,
            // A collection of one passage, without a model: there is no distribution.
            (_, None) => RelevanceScale::Cosine,
        }
    }
}

/// What the relevances of all hits of a search share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RelevanceScale {
    /// Vectors and words.
    Hybrid {
        /// The features of the first hit.
        best: RelevanceFeatures,
        /// Its ranking score.
        best_score: f32,
    },
    /// Vectors alone.
    Dense {
        /// The query's cosines with random texts.
        random_scores: Distribution,
    },
    /// Words alone.
    Lexical,
    /// A cosine with nothing to compare it with.
    Cosine,
}

impl RelevanceScale {
    /// Returns the features of a candidate. `score`: its ranking score.
    pub(super) fn features(&self, candidate: &HitCandidate, score: f32) -> RelevanceFeatures {
        match *self {
            Self::Hybrid { best, best_score } => best.behind(best_score - score),
            Self::Dense { random_scores } => RelevanceFeatures::Dense {
                z_score: candidate.cosine.map_or(0.0, |cosine| random_scores.z_score(cosine)),
            },
            Self::Lexical => {
                let LexicalParts { bm25, coverage, .. } = candidate.lexical().unwrap_or_default();
                RelevanceFeatures::Lexical { coverage, bm25 }
            }
            Self::Cosine => RelevanceFeatures::Cosine { cosine: candidate.cosine },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    fn distribution(mean: f32, deviation: f32) -> Distribution {
        Distribution { mean, deviation }
    }

    fn own() -> Option<Distribution> {
        Some(distribution(0.78, 0.02))
    }

    fn calibration(query: &str, passages: u64) -> QueryCalibration {
        QueryCalibration {
            reference_scores: [Some(distribution(0.72, 0.025)), Some(distribution(0.80, 0.02))],
            idf_coverage: 1.0,
            ..QueryCalibration::new(query, passages)
        }
    }

    fn candidate(cosine: f32, bm25: f32, coverage: f32) -> HitCandidate {
        HitCandidate {
            cosine: Some(cosine),
            bm25: Some(bm25),
            coverage: Some(coverage),
            random_scores: own(),
            ..HitCandidate::default()
        }
    }

    /// Returns the relevance of a candidate in a hybrid search in which it is the first hit.
    fn relevance(calibration: &QueryCalibration, candidate: &HitCandidate, language: &str) -> f32 {
        let mut candidate = candidate.clone();
        candidate.random_scores = calibration.random_scores(candidate.random_scores, Some(language));
        let shares = QueryShares::of(calibration.vocabulary_coverage, std::iter::once(&candidate));
        let scale = calibration.scale(&candidate, shares, true);
        scale.features(&candidate, fusion::score(&candidate, shares, true)).relevance()
    }

    #[test]
    fn relevance_grows_with_every_score_and_stays_within_0_and_1() {
        for passages in [1, 60, 1_000_000] {
            let calibration = calibration("a question", passages);
            let mut last = 0.0;
            for step in 0..100 {
                let meaning =
                    HitCandidate { bm25: None, coverage: None, ..candidate(0.7 + 0.002 * step as f32, 0.0, 0.0) };
                let relevance = relevance(&calibration, &meaning, "en");
                assert!(relevance > last && relevance < 1.0, "{step}: {relevance}");
                last = relevance;
            }
            let both = |cosine, bm25, coverage| relevance(&calibration, &candidate(cosine, bm25, coverage), "en");
            assert!(both(0.8, 2.0, 0.2) < both(0.85, 2.0, 0.2) && both(0.8, 2.0, 0.2) < both(0.8, 4.0, 0.2));
            assert!(both(0.8, 2.0, 0.2) < both(0.8, 2.0, 0.4));
        }
        let words = |bm25, coverage| HitCandidate { cosine: None, ..candidate(0.0, bm25, coverage) };
        let lexical = QueryCalibration::new("a question", 100_000);
        assert!(relevance(&lexical, &words(10.0, 0.1), "en") < 0.1);
        assert!(relevance(&lexical, &words(10.0, 1.0), "en") > 0.7);
        assert_eq!(relevance(&lexical, &HitCandidate::default(), "en"), 0.0);
    }

    /// The collection's passages are on the subject: .86 is 4 of their deviations above, and 5.6 of the reference texts'.
    #[test]
    fn relevance_uses_reference_texts_in_a_small_collection_and_the_collection_in_a_large_one() {
        let of = |passages| relevance(&calibration("a question", passages), &candidate(0.86, 2.0, 0.2), "en");
        assert!(of(5) > of(1_000_000) + 0.05, "{} {}", of(5), of(1_000_000));
        let large = calibration("a question", u64::MAX).random_scores(own(), Some("en")).unwrap();
        assert!((large.mean - 0.78).abs() < 1e-6 && (large.deviation - 0.02).abs() < 1e-6);
        let half = calibration("a question", 10).random_scores(own(), Some("en")).unwrap();
        assert!((half.mean - 0.75).abs() < 1e-6 && (half.deviation - 0.0225).abs() < 1e-6);
    }

    #[test]
    fn relevance_compares_a_passage_with_reference_texts_of_its_language() {
        let calibration = calibration("一个问题", 2);
        let of = |language| relevance(&calibration, &candidate(0.84, 0.0, 0.0), language);
        assert!(of("en") > 10.0 * of("zh"));
        let english = calibration.reference_scores[0];
        let english_only = QueryCalibration { reference_scores: [english, None], ..calibration };
        assert_eq!(english_only.random_scores(None, Some("zh")), english);
    }

    #[test]
    fn relevance_falls_with_the_score() {
        let calibration = calibration("a question", 60);
        let (first, second) = (candidate(0.8, 20.0, 0.6), candidate(0.82, 0.0, 0.0));
        let shares = QueryShares::of(1.0, [&first, &second].into_iter());
        let scale = calibration.scale(&first, shares, true);
        let values = [&first, &second].map(|candidate| {
            let score = fusion::score(candidate, shares, true);
            (score, scale.features(candidate, score).relevance())
        });
        assert!(values[0].0 > values[1].0 && values[0].1 > values[1].1, "{values:?}");
    }

    #[test]
    fn less_is_expected_of_a_passage_if_the_collection_lacks_the_words() {
        let of = |idf_coverage| {
            let calibration = QueryCalibration { idf_coverage, ..calibration("a question", 60) };
            relevance(&calibration, &candidate(0.86, 0.0, 0.0), "en")
        };
        assert!(of(0.0) > 2.0 * of(0.3) && of(0.3) == of(1.0), "{} {}", of(0.0), of(0.3));
    }

    #[test]
    fn text_is_han_if_a_fifth_of_its_letters_are() {
        assert_eq!(Script::of("句向量为什么用平均池化？"), Script::Han);
        assert_eq!(Script::of("BERT 和 RoBERTa 的 tokenizer 有何不同"), Script::Han);
        assert_eq!(Script::of("the word 池 in an English sentence"), Script::Alphabetic);
        assert_eq!(Script::of("カタカナ"), Script::Han);
        assert_eq!(Script::of(""), Script::Alphabetic);
    }
}
