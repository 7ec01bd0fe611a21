//! What is remembered next to the collection, in `folders.json`: which folders were indexed, and files that gave no text, so
//! that an archive of films or a PDF that hangs its reader is not read anew by every run. Losing the file costs time, and
//! nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::FolderOptions;
use super::reach::is_of;
use super::report::{FolderReport, SkippedFile};
use crate::disk::Dir;
use crate::document::{DocumentId, FileStamp};
use crate::ingest::read::Skip;
use crate::ingest::source::FolderScan;
use nigh_formats::{FEATURES, SCHEME};

const FILE: &str = "folders.json";

/// The file's content.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    /// What decided whether a file gave text, see [`extraction`]: another value, and all are read again.
    extraction: String,
    folders: Vec<String>,
    refused: BTreeMap<String, Refused>,
}

/// A file that gave no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    stamp: FileStamp,
    reason: String,
    /// Whether it could not be read, as opposed to having no text.
    failed: bool,
}

/// What earlier runs found out about folders.
pub(super) struct FolderState {
    collection: PathBuf,
    content: Content,
    changed: bool,
}

/// More bytes than the file has: a path and a reason for each file that gave no text.
const LIMIT: u64 = 256 << 20;

impl FolderState {
    /// What is remembered beside a collection; nothing where the file is missing or garbled, or the collection is not trusted.
    pub(super) fn read(collection: &Path, trusted: bool, options: &FolderOptions) -> Self {
        let limit = options.worker.as_ref().map(|worker| worker.time_limit.as_millis());
        Self::of(collection, trusted, extraction(limit, &FEATURES))
    }

    fn of(collection: &Path, trusted: bool, extraction: String) -> Self {
        let bytes = || Dir::open(collection)?.read(FILE, LIMIT);
        let read = if trusted { bytes().ok().flatten() } else { None };
        let mut content: Content = read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        if content.extraction != extraction {
            content.refused.clear();
            content.extraction = extraction;
        }
        Self { collection: collection.to_path_buf(), content, changed: false }
    }

    /// Writes what changed. A failure is as good as losing the file.
    pub(super) fn write(&self) {
        if self.changed
            && let Ok(json) = serde_json::to_vec_pretty(&self.content)
        {
            let _ = Dir::open(&self.collection).and_then(|directory| directory.replace(FILE, &json));
        }
    }

    /// The stamp of a file that gave no text when it was read.
    pub(super) fn stamp(&self, id: &str) -> Option<FileStamp> {
        self.content.refused.get(id).map(|refused| refused.stamp)
    }

    /// Says of a file that was not read again what was said when it was.
    pub(super) fn report(&self, id: &DocumentId, report: &mut FolderReport) {
        if let Some(refused) = self.content.refused.get(id.as_str()) {
            let list = if refused.failed { &mut report.failed } else { &mut report.skipped };
            list.push(SkippedFile { path: id.as_str().to_owned(), reason: refused.reason.clone() });
        }
    }

    /// A file gave no text. What the system refused is asked for again by every run.
    pub(super) fn refused(&mut self, id: &DocumentId, skip: &Skip, stamp: FileStamp) {
        let failed = match skip {
            Skip::Unreadable(_) => return,
            Skip::Damaged(_) => true,
            Skip::NotText(_) => false,
        };
        let refused = Refused { stamp, reason: skip.to_string(), failed };
        self.content.refused.insert(id.as_str().to_owned(), refused);
        self.changed = true;
    }

    /// A file gave text.
    pub(super) fn took(&mut self, id: &DocumentId) {
        self.changed |= self.content.refused.remove(id.as_str()).is_some();
    }

    /// Forgets files that are gone.
    pub(super) fn forget(&mut self, prefix: &str, scan: &FolderScan) {
        let there = |id: &str| match id.strip_prefix(prefix).filter(|_| is_of(prefix, id)) {
            Some(relative) => {
                !scan.covers(relative)
                    || scan.is_unknown(relative)
                    || scan.files.binary_search_by(|file| file.relative.as_str().cmp(relative)).is_ok()
            }
            None => true,
        };
        let before = self.content.refused.len();
        self.content.refused.retain(|id, _| there(id));
        self.changed |= self.content.refused.len() != before;
    }

