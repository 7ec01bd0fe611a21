//! Converts the tokenizer inside an `e5-small-q4.bin` to a `tokenizer.json`.
//!
//! The tokenizer is a Unigram over SentencePiece pieces. Its table of normalised characters is NFKC, except for a few dozen
//! control and space characters. These become `Replace` steps before the NFKC normaliser.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use unicode_normalization_alignments::UnicodeNormalization;

use super::cursor::Cursor;
use super::in_order::InOrder;
use crate::error::{Error, Result};

/// The largest accepted number of `Replace` steps: one for each different output that is not that of NFKC.
const MAX_REPLACEMENTS: usize = 16;

/// The part of the file with the tokenizer.
pub(super) struct Tokenizer<'a> {
    /// Pieces and their log probabilities; "▁" stands for a space.
    pieces: Vec<(&'a str, f64)>,
    bos: usize,
    eos: usize,
    pad: usize,
    unk: usize,
    /// For each output that is not that of NFKC, the characters that become it.
    replacements: BTreeMap<String, BTreeSet<char>>,
}

impl<'a> Tokenizer<'a> {
    /// Returns the number of pieces.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Reads the tokenizer, which follows the header.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when it is damaged, or cannot be expressed in a `tokenizer.json`.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self> {
        let pieces = cursor.count("pieces", 4 << 20)?;
        let last = pieces.checked_sub(1).ok_or_else(|| cursor.damaged("no pieces"))?;
        let mut special = [0; 4];
        for (id, what) in special.iter_mut().zip(["as bos", "as eos", "as pad", "as unk"]) {
            *id = cursor.count(what, last)?;
        }
        let [bos, eos, pad, unk] = special;
        let blob_length = cursor.size()?;
        let offsets: Vec<u32> = cursor.words(pieces + 1)?.map(u32::from_le_bytes).collect();
        let scores = cursor.words(pieces)?.map(f32::from_le_bytes);
        let blob = cursor.take(blob_length)?;
        let piece = |(ends, score): (&[u32], f32)| {
            let text = blob.get(ends[0] as usize..ends[1] as usize).and_then(|bytes| std::str::from_utf8(bytes).ok());
            text.filter(|_| score.is_finite()).map(|text| (text, f64::from(score)))
        };
        let pieces: Option<Vec<_>> = offsets.windows(2).zip(scores).map(piece).collect();
        let pieces = pieces.ok_or_else(|| cursor.damaged("a piece is not text, or its score is not a number"))?;
        let replacements = read_replacements(cursor)?;
        Ok(Self { pieces, bos, eos, pad, unk, replacements })
    }

    fn text(&self, id: usize) -> &'a str {
        self.pieces[id].0
    }

    /// Writes the `tokenizer.json`. Errors show `path`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn write(&self, writer: &mut dyn Write, path: &Path) -> Result<()> {
        let special: BTreeSet<usize> = [self.bos, self.eos, self.pad, self.unk].into();
        let added = |&id: &usize| AddedToken {
            id,
            content: self.text(id),
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: true,
        };
        let metaspace = Metaspace { replacement: "▁", prepend_scheme: "always", split: true };
        let document = TokenizerJson {
            version: "1.0",
            truncation: (),
            padding: (),
            added_tokens: special.iter().map(added).collect(),
            normalizer: normalizer(&self.replacements),
            pre_tokenizer: metaspace,
            post_processor: template(self),
            decoder: metaspace,
            model: Unigram { unk_id: self.unk, vocab: &self.pieces, byte_fallback: false },
        };
        serde_json::to_writer(writer, &document).map_err(|e| Error::io("write", path)(e.into()))
    }
}

fn read_replacements(cursor: &mut Cursor<'_>) -> Result<BTreeMap<String, BTreeSet<char>>> {
    let entries = cursor.count("normalised characters", 0x11_0000)?;
    let length = cursor.u32()? as usize;
    let start = cursor.position();
    let mut replacements: BTreeMap<String, BTreeSet<char>> = BTreeMap::new();
    for _ in 0..entries {
        let from = cursor.u32()?;
        let n = usize::from(cursor.u8()?);
        let out: Option<String> = cursor.words(n)?.map(|word| char::from_u32(u32::from_le_bytes(word))).collect();
        let (from, out) =
            char::from_u32(from).zip(out).ok_or_else(|| cursor.damaged("a normalised character is not Unicode"))?;
        if nfkc(&from.to_string()) != out {
            replacements.entry(out).or_default().insert(from);
        }
    }
    let rest = length.checked_sub(cursor.position() - start);
    cursor.take(rest.ok_or_else(|| cursor.damaged("its normalised characters take more bytes than stated"))?)?;
    // The steps run one after the other, NFKC last. So no step may change the output of another one.
    let is_stable =
        |out: &String| nfkc(out) == *out && out.chars().all(|c| replacements.values().all(|set| !set.contains(&c)));
    if replacements.len() > MAX_REPLACEMENTS || !replacements.keys().all(is_stable) {
        return Err(cursor.damaged("its normalisation is not NFKC with a few characters replaced"));
    }
    Ok(replacements)
}

