//! Values: those of documents, and the literals that they are compared with.

use std::cmp::Ordering;
use std::time::SystemTime;

use super::name::Field;
use super::spelling::composed;
use super::time::{self, Moment};

/// What the builder's comparisons take. Numbers and truths stand for what a bare word of an expression stands for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Text; for `modified` a date, for `size` bytes with or without a unit, as in an expression.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// An instant, for `modified`.
    Time(SystemTime),
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )*};
}

from! {
    &str => |v| Self::Text(v.to_owned());
    &String => |v| Self::Text(v.clone());
    String => |v| Self::Text(v);
    i32 => |v| Self::Integer(v.into());
    u32 => |v| Self::Integer(v.into());
    i64 => |v| Self::Integer(v);
    u64 => |v| i64::try_from(v).map_or(Self::Float(v as f64), Self::Integer);
    usize => |v| Self::from(v as u64);
    f32 => |v| Self::Float(v.into());
    f64 => |v| Self::Float(v);
    bool => |v| Self::Bool(v);
    SystemTime => |v| Self::Time(v);
}

/// A value of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ValueRef<'a> {
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Bool(bool),
}

/// What a literal stands for beside its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reading {
    /// Nothing: it is text.
    Text,
    Integer(i64),
    /// Finite.
    Float(f64),
    Bool(bool),
    /// Every integer from the first to before the second.
    Range(i64, i64),
}

/// A literal, read for its field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Literal {
    pub(crate) text: String,
    pub(crate) reading: Reading,
}

/// The four comparisons by size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Literal {
    /// Reads a literal for a field. `bare`: not quoted. `now`: nanoseconds since 1970, for `7d-ago`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(field: &Field, text: &str, bare: bool, now: i64) -> Result<Self, String> {
        let text = composed(text).into_owned();
        Ok(match field {
            Field::Size => Self { reading: bytes(&text)?, text },
            Field::Modified => match time::read(&text, now)? {
                Moment::Written { start, end } => Self { reading: Reading::Range(start, end), text },
                Moment::Ago(at) => Self::instant(at),
            },
            Field::Extension => {
                let text = text.strip_prefix('.').unwrap_or(&text).to_lowercase();
                Self { reading: Reading::Text, text }
            }
            Field::Language => Self { reading: Reading::Text, text: text.to_lowercase() },
            Field::Path | Field::Metadata(_) => {
                Self { reading: if bare { scalar(&text) } else { Reading::Text }, text }
            }
        })
    }

    /// The literal of a builder's value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(field: &Field, value: Value, now: i64) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::read(field, &text, false, now),
            Value::Integer(number) => Self::read(field, &number.to_string(), true, now),
            Value::Float(number) if !number.is_finite() => Err(format!("{number} is not a finite number")),
            Value::Float(number) => Self::read(field, &format!("{number:?}"), true, now),
            Value::Bool(truth) => Self::read(field, if truth { "true" } else { "false" }, true, now),
            Value::Time(at) => {
                let literal = Self::instant(time::nanoseconds(at)?);
                if *field == Field::Modified { Ok(literal) } else { Self::read(field, &literal.text, false, now) }
            }
        }
    }

    fn instant(at: i64) -> Self {
        Self { text: time::write(at), reading: Reading::Range(at, at.saturating_add(1)) }
    }

    pub(crate) fn equals(&self, value: ValueRef<'_>) -> bool {
        match (value, self.reading) {
            (ValueRef::Text(text), _) => text == self.text,
            (ValueRef::Bool(truth), Reading::Bool(wanted)) => truth == wanted,
            (ValueRef::Integer(number), Reading::Range(start, end)) => (start..end).contains(&number),
            (value, reading) => numbers(value, reading).is_some_and(Ordering::is_eq),
        }
    }

    pub(crate) fn ordered(&self, order: Order, value: ValueRef<'_>) -> bool {
        match (value, self.reading) {
            (ValueRef::Text(text), _) => order.holds(text.cmp(&self.text)),
            (ValueRef::Integer(number), Reading::Range(start, end)) => match order {
                Order::Less => number < start,
                Order::LessOrEqual => number < end,
                Order::Greater => number >= end,
                Order::GreaterOrEqual => number >= start,
            },
            (value, reading) => numbers(value, reading).is_some_and(|ordering| order.holds(ordering)),
        }
    }
}

/// How a number stands to another; none where one is no number.
fn numbers(value: ValueRef<'_>, reading: Reading) -> Option<Ordering> {
    match (value, reading) {
        (ValueRef::Integer(a), Reading::Integer(b)) => Some(a.cmp(&b)),
        (ValueRef::Integer(a), Reading::Float(b)) => (a as f64).partial_cmp(&b),
        (ValueRef::Float(a), Reading::Integer(b)) => a.partial_cmp(&(b as f64)),
        (ValueRef::Float(a), Reading::Float(b)) => a.partial_cmp(&b),
        _ => None,
    }
}

/// What a bare word stands for: `-12`, `2.5`, `1e-3`, `true` in any case, or only itself.
pub(crate) fn scalar(text: &str) -> Reading {
    if text.eq_ignore_ascii_case("true") {
        return Reading::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Reading::Bool(false);
    }
    number(text).unwrap_or(Reading::Text)
}

fn number(text: &str) -> Option<Reading> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if digits(unsigned) {
        if let Ok(number) = text.parse() {
            return Some(Reading::Integer(number));
        }
    } else {
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if !(digits(whole) && digits(fraction) && digits(exponent)) {
            return None;
        }
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Reading::Float)
}

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

/// `10KB`, `1.5MiB`, `300`: in bytes.
fn bytes(text: &str) -> Result<Reading, String> {
    let problem = || format!("{text:?} is not a size; write bytes, or a number with KB, MB, GB, KiB, MiB or GiB: 10KB");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let unit = unit.to_ascii_lowercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(problem)?;
    match number(count).ok_or_else(problem)? {
        Reading::Integer(count) => {
            count.checked_mul(*factor as i64).map(Reading::Integer).ok_or_else(|| format!("{text} is too large a size"))
        }
        Reading::Float(count) => {
            let bytes = count * *factor as f64;
            let whole = bytes.fract() == 0.0 && bytes < i64::MAX as f64;
            Ok(if whole { Reading::Integer(bytes as i64) } else { Reading::Float(bytes) })
        }
        _ => Err(problem()),
    }
}
