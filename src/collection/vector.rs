//! Checks vectors that a caller gives.

/// Checks that a vector has the collection's dimension, only finite numbers, and a direction. `what` names the vector in the
/// problem.
pub(super) fn check_vector(vector: &[f32], dimension: usize, what: &str) -> Result<(), String> {
    if vector.len() != dimension {
        return Err(format!("{what} has {} numbers, the collection's have {dimension}", vector.len()));
    }
    if let Some((index, number)) = vector.iter().enumerate().find(|(_, number)| !number.is_finite()) {
        return Err(format!("{what} has the number {number} at index {index}; all must be finite"));
    }
    if vector.iter().all(|&number| number == 0.0) {
        return Err(format!("{what} is all zeros, so it has no direction"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_check_names_the_bad_number() {
        let problem = |vector: &[f32]| check_vector(vector, 3, "its vector").unwrap_err();
        assert_eq!(problem(&[]), "its vector has 0 numbers, the collection's have 3");
        assert_eq!(problem(&[0.0; 4]), "its vector has 4 numbers, the collection's have 3");
        assert_eq!(problem(&[1.0, 2.0, f32::NAN]), "its vector has the number NaN at index 2; all must be finite");
        assert!(problem(&[1.0, -f32::INFINITY, 0.0]).contains("-inf at index 1"));
        assert_eq!(problem(&[0.0; 3]), "its vector is all zeros, so it has no direction");
        assert_eq!(check_vector(&[0.0, 0.0, 1e-30], 3, "its vector"), Ok(()));
    }
}
