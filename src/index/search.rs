//! A search by a vector: finds candidates in every segment by their codes, then scores them by their stored vectors.

use std::cell::RefCell;
use std::collections::HashSet;

use super::best_documents::BestDocuments;
use super::codes::CodedQuery;
use super::graph::{Graph, Scratch};
use super::planner::Strategy;
use super::request::{SegmentPlan, VectorAnswer, VectorRequest};
use super::row_access::AcceptedRows;
use super::row_filter::RowFilter;
use super::scan::Scan;
use super::scoring::{CodeScore, cosine, error_bound};
use super::segment::Section;
use super::snapshot::LiveSegment;
use crate::error::{Error, Result};
use crate::kernel::Simd;
use crate::row::{RowId, ScoredRow};

thread_local! {
    /// The workspace of walks, kept for the next search.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// The result of a walk.
struct WalkResult {
    /// The number of codes that were compared with the query.
    compared: usize,
    /// The number of candidates that the walk kept; `None` if the segment must be scanned instead.
    ef: Option<usize>,
}

/// Chooses how to search a segment, from the number of its accepted rows.
type Choose = dyn Fn(&LiveSegment, u32, &VectorRequest<'_>) -> Strategy;

impl AcceptedRows<'_> {
    /// Searches these rows. Without a graph the answer is exact; see [`VectorRequest::recall`] for graphs.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the query has another dimension or a number that is not finite;
    /// [`Error::IndexDamaged`].
    pub fn search(&self, request: &VectorRequest<'_>) -> Result<VectorAnswer> {
        self.search_by(&Strategy::fastest, request)
    }

    /// The same as [`AcceptedRows::search`], but walks every graph.
    #[cfg(test)]
    pub(super) fn search_graphs(&self, request: &VectorRequest<'_>) -> Result<VectorAnswer> {
        self.search_by(&Strategy::walk, request)
    }

    fn search_by(&self, choose: &Choose, request: &VectorRequest<'_>) -> Result<VectorAnswer> {
        let dimension = self.snapshot.shape().dimension as usize;
        if request.query.len() != dimension || request.query.iter().any(|x| !x.is_finite()) {
            let given = request.query.len();
            let problem = format!("a query vector of {given} numbers; the collection needs {dimension} finite ones");
            return Err(Error::InvalidInput { problem });
        }
        if request.limit == 0 {
            return Ok(VectorAnswer { rows: Vec::new(), segments: Vec::new() });
        }
        // Walk the graphs, and list the segments to scan.
        let query = CodedQuery::new(request.query);
        let (mut plans, mut candidates, mut scanned) = (Vec::new(), Vec::new(), Vec::new());
        for ((segment, live), filter) in self.snapshot.segments().iter().enumerate().zip(&self.filters) {
            let (rows, accepted) = (live.segment.rows(), filter.count());
            let mut plan = SegmentPlan { rows, accepted, compared: 0, ef: None };
            if let (Strategy::Walk { ef, budget }, Some(graph)) =
                (choose(live, accepted, request), live.segment.graph())
            {
                let walk = GraphWalk { graph, live, filter, query: &query, limit: request.limit };
                let result = walk.run(segment, ef, budget, &mut candidates)?;
                (plan.compared, plan.ef) = (result.compared, result.ef);
            }
            if plan.ef.is_none() && accepted > 0 {
                plan.compared += accepted as usize;
                scanned.push((segment, filter));
            }
            plans.push(plan);
        }
        // Scan these segments together.
        if !scanned.is_empty() {
            let (limit, min_score) = (request.limit, request.min_score);
            let scan = Scan { snapshot: self.snapshot, segments: &scanned, query: &query, limit, min_score };
            candidates.extend(scan.run()?);
        }
        // Score the candidates exactly.
        let (simd, mut best) = (Simd::detect(), BestDocuments::new(request.limit, request.min_score));
        for candidate in candidates {
            best.offer(self.score_exactly(simd, request.query, candidate.row)?);
        }
        Ok(VectorAnswer { rows: best.finish(), segments: plans })
    }

    /// Returns a row with the score by its stored vector.
    fn score_exactly(&self, simd: Simd, query: &[f32], row: RowId) -> Result<ScoredRow> {
        let segment = &*self.snapshot.segments()[row.segment].segment;
        let document = segment.document_of_row(row.row)?.1.number;
        let score = cosine(simd, query, segment.vector(row.row)?, segment.shape());
        Ok(ScoredRow { row, document, score })
    }
}

/// A walk through the graph of one segment.
struct GraphWalk<'a> {
    graph: &'a Graph<Section>,
    live: &'a LiveSegment,
    filter: &'a RowFilter<'a>,
    query: &'a CodedQuery,
    limit: usize,
}

impl GraphWalk<'_> {
    /// Adds the candidates of the segment with this `index` in the snapshot, if the walk finds enough within the budget.
    fn run(&self, index: usize, mut ef: usize, budget: usize, candidates: &mut Vec<CodeScore>) -> Result<WalkResult> {
        let segment = &*self.live.segment;
        let mut compared = 0;
        loop {
            let budget_left = budget.saturating_sub(compared);
            let accept = |row| self.filter.accepts(row);
            let walk = SCRATCH.with_borrow_mut(|scratch| {
                self.graph.search(segment.codes(), self.query, ef, accept, budget_left, scratch)
            });
            let walk = walk.map_err(|error| segment.named(error))?;
            compared += walk.compared;
            if !walk.complete {
                return Ok(WalkResult { compared, ef: None });
            }
            // A document may have many of the nearest passages; then the walk must keep more candidates.
            let wanted = self.limit.min(self.filter.count() as usize);
            let mut documents = HashSet::new();
            for &(last_score, row) in &walk.candidates {
                documents.insert(segment.row(row)?.document);
                if documents.len() == wanted {
                    // Also keep the candidates whose exact score may be higher than that of the last document.
                    let lowest = last_score - error_bound(self.query, segment.residual());
                    let kept = walk.candidates.iter().take_while(|&&(score, _)| score >= lowest);
                    candidates
                        .extend(kept.map(|&(score, row)| CodeScore { row: RowId { segment: index, row }, score }));
                    return Ok(WalkResult { compared, ef: Some(ef) });
                }
            }
            // Too few documents: either there are no more, or the graph does not lead to them.
            if ef >= segment.rows() as usize {
                return Ok(WalkResult { compared, ef: None });
            }
            ef *= 4;
        }
    }
}
