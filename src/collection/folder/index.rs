//! [`Writer::index_folder`]: walk, compare, read, store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::FolderOptions;
use super::emptied;
use super::gauge::Gauge;
use super::moved::Moved;
use super::reach::{belongs_to, is_there};
use super::report::{FolderProgress, FolderReport};
use super::sink::FolderSink;
use super::state::FolderState;
use crate::collection::progress::Progress;
use crate::collection::writer::Writer;
use crate::document::FileStamp;
use crate::encoder::Cancel;
use crate::error::{Error, Result};
use crate::ingest::pipeline::PipelineItem;
use crate::ingest::read::{FileContent, FileReader};
use crate::ingest::source;
use crate::ingest::source_document::SourceDocument;
use crate::ingest::sync::{self, FileToRead, Known, SyncPlan};
use nigh_formats::Extracted;

/// Updates a collection from a folder; made by [`Writer::index_folder`], started by [`IndexFolder::run`].
///
/// ```no_run
/// use nigh::{Cancel, Collection, FolderOptions};
///
/// let notes = Collection::open("notes.nigh")?;
/// let cancel = Cancel::new(); // keep a clone of it, to stop the run from another thread
/// let report = notes
///     .writer()?
///     .index_folder("/home/me/notes")
///     .options(FolderOptions::new().exclude(["*.log"]))
///     .cancel(&cancel)
///     .on_progress(|progress| eprintln!("{} of {} files", progress.files_done, progress.files))
///     .run()?;
/// println!("{} added, {} changed, {} removed", report.added, report.changed, report.removed);
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is indexed before it is run"]
pub struct IndexFolder<'a> {
    writer: &'a mut Writer,
    root: PathBuf,
    prefix: String,
    options: FolderOptions,
    cancel: Cancel,
    progress: Progress<'a, FolderProgress>,
}

impl Writer {
    /// Updates the collection from a folder (or one file), and commits. Nothing happens before [`IndexFolder::run`].
    ///
    /// Does not read files that have not changed since the last run. If a changed file has the same content as before, only
    /// stores its new stamp. Does not encode passages that are already stored, even under another file name. Removes
    /// documents whose files are gone, unless the folder has no files at all any more (see [`FolderOptions::allow_empty`]).
    /// Keeps documents that did not come from files, except those with the id of a file: a collection has one document for an
    /// id, and the file replaces it.
    ///
    /// The writer belongs to the run until it ends. To make other changes during a long run, cancel it, commit them, and run it
    /// again: finished files are not read again.
    pub fn index_folder(&mut self, root: impl AsRef<Path>) -> IndexFolder<'_> {
        IndexFolder {
            writer: self,
            root: root.as_ref().to_path_buf(),
            prefix: String::new(),
            options: FolderOptions::new(),
            cancel: Cancel::new(),
            progress: Progress::none(),
        }
    }
}

impl<'a> IndexFolder<'a> {
    /// The beginning of the documents' ids; the path below the root follows it. End it with `/`, as in `notes/`. Default: empty.
    ///
    /// A run removes the documents with its prefix whose files are not in its folder. So several folders in one collection need
    /// different prefixes, none of which begins with another one: [`IndexFolder::run`] refuses a second folder while the first one
    /// is still there. A folder that was moved keeps its prefix.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The options for walking and reading the folder. Default: [`FolderOptions::new`].
    pub fn options(mut self, options: FolderOptions) -> Self {
        self.options = options;
        self
    }

    /// Stops when this token is cancelled, within about two seconds of encoding: finished work is committed, and the report is marked as
    /// [`interrupted`](FolderReport::interrupted). Of a very long document the encoded part is stored: the next run continues there.
    /// Searches find the document when it is whole, and its older version until then.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls this function before and after each file and each encoded batch.
    pub fn on_progress(mut self, callback: impl FnMut(FolderProgress) + 'a) -> Self {
        self.progress = Progress::to(callback);
        self
    }

