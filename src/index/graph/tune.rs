//! The ef that a search needs for a recall, measured when the graph is built.
//!
//! The test queries must be as hard to answer as real queries, which differ from the stored vectors. Half of the test queries are the
//! middle of three rows; the other half have a random direction, like queries without relevant rows. Other mixtures were tried (two to
//! six rows, added or subtracted, with or without noise); this one came nearest to the recall of real queries. Rows themselves are far
//! too easy.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rayon::prelude::*;

use super::super::codes::CodedQuery;
use super::super::stored::Stored;
use super::build::Building;
use super::layout::{EFS, KS, RecallTable};
use super::scratch::Scratch;
use crate::error::{Error, Result};
use crate::kernel::codes::BIAS;

/// The number of test queries.
const QUERIES: usize = 256;
/// The values of ef that are measured.
const EF: [u32; EFS] = [16, 32, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 4096];
/// This share of the missing recall (1 - recall) is added to the requested recall, as a margin.
const RECALL_MARGIN: f32 = 0.3;
/// The rows that are scored at a time.
const ROWS_PER_SCAN: usize = 1024;

/// Mixes a number into 64 random-looking bits (SplitMix64's finaliser; Steele, Lea and Flood 2014).
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
    let hits = (0..QUERIES as u64).into_par_iter().map(|i| {
        if cancel.load(Relaxed) {
            return Err(Error::Interrupted);
        }
        building.scratches.with(|scratch| {
            scratch.query = CodedQuery::new(&if i % 2 == 0 {
                random_direction(building, i)
            } else {
                middle_of_rows(building, nodes, i)?
            });
            measure_query(building, &is_node, scratch)
        })
    });
    let measured: Vec<Measured> = hits.collect::<Result<_>>()?;
    let mean = |value: &dyn Fn(&Measured) -> f32| measured.iter().map(value).sum::<f32>() / QUERIES as f32;
    Ok(RecallTable {
        ef: EF,
        compared: std::array::from_fn(|e| mean(&|query| query.compared[e]) as u32),
        recall: std::array::from_fn(|k| std::array::from_fn(|e| mean(&|query| query.recall[k][e]))),
    })
}

/// The measurements of one test query, for each ef.
struct Measured {
    compared: [f32; EFS],
    recall: [[f32; EFS]; KS.len()],
}

/// Returns a random direction: sums of four uniform numbers are close enough to normal ones.
fn random_direction<S: Stored>(building: &Building<'_, S>, seed: u64) -> Vec<f32> {
    let number = |i: u64| (0..4).map(|part| (mix(mix(seed) ^ (4 * i + part)) >> 40) as f32 - 8_388_608.0).sum::<f32>();
    (0..building.codes.dimension() as u64).map(number).collect()
}

/// Returns the middle of three random rows.
fn middle_of_rows<S: Stored>(building: &Building<'_, S>, nodes: &[u32], seed: u64) -> Result<Vec<f32>> {
    let codes = building.codes;
    let mut sum = vec![0.0; codes.dimension()];
    for i in 0..3 {
        let row = nodes[(mix(mix(seed) + i) % nodes.len() as u64) as usize] as usize;
        let scale = codes.scale(row)?;
        sum.iter_mut()
            .zip(codes.row(row)?)
            .for_each(|(sum, &byte)| *sum += (f32::from(byte) - f32::from(BIAS)) * scale);
    }
    Ok(sum)
}

/// Measures the query in the scratch.
fn measure_query<S: Stored>(building: &Building<'_, S>, is_node: &[bool], scratch: &mut Scratch) -> Result<Measured> {
    let mut exact: Vec<f32> = Vec::with_capacity(is_node.len());
    // The exact scores of all nodes; then the best k of them in order, for the largest k.
    let mut scores = [0.0; ROWS_PER_SCAN];
    for first in (0..is_node.len()).step_by(ROWS_PER_SCAN) {
        let last = (first + ROWS_PER_SCAN).min(is_node.len());
        building.codes.scan(&scratch.query, first..last, &mut scores)?;
        exact.extend(is_node[first..last].iter().zip(&scores).filter(|(node, _)| **node).map(|(_, &score)| score));
    }
    let max_k = KS[KS.len() - 1].min(exact.len());
    if max_k < exact.len() {
        exact.select_nth_unstable_by(max_k, |a, b| b.total_cmp(a));
        exact.truncate(max_k);
    }
    exact.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut compared, mut recall) = ([0.0; EFS], [[1.0; EFS]; KS.len()]);
    for (e, &ef) in EF.iter().enumerate() {
        compared[e] = building.search(ef as usize, None, scratch)? as f32;
        for (k, recall) in KS.iter().zip(&mut recall) {
            // A row that scores as high as the k-th counts as one of the k: ties cannot be told apart.
            if let Some(&least) = exact.get(..(*k).min(exact.len())).and_then(<[f32]>::last) {
                let wanted = (*k).min(exact.len());
                let found = scratch.best.iter().take(wanted).filter(|found| found.score >= least).count();
                recall[e] = found as f32 / wanted as f32;
            }
        }
    }
    Ok(Measured { compared, recall })
}

impl RecallTable {
    /// Returns about how many rows a search with this ef compares.
    pub fn compared(&self, ef: usize) -> usize {
        let ef = ef as f32;
        let point = |i: usize| (self.ef[i] as f32, self.compared[i] as f32);
        // Interpolates between two measurements, or extrapolates from the last two.
        let right = (1..EFS - 1).find(|&i| self.ef[i] as f32 >= ef).unwrap_or(EFS - 1);
        let ((from, low), (to, high)) = (point(right - 1), point(right));
        let slope = if to > from { (high - low) / (to - from) } else { 0.0 };
        (low + slope * (ef - from)).max(1.0) as usize
    }

    /// Returns the ef that reaches a recall@k, with a margin; `None` if no measured ef reached it.
    pub fn ef_for(&self, recall: f32, k: usize) -> Option<usize> {
        let wanted = recall + (1.0 - recall) * RECALL_MARGIN;
        // Returns the ef for a measured k, from the recalls measured for this k.
        let ef_for_measured = |recalls: &[f32; EFS], k: usize| {
            let index = recalls.iter().position(|&measured| measured >= wanted)?;
            let (right, ef) = (recalls[index], self.ef[index] as f32);
            let ef = match index.checked_sub(1) {
                // Interpolates: recall grows with the logarithm of ef.
                Some(left) if right > recalls[left] => {
                    let low = self.ef[left] as f32;
                    low * (ef / low).powf((wanted - recalls[left]) / (right - recalls[left]))
                }
                _ => ef,
            };
            Some((ef.ceil() as usize).max(k))
        };
        match KS.iter().position(|&measured| measured >= k) {
            // A k below 10 uses the ef of k = 10. The recall of a smaller k is about the same, and can be measured less exactly.
            Some(0) => ef_for_measured(&self.recall[0], k),
            // Interpolates between two measured k.
            Some(right) => {
                let left = right - 1;
                let low = ef_for_measured(&self.recall[left], KS[left])?;
                let high = ef_for_measured(&self.recall[right], KS[right])?;
                let (from, to) = (KS[left] as f32, KS[right] as f32);
                let ef = low as f32 + (high as f32 - low as f32) * (k as f32 - from) / (to - from);
                Some((ef.ceil() as usize).max(low).max(k))
            }
            // Above the largest measured k, ef grows in proportion to k.
            None => {
                let last = KS.len() - 1;
                let ef = ef_for_measured(&self.recall[last], KS[last])?;
                Some((ef as f32 * k as f32 / KS[last] as f32).ceil() as usize)
            }
        }
    }
}
