//! Unigram: of all ways to put a word together the one whose log probabilities sum highest (Kudo 2018), found by Viterbi's
//! algorithm. Sums, comparisons and what is done in a tie are those of `tokenizers`, to the last bit.

use serde::{Deserialize, Serialize};

use super::NoAnswer;
use super::trie::{Node, Trie, piece};
use super::word::{Tokens, Word};
use crate::packed::BlockView;

/// What a character that is no piece scores less than the worst piece.
const UNKNOWN_PENALTY: f64 = 10.0;

/// A Unigram model, but for its pieces and their scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Unigram {
    pub(super) unknown: u32,
    pub(super) least_score: f64,
}

/// The best way to a byte of the word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    score: f64,
    /// Where its last token starts; [`NOWHERE`]: no way leads here.
    start: u32,
    id: u32,
}

const NOWHERE: u32 = u32::MAX;

/// Scores by id: little-endian f64.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a>(pub(super) BlockView<'a>);

impl Scores<'_> {
    #[inline]
    fn of(&self, id: u32) -> Result<f64, NoAnswer> {
        self.0.array(8 * id as usize).map(f64::from_le_bytes).ok_or(NoAnswer::File)
    }
}

impl Unigram {
    /// The tokens of a word, which may be empty and has less than 4 GiB. `ways` and `path` are room to work in.
    pub(super) fn tokenise<const SPANS: bool>(
        &self,
        (trie, root, scores): (&Trie<'_>, Node, &Scores<'_>),
        word: &Word,
        (ways, path): (&mut Vec<Way>, &mut Vec<(u32, u32)>),
        tokens: &mut Tokens,
    ) -> Result<(), NoAnswer> {
        let bytes = &word.bytes[..];
        ways.clear();
        ways.resize(bytes.len() + 1, Way { score: 0.0, start: NOWHERE, id: 0 });
        let unknown_score = self.least_score - UNKNOWN_PENALTY;
        let mut start = 0;
        while start < bytes.len() {
            let here = ways[start].score;
            let width = width(bytes[start]).min(bytes.len() - start);
            let mut reach = |end: usize, score: f64, id: u32| {
                let way = &mut ways[end];
                if way.start == NOWHERE || score > way.score {
                    *way = Way { score, start: start as u32, id };
                }
            };
            let mut node = root;
            let mut single = false;
            for (i, &byte) in bytes.iter().enumerate().skip(start) {
                node = trie.step(node, byte)?;
                if node == 0 {
                    break;
                }
                if let Some(id) = piece(node) {
                    reach(i + 1, scores.of(id)? + here, id);
                    single |= i + 1 - start == width;
                }
            }
            if !single {
                reach(start + width, unknown_score + here, self.unknown);
            }
            start += width;
        }
        path.clear();
        let mut end = bytes.len();
        while end > 0 {
            path.push((end as u32, ways[end].id));
            end = ways[end].start as usize;
        }
        self.emit::<SPANS>(trie, word, path, tokens)
    }

    /// The tokens of a path, whose last comes first; neighbours that are unknown are one.
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
                while let Some((further, _)) = path.pop_if(|(_, id)| *id == self.unknown) {
                    end = further as usize;
                }
                // Together they may be a piece, of a score too low to be chosen.
                id = trie.find(&word.bytes[start..end])?.unwrap_or(self.unknown);
            }
            tokens.push::<SPANS>(id, word, start, end);
            start = end;
        }
        Ok(())
    }
}

/// Bytes of a character of UTF-8, by its first.
fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}
