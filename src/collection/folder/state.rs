//! Remembers two things next to the collection, in `folders.json`: the indexed folders, and the files that gave no text. So
//! an archive of films, or a PDF on which its reader hangs, is not read again by every run. Losing this file only costs
//! time, and the next run refuses no folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::FolderOptions;
use super::reach::belongs_to;
use super::report::{FolderReport, SkippedFile};
use super::roots::Roots;
use crate::disk::Dir;
use crate::document::{DocumentId, FileStamp};
use crate::error::Result;
use crate::ingest::read::Skip;
use crate::ingest::source::FolderScan;
use nigh_formats::{FEATURES, SCHEME};

const FILE_NAME: &str = "folders.json";

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    /// Everything that decides whether a file gives text, see [`extraction`]. If it changes, all files are read again.
    extraction: String,
    folders: Vec<String>,
    #[serde(default, skip_serializing_if = "Roots::is_empty")]
    roots: Roots,
    refused: BTreeMap<String, Refused>,
}

/// A file that gave no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    stamp: FileStamp,
    reason: String,
    /// True if the file could not be read; false if it has no text.
    failed: bool,
}

/// The results of earlier runs.
pub(super) struct FolderState {
    collection: PathBuf,
    content: Content,
    changed: bool,
}

/// The most bytes of the file, more than it ever has: a path and a reason for each file that gave no text.
const MAX_BYTES: u64 = 256 << 20;

impl FolderState {
    /// Reads the state of a collection. Empty if the file is missing or invalid, or if the collection is not trusted.
    pub(super) fn read(collection: &Path, trusted: bool, options: &FolderOptions) -> Self {
        let limit = options.worker.as_ref().map(|worker| worker.time_limit.as_millis());
        Self::read_with(collection, trusted, extraction(limit, &FEATURES))
    }

    fn read_with(collection: &Path, trusted: bool, extraction: String) -> Self {
        let bytes = || Dir::open(collection)?.read(FILE_NAME, MAX_BYTES);
        let read = if trusted { bytes().ok().flatten() } else { None };
        let mut content: Content = read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        if content.extraction != extraction {
            content.refused.clear();
            content.extraction = extraction;
        }
        Self { collection: collection.to_path_buf(), content, changed: false }
    }

    /// Writes the state if it changed. A failure does no more harm than losing the file.
    pub(super) fn write(&self) {
        if self.changed
            && let Ok(json) = serde_json::to_vec_pretty(&self.content)
        {
            let _ = Dir::open(&self.collection).and_then(|directory| directory.replace(FILE_NAME, &json));
        }
    }

    /// Returns the stamp of a file that gave no text when it was read.
    pub(super) fn stamp(&self, id: &str) -> Option<FileStamp> {
        self.content.refused.get(id).map(|refused| refused.stamp)
    }

    /// Reports a file that was not read again, with the reason from when it was read.
    pub(super) fn report(&self, id: &DocumentId, report: &mut FolderReport) {
        if let Some(refused) = self.content.refused.get(id.as_str()) {
            let list = if refused.failed { &mut report.failed } else { &mut report.skipped };
            list.push(SkippedFile { path: id.as_str().to_owned(), reason: refused.reason.clone() });
        }
    }

    /// Remembers a file that gave no text. Does not remember one that the system could not read: every run tries it again.
    pub(super) fn add_refused(&mut self, id: &DocumentId, skip: &Skip, stamp: FileStamp) {
        let failed = match skip {
            Skip::Unreadable(_) => return,
            Skip::Damaged(_) => true,
            Skip::NotText(_) => false,
        };
        let refused = Refused { stamp, reason: skip.to_string(), failed };
        self.content.refused.insert(id.as_str().to_owned(), refused);
        self.changed = true;
    }

    /// Forgets a file that gives text now.
    pub(super) fn remove_refused(&mut self, id: &DocumentId) {
        self.changed |= self.content.refused.remove(id.as_str()).is_some();
    }

