//! Tokenises with the `tokenizers` crate, which reads any tokenizer.json. It is the reference for [`super::mapped`].

use std::io::ErrorKind;
use std::path::Path;

use tokenizers::Encoding;

use super::coverage::PlainTokens;
use super::growth;
use crate::batch::TokenInput;
use crate::error::{Error, Result};
use nigh_disk::{Links, read_regular};

/// A loaded tokenizer.json. Its truncation and padding are switched off: no text is ever cut off here.
pub(super) struct General {
    inner: tokenizers::Tokenizer,
}

impl General {
    /// Reads a tokenizer.json (28 ms for WordPiece with 30,522 entries, about 900 ms for Unigram with 250,002).
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::ModelFile`] when it is damaged.
    pub(super) fn load(path: &Path) -> Result<Self> {
        Self::parse(&read(path)?, path)
    }

    /// The same as [`General::load`], from the content of the file. Errors show `path`.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when the content is damaged.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        growth::check(bytes).map_err(|problem| Error::model_file(path, problem))?;
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(|cause| {
            Error::model_file(path, format!("it is not a tokenizer.json: {cause}; fetch or copy the model again"))
        })?;
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|cause| Error::model_file(path, format!("its truncation cannot be switched off: {cause}")))?;
        Ok(Self { inner })
    }

    /// Tokenises a text into one sequence, special tokens added.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn encode(&self, text: &str) -> Result<TokenInput> {
        self.inner.encode_fast(text, true).map(into_input).map_err(refused)
    }

    /// Tokenises a text into one sequence, special tokens added; also returns its tokens without the special ones.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn with_plain_tokens(&self, text: &str) -> Result<(TokenInput, PlainTokens)> {
        let encoding = self.inner.encode(text, true).map_err(refused)?;
        let mask = encoding.get_special_tokens_mask();
        let tokens = encoding.get_ids().iter().zip(encoding.get_offsets()).zip(mask);
        let (ids, ranges) = tokens.filter(|&(_, &special)| special == 0).map(|((&id, &range), _)| (id, range)).unzip();
        Ok((into_input(encoding), PlainTokens { ids, ranges }))
    }

    /// Tokenises two texts into one sequence, with the segment ids of the tokenizer.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the texts.
    pub(super) fn encode_pair(&self, first: &str, second: &str) -> Result<TokenInput> {
        // `encode_fast` loses the segment of the second text, which `BertProcessing` does not set again.
        self.inner.encode((first, second), true).map(into_input).map_err(refused)
    }

    /// Counts the tokens of a text, without special tokens.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn count(&self, text: &str) -> Result<usize> {
        self.inner.encode_fast(text, false).map(|encoding| encoding.len()).map_err(refused)
    }

    /// Returns the byte ranges of a text's tokens, in order, without special tokens.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.inner.encode(text, false).map(|encoding| encoding.get_offsets().to_vec()).map_err(refused)
    }
}

/// The largest accepted tokenizer.json, in bytes. A file with 250,002 pieces has 17 million bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Reads a tokenizer.json.
///
/// # Errors
/// [`Error::Io`] when it cannot be read, is not a regular file, or is too large.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = read_regular(path, Links::Follow, MAX_FILE_BYTES)
        .and_then(|bytes| bytes.ok_or_else(|| ErrorKind::NotFound.into()));
    bytes.map_err(Error::io("read", path))
}

fn into_input(encoding: Encoding) -> TokenInput {
    let types = encoding.get_type_ids();
    TokenInput {
        token_type_ids: types.iter().any(|&t| t != 0).then(|| types.to_vec()),
        ids: encoding.get_ids().to_vec(),
        attention_mask: None,
    }
}

fn refused(cause: tokenizers::Error) -> Error {
    Error::Encode { problem: format!("the tokenizer refuses the text: {cause}") }
}
