//! Splits a document into passages, and makes the text that is encoded for each.

use std::borrow::Cow;
use std::ops::Range;

use super::source_document::SourceDocument;
use super::split::{SplitOptions, TokenCounter, split, split_after};
use crate::document::{Context, Span, Syntax, metadata_json};
use crate::encoder::Encoder;
use crate::error::Result;
use crate::records::{PassageVector, SplitDocument, SplitPassage};
use nigh_formats::{Section, hidden_front_matter};

/// In a document with more passages than this, neighbours that fit together are joined: a stored passage takes far more
/// memory and disk than a few words.
const MAX_PASSAGES: usize = 1 << 16;

/// A passage while its document is split: neighbours may still be joined.
struct UnhashedPassage {
    span: Span,
    context: Context,
    /// The text that is encoded in front of the passage's own.
    prefix: String,
    /// The number of tokens of both texts.
    tokens: usize,
}

/// Splits a document, each of its sections separately. In text with headings, passages leave a tenth of the model's context
/// length to the headings above them. If there are more than [`MAX_PASSAGES`], neighbours that fit together are joined.
pub fn split_document(source: SourceDocument, tokens: &PassageTokens<'_>, mut options: SplitOptions) -> SplitDocument {
    if has_headings(&source) {
        let capacity = tokens.capacity() - tokens.capacity() / 10;
        options.max_tokens = options.max_tokens.min(capacity);
        options.paragraph_tokens = options.paragraph_tokens.min(capacity);
    }
    let mut passages = if source.parts.is_empty() {
        split_sections(&source, tokens, options)
    } else {
        split_parts(&source, tokens, options)
    };
    if passages.len() > MAX_PASSAGES {
        passages = join_neighbours(passages, &source.text, tokens, options.max_tokens);
    }
    let SourceDocument { id, text, syntax, metadata, sections: _, parts: _, stamp, content_hash } = source;
    let passages = passages.into_iter().map(|UnhashedPassage { span, context, prefix, tokens }| {
        let hash = passage_hash(&with_prefix(&prefix, &text[span.bytes.clone()]));
        SplitPassage { span, context, hash, vector: PassageVector::Missing { prefix, tokens } }
    });
    let passages = passages.collect();
    SplitDocument { id, text, syntax, metadata, stamp, content_hash, passages }
}

/// Returns the text that is encoded for a passage: the headings above it, then its own text. A passage of a few lines often
/// does not mention its subject; the headings do (docs/benchmarks/quality.md).
pub fn with_prefix<'a>(prefix: &str, text: &'a str) -> Cow<'a, str> {
    if prefix.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{prefix}{text}")) }
}

/// Returns the texts of all passages that have no vector yet.
pub fn texts_to_encode(document: &SplitDocument) -> Vec<Cow<'_, str>> {
    let missing_text = |passage: &SplitPassage| match &passage.vector {
        PassageVector::Missing { prefix, .. } => Some(with_prefix(prefix, &document.text[passage.span.bytes.clone()])),
        PassageVector::New(_) | PassageVector::Keep(_) => None,
    };
    document.passages.iter().filter_map(missing_text).collect()
}

/// Splits each section in turn into passages.
fn split_sections(source: &SourceDocument, tokens: &PassageTokens<'_>, options: SplitOptions) -> Vec<UnhashedPassage> {
    let mut passages = Vec::new();
    let mut first_line = 0;
    for (section, bytes) in section_ranges(source) {
        let text = &source.text[bytes.clone()];
        let metadata = section.map_or(String::new(), |section| metadata_json(&section.metadata));
        // Only of a file were the fields read as metadata.
        let is_file = section.is_none() && source.syntax == Syntax::Markdown && source.stamp.is_some();
        let front = if is_file { hidden_front_matter(text) } else { 0 };
        for piece in split_after(front, text, source.syntax, tokens, options) {
            let above = section.map_or(&[][..], |section| &section.headings);
            let context = Context {
                headings: above.iter().chain(&piece.headings).cloned().collect(),
                place: section.map(|section| section.place.clone()),
                metadata: metadata.clone(),
            };
            let (prefix, tokens) = prefix(&context.headings, &text[piece.span.bytes.clone()], piece.tokens, tokens);
            let Span { bytes: inner, lines } = piece.span;
            let span = Span {
                bytes: bytes.start + inner.start..bytes.start + inner.end,
                lines: first_line + lines.start..first_line + lines.end,
            };
            passages.push(UnhashedPassage { span, context, prefix, tokens });
        }
        first_line += text.bytes().filter(|&byte| byte == b'\n').count();
    }
    passages
}

