//! [`Writer::import`] and [`Writer::import_all`]: take exported documents into a collection.

use std::fmt;

use super::exported::{ExportedDocument, ExportedPassage, bytes};
use super::progress::Progress;
use super::writer::Writer;
use crate::document::{Context, Document, DocumentId, Part, Span, metadata_json};
use crate::encoder::Cancel;
use crate::error::{Error, Result};
use crate::ingest::source_document::SourceDocument;
use crate::ingest::split_document::passage_hash;
use crate::records::{PassageVector, SplitDocument, SplitPassage};
use crate::text::hex;

/// The most by which a vector's length may differ from 1. An f16 vector of length 1 comes back with a length within a
/// thousandth of 1; vectors of other programs may be rounded more.
const MAX_LENGTH_ERROR: f64 = 0.01;

/// The outcome of [`Writer::import`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Imported {
    /// The document was stored with its own vectors.
    Stored,
    /// The document has no vectors, or those of another model, so its text must be encoded. Give it to [`Writer::upsert`].
    NeedsEncoding(Document),
    /// As [`Imported::NeedsEncoding`], and the text was edited after the export, so that the exported passages do not fit. It
    /// will be split again.
    Edited(Document),
}

impl Imported {
    /// Returns the document if its text must be encoded.
    pub fn into_document(self) -> Option<Document> {
        match self {
            Self::Stored => None,
            Self::NeedsEncoding(document) | Self::Edited(document) => Some(document),
        }
    }
}

/// Imports many documents; made by [`Writer::import_all`], started by [`ImportAll::run`].
#[must_use = "nothing is imported before it is run"]
pub struct ImportAll<'a, I> {
    writer: &'a mut Writer,
    documents: I,
    cancel: Cancel,
    progress: Progress<'a, ImportReport>,
}

impl<I> fmt::Debug for ImportAll<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportAll").field("writer", &self.writer).finish_non_exhaustive()
    }
}

/// The numbers of an [`ImportAll`], at the end or so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// Documents stored with their own vectors.
    pub stored: usize,
    /// Documents whose text is encoded.
    pub encoded: usize,
    /// The part of [`ImportReport::encoded`] whose text was edited after the export.
    pub edited: usize,
}

