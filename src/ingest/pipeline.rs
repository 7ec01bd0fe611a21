//! Documents in, encoded documents out: one thread reads and splits, the encoder's threads encode, the caller stores.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::budget::{Budget, Share};
use super::encode_batch::EncodeBatch;
use super::read::Skip;
use super::source_document::SourceDocument;
use super::split::SplitOptions;
use super::split_document::{PassageTokens, split_document};
use crate::document::{DocumentId, FileStamp, PassageId};
use crate::encoder::Encoder;
use crate::error::{Error, Result};
use crate::records::SplitDocument;

/// Bytes of text that may wait between reading and storing.
const TEXT_BYTES: usize = 32 << 20;
/// Items that may wait between the two threads.
const ITEMS: usize = 256;
/// How long a batch that is not full waits for more. It must not wait for ever: the next document may wait for the budget
/// that the batch holds.
const PATIENCE: Duration = Duration::from_millis(20);

/// An input of the pipeline.
#[derive(Debug)]
pub enum PipelineItem {
    /// A document to be split, encoded and stored.
    Document(SourceDocument),
    /// A document whose file was touched, with the same content.
    Restamp(DocumentId, FileStamp),
    /// Parts of a file that could not be read, while the rest could.
    Losses(DocumentId, Vec<String>),
    /// A file that gave no text.
    Skipped {
        /// The id its document has or would have.
        id: DocumentId,
        /// Why, and whether its stored document stays valid.
        skip: Skip,
        /// The file's stamp.
        stamp: FileStamp,
        /// Whether a document of it is stored.
        stored: bool,
    },
    /// A document that was refused.
    Refused(Error),
}

/// Receives encoded documents. Called from one thread.
pub trait DocumentSink {
    /// The stored passages of a document, by the hash of their text; empty if it is new.
    ///
    /// # Errors
    /// As the store's.
    fn known(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>>;

    /// The vector of a passage with this hash from a document that is about to be removed: files that were moved or renamed
    /// need not be encoded again. Default: `None`.
    ///
    /// # Errors
    /// As the store's.
    fn moved(&mut self, _hash: &[u8; 16]) -> Result<Option<Vec<f32>>> {
        Ok(None)
    }

    /// Takes a finished document. `encoded` is the number of its passages that were encoded.
    ///
    /// # Errors
    /// As the store's.
    fn put(&mut self, document: SplitDocument, encoded: usize) -> Result<()>;

    /// Called after encoding, with the passages and tokens encoded and the time it took. Default: nothing.
    fn encoded(&mut self, _passages: usize, _tokens: usize, _time: Duration) {}

    /// Takes what is encoded so far of a long document, to be stored as unfinished. Returns the ids of the passages that have
    /// vectors, in order, so that the whole document, which follows, can keep them. Default: `None`, and nothing is stored.
    ///
    /// # Errors
    /// As the store's.
    fn put_part(&mut self, _document: &SplitDocument) -> Result<Option<Vec<PassageId>>> {
        Ok(None)
    }

    /// Called when all documents of a batch have been handed over. Default: nothing.
    ///
    /// # Errors
    /// As the store's.
    fn batch_done(&mut self) -> Result<()> {
        Ok(())
    }

    /// Takes all other items.
    ///
    /// # Errors
    /// As the store's.
    fn other(&mut self, item: PipelineItem) -> Result<()>;

    /// Whether to stop; called between steps.
    fn cancelled(&self) -> bool;
}

/// How documents are split for an encoder. `None`: the model's context length for `max`, an eighth of `max` for `overlap`.
///
/// # Errors
/// [`Error::InvalidOptions`] for a passage length that the model's context length does not allow.
pub fn split_options(encoder: &Encoder, max: Option<usize>, overlap: Option<usize>) -> Result<SplitOptions> {
    let capacity = PassageTokens::new(encoder)?.capacity();
    let smallest = SplitOptions::MIN_TOKENS;
    let max_tokens = max.unwrap_or(capacity);
    if max_tokens > capacity || max_tokens < smallest {
        let problem = format!(
            "passages of {max_tokens} tokens; the model {} takes {smallest} to {capacity} next to its prefix and special tokens",
            encoder.model().name()
        );
        return Err(Error::InvalidOptions { problem });
    }
    Ok(SplitOptions { max_tokens, overlap_tokens: overlap.unwrap_or(max_tokens / 8) })
}

/// An item after splitting; a document with its share of the budget.
enum SplitItem {
    Document(SplitDocument, Share),
    Other(PipelineItem),
}

/// Runs all items through the pipeline. The iterator runs on its own thread, so that reading files overlaps encoding.
///
/// # Errors
/// The first error of the encoder or of the sink, or [`Error::Interrupted`]. What the sink took stays taken.
pub fn run(
    items: impl Iterator<Item = PipelineItem> + Send,
    encoder: &Encoder,
    options: SplitOptions,
    sink: &mut dyn DocumentSink,
) -> Result<()> {
    let tokens = PassageTokens::new(encoder)?;
    let budget = Budget::new(TEXT_BYTES);
    let (send, receive) = sync_channel::<SplitItem>(ITEMS);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for item in items {
                let item = match item {
                    PipelineItem::Document(source) => {
                        let share = budget.take(source.text.len());
                        SplitItem::Document(split_document(source, &tokens, options), share)
                    }
                    other => SplitItem::Other(other),
                };
                // The other thread has stopped, and reports why.
                if send.send(item).is_err() {
                    break;
                }
            }
        });
        // This call drops `receive`, also on an error, which ends the thread above.
        encode_all(receive, encoder, sink)
    })
}

fn encode_all(receive: Receiver<SplitItem>, encoder: &Encoder, sink: &mut dyn DocumentSink) -> Result<()> {
    let mut batch = EncodeBatch::default();
    loop {
        if sink.cancelled() {
            return Err(Error::Interrupted);
        }
        let next = if batch.is_empty() {
            receive.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            receive.recv_timeout(PATIENCE)
        };
        let item = match next {
            Ok(item) => item,
            Err(RecvTimeoutError::Timeout) => {
                batch.finish(encoder, sink)?;
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return batch.finish(encoder, sink),
        };
        match item {
            SplitItem::Other(item) => {
                // Documents before a refused one are kept.
                if matches!(item, PipelineItem::Refused(_)) {
                    batch.finish(encoder, sink)?;
                }
                sink.other(item)?;
            }
            SplitItem::Document(document, share) => {
                if batch.has(&document.id) {
                    batch.finish(encoder, sink)?;
                }
                batch.add(document, share, sink)?;
            }
        }
        if batch.is_full() {
            batch.finish(encoder, sink)?;
        }
    }
}
