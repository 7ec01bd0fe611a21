//! What a collection was made with. Stored as JSON, so that other tools can read it.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The model whose vectors a collection holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelIdentity {
    /// Its catalogue name, or the name of its directory.
    pub name: String,
    /// The hash over everything that shapes its vectors, hexadecimal.
    pub fingerprint: String,
    /// Where it was when the collection was made.
    pub path: String,
}

/// How the numbers of a vector are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VectorPrecision {
    /// IEEE 754 half precision, 2 bytes a number; the default.
    #[default]
    F16,
    /// IEEE 754 single precision, 4 bytes a number.
    F32,
}

impl VectorPrecision {
    /// Bytes a number takes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// What a collection keeps of its passages' words, beside their vectors. A build of nigh can add to what it can make itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WordIndex {
    /// Nothing: it is searched by meaning alone, and filters look at one document after the other.
    None,
    /// Words; of Chinese characters and pairs of them. Wants the feature `lexical`.
    Characters,
    /// Words, of Chinese those of a dictionary too. Wants the features `lexical` and `zh`.
    #[default]
    Full,
}

impl WordIndex {
    /// The most that this build can make, and what a new collection keeps unless told otherwise.
    pub const BUILT_IN: Self = if cfg!(feature = "zh") {
        Self::Full
    } else if cfg!(feature = "lexical") {
        Self::Characters
    } else {
        Self::None
    };

    fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

/// What a collection was made with, and what its documents are cut by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What tells the collection from every other: 32 hexadecimal digits, given when it is made. Empty: made before format 3.
    #[serde(default)]
    pub id: String,
    /// The model, or none when vectors are brought.
    pub model: Option<ModelIdentity>,
    /// Numbers in a vector, at least 1.
    pub dimension: usize,
    /// How they are kept. Default: [`VectorPrecision::F16`].
    #[serde(default)]
    pub precision: VectorPrecision,
    /// The longest passage, in the model's tokens; none: the model's window.
    #[serde(default)]
    pub passage_tokens: Option<usize>,
    /// How much two passages cut from one paragraph share, in tokens; none: the default share.
    #[serde(default)]
    pub overlap_tokens: Option<usize>,
    /// What is kept of words. Not written where it is all, as collections before had no other.
    #[serde(default, skip_serializing_if = "WordIndex::is_full")]
    pub words: WordIndex,
    /// When the collection was made, in seconds since 1970.
    pub created_unix: u64,
    /// The folders that were indexed, as paths below the folder that ids are relative to, or absolute ones.
    #[serde(default)]
    pub folders: Vec<String>,
}

impl Settings {
    /// Settings for brought vectors of `dimension` numbers: no model, f16, made at 0.
    #[cfg(test)]
    pub fn of_dimension(dimension: usize) -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            model: None,
            dimension,
            precision: VectorPrecision::F16,
            passage_tokens: None,
            overlap_tokens: None,
            words: WordIndex::BUILT_IN,
            created_unix: 0,
            folders: Vec::new(),
        }
    }

    /// Bytes of one stored vector.
    pub fn vector_bytes(&self) -> usize {
        self.dimension * self.precision.bytes()
    }

    pub(super) fn check(&self) -> Result<()> {
        if (1..=Self::MAX_DIMENSION).contains(&self.dimension) {
            return Ok(());
        }
        let problem = format!("vectors of dimension {}; it must be 1 to {}", self.dimension, Self::MAX_DIMENSION);
        Err(Error::InvalidOptions { problem })
    }

    /// The most numbers a vector may have.
    pub const MAX_DIMENSION: usize = 65_536;
}
