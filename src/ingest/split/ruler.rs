//! Measures text in tokens. Each part of the text is tokenised only once.

use super::TokenCounter;

/// The number of bytes that are tokenised at a time.
const PART_BYTES: usize = 16 << 10;

/// The starts of the tokens of a text. They are found part by part as the reader moves forward, and earlier starts are dropped.
///
/// At the borders of the parts, the tokenizer may find a token more or less, so the results are estimates.
pub(super) struct Ruler<'a> {
    text: &'a str,
    tokens: &'a dyn TokenCounter,
    /// Ascending, in bytes of the text.
    starts: Vec<usize>,
    /// The text before this byte has been tokenised.
    covered: usize,
    /// The longest range that [`Ruler::reach`] returns, in bytes.
    max_bytes: usize,
}

impl<'a> Ruler<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a dyn TokenCounter, max_bytes: usize) -> Self {
        Self { text, tokens, starts: Vec::new(), covered: 0, max_bytes }
    }

    /// Returns the end of about `count` tokens from `start`: a character boundary, at least one character later, unless the text
    /// ends. `start` may be less than that of an earlier call, by less than `max_bytes`.
    pub(super) fn reach(&mut self, start: usize, count: usize) -> usize {
        let furthest = self.text.floor_char_boundary(start.saturating_add(self.max_bytes));
        let first = loop {
            let first = self.starts.partition_point(|s| *s < start);
            if self.starts.len() > first + count || self.covered >= furthest {
                break first;
            }
            // A piece that overlaps the previous one begins less than `max_bytes` earlier.
            let behind = self.starts.partition_point(|s| *s < start.saturating_sub(self.max_bytes));
            self.starts.drain(..behind);
            self.extend(start);
        };
        // A token that began before `start` is partly here, so it counts.
        let partial = usize::from(self.starts.get(first) != Some(&start));
        let end = self.starts.get(first + count.saturating_sub(partial)).map_or(furthest, |s| (*s).min(furthest));
        let one = self.text.ceil_char_boundary((start + 1).min(self.text.len()));
        self.text.floor_char_boundary(end).max(one)
    }

    /// Returns the start of about the last `count` tokens before `end`.
    pub(super) fn back(&self, end: usize, count: usize) -> usize {
        let after = self.starts.partition_point(|s| *s < end);
        let start = after.checked_sub(count).and_then(|i| self.starts.get(i)).map_or(end, |s| (*s).min(end));
        self.text.ceil_char_boundary(start)
    }

    /// Returns about how many tokens begin in a range that [`Ruler::reach`] has covered.
    pub(super) fn between(&self, start: usize, end: usize) -> usize {
        self.starts.partition_point(|s| *s < end).saturating_sub(self.starts.partition_point(|s| *s < start))
    }

    /// Tokenises the next part of the text.
    fn extend(&mut self, start: usize) {
        let from = self.covered.max(self.text.floor_char_boundary(start));
        let mut to = self.text.floor_char_boundary(from + PART_BYTES);
        if to < self.text.len() {
            let tail = self.text.floor_char_boundary(to - PART_BYTES / 4);
            to = self.text[tail..to].rfind(char::is_whitespace).map_or(to, |space| tail + space);
        }
        for (token, _) in self.tokens.offsets(&self.text[from..to]) {
            let token = (from + token).min(to);
            if self.starts.last().is_none_or(|last| *last <= token) {
                self.starts.push(token);
            }
        }
        self.covered = to;
    }
}
