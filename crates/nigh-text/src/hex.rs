//! Converts bytes to hexadecimal digits and back.

/// Returns two lower-case digits for each byte.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|&byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

/// Returns the `N` bytes that `digits` stand for, in upper or lower case; `None` for anything except exactly 2 `N` digits.
pub fn decode<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; N];
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips() {
        let all: [u8; 256] = std::array::from_fn(|i| i as u8);
        let digits = encode(&all);
        assert!(digits.starts_with("000102") && digits.ends_with("fdfeff") && digits.len() == 512);
        assert_eq!(decode(&digits), Some(all));
        assert_eq!(decode(&digits.to_uppercase()), Some(all));
        for wrong in ["", "a", "abc", "ab c", "+a00", "0g00", "一", "aabbcc"] {
            assert_eq!(decode::<2>(wrong), None, "{wrong}");
        }
    }
}
