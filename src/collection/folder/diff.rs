//! Finds what a run would change, without changing anything.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::reach::belongs_to;
use super::report::{FolderReport, LeftOut, SkippedFile};
use super::state::FolderState;
use super::{FolderOptions, emptied};
use crate::collection::handle::Collection;
use crate::document::FileStamp;
use crate::encoder::Cancel;
use crate::error::{Error, Result};
use crate::ingest::source::{self, FoundFile};
use crate::ingest::sync::{self, Known, SyncPlan};
use crate::records::StampedDocument;

/// The changes that [`Writer::index_folder`](crate::Writer::index_folder) would make. All names are ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct FolderDiff {
    /// New files, and files that gave no text before and may now.
    pub new: Vec<String>,
    /// Documents whose files have another content now.
    pub changed: Vec<String>,
    /// Documents whose files are gone.
    pub removed: Vec<String>,
    /// Documents whose files have another name now.
    pub renamed: Vec<Renamed>,
    /// The number of documents whose files have not changed.
    pub unchanged: usize,
    /// Files that would be skipped, with the reason.
    pub skipped: Vec<SkippedFile>,
    /// Files and folders that cannot be read, with the reason.
    pub failed: Vec<SkippedFile>,
    /// Files and folders that ignore files and globs exclude, and those that tools generate.
    pub left_out: Vec<LeftOut>,
}

/// A document whose file has another name now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Renamed {
    /// The document's id.
    pub from: String,
    /// The id that it would get.
    pub to: String,
}

impl FolderDiff {
    /// True if nothing would change.
    pub fn is_current(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.removed.is_empty() && self.renamed.is_empty()
    }

    /// Adds the diff of another folder.
    pub fn add(&mut self, other: Self) {
        let Self { new, changed, removed, renamed, unchanged, skipped, failed, left_out } = other;
        self.new.extend(new);
        self.changed.extend(changed);
        self.removed.extend(removed);
        self.renamed.extend(renamed);
        self.unchanged += unchanged;
        self.skipped.extend(skipped);
        self.failed.extend(failed);
        LeftOut::add(&mut self.left_out, left_out);
    }
}

/// Compares a folder with a collection; made by [`Collection::diff_folder`], started by [`DiffFolder::run`].
#[derive(Debug)]
#[must_use = "nothing is compared before it is run"]
pub struct DiffFolder {
    collection: Collection,
    root: PathBuf,
    prefix: String,
    options: FolderOptions,
    cancel: Cancel,
}

impl Collection {
    /// Finds what indexing a folder would change; see [`Writer::index_folder`](crate::Writer::index_folder). Reads files
    /// whose size or time changed, to compare their content. Writes nothing and disturbs no writer. Nothing happens before
    /// [`DiffFolder::run`].
    pub fn diff_folder(&self, root: impl AsRef<Path>) -> DiffFolder {
        DiffFolder {
            collection: self.clone(),
            root: root.as_ref().to_path_buf(),
            prefix: String::new(),
            options: FolderOptions::new(),
            cancel: Cancel::new(),
        }
    }
}

impl DiffFolder {
    /// The beginning of the documents' ids, as in [`IndexFolder::prefix`](super::IndexFolder::prefix). Default: empty.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The options for walking and reading the folder. Default: [`FolderOptions::new`].
    pub fn options(mut self, options: FolderOptions) -> Self {
        self.options = options;
        self
    }

    /// Stops when this token is cancelled, with [`Error::Interrupted`].
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Compares the folder with the collection.
    ///
    /// # Errors
    /// [`Error::FolderConflict`] when documents of another folder have this prefix; [`Error::Io`] when the root cannot be read;
    /// [`Error::IndexDamaged`]; [`Error::Interrupted`].
    pub fn run(self) -> Result<FolderDiff> {
        let Self { collection, root, prefix, options, cancel } = self;
        let cancelled = || cancel.is_cancelled();
        // Walk the folder, and compare its files with the stored documents.
        let walk = options.walk(&root, &prefix, collection.path());
        let scan = source::scan(&root, &walk, &cancelled)?;
        let state = FolderState::read(collection.path(), collection.is_trusted(), &options);
        state.check_root(&prefix, &root)?;
        let stored = stored(&collection, &prefix)?;
        let known = Known { stored, outdated: &HashSet::new(), refused: &|id| state.stamp(id) };
        let mut plan = sync::plan(&scan, &prefix, root.is_file(), known, options.reread);
        let mut kept = options.without_ruled_out(&mut plan, &root, &prefix);
        let emptied = emptied::keep_documents(&mut plan, &scan, &root, &walk, &options, &cancelled)?;
        kept += emptied;
        let SyncPlan { work, unchanged, gone, skipped, refused } = plan;
        // Report the files that need no reading.
        let mut left_out = FolderReport::default();
        left_out.failed.extend((emptied > 0).then(|| emptied::notice(&prefix, emptied)));
        left_out.walked(&prefix, &scan, &skipped);
        refused.iter().for_each(|id| state.report(id, &mut left_out));
        let mut diff = FolderDiff { unchanged: unchanged + kept, ..FolderDiff::default() };
        // Read the others, and compare their content. `moved`: the documents whose files are gone, by content.
        let mut moved: HashMap<[u8; 32], Vec<String>> = HashMap::new();
        for document in gone.iter().rev() {
            moved.entry(document.content_hash).or_default().push(document.id.as_str().to_owned());
        }
        let reader = options.reader(&root, None);
        for work in work {
            if cancelled() {
                return Err(Error::Interrupted);
            }
            let id = work.id.as_str().to_owned();
            // A new file is read only if it could be the new name of a file that is gone.
            let hash = if work.known.is_none() && state.stamp(&id).is_some_and(|stamp| has_stamp(stamp, &work.file)) {
                // It gave no text, and only its inode or its time of change differ: most likely a copy.
                state.report(&work.id, &mut left_out);
                continue;
            } else if work.known.is_none() && moved.is_empty() {
                Ok(None)
            } else {
                reader.hash(&work.file.path).map(Some)
            };
            match (hash, work.known) {
                (Err(skip), _) => left_out.failed.push(SkippedFile { path: id, reason: skip.to_string() }),
                (Ok(hash), Some(known)) if hash == Some(known) => diff.unchanged += 1,
                (Ok(_), Some(_)) => diff.changed.push(id),
                (Ok(hash), None) => match hash.and_then(|hash| moved.get_mut(&hash)?.pop()) {
                    Some(from) => diff.renamed.push(Renamed { from, to: id }),
                    None => diff.new.push(id),
                },
            }
        }
        diff.removed = moved.into_values().flatten().collect();
        diff.removed.sort_unstable();
        (diff.skipped, diff.failed, diff.left_out) = (left_out.skipped, left_out.failed, left_out.left_out);
        Ok(diff)
    }
}

/// Returns the published documents of a folder.
pub(super) fn stored(collection: &Collection, prefix: &str) -> Result<Vec<StampedDocument>> {
    let snapshot = collection.newest()?;
    let mut stored = Vec::new();
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        let record = document.record()?;
        if belongs_to(prefix, record.id.as_str()) {
            let (number, stamp, content_hash) = (document.number(), record.stamp, record.content_hash);
            stored.push(StampedDocument { id: record.id, number, stamp, content_hash });
        }
    }
    snapshot.check_intact()?;
    Ok(stored)
}

/// True if size and time of a file are those of a stamp.
fn has_stamp(stamp: FileStamp, file: &FoundFile) -> bool {
    (stamp.size, stamp.modified_ns) == (file.size, file.modified_ns)
}
