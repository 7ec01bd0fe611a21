//! Turns texts into token ids, with any tokenizer.json.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Tokenizer`]: chooses one of two forms; splits long texts |
//! | `coverage.rs` | computes how much of a text the vocabulary covers |
//! | `general.rs` | the `tokenizers` crate, which reads any tokenizer.json (no other file uses it) |
//! | `growth.rs` | limits how much longer a tokenizer.json may make a text |
//! | `mapped/` | WordPiece and Unigram from a packed file, which is mapped instead of parsed |
//! | `tests/` | compare the two forms; damaged files |
//!
//! The general form (`general.rs`) and the mapped form (`mapped/`) give the same ids and the same offsets.

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
    /// The mapped form; no longer used once it turns out to be damaged.
    mapped: Option<Box<Mapped>>,
    damaged: AtomicBool,
    /// The general form, loaded when it is needed.
    general: OnceLock<General>,
    /// The id of the unknown token, see `coverage.rs`.
    unknown: OnceLock<Option<u32>>,
}

impl Tokenizer {
    /// Maps the packed file of a tokenizer.json. Writes the packed file first if it is missing, damaged, or of another
    /// tokenizer.json. Uses the general form if no packed file can be made.
    ///
    /// # Errors
    /// [`Error::Io`] when tokenizer.json cannot be read, [`Error::ModelFile`] when it is damaged.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let packed = mapped::packed_path(path);
        let stamp = mapped::stamp(path).map_err(Error::io("read", path))?;
        match Mapped::open(&packed, &stamp) {
            Found::Mapped(mapped) => return Ok(Self::with(path, Some(mapped))),
            Found::General => return Self::load_general(path),
            Found::Nothing => {}
        }
        let bytes = general::read(path)?;
        let general = General::parse(&bytes, path)?;
        let agrees = |mapped: &Mapped| SAMPLES.iter().all(|text| forms_agree(mapped, &general, text));
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
    /// 900 ms for Unigram with 250,002). No packed file is read or written.
    ///
    /// # Errors
    /// See [`Tokenizer::load`].
    pub(crate) fn load_general(path: &Path) -> Result<Self> {
        let tokenizer = Self::with(path, None);
        tokenizer.general()?;
        Ok(tokenizer)
    }

    fn with(path: &Path, mapped: Option<Box<Mapped>>) -> Self {
        let (general, unknown) = (OnceLock::new(), OnceLock::new());
        Self { path: path.to_owned(), mapped, damaged: AtomicBool::new(false), general, unknown }
    }

    /// Returns the general form, and loads it on first use.
    fn general(&self) -> Result<&General> {
        if let Some(general) = self.general.get() {
            return Ok(general);
        }
        let loaded = General::load(&self.path)?;
        Ok(self.general.get_or_init(|| loaded))
    }

    /// Returns the answer of the mapped form; if it gives no answer, returns that of the general form.
    fn ask<T>(
        &self,
        mapped: impl FnOnce(&Mapped) -> std::result::Result<T, NoAnswer>,
        general: impl FnOnce(&General) -> Result<T>,
    ) -> Result<T> {
        if let Some(form) = self.mapped.as_ref().filter(|_| !self.damaged.load(Ordering::Relaxed)) {
            match mapped(form) {
                // Check the file after the answer: if it was truncated meanwhile, bytes that were checked before now read as zeros.
                Ok(answer) if form.is_intact() => return Ok(answer),
                Ok(_) | Err(NoAnswer::File) => {
                    self.damaged.store(true, Ordering::Relaxed);
                    // Remove the file, so that the next load writes it again. If this fails, every process finds the damage again.
                    let _ = std::fs::remove_file(mapped::packed_path(&self.path));
                }
                Err(NoAnswer::TooLong) => {}
            }
        }
        general(self.general()?)
    }

    /// Tokenises a text into one sequence, special tokens added.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text; the errors of [`Tokenizer::load`] when the packed file turns out
    /// to be damaged and tokenizer.json cannot be read.
    pub(crate) fn encode(&self, text: &str) -> Result<TokenInput> {
        self.ask(|mapped| mapped.encode(text), |general| general.encode(text))
    }

    /// Tokenises two texts into one sequence, with the segment ids of the tokenizer.
    ///
    /// # Errors
    /// See [`Tokenizer::encode`].
    pub(crate) fn encode_pair(&self, first: &str, second: &str) -> Result<TokenInput> {
        self.ask(|mapped| mapped.encode_pair(first, second), |general| general.encode_pair(first, second))
    }

