//! [`Status`]: counts, sizes and settings of a collection.

use std::path::PathBuf;

use serde::Serialize;

use super::handle::Collection;
use crate::encoder::{ComputePath, VectorSpace};
use crate::error::Result;
use crate::records::{Cuts, FORMAT_CURRENT, Loss, Store, VectorPrecision};

/// Counts, sizes and settings of a collection; made by [`Collection::status`].
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The collection's directory.
    pub path: PathBuf,
    /// The number of the record format.
    pub format: u32,
    /// The number of the published generation, see [`Snapshot::generation`](super::Snapshot::generation).
    pub generation: u64,
    /// The number of the last change. Each change of a document takes the next number.
    pub sequence: u64,
    /// The number of documents.
    pub documents: u64,
    /// The number of passages of all documents.
    pub passages: u64,
    /// The model's name; `None` if the collection has no model.
    pub model: Option<String>,
    /// The model's fingerprint, hexadecimal; `None` if the collection has no model.
    pub fingerprint: Option<String>,
    /// The model's directory on this machine; `None` if it was not found.
    pub model_path: Option<PathBuf>,
    /// The space of the vectors; `None` without a model, or if it was not found on this machine.
    pub space: Option<VectorSpace>,
    /// How texts are encoded on this machine: backend, arithmetic, instruction set, threads. `None` without a model, if it was
    /// not found, or if the options do not fit the model or the CPU.
    pub encoder: Option<ComputePath>,
    /// The dimension: the number of numbers in a vector.
    pub dimension: usize,
    /// The format of the stored vectors, `f16` or `f32`.
    pub precision: VectorPrecision,
    /// The maximal length of a passage, in tokens; `None`: the default, see [`Status::cuts`].
    pub passage_tokens: Option<usize>,
    /// Where passages end, which also decides their default length.
    pub cuts: Cuts,
    /// The number of tokens that two passages share if a paragraph is split between them; `None`: an eighth of a passage.
    pub overlap_tokens: Option<usize>,
    /// The size of the records and the published files, in bytes.
    pub bytes_on_disk: u64,
    /// The number of segments in the published generation.
    pub segments: usize,
    /// The number of segments that have a graph.
    pub graphs: usize,
    /// The time when the collection was created, in seconds since 1970.
    pub created_unix: u64,
    /// The number of lost acknowledged changes, if the collection was opened with
    /// [`CollectionOptions::allow_data_loss`](super::CollectionOptions::allow_data_loss).
    pub lost_changes: Option<u64>,
}

impl Collection {
    /// Returns counts, sizes and settings of the collection.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when its directory cannot be read.
    pub fn status(&self) -> Result<Status> {
        let snapshot = self.newest()?;
        let totals = snapshot.totals();
        let settings = self.current_settings();
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
            space: self.vector_space(),
            encoder: self.compute_path(),
            dimension: settings.dimension,
            precision: settings.precision,
            passage_tokens: settings.passage_tokens,
            cuts: settings.cuts,
            overlap_tokens: settings.overlap_tokens,
            bytes_on_disk: Store::size_in(self.path())? + snapshot.bytes_on_disk(),
            segments: snapshot.segment_count(),
            graphs: snapshot.graph_count(),
            created_unix: settings.created_unix,
            lost_changes: self.access().writer().and_then(|writer| writer.store.loss()).map(lost),
        })
    }
}
