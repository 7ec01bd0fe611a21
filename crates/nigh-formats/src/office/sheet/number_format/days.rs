//! Converts a workbook's serial numbers (days since a start) to ISO dates and times, and elapsed times to their displayed form.

use crate::office::sheet::number_format::NumberFormat;

/// Days from day 0 of Excel's calendars (1 January 1904, 31 December 1899) to 1970-01-01.
const DAYS_1904_TO_1970: i64 = 24107;
const DAYS_1900_TO_1970: i64 = 25568;

/// Converts a count of days to a date, or to a time of day or an elapsed time if the format says so: "2024-05-06",
/// "2024-05-06T09:30:00", "09:30:00", "36:00:00". A time of day after day 0 is shown with its date. Returns `None` outside the calendar.
pub(super) fn iso_text(serial: f64, format: &NumberFormat, from_1904: bool) -> Option<String> {
    /// 1 January 10000 in the calendar from 1900.
    const DAYS_MAX: f64 = 2_958_466.0;
    if matches!(format, NumberFormat::Elapsed(_)) && (-DAYS_MAX..0.0).contains(&serial) {
        return iso_text(-serial, format, from_1904).map(|clock| format!("-{clock}"));
    }
    if !(0.0..DAYS_MAX).contains(&serial) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "below 2^38")]
    let seconds = (serial * 86400.0).round() as i64;
    let (days, second) = (seconds / 86400, seconds % 86400);
    let clock = |hours: i64| format!("{hours:02}:{:02}:{:02}", second / 60 % 60, second % 60);
    if matches!(format, NumberFormat::Elapsed(_)) {
        return Some(clock(seconds / 3600));
    }
    if matches!(format, NumberFormat::Time) && days == 0 {
        return Some(clock(second / 3600));
    }
    // Excel counts a non-existent 29 February 1900 as day 60.
    let since_1970 = match (from_1904, days) {
        (true, days) => days - DAYS_1904_TO_1970,
        (false, days @ ..60) => days - DAYS_1900_TO_1970,
        (false, days) => days - DAYS_1900_TO_1970 - 1,
    };
    let (year, month, day) = civil_date(since_1970);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if second == 0 { date } else { format!("{date}T{}", clock(second / 3600)) })
}

/// Returns elapsed time as a format code displays it: "[h]:mm" gives "36:00".
pub(super) fn elapsed(serial: f64, code: &str) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "the caller checked with `iso_text` that it is below DAYS_MAX")]
    let seconds = (serial.abs() * 86400.0).round() as i64;
    let mut shown = String::from(if serial < 0.0 { "-" } else { "" });
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // Only the first section of the code is used.
            ';' => break,
            '"' => shown.extend(characters.by_ref().take_while(|c| *c != '"')),
            '\\' => shown.extend(characters.next()),
            '_' | '*' => drop(characters.next()),
            '@' => {}
            // Total hours, minutes or seconds, in brackets.
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
            // The rest of a unit: minutes of the hour, seconds of the minute.
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

/// Returns year, month and day for a count of days since 1970-01-01: Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    // Years begin in March; an era has 400 years, which are 146,097 days.
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
