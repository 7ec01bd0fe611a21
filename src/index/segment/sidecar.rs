//! A section of a segment that another module fills. It is built, merged, published and checked together with the segment.

use std::path::Path;

use super::{Published, Section};
use crate::error::Result;
use crate::index::stored::Out;

/// Makes the sidecar section of a segment. The rows are the passages, sorted by the numbers of their documents. The methods write the
/// bytes to `out` piece by piece. `folder`: for temporary files, which a method deletes before it returns.
pub trait Sidecar: Send + Sync {
    /// Builds the section for new documents, sorted by number.
    ///
    /// # Errors
    /// If the section cannot be built; errors of `out`.
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()>;

    /// Merges the sections of several segments, without deleted rows.
    ///
    /// # Errors
    /// If they cannot be merged; [`crate::Error::IndexDamaged`] for a part with damaged bytes; errors of `out`.
    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()>;
}

/// The sidecar section of a segment, to merge.
pub struct SidecarPart {
    /// The bytes of the section.
    pub section: Section,
    /// `[rows]`: the new row of each row; `None` for a deleted one.
    pub rows: Vec<Option<u32>>,
}