fn nfkc(text: &str) -> String {
    text.nfkc().map(|(c, _)| c).collect()
}

/// The `tokenizer.json`. Its members are written in this order.
#[derive(Serialize)]
struct TokenizerJson<'a> {
    version: &'static str,
    truncation: (),
    padding: (),
    added_tokens: Vec<AddedToken<'a>>,
    normalizer: Normalizer<'a>,
    pre_tokenizer: Metaspace,
    post_processor: TemplateProcessing<'a>,
    decoder: Metaspace,
    model: Unigram<'a>,
}

#[derive(Serialize)]
struct AddedToken<'a> {
    id: usize,
    content: &'a str,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    normalized: bool,
    special: bool,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Normalizer<'a> {
    Sequence {
        normalizers: Vec<Self>,
    },
    Replace {
        pattern: Pattern,
        content: &'a str,
    },
    #[serde(rename = "NFKC")]
    Nfkc,
}

#[derive(Serialize)]
enum Pattern {
    Regex(String),
}

#[derive(Clone, Copy, Serialize)]
#[serde(tag = "type")]
struct Metaspace {
    replacement: &'static str,
    prepend_scheme: &'static str,
    split: bool,
}

#[derive(Serialize)]
#[serde(tag = "type")]
struct TemplateProcessing<'a> {
    single: [Piece<'a>; 3],
    pair: [Piece<'a>; 6],
    special_tokens: InOrder<'a, SpecialToken<'a>>,
}

#[derive(Clone, Copy, Serialize)]
enum Piece<'a> {
    SpecialToken { id: &'a str, type_id: u32 },
    Sequence { id: &'a str, type_id: u32 },
}

#[derive(Serialize)]
struct SpecialToken<'a> {
    id: &'a str,
    ids: [usize; 1],
    tokens: [&'a str; 1],
}

#[derive(Serialize)]
#[serde(tag = "type")]
struct Unigram<'a> {
    unk_id: usize,
    vocab: &'a [(&'a str, f64)],
    byte_fallback: bool,
}

fn normalizer(replacements: &BTreeMap<String, BTreeSet<char>>) -> Normalizer<'_> {
    let mut normalizers: Vec<Normalizer<'_>> = Vec::new();
    for (out, characters) in replacements {
        let class: String = characters.iter().map(|&c| format!("\\x{{{:x}}}", u32::from(c))).collect();
        normalizers.push(Normalizer::Replace { pattern: Pattern::Regex(format!("[{class}]")), content: out });
    }
    normalizers.push(Normalizer::Nfkc);
    normalizers.push(Normalizer::Replace { pattern: Pattern::Regex(" {2,}".to_owned()), content: " " });
    Normalizer::Sequence { normalizers }
}

/// Returns the template `<s> A </s>`, and `<s> A </s> </s> B </s>` for two texts. All token types are 0, as in XLM-RoBERTa.
fn template<'a>(tokenizer: &Tokenizer<'a>) -> TemplateProcessing<'a> {
    let (bos, eos) = (tokenizer.text(tokenizer.bos), tokenizer.text(tokenizer.eos));
    let token = |id| Piece::SpecialToken { id, type_id: 0 };
    let sequence = |id| Piece::Sequence { id, type_id: 0 };
    let special = |text, id| (text, SpecialToken { id: text, ids: [id], tokens: [text] });
    let mut special_tokens = vec![special(bos, tokenizer.bos), special(eos, tokenizer.eos)];
    if bos == eos {
        special_tokens.remove(0);
    }
    TemplateProcessing {
        single: [token(bos), sequence("A"), token(eos)],
        pair: [token(bos), sequence("A"), token(eos), token(eos), sequence("B"), token(eos)],
        special_tokens: InOrder(special_tokens),
    }
}
