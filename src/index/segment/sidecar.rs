//! A section of a segment that another module fills: built, merged, published and checked with the segment.

use std::path::Path;

use super::{Published, Section};
use crate::error::Result;
use crate::index::stored::Out;

/// Makes the sidecar section of a segment. The rows are the passages, sorted by the numbers of their documents. The methods write the
/// bytes to `out` piece by piece. `folder`: for temporary files, which a method deletes before it returns.
pub trait Sidecar: Send + Sync {
    /// Builds it for new documents, sorted by number.
    ///
    /// # Errors
    /// If it cannot be built; errors of `out`.
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()>;

    /// Merges it for the rows of several segments that are not deleted.
    ///
    /// # Errors
    /// If it cannot be merged; [`crate::Error::IndexDamaged`] for a part with damaged bytes; errors of `out`.
    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()>;
}

/// The sidecar section of a segment, to merge.
pub struct SidecarPart {
    /// Its bytes.
    pub section: Section,
    /// `[rows]`: the new row of each row; `None` for a deleted one.
    pub rows: Vec<Option<u32>>,
}
