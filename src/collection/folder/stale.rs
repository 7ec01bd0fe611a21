//! What a run would do, without doing it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::memory::Memory;
use super::reach::is_of;
use super::report::{FolderReport, LeftOut, SkippedFile};
use super::{FolderOptions, emptied};
use crate::collection::handle::Collection;
use crate::document::FileStamp;
use crate::error::Result;
use crate::ingest::source::{self, FoundFile};
use crate::ingest::sync::{self, SyncPlan as Plan};
use crate::records::StampedDocument;

/// What [`Writer::index_folder`](crate::Writer::index_folder) would find to do. All names are ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Staleness {
    /// New files, and those that gave no text and may now.
    pub new: Vec<String>,
    /// Documents whose files say something else.
    pub changed: Vec<String>,
    /// Documents whose files are gone.
    pub removed: Vec<String>,
    /// Documents whose files have another name.
    pub renamed: Vec<Renamed>,
    /// Documents that are as their files.
    pub unchanged: usize,
    /// Files that would be skipped as things stand, with the reason.
    pub skipped: Vec<SkippedFile>,
    /// Files and folders that cannot be read, with the reason.
    pub failed: Vec<SkippedFile>,
    /// What ignore files and globs leave out, and what tools make.
    pub left_out: Vec<LeftOut>,
}

/// A document whose file has another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// Its id.
    pub from: String,
    /// The id it would have.
    pub to: String,
}

impl Staleness {
    /// Whether there is nothing to do.
    pub fn is_current(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.removed.is_empty() && self.renamed.is_empty()
    }

    /// Adds another folder's.
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

impl Collection {
    /// What indexing a folder would find to do; see [`Writer::index_folder`](crate::Writer::index_folder). Files whose size
    /// or time changed are read, to see whether they say something else; nothing is written, and no writer is disturbed.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when `root` cannot be read; [`crate::Error::IndexDamaged`]; [`crate::Error::Interrupted`].
    pub fn stale_folder(
        &self,
        root: &Path,
        prefix: &str,
        options: &FolderOptions,
        cancel: &AtomicBool,
    ) -> Result<Staleness> {
        let cancelled = || cancel.load(Ordering::Relaxed);
        let walk = options.walk(root, prefix, self.path());
        let scan = source::scan(root, &walk, &cancelled)?;
        let memory = Memory::read(self.path(), self.is_trusted(), options);
        let stored = stored(self, prefix)?;
        let mut plan = sync::plan(&scan, prefix, root.is_file(), stored, &|id| memory.stamp(id), options.reread);
        let mut kept = options.keep_ruled_out(&mut plan, root, prefix);
        let emptied = emptied::spare(&mut plan, &scan, root, &walk, options, &cancelled)?;
        kept += emptied;
        let Plan { work, unchanged, gone, skipped, refused } = plan;
        let mut left_out = FolderReport::default();
        left_out.failed.extend((emptied > 0).then(|| emptied::notice(prefix, emptied)));
        left_out.walked(prefix, &scan, &skipped);
        refused.iter().for_each(|id| memory.report(id, &mut left_out));
        let mut stale = Staleness { unchanged: unchanged + kept, ..Staleness::default() };
        let mut moved: HashMap<[u8; 32], Vec<String>> = HashMap::new();
        for document in gone.iter().rev() {
            moved.entry(document.content_hash).or_default().push(document.id.as_str().to_owned());
        }
        let reader = options.reader(root, None);
        for work in work {
            if cancelled() {
                return Err(crate::error::Error::Interrupted);
            }
            let id = work.id.as_str().to_owned();
            // A new file need not be read where nothing is gone that it could have been.
            let hash = if work.known.is_none() && memory.stamp(&id).is_some_and(|stamp| same(stamp, &work.file)) {
                // It gave no text, and looks as it did, but for an inode or its time of change: a copy, most likely.
                memory.report(&work.id, &mut left_out);
                continue;
            } else if work.known.is_none() && moved.is_empty() {
                Ok(None)
            } else {
                reader.hash(&work.file.path).map(Some)
            };
            match (hash, work.known) {
                (Err(skip), _) => left_out.failed.push(SkippedFile { path: id, reason: skip.to_string() }),
                (Ok(hash), Some(known)) if hash == Some(known) => stale.unchanged += 1,
                (Ok(_), Some(_)) => stale.changed.push(id),
                (Ok(hash), None) => match hash.and_then(|hash| moved.get_mut(&hash)?.pop()) {
                    Some(from) => stale.renamed.push(Renamed { from, to: id }),
                    None => stale.new.push(id),
                },
            }
        }
        stale.removed = moved.into_values().flatten().collect();
        stale.removed.sort_unstable();
        (stale.skipped, stale.failed, stale.left_out) = (left_out.skipped, left_out.failed, left_out.left_out);
        Ok(stale)
    }
}

/// The published documents of a folder.
pub(super) fn stored(collection: &Collection, prefix: &str) -> Result<Vec<StampedDocument>> {
    let snapshot = collection.newest()?;
    let mut stored = Vec::new();
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        let record = document.record()?;
        if is_of(prefix, record.id.as_str()) {
            let (number, stamp, content_hash) = (document.number(), record.stamp, record.content_hash);
            stored.push(StampedDocument { id: record.id, number, stamp, content_hash });
        }
    }
    snapshot.check_intact()?;
    Ok(stored)
}

/// Whether size and time of a file are those of a stamp.
fn same(stamp: FileStamp, file: &FoundFile) -> bool {
    (stamp.size, stamp.modified_ns) == (file.size, file.modified_ns)
}
