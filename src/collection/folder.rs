//! A folder's changes into the collection.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::writer::Writer;
use crate::document::{DocumentId, FileStamp, Metadata, PassageId};
use crate::error::{Error, Result};
use crate::ingest::draft::Draft;
use crate::ingest::extract::{Skip, read_file};
use crate::ingest::pipeline::{self, Item, Sink};
use crate::ingest::source::{self, Walk};
use crate::ingest::sync::{self, Work};
use crate::records::{NewDocument, PassageVector};

/// How a folder is walked and read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FolderOptions {
    /// Whether hidden files and folders are indexed. Default: no.
    pub hidden: bool,
    /// Whether symbolic links are followed. Default: no.
    pub follow_links: bool,
    /// The largest file taken, in bytes; larger ones are reported. Default: 32 MiB.
    pub max_file_size: u64,
}

impl Default for FolderOptions {
    fn default() -> Self {
        let Walk { hidden, follow_links, max_file_size } = Walk::default();
        Self { hidden, follow_links, max_file_size }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FolderProgress {
    /// Files to be read, known after the walk.
    pub files: usize,
    /// Files dealt with.
    pub files_done: usize,
    /// Bytes of the files to be read.
    pub bytes: u64,
    /// Bytes of the files dealt with.
    pub bytes_done: u64,
    /// Tokens encoded.
    pub tokens: usize,
}

/// A file that is not in the collection, or not as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedFile {
    /// The id its document has or would have.
    pub path: String,
    /// Why, and what to do where something can be done.
    pub reason: String,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct FolderReport {
    /// Documents that are new.
    pub added: usize,
    /// Documents whose text changed.
    pub changed: usize,
    /// Documents that are as they were.
    pub unchanged: usize,
    /// Documents whose files are gone, or hold no text any more.
    pub removed: usize,
    /// Files that hold nothing nigh understands, each with the reason.
    pub skipped: Vec<SkippedFile>,
    /// Files and folders that could not be read, each with the reason. What was stored of them stays.
    pub failed: Vec<SkippedFile>,
    /// Passages encoded.
    pub passages_encoded: usize,
    /// Passages of changed documents whose vectors were kept.
    pub passages_kept: usize,
    /// Tokens encoded.
    pub tokens: usize,
    /// Seconds from start to end.
    pub seconds: f64,
    /// Whether the run was stopped before its end. What was finished is kept.
    pub interrupted: bool,
}

impl Writer {
    /// Brings the collection in step with a folder (or one file), and commits. Ids are `prefix` + the path below `root`.
    ///
    /// Files that have not changed since the last run are not read; documents whose files are gone are removed; those
    /// that did not come from files are left alone. Set `cancel` to stop: what is finished is committed and the report
    /// says `interrupted`.
    ///
    /// # Errors
    /// [`Error::Io`] when `root` cannot be read or the disk refuses; what the encoder and the store say. What was finished
    /// is kept.
    pub fn index_folder(
        &mut self,
        root: &Path,
        prefix: &str,
        options: &FolderOptions,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(FolderProgress),
    ) -> Result<FolderReport> {
        let started = Instant::now();
        let FolderOptions { hidden, follow_links, max_file_size } = *options;
        let walk = Walk { hidden, follow_links, max_file_size };
        let mut report = FolderReport::default();
        let scan = match source::scan(root, &walk, &|| cancel.load(Ordering::Relaxed)) {
            Err(Error::Interrupted) => {
                report.interrupted = true;
                return Ok(report);
            }
            scan => scan?,
        };
        // What waits counts as stored.
        self.commit()?;
        let collection = self.collection.clone();
        let mut stored = Vec::new();
        collection.writer_access()?.store.for_each_stamp(&mut |document| {
            if document.id.as_str().starts_with(prefix) {
                stored.push(document);
            }
            Ok(())
        })?;
        let plan = sync::plan(&scan, prefix, root.is_file(), stored);
        report.unchanged = plan.unchanged;
        let unseen = |path: &str| scan.failed_directories.iter().any(|failed| failed == path);
        for skipped in scan.skipped.iter().chain(&plan.skipped) {
            let list = if unseen(&skipped.path) { &mut report.failed } else { &mut report.skipped };
            list.push(SkippedFile { path: format!("{prefix}{}", skipped.path), reason: skipped.reason.clone() });
        }
        for id in plan.gone {
            self.drop_document(id)?;
            report.removed += 1;
        }
        let bytes = plan.work.iter().map(|work| work.file.size).sum();
        let progressed = FolderProgress { files: plan.work.len(), bytes, ..FolderProgress::default() };
        let mut sink = FolderSink { writer: self, report: &mut report, progressed, progress, cancel };
        (sink.progress)(progressed);
        let done = if plan.work.is_empty() { Ok(()) } else { sink.run(plan.work, max_file_size) };
        // Also after an error: what was finished is worth keeping.
        let committed = self.commit();
        match done {
            Err(Error::Interrupted) => report.interrupted = true,
            done => done?,
        }
        committed?;
        report.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        report.failed.sort_by(|a, b| a.path.cmp(&b.path));
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }
}

/// Reads one file. Runs on the reading thread.
fn read(work: Work, max_file_size: u64) -> Item {
    let checked_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let stamp = FileStamp {
        size: work.file.size,
        modified_ns: work.file.modified_ns,
        checked_ns: i64::try_from(checked_ns).unwrap_or(i64::MAX),
    };
    let id = work.id;
    match read_file(&work.file.path, max_file_size) {
        Ok(extracted) => {
            let title = extracted.title.map(|title| ("title".to_owned(), title.into()));
            let metadata = Metadata::from_iter(title);
            let draft = Draft { id, text: extracted.text, syntax: extracted.syntax, metadata, stamp: Some(stamp) };
            if work.known == Some(draft.content_hash()) {
                return Item::Restamp(draft.id, stamp);
            }
            Item::Draft(draft)
        }
        Err(Skip::Unreadable(reason)) => Item::Unreadable { id, reason },
        Err(Skip::NotText(reason)) => Item::NotText { id, reason, stored: work.known.is_some() },
    }
}

/// Takes what comes out of the pipeline, counts it and tells how far it is.
struct FolderSink<'a> {
    writer: &'a mut Writer,
    report: &'a mut FolderReport,
    progressed: FolderProgress,
    progress: &'a mut dyn FnMut(FolderProgress),
    cancel: &'a AtomicBool,
}

impl FolderSink<'_> {
    fn run(&mut self, work: Vec<Work>, max_file_size: u64) -> Result<()> {
        let collection = self.writer.collection.clone();
        let (encoder, settings) = (collection.encoder()?, collection.settings());
        let options = pipeline::split_options(&encoder, settings.passage_tokens, settings.overlap_tokens)?;
        let cancel = self.cancel;
        let items =
            work.into_iter().take_while(|_| !cancel.load(Ordering::Relaxed)).map(|work| read(work, max_file_size));
        pipeline::run(items, &encoder, options, self)?;
        if cancel.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }

