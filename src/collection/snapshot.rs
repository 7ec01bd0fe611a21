//! [`Snapshot`]: one commit of a collection, held, so that several searches and reads see the same documents.

use std::path::Path;
use std::sync::Arc;

use super::handle::Collection;
use super::search::SearchBuilder;
use super::words::{matches_without_rows, matching};
use crate::document::{Document, DocumentId, parse_metadata};
use crate::error::Result;
use crate::filter::Filter;
use crate::index::{DocumentRef, Snapshot as Generation};

/// One commit of a collection. All its searches, documents and counts agree, whatever is committed meanwhile.
///
/// A search or a read of a [`Collection`] uses the newest commit. If two of them must agree, for example a search and the
/// reading of the found documents, take a snapshot and use it for both. It is cheap to make and to clone. It holds no lock,
/// and no writer waits for it. Until it is dropped, the files that it needs stay open, and keep their disk space even if merges have
/// replaced them: at most the size of the published index at that time. A kept snapshot needs little memory of its own.
///
/// ```no_run
/// let notes = nigh::Collection::open_read_only("notes.nigh")?;
/// let snapshot = notes.snapshot()?;
/// for hit in snapshot.search("backups").limit(3).run()? {
///     let whole = snapshot.document(hit.document.id.as_str())?; // always there: it is the same commit
///     println!("{} {}", hit.document.id, whole.map_or(0, |document| document.text.len()));
/// }
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    collection: Collection,
    generation: Arc<Generation>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("collection", &self.collection)
            .field("generation", &self.generation())
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(super) fn collection(&self) -> &Collection {
        &self.collection
    }

    pub(super) fn inner(&self) -> &Arc<Generation> {
        &self.generation
    }

    /// Returns the number of the generation: the state of the collection that searches see. Every commit publishes a generation with a
    /// higher number; merges in the background do, too. So the numbers of your commits grow, and need not be consecutive. A
    /// generation cannot be opened by its number: keep the snapshot to read it again.
    pub fn generation(&self) -> u64 {
        self.generation.generation()
    }

    /// Returns the number of documents.
    pub fn documents(&self) -> u64 {
        self.generation.totals().documents
    }

    /// Returns the number of passages of all documents.
    pub fn passages(&self) -> u64 {
        self.generation.totals().passages
    }

    /// The same as [`Collection::search`], for this commit.
    pub fn search(&self, query: impl Into<String>) -> SearchBuilder {
        self.collection.search(query).in_generation(Arc::clone(&self.generation))
    }

    /// The same as [`Collection::search_by_vector`], for this commit.
    pub fn search_by_vector(&self, vector: Vec<f32>) -> SearchBuilder {
        self.collection.search_by_vector(vector).in_generation(Arc::clone(&self.generation))
    }

    /// The same as [`Collection::similar_to`], for this commit.
    pub fn similar_to(&self, id: impl Into<String>) -> SearchBuilder {
        self.collection.similar_to(id).in_generation(Arc::clone(&self.generation))
    }

    /// The same as [`Collection::similar_to_file`], for this commit.
    ///
    /// # Errors
    /// The errors of [`Collection::similar_to_file`].
    pub fn similar_to_file(&self, path: impl AsRef<Path>) -> Result<SearchBuilder> {
        Ok(self.collection.similar_to_file(path)?.in_generation(Arc::clone(&self.generation)))
    }

    /// Reads a stored document with its text, without its vectors and parts. Returns `None` if there is none with this id.
    /// [`Snapshot::export`] reads vectors.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`](crate::Error::InvalidDocument) for an invalid id;
    /// [`Error::IndexDamaged`](crate::Error::IndexDamaged).
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        let (id, generation) = (DocumentId::new(id)?, &self.generation);
        generation.intact(|| {
            let Some(place) = generation.find_name(&id)? else { return Ok(None) };
            let found = generation.document(place)?;
            let (record, text) = (found.record()?, found.text()?);
            let (metadata, id) = (parse_metadata(&record.id, &record.metadata)?, record.id.as_str().to_owned());
            Ok(Some(Document { id, text, syntax: record.syntax, metadata, parts: Vec::new(), vector: None }))
        })
    }

    /// Counts the documents that match a filter. Unlike a search, it also sees documents without text.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`](crate::Error::InvalidFilter) for an invalid filter;
    /// [`Error::IndexDamaged`](crate::Error::IndexDamaged).
    pub fn count(&self, filter: &Filter) -> Result<usize> {
        self.generation.intact(|| Ok(self.places(filter)?.len()))
    }

    /// Returns the ids of the documents that match a filter, sorted: at most `limit` of them, and only ids greater than
    /// `after`. To read all in pages, pass the last id of a page as `after` for the next page. [`Filter::all`] lists all ids.
    ///
    /// # Errors
    /// The errors of [`Snapshot::count`].
    pub fn ids(&self, filter: &Filter, after: Option<&DocumentId>, limit: usize) -> Result<Vec<DocumentId>> {
        self.generation.intact(|| {
            let id_of = |place: DocumentRef| Ok(self.generation.document(place)?.record()?.id);
            let mut ids = self.places(filter)?.into_iter().map(id_of).collect::<Result<Vec<_>>>()?;
            ids.retain(|id| after.is_none_or(|after| id > after));
            ids.sort_unstable();
            ids.truncate(limit);
            Ok(ids)
        })
    }

    /// Returns the documents that match: with a passage that matches, or without passages.
    fn places(&self, filter: &Filter) -> Result<Vec<DocumentRef>> {
        filter.check()?;
        let mut rows = match self.collection.lexicon(&self.generation)? {
            Some(lexicon) => lexicon.matching(filter)?,
            None => matching(&self.generation, filter)?,
        };
        rows.iter_mut().for_each(|rows| rows.sort_unstable());
        let mut places = Vec::new();
        for place in self.generation.places()? {
            let document = self.generation.document(place)?;
            let document_rows = document.rows();
            if document_rows.is_empty() {
                if matches_without_rows(&document, filter)? {
                    places.push(place);
                }
                continue;
            }
            // The first matching row at or after the document's first row.
            let matching = rows.get(place.segment).map_or(&[][..], Vec::as_slice);
            let first = matching.partition_point(|&row| row < document_rows.start);
            if matching.get(first).is_some_and(|&row| row < document_rows.end) {
                places.push(place);
            }
        }
        Ok(places)
    }
}

impl Collection {
    /// Returns the newest commit as a [`Snapshot`].
    ///
    /// # Errors
    /// [`Error::IndexDamaged`](crate::Error::IndexDamaged); [`Error::Io`](crate::Error::Io).
    pub fn snapshot(&self) -> Result<Snapshot> {
        Ok(Snapshot { collection: self.clone(), generation: self.newest()? })
    }

    /// Reads a document of the newest commit: see [`Snapshot::document`].
    ///
    /// # Errors
    /// The errors of [`Snapshot::document`].
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        self.snapshot()?.document(id)
    }

    /// Counts the documents of the newest commit that match a filter: see [`Snapshot::count`].
    ///
    /// # Errors
    /// The errors of [`Snapshot::count`].
    pub fn count(&self, filter: &Filter) -> Result<usize> {
        self.snapshot()?.count(filter)
    }
}
