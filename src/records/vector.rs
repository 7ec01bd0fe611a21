//! Converts vectors to and from little-endian bytes, in either precision.

use half::f16;

use super::settings::VectorPrecision;

/// Encodes a vector. The error is the reason why it cannot be stored.
pub(super) fn encode(vector: &[f32], dimension: usize, precision: VectorPrecision) -> Result<Vec<u8>, String> {
    if vector.len() != dimension {
        return Err(format!("a vector has {} numbers; this collection's have {dimension}", vector.len()));
    }
    let mut bytes = Vec::with_capacity(dimension * precision.bytes());
    for &number in vector {
        if !number.is_finite() {
            return Err(format!("a vector holds {number}; every number must be finite"));
        }
        match precision {
            VectorPrecision::F32 => bytes.extend_from_slice(&number.to_le_bytes()),
            VectorPrecision::F16 => {
                let half = f16::from_f32(number);
                if !half.is_finite() {
                    return Err(format!("a vector holds {number}, too large for f16; normalise it, or keep f32"));
                }
                bytes.extend_from_slice(&half.to_le_bytes());
            }
        }
    }
    Ok(bytes)
}

/// Decodes a vector. Bytes after the last whole number are ignored.
pub(super) fn decode(bytes: &[u8], precision: VectorPrecision) -> Vec<f32> {
    match precision {
        VectorPrecision::F16 => bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
        VectorPrecision::F32 => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn vector_round_trips_in_both_precisions() {
        let vector = [0.0, -0.5, 0.333_251_95, 1.0, -65504.0];
        for precision in [VectorPrecision::F16, VectorPrecision::F32] {
            let bytes = encode(&vector, 5, precision).unwrap();
            assert_eq!(bytes.len(), 5 * precision.bytes());
            assert_eq!(decode(&bytes, precision), vector);
        }
        assert_eq!(encode(&[1.0], 1, VectorPrecision::F16).unwrap(), [0x00, 0x3c]);
    }

    #[test]
    fn vector_that_cannot_be_stored_is_refused() {
        for bad in [f32::NAN, f32::INFINITY, 70_000.0] {
            assert!(encode(&[bad], 1, VectorPrecision::F16).is_err(), "{bad}");
        }
        assert!(encode(&[70_000.0], 1, VectorPrecision::F32).is_ok());
        assert!(encode(&[0.0; 3], 4, VectorPrecision::F32).unwrap_err().contains("3 numbers"));
    }
}
