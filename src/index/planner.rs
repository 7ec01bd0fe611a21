//! How a segment is searched: by its graph, or by comparing with every row that is accepted.

use serde::Serialize;

use super::exact;
use super::graph::SCATTERED;
use super::search::Request;
use super::snapshot::Live;

/// What to do with a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Compare with every row that is accepted.
    Scan,
    /// Walk the graph for `ef` candidates, and scan after all when that takes more than `budget` comparisons.
    Walk { ef: usize, budget: usize },
}

/// How a segment was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// Its passages, the dead included.
    pub rows: u32,
    /// Passages that could be found.
    pub accepted: u32,
    /// Codes compared with the query.
    pub compared: usize,
    /// How many candidates the walk of its graph kept; none: every passage was compared.
    pub ef: Option<usize>,
}

impl Plan {
    /// `accepted` rows of `live` may be found.
    pub(super) fn of(live: &Live, accepted: u32, request: &Request<'_>) -> Self {
        let Some(graph) = live.segment.graph() else { return Self::Scan };
        if request.exact || request.recall >= 1.0 || accepted == 0 {
            return Self::Scan;
        }
        let ef = graph.ef_for(request.recall, request.limit);
        if request.walk {
            return Self::Walk { ef: ef.unwrap_or(accepted as usize), budget: usize::MAX };
        }
        let Some(ef) = ef else { return Self::Scan };
        // A walk goes through rows that are not accepted as well.
        let share = accepted as f32 / live.segment.rows().max(1) as f32;
        let comparisons = (graph.compared(ef) as f32 / share) as usize;
        let accepted = accepted as usize;
        let scan = accepted / (SCATTERED * exact::threads_for(accepted));
        // What is expected is a mean: some walks take more, and few half as much again as a scan.
        if comparisons < scan { Self::Walk { ef, budget: scan + scan / 2 } } else { Self::Scan }
    }
}
