//! [`Collection::export`]: reads documents out of a collection.

use std::sync::Arc;
use std::vec;

use super::exported::{ExportedDocument, ExportedPassage};
use super::handle::Collection;
use super::snapshot::Snapshot;
use crate::document::Span;
use crate::document::parse_metadata;
use crate::error::Result;
use crate::index::{DocumentRef, Snapshot as Generation};
use crate::ingest::split_document::passage_hash;
use crate::text::hex;

/// Exports documents; made by [`Snapshot::export`] or [`Collection::export`], started by [`Export::run`].
///
/// ```no_run
/// let notes = nigh::Collection::open_read_only("notes.nigh")?;
/// for document in notes.export().vectors(true).run()? {
///     let document = document?;
///     println!("{}: {} bytes", document.id, document.text.len());
/// }
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is exported before it is run"]
pub struct Export {
    /// The commit to export; `None`: the newest one.
    snapshot: Option<Snapshot>,
    collection: Collection,
    vectors: bool,
}

/// The documents of an export, read one at a time.
pub struct ExportedDocuments {
    generation: Arc<Generation>,
    places: vec::IntoIter<DocumentRef>,
    /// The fingerprint of the model, if vectors are exported and there is a model.
    model: Option<String>,
    vectors: bool,
}

impl std::fmt::Debug for ExportedDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportedDocuments").field("left", &self.places.len()).finish_non_exhaustive()
    }
}

impl Collection {
    /// Exports every document of the newest commit, in the order in which they were first stored. Nothing happens before
    /// [`Export::run`].
    pub fn export(&self) -> Export {
        Export { snapshot: None, collection: self.clone(), vectors: false }
    }
}

impl Snapshot {
    /// The same as [`Collection::export`], for this commit.
    pub fn export(&self) -> Export {
        Export { snapshot: Some(self.clone()), collection: self.collection().clone(), vectors: false }
    }
}

impl Export {
    /// Whether documents come with their passages and vectors, so that an import need not encode them. Default: false.
    pub fn vectors(mut self, vectors: bool) -> Self {
        self.vectors = vectors;
        self
    }

    /// Starts the export. The iterator reads each document when it is asked for it; drop it to stop.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`](crate::Error::IndexDamaged), here and for each document.
    pub fn run(self) -> Result<ExportedDocuments> {
        let Self { snapshot, collection, vectors } = self;
        let generation = match snapshot {
            Some(snapshot) => Arc::clone(snapshot.inner()),
            None => collection.newest()?,
        };
        let model = collection.settings().model.as_ref().filter(|_| vectors).map(|model| model.fingerprint.clone());
        let places = generation.places()?.into_iter();
        Ok(ExportedDocuments { generation, places, model, vectors })
    }
}

impl ExportedDocuments {
    /// Reads one document. Without vectors, passages are exported only if the text alone would not give them again.
    fn read(&self, place: DocumentRef) -> Result<ExportedDocument> {
        let (vectors, document) = (self.vectors, self.generation.document(place)?);
        let record = document.record()?;
        let exported = (0..document.passages() as u32).map(|ordinal| {
            let passage = document.passage(ordinal)?;
            let Span { bytes, lines } = passage.span();
            Ok(ExportedPassage {
                start_byte: bytes.start,
                end_byte: bytes.end,
                start_line: lines.start,
                end_line: lines.end.saturating_sub(1),
                hash: vectors.then(|| hex::encode(&passage.hash())),
                vector: if vectors { passage.values() } else { Vec::new() },
                metadata: parse_metadata(&record.id, &passage.context.metadata)?,
                headings: passage.context.headings,
                place: passage.context.place,
            })
        });
        let passages = Some(exported.collect::<Result<Vec<ExportedPassage>>>()?);
        let passages = passages.filter(|passages| vectors || passages.iter().any(ExportedPassage::has_own_facts));
        let (metadata, model, vector) = (parse_metadata(&record.id, &record.metadata)?, self.model.clone(), None);
        let (id, text, syntax) = (record.id.as_str().to_owned(), document.text()?, record.syntax);
        let content_hash = vectors.then(|| hex::encode(&record.content_hash));
        let text_hash = passages.is_some().then(|| hex::encode(&passage_hash(&text)));
        self.generation.check_intact()?;
        Ok(ExportedDocument { id, text, syntax, metadata, model, content_hash, text_hash, passages, vector })
    }
}

impl Iterator for ExportedDocuments {
    type Item = Result<ExportedDocument>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.places.next()?;
        Some(self.read(place))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl ExactSizeIterator for ExportedDocuments {}
