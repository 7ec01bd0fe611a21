//! The exact scan: every row that is accepted by its code, then by its kept vector those that may be among the best.
//!
//! A score by codes is within a known distance of the exact one ([`bound`]). If the last of the best documents by codes has the
//! score t, a document of the exact best has a passage whose score by codes is at least t less two such distances: each of
//! as many documents as are wanted has an exact score of t less one distance at the least. So what is rescored
//! contains the exact answer.

use super::accept::Accept;
use super::best::{BestDocuments, Match};
use super::codes::CodedQuery;
use super::search::{Candidate, bound};
use super::segment::Segment;
use super::snapshot::{Place, Snapshot};
use crate::error::{Error, Result};

/// Rows scored at a time: their scores stay in L1.
const CHUNK: usize = 1024;
/// Rows from which on a scan is shared by the machine's threads, two at the least.
const SHARED: usize = 1 << 15;
/// The most threads of one scan: more do not make memory faster.
const MOST_THREADS: usize = 8;

/// What a scan looks for.
pub(super) struct Scan<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// The segments to be scanned, by their place in the snapshot.
    pub(super) segments: &'a [(usize, Accept<'a>)],
    pub(super) query: &'a CodedQuery,
    pub(super) limit: usize,
    pub(super) min_score: f32,
}

/// What one thread found.
struct Part {
    best: BestDocuments,
    candidates: Vec<Candidate>,
}

impl Scan<'_> {
    /// Every row that may belong to the best.
    pub(super) fn run(&self) -> Result<Vec<Candidate>> {
        let total: usize = self.segments.iter().map(|(_, accept)| accept.count() as usize).sum();
        let threads = threads_for(total);
        let parts = if threads < 2 { vec![self.part(0, 1)] } else { self.parts(threads) };
        let mut best = BestDocuments::new(self.limit, f32::NEG_INFINITY);
        let mut candidates = Vec::new();
        for part in parts {
            let part = part?;
            part.best.finish().into_iter().for_each(|m| best.offer(m));
            candidates.push(part.candidates);
        }
        // Fewer documents than wanted: everything may belong to them.
        let last = best.finish().get(self.limit - 1).map_or(f32::NEG_INFINITY, |last| last.score);
        let lowest = last - 2.0 * self.bound();
        Ok(candidates.into_iter().flatten().filter(|candidate| candidate.approximate >= lowest).collect())
    }

    fn parts(&self, threads: usize) -> Vec<Result<Part>> {
        std::thread::scope(|scope| {
            let spawned = |part| scope.spawn(move || self.part(part, threads));
            let handles: Vec<_> = (1..threads).map(spawned).collect();
            let mine = self.part(0, threads);
            let died = |_| Err(Error::Threads { purpose: "searching", problem: "one ended early".to_owned() });
            let others = handles.into_iter().map(|handle| handle.join().unwrap_or_else(died));
            std::iter::once(mine).chain(others).collect()
        })
    }

    /// The `part`th of `parts` shares of each segment.
    fn part(&self, part: usize, parts: usize) -> Result<Part> {
        let best = BestDocuments::new(self.limit, f32::NEG_INFINITY);
        let mut found = Part { best, candidates: Vec::new() };
        let share = |rows: u32, part: usize| rows as usize * part / parts;
        // The same for every row: it folds over all segments.
        let bound = self.bound();
        let mut scores = [0.0f32; CHUNK];
        let mut chosen: Vec<u32> = Vec::with_capacity(CHUNK);
        for (i, accept) in self.segments {
            let segment = &*self.snapshot.segments()[*i].segment;
            // Where few are accepted, only those are compared.
            let dense = accept.count() as usize * 4 >= segment.rows() as usize;
            let (mut from, end) = (share(segment.rows(), part), share(segment.rows(), part + 1));
            while from < end {
                if dense {
                    let to = end.min(from + CHUNK);
                    let scanned = segment.codes().scan(self.query, from..to, &mut scores[..to - from]);
                    scanned.map_err(|error| segment.named(error))?;
                    for (&score, row) in scores.iter().zip(from as u32..to as u32) {
                        if score >= self.lowest(&found.best, bound) && accept.contains(row) {
                            self.keep(&mut found, *i, segment, row, score)?;
                        }
                    }
                    from = to;
                } else {
                    chosen.clear();
                    let rest = (from as u32..end as u32).filter(|&row| accept.contains(row));
                    chosen.extend(rest.take(CHUNK));
                    let scores = &mut scores[..chosen.len()];
                    segment.codes().gather(self.query, &chosen, scores).map_err(|error| segment.named(error))?;
                    for (&score, &row) in scores.iter().zip(&chosen) {
                        if score >= self.lowest(&found.best, bound) {
                            self.keep(&mut found, *i, segment, row, score)?;
                        }
                    }
                    from =
                        if chosen.len() < CHUNK { end } else { chosen.last().map_or(end, |&last| last as usize + 1) };
                }
            }
        }
        Ok(found)
    }

    /// The score by codes below which nothing can belong to the best any more. `bound`: [`Scan::bound`].
    fn lowest(&self, best: &BestDocuments, bound: f32) -> f32 {
        (best.threshold - 2.0 * bound).max(self.min_score - bound)
    }

    fn keep(&self, found: &mut Part, i: usize, segment: &Segment, row: u32, approximate: f32) -> Result<()> {
        found.candidates.push(Candidate { approximate, segment: i, row });
        if approximate >= found.best.threshold {
            let entry = segment.row(row)?;
            let place = Place { segment: i, document: entry.document };
            // Not the document's number, which is not needed yet: any that no other document has.
            let document = (i as u64) << 32 | u64::from(entry.document);
            let passage = entry.passage;
            found.best.offer(Match { score: approximate, document, ordinal: 0, passage, place });
        }
        Ok(())
    }

    /// The widest [`bound`] of the segments.
    fn bound(&self) -> f32 {
        let residual = self.segments.iter().map(|(i, _)| self.snapshot.segments()[*i].segment.residual());
        bound(self.query, residual.fold(0.0, f32::max))
    }
}

/// How many threads share a scan of so many rows.
pub(super) fn threads_for(rows: usize) -> usize {
    if rows < SHARED {
        return 1;
    }
    let machine = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    machine.min(2 * rows / SHARED).max(1)
}
