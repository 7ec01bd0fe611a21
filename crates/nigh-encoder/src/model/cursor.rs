//! [`Cursor`]: reads a binary file and checks every length.

use std::ops::Range;
use std::path::Path;

use crate::error::{Error, Result};

/// Reads the bytes of a file from the first to the last, and never past the end.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    /// The number of bytes read so far.
    position: usize,
    path: &'a Path,
}

impl<'a> Cursor<'a> {
    /// Starts at the first byte. Errors show `path`.
    pub(super) fn new(bytes: &'a [u8], path: &'a Path) -> Self {
        Self { bytes, position: 0, path }
    }

    /// Returns the path of the file.
    pub(super) fn path(&self) -> &'a Path {
        self.path
    }

    /// Returns the error for a file with an impossible value.
    pub(super) fn damaged(&self, what: impl std::fmt::Display) -> Error {
        Error::model_file(self.path, format!("damaged near byte {}: {what}; fetch it again", self.position))
    }

    /// Returns the bytes of a range of the file, independent of the position of the cursor.
    pub(super) fn range(&self, range: Range<usize>) -> Option<&'a [u8]> {
        self.bytes.get(range)
    }

    /// Reads the next `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.position.checked_add(n).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| self.damaged(format!("{n} bytes are missing at its end")))?;
        let taken = &self.bytes[self.position..end];
        self.position = end;
        Ok(taken)
    }

    /// Returns the number of bytes read so far.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Reads the next `N` bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.damaged("a number is cut off"))
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Reads a u64 that is a length or an offset.
    pub(super) fn size(&mut self) -> Result<usize> {
        let value = u64::from_le_bytes(self.array()?);
        usize::try_from(value).map_err(|_| self.damaged(format!("a size of {value}")))
    }

    /// Reads an i32 from 0 to `max`. `what`: the plural of what is counted, for errors.
    pub(super) fn count(&mut self, what: &str, max: usize) -> Result<usize> {
        let value = i32::from_le_bytes(self.array()?);
        let fits = usize::try_from(value).ok().filter(|&count| count <= max);
        fits.ok_or_else(|| self.damaged(format!("{value} {what}, the most is {max}")))
    }

    /// Reads `n` numbers of four bytes.
    pub(super) fn words(&mut self, n: usize) -> Result<impl ExactSizeIterator<Item = [u8; 4]> + use<'a>> {
        let length = n.checked_mul(4).ok_or_else(|| self.damaged(format!("{n} numbers")))?;
        let (words, _) = self.take(length)?.as_chunks::<4>();
        Ok(words.iter().copied())
    }
}
