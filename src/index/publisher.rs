//! Publishes generations: the writer's side of the published directory. Only the process that holds the collection's lock uses it.
//!
//! | step | state after a crash at this step |
//! |---|---|
//! | segment files written and synced | files that no manifest lists; the next writer deletes them |
//! | directory synced, manifest written under another name and synced | the same |
//! | manifest renamed to `CURRENT` | the new generation |
//! | directory synced | the new generation, also after a power loss |
//! | files of the generation before the last deleted | the same |
//!
//! Files stay for one generation after the manifest stops listing them, for readers that are just opening them. A reader can go on
//! reading an open file after it is deleted.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use super::fail_point::fail_point;
use super::manifest::{Listed, Manifest};
use super::merge_policy::MergePolicy;
use super::segment::{self, Fresh, Input, Published, Segment, Shape, Sidecar, Writing};
use super::snapshot::{Snapshot, segment_files, segment_path};
use crate::disk::{Dir, sync_names};
use crate::document::Totals;
use crate::error::{Error, Result};
use crate::kernel::sync;

/// The changes that a commit publishes.
#[derive(Debug, Default)]
pub struct Changes {
    /// The totals of the records after these changes.
    pub totals: Totals,
    /// The settings of the collection: JSON.
    pub settings: String,
    /// New and changed documents; each replaces its older version.
    pub put: Vec<Published>,
    /// The numbers of documents to delete.
    pub removed: Vec<u64>,
}

/// The published directory of a collection, for its writer.
pub struct Publisher {
    pub(super) directory: PathBuf,
    pub(super) policy: MergePolicy,
    pub(super) sidecar: Arc<dyn Sidecar>,
    /// Locked while the next generation is made.
    state: Mutex<State>,
    current: RwLock<Arc<Snapshot>>,
}

pub(super) struct State {
    pub(super) next_segment: u64,
    /// The last generation number that was tried. Readers may have seen it even if publishing failed.
    generation: u64,
    /// The numbers of the segments that a merge is reading.
    pub(super) busy: HashSet<u64>,
    /// The numbers of the segments that the current generation no longer lists. Their files still exist.
    retired: Vec<u64>,
}

impl Publisher {
    /// Opens the published directory for writing, and deletes files that the manifest does not list; `None` if nothing is published.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`].
    pub fn open(directory: &Path, sidecar: Arc<dyn Sidecar>) -> Result<Option<Self>> {
        let Some(snapshot) = Snapshot::open(directory, None)? else { return Ok(None) };
        let publisher = Self::assemble(directory, snapshot, sidecar);
        publisher.sweep()?;
        Ok(Some(publisher))
    }

    pub(super) fn assemble(directory: &Path, snapshot: Snapshot, sidecar: Arc<dyn Sidecar>) -> Self {
        let (next_segment, generation) = (snapshot.manifest().next_segment, snapshot.generation());
        let state = State { next_segment, generation, busy: HashSet::new(), retired: Vec::new() };
        Self {
            directory: directory.to_path_buf(),
            policy: MergePolicy::default(),
            sidecar,
            state: Mutex::new(state),
            current: RwLock::new(Arc::new(snapshot)),
        }
    }

    /// Uses another merge policy.
    #[cfg(test)]
    pub(super) fn with_policy(self, policy: MergePolicy) -> Self {
        Self { policy, ..self }
    }

    /// Builds graphs in segments with at least `rows` rows that are not deleted.
    pub fn with_graphs_from(mut self, rows: u32) -> Self {
        self.policy = MergePolicy::of_graphs(rows);
        self
    }

