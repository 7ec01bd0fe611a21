//! How wide a search must be for a recall: measured when the graph is built, on queries made of the rows.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::super::codes::CodedQuery;
use super::super::stored::Stored;
use super::build::Building;
use super::layout::{EFS, KS, RecallTable};
use super::scratch::Scratch;
use crate::error::Result;

/// Queries; half of them are rows, which must find others than themselves, half lie between two rows.
const QUERIES: usize = 200;
const EF: [u32; EFS] = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
/// Rows scored at a time.
const SCAN: usize = 1024;

/// A number spread over 64 bits (SplitMix64's finaliser; Steele, Lea and Flood 2014).
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Measures recall@k for every ef of the table.
pub(super) fn measure<S: Stored>(
    building: &Building<'_, S>,
    nodes: &[u32],
    cancel: &AtomicBool,
) -> Result<RecallTable> {
    let mut is_node = vec![false; building.lists.rows()];
    nodes.iter().for_each(|&row| is_node[row as usize] = true);
    let pick = |i: usize| nodes[(mix(i as u64) % nodes.len() as u64) as usize];
    let hits = (0..QUERIES).into_par_iter().map(|i| {
        if cancel.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(crate::error::Error::Interrupted);
        }
        building.scratches.with(|scratch| {
            let (a, b) = (pick(2 * i), pick(2 * i + 1));
            let skip = if i % 2 == 0 {
                building.codes.as_query(a as usize, &mut scratch.query)?;
                Some(a)
            } else {
                scratch.query = between(building, a, b)?;
                None
            };
            one(building, &is_node, skip, scratch)
        })
    });
    let hits: Vec<[[f32; EFS]; KS.len()]> = hits.collect::<Result<_>>()?;
    let mean = |k: usize, e: usize| hits.iter().map(|hit| hit[k][e]).sum::<f32>() / QUERIES as f32;
    Ok(RecallTable { ef: EF, recall: std::array::from_fn(|k| std::array::from_fn(|e| mean(k, e))) })
}

/// The middle of two rows.
fn between<S: Stored>(building: &Building<'_, S>, a: u32, b: u32) -> Result<CodedQuery> {
    let codes = building.codes;
    let (a, b) = (a as usize, b as usize);
    let (x, y) = (codes.scale(a)?, codes.scale(b)?);
    let part = |byte: u8, scale: f32| (f32::from(byte) - 128.0) * scale;
    let sum = codes.row(a)?.iter().zip(codes.row(b)?).map(|(&p, &q)| part(p, x) + part(q, y));
    Ok(CodedQuery::new(&sum.take(codes.dimension()).collect::<Vec<f32>>()))
}

/// Recall of the query in the scratch.
fn one<S: Stored>(
    building: &Building<'_, S>,
    is_node: &[bool],
    skip: Option<u32>,
    scratch: &mut Scratch,
) -> Result<[[f32; EFS]; KS.len()]> {
    let mut exact: Vec<f32> = Vec::with_capacity(is_node.len());
    let mut scores = [0.0; SCAN];
    for first in (0..is_node.len()).step_by(SCAN) {
        let last = (first + SCAN).min(is_node.len());
        building.codes.scan(&scratch.query, first..last, &mut scores)?;
        let kept = |&(row, _): &(usize, &f32)| is_node[row] && Some(row as u32) != skip;
        exact.extend((first..last).zip(&scores).filter(kept).map(|(_, &score)| score));
    }
    let most = KS[KS.len() - 1].min(exact.len());
    if most < exact.len() {
        exact.select_nth_unstable_by(most, |a, b| b.total_cmp(a));
        exact.truncate(most);
    }
    exact.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut recall = [[1.0; EFS]; KS.len()];
    for (e, &ef) in EF.iter().enumerate() {
        building.search(ef as usize, skip, scratch)?;
        for (k, recall) in KS.iter().zip(&mut recall) {
            // Whatever scores as high as the k-th is one of the k; ties cannot be told apart.
            if let Some(&least) = exact.get(..(*k).min(exact.len())).and_then(<[f32]>::last) {
                let wanted = (*k).min(exact.len());
                let found = scratch.best.iter().take(wanted).filter(|found| found.score >= least).count();
                recall[e] = found as f32 / wanted as f32;
            }
        }
    }
    Ok(recall)
}

impl RecallTable {
    /// The ef that reaches a recall@k, with a margin of a quarter of what is missing to 1; none where nothing measured did.
    pub fn ef_for(&self, recall: f32, k: usize) -> Option<usize> {
        let wanted = recall + (1.0 - recall) * 0.25;
        let of = |row: &[f32; EFS], k: usize| {
            let at = row.iter().position(|&measured| measured >= wanted)?;
            let (right, ef) = (row[at], self.ef[at] as f32);
            let ef = match at.checked_sub(1) {
                // Between two that were measured: in proportion.
                Some(left) if right > row[left] => {
                    let low = self.ef[left] as f32;
                    low + (ef - low) * (wanted - row[left]) / (right - row[left])
                }
                _ => ef,
            };
            Some((ef.ceil() as usize).max(k))
        };
        let place = KS.iter().position(|&measured| measured >= k);
        match place {
            Some(0) => of(&self.recall[0], 1),
            Some(at) => {
                let (low, high) = (of(&self.recall[at - 1], KS[at - 1])?, of(&self.recall[at], KS[at])?);
                let (from, to) = (KS[at - 1] as f32, KS[at] as f32);
                let ef = low as f32 + (high as f32 - low as f32) * (k as f32 - from) / (to - from);
                Some((ef.ceil() as usize).max(low).max(k))
            }
            None => {
                let last = KS.len() - 1;
                let ef = of(&self.recall[last], KS[last])?;
                Some((ef as f32 * k as f32 / KS[last] as f32).ceil() as usize)
            }
        }
    }
}
