//! The exact index: every vector, as it is stored, in one flat array in memory.

use std::collections::HashMap;

use crate::document::PassageId;
use crate::error::{Error, Result};
use crate::kernel::Simd;
use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};

/// Which passage a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey {
    /// The passage.
    pub passage: PassageId,
    /// The number of its document.
    pub document: u64,
    /// Its place in the document, from 0.
    pub ordinal: u32,
}

/// A document's best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Cosine similarity, as all vectors have length 1.
    pub score: f32,
    /// The passage.
    pub key: RowKey,
}

/// `[rows, dimension]`, row-major, at the precision they are stored with.
enum Rows {
    F16(Vec<u16>),
    F32(Vec<f32>),
}

/// All vectors of a collection. Rows are in no particular order; equal scores are ranked by document and place.
pub struct FlatIndex {
    dimension: usize,
    rows: Rows,
    keys: Vec<RowKey>,
    places: HashMap<PassageId, usize>,
    simd: Simd,
}

/// Rows scored at a time: their scores stay in L1.
const SCAN_ROWS: usize = 1024;

impl FlatIndex {
    /// An empty index of f16 vectors (2 bytes a number) or f32 (4 bytes).
    pub fn new(dimension: usize, half: bool) -> Self {
        let rows = if half { Rows::F16(Vec::new()) } else { Rows::F32(Vec::new()) };
        Self { dimension, rows, keys: Vec::new(), places: HashMap::new(), simd: Simd::detect() }
    }

    /// How many vectors.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Adds a vector as stored: little-endian f16 or f32.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when its length is not the index's, or its passage is here already.
    pub fn add(&mut self, key: RowKey, bytes: &[u8]) -> Result<()> {
        let width = match self.rows {
            Rows::F16(_) => 2,
            Rows::F32(_) => 4,
        };
        if bytes.len() != self.dimension * width {
            let problem =
                format!("a vector of {} bytes; the collection's have {}", bytes.len(), self.dimension * width);
            return Err(Error::InvalidInput { problem });
        }
        if self.places.insert(key.passage, self.keys.len()).is_some() {
            return Err(Error::InvalidInput { problem: format!("passage {} is in the index twice", key.passage.0) });
        }
        self.keys.push(key);
        match &mut self.rows {
            Rows::F16(rows) => rows.extend(bytes.as_chunks::<2>().0.iter().map(|&b| u16::from_le_bytes(b))),
            Rows::F32(rows) => rows.extend(bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b))),
        }
        Ok(())
    }

    /// Adds a vector of numbers, rounded to the index's precision as the records round them.
    ///
    /// # Errors
    /// As [`FlatIndex::add`].
    pub fn add_values(&mut self, key: RowKey, values: &[f32]) -> Result<()> {
        let bytes: Vec<u8> = match self.rows {
            Rows::F16(_) => values.iter().flat_map(|&x| half::f16::from_f32(x).to_le_bytes()).collect(),
            Rows::F32(_) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        };
        self.add(key, &bytes)
    }

    /// Tells a passage's new place in its document; false when it is not here.
    pub fn replace_key(&mut self, key: RowKey) -> bool {
        match self.places.get(&key.passage) {
            Some(&place) => {
                self.keys[place] = key;
                true
            }
            None => false,
        }
    }

    /// Takes a passage out; false when it is not here. The last row moves into its place.
    pub fn remove(&mut self, passage: PassageId) -> bool {
        let Some(place) = self.places.remove(&passage) else { return false };
        self.keys.swap_remove(place);
        if let Some(moved) = self.keys.get(place) {
            self.places.insert(moved.passage, place);
        }
        match &mut self.rows {
            Rows::F16(rows) => swap_remove_row(rows, place, self.dimension),
            Rows::F32(rows) => swap_remove_row(rows, place, self.dimension),
        }
        true
    }

    /// The `limit` documents whose best passage is closest to `query` (of length 1), best first; `skip` is left out, and
    /// so is what scores less than `min_score`. Every vector is looked at.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the query has another dimension, or a number in it is not finite.
    pub fn search(&self, query: &[f32], limit: usize, skip: Option<u64>, min_score: f32) -> Result<Vec<Match>> {
        if query.len() != self.dimension || query.iter().any(|x| !x.is_finite()) {
            let problem = format!(
                "a query vector of {} numbers; the collection wants {} finite ones",
                query.len(),
                self.dimension
            );
            return Err(Error::InvalidInput { problem });
        }
        let mut best = BestDocuments::new(limit, min_score);
        let mut scores = [0.0f32; SCAN_ROWS];
        for (chunk, keys) in self.keys.chunks(SCAN_ROWS).enumerate() {
            let scores = &mut scores[..keys.len()];
            let range = chunk * SCAN_ROWS * self.dimension..(chunk * SCAN_ROWS + keys.len()) * self.dimension;
            match &self.rows {
                Rows::F16(rows) => dot_rows_f16(self.simd, query, &rows[range], scores),
                Rows::F32(rows) => dot_rows_f32(self.simd, query, &rows[range], scores),
            }
            for (&score, &key) in scores.iter().zip(keys) {
                if score >= best.threshold && Some(key.document) != skip {
                    best.offer(Match { score, key });
                }
            }
        }
        Ok(best.finish())
    }
}

