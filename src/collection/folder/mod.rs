//! A folder's changes into the collection.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Writer::index_folder`]: walk, compare, read, store; the options |
//! | `report.rs` | what a run did, and how far it is |
//! | `gauge.rs` | how much text there is to encode |
//! | `sink.rs` | what comes out of the pipeline into the writer, counted; renames |
//! | `moved.rs` | the vectors of documents whose files are gone, for those that were moved |
//! | `emptied.rs` | a folder in which there is nothing any more |
//! | `memory.rs` | what is remembered beside the collection: files that gave no text, which folders were indexed |
//! | `reach.rs` | which documents are a folder's |
//! | `forget.rs` | [`Writer::forget_folder`]: a folder that is to be indexed no longer |
//! | `stale.rs` | [`Collection::stale_folder`]: what a run would do |

mod emptied;
mod forget;
mod gauge;
mod memory;
mod moved;
mod reach;
mod report;
mod sink;
mod stale;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::access::settings_of;
use super::handle::Collection;
use super::writer::Writer;
use crate::document::FileStamp;
use crate::error::{Error, Result};
use crate::ingest::pipeline::PipelineItem as Item;
use crate::ingest::read::{FileContent as Content, FileReader as Reader, WorkerCommand};
pub use crate::ingest::source::LeftOutBy;
use crate::ingest::source::{self, WalkOptions as Walk};
use crate::ingest::source_document::SourceDocument;
use crate::ingest::sync::{self, FileToRead as Work, SyncPlan as Plan};
use gauge::Gauge;
use memory::Memory;
use moved::Moved;
use nigh_formats::Extracted;
use reach::{base, is_of, is_there};
pub use report::{FolderPhase, FolderProgress, FolderReport, LeftOut, SkippedFile};
use sink::FolderSink;
pub use stale::{Renamed, Staleness};

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
    /// Only files that match one of these globs, in the syntax of `.gitignore`, are taken. Default: none, all are.
    pub include: Vec<String>,
    /// Files and folders that match one of these globs are left out. Default: none.
    pub exclude: Vec<String>,
    /// Only these paths below the root, and what is below them, are looked at; all else counts as unchanged. `/` between
    /// the parts. Default: everything.
    pub only: Option<Vec<String>>,
    /// Whether every file is read again, whatever its size and times say. What says the same as before is not encoded again.
    /// Default: no.
    pub reread: bool,
    /// Whether all documents of a folder are removed when it is there and has no files at all, as where a disk is not mounted.
    /// Default: no, they stay and the report says so.
    pub allow_empty: bool,
    /// Whether documents stay whose files are there and left out by a glob, a limit or an ignore file: for a run that is about a
    /// part of what is indexed. Default: no, they are removed, see [`FolderReport::ruled_out`].
    pub keep_ruled_out: bool,
    /// The process that reads formats which a hostile file can make hang, crash or take all memory. Default: none, they are
    /// read in this process.
    pub worker: Option<WorkerCommand>,
}

impl Default for FolderOptions {
    fn default() -> Self {
        let Walk { hidden, follow_links, max_file_size, include, exclude, only, base: _, own: _ } = Walk::default();
        Self {
            hidden,
            follow_links,
            max_file_size,
            include,
            exclude,
            only,
            reread: false,
            allow_empty: false,
            keep_ruled_out: false,
            worker: None,
        }
    }
}

impl FolderOptions {
    fn walk(&self, root: &Path, prefix: &str, collection: &Path) -> Walk {
        let Self { hidden, follow_links, max_file_size, include, exclude, only, .. } = self.clone();
        Walk {
            hidden,
            follow_links,
            max_file_size,
            include,
            exclude,
            only,
            base: base(root, prefix),
            own: collection.canonicalize().ok(),
        }
    }

    /// Whether the globs can be read.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for one that is none.
    pub fn check(&self) -> Result<()> {
        source::check(&self.include, &self.exclude)
    }

    /// Tells every folder that [`Writer::index_folder`] looks into, each before it is looked into: for those who watch them.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a glob that is none; [`Error::Interrupted`] when `cancel` is set.
    #[doc(hidden)]
    pub fn folders(
        &self,
        collection: &Path,
        root: &Path,
        prefix: &str,
        cancel: &AtomicBool,
        enter: &mut dyn FnMut(&Path),
    ) -> Result<()> {
        let walk = self.walk(root, prefix, collection);
        source::folders(root, &walk, &|| cancel.load(Ordering::Relaxed), enter)
    }

    /// Takes out of a plan the removals of documents that are only left out, where these are to stay. Gives their number.
    fn keep_ruled_out(&self, plan: &mut Plan, root: &Path, prefix: &str) -> usize {
        let before = plan.gone.len();
        if self.keep_ruled_out {
            plan.gone.retain(|document| !is_there(document, root, prefix));
        }
        before - plan.gone.len()
    }

    /// Reads the files of a folder as the walk found them. A root that is a file was named: it may be a link.
    fn reader(&self, root: &Path, worker: Option<WorkerCommand>) -> Reader {
        let reader = Reader::new(self.max_file_size, worker);
        if self.follow_links || root.is_file() { reader } else { reader.no_links() }
    }
}

