//! What a collection holds, and what it was made with.

use std::path::PathBuf;

use serde::Serialize;

use super::handle::Collection;
use crate::error::Result;
use crate::records::{FORMAT_CURRENT, Loss, VectorPrecision};

/// What a collection holds, and what it was made with.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Its directory.
    pub path: PathBuf,
    /// The record format's number.
    pub format: u32,
    /// How many commits it has seen.
    pub generation: u64,
    /// The number of its last change.
    pub sequence: u64,
    /// Documents.
    pub documents: u64,
    /// Passages of all documents.
    pub passages: u64,
    /// The model's name; none for brought vectors.
    pub model: Option<String>,
    /// The model's fingerprint, hexadecimal.
    pub fingerprint: Option<String>,
    /// Where the model is on this machine; none when it is not.
    pub model_path: Option<PathBuf>,
    /// Numbers of a vector.
    pub dimension: usize,
    /// `f16` or `f32`: how vectors are kept.
    pub precision: VectorPrecision,
    /// The longest passage in tokens; none: the model's window.
    pub passage_tokens: Option<usize>,
    /// Bytes of the records on disk.
    pub bytes_on_disk: u64,
    /// When it was made, in seconds since 1970.
    pub created_unix: u64,
    /// Acknowledged changes that are lost, when it was opened all the same.
    pub lost_changes: Option<u64>,
}

impl Collection {
    /// What it holds.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when its directory cannot be read.
    pub fn status(&self) -> Result<Status> {
        let state = self.read();
        let counts = state.store.counts();
        let settings = self.settings();
        let model = settings.model.as_ref();
        let lost = |loss: Loss| {
            loss.acknowledged.map_or(0, |acknowledged| acknowledged.sequence.saturating_sub(loss.found.sequence))
        };
        Ok(Status {
            path: self.path().to_path_buf(),
            format: FORMAT_CURRENT,
            generation: state.store.head().map_or(0, |head| head.generation),
            sequence: counts.sequence,
            documents: counts.documents,
            passages: counts.passages,
            model: model.map(|model| model.name.clone()),
            fingerprint: model.map(|model| model.fingerprint.clone()),
            model_path: self.model_path(),
            dimension: settings.dimension,
            precision: settings.precision,
            passage_tokens: settings.passage_tokens,
            bytes_on_disk: state.store.size_on_disk()?,
            created_unix: settings.created_unix,
            lost_changes: state.store.loss().map(lost),
        })
    }
}
