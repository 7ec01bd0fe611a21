//! After building: every node must be reachable, and found by its own vector.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use super::super::stored::Stored;
use super::build::Building;
use super::layout::number;
use super::scratch::Scratch;
use crate::error::{Error, Result};

/// Candidates of the walk by which a node must find itself.
const EF: usize = 24;
/// Candidates among which a free place for an edge is looked for.
const EF_REPAIR: usize = 64;

/// Adds an edge to each node that the entry does not reach, and to each that does not find itself. How many edges.
pub(super) fn repair<S: Stored>(building: &Building<'_, S>, nodes: &[u32], cancel: &AtomicBool) -> Result<usize> {
    let repaired = AtomicUsize::new(0);
    building.each(nodes, cancel, |row, scratch| {
        building.codes.as_query(row as usize, &mut scratch.query)?;
        building.search(EF, None, scratch)?;
        if scratch.best.iter().all(|found| found.row != row) {
            repaired.fetch_add(1, Relaxed);
            lead(building, row, scratch, |_| true)?;
        }
        Ok(())
    })?;
    // Each round reaches at least one more node; nearly always there is nothing to do.
    loop {
        let reached = reached(building)?;
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
                lead(building, row, scratch, |other| reached[other as usize])
            })?;
        }
    }
}

/// Adds an edge to a row, which is the query, from where the walk to it ends: the nearest node with a free place, or else
/// the nearest, in the place of its last neighbour.
fn lead<S: Stored>(
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

/// Which rows can be reached from the entry on level 0.
fn reached<S: Stored>(building: &Building<'_, S>) -> Result<Vec<bool>> {
    let mut reached = vec![false; building.lists.rows()];
    // A search may begin at any node of level 1, but not every search at each: count only the top.
    let mut stack = vec![number(building.upper, building.layout.upper_at(), 0)?];
    while let Some(row) = stack.pop() {
        if !std::mem::replace(&mut reached[row as usize], true) {
            stack.extend(building.lists.list(row));
        }
    }
    Ok(reached)
}
