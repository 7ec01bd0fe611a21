//! A published generation, opened for reading: mapped segments, and their deleted documents. It never changes; the next commit publishes
//! another one.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bitmap::Bitmap;
use super::found_document::FoundDocument;
use super::manifest::{Listed, Manifest};
use super::segment::{Segment, Shape};
use crate::disk::Dir;
use crate::document::{DocumentId, PassageId, Totals};
use crate::error::{Error, Result};
use crate::row::RowId;

/// The most attempts to open a generation while writers delete its files.
const MAX_TRIES: usize = 100;

/// One generation. Any number of threads can search it. Its files stay readable while it exists, even after they are deleted.
pub struct Snapshot {
    manifest: Manifest,
    segments: Vec<LiveSegment>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("generation", &self.generation()).finish_non_exhaustive()
    }
}

/// A segment, and its deleted rows and documents.
pub(crate) struct LiveSegment {
    pub(crate) segment: Arc<Segment>,
    /// The rows that are not deleted; `None` for all rows.
    pub(crate) rows: Option<Bitmap>,
    /// The deleted documents; `None` if there are none.
    dead: Option<Bitmap>,
}

impl LiveSegment {
    /// Returns the number of rows that are not deleted.
    pub(crate) fn count(&self) -> u32 {
        self.rows.as_ref().map_or(self.segment.rows(), Bitmap::count)
    }

    /// True if a document is deleted.
    pub(crate) fn is_dead(&self, document: u32) -> bool {
        self.dead.as_ref().is_some_and(|dead| dead.contains(document))
    }
}

/// A reference to a document of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentRef {
    /// The index of the segment in the snapshot, from 0.
    pub(crate) segment: usize,
    /// The index of the document in the segment, from 0.
    pub(crate) document: u32,
}

impl Snapshot {
    /// Opens the generation of a directory; `None` if it has none. Reuses the segments that `known` has open.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`] with the file that is missing or differs from the manifest; [`Error::Io`].
    pub(crate) fn open(directory: &Path, known: Option<&Self>) -> Result<Option<Self>> {
        let mut stamp = None;
        for _ in 0..MAX_TRIES {
            let Some(manifest) = Manifest::read(directory)? else { return Ok(None) };
            // A listed file may be missing only if another generation was published meanwhile.
            let is_newer = stamp.replace(manifest.stamp()) != Some(manifest.stamp());
            match Self::open_manifest(directory, manifest, known) {
                Err(Error::IndexDamaged { .. }) if is_newer => {}
                snapshot => return snapshot.map(Some),
            }
        }
        let problem = "it is replaced faster than it can be read; try again".to_owned();
        Err(Error::IndexDamaged { path: Manifest::path(directory), problem })
    }

    /// Opens the segments of a manifest. Reuses the segments that `known` has open.
    pub(crate) fn open_manifest(directory: &Path, manifest: Manifest, known: Option<&Self>) -> Result<Self> {
        let mut open: HashMap<u64, &LiveSegment> = HashMap::new();
        if let Some(known) = known {
            open.extend(known.manifest.segments.iter().map(|listed| listed.id).zip(&known.segments));
        }
        let mut seen = HashSet::new();
        let segments = manifest.segments.iter().map(|listed| {
            if !seen.insert(listed.id) {
                let problem = format!("it lists the segment {} twice", listed.id);
                return Err(Error::IndexDamaged { path: Manifest::path(directory), problem });
            }
            let identity = (listed.bytes, listed.crc);
            let is_usable = |live: &&&LiveSegment| live.segment.identity() == identity && live.segment.is_intact();
            let known = open.get(&listed.id).filter(is_usable);
            let segment = match known {
                Some(live) => Arc::clone(&live.segment),
                None => open_segment(&segment_path(directory, listed.id), listed, manifest.shape)?,
            };
            with_deleted(segment, &listed.dead())
        });
        let segments = segments.collect::<Result<_>>()?;
        Ok(Self { manifest, segments })
    }

    /// Opens the generation of a directory; `None` if it has none.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`] with the file that is missing or damaged; [`Error::Io`].
    pub fn at(directory: &Path) -> Result<Option<Self>> {
        Self::open(directory, None)
    }

