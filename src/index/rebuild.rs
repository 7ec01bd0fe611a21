//! Builds a whole generation from scratch, from batches of documents.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fail_point::fail_point;
use super::manifest::{Listed, Manifest};
use super::publisher::{Publisher, write_segment};
use super::segment::{Fresh, Published, Shape, Sidecar};
use super::snapshot::{Snapshot, segment_files};
use crate::disk::{Dir, sync_names};
use crate::document::Totals;
use crate::error::{Error, Result};

/// Builds a generation. Readers see it only after [`GenerationBuilder::finish`].
pub struct GenerationBuilder {
    directory: PathBuf,
    shape: Shape,
    sidecar: Arc<dyn Sidecar>,
    next_segment: u64,
    segments: Vec<Listed>,
}

impl GenerationBuilder {
    /// Starts a build in `directory`, which may already hold a generation.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn begin(directory: &Path, shape: Shape, sidecar: Arc<dyn Sidecar>) -> Result<Self> {
        let make = || match (directory.parent(), directory.file_name()) {
            (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => Dir::open(parent)?.make_sub(name),
            _ => Dir::make(directory),
        };
        make().map_err(Error::io("create", directory))?;
        // Above the numbers of an older generation, whose files readers may have open.
        let next_segment = segment_files(directory)?.into_iter().max().map_or(0, |last| last + 1);
        Ok(Self { directory: directory.to_path_buf(), shape, sidecar, next_segment, segments: Vec::new() })
    }

    /// Adds documents, sorted by number, each only once.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::InvalidDocument`].
    pub fn part(&mut self, documents: &[Published]) -> Result<()> {
        if !documents.is_empty() {
            let input = Fresh::new(self.shape, documents)?;
            let (listed, _) =
                write_segment(&self.directory, &mut self.next_segment, &input, self.shape, &*self.sidecar)?;
            self.segments.push(listed);
            fail_point("part made").map_err(Error::io("write", &self.directory))?;
        }
        Ok(())
    }

    /// Publishes the new generation, and deletes the older one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self, totals: Totals, settings: String, generation: u64) -> Result<Publisher> {
        let Self { directory, shape, sidecar, next_segment, segments } = self;
        sync_names(&directory).map_err(Error::io("sync", &directory))?;
        if let Some(parent) = directory.parent() {
            sync_names(parent).map_err(Error::io("sync", parent))?;
        }
        fail_point("parts made").map_err(Error::io("sync", &directory))?;
        let mut manifest = Manifest { generation, crc: 0, totals, settings, shape, next_segment, segments };
        manifest.write(&directory)?;
        let publisher = Publisher::assemble(&directory, Snapshot::open_manifest(&directory, manifest, None)?, sidecar);
        publisher.sweep()?;
        Ok(publisher)
    }
}
