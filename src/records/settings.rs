//! The settings that a collection was created with. Stored as JSON, so that other tools can read them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The model whose vectors a collection stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelIdentity {
    /// The catalogue name, or the name of its directory.
    pub name: String,
    /// A hash of everything that decides the vectors, hexadecimal.
    pub fingerprint: String,
    /// The model's path when the collection was created.
    pub path: String,
}

/// The number type of stored vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VectorPrecision {
    /// IEEE 754 half precision, 2 bytes for each number; the default.
    #[default]
    F16,
    /// IEEE 754 single precision, 4 bytes for each number.
    F32,
}

impl VectorPrecision {
    /// Returns the length of one number in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// The kind of lexical index in a collection. Only a build that supports its kind can write to the collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WordIndex {
    /// No lexical index: the collection is searched by vectors alone, and filters read all documents.
    None,
    /// Words; for Chinese, characters and pairs of characters. Needs the feature `lexical`.
    Characters,
    /// Words; for Chinese, dictionary words too. Needs the features `lexical` and `zh`.
    #[default]
    Full,
}

impl WordIndex {
    /// The richest kind that this build supports; the default of new collections.
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

/// Where a document's text is cut into passages. A collection keeps what it was created with, so that its passages stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cuts {
    /// Passages are filled with paragraphs, also across headings, by default up to the model's context length. Plain text has no
    /// headings. The rule of collections without this setting.
    #[default]
    Blocks,
    /// Passages end where sections do, and have by default at most 192 tokens, or one longer paragraph. Plain text has headings, too. The
    /// rule of new collections.
    Sections,
}

/// The settings that a collection was created with, and how its documents are split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The collection's unique id: 32 hexadecimal digits, assigned when it is created. Empty: created before format 3.
    #[serde(default)]
    pub id: String,
    /// The model; `None` if the application supplies the vectors.
    pub model: Option<ModelIdentity>,
    /// The dimension of vectors, at least 1.
    pub dimension: usize,
    /// The number type of vectors. Default: [`VectorPrecision::F16`].
    #[serde(default)]
    pub precision: VectorPrecision,
    /// Where texts are cut into passages. Default: [`Cuts::Blocks`].
    #[serde(default)]
    pub cuts: Cuts,
    /// The maximal length of a passage, in tokens; `None`: the default for [`Settings::cuts`].
    #[serde(default)]
    pub passage_tokens: Option<usize>,
    /// The overlap of two passages of one block, in tokens; `None`: an eighth of the maximal length.
    #[serde(default)]
    pub overlap_tokens: Option<usize>,
    /// The number of a change, 0 for none: documents that have not changed since have passages of an earlier rule, and their
    /// files are read again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub old_passages_until: u64,
    /// The lexical index. Not written for [`WordIndex::Full`], the only kind of older collections.
    #[serde(default, skip_serializing_if = "WordIndex::is_full")]
    pub words: WordIndex,
    /// The time when the collection was created, in seconds since 1970.
    pub created_unix: u64,
    /// The folders that were indexed: paths relative to the folder that ids are relative to, or absolute paths.
    #[serde(default)]
    pub folders: Vec<String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Settings {
    /// Settings for a collection without a model, with vectors of `dimension` numbers: f16, created at 0.
    #[cfg(test)]
    pub fn of_dimension(dimension: usize) -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            model: None,
            dimension,
            precision: VectorPrecision::F16,
            cuts: Cuts::Sections,
            passage_tokens: None,
            overlap_tokens: None,
            old_passages_until: 0,
            words: WordIndex::BUILT_IN,
            created_unix: 0,
            folders: Vec::new(),
        }
    }

    /// Returns the length of one stored vector in bytes.
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

    /// The most numbers that a vector may have.
    pub const MAX_DIMENSION: usize = 65_536;
}
