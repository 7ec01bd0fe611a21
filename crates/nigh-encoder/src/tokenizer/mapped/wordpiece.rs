//! WordPiece: takes the longest piece from the left, again and again; if one is missing, the whole word is unknown.

use serde::{Deserialize, Serialize};

use super::NoAnswer;
use super::trie::{Node, Trie, piece};
use super::word::{Tokens, Word};

/// A WordPiece model without its pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WordPiece {
    /// The id of an unknown word.
    pub(super) unknown: u32,
    /// The node at which pieces inside a word begin: the end of the prefix ("##").
    pub(super) inside: Node,
    /// A word with more characters is unknown.
    pub(super) max_chars: u64,
}

impl WordPiece {
    /// Adds the tokens of a word, which may be empty.
    #[inline]
    pub(super) fn tokenise<const SPANS: bool>(
        &self,
        trie: &Trie<'_>,
        root: Node,
        word: &Word,
        tokens: &mut Tokens,
    ) -> Result<(), NoAnswer> {
        let len = word.bytes.len();
        if word.chars as u64 > self.max_chars {
            tokens.push::<SPANS>(self.unknown, word, 0, len);
            return Ok(());
        }
        let tokens_before = tokens.ids.len();
        let mut start = 0;
        while start < len {
            let mut node = if start == 0 { root } else { self.inside };
            let mut longest = None;
            for (i, &byte) in word.bytes.iter().enumerate().skip(start) {
                node = trie.step(node, byte)?;
                if node == 0 {
                    break;
                }
                if let Some(id) = piece(node) {
                    longest = Some((id, i + 1));
                }
            }
            let Some((id, end)) = longest else {
                tokens.truncate(tokens_before);
                tokens.push::<SPANS>(self.unknown, word, 0, len);
                return Ok(());
            };
            tokens.push::<SPANS>(id, word, start, end);
            start = end;
        }
        Ok(())
    }
}
