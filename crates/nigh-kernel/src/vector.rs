//! Operations on single vectors in plain Rust: scaling to length 1, and a dot product that gives the same bits on every CPU.

/// Scales a vector to length 1, computed in f64; a zero vector stays zero.
pub fn normalise(vector: &mut [f32]) {
    let norm = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
    if norm > 0.0 {
        for x in vector {
            *x = (f64::from(*x) / norm) as f32;
        }
    }
}

/// Returns a copy of a vector, scaled to length 1.
pub fn unit(vector: &[f32]) -> Vec<f32> {
    let mut vector = vector.to_vec();
    normalise(&mut vector);
    vector
}

/// Computes the dot product, summed from first to last. It gives the same bits on every CPU, unlike the faster [`crate::dot`].
pub fn dot_in_order(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalise_gives_length_one() {
        let mut vector = [3.0, 4.0];
        normalise(&mut vector);
        assert_eq!(vector, [0.6, 0.8]);
        assert_eq!(unit(&[3.0, 4.0]), vector);
        let mut zero = [0.0; 3];
        normalise(&mut zero);
        assert_eq!(zero, [0.0; 3]);
    }

    #[test]
    fn dot_in_order_sums_products() {
        assert_eq!(dot_in_order(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), 32.0);
    }
}
