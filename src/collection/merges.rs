//! [`Writer::wait_for_merges`].

use super::writer::Writer;
use crate::encoder::Cancel;
use crate::error::Result;

/// Waits for merges; made by [`Writer::wait_for_merges`], started by [`WaitForMerges::run`].
#[derive(Debug)]
#[must_use = "nothing is waited for before it is run"]
pub struct WaitForMerges<'a> {
    writer: &'a Writer,
    cancel: Cancel,
}

impl Writer {
    /// Waits until the new segments of earlier commits are merged and have their graphs. Searches are correct without it;
    /// after a large import they are faster with it. Nothing happens before [`WaitForMerges::run`].
    pub fn wait_for_merges(&self) -> WaitForMerges<'_> {
        WaitForMerges { writer: self, cancel: Cancel::new() }
    }
}

impl WaitForMerges<'_> {
    /// Stops waiting when this token is cancelled, with [`Error::Interrupted`](crate::Error::Interrupted). The merges
    /// continue as long as the collection is open.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Waits.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io), [`Error::IndexDamaged`](crate::Error::IndexDamaged): the published index stays
    /// unchanged. [`Error::Interrupted`](crate::Error::Interrupted).
    pub fn run(self) -> Result<()> {
        self.writer.collection.writer_access()?.merger.wait_unless(&|| self.cancel.is_cancelled())
    }
}
