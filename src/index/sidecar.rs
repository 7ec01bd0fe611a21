//! What another room keeps beside the rows of a segment: made with it, merged with it, published and checked as it is.

use super::segment::{Published, Section};
use crate::error::Result;

/// Makes the bytes that stand beside a segment's rows. The rows are the passages in the order of their documents' numbers.
pub trait Sidecar: Send + Sync {
    /// For new documents, sorted by number.
    ///
    /// # Errors
    /// When they cannot be made.
    fn build(&self, documents: &[Published]) -> Result<Vec<u8>>;

    /// For the living rows of several segments.
    ///
    /// # Errors
    /// When they cannot be made; [`crate::Error::IndexDamaged`] for a part that is not as it was written.
    fn merge(&self, parts: Vec<SidecarPart>) -> Result<Vec<u8>>;
}

/// One of the segments that are merged.
pub struct SidecarPart {
    /// What stands beside its rows.
    pub section: Section,
    /// `[rows]`: which row each becomes; none for a dead one.
    pub rows: Vec<Option<u32>>,
}
