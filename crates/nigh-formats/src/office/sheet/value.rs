//! The value of a cell, and its displayed text.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::{Number, Value as Json};

/// The value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) enum CellValue {
    /// Text on one line, not empty. Many cells may share it.
    Text(Rc<str>),
    /// A number, and its displayed form if that differs from the number.
    Number(f64, Option<Rc<str>>),
    /// A date, a time or both, in ISO 8601, and the displayed form if that shows more.
    Date(String, Option<Rc<str>>),
    /// A truth value.
    Bool(bool),
}

impl CellValue {
    pub(in crate::office) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(_, Some(shown)) | Self::Date(_, Some(shown)) => Cow::Borrowed(shown),
            Self::Number(number, None) => Cow::Owned(decimal(*number)),
            Self::Date(date, None) if !date.contains('T') => Cow::Borrowed(date),
            Self::Date(date, None) => Cow::Owned(date.replace('T', " ")),
            Self::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        }
    }

    pub(in crate::office) fn json(&self) -> Json {
        match self {
            Self::Text(text) => text.to_string().into(),
            Self::Number(number, _) => {
                let whole = number.fract() == 0.0 && number.abs() < 9e15;
                #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
                let number = if whole {
                    Some(Number::from(*number as i64))
                } else {
                    Number::from_f64(round_to_15_digits(*number))
                };
                number.map_or(Json::Null, Json::Number)
            }
            Self::Date(date, _) => date.clone().into(),
            Self::Bool(value) => (*value).into(),
        }
    }
}

/// Removes the noise that binary fractions have after their 15th digit.
pub(super) fn round_to_15_digits(number: f64) -> f64 {
    if is_short(number, &number.to_string()) {
        return number;
    }
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// True if there is nothing to round: 15 digits identify the number uniquely.
fn is_short(number: f64, shown: &str) -> bool {
    (number == 0.0 || (1e-9..1e15).contains(&number.abs()))
        && (shown.len() <= 15 || shown.bytes().filter(u8::is_ascii_digit).count() <= 15)
}

/// Writes a number in decimal, with at most 15 digits.
pub(in crate::office) fn decimal(number: f64) -> String {
    let shown = number.to_string();
    if is_short(number, &shown) {
        return shown;
    }
    let number = round_to_15_digits(number);
    if number != 0.0 && !(1e-9..1e16).contains(&number.abs()) { format!("{number:e}") } else { number.to_string() }
}

/// Converts a duration to hours, minutes and seconds: "PT09H30M00S" becomes "09:30:00".
pub(in crate::office) fn clock(duration: &str) -> Option<String> {
    let mut rest = duration.trim().strip_prefix("PT")?;
    let mut fields = [0u32; 3];
    for (field, unit) in fields.iter_mut().zip(['H', 'M', 'S']) {
        if let Some((digits, after)) = rest.split_once(unit) {
            *field = digits.split(['.', ',']).next()?.parse().ok()?;
            rest = after;
        }
    }
    rest.is_empty().then(|| format!("{:02}:{:02}:{:02}", fields[0], fields[1], fields[2]))
}
