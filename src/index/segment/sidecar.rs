//! A section of a segment that another module fills: built, merged, published and checked with the segment.

use std::path::Path;

use super::{Published, Section};
use crate::error::Result;
use crate::index::stored::Out;

/// Makes the sidecar section of a segment. The rows are the passages, sorted by the numbers of their documents. Methods write the
/// bytes to `out` piece by piece. `folder`: for temporary files, deleted before a method returns.
pub trait Sidecar: Send + Sync {
    /// For new documents, sorted by number.
    ///
    /// # Errors
    /// When it cannot be made; errors of `out`.
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()>;

    /// For the rows of several segments that are not deleted.
    ///
    /// # Errors
    /// When it cannot be made; [`crate::Error::IndexDamaged`] for a part that is not as it was written; errors of `out`.
    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()>;
}

/// The sidecar section of a segment, to merge.
pub struct SidecarPart {
    /// Its bytes.
    pub section: Section,
    /// `[rows]`: the row that each becomes; `None` for a deleted one.
    pub rows: Vec<Option<u32>>,
}
