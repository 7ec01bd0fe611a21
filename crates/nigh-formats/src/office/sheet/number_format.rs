//! The formats of a workbook's cells: which numbers are days or times, and how numbers are shown.

use std::collections::HashMap;
use std::rc::Rc;

use crate::office::namespace::Ns;
use crate::office::sheet::Value;
use crate::office::sheet::number_pattern::Pattern;
use crate::office::xml::{Node, Xml};

/// What a number means by its format.
#[derive(Debug, Clone, Default)]
pub(in crate::office) enum Format {
    /// A number as it is.
    #[default]
    General,
    /// A number, shown so.
    Number(Rc<Pattern>),
    /// A day, perhaps with a time. Its code, where it writes the day in words of East Asia.
    Day(Option<Rc<str>>),
    /// A time of the day.
    Time,
    /// Hours, minutes and seconds that may be more than a day, and the code that shows them.
    Elapsed(Rc<str>),
}

/// The formats of cells by the numbers that cells refer to them with.
#[derive(Debug, Default)]
pub(in crate::office) struct Formats {
    cells: Vec<Format>,
    /// Whether one of them shows texts otherwise than they are.
    for_texts: bool,
}

impl Formats {
    /// Reads `styles.xml`.
    pub(in crate::office) fn read(text: &str) -> Self {
        let mut codes: HashMap<u32, Format> = HashMap::new();
        let mut formats = Vec::new();
        let mut cells = 0;
        let mut xml = Xml::new(text, Ns::Sheet);
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) => match element.name() {
                    (Ns::Sheet, "numFmt") => {
                        let code = element.get("formatCode").unwrap_or_default();
                        if let Some(id) = element.number("numFmtId") {
                            codes.insert(id, of_code(&code));
                        }
                    }
                    (Ns::Sheet, "cellXfs") => cells = xml.depth(),
                    (Ns::Sheet, "xf") if cells > 0 => {
                        let id = element.number("numFmtId").unwrap_or(0);
                        formats.push(codes.get(&id).cloned().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Node::Close if xml.depth() < cells => cells = 0,
                _ => {}
            }
        }
        Self::of(formats)
    }

    /// Formats by code and number, for cells that refer to them by number.
    pub(in crate::office) fn of_codes(codes: Vec<(u16, String)>, cells: &[u16]) -> Self {
        let codes: HashMap<u16, Format> = codes.into_iter().map(|(id, code)| (id, of_code(&code))).collect();
        let format = |id: &u16| codes.get(id).cloned().unwrap_or_else(|| built_in(u32::from(*id)));
        Self::of(cells.iter().map(format).collect())
    }

    fn of(cells: Vec<Format>) -> Self {
        let for_texts =
            cells.iter().any(|format| matches!(format, Format::Number(pattern) if pattern.text("").is_some()));
        Self { cells, for_texts }
    }

    /// The format of a cell of that style.
    fn of_cell(&self, style: usize) -> &Format {
        self.cells.get(style).unwrap_or(&Format::General)
    }

    /// The value of a cell of that style that stores a number.
    pub(in crate::office) fn value(&self, style: usize, number: f64, from_1904: bool) -> Value {
        let as_it_is = || Value::Number(number, None);
        match self.of_cell(style) {
            Format::General => as_it_is(),
            Format::Number(pattern) => Value::Number(number, pattern.number(number).map(Into::into)),
            format => match date(number, format, from_1904) {
                Some(date) => {
                    let shown = match format {
                        Format::Elapsed(code) => Some(elapsed(number, code)),
                        Format::Day(Some(code)) => {
                            in_words(&date, code).map(|words| format!("{} {words}", date.replace('T', " ")))
                        }
                        _ => None,
                    };
                    Value::Date(date, shown.map(Into::into))
                }
                None => as_it_is(),
            },
        }
    }

    /// What a cell of that style that stores a text shows; none for the text as it is.
    pub(in crate::office) fn text(&self, style: impl Fn() -> usize, text: &str) -> Option<String> {
        match self.for_texts.then(|| self.of_cell(style())) {
            Some(Format::Number(pattern)) => pattern.text(text),
            _ => None,
        }
    }
}

/// The formats that no file defines; 27 to 36 and 50 to 58 are those of East Asian editions.
fn built_in(id: u32) -> Format {
    let code = match id {
        14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => return Format::Day(None),
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => return Format::Time,
        46 => return Format::Elapsed("[h]:mm:ss".into()),
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        // Amounts: the sign of the currency depends on where the file is opened.
        5 | 6 | 37 | 38 | 41 | 42 => "#,##0;-#,##0",
        7 | 8 | 39 | 40 | 43 | 44 => "#,##0.00;-#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        48 => "##0.0E+0",
        _ => return Format::General,
    };
    of_code(code)
}

