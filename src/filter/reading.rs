//! How texts of documents read as numbers and dates. Everybody who compares asks here.
//!
//! A text is read when it is compared, not when it is stored: documents keep what their files say, and collections of older
//! versions answer the same.

use std::cell::OnceCell;

use super::value::FilterNumber;
use super::{date, number};

/// What comes of reading a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read<T> {
    As(T),
    /// It may be one of two, and nothing says which.
    TwoWays,
    /// It is none.
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

/// The time that a date is, in nanoseconds since 1970: from the first to before the second. All of the day, month, year or
/// second that is written.
pub(crate) type TimeSpan = (i128, i128);

/// A text that is compared with literals. It is read once, and only if one asks.
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
