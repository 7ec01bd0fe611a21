//! Paths that could not be read, and their effect on the files below them.

use std::fs;
use std::io;
use std::path::Path;

use super::{below, portable, shown};
use crate::ingest::source::FolderScan;

const LEADS_NOWHERE: &str = "symbolic link that leads nowhere (its target is gone, or it points back to itself)";

/// Returns the reason that is reported for a link that is not followed.
pub(super) fn unfollowed_link_reason(path: &Path) -> &'static str {
    if fs::metadata(path).is_ok() {
        "symbolic link, not followed; with follow_links its target is read"
    } else {
        LEADS_NOWHERE
    }
}

/// Adds an error of the walk to the result, by its effect on the files below its path.
pub(super) fn report(scan: &mut FolderScan, root: &Path, error: &walkdir::Error) {
    let path = error.path();
    let relative = path.map(|path| below(root, path));
    let name = relative.as_deref().map(shown).unwrap_or_default();
    if error.loop_ancestor().is_some() {
        scan.skip(name, "symbolic link that leads back to a folder above it");
        return;
    }
    let kind = error.io_error().map_or(io::ErrorKind::Other, io::Error::kind);
    let is_link = path.and_then(|path| fs::symlink_metadata(path).ok()).is_some_and(|metadata| metadata.is_symlink());
    let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    add_failed(scan, relative.as_deref(), name, (kind, is_link), &cause);
}

/// Adds a failed path to the result. The state of the path, if it is known, and of everything below it stays unknown, so
/// their documents are kept.
pub(super) fn add_failed(
    scan: &mut FolderScan,
    relative: Option<&Path>,
    name: String,
    (kind, is_link): (io::ErrorKind, bool),
    cause: &str,
) {
    if kind == io::ErrorKind::NotFound {
        scan.skip(name, if is_link { LEADS_NOWHERE } else { "was deleted while nigh was indexing" });
        return;
    }
    scan.skip(name, format!("cannot be read: {cause}; what was indexed below it is kept"));
    // A name that is not UTF-8 cannot be compared with stored ones, so take the folder that contains it.
    let nearest_utf8 = relative.and_then(|relative| relative.ancestors().find_map(portable));
    scan.failed_directories.push(nearest_utf8.unwrap_or_default());
}
