//! [`Writer::upsert`] and [`Writer::upsert_all`]: split and encode documents, many together.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::handle::describe;
use super::progress::Progress;
use super::vector::check_vector;
use super::writer::Writer;
use crate::document::{Context, Document, DocumentId, PassageId, Span};
use crate::encoder::Cancel;
use crate::error::{Error, Result};
use crate::ingest::pipeline::{self, DocumentSink, PipelineItem};
use crate::ingest::source_document::SourceDocument;
use crate::ingest::split_document::passage_hash;
use crate::kernel::vector::unit;
use crate::records::{PassageVector, SplitDocument, SplitPassage};

/// Documents of [`Writer::upsert`] are encoded together once their texts have this many bytes, about 32,000 tokens.
const BATCH_BYTES: usize = 128 << 10;
/// The bytes that a document counts for besides its text: even an empty one takes memory.
const DOCUMENT_BYTES: usize = 64;

/// Documents that wait to be encoded together.
#[derive(Default)]
pub(super) struct Unencoded {
    documents: Vec<SourceDocument>,
    ids: HashSet<DocumentId>,
    bytes: usize,
    /// True if the model is loaded, and accepts passages of the collection's length.
    is_ready: bool,
}

impl Unencoded {
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    pub(super) fn has(&self, id: &DocumentId) -> bool {
        self.ids.contains(id)
    }

    fn push(&mut self, source: SourceDocument) {
        self.ids.insert(source.id.clone());
        self.bytes += source.text.len() + DOCUMENT_BYTES;
        self.documents.push(source);
    }

    fn take(&mut self) -> Vec<SourceDocument> {
        self.ids.clear();
        self.bytes = 0;
        std::mem::take(&mut self.documents)
    }
}

/// Adds or replaces many documents; made by [`Writer::upsert_all`], started by [`UpsertAll::run`].
#[must_use = "nothing is stored before it is run"]
pub struct UpsertAll<'a, I> {
    writer: &'a mut Writer,
    documents: I,
    cancel: Cancel,
    progress: Progress<'a, UpsertProgress>,
}

impl<I> fmt::Debug for UpsertAll<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpsertAll").field("writer", &self.writer).finish_non_exhaustive()
    }
}

/// The progress of an [`UpsertAll`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct UpsertProgress {
    /// Documents that are committed or ready to be committed.
    pub documents: usize,
    /// Passages encoded so far; 0 in a collection without a model.
    pub passages: usize,
}

impl Writer {
    /// Adds a document, or replaces the one with the same id. Passages whose text has not changed are not encoded again.
    ///
    /// Checks the document at once. Encodes its text later, together with others: when 128 KiB of text wait, or with the
    /// commit. So a loop is as fast as [`Writer::upsert_all`]. A longer text is encoded inside this call, which cannot be
    /// cancelled; `upsert_all([document]).cancel(&cancel)` can. An unchanged document is stored again: compare it with
    /// [`Snapshot::document`](super::Snapshot::document) to avoid that.
    ///
    /// In a collection without a model, the document must have its own vector, which is scaled to length 1.
    ///
    /// # Errors
    /// Errors about this document, which is then not added: [`Error::InvalidDocument`] for an id, a vector, metadata or parts
    /// that cannot be stored, or a text of more than 64 MB; [`Error::CollectionKind`] for a vector in a collection with a
    /// model, or a missing one in a collection without a model.
    /// Errors of the encoder and of a commit, which may be about earlier documents; none of these is lost, see
    /// [`Writer::commit`].
    pub fn upsert(&mut self, document: Document) -> Result<()> {
        if self.collection.settings().model.is_none() {
            return self.put_vector(document);
        }
        if !self.unencoded.is_ready {
            let (encoder, settings) = (self.collection.encoder()?, self.collection.current_settings());
            pipeline::split_options(&encoder, &settings)?;
            self.unencoded.is_ready = true;
        }
        let source = checked_source(document, self.collection.path())?;
        if source.text.len() >= BATCH_BYTES {
            // A large document is a batch of its own. Encode the others first, so that it is not held twice.
            self.encode_waiting()?;
            return Encoding::new(self).run(std::iter::once(PipelineItem::Document(source)));
        }
        self.unencoded.push(source);
        if self.unencoded.bytes >= BATCH_BYTES { self.encode_waiting() } else { Ok(()) }
    }

    /// Adds or replaces documents, as [`Writer::upsert`] does. They are split and encoded in parallel, with bounded memory.
    /// Nothing happens before [`UpsertAll::run`].
    ///
    /// ```no_run
    /// use nigh::{Collection, Document};
    ///
    /// let notes = Collection::open("notes.nigh")?;
    /// let mut writer = notes.writer()?;
    /// let texts = ["The first note.", "The second note."];
    /// let documents = texts.iter().enumerate().map(|(i, text)| Document::new(i.to_string(), *text));
    /// writer.upsert_all(documents).on_progress(|progress| eprintln!("{} passages", progress.passages)).run()?;
    /// writer.commit()?;
    /// # Ok::<(), nigh::Error>(())
    /// ```
    pub fn upsert_all<I>(&mut self, documents: I) -> UpsertAll<'_, I>
    where
        I: IntoIterator<Item = Document>,
        I::IntoIter: Send,
    {
        UpsertAll { writer: self, documents, cancel: Cancel::new(), progress: Progress::none() }
    }

