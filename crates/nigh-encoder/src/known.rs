//! How much of a text a model's vocabulary knows.

use super::engine::Encoder;

/// A character that no vocabulary has: what a tokenizer makes of it is its unknown token.
const UNKNOWN: &str = "\u{13000}";

impl Encoder {
    /// The share of a text's letters and digits that are in tokens which the vocabulary has, in [0, 1]: 1 for a text without
    /// any. A model says little of a text that it mostly does not know, as an English one of Chinese.
    pub fn known_share(&self, text: &str) -> f32 {
        let Ok(unknown) = self.bare(UNKNOWN) else { return 1.0 };
        let (Some(&(unknown, _)), Ok(tokens)) = (unknown.last(), self.bare(text)) else { return 1.0 };
        let (mut letters, mut known) = (0usize, 0usize);
        for (id, range) in tokens {
            let count =
                text.get(range.0..range.1).map_or(0, |part| part.chars().filter(|c| c.is_alphanumeric()).count());
            letters += count;
            known += if id == unknown { 0 } else { count };
        }
        if letters == 0 { 1.0 } else { known as f32 / letters as f32 }
    }

    /// The tokens of a text without the special ones around it.
    fn bare(&self, text: &str) -> crate::error::Result<Vec<(u32, (usize, usize))>> {
        let input = self.tokenise(super::TextKind::Plain, text)?;
        let offsets = self.token_offsets(text)?;
        let before = input.ids.len().saturating_sub(offsets.len()).div_ceil(2);
        Ok(input.ids.into_iter().skip(before).zip(offsets).collect())
    }
}
