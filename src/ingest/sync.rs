//! Compares a folder's files with the stored documents, by names, sizes and times only.

use std::collections::{HashMap, HashSet};

use super::source::{FolderScan, FoundFile, Skipped};
use crate::document::{DocumentId, FileStamp};
use crate::error::Error;
use crate::records::StampedDocument;

/// A file that changed less than this before it was read, in nanoseconds, may have changed again within the same tick of the
/// file system's clock (2 seconds on FAT, the coarsest). The next run reads it once more.
const RACY_NS: i64 = 2_000_000_000;

/// A file to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct FileToRead {
    /// The file.
    pub file: FoundFile,
    /// The id of its document.
    pub id: DocumentId,
    /// The content hash of the stored document, if there is one.
    pub known: Option<[u8; 32]>,
    /// True if the text is split again even if the content is the same.
    pub resplit: bool,
}

/// What is known of the files from earlier runs.
pub struct Known<'a> {
    /// The documents that may belong to the folder.
    pub stored: Vec<StampedDocument>,
    /// The documents whose passages are of an earlier rule.
    pub outdated: &'a HashSet<DocumentId>,
    /// Returns the stamp of a file that had no text.
    pub refused: &'a dyn Fn(&str) -> Option<FileStamp>,
}

/// The work of an indexing run.
#[derive(Debug, Default, PartialEq)]
pub struct SyncPlan {
    /// Files to read, in the order of the walk.
    pub work: Vec<FileToRead>,
    /// Files that have not changed.
    pub unchanged: usize,
    /// Documents whose files are gone.
    pub gone: Vec<StampedDocument>,
    /// Files whose names cannot be ids.
    pub skipped: Vec<Skipped>,
    /// Files that had no text when they were last read, and have not changed.
    pub refused: Vec<DocumentId>,
}

/// Compares a scan with the stored documents. An id is `prefix` and the file's relative path. Documents that did not come from
/// files are kept, and so are those whose files the scan did not cover or could not read. With `reread`, every file is read,
/// whatever its stamp.
pub fn plan(scan: &FolderScan, prefix: &str, root_is_file: bool, known: Known<'_>, reread: bool) -> SyncPlan {
    let Known { stored, outdated, refused } = known;
    let mut plan = SyncPlan::default();
    let mut stored: HashMap<String, StampedDocument> =
        stored.into_iter().map(|document| (document.id.as_str().to_owned(), document)).collect();
    for file in &scan.files {
        let id = match DocumentId::new(format!("{prefix}{}", file.relative)) {
            Ok(id) => id,
            Err(error) => {
                let reason = match error {
                    Error::InvalidDocument { problem, .. } => format!("its path cannot be an id: {problem}"),
                    other => other.to_string(),
                };
                plan.skipped.push(Skipped { path: file.relative.clone(), reason });
                continue;
            }
        };
        let known = stored.remove(id.as_str());
        let resplit = known.is_some() && outdated.contains(&id);
        let current = |stamp: FileStamp| !reread && is_current(stamp, file);
        if !resplit && known.as_ref().and_then(|document| document.stamp).is_some_and(current) {
            plan.unchanged += 1;
        } else if refused(id.as_str()).is_some_and(current) {
            plan.refused.push(id);
        } else {
            let known = known.map(|document| document.content_hash);
            plan.work.push(FileToRead { file: file.clone(), id, known, resplit });
        }
    }
    if !root_is_file {
        let is_gone = |document: &StampedDocument| {
            document.stamp.is_some()
                && document
                    .id
                    .as_str()
                    .strip_prefix(prefix)
                    .is_some_and(|relative| scan.covers(relative) && !scan.is_unknown(relative))
        };
        let (gone, kept): (Vec<_>, Vec<_>) = stored.into_values().partition(is_gone);
        plan.gone = gone;
        plan.gone.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        // A scan that is limited to some paths does not look at the other files: they count as unchanged.
        let is_outside_scan = |document: &&StampedDocument| {
            document.stamp.is_some()
                && document.id.as_str().strip_prefix(prefix).is_some_and(|relative| !scan.covers(relative))
        };
        plan.unchanged += kept.iter().filter(is_outside_scan).count();
    }
    plan
}

