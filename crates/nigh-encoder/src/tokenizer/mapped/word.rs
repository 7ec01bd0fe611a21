//! A word on its way from the normaliser to the model, and the tokens that come of it.

/// A word, normalised. Reused from word to word.
#[derive(Debug, Default)]
pub(super) struct Word {
    pub(super) bytes: Vec<u8>,
    /// Of each byte, which bytes of the text it comes from; empty where nobody asks.
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

    /// Says that all of it comes from other bytes than was thought.
    pub(super) fn moved<const SPANS: bool>(&mut self, span: (usize, usize)) {
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

/// Tokens without special ones.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) ids: Vec<u32>,
    /// Of each token, which bytes of the text it comes from; empty where nobody asks.
    pub(super) spans: Vec<(usize, usize)>,
}

impl Tokens {
    /// A token over bytes `start..end` of a word, at least one.
    #[inline]
    pub(super) fn push<const SPANS: bool>(&mut self, id: u32, word: &Word, start: usize, end: usize) {
        self.ids.push(id);
        if SPANS {
            self.spans.push((word.spans[start].0, word.spans[end - 1].1));
        }
    }

    /// A token over bytes of the text.
    pub(super) fn add<const SPANS: bool>(&mut self, id: u32, span: (usize, usize)) {
        self.ids.push(id);
        if SPANS {
            self.spans.push(span);
        }
    }

    /// Takes back all but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.ids.truncate(len);
        self.spans.truncate(len);
    }
}
