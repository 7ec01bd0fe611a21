//! The tests of formats and days.

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