/// True if a file has not changed since its stamp was taken.
///
/// The time of modification may have been set back (`touch -d`, `cp -p`, `rsync -t`); the time of change (ctime) cannot be.
/// A stamp has no time of change if an older version stored it, or if it was restored from the published index. It still has
/// the time of the check: a file that changed before the check is unchanged, and one that changed later is read. If the
/// system has no time of change (0), it is not compared; then only `reread` finds such a file. The inode detects a file that
/// replaced another one while the clock was wrong.
pub fn is_current(stamp: FileStamp, file: &FoundFile) -> bool {
    let is_well_before_check = |time: i64| time.saturating_add(RACY_NS) < stamp.checked_ns;
    let changed = match (stamp.changed_ns, file.changed_ns) {
        (_, 0) => false,
        (0, current) => !is_well_before_check(current),
        (stored, current) => stored != current,
    };
    let replaced = stamp.inode != 0 && file.inode != 0 && stamp.inode != file.inode;
    stamp.size == file.size
        && stamp.modified_ns == file.modified_ns
        && stamp.modified_ns != 0
        && is_well_before_check(stamp.modified_ns)
        && !changed
        && !replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_AGO: i64 = 1_000_000_000;
    const NOW: i64 = 1_000_000_000_000;

    fn file(relative: &str, size: u64) -> FoundFile {
        FoundFile {
            path: relative.into(),
            relative: relative.to_owned(),
            size,
            modified_ns: LONG_AGO,
            changed_ns: 0,
            inode: 0,
        }
    }

    fn stored(id: &str, stamp: Option<(u64, i64)>) -> StampedDocument {
        let stamp =
            stamp.map(|(size, modified_ns)| FileStamp { size, modified_ns, checked_ns: NOW, ..FileStamp::default() });
        StampedDocument { id: DocumentId::new(id).unwrap(), number: 1, stamp, content_hash: [7; 32] }
    }

    /// What is known, without outdated documents.
    fn known<'a>(stored: Vec<StampedDocument>, refused: &'a dyn Fn(&str) -> Option<FileStamp>) -> Known<'a> {
        static NONE: std::sync::LazyLock<HashSet<DocumentId>> = std::sync::LazyLock::new(HashSet::new);
        Known { stored, outdated: &NONE, refused }
    }

    #[test]
    fn plan_covers_every_case() {
        let scan = FolderScan {
            files: vec![
                file("changed", 2),
                file("film", 9),
                file("new", 1),
                file("old", 1),
                file("racy", 1),
                file("same", 1),
                file(&"x".repeat(2000), 1),
            ],
            failed_directories: vec!["locked".to_owned()],
            ..FolderScan::default()
        };
        let plan = plan(
            &scan,
            "docs/",
            false,
            Known {
                stored: vec![
                    stored("docs/same", Some((1, LONG_AGO))),
                    stored("docs/old", Some((1, LONG_AGO))),
                    stored("docs/changed", Some((1, LONG_AGO))),
                    stored("docs/racy", Some((1, NOW - 5))),
                    stored("docs/gone", Some((1, LONG_AGO))),
                    stored("docs/locked/inside", Some((1, LONG_AGO))),
                    stored("docs/brought", None),
                    stored("elsewhere", Some((1, LONG_AGO))),
                ],
                outdated: &["docs/new", "docs/old", "elsewhere"].map(|id| DocumentId::new(id).unwrap()).into(),
                refused: &|id| {
                    (id == "docs/film").then_some(FileStamp {
                        size: 9,
                        modified_ns: LONG_AGO,
                        checked_ns: NOW,
                        ..FileStamp::default()
                    })
                },
            },
            false,
        );
        let work: Vec<(&str, bool, bool)> =
            plan.work.iter().map(|w| (w.id.as_str(), w.known.is_some(), w.resplit)).collect();
        let wanted = [
            ("docs/changed", true, false),
            ("docs/new", false, false),
            ("docs/old", true, true),
            ("docs/racy", true, false),
        ];
        assert_eq!(work, wanted);
        assert_eq!((plan.unchanged, plan.skipped.len()), (1, 1));
        assert_eq!(plan.refused, [DocumentId::new("docs/film").unwrap()]);
        assert_eq!(plan.gone, [stored("docs/gone", Some((1, LONG_AGO)))]);
    }

    #[test]
    fn plan_leaves_paths_outside_the_scan_unchanged() {
        let scan = FolderScan { only: Some(["a".to_owned(), "b/c".to_owned()].into()), ..FolderScan::default() };
        let all = ["a", "a/x", "ab", "b", "b/c", "b/d"].map(|id| stored(id, Some((1, LONG_AGO))));
        let plan = plan(&scan, "", false, known(all.to_vec(), &|_| None), false);
        let gone: Vec<&str> = plan.gone.iter().map(|document| document.id.as_str()).collect();
        assert_eq!((gone, plan.unchanged), (vec!["a", "a/x", "b/c"], 3));
    }

    #[test]
    fn stamp_detects_every_kind_of_change() {
        let file = FoundFile { changed_ns: LONG_AGO + 5, inode: 7, ..file("a", 1) };
        let stamp = FileStamp { size: 1, modified_ns: LONG_AGO, checked_ns: NOW, changed_ns: LONG_AGO + 5, inode: 7 };
        assert!(is_current(stamp, &file));
        let other = [
            FileStamp { size: 2, ..stamp },
            FileStamp { modified_ns: LONG_AGO - 1, ..stamp },
            FileStamp { changed_ns: LONG_AGO + 4, ..stamp },
            FileStamp { inode: 8, ..stamp },
        ];
        assert_eq!(other.map(|stamp| is_current(stamp, &file)), [false; 4]);
        // Stored by a version without these two values.
        let old = FileStamp { changed_ns: 0, inode: 0, ..stamp };
        assert!(is_current(old, &file), "as it was when it was looked at");
        for changed_ns in [NOW - 1, NOW, NOW + 1] {
            let later = FoundFile { changed_ns, ..file.clone() };
            assert!(!is_current(old, &later), "written over, its time set back");
            assert!(!is_current(stamp, &later));
        }
        let silent = FoundFile { changed_ns: 0, inode: 0, ..file.clone() };
        assert!(is_current(stamp, &silent) && is_current(old, &silent), "this system does not say");
        let scan = FolderScan { files: vec![file], ..FolderScan::default() };
        let with_stamp = || vec![StampedDocument { stamp: Some(stamp), ..stored("a", None) }];
        assert_eq!(plan(&scan, "", false, known(with_stamp(), &|_| None), false).unchanged, 1);
        assert_eq!(plan(&scan, "", false, known(with_stamp(), &|_| None), true).work.len(), 1, "asked for");
        assert_eq!(
            plan(&scan, "", false, known(Vec::new(), &|_| Some(stamp)), true).work.len(),
            1,
            "also what gave no text"
        );
    }
}
