//! Buffers that start on a cache line, so that no vector load crosses the border of two lines.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// The number of bytes of a cache line.
const LINE_BYTES: usize = 64;

/// One cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; LINE_BYTES]);

/// The element type of an [`Aligned`] buffer: f32 or u8. Every bit pattern is a valid value, and a cache line is a whole number
/// of elements.
pub trait Element: Copy + sealed::Sealed {}
impl Element for f32 {}
impl Element for u8 {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for u8 {}
}

/// A growable buffer of `T`, aligned to 64 bytes. Elements that were not written yet are zero.
#[derive(Clone)]
pub struct Aligned<T> {
    lines: Vec<Line>,
    /// The number of elements in use. `lines` has memory for at least as many.
    len: usize,
    element: PhantomData<T>,
}

impl<T> Default for Aligned<T> {
    fn default() -> Self {
        Self { lines: Vec::new(), len: 0, element: PhantomData }
    }
}

impl<T: Element> Aligned<T> {
    /// Creates a buffer of `len` zeros.
    pub fn zeroed(len: usize) -> Self {
        let mut buffer = Self::default();
        buffer.grow(len);
        buffer
    }

    /// Makes the buffer at least `len` elements long. Keeps its content; new elements are zero.
    pub fn grow(&mut self, len: usize) {
        if len > self.len {
            self.lines.resize(len.div_ceil(LINE_BYTES / size_of::<T>()), Line([0; LINE_BYTES]));
            self.len = len;
        }
    }
}

impl<T: Element> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `lines` holds at least `len` elements: `grow` keeps lines.len() × LINE_BYTES ≥ len × size_of::<T>(). The
        // lines lie without gaps (repr(C), size 64) and are aligned for T, whose alignment is at most 64. All their bytes are
        // initialised, and every bit pattern is a T (`Element` is sealed). The borrow of self keeps them alive and excludes
        // writers.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl<T: Element> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in deref; the exclusive borrow of self makes this the only reference. Writing leaves all bytes
        // initialised, since T has no padding.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grows a buffer step by step. The element `index` must keep its value, and all others must be zero.
    fn check<T: Element + Default + PartialEq + std::fmt::Debug>(index: usize, value: T) {
        let mut buffer = Aligned::<T>::zeroed(index + 1);
        buffer[index] = value;
        for len in [index + 2, 127, 128, 1000, 7] {
            buffer.grow(len);
            assert_eq!(buffer.as_ptr() as usize % 64, 0);
        }
        assert_eq!((buffer.len(), buffer[index]), (1000, value));
        assert!(buffer[..index].iter().chain(&buffer[index + 1..]).all(|&x| x == T::default()));
        assert_eq!(buffer.clone()[..], buffer[..]);
    }

    #[test]
    fn aligned_keeps_its_content_and_grows_with_zeros() {
        check(16, 3.0f32);
        check(64, 3u8);
        assert!(Aligned::<f32>::default().is_empty());
    }

    #[test]
    fn aligned_starts_on_a_cache_line() {
        // Several buffers, as one may be aligned by chance.
        let bytes: Vec<_> = (1..20).map(|n| Aligned::<u8>::zeroed(n * 40)).collect();
        let floats: Vec<_> = (1..20).map(|n| Aligned::<f32>::zeroed(n * 40)).collect();
        assert!(bytes.iter().all(|bytes| (bytes.as_ptr() as usize).is_multiple_of(64)));
        assert!(floats.iter().all(|floats| (floats.as_ptr() as usize).is_multiple_of(64)));
    }
}
