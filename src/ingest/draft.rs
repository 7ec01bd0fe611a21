//! A document on its way in.

use std::borrow::Cow;
use std::ops::Range;

use super::split::{SplitOptions, Tokens, split};
use crate::document::{Context, Document, DocumentId, FileStamp, Metadata, Span, Syntax, metadata_json};
use crate::encoder::Encoder;
use crate::error::{Error, Result};
pub(crate) use nigh_formats::MOST_TEXT;
use nigh_formats::Section;

/// A document of more passages than this has them joined where they fit: what is kept of each passage, here and in the
/// records, is far more than a few words.
const MOST_PASSAGES: usize = 1 << 16;

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
    /// Its parts, as [`nigh_formats::Extracted::sections`]. Empty: one part, located by its lines.
    pub sections: Vec<Section>,
    /// Its file's stamp, when it came from a file.
    pub stamp: Option<FileStamp>,
    /// The hash over what decides whether the document must be worked on again.
    pub content_hash: [u8; 32],
}

impl Draft {
    /// A draft of a document that does not come from a file.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] as [`Draft::check`].
    pub fn of(document: Document) -> Result<Self> {
        Self::check(&document)?;
        let Document { id, text, syntax, metadata, vector: _ } = document;
        let id = DocumentId::new(id)?;
        let content_hash = content_hash(&text, syntax, &metadata);
        Ok(Self { id, text, syntax, metadata, sections: Vec::new(), stamp: None, content_hash })
    }

    /// Whether a document can be stored, as far as its id and text tell.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an id that cannot be one, or a text longer than [`MOST_TEXT`].
    pub fn check(document: &Document) -> Result<()> {
        let Document { id, text, .. } = document;
        DocumentId::new(id.as_str())?;
        if text.len() > MOST_TEXT {
            let length = text.len();
            let problem = format!("its text has {length} bytes; the most is {MOST_TEXT}: store it in parts");
            return Err(Error::InvalidDocument { id: id.clone(), problem });
        }
        Ok(())
    }
}

/// Of a document that does not come from a file.
fn content_hash(text: &str, syntax: Syntax, metadata: &Metadata) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Lengths first, so that no two different documents give the same bytes.
    let metadata = serde_json::to_string(metadata).unwrap_or_default();
    let syntax = format!("{syntax:?}");
    for part in [text, &metadata, &syntax] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// A draft cut into passages.
#[derive(Debug)]
pub struct CutDraft {
    /// The document.
    pub draft: Draft,
    /// Its passages, in the order of the text.
    pub passages: Vec<CutPassage>,
}

/// A passage to be encoded.
#[derive(Debug)]
pub struct CutPassage {
    /// Where it stands in the text.
    pub span: Span,
    /// What is known of it beside its text.
    pub context: Context,
    /// What is encoded in front of its text.
    prefix: String,
    /// The tokens of both.
    pub tokens: usize,
}

impl CutDraft {
    /// Cuts a draft, each of its sections by itself. In text with headings, passages leave a tenth of the window to the
    /// headings above them. Of more passages than [`MOST_PASSAGES`] neighbours share one where they fit.
    pub fn new(mut draft: Draft, tokens: &PassageTokens<'_>, mut options: SplitOptions) -> Self {
        if has_headings(&draft) {
            options.max_tokens = options.max_tokens.min(tokens.capacity() - tokens.capacity() / 10);
        }
        let mut passages = Vec::new();
        let mut line = 0;
        for (section, bytes) in parts(&draft) {
            let text = &draft.text[bytes.clone()];
            let metadata = section.map_or(String::new(), |section| metadata_json(&section.metadata));
            for piece in split(text, draft.syntax, tokens, options) {
                let context = Context {
                    headings: section
                        .map_or(&[][..], |section| &section.headings)
                        .iter()
                        .chain(&piece.headings)
                        .cloned()
                        .collect(),
                    place: section.map(|section| section.place.clone()),
                    metadata: metadata.clone(),
                };
                let (prefix, tokens) = prefix(&context.headings, &text[piece.span.bytes.clone()], piece.tokens, tokens);
                let Span { bytes: inner, lines } = piece.span;
                let span = Span {
                    bytes: bytes.start + inner.start..bytes.start + inner.end,
                    lines: line + lines.start..line + lines.end,
                };
                passages.push(CutPassage { span, context, prefix, tokens });
            }
            line += text.bytes().filter(|&byte| byte == b'\n').count();
        }
        if passages.len() > MOST_PASSAGES {
            passages = joined(passages, &draft.text, tokens, options.max_tokens);
        }
        draft.sections = Vec::new();
        Self { draft, passages }
    }

