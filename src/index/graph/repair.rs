//! Repairs a graph after building: every node must be reachable, and a search for its vector must find it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use super::super::stored::Stored;
use super::build::Building;
use super::layout::number;
use super::scratch::Scratch;
use crate::error::{Error, Result};

/// The ef of the search by which a node must find itself.
const EF_FIND: usize = 24;
/// The ef of the search for a node with a free place for an edge.
const EF_REPAIR: usize = 64;

/// Adds an edge to each node that the entry does not reach, and to each that does not find itself. Returns the number of edges.
pub(super) fn repair<S: Stored>(building: &Building<'_, S>, nodes: &[u32], cancel: &AtomicBool) -> Result<usize> {
    let repaired = AtomicUsize::new(0);
    building.each(nodes, cancel, |row, scratch| {
        building.codes.as_query(row as usize, &mut scratch.query)?;
        building.search(EF_FIND, None, scratch)?;
        if scratch.best.iter().all(|found| found.row != row) {
            repaired.fetch_add(1, Relaxed);
            add_edge_to(building, row, scratch, |_| true)?;
        }
        Ok(())
    })?;
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
                add_edge_to(building, row, scratch, |other| reached[other as usize])
            })?;
        }
    }
}

/// Adds an edge to a row, which is also the query, from the end of the walk to it: from the nearest node with a free place, otherwise
/// from the nearest one, whose last neighbour it replaces.
fn add_edge_to<S: Stored>(
    building: &Building<'_, S>,
    row: u32,
    scratch: &mut Scratch,
    from: impl Fn(u32) -> bool,
) -> Result<()> {
    building.search(EF_REPAIR, Some(row), scratch)?;
    let lists = building.lists;
    let near = || scratch.best.iter().map(|found| found.row).filter(|&other| from(other));
    let Some(nearest) = near().next() else { return Ok(()) };
    if lists.list(nearest).all(|other| other != row) && !near().any(|other| lists.add_if_free(other, row)) {
        lists.replace_last(nearest, row);
    }
    Ok(())
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
