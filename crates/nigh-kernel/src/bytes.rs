//! Bytes that start on a cache line, and bytes seen as little-endian numbers without a copy.

use std::ops::{Deref, DerefMut};

/// One cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A growable byte buffer, 64-byte aligned, zero where not yet written.
#[derive(Clone, Default)]
pub struct AlignedBytes {
    lines: Vec<Line>,
    len: usize,
}

impl AlignedBytes {
    /// A buffer of `len` zeros.
    pub fn zeroed(len: usize) -> Self {
        let mut bytes = Self::default();
        bytes.grow(len);
        bytes
    }

    /// Makes it at least `len` long. What was in it stays; what is new is zero.
    pub fn grow(&mut self, len: usize) {
        if len > self.len {
            self.lines.resize(len.div_ceil(64), Line([0; 64]));
            self.len = len;
        }
    }
}

impl Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `lines` holds at least `len` bytes (grow keeps 64 * lines.len() >= len), laid out without gaps (repr(C),
        // size 64), all initialised; the borrow of self keeps them alive and unaliased by writers.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for AlignedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in deref; the exclusive borrow of self makes this the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

/// Little-endian f32, or `None` where the address or the length does not fit, or the machine is big-endian.
pub fn view_f32(bytes: &[u8]) -> Option<&[f32]> {
    view(bytes)
}

/// As [`view_f32`], for i32.
pub fn view_i32(bytes: &[u8]) -> Option<&[i32]> {
    view(bytes)
}

/// As [`view_f32`], for u16.
pub fn view_u16(bytes: &[u8]) -> Option<&[u16]> {
    view(bytes)
}

/// As [`view_f32`], for i8. Any bytes fit, on any machine.
pub fn view_i8(bytes: &[u8]) -> Option<&[i8]> {
    view(bytes)
}

/// Numbers of which every bit pattern is a value. [`view`] relies on that.
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
    // trait is implemented above only, for plain numbers). The result borrows `bytes`, so nobody writes while it lives.
    Some(unsafe { std::slice::from_raw_parts(start, bytes.len() / size) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_aligned_keeps_its_content_and_grows_with_zeros() {
        let mut bytes = AlignedBytes::zeroed(65);
        bytes[64] = 3;
        for len in [66, 127, 128, 1000, 7] {
            bytes.grow(len);
            assert_eq!(bytes.as_ptr() as usize % 64, 0);
        }
        // Several, as one may be aligned by chance.
        let others: Vec<_> = (1..20).map(|n| AlignedBytes::zeroed(n * 40)).collect();
        assert!(others.iter().all(|bytes| (bytes.as_ptr() as usize).is_multiple_of(64)));
        assert_eq!((bytes.len(), bytes[64]), (1000, 3));
        assert!(bytes[..64].iter().chain(&bytes[65..]).all(|&b| b == 0));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn bytes_are_seen_as_the_numbers_that_were_written() {
        let mut bytes = AlignedBytes::zeroed(8);
        bytes[..4].copy_from_slice(&(-1.5f32).to_le_bytes());
        bytes[4..].copy_from_slice(&0x4000_00feu32.to_le_bytes());
        assert_eq!(view_f32(&bytes), Some(&[-1.5, f32::from_bits(0x4000_00fe)][..]));
        assert_eq!(view_i32(&bytes[4..]), Some(&[0x4000_00fe][..]));
        assert_eq!(view_u16(&bytes[4..]), Some(&[0x00fe, 0x4000][..]));
        assert_eq!(view_i8(&bytes[4..]), Some(&[-2, 0, 0, 0x40][..]));
    }

    #[test]
    fn wrong_addresses_and_lengths_are_refused() {
        let bytes = AlignedBytes::zeroed(16);
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
        assert_eq!(view_f32(&bytes[1..1]), Some(&[][..]), "nothing is nothing at any address");
    }
}
