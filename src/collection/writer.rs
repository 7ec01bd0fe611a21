//! The writer of a collection.

use std::collections::HashSet;
use std::mem;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::handle::Collection;
use super::records_to_index::{self, JustStored};
use super::upsert::Unencoded;
use crate::document::{DocumentId, FileStamp, PassageId};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::records::{Settings, SplitDocument};

/// Bytes of text and vectors that wait for a commit at the most; then the writer commits by itself.
const PENDING_BYTES: usize = 64 << 20;
/// How long finished work waits for a commit while a long run goes on. Short, since it is what a kill costs; a commit takes
/// some milliseconds.
const PENDING_TIME: Duration = Duration::from_secs(1);

/// Adds, replaces and removes documents. What it takes is durable and visible once [`Writer::commit`] returns.
///
/// A document is stored whole or not at all, whatever happens. So that memory stays bounded, a writer also commits by
/// itself when more than 64 MB wait, and every second of a long [`Writer::upsert_all`]. Dropping a writer drops
/// what was not committed.
pub struct Writer {
    pub(super) collection: Collection,
    /// Documents whose text is not encoded yet.
    pub(super) unencoded: Unencoded,
    pending: Vec<Change>,
    /// Which documents wait, so that a second version of one commits the first.
    waiting: HashSet<DocumentId>,
    bytes: usize,
    last_commit: Instant,
    committed: Committed,
    /// Whether the settings are to be published with the next commit.
    settings_changed: bool,
}

/// The sums over all commits of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Committed {
    /// The number of the newest commit; 0 before the first.
    pub generation: u64,
    /// Documents stored.
    pub stored: usize,
    /// Documents removed.
    pub removed: usize,
}

/// What waits for a commit.
enum Change {
    Put(SplitDocument),
    Remove(DocumentId),
    Restamp(DocumentId, FileStamp),
}

impl Change {
    fn id(&self) -> &DocumentId {
        match self {
            Self::Put(document) => &document.id,
            Self::Remove(id) | Self::Restamp(id, _) => id,
        }
    }
}

impl Writer {
    pub(super) fn new(collection: Collection) -> Self {
        Self {
            collection,
            unencoded: Unencoded::default(),
            pending: Vec::new(),
            waiting: HashSet::new(),
            bytes: 0,
            last_commit: Instant::now(),
            committed: Committed::default(),
            settings_changed: false,
        }
    }

    /// Removes a document; false when there is none of that id. A version that waits for a commit goes, too.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an id that cannot be one; what a commit says.
    pub fn remove(&mut self, id: &str) -> Result<bool> {
        let id = DocumentId::new(id)?;
        self.make_way(&id)?;
        if !self.collection.writer_access()?.store.contains(&id)? {
            return Ok(false);
        }
        self.stage(id.clone(), id.as_str().len(), Change::Remove(id))?;
        Ok(true)
    }

    /// Removes the documents that match a filter with the next commit, and returns how many. What waits for a commit is committed
    /// first, so that it is found as well. Documents without text match no filter.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`] for a filter that cannot be asked; what a commit says.
    pub fn remove_matching(&mut self, filter: &Filter) -> Result<usize> {
        self.commit()?;
        let ids = self.collection.snapshot()?.ids(filter, None, usize::MAX)?;
        let mut removed = 0;
        for id in ids {
            removed += usize::from(self.remove(id.as_str())?);
        }
        Ok(removed)
    }

    /// Makes everything before it durable and visible; does nothing when nothing waits. Returns what this writer has
    /// committed in all.
    ///
    /// A document that cannot be encoded or stored keeps no other one from being committed. It stays in the writer, so that each
    /// further commit tries it again and fails, until it can be stored, is replaced with [`Writer::upsert`] or removed with
    /// [`Writer::remove`], or the writer is dropped.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a document that cannot be stored; what the encoder says; [`Error::Io`] when the disk refuses:
    /// earlier commits stay, this one may be there in part, each document whole or not at all; open the collection again once there
    /// is room. [`Error::RecordsDamaged`].
    pub fn commit(&mut self) -> Result<Committed> {
        let encoded = self.encode_waiting();
        let committed = self.commit_encoded()?;
        encoded.map(|()| committed)
    }

