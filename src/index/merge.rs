//! Which segments are merged, and when.
//!
//! Segments are sorted into classes by their living rows, each class eight times the one below. Eight of a class become one of
//! the next: so their number grows with the logarithm of the collection, and a row is written again once a class. A
//! segment of which much is dead is written again alone, and so is one that deserves a graph and has none.

/// Living rows from which on a graph is faster than a scan; measured, see `cargo bench --bench index`.
pub(crate) const GRAPH_MIN_ROWS: u32 = 8192;
/// How many of a class make one of the next.
const FACTOR: usize = 8;
/// Rows that the lowest class stays below.
const LOWEST: u32 = 64;
/// Merges of no more rows than this are made by the commit that calls for them; larger ones in the background.
pub(crate) const AT_COMMIT: u32 = 4096;
/// A segment is written again when more than this share of its rows is dead.
const MOST_DEAD: f32 = 0.3;

/// What the choice goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) id: u64,
    pub(crate) rows: u32,
    pub(crate) live: u32,
    pub(crate) graph: bool,
}

fn class(live: u32) -> u32 {
    let (mut class, mut below) = (0, u64::from(LOWEST));
    while u64::from(live) >= below {
        (class, below) = (class + 1, below * FACTOR as u64);
    }
    class
}

/// The segments to become one next, the smallest first; none when all is well.
pub(crate) fn plan(segments: &[Candidate]) -> Option<Vec<u64>> {
    let mut by_class: Vec<(u32, &Candidate)> = segments.iter().map(|c| (class(c.live), c)).collect();
    by_class.sort_by_key(|(class, c)| (*class, c.live, c.id));
    for of_class in by_class.chunk_by(|a, b| a.0 == b.0) {
        if of_class.len() >= FACTOR {
            return Some(of_class.iter().map(|(_, c)| c.id).collect());
        }
    }
    let alone = by_class.iter().map(|&(_, c)| c).find(|c| {
        let dead = c.rows.saturating_sub(c.live) as f32 / c.rows.max(1) as f32;
        dead > MOST_DEAD || c.live == 0 || (c.live >= GRAPH_MIN_ROWS && !c.graph)
    });
    alone.map(|c| vec![c.id])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(id: u64, live: u32) -> Candidate {
        Candidate { id, rows: live, live, graph: live >= GRAPH_MIN_ROWS }
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
                while let Some(ids) = plan(&segments) {
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
        let dead = Candidate { id: 1, rows: 100, live: 60, graph: false };
        let large = Candidate { id: 2, rows: GRAPH_MIN_ROWS, live: GRAPH_MIN_ROWS, graph: false };
        assert_eq!(plan(&[dead, candidate(3, 10)]), Some(vec![1]));
        assert_eq!(plan(&[large, candidate(3, 10)]), Some(vec![2]));
        assert_eq!(plan(&[candidate(2, GRAPH_MIN_ROWS), candidate(3, 10)]), None);
        assert_eq!(plan(&[Candidate { id: 4, rows: 0, live: 0, graph: false }]), Some(vec![4]));
    }
}
