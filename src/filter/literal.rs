//! Literals, and comparisons of documents' values with them.

use std::cmp::Ordering;

use super::name::Field;
use super::number::number;
use super::reading::{ComparedText, Read, TimeSpan};
use super::size::bytes;
use super::spelling::composed;
use super::time::{self, DAY, Moment, SECOND};
use super::value::{FilterNumber, FilterValue, ValueRef};
use super::{date, display, number};

/// The meaning of a literal besides its text and its date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reading {
    /// Only text.
    Text,
    Integer(i64),
    /// Finite.
    Float(f64),
    Bool(bool),
    /// Every integer from the first to before the second: a period, for the time of a file.
    Range(i64, i64),
}

impl From<FilterNumber> for Reading {
    fn from(number: FilterNumber) -> Self {
        match number {
            FilterNumber::Integer(number) => Self::Integer(number),
            FilterNumber::Float(number) => Self::Float(number),
        }
    }
}

/// A literal, parsed for its field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Literal {
    pub(crate) text: String,
    pub(crate) reading: Reading,
    /// Its date, in a test of metadata.
    date: Option<TimeSpan>,
}

/// The use of a literal, which decides its possible meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// A bare word, compared for equality.
    Bare,
    /// Quoted text, compared for equality.
    Quoted,
    /// A bare word, compared for order.
    Order,
    /// Quoted text, compared for order: the same as [`Use::Order`], but a text that only looks like a time is text.
    QuotedOrder,
}

