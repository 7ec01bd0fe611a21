//! Dates in texts, in all usual notations with only one possible reading.
//!
//! The lexical index has its own month names (`lexical/analysis/notations/months.rs`). The lists differ on purpose: that one has more
//! languages and folds accents. A name added here changes which documents filters match; one added there changes the content of the
//! index. This file accepts more offsets (`+0100`, `UTC`) than expressions do (`time.rs`), which follow RFC 3339.

use super::reading::{Read, TimeSpan};
use super::time::{DAY, SECOND, digits, span, time_of_day};

/// The longest text that is parsed, in bytes.
const MAX_BYTES: usize = 80;

/// The months in English, German, French and Spanish, with their short forms.
const MONTHS: [&str; 12] = [
    "january jan januar jänner jän janvier janv enero ene",
    "february feb februar février févr fév febrero",
    "march mar märz mär mrz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juil juillet julio",
    "august aug août agosto ago",
    "september sep sept septembre septiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre déc diciembre dic",
];

/// Reads `2024-03-04`, `2024/3/4`, `2024-03`, `2024`, `28.01.2023`, `28.01.23`, `28/01/2023`, `28. Januar 2023`, `March 4, 2024`,
/// `4-Mar-2024`, `03/2024`, `2024年3月4日`; each day also with a weekday before it and a time after it: `T10:00:00+01:00`, ` 10:00 UTC`,
/// `, 2:30 PM`. A time without a zone is UTC. Years of two digits are 1969 to 2068. `03/04/2024` has two readings.
pub(super) fn read(text: &str) -> Read<TimeSpan> {
    if text.len() > MAX_BYTES || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Read::Not;
    }
    // Split into the date and the time, which begins with the digits before the first colon.
    let text = text.trim();
    let (day, clock) = match text.find(':') {
        None => (text, None),
        Some(colon) => {
            let hour = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
            (before_clock(&text[..hour]), Some(&text[hour..]))
        }
    };
    let day = match date_without_time(without_weekday(day)) {
        Read::As(day) => day,
        other => return other,
    };
    let whole = match clock {
        None => Some(day),
        Some(_) if day.1 > i128::from(DAY) * SECOND => None,
        Some(clock) => clock_time(clock).map(|(within, length)| (day.0 + within, length)),
    };
    whole.map_or(Read::Not, |(start, length)| Read::As((start, start + length)))
}

/// Removes the word or sign between a date and a time.
fn before_clock(text: &str) -> &str {
    let text = text.trim_end();
    let joined = text.strip_suffix(['T', 't']).filter(|date| date.ends_with(|c: char| c.is_ascii_digit()));
    let text = joined.or_else(|| text.strip_suffix(" um")).or_else(|| text.strip_suffix(" at")).unwrap_or(text);
    text.trim_end_matches([' ', ','])
}

/// Removes `Mon, ` before a date.
fn without_weekday(text: &str) -> &str {
    let word = text.find(|c: char| !c.is_alphabetic()).unwrap_or(0);
    match text.get(word..).and_then(|rest| rest.trim_start_matches('.').strip_prefix(',')) {
        Some(rest) if word > 0 && month(&text[..word]).is_none() => rest.trim_start(),
        _ => text,
    }
}

/// Returns start and length of a date without a time.
fn date_without_time(text: &str) -> Read<TimeSpan> {
    if text.chars().any(|c| c.is_alphabetic() && !matches!(c, '年' | '月' | '日' | '년' | '월' | '일')) {
        return date_with_month_name(text).map_or(Read::Not, Read::As);
    }
    // Numbers with one separator between them; `年` and `月` count as separators.
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '日' | '일'))
        .map(|c| if matches!(c, '年' | '月' | '년' | '월') { '-' } else { c })
        .collect();
    // `2024. 3. 4.` and `2024年3月`.
    let plain = plain.strip_suffix(['.', '-']).unwrap_or(&plain);
    let Some(separator) = plain.chars().find(|c| !c.is_ascii_digit()) else {
        let year = Some(plain).filter(|_| plain == text || text.ends_with(['年', '년']));
        return year.and_then(year_of).and_then(|year| span(year, None, None)).map_or(Read::Not, Read::As);
    };
    // A date of numbers has spaces only after points, or with characters that mark years and months.
    if plain.len() < text.len() && text.contains(' ') && separator != '.' && text.is_ascii() {
        return Read::Not;
    }
    let parts: Vec<&str> = plain.split(separator).collect();
    let found = match (parts.as_slice(), separator) {
        ([year, month, day], '-' | '/' | '.') if year.len() == 4 => {
            ymd(year_of(year), day_or_month(month), day_or_month(day))
        }
        ([day, month, year], '.') if year.len() == 4 => ymd(year_of(year), day_or_month(month), day_or_month(day)),
        ([day, month, year], '.') if [day, month, year].iter().all(|part| part.len() == 2) => {
            ymd(short_year(year), day_or_month(month), day_or_month(day))
        }
        ([a, b, year], '-' | '/') if year.len() == 4 => {
            let (Some(a), Some(b)) = (day_or_month(a), day_or_month(b)) else { return Read::Not };
            if a <= 12 && b <= 12 && a != b {
                let (one, other) = (ymd(year_of(year), Some(a), Some(b)), ymd(year_of(year), Some(b), Some(a)));
                return if one.is_some() || other.is_some() { Read::TwoWays } else { Read::Not };
            }
            let (day, month) = if a > 12 { (a, b) } else { (b, a) };
            ymd(year_of(year), Some(month), Some(day))
        }
        ([year, month], '-' | '/') if year.len() == 4 => month_of(year, month),
        ([month, year], '/') if year.len() == 4 => month_of(year, month),
        _ => None,
    };
    found.map_or(Read::Not, Read::As)
}

