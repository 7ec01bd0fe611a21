//! What a collection holds, and what it was made with.

use std::path::PathBuf;

use serde::Serialize;

use super::handle::Collection;
use crate::error::Result;
use crate::records::{FORMAT_CURRENT, Loss, Store, VectorPrecision};

/// What a collection holds, and what it was made with.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Its directory.
    pub path: PathBuf,
    /// The record format's number.
    pub format: u32,
    /// The number of the published generation: each commit and each merge has the next.
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
    /// How many tokens passages share where a paragraph is cut; none: an eighth of a passage.
    pub overlap_tokens: Option<usize>,
    /// Bytes of its files: the records, and what is published of them.
    pub bytes_on_disk: u64,
    /// Files that the published generation is made of.
    pub segments: usize,
    /// How many of those have a graph.
    pub graphs: usize,
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
        let snapshot = self.newest()?;
        let totals = snapshot.totals();
        let settings = self.settings();
        let model = settings.model.as_ref();
        let lost = |loss: Loss| {
            loss.acknowledged.map_or(0, |acknowledged| acknowledged.sequence.saturating_sub(loss.found.sequence))
        };
        Ok(Status {
            path: self.path().to_path_buf(),
            format: FORMAT_CURRENT,
            generation: snapshot.generation(),
            sequence: totals.sequence,
            documents: totals.documents,
            passages: totals.passages,
            model: model.map(|model| model.name.clone()),
            fingerprint: model.map(|model| model.fingerprint.clone()),
            model_path: self.model_path(),
            dimension: settings.dimension,
            precision: settings.precision,
            passage_tokens: settings.passage_tokens,
            overlap_tokens: settings.overlap_tokens,
            bytes_on_disk: Store::size_in(self.path())? + snapshot.bytes_on_disk(),
            segments: snapshot.segment_count(),
            graphs: snapshot.graph_count(),
            created_unix: settings.created_unix,
            lost_changes: self.access().writer().and_then(|writer| writer.store.loss()).map(lost),
        })
    }
}
