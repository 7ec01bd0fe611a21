//! A folder without any file that had documents before: either it was emptied, or its disk is not mounted.
//!
//! The program cannot tell which. So nothing is removed until the user asks for it. This holds for the indexed folder only,
//! not for the folders in it. Those are emptied often, and after an unmount nothing shows that one was a mount point. A
//! mistake there only costs the time to encode its files again.

use std::path::Path;

use super::FolderOptions;
use super::report::SkippedFile;
use crate::error::Result;
use crate::ingest::source::{self, FolderScan, WalkOptions};
use crate::ingest::sync::SyncPlan;

/// Takes the removals out of a plan if the folder has no file at all. Returns the number of documents that are kept.
///
/// # Errors
/// The errors of [`source::is_bare`].
pub(super) fn keep_documents(
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
    // Only a part of the folder was walked: the rest may have files.
    if scan.only.is_some() && !source::is_bare(root, walk, cancelled)? {
        return Ok(0);
    }
    Ok(std::mem::take(&mut plan.gone).len())
}

/// Returns the message about the documents that are kept.
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