    /// Counts the tokens of a text, without special tokens.
    pub(crate) fn count(&self, text: &str) -> usize {
        // A text that the tokenizer refuses is reported when it is encoded; until then its bytes are counted.
        self.ask(|mapped| mapped.count(text), |general| general.count(text)).unwrap_or(text.len())
    }

    /// Returns the byte ranges of a text's tokens, in order, without special tokens.
    ///
    /// # Errors
    /// See [`Tokenizer::encode`].
    pub(crate) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.ask(|mapped| mapped.offsets(text), |general| general.offsets(text))
    }

    /// Tokenises a text. If the text is too long, splits it into parts, so that each sequence has at most `context_length` tokens with
    /// `prefix` and special tokens.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text, or the prefix alone fills the context length.
    pub(crate) fn encode_split(&self, prefix: &str, text: &str, context_length: usize) -> Result<Vec<TokenInput>> {
        let whole = if text.len() <= CHUNK_BYTES { Some(self.encode_prefixed(prefix, text)?) } else { None };
        if let Some(whole) = whole.filter(|whole| whole.ids.len() <= context_length) {
            return Ok(vec![whole]);
        }
        let overhead = self.encode_prefixed(prefix, "")?.ids.len();
        let capacity = context_length.saturating_sub(overhead);
        if capacity == 0 {
            let problem = format!(
                "the context length of {context_length} tokens has no space for text after the prefix {prefix:?}"
            );
            return Err(Error::Encode { problem });
        }
        let mut sequences = Vec::new();
        for chunk in chunks(text) {
            let tokens = self.offsets(&text[chunk.clone()])?;
            for group in tokens.chunks(capacity) {
                let start = chunk.start + group.first().map_or(0, |t| t.0);
                let end = chunk.start + group.last().map_or(0, |t| t.1);
                self.add_part(prefix, text, start..end, context_length, &mut sequences)?;
            }
        }
        // If the tokenizer drops the whole text, the result is a sequence of special tokens, as for a short text.
        if sequences.is_empty() {
            sequences.push(self.encode_prefixed(prefix, "")?);
        }
        Ok(sequences)
    }

    /// Adds one part of a text. A part may have more tokens alone than within the text. If it has too many, it is split into halves.
    fn add_part(
        &self,
        prefix: &str,
        text: &str,
        range: Range<usize>,
        context_length: usize,
        sequences: &mut Vec<TokenInput>,
    ) -> Result<()> {
        let range = text.ceil_char_boundary(range.start)..text.ceil_char_boundary(range.end);
        let input = self.encode_prefixed(prefix, &text[range.clone()])?;
        let middle = text.ceil_char_boundary(range.start + range.len() / 2);
        if input.ids.len() <= context_length || middle >= range.end {
            if !range.is_empty() {
                sequences.push(input);
            }
            return Ok(());
        }
        self.add_part(prefix, text, range.start..middle, context_length, sequences)?;
        self.add_part(prefix, text, middle..range.end, context_length, sequences)
    }

    fn encode_prefixed(&self, prefix: &str, text: &str) -> Result<TokenInput> {
        if prefix.is_empty() { self.encode(text) } else { self.encode(&format!("{prefix}{text}")) }
    }
}

/// The most bytes tokenised at once: time and memory of `tokenizers` grow faster than the text.
const CHUNK_BYTES: usize = 64 * 1024;

/// Splits a text into ranges of at most [`CHUNK_BYTES`], at white space if there is any in the last half.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    while text.len() - start > CHUNK_BYTES {
        let end = text.floor_char_boundary(start + CHUNK_BYTES);
        let middle = text.floor_char_boundary(start + CHUNK_BYTES / 2);
        let split = text[middle..end].rfind(char::is_whitespace).map_or(end, |offset| middle + offset);
        chunks.push(start..split);
        start = split;
    }
    chunks.push(start..text.len());
    chunks
}

/// True if both forms give the same result for a text.
fn forms_agree(mapped: &Mapped, general: &General, text: &str) -> bool {
    let single = mapped.encode(text).ok().zip(general.encode(text).ok());
    let pair = mapped.encode_pair(text, "a 词").ok().zip(general.encode_pair(text, "a 词").ok());
    let offsets = mapped.offsets(text).ok().zip(general.offsets(text).ok());
    let are_equal = |inputs: Option<(TokenInput, TokenInput)>| {
        inputs.is_some_and(|(a, b)| a.ids == b.ids && a.token_type_ids == b.token_type_ids)
    };
    are_equal(single) && are_equal(pair) && offsets.is_some_and(|(a, b)| a == b)
}
