//! Values of the builder and of documents.

use std::time::SystemTime;

/// A value for the builder's comparisons. Numbers and truth values mean the same as bare words of an expression.
///
/// ```
/// use nigh::{Filter, FilterValue};
///
/// let october = Filter::field("date").eq(FilterValue::word("2026-10"));
/// assert_eq!(october, Filter::parse("date = 2026-10")?);
/// let text = Filter::field("date").eq("2026-10");
/// assert_eq!(text, Filter::parse("date = \"2026-10\"")?);
/// # Ok::<(), nigh::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FilterValue {
    /// Text; for `modified` a date, for `size` bytes with or without a unit, as in an expression. In tests of metadata, `eq`, `ne` and
    /// `is_in` take it as quoted text, which is also a date only if it is a single day; `lt`, `le`, `gt` and `ge` take it as a bare word.
    Text(String),
    /// A bare word of an expression: `2026-10` is any time in that month, and also the same text; `7d-ago` is a time.
    Word(String),
    /// A number without a fraction. A `u64` above `i64::MAX` becomes [`FilterValue::Float`].
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// An instant, for `modified` and dates in metadata.
    Time(SystemTime),
}

impl FilterValue {
    /// Returns a bare word: see [`FilterValue::Word`].
    pub fn word(text: impl Into<String>) -> Self {
        Self::Word(text.into())
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => {$(
        impl From<$type> for FilterValue {
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

/// A number: an integer if it fits in i64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum FilterNumber {
    Integer(i64),
    /// Finite.
    Float(f64),
}
