//! How stored bytes are read: through a check, so that a damaged file is an error and never a wrong answer.

use std::ops::Range;

use crate::error::Result;

/// Bytes that may be read only through [`Stored::read`].
pub(crate) trait Stored {
    /// How many there are.
    fn len(&self) -> usize;

    /// The bytes of `range`, checked.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] when they are not what was written, or `range` does not lie within.
    fn read(&self, range: Range<usize>) -> Result<&[u8]>;
}
