//! Splits a document's text into passages that fit the model: in order, without leaving anything out, where the author would.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`split`], its options and its result |
//! | `blocks.rs` | splits plain text into blocks (paragraph, heading, list item, code) at blank lines |
//! | `plain.rs`, `numbering.rs` | the same at the structure that people write without markup: numbered headings, questions, lists, logs |
//! | `markdown.rs` | the same for Markdown |
//! | `markup.rs` | the same for reStructuredText, Org, LaTeX |
//! | `code.rs` | the same for program text |
//! | `outline.rs` | finds the functions, types and modules of program text, and the lines of each |
//! | `lines.rs` | the lines of program text: indentation, comments, strings of many lines |
//! | `definition.rs`, `signature.rs`, `keywords.rs` | decide whether a line begins a definition, and find its name |
//! | `ruler.rs` | finds positions in the text by number of tokens, tokenising each part once |
//! | `boundary.rs` | finds sentence, line and clause ends within a block |
//! | `pack.rs` | packs blocks into passages, and splits blocks that are too long |
//! | `tests.rs` | properties that hold for all texts, on random and on real ones |
//!
//! Imports `crate::document`, and [`Cuts`] of `crate::records`.
//!
//! The rules. Every character that is not white space is in a passage, except front matter that the caller leaves out
//! ([`split_after`]). A passage has at most [`SplitOptions::max_tokens`] tokens, counted on its own text, and neither begins
//! nor ends with white space. A paragraph that is longer stays whole, up to [`SplitOptions::paragraph_tokens`]. Successive
//! blocks share a passage while they fit. A heading begins a new passage, unless the passage so far is less than a quarter
//! full, and stays with the text after it. With [`Cuts::Sections`], a passage ends before a heading of the same or a higher
//! level than that of its text. A function or a type that fits into a passage is not split; if it does not fit, it is split
//! at the definitions inside.
//! Neighbouring passages overlap only where a block itself is split.

mod blocks;
mod boundary;
mod code;
mod definition;
mod keywords;
mod lines;
mod markdown;
mod markup;
mod numbering;
mod outline;
mod pack;
mod plain;
mod ruler;
mod signature;
#[cfg(test)]
mod tests;

use crate::document::{Span, Syntax};
use crate::records::Cuts;

/// The number of bytes of text from which blocks are parsed at a time.
const BLOCK_PARSE_BYTES: usize = 1 << 20;

/// The part of the model's tokenizer that splitting needs. Special tokens are not counted.
pub trait TokenCounter {
    /// Counts the tokens of a text of at most 64 KiB and a little white space.
    fn count(&self, text: &str) -> usize;
    /// Returns the tokens' byte ranges in the text, ascending. They are used as an estimate; [`TokenCounter::count`] decides.
    fn offsets(&self, text: &str) -> Vec<(usize, usize)>;
}

/// The length of passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitOptions {
    /// The most tokens of a passage, without special tokens and prefix: at most the model's context length minus those. A value
    /// below [`SplitOptions::MIN_TOKENS`] counts as that minimum.
    pub max_tokens: usize,
    /// The most tokens of a passage that is a single paragraph, with its headings, or a part of one. A value below `max_tokens`
    /// counts as that.
    pub paragraph_tokens: usize,
    /// The most tokens that neighbouring passages of one split block share; in a split paragraph, as much more as it may be longer. A value above half of `max_tokens` counts as half.
    pub overlap_tokens: usize,
    /// Where passages end.
    pub cuts: Cuts,
}

impl SplitOptions {
    /// The minimum of [`SplitOptions::max_tokens`]: enough for any single character.
    pub const MIN_TOKENS: usize = 8;
}

/// A passage of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitPiece {
    /// The place in the text. The passage has exactly these bytes.
    pub span: Span,
    /// The headings above the first block, outermost first, and the first block itself if it is a heading; each on one line of
    /// at most 200 characters. Empty if there are none.
    pub headings: Vec<String>,
    /// The number of tokens by [`TokenCounter::count`].
    pub tokens: usize,
}

/// Splits a text into passages. A text of white space only has none.
///
/// A passage also has at most 32 bytes for each token, and at most 64 KiB: a tokenizer may take any length of text for one
/// unknown word, or drop it. The time is linear in the length of the text. The memory besides the passages is bounded, since
/// blocks are parsed from one megabyte at a time. Headings continue from one megabyte to the next; passages do not.
pub fn split(text: &str, syntax: Syntax, tokens: &dyn TokenCounter, options: SplitOptions) -> Vec<SplitPiece> {
    split_after(0, text, syntax, tokens, options)
}

/// Splits a text without its first bytes: `front` is where the front matter ends that was read as fields.
pub fn split_after(
    front: usize,
    text: &str,
    syntax: Syntax,
    tokens: &dyn TokenCounter,
    options: SplitOptions,
) -> Vec<SplitPiece> {
    split_by(BLOCK_PARSE_BYTES, front, text, syntax, tokens, options)
}

fn split_by(
    most: usize,
    mut start: usize,
    text: &str,
    syntax: Syntax,
    tokens: &dyn TokenCounter,
    options: SplitOptions,
) -> Vec<SplitPiece> {
    let mut packer = pack::Packer::new(text, tokens, options, syntax != Syntax::Code && options.cuts == Cuts::Sections);
    while start < text.len() {
        let (blocks, end) = blocks_from(text, start, most, (syntax, options.cuts));
        packer.pack(&blocks);
        start = end;
    }
    packer.pieces()
}

/// Returns the blocks of the next part of the text, from `start` on, and the start of the following part: at least a quarter
/// of `most` later, if the text is that long.
fn blocks_from(text: &str, start: usize, most: usize, layout: (Syntax, Cuts)) -> (Vec<blocks::TextBlock>, usize) {
    let mut end = part_end(text, start, most);
    let mut blocks = blocks_of(&text[start..end], layout);
    // A heading stays with the text after it, so it moves to the next part. Of headings only, at most half are moved, or they
    // would be parsed again and again.
    let half = (end - start) / 2;
    while end < text.len()
        && let Some(heading) = blocks.pop_if(|last| last.needs_next_block() && last.bytes.start > half)
    {
        end = start + heading.bytes.start;
    }
    blocks.iter_mut().for_each(|block| block.shift(start));
    (blocks, end)
}

/// Returns the end of a part of at most `most` bytes: after a blank line, a line or a word, whichever there is in its second
/// half; at least one character after `start`.
fn part_end(text: &str, start: usize, most: usize) -> usize {
    if text.len() - start <= most {
        return text.len();
    }
    let end = text.floor_char_boundary(start + most).max(text.ceil_char_boundary(start + 1));
    let half = text.floor_char_boundary(start + most / 2);
    let last = &text[half..end];
    let at = last.rfind("\n\n").map(|at| at + 2).or_else(|| last.rfind('\n').map(|at| at + 1));
    at.or_else(|| last.rfind(char::is_whitespace)).filter(|at| half + at > start).map_or(end, |at| half + at)
}

fn blocks_of(text: &str, (syntax, cuts): (Syntax, Cuts)) -> Vec<blocks::TextBlock> {
    match syntax {
        Syntax::Plain if cuts == Cuts::Sections => plain::blocks(text),
        Syntax::Markdown => markdown::blocks(text),
        Syntax::Code => code::blocks(text),
        Syntax::Rst | Syntax::Org | Syntax::Tex => markup::blocks(text, syntax),
        _ => blocks::paragraphs(text, blocks::BlockKind::Prose),
    }
}
