//! Makes one section for each row of a table or JSON record. Also what their readers share: typed values, unique column names, lists of
//! line numbers for reports.

use std::collections::{HashMap, HashSet};

use serde_json::{Number, Value};

use super::bounds::Sections;
use super::charset::Encoding;
use super::{Extracted, MOST_TEXT, Section};
use crate::types::{Metadata, Place, PlaceKind, Syntax};

/// A longer value, in bytes, is only in the text, not in the metadata.
pub(super) const MAX_VALUE_BYTES: usize = 1 << 10;
/// A report lists at most this many line numbers.
const MAX_LISTED_LINES: usize = 8;

/// Rows written so far.
#[derive(Debug, Default)]
pub(super) struct RowSections {
    text: String,
    sections: Sections,
    count: usize,
    /// Reports of what could not be read.
    pub(super) losses: Vec<String>,
}

impl RowSections {
    /// Adds a row with its number in the file. Ignores a row without text.
    pub(super) fn add(&mut self, number: u64, text: &str, metadata: Metadata) {
        let text = text.trim();
        // A text beyond the limit is refused later, so the rest is not kept.
        if text.is_empty() || self.text.len() > MOST_TEXT {
            return;
        }
        self.count += 1;
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let place = Place::new(PlaceKind::Row, u32::try_from(number).unwrap_or(u32::MAX));
        self.sections.push(Section { start: self.text.len(), place, headings: Vec::new(), metadata });
        self.text.push_str(text);
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Returns the extracted text; `None` without rows.
    pub(super) fn finish(mut self) -> Option<Extracted> {
        self.losses.extend(self.sections.loss(self.count, "rows"));
        (self.count > 0).then(|| Extracted {
            text: self.text,
            sections: self.sections.finish(),
            metadata: Metadata::new(),
            losses: self.losses,
            title: None,
            syntax: Syntax::Plain,
            encoding: Encoding::Utf8,
        })
    }
}

/// A longer number, in characters with its decimal point, stays a string: an f64 might not hold all its digits.
const MAX_NUMBER_CHARS: usize = 16;
/// The same for a number with separators between groups of digits.
const MAX_GROUPED_CHARS: usize = 18;

/// Returns the value of a text field. A number has no leading zeros, plus sign or exponent, so "007", "+1" and "1e5" are strings; its
/// digits may be in unambiguous groups ("1.185,55").
pub(super) fn parse_value(field: &str) -> Value {
    match field {
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = field.strip_prefix('-').unwrap_or(field);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let canonical = all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(all_digits)
        && digits.len() <= MAX_NUMBER_CHARS
        && field != "-0";
    let number = if !canonical {
        None
    } else if fraction.is_none() {
        field.parse::<i64>().ok().map(Number::from)
    } else {
        field.parse::<f64>().ok().and_then(Number::from_f64)
    };
    number.or_else(|| parse_grouped(field)).map_or_else(|| Value::String(field.to_owned()), Value::Number)
}

/// Reads a number with digits in groups of three, if it is unambiguous: "1.185,55", "1,185.55", "1 185,55", "1,234,567". Not
/// "1,185", which means 1.185 in other countries.
fn parse_grouped(field: &str) -> Option<Number> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    let group = digits.chars().find(|c| !c.is_ascii_digit())?;
    let decimal = match group {
        ',' => '.',
        '.' => ',',
        ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => ',',
        '\'' | '’' => '.',
        _ => return None,
    };
    let (whole, fraction) =
        digits.split_once(decimal).map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let groups: Vec<&str> = whole.split(group).collect();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = groups.split_first()?;
    let well_formed = is_digits(first)
        && first.len() <= 3
        && !first.starts_with('0')
        && rest.iter().all(|part| part.len() == 3 && is_digits(part))
        && fraction.is_none_or(is_digits)
        && digits.len() <= MAX_GROUPED_CHARS;
    // One group may be decimals ("1,185"); without a fraction, groups with spaces may be a telephone number.
    let unambiguous = fraction.is_some() || (rest.len() >= 2 && matches!(group, ',' | '.'));
    if !well_formed || !unambiguous {
        return None;
    }
    let sign = if field.starts_with('-') { "-" } else { "" };
    match fraction {
        None => format!("{sign}{}", groups.concat()).parse::<i64>().ok().map(Number::from),
        Some(fraction) => Number::from_f64(format!("{sign}{}.{fraction}", groups.concat()).parse().ok()?),
    }
}

/// Makes the names of columns unique: the second "Currency" becomes "Currency 2". Empty names stay empty.
pub(super) fn unique_names<'n>(names: impl IntoIterator<Item = &'n String>) -> Vec<String> {
    let names: Vec<&String> = names.into_iter().collect();
    let mut taken: HashSet<String> = names.iter().map(|name| (*name).clone()).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let counted = names.iter().map(|name| {
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count < 2 || name.is_empty() {
            return (*name).clone();
        }
        // A column may already have the name with this number.
        loop {
            let numbered = format!("{name} {count}");
            if taken.insert(numbered.clone()) {
                return numbered;
            }
            *count += 1;
        }
    });
    counted.collect()
}

