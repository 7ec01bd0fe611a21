//! A search over a snapshot: candidates from every segment by its codes, then scored with the kept vectors.

use std::cell::RefCell;
use std::collections::HashSet;

use super::accept::{Accept, Rows};
use super::best::{BestDocuments, Match};
use super::codes::CodedQuery;
use super::exact::Scan;
use super::given::RowAt;
use super::graph::{Graph, Scratch};
use super::planner::{Plan, Route};
use super::segment::{Section, Shape, decode};
use super::snapshot::{Live, Snapshot};
use crate::error::{Error, Result};
use crate::kernel::Simd;
use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};
use crate::kernel::view::{view_f32, view_u16};

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `[dimension]`, of length 1.
    pub query: &'a [f32],
    /// The most documents.
    pub limit: usize,
    /// The number of a document that is not to be found.
    pub skip: Option<u64>,
    /// Leaves out what scores less.
    pub min_score: f32,
    /// The rows that may be found; none: all.
    pub among: Option<&'a Rows>,
    /// The share of the best passages that a graph should find, in [0, 1].
    pub recall: f32,
    /// Whether to compare with every passage, whatever it costs.
    pub exact: bool,
    /// Whether to walk every graph there is, whatever it costs: for tests and measurements. `exact` goes before it.
    pub walk: bool,
}

/// What a search found, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The best documents, each by its best passage; the best first.
    pub matches: Vec<Match>,
    /// How each segment was searched.
    pub routes: Vec<Route>,
}

/// A row that may be among the best, with its score by codes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) approximate: f32,
    pub(super) segment: usize,
    pub(super) row: u32,
}

thread_local! {
    /// What walks need besides the graph, kept from one search to the next.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// How a walk ended.
struct Walked {
    compared: usize,
    /// With how many candidates; none when the segment must be scanned after all.
    ef: Option<usize>,
}

impl Snapshot {
    /// Searches. Without a graph the answer is exact; see [`Request::recall`] for the rest.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the query has another dimension, or a number in it is not finite;
    /// [`Error::IndexDamaged`].
    pub fn search(&self, request: &Request<'_>) -> Result<Answer> {
        let dimension = self.shape().dimension as usize;
        if request.query.len() != dimension || request.query.iter().any(|x| !x.is_finite()) {
            let given = request.query.len();
            let problem = format!("a query vector of {given} numbers; the collection wants {dimension} finite ones");
            return Err(Error::InvalidInput { problem });
        }
        if request.limit == 0 {
            return Ok(Answer { matches: Vec::new(), routes: Vec::new() });
        }
        let (simd, query) = (Simd::detect(), CodedQuery::new(request.query));
        let (mut routes, mut candidates, mut scanned) = (Vec::new(), Vec::new(), Vec::new());
        let accepts = self.acceptance(request.among, request.skip)?.accepts;
        for ((i, live), accept) in self.segments().iter().enumerate().zip(accepts) {
            let (rows, accepted) = (live.segment.rows(), accept.count());
            let mut route = Route { rows, accepted, compared: 0, ef: None };
            if let (Plan::Walk { ef, budget }, Some(graph)) = (Plan::of(live, accepted, request), live.segment.graph())
            {
                let walk = Walk { graph, live, accept: &accept, query: &query, limit: request.limit };
                let walked = walk.run(i, ef, budget, &mut candidates)?;
                (route.compared, route.ef) = (walked.compared, walked.ef);
            }
            if route.ef.is_none() && accepted > 0 {
                route.compared += accepted as usize;
                scanned.push((i, accept));
            }
            routes.push(route);
        }
        if !scanned.is_empty() {
            let (limit, min_score) = (request.limit, request.min_score);
            let scan = Scan { snapshot: self, segments: &scanned, query: &query, limit, min_score };
            candidates.extend(scan.run()?);
        }
        let mut best = BestDocuments::new(request.limit, request.min_score);
        for candidate in candidates {
            best.offer(self.rescored(simd, request.query, candidate)?);
        }
        Ok(Answer { matches: best.finish(), routes })
    }

    /// The exact match that a candidate is.
    fn rescored(&self, simd: Simd, query: &[f32], candidate: Candidate) -> Result<Match> {
        let found = self.match_at(RowAt { segment: candidate.segment, row: candidate.row })?;
        let segment = &*self.segments()[candidate.segment].segment;
        let score = cosine(simd, query, segment.vector(candidate.row)?, segment.shape());
        Ok(Match { score, ..found })
    }
}

/// The cosine of a query and a kept vector, both of length 1.
pub(super) fn cosine(simd: Simd, query: &[f32], vector: &[u8], shape: Shape) -> f32 {
    let mut score = [0.0];
    match (shape.half, view_u16(vector), view_f32(vector)) {
        (true, Some(row), _) => dot_rows_f16(simd, query, row, &mut score),
        (false, _, Some(row)) => dot_rows_f32(simd, query, row, &mut score),
        _ => dot_rows_f32(simd, query, &decode(vector, shape), &mut score),
    }
    score[0]
}

/// How far a score by codes is from the exact one at the most: |q·x − q̂·x̂| ≤ |q − q̂|·|x| + |q̂|·|x − x̂| (Cauchy–Schwarz). Kept
/// vectors have length 1 within a hundredth. The last term is for the rounding of sums. In practice a tenth of it.
pub(super) fn bound(query: &CodedQuery, residual: f32) -> f32 {
    query.norm() * residual + query.residual() * 1.01 + 1e-4
}

/// One segment's graph, to be walked.
struct Walk<'a> {
    graph: &'a Graph<Section>,
    live: &'a Live,
    accept: &'a Accept<'a>,
    query: &'a CodedQuery,
    limit: usize,
}

impl Walk<'_> {
    /// Adds the candidates of the segment, the `i`th of its snapshot, when there are enough within the budget.
    fn run(&self, i: usize, mut ef: usize, budget: usize, candidates: &mut Vec<Candidate>) -> Result<Walked> {
        let segment = &*self.live.segment;
        let mut compared = 0;
        loop {
            let left = budget.saturating_sub(compared);
            let accept = |row| self.accept.contains(row);
            let walk = SCRATCH
                .with_borrow_mut(|scratch| self.graph.search(segment.codes(), self.query, ef, accept, left, scratch));
            let walk = walk.map_err(|error| segment.named(error))?;
            compared += walk.compared;
            if !walk.complete {
                return Ok(Walked { compared, ef: None });
            }
            // A document may stand for many of the nearest passages; then more are wanted.
            let wanted = self.limit.min(self.accept.count() as usize);
            let mut documents = HashSet::new();
            for &(last, row) in &walk.candidates {
                documents.insert(segment.row(row)?.document);
                if documents.len() == wanted {
                    // Farther down than codes are ever off, nothing can be among the best.
                    let lowest = last - bound(self.query, segment.residual());
                    let near = walk.candidates.iter().take_while(|&&(approximate, _)| approximate >= lowest);
                    candidates.extend(near.map(|&(approximate, row)| Candidate { approximate, segment: i, row }));
                    return Ok(Walked { compared, ef: Some(ef) });
                }
            }
            // All were candidates, and their documents are too few: there are no more, or the graph does not lead there.
            if ef >= segment.rows() as usize {
                return Ok(Walked { compared, ef: None });
            }
            ef *= 4;
        }
    }
}
