//! Turns texts into token ids, with any tokenizer.json.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Tokenizer`]: chooses the form; splits long texts |
//! | `coverage.rs` | how much of a text the vocabulary covers |
//! | `general.rs` | the `tokenizers` crate, which reads any tokenizer.json (its one user) |
//! | `growth.rs` | how much larger a tokenizer.json may make a text |
//! | `mapped/` | WordPiece and Unigram from a packed file, which is mapped instead of parsed |
//! | `tests/` | compare the two forms; damaged files |
//!
//! Both forms give the same ids and the same offsets.

mod coverage;
mod general;
mod growth;
mod mapped;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use self::general::General;
use self::mapped::{Found, Mapped, NoAnswer, SAMPLES};
use super::batch::TokenInput;
use crate::error::{Error, Result};

/// A loaded tokenizer.json, without its own truncation and padding: no text is ever cut off.
pub(crate) struct Tokenizer {
    path: PathBuf,
    /// Used until it turns out to be damaged.
    mapped: Option<Box<Mapped>>,
    damaged: AtomicBool,
    /// Loaded when it is needed.
    general: OnceLock<General>,
    /// The id of the unknown token, see `coverage.rs`.
    unknown: OnceLock<Option<u32>>,
}

impl Tokenizer {
    /// Maps the packed form of a tokenizer.json. If it is missing, damaged, or of another tokenizer.json, it is written first. If
    /// it cannot be made or written, the `tokenizers` crate reads tokenizer.json.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::ModelFile`] when it is damaged.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let packed = mapped::beside(path);
        let stamp = mapped::stamp(path).map_err(Error::io("read", path))?;
        match Mapped::open(&packed, &stamp) {
            Found::Mapped(mapped) => return Ok(Self::with(path, Some(mapped))),
            Found::General => return Self::load_general(path),
            Found::Nothing => {}
        }
        let bytes = general::read(path)?;
        let general = General::of(&bytes, path)?;
        let agrees = |mapped: &Mapped| SAMPLES.iter().all(|text| same(mapped, &general, text));
        if Mapped::make(&packed, &stamp, &bytes, agrees).is_ok()
            && let Found::Mapped(mapped) = Mapped::open(&packed, &stamp)
        {
            return Ok(Self::with(path, Some(mapped)));
        }
        let tokenizer = Self::with(path, None);
        let _ = tokenizer.general.set(general);
        Ok(tokenizer)
    }

    /// Reads any tokenizer.json with the `tokenizers` crate (28 ms for WordPiece with 30,522 entries, about
    /// 900 ms for Unigram with 250,002). No packed form is read or written.
    ///
    /// # Errors
    /// As [`Tokenizer::load`].
    pub(crate) fn load_general(path: &Path) -> Result<Self> {
        let tokenizer = Self::with(path, None);
        tokenizer.general()?;
        Ok(tokenizer)
    }

    fn with(path: &Path, mapped: Option<Box<Mapped>>) -> Self {
        let (general, unknown) = (OnceLock::new(), OnceLock::new());
        Self { path: path.to_owned(), mapped, damaged: AtomicBool::new(false), general, unknown }
    }

    /// The general form, loaded on first use.
    fn general(&self) -> Result<&General> {
        if let Some(general) = self.general.get() {
            return Ok(general);
        }
        let loaded = General::load(&self.path)?;
        Ok(self.general.get_or_init(|| loaded))
    }

    /// The mapped form's answer; if it has none, the general form's.
    fn ask<T>(
        &self,
        mapped: impl FnOnce(&Mapped) -> std::result::Result<T, NoAnswer>,
        general: impl FnOnce(&General) -> Result<T>,
    ) -> Result<T> {
        if let Some(form) = self.mapped.as_ref().filter(|_| !self.damaged.load(Ordering::Relaxed)) {
            match mapped(form) {
                // Checked after the answer: bytes that were checked before a cut read as zeros after it.
                Ok(answer) if form.is_intact() => return Ok(answer),
                Ok(_) | Err(NoAnswer::File) => {
                    self.damaged.store(true, Ordering::Relaxed);
                    // So that it is written again. If the removal fails, each process finds the damage anew.
                    let _ = std::fs::remove_file(mapped::beside(&self.path));
                }
                Err(NoAnswer::TooLong) => {}
            }
        }
        general(self.general()?)
    }

    /// A text as one sequence, special tokens added.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text; as [`Tokenizer::load`] when the packed form turns out to be
    /// damaged and tokenizer.json cannot be read.
    pub(crate) fn encode(&self, text: &str) -> Result<TokenInput> {
        self.ask(|mapped| mapped.encode(text), |general| general.encode(text))
    }

    /// Two texts as one sequence, with the segment ids that the tokenizer gives.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub(crate) fn encode_pair(&self, first: &str, second: &str) -> Result<TokenInput> {
        self.ask(|mapped| mapped.encode_pair(first, second), |general| general.encode_pair(first, second))
    }

    /// How many tokens a text has, special tokens not counted.
    pub(crate) fn count(&self, text: &str) -> usize {
        // A text that the tokenizer refuses is reported when it is encoded; until then its bytes are counted.
        self.ask(|mapped| mapped.count(text), |general| general.count(text)).unwrap_or(text.len())
    }

    /// Byte ranges of a text's tokens, in order, special tokens not counted.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub(crate) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.ask(|mapped| mapped.offsets(text), |general| general.offsets(text))
    }

    /// Cuts a text into pieces that have at most `window` tokens each once `prefix` and special tokens are added.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text, or the prefix alone fills the window.
    pub(crate) fn windows(&self, prefix: &str, text: &str, window: usize) -> Result<Vec<TokenInput>> {
        let whole = if text.len() <= CHUNK_BYTES { Some(self.encode_prefixed(prefix, text)?) } else { None };
        if let Some(whole) = whole.filter(|whole| whole.ids.len() <= window) {
            return Ok(vec![whole]);
        }
        let overhead = self.encode_prefixed(prefix, "")?.ids.len();
        let capacity = window.saturating_sub(overhead);
        if capacity == 0 {
            let problem = format!("the model's window of {window} tokens has no room beside the prefix {prefix:?}");
            return Err(Error::Encode { problem });
        }
        let mut pieces = Vec::new();
        for chunk in chunks(text) {
            let tokens = self.offsets(&text[chunk.clone()])?;
            for group in tokens.chunks(capacity) {
                let start = chunk.start + group.first().map_or(0, |t| t.0);
                let end = chunk.start + group.last().map_or(0, |t| t.1);
                self.piece(prefix, text, start..end, window, &mut pieces)?;
            }
        }
        // The tokenizer drops all of the text: it becomes a sequence of special tokens, as a short text of that kind does.
        if pieces.is_empty() {
            pieces.push(self.encode_prefixed(prefix, "")?);
        }
        Ok(pieces)
    }

    /// Adds one piece; halves it if it has more tokens alone than within its text, and so too many.
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

/// Cuts a text into ranges of at most [`CHUNK_BYTES`], at white space if there is any in the last half.
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

/// Whether both forms give the same result for a text.
fn same(mapped: &Mapped, general: &General, text: &str) -> bool {
    let alone = mapped.encode(text).ok().zip(general.encode(text).ok());
    let pair = mapped.encode_pair(text, "a 词").ok().zip(general.encode_pair(text, "a 词").ok());
    let offsets = mapped.offsets(text).ok().zip(general.offsets(text).ok());
    let input = |both: Option<(TokenInput, TokenInput)>| {
        both.is_some_and(|(a, b)| a.ids == b.ids && a.token_type_ids == b.token_type_ids)
    };
    input(alone) && input(pair) && offsets.is_some_and(|(a, b)| a == b)
}
