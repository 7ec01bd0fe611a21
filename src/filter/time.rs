//! Dates and times in expressions, and the calendar. Times are nanoseconds since 1970, UTC, in the proleptic Gregorian calendar.

use std::time::SystemTime;

/// The meaning of a time in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// From `start` to before `end`: the year, month, day, minute, second or fraction that was written.
    Written { start: i64, end: i64 },
    /// An instant before now.
    Ago(i64),
}

pub(super) const SECOND: i128 = 1_000_000_000;
pub(super) const DAY: i64 = 86_400;

/// Reads `2024`, `2024-05`, `2024-05-01`, `2024-05-01T10:00[:00[.0]][Z|+08:00]`, or a time that [`relative`] reads.
pub(super) fn read(text: &str, now: i64) -> Result<Moment, String> {
    if let Some(moment) = relative(text, now) {
        return Ok(moment);
    }
    let (start, length) = parse_written(text).ok_or_else(|| not_a_time(text))?;
    let (start, end) = (i64::try_from(start), i64::try_from(start + length));
    let (Ok(start), Ok(end)) = (start, end) else {
        return Err(format!("{text:?} is out of range; dates go from 1678 to 2261"));
    };
    Ok(Moment::Written { start, end })
}

/// Returns the message for a text that is not a time.
pub(super) fn not_a_time(text: &str) -> String {
    if text.strip_suffix("m-ago").is_some_and(|count| digits(count, count.len()).is_some()) {
        return format!("{text:?} is not a time: m may be minutes or months; write min or mo, as in 3mo-ago");
    }
    if text.ends_with("-ago") {
        return format!("{text:?} is not a time; write 30min-ago, 12h-ago, 7d-ago, 2w-ago, 3mo-ago or 1y-ago");
    }
    format!("{text:?} is not a date; write 2024, 2024-05, 2024-05-01, 2024-05-01T10:00 (UTC), 7d-ago or today")
}

/// Days by their distance from today, which is a day in UTC.
const DAY_WORDS: [(&str, i64); 3] = [("yesterday", -1), ("today", 0), ("tomorrow", 1)];

/// True for `yesterday`, `today` and `tomorrow`.
pub(super) fn is_day_word(text: &str) -> bool {
    DAY_WORDS.iter().any(|(word, _)| word.eq_ignore_ascii_case(text))
}

/// Reads a time that depends on the current time: the instants `7d-ago` and `now`, the days `yesterday`, `today` and `tomorrow`.
pub(super) fn relative(text: &str, now: i64) -> Option<Moment> {
    let text = &*text.to_ascii_lowercase();
    if text == "now" {
        return Some(Moment::Ago(now));
    }
    let Some((_, from_today)) = DAY_WORDS.iter().find(|(word, _)| *word == text) else {
        return ago(text.strip_suffix("-ago")?, now);
    };
    let day = DAY * SECOND as i64;
    let start = (now.div_euclid(day) + from_today).checked_mul(day)?;
    Some(Moment::Written { start, end: start.checked_add(day)? })
}

fn ago(length: &str, now: i64) -> Option<Moment> {
    let end = length.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = length.split_at(end);
    let count = count.parse::<i64>().ok()?;
    let seconds = match unit {
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "mo" | "month" | "months" => return Some(Moment::Ago(months_before(now, count)?)),
        "y" | "year" | "years" => return Some(Moment::Ago(months_before(now, count.checked_mul(12)?)?)),
        _ => return None,
    };
    let back = count.checked_mul(seconds)?.checked_mul(SECOND as i64)?;
    Some(Moment::Ago(now.checked_sub(back)?))
}

/// Returns the same day and time some calendar months earlier; the last day of that month if it has no such day.
fn months_before(at: i64, count: i64) -> Option<i64> {
    let day_length = DAY * SECOND as i64;
    let (year, month, day) = calendar(at.div_euclid(day_length));
    let months = (year * 12 + month - 1).checked_sub(count)?;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let last = if year < 1 { return None } else { days_of_month(year, month) };
    days(year, month, day.min(last)).checked_mul(day_length)?.checked_add(at.rem_euclid(day_length))
}

/// True if a text has the form of a time, whether it is one or not: `30x-ago`, `now-30d`, `-30d`, `2024-13`, `2024-02-30T10:00`.
/// `strict`: only the forms that are hardly ever anything else, which are those with `ago` and `now`.
pub(super) fn resembles(text: &str, strict: bool) -> bool {
    let text = &*text.to_ascii_lowercase();
    let starts_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if text.ends_with("-ago") {
        return starts_with_digit(text) || !strict;
    }
    if let Some(rest) = text.strip_prefix("now").and_then(|rest| rest.strip_prefix(['-', '+', '/'])) {
        return starts_with_digit(rest) || !strict;
    }
    if strict {
        return false;
    }
    if let Some(rest) = text.strip_prefix(['-', '+']) {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return unit.len() < rest.len() && ago(rest, 0).is_some_and(|_| !unit.is_empty());
    }
    resembles_date(text)
}

