//! Tests of number formats and dates.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

fn kind(format: &NumberFormat) -> &'static str {
    match format {
        NumberFormat::General => "general",
        NumberFormat::Number(_) => "number",
        NumberFormat::Day(_) => "day",
        NumberFormat::Time => "time",
        NumberFormat::Elapsed(_) => "elapsed",
    }
}

#[test]
fn format_codes_are_classified() {
    for (code, expected) in [
        ("General", "general"),
        ("@", "general"),
        // Letters in quotes, brackets or after a backslash are not units of a date.
        ("0.00", "number"),
        ("#,##0.00 [$€-407]", "number"),
        ("[Red]\"day\"0", "number"),
        ("0.00E+00", "number"),
        ("0.0%", "number"),
        // Dates, also with a month or a weekday only.
        ("yyyy\"年\"m\"月\"d\"日\"", "day"),
        ("yyyy年m月d日", "day"),
        ("[$-409]mmm\\ d\\,\\ yyyy;@", "day"),
        ("mmm", "day"),
        ("dd/mm/yyyy hh:mm", "day"),
        // Times; in brackets, hours that may exceed a day.
        ("h:mm AM/PM", "time"),
        ("mm:ss.0", "time"),
        ("[h]:mm:ss", "elapsed"),
        // Escaped letters.
        ("0;\\d", "number"),
        ("\\d0", "number"),
        // Weekdays, eras and years in other languages.
        ("[$-804]aaaa;@", "day"),
        ("aaa", "day"),
        ("e", "day"),
        ("ggge\"年\"", "day"),
        ("bbbb", "day"),
        ("dddd", "day"),
        ("[$-F400]h:mm:ss AM/PM", "time"),
        ("h:mm a/p", "time"),
        // Units of measurement.
        ("0.0 \"g\"", "number"),
        ("0 g", "number"),
        ("General\" Stück\"", "number"),
        ("[Red]General", "general"),
        ("[DBNum1]General", "number"),
    ] {
        assert_eq!(kind(&of_code(code)), expected, "{code}");
    }
}

#[test]
fn values_have_a_displayed_form_and_a_json_form() {
    let formats = Formats::new(
        ["[h]:mm", "[mm]:ss", "yyyy\"年\"m\"月\"d\"日\"", "yyyy年mm月dd日 h时mm分", "00000", "General", "\"No. \"@"]
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
        assert_eq!((value.shown().as_ref(), value.json().to_string().as_str()), (shown, json));
    }
    assert_eq!(formats.text(|| 6, "7").as_deref(), Some("No. 7"));
}

