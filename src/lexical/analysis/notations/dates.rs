//! Dates: in digits, with names of months, and in East Asian notation.

use super::months::month;
use super::numerals;

/// A day, a month of a year, or a day of any year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: Option<u64>,
    pub(super) month: u64,
    pub(super) day: Option<u64>,
}

impl Date {
    fn new(year: Option<u64>, month: u64, day: Option<u64>) -> Option<Self> {
        let is_possible = year.is_none_or(|year| YEARS.contains(&year))
            && (1..=12).contains(&month)
            && day.is_none_or(|day| (1..=31).contains(&day));
        (is_possible && (year.is_some() || day.is_some())).then_some(Self { year, month, day })
    }
}

/// Years that a date of four digits may have.
const YEARS: std::ops::RangeInclusive<u64> = 1000..=2999;

/// Parses the date that begins at the byte `start` with a digit or a Chinese numeral. Returns its end and its possible readings.
/// The character before `start` must not be part of a number.
pub(super) fn parse_date(text: &str, start: usize) -> Option<(usize, Vec<Date>)> {
    let rest = &text[start..];
    let digits = digits(rest);
    let found = if digits == 0 {
        east_asian(rest)
    } else {
        in_digits(rest, digits).or_else(|| east_asian(rest)).or_else(|| before_month(rest, digits))
    };
    found.map(|(length, dates)| (start + length, dates))
}

/// Parses a date whose month comes first: `word` is the month, and its day or year begins at the byte `start`.
pub(super) fn parse_after_month(text: &str, start: usize, word: &str) -> Option<(usize, Vec<Date>)> {
    let rest = &text[start..];
    let length = digits(rest);
    if !matches!(length, 1 | 2 | 4) {
        return None;
    }
    let month = month(word)?;
    if length == 4 {
        let date = Date::new(Some(number(&rest[..4])?), month, None)?;
        return Some((start + 4, vec![date]));
    }
    if rest[length..].starts_with([':', '%']) {
        return None;
    }
    let day = Some(number(&rest[..length])?);
    let after = length + ordinal(&rest[length..]);
    let year = year_after(&rest[after..], &[", ", " ", ",", " de ", " del "]);
    let end = after + year.map_or(0, |(length, _)| length);
    Some((start + end, vec![Date::new(year.map(|(_, year)| year), month, day)?]))
}

/// Counts the ASCII digits at the beginning of a text.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// Parses a date in digits: `2024-03-15`, `2024/3/15`, `2024-03`, `20240315`, `15.3.2024`, `15. 3. 2024`, `3/15/2024`, `15.03.24`.
/// `first`: the length of the first number.
fn in_digits(text: &str, first: usize) -> Option<(usize, Vec<Date>)> {
    if first == 8 {
        let part = |range| text.get(range).and_then(number);
        // `20240315`
        let date = Date::new(part(0..4).filter(|year| (1900..2100).contains(year)), part(4..6)?, part(6..8))?;
        return date.year.map(|_| (8, vec![date]));
    }
    // The other notations have two or three numbers with the same sign between them.
    let sign = text[first..].chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    // Returns start and length of the next number, after a sign and an optional blank.
    let next = |end: usize| {
        let after = text[end..].strip_prefix(sign)?;
        let blank = usize::from(first <= 2 && sign == '.' && after.starts_with(' '));
        let length = digits(&after[blank..]);
        (length > 0).then_some((end + 1 + blank, length))
    };
    let (second_at, second) = next(first)?;
    let end = second_at + second;
    let part = |start: usize, length: usize| number(&text[start..start + length]);
    let third = next(end).filter(|&(start, length)| next(start + length).is_none());
    let a = part(0, first)?;
    let b = part(second_at, second).filter(|_| second <= 2)?;
    if first == 4 {
        // `2024-03-15`, `2024-03`
        return match third {
            Some((start, length @ 1..=2)) => {
                let date = Date::new(Some(a), b, Some(part(start, length)?))?;
                Some((start + length, vec![date]))
            }
            None if second == 2 && next(end).is_none() => Some((end, vec![Date::new(Some(a), b, None)?])),
            _ => None,
        };
    }
    let (third_at, length) = third.filter(|_| first <= 2)?;
    let year = match (length, part(third_at, length)?) {
        (4, year) => year,
        // A year of two digits. `1.2.34` is a version.
        (2, year) if sign == '/' || sign == '.' && first == 2 && second == 2 => {
            year + if year < 70 { 2000 } else { 1900 }
        }
        _ => return None,
    };
    // With points the day comes first; with other signs the date has two readings.
    let mut dates: Vec<Date> = Date::new(Some(year), b, Some(a)).into_iter().collect();
    if sign != '.' && a != b {
        dates.extend(Date::new(Some(year), a, Some(b)));
    }
    (!dates.is_empty()).then_some((third_at + length, dates))
}

/// Parses a date in East Asian notation: `2024年3月15日`, `二〇二四年三月`, `3月15日`, `2024년 3월 15일`.
fn east_asian(text: &str) -> Option<(usize, Vec<Date>)> {
    let year = counted(text, &['年', '년']);
    let (end, year) = year.map_or((0, None), |(year, end)| (end, Some(year)));
    let (month, length) = counted(&text[end..], &['月', '월'])?;
    let end = end + length;
    let day = counted(&text[end..], &['日', '号', '일']);
    let (end, day) = day.map_or((end, None), |(day, length)| (end + length, Some(day)));
    Some((end, vec![Date::new(year, month, day)?]))
}

