//! The `tokenizers` crate: any tokenizer.json, and the reference for [`super::mapped`].

use std::io::ErrorKind;
use std::path::Path;

use tokenizers::Encoding;

use super::coverage::PlainTokens;
use super::growth;
use crate::batch::TokenInput;
use crate::error::{Error, Result};
use nigh_disk::{Links, read_regular};

/// A loaded tokenizer.json, with its own truncation and padding switched off: nothing is ever cut off here.
pub(super) struct General {
    inner: tokenizers::Tokenizer,
}

impl General {
    /// Reads a tokenizer.json (28 ms for WordPiece with 30,522 entries, about 900 ms for Unigram with 250,002).
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::ModelFile`] when it is damaged.
    pub(super) fn load(path: &Path) -> Result<Self> {
        Self::of(&read(path)?, path)
    }

    /// As [`General::load`], from the content of the file; `path` names it in errors.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when it is damaged.
    pub(super) fn of(bytes: &[u8], path: &Path) -> Result<Self> {
        growth::check(bytes).map_err(|problem| Error::model_file(path, problem))?;
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(|cause| {
            Error::model_file(path, format!("it is no tokenizer.json: {cause}; fetch or copy the model again"))
        })?;
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|cause| Error::model_file(path, format!("its truncation cannot be switched off: {cause}")))?;
        Ok(Self { inner })
    }

    /// A text as one sequence, special tokens added.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn encode(&self, text: &str) -> Result<TokenInput> {
        self.inner.encode_fast(text, true).map(into_input).map_err(refused)
    }

    /// A text as one sequence, special tokens added, and its tokens without the special ones.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the tokenizer refuses the text.
    pub(super) fn with_plain_tokens(&self, text: &str) -> Result<(TokenInput, PlainTokens)> {
        let encoding = self.inner.encode(text, true).map_err(refused)?;
        let mask = encoding.get_special_tokens_mask();
        let tokens = encoding.get_ids().iter().zip(encoding.get_offsets()).zip(mask);
        let (ids, ranges) = tokens.filter(|&(_, &special)| special == 0).map(|((&id, &range), _)| (id, range)).unzip();
        Ok((into_input(encoding), PlainTokens { ids, ranges }))
    }

    /// Two texts as one sequence, with the segment ids that the tokenizer gives.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the texts.
    pub(super) fn encode_pair(&self, first: &str, second: &str) -> Result<TokenInput> {
        // Not `encode_fast`: it forgets the second text's segment, which `BertProcessing` does not set again.
        self.inner.encode((first, second), true).map(into_input).map_err(refused)
    }

    /// How many tokens a text has, special tokens not counted.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn count(&self, text: &str) -> Result<usize> {
        self.inner.encode_fast(text, false).map(|encoding| encoding.len()).map_err(refused)
    }

    /// Byte ranges of a text's tokens, in order, special tokens not counted.
    ///
    /// # Errors
    /// [`Error::Encode`] when the tokenizer refuses the text.
    pub(super) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.inner.encode(text, false).map(|encoding| encoding.get_offsets().to_vec()).map_err(refused)
    }
}

/// The most bytes of a tokenizer.json. That of 250,002 pieces has 17 million.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a tokenizer.json.
///
/// # Errors
/// [`Error::Io`] when it cannot be read, is no regular file or too large.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes =
        read_regular(path, Links::Follow, MOST_BYTES).and_then(|bytes| bytes.ok_or_else(|| ErrorKind::NotFound.into()));
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
