//! Texts of documents as numbers and dates, for all comparisons.
//!
//! A text is parsed when it is compared, not when it is stored. So documents keep the text of their files, and collections of older
//! versions give the same results.

use std::cell::OnceCell;

use super::value::FilterNumber;
use super::{date, number};

/// The result of parsing a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read<T> {
    As(T),
    /// It has two readings.
    TwoWays,
    /// It is not a number or not a date.
    Not,
}

impl<T> Read<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::As(value) => Some(value),
            Self::TwoWays | Self::Not => None,
        }
    }
}

/// The period of a date in nanoseconds since 1970, from the first to before the second: the whole day, month, year or second that was
/// written.
pub(crate) type TimeSpan = (i128, i128);

/// A text that is compared with literals. It is parsed at most once, when first needed.
pub(crate) struct ComparedText<'a> {
    pub(crate) text: &'a str,
    number: OnceCell<Option<FilterNumber>>,
    date: OnceCell<Option<TimeSpan>>,
}

impl<'a> ComparedText<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, number: OnceCell::new(), date: OnceCell::new() }
    }

    pub(super) fn number(&self) -> Option<FilterNumber> {
        *self.number.get_or_init(|| number::read(self.text).value())
    }

    pub(super) fn date(&self) -> Option<TimeSpan> {
        *self.date.get_or_init(|| date::read(self.text).value())
    }
}
