//! [`Embeddings`]: the vectors that an encoder returns, in one flat buffer.

/// `[len, dimension]` f32 values, row-major: row i is the vector of input i.
///
/// ```no_run
/// let encoder = nigh_encoder::Encoder::load("/models/all-MiniLM-L6-v2")?;
/// let vectors = encoder.encode(&["a small dog", "a puppy"])?;
/// let [dog, puppy] = [0, 1].map(|i| vectors.get(i).unwrap_or_default());
/// let cosine: f32 = dog.iter().zip(puppy).map(|(a, b)| a * b).sum(); // both have length 1
/// # Ok::<(), nigh_encoder::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Embeddings {
    values: Vec<f32>,
    dimension: usize,
}

impl Embeddings {
    /// Creates `count` vectors of zeros, to be overwritten.
    pub(crate) fn zeroed(count: usize, dimension: usize) -> Self {
        Self { values: vec![0.0; count * dimension], dimension }
    }

    /// Returns the number of vectors.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dimension).unwrap_or(0)
    }

    /// True if there are no vectors.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the number of values in each vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns all values, `[len, dimension]`, row-major.
    pub fn as_slice(&self) -> &[f32] {
        &self.values
    }

    /// Returns the buffer: all values, `[len, dimension]`, row-major.
    pub fn into_vec(self) -> Vec<f32> {
        self.values
    }

    /// Returns the vectors in order, each `[dimension]`.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimension.max(1))
    }

    /// Returns vector `i`, `[dimension]`; `None` past the end.
    pub fn get(&self, i: usize) -> Option<&[f32]> {
        self.values.chunks_exact(self.dimension.max(1)).nth(i)
    }

    /// Returns vector `i`, to be written.
    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.values[i * self.dimension..][..self.dimension]
    }
}