impl Use {
    fn is_order(self) -> bool {
        matches!(self, Self::Order | Self::QuotedOrder)
    }
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

/// Compares the period of a text with that of a literal. They are equal if the text lies within the literal, or if the literal is an
/// instant within the text. Otherwise the text is less if it begins before the literal, and greater if not.
fn compare_periods(time: TimeSpan, literal: TimeSpan) -> Ordering {
    let is_within = |inner: TimeSpan, outer: TimeSpan| outer.0 <= inner.0 && inner.1 <= outer.1;
    let is_instant = literal.1 - literal.0 == 1;
    if is_within(time, literal) || (is_instant && is_within(literal, time)) {
        Ordering::Equal
    } else if time.0 < literal.0 {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

impl Literal {
    /// Parses a literal for a field. `now`: nanoseconds since 1970, for `7d-ago`.
    ///
    /// # Errors
    /// The problem of the literal.
    pub(crate) fn read(field: &Field, text: &str, used: Use, now: i64) -> Result<Self, String> {
        let text = composed(text).into_owned();
        let plain = |text, reading| Self { text, reading, date: None };
        Ok(match field {
            Field::Size => plain(text.clone(), bytes(&text)?),
            Field::Modified => match time::read(&text, now)? {
                Moment::Written { start, end } => plain(text, Reading::Range(start, end)),
                Moment::Ago(at) => plain(time::write(at), Reading::Range(at, at.saturating_add(1))),
            },
            Field::Extension => plain(text.strip_prefix('.').unwrap_or(&text).to_lowercase(), Reading::Text),
            Field::Language => plain(text.to_lowercase(), Reading::Text),
            Field::Path => plain(text, Reading::Text),
            Field::Metadata(_) => Self::for_metadata(text, used, now)?,
        })
    }

    fn for_metadata(text: String, used: Use, now: i64) -> Result<Self, String> {
        // `now` is also a usual text, and no document is dated exactly now, so it is a time only in an order.
        let relative = if used == Use::Quoted || (used == Use::Bare && text.eq_ignore_ascii_case("now")) {
            None
        } else {
            time::relative(&text, now)
        };
        match relative {
            Some(Moment::Ago(at)) => {
                let date = Some((at.into(), i128::from(at) + 1));
                return Ok(Self { text: time::write(at), reading: Reading::Text, date });
            }
            Some(Moment::Written { start, end }) => {
                return Ok(Self { text, reading: Reading::Text, date: Some((start.into(), end.into())) });
            }
            None => {}
        }
        let reading = match used {
            Use::Quoted => Reading::Text,
            Use::Bare => bare_word(&text),
            Use::Order | Use::QuotedOrder => match number(&text).map_or_else(|| number::read(&text), Read::As) {
                Read::As(number) => number.into(),
                Read::TwoWays => {
                    return Err(format!(
                        "{text:?} can be read as a fraction or as a whole number; write 1.234 or 1234"
                    ));
                }
                Read::Not => Reading::Text,
            },
        };
        let date = match date::read(&text) {
            // Quoted text is a date only if it is a day: other dates may have another meaning.
            Read::As(date) if used != Use::Quoted || date.1 - date.0 <= i128::from(DAY) * SECOND => {
                Some(date).filter(|_| matches!(reading, Reading::Text | Reading::Integer(_)))
            }
            Read::TwoWays if used.is_order() => {
                return Err(format!("{text:?} can be read as two dates; write year, month and day: 2024-05-01"));
            }
            _ => None,
        };
        let is_bare = matches!(used, Use::Bare | Use::Order);
        if is_bare && reading == Reading::Text && date.is_none() && time::resembles(&text, used == Use::Bare) {
            return Err(format!("{}; to compare it as text, put it in quotes", time::not_a_time(&text)));
        }
        Ok(Self { text, reading, date })
    }

    /// Makes the literal of a builder's value.
    ///
    /// # Errors
    /// The problem of the literal.
    pub(crate) fn of(field: &Field, value: FilterValue, order: bool, now: i64) -> Result<Self, String> {
        let (bare, quoted) = if order { (Use::Order, Use::Order) } else { (Use::Bare, Use::Quoted) };
        match value {
            FilterValue::Text(text) => Self::read(field, &text, quoted, now),
            FilterValue::Word(word) if !display::is_bare(&word) => {
                Err(format!("{word:?} is not a bare word, which has no spaces; use FilterValue::Text"))
            }
            FilterValue::Word(word) => Self::read(field, &word, bare, now),
            FilterValue::Integer(number) => Self::read(field, &number.to_string(), bare, now),
            FilterValue::Float(number) if !number.is_finite() => Err(format!("{number} is not a finite number")),
            FilterValue::Float(number) => Self::read(field, &format!("{number:?}"), bare, now),
            FilterValue::Bool(truth) => Self::read(field, if truth { "true" } else { "false" }, bare, now),
            FilterValue::Time(at) => Self::read(field, &time::write(time::nanoseconds(at)?), quoted, now),
        }
    }

    /// True if texts are parsed as numbers or dates for the comparison. Then texts other than its own may be equal to it.
    pub(crate) fn reads_texts(&self) -> bool {
        self.date.is_some() || matches!(self.reading, Reading::Integer(_) | Reading::Float(_))
    }

    /// True for `today` and similar words as dates. They are bare words.
    pub(super) fn is_day_word(&self) -> bool {
        time::is_day_word(&self.text) && (self.date.is_some() || matches!(self.reading, Reading::Range(..)))
    }

    /// True if texts are compared with it as dates.
    pub(crate) fn is_date(&self) -> bool {
        self.date.is_some()
    }

    /// True if a text can be parsed as a number or date for this literal.
    pub(crate) fn reads(&self, text: &str) -> bool {
        self.compare_text(&ComparedText::of(text)).is_some()
    }

    pub(crate) fn equals(&self, value: ValueRef<'_>) -> bool {
        match (value, self.reading) {
            (ValueRef::Text(text), _) => self.equals_text(&ComparedText::of(text)),
            (ValueRef::Bool(truth), Reading::Bool(wanted)) => truth == wanted,
            (ValueRef::Integer(number), Reading::Range(start, end)) => (start..end).contains(&number),
            (value, reading) => compare_numbers(value, reading).is_some_and(Ordering::is_eq),
        }
    }

    pub(crate) fn equals_text(&self, text: &ComparedText<'_>) -> bool {
        text.text == self.text || self.compare_text(text).is_some_and(Ordering::is_eq)
    }

    pub(crate) fn ordered(&self, order: Order, value: ValueRef<'_>) -> bool {
        match (value, self.reading) {
            (ValueRef::Text(text), _) if self.reads_texts() => {
                self.compare_text(&ComparedText::of(text)).is_some_and(|ordering| order.holds(ordering))
            }
            (ValueRef::Text(text), _) => order.holds(text.cmp(&self.text)),
            (ValueRef::Integer(number), Reading::Range(start, end)) => match order {
                Order::Less => number < start,
                Order::LessOrEqual => number < end,
                Order::Greater => number >= end,
                Order::GreaterOrEqual => number >= start,
            },
            (value, reading) => compare_numbers(value, reading).is_some_and(|ordering| order.holds(ordering)),
        }
    }

    /// Compares a text that is a number with the number, or a text that is a date with the date; `None` if it is neither.
    fn compare_text(&self, text: &ComparedText<'_>) -> Option<Ordering> {
        if matches!(self.reading, Reading::Integer(_) | Reading::Float(_))
            && let Some(value) = text.number()
        {
            let value = match value {
                FilterNumber::Integer(number) => ValueRef::Integer(number),
                FilterNumber::Float(number) => ValueRef::Float(number),
            };
            return compare_numbers(value, self.reading);
        }
        Some(compare_periods(text.date()?, self.date?))
    }
}

/// Returns the order of two numbers; `None` if one is not a number.
fn compare_numbers(value: ValueRef<'_>, reading: Reading) -> Option<Ordering> {
    match (value, reading) {
        (ValueRef::Integer(a), Reading::Integer(b)) => Some(a.cmp(&b)),
        (ValueRef::Integer(a), Reading::Float(b)) => (a as f64).partial_cmp(&b),
        (ValueRef::Float(a), Reading::Integer(b)) => a.partial_cmp(&(b as f64)),
        (ValueRef::Float(a), Reading::Float(b)) => a.partial_cmp(&b),
        _ => None,
    }
}

/// Returns the meaning of a bare word: `-12`, `2.5`, `1e-3`, `true` in any case, or only the text itself.
fn bare_word(text: &str) -> Reading {
    if text.eq_ignore_ascii_case("true") {
        return Reading::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Reading::Bool(false);
    }
    number(text).map_or(Reading::Text, Reading::from)
}
