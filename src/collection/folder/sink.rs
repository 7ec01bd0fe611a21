//! Takes the results of the pipeline into the writer and the report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::gauge::Gauge;
use super::index::read_file;
use super::moved::Moved;
use super::report::{FolderPhase, FolderProgress, FolderReport, SkippedFile};
use super::state::FolderState;
use crate::collection::progress::Progress;
use crate::collection::writer::Writer;
use crate::document::{DocumentId, PassageId};
use crate::encoder::Cancel;
use crate::error::{Error, Result};
use crate::ingest::pipeline::{self, DocumentSink, PipelineItem};
use crate::ingest::read::{FileReader, Skip};
use crate::ingest::sync::FileToRead;
use crate::kernel::heap;
use crate::records::SplitDocument;

/// The bytes of text for each token, in English and in Chinese, approximately.
const BYTES_PER_TOKEN: u64 = 4;
/// The time between two returns of free memory to the system, which take some milliseconds each.
const GIVE_BACK_INTERVAL: Duration = Duration::from_secs(1);

/// Takes the results of the pipeline, counts them, and reports the progress.
pub(super) struct FolderSink<'a, 'b> {
    pub(super) writer: &'a mut Writer,
    pub(super) report: &'a mut FolderReport,
    pub(super) state: &'a mut FolderState,
    /// The documents whose files are gone.
    pub(super) gone: Moved,
    /// The time of the last return of free memory to the system.
    pub(super) gave_back: Instant,
    pub(super) progressed: FolderProgress,
    pub(super) gauge: Arc<Gauge>,
    /// Bytes of text of finished documents.
    pub(super) finished: u64,
    /// Bytes of text encoded so far of unfinished documents, estimated from tokens.
    pub(super) begun_bytes: u64,
    pub(super) progress: &'a mut Progress<'b, FolderProgress>,
    pub(super) cancel: &'a Cancel,
}

impl FolderSink<'_, '_> {
    /// Reads, encodes and stores the files, and removes the documents whose files are gone.
    pub(super) fn run(&mut self, work: Vec<FileToRead>, mut reader: FileReader) -> Result<()> {
        let collection = self.writer.collection.clone();
        if !self.gone.may_be_moved() {
            self.remove_gone()?;
        }
        if !work.is_empty() {
            self.report_progress(FolderPhase::Model);
            let (encoder, settings) = (collection.encoder()?, collection.current_settings());
            self.report_progress(FolderPhase::Encoding);
            let options = pipeline::split_options(&encoder, &settings)?;
            let cancel = self.cancel;
            let work = work.into_iter().take_while(|_| !cancel.is_cancelled());
            let gauge = Arc::clone(&self.gauge);
            pipeline::run(work.flat_map(move |work| read_file(&mut reader, work, &gauge)), &encoder, options, self)?;
            self.report_progress(FolderPhase::Background);
            // Stored next to the model, so that the first search need not encode them.
            encoder.reference_texts()?;
            heap::give_back();
        }
        if self.cancelled() {
            return Err(Error::Interrupted);
        }
        self.remove_gone()
    }

    /// Removes the documents whose files are gone and were not found again under another name.
    fn remove_gone(&mut self) -> Result<()> {
        for id in self.gone.drain() {
            self.report.removed += usize::from(self.writer.is_whole(&id)?);
            self.writer.drop_document(id)?;
        }
        Ok(())
    }

    /// Returns free memory to the system, if the last time is long enough ago.
    fn give_back(&mut self) {
        if self.gave_back.elapsed() >= GIVE_BACK_INTERVAL {
            heap::give_back();
            self.gave_back = Instant::now();
        }
    }

    /// Reports the progress.
    fn report_progress(&mut self, phase: FolderPhase) {
        let (text, files_read) = self.gauge.totals();
        let text_done = (self.finished + self.begun_bytes).min(text);
        self.progressed = FolderProgress { phase, text, text_done, files_read, ..self.progressed };
        self.progress.tell(self.progressed);
    }

