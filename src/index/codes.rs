//! Vectors as int8 codes. The scan and the graph compute with codes; then the stored vectors give the exact scores.
//!
//! A vector x becomes `scale = max |x_i| / 127` and `c_i = round(x_i / scale)` in −127..=127, so that x ≈ scale · c. Rows are
//! stored as bytes `c_i + 128`, in a stride of the dimension rounded up to 64, padding 128; scales as `[rows]` f32,
//! little-endian. A query is coded the same way, and `q · x ≈ q.scale · scale · Σ q_i c_i`. The sum is exact in integers, so
//! that every instruction set gives the same bits.

use std::ops::Range;

use super::stored::{Stored, damaged};
use crate::error::Result;
use crate::kernel::Aligned;
use crate::kernel::Simd;
use crate::kernel::codes::{BIAS, LINE, correction, dot_gathered, dot_rows, unbias};
use crate::kernel::view::view_i8;

/// Returns the bytes of a row of codes: the dimension rounded up to whole cache lines.
pub fn stride(dimension: usize) -> usize {
    dimension.next_multiple_of(LINE)
}

/// Scale and error bounds of an encoded vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coded {
    /// The vector is about `scale` times its codes.
    pub scale: f32,
    /// `|x − scale · c|`, rounded up.
    pub residual: f32,
    /// `|scale · c|`, rounded up.
    pub norm: f32,
}

/// 1.5 · 2^23. To add and subtract this number rounds an f32 to a whole number, ties to even: above 2^23 an f32 has no fraction.
const ROUND: f32 = 12_582_912.0;

/// Encodes a vector into `row`, which is [`stride`] long. Numbers that are not finite are encoded as 0.
///
/// The error of a score: for any two vectors `|q·x − approximation| ≤ q.residual · |x| + x.residual · q.norm` (Cauchy–Schwarz on
/// `q·x − q̂·x̂ = (q − q̂)·x + q̂·(x − x̂)`).
pub fn encode(vector: &[f32], row: &mut [u8]) -> Coded {
    let finite = |x: f32| if x.is_finite() { x } else { 0.0 };
    let largest = vector.iter().fold(0.0f32, |largest, &x| largest.max(finite(x).abs()));
    let scale = largest / 127.0;
    // A scale too small to invert is treated as that of a zero vector.
    let (scale, inverse) = if scale >= f32::MIN_POSITIVE { (scale, 1.0 / scale) } else { (0.0, 0.0) };
    let (mut residual, mut norm) = (0.0f64, 0.0f64);
    row.fill(BIAS);
    for (byte, &x) in row.iter_mut().zip(vector) {
        let code = ((finite(x) * inverse + ROUND) - ROUND).clamp(-127.0, 127.0);
        *byte = (code as i32 + i32::from(BIAS)) as u8;
        let decoded = f64::from(scale) * f64::from(code);
        residual += (f64::from(finite(x)) - decoded).powi(2);
        norm += decoded * decoded;
    }
    let root_rounded_up = |square: f64| (square.sqrt() as f32).next_up();
    Coded { scale, residual: root_rounded_up(residual), norm: root_rounded_up(norm) }
}

/// A query as codes.
#[derive(Clone, Default)]
pub struct CodedQuery {
    codes: Aligned<u8>,
    /// The error that the bias of stored codes adds to each sum; the kernels subtract it.
    correction: i32,
    scale: f32,
    residual: f32,
    norm: f32,
}

impl CodedQuery {
    /// Encodes a query vector.
    pub fn new(vector: &[f32]) -> Self {
        let mut row = Aligned::<u8>::zeroed(stride(vector.len()));
        let coded = encode(vector, &mut row);
        let mut query = Self { residual: coded.residual, norm: coded.norm, ..Self::default() };
        query.set(&row, coded.scale);
        query
    }

    /// Takes a stored row as the query. Residual and norm stay as they were.
    pub fn set(&mut self, row: &[u8], scale: f32) {
        if self.codes.len() != row.len() {
            self.codes = Aligned::<u8>::zeroed(row.len());
        }
        unbias(row, &mut self.codes);
        self.scale = scale;
        self.correction = correction(self.codes());
    }