    /// Commits what need not be encoded any more.
    pub(super) fn commit_encoded(&mut self) -> Result<Committed> {
        let collection = self.collection.clone();
        let access = collection.writer_access()?;
        let (store, publisher) = (&access.store, &access.publisher);
        let head = store.head();
        let acknowledged = head.is_some_and(|head| head.sequence == store.counts().sequence);
        let published = publisher.snapshot();
        let nothing = self.pending.is_empty() && !self.settings_changed;
        if nothing && acknowledged && published.totals().sequence == store.counts().sequence {
            self.committed.generation = published.generation();
            return Ok(self.committed);
        }
        let (just_stored, refused) = self.store()?;
        self.committed.generation = records_to_index::publish_changes(store, publisher, just_stored)?;
        self.settings_changed = false;
        access.merger.start()?;
        refused.map_or(Ok(self.committed), Err)
    }

    /// Makes everything before it durable. It is published, and seen, with the next commit, or by the next writer.
    ///
    /// Returns the documents that it stored, so that a commit publishes them without reading them back, and the error of a
    /// document that was refused. They take no more memory than they did while they waited: at most [`PENDING_BYTES`] and the
    /// last one.
    fn store(&mut self) -> Result<(JustStored, Option<Error>)> {
        let (stored, refused) = self.store_pending();
        let flushed = self.collection.writer_access()?.store.flush();
        self.last_commit = Instant::now();
        match refused {
            Some(error) if !matches!(error, Error::InvalidDocument { .. }) => Err(error),
            refused => flushed.map(|_| (stored, refused)),
        }
    }

    /// Stores what waits; what could not be stored waits on. The error is that of the last change which was not stored.
    fn store_pending(&mut self) -> (JustStored, Option<Error>) {
        let collection = self.collection.clone();
        let (mut just_stored, mut failed) = (JustStored::new(), None);
        let store = match collection.writer_access() {
            Ok(access) => &access.store,
            Err(error) => return (just_stored, Some(error)),
        };
        for change in mem::take(&mut self.pending) {
            // A document that is refused says nothing of the others; a disk that refuses does.
            if failed.as_ref().is_some_and(|error| !matches!(error, Error::InvalidDocument { .. })) {
                self.pending.push(change);
                continue;
            }
            let stored = match change {
                Change::Put(document) => match store.put(&document) {
                    Ok(outcome) => {
                        self.committed.stored += 1;
                        just_stored.insert(outcome.document, outcome.into_stored(document));
                        Ok(())
                    }
                    Err(error) => Err((error, Change::Put(document))),
                },
                Change::Remove(id) => match store.remove(&id) {
                    Ok(there) => {
                        self.committed.removed += usize::from(there.is_some());
                        Ok(())
                    }
                    Err(error) => Err((error, Change::Remove(id))),
                },
                Change::Restamp(id, stamp) => match store.restamp(&id, Some(stamp)) {
                    Ok(_) => Ok(()),
                    Err(error) => Err((error, Change::Restamp(id, stamp))),
                },
            };
            if let Err((error, change)) = stored {
                self.pending.push(change);
                failed = Some(error);
            }
        }
        self.waiting = self.pending.iter().map(|change| change.id().clone()).collect();
        if failed.as_ref().is_none_or(|error| matches!(error, Error::InvalidDocument { .. })) {
            self.bytes = 0;
        }
        (just_stored, failed)
    }

    /// Stores the encoded passages of an unfinished document, and makes them and everything before them durable. Returns
    /// their ids.
    ///
    /// Nothing of it is published, as that would write all of the document each time. Documents that were stored with it are
    /// read from the records when they are published, and so are the vectors of a document that was stored in parts: to keep
    /// them until then would keep more than [`PENDING_BYTES`] in memory.
    pub(super) fn put_part(&mut self, document: &SplitDocument) -> Result<Vec<PassageId>> {
        if let (_, Some(error)) = self.store_pending() {
            return Err(error);
        }
        let collection = self.collection.clone();
        let store = &collection.writer_access()?.store;
        let ids = store.put_part(document)?.passages;
        self.committed.stored += 1;
        store.flush()?;
        self.last_commit = Instant::now();
        Ok(ids)
    }

    /// Remembers which folders were indexed, in the records and, with the next commit, in what is published.
    pub(super) fn remember_folders(&mut self, folders: &[String]) -> Result<()> {
        let store = &self.collection.writer_access()?.store;
        let settings = store.settings();
        if settings.folders != folders {
            store.set_settings(Settings { folders: folders.to_vec(), ..settings })?;
            self.settings_changed = true;
        }
        Ok(())
    }

