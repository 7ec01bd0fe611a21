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

/// Makes passages of a text, block by block. A piece is a passage that has no id yet.
pub(super) struct Packer<'a> {
    text: &'a str,
    tokens: &'a dyn TokenCounter,
    max: usize,
    max_paragraph: usize,
    overlap: usize,
    /// True if a passage ends before a heading of the same or a higher level than that of its text.
    by_sections: bool,
    ruler: Ruler<'a>,
    /// The boundaries in the range that is being split.
    boundaries: Vec<Boundary>,
    /// The headings above the last block: level and title.
    headings: Vec<(u8, String)>,
    /// The number of the line in which the last piece starts, from 1.
    line_of_last_start: usize,
    /// The byte at which the last piece starts.
    last_start: usize,
    pieces: Vec<SplitPiece>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a dyn TokenCounter, options: SplitOptions, by_sections: bool) -> Self {
        let max = options.max_tokens.max(SplitOptions::MIN_TOKENS);
        let max_paragraph = options.paragraph_tokens.max(max);
        let max_bytes = max_paragraph.saturating_mul(BYTES_PER_TOKEN).min(MAX_BYTES);
        Self {
            text,
            tokens,
            max,
            max_paragraph,
            overlap: options.overlap_tokens.min(max / 2),
            by_sections,
            ruler: Ruler::new(text, tokens, max_bytes),
            boundaries: Vec::new(),
            headings: Vec::new(),
            line_of_last_start: 1,
            last_start: 0,
            pieces: Vec::new(),
        }
    }

    pub(super) fn pieces(self) -> Vec<SplitPiece> {
        self.pieces
    }

    /// Makes passages of these blocks, which follow all earlier ones.
    pub(super) fn pack(&mut self, blocks: &[TextBlock]) {
        let mut first = 0;
        // The headings of the blocks before this one are in `self.headings`.
        let mut headings_until = 0;
        while first < blocks.len() {
            self.update_headings(&blocks[headings_until..=first]);
            headings_until = first + 1;
            if let Some(next) = self.pack_whole_blocks(blocks, first).or_else(|| self.pack_single_block(blocks, first))
            {
                first = next;
                continue;
            }
            // A heading stays with the text after it, so both are split together.
            let body = (first..blocks.len()).find(|i| !blocks[*i].needs_next_block()).unwrap_or(blocks.len() - 1);
            let bytes = blocks[first].bytes.start..blocks[body].bytes.end;
            let limits = (self.max, self.overlap);
            let may_be_longer = blocks[body].kind == BlockKind::Prose && self.max_paragraph > self.max;
            if may_be_longer {
                (self.max, self.overlap) =
                    (self.max_paragraph, self.overlap.saturating_mul(self.max_paragraph) / self.max);
            }
            // Without a longer limit, it is known not to fit.
            if let Some(count) = if may_be_longer { self.whole_range(bytes.clone()) } else { None } {
                self.add_piece(bytes, count);
                self.update_headings(&blocks[headings_until..=body]);
            } else {
                self.split_range(bytes, &blocks[body], &blocks[headings_until..=body]);
            }
            (self.max, self.overlap) = limits;
            headings_until = body + 1;
            first = body + 1;
        }
    }

    /// Returns the number of tokens of a range, if it fits into a passage.
    fn whole_range(&mut self, bytes: Range<usize>) -> Option<usize> {
        let max_estimate = self.max_estimate();
        if bytes.end > self.ruler.reach(bytes.start, max_estimate) {
            return None;
        }
        Some(self.tokens.count(&self.text[bytes])).filter(|count| *count <= self.max)
    }

    /// The most estimated tokens of a range that may fit: an estimate may be too high by an eighth, and counting a longer range would
    /// only cost time.
    fn max_estimate(&self) -> usize {
        self.max.saturating_add(self.max / 8 + 2)
    }

    /// Updates the headings to those above the last of these blocks.
    fn update_headings(&mut self, blocks: &[TextBlock]) {
        for block in blocks {
            self.headings.retain(|(level, _)| *level <= block.under);
            if let Some(heading) = &block.heading {
                self.headings.retain(|(level, _)| *level < heading.level);
                self.headings.push((heading.level, heading.title.clone()));
            }
        }
    }

    /// Makes a passage of as many whole blocks from `first` as fit, and returns the next block. `None` if no block fits, or if only
    /// headings fit and their text does not.
    fn pack_whole_blocks(&mut self, blocks: &[TextBlock], first: usize) -> Option<usize> {
        let start = blocks[first].bytes.start;
        let mut target = self.max;
        while target > 0 {
            let limit = self.ruler.reach(start, target);
            let next = self.blocks_within(blocks, first, limit)?;
            let end = blocks[next - 1].bytes.end;
            let count = self.tokens.count(&self.text[start..end]);
            if count <= self.max {
                self.add_piece(start..end, count);
                return Some(next);
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
        if !separates_nothing {
            return None;
        }
        let count = self.whole_range(bytes.clone())?;
        self.add_piece(bytes.clone(), count);
        Some(first + 1)
    }

    /// Returns the end of the blocks (one past the last) for a passage from `first` to at most the byte `limit`.
    fn blocks_within(&mut self, blocks: &[TextBlock], first: usize, limit: usize) -> Option<usize> {
        let start = blocks[first].bytes.start;
        let mut only_headings = true;
        // The byte at which the last section that fits whole ends. A passage does not end inside such a section.
        let mut section_end = start;
        // The level of the heading above the last text; 0 if there is none.
        let mut level = self.headings.last().map_or(0, |(level, _)| *level);
        let mut next = first;
        while let Some(block) = blocks.get(next).filter(|block| block.bytes.end <= limit) {
            if let Some(heading) = &block.heading {
                // A new section begins a new passage if this one is a quarter full; see `mod.rs`.
                let quarter_full = self.ruler.between(start, block.bytes.start) * 4 >= self.max;
                let may_end_here = !only_headings && block.bytes.start >= section_end;
                let same_level = self.by_sections && heading.level <= level;
                if may_end_here
                    && (same_level || quarter_full || self.fits_only_alone(block.bytes.start, heading.end, limit))
                {
                    break;
                }
                level = heading.level;
                section_end = section_end.max(heading.end.filter(|end| *end <= limit).unwrap_or(start));
            }
            only_headings &= block.needs_next_block();
            next += 1;
        }
        if next == first {
            return None;
        }
        if only_headings {
            // A passage of headings only is allowed if the next block is a heading, too, or if there is none.
            return blocks.get(next).is_none_or(TextBlock::needs_next_block).then_some(next);
        }
        // The passage must not end with a heading: its text is in the next block.
        if next < blocks.len() {
            while blocks[next - 1].needs_next_block() {
                next -= 1;
            }
        }
        Some(next)
    }

    /// True if a section would be split at `limit`, but fits into a passage of its own.
    fn fits_only_alone(&mut self, start: usize, end: Option<usize>, limit: usize) -> bool {
        end.is_some_and(|end| end > limit && end <= self.ruler.reach(start, self.max))
    }

    /// Splits a range that does not fit: headings, if there are any, then `body`, whose kind decides how. The headings of the
    /// blocks `inner` are added after the first piece, because that piece contains them as text.
    fn split_range(&mut self, bytes: Range<usize>, body: &TextBlock, inner: &[TextBlock]) {
        let mut start = bytes.start;
        let mut done = start;
        while done < bytes.end {
            let range = SplitRange { start, done, end: bytes.end, body: body.bytes.start, kind: body.kind };
            let Some((end, count)) = self.next_piece(&range) else {
                start = done;
                continue;
            };
            self.add_piece(start..end, count);
            if start == bytes.start {
                self.update_headings(inner);
            }
            done = end + skip_space(&self.text[end..bytes.end]);
            // If the piece ends at a line end, only whole lines are repeated.
            let whole_lines = body.kind == BlockKind::Lines && self.text[end..done].contains('\n');
            let least = if whole_lines { Rank::Unit } else { Rank::Space };
            start = if done < bytes.end { self.overlap_from(start, end, least).unwrap_or(done) } else { done };
        }
    }

    /// Returns the end of the piece that begins at `range.start`, and its number of tokens. `None` if the overlap must be dropped: the
    /// piece would add nothing, or split a sentence that fits without the overlap.
    fn next_piece(&mut self, range: &SplitRange) -> Option<(usize, usize)> {
        let &SplitRange { start, done, .. } = range;
        let text = &self.text[..range.end];
        let mut target = self.max;
        while target > 0 {
            let limit = self.ruler.reach(start, target).min(range.end);
            let limit = limit + skip_space(&text[limit..]);
            let stop = if limit >= range.end { range.end } else { self.split_point(range, limit)? };
            let end = start + text[start..stop].trim_end().len();
            if end <= done {
                break;
            }
            let count = self.tokens.count(&text[start..end]);
            if count <= self.max {
                return Some((end, count));
            }
            target = self.shrink(target, start..end, count);
        }
        if start < done {
            return None;
        }
        // Even one estimated token is over the limit: take one character, so that the loop makes progress.
        let end = text.ceil_char_boundary(start + 1);
        Some((end, self.tokens.count(&text[start..end])))
    }

    /// Returns the byte at which to split a range that continues after `limit`. `None`: see [`Packer::next_piece`].
    fn split_point(&mut self, range: &SplitRange, limit: usize) -> Option<usize> {
        let &SplitRange { start, done, end, body, kind } = range;
        let text = &self.text[..end];
        // A heading is separated from its text only if the heading itself does not fit.
        let min = if body < limit { done.max(body) } else { done };
        if limit <= min {
            return None;
        }
        // First choice: a blank line in the second half, else the last sentence or line.
        boundaries(text, start, limit, kind, &mut self.boundaries);
        let second_half = min.max(start + (limit - start) / 2);
        let mut units = self.boundaries.iter().rev().filter(|b| b.rank >= Rank::Unit && b.at > min);
        if let Some(unit) = units.clone().find(|b| b.rank == Rank::Gap && b.at > second_half).or_else(|| units.next()) {
            return Some(unit.at);
        }
        // In an overlap: `None` if the next sentence or line fits without the overlap.
        if start < done {
            let limit = self.ruler.reach(done, self.max).min(end);
            let mut without_overlap = Vec::new();
            boundaries(text, done, limit, kind, &mut without_overlap);
            if limit == end || without_overlap.iter().any(|b| b.rank >= Rank::Unit) {
                return None;
            }
        }
        // Else the best boundary in the second half, else the last boundary between graphemes.
        let best = self.boundaries.iter().filter(|b| b.at > second_half).max_by_key(|b| (b.rank, b.at));
        Some(best.map_or_else(|| grapheme_boundary(text, min, limit), |b| b.at))
    }

    /// Returns the start of the piece after `start..end`: as far back as the overlap allows, at the best kind of boundary in it.
    /// `None` if no boundary has the rank `least` or a better one (for [`Rank::Space`], any boundary between graphemes is enough), or
    /// if no overlap has few enough tokens.
    fn overlap_from(&mut self, start: usize, end: usize, least: Rank) -> Option<usize> {
        let mut budget = self.overlap;
        while budget > 0 {
            let back = self.ruler.back(end, budget);
            if back <= start || back >= end {
                break;
            }
            let inside = || self.boundaries.iter().filter(|b| b.at >= back && b.at < end);
            let rank = inside().map(|b| b.rank).max();
            if least > Rank::Space && rank.is_none_or(|rank| rank < least) {
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
            // Smaller by the excess, so that the loop ends.
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
        // Starts ascend, so lines are counted from the previous start, not from the beginning of the text.
        self.line_of_last_start += newlines(&self.text[self.last_start..bytes.start]);
        self.last_start = bytes.start;
        let first_line = self.line_of_last_start;
        let lines = first_line..first_line + newlines(&self.text[bytes.clone()]) + 1;
        // A separator is a heading without a title.
        let titles = self.headings.iter().map(|(_, title)| title);
        let headings = titles.filter(|title| !title.is_empty()).cloned().collect();
        self.pieces.push(SplitPiece { span: Span { bytes, lines }, headings, tokens });
    }
}

/// The rest of a range that is being split, in bytes of the text.
struct SplitRange {
    /// The start of the next piece.
    start: usize,
    /// The text before this byte is in a piece, or is white space after one. Greater than `start` by the overlap.
    done: usize,
    end: usize,
    /// The end of the headings, and the start of their text.
    body: usize,
    kind: BlockKind,
}

fn skip_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}