    fn codes(&self) -> &[i8] {
        // All byte values are valid codes.
        view_i8(&self.codes).unwrap_or_default()
    }

    /// Returns the factor of the query's codes: the query is about `scale` times its codes.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// `|q − scale · c|`, rounded up.
    pub fn residual(&self) -> f32 {
        self.residual
    }

    /// `|scale · c|`, rounded up.
    pub fn norm(&self) -> f32 {
        self.norm
    }
}

/// Rows of codes, in a file or in memory.
#[derive(Clone)]
pub struct Codes<S> {
    codes: S,
    scales: S,
    dimension: usize,
    stride: usize,
    rows: usize,
    simd: Simd,
}

/// The rows that are gathered at a time.
const GATHER_ROWS: usize = 32;
/// The rows that are scanned at a time: enough for the kernel, which reads four streams of rows in parallel.
const SCAN_ROWS: usize = 512;

impl<S: Stored> Codes<S> {
    /// Opens codes. `codes` is `[rows, stride(dimension)]`; `scales` is `[rows]`, little-endian f32.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] if a length does not fit.
    pub fn new(codes: S, scales: S, dimension: usize, rows: usize) -> Result<Self> {
        let stride = stride(dimension);
        if Some(codes.len()) != rows.checked_mul(stride) || Some(scales.len()) != rows.checked_mul(4) {
            let (codes, scales) = (codes.len(), scales.len());
            return Err(damaged(format!(
                "{rows} rows of {dimension} numbers have {codes} bytes of codes and {scales} of scales"
            )));
        }
        Ok(Self { codes, scales, dimension, stride, rows, simd: Simd::detect() })
    }

