//! Vectors as they come out of an encoder: one flat buffer.

use serde::{Deserialize, Serialize};

/// `len()` vectors of `dimension` f32 each, row-major: row i belongs to input i.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Embeddings {
    values: Vec<f32>,
    dimension: usize,
}

impl Embeddings {
    /// `count` vectors of zeros, to be filled in.
    pub(crate) fn zeroed(count: usize, dimension: usize) -> Self {
        Self { values: vec![0.0; count * dimension], dimension }
    }

    /// How many vectors.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dimension).unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Elements of each vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// All values, `[len, dimension]`, row-major.
    pub fn as_slice(&self) -> &[f32] {
        &self.values
    }

    /// The buffer itself.
    pub fn into_vec(self) -> Vec<f32> {
        self.values
    }

    /// The vectors in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimension.max(1))
    }

    /// Vector `i`, or none past the end.
    pub fn get(&self, i: usize) -> Option<&[f32]> {
        self.values.chunks_exact(self.dimension.max(1)).nth(i)
    }

    /// Vector `i`, to be written.
    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.values[i * self.dimension..][..self.dimension]
    }
}
