//! Documents that are encoded together; long documents are stored in parts.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::budget::Share;
use super::pipeline::DocumentSink;
use super::split_document::with_prefix;
use crate::document::{DocumentId, PassageId};
use crate::encoder::{Encoder, TextKind};
use crate::error::{EncoderError, Error, Result};
use crate::kernel::vector::unit;
use crate::records::{PassageVector, SplitDocument, SplitPassage};

/// The time that a batch should take. Ctrl-C waits for the end of a batch, and a kill loses this much work.
const BATCH_TIME: Duration = Duration::from_millis(1500);
/// The tokens of a batch: enough that threads finish at about the same time, and few enough for memory.
const BATCH_TOKENS: std::ops::RangeInclusive<usize> = 2048..=16 * 1024;

/// A long document is stored in parts, so that a kill loses little of it and memory does not grow with it. A part is stored
/// after `PART_TIME`, and at least `PART_TIME_PER_STORING` times as long as storing takes; or after `PART_PASSAGES` passages.
const PART_TIME: Duration = Duration::from_secs(1);
const PART_TIME_PER_STORING: u32 = 20;
const PART_PASSAGES: usize = 2048;

/// A document of which some passages have no vector yet.
struct PendingDocument {
    split: SplitDocument,
    /// The number of the document's passages that were encoded.
    encoded: usize,
    /// The document's share of the budget.
    share: Share,
}

impl PendingDocument {
    /// Sets the vector of a passage.
    fn set(&mut self, passage: usize, vector: Vec<f32>) {
        if let Some(passage) = self.split.passages.get_mut(passage) {
            passage.vector = PassageVector::New(vector);
            self.encoded += 1;
        }
    }

    /// Gives the passages that have vectors to the sink, and frees the vectors that it stored.
    fn hand_over(&mut self, sink: &mut dyn DocumentSink) -> Result<()> {
        let Some(stored) = sink.put_part(&self.split)? else { return Ok(()) };
        let done = self.split.passages.iter_mut().filter(|passage| !passage.vector.is_missing());
        for (passage, id) in done.zip(stored) {
            passage.vector = PassageVector::Keep(id);
        }
        Ok(())
    }

    /// Gives the whole document to the sink.
    fn finish(self, sink: &mut dyn DocumentSink) -> Result<()> {
        let Self { split, encoded, share } = self;
        sink.put(split, encoded)?;
        drop(share);
        Ok(())
    }
}

/// Documents that are encoded together.
#[derive(Default)]
pub(super) struct EncodeBatch {
    documents: Vec<PendingDocument>,
    ids: HashSet<DocumentId>,
    tokens: usize,
    /// Tokens encoded per second in the last batch; `None` before the first.
    pace: Option<f64>,
}

