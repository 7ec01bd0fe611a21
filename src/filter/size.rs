//! Sizes of files in literals.

use super::literal::Reading;
use super::number::number;
use super::value::FilterNumber;

const UNITS: [(&str, u64); 15] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1000),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("pib", 1 << 50),
];

/// Parses a size to bytes: `10KB`, `1.5MiB`, `300`.
pub(super) fn bytes(text: &str) -> Result<Reading, String> {
    let problem = || format!("{text:?} is not a size; write bytes, or a number with KB, MB, GB, KiB, MiB or GiB: 10KB");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let unit = unit.to_ascii_lowercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(problem)?;
    match number(count).ok_or_else(problem)? {
        FilterNumber::Integer(count) => count
            .checked_mul(*factor as i64)
            .map(Reading::Integer)
            .ok_or_else(|| format!("the size {text} is too large")),
        FilterNumber::Float(count) => {
            let bytes = count * *factor as f64;
            let whole = bytes.fract() == 0.0 && bytes < i64::MAX as f64;
            Ok(if whole { Reading::Integer(bytes as i64) } else { Reading::Float(bytes) })
        }
    }
}
