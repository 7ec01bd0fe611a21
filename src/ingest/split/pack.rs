//! Blocks to passages: packs blocks that fit, splits those that do not.

use std::ops::Range;

use super::blocks::{BlockKind, TextBlock};
use super::boundary::{Boundary, Rank, boundaries, grapheme};
use super::ruler::Ruler;
use super::{SplitOptions, SplitPiece, TokenCounter};
use crate::document::Span;

/// A passage has at most this many bytes a token that it may have, and at most [`MAX_BYTES`]. Text has 2 to 6.
const BYTES_PER_TOKEN: usize = 32;
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
    /// The headings above the block that was entered last: level and title.
    path: Vec<(u8, String)>,
    /// The number of the line that holds the byte `line_at`.
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
            self.enter(&blocks[entered..=first]);
            entered = first + 1;
            if let Some(last) = self.whole(blocks, first).or_else(|| self.alone(blocks, first)) {
                first = last;
                continue;
            }
            // A heading stays with the text after it, so both are split together.
            let cut = (first..blocks.len()).find(|i| !blocks[*i].leads()).unwrap_or(blocks.len() - 1);
            self.cut(blocks[first].bytes.start..blocks[cut].bytes.end, &blocks[cut], &blocks[entered..=cut]);
            entered = cut + 1;
            first = cut + 1;
        }
    }

    /// Brings the heading path to the last of these blocks.
    fn enter(&mut self, blocks: &[TextBlock]) {
        for block in blocks {
            self.path.retain(|(level, _)| *level <= block.under);
            if let Some(heading) = &block.heading {
                self.path.retain(|(level, _)| *level < heading.level);
                self.path.push((heading.level, heading.title.clone()));
            }
        }
    }

    /// Makes a passage of the blocks from `first` that fit whole and says which comes next; none when no block fits, or
    /// nothing but headings whose text does not.
    fn whole(&mut self, blocks: &[TextBlock], first: usize) -> Option<usize> {
        let start = blocks[first].bytes.start;
        let mut target = self.max;
        while target > 0 {
            let limit = self.ruler.reach(start, target);
            let last = self.extent(blocks, first, limit)?;
            let end = blocks[last - 1].bytes.end;
            let count = self.tokens.count(&self.text[start..end]);
            if count <= self.max {
                self.emit(start..end, count);
                return Some(last);
            }
            target = self.shrink(target, start..end, count);
        }
        None
    }

    /// Makes a passage of the block `first` alone where the estimate was a little too high; as [`Packer::whole`].
    fn alone(&mut self, blocks: &[TextBlock], first: usize) -> Option<usize> {
        let bytes = &blocks[first].bytes;
        let parts_nothing = !blocks[first].leads() || first + 1 == blocks.len();
        if !parts_nothing || bytes.end > self.ruler.reach(bytes.start, self.max + self.max / 8 + 2) {
            return None;
        }
        let count = self.tokens.count(&self.text[bytes.clone()]);
        if count > self.max {
            return None;
        }
        self.emit(bytes.clone(), count);
        Some(first + 1)
    }

    /// One past the last block that goes into a passage from `first` to at most the byte `limit`.
    fn extent(&mut self, blocks: &[TextBlock], first: usize, limit: usize) -> Option<usize> {
        let start = blocks[first].bytes.start;
        let mut only_headings = true;
        // Where the last of those ends that begin here, fit whole and are kept together.
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
            only_headings &= block.leads();
            last += 1;
        }
        if last == first {
            return None;
        }
        if only_headings {
            // Headings without end (a list of nothing else) may part from each other, never from a text.
            return blocks.get(last).is_none_or(TextBlock::leads).then_some(last);
        }
        if last < blocks.len() {
            while blocks[last - 1].leads() {
                last -= 1;
            }
        }
        Some(last)
    }

    /// Whether what is kept together would be cut at `limit` and not in a passage of its own.
    fn fits_only_alone(&mut self, start: usize, end: Option<usize>, limit: usize) -> bool {
        end.is_some_and(|end| end > limit && end <= self.ruler.reach(start, self.max))
    }

    /// Cuts a stretch that does not fit: headings, if any, then `body`, which says how. `inner` are the blocks to enter
    /// after the first piece.
    fn cut(&mut self, bytes: Range<usize>, body: &TextBlock, inner: &[TextBlock]) {
        let mut start = bytes.start;
        let mut done = start;
        while done < bytes.end {
            let stretch = CutRange { start, done, end: bytes.end, body: body.bytes.start, kind: body.kind };
            let Some((end, count)) = self.piece(&stretch) else {
                start = done;
                continue;
            };
            self.emit(start..end, count);
            if start == bytes.start {
                self.enter(inner);
            }
            done = end + skip_space(&self.text[end..bytes.end]);
            // Lines that were cut between are shared whole or not at all.
            let whole_lines = body.kind == BlockKind::Lines && self.text[end..done].contains('\n');
            let least = if whole_lines { Rank::Unit } else { Rank::Space };
            start = if done < bytes.end { self.overlap_from(start, end, least).unwrap_or(done) } else { done };
        }
    }

    /// The end of the piece that begins at `start`, and its tokens. None when it would add nothing to what is done, or
    /// cut a sentence that fits by itself: then the overlap must go.
    fn piece(&mut self, s: &CutRange) -> Option<(usize, usize)> {
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
        // Not even the estimate of one token fits: one character is the least there is.
        let end = text.ceil_char_boundary(s.start + 1);
        Some((end, self.tokens.count(&text[s.start..end])))
    }

    /// Where to cut a stretch that goes on past `limit`. None: see [`Packer::piece`].
    fn cut_point(&mut self, s: &CutRange, limit: usize) -> Option<usize> {
        let text = &self.text[..s.end];
        // A heading is cut from its text only where it does not fit itself.
        let after = if s.body < limit { s.done.max(s.body) } else { s.done };
        if limit <= after {
            return None;
        }
        boundaries(text, s.start, limit, s.kind, &mut self.found);
        let near = after.max(s.start + (limit - s.start) / 2);
        let mut units = self.found.iter().rev().filter(|b| b.rank >= Rank::Unit && b.at > after);
        if let Some(unit) = units.clone().find(|b| b.rank == Rank::Gap && b.at > near).or_else(|| units.next()) {
            return Some(unit.at);
        }
        if s.start < s.done {
            let alone = self.ruler.reach(s.done, self.max).min(s.end);
            let mut beyond = Vec::new();
            boundaries(text, s.done, alone, s.kind, &mut beyond);
            if alone == s.end || beyond.iter().any(|b| b.rank >= Rank::Unit) {
                return None;
            }
        }
        let best = self.found.iter().filter(|b| b.at > near).max_by_key(|b| (b.rank, b.at));
        Some(best.map_or_else(|| grapheme(text, after, limit), |b| b.at))
    }

    /// Where the piece after one of `start..end` begins: as far back as the overlap allows, at the best kind of boundary
    /// that is there; none where there is none of `least`.
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
            let from =
                inside().find(|b| Some(b.rank) == rank).map_or_else(|| grapheme(self.text, start, back), |b| b.at);
            let from = from + skip_space(&self.text[from..end]);
            let count = self.tokens.count(&self.text[from..end]);
            if count <= self.overlap {
                return Some(from);
            }
            budget = budget.min(self.ruler.between(from, end)).saturating_sub(count - self.overlap);
        }
        None
    }

    /// The next number of tokens to try after a stretch turned out to have `count`, more than the maximum.
    fn shrink(&self, target: usize, bytes: Range<usize>, count: usize) -> usize {
        let estimated = target.min(self.ruler.between(bytes.start, bytes.end));
        (estimated * self.max / count.max(1)).min(estimated.saturating_sub(1))
    }

    fn emit(&mut self, bytes: Range<usize>, tokens: usize) {
        // Starts ascend, so the lines are counted once; only overlaps are counted again.
        self.line += newlines(&self.text[self.line_at..bytes.start]);
        self.line_at = bytes.start;
        let lines = self.line..self.line + newlines(&self.text[bytes.clone()]) + 1;
        let headings = self.path.iter().map(|(_, title)| title.clone()).collect();
        self.pieces.push(SplitPiece { span: Span { bytes, lines }, headings, tokens });
    }
}

/// The rest of a range that is being split, in bytes of the text.
struct CutRange {
    /// Where the next piece begins.
    start: usize,
    /// Where the previous passage ends; greater than `start` by the overlap.
    done: usize,
    end: usize,
    /// Where the headings before it end and the block itself begins.
    body: usize,
    kind: BlockKind,
}

fn skip_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}
