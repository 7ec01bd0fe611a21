//! Drafts in, encoded documents out: one thread reads and cuts, the encoder's threads encode, the caller stores.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::budget::{Budget, Share};
use super::draft::{CutDraft, Draft, PassageTokens, passage_hash};
use super::extract::Skip;
use super::split::SplitOptions;
use crate::document::{DocumentId, FileStamp, PassageId};
use crate::encoder::{Encoder, TextKind, normalise};
use crate::error::{Error, Result};
use crate::records::{NewDocument, NewPassage, PassageVector};

/// Tokens gathered before they are encoded together: enough for threads to finish together, a second or two of work.
const WINDOW_TOKENS: usize = 16 * 1024;
/// Bytes of text that may wait between reading and storing.
const TEXT_BYTES: usize = 32 << 20;
/// Items that may wait between the two threads.
const ITEMS: usize = 256;
/// How long a window that is not full waits for more. It must not wait for ever: what it holds of the budget may be what
/// the next document waits for.
const PATIENCE: Duration = Duration::from_millis(20);

/// How long the encoder works on one document, and how many passages it encodes of it, before what is done is handed over:
/// memory must not grow with the document, nor what a kill costs.
const LONG: Duration = Duration::from_secs(30);
const MANY: usize = 8192;

/// What comes in.
#[derive(Debug)]
pub enum Item {
    /// A document to be cut, encoded and stored.
    Draft(Draft),
    /// A document whose file was touched and says the same.
    Restamp(DocumentId, FileStamp),
    /// What of a file could not be read, though the rest could.
    Losses(DocumentId, Vec<String>),
    /// A file that gave no text.
    Skipped {
        /// The id its document has or would have.
        id: DocumentId,
        /// Why, and whether a stored document of it still holds.
        skip: Skip,
        /// The file's stamp.
        stamp: FileStamp,
        /// Whether a document of it is stored.
        stored: bool,
    },
    /// A document that could not be taken.
    Refused(Error),
}

/// Where documents go. Called from one thread.
pub trait Sink {
    /// The stored passages of a document, by the hash of their text; nothing when it is new.
    ///
    /// # Errors
    /// As the store's.
    fn known(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>>;

    /// The vector of a passage whose text has this hash, of a document that is about to go: what was moved or renamed
    /// need not be encoded again. Default: none.
    ///
    /// # Errors
    /// As the store's.
    fn moved(&mut self, _hash: &[u8; 16]) -> Result<Option<Vec<f32>>> {
        Ok(None)
    }

    /// Takes a finished document. `encoded` says how many of its passages were encoded, `tokens` how many tokens.
    ///
    /// # Errors
    /// As the store's.
    fn put(&mut self, document: NewDocument, encoded: usize, tokens: usize) -> Result<()>;

    /// Told how long the encoder worked.
    fn encoded_for(&mut self, _time: Duration) {}

    /// Takes what is encoded so far of a document that takes long: some of its passages, and a stamp and a hash that no file
    /// has, so that the next run goes on with it. Says which ids the passages have, so that the whole, which follows, can
    /// keep them. Default: none, and nothing is done.
    ///
    /// # Errors
    /// As the store's.
    fn put_part(&mut self, _document: NewDocument) -> Result<Option<Vec<PassageId>>> {
        Ok(None)
    }

    /// Told that all that was encoded together has been handed over. Default: nothing is done.
    ///
    /// # Errors
    /// As the store's.
    fn window_done(&mut self) -> Result<()> {
        Ok(())
    }

    /// Takes everything that is not a document.
    ///
    /// # Errors
    /// As the store's.
    fn other(&mut self, item: Item) -> Result<()>;

    /// Asked between steps: whether to stop.
    fn cancelled(&self) -> bool;
}

/// How passages are cut for an encoder: `None` stands for the model's window, and an eighth of that for the overlap.
///
/// # Errors
/// [`Error::InvalidInput`] for a passage length that the window does not hold.
pub fn split_options(encoder: &Encoder, max: Option<usize>, overlap: Option<usize>) -> Result<SplitOptions> {
    let capacity = PassageTokens::new(encoder)?.capacity();
    let smallest = SplitOptions::MIN_TOKENS;
    let max_tokens = max.unwrap_or(capacity);
    if max_tokens > capacity || max_tokens < smallest {
        let problem = format!(
            "passages of {max_tokens} tokens; the model {} takes {smallest} to {capacity} beside its prefix and special tokens",
            encoder.model().name
        );
        return Err(Error::InvalidInput { problem });
    }
    Ok(SplitOptions { max_tokens, overlap_tokens: overlap.unwrap_or(max_tokens / 8) })
}

/// What the cutting thread hands over, with its share of the budget.
enum Cut {
    Draft(CutDraft, Share),
    Other(Item),
}

/// Runs every item through. Items are drawn on a thread of their own, so reading files in the iterator overlaps encoding.
///
/// # Errors
/// The first error of the encoder or of the sink, or [`Error::Interrupted`]. What the sink took stays taken.
pub fn run(
    items: impl Iterator<Item = Item> + Send,
    encoder: &Encoder,
    options: SplitOptions,
    sink: &mut dyn Sink,
) -> Result<()> {
    let tokens = PassageTokens::new(encoder)?;
    let budget = Budget::new(TEXT_BYTES);
    let (send, receive) = sync_channel::<Cut>(ITEMS);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for item in items {
                let cut = match item {
                    Item::Draft(draft) => {
                        let share = budget.take(draft.text.len());
                        Cut::Draft(CutDraft::new(draft, &tokens, options), share)
                    }
                    other => Cut::Other(other),
                };
                // The other side has stopped, for a reason of its own that it reports.
                if send.send(cut).is_err() {
                    break;
                }
            }
        });
        // `receive` goes with this call, also on an error: that is what ends the thread above.
        encode_all(receive, encoder, sink)
    })
}

