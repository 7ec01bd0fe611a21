//! A tokenizer that is mapped from a packed file. It loads at once, and gives exactly the ids and offsets of `tokenizers`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Mapped`]: opens or makes the packed file, turns texts into tokens |
//! | `source.rs` | the fields of a tokenizer.json; unknown fields are refused |
//! | `plan.rs` | turns tokenizer.json into a plan, or says why it is not supported |
//! | `pack.rs` | turns the plan into the packed file's sections |
//! | `added.rs` | added tokens, found before anything else |
//! | `aligned.rs` | normalised characters and the bytes that they come from |
//! | `characters.rs` | a table of what normalisation turns a single character into |
//! | `bert.rs` | `BertNormalizer`, `BertPreTokenizer` |
//! | `chain.rs` | `Replace`, `NFKC`, `Precompiled`, `WhitespaceSplit`, `Metaspace` |
//! | `charsmap.rs` | the table of a `Precompiled` |
//! | `word.rs` | buffers for a word and for tokens |
//! | `trie.rs` | the pieces of the vocabulary |
//! | `wordpiece.rs`, `unigram.rs` | turn a word into tokens |
//! | `template.rs` | adds special tokens |
//!
//! These files do not use the crate `tokenizers`. A tokenizer.json that needs anything else is not supported: the general form reads it.
//! Before a packed file is written, its results are compared with those of `tokenizers` on [`SAMPLES`].
//!
//! # The packed file
//!
//! `nigh-tokenizer.packed`, next to tokenizer.json, is a container of `packed`. Its description has the scheme, the versions of
//! Unicode, and the length and time of tokenizer.json; then `mapped`, or `general` if tokenizer.json is not supported, so that
//! nigh does not try it again.
//!
//! | section | content | checked |
//! |---|---|---|
//! | `settings` | [`Settings`], in postcard's encoding | whole |
//! | `index`, `characters` | see `characters.rs` | whole |
//! | `charsmap` | as in tokenizer.json, or empty | whole |
//! | `pieces` | see `trie.rs` | 8 KB at a time, on first use |
//! | `scores` | little-endian f64 by id, or empty | 8 KB at a time, on first use |

mod added;
mod aligned;
mod bert;
mod chain;
mod characters;
mod charsmap;
mod pack;
mod plan;
mod source;
mod template;
mod trie;
mod unigram;
mod word;
mod wordpiece;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use self::added::{AddedToken, AddedTokens, Part};
use self::bert::Bert;
use self::chain::{Chain, Normaliser};
use self::characters::{Characters, Class};
use self::charsmap::Charsmap;
use self::pack::Contents;
use self::template::{Template, fill};
use self::trie::Trie;
use self::unigram::{Scores, Unigram};
use self::word::{Tokens, Word};
use self::wordpiece::WordPiece;
use super::coverage::PlainTokens;
use crate::batch::TokenInput;
use crate::packed::{BlockSection, PackedFile, Problem, write_file, write_memory};

/// The name of the packed file, which is next to the model's own files.
pub(super) const FILE: &str = "nigh-tokenizer.packed";
/// The version of the packed file. Change it when the same tokenizer.json is packed in another way. It contains the version of
/// `tokenizers` that the packed form was compared with, which is the one in Cargo.lock.
pub(super) const SCHEME: &str = "tokenizer-2 0.22.2";
const SETTINGS: &str = "settings";
const INDEX: &str = "index";
const CHARACTERS: &str = "characters";
const CHARSMAP: &str = "charsmap";
const PIECES: &str = "pieces";
const SCORES: &str = "scores";

/// The longest accepted text, in bytes: positions in its normalised form always fit 32 bits.
const MAX_TEXT_BYTES: usize = 64 << 20;

/// The reason why the packed form gave no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// A part of the packed file is damaged.
    File,
    /// The text is longer than [`MAX_TEXT_BYTES`]; nothing is damaged.
    TooLong,
}

/// The settings, decoded when the file is opened.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    added: Vec<AddedToken>,
    template: Template,
    model: Model,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Model {
    WordPiece { bert: Bert, pieces: WordPiece },
    Unigram { chain: Chain, pieces: Unigram },
}

/// The result of looking for a packed file next to a tokenizer.json.
pub(super) enum Found {
    Mapped(Box<Mapped>),
    /// The packed file says that this tokenizer.json is not supported.
    General,
    /// There is no valid packed file: it is missing, outdated or damaged.
    Nothing,
}

/// An open packed tokenizer.
pub(super) struct Mapped {
    file: PackedFile,
    added: AddedTokens,
    template: Template,
    model: Model,
    index: Range<usize>,
    characters: Range<usize>,
    charsmap: Range<usize>,
    ascii: [Class; 128],
    pieces: BlockSection,
    scores: BlockSection,
}

