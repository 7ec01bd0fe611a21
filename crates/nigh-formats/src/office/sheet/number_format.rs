//! The formats of a workbook's cells: which numbers are days, times or percentages.

use std::collections::HashMap;

use crate::office::namespace::Ns;
use crate::office::xml::{Node, Xml};

/// What a number means by its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::office) enum Format {
    /// A number.
    #[default]
    General,
    /// A number, times 100.
    Percent,
    /// A day, perhaps with a time.
    Day,
    /// A time of the day.
    Time,
    /// Hours, minutes and seconds that may be more than a day.
    Elapsed,
}

/// The formats of cells by the numbers that cells refer to them with.
#[derive(Debug, Default)]
pub(in crate::office) struct Formats(Vec<Format>);

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
                        formats.push(codes.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Node::Close if xml.depth() < cells => cells = 0,
                _ => {}
            }
        }
        Self(formats)
    }

    /// Formats by code and number, for cells that refer to them by number.
    pub(in crate::office) fn of_codes(codes: Vec<(u16, String)>, cells: &[u16]) -> Self {
        let codes: HashMap<u16, Format> = codes.into_iter().map(|(id, code)| (id, of_code(&code))).collect();
        let format = |id: &u16| codes.get(id).copied().unwrap_or_else(|| built_in(u32::from(*id)));
        Self(cells.iter().map(format).collect())
    }

    /// The format of a cell of that style.
    pub(in crate::office) fn of_cell(&self, style: usize) -> Format {
        self.0.get(style).copied().unwrap_or_default()
    }
}

/// The formats that no file defines; 27 to 36 and 50 to 58 are those of East Asian editions.
fn built_in(id: u32) -> Format {
    match id {
        9 | 10 => Format::Percent,
        14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Format::Day,
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Format::Time,
        46 => Format::Elapsed,
        _ => Format::General,
    }
}

/// The meaning of a format's code, by its first part and by the letters in it that are not literal.
fn of_code(code: &str) -> Format {
    let (mut day, mut time, mut month, mut percent) = (false, false, false, false);
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
                    return Format::Elapsed;
                }
            }
            'g' if characters.as_str().get(..6).is_some_and(|rest| rest.eq_ignore_ascii_case("eneral")) => {
                return Format::General;
            }
            'y' | 'd' => day = true,
            'h' | 's' => time = true,
            'm' => month = true,
            '%' => percent = true,
            _ => {}
        }
    }
    match (day, time, month, percent) {
        (true, ..) | (false, false, true, _) => Format::Day,
        (false, true, ..) => Format::Time,
        (.., true) => Format::Percent,
        _ => Format::General,
    }
}

/// A count of days as a date: "2024-05-06", "2024-05-06T09:30:00", "09:30:00". None for what is outside the calendar.
pub(in crate::office) fn date(serial: f64, format: Format, from_1904: bool) -> Option<String> {
    const DAYS_MAX: f64 = 2_958_466.0;
    if !(0.0..DAYS_MAX).contains(&serial) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "below 2^38")]
    let seconds = (serial * 86400.0).round() as i64;
    let (days, second) = (seconds / 86400, seconds % 86400);
    let clock = |hours: i64| format!("{hours:02}:{:02}:{:02}", second / 60 % 60, second % 60);
    if format == Format::Elapsed {
        return Some(clock(seconds / 3600));
    }
    if format == Format::Time && days == 0 {
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

    #[test]
    fn codes() {
        for (code, format) in [
            ("General", Format::General),
            ("0.00", Format::General),
            ("#,##0.00 [$€-407]", Format::General),
            ("[Red]\"day\"0", Format::General),
            ("0.00E+00", Format::General),
            ("0.0%", Format::Percent),
            ("yyyy\"年\"m\"月\"d\"日\"", Format::Day),
            ("mmm", Format::Day),
            ("dd/mm/yyyy hh:mm", Format::Day),
            ("h:mm AM/PM", Format::Time),
            ("[h]:mm:ss", Format::Elapsed),
            ("0;\\d", Format::General),
            ("\\d0", Format::General),
        ] {
            assert_eq!(of_code(code), format, "{code}");
        }
    }

    #[test]
    fn serial_days() {
        for (serial, format, from_1904, expected) in [
            (45418.0, Format::Day, false, Some("2024-05-06")),
            (45_418.395_833_333_336, Format::Day, false, Some("2024-05-06T09:30:00")),
            (0.395_833_333_333_333_3, Format::Time, false, Some("09:30:00")),
            (1.5, Format::Elapsed, false, Some("36:00:00")),
            (1.0, Format::Day, false, Some("1900-01-01")),
            (59.0, Format::Day, false, Some("1900-02-28")),
            (61.0, Format::Day, false, Some("1900-03-01")),
            (0.0, Format::Day, true, Some("1904-01-01")),
            (43956.0, Format::Day, true, Some("2024-05-06")),
            (-1.0, Format::Day, false, None),
            (1e12, Format::Day, false, None),
            (f64::NAN, Format::Day, false, None),
        ] {
            assert_eq!(date(serial, format, from_1904).as_deref(), expected, "{serial}");
        }
    }
}
