//! What another room keeps beside the rows of a segment: made with it, merged with it, published and checked as it is.

use std::path::Path;

use super::{Published, Section};
use crate::error::Result;
use crate::index::stored::Out;

/// Makes the bytes that stand beside a segment's rows. The rows are the passages in the order of their documents' numbers.
/// The bytes are given to `out` piece by piece; `folder` is for files that are gone when a method returns.
pub trait Sidecar: Send + Sync {
    /// For new documents, sorted by number.
    ///
    /// # Errors
    /// When they cannot be made; those of `out`.
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()>;

    /// For the living rows of several segments.
    ///
    /// # Errors
    /// When they cannot be made; [`crate::Error::IndexDamaged`] for a part that is not as it was written; those of `out`.
    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()>;
}

/// One of the segments that are merged.
pub struct SidecarPart {
    /// What stands beside its rows.
    pub section: Section,
    /// `[rows]`: which row each becomes; none for a dead one.
    pub rows: Vec<Option<u32>>,
}
