//! The space of vectors: as the model gives them, or the same for all languages.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`VectorSpace`]: the name of a space |
//! | `neutral.rs` | [`NeutralTransform`]: moves vectors into the language-neutral space |

mod neutral;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub(crate) use neutral::NeutralTransform;

use crate::error::{Error, Result};
use crate::model::{ModelInfo, parse_name};
use crate::reference_texts::{TEXTS_HASH, knows_several_scripts};
use crate::tokenizer::Tokenizer;

/// The space of the vectors of queries and passages; part of the fingerprint.
///
/// The vectors of a multilingual model say what a text is about, and also in which language it is. So a query is nearer to a
/// wrong passage in its own language than to the right one in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VectorSpace {
    /// The vectors as the model's authors define them; the default of an encoder.
    #[default]
    Original,
    /// The vectors without the part that tells the language, for collections in several languages. Vectors of texts without
    /// a role ([`TextKind::Plain`](crate::TextKind::Plain), pairs, tokens) are as in [`VectorSpace::Original`].
    LanguageNeutral,
}

impl VectorSpace {
    /// All spaces.
    pub const ALL: [Self; 2] = [Self::Original, Self::LanguageNeutral];

    /// Returns the space that suits a model's collections: language-neutral for a model that knows at least two languages
    /// in different scripts, else the original one. Loads the tokenizer.
    ///
    /// # Errors
    /// [`Error::ModelFile`] for a tokenizer that cannot be read.
    pub fn suited_to(model: &ModelInfo) -> Result<Self> {
        let tokenizer = Tokenizer::load(&model.path().join("tokenizer.json"))?;
        Ok(if knows_several_scripts(&tokenizer) { Self::LanguageNeutral } else { Self::Original })
    }

    /// Refuses a space that does not suit a model.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`].
    pub(crate) fn check(self, model: &ModelInfo, tokenizer: &Tokenizer) -> Result<()> {
        if self == Self::Original || knows_several_scripts(tokenizer) { Ok(()) } else { Err(unsuitable(model)) }
    }

    /// The same check, for a model that is not loaded.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`]; [`Error::ModelFile`].
    #[doc(hidden)]
    pub fn check_suits(self, model: &ModelInfo) -> Result<()> {
        if self == Self::Original || Self::suited_to(model)? == self { Ok(()) } else { Err(unsuitable(model)) }
    }

    /// Returns the fingerprint of vectors in this space, if that of the model is `model`. In the original space it is the
    /// same.
    pub fn fingerprint(self, model: &str) -> String {
        match self {
            Self::Original => model.to_owned(),
            Self::LanguageNeutral => {
                let facts = format!("{} {model} {TEXTS_HASH} {}", neutral::SCHEME, neutral::MEAN_SHARE);
                blake3::hash(facts.as_bytes()).to_hex().to_string()
            }
        }
    }

    /// Returns `original` or `language-neutral`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::LanguageNeutral => "language-neutral",
        }
    }
}

/// Returns the error for a model that the language-neutral space does not suit.
fn unsuitable(model: &ModelInfo) -> Error {
    let name = model.name();
    let problem =
        format!("the language-neutral space needs a multilingual model, which {name} is not; use the original space");
    Error::InvalidOptions { problem }
}

impl fmt::Display for VectorSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for VectorSpace {
    type Err = Error;

    /// Parses a [`VectorSpace::name`].
    fn from_str(text: &str) -> Result<Self> {
        parse_name(text, "a vector space", Self::ALL, Self::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_parsed_from_their_names() {
        for space in VectorSpace::ALL {
            assert_eq!(space.to_string().parse::<VectorSpace>().unwrap(), space);
            assert_eq!(serde_json::to_value(space).unwrap(), space.name());
        }
        assert!("neutral".parse::<VectorSpace>().unwrap_err().to_string().contains("language-neutral"));
    }
}