/// Replaces each run of white space by one space.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Returns "line 3", "lines 3, 5 and 7", "lines 3, 5, … (20 in all)".
pub(super) fn list_lines(lines: &[u64]) -> String {
    let listed: Vec<String> = lines.iter().take(MAX_LISTED_LINES).map(u64::to_string).collect();
    match (listed.as_slice(), lines.len() - listed.len()) {
        ([one], _) => format!("line {one}"),
        ([first @ .., last], 0) => format!("lines {} and {last}", first.join(", ")),
        (listed, _) => format!("lines {}, … ({} in all)", listed.join(", "), lines.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_names_are_unique() {
        let unique = |names: &[&str]| unique_names(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(unique(&["Currency", "Price", "Currency"]), ["Currency", "Price", "Currency 2"]);
        assert_eq!(unique(&["Currency", "Currency 2", "Currency"]), ["Currency", "Currency 2", "Currency 3"]);
        assert_eq!(unique(&["", "A", "", "A", "A"]), ["", "A", "", "A 2", "A 3"]);
    }

    #[test]
    fn parse_value_reads_numbers_with_grouped_digits() {
        for (field, expected) in [
            ("1", Value::from(1)),
            ("-12", Value::from(-12)),
            ("0.5", Value::from(0.5)),
            ("12.50", Value::from(12.5)),
            ("TRUE", Value::from(true)),
            ("1.185,55", Value::from(1185.55)),
            ("1,185.55", Value::from(1185.55)),
            ("-1 185,55", Value::from(-1185.55)),
            ("1\u{202f}185,55", Value::from(1185.55)),
            ("1'185.55", Value::from(1185.55)),
            ("1,234,567", Value::from(1_234_567)),
            ("1.234.567,8", Value::from(1_234_567.8)),
        ] {
            assert_eq!(parse_value(field), expected);
        }
    }

    #[test]
    fn parse_value_keeps_strings_that_look_like_numbers() {
        for field in [
            "007",
            "+1",
            "1e5",
            "1,000",
            "-0",
            ".5",
            "1.",
            "12345678901234567890",
            "",
            "nan",
            "0x1",
            "１",
            "1,5",
            "3,50",
            "020 123 456",
            "1 185",
            "12,34,56",
            "0,185.5",
            "1.2.3",
            "1,185,5",
            "10.1.1.250",
            "12 %",
            "$5",
            "1.185,",
            "-",
            "1,185.55.1",
        ] {
            assert_eq!(parse_value(field), Value::from(field));
        }
    }

    #[test]
    fn list_lines_names_at_most_eight() {
        assert_eq!(list_lines(&[3]), "line 3");
        assert_eq!(list_lines(&[3, 5, 7]), "lines 3, 5 and 7");
        let many: Vec<u64> = (1..=20).collect();
        assert_eq!(list_lines(&many), "lines 1, 2, 3, 4, 5, 6, 7, 8, … (20 in all)");
    }
}