    /// Uses the kernels of another instruction set.
    #[cfg(test)]
    pub fn with_simd(self, simd: Simd) -> Self {
        Self { simd, ..self }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the dimension of the vectors.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Reads the codes of a row.
    ///
    /// # Errors
    /// If the row does not exist or is damaged.
    #[inline]
    pub fn row(&self, row: usize) -> Result<&[u8]> {
        self.codes.read(row * self.stride..(row + 1) * self.stride)
    }

    /// Reads the scale of a row.
    ///
    /// # Errors
    /// The same as [`Codes::row`].
    #[inline]
    pub fn scale(&self, row: usize) -> Result<f32> {
        let bytes = self.scales.read(row * 4..row * 4 + 4)?;
        Ok(bytes.first_chunk().map_or(0.0, |&bytes| f32::from_le_bytes(bytes)))
    }

    /// Makes a stored row the query.
    ///
    /// # Errors
    /// The same as [`Codes::row`].
    pub fn as_query(&self, row: usize, query: &mut CodedQuery) -> Result<()> {
        query.set(self.row(row)?, self.scale(row)?);
        Ok(())
    }

    /// Scores consecutive rows: `scores[i]` ≈ query · row `first + i`.
    ///
    /// # Errors
    /// If rows do not exist or are damaged, or if the query has another dimension.
    ///
    /// # Panics
    /// If there are fewer scores than rows.
    pub fn scan(&self, query: &CodedQuery, rows: Range<usize>, scores: &mut [f32]) -> Result<()> {
        self.check(query)?;
        let mut dots = [0i32; SCAN_ROWS];
        for (chunk, scores) in scores[..rows.len()].chunks_mut(SCAN_ROWS).enumerate() {
            let first = rows.start + chunk * SCAN_ROWS;
            let last = first + scores.len();
            let codes = self.codes.read(first * self.stride..last * self.stride)?;
            let scales = self.scales.read(first * 4..last * 4)?;
            let dots = &mut dots[..scores.len()];
            dot_rows(self.simd, query.codes(), query.correction, codes, dots);
            for ((score, &dot), &scale) in scores.iter_mut().zip(&*dots).zip(scales.as_chunks().0) {
                *score = dot as f32 * (query.scale * f32::from_le_bytes(scale));
            }
        }
        Ok(())
    }

    /// Scores scattered rows: `scores[i]` ≈ query · `rows[i]`. Gives the same bits as [`Codes::scan`].
    ///
    /// # Errors
    /// The same as [`Codes::scan`].
    pub fn gather(&self, query: &CodedQuery, rows: &[u32], scores: &mut [f32]) -> Result<()> {
        self.check(query)?;
        let (mut slices, mut dots) = ([&[][..]; GATHER_ROWS], [0i32; GATHER_ROWS]);
        for (rows, scores) in rows.chunks(GATHER_ROWS).zip(scores.chunks_mut(GATHER_ROWS)) {
            let (slices, dots) = (&mut slices[..rows.len()], &mut dots[..rows.len()]);
            for (slice, &row) in slices.iter_mut().zip(rows) {
                *slice = self.row(row as usize)?;
            }
            dot_gathered(self.simd, query.codes(), query.correction, slices, dots);
            for ((score, &dot), &row) in scores.iter_mut().zip(&*dots).zip(rows) {
                *score = dot as f32 * (query.scale * self.scale(row as usize)?);
            }
        }
        Ok(())
    }

    fn check(&self, query: &CodedQuery) -> Result<()> {
        if query.codes.len() == self.stride {
            return Ok(());
        }
        let problem = format!("a query of {} codes for rows of {}", query.codes.len(), self.stride);
        Err(crate::error::Error::InvalidInput { problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    proptest! {
        #[test]
        fn codes_score_within_the_bound_on_every_instruction_set(
            vectors in (1usize..130).prop_flat_map(|d| prop::collection::vec(prop::collection::vec(-2f32..2.0, d), 2..90)),
            tiny in prop::sample::select(vec![1.0f32, 1e-30, 1e-42, 0.0]),
        ) {
            let dimension = vectors[0].len();
            let (query, rows) = vectors.split_last().unwrap();
            let mut codes = vec![0; rows.len() * stride(dimension)];
            let (mut scales, mut coded) = (Vec::new(), Vec::new());
            let rows: Vec<Vec<f32>> = rows.iter().map(|row| row.iter().map(|x| x * tiny).collect()).collect();
            for (row, bytes) in rows.iter().zip(codes.chunks_exact_mut(stride(dimension))) {
                let encoded = encode(row, bytes);
                scales.extend(encoded.scale.to_le_bytes());
                coded.push(encoded);
            }
            let query_codes = CodedQuery::new(query);
            let mut first: Option<Vec<f32>> = None;
            for simd in Simd::available() {
                let codes = Codes::new(&codes[..], &scales[..], dimension, rows.len()).unwrap().with_simd(simd);
                let mut scores = vec![0.0; rows.len()];
                codes.scan(&query_codes, 0..rows.len(), &mut scores).unwrap();
                let order: Vec<u32> = (0..rows.len() as u32).rev().collect();
                let mut gathered = vec![0.0; rows.len()];
                codes.gather(&query_codes, &order, &mut gathered).unwrap();
                gathered.reverse();
                prop_assert_eq!(&scores, &gathered);
                prop_assert_eq!(first.get_or_insert_with(|| scores.clone()), &scores);
                for ((row, &score), coded) in rows.iter().zip(&scores).zip(&coded) {
                    let bound = f64::from(query_codes.residual()) * dot(row, row).sqrt()
                        + f64::from(coded.residual) * f64::from(query_codes.norm());
                    // The score itself is rounded to f32.
                    let error = (f64::from(score) - dot(query, row)).abs();
                    prop_assert!(error <= bound * (1.0 + 1e-6) + f64::from(score.abs()) * 3e-7, "{error} > {bound}");
                }
            }
        }
    }

    #[test]
    fn codes_of_wrong_lengths_are_refused() {
        let (codes, scales) = (vec![128u8; 192], vec![0u8; 12]);
        let codes_of = |rows| Codes::new(&codes[..], &scales[..], 5, rows);
        assert!(codes_of(2).is_err() && codes_of(usize::MAX).is_err());
        let codes = codes_of(3).unwrap();
        assert!(codes.gather(&CodedQuery::new(&[1.0; 5]), &[3], &mut [0.0]).is_err());
        assert!(codes.scan(&CodedQuery::new(&[1.0; 70]), 0..3, &mut [0.0; 3]).is_err());
        assert_eq!(encode(&[f32::NAN, 2.0, f32::INFINITY], &mut [0; 64]).scale, 2.0 / 127.0);
    }
}
