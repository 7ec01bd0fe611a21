//! Runs merges: small ones within the commit that causes them, large ones while others publish and search.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::fail_point::fail_point;
use super::graph::GraphParameters;
use super::manifest::{Listed, Manifest};
use super::merge_policy::{self, MergeCandidate};
use super::publisher::{Publisher, State, count_rows, index_of, take_number, write_segment};
use super::segment::{self, Input, Merged, Segment, Writing};
use super::snapshot::{Snapshot, segment_path};
use crate::error::{Error, Result};

impl Publisher {
    /// True if there is a merge for [`Publisher::merge`].
    pub fn wants_merge(&self) -> bool {
        let state = self.lock();
        let snapshot = self.snapshot();
        self.next_merge(&state, snapshot.manifest(), &snapshot, &HashMap::new()).is_some()
    }

    /// Does one merge while others publish and search. Returns false if there is nothing to merge. `pool` builds graphs; set `cancel` to
    /// stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`]; [`Error::Io`]; [`Error::IndexDamaged`]. The published generation then stays as it is.
    pub fn merge(&self, pool: &rayon::ThreadPool, cancel: &AtomicBool) -> Result<bool> {
        let mut state = self.lock();
        let before = self.snapshot();
        let Some(ids) = self.next_merge(&state, before.manifest(), &before, &HashMap::new()) else { return Ok(false) };
        state.busy.extend(&ids);
        let id = take_number(&mut state.next_segment);
        drop(state);
        let merged = self.merge_to(id, &ids, &before, pool, cancel);
        let mut state = self.lock();
        ids.iter().for_each(|id| {
            state.busy.remove(id);
        });
        // Publish the new segment instead of its inputs.
        let (input, segment) = match merged {
            Ok(merged) => merged,
            Err(error) => {
                // The caller gets the first error, not an error of the cleanup.
                let _ = fs::remove_file(segment_path(&self.directory, id));
                return Err(error);
            }
        };
        let now = self.snapshot();
        let mut manifest = now.manifest().clone();
        if let Some(segment) = segment {
            let mut listed = Listed::new(id, segment.identity(), segment.documents(), segment.rows());
            let (dead, rows) = deleted_meanwhile(&ids, &input, &now, &segment)?;
            listed.set_dead(&dead, rows);
            manifest.segments.push(listed);
        }
        manifest.segments.retain(|listed| !ids.contains(&listed.id));
        self.make_current(&mut state, manifest, &now)?;
        Ok(true)
    }

    /// Writes the documents of some segments that are not deleted into a new segment; `None` if all are deleted.
    fn merge_to(
        &self,
        id: u64,
        ids: &[u64],
        before: &Snapshot,
        pool: &rayon::ThreadPool,
        cancel: &AtomicBool,
    ) -> Result<(Merged, Option<Arc<Segment>>)> {
        let lives: Vec<_> = ids.iter().filter_map(|id| index_of(before, *id)).map(|i| &before.segments()[i]).collect();
        let segments = lives.iter().map(|live| Arc::clone(&live.segment)).collect();
        let input = Merged::new(segments, &|segment, document| lives[segment].is_dead(document))?;
        if input.documents() == 0 {
            return Ok((input, None));
        }
        let path = segment_path(&self.directory, id);
        let shape = before.shape();
        let large = input.rows() >= self.policy.graph_min_rows as usize;
        let graph = large.then(|| (GraphParameters::default(), pool));
        segment::write(&path, &input, &Writing { shape, sidecar: &*self.sidecar, graph, cancel })?;
        fail_point("merged segment written").map_err(Error::io("write", &path))?;
        let segment = Arc::new(Segment::open(&path)?);
        Ok((input, Some(segment)))
    }

    /// Returns the segments of the next merge, if it is small enough for the commit itself.
    pub(super) fn small_merge(
        &self,
        state: &State,
        manifest: &Manifest,
        before: &Snapshot,
        fresh: &HashMap<u64, Arc<Segment>>,
    ) -> Option<Vec<u64>> {
        let ids = self.next_merge(state, manifest, before, fresh)?;
        let rows = manifest.segments.iter().filter(|listed| ids.contains(&listed.id)).map(Listed::live_rows);
        (rows.sum::<u32>() <= self.policy.commit_max_rows).then_some(ids)
    }

    /// Merges segments within a commit. `fresh`: the segments that this commit has written.
    pub(super) fn merge_now(
        &self,
        state: &mut State,
        manifest: &mut Manifest,
        before: &Snapshot,
        fresh: &mut HashMap<u64, Arc<Segment>>,
        ids: &[u64],
    ) -> Result<()> {
        let inputs = manifest.segments.iter().filter(|listed| ids.contains(&listed.id));
        let opened =
            inputs.filter_map(|listed| Some((Arc::clone(segment_of(before, fresh, listed.id)?), listed.dead())));
        let (segments, dead): (Vec<_>, Vec<_>) = opened.unzip();
        let input = Merged::new(segments, &|segment, document| dead[segment].binary_search(&document).is_ok())?;
        manifest.segments.retain(|listed| !ids.contains(&listed.id));
        if input.documents() > 0 {
            let (listed, segment) =
                write_segment(&self.directory, &mut state.next_segment, &input, manifest.shape, &*self.sidecar)?;
            fresh.insert(listed.id, segment);
            manifest.segments.push(listed);
        }
        Ok(())
    }

    /// Returns the segments of the next merge, without busy ones.
    fn next_merge(
        &self,
        state: &State,
        manifest: &Manifest,
        before: &Snapshot,
        fresh: &HashMap<u64, Arc<Segment>>,
    ) -> Option<Vec<u64>> {
        let candidates =
            manifest.segments.iter().filter(|listed| !state.busy.contains(&listed.id)).map(|listed| MergeCandidate {
                id: listed.id,
                rows: listed.rows,
                live: listed.live_rows(),
                documents: listed.documents,
                live_documents: listed.live_documents(),
                has_graph: segment_of(before, fresh, listed.id).is_some_and(|segment| segment.graph().is_some()),
            });
        merge_policy::next_merge(&self.policy, &candidates.collect::<Vec<_>>())
    }
}

/// Finds a segment that is published or just written.
fn segment_of<'a>(before: &'a Snapshot, fresh: &'a HashMap<u64, Arc<Segment>>, id: u64) -> Option<&'a Arc<Segment>> {
    index_of(before, id).map(|i| &before.segments()[i].segment).or_else(|| fresh.get(&id))
}

/// Returns the documents of a merged segment that were deleted from its inputs meanwhile, ascending, and the number of their rows.
fn deleted_meanwhile(ids: &[u64], input: &Merged, now: &Snapshot, segment: &Segment) -> Result<(Vec<u32>, u32)> {
    let indices: Vec<Option<usize>> = ids.iter().map(|&id| index_of(now, id)).collect();
    let was_deleted = |&(_, (input, document)): &(u32, (usize, u32))| {
        indices.get(input).copied().flatten().is_none_or(|index| now.segments()[index].is_dead(document))
    };
    let dead: Vec<u32> = (0u32..).zip(input.origins()).filter(was_deleted).map(|(document, _)| document).collect();
    let rows = count_rows(segment, &dead)?;
    Ok((dead, rows))
}
