//! Scores to a relevance in [0, 1] that can be compared between queries, collections and models.
//!
//! A cosine says little by itself: those of one model lie between 0.7 and 1, those of another between -0.1 and 0.8. What says
//! more is how far it stands above what this query scores with passages at random: the background. With the share of the
//! question's words that the passage holds, a logistic function makes a relevance of it, fitted once for all over the sets of
//! `../shared/eval`; see README for what it separates.

use super::fusion::Candidate;

/// What a query scores with passages at random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Background {
    pub(super) mean: f32,
    pub(super) deviation: f32,
}

impl Background {
    /// Of a sample of cosines; none of a sample too small to say anything.
    pub(super) fn of(sample: &[f32]) -> Option<Self> {
        let count = sample.len() as f64;
        if sample.len() < 2 {
            return None;
        }
        let mean = sample.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = sample.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Some(Self { mean: mean as f32, deviation: variance.sqrt().max(1e-6) as f32 })
    }
}

/// The logistic function's coefficients.
const DEVIATIONS: f32 = 1.0;
const COVERAGE: f32 = 3.0;
const BIAS: f32 = -5.0;

/// The relevance of a candidate.
pub(super) fn of(candidate: &Candidate, background: Option<Background>) -> f32 {
    let z = match (candidate.cosine, background) {
        (Some(cosine), Some(background)) => Some((cosine - background.mean) / background.deviation),
        _ => None,
    };
    let logit = match (z, candidate.coverage) {
        (Some(z), Some(coverage)) => BIAS + DEVIATIONS * z + COVERAGE * coverage,
        // One side alone says the less.
        (Some(z), None) => BIAS + DEVIATIONS * z + COVERAGE * 0.4,
        (None, Some(coverage)) => BIAS + DEVIATIONS * 3.0 + COVERAGE * (coverage * 1.5 - 0.5),
        (None, None) => return 0.0,
    };
    1.0 / (1.0 + (-logit).exp())
}
