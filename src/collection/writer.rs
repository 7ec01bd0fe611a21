//! The writer of a collection.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::handle::{Collection, describe};
use super::published;
use crate::document::{Context, Document, DocumentId, FileStamp, PassageId, Span};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::ingest::draft::{Draft, passage_hash};
use crate::ingest::pipeline::{self, Item, Sink, unit};
use crate::records::{NewDocument, NewPassage, PassageVector, Settings};

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
    pending: Vec<Change>,
    /// Which documents wait, so that a second version of one commits the first.
    waiting: HashSet<DocumentId>,
    bytes: usize,
    last_commit: Instant,
    committed: Committed,
    /// Whether the settings are to be published with the next commit.
    settings_changed: bool,
}

/// What commits did.
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
    Put(NewDocument),
    Remove(DocumentId),
    Restamp(DocumentId, FileStamp),
}

impl Writer {
    pub(super) fn new(collection: Collection) -> Self {
        Self {
            collection,
            pending: Vec::new(),
            waiting: HashSet::new(),
            bytes: 0,
            last_commit: Instant::now(),
            committed: Committed::default(),
            settings_changed: false,
        }
    }

    /// Adds a document, or replaces the one of its id. Passages whose text has not changed are not encoded again.
    ///
    /// For a collection without a model the document must bring its vector; it is scaled to length 1.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a bad id or vector, or a text of more than 64 MB, [`Error::CollectionKind`] for a vector where there is a model or
    /// none where there is none, and what the encoder says.
    pub fn upsert(&mut self, document: Document) -> Result<()> {
        self.upsert_all([document]).map(|_| ())
    }

    /// Adds or replaces documents, cut and encoded in parallel with bounded memory. Returns how many.
    ///
    /// # Errors
    /// As [`Writer::upsert`]; stops at the first. What was taken before it is kept for the commit.
    pub fn upsert_all<I>(&mut self, documents: I) -> Result<usize>
    where
        I: IntoIterator<Item = Document>,
        I::IntoIter: Send,
    {
        if self.collection.settings().model.is_none() {
            let mut count = 0;
            for document in documents {
                self.put_vector(document)?;
                count += 1;
            }
            return Ok(count);
        }
        self.encode_all(documents, &mut |_| {})
    }

    /// The same, and tells `progress` how many passages were encoded so far, a few seconds of work at a time.
    ///
    /// # Errors
    /// As [`Writer::upsert_all`].
    pub fn upsert_all_with<I>(&mut self, documents: I, progress: &mut dyn FnMut(usize)) -> Result<usize>
    where
        I: IntoIterator<Item = Document>,
        I::IntoIter: Send,
    {
        if self.collection.settings().model.is_none() {
            self.upsert_all(documents)
        } else {
            self.encode_all(documents, progress)
        }
    }

    fn encode_all<I>(&mut self, documents: I, progress: &mut dyn FnMut(usize)) -> Result<usize>
    where
        I: IntoIterator<Item = Document>,
        I::IntoIter: Send,
    {
        let path = self.collection.path().to_path_buf();
        let items = documents.into_iter().map(|document| match document.vector {
            Some(_) => {
                let problem =
                    "encodes text itself; leave the vector out, or make a collection with a dimension for vectors";
                Item::Refused(Error::CollectionKind { path: path.clone(), problem: problem.to_owned() })
            }
            None => Draft::of(document).map_or_else(Item::Refused, Item::Draft),
        });
        let mut sink = Plain { writer: self, count: 0, passages: 0, progress };
        sink.run(items)?;
        Ok(sink.count)
    }

    /// Removes a document; false when there is none of that id. A version that waits for a commit goes, too.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an id that cannot be one; what a commit says.
    pub fn remove(&mut self, id: &str) -> Result<bool> {
        let id = DocumentId::new(id)?;
        self.make_way(&id)?;
        if self.collection.writer_access()?.store.document(&id)?.is_none() {
            return Ok(false);
        }
        self.stage(id.clone(), id.as_str().len(), Change::Remove(id))?;
        Ok(true)
    }

    /// Removes the documents that match a filter, and returns how many. What waits for a commit is committed first, so that it is
    /// found as well.
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
    /// # Errors
    /// [`Error::Io`] when the disk refuses: earlier commits stay, this one may be there in part, each document whole or not
    /// at all; open the collection again once there is room. [`Error::RecordsDamaged`].
    pub fn commit(&mut self) -> Result<Committed> {
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
        self.store()?;
        self.committed.generation = published::publish(store, publisher)?;
        self.settings_changed = false;
        access.merger.start()?;
        Ok(self.committed)
    }

