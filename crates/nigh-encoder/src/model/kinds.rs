//! The small types that describe a model: [`Pooling`], [`Precision`], [`Prompts`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The way in which the hidden states of a text's tokens are combined into one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pooling {
    /// The mean over all tokens that the attention mask includes. The default if a model does not say.
    Mean,
    /// The state of the first token.
    Cls,
    /// The largest value of each dimension.
    Max,
    /// The sum divided by the square root of the number of tokens.
    MeanSqrtLen,
}

/// The class of arithmetic that computes a vector; part of the fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Precision {
    /// 32-bit floating point: the reference. Every ONNX file counts as f32, whatever it contains.
    F32,
    /// 8-bit integers: weights with one scale per output, activations with one per token. The default of the native backend.
    #[default]
    Int8,
}

impl Pooling {
    /// All poolings.
    pub const ALL: [Self; 4] = [Self::Mean, Self::Cls, Self::Max, Self::MeanSqrtLen];

    /// Returns `mean`, `cls`, `max` or `mean_sqrt_len`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Cls => "cls",
            Self::Max => "max",
            Self::MeanSqrtLen => "mean_sqrt_len",
        }
    }
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Pooling {
    type Err = Error;

    /// Parses a [`Pooling::name`].
    fn from_str(text: &str) -> Result<Self> {
        parse_name(text, "a pooling", Self::ALL, Self::name)
    }
}

impl Precision {
    /// All precisions.
    pub const ALL: [Self; 2] = [Self::F32, Self::Int8];

    /// Returns `f32` or `int8`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Precision {
    type Err = Error;

    /// Parses a [`Precision::name`].
    fn from_str(text: &str) -> Result<Self> {
        parse_name(text, "a precision", Self::ALL, Self::name)
    }
}

/// The prefixes that a model expects before a text. A prefix is empty if the model expects none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prompts {
    /// The prefix of a query.
    pub query: String,
    /// The prefix of a passage.
    pub passage: String,
}

impl Prompts {
    /// Creates the prefixes of queries and of passages.
    pub fn new(query: impl Into<String>, passage: impl Into<String>) -> Self {
        Self { query: query.into(), passage: passage.into() }
    }
}

/// Returns the value with this name. `what` is its kind, with an article, for the error.
///
/// # Errors
/// [`Error::InvalidOptions`] with all names, when no value has this name.
pub(crate) fn parse_name<T: Copy, const N: usize>(
    text: &str,
    what: &str,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<T> {
    all.into_iter().find(|&value| name(value) == text).ok_or_else(|| {
        let names = all.map(&name).join(", ");
        Error::InvalidOptions { problem: format!("{text:?} is not {what}; it is one of {names}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_parsed_from_their_names() {
        for precision in Precision::ALL {
            assert_eq!(precision.to_string().parse::<Precision>().unwrap(), precision);
        }
        for pooling in Pooling::ALL {
            assert_eq!(pooling.to_string().parse::<Pooling>().unwrap(), pooling);
            assert_eq!(serde_json::to_value(pooling).unwrap(), pooling.name());
        }
        let error = "int4".parse::<Precision>().unwrap_err();
        assert!(error.is_user_error() && error.to_string().contains("f32, int8"), "{error}");
    }
}
