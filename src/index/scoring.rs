//! Scores of rows: approximate ones by codes, with their error bound, and exact ones by stored vectors.

use super::codes::CodedQuery;
use super::segment::{Shape, decode};
use crate::kernel::Simd;
use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};
use crate::kernel::view::{view_f32, view_u16};
use crate::row::RowId;

/// A row that may be among the best, with its score by codes.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodeScore {
    pub(super) row: RowId,
    pub(super) score: f32,
}

/// The largest difference between a score by codes and the exact one: |q·x − q̂·x̂| ≤ |q − q̂|·|x| + |q̂|·|x − x̂| (Cauchy–Schwarz).
/// Stored vectors have length 1, with an error of at most 0.01. The last term is for the rounding of sums. In practice the difference is
/// a tenth of this bound.
pub(super) fn error_bound(query: &CodedQuery, residual: f32) -> f32 {
    query.norm() * residual + query.residual() * 1.01 + 1e-4
}

/// Returns the cosine of a query and a stored vector, both of length 1.
pub(super) fn cosine(simd: Simd, query: &[f32], vector: &[u8], shape: Shape) -> f32 {
    let mut score = [0.0];
    match (shape.half, view_u16(vector), view_f32(vector)) {
        (true, Some(row), _) => dot_rows_f16(simd, query, row, &mut score),
        (false, _, Some(row)) => dot_rows_f32(simd, query, row, &mut score),
        _ => dot_rows_f32(simd, query, &decode(vector, shape), &mut score),
    }
    score[0]
}