fn ymd(year: Option<i64>, month: Option<i64>, day: Option<i64>) -> Option<TimeSpan> {
    span(year?, Some(month?), Some(day?))
}

fn month_of(year: &str, month: &str) -> Option<TimeSpan> {
    span(year_of(year)?, Some(day_or_month(month)?), None)
}

fn year_of(text: &str) -> Option<i64> {
    digits(text, 4)
}

/// Reads a year of two digits, as in POSIX.
fn short_year(text: &str) -> Option<i64> {
    digits(text, 2).map(|year| if year < 69 { 2000 + year } else { 1900 + year })
}

/// Reads a day or a month.
fn day_or_month(text: &str) -> Option<i64> {
    digits(text, text.len()).filter(|_| text.len() <= 2)
}

/// Reads a date whose month is a word, with an optional day and a year of four digits around it.
fn date_with_month_name(text: &str) -> Option<TimeSpan> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | ',' | '.' | '/'))
        .filter(|word| !word.is_empty() && !matches!(*word, "of" | "de" | "the"))
        .collect();
    let day = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        matches!(&text[end..], "" | "st" | "nd" | "rd" | "th" | "er").then(|| day_or_month(&text[..end])).flatten()
    };
    match *words.as_slice() {
        [d, m, y] if month(m).is_some() => ymd(if y.len() == 2 { short_year(y) } else { year_of(y) }, month(m), day(d))
            .or_else(|| ymd(year_of(d), month(m), day(y))),
        [m, d, y] if month(m).is_some() => ymd(year_of(y), month(m), day(d)),
        [m, y] if month(m).is_some() => span(year_of(y)?, month(m), None),
        [y, m] => span(year_of(y)?, Some(month(m)?), None),
        _ => None,
    }
}

fn month(word: &str) -> Option<i64> {
    let word = word.to_lowercase();
    (1..).zip(MONTHS).find(|(_, names)| names.split(' ').any(|name| name == word)).map(|(number, _)| number)
}

/// Returns start and length of a time, from midnight UTC of its day.
fn clock_time(text: &str) -> Option<TimeSpan> {
    // A zone may be repeated by name: `+01:00[Europe/Berlin]`, `+0100 (CET)`.
    let text = match text.find(['[', '(']) {
        Some(at) if text[..at].contains(['+', '-', 'Z']) => text[..at].trim_end(),
        _ => text,
    };
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let rest = rest.trim();
    let (rest, noon) = match rest.get(..2) {
        Some(half) if half.eq_ignore_ascii_case("am") => (rest[2..].trim_start(), Some(0)),
        Some(half) if half.eq_ignore_ascii_case("pm") => (rest[2..].trim_start(), Some(12)),
        _ => (rest.strip_prefix("Uhr").map_or(rest, str::trim_start), None),
    };
    let mut clock = clock.replace(',', ".");
    if let Some(point) = clock.find('.') {
        // Times are precise to the nanosecond.
        clock.truncate(clock.len().min(point + 10));
    }
    if clock.as_bytes().get(1) == Some(&b':') {
        clock.insert(0, '0');
    }
    let (mut within, length) = time_of_day(&clock)?;
    let hour = i128::from(60 * 60) * SECOND;
    if let Some(noon) = noon {
        let written = within / hour;
        if !(1..=12).contains(&written) {
            return None;
        }
        within += (noon + written % 12 - written) * hour;
    }
    Some((within - offset(rest)? * SECOND, length))
}

/// Returns the seconds from UTC: `Z`, `UTC`, `+01:00`, `+0100`, `+01`, or nothing.
fn offset(text: &str) -> Option<i128> {
    if ["", "z", "utc", "gmt"].iter().any(|utc| text.eq_ignore_ascii_case(utc)) {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let plain: String = text.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = plain.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 2).filter(|minutes| *minutes <= 59)? };
    let hours = digits(hours, 2).filter(|hours| *hours <= 23)?;
    Some(sign * i128::from(hours * 3600 + minutes * 60))
}