    /// Opens the newest generation, and reuses the open files of `self`.
    ///
    /// # Errors
    /// The same as [`Snapshot::at`].
    pub fn newer(&self, directory: &Path) -> Result<Option<Self>> {
        Self::open(directory, Some(self))
    }

    /// True if a newer generation is published. Costs one short read.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn is_stale(&self, directory: &Path) -> Result<bool> {
        Ok(Manifest::stamp_at(directory)? != Some(self.manifest.stamp()))
    }

    /// Returns the number of a directory's generation; 0 if it has none, or an unreadable one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn generation_at(directory: &Path) -> Result<u64> {
        match Manifest::read(directory) {
            Err(Error::IndexDamaged { .. }) => Ok(0),
            manifest => Ok(manifest?.map_or(0, |manifest| manifest.generation)),
        }
    }

    /// True if a directory has a manifest or segments, readable or not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn has_files(directory: &Path) -> Result<bool> {
        Ok(Manifest::exists(directory)? || !segment_files(directory)?.is_empty())
    }

    /// Makes this the published generation.
    ///
    /// # Errors
    /// [`Error::Io`]; then the old generation stays, unless the disk failed to confirm that the new one is durable.
    pub(super) fn write(&mut self, directory: &Path) -> Result<()> {
        self.manifest.write(directory)
    }

    /// Returns the number of the generation.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// Returns the totals of the records from which the generation was made.
    pub fn totals(&self) -> Totals {
        self.manifest.totals
    }

    /// Returns the settings of the collection: JSON, as the publisher got them.
    pub fn settings(&self) -> &str {
        &self.manifest.settings
    }

    /// Returns the dimension and the precision of the vectors.
    pub fn shape(&self) -> Shape {
        self.manifest.shape
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn segments(&self) -> &[LiveSegment] {
        &self.segments
    }

    /// Finds the document with this number.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn find_number(&self, number: u64) -> Result<Option<DocumentRef>> {
        self.find(|segment| segment.find_number(number))
    }

    /// Finds the document with this id.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn find_name(&self, id: &DocumentId) -> Result<Option<DocumentRef>> {
        self.find(|segment| segment.find_name(id))
    }

    /// Finds the row of a passage that is not deleted.
    pub(crate) fn find_passage(&self, passage: PassageId) -> Result<Option<RowId>> {
        for (segment, live) in self.segments.iter().enumerate() {
            if let Some(row) = live.segment.find_passage(passage)?
                && live.rows.as_ref().is_none_or(|rows| rows.contains(row))
            {
                return Ok(Some(RowId { segment, row }));
            }
        }
        Ok(None)
    }

    fn find(&self, find: impl Fn(&Segment) -> Result<Option<u32>>) -> Result<Option<DocumentRef>> {
        // The newest segments have the latest changes, so they come first.
        for (segment, live) in self.segments.iter().enumerate().rev() {
            if let Some(document) = find(&live.segment)?
                && !live.is_dead(document)
            {
                return Ok(Some(DocumentRef { segment, document }));
            }
        }
        Ok(None)
    }

    /// Opens a document.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn document(&self, document: DocumentRef) -> Result<FoundDocument<'_>> {
        let segment = &*self.segments[document.segment].segment;
        Ok(FoundDocument { segment, entry: segment.entry(document.document)? })
    }

    /// Returns all documents, sorted by number.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn places(&self) -> Result<Vec<DocumentRef>> {
        let mut numbered = Vec::new();
        for (segment, live) in self.segments.iter().enumerate() {
            for document in (0..live.segment.documents()).filter(|&document| !live.is_dead(document)) {
                numbered.push((live.segment.entry(document)?.number, DocumentRef { segment, document }));
            }
        }
        numbered.sort_unstable_by_key(|&(number, _)| number);
        Ok(numbered.into_iter().map(|(_, document)| document).collect())
    }

    /// True if all bytes that were read so far came from the generation's files.
    pub fn is_intact(&self) -> bool {
        self.segments.iter().all(|live| live.segment.is_intact())
    }

    /// Returns an error if a file was truncated or could not be read while it was mapped. A block is checked when it is first read; a
    /// file that is truncated later reads as zeros. So call this **after** reading, and before the result is used:
    ///
    /// | where | before |
    /// |---|---|
    /// | `collection/search/run.rs` | hits are returned, for any kind of query |
    /// | `collection/snapshot.rs`, `collection/export.rs`, `collection/fields/` | documents or their fields are returned |
    /// | `collection/folder/diff.rs` | files are compared with stored documents |
    /// | `collection/records_to_index.rs` | records are made from it, deleted for it or compared with it |
    /// | `publisher.rs` | a manifest made from its entries becomes current; the new snapshot is checked, too |
    /// | `segment/build.rs` | the new segment of a merge gets its name |
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn check_intact(&self) -> Result<()> {
        self.segments.iter().try_for_each(|live| live.segment.check_intact())
    }

    /// Returns the result of `read`. An error of [`Snapshot::check_intact`] takes precedence over an error of `read`.
    ///
    /// # Errors
    /// The same as [`Snapshot::check_intact`]; errors of `read`.
    pub fn intact<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let result = read();
        self.check_intact()?;
        result
    }

    /// Checks every byte on the disk, and that the segments match the counts of the manifest.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]: the first problem.
    pub fn verify(&self, directory: &Path) -> Result<()> {
        Manifest::read(directory)?;
        for live in &self.segments {
            live.segment.verify()?;
        }
        let Totals { documents, passages, .. } = self.totals();
        let rows: u64 = self.segments.iter().map(|live| u64::from(live.count())).sum();
        let stored = self.places()?;
        let mut numbers: Vec<u64> =
            stored.iter().map(|&document| Ok(self.document(document)?.entry.number)).collect::<Result<_>>()?;
        numbers.dedup();
        self.check_intact()?;
        if (numbers.len() as u64, stored.len() as u64, rows) != (documents, documents, passages) {
            let (found, path) = (stored.len(), Manifest::path(directory));
            let problem = format!(
                "it counts {documents} documents with {passages} passages; {found} with {rows} are in its segments"
            );
            return Err(Error::IndexDamaged { path, problem });
        }
        Ok(())
    }

    /// Returns the number of segments.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Returns the number of segments with a graph.
    pub fn graph_count(&self) -> usize {
        self.segments.iter().filter(|live| live.segment.graph().is_some()).count()
    }

    /// Returns the size of the segment files in bytes.
    pub fn bytes_on_disk(&self) -> u64 {
        self.manifest.segments.iter().map(|listed| listed.bytes).sum()
    }
}