/// Returns the path of the packed file of a tokenizer.json.
pub(super) fn packed_path(json: &Path) -> PathBuf {
    json.with_file_name(FILE)
}

/// Returns how the description of this tokenizer.json's packed file must begin; `mapped` or `general` follows.
///
/// # Errors
/// The system's error.
pub(super) fn stamp(json: &Path) -> io::Result<String> {
    let metadata = std::fs::metadata(json)?;
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let unicode = (char::UNICODE_VERSION, unicode_segmentation::UNICODE_VERSION);
    let time = modified.map_or(0, |time| time.as_nanos());
    Ok(format!("{SCHEME} {unicode:?} {} {time} ", metadata.len()))
}

/// Returns why a tokenizer.json is not supported; `None` if it is.
#[cfg(test)]
pub(super) fn refusal(json: &[u8]) -> Option<String> {
    plan::plan(json).err()
}

impl Mapped {
    /// Opens the packed file at `path`, if its description begins with `stamp`.
    pub(super) fn open(path: &Path, stamp: &str) -> Found {
        let Ok(file) = PackedFile::open(path) else { return Found::Nothing };
        match file.about().strip_prefix(stamp) {
            Some("general") => Found::General,
            Some("mapped") => Self::from_file(file).map_or(Found::Nothing, |mapped| Found::Mapped(Box::new(mapped))),
            _ => Found::Nothing,
        }
    }

    /// Writes the packed file of a tokenizer.json to `path`. It says `general` if the tokenizer is not supported, or if
    /// `agrees` returns false for the packed tokenizer.
    ///
    /// # Errors
    /// The system's error. An error about the directory is returned at once, before anything is packed.
    pub(super) fn make(path: &Path, stamp: &str, json: &[u8], agrees: impl FnOnce(&Self) -> bool) -> io::Result<()> {
        write_file(path, |writer| {
            let contents = plan::plan(json).ok().and_then(Contents::make);
            let packed = contents.as_ref().and_then(|contents| {
                let image = write_memory(|writer| contents.write(writer).map(|()| String::new())).ok()?;
                Self::from_file(PackedFile::of_memory(image).ok()?).ok()
            });
            match contents.filter(|_| packed.is_some_and(|packed| agrees(&packed))) {
                Some(contents) => contents.write(writer).map(|()| format!("{stamp}mapped")),
                None => Ok(format!("{stamp}general")),
            }
        })
    }

    fn from_file(file: PackedFile) -> Result<Self, Problem> {
        let settings = file.section(SETTINGS)?;
        let Settings { added, template, model } =
            postcard::from_bytes(file.bytes(settings)).map_err(|_| Problem::Contradiction("its settings"))?;
        let (index, characters, charsmap) = (file.section(INDEX)?, file.section(CHARACTERS)?, file.section(CHARSMAP)?);
        let table = Characters::new(file.bytes(index.clone()), file.bytes(characters.clone()));
        let ascii = table.ok_or(Problem::Contradiction("its tables of characters"))?.ascii();
        let (pieces, scores) = (file.blocks(PIECES)?, file.blocks(SCORES)?);
        Ok(Self {
            added: AddedTokens::new(added),
            template,
            model,
            index,
            characters,
            charsmap,
            ascii,
            pieces,
            scores,
            file,
        })
    }

    /// The same as [`PackedFile::is_intact`].
    pub(super) fn is_intact(&self) -> bool {
        self.file.is_intact()
    }

    /// Tokenises a text into one sequence, special tokens added.
    pub(super) fn encode(&self, text: &str) -> Result<TokenInput, NoAnswer> {
        Ok(fill(&self.template.single, &self.tokens::<false>(text)?.ids, &[]))
    }

    /// Tokenises a text into one sequence; also returns its tokens without the special ones.
    pub(super) fn with_plain_tokens(&self, text: &str) -> Result<(TokenInput, PlainTokens), NoAnswer> {
        let tokens = self.tokens::<true>(text)?;
        let input = fill(&self.template.single, &tokens.ids, &[]);
        Ok((input, PlainTokens { ids: tokens.ids, ranges: tokens.spans }))
    }

    /// Tokenises two texts into one sequence.
    pub(super) fn encode_pair(&self, first: &str, second: &str) -> Result<TokenInput, NoAnswer> {
        let (first, second) = (self.tokens::<false>(first)?, self.tokens::<false>(second)?);
        Ok(fill(&self.template.pair, &first.ids, &second.ids))
    }

    /// Counts the tokens of a text, without special tokens.
    pub(super) fn count(&self, text: &str) -> Result<usize, NoAnswer> {
        Ok(self.tokens::<false>(text)?.ids.len())
    }

    /// Returns the byte ranges of a text's tokens, in order, without special tokens.
    pub(super) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>, NoAnswer> {
        Ok(self.tokens::<true>(text)?.spans)
    }