#[test]
fn dates_are_displayed_by_their_format_codes() {
    for (code, serial, shown) in [
        // Weekdays.
        ("[$-804]aaaa;@", 45418.0, "2024-05-06 星期一"),
        ("[$-804]aaa;@", 45424.0, "2024-05-12 周日"),
        ("aaaa", 45418.0, "2024-05-06 星期一"),
        ("[$-411]aaaa", 45418.0, "2024-05-06 月曜日"),
        ("yyyy/m/d(aaa)", 45418.0, "2024-05-06 2024/5/6(周一)"),
        ("[$-411]yyyy/m/d(aaa)", 45418.0, "2024-05-06 2024/5/6(月)"),
        ("[$-412]yyyy\"년\" m\"월\" d\"일\" dddd", 45418.0, "2024-05-06 2024년 5월 6일 월요일"),
        ("[$-404]aaa", 45418.0, "2024-05-06 週一"),
        // Years and eras: those of Taiwan and Japan.
        ("e", 45418.0, "2024-05-06 2024"),
        ("e\"年\"m\"月\"", 45418.0, "2024-05-06 2024年5月"),
        ("[$-404]e/m/d", 45418.0, "2024-05-06 113/5/6"),
        ("[$-404]ggge\"年\"", 45418.0, "2024-05-06 中華民國113年"),
        ("[$-411]ggge\"年\"m\"月\"d\"日\"", 45418.0, "2024-05-06 令和6年5月6日"),
        ("ggge\"年\"", 45418.0, "2024-05-06 令和6年"),
        ("[$-411]ge.m.d", 43585.0, "2019-04-30 H31.4.30"),
        ("[$-30411]gge", 1.0, "1900-01-01 明33"),
        // East Asian numerals.
        ("[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\";@", 45275.0, "2023-12-15 二〇二三年十二月十五日"),
        // Months.
        ("[$-409]mmm\\ d\\,\\ yyyy;@", 45418.0, "2024-05-06 May 6, 2024"),
        ("mmm-yy", 45292.0, "2024-01-01 Jan-24"),
        ("[$-407]dddd, d. mmmm yyyy", 45418.0, "2024-05-06 Montag, 6. Mai 2024"),
        ("[$-40C]d mmmm yyyy", 45323.0, "2024-02-01 1 février 2024"),
        ("[$-804]mmmm", 45292.0, "2024-01-01 一月"),
        // Halves of a day.
        ("ddd h:mm AM/PM", 45418.75, "2024-05-06 18:00:00 Mon 6:00 PM"),
        ("yyyy\"年\"m\"月\"d\"日\" 上午/下午h\"时\"mm\"分\"", 45418.25, "2024-05-06 06:00:00 2024年5月6日 上午6时00分"),
        // The Buddhist year; languages by number and by name.
        ("[$-41E]bbbb", 45418.0, "2024-05-06 2567"),
        ("[$]ggge\"年 \"m\"月 \"d\"日 \";@", 44259.0, "2021-03-04 令和3年 3月 4日"),
        ("[$-ja-JP]ge.m.d;@", 44259.0, "2021-03-04 R3.3.4"),
        ("[$-de-DE]dddd", 45418.0, "2024-05-06 Montag"),
        ("[$-x-sysdate]dddd, mmmm dd, yyyy", 45418.0, "2024-05-06"),
        // Names that are unknown here, and those of the system's language.
        ("[$-F800]dddd, mmmm dd, yyyy", 45418.0, "2024-05-06"),
        ("[$-419]mmmm", 45418.0, "2024-05-06"),
        ("[$-40C]mmm", 45418.0, "2024-05-06"),
        // Only digits: the ISO date is enough.
        ("dd/mm/yyyy", 45418.0, "2024-05-06"),
        // Elapsed times.
        ("[h]:mm", -1.5, "-36:00"),
        ("_-[h]:mm_-;@", 1.5, "36:00"),
    ] {
        let value = Formats::new(vec![of_code(code)]).value(0, serial, false);
        assert_eq!(value.shown(), shown, "{code}");
        assert!(value.json().as_str().is_some_and(|json| shown.starts_with(&json[..3])), "{code}");
    }
}

#[test]
fn serial_numbers_are_dates_of_either_calendar() {
    let day = || NumberFormat::Day(None);
    for (serial, format, from_1904, expected) in [
        // A day, with a time; a time; an elapsed time.
        (45418.0, day(), false, Some("2024-05-06")),
        (45_418.395_833_333_336, day(), false, Some("2024-05-06T09:30:00")),
        (0.395_833_333_333_333_3, NumberFormat::Time, false, Some("09:30:00")),
        (1.5, NumberFormat::Elapsed("[h]".into()), false, Some("36:00:00")),
        (1.0, day(), false, Some("1900-01-01")),
        // Excel counts a 29 February 1900, which did not exist.
        (59.0, day(), false, Some("1900-02-28")),
        (61.0, day(), false, Some("1900-03-01")),
        // The calendar from 1904.
        (0.0, day(), true, Some("1904-01-01")),
        (43956.0, day(), true, Some("2024-05-06")),
        // Outside the calendar.
        (-1.0, day(), false, None),
        (1e12, day(), false, None),
        (f64::NAN, day(), false, None),
    ] {
        assert_eq!(iso_text(serial, &format, from_1904).as_deref(), expected, "{serial}");
    }
}
