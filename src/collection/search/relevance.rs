//! Turns scores into a relevance in [0, 1] that is comparable between queries, collections and models.
//!
//! A cosine alone says little: one model gives 0.7 to 1, another -0.1 to 0.8. So it is compared with the query's cosines with
//! random texts: z is the number of standard deviations above their mean. In a large collection, the random texts are its own
//! passages. In a small collection, all passages may be on the query's subject, so that the answer does not stand out. There,
//! reference texts on many subjects are used, which are stored with the model; they have the passage's language, since a model
//! finds texts of one language similar. Mean and deviation are between both kinds: the more passages, the nearer to the
//! collection's.
//!
//! BM25 is also brought to one scale, since rare words weigh little in a collection of few passages. And the best of many
//! passages scores higher by chance: so a multiple of the logarithm of their number is subtracted.
//!
//! A logistic function turns these values into a relevance. `weights.rs` has its weights and their origin;
//! docs/benchmarks/relevance.md shows how well it separates.

use super::candidate::{HitCandidate, LexicalParts};
use super::distribution::Distribution;
use super::fusion::weighted_sum;
use super::weights::RelevanceFeatures;
use crate::text::language::is_mostly_han_or_kana;

/// The number of passages at which the collection and the reference texts count equally; 100 to 1,000 do equally well.
const REFERENCE_PASSAGES: f32 = 500.0;
/// The number of passages that is added when rare words are weighted. A round value.
const MORE_PASSAGES: f32 = 1000.0;
/// The vocabulary coverage below which the model does not understand the query. A round value.
const MIN_VOCABULARY_COVERAGE: f32 = 0.6;
/// The idf coverage below which the collection is in another language than the query. A round value.
const MIN_IDF_COVERAGE: f32 = 0.1;

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

    /// Returns the distribution of the query's cosines with random texts of a script. `own`: with those of the collection.
    fn random_scores(&self, own: Option<Distribution>, script: Script) -> Option<Distribution> {
        let [english, chinese] = self.reference_scores;
        let reference = match script {
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
        let script = if matches!(language, "zh" | "ja") { Script::Han } else { Script::Alphabetic };
        script != self.script
    }

    /// Returns BM25 as it would be with more passages: scaled by the idf of a word that one passage has.
    fn scaled(&self, bm25: f32) -> f32 {
        let idf = |passages: f32| ((passages + 1.0) / 1.5).ln();
        bm25 * idf(self.passages + MORE_PASSAGES) / idf(self.passages.max(1.0))
    }

    /// Returns the features of a candidate. `script`: the script of its passage.
    pub(super) fn features(&self, candidate: &HitCandidate, script: Script) -> RelevanceFeatures {
        let lexical = candidate.lexical().map(|parts| LexicalParts { bm25: self.scaled(parts.bm25), ..parts });
        let z_score = candidate
            .cosine
            .and_then(|cosine| Some(self.random_scores(candidate.collection_scores, script)?.z_score(cosine)));
        let is_same_language = script == self.script && self.idf_coverage >= MIN_IDF_COVERAGE;
        let is_understood = self.vocabulary_coverage >= MIN_VOCABULARY_COVERAGE;
        match (z_score, lexical) {
            // The model understands the query, and its words are in the collection's language: use both sides.
            (Some(z_score), Some(lexical)) if is_understood && is_same_language => RelevanceFeatures::Hybrid {
                sum: weighted_sum(self.vocabulary_coverage, z_score, lexical),
                ln_passages: self.passages.max(1.0).ln(),
            },
            // Only the words do not fit, or there are none: use the vectors.
            (Some(z_score), lexical) if is_understood || lexical.is_none() => RelevanceFeatures::Dense { z_score },
            // The model does not understand the query: use the words.
            (_, Some(lexical)) => RelevanceFeatures::Lexical { coverage: lexical.coverage, bm25: lexical.bm25 },
            // A collection of one passage, without a model: there is no distribution.
            (_, None) => RelevanceFeatures::Cosine { cosine: candidate.cosine },
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
            collection_scores: own(),
            ..HitCandidate::default()
        }
    }

    #[test]
    fn relevance_grows_with_every_score_and_stays_within_0_and_1() {
        for passages in [1, 60, 1_000_000] {
            let calibration = calibration("a question", passages);
            let mut last = 0.0;
            for step in 0..100 {
                let meaning =
                    HitCandidate { bm25: None, coverage: None, ..candidate(0.7 + 0.002 * step as f32, 0.0, 0.0) };
                let relevance = calibration.features(&meaning, Script::Alphabetic).relevance();
                assert!(relevance > last && relevance < 1.0, "{step}: {relevance}");
                last = relevance;
            }
            let both = |cosine, bm25, coverage| {
                calibration.features(&candidate(cosine, bm25, coverage), Script::Alphabetic).relevance()
            };
            assert!(both(0.8, 2.0, 0.2) < both(0.85, 2.0, 0.2) && both(0.8, 2.0, 0.2) < both(0.8, 4.0, 0.2));
            assert!(both(0.8, 2.0, 0.2) < both(0.8, 2.0, 0.4));
        }
        let words = |bm25, coverage| HitCandidate { cosine: None, ..candidate(0.0, bm25, coverage) };
        let lexical = QueryCalibration::new("a question", 100_000);
        assert!(lexical.features(&words(10.0, 0.1), Script::Alphabetic).relevance() < 0.1);
        assert!(lexical.features(&words(10.0, 1.0), Script::Alphabetic).relevance() > 0.7);
        assert_eq!(lexical.features(&HitCandidate::default(), Script::Alphabetic).relevance(), 0.0);
    }

    /// The collection's passages are on the subject: .86 is 4 of their deviations above, and 5.6 of the reference texts'.
    #[test]
    fn relevance_uses_reference_texts_in_a_small_collection_and_the_collection_in_a_large_one() {
        let relevance = |passages| {
            calibration("a question", passages).features(&candidate(0.86, 10.0, 0.6), Script::Alphabetic).relevance()
        };
        assert!(relevance(20) > 0.3, "{}", relevance(20));
        assert!(relevance(1_000_000) < relevance(20) - 0.2, "{} {}", relevance(1_000_000), relevance(20));
        let large = calibration("a question", u64::MAX).random_scores(own(), Script::Alphabetic).unwrap();
        assert!((large.mean - 0.78).abs() < 1e-6 && (large.deviation - 0.02).abs() < 1e-6);
        let half = calibration("a question", 500).random_scores(own(), Script::Alphabetic).unwrap();
        assert!((half.mean - 0.75).abs() < 1e-6 && (half.deviation - 0.0225).abs() < 1e-6);
    }

    #[test]
    fn relevance_compares_a_passage_with_reference_texts_of_its_language() {
        let calibration = calibration("一个问题", 20);
        let relevance = |script| calibration.features(&candidate(0.84, 0.0, 0.0), script).relevance();
        assert!(relevance(Script::Alphabetic) > 10.0 * relevance(Script::Han));
        let english = calibration.reference_scores[0];
        let english_only = QueryCalibration { reference_scores: [english, None], ..calibration };
        assert_eq!(english_only.random_scores(None, Script::Han), english);
    }

    #[test]
    fn bm25_of_rare_words_is_the_same_for_any_number_of_passages() {
        let idf = |passages: f32| (1.0 + (passages - 0.5) / 1.5_f32).ln();
        for passages in [1, 20, 300, 100_000] {
            let scaled = calibration("a question", passages).scaled(idf(passages as f32));
            assert!((scaled - idf(passages as f32 + 1000.0)).abs() < 1e-3, "{passages}: {scaled}");
        }
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