/// The meaning of a format's code, by its first part and by the letters in it that are not literal.
fn of_code(code: &str) -> Format {
    let (mut day, mut time, mut month, mut other) = (false, false, false, false);
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            ';' => break,
            '"' => drop(characters.by_ref().find(|c| *c == '"')),
            '\\' | '_' | '*' => drop(characters.next()),
            '[' => {
                let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                let inside = inside.to_ascii_lowercase();
                if !inside.is_empty() && ['h', 'm', 's'].iter().any(|unit| inside.chars().all(|c| c == *unit)) {
                    return Format::Elapsed(code.into());
                }
            }
            'e' if matches!(characters.as_str().chars().next(), Some('+' | '-')) => other = true,
            'g' if characters.as_str().get(..6).is_some_and(|rest| rest.eq_ignore_ascii_case("eneral")) => {
                other = true;
                characters.by_ref().take(6).for_each(drop);
            }
            'y' | 'd' => day = true,
            'h' | 's' => time = true,
            'm' => month = true,
            '0' | '#' | '?' | '@' | '%' => other = true,
            _ => {}
        }
    }
    // "ss.000" has places behind its seconds; a word with a "d" in it has none of a day.
    match (day, time, month) {
        (true, ..) | (false, false, true) if !other => {
            let words = code.contains(['年', '月', '日', '년', '월', '일']);
            Format::Day(words.then(|| code.into()))
        }
        (_, true, _) => Format::Time,
        _ => Pattern::read(code).map_or(Format::General, |pattern| Format::Number(Rc::new(pattern))),
    }
}

/// A count of days as a date: "2024-05-06", "2024-05-06T09:30:00", "09:30:00". None for what is outside the calendar.
fn date(serial: f64, format: &Format, from_1904: bool) -> Option<String> {
    const DAYS_MAX: f64 = 2_958_466.0;
    if !(0.0..DAYS_MAX).contains(&serial) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "below 2^38")]
    let seconds = (serial * 86400.0).round() as i64;
    let (days, second) = (seconds / 86400, seconds % 86400);
    let clock = |hours: i64| format!("{hours:02}:{:02}:{:02}", second / 60 % 60, second % 60);
    if matches!(format, Format::Elapsed(_)) {
        return Some(clock(seconds / 3600));
    }
    if matches!(format, Format::Time) && days == 0 {
        return Some(clock(second / 3600));
    }
    // Excel counts a 29 February 1900 that there never was as day 60.
    let since_1970 = match (from_1904, days) {
        (true, days) => days - 24107,
        (false, days @ ..60) => days - 25568,
        (false, days) => days - 25569,
    };
    let (year, month, day) = civil(since_1970);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if second == 0 { date } else { format!("{date}T{}", clock(second / 3600)) })
}

