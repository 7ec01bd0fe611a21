//! Splits a document's text into passages that fit the model: in order, nothing left out, split where the author would.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`split`]: its options and its result |
//! | `blocks.rs` | text → blocks (paragraph, heading, list item, code): plain text by blank lines |
//! | `markdown.rs` | the same for Markdown |
//! | `markup.rs` | the same for reStructuredText, Org, LaTeX |
//! | `code.rs` | the same for program text |
//! | `outline.rs` | its functions, types and modules, and the lines of each |
//! | `lines.rs` | of program text: indentation, comments, strings of many lines |
//! | `definition.rs`, `signature.rs`, `keywords.rs` | whether a line of it begins a definition, and its name |
//! | `ruler.rs` | positions in the text by number of tokens, tokenising each part once |
//! | `boundary.rs` | sentence, line and clause ends within a block |
//! | `pack.rs` | blocks → passages, and the cutting of blocks that are too long |
//! | `tests.rs` | properties of all texts, on random and on real ones |
//!
//! Imports `crate::document`.
//!
//! The rules. Every character that is not white space is in a passage. A passage has at most
//! [`SplitOptions::max_tokens`] tokens, counted on its own text, and neither begins nor ends with white space. Blocks
//! that follow each other share a passage while they fit; a heading begins a new one unless the passage so far is
//! under a quarter full, and stays with what follows it. A function or a type that fits whole is not cut; one that does
//! not is cut at the definitions in it. Only where a block is itself cut do neighbours overlap.

mod blocks;
mod boundary;
mod code;
mod definition;
mod keywords;
mod lines;
mod markdown;
mod markup;
mod outline;
mod pack;
mod ruler;
mod signature;
#[cfg(test)]
mod tests;

use crate::document::{Span, Syntax};

/// Blocks are parsed from this many bytes of the text at a time.
const BLOCK_PARSE_BYTES: usize = 1 << 20;

/// The part of the model's tokenizer that splitting needs. Special tokens are not counted.
pub trait TokenCounter {
    /// The number of tokens of a text of at most 64 KiB and a little white space.
    fn count(&self, text: &str) -> usize;
    /// The tokens' byte ranges in the text, ascending. They guide the cutting; [`TokenCounter::count`] decides.
    fn offsets(&self, text: &str) -> Vec<(usize, usize)>;
}

/// How long passages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitOptions {
    /// The most tokens of a passage, without special tokens and prefix: at most the model's context length less those. Fewer than
    /// [`SplitOptions::MIN_TOKENS`] count as that many.
    pub max_tokens: usize,
    /// The most tokens that neighbouring passages of one split block share; more than half of `max_tokens` counts as half.
    pub overlap_tokens: usize,
}

impl SplitOptions {
    /// The least that [`SplitOptions::max_tokens`] can be: enough for any one character.
    pub const MIN_TOKENS: usize = 8;
}

/// A passage of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitPiece {
    /// Its place in the text. The passage is exactly these bytes.
    pub span: Span,
    /// The headings above its first block, outermost first, and that block itself where it is a heading; each on one
    /// line of at most 200 characters. Empty where there are none.
    pub headings: Vec<String>,
    /// How many tokens [`TokenCounter::count`] gave for it.
    pub tokens: usize,
}

/// Splits a text into passages. A text without a character other than white space has none.
///
/// A passage is also at most 32 bytes a token and 64 KiB long, so that what a tokenizer takes for one unknown word, or
/// drops, does not make it boundless. Time is linear in the length of the text; memory beside the passages is bounded, since
/// blocks are made of a megabyte at a time. Headings go on from one to the next, and no passage does.
pub fn split(text: &str, syntax: Syntax, tokens: &dyn TokenCounter, options: SplitOptions) -> Vec<SplitPiece> {
    split_by(BLOCK_PARSE_BYTES, text, syntax, tokens, options)
}

fn split_by(
    most: usize,
    text: &str,
    syntax: Syntax,
    tokens: &dyn TokenCounter,
    options: SplitOptions,
) -> Vec<SplitPiece> {
    let mut packer = pack::Packer::new(text, tokens, options);
    let mut start = 0;
    while start < text.len() {
        let (blocks, end) = blocks_from(text, start, most, syntax);
        packer.pack(&blocks);
        start = end;
    }
    packer.pieces()
}

/// The blocks of the next part of the text, from `start` on, and where the following part begins: at least a quarter of
/// `most` later, if the text is that long.
fn blocks_from(text: &str, start: usize, most: usize, syntax: Syntax) -> (Vec<blocks::TextBlock>, usize) {
    let mut end = stretch(text, start, most);
    let mut blocks = blocks_of(&text[start..end], syntax);
    // A heading stays with what follows it; of headings alone half are taken, or there would be no end of reading them again.
    let half = (end - start) / 2;
    while end < text.len()
        && let Some(heading) = blocks.pop_if(|last| last.leads() && last.bytes.start > half)
    {
        end = start + heading.bytes.start;
    }
    blocks.iter_mut().for_each(|block| block.shift(start));
    (blocks, end)
}

/// The end of a stretch of at most so many bytes: a blank line, the end of a line or a word, whichever is there in its
/// second half; at least one character from `start`.
fn stretch(text: &str, start: usize, most: usize) -> usize {
    if text.len() - start <= most {
        return text.len();
    }
    let end = text.floor_char_boundary(start + most).max(text.ceil_char_boundary(start + 1));
    let half = text.floor_char_boundary(start + most / 2);
    let last = &text[half..end];
    let at = last.rfind("\n\n").map(|at| at + 2).or_else(|| last.rfind('\n').map(|at| at + 1));
    at.or_else(|| last.rfind(char::is_whitespace)).filter(|at| half + at > start).map_or(end, |at| half + at)
}

fn blocks_of(text: &str, syntax: Syntax) -> Vec<blocks::TextBlock> {
    match syntax {
        Syntax::Markdown => markdown::blocks(text),
        Syntax::Code => code::blocks(text),
        Syntax::Rst | Syntax::Org | Syntax::Tex => markup::blocks(text, syntax),
        _ => blocks::paragraphs(text, blocks::BlockKind::Prose),
    }
}
