//! Packs blocks that fit into passages, and splits those that do not.

use std::ops::Range;

use super::blocks::{BlockKind, TextBlock};
use super::boundary::{Boundary, Rank, boundaries, grapheme_boundary};
use super::ruler::Ruler;
use super::{SplitOptions, SplitPiece, TokenCounter};
use crate::document::Span;

/// The most bytes of a passage for each token that it may have. Text has 2 to 6.
const BYTES_PER_TOKEN: usize = 32;
/// The most bytes of a passage.
const MAX_BYTES: usize = 64 << 10;

/// Makes passages of a text, block by block.
pub(super) struct Packer<'a> {
    text: &'a str,
    tokens: &'a dyn TokenCounter,
    max: usize,
    overlap: usize,
    ruler: Ruler<'a>,
    /// The boundaries in the range that is being split.
    found: Vec<Boundary>,
    /// The headings above the last block: level and title.
    path: Vec<(u8, String)>,
    /// The number of the line with the byte `line_at`.
    line: usize,
    line_at: usize,
    pieces: Vec<SplitPiece>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a dyn TokenCounter, options: SplitOptions) -> Self {
        let max = options.max_tokens.max(SplitOptions::MIN_TOKENS);
        let max_bytes = max.saturating_mul(BYTES_PER_TOKEN).min(MAX_BYTES);
        Self {
            text,
            tokens,
            max,
            overlap: options.overlap_tokens.min(max / 2),
            ruler: Ruler::new(text, tokens, max_bytes),
            found: Vec::new(),
            path: Vec::new(),
            line: 1,
            line_at: 0,
            pieces: Vec::new(),
        }
    }

    pub(super) fn pieces(self) -> Vec<SplitPiece> {
        self.pieces
    }

    /// Makes passages of these blocks, which follow all earlier ones.
    pub(super) fn pack(&mut self, blocks: &[TextBlock]) {
        let mut first = 0;
        let mut entered = 0;
        while first < blocks.len() {
            self.update_headings(&blocks[entered..=first]);
            entered = first + 1;
            if let Some(last) = self.pack_whole_blocks(blocks, first).or_else(|| self.pack_single_block(blocks, first))
            {
                first = last;
                continue;
            }
            // A heading stays with the text after it, so both are split together.
            let cut = (first..blocks.len()).find(|i| !blocks[*i].needs_next_block()).unwrap_or(blocks.len() - 1);
            self.split_range(blocks[first].bytes.start..blocks[cut].bytes.end, &blocks[cut], &blocks[entered..=cut]);
            entered = cut + 1;
            first = cut + 1;
        }
    }

    /// Updates the headings to those above the last of these blocks.
    fn update_headings(&mut self, blocks: &[TextBlock]) {
        for block in blocks {
            self.path.retain(|(level, _)| *level <= block.under);
            if let Some(heading) = &block.heading {
                self.path.retain(|(level, _)| *level < heading.level);
                self.path.push((heading.level, heading.title.clone()));
            }
        }
    }

    /// Makes a passage of as many whole blocks from `first` as fit, and returns the next block. `None` if no block fits, or only
    /// headings whose text does not.
    fn pack_whole_blocks(&mut self, blocks: &[TextBlock], first: usize) -> Option<usize> {
        let start = blocks[first].bytes.start;
        let mut target = self.max;
        while target > 0 {
            let limit = self.ruler.reach(start, target);
            let last = self.blocks_within(blocks, first, limit)?;
            let end = blocks[last - 1].bytes.end;
            let count = self.tokens.count(&self.text[start..end]);
            if count <= self.max {
                self.add_piece(start..end, count);
                return Some(last);
            }
            target = self.shrink(target, start..end, count);
        }
        None
    }

    /// Makes a passage of the block `first` alone, if the estimate of its tokens was a little too high. Returns the same as
    /// [`Packer::pack_whole_blocks`].
    fn pack_single_block(&mut self, blocks: &[TextBlock], first: usize) -> Option<usize> {
        let bytes = &blocks[first].bytes;
        let separates_nothing = !blocks[first].needs_next_block() || first + 1 == blocks.len();
        if !separates_nothing || bytes.end > self.ruler.reach(bytes.start, self.max + self.max / 8 + 2) {
            return None;
        }
        let count = self.tokens.count(&self.text[bytes.clone()]);
        if count > self.max {
            return None;
        }
        self.add_piece(bytes.clone(), count);
        Some(first + 1)
    }

    /// Returns the end of the blocks (one past the last) for a passage from `first` to at most the byte `limit`.
    fn blocks_within(&mut self, blocks: &[TextBlock], first: usize, limit: usize) -> Option<usize> {
        let start = blocks[first].bytes.start;
        let mut only_headings = true;
        // The end of the last section that begins here, fits and is not split.
        let mut together = start;
        let mut last = first;
        while let Some(block) = blocks.get(last).filter(|block| block.bytes.end <= limit) {
            if let Some(heading) = &block.heading {
                let full = self.ruler.between(start, block.bytes.start) * 4 >= self.max;
                let parts = !only_headings && block.bytes.start >= together;
                if parts && (full || self.fits_only_alone(block.bytes.start, heading.end, limit)) {
                    break;
                }
                together = together.max(heading.end.filter(|end| *end <= limit).unwrap_or(start));
            }
            only_headings &= block.needs_next_block();
            last += 1;
        }
        if last == first {
            return None;
        }
        if only_headings {
            // Headings may be separated from each other (in a long list of headings), but never from a text.
            return blocks.get(last).is_none_or(TextBlock::needs_next_block).then_some(last);
        }
        // The passage must not end with a heading: its text is in the next block.
        if last < blocks.len() {
            while blocks[last - 1].needs_next_block() {
                last -= 1;
            }
        }
        Some(last)
    }

    /// True if a section would be split at `limit`, but fits into a passage of its own.
    fn fits_only_alone(&mut self, start: usize, end: Option<usize>, limit: usize) -> bool {
        end.is_some_and(|end| end > limit && end <= self.ruler.reach(start, self.max))
    }

    /// Splits a range that does not fit: headings, if there are any, then `body`, whose kind decides how. The headings of the
    /// blocks `inner` are added after the first piece.
    fn split_range(&mut self, bytes: Range<usize>, body: &TextBlock, inner: &[TextBlock]) {
        let mut start = bytes.start;
        let mut done = start;
        while done < bytes.end {
            let range = CutRange { start, done, end: bytes.end, body: body.bytes.start, kind: body.kind };
            let Some((end, count)) = self.next_piece(&range) else {
                start = done;
                continue;
            };
            self.add_piece(start..end, count);
            if start == bytes.start {
                self.update_headings(inner);
            }
            done = end + skip_space(&self.text[end..bytes.end]);
            // Lines are repeated whole or not at all.
            let whole_lines = body.kind == BlockKind::Lines && self.text[end..done].contains('\n');
            let least = if whole_lines { Rank::Unit } else { Rank::Space };
            start = if done < bytes.end { self.overlap_from(start, end, least).unwrap_or(done) } else { done };
        }
    }

    /// Returns the end of the piece that begins at `s.start`, and its tokens. `None` if the overlap must be dropped: the piece would
    /// add nothing, or split a sentence that fits without the overlap.
    fn next_piece(&mut self, s: &CutRange) -> Option<(usize, usize)> {
        let text = &self.text[..s.end];
        let mut target = self.max;
        while target > 0 {
            let limit = self.ruler.reach(s.start, target).min(s.end);
            let limit = limit + skip_space(&text[limit..]);
            let stop = if limit >= s.end { s.end } else { self.cut_point(s, limit)? };
            let end = s.start + text[s.start..stop].trim_end().len();
            if end <= s.done {
                break;
            }
            let count = self.tokens.count(&text[s.start..end]);
            if count <= self.max {
                return Some((end, count));
            }
            target = self.shrink(target, s.start..end, count);
        }
        if s.start < s.done {
            return None;
        }
        // Not even one token by the estimate fits: take one character, which is the least.
        let end = text.ceil_char_boundary(s.start + 1);
        Some((end, self.tokens.count(&text[s.start..end])))
    }

    /// Returns the place to split a range that continues after `limit`. `None`: see [`Packer::next_piece`].
    fn cut_point(&mut self, s: &CutRange, limit: usize) -> Option<usize> {
        let text = &self.text[..s.end];
        // A heading is separated from its text only if the heading itself does not fit.
        let after = if s.body < limit { s.done.max(s.body) } else { s.done };
        if limit <= after {
            return None;
        }
        // First choice: a blank line in the second half, else the last sentence or line.
        boundaries(text, s.start, limit, s.kind, &mut self.found);
        let near = after.max(s.start + (limit - s.start) / 2);
        let mut units = self.found.iter().rev().filter(|b| b.rank >= Rank::Unit && b.at > after);
        if let Some(unit) = units.clone().find(|b| b.rank == Rank::Gap && b.at > near).or_else(|| units.next()) {
            return Some(unit.at);
        }
        // In an overlap: `None` if the next sentence or line fits without the overlap.
        if s.start < s.done {
            let alone = self.ruler.reach(s.done, self.max).min(s.end);
            let mut beyond = Vec::new();
            boundaries(text, s.done, alone, s.kind, &mut beyond);
            if alone == s.end || beyond.iter().any(|b| b.rank >= Rank::Unit) {
                return None;
            }
        }
        // Else the best boundary in the second half, else the last visible character.
        let best = self.found.iter().filter(|b| b.at > near).max_by_key(|b| (b.rank, b.at));
        Some(best.map_or_else(|| grapheme_boundary(text, after, limit), |b| b.at))
    }

    /// Returns the start of the piece after `start..end`: as far back as the overlap allows, at the best kind of boundary in it.
    /// `None` if there is no boundary of rank `least`.
    fn overlap_from(&mut self, start: usize, end: usize, least: Rank) -> Option<usize> {
        let mut budget = self.overlap;
        while budget > 0 {
            let back = self.ruler.back(end, budget);
            if back <= start || back >= end {
                break;
            }
            let inside = || self.found.iter().filter(|b| b.at >= back && b.at < end);
            let rank = inside().map(|b| b.rank).max();
            if least > Rank::Space && rank < Some(least) {
                break;
            }
            let from = inside()
                .find(|b| Some(b.rank) == rank)
                .map_or_else(|| grapheme_boundary(self.text, start, back), |b| b.at);
            let from = from + skip_space(&self.text[from..end]);
            let count = self.tokens.count(&self.text[from..end]);
            if count <= self.overlap {
                return Some(from);
            }
            budget = budget.min(self.ruler.between(from, end)).saturating_sub(count - self.overlap);
        }
        None
    }

    /// Returns the next number of tokens to try after a range turned out to have `count` tokens, more than the maximum.
    fn shrink(&self, target: usize, bytes: Range<usize>, count: usize) -> usize {
        let estimated = target.min(self.ruler.between(bytes.start, bytes.end));
        (estimated * self.max / count.max(1)).min(estimated.saturating_sub(1))
    }

    /// Adds a passage.
    fn add_piece(&mut self, bytes: Range<usize>, tokens: usize) {
        // Starts ascend, so lines are counted once; only those in overlaps are counted again.
        self.line += newlines(&self.text[self.line_at..bytes.start]);
        self.line_at = bytes.start;
        let lines = self.line..self.line + newlines(&self.text[bytes.clone()]) + 1;
        let headings = self.path.iter().map(|(_, title)| title.clone()).collect();
        self.pieces.push(SplitPiece { span: Span { bytes, lines }, headings, tokens });
    }
}

/// The rest of a range that is being split, in bytes of the text.
struct CutRange {
    /// The start of the next piece.
    start: usize,
    /// The end of the previous passage; greater than `start` by the overlap.
    done: usize,
    end: usize,
    /// The end of the headings, and the start of the block itself.
    body: usize,
    kind: BlockKind,
}

fn skip_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}