    /// Counts a finished file of `bytes` bytes, and commits if it is time.
    fn finish_file(&mut self, bytes: u64) -> Result<()> {
        self.progressed.files_done += 1;
        self.progressed.bytes_done += bytes;
        self.report_progress(FolderPhase::Encoding);
        self.writer.commit_if_due()
    }
}

impl DocumentSink for FolderSink<'_, '_> {
    fn known_passages(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.writer.known_passages(id)
    }

    fn moved_vector(&mut self, hash: &[u8; 16]) -> Result<Option<Vec<f32>>> {
        let collection = self.writer.collection.clone();
        self.gone.vector(hash, &collection.writer_access()?.store)
    }

    fn count_encoded(&mut self, passages: usize, tokens: usize, time: Duration) {
        self.report.took_encoding += time;
        self.report.tokens += tokens;
        self.report.passages_encoded += passages;
        self.progressed.tokens += tokens;
        self.progressed.passages += passages;
        self.begun_bytes += tokens as u64 * BYTES_PER_TOKEN;
        self.report_progress(FolderPhase::Encoding);
    }

    fn put_part(&mut self, document: &SplitDocument) -> Result<Option<Vec<PassageId>>> {
        let ids = self.writer.put_part(document)?;
        self.give_back();
        Ok(Some(ids))
    }

    fn batch_done(&mut self) -> Result<()> {
        // Commit each batch before the next one is encoded: a killed process loses one batch at most.
        self.writer.commit()?;
        self.give_back();
        Ok(())
    }

    fn put(&mut self, document: SplitDocument, encoded: usize) -> Result<()> {
        // A new document of which this run already stored a part still counts as new.
        let was_stored = self.writer.is_whole(&document.id)?;
        let old = if was_stored { None } else { self.gone.take(&document.content_hash) };
        match (&old, was_stored) {
            (Some(_), _) => self.report.renamed += 1,
            (None, true) => self.report.changed += 1,
            (None, false) => self.report.added += 1,
        }
        if was_stored && self.writer.collection.writer_access()?.store.has_no_file(&document.id)? {
            self.report.replaced.push(document.id.as_str().to_owned());
        }
        let kept = document.passages.len() - encoded;
        self.report.passages_kept += kept;
        self.progressed.passages += kept;
        let bytes = document.stamp.map_or(0, |stamp| stamp.size);
        let text = document.text.len() as u64;
        (self.finished, self.begun_bytes) = (self.finished + text, self.begun_bytes.saturating_sub(text));
        self.state.remove_refused(&document.id);
        self.writer.put(document)?;
        // One commit adds the new name and removes the old one: a crash never leaves a document without either.
        if let Some(old) = old {
            self.writer.drop_document(old)?;
        }
        self.finish_file(bytes)
    }

    fn take_other(&mut self, item: PipelineItem) -> Result<()> {
        match item {
            PipelineItem::Restamp(id, stamp) => {
                self.report.unchanged += 1;
                self.state.remove_refused(&id);
                self.writer.restamp(id, stamp)?;
                self.finish_file(stamp.size)
            }
            PipelineItem::Losses(id, losses) => {
                let path = id.as_str().to_owned();
                self.report.partial.push(SkippedFile { path, reason: losses.join("; ") });
                Ok(())
            }
            PipelineItem::Skipped { id, skip, stamp, stored } => {
                self.state.add_refused(&id, &skip, stamp);
                let whole = stored && self.writer.is_whole(&id)?;
                // A file without text has nothing to find any more; one that cannot be read may have its old text.
                let keeps_document = !matches!(skip, Skip::NotText(_));
                let (path, mut reason) = (id.as_str().to_owned(), skip.to_string());
                if keeps_document && whole {
                    reason.push_str("; what was indexed of it before is kept");
                }
                let list = if keeps_document { &mut self.report.failed } else { &mut self.report.skipped };
                list.push(SkippedFile { path, reason });
                if stored && !keeps_document {
                    self.report.removed += usize::from(whole);
                    self.writer.drop_document(id)?;
                }
                self.finish_file(stamp.size)
            }
            PipelineItem::Refused(error) => Err(error),
            PipelineItem::Document(_) => Ok(()),
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}
