//! Plain Rust, for any CPU.

/// Computes the sums of contiguous rows.
pub(super) fn rows(query: &[i8], rows: &[u8], dots: &mut [i32]) {
    if query.is_empty() {
        dots.fill(0);
        return;
    }
    for (dot, row) in dots.iter_mut().zip(rows.chunks_exact(query.len())) {
        *dot = sum(query, row);
    }
}

/// Computes the sums of scattered rows.
pub(super) fn gathered(query: &[i8], rows: &[&[u8]], dots: &mut [i32]) {
    for (dot, row) in dots.iter_mut().zip(rows) {
        *dot = sum(query, row);
    }
}

/// Computes `Σ query[j] · row[j]`.
fn sum(query: &[i8], row: &[u8]) -> i32 {
    query.iter().zip(row).fold(0i32, |sum, (&q, &r)| sum.wrapping_add(i32::from(q) * i32::from(r)))
}
