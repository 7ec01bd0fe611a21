//! Turns a plan into the sections of the packed file.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Seek, Write};
use std::iter;

use super::chain::Normaliser;
use super::characters::build_table;
use super::charsmap::Charsmap;
use super::plan::{Family, Plan};
use super::trie::{self, CHECK_BLOCK_BYTES};
use super::unigram::Unigram;
use super::wordpiece::WordPiece;
use super::{CHARACTERS, CHARSMAP, INDEX, Model, PIECES, SCORES, SETTINGS, Settings};
use crate::packed::PackedWriter;

/// The contents of the packed file, to be written.
pub(super) struct Contents {
    settings: Vec<u8>,
    index: Vec<u8>,
    characters: Vec<u8>,
    charsmap: Vec<u8>,
    units: Vec<u64>,
    scores: Vec<f64>,
}

impl Contents {
    /// Builds the trie, and runs the normaliser on every character. `None` if the vocabulary is too large.
    pub(super) fn make(plan: Plan) -> Option<Self> {
        let Plan { added, template, family } = plan;
        let (model, pieces, table, charsmap, scores) = match family {
            Family::WordPiece { bert, unknown, prefix, max_chars, vocabulary } => {
                let units = build_trie(vocabulary.iter().map(|(piece, id)| (&piece[..], *id)))?;
                let inside = trie::walk(&units, prefix.as_bytes());
                let pieces = WordPiece { unknown, inside, max_chars };
                (Model::WordPiece { bert, pieces }, units, build_table(|c| bert.classify(c)), Vec::new(), Vec::new())
            }
            Family::Unigram { chain, charsmap, unknown, vocabulary } => {
                // If pieces are equal, the last one is found. The lowest score is that of all pieces, as in `tokenizers`.
                let units = build_trie(vocabulary.iter().map(|(piece, _)| &piece[..]).zip(0..))?;
                let scores: Vec<f64> = vocabulary.iter().map(|(_, score)| *score).collect();
                let min_score =
                    scores.iter().copied().fold(f64::INFINITY, |min, score| if score < min { score } else { min });
                let charsmap = charsmap.unwrap_or_default();
                let normaliser = Normaliser { chain: &chain, charsmap: Charsmap::read(&charsmap) };
                let table = build_table(|c| normaliser.classify(c));
                let pieces = Unigram { unknown, min_score };
                (Model::Unigram { chain, pieces }, units, table, charsmap, scores)
            }
        };
        let settings = Settings { added, template, model };
        Some(Self {
            settings: postcard::to_stdvec(&settings).ok()?,
            index: table.0,
            characters: table.1,
            charsmap,
            units: pieces,
            scores,
        })
    }

    /// Writes every section.
    pub(super) fn write<W: Write + Seek>(&self, writer: &mut PackedWriter<W>) -> io::Result<()> {
        writer.section(SETTINGS, &self.settings)?;
        writer.section(INDEX, &self.index)?;
        writer.section(CHARACTERS, &self.characters)?;
        writer.section(CHARSMAP, &self.charsmap)?;
        let units: Vec<u8> = self.units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        writer.blocks(PIECES, CHECK_BLOCK_BYTES, iter::once(units.into()))?;
        let scores: Vec<u8> = self.scores.iter().flat_map(|score| score.to_le_bytes()).collect();
        writer.blocks(SCORES, CHECK_BLOCK_BYTES, iter::once(scores.into()))
    }
}

/// Builds the trie of pieces. If pieces are equal, the last one counts. An empty piece is left out: it is never looked up.
fn build_trie<'a>(pieces: impl Iterator<Item = (&'a str, u32)>) -> Option<Vec<u64>> {
    let sorted: BTreeMap<&[u8], u32> =
        pieces.map(|(piece, id)| (piece.as_bytes(), id)).collect::<HashMap<_, _>>().into_iter().collect();
    let sorted: Vec<(&[u8], u32)> = sorted.into_iter().filter(|(piece, _)| !piece.is_empty()).collect();
    trie::build(&sorted)
}