    /// The stored passages of a document by hash; what waits of it is committed first.
    pub(super) fn known(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.make_way(id)?;
        self.collection.writer_access()?.store.passage_hashes(id)
    }

    pub(super) fn put(&mut self, document: SplitDocument) -> Result<()> {
        self.make_way(&document.id)?;
        let vectors = document.passages.len() * self.collection.settings().dimension * 4;
        self.stage(document.id.clone(), document.text.len() + vectors, Change::Put(document))
    }

    pub(super) fn restamp(&mut self, id: DocumentId, stamp: FileStamp) -> Result<()> {
        // A document that waits is stored first: it is published from memory, with the stamp that it had then.
        self.make_way(&id)?;
        self.stage(id.clone(), 0, Change::Restamp(id, stamp))
    }

    pub(super) fn drop_document(&mut self, id: DocumentId) -> Result<()> {
        self.make_way(&id)?;
        self.stage(id.clone(), 0, Change::Remove(id))
    }

    /// Commits when the time has come; called between documents of a long run.
    pub(super) fn commit_if_due(&mut self) -> Result<()> {
        if !self.pending.is_empty() && self.last_commit.elapsed() >= PENDING_TIME {
            self.commit_encoded()?;
        }
        Ok(())
    }

    /// A document that waits goes in before another version of it is worked on.
    fn make_way(&mut self, id: &DocumentId) -> Result<()> {
        if self.unencoded.has(id) {
            self.encode_waiting()?;
        }
        if !self.waiting.contains(id) {
            return Ok(());
        }
        match self.commit_encoded() {
            // That version is refused, and another one comes.
            Err(Error::InvalidDocument { id: refused, .. }) if refused == id.as_str() => {
                self.pending.retain(|change| change.id() != id);
                self.waiting.remove(id);
                Ok(())
            }
            committed => committed.map(|_| ()),
        }
    }

    fn stage(&mut self, id: DocumentId, bytes: usize, change: Change) -> Result<()> {
        self.waiting.insert(id);
        self.bytes += bytes;
        self.pending.push(change);
        if self.bytes > PENDING_BYTES {
            self.commit_encoded()?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("collection", &self.collection)
            .field("waiting", &(self.unencoded.len() + self.pending.len()))
            .finish_non_exhaustive()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.collection.inner.writing.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::CollectionOptions;
    use crate::document::{Context, Document, Metadata, Span, Syntax};
    use crate::records::{PassageVector, SplitPassage};

    /// A document whose passage is no part of its text: `upsert` does not let one through.
    fn impossible(id: &str) -> SplitDocument {
        let passage = SplitPassage {
            span: Span { bytes: 0..99, lines: 1..2 },
            context: Context::default(),
            hash: [0; 16],
            vector: PassageVector::New(vec![1.0, 0.0]),
        };
        SplitDocument {
            id: DocumentId::new(id).unwrap(),
            text: "short".to_owned(),
            syntax: Syntax::Plain,
            metadata: Metadata::new(),
            stamp: None,
            content_hash: [0; 32],
            passages: vec![passage],
        }
    }

    #[test]
    fn commit_names_a_refused_document_each_time_and_stores_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let collection = CollectionOptions::new().dimension(2).open(folder.path().join("c")).unwrap();
        let good = |id: &str| Document::new(id, "text").with_vector(vec![0.6, 0.8]);
        let mut writer = collection.writer().unwrap();
        writer.upsert(good("before")).unwrap();
        writer.put(impossible("bad")).unwrap();
        writer.upsert(good("after")).unwrap();
        for _ in 0..2 {
            let refused = writer.commit().unwrap_err();
            assert!(matches!(&refused, Error::InvalidDocument { id, .. } if id == "bad"), "{refused}");
            assert_eq!(collection.status().unwrap().documents, 2, "the others are stored and seen");
        }
        writer.upsert(good("bad")).unwrap();
        assert_eq!(writer.commit().unwrap().stored, 3, "another version takes its place");
        writer.put(impossible("never")).unwrap();
        assert!(!writer.remove("never").unwrap());
        writer.commit().unwrap();
    }
}
