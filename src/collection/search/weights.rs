//! The logistic regression that turns scores into a relevance, with its weights.
//!
//! relevance = 1 / (1 + exp(-logit)). Each kind of search has a logit of its own, see [`RelevanceFeatures`].
//!
//! The weights were fitted by a script over the program's scores, then rounded: in public retrieval sets, in parts of them with 20 to
//! 480 documents, and in two folders of files, with queries of other sets as irrelevant ones. The biases were raised by 0.4, so that
//! fewer questions without an answer reach 0.3 (docs/benchmarks/relevance.md). `cargo xtask fit-relevance` fits them by the same rules.

/// Hybrid: what one standard deviation of the cosine adds to the logit. Fitted.
const HYBRID_Z_SCORE: f32 = 1.26;
/// Hybrid: what a coverage of 1 adds. Fitted.
const HYBRID_COVERAGE: f32 = 5.0;
/// Hybrid: what one unit of BM25 adds. Fitted.
const HYBRID_BM25: f32 = 0.03;
/// Hybrid: what a passage gets that has the whole query as an exact name. Fitted.
const HYBRID_EXACT: f32 = 12.0;
/// Hybrid: what one unit of the score for words that a foreign passage cannot have adds. Fitted.
const HYBRID_FOREIGN: f32 = 2.15;
/// Hybrid: what one unit of the share of known words subtracts. Fitted.
const HYBRID_KNOWN: f32 = 7.0;
/// Hybrid: the logit of a passage that has nothing in common with the query is minus this. Fitted, then raised.
const HYBRID_BIAS: f32 = 5.2;
/// Hybrid: what one unit of the ranking score behind the first hit subtracts. The ratio of [`HYBRID_EXACT`] to the weight of an exact
/// name in the score: otherwise the hits below a name that was asked for would seem relevant.
const HYBRID_BEHIND: f32 = 1.5;
/// Dense: what one standard deviation of the cosine adds. Fitted.
const DENSE_Z_SCORE: f32 = 1.95;
/// Dense: the logit of a mean cosine is minus this. Fitted, then raised.
const DENSE_BIAS: f32 = 7.9;
/// Lexical: what a coverage of 1 adds. Fitted.
const LEXICAL_COVERAGE: f32 = 7.0;
/// Lexical: what one unit of BM25 adds. Fitted.
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
        /// How many standard deviations the cosine of the first hit is above the mean cosine with random texts, times the square of the
        /// share of the query that the model's vocabulary covers.
        z_score: f32,
        /// The share of the query's words that the first hit has, in [0, 1].
        coverage: f32,
        /// BM25 of the first hit, without exact names and numbers.
        bm25: f32,
        /// The square of the share of the query that is a name or a number which the first hit has exactly, in [0, 1].
        exact: f32,
        /// What the first hit gets for words that it cannot have, since it is in another script than the query.
        foreign: f32,
        /// The share of the query's words that the collection has, in [0, 0.3].
        known: f32,
        /// How far the ranking score is below that of the first hit.
        behind: f32,
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
        /// BM25.
        bm25: f32,
    },
    /// A cosine with nothing to compare it with.
    Cosine {
        /// The cosine; `None` if there is none.
        cosine: Option<f32>,
    },
}

impl RelevanceFeatures {
    /// Returns the features of a hit whose ranking score is this far below that of the first one, whose features these are.
    pub(super) fn behind(self, distance: f32) -> Self {
        match self {
            Self::Hybrid { z_score, coverage, bm25, exact, foreign, known, behind: _ } => {
                Self::Hybrid { z_score, coverage, bm25, exact, foreign, known, behind: distance }
            }
            other => other,
        }
    }

    /// Returns the relevance, in [0, 1].
    pub fn relevance(self) -> f32 {
        let logit = match self {
            Self::Hybrid { z_score, coverage, bm25, exact, foreign, known, behind } => {
                let words = HYBRID_COVERAGE * coverage + HYBRID_BM25 * bm25 + HYBRID_EXACT * exact;
                let expected = HYBRID_KNOWN * known + HYBRID_BIAS;
                HYBRID_Z_SCORE * z_score + words + HYBRID_FOREIGN * foreign - expected - HYBRID_BEHIND * behind
            }
            Self::Dense { z_score } => DENSE_Z_SCORE * z_score - DENSE_BIAS,
            Self::Lexical { coverage, bm25 } => LEXICAL_COVERAGE * coverage + LEXICAL_BM25 * bm25 - LEXICAL_BIAS,
            Self::Cosine { cosine } => cosine.map_or(f32::NEG_INFINITY, |cosine| COSINE * (cosine - COSINE_MIDDLE)),
        };
        1.0 / (1.0 + (-logit).exp())
    }
}
