//! A published generation as readers hold it: mapped segments, and which of their documents live. It never changes; what is
//! published later is another one.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bitmap::Bitmap;
use super::found::Found;
use super::manifest::{Listed, Manifest};
use super::segment::{Segment, Shape};
use crate::disk::Dir;
use crate::document::{DocumentId, PassageId, Totals};
use crate::error::{Error, Result};

/// How often opening is tried again when a writer took away a file meanwhile.
const TRIES: usize = 100;

/// One generation. Cheap to search from any number of threads; its files stay readable while it lives, also when they
/// are deleted.
pub struct Snapshot {
    manifest: Manifest,
    segments: Vec<Live>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("generation", &self.generation()).finish_non_exhaustive()
    }
}

/// A segment and what lives of it.
pub(crate) struct Live {
    pub(crate) segment: Arc<Segment>,
    /// The rows of living documents; none: all of them.
    pub(crate) rows: Option<Bitmap>,
    /// The dead documents; none of them: no bitmap.
    dead: Option<Bitmap>,
}

impl Live {
    /// How many rows live.
    pub(crate) fn count(&self) -> u32 {
        self.rows.as_ref().map_or(self.segment.rows(), Bitmap::count)
    }

    pub(crate) fn is_dead(&self, document: u32) -> bool {
        self.dead.as_ref().is_some_and(|dead| dead.contains(document))
    }
}

/// A living document: which segment, and which document of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 0, in the snapshot.
    pub(crate) segment: usize,
    /// From 0, in the segment.
    pub(crate) document: u32,
}

impl Snapshot {
    /// Opens what is published in a directory; none where nothing is. Segments that `known` has open already are taken
    /// from there.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`] naming the file that is missing or not what the manifest says; [`Error::Io`].
    pub(crate) fn open(directory: &Path, known: Option<&Self>) -> Result<Option<Self>> {
        let mut stamp = None;
        for _ in 0..TRIES {
            let Some(manifest) = Manifest::read(directory)? else { return Ok(None) };
            // A file may go while it is wanted only if another generation came.
            let again = stamp.replace(manifest.stamp()) != Some(manifest.stamp());
            match Self::of(directory, manifest, known) {
                Err(Error::IndexDamaged { .. }) if again => {}
                snapshot => return snapshot.map(Some),
            }
        }
        let problem = "it is replaced faster than it can be read; try again".to_owned();
        Err(Error::IndexDamaged { path: Manifest::path(directory), problem })
    }

    pub(crate) fn of(directory: &Path, manifest: Manifest, known: Option<&Self>) -> Result<Self> {
        let mut open: HashMap<u64, &Live> = HashMap::new();
        if let Some(known) = known {
            open.extend(known.manifest.segments.iter().map(|listed| listed.id).zip(&known.segments));
        }
        let mut named = HashSet::new();
        let segments = manifest.segments.iter().map(|listed| {
            if !named.insert(listed.id) {
                let problem = format!("it names the segment {} twice", listed.id);
                return Err(Error::IndexDamaged { path: Manifest::path(directory), problem });
            }
            let identity = (listed.bytes, listed.crc);
            let same = |live: &&&Live| live.segment.identity() == identity && live.segment.is_intact();
            let known = open.get(&listed.id).filter(same);
            let segment = match known {
                Some(live) => Arc::clone(&live.segment),
                None => open_segment(&segment_path(directory, listed.id), listed, manifest.shape)?,
            };
            live(segment, &listed.dead())
        });
        let segments = segments.collect::<Result<_>>()?;
        Ok(Self { manifest, segments })
    }

    /// Opens what is published in a directory; none where nothing is.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`] naming the file that is missing or not what it should be; [`Error::Io`].
    pub fn at(directory: &Path) -> Result<Option<Self>> {
        Self::open(directory, None)
    }

    /// Opens what is published by now, taking over what `self` has open.
    ///
    /// # Errors
    /// As [`Snapshot::at`].
    pub fn newer(&self, directory: &Path) -> Result<Option<Self>> {
        Self::open(directory, Some(self))
    }