    /// A folder was indexed; a single file is not a folder to come back to.
    pub(super) fn indexed(&mut self, prefix: &str, is_file: bool) {
        let folder = prefix.trim_end_matches('/');
        let folders = &mut self.content.folders;
        let above = |outer: &str, inner: &str| {
            outer.is_empty() && is_of(outer, inner)
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

    /// A folder is to be remembered no longer, and what gave no text in it.
    pub(super) fn drop_folder(&mut self, prefix: &str) {
        let folder = prefix.trim_end_matches('/');
        self.content.folders.retain(|known| known != folder);
        self.content.refused.retain(|id, _| !is_of(prefix, id));
        self.changed = true;
    }

    /// The folders that were indexed.
    pub(super) fn folders(&self) -> &[String] {
        &self.content.folders
    }

    /// Folders that the collection itself remembers: so losing the file loses none.
    pub(super) fn also(&mut self, folders: &[String]) {
        for folder in folders {
            self.indexed(folder, false);
        }
    }
}

/// What decides whether a file gives text: the way in which it is taken out, the time that it may take, and the readers, unless
/// all are built in. So a build with more readers reads what one with fewer could not.
fn extraction(limit: Option<u128>, features: &[(&str, bool)]) -> String {
    let mut said = format!("{SCHEME}, {} ms", limit.map_or_else(|| "any".to_owned(), |limit| limit.to_string()));
    if features.iter().any(|(_, built)| !built) {
        said.push_str("; text");
        for (name, _) in features.iter().filter(|(_, built)| *built) {
            said.push_str(", ");
            said.push_str(name);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::source::FoundFile;

    #[test]
    fn what_is_refused_is_remembered_until_it_changes_or_goes() {
        let folder = tempfile::tempdir().unwrap();
        let options = FolderOptions::default();
        let mut state = FolderState::read(folder.path(), true, &options);
        let stamp = FileStamp { size: 1, modified_ns: 2, checked_ns: 3, ..FileStamp::default() };
        let [a, b, c, d] = ["x/a", "x/b", "x/c", "y/d"].map(|id| DocumentId::new(id).unwrap());
        state.refused(&a, &Skip::NotText("a PNG".to_owned()), stamp);
        state.refused(&b, &Skip::Damaged("hangs".to_owned()), stamp);
        state.refused(&c, &Skip::Unreadable("permissions".to_owned()), stamp);
        state.refused(&d, &Skip::NotText("elsewhere".to_owned()), stamp);
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
        state.took(&b);
        assert_eq!(state.stamp("x/b"), None);
        state.write();
        let slow = crate::ingest::read::WorkerCommand::new("nigh", ["x"]);
        let other = FolderState::read(folder.path(), true, &options.worker(slow));
        assert_eq!(other.stamp("y/d"), None, "another way to read them may have another end");
    }

    #[test]
    fn a_build_names_its_readers_unless_it_has_all() {
        let all = [("html", true), ("pdf", true)];
        assert_eq!(extraction(None, &all), format!("{SCHEME}, any ms"));
        assert_eq!(extraction(Some(30_000), &all), format!("{SCHEME}, 30000 ms"));
        assert_eq!(extraction(None, &[("html", true), ("pdf", false)]), format!("{SCHEME}, any ms; text, html"));
        assert_eq!(extraction(None, &[("html", false), ("pdf", false)]), format!("{SCHEME}, any ms; text"));
    }

    #[test]
    fn what_one_build_could_not_read_another_reads() {
        let folder = tempfile::tempdir().unwrap();
        let id = DocumentId::new("x/a.docx").unwrap();
        let stamp = FileStamp { size: 1, modified_ns: 2, checked_ns: 3, ..FileStamp::default() };
        let not_built = nigh_formats::Error::NotBuilt { format: "a Word document", feature: "office" };
        let skip = Skip::from(not_built);
        let lacking = FEATURES.map(|(name, built)| (name, built && name != "office"));
        let more = FEATURES.map(|(name, _)| (name, true));
        for (mine, other) in [(&lacking, &more), (&more, &lacking)] {
            let mut state = FolderState::of(folder.path(), true, extraction(None, mine));
            state.refused(&id, &skip, stamp);
            state.write();
            let again = |features| FolderState::of(folder.path(), true, extraction(None, features)).stamp("x/a.docx");
            assert_eq!(again(mine), Some(stamp), "not read by every run");
            assert_eq!(again(other), None);
        }
    }

    #[test]
    fn folders_without_those_below_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = FolderState::read(folder.path(), true, &FolderOptions::default());
        for prefix in ["docs/a/", "docs/b/", "docs/", "docsets/", "docs/c/"] {
            state.indexed(prefix, false);
        }
        state.indexed("single/", true);
        assert_eq!(state.content.folders, ["docs", "docsets"]);
        // A folder elsewhere is not below the one without a prefix.
        let elsewhere = folder.path().to_str().unwrap().to_owned();
        state.indexed(&format!("{elsewhere}/"), false);
        state.indexed("", false);
        assert_eq!(state.folders(), ["", &elsewhere]);
        state.also(&["docs".to_owned(), elsewhere.clone()]);
        assert_eq!(state.folders(), ["", &elsewhere]);
        state.drop_folder(&format!("{elsewhere}/"));
        assert_eq!(state.folders(), [""]);
    }
}
