//! Request and answer of a search by a vector.

use serde::Serialize;

use crate::row::ScoredRow;

/// A search by a vector.
#[derive(Debug, Clone, Copy)]
pub struct VectorRequest<'a> {
    /// The query vector, `[dimension]`, of length 1.
    pub query: &'a [f32],
    /// The most documents to find.
    pub limit: usize,
    /// The lowest score (cosine) to find.
    pub min_score: f32,
    /// The share of the best passages that a graph should find on average, in [0, 1].
    pub recall: f32,
    /// True to compare with every passage at any cost.
    pub exact: bool,
}

/// The result of a search by a vector.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorAnswer {
    /// The best row of each of the best documents, best first. Scores are cosines.
    pub rows: Vec<ScoredRow>,
    /// The way each segment was searched.
    pub segments: Vec<SegmentPlan>,
}

/// The way a segment was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SegmentPlan {
    /// The number of passages of the segment, including deleted ones.
    pub rows: u32,
    /// The number of passages that the search could find: not deleted, and accepted by the filter.
    pub accepted: u32,
    /// The number of codes that were compared with the query.
    pub compared: usize,
    /// The number of candidates that the walk of its graph kept; `None` if every accepted passage was compared.
    pub ef: Option<usize>,
}
