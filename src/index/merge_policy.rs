//! Which segments are merged, and when.
//!
//! Segments are sorted into classes by their living rows, each class eight times the one below. Eight of a class become one of
//! the next: so their number grows with the logarithm of the collection, and a row is written again once a class. A
//! segment of which much is dead is written again alone, and so is one that deserves a graph and has none.

use super::graph::GRAPH_MIN_ROWS;

/// How many of a class make one of the next.
const FACTOR: usize = 8;
/// Rows that the lowest class stays below.
const LOWEST: u32 = 64;
/// A segment is written again when more than this share of its rows is dead.
const MOST_DEAD: f32 = 0.3;

/// How large things are when they are treated otherwise. Tests have smaller ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MergePolicy {
    /// Living rows from which on there is a graph. [`GRAPH_MIN_ROWS`] by default.
    pub(crate) graph_min_rows: u32,
    /// Merges of no more rows than this are made by the commit that calls for them, without graphs; larger ones in the
    /// background. Less than `graph_min_rows`; 4,096 by default.
    pub(crate) at_commit: u32,
}

impl Default for MergePolicy {
    fn default() -> Self {
        Self { graph_min_rows: GRAPH_MIN_ROWS as u32, at_commit: 4096 }
    }
}

impl MergePolicy {
    /// Graphs from so many living rows on, at least 2.
    pub(crate) fn of_graphs(rows: u32) -> Self {
        let rows = rows.max(2);
        Self { graph_min_rows: rows, at_commit: Self::default().at_commit.min(rows / 2) }
    }
}

/// What the choice goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MergeCandidate {
    pub(crate) id: u64,
    pub(crate) rows: u32,
    pub(crate) live: u32,
    pub(crate) documents: u32,
    /// Some documents have no rows, and live all the same.
    pub(crate) live_documents: u32,
    pub(crate) graph: bool,
}

impl MergeCandidate {
    /// The share of it that is dead, of its rows or its documents, whichever is more.
    fn dead(&self) -> f32 {
        let share = |all: u32, live: u32| all.saturating_sub(live) as f32 / all.max(1) as f32;
        share(self.rows, self.live).max(share(self.documents, self.live_documents))
    }
}

fn class(live: u32) -> u32 {
    let (mut class, mut below) = (0, u64::from(LOWEST));
    while u64::from(live) >= below {
        (class, below) = (class + 1, below * FACTOR as u64);
    }
    class
}

/// The segments to become one next, the smallest first; none when all is well.
pub(crate) fn next_merge(policy: &MergePolicy, segments: &[MergeCandidate]) -> Option<Vec<u64>> {
    let mut by_class: Vec<(u32, &MergeCandidate)> = segments.iter().map(|c| (class(c.live), c)).collect();
    by_class.sort_by_key(|(class, c)| (*class, c.live, c.id));
    for of_class in by_class.chunk_by(|a, b| a.0 == b.0) {
        if of_class.len() >= FACTOR {
            return Some(of_class.iter().map(|(_, c)| c.id).collect());
        }
    }
    let alone = by_class
        .iter()
        .map(|&(_, c)| c)
        .find(|c| c.dead() > MOST_DEAD || c.live_documents == 0 || (c.live >= policy.graph_min_rows && !c.graph));
    alone.map(|c| vec![c.id])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: MergePolicy = MergePolicy { graph_min_rows: 8192, at_commit: 4096 };

    fn candidate(id: u64, live: u32) -> MergeCandidate {
        let graph = live >= POLICY.graph_min_rows;
        MergeCandidate { id, rows: live, live, documents: live, live_documents: live, graph }
    }

    proptest! {
        /// Any run of commits leaves few segments, writes each row few times, and comes to rest.
        #[test]
        fn segments_stay_few_and_rows_are_written_seldom(sizes in prop::collection::vec(1u32..3000, 1..600)) {
            let (mut segments, mut next, mut written, mut total) = (Vec::new(), 0, 0u64, 0u64);
            for size in sizes {
                segments.push(candidate(next, size));
                next += 1;
                total += u64::from(size);
                while let Some(ids) = next_merge(&POLICY, &segments) {
                    let (merged, kept): (Vec<_>, Vec<_>) = segments.into_iter().partition(|c| ids.contains(&c.id));
                    let live = merged.iter().map(|c| c.live).sum();
                    written += u64::from(live);
                    segments = kept;
                    segments.push(candidate(next, live));
                    next += 1;
                }
                let classes = class(u32::try_from(total).unwrap()) as usize + 1;
                prop_assert!(segments.len() <= (FACTOR - 1) * classes, "{} segments", segments.len());
            }
            prop_assert!(written <= total * u64::from(class(u32::try_from(total).unwrap()) + 1), "{written} for {total}");
        }
    }

    #[test]
    fn the_half_dead_and_the_graphless_are_written_again() {
        let large = candidate(2, POLICY.graph_min_rows);
        assert_eq!(
            next_merge(&POLICY, &[MergeCandidate { live: 60, ..candidate(1, 100) }, candidate(3, 10)]),
            Some(vec![1])
        );
        assert_eq!(next_merge(&POLICY, &[MergeCandidate { graph: false, ..large }, candidate(3, 10)]), Some(vec![2]));
        assert_eq!(next_merge(&POLICY, &[large, candidate(3, 10)]), None);
        assert_eq!(next_merge(&POLICY, &[candidate(4, 0)]), Some(vec![4]));
        // Documents without rows stay as they are, and go when they are dead.
        let empty = MergeCandidate { documents: 9, live_documents: 9, ..candidate(5, 0) };
        assert_eq!(next_merge(&POLICY, &[empty]), None);
        assert_eq!(next_merge(&POLICY, &[MergeCandidate { live_documents: 6, ..empty }]), Some(vec![5]));
    }
}