    /// Forgets files that are gone.
    pub(super) fn forget(&mut self, prefix: &str, scan: &FolderScan) {
        let is_present = |id: &str| match id.strip_prefix(prefix).filter(|_| belongs_to(prefix, id)) {
            Some(relative) => {
                !scan.covers(relative)
                    || scan.is_unknown(relative)
                    || scan.files.binary_search_by(|file| file.relative.as_str().cmp(relative)).is_ok()
            }
            None => true,
        };
        let before = self.content.refused.len();
        self.content.refused.retain(|id, _| is_present(id));
        self.changed |= self.content.refused.len() != before;
    }

    /// Remembers an indexed folder. Ignores a single file.
    pub(super) fn add_folder(&mut self, prefix: &str, is_file: bool) {
        let folder = prefix.trim_end_matches('/');
        let folders = &mut self.content.folders;
        let above = |outer: &str, inner: &str| {
            outer.is_empty() && belongs_to(outer, inner)
                || !outer.is_empty()
                    && inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if is_file || folders.iter().any(|known| above(known, folder)) {
            return;
        }
        folders.retain(|known| !above(folder, known));
        folders.push(folder.to_owned());
        folders.sort();
        self.changed = true;
    }

    /// Checks that a folder shares no documents with another indexed folder, and remembers where it is.
    ///
    /// # Errors
    /// [`Error::FolderConflict`](crate::Error::FolderConflict).
    pub(super) fn add_root(&mut self, prefix: &str, root: &Path) -> Result<()> {
        self.check_root(prefix, root)?;
        if !root.is_file() {
            self.changed |= self.content.roots.add(&self.collection, prefix, root);
        }
        Ok(())
    }

    /// Checks that a folder shares no documents with another indexed folder. A single file never removes documents.
    ///
    /// # Errors
    /// [`Error::FolderConflict`](crate::Error::FolderConflict).
    pub(super) fn check_root(&self, prefix: &str, root: &Path) -> Result<()> {
        if root.is_file() { Ok(()) } else { self.content.roots.check(&self.collection, prefix, root) }
    }

    /// Forgets a folder, and its files that gave no text.
    pub(super) fn drop_folder(&mut self, prefix: &str) {
        let folder = prefix.trim_end_matches('/');
        self.content.folders.retain(|known| known != folder);
        self.content.roots.forget(prefix);
        self.content.refused.retain(|id, _| !belongs_to(prefix, id));
        self.changed = true;
    }

    /// Returns the folders that were indexed.
    pub(super) fn folders(&self) -> &[String] {
        &self.content.folders
    }

    /// Adds the folders that the collection itself remembers, so that losing the file loses no folder.
    pub(super) fn add_folders(&mut self, folders: &[String]) {
        for folder in folders {
            self.add_folder(folder, false);
        }
    }
}

/// Describes everything that decides whether a file gives text: the version of the extraction, its time limit, and the
/// built-in readers, unless all are built in. So a build with more readers reads the files that one with fewer could not.
fn extraction(limit: Option<u128>, features: &[(&str, bool)]) -> String {
    let mut description = format!("{SCHEME}, {} ms", limit.map_or_else(|| "any".to_owned(), |limit| limit.to_string()));
    if features.iter().any(|(_, built)| !built) {
        description.push_str("; text");
        for (name, _) in features.iter().filter(|(_, built)| *built) {
            description.push_str(", ");
            description.push_str(name);
        }
    }
    description
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::source::FoundFile;

    #[test]
    fn refused_files_are_remembered_until_they_change_or_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let options = FolderOptions::default();
        let mut state = FolderState::read(folder.path(), true, &options);
        let stamp = FileStamp { size: 1, modified_ns: 2, checked_ns: 3, ..FileStamp::default() };
        let [a, b, c, d] = ["x/a", "x/b", "x/c", "y/d"].map(|id| DocumentId::new(id).unwrap());
        state.add_refused(&a, &Skip::NotText("a PNG".to_owned()), stamp);
        state.add_refused(&b, &Skip::Damaged("hangs".to_owned()), stamp);
        state.add_refused(&c, &Skip::Unreadable("permissions".to_owned()), stamp);
        state.add_refused(&d, &Skip::NotText("elsewhere".to_owned()), stamp);
        state.write();
        let mut state = FolderState::read(folder.path(), true, &options);
        assert_eq!((state.stamp("x/a"), state.stamp("x/b"), state.stamp("x/c")), (Some(stamp), Some(stamp), None));
        let mut report = FolderReport::default();
        [&a, &b, &c].into_iter().for_each(|id| state.report(id, &mut report));
        assert_eq!((report.skipped.len(), report.failed.len()), (1, 1));
        let file =
            FoundFile { path: "b".into(), relative: "b".to_owned(), size: 1, modified_ns: 2, changed_ns: 0, inode: 0 };
        state.forget("x/", &FolderScan { files: vec![file], ..FolderScan::default() });
        assert_eq!([&a, &b, &d].map(|id| state.stamp(id.as_str()).is_some()), [false, true, true]);
        state.remove_refused(&b);
        assert_eq!(state.stamp("x/b"), None);
        state.write();
        let slow = crate::ingest::read::WorkerCommand::new("nigh", ["x"]);
        let other = FolderState::read(folder.path(), true, &options.worker(slow));
        assert_eq!(other.stamp("y/d"), None, "another worker may read them");
    }

