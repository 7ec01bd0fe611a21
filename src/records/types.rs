//! Documents to be stored, and the reports of the store about its documents and changes.

use std::fmt;

use super::codec::is_unfinished;
use crate::document::{
    Context, DocumentId, FileStamp, Metadata, PassageId, Span, StoredDocument, StoredPassage, Syntax, metadata_json,
};

/// A document split into passages, with the vectors that it has so far: the input of [`Store::put`](super::Store::put).
#[derive(Debug, Clone, PartialEq)]
pub struct SplitDocument {
    /// The document's id. A stored document with the same id is replaced.
    pub id: DocumentId,
    /// The whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// The document's metadata.
    pub metadata: Metadata,
    /// The stamp of the file, if the document comes from a file.
    pub stamp: Option<FileStamp>,
    /// A hash of everything that decides whether the document must be encoded again.
    pub content_hash: [u8; 32],
    /// The passages, in the order of the text.
    pub passages: Vec<SplitPassage>,
}

/// A passage to be encoded and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitPassage {
    /// The place in the text.
    pub span: Span,
    /// The headings, the place in the file, and the metadata.
    pub context: Context,
    /// A hash of the encoded text. It shows whether a stored vector can be kept.
    pub hash: [u8; 16],
    /// The vector.
    pub vector: PassageVector,
}

/// The source of a passage's vector.
#[derive(Debug, Clone, PartialEq)]
pub enum PassageVector {
    /// Not encoded yet. Such a passage cannot be stored.
    Missing {
        /// The text that is encoded in front of the passage's own text.
        prefix: String,
        /// The number of tokens of both texts.
        tokens: usize,
    },
    /// A new passage with this vector: finite, of the settings' dimension.
    New(Vec<f32>),
    /// A passage of the stored version of the same document: it keeps its vector and its id.
    Keep(PassageId),
}

impl PassageVector {
    /// True if the passage must be encoded.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

/// The result of [`Store::put`](super::Store::put).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutcome {
    /// The change's sequence number.
    pub sequence: u64,
    /// The document's number: new, or the number of the replaced version.
    pub document: u64,
    /// The ids of the passages that were stored, in order.
    pub passages: Vec<PassageId>,
    /// For each of these, its vector as it is stored, if it is new; `None` if the stored vector was kept.
    pub vectors: Vec<Option<Vec<u8>>>,
    /// The ids of passages of the replaced version that were removed, ascending.
    pub removed: Vec<PassageId>,
}

impl PutOutcome {
    /// Returns the document as it is stored now. Copies no text.
    pub fn into_stored(self, document: SplitDocument) -> StoredDocument<Option<Vec<u8>>> {
        let SplitDocument { id, text, syntax, metadata, stamp, content_hash, passages } = document;
        let kept = self.passages.into_iter().zip(self.vectors);
        let passages = passages.into_iter().zip(kept).map(|(passage, (id, vector))| {
            let SplitPassage { span, context, hash, vector: _ } = passage;
            StoredPassage { id, span, context, hash, vector }
        });
        let (passages, metadata) = (passages.collect(), metadata_json(&metadata));
        let (number, sequence) = (self.document, self.sequence);
        StoredDocument { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages }
    }
}

/// The result of [`Store::remove`](super::Store::remove).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveOutcome {
    /// The change's sequence number.
    pub sequence: u64,
    /// The document's number, which is never assigned again.
    pub document: u64,
    /// The ids of the document's passages, ascending.
    pub removed: Vec<PassageId>,
}

/// The part of a stored document that shows whether its file has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedDocument {
    /// The document's id.
    pub id: DocumentId,
    /// The document's number.
    pub number: u64,
    /// The stamp of the file, if the document came from a file.
    pub stamp: Option<FileStamp>,
    /// The content hash, see [`SplitDocument::content_hash`].
    pub content_hash: [u8; 32],
}

impl StampedDocument {
    /// True if the document is [unfinished](super::Store::is_unfinished).
    pub fn is_unfinished(&self) -> bool {
        is_unfinished(&self.content_hash, self.stamp)
    }
}

/// The last change of a document. Earlier changes of the same document are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentChange {
    /// The sequence number of the change.
    pub sequence: u64,
    /// The document's number.
    pub document: u64,
    /// The document's id.
    pub id: DocumentId,
    /// True if the document was removed; false if it was stored.
    pub removed: bool,
}

/// The numbers of changes, documents and passages in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The last change's sequence number; 0 before the first.
    pub sequence: u64,
    /// The number of documents.
    pub documents: u64,
    /// The number of passages of all documents.
    pub passages: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} documents, {} passages at change {}", self.documents, self.passages, self.sequence)
    }
}
