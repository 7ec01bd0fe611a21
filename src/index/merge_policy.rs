//! Decides which segments to merge, and when.
//!
//! Segments are sorted into size classes by their rows that are not deleted; each class is eight times as large as the one below.
//! Eight segments of a class are merged into one of the next. So the number of segments grows with the logarithm of the collection,
//! and a row is written once for each class. A segment is rewritten alone if many of its rows are deleted, or if it is large enough
//! for a graph and has none.

use super::graph::GRAPH_MIN_ROWS;

/// The number of segments of a class that are merged into one of the next.
const FACTOR: usize = 8;
/// The upper limit of rows in the lowest class.
const LOWEST_CLASS_ROWS: u32 = 64;
/// A segment is rewritten if more than this share of its rows is deleted.
const MAX_DEAD_SHARE: f32 = 0.3;

/// The sizes that decide about graphs and merges. Tests use smaller ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MergePolicy {
    /// The fewest rows that are not deleted of a segment with a graph. [`GRAPH_MIN_ROWS`] by default.
    pub(crate) graph_min_rows: u32,
    /// The most rows that a commit itself merges, without graphs; larger merges run in the background. Less than `graph_min_rows`; 4,096
    /// by default.
    pub(crate) commit_max_rows: u32,
}

impl Default for MergePolicy {
    fn default() -> Self {
        Self { graph_min_rows: GRAPH_MIN_ROWS as u32, commit_max_rows: 4096 }
    }
}

impl MergePolicy {
    /// Returns a policy with graphs in segments of at least `rows` rows, which is at least 2.
    pub(crate) fn of_graphs(rows: u32) -> Self {
        let rows = rows.max(2);
        Self { graph_min_rows: rows, commit_max_rows: Self::default().commit_max_rows.min(rows / 2) }
    }
}

/// The properties of a segment that the policy uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MergeCandidate {
    pub(crate) id: u64,
    pub(crate) rows: u32,
    /// Rows that are not deleted.
    pub(crate) live: u32,
    pub(crate) documents: u32,
    /// Documents that are not deleted. Some documents have no rows.
    pub(crate) live_documents: u32,
    pub(crate) has_graph: bool,
}

impl MergeCandidate {
    /// Returns the deleted share of the rows or of the documents; the larger of both.
    fn dead_share(&self) -> f32 {
        let dead_share = |total: u32, live: u32| total.saturating_sub(live) as f32 / total.max(1) as f32;
        dead_share(self.rows, self.live).max(dead_share(self.documents, self.live_documents))
    }
}

/// Returns the size class of a segment with `live` rows.
fn class(live: u32) -> u32 {
    let (mut class, mut limit) = (0, u64::from(LOWEST_CLASS_ROWS));
    while u64::from(live) >= limit {
        (class, limit) = (class + 1, limit * FACTOR as u64);
    }
    class
}

/// Returns the segments to merge next, the smallest first; `None` if there is nothing to merge.
pub(crate) fn next_merge(policy: &MergePolicy, segments: &[MergeCandidate]) -> Option<Vec<u64>> {
    let mut by_class: Vec<(u32, &MergeCandidate)> = segments.iter().map(|c| (class(c.live), c)).collect();
    by_class.sort_by_key(|(class, c)| (*class, c.live, c.id));
    for candidates in by_class.chunk_by(|a, b| a.0 == b.0) {
        if candidates.len() >= FACTOR {
            return Some(candidates.iter().map(|(_, c)| c.id).collect());
        }
    }
    let needs_rewrite = |c: &&MergeCandidate| {
        let needs_graph = c.live >= policy.graph_min_rows && !c.has_graph;
        c.dead_share() > MAX_DEAD_SHARE || c.live_documents == 0 || needs_graph
    };
    by_class.iter().map(|&(_, c)| c).find(needs_rewrite).map(|c| vec![c.id])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: MergePolicy = MergePolicy { graph_min_rows: 8192, commit_max_rows: 4096 };

    fn candidate(id: u64, live: u32) -> MergeCandidate {
        let has_graph = live >= POLICY.graph_min_rows;
        MergeCandidate { id, rows: live, live, documents: live, live_documents: live, has_graph }
    }

    proptest! {
        /// Any sequence of commits leaves few segments, writes each row few times, and ends with nothing to merge.
        #[test]
        fn merge_policy_keeps_few_segments_and_seldom_rewrites_rows(sizes in prop::collection::vec(1u32..3000, 1..600)) {
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
    fn merge_policy_rewrites_segments_with_many_deletions_or_without_a_graph() {
        let large = candidate(2, POLICY.graph_min_rows);
        assert_eq!(
            next_merge(&POLICY, &[MergeCandidate { live: 60, ..candidate(1, 100) }, candidate(3, 10)]),
            Some(vec![1])
        );
        assert_eq!(
            next_merge(&POLICY, &[MergeCandidate { has_graph: false, ..large }, candidate(3, 10)]),
            Some(vec![2])
        );
        assert_eq!(next_merge(&POLICY, &[large, candidate(3, 10)]), None);
        assert_eq!(next_merge(&POLICY, &[candidate(4, 0)]), Some(vec![4]));
        // Documents without rows cause no merge, but deleted documents do.
        let empty = MergeCandidate { documents: 9, live_documents: 9, ..candidate(5, 0) };
        assert_eq!(next_merge(&POLICY, &[empty]), None);
        assert_eq!(next_merge(&POLICY, &[MergeCandidate { live_documents: 6, ..empty }]), Some(vec![5]));
    }
}
