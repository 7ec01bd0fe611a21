//! How a model's cosines lie before any collection is looked at: texts about everything, encoded once and kept with the model.
//!
//! `texts.txt` has a text a line, half English and half Chinese, as varied in subject and style as can be. What a model makes
//! of them is kept beside it in a file of `encoder/packed/` that is named by the model's fingerprint, and says of itself
//! which texts it is of. Absent, of other texts or damaged, it is made again; where the directory cannot be written, it is
//! kept in memory.
//!
//! | section | |
//! |---|---|
//! | vectors | `[texts, dimension]`, f16, little-endian, row-major, each of length 1 |
//! | pairs | mean and standard deviation of the cosines of all pairs, f32, little-endian |
//!
//! Texts that the model's vocabulary mostly does not know are left out.

use std::io::{self, Seek, Write};
use std::sync::Arc;

use half::f16;

use super::engine::Encoder;
use super::options::TextKind;
use super::packed::{PackedFile, PackedWriter, write_file};
use super::pooling::normalise;
use crate::error::Result;
use crate::kernel::Simd;
use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};

const TEXTS: &str = include_str!("texts.txt");
/// Bumped when the same texts would be kept in another way.
const SCHEME: &str = "background-1";
const VECTORS: &str = "vectors";
const PAIRS: &str = "pairs";
/// Hexadecimal digits of the fingerprint in the file's name; the whole is in the file.
const DIGITS: usize = 12;
/// Below this share of a text's letters the model knows too little of it.
const KNOWN: f32 = 0.6;

/// A model's vectors of texts about everything.
#[derive(Debug, PartialEq)]
pub(crate) struct Background {
    /// `[texts, dimension]`, the bits of f16, row-major.
    vectors: Vec<u16>,
    dimension: usize,
    pairs: (f32, f32),
}

impl Background {
    /// The cosines of a vector of length 1 with all texts; none for one of another dimension.
    pub(crate) fn cosines(&self, query: &[f32]) -> Vec<f32> {
        if query.len() != self.dimension || self.dimension == 0 {
            return Vec::new();
        }
        let mut cosines = vec![0.0; self.vectors.len() / self.dimension];
        dot_rows_f16(Simd::detect(), query, &self.vectors, &mut cosines);
        cosines
    }

    /// Mean and standard deviation of the cosines of the texts with each other.
    pub(crate) fn pairs(&self) -> (f32, f32) {
        self.pairs
    }

    /// What an encoder makes of the texts that it knows.
    fn encoded(encoder: &Encoder) -> Result<Self> {
        let texts: Vec<&str> = TEXTS.lines().filter(|text| encoder.known_share(text) >= KNOWN).collect();
        let mut vectors = encoder.encode_as(TextKind::Passage, &texts)?;
        (0..texts.len()).for_each(|i| normalise(vectors.row_mut(i)));
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0_f64);
        let mut cosines = vec![0.0; texts.len()];
        for (i, vector) in vectors.iter().enumerate() {
            let before = vectors.as_slice().get(..i * vectors.dimension()).unwrap_or_default();
            let cosines = cosines.get_mut(..i).unwrap_or_default();
            dot_rows_f32(Simd::detect(), vector, before, cosines);
            for cosine in cosines.iter().map(|&cosine| f64::from(cosine)) {
                (sum, squares, count) = (sum + cosine, squares + cosine * cosine, count + 1.0);
            }
        }
        let mean = sum / count.max(1.0);
        let deviation = (squares / count.max(1.0) - mean * mean).max(0.0).sqrt();
        Ok(Self {
            dimension: vectors.dimension(),
            vectors: vectors.into_vec().into_iter().map(|x| f16::from_f32(x).to_bits()).collect(),
            pairs: (mean as f32, deviation as f32),
        })
    }

    fn write<W: Write + Seek>(&self, writer: &mut PackedWriter<W>) -> io::Result<()> {
        let vectors: Vec<u8> = self.vectors.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        writer.section(VECTORS, &vectors)?;
        writer.section(PAIRS, [self.pairs.0.to_le_bytes(), self.pairs.1.to_le_bytes()].as_flattened())
    }

    /// What a file holds, if it is what `about` says and not damaged.
    fn read(path: &std::path::Path, about: &str, dimension: usize) -> Option<Self> {
        let file = PackedFile::open(path).ok().filter(|file| file.about() == about)?;
        let (vectors, pairs) = (file.section(VECTORS).ok()?, file.section(PAIRS).ok()?);
        let ([mean, deviation], []) = file.bytes(pairs).as_chunks::<4>() else { return None };
        let (vectors, []) = file.bytes(vectors).as_chunks::<2>() else { return None };
        let vectors: Vec<u16> = vectors.iter().map(|&bits| u16::from_le_bytes(bits)).collect();
        let pairs = (f32::from_le_bytes(*mean), f32::from_le_bytes(*deviation));
        vectors.len().is_multiple_of(dimension.max(1)).then_some(Self { vectors, dimension, pairs })
    }
}

impl Encoder {
    /// The model's background: read from beside it, or made the first time, which takes about a second.
    ///
    /// # Errors
    /// As [`Encoder::encode`] and [`Encoder::fingerprint`].
    pub(crate) fn background(&self) -> Result<Arc<Background>> {
        self.kept_background(|| {
            let fingerprint = self.fingerprint()?;
            let short = fingerprint.get(..DIGITS).unwrap_or(fingerprint);
            let path = self.model().path.join(format!("nigh-background-{short}.packed"));
            let about = format!("{SCHEME} {} {fingerprint}", blake3::hash(TEXTS.as_bytes()).to_hex());
            if let Some(kept) = Background::read(&path, &about, self.dimension()) {
                return Ok(kept);
            }
            let made = Background::encoded(self)?;
            // Not being able to keep it costs time, nothing else.
            let _ = write_file(&path, |writer| made.write(writer).map(|()| about.clone()));
            Ok(made)
        })
    }
}
