//! A word as the normaliser passes it to the model, and the tokens of a text.

/// A normalised word. The buffer is reused for the next word.
#[derive(Debug, Default)]
pub(super) struct Word {
    pub(super) bytes: Vec<u8>,
    /// For each byte, the range of the text that it comes from; empty without `SPANS`.
    pub(super) spans: Vec<(usize, usize)>,
    pub(super) chars: usize,
}

impl Word {
    #[inline]
    pub(super) fn push<const SPANS: bool>(&mut self, c: char, span: (usize, usize)) {
        self.chars += 1;
        if c.is_ascii() {
            self.bytes.push(c as u8);
        } else {
            self.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        if SPANS {
            self.spans.resize(self.bytes.len(), span);
        }
    }

    /// Replaces the spans of all its bytes by `span`.
    pub(super) fn set_span<const SPANS: bool>(&mut self, span: (usize, usize)) {
        if SPANS {
            self.spans.fill(span);
        }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        self.chars = 0;
    }
}

/// Tokens of a text, without special tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) ids: Vec<u32>,
    /// For each token, the range of the text that it comes from; empty without `SPANS`.
    pub(super) spans: Vec<(usize, usize)>,
}

impl Tokens {
    /// Adds the token of bytes `start..end` of a word. The range is not empty.
    #[inline]
    pub(super) fn push<const SPANS: bool>(&mut self, id: u32, word: &Word, start: usize, end: usize) {
        self.ids.push(id);
        if SPANS {
            self.spans.push((word.spans[start].0, word.spans[end - 1].1));
        }
    }

    /// Adds a token with its range in the text.
    pub(super) fn add<const SPANS: bool>(&mut self, id: u32, span: (usize, usize)) {
        self.ids.push(id);
        if SPANS {
            self.spans.push(span);
        }
    }

    /// Removes all tokens after the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.ids.truncate(len);
        self.spans.truncate(len);
    }
}
