//! Chooses how to search a segment: by its graph, or by comparing every row that the search may find.

use super::graph::SCATTERED;
use super::request::VectorRequest;
use super::scan;
use super::snapshot::LiveSegment;

/// A way to search a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    /// Compare with every accepted row.
    Scan,
    /// Walk the graph for `ef` candidates; scan instead if that takes more than `budget` comparisons.
    Walk { ef: usize, budget: usize },
}

impl Strategy {
    /// Returns the faster strategy. A search may find `accepted` of the rows of `live`.
    pub(super) fn fastest(live: &LiveSegment, accepted: u32, request: &VectorRequest<'_>) -> Self {
        let Some(graph) = live.segment.graph() else { return Self::Scan };
        if request.exact || request.recall >= 1.0 || accepted == 0 {
            return Self::Scan;
        }
        let Some(ef) = graph.ef_for(request.recall, request.limit) else { return Self::Scan };
        // A walk also goes through rows that are not accepted.
        let accepted_share = accepted as f32 / live.segment.rows().max(1) as f32;
        let comparisons = (graph.compared(ef) as f32 / accepted_share) as usize;
        // The number of comparisons of a walk that takes as long as a scan.
        let accepted = accepted as usize;
        let cost_of_scan = accepted / (SCATTERED * scan::threads_for(accepted));
        // `comparisons` is a mean: some walks take more, but few take 1.5 times as long as a scan.
        let budget = cost_of_scan + cost_of_scan / 2;
        if comparisons < cost_of_scan { Self::Walk { ef, budget } } else { Self::Scan }
    }

    /// Returns a walk for every graph at any cost, unless the request is exact.
    #[cfg(test)]
    pub(super) fn walk(live: &LiveSegment, accepted: u32, request: &VectorRequest<'_>) -> Self {
        let Some(graph) = live.segment.graph() else { return Self::Scan };
        if request.exact || request.recall >= 1.0 || accepted == 0 {
            return Self::Scan;
        }
        let ef = graph.ef_for(request.recall, request.limit);
        Self::Walk { ef: ef.unwrap_or(accepted as usize), budget: usize::MAX }
    }
}
