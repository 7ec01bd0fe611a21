//! Scores to a relevance in [0, 1] that can be compared between queries, collections and models.
//!
//! A cosine says little by itself: those of one model lie between 0.7 and 1, those of another between -0.1 and 0.8. What says
//! more is how far it stands above what this query scores at random. At random with the collection's passages where there
//! are many; in a small collection those are all on one subject, the query's own, and what answers does not stand out.
//! There texts about everything count that are kept with the model, those of the passage's language, since a model finds
//! texts of one language alike: mean and deviation lie between the two, the nearer to the collection's the more passages it
//! has. BM25 is put on one scale likewise, since rare words weigh little where there are few passages. And the best of
//! many stands higher by chance: the logarithm of their number is taken off.
//!
//! A logistic function makes a relevance of that, fitted once for all over public retrieval sets and parts of
//! them from 20 documents on, with two models and questions of other sets as irrelevant ones; docs/benchmarks/relevance.md has what it separates.

use super::fusion::{Candidate, Words, sum};
use crate::text::language::is_mostly_han_or_kana;

/// Mean and standard deviation of a sample of cosines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distribution {
    pub(super) mean: f32,
    pub(super) deviation: f32,
}

impl Distribution {
    /// Of a sample; none of one too small to say anything.
    pub(super) fn of(sample: &[f32]) -> Option<Self> {
        let count = sample.len() as f64;
        if sample.len() < 2 {
            return None;
        }
        let mean = sample.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = sample.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Some(Self { mean: mean as f32, deviation: variance.sqrt().max(MIN_DEVIATION) as f32 })
    }

    /// How many standard deviations above the mean.
    pub(super) fn above(&self, cosine: f32) -> f32 {
        (cosine - self.mean) / self.deviation
    }

    /// Between this one and another: `share` of the way.
    fn toward(&self, other: Self, share: f32) -> Self {
        let between = |from: f32, to: f32| from + share * (to - from);
        Self { mean: between(self.mean, other.mean), deviation: between(self.deviation, other.deviation) }
    }
}

/// Passages that are all the same have no deviation.
const MIN_DEVIATION: f64 = 0.01;
/// So many passages say as much of a collection as its model does. 100 to 1,000 do equally well.
const AS_MANY_AS_THE_MODEL: f32 = 500.0;
/// Rare words weigh as in a collection that has so many passages more.
const MORE_PASSAGES: f32 = 1000.0;
/// Below this share of a query the model does not know what was asked.
const KNOWN: f32 = 0.6;
/// Below this share of a question's words, by how rare they are, the collection is in another language.
const SAME_WORDS: f32 = 0.1;

/// Which of the languages that a model is asked about a text is in, by its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Words of letters.
    Alphabetic,
    /// Chinese characters, or what stands beside them in Japanese.
    Han,
}

impl Script {
    /// Names and code are often Latin in a Chinese text, so a fifth of it is enough.
    pub(super) fn of(text: &str) -> Self {
        if is_mostly_han_or_kana(text) { Self::Han } else { Self::Alphabetic }
    }
}

/// What is known of a search before a candidate is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    /// The query with passages of the collection at random; none where there are no vectors, or fewer than two passages.
    pub(super) own: Option<Distribution>,
    /// The query with texts about everything, English and Chinese; none where the model does not know the language.
    pub(super) model: [Option<Distribution>; 2],
    /// The share of the query that the model knows.
    pub(super) known: f32,
    /// The share of the query's words, by how rare they are, that the collection has at all.
    pub(super) words: f32,
    /// The query's.
    script: Script,
    passages: f32,
}

impl Expected {
    /// Before anything is compared. `query`: empty where words are not asked.
    pub(super) fn before(query: &str, passages: u64) -> Self {
        Self {
            own: None,
            model: [None; 2],
            known: 1.0,
            words: 0.0,
            script: Script::of(query),
            passages: passages as f32,
        }
    }

    /// The query with texts of a script at random.
    fn at_random(&self, script: Script) -> Option<Distribution> {
        let [english, chinese] = self.model;
        let model = match script {
            Script::Alphabetic => english.or(chinese),
            Script::Han => chinese.or(english),
        };
        match (model, self.own) {
            (Some(model), Some(own)) => Some(model.toward(own, self.passages / (self.passages + AS_MANY_AS_THE_MODEL))),
            (model, own) => model.or(own),
        }
    }

    /// BM25 as it would be were there more passages: idf of a word that one passage has, there and here.
    fn scaled(&self, bm25: f32) -> f32 {
        let idf = |passages: f32| ((passages + 1.0) / 1.5).ln();
        bm25 * idf(self.passages + MORE_PASSAGES) / idf(self.passages.max(1.0))
    }

