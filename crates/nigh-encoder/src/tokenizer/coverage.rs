//! How much of a text a model's vocabulary covers.

use super::Tokenizer;
use crate::error::Result;

/// A hieroglyph, which no vocabulary has: a tokenizer turns it into its unknown token.
const UNKNOWN: &str = "\u{13000}";

impl Tokenizer {
    /// The share of a text's letters and digits that lie in tokens of the vocabulary, 0 to 1. It is 1 for a text without letters
    /// and digits, and for a text that the tokenizer refuses.
    pub(crate) fn vocabulary_coverage(&self, text: &str) -> f32 {
        let Ok(unknown) = self.plain_tokens(UNKNOWN) else { return 1.0 };
        let (Some(&(unknown, _)), Ok(tokens)) = (unknown.last(), self.plain_tokens(text)) else { return 1.0 };
        let (mut letters, mut covered) = (0usize, 0usize);
        for (id, range) in tokens {
            let count =
                text.get(range.0..range.1).map_or(0, |part| part.chars().filter(|c| c.is_alphanumeric()).count());
            letters += count;
            covered += if id == unknown { 0 } else { count };
        }
        if letters == 0 { 1.0 } else { covered as f32 / letters as f32 }
    }

    /// Ids and byte ranges of a text's tokens, without the special tokens around it.
    fn plain_tokens(&self, text: &str) -> Result<Vec<(u32, (usize, usize))>> {
        let input = self.encode(text)?;
        let offsets = self.offsets(text)?;
        let before = input.ids.len().saturating_sub(offsets.len()).div_ceil(2);
        Ok(input.ids.into_iter().skip(before).zip(offsets).collect())
    }
}
