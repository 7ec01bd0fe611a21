//! A document on its way in.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use super::split::{SplitOptions, Tokens, split};
use crate::document::{
    Context, Document, DocumentId, FileStamp, Metadata, Part, Span, Syntax, check_metadata, metadata_json,
};
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
    /// Its parts that are passages of their own; not together with sections. Empty: none.
    pub parts: Vec<Part>,
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
        let Document { id, text, syntax, metadata, parts, vector: _ } = document;
        let id = DocumentId::new(id)?;
        let content_hash = content_hash(&text, syntax, &metadata, &parts);
        Ok(Self { id, text, syntax, metadata, sections: Vec::new(), parts, stamp: None, content_hash })
    }

    /// Whether a document can be stored, before it is split.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an id that cannot be one, metadata that would not read back, a text longer than [`MOST_TEXT`], or parts
    /// outside the text.
    pub fn check(document: &Document) -> Result<()> {
        let Document { id, text, metadata, parts, .. } = document;
        DocumentId::new(id.as_str())?;
        let mut metadata = iter::once(metadata).chain(parts.iter().map(|part| &part.metadata));
        metadata.try_for_each(check_metadata).map_err(|problem| Error::InvalidDocument { id: id.clone(), problem })?;
        if text.len() > MOST_TEXT {
            let length = text.len();
            let problem = format!("its text has {length} bytes; the most is {MOST_TEXT}: store it in parts");
            return Err(Error::InvalidDocument { id: id.clone(), problem });
        }
        if let Some(part) = parts.iter().find(|part| text.get(part.bytes.clone()).is_none()) {
            let problem = format!("its part {}..{} is no part of its text", part.bytes.start, part.bytes.end);
            return Err(Error::InvalidDocument { id: id.clone(), problem });
        }
        Ok(())
    }
}

/// Of a document that does not come from a file.
fn content_hash(text: &str, syntax: Syntax, metadata: &Metadata, parts: &[Part]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Lengths first, so that no two different documents give the same bytes.
    let metadata = serde_json::to_string(metadata).unwrap_or_default();
    let syntax = syntax.code().to_string();
    let parts = if parts.is_empty() { None } else { Some(serde_json::to_string(parts).unwrap_or_default()) };
    for part in [text, &metadata, &syntax].into_iter().chain(parts.as_deref()) {
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
        for (section, bytes) in if draft.parts.is_empty() { parts(&draft) } else { Vec::new() } {
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
        if !draft.parts.is_empty() {
            passages = of_parts(&draft, tokens, options);
        }
        if passages.len() > MOST_PASSAGES {
            passages = joined(passages, &draft.text, tokens, options.max_tokens);
        }
        (draft.sections, draft.parts) = (Vec::new(), Vec::new());
        Self { draft, passages }
    }

    /// What is encoded of a passage: the headings above it, then its text. A passage of a few lines often does not say what
    /// it is about; the headings do (docs/benchmarks/quality.md).
    pub fn encoded(&self, passage: &CutPassage) -> Cow<'_, str> {
        let text = &self.draft.text[passage.span.bytes.clone()];
        if passage.prefix.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{}{text}", passage.prefix)) }
    }
}

/// Parts that are passages, each cut where it is too long for one.
fn of_parts(draft: &Draft, tokens: &PassageTokens<'_>, options: SplitOptions) -> Vec<CutPassage> {
    let ends: Vec<usize> = draft.text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |byte: usize| 1 + ends.partition_point(|&end| end < byte);
    let mut passages = Vec::with_capacity(draft.parts.len());
    for part in &draft.parts {
        let text = &draft.text[part.bytes.clone()];
        let context = Context {
            headings: part.headings.clone(),
            place: part.place.clone(),
            metadata: metadata_json(&part.metadata),
        };
        let whole = tokens.count(text);
        let pieces: Vec<(Range<usize>, usize)> = if whole <= options.max_tokens {
            vec![(0..text.len(), whole)]
        } else {
            let pieces = split(text, draft.syntax, tokens, options);
            pieces.into_iter().map(|piece| (piece.span.bytes, piece.tokens)).collect()
        };
        for (bytes, count) in pieces {
            let (prefix, tokens) = prefix(&context.headings, &text[bytes.clone()], count, tokens);
            let bytes = part.bytes.start + bytes.start..part.bytes.start + bytes.end;
            let lines = line(bytes.start)..line(bytes.end.saturating_sub(1).max(bytes.start)) + 1;
            passages.push(CutPassage { span: Span { bytes, lines }, context: context.clone(), prefix, tokens });
        }
    }
    passages
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
    draft.syntax != Syntax::Plain
        || draft.parts.iter().any(|part| !part.headings.is_empty())
        || draft.sections.iter().any(|section| !section.headings.is_empty())
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
    /// [`crate::Error::Model`] for a prefix that the tokenizer refuses.
    pub fn new(encoder: &'a Encoder) -> Result<Self> {
        Ok(Self { encoder, overhead: encoder.passage_overhead()? })
    }

    /// The most tokens of a passage: the window less special tokens and prefix.
    pub fn capacity(&self) -> usize {
        self.encoder.model().context_length().saturating_sub(self.overhead)
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