impl Writer {
    /// Brings the collection in step with a folder (or one file), and commits. Ids are `prefix` + the path below `root`.
    ///
    /// Files that have not changed since the last run are not read; of those that say the same as before nothing but their
    /// stamp is stored; passages that are already known, also under another name, are not encoded again. Documents whose
    /// files are gone are removed, unless the folder has no files at all any more (see [`FolderOptions::allow_empty`]); those
    /// that did not come from files are left alone. Set `cancel` to stop: what is finished
    /// is committed and the report says `interrupted`.
    ///
    /// # Errors
    /// [`Error::Io`] when `root` cannot be read or the disk refuses; [`Error::InvalidInput`] for a glob that is none; what
    /// the encoder and the store say. What was finished is kept.
    pub fn index_folder(
        &mut self,
        root: &Path,
        prefix: &str,
        options: &FolderOptions,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(FolderProgress),
    ) -> Result<FolderReport> {
        let started = Instant::now();
        let mut report = FolderReport::default();
        let walk = options.walk(root, prefix, self.collection.path());
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
        let mut memory = Memory::read(collection.path(), collection.is_trusted(), options);
        if collection.is_trusted() {
            memory.also(&collection.writer_access()?.store.settings().folders);
        }
        memory.indexed(prefix, root.is_file());
        // Published with the first documents.
        self.remember_folders(memory.folders())?;
        let mut stored = Vec::new();
        collection.writer_access()?.store.for_each_stamp(&mut |document| {
            if is_of(prefix, document.id.as_str()) {
                stored.push(document);
            }
            Ok(())
        })?;
        let mut plan = sync::plan(&scan, prefix, root.is_file(), stored, &|id| memory.stamp(id), options.reread);
        let cancelled = || cancel.load(Ordering::Relaxed);
        let ruled_out = options.keep_ruled_out(&mut plan, root, prefix);
        report.kept = match emptied::spare(&mut plan, &scan, root, &walk, options, &cancelled) {
            Err(Error::Interrupted) => {
                report.interrupted = true;
                return Ok(report);
            }
            kept => kept?,
        };
        let Plan { work, unchanged, gone, skipped, refused } = plan;
        report.unchanged = unchanged + ruled_out;
        report.ruled_out = gone.iter().filter(|document| is_there(document, root, prefix)).count();
        report.walked(prefix, &scan, &skipped);
        for id in refused {
            memory.report(&id, &mut report);
        }
        if report.kept > 0 {
            report.failed.push(emptied::notice(prefix, report.kept));
        } else {
            memory.forget(prefix, &scan);
        }
        let bytes = work.iter().map(|work| work.file.size).sum();
        let progressed = FolderProgress { files: work.len(), bytes, ..FolderProgress::default() };
        let gone = Moved::new(gone, work.iter().any(|work| work.known.is_none()));
        let reader = options.reader(root, options.worker.clone());
        let mut sink = FolderSink {
            writer: self,
            report: &mut report,
            memory: &mut memory,
            gone,
            begun: None,
            gave_back: Instant::now(),
            progressed,
            gauge: Arc::new(Gauge::of(&work)),
            finished: 0,
            begun_bytes: 0,
            progress,
            cancel,
        };
        (sink.progress)(progressed);
        let done = sink.run(work, reader);
        // Also after an error: what was finished is worth keeping.
        let committed = self.commit();
        memory.write();
        match done {
            Err(Error::Interrupted) => report.interrupted = true,
            done => done?,
        }
        committed?;
        report.finish(started.elapsed());
        Ok(report)
    }
}

impl Collection {
    /// The folders that were indexed, as paths below the folder that ids are relative to, or absolute ones; each without
    /// those below it. Empty: none, or it is not known, or the collection is not trusted.
    pub fn indexed_folders(&self) -> Vec<String> {
        if !self.is_trusted() {
            return Vec::new();
        }
        let mut memory = Memory::read(self.path(), true, &FolderOptions::default());
        let settings = self.newest().and_then(|snapshot| settings_of(&snapshot, self.path()));
        memory.also(&settings.map(|settings| settings.folders).unwrap_or_default());
        memory.folders().to_vec()
    }
}

/// Reads one file. Runs on the reading thread.
fn read(reader: &mut Reader, work: Work, gauge: &Gauge) -> Vec<Item> {
    gauge.opens(&work);
    let read = read_one(reader, work);
    gauge.read(
        read.iter().find_map(|item| if let Item::Document(source) = item { Some(source.text.len()) } else { None }),
    );
    read
}

fn read_one(reader: &mut Reader, work: Work) -> Vec<Item> {
    let stamp = stamp(&work);
    let id = work.id;
    match reader.read(&work.file.path, work.known.as_ref()) {
        Ok(Content::Same) => vec![Item::Restamp(id, stamp)],
        Ok(Content::Text(extracted, content_hash)) => {
            let Extracted { text, sections, mut metadata, losses, title, syntax, encoding: _ } = *extracted;
            if let Some(title) = title {
                metadata.insert("title".to_owned(), title.into());
            }
            let losses = (!losses.is_empty()).then(|| Item::Losses(id.clone(), losses));
            let (parts, stamp) = (Vec::new(), Some(stamp));
            let source = SourceDocument { id, text, syntax, metadata, sections, parts, stamp, content_hash };
            losses.into_iter().chain([Item::Document(source)]).collect()
        }
        Err(skip) => vec![Item::Skipped { id, skip, stamp, stored: work.known.is_some() }],
    }
}

fn stamp(work: &Work) -> FileStamp {
    let checked_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    FileStamp {
        size: work.file.size,
        modified_ns: work.file.modified_ns,
        checked_ns: i64::try_from(checked_ns).unwrap_or(i64::MAX),
        changed_ns: work.file.changed_ns,
        inode: work.file.inode,
    }
}