impl Writer {
    /// Imports exported documents. Stores their vectors if they are of this collection's model, otherwise encodes their
    /// texts. Nothing happens before [`ImportAll::run`].
    ///
    /// ```no_run
    /// let from = nigh::Collection::open_read_only("old.nigh")?;
    /// let into = nigh::Collection::open("new.nigh")?;
    /// let documents = from.export().vectors(true).run()?.collect::<nigh::Result<Vec<_>>>()?;
    /// let mut writer = into.writer()?;
    /// let report = writer.import_all(documents).run()?;
    /// writer.commit()?;
    /// println!("{} stored, {} encoded", report.stored, report.encoded);
    /// # Ok::<(), nigh::Error>(())
    /// ```
    pub fn import_all<I: IntoIterator<Item = ExportedDocument>>(&mut self, documents: I) -> ImportAll<'_, I> {
        ImportAll { writer: self, documents, cancel: Cancel::new(), progress: Progress::none() }
    }

    /// Imports one exported document. Stores it with its vectors if they are of this collection's model, otherwise returns
    /// it to be encoded.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an invalid id, a text of more than 64 MB, a passage outside the text or an invalid
    /// vector; [`Error::CollectionKind`] for a document without vectors in a collection without a model; the errors of
    /// [`Writer::commit`].
    pub fn import(&mut self, document: ExportedDocument) -> Result<Imported> {
        let wanted = self.collection.settings().model.as_ref().map(|model| &model.fingerprint);
        let ExportedDocument { id, text, syntax, metadata, model, content_hash, text_hash, passages, vector } =
            document;
        // Drop the passages of a text that was edited after the export.
        let text_differs = text_hash.is_some_and(|hash| hash != hex::encode(&passage_hash(&text)));
        let is_edited = text_differs && passages.is_some();
        let passages = passages.filter(|_| !is_edited);
        let is_same_model = wanted == model.as_ref();
        let plain = Document { id, text, syntax, metadata, parts: Vec::new(), vector: None };
        SourceDocument::check(&plain)?;
        let have_vectors = |passages: &Vec<ExportedPassage>| passages.iter().all(|passage| !passage.vector.is_empty());
        match (passages, vector) {
            // Vectors that fit, or a collection without a model: store the passages.
            (Some(passages), _) if is_same_model && (have_vectors(&passages) || wanted.is_none()) => {
                self.put_exported(plain, content_hash.as_deref(), passages)?;
                Ok(Imported::Stored)
            }
            // No passages, in a collection without a model: store the one vector.
            (_, vector) if wanted.is_none() => {
                self.upsert(Document { vector, ..plain })?;
                Ok(Imported::Stored)
            }
            // Encode the text; keep the passages whose place or metadata the text does not show.
            (passages, _) => {
                let own_facts = passages.filter(|passages| passages.iter().any(ExportedPassage::has_own_facts));
                let parts = own_facts.into_iter().flatten().map(|passage| {
                    let ExportedPassage { start_byte, end_byte, headings, place, metadata, .. } = passage;
                    Part { bytes: start_byte..end_byte, headings, place, metadata }
                });
                let document = plain.with_parts(parts);
                SourceDocument::check(&document)?;
                Ok(if is_edited { Imported::Edited(document) } else { Imported::NeedsEncoding(document) })
            }
        }
    }

    /// Stores a document with its exported passages and vectors.
    fn put_exported(
        &mut self,
        document: Document,
        content_hash: Option<&str>,
        passages: Vec<ExportedPassage>,
    ) -> Result<()> {
        let dimension = self.collection.settings().dimension;
        let source = SourceDocument::new(document)?;
        let refused = |problem: String| Error::InvalidDocument { id: source.id.as_str().to_owned(), problem };
        let line_count = source.text.lines().count().max(1);
        let passages =
            passages.into_iter().map(|passage| {
                let ExportedPassage {
                    start_byte,
                    end_byte,
                    start_line,
                    end_line,
                    headings,
                    place,
                    metadata,
                    hash,
                    vector,
                } = passage;
                let text = source.text.get(start_byte..end_byte).ok_or_else(|| {
                    refused(format!("its passage {start_byte}..{end_byte} is outside its text or cuts a character"))
                })?;
                let length = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
                if vector.len() != dimension || !length.is_finite() || (length - 1.0).abs() > MAX_LENGTH_ERROR {
                    let found = format!("{} numbers and length {length:.3}", vector.len());
                    return Err(refused(format!("a vector of {found}; expected {dimension} numbers of length 1")));
                }
                if !(1 <= start_line && start_line <= end_line && end_line <= line_count) {
                    return Err(refused(format!("its passage's lines {start_line} to {end_line} are not in its text")));
                }
                let lines = start_line..end_line.saturating_add(1);
                let span = Span { bytes: start_byte..end_byte, lines };
                let metadata = metadata_json(&metadata);
                let context = Context { headings, place, metadata };
                let hash =
                    hash.as_deref().map_or_else(|| Ok(passage_hash(text)), |hash| bytes(hash).map_err(refused))?;
                Ok(SplitPassage { span, context, hash, vector: PassageVector::New(vector) })
            });
        let passages = passages.collect::<Result<Vec<_>>>()?;
        let exported_hash = content_hash.map(|hash| bytes(hash).map_err(refused)).transpose()?;
        let SourceDocument { id, text, syntax, metadata, stamp, content_hash, .. } = source;
        let id = DocumentId::new(id.as_str())?;
        let content_hash = exported_hash.unwrap_or(content_hash);
        self.put(SplitDocument { id, text, syntax, metadata, stamp, content_hash, passages })
    }
}

impl<'a, I: IntoIterator<Item = ExportedDocument>> ImportAll<'a, I> {
    /// Stops when this token is cancelled, with [`Error::Interrupted`]. Documents taken before that are kept for the commit.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls this function after each document.
    pub fn on_progress(mut self, callback: impl FnMut(ImportReport) + 'a) -> Self {
        self.progress = Progress::to(callback);
        self
    }

    /// Imports the documents. They are durable and visible after [`Writer::commit`].
    ///
    /// # Errors
    /// The errors of [`Writer::import`] and [`Writer::upsert`], and [`Error::Interrupted`]. The first one stops the import.
    /// Documents taken before that are kept for the commit.
    pub fn run(self) -> Result<ImportReport> {
        let Self { writer, documents, cancel, mut progress } = self;
        let mut report = ImportReport::default();
        for document in documents {
            if cancel.is_cancelled() {
                return Err(Error::Interrupted);
            }
            let imported = writer.import(document)?;
            match &imported {
                Imported::Stored => report.stored += 1,
                Imported::NeedsEncoding(_) => report.encoded += 1,
                Imported::Edited(_) => (report.encoded, report.edited) = (report.encoded + 1, report.edited + 1),
            }
            if let Some(document) = imported.into_document() {
                writer.upsert(document)?;
            }
            progress.tell(report);
        }
        writer.encode_waiting()?;
        Ok(report)
    }
}
