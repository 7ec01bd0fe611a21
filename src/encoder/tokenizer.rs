//! Text to token ids with the `tokenizers` crate: any tokenizer.json.

use std::ops::Range;
use std::path::Path;

use tokenizers::Encoding;

use super::batch::TokenInput;
use crate::error::{Error, Result};

/// A loaded tokenizer.json, with its own truncation and padding switched off: nothing is ever cut off here.
pub(crate) struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    /// Reads a tokenizer.json (28 ms for WordPiece with 30,522 entries, about 900 ms for Unigram with 250,002).
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::ModelFile`] when it is damaged.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let mut inner = tokenizers::Tokenizer::from_bytes(&bytes).map_err(|cause| {
            Error::model_file(path, format!("it is no tokenizer.json: {cause}; fetch or copy the model again"))
        })?;
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|cause| Error::model_file(path, format!("its truncation cannot be switched off: {cause}")))?;
        Ok(Self { inner })
    }

    /// A text as one sequence, special tokens added.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the tokenizer refuses the text.
    pub(crate) fn encode(&self, text: &str) -> Result<TokenInput> {
        self.inner.encode_fast(text, true).map(into_input).map_err(refused)
    }

    /// Two texts as one sequence, with the segment ids that the tokenizer gives.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the tokenizer refuses the texts.
    pub(crate) fn encode_pair(&self, first: &str, second: &str) -> Result<TokenInput> {
        self.inner.encode_fast((first, second), true).map(into_input).map_err(refused)
    }

    /// How many tokens a text has, special tokens not counted.
    pub(crate) fn count(&self, text: &str) -> usize {
        // A text that the tokenizer refuses is reported when it is encoded; until then it counts by its bytes.
        self.inner.encode_fast(text, false).map_or(text.len(), |encoding| encoding.len())
    }

    /// Byte ranges of a text's tokens, in order, special tokens not counted.
    pub(crate) fn offsets(&self, text: &str) -> Vec<(usize, usize)> {
        self.inner.encode(text, false).map_or_else(|_| Vec::new(), |encoding| encoding.get_offsets().to_vec())
    }

    /// Cuts a text into pieces that have at most `window` tokens each once `prefix` and special tokens are added.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the tokenizer refuses the text, or the prefix alone fills the window.
    pub(crate) fn windows(&self, prefix: &str, text: &str, window: usize) -> Result<Vec<TokenInput>> {
        let whole = if text.len() <= CHUNK_BYTES { Some(self.encode_prefixed(prefix, text)?) } else { None };
        if let Some(whole) = whole.filter(|whole| whole.ids.len() <= window) {
            return Ok(vec![whole]);
        }
        let overhead = self.encode_prefixed(prefix, "")?.ids.len();
        let capacity = window.saturating_sub(overhead);
        if capacity == 0 {
            let problem = format!("the model's window of {window} tokens has no room beside the prefix {prefix:?}");
            return Err(Error::InvalidInput { problem });
        }
        let mut pieces = Vec::new();
        for chunk in chunks(text) {
            let tokens = self.offsets(&text[chunk.clone()]);
            for group in tokens.chunks(capacity) {
                let start = chunk.start + group.first().map_or(0, |t| t.0);
                let end = chunk.start + group.last().map_or(0, |t| t.1);
                self.piece(prefix, text, start..end, window, &mut pieces)?;
            }
        }
        // Nothing but what the tokenizer drops: as a short text of that kind.
        if pieces.is_empty() {
            pieces.push(self.encode_prefixed(prefix, "")?);
        }
        Ok(pieces)
    }

    /// Adds one piece; halves it where tokenising it alone gives more tokens than it had within its text.
    fn piece(
        &self,
        prefix: &str,
        text: &str,
        range: Range<usize>,
        window: usize,
        pieces: &mut Vec<TokenInput>,
    ) -> Result<()> {
        let range = text.ceil_char_boundary(range.start)..text.ceil_char_boundary(range.end);
        let input = self.encode_prefixed(prefix, &text[range.clone()])?;
        let middle = text.ceil_char_boundary(range.start + range.len() / 2);
        if input.ids.len() <= window || middle >= range.end {
            if !range.is_empty() {
                pieces.push(input);
            }
            return Ok(());
        }
        self.piece(prefix, text, range.start..middle, window, pieces)?;
        self.piece(prefix, text, middle..range.end, window, pieces)
    }

    fn encode_prefixed(&self, prefix: &str, text: &str) -> Result<TokenInput> {
        if prefix.is_empty() { self.encode(text) } else { self.encode(&format!("{prefix}{text}")) }
    }
}

/// The most bytes tokenised at once: the crate's time and memory grow faster than the text.
const CHUNK_BYTES: usize = 64 * 1024;

/// Cuts a text into ranges of at most [`CHUNK_BYTES`], at white space where there is any in the last half.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    while text.len() - start > CHUNK_BYTES {
        let end = text.floor_char_boundary(start + CHUNK_BYTES);
        let middle = text.floor_char_boundary(start + CHUNK_BYTES / 2);
        let cut = text[middle..end].rfind(char::is_whitespace).map_or(end, |at| middle + at);
        chunks.push(start..cut);
        start = cut;
    }
    chunks.push(start..text.len());
    chunks
}

fn into_input(encoding: Encoding) -> TokenInput {
    let types = encoding.get_type_ids();
    TokenInput {
        token_type_ids: types.iter().any(|&t| t != 0).then(|| types.to_vec()),
        ids: encoding.get_ids().to_vec(),
        attention_mask: None,
    }
}

fn refused(cause: tokenizers::Error) -> Error {
    Error::InvalidInput { problem: format!("the tokenizer refuses the text: {cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_the_text_and_stay_small() {
        let text = "词 word ".repeat(40_000);
        let chunks = chunks(&text);
        assert!(chunks.len() > 4 && chunks.iter().all(|c| c.len() <= CHUNK_BYTES));
        assert_eq!(chunks.iter().map(|c| &text[c.clone()]).collect::<String>(), text);
    }
}
