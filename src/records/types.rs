//! Documents to be put, and what the store reports of its documents and changes.

use std::fmt;

use crate::document::{
    Context, DocumentId, FileStamp, Metadata, PassageId, Span, StoredDocument, StoredPassage, Syntax, metadata_json,
};

/// A document split into passages, with the vectors that it has so far: the input of [`Store::put`](super::Store::put).
#[derive(Debug, Clone, PartialEq)]
pub struct SplitDocument {
    /// Its name; a stored document of that name is replaced.
    pub id: DocumentId,
    /// Its whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// Its metadata.
    pub metadata: Metadata,
    /// Its file's stamp, if it comes from a file.
    pub stamp: Option<FileStamp>,
    /// A hash of everything that decides whether the document must be encoded again.
    pub content_hash: [u8; 32],
    /// Its passages, in the order of the text.
    pub passages: Vec<SplitPassage>,
}

/// A passage to be encoded and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitPassage {
    /// Its place in the text.
    pub span: Span,
    /// Its headings, place and metadata.
    pub context: Context,
    /// A hash of the text that is encoded: tells whether a stored vector can be kept.
    pub hash: [u8; 16],
    /// Its vector.
    pub vector: PassageVector,
}

/// Where a passage's vector comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum PassageVector {
    /// Not encoded yet: cannot be stored.
    Missing {
        /// The text that is encoded in front of the passage's own.
        prefix: String,
        /// The tokens of both.
        tokens: usize,
    },
    /// A new passage with this vector: finite, of the settings' dimension.
    New(Vec<f32>),
    /// A passage of the stored version of the same document: its vector and its id stay.
    Keep(PassageId),
}

impl PassageVector {
    /// Whether the passage must be encoded.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

/// The result of [`Store::put`](super::Store::put).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutcome {
    /// The change's sequence number.
    pub sequence: u64,
    /// The document's number: new, or that of the replaced version.
    pub document: u64,
    /// The ids of the passages that were stored, in order.
    pub passages: Vec<PassageId>,
    /// Of each of them, its vector as it is kept, if it is new; `None` where the stored one stayed.
    pub vectors: Vec<Option<Vec<u8>>>,
    /// The ids of passages of the replaced version that were removed, ascending.
    pub removed: Vec<PassageId>,
}

impl PutOutcome {
    /// The document that was put, as it is stored now. Copies no text.
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
    /// The document's number; never assigned again.
    pub document: u64,
    /// The ids of its passages, ascending.
    pub removed: Vec<PassageId>,
}

/// The part of a stored document that shows whether its file has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedDocument {
    /// Its name.
    pub id: DocumentId,
    /// Its number.
    pub number: u64,
    /// Its file's stamp, when it came from a file.
    pub stamp: Option<FileStamp>,
    /// The hash it was put with.
    pub content_hash: [u8; 32],
}

/// The last change of a document. Earlier changes of the same document are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentChange {
    /// Its sequence number.
    pub sequence: u64,
    /// The document's number.
    pub document: u64,
    /// The document's name.
    pub id: DocumentId,
    /// Whether it was removed, as opposed to put.
    pub removed: bool,
}

/// How much a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The last change's sequence number; 0 before the first.
    pub sequence: u64,
    /// Documents.
    pub documents: u64,
    /// Passages of all documents.
    pub passages: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} documents, {} passages at change {}", self.documents, self.passages, self.sequence)
    }
}
