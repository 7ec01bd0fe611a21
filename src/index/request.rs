//! A search by vectors: what it asks for and what it gives.

use serde::Serialize;

use crate::row::ScoredRow;

/// A search by a vector.
#[derive(Debug, Clone, Copy)]
pub struct VectorRequest<'a> {
    /// `[dimension]`, of length 1.
    pub query: &'a [f32],
    /// The most documents to find.
    pub limit: usize,
    /// The lowest score to find.
    pub min_score: f32,
    /// The share of the best passages that a graph should find on average, in [0, 1].
    pub recall: f32,
    /// Whether to compare with every passage, whatever it costs.
    pub exact: bool,
}

/// What a search by a vector found, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorAnswer {
    /// The best row of each of the best documents, best first. Scores are cosines.
    pub rows: Vec<ScoredRow>,
    /// How each segment was searched.
    pub segments: Vec<SegmentPlan>,
}

/// How a segment was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SegmentPlan {
    /// Its passages, deleted ones included.
    pub rows: u32,
    /// Passages that could be found.
    pub accepted: u32,
    /// Codes compared with the query.
    pub compared: usize,
    /// How many candidates the walk of its graph kept; `None`: every accepted passage was compared.
    pub ef: Option<usize>,
}
