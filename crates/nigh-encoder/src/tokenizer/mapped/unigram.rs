//! Unigram (Kudo 2018): the segmentation of a word with the highest sum of log probabilities, found by Viterbi's algorithm. Sums,
//! comparisons and the choice in a tie are those of `tokenizers`, bit for bit.

use serde::{Deserialize, Serialize};

use super::NoAnswer;
use super::trie::{Node, Trie, piece};
use super::word::{Tokens, Word};
use crate::packed::BlockView;

/// The difference between the score of the worst piece and that of an unknown character.
const UNKNOWN_PENALTY: f64 = 10.0;

/// A Unigram model without its pieces and their scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Unigram {
    pub(super) unknown: u32,
    pub(super) min_score: f64,
}

/// The best segmentation that ends at one byte of the word.
#[derive(Debug, Clone, Copy)]
pub(super) struct BestPath {
    score: f64,
    /// The start of its last token; [`NO_PATH`] if no segmentation ends here.
    start: u32,
    id: u32,
}

/// The `start` of a byte at which no segmentation ends.
const NO_PATH: u32 = u32::MAX;

/// The scores of the pieces by id, each a little-endian f64.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a>(pub(super) BlockView<'a>);

impl Scores<'_> {
    #[inline]
    fn score(&self, id: u32) -> Result<f64, NoAnswer> {
        self.0.array(8 * id as usize).map(f64::from_le_bytes).ok_or(NoAnswer::File)
    }
}

impl Unigram {
    /// Adds the tokens of a word, which may be empty and has less than 4 GiB. `best` and `path` are buffers, reused.
    pub(super) fn tokenise<const SPANS: bool>(
        &self,
        (trie, root, scores): (&Trie<'_>, Node, &Scores<'_>),
        word: &Word,
        (best, path): (&mut Vec<BestPath>, &mut Vec<(u32, u32)>),
        tokens: &mut Tokens,
    ) -> Result<(), NoAnswer> {
        let bytes = &word.bytes[..];
        // 1. Forward, from character to character: extend the best segmentation that ends here by every piece that starts here.
        best.clear();
        best.resize(bytes.len() + 1, BestPath { score: 0.0, start: NO_PATH, id: 0 });
        let unknown_score = self.min_score - UNKNOWN_PENALTY;
        let mut start = 0;
        while start < bytes.len() {
            let score_here = best[start].score;
            let width = width(bytes[start]).min(bytes.len() - start);
            let mut extend = |end: usize, score: f64, id: u32| {
                let known = &mut best[end];
                if known.start == NO_PATH || score > known.score {
                    *known = BestPath { score, start: start as u32, id };
                }
            };
            let mut node = root;
            let mut is_piece = false;
            for (i, &byte) in bytes.iter().enumerate().skip(start) {
                node = trie.step(node, byte)?;
                if node == 0 {
                    break;
                }
                if let Some(id) = piece(node) {
                    extend(i + 1, scores.score(id)? + score_here, id);
                    is_piece |= i + 1 - start == width;
                }
            }
            // If this character alone is not a piece, it may become an unknown token.
            if !is_piece {
                extend(start + width, unknown_score + score_here, self.unknown);
            }
            start += width;
        }
        // 2. Backward from the end, token by token.
        path.clear();
        let mut end = bytes.len();
        while end > 0 {
            path.push((end as u32, best[end].id));
            end = best[end].start as usize;
        }
        self.emit::<SPANS>(trie, word, path, tokens)
    }

    /// Adds the tokens of a path, given last token first. Neighbouring unknown characters become one token.
    fn emit<const SPANS: bool>(
        &self,
        trie: &Trie<'_>,
        word: &Word,
        path: &mut Vec<(u32, u32)>,
        tokens: &mut Tokens,
    ) -> Result<(), NoAnswer> {
        let mut start = 0;
        while let Some((end, mut id)) = path.pop() {
            let mut end = end as usize;
            if id == self.unknown {
                while let Some((next_end, _)) = path.pop_if(|(_, id)| *id == self.unknown) {
                    end = next_end as usize;
                }
                // The joined text may itself be a piece whose score was too low.
                id = trie.find(&word.bytes[start..end])?.unwrap_or(self.unknown);
            }
            tokens.push::<SPANS>(id, word, start, end);
            start = end;
        }
        Ok(())
    }
}

/// Returns the number of bytes of a UTF-8 character, by its first byte.
fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}
