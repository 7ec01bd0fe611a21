//! A document on its way in.

use super::split::{Piece, SplitOptions, Tokens, split};
use crate::document::{Document, DocumentId, FileStamp, Metadata, Syntax};
use crate::encoder::Encoder;
use crate::error::Result;

/// A document whose text is known and not yet cut.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub id: DocumentId,
    /// Its whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// What else is known of it.
    pub metadata: Metadata,
    /// Its file's stamp, when it came from a file.
    pub stamp: Option<FileStamp>,
}

impl Draft {
    /// A draft of a document that does not come from a file.
    ///
    /// # Errors
    /// [`crate::Error::InvalidDocument`] for an id that cannot be one.
    pub fn of(document: Document) -> Result<Self> {
        let Document { id, text, syntax, metadata, vector: _ } = document;
        Ok(Self { id: DocumentId::new(id)?, text, syntax, metadata, stamp: None })
    }

    /// The hash over what decides whether the document must be worked on again.
    pub fn content_hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        // Lengths first, so that no two different documents give the same bytes.
        let metadata = serde_json::to_string(&self.metadata).unwrap_or_default();
        let syntax = format!("{:?}", self.syntax);
        for part in [&self.text, &metadata, &syntax] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// A draft cut into passages, with the hash of each passage's text.
#[derive(Debug)]
pub struct CutDraft {
    /// The document.
    pub draft: Draft,
    /// Its content hash.
    pub content_hash: [u8; 32],
    /// Its passages.
    pub pieces: Vec<Piece>,
}

impl CutDraft {
    /// Cuts a draft.
    pub fn new(draft: Draft, tokens: &dyn Tokens, options: SplitOptions) -> Self {
        let pieces = split(&draft.text, draft.syntax, tokens, options);
        Self { content_hash: draft.content_hash(), draft, pieces }
    }

    /// The text of a piece.
    pub fn text(&self, piece: &Piece) -> &str {
        &self.draft.text[piece.span.bytes.clone()]
    }
}

/// The hash that tells whether a passage's vector can be kept.
pub fn passage_hash(text: &str) -> [u8; 16] {
    let hash = blake3::hash(text.as_bytes());
    let (&first, _) = hash.as_bytes().split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    first
}

/// Counts tokens as an encoder will: with the passage prefix, which may join with what follows it.
pub struct PassageTokens<'a> {
    encoder: &'a Encoder,
    overhead: usize,
}

impl<'a> PassageTokens<'a> {
    /// For this encoder's passages.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] for a prefix that the tokenizer refuses.
    pub fn new(encoder: &'a Encoder) -> Result<Self> {
        Ok(Self { encoder, overhead: encoder.passage_overhead()? })
    }

    /// The most tokens of a passage: the window less special tokens and prefix.
    pub fn capacity(&self) -> usize {
        self.encoder.model().window.saturating_sub(self.overhead)
    }
}

impl Tokens for PassageTokens<'_> {
    fn count(&self, text: &str) -> usize {
        self.encoder.count_passage_tokens(text).saturating_sub(self.overhead)
    }

    fn offsets(&self, text: &str) -> Vec<(usize, usize)> {
        // A text that the tokenizer refuses is reported when it is encoded.
        self.encoder.token_offsets(text).unwrap_or_default()
    }
}
