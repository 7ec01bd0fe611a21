//! `nigh migrate --space`, and what `nigh status` says about it.

use std::path::Path;

use nigh::{Collection, ModelInfo, SpaceChange, Status, VectorSpace};
use serde::Serialize;

use super::WAIT;
use crate::interrupt;
use crate::output::{Failure, bytes, count};
use crate::plan::Plan;

/// Passages that are moved and published again in a second, with their graph: 49,970 took 23 s on two busy cores.
const PASSAGES_PER_SECOND: u64 = 2_000;

/// A move that would be possible, in `nigh status --json`.
#[derive(Serialize)]
pub(super) struct MoveJson {
    space: VectorSpace,
    command: String,
    /// The estimated time.
    seconds: u64,
    /// The disk space that it needs while it runs, at most.
    bytes: u64,
}

/// The `space` of `nigh migrate --json`.
#[derive(Serialize)]
pub(super) struct ChangeJson {
    from: VectorSpace,
    to: VectorSpace,
    passages: u64,
}

impl From<SpaceChange> for ChangeJson {
    fn from(change: SpaceChange) -> Self {
        Self { from: change.from, to: change.to, passages: change.passages }
    }
}

/// Returns the move to the language-neutral space; `None` if the vectors are there already, or it does not suit the model.
pub(super) fn possible_move(status: &Status) -> Option<MoveJson> {
    let space = VectorSpace::LanguageNeutral;
    if status.space != Some(VectorSpace::Original) {
        return None;
    }
    let model = ModelInfo::open(status.model_path.as_ref()?).ok()?;
    (VectorSpace::suited_to(&model).ok()? == space).then(|| MoveJson {
        space,
        command: format!("nigh migrate --space {space}"),
        seconds: status.passages.div_ceil(PASSAGES_PER_SECOND).max(1),
        bytes: status.bytes_on_disk,
    })
}

impl MoveJson {
    /// For people.
    pub(super) fn line(&self) -> String {
        let seconds = count(usize::try_from(self.seconds).unwrap_or(usize::MAX), "second");
        format!(
            "{}; `{}` moves the vectors: for texts in several languages; encodes nothing, takes about {seconds} and up to {} more \
             disk while it runs",
            self.space,
            self.command,
            bytes(self.bytes)
        )
    }
}

/// Moves the vectors of a collection, with a progress bar.
pub(super) fn change(plan: &Plan, path: &Path, space: VectorSpace) -> Result<SpaceChange, Failure> {
    let stop = interrupt::cancel();
    let mut bar = plan.notes.counted();
    let change = Collection::change_space(path, space).options(plan.options().lock_timeout(WAIT)).cancel(stop);
    let (collection, change) = change
        .on_progress(|progress| {
            if progress.documents == 0 {
                bar.set("vectors moved", progress.passages, progress.total_passages);
            } else {
                bar.set("documents published", progress.documents, progress.total_documents);
            }
        })
        .run()?;
    drop(bar);
    let _doing = plan.notes.doing("preparing the index for searches");
    collection.writer()?.wait_for_merges().cancel(stop).run()?;
    Ok(change)
}

/// For people.
pub(super) fn describe(path: &Path, change: SpaceChange) -> String {
    let SpaceChange { from, to, passages, .. } = change;
    let path = path.display();
    if from == to {
        return format!("{path}: its vectors are already in the {to} space");
    }
    let vectors = count(usize::try_from(passages).unwrap_or(usize::MAX), "vector");
    format!("{path}: {vectors} moved from the {from} space to the {to} space")
}
