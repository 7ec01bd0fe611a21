//! Texts as numbers and dates: how each notation is parsed, and how filters compare it.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::naive::{FakeDocument, NOW};
use crate::filter::reading::Read;
use crate::filter::value::FilterNumber;
use crate::filter::{Filter, date, number, time};

/// If the literal is a number or a date, texts in any notation are compared as numbers or dates.
#[test]
fn texts_compare_as_numbers_and_dates() {
    let facts = |name: &str, value: serde_json::Value| {
        let metadata = std::iter::once((name.to_owned(), value)).collect();
        FakeDocument { id: "a".into(), metadata, file: None, text_len: 1, language: None }.fields()
    };
    let mail = facts("date", json!("2024-03-04T23:30:00-05:00"));
    let early = facts("at", json!("2019-07-14T22:06:43-01:00"));
    let german = facts("Datum", json!("28.01.2023"));
    let recent = facts("date", json!("2024-05-07"));
    let price = facts("Preis", json!("1.234,50 €"));
    let small = facts("Preis", json!("2,50"));
    let share = facts("Preis", json!("12,5 %"));
    let doubtful = facts("x", json!(["03/04/2024", "1,234", "n/a"]));
    for (fields, yes, no) in [
        // Instants are compared, with their offsets.
        (
            &mail,
            &[
                "date = 2024-03-05",
                "date = '2024-03-05'",
                "date > 2024-03-05T04:00Z",
                "date < 2024-03-05T05:00+00:00",
                "date < 60d-ago",
            ][..],
            &[
                "date = 2024-03-04",
                "date < 2024-03-05",
                "date > 2024-03-05T05:00",
                "date > 7d-ago",
                "date < '2024-03-05'",
            ][..],
        ),
        (
            &mail,
            &["date = 2024", "date in (2023, 2024-03)", "date >= 2024-03", "date <= 2024"],
            &["date > 2024", "date > 2024-03"],
        ),
        (&early, &["at > '2019-07-14T22:06:43Z'"], &["at < '2019-07-14T22:06:43Z'", "at = 2019-07-14T22:06:43Z"]),
        (
            &german,
            &[
                "Datum < 2023-02",
                "Datum = 2023-01-28",
                "Datum = 28.01.2023",
                "Datum >= 28.01.2023",
                "Datum > '27. Januar 2023'",
            ],
            &["Datum < 2023-01", "Datum > 28.01.2023", "Datum < 3.12.2022", "Datum > 2024"],
        ),
        (&recent, &["date > 7d-ago", "date = 2024-05"], &["date < 7d-ago", "date > 1h-ago"]),
        (
            &price,
            &[
                "Preis > 1000",
                "Preis = 1234.5",
                "Preis in (1, 1234.50)",
                "Preis > '1.000,00 €'",
                "Preis = '1.234,50 €'",
            ],
            &["Preis < 2", "Preis != 1234.5", "Preis = '1.234,5 €'"],
        ),
        (&small, &["Preis < 3", "Preis = 2.5", "Preis != 250"], &["Preis > 1000", "Preis > 2.5", "Preis = '2,5'"]),
        (&share, &["Preis > '10 %'", "Preis < 13"], &["Preis > 13"]),
        // A text with two readings, or none, is neither less nor greater.
        (
            &doubtful,
            &["x != 1234", "x = '1,234'", "x < z"],
            &["x > 2000", "x < 2000", "x = 2024-04-03", "x >= 1", "x <= 2030"],
        ),
    ] {
        for text in yes {
            assert!(Filter::parse_at(text, NOW).unwrap().matches(fields), "{text}");
        }
        for text in no {
            assert!(!Filter::parse_at(text, NOW).unwrap().matches(fields), "{text}");
        }
    }
    for (text, problem) in [("x > 03/04/2024", "two dates"), ("x <= '1,234'", "fraction"), ("x > 2,50", "2.50")] {
        let error = Filter::parse(text).unwrap_err().to_string();
        assert!(error.contains(problem), "{text}: {error}");
    }
    let built = Filter::field("Preis").gt(1000) & Filter::field("Preis").le("1.234,50 €");
    assert!(built.matches(&price) && !built.matches(&small));
    let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(NOW as u64);
    assert!(Filter::field("date").lt(at).matches(&mail) && !Filter::field("date").gt(at).matches(&mail));
}

