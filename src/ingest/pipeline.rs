//! The pipeline: one thread reads and splits documents, the encoder's threads encode them, the caller stores them.

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
use crate::records::{Cuts, Settings, SplitDocument};

/// The most bytes of text that may wait between reading and storing.
const MAX_WAITING_BYTES: usize = 32 << 20;
/// The most items that may wait between the two threads.
const MAX_WAITING_ITEMS: usize = 256;
/// How long a batch that is not full waits for more documents. It must not wait forever: the next document may be waiting
/// for the part of the budget that the batch has.
const MAX_BATCH_WAIT: Duration = Duration::from_millis(20);

/// An input of the pipeline.
#[derive(Debug)]
pub enum PipelineItem {
    /// A document to be split, encoded and stored.
    Document(SourceDocument),
    /// A document whose file has a new stamp, but the same content.
    Restamp(DocumentId, FileStamp),
    /// The parts of a file that could not be read. The rest of the file could be.
    Losses(DocumentId, Vec<String>),
    /// A file that gave no text.
    Skipped {
        /// The id that its document has or would have.
        id: DocumentId,
        /// The reason, and whether the stored document stays valid.
        skip: Skip,
        /// The file's stamp.
        stamp: FileStamp,
        /// True if a document of the file is stored.
        stored: bool,
    },
    /// A document that was refused.
    Refused(Error),
}

/// Receives encoded documents. All methods are called from one thread.
pub trait DocumentSink {
    /// Returns the stored passages of a document, by the hash of their text; empty if the document is new.
    ///
    /// # Errors
    /// The errors of the store.
    fn known_passages(&mut self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>>;

    /// Returns the vector of a passage with this hash from a document that is about to be removed, so that files that were moved or
    /// renamed need not be encoded again. Default: `None`.
    ///
    /// # Errors
    /// The errors of the store.
    fn moved_vector(&mut self, _hash: &[u8; 16]) -> Result<Option<Vec<f32>>> {
        Ok(None)
    }

    /// Takes a finished document. `encoded` is the number of its passages that were encoded.
    ///
    /// # Errors
    /// The errors of the store.
    fn put(&mut self, document: SplitDocument, encoded: usize) -> Result<()>;

    /// Called after encoding, with the number of passages and tokens and the time that it took. Default: does nothing.
    fn count_encoded(&mut self, _passages: usize, _tokens: usize, _time: Duration) {}

    /// Takes the passages of a long document that are encoded so far, to store it as unfinished. Returns the ids of these
    /// passages, in order, so that the whole document, which follows, can keep them. Default: `None`, stores nothing.
    ///
    /// # Errors
    /// The errors of the store.
    fn put_part(&mut self, _document: &SplitDocument) -> Result<Option<Vec<PassageId>>> {
        Ok(None)
    }

    /// Called after all documents of a batch were given to the sink. Default: does nothing.
    ///
    /// # Errors
    /// The errors of the store.
    fn batch_done(&mut self) -> Result<()> {
        Ok(())
    }

    /// Takes every item that is not a document.
    ///
    /// # Errors
    /// The errors of the store.
    fn take_other(&mut self, item: PipelineItem) -> Result<()>;

    /// True if the pipeline must stop; called between steps.
    fn cancelled(&self) -> bool;
}

/// The length of passages with [`Cuts::Sections`], in tokens, if the settings have none. A paragraph that is longer stays whole if the
/// model allows it. Chosen by how often the answer is found and shown (docs/benchmarks/passages.md).
pub const DEFAULT_PASSAGE_TOKENS: usize = 192;

/// Returns the options to split documents with. The default length with [`Cuts::Blocks`] is the model's context length less its prefix
/// and special tokens; with [`Cuts::Sections`] it is [`DEFAULT_PASSAGE_TOKENS`], and the model's for a single paragraph. A length in
/// the settings holds for all. The default overlap is an eighth of the length.
///
/// # Errors
/// [`Error::InvalidOptions`] for a passage length that the model's context length does not allow.
pub fn split_options(encoder: &Encoder, settings: &Settings) -> Result<SplitOptions> {
    let capacity = PassageTokens::new(encoder)?.capacity();
    let smallest = SplitOptions::MIN_TOKENS;
    let cuts = settings.cuts;
    let (max_tokens, paragraph_tokens) = match (settings.passage_tokens, cuts) {
        (Some(length), _) => (length, length),
        (None, Cuts::Blocks) => (capacity, capacity),
        (None, Cuts::Sections) => (DEFAULT_PASSAGE_TOKENS.min(capacity), capacity),
    };
    if max_tokens > capacity || max_tokens < smallest {
        let problem = format!(
            "passages of {max_tokens} tokens; the model {} takes {smallest} to {capacity} besides its prefix and special tokens",
            encoder.model().name()
        );
        return Err(Error::InvalidOptions { problem });
    }
    let overlap_tokens = settings.overlap_tokens.unwrap_or(max_tokens / 8);
    Ok(SplitOptions { max_tokens, paragraph_tokens, overlap_tokens, cuts })
}

/// An item after splitting; a document has its share of the budget.
enum SplitItem {
    Document(SplitDocument, Share),
    Other(PipelineItem),
}

/// Runs all items through the pipeline. The iterator runs on its own thread, so that reading files overlaps encoding.
///
/// # Errors
/// The first error of the encoder or of the sink, or [`Error::Interrupted`]. Documents that the sink took are kept.
pub fn run(
    items: impl Iterator<Item = PipelineItem> + Send,
    encoder: &Encoder,
    options: SplitOptions,
    sink: &mut dyn DocumentSink,
) -> Result<()> {
    let tokens = PassageTokens::new(encoder)?;
    let budget = Budget::new(MAX_WAITING_BYTES);
    let (send, receive) = sync_channel::<SplitItem>(MAX_WAITING_ITEMS);
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
                // The other thread has stopped, and returns the error.
                if send.send(item).is_err() {
                    break;
                }
            }
        });
        // When this call returns, also with an error, `receive` is dropped. Then `send` fails, and the thread above ends.
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
            receive.recv_timeout(MAX_BATCH_WAIT)
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
                // Keep the documents before a refused one.
                if matches!(item, PipelineItem::Refused(_)) {
                    batch.finish(encoder, sink)?;
                }
                sink.take_other(item)?;
            }
            SplitItem::Document(document, share) => {
                // The same id twice: the first document must be stored before the second one is compared with it.
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
