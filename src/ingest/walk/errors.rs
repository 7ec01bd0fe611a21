//! Paths that could not be read, and the effect on the files below.

use std::fs;
use std::io;
use std::path::Path;

use super::{below, portable, shown};
use crate::ingest::source::FolderScan;

const LEADS_NOWHERE: &str = "symbolic link that leads nowhere (its target is gone, or it points back to itself)";

/// The reason that is reported for a link that is not followed.
pub(super) fn of_link(path: &Path) -> &'static str {
    if fs::metadata(path).is_ok() {
        "symbolic link, not followed; with follow_links its target is read"
    } else {
        LEADS_NOWHERE
    }
}

/// Files an error of the walk under what it means for the files below.
pub(super) fn report(scan: &mut FolderScan, root: &Path, error: &walkdir::Error) {
    let path = error.path();
    let relative = path.map(|path| below(root, path));
    let name = relative.as_deref().map(shown).unwrap_or_default();
    if error.loop_ancestor().is_some() {
        scan.skip(name, "symbolic link that leads back to a folder above it");
        return;
    }
    let kind = error.io_error().map_or(io::ErrorKind::Other, io::Error::kind);
    let link = path.and_then(|path| fs::symlink_metadata(path).ok()).is_some_and(|found| found.is_symlink());
    let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    failed(scan, relative.as_deref(), name, (kind, link), &cause);
}

/// Adds an error of the walk to the result: its path, if known, and everything below it are unknown.
pub(super) fn failed(
    scan: &mut FolderScan,
    relative: Option<&Path>,
    name: String,
    (kind, link): (io::ErrorKind, bool),
    cause: &str,
) {
    if kind == io::ErrorKind::NotFound {
        scan.skip(name, if link { LEADS_NOWHERE } else { "vanished during the walk" });
        return;
    }
    scan.skip(name, format!("cannot be read: {cause}; what was indexed below it is kept"));
    // A name that is not UTF-8 cannot be compared with stored ones: the folder that holds it can.
    let known = relative.and_then(|relative| relative.ancestors().find_map(portable));
    scan.failed_directories.push(known.unwrap_or_default());
}