    /// The relevance of a candidate, whose passage is of a script.
    pub(super) fn relevance(&self, candidate: &Candidate, script: Script) -> f32 {
        let words = candidate.words().map(|words| Words { bm25: self.scaled(words.bm25), ..words });
        let above = candidate.cosine.and_then(|cosine| Some(self.at_random(script)?.above(cosine)));
        let same_language = script == self.script && self.words >= SAME_WORDS;
        let logit = match (above, words) {
            (Some(above), Some(words)) if self.known >= KNOWN && same_language => {
                0.97 * sum(self.known, above, words) - 0.15 * self.passages.max(1.0).ln() - 7.2
            }
            (Some(above), words) if self.known >= KNOWN || words.is_none() => 1.27 * above - 6.06,
            (_, Some(words)) => 7.0 * words.coverage + 0.09 * words.bm25 - 5.1,
            // One passage, and vectors that were brought: nothing to compare with.
            (_, None) => candidate.cosine.map_or(f32::NEG_INFINITY, |cosine| 8.0 * (cosine - 0.5)),
        };
        1.0 / (1.0 + (-logit).exp())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    fn distribution(mean: f32, deviation: f32) -> Distribution {
        Distribution { mean, deviation }
    }

    fn expected(query: &str, passages: u64) -> Expected {
        let model = [Some(distribution(0.72, 0.025)), Some(distribution(0.80, 0.02))];
        Expected { own: Some(distribution(0.78, 0.02)), model, words: 1.0, ..Expected::before(query, passages) }
    }

    fn candidate(cosine: f32, bm25: f32, coverage: f32) -> Candidate {
        Candidate { cosine: Some(cosine), bm25: Some(bm25), coverage: Some(coverage), ..Candidate::default() }
    }

    #[test]
    fn more_is_more_and_stays_within_0_and_1() {
        for passages in [1, 60, 1_000_000] {
            let expected = expected("a question", passages);
            let mut last = 0.0;
            for step in 0..100 {
                let meaning = Candidate { cosine: Some(0.7 + 0.002 * step as f32), ..Candidate::default() };
                let relevance = expected.relevance(&meaning, Script::Alphabetic);
                assert!(relevance > last && relevance < 1.0, "{step}: {relevance}");
                last = relevance;
            }
            let both =
                |cosine, bm25, coverage| expected.relevance(&candidate(cosine, bm25, coverage), Script::Alphabetic);
            assert!(both(0.8, 2.0, 0.2) < both(0.85, 2.0, 0.2) && both(0.8, 2.0, 0.2) < both(0.8, 4.0, 0.2));
            assert!(both(0.8, 2.0, 0.2) < both(0.8, 2.0, 0.4));
        }
        let words = |bm25, coverage| Candidate { cosine: None, ..candidate(0.0, bm25, coverage) };
        let lexical = Expected::before("a question", 100_000);
        assert!(lexical.relevance(&words(10.0, 0.1), Script::Alphabetic) < 0.1);
        assert!(lexical.relevance(&words(10.0, 1.0), Script::Alphabetic) > 0.7);
        assert_eq!(lexical.relevance(&Candidate::default(), Script::Alphabetic), 0.0);
    }

    /// The collection's own sample is on the subject: .86 is 4 of its deviations up, and 5.6 of the model's.
    #[test]
    fn in_a_small_collection_the_model_decides_and_in_a_large_one_the_collection() {
        let relevance =
            |passages| expected("a question", passages).relevance(&candidate(0.86, 10.0, 0.6), Script::Alphabetic);
        assert!(relevance(20) > 0.3, "{}", relevance(20));
        assert!(relevance(1_000_000) < relevance(20) - 0.2, "{} {}", relevance(1_000_000), relevance(20));
        let own = distribution(0.78, 0.02);
        let large = expected("a question", u64::MAX).at_random(Script::Alphabetic).unwrap();
        assert!((large.mean - own.mean).abs() < 1e-6 && (large.deviation - own.deviation).abs() < 1e-6);
        let half = expected("a question", 500).at_random(Script::Alphabetic).unwrap();
        assert!((half.mean - 0.75).abs() < 1e-6 && (half.deviation - 0.0225).abs() < 1e-6);
    }

    #[test]
    fn a_passage_is_held_against_texts_of_its_language() {
        let expected = expected("一个问题", 20);
        let relevance = |script| expected.relevance(&candidate(0.84, 0.0, 0.0), script);
        assert!(relevance(Script::Alphabetic) > 10.0 * relevance(Script::Han));
        let english_only = Expected { model: [expected.model[0], None], own: None, ..expected };
        assert_eq!(english_only.at_random(Script::Han), expected.model[0]);
    }

    #[test]
    fn rare_words_weigh_alike_whatever_the_number_of_passages() {
        let idf = |passages: f32| (1.0 + (passages - 0.5) / 1.5_f32).ln();
        for passages in [1, 20, 300, 100_000] {
            let scaled = expected("a question", passages).scaled(idf(passages as f32));
            assert!((scaled - idf(passages as f32 + 1000.0)).abs() < 1e-3, "{passages}: {scaled}");
        }
    }

    #[test]
    fn scripts() {
        assert_eq!(Script::of("句向量为什么用平均池化？"), Script::Han);
        assert_eq!(Script::of("BERT 和 RoBERTa 的 tokenizer 有何不同"), Script::Han);
        assert_eq!(Script::of("the word 池 in an English sentence"), Script::Alphabetic);
        assert_eq!(Script::of("カタカナ"), Script::Han);
        assert_eq!(Script::of(""), Script::Alphabetic);
    }

    #[test]
    fn distributions() {
        let distribution = Distribution::of(&[0.5, 0.7, 0.9]).unwrap();
        assert!((distribution.mean - 0.7).abs() < 1e-6 && (distribution.deviation - 0.2).abs() < 1e-6);
        assert!(Distribution::of(&[0.5]).is_none());
        assert!(Distribution::of(&[0.5; 9]).unwrap().above(0.5).abs() < 1e-6);
    }
}
