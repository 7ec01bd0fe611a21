//! What is put into the store and what is read back.

use std::fmt;

use crate::document::{Context, DocumentId, FileStamp, Metadata, PassageId, Span, Syntax};

/// A document with everything that is to be kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDocument {
    /// Its name; a stored document of that name is replaced.
    pub id: DocumentId,
    /// Its whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// What else is known of it.
    pub metadata: Metadata,
    /// Its file's stamp, when it came from a file.
    pub stamp: Option<FileStamp>,
    /// A hash of whatever decides whether the document must be worked on again.
    pub content_hash: [u8; 32],
    /// Its passages in order.
    pub passages: Vec<NewPassage>,
}

/// A passage to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPassage {
    /// Where it stands in the text.
    pub span: Span,
    /// What is known of it beside its text.
    pub context: Context,
    /// A hash of the text that was encoded.
    pub hash: [u8; 16],
    /// Its vector.
    pub vector: PassageVector,
}

/// Where a passage's vector comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum PassageVector {
    /// A new passage with this vector: finite, of the settings' dimension.
    New(Vec<f32>),
    /// A passage of the stored version of the same document: its vector and its id stay.
    Keep(PassageId),
}

/// What [`Store::put`](super::Store::put) did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutcome {
    /// The change's sequence number.
    pub sequence: u64,
    /// The document's number: new, or the one it had.
    pub document: u64,
    /// The passages' ids, in order.
    pub passages: Vec<PassageId>,
    /// The ids that are gone with the replaced version, ascending.
    pub removed: Vec<PassageId>,
}

/// What [`Store::remove`](super::Store::remove) did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveOutcome {
    /// The change's sequence number.
    pub sequence: u64,
    /// The number the document had; never given again.
    pub document: u64,
    /// The ids that are gone, ascending.
    pub removed: Vec<PassageId>,
}

/// A stored document, without its text and its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    /// Its number: given once, kept through replacements.
    pub number: u64,
    /// Its name.
    pub id: DocumentId,
    /// How its text is laid out.
    pub syntax: Syntax,
    /// What else is known of it.
    pub metadata: Metadata,
    /// Its file's stamp, when it came from a file.
    pub stamp: Option<FileStamp>,
    /// The hash it was put with.
    pub content_hash: [u8; 32],
    /// The length of its text in bytes.
    pub text_bytes: usize,
    /// The sequence number of its last put.
    pub sequence: u64,
    /// Its passages in order.
    pub passages: Vec<StoredPassage>,
}

/// A stored passage, without its text and its vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage {
    /// Its identity.
    pub id: PassageId,
    /// Where it stands in its document's text.
    pub span: Span,
    /// What is known of it beside its text.
    pub context: Context,
    /// The hash it was put with.
    pub hash: [u8; 16],
}

/// What is needed of a document to see whether its file has changed.
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

/// The last change of a document. Earlier changes of the same document are forgotten.
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
