//! Compares a query with short texts by their tokens. Nothing is encoded, so it is fast; it chooses a sentence of a
//! passage about as well as encoding does (docs/benchmarks/passages.md).
//!
//! The score of a text is Σ w(t) · max(0, cos(t, u)), summed over the query's tokens t, with the largest cosine over the text's
//! tokens u. The cosines are those of the model's token embeddings, less the mean of all embeddings that take part: every
//! embedding has a large part in common. w(t) = ln(1 + id): vocabularies begin with frequent tokens.

use std::collections::HashMap;

use super::engine::Encoder;
use crate::error::Result;
use nigh_kernel::dot::dot_rows_f32;
use nigh_kernel::vector::normalise;

/// The most tokens of a query that are compared, and the most bytes that are tokenised for them; what follows is ignored.
const MAX_QUERY_TOKENS: usize = 128;
const MAX_QUERY_BYTES: usize = 8 << 10;

/// The distinct tokens of all texts.
#[derive(Default)]
struct Vocabulary {
    ids: Vec<u32>,
    places: HashMap<u32, usize>,
}

impl Vocabulary {
    /// Returns the places of these tokens in the vocabulary.
    fn add(&mut self, tokens: impl Iterator<Item = u32>) -> Vec<usize> {
        let place = |token: u32| {
            *self.places.entry(token).or_insert_with(|| {
                self.ids.push(token);
                self.ids.len() - 1
            })
        };
        tokens.map(place).collect()
    }
}

impl Encoder {
    /// Scores texts by how well their tokens match those of a query; higher is better, 0 is the least. The scores of one call are
    /// comparable, those of two calls are not. `None` if the backend cannot read token embeddings (ONNX Runtime).
    ///
    /// # Errors
    /// [`Error::Encode`](crate::Error::Encode) for a text that the tokenizer refuses, [`Error::ModelFile`](crate::Error::ModelFile)
    /// for a damaged file.
    #[doc(hidden)]
    pub fn token_scores(&self, query: &str, texts: &[&str]) -> Result<Option<Vec<f32>>> {
        let (tokenizer, dimension) = (&self.inner.tokenizer, self.dimension());
        // 1. The tokens, without special ones.
        let special = tokenizer.encode("")?.ids;
        let mut vocabulary = Vocabulary::default();
        let mut tokens = |text: &str| -> Result<Vec<usize>> {
            let ids = tokenizer.encode(text)?.ids;
            Ok(vocabulary.add(ids.into_iter().filter(|id| !special.contains(id))))
        };
        let mut asked = tokens(&query[..query.floor_char_boundary(MAX_QUERY_BYTES)])?;
        asked.truncate(MAX_QUERY_TOKENS);
        let texts: Vec<Vec<usize>> = texts.iter().map(|text| tokens(text)).collect::<Result<_>>()?;
        // 2. Their embeddings, less the mean, of length 1.
        let mut embeddings = vec![0.0; vocabulary.ids.len() * dimension];
        for (row, &id) in embeddings.chunks_exact_mut(dimension).zip(&vocabulary.ids) {
            if !self.inner.backend.token_embedding(id, row)? {
                return Ok(None);
            }
        }
        self.inner.backend.check_intact()?;
        centre(&mut embeddings, dimension);
        // 3. For each token of the query, its cosine with every token, and the largest one in each text.
        let mut scores = vec![0.0; texts.len()];
        let mut cosines = vec![0.0; vocabulary.ids.len()];
        for &token in &asked {
            let weight = (1.0 + vocabulary.ids[token] as f32).ln();
            dot_rows_f32(self.inner.simd, &embeddings[token * dimension..][..dimension], &embeddings, &mut cosines);
            for (score, text) in scores.iter_mut().zip(&texts) {
                *score += weight * text.iter().map(|&other| cosines[other]).fold(0.0, f32::max);
            }
        }
        Ok(Some(scores))
    }
}

/// Subtracts the mean of all rows from each, and scales each row to length 1.
fn centre(rows: &mut [f32], dimension: usize) {
    let count = (rows.len() / dimension).max(1) as f32;
    let mut mean = vec![0.0; dimension];
    for row in rows.chunks_exact(dimension) {
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / count);
    }
    for row in rows.chunks_exact_mut(dimension) {
        row.iter_mut().zip(&mean).for_each(|(x, mean)| *x -= mean);
        normalise(row);
    }
}