    /// Encodes the waiting documents. One that cannot be encoded, and those after it, keep waiting.
    pub(super) fn encode_waiting(&mut self) -> Result<()> {
        let mut documents = self.unencoded.take();
        if documents.is_empty() {
            return Ok(());
        }
        let mut encoding = Encoding::new(self);
        let encoded = encoding.run(documents.iter().cloned().map(PipelineItem::Document));
        if encoded.is_err() {
            let stored = encoding.progressed.documents.min(documents.len());
            documents.drain(stored..).for_each(|source| self.unencoded.push(source));
        }
        encoded
    }

    /// Stores a document with a vector of its own: one passage, the whole text.
    fn put_vector(&mut self, document: Document) -> Result<()> {
        let Some(vector) = &document.vector else {
            let problem = format!("{}; give the document {:?} one", describe(self.collection.settings()), document.id);
            return Err(Error::CollectionKind { path: self.collection.path().to_path_buf(), problem });
        };
        let refused = |problem: String| Error::InvalidDocument { id: document.id.clone(), problem };
        let dimension = self.collection.settings().dimension;
        check_vector(vector, dimension, "its vector").map_err(refused)?;
        let vector = unit(vector);
        let source = SourceDocument::new(document)?;
        let lines = source.text.lines().count().max(1);
        let passage = SplitPassage {
            span: Span { bytes: 0..source.text.len(), lines: 1..lines + 1 },
            context: Context::default(),
            hash: passage_hash(&source.text),
            vector: PassageVector::New(vector),
        };
        let SourceDocument { id, text, syntax, metadata, stamp, content_hash, .. } = source;
        self.put(SplitDocument { id, text, syntax, metadata, stamp, content_hash, passages: vec![passage] })
    }
}

impl<'a, I> UpsertAll<'a, I>
where
    I: IntoIterator<Item = Document>,
    I::IntoIter: Send,
{
    /// Stops when this token is cancelled, with [`Error::Interrupted`]. Documents taken before that are kept for the commit.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls this function after each encoded batch, which is a second or two of work; in a collection without a model, after
    /// each document.
    pub fn on_progress(mut self, callback: impl FnMut(UpsertProgress) + 'a) -> Self {
        self.progress = Progress::to(callback);
        self
    }

    /// Adds or replaces the documents. Returns their number.
    ///
    /// # Errors
    /// The errors of [`Writer::upsert`], and [`Error::Interrupted`]. The first one stops the run. Documents taken before that
    /// are kept for the commit.
    pub fn run(self) -> Result<usize> {
        let Self { writer, documents, cancel, mut progress } = self;
        // Documents that came first are stored first.
        writer.encode_waiting()?;
        if writer.collection.settings().model.is_none() {
            let mut progressed = UpsertProgress::default();
            for document in documents {
                if cancel.is_cancelled() {
                    return Err(Error::Interrupted);
                }
                writer.put_vector(document)?;
                progressed.documents += 1;
                progress.tell(progressed);
            }
            return Ok(progressed.documents);
        }
        let path = writer.collection.path().to_path_buf();
        let items = documents
            .into_iter()
            .map(|document| checked_source(document, &path).map_or_else(PipelineItem::Refused, PipelineItem::Document));
        let mut encoding = Encoding { cancel, progress, commits: true, ..Encoding::new(writer) };
        encoding.run(items)?;
        Ok(encoding.progressed.documents)
    }
}

/// Checks a document that is to be encoded.
fn checked_source(document: Document, collection: &Path) -> Result<SourceDocument> {
    if document.vector.is_some() {
        let problem = format!(
            "encodes text itself; leave the vector out of the document {:?}, or make a collection with a dimension for vectors",
            document.id
        );
        return Err(Error::CollectionKind { path: collection.to_path_buf(), problem });
    }
    SourceDocument::new(document)
}

/// Takes the results of the pipeline into the writer. The first error stops it.
struct Encoding<'a, 'b> {
    writer: &'a mut Writer,
    progressed: UpsertProgress,
    progress: Progress<'b, UpsertProgress>,
    cancel: Cancel,
    /// True to commit from time to time.
    commits: bool,
}

impl<'a> Encoding<'a, '_> {
    fn new(writer: &'a mut Writer) -> Self {
        let (progressed, progress, cancel) = (UpsertProgress::default(), Progress::none(), Cancel::new());
        Self { writer, progressed, progress, cancel, commits: false }
    }

    fn run(&mut self, items: impl Iterator<Item = PipelineItem> + Send) -> Result<()> {
        let collection = self.writer.collection.clone();
        let (encoder, settings) = (collection.encoder()?, collection.current_settings());
        let options = pipeline::split_options(&encoder, &settings)?;
        pipeline::run(items, &encoder, options, self)
    }
}

impl DocumentSink for Encoding<'_, '_> {
    fn known_passages(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.writer.known_passages(id)
    }

    fn put(&mut self, document: SplitDocument, _encoded: usize) -> Result<()> {
        self.writer.put(document)?;
        self.progressed.documents += 1;
        if self.commits { self.writer.commit_if_due() } else { Ok(()) }
    }

    fn count_encoded(&mut self, passages: usize, _tokens: usize, _time: Duration) {
        self.progressed.passages += passages;
        self.progress.tell(self.progressed);
    }

    fn batch_done(&mut self) -> Result<()> {
        self.progress.tell(self.progressed);
        Ok(())
    }

    fn take_other(&mut self, item: PipelineItem) -> Result<()> {
        match item {
            PipelineItem::Refused(error) => Err(error),
            PipelineItem::Document(_)
            | PipelineItem::Restamp(..)
            | PipelineItem::Losses(..)
            | PipelineItem::Skipped { .. } => Ok(()),
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}