    /// Tokenises a text, without special tokens. With `SPANS`, the tokens have their byte ranges.
    fn tokens<const SPANS: bool>(&self, text: &str) -> Result<Tokens, NoAnswer> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(NoAnswer::TooLong);
        }
        let section = |range: &Range<usize>| self.file.bytes(range.clone());
        let characters =
            Characters::unchecked(section(&self.index), section(&self.characters)).ok_or(NoAnswer::File)?;
        let trie = Trie(self.pieces.view(&self.file).ok_or(NoAnswer::File)?);
        let root = trie.root()?;
        let (mut tokens, mut word) = (Tokens::default(), Word::default());
        tokens.ids.reserve(text.len() / 4);
        match &self.model {
            Model::WordPiece { bert, pieces } => self.added.parts(text, |part| match part {
                Part::Token(id, span) => {
                    tokens.add::<SPANS>(id, (span.start, span.end));
                    Ok(())
                }
                Part::Text(range) => {
                    let part = (&text[range.clone()], range.start);
                    bert.words::<SPANS, NoAnswer>(&characters, &self.ascii, part, &mut word, |word| {
                        pieces.tokenise::<SPANS>(&trie, root, word, &mut tokens)?;
                        word.clear();
                        Ok(())
                    })
                }
            })?,
            Model::Unigram { chain, pieces } => {
                let scores = Scores(self.scores.view(&self.file).ok_or(NoAnswer::File)?);
                let normaliser = Normaliser { chain, charsmap: Charsmap::read(section(&self.charsmap)) };
                let (mut best, mut path) = (Vec::new(), Vec::new());
                self.added.parts(text, |part| match part {
                    Part::Token(id, span) => {
                        tokens.add::<SPANS>(id, (span.start, span.end));
                        Ok(())
                    }
                    Part::Text(range) => {
                        let part = (&text[range.clone()], range.start);
                        normaliser.words::<SPANS, NoAnswer>(&characters, &self.ascii, part, &mut word, |word| {
                            let model = (&trie, root, &scores);
                            pieces.tokenise::<SPANS>(model, word, (&mut best, &mut path), &mut tokens)?;
                            word.clear();
                            Ok(())
                        })
                    }
                })?;
            }
        }
        Ok(tokens)
    }
}

/// Texts on which a packed tokenizer is compared with `tokenizers` before it is written. They cover all special rules.
pub(super) const SAMPLES: [&str; 16] = [
    "",
    " The quick brown fox, in 2024: don't  jump\tover\r\nthe (lazy) dog's back; it costs $5.99/day -- e.g. #1!",
    "   leading and trailing spaces   ",
    "句向量由平均池化得到，每个词向量权重相同。请问：为什么？《检索》与“语义”……　全角ＡＢＣ１２３",
    "naïve café Ångström ÀÉÎÕÜ İstanbul ßtraße ŒUVRE ĳ ǆ ﬁne ﬃ ½ ① ㎏ ㍿ ™ ﷺ",
    "e\u{301}\u{323} a\u{300} \u{344} \u{f73}\u{f71} o\u{30a}\u{31b} \u{301}start q\u{307}\u{323} \u{1e9b}\u{323}",
    "한국어 문장 \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} ﾊﾞﾝｺﾞ カ\u{3099} が ヷ",
    "हिन्दी क्षत्रिय ड\u{93c} বাংলা தமிழ் ไทยกำลัง ລາວຳ ភាសាខ្មែរ မြန်မာ བོད་",
    "שָׁלוֹם العَرَبِيَّة لآ \u{202e}rtl\u{202c} \u{200f}\u{feff}",
    "👩‍👩‍👧‍👦 👍🏽 🇨🇳🇩 ☺️ ❤\u{fe0f}\u{200d}🔥 a\u{200d}b \u{200b}zero\u{2060}width",
    "\u{0}\u{1}a\u{7f}b\u{85}c\u{a0}d\u{1680}e\u{2028}f\u{2029}g\u{3000}h\u{fffd}i\u{ad}j",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙 𠀀𪜀𫝀\u{2f800}豈\u{fa0e} 〇々〆 \u{e000}\u{f0000}\u{e0041} \u{30000}",
    "[CLS] [SEP] [MASK] [UNK] [PAD] <s> </s> <unk> <pad> <mask>x[MASK]<mask> [mask] <S> ▁a▁▁b ## ##ing <",
    "Pneumonoultramicroscopicsilicovolcanoconiosisaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Привет, мир! ΣΊΣΥΦΟΣ Ελλάδα ΐ \u{1f80} Հայերեն ქართული Ꭰꭰ 𐐀𐐨",
    "https://example.org/a_b?c=d%20e#f x^2+y² ≠ ∑∫ €£¥ ← → · • ‖ « » „ “ ” ‘ ’ – — … ‰ ′ ″",
];
