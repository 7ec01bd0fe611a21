//! Scores to a relevance in [0, 1] that can be compared between queries, collections and models.
//!
//! A cosine says little by itself: those of one model lie between 0.7 and 1, those of another between -0.1 and 0.8. What says
//! more is how far it stands above what this query scores with passages at random, and whether the query itself lies where the
//! collection's passages lie: two distributions that every search takes from a sample of the collection. A logistic function
//! makes a relevance of them, fitted once for all over the sets of `../shared/eval` with two models and questions of other
//! sets as irrelevant ones; README has what it separates. Collection size is left out on purpose: with it, sets
//! that were held out came out worse.

use super::fusion::Candidate;

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
}

/// Passages that are all the same have no deviation.
const MIN_DEVIATION: f64 = 0.01;

/// How a search stands to its collection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Background {
    /// The query with passages at random.
    pub(super) query: Distribution,
    /// Passages at random with each other.
    pub(super) passages: Distribution,
    /// The share of the query that the model knows.
    pub(super) known: f32,
    /// Whether the collection has the query's words at all.
    pub(super) same_words: bool,
}

/// The relevance of a candidate with a fused score.
pub(super) fn of(candidate: &Candidate, fused: f32, background: Option<Background>) -> f32 {
    let by_words = |bm25: f32, coverage: f32| 5.7 * coverage + 0.075 * bm25 - 5.2;
    let by_meaning = |cosine: f32, background: &Background| {
        0.45 * background.query.above(cosine) + 0.55 * background.passages.above(cosine) - 3.6
    };
    let words = candidate.bm25.zip(candidate.coverage);
    let logit = match (candidate.cosine, background, words) {
        // The model does not know what was asked.
        (Some(_), Some(Background { known, .. }), Some((bm25, coverage))) if known < 0.6 => by_words(bm25, coverage),
        (Some(_), Some(background), Some(_)) if background.same_words => {
            0.73 * fused + 0.5 * background.passages.above(background.query.mean) - 5.55
        }
        (Some(cosine), Some(background), _) => by_meaning(cosine, &background),
        (_, _, Some((bm25, coverage))) => by_words(bm25, coverage),
        // A collection of one passage has nothing to compare with.
        (Some(cosine), None, None) => 8.0 * (cosine - 0.5),
        (None, _, None) => return 0.0,
    };
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_more_and_stays_within_0_and_1() {
        let distribution = |mean, deviation| Distribution { mean, deviation };
        let (query, passages) = (distribution(0.78, 0.02), distribution(0.8, 0.03));
        let background = Background { query, passages, known: 1.0, same_words: false };
        let mut last = 0.0;
        for step in 0..100 {
            let candidate = Candidate { cosine: Some(0.7 + 0.003 * step as f32), ..Candidate::default() };
            let relevance = of(&candidate, 0.0, Some(background));
            assert!(relevance > last && relevance < 1.0, "{step}: {relevance}");
            last = relevance;
        }
        let words = |coverage| Candidate { bm25: Some(10.0), coverage: Some(coverage), ..Candidate::default() };
        assert!(of(&words(0.1), 10.0, None) < 0.1 && of(&words(1.0), 10.0, None) > 0.7);
    }

    #[test]
    fn distributions() {
        let distribution = Distribution::of(&[0.5, 0.7, 0.9]).unwrap();
        assert!((distribution.mean - 0.7).abs() < 1e-6 && (distribution.deviation - 0.2).abs() < 1e-6);
        assert!(Distribution::of(&[0.5]).is_none());
        assert!(Distribution::of(&[0.5; 9]).unwrap().above(0.5).abs() < 1e-6);
    }
}
