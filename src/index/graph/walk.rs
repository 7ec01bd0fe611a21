//! Searches a frozen graph.

use super::super::codes::{CodedQuery, Codes};
use super::super::stored::{Stored, damaged};
use super::Graph;
use super::explore::{Explored, Extent, Frozen, descend, explore};
use super::layout::number;
use super::scratch::Scratch;
use crate::error::Result;

/// The result of a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Walk {
    /// Scores by the codes, and rows; the best first. Equal rows follow each other.
    pub candidates: Vec<(f32, u32)>,
    /// The number of rows that the query was compared with.
    pub compared: usize,
    /// False if the budget ended the search; the candidates may then be far from the best.
    pub complete: bool,
}

impl<G: Stored> Graph<G> {
    /// Finds the accepted rows nearest to a query: about `ef` rows, but more if a node has copies, and fewer if fewer rows are accepted.
    /// Walks through rows that are not accepted. Stops as incomplete before it compares more than `budget` rows.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] if graph or codes are damaged; [`crate::Error::InvalidInput`] if the query has another
    /// dimension.
    pub fn search<S: Stored>(
        &self,
        codes: &Codes<S>,
        query: &CodedQuery,
        ef: usize,
        accept: impl Fn(u32) -> bool,
        budget: usize,
        scratch: &mut Scratch,
    ) -> Result<Walk> {
        if codes.rows() != self.layout.rows {
            return Err(damaged(format!("a graph of {} rows for {} rows of codes", self.layout.rows, codes.rows())));
        }
        let (parts, ..) = scratch.parts();
        let Some(entry) = descend(&self.section, &self.layout, codes, query, parts.batch, parts.scores)? else {
            return Ok(Walk { complete: true, ..Walk::default() });
        };
        let has_copies = self.layout.groups > 0;
        let accept_node = |row: u32| -> Result<bool> {
            Ok(accept(row) || has_copies && self.copies(row, |copies| copies.iter().any(|&copy| accept(copy)))?)
        };
        let mut extent = Extent { ef, accept: accept_node, budget };
        let frozen = Frozen::new(&self.section, &self.layout);
        let Explored { compared, complete } = explore(codes, query, &frozen, entry, &mut extent, parts)?;
        let mut candidates = Vec::with_capacity(scratch.best.len());
        for found in scratch.best.iter() {
            if accept(found.row) {
                candidates.push((found.score, found.row));
            }
            if has_copies {
                self.copies(found.row, |copies| {
                    candidates.extend(copies.iter().filter(|&&copy| accept(copy)).map(|&copy| (found.score, copy)));
                })?;
            }
        }
        Ok(Walk { candidates, compared, complete })
    }

    /// Calls `act` with the copies of a row.
    fn copies<T>(&self, row: u32, act: impl FnOnce(&[u32]) -> T) -> Result<T> {
        // Find the group by a binary search of its first row.
        let (layout, groups_at) = (&self.layout, self.layout.groups_at());
        let (mut low, mut high) = (0, layout.groups);
        while low < high {
            let middle = low + (high - low) / 2;
            if number(&self.section, groups_at, middle)? < row { low = middle + 1 } else { high = middle }
        }
        if low == layout.groups || number(&self.section, groups_at, low)? != row {
            return Ok(act(&[]));
        }
        // Read the rows of its copies.
        let end = |group: usize| number(&self.section, groups_at, layout.groups + group).map(|end| end as usize);
        let (start, end) = (if low == 0 { 0 } else { end(low - 1)? }, end(low)?);
        if start > end || end > layout.copies {
            return Err(damaged(format!("the copies of row {row} are {start}..{end} of {}", layout.copies)));
        }
        let copies = (start..end).map(|i| {
            let copy = number(&self.section, layout.copies_at(), i)?;
            let exists = (copy as usize) < layout.rows;
            if exists { Ok(copy) } else { Err(damaged(format!("row {row} has a copy {copy}, which does not exist"))) }
        });
        Ok(act(&copies.collect::<Result<Vec<u32>>>()?))
    }
}
