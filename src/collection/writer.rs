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

/// The most bytes of text and vectors that wait for a commit; at more, the writer commits by itself.
const PENDING_BYTES: usize = 64 << 20;
/// How long finished work waits for a commit during a long run. It is short, because killing the process loses this much
/// work. A commit takes some milliseconds.
const PENDING_TIME: Duration = Duration::from_secs(1);

/// Adds, replaces and removes documents. Changes are durable and visible once [`Writer::commit`] returns.
///
/// A document is always stored completely or not at all. To keep memory bounded, a writer also commits by itself when more
/// than 64 MB wait, and every second of a long [`Writer::upsert_all`]. Dropping a writer drops the changes that are not
/// committed.
pub struct Writer {
    pub(super) collection: Collection,
    /// Documents whose text is not encoded yet.
    pub(super) unencoded: Unencoded,
    pending: Vec<Change>,
    /// The documents that wait, so that a second version of one commits the first.
    waiting: HashSet<DocumentId>,
    /// The bytes of text and vectors that wait.
    bytes: usize,
    last_commit: Instant,
    committed: Committed,
    /// True if the next commit must publish the settings.
    settings_changed: bool,
}

/// The totals of all commits of a writer, also of those that it makes by itself and in [`Writer::index_folder`]. The numbers of one
/// commit are the difference to the totals before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Committed {
    /// The generation that the newest commit published, see [`Snapshot::generation`](super::Snapshot::generation); 0 before the
    /// first commit.
    pub generation: u64,
    /// Documents stored: new, replaced, and stored again without a change.
    pub stored: usize,
    /// Documents removed, if they were stored.
    pub removed: usize,
}