    /// Indexes the folder.
    ///
    /// # Errors
    /// [`Error::FolderConflict`] when documents of another folder have this prefix: nothing was changed.
    /// [`Error::Io`] when the root cannot be read or writing fails; [`Error::InvalidGlob`] for an invalid glob; the errors of
    /// the encoder and of [`Writer::commit`]. Finished work is kept.
    pub fn run(self) -> Result<FolderReport> {
        let Self { writer, root, prefix, options, cancel, mut progress } = self;
        let started = Instant::now();
        let mut report = FolderReport::default();
        // 1. Walk the folder.
        let walk = options.walk(&root, &prefix, writer.collection.path());
        let scan = match source::scan(&root, &walk, &|| cancel.is_cancelled()) {
            Err(Error::Interrupted) => {
                report.interrupted = true;
                return Ok(report);
            }
            scan => scan?,
        };
        // Commit first, so that the waiting documents count as stored.
        writer.commit()?;
        // 2. Remember the folder, before any of its documents is stored.
        let collection = writer.collection.clone();
        let mut state = FolderState::read(collection.path(), collection.is_trusted(), &options);
        if collection.is_trusted() {
            state.add_folders(&collection.writer_access()?.store.settings().folders);
        }
        state.add_root(&prefix, &root)?;
        state.add_folder(&prefix, root.is_file());
        state.write();
        // Published with the first documents.
        writer.remember_folders(state.folders())?;
        // 3. Compare the files with the stored documents.
        let mut stored = Vec::new();
        collection.writer_access()?.store.for_each_stamp(&mut |document| {
            if belongs_to(&prefix, document.id.as_str()) {
                stored.push(document);
            }
            Ok(())
        })?;
        let outdated = collection.outdated_ids()?;
        let known = Known { stored, outdated: &outdated, refused: &|id| state.stamp(id) };
        let mut plan = sync::plan(&scan, &prefix, root.is_file(), known, options.reread);
        let cancelled = || cancel.is_cancelled();
        let ruled_out = options.without_ruled_out(&mut plan, &root, &prefix);
        report.kept = match emptied::keep_documents(&mut plan, &scan, &root, &walk, &options, &cancelled) {
            Err(Error::Interrupted) => {
                report.interrupted = true;
                return Ok(report);
            }
            kept => kept?,
        };
        // 4. Report the files that need no reading.
        let SyncPlan { work, unchanged, gone, skipped, refused } = plan;
        report.unchanged = unchanged + ruled_out;
        report.ruled_out = gone.iter().filter(|document| is_there(document, &root, &prefix)).count();
        report.walked(&prefix, &scan, &skipped);
        for id in refused {
            state.report(&id, &mut report);
        }
        if report.kept > 0 {
            report.failed.push(emptied::notice(&prefix, report.kept));
        } else {
            state.forget(&prefix, &scan);
        }
        // 5. Read, encode and store the others, and remove the documents whose files are gone.
        let bytes = work.iter().map(|work| work.file.size).sum();
        let progressed = FolderProgress { files: work.len(), bytes, ..FolderProgress::default() };
        let gone = Moved::new(gone, work.iter().any(|work| work.known.is_none()));
        let reader = options.reader(&root, options.worker.clone());
        let mut sink = FolderSink {
            writer,
            report: &mut report,
            state: &mut state,
            gone,
            gave_back: Instant::now(),
            progressed,
            gauge: Arc::new(Gauge::new(&work)),
            finished: 0,
            begun_bytes: 0,
            progress: &mut progress,
            cancel: &cancel,
        };
        sink.progress.tell(progressed);
        let result = sink.run(work, reader);
        // Also after an error: keep the finished work.
        let committed = writer.commit();
        state.write();
        match result {
            Err(Error::Interrupted) => report.interrupted = true,
            result => result?,
        }
        committed?;
        report.finish(started.elapsed());
        Ok(report)
    }
}

/// Reads one file. Runs on the reading thread.
pub(super) fn read_file(reader: &mut FileReader, work: FileToRead, gauge: &Gauge) -> Vec<PipelineItem> {
    gauge.begin_file(&work);
    let read = extract(reader, work);
    gauge.end_file(
        read.iter()
            .find_map(|item| if let PipelineItem::Document(source) = item { Some(source.text.len()) } else { None }),
    );
    read
}

/// Reads one file, and turns the result into items of the pipeline.
fn extract(reader: &mut FileReader, work: FileToRead) -> Vec<PipelineItem> {
    let stamp = stamp_of(&work);
    let id = work.id;
    match reader.read(&work.file.path, work.known.as_ref().filter(|_| !work.resplit)) {
        Ok(FileContent::Same) => vec![PipelineItem::Restamp(id, stamp)],
        Ok(FileContent::Text(extracted, content_hash)) => {
            let Extracted { text, sections, mut metadata, losses, title, syntax, encoding: _ } = *extracted;
            if let Some(title) = title {
                metadata.insert("title".to_owned(), title.into());
            }
            let losses = (!losses.is_empty()).then(|| PipelineItem::Losses(id.clone(), losses));
            let source = SourceDocument {
                id,
                text,
                syntax,
                metadata,
                sections,
                parts: Vec::new(),
                stamp: Some(stamp),
                content_hash,
            };
            losses.into_iter().chain([PipelineItem::Document(source)]).collect()
        }
        Err(skip) => vec![PipelineItem::Skipped { id, skip, stamp, stored: work.known.is_some() }],
    }
}

/// Returns the stamp of a file as the walk found it, checked now.
fn stamp_of(work: &FileToRead) -> FileStamp {
    let checked_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    FileStamp {
        size: work.file.size,
        modified_ns: work.file.modified_ns,
        checked_ns: i64::try_from(checked_ns).unwrap_or(i64::MAX),
        changed_ns: work.file.changed_ns,
        inode: work.file.inode,
    }
}