/// True for a year from 1900 to 2099, a month and maybe a day of one or two digits, and maybe a time.
fn resembles_date(text: &str) -> bool {
    let (date, clock) = text.split_once('t').map_or((text, None), |(date, clock)| (date, Some(clock)));
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let numbers = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let [year, rest @ ..] = parts.as_slice() else { return false };
    let short = rest.iter().all(|part| part.len() <= 2);
    numbers
        && year.len() == 4
        && (year.starts_with("19") || year.starts_with("20"))
        && short
        && (1..=2).contains(&rest.len())
        && clock.is_none_or(|clock| clock.starts_with(|c: char| c.is_ascii_digit()))
}

/// Returns start and length in nanoseconds of a written date or time.
pub(super) fn parse_written(text: &str) -> Option<(i128, i128)> {
    let (date, clock) = text.split_once(['T', 't']).map_or((text, None), |(date, clock)| (date, Some(clock)));
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(None), |part| digits(part, 2).filter(|m| (1..=12).contains(m)).map(Some))?;
    let day = parts.next().map_or(Some(None), |part| digits(part, 2).map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let whole = span(year, month, day)?;
    let Some(clock) = clock else { return Some(whole) };
    day?;
    let (clock, offset) = zone(clock)?;
    let (within, length) = time_of_day(clock)?;
    Some((whole.0 + within - i128::from(offset) * SECOND, length))
}

/// Returns start and length of a year, a month or a day.
pub(super) fn span(year: i64, month: Option<i64>, day: Option<i64>) -> Option<(i128, i128)> {
    if month.is_some_and(|month| !(1..=12).contains(&month)) {
        return None;
    }
    let first = days(year, month.unwrap_or(1), 1);
    let after = month.map_or_else(|| days(year + 1, 1, 1), |month| first + days_of_month(year, month));
    let nanoseconds = |days: i64| i128::from(days * DAY) * SECOND;
    match day {
        None => Some((nanoseconds(first), nanoseconds(after - first))),
        Some(day) => (month.is_some() && (1..=after - first).contains(&day))
            .then(|| (nanoseconds(first + day - 1), nanoseconds(1))),
    }
}

/// Splits off the offset from UTC, in seconds.
fn zone(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(sign) = clock.find(['+', '-']) else { return Some((clock, 0)) };
    let (clock, offset) = clock.split_at(sign);
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let hours = digits(hours, 2).filter(|h| *h <= 23)?;
    let seconds = hours * 3600 + digits(minutes, 2).filter(|m| *m <= 59)? * 60;
    Some((clock, if offset.starts_with('-') { -seconds } else { seconds }))
}

/// Returns the start within the day and the length of `10:00`, `10:00:00` or `10:00:00.5`.
pub(super) fn time_of_day(clock: &str) -> Option<(i128, i128)> {
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2).filter(|h| *h <= 23)?;
    let minute = digits(parts.next()?, 2).filter(|m| *m <= 59)?;
    let seconds = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let whole = i128::from(hour * 3600 + minute * 60) * SECOND;
    let Some(seconds) = seconds else { return Some((whole, 60 * SECOND)) };
    let (seconds, fraction) = seconds.split_once('.').map_or((seconds, None), |(s, f)| (s, Some(f)));
    let whole = whole + i128::from(digits(seconds, 2).filter(|s| *s <= 59)?) * SECOND;
    let Some(fraction) = fraction else { return Some((whole, SECOND)) };
    if fraction.len() > 9 {
        return None;
    }
    let unit = 10_i128.pow(9 - fraction.len() as u32);
    Some((whole + i128::from(digits(fraction, fraction.len())?) * unit, unit))
}

pub(super) fn digits(text: &str, length: usize) -> Option<i64> {
    let good = !text.is_empty() && text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

/// Returns the days from 1970-01-01 to a date after year 0: whole years with their leap days, then whole months.
fn days(year: i64, month: i64, day: i64) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    let before = BEFORE.get((month - 1) as usize).copied().unwrap_or(0) + i64::from(leap && month > 2);
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969) + before + day - 1
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    next - days(year, month, 1)
}

/// Returns year, month and day of a day since 1970-01-01.
fn calendar(day: i64) -> (i64, i64, i64) {
    // Estimate the year by its mean length; the estimate is at most one off.
    let mut year = 1970 + day * 400 / 146_097;
    while days(year, 1, 1) > day {
        year -= 1;
    }
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day).unwrap_or(1);
    (year, month, day - days(year, month, 1) + 1)
}

/// Writes a time as text. [`read`] returns the same time, to the nanosecond.
pub(super) fn write(at: i64) -> String {
    let (second, part) = (at.div_euclid(SECOND as i64), at.rem_euclid(SECOND as i64));
    let (day, clock) = (second.div_euclid(DAY), second.rem_euclid(DAY));
    let (year, month, date) = calendar(day);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{part:09}Z")
}

/// Writes a time to the second: `2024-05-01T10:00:00Z`.
pub(crate) fn write_seconds(at: i64) -> String {
    let mut text = write(at);
    text.truncate("2024-05-01T10:00:00".len());
    text + "Z"
}

/// Returns the nanoseconds since 1970.
pub(super) fn nanoseconds(at: SystemTime) -> Result<i64, String> {
    let signed = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(|before| -before),
    };
    signed.ok_or_else(|| "the time is out of range; dates go from 1678 to 2261".to_owned())
}