/// Parses a number that one of `signs` follows. Returns the number and the end of the sign.
fn counted(text: &str, signs: &[char]) -> Option<(u64, usize)> {
    let blank = |text: &str| usize::from(text.starts_with(' '));
    let start = blank(text);
    let ascii = digits(&text[start..]);
    let (number, length) = match ascii {
        0 => numerals::chinese(&text[start..]).map(|(number, length, _)| (number, length))?,
        1..=4 => (number(&text[start..start + ascii])?, ascii),
        _ => return None,
    };
    let end = start + length;
    let end = end + blank(&text[end..]);
    let sign = text[end..].chars().next().filter(|c| signs.contains(c))?;
    Some((number, end + sign.len_utf8()))
}

/// Parses a date whose day comes before the name of the month: `3 May 2023`, `3rd of May`, `3. Mai 2023`, `3 de mayo de 2023`. `first`:
/// the length of the day.
fn before_month(text: &str, first: usize) -> Option<(usize, Vec<Date>)> {
    if first > 2 {
        return None;
    }
    let day = number(&text[..first])?;
    let after = first + ordinal(&text[first..]);
    let blank = ["-", " day of ", " de ", " of ", " "].into_iter().find(|blank| text[after..].starts_with(blank))?;
    let start = after + blank.len();
    let length: usize = text[start..].chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    let month = month(&text[start..start + length])?;
    let end = start + length;
    let dot = usize::from(text[end..].starts_with(". "));
    let year = year_after(&text[end + dot..], &[", ", " ", "-", " de ", " del "]);
    let end = year.map_or(end, |(length, _)| end + dot + length);
    Some((end, vec![Date::new(year.map(|(_, year)| year), month, Some(day))?]))
}

/// Returns the length of the ending of an ordinal number, zero if there is none.
fn ordinal(text: &str) -> usize {
    ["st", "nd", "rd", "th", "er", "º", "."].iter().find(|ending| text.starts_with(**ending)).map_or(0, |end| end.len())
}

/// Parses a year of four digits after one of `signs`. Returns its end and the year.
fn year_after(text: &str, signs: &[&str]) -> Option<(usize, u64)> {
    signs.iter().find_map(|sign| {
        let after = text.strip_prefix(sign)?;
        let year = number(&after[..digits(after)]).filter(|year| YEARS.contains(year))?;
        Some((sign.len() + 4, year))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: u64, month: u64, day: u64) -> Date {
        Date { year: Some(year), month, day: Some(day) }
    }

    #[test]
    fn days_are_parsed_in_many_notations() {
        let wanted = day(2024, 3, 15);
        for text in [
            "2024-03-15T10:00",
            "2024/3/15",
            "2024.03.15",
            "20240315",
            "15.3.2024",
            "15. 3. 2024",
            "15.03.24,",
            "15/3/2024",
            "3/15/2024",
            "15-03-2024",
            "2024年3月15日",
            "2024 年 03 月 15 日",
            "二〇二四年三月十五日",
            "2024년 3월 15일",
            "15 March 2024",
            "15th of March, 2024",
            "15th day of March, 2024",
            "15. Marz 2024",
            "15 mars 2024",
            "15 de marzo de 2024",
            "15-Mar-2024",
            "15 марта 2024",
        ] {
            let found = parse_date(text, 0).map(|found| found.1);
            assert_eq!(found, Some(vec![wanted]), "{text}");
        }
        for (text, start, word) in [("March 15, 2024", 6, "March"), ("mar. 15th 2024", 5, "mar")] {
            assert_eq!(parse_after_month(text, start, word), Some((text.len(), vec![wanted])), "{text}");
        }
    }

    #[test]
    fn ambiguous_dates_have_two_readings() {
        assert_eq!(parse_date("3/4/2024", 0), Some((8, vec![day(2024, 4, 3), day(2024, 3, 4)])));
        assert_eq!(parse_date("3.4.2024", 0), Some((8, vec![day(2024, 4, 3)])));
    }

    #[test]
    fn months_and_days_of_any_year() {
        let month = Date { year: Some(2024), month: 3, day: None };
        assert_eq!(parse_date("2024年3月", 0).map(|found| found.1), Some(vec![month]));
        assert_eq!(parse_date("2024-03", 0), Some((7, vec![month])));
        assert_eq!(parse_after_month("March 2024", 6, "March"), Some((10, vec![month])));
        let any = Date { year: None, month: 3, day: Some(15) };
        assert_eq!(parse_date("3月15日", 0).map(|found| found.1), Some(vec![any]));
        assert_eq!(parse_date("15. Marz", 0).map(|found| found.1), Some(vec![any]));
    }

    #[test]
    fn other_numbers_are_not_dates() {
        for text in [
            "10.2.1.0",
            "2024.3.15.1",
            "1.2.3",
            "2024-13-01",
            "32.1.2024",
            "12.5",
            "2024",
            "3 May_x",
            "99999999",
            "5 of us",
            "三百五十元",
            "192.168.10.45",
            "12月",
            "1-2-3",
            "3/4",
            "1.2.34",
        ] {
            let found = parse_date(text, 0).filter(|found| found.1.iter().any(|date| date.year.is_some()));
            assert_eq!(found, None, "{text}");
        }
    }
}
