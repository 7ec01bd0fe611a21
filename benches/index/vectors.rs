//! .npy files, codes, vectors, exact hits.

use std::fs;

use crate::Failure;
use crate::index::codes::{Codes, encode, stride};
use crate::kernel::Aligned;
use crate::kernel::Simd;
use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};

/// `[rows, dimension]`, row-major.
pub struct Vectors {
    pub values: Vec<f32>,
    pub dimension: usize,
}

impl Vectors {
    /// Reads an .npy file of little-endian f32, two-dimensional, in C order.
    pub fn read(path: &str) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        let wrong = || format!("{path}: not an .npy file of f32 [n, dimension]");
        if bytes.get(..6) != Some(b"\x93NUMPY") {
            return Err(wrong().into());
        }
        let version = bytes.get(6).copied().unwrap_or(0);
        let size = |range| bytes.get(range).map(|b: &[u8]| b.iter().rev().fold(0, |n, &b| n << 8 | usize::from(b)));
        let (start, len) = if version == 1 { (10, size(8..10)) } else { (12, size(8..12)) };
        let end = start + len.ok_or_else(wrong)?;
        let header = String::from_utf8_lossy(bytes.get(start..end).ok_or_else(wrong)?).replace(' ', "");
        let shape = header.split("'shape':(").nth(1).and_then(|rest| rest.split(')').next()).ok_or_else(wrong)?;
        let shape: Vec<usize> = shape.split(',').filter_map(|number| number.parse().ok()).collect();
        let [rows, dimension] = shape[..] else { return Err(wrong().into()) };
        let data = &bytes[end..];
        if !header.contains("'<f4'") || header.contains("'fortran_order':True") || data.len() != rows * dimension * 4 {
            return Err(wrong().into());
        }
        let values = data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        Ok(Self { values, dimension })
    }

    pub fn rows(&self) -> usize {
        self.values.len() / self.dimension
    }

    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dimension..(row + 1) * self.dimension]
    }

    /// Returns codes and scales, as stored.
    pub fn code(&self) -> Result<Codes<Aligned<u8>>, Failure> {
        let stride = stride(self.dimension);
        let (mut codes, mut scales) = (Aligned::<u8>::default(), Aligned::<u8>::default());
        codes.grow(self.rows() * stride);
        scales.grow(self.rows() * 4);
        let rows = self.values.chunks_exact(self.dimension);
        for ((vector, row), scale) in rows.zip(codes.chunks_exact_mut(stride)).zip(scales.chunks_exact_mut(4)) {
            scale.copy_from_slice(&encode(vector, row).scale.to_le_bytes());
        }
        Ok(Codes::new(codes, scales, self.dimension, self.rows())?)
    }

    /// Returns the f16 vectors.
    pub fn halves(&self) -> Vec<u16> {
        self.values.iter().map(|&x| half::f16::from_f32(x).to_bits()).collect()
    }

    /// Returns the k nearest rows to each query, computed in f32.
    pub fn exact(&self, queries: &Self, k: usize) -> Vec<Vec<u32>> {
        let mut scores = vec![0.0; self.rows()];
        let nearest = |query: &[f32]| {
            dot_rows_f32(Simd::detect(), query, &self.values, &mut scores);
            best(scores.iter().zip(0..).map(|(&score, row)| (score, row)).collect(), k)
        };
        queries.values.chunks_exact(queries.dimension).map(nearest).collect()
    }
}

/// Returns the rows of the k highest scores, best first.
pub fn best(mut scored: Vec<(f32, u32)>, k: usize) -> Vec<u32> {
    let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if k < scored.len() {
        scored.select_nth_unstable_by(k, order);
        scored.truncate(k);
    }
    scored.sort_unstable_by(order);
    scored.into_iter().map(|(_, row)| row).collect()
}

/// Scores candidates with the f16 vectors. Returns the k best.
pub fn rescore(halves: &[u16], query: &[f32], candidates: &[(f32, u32)], k: usize) -> Vec<u32> {
    let d = query.len();
    let scored = candidates.iter().map(|&(_, row)| {
        let mut score = [0.0];
        dot_rows_f16(Simd::detect(), query, &halves[row as usize * d..(row as usize + 1) * d], &mut score);
        (score[0], row)
    });
    best(scored.collect(), k)
}
