//! Ids of rows. A row is one passage of a snapshot.

use std::cmp::Ordering;

/// A row of a snapshot: one passage. The id is valid only in this snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// The index of the row's segment in the snapshot, from 0.
    pub segment: usize,
    /// The index of the row in its segment, from 0. The rows of a document follow each other in the order of the document's text.
    pub row: u32,
}

/// A row with its score. Orders by score, best first; equal scores by document, then by row.
#[derive(Debug, Clone, Copy)]
pub struct ScoredRow {
    /// The row.
    pub row: RowId,
    /// The number of the row's document.
    pub document: u64,
    /// The score; higher is better.
    pub score: f32,
}

impl Ord for ScoredRow {
    fn cmp(&self, other: &Self) -> Ordering {
        // Adding 0 makes -0 and 0 equal: which of them a sum gives depends on the order of the addends.
        let by_score = (other.score + 0.0).total_cmp(&(self.score + 0.0));
        by_score.then((self.document, self.row).cmp(&(other.document, other.row)))
    }
}

impl PartialOrd for ScoredRow {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ScoredRow {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ScoredRow {}