fn swap_remove_row<T: Copy>(rows: &mut Vec<T>, place: usize, dimension: usize) {
    let last = rows.len() - dimension;
    rows.copy_within(last.., place * dimension);
    rows.truncate(last);
}

/// The best match of each of the best documents so far. Holds up to twice as many documents as wanted, and drops the
/// worse half whenever it is full.
struct BestDocuments {
    limit: usize,
    /// What a match must reach to count.
    threshold: f32,
    by_document: HashMap<u64, Match>,
}

impl BestDocuments {
    fn new(limit: usize, min_score: f32) -> Self {
        Self { limit, threshold: min_score, by_document: HashMap::new() }
    }

    fn offer(&mut self, candidate: Match) {
        let held = self.by_document.entry(candidate.key.document).or_insert(candidate);
        if order(&candidate, held).is_lt() {
            *held = candidate;
        }
        if self.by_document.len() > self.limit.saturating_mul(2).max(64) {
            let kept = self.take();
            // The lowest of those kept: nothing below it can be among the best any more.
            self.threshold = kept.last().map_or(f32::INFINITY, |lowest| lowest.score);
            self.by_document.extend(kept.into_iter().map(|m| (m.key.document, m)));
        }
    }

    /// The best, in order; leaves nothing.
    fn take(&mut self) -> Vec<Match> {
        let mut all: Vec<Match> = self.by_document.drain().map(|(_, m)| m).collect();
        all.sort_unstable_by(order);
        all.truncate(self.limit);
        all
    }

    fn finish(mut self) -> Vec<Match> {
        self.take()
    }
}

/// Best first; equal scores by document, then by place. Adding 0 makes −0 and 0 equal, which sums of another order give.
fn order(a: &Match, b: &Match) -> std::cmp::Ordering {
    (b.score + 0.0)
        .total_cmp(&(a.score + 0.0))
        .then((a.key.document, a.key.ordinal).cmp(&(b.key.document, b.key.ordinal)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(passage: u64) -> RowKey {
        RowKey { passage: PassageId(passage), document: passage / 3, ordinal: (passage % 3) as u32 }
    }

    fn bytes(vector: &[f32], half: bool) -> Vec<u8> {
        if half {
            vector.iter().flat_map(|&x| half::f16::from_f32(x).to_bits().to_le_bytes()).collect()
        } else {
            vector.iter().flat_map(|x| x.to_le_bytes()).collect()
        }
    }

    proptest! {
        /// Adds and removals in any order, then a search, against sorting everything.
        #[test]
        fn finds_what_sorting_everything_finds(
            half: bool,
            steps in prop::collection::vec((0u64..400, prop::array::uniform4(-8i8..8)), 0..600),
            query in prop::array::uniform4(-8i8..8),
            limit in 0usize..80,
            skip in prop::option::of(0u64..130),
        ) {
            let mut index = FlatIndex::new(4, half);
            let mut model: HashMap<u64, [f32; 4]> = HashMap::new();
            for (passage, vector) in steps {
                // Small whole numbers: exact in f16, in any order of summing.
                let vector = vector.map(f32::from);
                prop_assert_eq!(index.remove(PassageId(passage)), model.remove(&passage).is_some());
                if vector[0] > -4.0 {
                    index.add(key(passage), &bytes(&vector, half)).unwrap();
                    model.insert(passage, vector);
                }
            }
            let query = query.map(f32::from);
            let mut best: HashMap<u64, Match> = HashMap::new();
            for (&passage, vector) in &model {
                let score = vector.iter().zip(query).map(|(a, b)| a * b).sum();
                let m = Match { score, key: key(passage) };
                if Some(m.key.document) != skip && best.get(&m.key.document).is_none_or(|held| order(&m, held).is_lt()) {
                    best.insert(m.key.document, m);
                }
            }
            let mut expected: Vec<Match> = best.into_values().filter(|m| m.score >= -20.0).collect();
            expected.sort_by(order);
            expected.truncate(limit);
            prop_assert_eq!(index.search(&query, limit, skip, -20.0).unwrap(), expected);
            prop_assert_eq!(index.len(), model.len());
        }
    }

    #[test]
    fn wrong_shapes_are_refused() {
        let mut index = FlatIndex::new(2, true);
        assert!(index.add(key(1), &[0; 3]).is_err());
        index.add(key(1), &[0; 4]).unwrap();
        assert!(index.add(key(1), &[0; 4]).is_err());
        assert!(index.search(&[1.0], 1, None, -1.0).is_err());
        assert!(index.search(&[1.0, f32::NAN], 1, None, -1.0).is_err());
    }
}
