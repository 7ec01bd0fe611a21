//! The upper levels, built by hnsw_rs over about every m-th node.
//!
//! hnsw_rs keeps a graph of shared pointers, looks up visited points in a hash table and compares points one by one. To build the whole
//! graph with hnsw_rs takes four times as long as with the insertion in `build.rs` (20,000 × 384: 19.5 and 4.7 seconds of processor time,
//! with the same codes and kernels). It is quick for the sixteenth of the nodes that have a level above 0. The levels 0, 1, … of hnsw_rs
//! become the levels 1, 2, … of the graph; its level 0 also becomes the beginning of level 0.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use hnsw_rs::prelude::{Distance, Hnsw};

use super::super::codes::{CodedQuery, Codes};
use super::super::stored::{Stored, damaged};
use super::layout::LEVELS;
use crate::error::{Error, Result};

/// The points that are inserted between two checks of `cancel`: about 20 ms.
const POINTS_PER_CHECK: usize = 64;

/// The levels over a sample. Upper nodes are numbered from the highest level down.
pub(super) struct Seed {
    /// The row of each upper node.
    pub rows: Vec<u32>,
    /// For level 1, 2, …: the neighbours of nodes 0, 1, …, as node numbers. Each level has fewer nodes than the one before.
    pub levels: Vec<Vec<Vec<u32>>>,
}

/// The distance between rows: `max_square − a · b`, never negative, as hnsw_rs requires.
struct RowDistance<'a, S> {
    codes: &'a Codes<S>,
    /// The largest `a · a`, so the largest product of two rows.
    max_square: f32,
}

thread_local! {
    // The row on the left of the last distance, as a query.
    static LEFT: RefCell<(u32, CodedQuery)> = RefCell::new((u32::MAX, CodedQuery::default()));
}

impl<S: Stored> Distance<u32> for RowDistance<'_, S> {
    /// A row that cannot be read has the largest distance. Building then ends with an error, because each row is read before.
    fn eval(&self, a: &[u32], b: &[u32]) -> f32 {
        let ([a], [b]) = (a, b) else { return f32::MAX };
        let score = LEFT.with_borrow_mut(|(left, query)| {
            if left != a {
                self.codes.as_query(*a as usize, query)?;
                *left = *a;
            }
            let mut score = [0.0];
            self.codes.gather(query, &[*b], &mut score).map(|()| score[0])
        });
        score.map_or(f32::MAX, |score| (self.max_square - score).max(0.0))
    }
}

/// Builds the levels over `sample`, which is not empty.
///
/// # Errors
/// [`Error::Interrupted`] on `cancel`; [`Error::IndexDamaged`] if a row cannot be read.
pub(super) fn build_seed<S: Stored>(
    codes: &Codes<S>,
    sample: &[u32],
    m: usize,
    ef_construction: usize,
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
) -> Result<Seed> {
    let mut max_square = 0.0f32;
    let (mut query, mut square) = (CodedQuery::default(), [0.0f32]);
    for &row in sample {
        codes.as_query(row as usize, &mut query)?;
        codes.gather(&query, &[row], &mut square)?;
        if !square[0].is_finite() {
            return Err(damaged(format!("row {row} has a scale that is not a number")));
        }
        max_square = max_square.max(square[0]);
    }
    // The threads of the pool remember the last row; in another collection this row has other codes.
    let forget_row = || LEFT.with_borrow_mut(|left| left.0 = u32::MAX);
    let points: Vec<(&[u32], usize)> =
        sample.iter().enumerate().map(|(i, row)| (std::slice::from_ref(row), i)).collect();
    // The destructor of the graph also uses the current pool.
    pool.broadcast(|_| forget_row());
    pool.install(|| {
        let graph = Hnsw::<u32, _>::new(m, points.len(), LEVELS, ef_construction, RowDistance { codes, max_square });
        let (first, others) = points.split_at(1);
        graph.insert_slice(first[0]);
        for chunk in others.chunks(POINTS_PER_CHECK) {
            if cancel.load(Relaxed) {
                return Err(Error::Interrupted);
            }
            graph.parallel_insert_slice(&chunk.to_vec());
        }
        Ok(copy_levels(&graph, sample))
    })
}

/// Copies the levels from hnsw_rs.
fn copy_levels<D: Distance<u32> + Send + Sync>(graph: &Hnsw<'_, u32, D>, sample: &[u32]) -> Seed {
    let indexation = graph.get_point_indexation();
    let mut points = Vec::with_capacity(sample.len());
    for layer in (0..LEVELS).rev() {
        points.extend(indexation.get_layer_iterator(layer).map(|point| (layer, point)));
    }
    let mut numbers = vec![u32::MAX; sample.len()];
    points.iter().enumerate().for_each(|(number, (_, point))| numbers[point.get_origin_id()] = number as u32);
    let top = points.first().map_or(0, |&(layer, _)| layer);
    let mut levels: Vec<Vec<Vec<u32>>> = vec![Vec::new(); top + 1];
    for (own_level, point) in &points {
        // Lists above a point's own level lead upwards and only help insertion.
        for (level, list) in point.get_neighborhood_id().iter().enumerate().take(own_level + 1) {
            let others = list.iter().filter(|other| usize::from(other.p_id.0) >= level);
            levels[level].push(others.map(|other| numbers[other.d_id]).collect());
        }
    }
    Seed { rows: points.iter().map(|(_, point)| sample[point.get_origin_id()]).collect(), levels }
}
