//! Numbers, sizes and names on the command line, checked.

use std::error::Error;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A parser for the names of a type, each with its help, which may be empty.
pub(super) fn named<T>(names: &[(&'static str, &'static str)]) -> impl TypedValueParser<Value = T> + use<T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: Error + Send + Sync,
{
    let values = names.iter().map(|&(name, help)| match help {
        "" => PossibleValue::new(name),
        help => PossibleValue::new(name).help(help),
    });
    PossibleValuesParser::new(values.collect::<Vec<_>>()).try_map(|name| name.parse::<T>())
}

/// A share, from 0 to 1.
pub(super) fn share(text: &str) -> Result<f32, String> {
    let share: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("it must be from 0 to 1".to_owned()) }
}

/// A score: any finite number.
pub(super) fn score(text: &str) -> Result<f32, String> {
    text.parse().ok().filter(|score: &f32| score.is_finite()).ok_or_else(|| "it must be a finite number".to_owned())
}

pub(super) fn threads(text: &str) -> Result<usize, String> {
    const MAX: usize = nigh::EncoderOptions::MAX_THREADS;
    text.parse()
        .ok()
        .filter(|n| (1..=MAX).contains(n))
        .ok_or_else(|| format!("it must be a whole number from 1 to {MAX}"))
}

/// A time in seconds, from a hundredth of a second to an hour.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.01..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "it must be a number of seconds, from 0.01 to 3600".to_owned())
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "it must be a whole number, 1 or more".to_owned())
}

/// Bytes: a number, or one with K, M, G (powers of 1024).
pub fn size(text: &str) -> Result<u64, String> {
    let upper = text.to_ascii_uppercase();
    let digits = upper.trim_end_matches('B').trim_end_matches('I');
    let (digits, shift) = match digits.as_bytes().last() {
        Some(b'K') => (&digits[..digits.len() - 1], 10),
        Some(b'M') => (&digits[..digits.len() - 1], 20),
        Some(b'G') => (&digits[..digits.len() - 1], 30),
        _ => (digits, 0),
    };
    let number: Option<u64> = digits.trim().parse().ok();
    number.and_then(|n| n.checked_mul(1 << shift)).ok_or_else(|| "write a size like 500000, 32M or 1G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_parsed_with_its_unit() {
        assert_eq!(size("32M"), Ok(32 << 20));
        assert_eq!(size("1 GiB"), Ok(1 << 30));
        assert_eq!(size("500"), Ok(500));
        assert_eq!(size("10kb"), Ok(10 << 10));
        assert!(size("").is_err() && size("-1").is_err() && size("99999999999G").is_err());
    }
}
