//! Values of the builder and of documents.

use std::time::SystemTime;

/// A value for the builder's comparisons. Numbers and truth values mean the same as bare words of an expression.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FilterValue {
    /// Text; for `modified` a date, for `size` bytes with or without a unit, as in an expression.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// An instant, for `modified`.
    Time(SystemTime),
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
