//! Repairs a graph after building: every node must be reachable, and a search for its vector must find it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use super::super::stored::Stored;
use super::build::Building;
use super::layout::number;
use super::scratch::Scratch;
use crate::error::{Error, Result};
use crate::kernel::sync;

/// The ef of the search by which a node must find itself.
const EF_FIND: usize = 24;
/// The ef of the search for a node with a free slot for an edge.
const EF_REPAIR: usize = 64;
/// The most rounds of searches. A new edge may replace another one, so the nodes concerned are looked for again.
const MAX_ROUNDS: usize = 4;

/// Adds an edge to each node that cannot be reached from the entry, and to each node that a search for its own vector does not find.
/// Returns the number of added edges.
pub(super) fn repair<S: Stored>(building: &Building<'_, S>, nodes: &[u32], cancel: &AtomicBool) -> Result<usize> {
    let repaired = AtomicUsize::new(0);
    let mut suspects = nodes.to_vec();
    for _ in 0..MAX_ROUNDS {
        let next = Mutex::new(Vec::new());
        building.each(&suspects, cancel, |row, scratch| {
            building.codes.as_query(row as usize, &mut scratch.query)?;
            building.search(EF_FIND, None, scratch)?;
            if scratch.best.iter().all(|found| found.row != row) {
                repaired.fetch_add(1, Relaxed);
                let replaced = add_edge_to(building, row, scratch, |_| true)?;
                sync::lock(&next).extend(replaced.into_iter().chain([row]));
            }
            Ok(())
        })?;
        // The new edges, and the nodes that lost one to them.
        suspects = sync::lock(&next).split_off(0);
        if suspects.is_empty() {
            break;
        }
    }
    // Each round reaches at least one more node. Nearly always there is nothing to do.
    loop {
        let reached = find_reached(building)?;
        let unreached: Vec<u32> = nodes.iter().copied().filter(|&row| !reached[row as usize]).collect();
        if unreached.is_empty() {
            return Ok(repaired.into_inner());
        }
        for row in unreached {
            if cancel.load(Relaxed) {
                return Err(Error::Interrupted);
            }
            repaired.fetch_add(1, Relaxed);
            building.scratches.with(|scratch| {
                building.codes.as_query(row as usize, &mut scratch.query)?;
                add_edge_to(building, row, scratch, |other| reached[other as usize]).map(|_| ())
            })?;
        }
    }
}

/// Adds an edge that leads to `row`, which is also the query. The edge starts at the nearest node that `from` accepts and that has a free
/// slot. If no near node has one, it starts at the nearest node and replaces the last neighbour of that node, which is returned.
fn add_edge_to<S: Stored>(
    building: &Building<'_, S>,
    row: u32,
    scratch: &mut Scratch,
    from: impl Fn(u32) -> bool,
) -> Result<Option<u32>> {
    building.search(EF_REPAIR, Some(row), scratch)?;
    let lists = building.lists;
    let near = || scratch.best.iter().map(|found| found.row).filter(|&other| from(other));
    let Some(nearest) = near().next() else { return Ok(None) };
    let is_done = lists.list(nearest).any(|other| other == row) || near().any(|other| lists.add_if_free(other, row));
    Ok(if is_done { None } else { lists.replace_last(nearest, row) })
}

/// Returns for each row whether it can be reached from the entry on level 0.
fn find_reached<S: Stored>(building: &Building<'_, S>) -> Result<Vec<bool>> {
    let mut reached = vec![false; building.lists.rows()];
    // A search may enter at any node of level 1, but not each search at each node: only the top node counts.
    let mut stack = vec![number(building.upper, building.layout.upper_at(), 0)?];
    while let Some(row) = stack.pop() {
        if !std::mem::replace(&mut reached[row as usize], true) {
            stack.extend(building.lists.list(row));
        }
    }
    Ok(reached)
}