/// Splits parts that are passages of their own, if they are too long for one.
fn split_parts(source: &SourceDocument, tokens: &PassageTokens<'_>, options: SplitOptions) -> Vec<UnhashedPassage> {
    let line_ends: Vec<usize> = source.text.match_indices('\n').map(|(offset, _)| offset).collect();
    let line_at = |byte: usize| 1 + line_ends.partition_point(|&end| end < byte);
    let mut passages = Vec::with_capacity(source.parts.len());
    for part in &source.parts {
        let text = &source.text[part.bytes.clone()];
        let context = Context {
            headings: part.headings.clone(),
            place: part.place.clone(),
            metadata: metadata_json(&part.metadata),
        };
        let total = tokens.count(text);
        let pieces: Vec<(Range<usize>, usize)> = if total <= options.max_tokens {
            vec![(0..text.len(), total)]
        } else {
            let pieces = split(text, source.syntax, tokens, options);
            pieces.into_iter().map(|piece| (piece.span.bytes, piece.tokens)).collect()
        };
        for (bytes, count) in pieces {
            let (prefix, tokens) = prefix(&context.headings, &text[bytes.clone()], count, tokens);
            let bytes = part.bytes.start + bytes.start..part.bytes.start + bytes.end;
            let lines = line_at(bytes.start)..line_at(bytes.end.saturating_sub(1).max(bytes.start)) + 1;
            passages.push(UnhashedPassage { span: Span { bytes, lines }, context: context.clone(), prefix, tokens });
        }
    }
    passages
}

/// Joins neighbours into one passage if both fit into `max_tokens`. The joined passage keeps the first one's place in its
/// document (such as a page) and the headings that both share, but no text in front, so that both texts fit.
fn join_neighbours(
    passages: Vec<UnhashedPassage>,
    text: &str,
    tokens: &PassageTokens<'_>,
    max_tokens: usize,
) -> Vec<UnhashedPassage> {
    let mut joined: Vec<UnhashedPassage> = Vec::new();
    for next in passages {
        let (start, end) = (joined.last().map_or(0, |last| last.span.bytes.start), next.span.bytes.end);
        let fits = |last: &UnhashedPassage| {
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

fn has_headings(source: &SourceDocument) -> bool {
    source.syntax != Syntax::Plain
        || source.parts.iter().any(|part| !part.headings.is_empty())
        || source.sections.iter().any(|section| !section.headings.is_empty())
}

/// Returns the sections with their bytes in the text; the whole text if there are none. A section that starts within a
/// character, or not after the previous one, is joined to the previous one.
fn section_ranges(source: &SourceDocument) -> Vec<(Option<&Section>, Range<usize>)> {
    let mut ranges: Vec<(Option<&Section>, Range<usize>)> = Vec::with_capacity(source.sections.len().max(1));
    for section in &source.sections {
        match ranges.last_mut() {
            Some((_, bytes)) if section.start > bytes.start && source.text.is_char_boundary(section.start) => {
                bytes.end = section.start;
                ranges.push((Some(section), section.start..source.text.len()));
            }
            Some(_) => {}
            None => ranges.push((Some(section), 0..source.text.len())),
        }
    }
    if ranges.is_empty() {
        ranges.push((None, 0..source.text.len()));
    }
    ranges
}

/// Returns the headings to be encoded in front of a passage, and the tokens of headings and passage together (`text_tokens`
/// is the passage's own count). A heading in the passage's first line is not repeated. If the context length does not allow
/// all headings, the outermost are dropped first.
fn prefix(headings: &[String], text: &str, text_tokens: usize, tokens: &PassageTokens<'_>) -> (String, usize) {
    let first_line = text.lines().next().unwrap_or_default();
    let above = headings
        .split_last()
        .map_or(headings, |(last, above)| if first_line.contains(last.as_str()) { above } else { headings });
    for from in 0..above.len() {
        let prefix = format!("{}: ", above[from..].join(" > "));
        let total = tokens.count(&format!("{prefix}{text}"));
        if total <= tokens.capacity() {
            return (prefix, total);
        }
    }
    (String::new(), text_tokens)
}

/// Returns the hash of the text that is encoded for a passage. It shows whether a stored vector can be kept.
pub fn passage_hash(text: &str) -> [u8; 16] {
    let hash = blake3::hash(text.as_bytes());
    // A hash has 32 bytes, so the second case never happens.
    let (&first_half, _) = hash.as_bytes().split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    first_half
}

/// Counts tokens as the encoder does: with the passage prefix, whose last token may merge with the text.
pub struct PassageTokens<'a> {
    encoder: &'a Encoder,
    overhead: usize,
}

impl<'a> PassageTokens<'a> {
    /// Counts tokens for this encoder.
    ///
    /// # Errors
    /// [`crate::Error::Model`] for a prefix that the tokenizer refuses.
    pub fn new(encoder: &'a Encoder) -> Result<Self> {
        Ok(Self { encoder, overhead: encoder.passage_overhead()? })
    }

    /// Returns the most tokens that a passage may have: the model's context length minus special tokens and prefix.
    pub fn capacity(&self) -> usize {
        self.encoder.model().context_length().saturating_sub(self.overhead)
    }
}

impl TokenCounter for PassageTokens<'_> {
    fn count(&self, text: &str) -> usize {
        self.encoder.count_passage_tokens(text).saturating_sub(self.overhead)
    }

    fn offsets(&self, text: &str) -> Vec<(usize, usize)> {
        // A text that the tokenizer refuses is reported when it is encoded.
        self.encoder.token_offsets(text).unwrap_or_default()
    }
}