#[test]
fn numbers_and_dates_in_usual_notations() {
    for (text, wanted) in [
        ("2,50", 2.5),
        ("2.50", 2.5),
        ("1.234,50", 1234.5),
        ("1,234.50", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u{202f}234,5", 1234.5),
        ("1'234.50", 1234.5),
        ("1’234’567", 1_234_567.0),
        ("1.234.567", 1_234_567.0),
        ("12,34,567.8", 1_234_567.8),
        ("1 000", 1000.0),
        ("950,00 €", 950.0),
        ("€ 950,00", 950.0),
        ("$1,200.50", 1200.5),
        ("$1,200", 1200.0),
        ("US$ 5", 5.0),
        ("5 eur", 5.0),
        ("R$ 1.234,56", 1234.56),
        ("￥１，２００", 1200.0),
        ("1200元", 1200.0),
        ("12,5 %", 12.5),
        ("12.5%", 12.5),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("−3,5", -3.5),
        ("(1,234.50)", -1234.5),
        ("1.234,50-", -1234.5),
        ("+49", 49.0),
        ("5,-", 5.0),
        ("5,– €", 5.0),
        ("1'200.–", 1200.0),
        ("007", 7.0),
        (".5", 0.5),
        ("0,234", 0.234),
        ("1.234", 1.234),
        ("1,2345", 1.2345),
        ("11.234,99", 11_234.99),
        ("33,3", 33.3),
        ("1234,567", 1234.567),
        ("1.5E+3", 1500.0),
        ("1E-05", 1e-5),
    ] {
        let read = match number::read(text) {
            Read::As(FilterNumber::Integer(number)) => number as f64,
            Read::As(FilterNumber::Float(number)) => number,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(read, wanted, "{text}");
    }
    assert_eq!(number::read("9007199254740993"), Read::As(FilterNumber::Integer(9_007_199_254_740_993)));
    for text in ["1,234", "1.234 €", "-12,345", "12,345 %"] {
        assert_eq!(number::read(text), Read::TwoWays, "{text}");
    }
    for text in [
        "",
        "-",
        "%",
        "€",
        "1.2.3",
        "28.01.2023",
        "1,2,3",
        "0 123 456",
        "12e4",
        "1 2",
        "12 kg",
        "12 ft",
        "5.",
        "--5",
        "-5-",
        "(-5)",
        "€5€",
        "1e999",
        "1.234.56",
        "1 234.567.8",
        "2024-05",
        "10:30",
        "½",
        "1_000",
        "NaN",
        "0x10",
        "一",
    ] {
        assert_eq!(number::read(text), Read::Not, "{text}");
    }
}

/// Texts with the same date as a notation of expressions.
#[test]
fn usual_notations_equal_those_of_expressions() {
    for (text, wanted) in [
        ("2024-03-04", "2024-03-04"),
        ("2024/3/4", "2024-03-04"),
        ("2024.03.04", "2024-03-04"),
        ("2024-03", "2024-03"),
        ("2024", "2024"),
        ("04.03.2024", "2024-03-04"),
        ("4.3.2024", "2024-03-04"),
        ("4. 3. 2024", "2024-03-04"),
        ("2024. 3. 4.", "2024-03-04"),
        ("28.01.23", "2023-01-28"),
        ("28.01.99", "1999-01-28"),
        ("28/01/2023", "2023-01-28"),
        ("01/28/2023", "2023-01-28"),
        ("28-01-2023", "2023-01-28"),
        ("03/03/2024", "2024-03-03"),
        ("03/2024", "2024-03"),
        ("28. Januar 2023", "2023-01-28"),
        ("Samstag, 28. Jänner 2023", "2023-01-28"),
        ("1er août 2023", "2023-08-01"),
        ("28 de enero de 2023", "2023-01-28"),
        ("March 4th, 2024", "2024-03-04"),
        ("4-Mar-2024", "2024-03-04"),
        ("04-Mar-24", "2024-03-04"),
        ("Mar 2024", "2024-03"),
        ("2024年3月4日", "2024-03-04"),
        ("2024年3月", "2024-03"),
        ("2024년 3월 4일", "2024-03-04"),
        ("2024-03-04T10:00:00+01:00", "2024-03-04T09:00:00Z"),
        ("2024-03-04T23:30:00-0500", "2024-03-05T04:30:00Z"),
        ("2024-03-04 10:00", "2024-03-04T10:00"),
        ("2024-03-04 10:00:00.123456789123 UTC", "2024-03-04T10:00:00.123456789"),
        ("2024-03-04T10:00:00,5Z", "2024-03-04T10:00:00.5"),
        ("2024-03-04T10:00:00+01:00[Europe/Berlin]", "2024-03-04T09:00:00Z"),
        ("Mon, 4 Mar 2024 10:00:00 +0100 (CET)", "2024-03-04T09:00:00Z"),
        ("04.03.2024, 14:30 Uhr", "2024-03-04T14:30"),
        ("28. Januar 2023 um 9:05", "2023-01-28T09:05"),
        ("March 4, 2024 at 2:30 PM", "2024-03-04T14:30"),
        ("4 Mar 2024 12:00 am", "2024-03-04T00:00"),
        ("0800-12-25", "0800-12-25"),
    ] {
        let (start, length) = time::parse_written(wanted).unwrap();
        assert_eq!(date::read(text), Read::As((start, start + length)), "{text}");
    }
    for text in ["03/04/2024", "3-4-2024", "12/11/1999"] {
        assert_eq!(date::read(text), Read::TwoWays, "{text}");
    }
    for text in [
        "",
        "10:00",
        "31.02.2024",
        "2024-13-01",
        "2024-02-30",
        "1.2.3",
        "1.2.24",
        "28.13.23",
        "13/13/2024",
        "20240304",
        "Raum 2024",
        "May",
        "v2024",
        "2024-03-04T25:00",
        "2024-03 10:00",
        "2024-03-04T10:00+1:00",
        "2024-03-04 10:00 XYZ",
        "4 Foo 2024",
        "4 3 2024",
        "2 024",
        "日2024",
        "13:00 PM 4 Mar 2024",
        "4 Mar 2024 13:00 PM",
        "192.168.0.1",
        "a: 2024-03-04",
    ] {
        assert_eq!(date::read(text), Read::Not, "{text}");
    }
}