    /// Whether another generation is published by now: one short read.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn is_stale(&self, directory: &Path) -> Result<bool> {
        Ok(Manifest::stamp_at(directory)? != Some(self.manifest.stamp()))
    }

    /// The number of the generation that a directory says is published; 0 where nothing readable is.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn generation_at(directory: &Path) -> Result<u64> {
        match Manifest::read(directory) {
            Err(Error::IndexDamaged { .. }) => Ok(0),
            manifest => Ok(manifest?.map_or(0, |manifest| manifest.generation)),
        }
    }

    /// Whether a manifest or segments are in a directory, readable or not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn has_files(directory: &Path) -> Result<bool> {
        Ok(Manifest::is_there(directory)? || !segment_files(directory)?.is_empty())
    }

    /// Makes it the published generation.
    ///
    /// # Errors
    /// [`Error::Io`]: the one before stays, but where the disk could not say whether the new one is there for good.
    pub(super) fn write(&mut self, directory: &Path) -> Result<()> {
        self.manifest.write(directory)
    }

    /// Its number.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// What the records held when it was made.
    pub fn totals(&self) -> Totals {
        self.manifest.totals
    }

    /// What the collection was made with, as it was given.
    pub fn settings(&self) -> &str {
        &self.manifest.settings
    }

    /// What its vectors have in common.
    pub fn shape(&self) -> Shape {
        self.manifest.shape
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn segments(&self) -> &[Live] {
        &self.segments
    }

    /// The living document of that number.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], as of all that reads.
    pub fn find_number(&self, number: u64) -> Result<Option<Place>> {
        self.find(|segment| segment.find_number(number))
    }

    /// The living document of that name.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn find_name(&self, id: &DocumentId) -> Result<Option<Place>> {
        self.find(|segment| segment.find_name(id))
    }

    /// Where a passage of a living document is: segment and row.
    pub(crate) fn find_passage(&self, passage: PassageId) -> Result<Option<(usize, u32)>> {
        for (i, live) in self.segments.iter().enumerate() {
            if let Some(row) = live.segment.find_passage(passage)?
                && live.rows.as_ref().is_none_or(|rows| rows.contains(row))
            {
                return Ok(Some((i, row)));
            }
        }
        Ok(None)
    }

    fn find(&self, find: impl Fn(&Segment) -> Result<Option<u32>>) -> Result<Option<Place>> {
        // The newest segments hold what was changed last.
        for (segment, live) in self.segments.iter().enumerate().rev() {
            if let Some(document) = find(&live.segment)?
                && !live.is_dead(document)
            {
                return Ok(Some(Place { segment, document }));
            }
        }
        Ok(None)
    }

    /// A living document.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn document(&self, place: Place) -> Result<Found<'_>> {
        let segment = &*self.segments[place.segment].segment;
        Ok(Found { segment, entry: segment.entry(place.document)? })
    }

    /// Every living document, in the order of their numbers.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn places(&self) -> Result<Vec<Place>> {
        let mut places = Vec::new();
        for (i, live) in self.segments.iter().enumerate() {
            for document in (0..live.segment.documents()).filter(|&document| !live.is_dead(document)) {
                places.push((live.segment.entry(document)?.number, Place { segment: i, document }));
            }
        }
        places.sort_unstable_by_key(|&(number, _)| number);
        Ok(places.into_iter().map(|(_, place)| place).collect())
    }

    /// Whether all that was read of it up to now are bytes of its files.
    pub fn is_intact(&self) -> bool {
        self.segments.iter().all(|live| live.segment.is_intact())
    }

    /// An error when a file of it was cut, or could not be read, under its map. A block is checked when it is first read; what is cut
    /// later reads as zeros. So this is to be asked **after** reading and before anything comes of what was read:
    ///
    /// | where | before |
    /// |---|---|
    /// | `collection/search/run.rs` | hits are given, whatever was asked: vectors, words, filters, likeness |
    /// | `collection/handle.rs`, `collection/transfer.rs` | a document is given |
    /// | `collection/folder/stale.rs` | files are compared with what is stored |
    /// | `collection/records_to_index.rs` | records are made from it, or deleted for it, or compared with it |
    /// | `publish.rs` | a manifest becomes current that its entries went into; also asked of the new one |
    /// | `segment/build.rs` | a merge's new segment can be named |
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn check_intact(&self) -> Result<()> {
        self.segments.iter().try_for_each(|live| live.segment.check_intact())
    }

    /// What `read` makes of it, unless something was missing that it read; that also goes before its own error.
    ///
    /// # Errors
    /// As [`Snapshot::check_intact`]; what `read` says.
    pub fn intact<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let made = read();
        self.check_intact()?;
        made
    }

    /// Checks every byte as it is on the disk now, and that what the manifest counts is there.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]: the first thing that is wrong.
    pub fn verify(&self, directory: &Path) -> Result<()> {
        Manifest::read(directory)?;
        for live in &self.segments {
            live.segment.verify()?;
        }
        let Totals { documents, passages, .. } = self.totals();
        let rows: u64 = self.segments.iter().map(|live| u64::from(live.count())).sum();
        let places = self.places()?;
        let mut numbers: Vec<u64> =
            places.iter().map(|&place| Ok(self.document(place)?.entry.number)).collect::<Result<_>>()?;
        numbers.dedup();
        self.check_intact()?;
        if (numbers.len() as u64, places.len() as u64, rows) != (documents, documents, passages) {
            let (found, path) = (places.len(), Manifest::path(directory));
            let problem = format!(
                "it counts {documents} documents with {passages} passages; {found} with {rows} are in its segments"
            );
            return Err(Error::IndexDamaged { path, problem });
        }
        Ok(())
    }

    /// How many segments it has.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// How many of its segments have a graph.
    pub fn graph_count(&self) -> usize {
        self.segments.iter().filter(|live| live.segment.graph().is_some()).count()
    }

    /// Bytes of its files.
    pub fn bytes_on_disk(&self) -> u64 {
        self.manifest.segments.iter().map(|listed| listed.bytes).sum()
    }
}

