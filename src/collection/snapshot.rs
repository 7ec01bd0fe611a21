//! [`Snapshot`]: one commit of a collection, pinned, so that several searches and reads see the same documents.

use std::path::Path;
use std::sync::Arc;

use super::handle::Collection;
use super::search::SearchBuilder;
use super::words::matching;
use crate::document::{Document, DocumentId, parse_metadata};
use crate::error::Result;
use crate::filter::Filter;
use crate::index::{DocumentRef, Snapshot as Generation};

/// One commit of a collection: searches, documents and counts that belong together, whatever is committed meanwhile.
///
/// A search or a read of a [`Collection`] takes the newest commit by itself. Where two of them must agree, for example a search and
/// the documents that it found, take a snapshot and ask it. Cheap to make and to clone; it holds no lock, and no writer waits
/// for it. The files that it needs stay open as long as it lives.
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

    /// The number of its commit. It grows with every commit.
    pub fn generation(&self) -> u64 {
        self.generation.generation()
    }

    /// How many documents it has.
    pub fn documents(&self) -> u64 {
        self.generation.totals().documents
    }

    /// How many passages they have.
    pub fn passages(&self) -> u64 {
        self.generation.totals().passages
    }

    /// As [`Collection::search`], in this commit.
    pub fn search(&self, query: impl Into<String>) -> SearchBuilder {
        self.collection.search(query).in_generation(Arc::clone(&self.generation))
    }

    /// As [`Collection::search_by_vector`], in this commit.
    pub fn search_by_vector(&self, vector: Vec<f32>) -> SearchBuilder {
        self.collection.search_by_vector(vector).in_generation(Arc::clone(&self.generation))
    }

    /// As [`Collection::similar_to`], in this commit.
    pub fn similar_to(&self, id: impl Into<String>) -> SearchBuilder {
        self.collection.similar_to(id).in_generation(Arc::clone(&self.generation))
    }

    /// As [`Collection::similar_to_file`], in this commit.
    ///
    /// # Errors
    /// As [`Collection::similar_to_file`].
    pub fn similar_to_file(&self, path: impl AsRef<Path>) -> Result<SearchBuilder> {
        Ok(self.collection.similar_to_file(path)?.in_generation(Arc::clone(&self.generation)))
    }

    /// A stored document with its text; `None` if there is none with this id. Its vectors are not read.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`](crate::Error::InvalidDocument) for an id that cannot be one;
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

    /// How many documents match a filter: those of which a search with this filter could find a passage.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`](crate::Error::InvalidFilter) for a filter that cannot be asked;
    /// [`Error::IndexDamaged`](crate::Error::IndexDamaged).
    pub fn count(&self, filter: &Filter) -> Result<usize> {
        self.generation.intact(|| Ok(self.places(filter)?.len()))
    }

    /// The ids of the documents that match a filter, sorted; at most `limit` of them, and only ids greater than `after`. To read all in
    /// pages, give the last id of a page as `after` of the next one.
    ///
    /// # Errors
    /// As [`Snapshot::count`].
    pub fn ids(&self, filter: &Filter, after: Option<&DocumentId>, limit: usize) -> Result<Vec<DocumentId>> {
        self.generation.intact(|| {
            let id = |place: DocumentRef| Ok(self.generation.document(place)?.record()?.id);
            let mut ids = self.places(filter)?.into_iter().map(id).collect::<Result<Vec<_>>>()?;
            ids.retain(|id| after.is_none_or(|after| id > after));
            ids.sort_unstable();
            ids.truncate(limit);
            Ok(ids)
        })
    }

    /// The documents with a passage that matches.
    fn places(&self, filter: &Filter) -> Result<Vec<DocumentRef>> {
        let mut rows = match self.collection.lexicon(&self.generation)? {
            Some(lexicon) => lexicon.matching(filter)?,
            None => matching(&self.generation, filter)?,
        };
        rows.iter_mut().for_each(|rows| rows.sort_unstable());
        let mut places = Vec::new();
        for place in self.generation.places()? {
            let of_document = self.generation.document(place)?.rows();
            // The first matching row that is not before the document.
            let matching = rows.get(place.segment).map_or(&[][..], Vec::as_slice);
            let at = matching.partition_point(|&row| row < of_document.start);
            if matching.get(at).is_some_and(|&row| row < of_document.end) {
                places.push(place);
            }
        }
        Ok(places)
    }
}

impl Collection {
    /// The newest commit, held: see [`Snapshot`].
    ///
    /// # Errors
    /// [`Error::IndexDamaged`](crate::Error::IndexDamaged); [`Error::Io`](crate::Error::Io).
    pub fn snapshot(&self) -> Result<Snapshot> {
        Ok(Snapshot { collection: self.clone(), generation: self.newest()? })
    }

    /// A document of the newest commit: see [`Snapshot::document`].
    ///
    /// # Errors
    /// As [`Snapshot::document`].
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        self.snapshot()?.document(id)
    }

    /// How many documents of the newest commit match: see [`Snapshot::count`].
    ///
    /// # Errors
    /// As [`Snapshot::count`].
    pub fn count(&self, filter: &Filter) -> Result<usize> {
        self.snapshot()?.count(filter)
    }
}