/// A change that waits for a commit.
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

    /// Removes a document. Returns false if there is none with this id. A version that waits for a commit is committed first,
    /// or dropped if it cannot be stored.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an invalid id; the errors of [`Writer::commit`].
    pub fn remove(&mut self, id: &str) -> Result<bool> {
        let id = DocumentId::new(id)?;
        self.commit_waiting_version(&id)?;
        if !self.collection.writer_access()?.store.contains(&id)? {
            return Ok(false);
        }
        let there = self.is_whole(&id)?;
        self.stage(id.clone(), id.as_str().len(), Change::Remove(id))?;
        Ok(there)
    }

    /// True if a whole version of a document is stored. Of an unfinished document an older version may still be published.
    pub(super) fn is_whole(&self, id: &DocumentId) -> Result<bool> {
        let access = self.collection.writer_access()?;
        let store = &access.store;
        Ok(store.contains(id)? && (!store.is_unfinished(id)? || access.publisher.snapshot().find_name(id)?.is_some()))
    }

    /// Removes the documents that match a filter with the next commit, and returns their number. First commits the waiting changes, so
    /// that it finds these as well.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`] for an invalid filter; the errors of [`Writer::commit`].
    pub fn remove_matching(&mut self, filter: &Filter) -> Result<usize> {
        self.commit()?;
        let ids = self.collection.snapshot()?.ids(filter, None, usize::MAX)?;
        let mut removed = 0;
        for id in ids {
            removed += usize::from(self.remove(id.as_str())?);
        }
        Ok(removed)
    }

    /// Makes all changes so far durable and visible. Does nothing if no change waits. Returns the totals of all commits of
    /// this writer.
    ///
    /// A document that cannot be encoded or stored does not stop the others from being committed. It stays in the writer:
    /// each further commit tries it again and fails, until it can be stored, is replaced with [`Writer::upsert`] or removed
    /// with [`Writer::remove`], or the writer is dropped.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a document that cannot be stored; the errors of the encoder; [`Error::RecordsDamaged`];
    /// [`Error::Io`] when writing fails, for example on a full disk. Then earlier commits stay, and this one may be stored in
    /// part, each document completely or not at all; open the collection again once there is space.
    pub fn commit(&mut self) -> Result<Committed> {
        let encoded = self.encode_waiting();
        let committed = self.commit_encoded()?;
        encoded.map(|()| committed)
    }

    /// Commits the changes that need no encoding.
    pub(super) fn commit_encoded(&mut self) -> Result<Committed> {
        let collection = self.collection.clone();
        let access = collection.writer_access()?;
        let (store, publisher) = (&access.store, &access.publisher);
        let head = store.head();
        let all_acknowledged = head.is_some_and(|head| head.sequence == store.counts().sequence);
        let published = publisher.snapshot();
        let nothing_waits = self.pending.is_empty() && !self.settings_changed;
        if nothing_waits && all_acknowledged && published.totals().sequence == store.counts().sequence {
            self.committed.generation = published.generation();
            return Ok(self.committed);
        }
        let (just_stored, refused) = self.store()?;
        self.committed.generation = records_to_index::publish_changes(store, publisher, just_stored)?;
        self.settings_changed = false;
        access.merger.start()?;
        refused.map_or(Ok(self.committed), Err)
    }

    /// Makes all changes so far durable. The next commit, or the next writer, publishes them.
    ///
    /// Returns the stored documents, so that a commit can publish them without reading them back, and the error of a refused
    /// document. The stored documents take no more memory than while they waited: at most [`PENDING_BYTES`] and the last one.
    fn store(&mut self) -> Result<(JustStored, Option<Error>)> {
        let (stored, refused) = self.store_pending();
        let flushed = self.collection.writer_access()?.store.flush();
        self.last_commit = Instant::now();
        match refused {
            Some(error) if !matches!(error, Error::InvalidDocument { .. }) => Err(error),
            refused => flushed.map(|_| (stored, refused)),
        }
    }

    /// Stores the waiting changes. A change that could not be stored keeps waiting; the error is that of the last such change.
    fn store_pending(&mut self) -> (JustStored, Option<Error>) {
        let collection = self.collection.clone();
        let (mut just_stored, mut failed) = (JustStored::new(), None);
        let store = match collection.writer_access() {
            Ok(access) => &access.store,
            Err(error) => return (just_stored, Some(error)),
        };
        for change in mem::take(&mut self.pending) {
            // A refused document does not affect the others; a failed write does.
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
                    Ok(outcome) => {
                        self.committed.removed += usize::from(outcome.is_some());
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

    /// Stores the encoded passages of an unfinished document, and makes them and everything before them durable. Returns the
    /// ids of the passages.
    ///
    /// Publishes nothing: a document is published when it is whole, an older version of it stays until then. The later
    /// publication reads the documents stored with it, and the vectors of this document, from the records: to keep them until
    /// then could take more than [`PENDING_BYTES`] of memory.
    pub(super) fn put_part(&mut self, document: &SplitDocument) -> Result<Vec<PassageId>> {
        if let (_, Some(error)) = self.store_pending() {
            return Err(error);
        }
        let collection = self.collection.clone();
        let store = &collection.writer_access()?.store;
        let ids = store.put_part(document)?.passages;
        store.flush()?;
        self.last_commit = Instant::now();
        Ok(ids)
    }

    /// Stores which folders were indexed: in the records now, and in the published index with the next commit.
    pub(super) fn remember_folders(&mut self, folders: &[String]) -> Result<()> {
        let settings = self.collection.current_settings();
        if settings.folders == folders {
            return Ok(());
        }
        self.replace_settings(Settings { folders: folders.to_vec(), ..settings })
    }

    /// Stores other settings: in the records now, and in the published index with the next commit.
    pub(super) fn replace_settings(&mut self, settings: Settings) -> Result<()> {
        self.collection.writer_access()?.store.set_settings(settings)?;
        self.settings_changed = true;
        Ok(())
    }

    /// Returns the stored passages of a document, by hash. First commits a waiting version of it.
    pub(super) fn known_passages(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.commit_waiting_version(id)?;
        self.collection.writer_access()?.store.passage_hashes(id)
    }

    /// Stores a document with the next commit. First commits a waiting version of it.
    pub(super) fn put(&mut self, document: SplitDocument) -> Result<()> {
        self.commit_waiting_version(&document.id)?;
        let vector_bytes = document.passages.len() * self.collection.settings().dimension * size_of::<f32>();
        self.stage(document.id.clone(), document.text.len() + vector_bytes, Change::Put(document))
    }

    /// Replaces the file stamp of a stored document with the next commit.
    pub(super) fn restamp(&mut self, id: DocumentId, stamp: FileStamp) -> Result<()> {
        // A document that waits is stored first: it is published from memory, with the stamp that it had then.
        self.commit_waiting_version(&id)?;
        self.stage(id.clone(), 0, Change::Restamp(id, stamp))
    }

    /// Removes a document with the next commit, without looking whether it is stored. First commits a waiting version of it.
    pub(super) fn drop_document(&mut self, id: DocumentId) -> Result<()> {
        self.commit_waiting_version(&id)?;
        self.stage(id.clone(), 0, Change::Remove(id))
    }

    /// Commits if the last commit is long enough ago; called between documents of a long run.
    pub(super) fn commit_if_due(&mut self) -> Result<()> {
        if !self.pending.is_empty() && self.last_commit.elapsed() >= PENDING_TIME {
            self.commit_encoded()?;
        }
        Ok(())
    }

    /// Commits a waiting version of a document, before another version of it is staged.
    fn commit_waiting_version(&mut self, id: &DocumentId) -> Result<()> {
        if self.unencoded.has(id) {
            self.encode_waiting()?;
        }
        if !self.waiting.contains(id) {
            return Ok(());
        }
        match self.commit_encoded() {
            // The waiting version is refused, and the new one replaces it.
            Err(Error::InvalidDocument { id: refused, .. }) if refused == id.as_str() => {
                self.pending.retain(|change| change.id() != id);
                self.waiting.remove(id);
                Ok(())
            }
            committed => committed.map(|_| ()),
        }
    }

    /// Adds a change to those that wait. Commits all if their texts and vectors, together `bytes` more, become too large.
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

    /// Returns a document whose passage is not part of its text: `upsert` refuses such a document.
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
    fn commit_reports_a_refused_document_each_time_and_stores_the_others() {
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
