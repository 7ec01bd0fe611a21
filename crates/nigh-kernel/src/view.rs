//! Views of bytes as little-endian numbers, without a copy.

/// Returns the bytes as little-endian f32; `None` if they are not aligned for f32, their length is not a multiple of 4, or the
/// machine is big-endian.
pub fn view_f32(bytes: &[u8]) -> Option<&[f32]> {
    view(bytes)
}

/// The same as [`view_f32`], for i32.
pub fn view_i32(bytes: &[u8]) -> Option<&[i32]> {
    view(bytes)
}

/// The same as [`view_f32`], for u16.
pub fn view_u16(bytes: &[u8]) -> Option<&[u16]> {
    view(bytes)
}

/// The same as [`view_f32`], for i8. Never `None`.
pub fn view_i8(bytes: &[u8]) -> Option<&[i8]> {
    view(bytes)
}

/// Number types for which every bit pattern is a valid value. [`view`] relies on that.
trait Number: Copy {}
impl Number for f32 {}
impl Number for i32 {}
impl Number for u16 {}
impl Number for i8 {}

fn view<T: Number>(bytes: &[u8]) -> Option<&[T]> {
    let size = size_of::<T>();
    let start = bytes.as_ptr().cast::<T>();
    if bytes.is_empty() {
        return Some(&[]);
    }
    if !start.is_aligned() || !bytes.len().is_multiple_of(size) || (cfg!(target_endian = "big") && size > 1) {
        return None;
    }
    // SAFETY: `start` is aligned for T, and `len / size` values of T fill `bytes` exactly. Every bit pattern is a T (the
    // trait is implemented above only, for plain numbers). The result borrows `bytes`, so that there is no writer while it
    // exists.
    Some(unsafe { std::slice::from_raw_parts(start, bytes.len() / size) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Aligned;

    #[test]
    #[cfg(target_endian = "little")]
    fn view_gives_the_numbers_that_were_written() {
        let mut bytes = Aligned::<u8>::zeroed(8);
        bytes[..4].copy_from_slice(&(-1.5f32).to_le_bytes());
        bytes[4..].copy_from_slice(&0x4000_00feu32.to_le_bytes());
        assert_eq!(view_f32(&bytes), Some(&[-1.5, f32::from_bits(0x4000_00fe)][..]));
        assert_eq!(view_i32(&bytes[4..]), Some(&[0x4000_00fe][..]));
        assert_eq!(view_u16(&bytes[4..]), Some(&[0x00fe, 0x4000][..]));
        assert_eq!(view_i8(&bytes[4..]), Some(&[-2, 0, 0, 0x40][..]));
    }

    #[test]
    fn view_refuses_wrong_addresses_and_lengths() {
        let bytes = Aligned::<u8>::zeroed(16);
        for start in 0..4 {
            for end in start + 1..16 {
                let (part, fits) = (&bytes[start..end], |size| start % size == 0 && (end - start) % size == 0);
                let fits = |size| fits(size) && cfg!(target_endian = "little");
                assert_eq!(view_f32(part).is_some(), fits(4), "{start}..{end}");
                assert_eq!(view_i32(part).is_some(), fits(4), "{start}..{end}");
                assert_eq!(view_u16(part).is_some(), fits(2), "{start}..{end}");
                assert_eq!(view_i8(part).map(<[i8]>::len), Some(end - start));
            }
        }
        assert_eq!(view_f32(&bytes[1..1]), Some(&[][..]), "an empty slice fits at any address");
    }
}
