//! The workspace of a search, which is kept for the next search.

use std::collections::BinaryHeap;
use std::sync::Mutex;

use crate::kernel::sync;

use super::super::codes::CodedQuery;

/// The memory of searches: one byte for each row, and a few lists. A search that reuses it allocates nothing.
#[derive(Default)]
pub struct Scratch {
    pub(super) visited: Visited,
    pub(super) best: Best,
    /// The kept neighbours of an expanded node.
    pub(super) fresh: Vec<Candidate>,
    /// Nodes that the search may walk through but not return.
    pub(super) passing: BinaryHeap<Candidate>,
    /// The rows to compare next.
    pub(super) batch: Vec<u32>,
    /// The scores of `batch`.
    pub(super) scores: Vec<f32>,
    /// A stored row as the query, while building.
    pub(super) query: CodedQuery,
    /// For the choice of neighbours: a candidate as the query.
    pub(super) other: CodedQuery,
    /// For the choice of neighbours: the candidates, best first.
    pub(super) ranked: Vec<Candidate>,
    /// For the choice of neighbours: the chosen rows.
    pub(super) chosen: Vec<u32>,
}

/// The rows that this search has visited.
#[derive(Default)]
pub(super) struct Visited {
    /// `[rows]`: the number of the last search that visited the row.
    last_search: Vec<u8>,
    /// The number of this search, from 1.
    search: u8,
}

impl Visited {
    /// Clears it for a new search. The array is written only every 255th time, when the numbers start again.
    pub fn begin(&mut self, rows: usize) {
        self.search = self.search.wrapping_add(1);
        if self.last_search.len() != rows || self.search == 0 {
            self.last_search.clear();
            self.last_search.resize(rows, 0);
            self.search = 1;
        }
    }

    /// Marks a row as visited. Returns true for a new row; false for a row outside the graph.
    #[inline]
    pub fn is_new(&mut self, row: u32) -> bool {
        match self.last_search.get_mut(row as usize) {
            Some(last) => std::mem::replace(last, self.search) != self.search,
            None => false,
        }
    }
}

/// A row and its score. Ordered by score; of two with the same score, the one with the lower row is greater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub score: f32,
    pub row: u32,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(other.row.cmp(&self.row))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The best candidates so far, in order, with a mark for those that are expanded.
#[derive(Default)]
pub(super) struct Best {
    /// The best first. The highest bit of a row marks it as expanded.
    entries: Vec<Candidate>,
    limit: usize,
    /// All entries before this index are expanded.
    next: usize,
}

/// The bit of a row that marks it as expanded. Rows are below [`super::layout::ROWS`].
const EXPANDED: u32 = 1 << 31;

impl Best {
    /// Clears it. From now on it keeps the best `limit`, at least 1.
    pub fn begin(&mut self, limit: usize) {
        self.entries.clear();
        self.limit = limit.max(1);
        self.next = 0;
    }

    /// Returns the score that a candidate must exceed to be kept.
    #[inline]
    pub fn threshold(&self) -> f32 {
        match self.entries.last() {
            Some(worst) if self.entries.len() >= self.limit => worst.score,
            _ => f32::NEG_INFINITY,
        }
    }

    /// Inserts candidates that exceed the threshold, and drops those beyond the limit. Each entry moves only once, even if several
    /// candidates are inserted before it.
    #[inline]
    pub fn merge(&mut self, candidates: &mut [Candidate]) {
        // From the worst candidate to the best: move the entries that are worse, then insert the candidate before them. `end`: one past the
        // last entry that has not moved; `better`: the number of candidates that come before this one.
        candidates.sort_unstable_by(|a, b| b.cmp(a));
        let mut end = self.entries.len();
        self.entries.resize(end + candidates.len(), Candidate { score: 0.0, row: 0 });
        for (better, &candidate) in candidates.iter().enumerate().rev() {
            let index = self.entries[..end].partition_point(|entry| entry.score >= candidate.score);
            self.entries.copy_within(index..end, index + better + 1);
            self.entries[index + better] = candidate;
            end = index;
        }
        if !candidates.is_empty() {
            self.next = self.next.min(end);
        }
        self.entries.truncate(self.limit);
    }

    /// Returns the best candidate that is not expanded.
    #[inline]
    pub fn peek(&mut self) -> Option<Candidate> {
        while self.entries.get(self.next)?.row & EXPANDED != 0 {
            self.next += 1;
        }
        self.entries.get(self.next).copied()
    }

    /// Marks the candidate of [`Best::peek`] as expanded.
    #[inline]
    pub fn take(&mut self) {
        if let Some(entry) = self.entries.get_mut(self.next) {
            entry.row |= EXPANDED;
            self.next += 1;
        }
    }

    /// Returns the number of candidates.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns all candidates, the best first.
    pub fn iter(&self) -> impl Iterator<Item = Candidate> + '_ {
        self.entries.iter().map(|entry| Candidate { row: entry.row & !EXPANDED, ..*entry })
    }
}

/// Scratches for many threads.
#[derive(Default)]
pub(super) struct Scratches(Mutex<Vec<Scratch>>);

impl Scratches {
    /// Runs `act` with a scratch that no other thread uses.
    pub fn with<T>(&self, act: impl FnOnce(&mut Scratch) -> T) -> T {
        let lock = || sync::lock(&self.0);
        let mut scratch = lock().pop().unwrap_or_default();
        let result = act(&mut scratch);
        lock().push(scratch);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn best_is_ordered_and_expands_each_once(scores in prop::collection::vec(0u8..50, 0..200), limit in 1usize..20, every in 1usize..9) {
            let mut best = Best::default();
            best.begin(limit);
            let (mut expanded, mut fresh) = (Vec::new(), Vec::new());
            for (row, &score) in scores.iter().enumerate() {
                let candidate = Candidate { score: f32::from(score), row: row as u32 };
                fresh.extend((candidate.score > best.threshold()).then_some(candidate));
                if row % every == 0 {
                    best.merge(&mut fresh);
                    fresh.clear();
                }
                if row % 3 == 0 && let Some(next) = best.peek() {
                    expanded.push(next.row);
                    best.take();
                }
            }
            best.merge(&mut fresh);
            let mut expected: Vec<f32> = scores.iter().map(|&s| f32::from(s)).collect();
            expected.sort_by(|a, b| b.total_cmp(a));
            expected.truncate(limit);
            prop_assert_eq!(best.iter().map(|c| c.score).collect::<Vec<_>>(), expected);
            prop_assert_eq!(best.len(), scores.len().min(limit));
            let count = expanded.len();
            expanded.sort_unstable();
            expanded.dedup();
            prop_assert_eq!(expanded.len(), count);
        }
    }

    #[test]
    fn visited_rows_are_cleared_for_the_next_search() {
        let mut visited = Visited::default();
        for _ in 0..600 {
            visited.begin(3);
            assert!(visited.is_new(2) && !visited.is_new(2) && !visited.is_new(3));
        }
    }
}
