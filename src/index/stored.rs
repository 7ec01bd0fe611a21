//! Reading stored bytes, always with checks, and writing them piece by piece.

use std::ops::Range;
use std::path::PathBuf;

use crate::error::Result;
use crate::kernel::Aligned;

/// A section of a segment, or bytes in memory. [`Stored::read`] returns verified bytes; compute only with these.
#[allow(clippy::len_without_is_empty, reason = "no caller needs it")]
pub trait Stored: Send + Sync {
    /// Returns the number of bytes.
    fn len(&self) -> usize;

    /// Reads the bytes of a range.
    ///
    /// # Errors
    /// If the range is outside, or the stored bytes are damaged.
    fn read(&self, range: Range<usize>) -> Result<&[u8]>;
}

/// Receives bytes to store, piece by piece.
pub type Out<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

impl<S: Stored + ?Sized> Stored for &S {
    #[inline]
    fn len(&self) -> usize {
        S::len(self)
    }

    #[inline]
    fn read(&self, range: Range<usize>) -> Result<&[u8]> {
        S::read(self, range)
    }
}

impl Stored for [u8] {
    #[inline]
    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    #[inline]
    fn read(&self, range: Range<usize>) -> Result<&[u8]> {
        self.get(range.clone()).ok_or_else(|| outside(&range, self.len()))
    }
}

impl Stored for Aligned<u8> {
    #[inline]
    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    #[inline]
    fn read(&self, range: Range<usize>) -> Result<&[u8]> {
        <[u8] as Stored>::read(self, range)
    }
}

/// Returns an error about contradictory stored bytes. The caller that knows the file adds its path: `Error::in_index_file`.
#[cold]
pub fn damaged(problem: String) -> crate::error::Error {
    crate::error::Error::IndexDamaged { path: PathBuf::new(), problem }
}

#[cold]
fn outside(range: &Range<usize>, len: usize) -> crate::error::Error {
    damaged(format!("bytes {}..{} of a section of {len}", range.start, range.end))
}