    fn step(&mut self, bytes: u64) -> Result<()> {
        self.progressed.files_done += 1;
        self.progressed.bytes_done += bytes;
        (self.progress)(self.progressed);
        self.writer.commit_if_due()
    }
}

impl Sink for FolderSink<'_> {
    fn known(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.writer.known(id)
    }

    fn put(&mut self, document: NewDocument, encoded: usize, tokens: usize) -> Result<()> {
        let there = self.writer.collection.writer_access()?.store.document(&document.id)?.is_some();
        if there {
            self.report.changed += 1;
        } else {
            self.report.added += 1;
        }
        let kept = document.passages.iter().filter(|p| matches!(p.vector, PassageVector::Keep(_))).count();
        self.report.passages_kept += kept;
        self.report.passages_encoded += encoded;
        self.report.tokens += tokens;
        self.progressed.tokens += tokens;
        let bytes = document.stamp.map_or(0, |stamp| stamp.size);
        self.writer.put(document)?;
        self.step(bytes)
    }

    fn other(&mut self, item: Item) -> Result<()> {
        match item {
            Item::Restamp(id, stamp) => {
                self.report.unchanged += 1;
                self.writer.restamp(id, stamp)?;
                self.step(stamp.size)
            }
            Item::NotText { id, reason, stored } => {
                self.report.skipped.push(SkippedFile { path: id.as_str().to_owned(), reason });
                if stored {
                    self.report.removed += 1;
                    self.writer.drop_document(id)?;
                }
                self.step(0)
            }
            Item::Unreadable { id, reason } => {
                self.report.failed.push(SkippedFile { path: id.as_str().to_owned(), reason });
                self.step(0)
            }
            Item::Refused(error) => Err(error),
            Item::Draft(_) => Ok(()),
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
