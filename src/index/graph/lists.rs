//! The lists of level 0 while many threads build them.
//!
//! A list may grow to 3m before it is cut to 2m. To cut is expensive; so it happens once in m additions instead of at each one.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};

use super::super::codes::{CodedQuery, Codes};
use super::super::stored::Stored;
use super::explore::Neighbours;
use super::layout::NONE;
use super::scratch::Candidate;
use crate::error::Result;
use crate::kernel::codes::prefetch;
use crate::kernel::sync;

/// A cache line of a list.
#[repr(align(64))]
struct Line([AtomicU32; 16]);

/// The neighbours of every row; each list ends at its first [`NONE`]. Lists are changed under their lock and read without it: a reader
/// may see old and new neighbours together, but each is a valid row.
pub(super) struct Lists {
    lines: Vec<Line>,
    locks: Vec<Mutex<()>>,
    /// The number of cache lines of a list.
    lines_per_list: usize,
    m: usize,
}

impl Lists {
    pub fn new(rows: usize, m: usize) -> Self {
        let lines_per_list = (3 * m).div_ceil(16);
        let line = || Line(std::array::from_fn(|_| AtomicU32::new(NONE)));
        let lines = std::iter::repeat_with(line).take(rows * lines_per_list).collect();
        Self { lines, locks: std::iter::repeat_with(Mutex::default).take(rows).collect(), lines_per_list, m }
    }

    pub fn rows(&self) -> usize {
        self.locks.len()
    }

    fn lines(&self, row: u32) -> &[Line] {
        let first = row as usize * self.lines_per_list;
        &self.lines[first..first + self.lines_per_list]
    }

    fn slots(&self, row: u32) -> impl Iterator<Item = &AtomicU32> {
        self.lines(row).iter().flat_map(|line| &line.0)
    }

    /// Returns a row's neighbours.
    pub fn list(&self, row: u32) -> impl Iterator<Item = u32> {
        self.slots(row).map(|slot| slot.load(Relaxed)).take_while(|&neighbour| neighbour != NONE)
    }

    fn lock(&self, row: u32) -> MutexGuard<'_, ()> {
        sync::lock(&self.locks[row as usize])
    }

    /// Sets the neighbours of a row, up to the length of the list.
    pub fn set(&self, row: u32, neighbours: impl IntoIterator<Item = u32>) {
        let guard = self.lock(row);
        self.write(row, neighbours);
        drop(guard);
    }

    fn write(&self, row: u32, neighbours: impl IntoIterator<Item = u32>) {
        let padded = neighbours.into_iter().chain(std::iter::repeat(NONE));
        self.slots(row).zip(padded).for_each(|(slot, neighbour)| slot.store(neighbour, Relaxed));
    }

    /// Adds a neighbour, and cuts the list if it is full.
    pub fn add<S: Stored>(&self, codes: &Codes<S>, row: u32, neighbour: u32, chooser: &mut Chooser<'_>) -> Result<()> {
        let guard = self.lock(row);
        if self.list(row).any(|held| held == neighbour) {
            return Ok(());
        }
        match self.slots(row).find(|slot| slot.load(Relaxed) == NONE) {
            Some(free) => free.store(neighbour, Relaxed),
            None => {
                chooser.offered.clear();
                chooser.offered.extend(self.list(row).chain([neighbour]));
                self.write(row, chooser.choose_for(codes, row, 2 * self.m)?);
            }
        }
        drop(guard);
        Ok(())
    }

    /// Adds a neighbour to a list that was cut to 2m, if the list has a free slot. Returns true if it has.
    pub fn add_if_free(&self, row: u32, neighbour: u32) -> bool {
        let guard = self.lock(row);
        let free = self.slots(row).take(2 * self.m).find(|slot| slot.load(Relaxed) == NONE);
        let is_added = free.is_some();
        if let Some(free) = free {
            free.store(neighbour, Relaxed);
        }
        drop(guard);
        is_added
    }

    /// Replaces the last neighbour of a full list, and returns it.
    pub fn replace_last(&self, row: u32, neighbour: u32) -> Option<u32> {
        let guard = self.lock(row);
        let last = self.slots(row).nth(2 * self.m - 1).map(|last| last.swap(neighbour, Relaxed));
        drop(guard);
        last.filter(|&replaced| replaced != NONE)
    }

    /// Cuts a list to 2m if it is longer.
    pub fn cut<S: Stored>(&self, codes: &Codes<S>, row: u32, chooser: &mut Chooser<'_>) -> Result<()> {
        let guard = self.lock(row);
        chooser.offered.clear();
        chooser.offered.extend(self.list(row));
        if chooser.offered.len() > 2 * self.m {
            self.write(row, chooser.choose_for(codes, row, 2 * self.m)?);
        }
        drop(guard);
        Ok(())
    }
}

impl Neighbours for Lists {
    #[inline]
    fn each(&self, row: u32, mut visit: impl FnMut(u32)) -> Result<()> {
        for slot in self.lines(row).iter().flat_map(|line| &line.0) {
            let neighbour = slot.load(Relaxed);
            if neighbour == NONE {
                break;
            }
            visit(neighbour);
        }
        Ok(())
    }

    #[inline]
    fn prefetch(&self, row: u32) -> Result<()> {
        self.lines(row).iter().for_each(prefetch);
        Ok(())
    }
}

/// Chooses neighbours of a node from candidates, the nearest first. Leaves out a candidate that is nearer to a chosen neighbour than to
/// the node (Malkov and Yashunin, algorithm 4).
pub(super) struct Chooser<'a> {
    pub offered: &'a mut Vec<u32>,
    pub scores: &'a mut Vec<f32>,
    pub ranked: &'a mut Vec<Candidate>,
    pub chosen: &'a mut Vec<u32>,
    pub query: &'a mut CodedQuery,
}

impl Chooser<'_> {
    /// Chooses up to `limit` of the candidates of a row.
    fn choose_for<S: Stored>(
        &mut self,
        codes: &Codes<S>,
        row: u32,
        limit: usize,
    ) -> Result<impl Iterator<Item = u32> + '_> {
        codes.as_query(row as usize, self.query)?;
        self.scores.resize(self.offered.len(), 0.0);
        codes.gather(self.query, self.offered, self.scores)?;
        self.ranked.clear();
        let ranked = self.offered.iter().zip(&*self.scores).map(|(&row, &score)| Candidate { score, row });
        self.ranked.extend(ranked);
        self.ranked.sort_unstable_by(|a, b| b.cmp(a));
        self.choose(codes, limit)
    }

    /// Chooses up to `limit` of the ranked candidates, best first.
    pub fn choose<S: Stored>(&mut self, codes: &Codes<S>, limit: usize) -> Result<impl Iterator<Item = u32> + '_> {
        self.chosen.clear();
        let mut scores = [0.0f32; 4];
        for candidate in &*self.ranked {
            if self.chosen.len() == limit {
                break;
            }
            codes.as_query(candidate.row as usize, self.query)?;
            let mut keep = true;
            for chosen in self.chosen.chunks(4) {
                let scores = &mut scores[..chosen.len()];
                codes.gather(self.query, chosen, scores)?;
                if scores.iter().any(|&score| score > candidate.score) {
                    keep = false;
                    break;
                }
            }
            if keep {
                self.chosen.push(candidate.row);
            }
        }
        Ok(self.chosen.iter().copied())
    }
}
