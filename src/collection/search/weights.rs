//! The logistic regression that turns scores into a relevance, with its weights.
//!
//! relevance = 1 / (1 + exp(-logit)). Each kind of search has a logit of its own, see [`RelevanceFeatures`].
//!
//! The weights were fitted before this repository had a command for it, then rounded. The data were public retrieval sets and
//! parts of them (from 20 documents on), two models, and queries of other sets as irrelevant ones. The weight of the number
//! of passages was chosen by hand afterwards (docs/benchmarks/relevance.md). `cargo xtask fit-relevance` fits them again.

/// Hybrid: what one unit of the fused score adds to the logit. Fitted.
const HYBRID_SUM: f32 = 0.97;
/// Hybrid: what one unit of the natural logarithm of the number of passages subtracts. Chosen between .10 and .25.
const HYBRID_LN_PASSAGES: f32 = 0.15;
/// Hybrid: the logit of a fused score of 0 is minus this. Fitted.
const HYBRID_BIAS: f32 = 7.2;
/// Dense: what one standard deviation of the cosine adds. Fitted.
const DENSE_Z_SCORE: f32 = 1.27;
/// Dense: the logit of a mean cosine is minus this. Fitted.
const DENSE_BIAS: f32 = 6.06;
/// Lexical: what a coverage of 1 adds. Fitted.
const LEXICAL_COVERAGE: f32 = 7.0;
/// Lexical: what one unit of BM25, scaled to many passages, adds. Fitted.
const LEXICAL_BM25: f32 = 0.09;
/// Lexical: the logit of a passage without any of the words is minus this. Fitted.
const LEXICAL_BIAS: f32 = 5.1;
/// A cosine without a distribution: what a cosine of 1 adds. A guess: there is nothing to fit it with.
const COSINE: f32 = 8.0;
/// A cosine without a distribution: the cosine of relevance 0.5. A guess.
const COSINE_MIDDLE: f32 = 0.5;

/// The values that the relevance of a candidate is computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum RelevanceFeatures {
    /// Vectors and words.
    Hybrid {
        /// The fused score, with BM25 as in a large collection.
        sum: f32,
        /// The natural logarithm of the number of passages.
        ln_passages: f32,
    },
    /// Vectors alone.
    Dense {
        /// How many standard deviations the cosine is above the mean cosine with random texts.
        z_score: f32,
    },
    /// Words alone.
    Lexical {
        /// The share of the query's words that the passage has, in [0, 1].
        coverage: f32,
        /// BM25 as in a large collection.
        bm25: f32,
    },
    /// A cosine with nothing to compare it with.
    Cosine {
        /// The cosine; `None` if there is none.
        cosine: Option<f32>,
    },
}

impl RelevanceFeatures {
    /// Returns the relevance, in [0, 1].
    pub fn relevance(self) -> f32 {
        let logit = match self {
            Self::Hybrid { sum, ln_passages } => HYBRID_SUM * sum - HYBRID_LN_PASSAGES * ln_passages - HYBRID_BIAS,
            Self::Dense { z_score } => DENSE_Z_SCORE * z_score - DENSE_BIAS,
            Self::Lexical { coverage, bm25 } => LEXICAL_COVERAGE * coverage + LEXICAL_BM25 * bm25 - LEXICAL_BIAS,
            Self::Cosine { cosine } => cosine.map_or(f32::NEG_INFINITY, |cosine| COSINE * (cosine - COSINE_MIDDLE)),
        };
        1.0 / (1.0 + (-logit).exp())
    }
}