fn encode_all(receive: Receiver<Cut>, encoder: &Encoder, sink: &mut dyn Sink) -> Result<()> {
    let mut window = Window::default();
    loop {
        if sink.cancelled() {
            return Err(Error::Interrupted);
        }
        let next = if window.documents.is_empty() {
            receive.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            receive.recv_timeout(PATIENCE)
        };
        let cut = match next {
            Ok(cut) => cut,
            Err(RecvTimeoutError::Timeout) => {
                window.finish(encoder, sink)?;
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return window.finish(encoder, sink),
        };
        match cut {
            Cut::Other(item) => {
                // What came before a refusal is kept.
                if matches!(item, Item::Refused(_)) {
                    window.finish(encoder, sink)?;
                }
                sink.other(item)?;
            }
            Cut::Draft(draft, share) => {
                if window.ids.contains(&draft.draft.id) {
                    window.finish(encoder, sink)?;
                }
                window.add(draft, share, sink)?;
            }
        }
        if window.tokens >= WINDOW_TOKENS {
            window.finish(encoder, sink)?;
        }
    }
}

/// A document waiting for its vectors.
struct Waiting {
    cut: CutDraft,
    /// Of each passage: the hash of what is encoded, and its vector where there is one.
    vectors: Vec<([u8; 16], Option<PassageVector>)>,
    /// How many of them were encoded, and their tokens.
    encoded: usize,
    tokens: usize,
    /// What it takes of the budget.
    share: Share,
}

impl Waiting {
    /// The document with those of its passages that have vectors.
    fn so_far(&self) -> NewDocument {
        let CutDraft { draft, passages } = &self.cut;
        let passages = passages.iter().zip(&self.vectors).filter_map(|(passage, (hash, vector))| {
            let (span, context) = (passage.span.clone(), passage.context.clone());
            Some(NewPassage { span, context, hash: *hash, vector: vector.clone()? })
        });
        NewDocument {
            id: draft.id.clone(),
            text: draft.text.clone(),
            syntax: draft.syntax,
            metadata: draft.metadata.clone(),
            stamp: draft.stamp.map(|stamp| FileStamp { checked_ns: i64::MIN, ..stamp }),
            content_hash: [0; 32],
            passages: passages.collect(),
        }
    }

    /// Gives a passage its vector.
    fn set(&mut self, passage: usize, vector: Vec<f32>) {
        if let (Some((_, wanted)), Some(cut)) = (self.vectors.get_mut(passage), self.cut.passages.get(passage)) {
            *wanted = Some(PassageVector::New(vector));
            self.encoded += 1;
            self.tokens += cut.tokens;
        }
    }

    /// Hands over what is done, and lets go of the vectors that are stored then.
    fn hand_over(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let Some(stored) = sink.put_part(self.so_far())? else { return Ok(()) };
        let done = self.vectors.iter_mut().filter_map(|(_, vector)| vector.as_mut());
        for (vector, id) in done.zip(stored) {
            *vector = PassageVector::Keep(id);
        }
        Ok(())
    }

    /// The whole document.
    fn finish(self, sink: &mut dyn Sink) -> Result<()> {
        let Self { cut: CutDraft { draft, passages }, vectors, encoded, tokens, share } = self;
        let passages = passages.into_iter().zip(vectors).map(|(passage, (hash, vector))| {
            let vector = vector.unwrap_or_else(|| PassageVector::New(Vec::new()));
            NewPassage { span: passage.span, context: passage.context, hash, vector }
        });
        let Draft { id, text, syntax, metadata, stamp, content_hash, sections: _ } = draft;
        let passages = passages.collect();
        sink.put(NewDocument { id, text, syntax, metadata, stamp, content_hash, passages }, encoded, tokens)?;
        drop(share);
        Ok(())
    }
}

/// Documents gathered to be encoded together.
#[derive(Default)]
struct Window {
    documents: Vec<Waiting>,
    ids: HashSet<DocumentId>,
    tokens: usize,
}

impl Window {
    /// Adds a document, deciding which of its passages are new.
    fn add(&mut self, cut: CutDraft, share: Share, sink: &mut dyn Sink) -> Result<()> {
        let mut known: HashMap<[u8; 16], VecDeque<PassageId>> = HashMap::new();
        for (hash, passage) in sink.known(&cut.draft.id)? {
            known.entry(hash).or_default().push_back(passage);
        }
        let mut vectors = Vec::with_capacity(cut.passages.len());
        for passage in &cut.passages {
            let hash = passage_hash(&cut.encoded(passage));
            let vector = match known.get_mut(&hash).and_then(VecDeque::pop_front) {
                Some(kept) => Some(PassageVector::Keep(kept)),
                None => sink.moved(&hash)?.map(PassageVector::New),
            };
            if vector.is_none() {
                self.tokens += passage.tokens;
            }
            vectors.push((hash, vector));
        }
        self.ids.insert(cut.draft.id.clone());
        self.documents.push(Waiting { cut, vectors, encoded: 0, tokens: 0, share });
        Ok(())
    }

    /// Encodes what is new and hands every document over. Leaves the window empty.
    fn finish(&mut self, encoder: &Encoder, sink: &mut dyn Sink) -> Result<()> {
        let Self { mut documents, .. } = std::mem::take(self);
        let (mut handed_over, mut since) = (Instant::now(), 0);
        // A single document may be far larger than a window: in parts, so that it can be interrupted.
        let mut from = Place::default();
        loop {
            if sink.cancelled() {
                return Err(Error::Interrupted);
            }
            let (missing, next) = missing(&documents, from);
            let texts: Vec<&str> = missing.iter().map(|(_, text)| &**text).collect();
            if !texts.is_empty() {
                let started = Instant::now();
                let vectors = encoder.encode_as(TextKind::Passage, &texts)?.into_vec();
                sink.encoded_for(started.elapsed());
                let places: Vec<Place> = missing.into_iter().map(|(place, _)| place).collect();
                since += places.len();
                for (place, vector) in places.into_iter().zip(vectors.chunks_exact(encoder.dimension().max(1))) {
                    if let Some(waiting) = documents.get_mut(place.document) {
                        waiting.set(place.passage, unit(vector));
                    }
                }
            }
            for waiting in documents.drain(..next.document) {
                waiting.finish(sink)?;
            }
            from = Place { document: 0, passage: next.passage };
            let Some(long) = documents.first_mut() else { return sink.window_done() };
            if from.passage > 0 && (handed_over.elapsed() > LONG || since >= MANY) {
                long.hand_over(sink)?;
                (handed_over, since) = (Instant::now(), 0);
            }
        }
    }
}

/// A passage of the documents that wait.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    document: usize,
    passage: usize,
}

/// The next passages without a vector, with what is to be encoded of them, two windows at the most; and where to go on.
fn missing(documents: &[Waiting], from: Place) -> (Vec<(Place, Cow<'_, str>)>, Place) {
    let (mut found, mut tokens) = (Vec::new(), 0);
    for (document, waiting) in documents.iter().enumerate().skip(from.document) {
        let first = if document == from.document { from.passage } else { 0 };
        let passages = waiting.cut.passages.iter().zip(&waiting.vectors).enumerate().skip(first);
        for (passage, (cut, _)) in passages.filter(|(_, (_, (_, vector)))| vector.is_none()) {
            let place = Place { document, passage };
            tokens += cut.tokens;
            if tokens > 2 * WINDOW_TOKENS && !found.is_empty() {
                return (found, place);
            }
            found.push((place, waiting.cut.encoded(cut)));
        }
    }
    (found, Place { document: documents.len(), passage: 0 })
}

/// A vector scaled to length 1, as collections keep them; models without a normalising module give others.
pub fn unit(vector: &[f32]) -> Vec<f32> {
    let mut vector = vector.to_vec();
    normalise(&mut vector);
    vector
}