    /// Makes everything before it durable. It is published, and seen, with the next commit, or by the next writer.
    pub(super) fn store(&mut self) -> Result<()> {
        let collection = self.collection.clone();
        let store = &collection.writer_access()?.store;
        let (mut done, mut failed) = (0, None);
        for change in &self.pending {
            let stored = match change {
                Change::Put(document) => store.put(document).map(|_| self.committed.stored += 1),
                Change::Remove(id) => {
                    store.remove(id).map(|there| self.committed.removed += usize::from(there.is_some()))
                }
                Change::Restamp(id, stamp) => store.restamp(id, Some(*stamp)).map(|_| ()),
            };
            if let Err(error) = stored {
                // What can never be stored would stop every commit; what the disk refused is tried again with the next.
                done += usize::from(matches!(error, Error::InvalidDocument { .. }));
                failed = Some(error);
                break;
            }
            done += 1;
        }
        self.pending.drain(..done);
        if self.pending.is_empty() {
            self.waiting.clear();
            self.bytes = 0;
        }
        let flushed = store.flush();
        self.last_commit = Instant::now();
        match failed {
            Some(error) => Err(error),
            None => flushed.map(|_| ()),
        }
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

    /// Waits until the segments that commits left are merged and have their graphs. Searches are right without it; after
    /// a large import they are faster with it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::IndexDamaged`]: what is published stays as it is.
    pub fn settle(&self) -> Result<()> {
        self.collection.writer_access()?.merger.wait_for_merges()
    }

    /// A document with a vector of its own: one passage, the whole text.
    fn put_vector(&mut self, document: Document) -> Result<()> {
        let Some(vector) = &document.vector else {
            let problem = format!("{}; give the document one", describe(self.collection.settings()));
            return Err(Error::CollectionKind { path: self.collection.path().to_path_buf(), problem });
        };
        let refused = |problem: String| Error::InvalidDocument { id: document.id.clone(), problem };
        let dimension = self.collection.settings().dimension;
        if vector.len() != dimension {
            let problem = format!("its vector has {} numbers, the collection's have {dimension}", vector.len());
            return Err(refused(problem));
        }
        if vector.iter().any(|x| !x.is_finite()) || vector.iter().all(|&x| x == 0.0) {
            return Err(refused("its vector is zero, or a number in it is not finite".to_owned()));
        }
        let vector = unit(vector);
        let draft = Draft::of(document)?;
        let lines = draft.text.lines().count().max(1);
        let passage = NewPassage {
            span: Span { bytes: 0..draft.text.len(), lines: 1..lines + 1 },
            context: Context::default(),
            hash: passage_hash(&draft.text),
            vector: PassageVector::New(vector),
        };
        let Draft { id, text, syntax, metadata, stamp, content_hash, .. } = draft;
        self.put(NewDocument { id, text, syntax, metadata, stamp, content_hash, passages: vec![passage] })
    }

    /// The stored passages of a document by hash; what waits of it is committed first.
    pub(super) fn known(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.make_way(id)?;
        let stored = self.collection.writer_access()?.store.document(id)?;
        Ok(stored.map_or_else(Vec::new, |stored| stored.passages.iter().map(|p| (p.hash, p.id)).collect()))
    }

    pub(super) fn put(&mut self, document: NewDocument) -> Result<()> {
        self.make_way(&document.id)?;
        let vectors = document.passages.len() * self.collection.settings().dimension * 4;
        self.stage(document.id.clone(), document.text.len() + vectors, Change::Put(document))
    }

    pub(super) fn restamp(&mut self, id: DocumentId, stamp: FileStamp) -> Result<()> {
        self.stage(id.clone(), 0, Change::Restamp(id, stamp))
    }

    pub(super) fn drop_document(&mut self, id: DocumentId) -> Result<()> {
        self.make_way(&id)?;
        self.stage(id.clone(), 0, Change::Remove(id))
    }

    /// Commits when the time has come; called between documents of a long run.
    pub(super) fn commit_if_due(&mut self) -> Result<()> {
        if !self.pending.is_empty() && self.last_commit.elapsed() >= PENDING_TIME {
            self.commit()?;
        }
        Ok(())
    }

    /// A document that waits goes in before another version of it is worked on.
    fn make_way(&mut self, id: &DocumentId) -> Result<()> {
        if self.waiting.contains(id) {
            self.commit()?;
        }
        Ok(())
    }

    fn stage(&mut self, id: DocumentId, bytes: usize, change: Change) -> Result<()> {
        self.waiting.insert(id);
        self.bytes += bytes;
        self.pending.push(change);
        if self.bytes > PENDING_BYTES {
            self.commit()?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("collection", &self.collection)
            .field("waiting", &self.pending.len())
            .finish_non_exhaustive()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.collection.inner.writing.store(false, Ordering::Release);
    }
}

/// The sink of `upsert_all`: everything goes in, the first refusal stops.
struct Plain<'a> {
    writer: &'a mut Writer,
    count: usize,
    /// Encoded so far.
    passages: usize,
    progress: &'a mut dyn FnMut(usize),
}

impl Plain<'_> {
    fn run(&mut self, items: impl Iterator<Item = Item> + Send) -> Result<()> {
        let collection = self.writer.collection.clone();
        let (encoder, settings) = (collection.encoder()?, collection.settings());
        let options = pipeline::split_options(&encoder, settings.passage_tokens, settings.overlap_tokens)?;
        pipeline::run(items, &encoder, options, self)
    }
}

impl Sink for Plain<'_> {
    fn known(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        self.writer.known(id)
    }

    fn put(&mut self, document: NewDocument, _encoded: usize) -> Result<()> {
        self.count += 1;
        self.writer.put(document)?;
        self.writer.commit_if_due()
    }

    fn encoded(&mut self, passages: usize, _tokens: usize, _time: Duration) {
        self.passages += passages;
        (self.progress)(self.passages);
    }

    fn other(&mut self, item: Item) -> Result<()> {
        match item {
            Item::Refused(error) => Err(error),
            Item::Draft(_) | Item::Restamp(..) | Item::Losses(..) | Item::Skipped { .. } => Ok(()),
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}
