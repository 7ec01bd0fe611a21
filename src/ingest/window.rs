//! Documents that are encoded together, and those so long that they are stored in parts.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::budget::Share;
use super::draft::{CutDraft, Draft, passage_hash};
use super::pipeline::Sink;
use crate::document::{DocumentId, FileStamp, PassageId};
use crate::encoder::{Encoder, TextKind};
use crate::error::{Error, Result};
use crate::kernel::vector::unit;
use crate::records::{NewDocument, NewPassage, PassageVector};

/// Tokens gathered before they are encoded together: so much work, which is what Ctrl-C waits for and what a kill costs; not
/// fewer than it takes for threads to finish together, and not more than memory should wait for.
const WORK: Duration = Duration::from_millis(1500);
const TOKENS: std::ops::RangeInclusive<usize> = 2048..=16 * 1024;

/// A long document is handed over in parts, so that a kill costs little of it and memory does not grow with it: after this
/// time, and at least so many times what handing over takes; or after so many passages.
const LONG: Duration = Duration::from_secs(1);
const SHARE: u32 = 20;
const MANY: usize = 2048;

/// A document waiting for its vectors.
struct Waiting {
    cut: CutDraft,
    /// Of each passage: the hash of what is encoded, and its vector where there is one.
    vectors: Vec<([u8; 16], Option<PassageVector>)>,
    /// How many of them were encoded.
    encoded: usize,
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
        if let Some((_, wanted)) = self.vectors.get_mut(passage) {
            *wanted = Some(PassageVector::New(vector));
            self.encoded += 1;
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
        let Self { cut: CutDraft { draft, passages }, vectors, encoded, share } = self;
        let passages = passages.into_iter().zip(vectors).map(|(passage, (hash, vector))| {
            let missing =
                || Error::Backend { backend: "encoder", problem: "it gave no vector for a passage".to_owned() };
            let vector = vector.ok_or_else(missing)?;
            Ok(NewPassage { span: passage.span, context: passage.context, hash, vector })
        });
        let Draft { id, text, syntax, metadata, stamp, content_hash, .. } = draft;
        let passages = passages.collect::<Result<_>>()?;
        sink.put(NewDocument { id, text, syntax, metadata, stamp, content_hash, passages }, encoded)?;
        drop(share);
        Ok(())
    }
}

/// Documents gathered to be encoded together.
#[derive(Default)]
pub(super) struct Window {
    documents: Vec<Waiting>,
    ids: HashSet<DocumentId>,
    tokens: usize,
    /// Tokens encoded a second, of late; none before the first.
    pace: Option<f64>,
}

impl Window {
    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.tokens >= self.limit()
    }

    /// How many tokens are encoded together.
    fn limit(&self) -> usize {
        let wanted = self.pace.map_or(0, |pace| (pace * WORK.as_secs_f64()) as usize);
        wanted.clamp(*TOKENS.start(), *TOKENS.end())
    }

    /// Takes note of how long so many tokens took. A few say nothing: threads wait for each other.
    fn took(&mut self, tokens: usize, time: Duration) {
        if tokens >= *TOKENS.start() / 2 {
            self.pace = Some(tokens as f64 / time.as_secs_f64().max(1e-3));
        }
    }

    pub(super) fn has(&self, id: &DocumentId) -> bool {
        self.ids.contains(id)
    }

    /// Adds a document, deciding which of its passages are new.
    pub(super) fn add(&mut self, cut: CutDraft, share: Share, sink: &mut dyn Sink) -> Result<()> {
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
        self.documents.push(Waiting { cut, vectors, encoded: 0, share });
        Ok(())
    }

    /// Encodes what is new and hands every document over. Leaves the window empty.
    pub(super) fn finish(&mut self, encoder: &Encoder, sink: &mut dyn Sink) -> Result<()> {
        let mut documents = std::mem::take(&mut self.documents);
        self.ids.clear();
        self.tokens = 0;
        let (mut handed_over, mut since, mut patience) = (Instant::now(), 0, LONG);
        // A single document may be far larger than a window: in parts, so that it can be interrupted.
        let mut from = Place::default();
        loop {
            if sink.cancelled() {
                return Err(Error::Interrupted);
            }
            let (missing, next) = missing(&documents, from, 2 * self.limit());
            let texts: Vec<&str> = missing.iter().map(|(_, text)| &**text).collect();
            if !texts.is_empty() {
                let started = Instant::now();
                let vectors = encoder.encode_as(TextKind::Passage, &texts)?.into_vec();
                let time = started.elapsed();
                let places: Vec<Place> = missing.into_iter().map(|(place, _)| place).collect();
                let tokens = places.iter().map(|place| place.tokens).sum();
                self.took(tokens, time);
                sink.encoded(places.len(), tokens, time);
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
            from = Place { document: 0, ..next };
            let Some(long) = documents.first_mut() else { return sink.window_done() };
            if from.passage > 0 && (handed_over.elapsed() >= patience || since >= MANY) {
                let started = Instant::now();
                long.hand_over(sink)?;
                patience = LONG.max(started.elapsed() * SHARE);
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
    tokens: usize,
}

/// The next passages without a vector, with what is to be encoded of them, so many tokens at the most; and where to go on.
fn missing(documents: &[Waiting], from: Place, most: usize) -> (Vec<(Place, Cow<'_, str>)>, Place) {
    let (mut found, mut tokens) = (Vec::new(), 0);
    for (document, waiting) in documents.iter().enumerate().skip(from.document) {
        let first = if document == from.document { from.passage } else { 0 };
        let passages = waiting.cut.passages.iter().zip(&waiting.vectors).enumerate().skip(first);
        for (passage, (cut, _)) in passages.filter(|(_, (_, (_, vector)))| vector.is_none()) {
            let place = Place { document, passage, tokens: cut.tokens };
            tokens += cut.tokens;
            if tokens > most && !found.is_empty() {
                return (found, place);
            }
            found.push((place, waiting.cut.encoded(cut)));
        }
    }
    (found, Place { document: documents.len(), ..Place::default() })
}
