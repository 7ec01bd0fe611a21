//! Builds a graph: groups equal rows, lets hnsw_rs build the levels over a sample, inserts all other nodes with many threads, repairs,
//! measures and freezes.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rayon::prelude::*;

use super::super::codes::Codes;
use super::super::stored::{Out, Stored, damaged};
use super::explore::{Extent, descend, explore};
use super::groups::{Groups, find_groups};
use super::layout::{LEVELS, Layout, NONE, ROWS};
use super::lists::{Chooser, Lists};
use super::scratch::{Scratch, Scratches};
use super::seed::{Seed, build_seed};
use super::{GraphParameters, repair, tune};
use crate::error::{Error, Result};
use crate::kernel::Aligned;

/// The lists of level 0 that are written at a time.
const LISTS_PER_WRITE: usize = 1024;

/// Builds a graph over all rows with the threads of `pool`, and passes the bytes of its section to `out`, piece by piece. The threads
/// insert in a different order each time, so each build gives another graph.
///
/// # Errors
/// [`Error::Interrupted`] soon after `cancel` is set; [`Error::IndexDamaged`] if a row cannot be read;
/// [`Error::InvalidInput`] if there are 2³¹ rows or more; errors of `out`.
pub fn build<S: Stored>(
    codes: &Codes<S>,
    parameters: &GraphParameters,
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
    out: &mut Out<'_>,
) -> Result<()> {
    let GraphParameters { m, ef_construction } = parameters.clamped();
    if codes.rows() >= ROWS {
        return Err(Error::InvalidInput { problem: format!("{} rows are too many for one graph", codes.rows()) });
    }
    let groups = find_groups(codes, cancel)?;
    let mut layout = Layout {
        rows: codes.rows(),
        nodes: groups.nodes.len(),
        m,
        ef_construction,
        groups: groups.copies.len(),
        copies: groups.copies.iter().map(|(_, copies)| copies.len()).sum(),
        ..Layout::default()
    };
    let mut upper = Aligned::<u8>::zeroed(layout.level_at(0));
    let lists = Lists::new(codes.rows(), m);
    if !groups.nodes.is_empty() {
        let (sample, others) = take_sample(&groups.nodes, m);
        let seed = build_seed(codes, &sample, m, ef_construction, pool, cancel)?;
        layout.levels = seed.levels.iter().map(Vec::len).collect();
        upper = Aligned::<u8>::zeroed(layout.level_at(0));
        freeze_levels(&layout, &seed, &mut upper);
        start_level_0(&lists, &seed);
        let building =
            Building { codes, layout: &layout, upper: &upper, lists: &lists, scratches: Scratches::default() };
        let (repaired, table) = pool.install(|| {
            building.each(&others, cancel, |row, scratch| building.insert(row, scratch))?;
            building.each(&groups.nodes, cancel, |row, scratch| {
                scratch.chooser(|chooser| lists.cut(codes, row, chooser))
            })?;
            let repaired = repair::repair(&building, &groups.nodes, cancel)?;
            Ok::<_, Error>((repaired, tune::measure(&building, &groups.nodes, cancel)?))
        })?;
        (layout.repaired, layout.table) = (repaired, table);
    }
    upper[..super::layout::HEADER].copy_from_slice(&layout.header());
    out(&upper)?;
    freeze_lists(&layout, &lists, &groups, out)
}

/// Splits the nodes into a sample (one in m, by a hash of the row; never empty) and the others.
fn take_sample(nodes: &[u32], m: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut sample, mut others): (Vec<u32>, Vec<u32>) =
        nodes.iter().partition(|&&row| tune::mix(u64::from(row)).is_multiple_of(m as u64));
    if sample.is_empty() {
        sample.push(others.remove(0));
    }
    (sample, others)
}

/// Starts level 0 with the lists of hnsw_rs.
fn start_level_0(lists: &Lists, seed: &Seed) {
    for (&row, list) in seed.rows.iter().zip(seed.levels.first().into_iter().flatten()) {
        lists.set(row, list.iter().map(|&other| seed.rows[other as usize]));
    }
}

/// The state that all threads share while building.
pub(super) struct Building<'a, S> {
    pub codes: &'a Codes<S>,
    pub layout: &'a Layout,
    /// The bytes of the section before level 0.
    pub upper: &'a Aligned<u8>,
    pub lists: &'a Lists,
    pub scratches: Scratches,
}