impl EncodeBatch {
    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.tokens >= self.limit()
    }

    /// Returns the tokens of a full batch.
    fn limit(&self) -> usize {
        let wanted = self.pace.map_or(0, |pace| (pace * BATCH_TIME.as_secs_f64()) as usize);
        wanted.clamp(*BATCH_TOKENS.start(), *BATCH_TOKENS.end())
    }

    /// Records how long a batch took. Ignores a small batch, as threads wait for each other in it.
    fn record_time(&mut self, tokens: usize, time: Duration) {
        if tokens >= *BATCH_TOKENS.start() / 2 {
            self.pace = Some(tokens as f64 / time.as_secs_f64().max(1e-3));
        }
    }

    pub(super) fn has(&self, id: &DocumentId) -> bool {
        self.ids.contains(id)
    }

    /// Adds a document. A passage keeps the stored vector of the same text.
    pub(super) fn add(&mut self, mut split: SplitDocument, share: Share, sink: &mut dyn DocumentSink) -> Result<()> {
        let mut known: HashMap<[u8; 16], VecDeque<PassageId>> = HashMap::new();
        for (hash, passage) in sink.known_passages(&split.id)? {
            known.entry(hash).or_default().push_back(passage);
        }
        for SplitPassage { hash, vector, .. } in &mut split.passages {
            if let Some(kept) = known.get_mut(hash).and_then(VecDeque::pop_front) {
                *vector = PassageVector::Keep(kept);
            } else if let Some(moved) = sink.moved_vector(hash)? {
                *vector = PassageVector::New(moved);
            } else if let PassageVector::Missing { tokens, .. } = vector {
                self.tokens += *tokens;
            }
        }
        self.ids.insert(split.id.clone());
        self.documents.push(PendingDocument { split, encoded: 0, share });
        Ok(())
    }

    /// Encodes the missing passages and gives every document to the sink. Leaves the batch empty.
    pub(super) fn finish(&mut self, encoder: &Encoder, sink: &mut dyn DocumentSink) -> Result<()> {
        let mut documents = std::mem::take(&mut self.documents);
        self.ids.clear();
        self.tokens = 0;
        // The time of the last stored part, the passages encoded since then, and the time between two parts.
        let (mut last_part, mut since, mut part_time) = (Instant::now(), 0, PART_TIME);
        // A single document may be far larger than a batch: it is encoded in parts, so that it can be interrupted.
        let mut from = BatchPosition::default();
        loop {
            if sink.cancelled() {
                return Err(Error::Interrupted);
            }
            // Encode the next passages.
            let (missing, next) = next_missing(&documents, from, 2 * self.limit());
            let texts: Vec<&str> = missing.iter().map(|(_, text)| &**text).collect();
            if !texts.is_empty() {
                let started = Instant::now();
                let vectors = encoder.encode_as(TextKind::Passage, &texts)?.into_vec();
                let time = started.elapsed();
                let dimension = encoder.dimension().max(1);
                if vectors.len() != texts.len() * dimension {
                    let (numbers, passages) = (vectors.len(), texts.len());
                    let problem = format!("it gave {numbers} numbers for {passages} passages of {dimension} each");
                    return Err(Error::Model(EncoderError::Backend { backend: "encoder", problem }));
                }
                let positions: Vec<BatchPosition> = missing.into_iter().map(|(position, _)| position).collect();
                let tokens = positions.iter().map(|position| position.tokens).sum();
                self.record_time(tokens, time);
                sink.count_encoded(positions.len(), tokens, time);
                since += positions.len();
                for (position, vector) in positions.into_iter().zip(vectors.chunks_exact(dimension)) {
                    if let Some(pending) = documents.get_mut(position.document) {
                        pending.set(position.passage, unit(vector));
                    }
                }
            }
            // Give the documents that are complete to the sink.
            for pending in documents.drain(..next.document) {
                pending.finish(sink)?;
            }
            from = BatchPosition { document: 0, ..next };
            // Give a part of a long document to the sink from time to time.
            let Some(long) = documents.first_mut() else { return sink.batch_done() };
            if from.passage > 0 && (last_part.elapsed() >= part_time || since >= PART_PASSAGES) {
                let started = Instant::now();
                long.hand_over(sink)?;
                part_time = PART_TIME.max(started.elapsed() * PART_TIME_PER_STORING);
                (last_part, since) = (Instant::now(), 0);
            }
        }
    }
}

/// The position of a passage in a batch.
#[derive(Debug, Clone, Copy, Default)]
struct BatchPosition {
    document: usize,
    passage: usize,
    tokens: usize,
}

/// Returns the next passages without a vector and their texts, with at most `max_tokens` tokens unless one passage has more; and the
/// position at which to continue.
fn next_missing(
    documents: &[PendingDocument],
    from: BatchPosition,
    max_tokens: usize,
) -> (Vec<(BatchPosition, Cow<'_, str>)>, BatchPosition) {
    let (mut found, mut total) = (Vec::new(), 0);
    for (document, PendingDocument { split, .. }) in documents.iter().enumerate().skip(from.document) {
        let first = if document == from.document { from.passage } else { 0 };
        for (passage, SplitPassage { span, vector, .. }) in split.passages.iter().enumerate().skip(first) {
            let PassageVector::Missing { prefix, tokens } = vector else { continue };
            let position = BatchPosition { document, passage, tokens: *tokens };
            total += tokens;
            if total > max_tokens && !found.is_empty() {
                return (found, position);
            }
            found.push((position, with_prefix(prefix, &split.text[span.bytes.clone()])));
        }
    }
    (found, BatchPosition { document: documents.len(), ..BatchPosition::default() })
}
