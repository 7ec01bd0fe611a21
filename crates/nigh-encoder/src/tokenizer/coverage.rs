//! Computes how much of a text a model's vocabulary covers.

use super::{CHUNK_BYTES, Tokenizer};
use crate::batch::TokenInput;
use crate::error::Result;

/// A hieroglyph, which is in no vocabulary: a tokenizer turns it into its unknown token.
const UNKNOWN: &str = "\u{13000}";

/// The tokens of a text without the special ones: their ids, and their byte ranges in the text.
pub(crate) struct PlainTokens {
    pub(super) ids: Vec<u32>,
    pub(super) ranges: Vec<(usize, usize)>,
}

impl Tokenizer {
    /// Returns the share of a text's letters and digits that are in tokens of the vocabulary, 0 to 1. It is 1 for a text
    /// without letters and digits, and for a text that the tokenizer refuses.
    pub(crate) fn vocabulary_coverage(&self, text: &str) -> f32 {
        self.with_plain_tokens(text).map_or(1.0, |(_, tokens)| self.coverage(&tokens, text, 0))
    }

    /// Tokenises `prefix` and `text` as one sequence, and computes the coverage of `text` from the same tokens. `None` if the
    /// text must be tokenised separately: it is long, or the prefix does not end in a space, so that a token could span both.
    ///
    /// # Errors
    /// See [`Tokenizer::encode`].
    pub(crate) fn encode_with_coverage(&self, prefix: &str, text: &str) -> Result<Option<(TokenInput, f32)>> {
        if text.len() > CHUNK_BYTES || !(prefix.is_empty() || prefix.ends_with(' ')) {
            return Ok(None);
        }
        let prefixed = format!("{prefix}{text}");
        let (input, tokens) = self.with_plain_tokens(&prefixed)?;
        Ok(Some((input, self.coverage(&tokens, &prefixed, prefix.len()))))
    }

    /// Returns the coverage of `text[from..]`.
    fn coverage(&self, tokens: &PlainTokens, text: &str, from: usize) -> f32 {
        let Some(unknown) = self.unknown_id() else { return 1.0 };
        let (mut letters, mut covered) = (0usize, 0usize);
        for (&id, &(start, end)) in tokens.ids.iter().zip(&tokens.ranges) {
            let part = text.get(start.max(from)..end).unwrap_or_default();
            let count = part.chars().filter(|c| c.is_alphanumeric()).count();
            letters += count;
            covered += if id == unknown { 0 } else { count };
        }
        if letters == 0 { 1.0 } else { covered as f32 / letters as f32 }
    }

    /// Returns the id of the unknown token, which is found on first use.
    fn unknown_id(&self) -> Option<u32> {
        *self.unknown.get_or_init(|| self.with_plain_tokens(UNKNOWN).ok()?.1.ids.last().copied())
    }

    /// Tokenises a text into one sequence; also returns its tokens without the special ones.
    fn with_plain_tokens(&self, text: &str) -> Result<(TokenInput, PlainTokens)> {
        self.ask(|mapped| mapped.with_plain_tokens(text), |general| general.with_plain_tokens(text))
    }
}