/// Returns the numbers of the segment files in a directory; empty if the directory does not exist.
pub(crate) fn segment_files(directory: &Path) -> Result<Vec<u64>> {
    let names = match Dir::nested(directory).and_then(|dir| dir.names()) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        names => names.map_err(Error::io("read", directory))?,
    };
    Ok(names.iter().filter_map(|name| name.to_str()?.strip_prefix("segment-")?.parse().ok()).collect())
}

/// Returns the path of a segment's file.
pub(crate) fn segment_path(directory: &Path, id: u64) -> PathBuf {
    directory.join(format!("segment-{id:08}"))
}

/// Opens a segment, and checks that it is the one that the manifest lists.
fn open_segment(path: &Path, listed: &Listed, shape: Shape) -> Result<Arc<Segment>> {
    let segment = Segment::open(path).map_err(|error| match error {
        Error::Io { source, path, .. } if source.kind() == ErrorKind::NotFound => {
            Error::IndexDamaged { path, problem: "it is missing".to_owned() }
        }
        other => other,
    })?;
    let is_listed = segment.identity() == (listed.bytes, listed.crc) && segment.shape() == shape;
    if !is_listed || (segment.documents(), segment.rows()) != (listed.documents, listed.rows) {
        return Err(segment.damaged("it is not the file that the manifest lists"));
    }
    Ok(Arc::new(segment))
}

/// Returns a segment with its deleted documents `dead`, ascending.
fn with_deleted(segment: Arc<Segment>, dead: &[u32]) -> Result<LiveSegment> {
    if dead.is_empty() {
        return Ok(LiveSegment { segment, rows: None, dead: None });
    }
    let (mut rows, mut documents) = (Bitmap::all(segment.rows()), Bitmap::none(segment.documents()));
    for &document in dead {
        if document >= segment.documents() {
            return Err(segment.damaged("the manifest marks a document as deleted that it does not have"));
        }
        documents.insert(document);
        segment.entry(document)?.row_range().for_each(|row| rows.remove(row));
    }
    Ok(LiveSegment { segment, rows: Some(rows), dead: Some(documents) })
}