    #[test]
    fn extraction_lists_the_readers_unless_all_are_built_in() {
        let all = [("html", true), ("pdf", true)];
        assert_eq!(extraction(None, &all), format!("{SCHEME}, any ms"));
        assert_eq!(extraction(Some(30_000), &all), format!("{SCHEME}, 30000 ms"));
        assert_eq!(extraction(None, &[("html", true), ("pdf", false)]), format!("{SCHEME}, any ms; text, html"));
        assert_eq!(extraction(None, &[("html", false), ("pdf", false)]), format!("{SCHEME}, any ms; text"));
    }

    #[test]
    fn refused_files_are_read_again_by_a_build_with_other_readers() {
        let folder = tempfile::tempdir().unwrap();
        let id = DocumentId::new("x/a.docx").unwrap();
        let stamp = FileStamp { size: 1, modified_ns: 2, checked_ns: 3, ..FileStamp::default() };
        let not_built = nigh_formats::Error::NotBuilt { format: "a Word document", feature: "office" };
        let skip = Skip::from(not_built);
        let lacking = FEATURES.map(|(name, built)| (name, built && name != "office"));
        let more = FEATURES.map(|(name, _)| (name, true));
        for (mine, other) in [(&lacking, &more), (&more, &lacking)] {
            let mut state = FolderState::read_with(folder.path(), true, extraction(None, mine));
            state.add_refused(&id, &skip, stamp);
            state.write();
            let again =
                |features| FolderState::read_with(folder.path(), true, extraction(None, features)).stamp("x/a.docx");
            assert_eq!(again(mine), Some(stamp), "not read by every run");
            assert_eq!(again(other), None);
        }
    }

    #[test]
    fn folders_below_a_remembered_folder_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = FolderState::read(folder.path(), true, &FolderOptions::default());
        for prefix in ["docs/a/", "docs/b/", "docs/", "docsets/", "docs/c/"] {
            state.add_folder(prefix, false);
        }
        state.add_folder("single/", true);
        assert_eq!(state.content.folders, ["docs", "docsets"]);
        // A folder elsewhere is not below the one without a prefix.
        let elsewhere = folder.path().to_str().unwrap().to_owned();
        state.add_folder(&format!("{elsewhere}/"), false);
        state.add_folder("", false);
        assert_eq!(state.folders(), ["", &elsewhere]);
        state.add_folders(&["docs".to_owned(), elsewhere.clone()]);
        assert_eq!(state.folders(), ["", &elsewhere]);
        state.drop_folder(&format!("{elsewhere}/"));
        assert_eq!(state.folders(), [""]);
    }
}