    /// What is encoded of a passage: the headings above it, then its text. A passage of a few lines often does not say what
    /// it is about; the headings do (README, "How good it is").
    pub fn encoded(&self, passage: &CutPassage) -> Cow<'_, str> {
        let text = &self.draft.text[passage.span.bytes.clone()];
        if passage.prefix.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{}{text}", passage.prefix)) }
    }
}

/// Neighbours as one passage where both fit: found at the place of the first, with the headings that they have in common.
fn joined(all: Vec<CutPassage>, text: &str, tokens: &PassageTokens<'_>, max_tokens: usize) -> Vec<CutPassage> {
    let mut joined: Vec<CutPassage> = Vec::new();
    for next in all {
        let (start, end) = (joined.last().map_or(0, |last| last.span.bytes.start), next.span.bytes.end);
        let fits = |last: &CutPassage| {
            last.tokens + next.tokens <= max_tokens && tokens.count(&text[start..end]) <= max_tokens
        };
        let Some(last) = joined.last_mut().filter(|last| fits(last)) else {
            joined.push(next);
            continue;
        };
        last.span = Span { bytes: start..end, lines: last.span.lines.start..next.span.lines.end };
        let common = last.context.headings.iter().zip(&next.context.headings).take_while(|(a, b)| a == b).count();
        last.context.headings.truncate(common);
        if last.context.metadata != next.context.metadata {
            last.context.metadata.clear();
        }
        (last.prefix, last.tokens) = (String::new(), last.tokens + next.tokens);
    }
    joined
}

fn has_headings(draft: &Draft) -> bool {
    draft.syntax != Syntax::Plain || draft.sections.iter().any(|section| !section.headings.is_empty())
}

/// The sections with their bytes of the text; the whole text where there are none. A section that begins within a
/// character, or before the one before it, belongs to that.
fn parts(draft: &Draft) -> Vec<(Option<&Section>, Range<usize>)> {
    let mut parts: Vec<(Option<&Section>, Range<usize>)> = Vec::with_capacity(draft.sections.len().max(1));
    for section in &draft.sections {
        match parts.last_mut() {
            Some((_, bytes)) if section.start > bytes.start && draft.text.is_char_boundary(section.start) => {
                bytes.end = section.start;
                parts.push((Some(section), section.start..draft.text.len()));
            }
            Some(_) => {}
            None => parts.push((Some(section), 0..draft.text.len())),
        }
    }
    if parts.is_empty() {
        parts.push((None, 0..draft.text.len()));
    }
    parts
}

/// The headings above a passage in front of its text, and the tokens of both. A heading that the passage begins with is not
/// said twice; where the window does not hold all, the outermost go first.
fn prefix(headings: &[String], text: &str, count: usize, tokens: &PassageTokens<'_>) -> (String, usize) {
    let first_line = text.lines().next().unwrap_or_default();
    let above = headings
        .split_last()
        .map_or(headings, |(last, above)| if first_line.contains(last.as_str()) { above } else { headings });
    for from in 0..above.len() {
        let prefix = format!("{}: ", above[from..].join(" > "));
        let with = tokens.count(&format!("{prefix}{text}"));
        if with <= tokens.capacity() {
            return (prefix, with);
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
