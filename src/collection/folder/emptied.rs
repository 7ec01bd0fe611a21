//! A folder in which there is nothing any more, though it had documents: is it emptied, or is its disk not mounted?
//!
//! Nobody can tell, so nothing is removed until that is asked for. This is about the folder that is indexed, not about those
//! below it: emptying one of these is an everyday thing, what tells a mount point from a folder is gone with the mount,
//! and a mistake costs the time to encode its files again.

use std::path::Path;

use super::FolderOptions;
use super::report::SkippedFile;
use crate::error::Result;
use crate::ingest::source::{self, FolderScan, WalkOptions};
use crate::ingest::sync::SyncPlan;

/// Takes the removals out of a plan where there is nothing at all in the folder. Gives the number of documents that are kept.
///
/// # Errors
/// As [`source::is_bare`].
pub(super) fn spare(
    plan: &mut SyncPlan,
    scan: &FolderScan,
    root: &Path,
    walk: &WalkOptions,
    options: &FolderOptions,
    cancelled: &dyn Fn() -> bool,
) -> Result<usize> {
    if options.allow_empty || plan.gone.is_empty() || !scan.is_empty() {
        return Ok(0);
    }
    // A part of the folder was looked at: the rest may be there.
    if scan.only.is_some() && !source::is_bare(root, walk, cancelled)? {
        return Ok(0);
    }
    Ok(std::mem::take(&mut plan.gone).len())
}

/// What is said of it.
pub(super) fn notice(prefix: &str, kept: usize) -> SkippedFile {
    let path = prefix.trim_end_matches('/');
    let path = if path.is_empty() { ".".to_owned() } else { path.to_owned() };
    let documents = if kept == 1 { "the document".to_owned() } else { format!("the {kept} documents") };
    let reason = format!(
        "the folder is there but has no files, as when a disk is not mounted: {documents} that would be removed are kept; \
         if the files are really gone, index it again with allow_empty"
    );
    SkippedFile { path, reason }
}