/// Elapsed time as a code shows it: "[h]:mm" is "36:00".
fn elapsed(serial: f64, code: &str) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "a day's number has been looked at")]
    let seconds = (serial * 86400.0).round() as i64;
    let mut shown = String::new();
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ';' => break,
            '"' => shown.extend(characters.by_ref().take_while(|c| *c != '"')),
            '\\' => shown.extend(characters.next()),
            '[' => {
                let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                let width = inside.len();
                match inside.chars().next().map(|unit| unit.to_ascii_lowercase()) {
                    Some('h') => shown += &format!("{:0width$}", seconds / 3600),
                    Some('m') => shown += &format!("{:0width$}", seconds / 60),
                    Some('s') => shown += &format!("{seconds:0width$}"),
                    _ => {}
                }
            }
            unit @ ('h' | 'm' | 's' | 'H' | 'M' | 'S') => {
                let mut width = 1;
                while characters.next_if(|next| next.eq_ignore_ascii_case(&unit)).is_some() {
                    width += 1;
                }
                let number = match unit.to_ascii_lowercase() {
                    'h' => seconds / 3600 % 24,
                    'm' => seconds / 60 % 60,
                    _ => seconds % 60,
                };
                shown += &format!("{number:0width$}", width = width.min(2));
            }
            other => shown.push(other),
        }
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A day as a code with words of East Asia shows it: "2024年1月1日". None where the code asks for more than numbers.
fn in_words(date: &str, code: &str) -> Option<String> {
    let number = |range: std::ops::Range<usize>| date.get(range).and_then(|digits| digits.parse::<u32>().ok());
    let mut shown = String::new();
    let mut characters = code.chars().peekable();
    let mut after_hours = false;
    while let Some(character) = characters.next() {
        match character {
            ';' => break,
            '"' => shown.extend(characters.by_ref().take_while(|c| *c != '"')),
            '\\' => shown.extend(characters.next()),
            '_' | '*' => drop(characters.next()),
            '[' => drop(characters.by_ref().find(|c| *c == ']')),
            '@' => {}
            unit if unit.is_ascii_alphabetic() => {
                let mut width = 1;
                while characters.next_if(|next| next.eq_ignore_ascii_case(&unit)).is_some() {
                    width += 1;
                }
                let unit = unit.to_ascii_lowercase();
                let number = match unit {
                    'y' if width <= 2 => number(2..4)?,
                    'y' => number(0..4)?,
                    'm' if after_hours => number(14..16).unwrap_or(0),
                    'm' if width <= 2 => number(5..7)?,
                    'd' if width <= 2 => number(8..10)?,
                    'h' => number(11..13).unwrap_or(0),
                    's' => number(17..19).unwrap_or(0),
                    _ => return None,
                };
                after_hours = unit == 'h';
                shown += &format!("{number:0width$}");
            }
            other => shown.push(other),
        }
    }
    Some(shown.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Year, month and day of a count of days since 1970-01-01: Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn kind(format: &Format) -> &'static str {
        match format {
            Format::General => "general",
            Format::Number(_) => "number",
            Format::Day(_) => "day",
            Format::Time => "time",
            Format::Elapsed(_) => "elapsed",
        }
    }

    #[test]
    fn codes() {
        for (code, expected) in [
            ("General", "general"),
            ("@", "general"),
            ("0.00", "number"),
            ("#,##0.00 [$€-407]", "number"),
            ("[Red]\"day\"0", "number"),
            ("0.00E+00", "number"),
            ("0.0%", "number"),
            ("yyyy\"年\"m\"月\"d\"日\"", "day"),
            ("yyyy年m月d日", "day"),
            ("[$-409]mmm\\ d\\,\\ yyyy;@", "day"),
            ("mmm", "day"),
            ("dd/mm/yyyy hh:mm", "day"),
            ("h:mm AM/PM", "time"),
            ("mm:ss.0", "time"),
            ("[h]:mm:ss", "elapsed"),
            ("0;\\d", "number"),
            ("\\d0", "number"),
        ] {
            assert_eq!(kind(&of_code(code)), expected, "{code}");
        }
    }

    #[test]
    fn values_by_their_formats() {
        let formats = Formats::of(
            [
                "[h]:mm",
                "[mm]:ss",
                "yyyy\"年\"m\"月\"d\"日\"",
                "yyyy年mm月dd日 h时mm分",
                "00000",
                "General",
                "\"No. \"@",
            ]
            .map(of_code)
            .to_vec(),
        );
        for (style, number, shown, json) in [
            (0, 1.5, "36:00", "\"36:00:00\""),
            (1, 0.0625, "90:00", "\"01:30:00\""),
            (2, 45292.0, "2024-01-01 2024年1月1日", "\"2024-01-01\""),
            (3, 45292.75, "2024-01-01 18:00:00 2024年01月01日 18时00分", "\"2024-01-01T18:00:00\""),
            (4, 2134.0, "02134", "2134"),
            (5, 2134.5, "2134.5", "2134.5"),
        ] {
            let value = formats.value(style, number, false);
            assert_eq!((value.shown().as_str(), value.json().to_string().as_str()), (shown, json));
        }
        assert_eq!(formats.text(|| 6, "7").as_deref(), Some("No. 7"));
    }

    #[test]
    fn serial_days() {
        let day = || Format::Day(None);
        for (serial, format, from_1904, expected) in [
            (45418.0, day(), false, Some("2024-05-06")),
            (45_418.395_833_333_336, day(), false, Some("2024-05-06T09:30:00")),
            (0.395_833_333_333_333_3, Format::Time, false, Some("09:30:00")),
            (1.5, Format::Elapsed("[h]".into()), false, Some("36:00:00")),
            (1.0, day(), false, Some("1900-01-01")),
            (59.0, day(), false, Some("1900-02-28")),
            (61.0, day(), false, Some("1900-03-01")),
            (0.0, day(), true, Some("1904-01-01")),
            (43956.0, day(), true, Some("2024-05-06")),
            (-1.0, day(), false, None),
            (1e12, day(), false, None),
            (f64::NAN, day(), false, None),
        ] {
            assert_eq!(date(serial, &format, from_1904).as_deref(), expected, "{serial}");
        }
    }
}
