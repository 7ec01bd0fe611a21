//! A document on its way in.

use std::borrow::Cow;

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

/// A draft cut into passages.
#[derive(Debug)]
pub struct CutDraft {
    /// The document.
    pub draft: Draft,
    /// Its content hash.
    pub content_hash: [u8; 32],
    /// Its passages. Their tokens count what is encoded: see [`CutDraft::encoded`].
    pub pieces: Vec<Piece>,
    /// What is encoded in front of each.
    contexts: Vec<String>,
}

impl CutDraft {
    /// Cuts a draft. In text with headings, passages leave a tenth of the window to the headings above them.
    pub fn new(draft: Draft, tokens: &PassageTokens<'_>, mut options: SplitOptions) -> Self {
        if draft.syntax == Syntax::Markdown {
            options.max_tokens = options.max_tokens.min(tokens.capacity() - tokens.capacity() / 10);
        }
        let mut pieces = split(&draft.text, draft.syntax, tokens, options);
        let contexts = pieces.iter_mut().map(|piece| {
            let text = &draft.text[piece.span.bytes.clone()];
            let (context, count) = context(&piece.headings, text, piece.tokens, tokens);
            piece.tokens = count;
            context
        });
        let contexts = contexts.collect();
        Self { content_hash: draft.content_hash(), draft, pieces, contexts }
    }

    /// What is encoded of each piece, in their order: the headings above it, then its text. A passage of a few lines
    /// often does not say what it is about; the headings do (README, "How good it is").
    pub fn encoded(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.pieces.iter().zip(&self.contexts).map(|(piece, context)| {
            let text = &self.draft.text[piece.span.bytes.clone()];
            if context.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{context}{text}")) }
        })
    }
}

/// The headings above a passage in front of its text, and the tokens of both. A heading that the passage begins with is not
/// said twice; where the window does not hold all, the outermost go first.
fn context(headings: &[String], text: &str, count: usize, tokens: &PassageTokens<'_>) -> (String, usize) {
    let first_line = text.lines().next().unwrap_or_default();
    let above = headings
        .split_last()
        .map_or(headings, |(last, above)| if first_line.contains(last.as_str()) { above } else { headings });
    for from in 0..above.len() {
        let context = format!("{}: ", above[from..].join(" > "));
        let with = tokens.count(&format!("{context}{text}"));
        if with <= tokens.capacity() {
            return (context, with);
        }
    }
    (String::new(), count)
}

/// The hash of what is encoded of a passage: tells whether its vector can be kept.
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
