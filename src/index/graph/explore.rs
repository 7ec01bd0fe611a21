//! Searching: greedy through the upper levels, best-first on level 0. Malkov and Yashunin, "Efficient and robust approximate
//! nearest neighbor search using Hierarchical Navigable Small World graphs" (2016), algorithms 2 and 5.

use super::super::codes::{CodedQuery, Codes};
use super::super::stored::{Stored, damaged};
use super::layout::{Layout, NONE, number};
use super::scratch::{Best, Candidate, Scratch, Visited};
use crate::error::Result;
use crate::kernel::codes::prefetch;
use std::collections::BinaryHeap;

/// The lists of level 0, of a frozen graph or of one that is being built.
pub(super) trait Neighbours {
    /// Gives each neighbour of a row to `visit`.
    fn each(&self, row: u32, visit: impl FnMut(u32)) -> Result<()>;
    /// Prefetches the list of a row into the cache.
    fn prefetch(&self, row: u32) -> Result<()>;
}

/// The stored lists of level 0.
pub(super) struct Frozen<'a, G: ?Sized> {
    section: &'a G,
    /// The byte offset of level 0 in the section.
    offset: usize,
    width: usize,
    rows: u32,
}

impl<'a, G: Stored + ?Sized> Frozen<'a, G> {
    pub fn new(section: &'a G, layout: &Layout) -> Self {
        Self { section, offset: layout.level_at(0), width: layout.width(0), rows: layout.rows as u32 }
    }

    #[inline]
    fn list(&self, row: u32) -> Result<&'a [u8]> {
        let start = self.offset + row as usize * self.width * 4;
        self.section.read(start..start + self.width * 4)
    }
}

impl<G: Stored + ?Sized> Neighbours for Frozen<'_, G> {
    #[inline]
    fn each(&self, row: u32, mut visit: impl FnMut(u32)) -> Result<()> {
        for &bytes in self.list(row)?.as_chunks().0 {
            let neighbour = u32::from_le_bytes(bytes);
            if neighbour >= self.rows {
                return if neighbour == NONE { Ok(()) } else { Err(missing_row(neighbour)) };
            }
            visit(neighbour);
        }
        Ok(())
    }

    #[inline]
    fn prefetch(&self, row: u32) -> Result<()> {
        prefetch(self.list(row)?);
        Ok(())
    }
}

#[cold]
fn missing_row(row: u32) -> crate::error::Error {
    damaged(format!("a graph's list contains row {row}, which does not exist"))
}

/// The row where a search of level 0 begins, and the rows compared to find it.
pub(super) struct Entry {
    pub candidate: Candidate,
    pub compared: usize,
}

/// Walks from the top level to the best node of level 1. `None` if the graph is empty.
pub(super) fn descend<S: Stored, G: Stored + ?Sized>(
    section: &G,
    layout: &Layout,
    codes: &Codes<S>,
    query: &CodedQuery,
    batch: &mut Vec<u32>,
    scores: &mut Vec<f32>,
) -> Result<Option<Entry>> {
    if layout.upper() == 0 {
        return Ok(None);
    }
    let row_of = |node: u32| {
        let row = number(section, layout.upper_at(), node as usize)?;
        if (row as usize) < layout.rows { Ok(row) } else { Err(missing_row(row)) }
    };
    let mut node = 0;
    let mut best = Candidate { score: 0.0, row: row_of(node)? };
    codes.gather(query, &[best.row], std::slice::from_mut(&mut best.score))?;
    let mut compared = 1;
    for level in (1..=layout.levels.len()).rev() {
        let (offset, width, nodes) = (layout.level_at(level), layout.width(level), layout.levels[level - 1]);
        loop {
            // Compare the neighbours of the node, and go to the best one.
            let start = offset + node as usize * width * 4;
            let list = section.read(start..start + width * 4)?.as_chunks().0;
            let list = list.iter().map(|&bytes| u32::from_le_bytes(bytes)).take_while(|&other| other != NONE);
            batch.clear();
            for other in list.clone() {
                if other as usize >= nodes {
                    return Err(missing_row(other));
                }
                batch.push(row_of(other)?);
            }
            compared += batch.len();
            scores.resize(batch.len(), 0.0);
            codes.gather(query, batch, scores)?;
            let before = node;
            for ((other, &row), &score) in list.zip(&*batch).zip(&*scores) {
                if score > best.score {
                    (node, best) = (other, Candidate { score, row });
                }
            }
            // No neighbour is better. This compares nodes, not scores, because NaN is not equal to itself.
            if node == before {
                break;
            }
        }
    }
    Ok(Some(Entry { candidate: best, compared }))
}