/// The numbers of the segment files in a directory; none where there is no directory.
pub(crate) fn segment_files(directory: &Path) -> Result<Vec<u64>> {
    let names = match Dir::nested(directory).and_then(|dir| dir.names()) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        names => names.map_err(Error::io("read", directory))?,
    };
    Ok(names.iter().filter_map(|name| name.to_str()?.strip_prefix("segment-")?.parse().ok()).collect())
}

/// The file of a segment.
pub(crate) fn segment_path(directory: &Path, id: u64) -> PathBuf {
    directory.join(format!("segment-{id:08}"))
}

/// Opens a segment and compares it with what the manifest says of it.
fn open_segment(path: &Path, listed: &Listed, shape: Shape) -> Result<Arc<Segment>> {
    let segment = Segment::open(path).map_err(|error| match error {
        Error::Io { source, path, .. } if source.kind() == ErrorKind::NotFound => {
            Error::IndexDamaged { path, problem: "it is missing".to_owned() }
        }
        other => other,
    })?;
    let same = segment.identity() == (listed.bytes, listed.crc) && segment.shape() == shape;
    if !same || (segment.documents(), segment.rows()) != (listed.documents, listed.rows) {
        return Err(segment.damaged("it is not the file that the manifest names"));
    }
    Ok(Arc::new(segment))
}

/// A segment with these dead documents, ascending.
fn live(segment: Arc<Segment>, dead: &[u32]) -> Result<Live> {
    if dead.is_empty() {
        return Ok(Live { segment, rows: None, dead: None });
    }
    let (mut rows, mut documents) = (Bitmap::all(segment.rows()), Bitmap::none(segment.documents()));
    for &document in dead {
        if document >= segment.documents() {
            return Err(segment.damaged("the manifest tells of a document that it does not have"));
        }
        documents.insert(document);
        segment.entry(document)?.row_range().for_each(|row| rows.remove(row));
    }
    Ok(Live { segment, rows: Some(rows), dead: Some(documents) })
}