    /// Returns the generation that was published last.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        let current = Arc::clone(&sync::read(&self.current));
        if current.is_intact() { current } else { self.reopened(current) }
    }

    /// Reopens the files of a generation that were cut or could not be read: they may be complete again. If they are not, returns the
    /// damaged generation, whose readers get the error.
    #[cold]
    fn reopened(&self, damaged: Arc<Snapshot>) -> Arc<Snapshot> {
        let again = Snapshot::open_manifest(&self.directory, damaged.manifest().clone(), Some(&damaged));
        let Ok(again) = again.map(Arc::new) else { return damaged };
        let mut current = sync::write(&self.current);
        if Arc::ptr_eq(&current, &damaged) {
            *current = again;
        }
        Arc::clone(&current)
    }

    /// Publishes changes. When this returns, all new readers find them, also after a power loss.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::IndexDamaged`]; then the previous generation stays.
    pub fn publish(&self, mut changes: Changes) -> Result<Arc<Snapshot>> {
        let mut state = self.lock();
        let before = self.snapshot();
        let mut manifest = before.manifest().clone();
        (manifest.totals, manifest.settings) = (changes.totals, changes.settings);
        // Older versions of replaced documents are deleted, too.
        let deleted = changes.put.iter().map(|document| document.number).chain(changes.removed.iter().copied());
        mark_deleted(&mut manifest, &before, deleted)?;
        // Write the new documents into a segment of their own.
        changes.put.sort_unstable_by_key(|document| document.number);
        let mut fresh = HashMap::new();
        if !changes.put.is_empty() {
            let input = Fresh::new(manifest.shape, &changes.put)?;
            let (listed, segment) =
                write_segment(&self.directory, &mut state.next_segment, &input, manifest.shape, &*self.sidecar)?;
            fresh.insert(listed.id, segment);
            manifest.segments.push(listed);
        }
        while let Some(ids) = self.small_merge(&state, &manifest, &before, &fresh) {
            self.merge_now(&mut state, &mut manifest, &before, &mut fresh, &ids)?;
        }
        let snapshot = self.make_current(&mut state, manifest, &before)?;
        // Segments that were written and merged in this commit were never listed.
        for id in fresh.into_keys().filter(|id| index_of(&snapshot, *id).is_none()) {
            let _ = fs::remove_file(segment_path(&self.directory, id));
            fail_point("unnamed file deleted").map_err(Error::io("delete", &self.directory))?;
        }
        Ok(snapshot)
    }

    /// Replaces the current manifest. The content of the files that it lists must be durable; this method makes their names durable.
    pub(super) fn make_current(
        &self,
        state: &mut State,
        mut manifest: Manifest,
        before: &Snapshot,
    ) -> Result<Arc<Snapshot>> {
        state.generation += 1;
        manifest.generation = state.generation;
        manifest.next_segment = state.next_segment;
        // Opened before it is published, so that an unreadable generation never becomes current.
        let mut snapshot = Snapshot::open_manifest(&self.directory, manifest, Some(before))?;
        before.check_intact().and_then(|()| snapshot.check_intact())?;
        sync_names(&self.directory).map_err(Error::io("sync", &self.directory))?;
        fail_point("names synced").map_err(Error::io("sync", &self.directory))?;
        snapshot.write(&self.directory)?;
        let snapshot = Arc::new(snapshot);
        *sync::write(&self.current) = Arc::clone(&snapshot);
        fail_point("published").map_err(Error::io("sync", &self.directory))?;
        // Delete the files that the previous generation stopped listing; keep those of this one for readers that are opening them.
        let listed: HashSet<u64> = snapshot.manifest().segments.iter().map(|listed| listed.id).collect();
        let retired = before.manifest().segments.iter().map(|listed| listed.id).filter(|id| !listed.contains(id));
        for id in std::mem::replace(&mut state.retired, retired.collect()) {
            // A file that cannot be deleted now (on some systems: while a reader has it open) is deleted by the next writer.
            let _ = fs::remove_file(segment_path(&self.directory, id));
            fail_point("retired file deleted").map_err(Error::io("delete", &self.directory))?;
        }
        fail_point("swept").map_err(Error::io("sync", &self.directory))?;
        Ok(snapshot)
    }

    /// Deletes segments that the current manifest does not list, and unfinished files.
    pub(super) fn sweep(&self) -> Result<()> {
        let unfinished = Dir::nested(&self.directory).and_then(|dir| dir.sweep());
        unfinished.map_err(Error::io("clear", &self.directory))?;
        let snapshot = self.snapshot();
        let listed: HashSet<u64> = snapshot.manifest().segments.iter().map(|listed| listed.id).collect();
        for id in segment_files(&self.directory)?.into_iter().filter(|id| !listed.contains(id)) {
            let path = segment_path(&self.directory, id);
            match fs::remove_file(&path) {
                Err(error)
                    if !matches!(
                        error.kind(),
                        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::IsADirectory
                    ) =>
                {
                    return Err(Error::io("delete", &path)(error));
                }
                _ => fail_point("file swept").map_err(Error::io("delete", &path))?,
            }
        }
        Ok(())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }
}

/// Writes a segment without a graph, and opens it.
pub(super) fn write_segment(
    directory: &Path,
    next: &mut u64,
    input: &dyn Input,
    shape: Shape,
    sidecar: &dyn Sidecar,
) -> Result<(Listed, Arc<Segment>)> {
    let id = take_number(next);
    let path = segment_path(directory, id);
    let writing = Writing { shape, sidecar, graph: None, cancel: &AtomicBool::new(false) };
    let written = segment::write(&path, input, &writing)
        .and_then(|()| fail_point("segment written").map_err(Error::io("write", &path)))
        .and_then(|()| Segment::open(&path));
    let segment = written.inspect_err(|_| {
        // An unfinished segment must not fill a full disk. The caller gets the first error, not an error of deleting.
        let _ = fs::remove_file(&path);
    })?;
    let listed = Listed::new(id, segment.identity(), segment.documents(), segment.rows());
    Ok((listed, Arc::new(segment)))
}

pub(super) fn take_number(next: &mut u64) -> u64 {
    *next += 1;
    *next - 1
}

/// Returns the index in the snapshot of the segment with this number.
pub(super) fn index_of(snapshot: &Snapshot, id: u64) -> Option<usize> {
    snapshot.manifest().segments.iter().position(|listed| listed.id == id)
}

/// Marks documents as deleted in the manifest.
fn mark_deleted(manifest: &mut Manifest, before: &Snapshot, numbers: impl Iterator<Item = u64>) -> Result<()> {
    let mut by_segment: HashMap<usize, Vec<u32>> = HashMap::new();
    for number in numbers {
        if let Some(found) = before.find_number(number)? {
            by_segment.entry(found.segment).or_default().push(found.document);
        }
    }
    for (index, deleted) in by_segment {
        let (listed, segment) = (&mut manifest.segments[index], &before.segments()[index].segment);
        let mut dead = listed.dead();
        dead.extend(deleted);
        dead.sort_unstable();
        dead.dedup();
        let rows = count_rows(segment, &dead)?;
        listed.set_dead(&dead, rows);
    }
    Ok(())
}

/// Returns the number of rows of some documents of a segment.
pub(super) fn count_rows(segment: &Segment, documents: &[u32]) -> Result<u32> {
    let rows = documents.iter().map(|&document| Ok(segment.entry(document)?.rows)).sum();
    segment.check_intact()?;
    rows
}
