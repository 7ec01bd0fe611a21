//! [`Status`]: how much a collection holds, and the settings that it was made with.

use std::path::PathBuf;

use serde::Serialize;

use super::handle::Collection;
use crate::error::Result;
use crate::records::{FORMAT_CURRENT, Loss, Store, VectorPrecision};

/// How much a collection holds, and the settings that it was made with.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The collection's directory.
    pub path: PathBuf,
    /// The record format's number.
    pub format: u32,
    /// The number of the published generation: each commit and each merge has the next.
    pub generation: u64,
    /// The number of the last change; each change of a document has the next.
    pub sequence: u64,
    /// How many documents it has.
    pub documents: u64,
    /// How many passages all documents have.
    pub passages: u64,
    /// The model's name; none if the collection takes vectors.
    pub model: Option<String>,
    /// The model's fingerprint, hexadecimal.
    pub fingerprint: Option<String>,
    /// The model's directory on this machine; none if it is not here.
    pub model_path: Option<PathBuf>,
    /// How many numbers a vector has.
    pub dimension: usize,
    /// `f16` or `f32`: how vectors are kept.
    pub precision: VectorPrecision,
    /// The longest passage, in tokens; none: the model's context length.
    pub passage_tokens: Option<usize>,
    /// How many tokens two passages share where a paragraph is split between them; none: an eighth of a passage.
    pub overlap_tokens: Option<usize>,
    /// The size of its files in bytes: the records and the published files.
    pub bytes_on_disk: u64,
    /// How many segments the published generation has.
    pub segments: usize,
    /// How many of these have a graph.
    pub graphs: usize,
    /// When the collection was made, in seconds since 1970.
    pub created_unix: u64,
    /// How many acknowledged changes are lost, if the collection was opened with
    /// [`CollectionOptions::allow_data_loss`](super::CollectionOptions::allow_data_loss).
    pub lost_changes: Option<u64>,
}

impl Collection {
    /// How much it holds, and the settings that it was made with.
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
