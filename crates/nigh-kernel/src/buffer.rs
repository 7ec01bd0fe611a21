//! f32 buffers that start on a cache line, so that a vector load never straddles two.

use std::ops::{Deref, DerefMut};

/// One cache line: 16 f32.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A growable f32 buffer, 64-byte aligned, zero where not yet written.
#[derive(Clone, Default)]
pub struct AlignedBuffer {
    lines: Vec<Line>,
    len: usize,
}

impl AlignedBuffer {
    /// A buffer of `len` zeros.
    pub fn zeroed(len: usize) -> Self {
        let mut buffer = Self::default();
        buffer.grow(len);
        buffer
    }

    /// Makes it at least `len` long. What was in it stays; what is new is zero.
    pub fn grow(&mut self, len: usize) {
        if len > self.len {
            self.lines.resize(len.div_ceil(16), Line::default());
            self.len = len;
        }
    }
}

impl Deref for AlignedBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: `lines` holds at least `len` f32 (grow keeps 16 * lines.len() >= len), laid out without gaps (repr(C),
        // size 64), all initialised; the borrow of self keeps them alive and unaliased by writers.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for AlignedBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as in deref; the exclusive borrow of self makes this the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_aligned_keeps_its_content_and_grows_with_zeros() {
        let mut buffer = AlignedBuffer::zeroed(17);
        buffer[16] = 3.0;
        buffer.grow(1000);
        assert_eq!(buffer.as_ptr() as usize % 64, 0);
        assert_eq!(buffer[16], 3.0);
        assert!(buffer[17..].iter().all(|&x| x == 0.0) && buffer.len() == 1000);
    }
}