impl<S: Stored> Building<'_, S> {
    /// Calls a function with each row, on all threads, until a call fails or `cancel` is set.
    pub fn each(
        &self,
        rows: &[u32],
        cancel: &AtomicBool,
        act: impl Fn(u32, &mut Scratch) -> Result<()> + Sync,
    ) -> Result<()> {
        rows.par_iter().try_for_each(|&row| {
            if cancel.load(Relaxed) {
                return Err(Error::Interrupted);
            }
            self.scratches.with(|scratch| act(row, scratch))
        })
    }

    /// Finds the rows nearest to `scratch.query` and leaves them in `scratch.best`. Returns the number of compared rows.
    pub fn search(&self, ef: usize, skip: Option<u32>, scratch: &mut Scratch) -> Result<usize> {
        let (parts, query) = scratch.parts();
        let Some(entry) = descend(self.upper, self.layout, self.codes, query, parts.batch, parts.scores)? else {
            return Ok(0);
        };
        let accept = |row| Ok(Some(row) != skip);
        let mut extent = Extent { ef, accept, budget: usize::MAX };
        explore(self.codes, query, self.lists, entry, &mut extent, parts).map(|explored| explored.compared)
    }

    /// Inserts a row: finds candidates, chooses neighbours, and adds the row to their lists.
    fn insert(&self, row: u32, scratch: &mut Scratch) -> Result<()> {
        self.codes.as_query(row as usize, &mut scratch.query)?;
        if !scratch.query.scale().is_finite() {
            return Err(damaged(format!("row {row} has a scale that is not a number")));
        }
        self.search(self.layout.ef_construction, Some(row), scratch)?;
        let (best, m) = (std::mem::take(&mut scratch.best), self.layout.m);
        let result = scratch.chooser(|chooser| {
            chooser.ranked.clear();
            chooser.ranked.extend(best.iter());
            let chosen: Vec<u32> = chooser.choose(self.codes, m)?.collect();
            self.lists.set(row, chosen.iter().copied());
            chosen.into_iter().try_for_each(|other| self.lists.add(self.codes, other, row, chooser))
        });
        scratch.best = best;
        result
    }
}

impl Scratch {
    /// Borrows the workspace for choosing neighbours.
    pub(super) fn chooser<T>(&mut self, act: impl FnOnce(&mut Chooser<'_>) -> T) -> T {
        let Self { batch, scores, ranked, chosen, other, .. } = self;
        act(&mut Chooser { offered: batch, scores, ranked, chosen, query: other })
    }
}

/// Writes the upper levels.
fn freeze_levels(layout: &Layout, seed: &Seed, out: &mut [u8]) {
    put_numbers(out, layout.upper_at(), seed.rows.iter().copied());
    for (level, nodes) in (1..).zip(&seed.levels).take(LEVELS) {
        let (offset, width) = (layout.level_at(level), layout.width(level));
        for (node, list) in nodes.iter().enumerate() {
            let padded = list.iter().copied().chain(std::iter::repeat(NONE)).take(width);
            put_numbers(out, offset + node * width * 4, padded);
        }
    }
}

/// Writes level 0 and the groups.
fn freeze_lists(layout: &Layout, lists: &Lists, groups: &Groups, out: &mut Out<'_>) -> Result<()> {
    let width = layout.width(0);
    let mut bytes = vec![0; LISTS_PER_WRITE * width * 4];
    for first in (0..layout.rows).step_by(LISTS_PER_WRITE) {
        let rows = first..layout.rows.min(first + LISTS_PER_WRITE);
        let part = &mut bytes[..rows.len() * width * 4];
        let padded = |row| lists.list(row as u32).take(2 * layout.m).chain(std::iter::repeat(NONE)).take(width);
        put_numbers(part, 0, rows.flat_map(padded));
        out(part)?;
    }
    let mut end = 0;
    let ends = groups.copies.iter().map(|(_, copies)| {
        end += copies.len() as u32;
        end
    });
    let firsts = groups.copies.iter().map(|&(first, _)| first);
    let copies = groups.copies.iter().flat_map(|(_, copies)| copies.iter().copied());
    let mut bytes = vec![0; layout.len() - layout.groups_at()];
    put_numbers(&mut bytes, 0, firsts.chain(ends).chain(copies));
    out(&bytes)
}

/// Writes numbers as little-endian u32, from a byte offset on.
fn put_numbers(out: &mut [u8], offset: usize, numbers: impl Iterator<Item = u32>) {
    for (bytes, number) in out[offset..].as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
        *bytes = number.to_le_bytes();
    }
}
