//! The small types that describe a model: [`Pooling`], [`Precision`], [`Prompts`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How the hidden states of a text's tokens become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pooling {
    /// The mean over all tokens that the attention mask includes. The default where a model does not say.
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
    /// 32-bit floating point: the reference, and what every ONNX file counts as, whatever it holds.
    F32,
    /// 8-bit integers: weights with one scale per output, activations with one per token. The default of the native backend.
    #[default]
    Int8,
}

impl Pooling {
    /// Every pooling.
    pub const ALL: [Self; 4] = [Self::Mean, Self::Cls, Self::Max, Self::MeanSqrtLen];

    /// `mean`, `cls`, `max` or `mean_sqrt_len`.
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

    /// Reads what [`Pooling::name`] writes.
    fn from_str(text: &str) -> Result<Self> {
        named(text, "a pooling", Self::ALL, Self::name)
    }
}

impl Precision {
    /// Every precision.
    pub const ALL: [Self; 2] = [Self::F32, Self::Int8];

    /// `f32` or `int8`.
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

    /// Reads what [`Precision::name`] writes.
    fn from_str(text: &str) -> Result<Self> {
        named(text, "a precision", Self::ALL, Self::name)
    }
}

/// The prefixes that a model wants before a text. Empty where it wants none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prompts {
    /// Before a query.
    pub query: String,
    /// Before a passage.
    pub passage: String,
}

impl Prompts {
    /// These two prefixes.
    pub fn new(query: impl Into<String>, passage: impl Into<String>) -> Self {
        Self { query: query.into(), passage: passage.into() }
    }
}

/// The value with this name. `what` is its kind, with an article.
///
/// # Errors
/// [`Error::InvalidOptions`] with all names when it is none of them.
pub(crate) fn named<T: Copy, const N: usize>(
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
    fn kinds_are_read_as_they_are_written() {
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