/// The limits of a search of level 0: how many rows to keep, which ones, and how many to compare.
pub(super) struct Extent<A> {
    /// The number of rows to keep, at least 1.
    pub ef: usize,
    /// True for rows that may be kept.
    pub accept: A,
    /// The most rows to compare.
    pub budget: usize,
}

/// The result of a search of level 0. Its candidates are in the scratch.
pub(super) struct Explored {
    pub compared: usize,
    /// True if the search ended within its budget.
    pub complete: bool,
}

/// Searches best-first from an entry. Walks through rows that are not accepted while they are better than the worst kept row.
pub(super) fn explore<S: Stored>(
    codes: &Codes<S>,
    query: &CodedQuery,
    neighbours: &impl Neighbours,
    entry: Entry,
    extent: &mut Extent<impl FnMut(u32) -> Result<bool>>,
    scratch: Parts<'_>,
) -> Result<Explored> {
    let Parts { visited, best, fresh, passing, batch, scores } = scratch;
    visited.begin(codes.rows());
    best.begin(extent.ef);
    passing.clear();
    let mut compared = entry.compared;
    visited.is_new(entry.candidate.row);
    if (extent.accept)(entry.candidate.row)? {
        best.merge(&mut [entry.candidate]);
    } else {
        passing.push(entry.candidate);
    }
    loop {
        // Choose the best node that is not expanded: one that is kept, or one to pass through.
        let row = match (best.peek(), passing.peek()) {
            (Some(kept), passed) if passed.is_none_or(|passed| kept.score >= passed.score) => {
                best.take();
                kept.row
            }
            (_, Some(&passed)) if passed.score > best.threshold() => {
                passing.pop();
                passed.row
            }
            _ => return Ok(Explored { compared, complete: true }),
        };
        // Score its new neighbours.
        batch.clear();
        neighbours.each(row, |neighbour| {
            if visited.is_new(neighbour) {
                batch.push(neighbour);
            }
        })?;
        compared += batch.len();
        if compared > extent.budget {
            return Ok(Explored { compared: compared - batch.len(), complete: false });
        }
        if let Some(next) = best.peek() {
            neighbours.prefetch(next.row)?;
        }
        scores.resize(batch.len(), 0.0);
        codes.gather(query, batch, scores)?;
        let threshold = best.threshold();
        fresh.clear();
        for (&row, &score) in batch.iter().zip(&*scores) {
            if score > threshold {
                let candidate = Candidate { score, row };
                if (extent.accept)(row)? { fresh.push(candidate) } else { passing.push(candidate) }
            }
        }
        best.merge(fresh);
    }
}

/// The parts of a scratch that a search of level 0 uses.
pub(super) struct Parts<'a> {
    pub visited: &'a mut Visited,
    pub best: &'a mut Best,
    pub fresh: &'a mut Vec<Candidate>,
    pub passing: &'a mut BinaryHeap<Candidate>,
    pub batch: &'a mut Vec<u32>,
    pub scores: &'a mut Vec<f32>,
}

impl Scratch {
    /// Returns the parts for a search, and the query made from a stored row.
    pub(super) fn parts(&mut self) -> (Parts<'_>, &mut CodedQuery) {
        let Self { visited, best, fresh, passing, batch, scores, query, .. } = self;
        (Parts { visited, best, fresh, passing, batch, scores }, query)
    }
}
