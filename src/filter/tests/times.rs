//! Times in filters: those that depend on the current time, words that only look like times, and the order of dates.

use serde_json::{Value as Json, json};

use super::naive::{AMBIGUOUS, FakeDocument, NOW, PARSED_TEXTS, SECOND};
use crate::error::Error;
use crate::filter::{Fields, Filter, time};

fn with(value: Json) -> Fields {
    let metadata = std::iter::once(("x".to_owned(), value)).collect();
    FakeDocument { id: "a".into(), metadata, file: Some((1, NOW - SECOND)), text_len: 1, language: None }.fields()
}

fn holds(filter: &str, fields: &Fields) -> bool {
    Filter::parse_at(filter, NOW).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(fields)
}

/// A word that looks like a time but is not one is an error, also after `<`. In quotes it is text.
#[test]
fn filter_words_that_only_look_like_times_are_errors() {
    let everywhere = ["30x-ago", "3m-ago", "1century-ago", "7-ago", "now-30d", "NOW+1h", "3-days-ago", "30D-AGO-ago"];
    let in_an_order = [
        "2024-13",
        "2024-02-30",
        "2024-00",
        "2024/13",
        "2023-02-29T10:00",
        "2024-05-01T25:00",
        "now/d",
        "-30d",
        "+1h",
        "-2w-ago",
        "long-ago",
        "2024-13-01",
        "2024-1-32",
    ];
    for word in everywhere.iter().chain(&in_an_order) {
        for sign in ["<", "<=", ">", ">="] {
            let text = format!("lang = zh and x {sign} {word}");
            let error = Filter::parse(&text).unwrap_err();
            let Error::InvalidFilter { at, problem, .. } = &error else { panic!("{error}") };
            assert_eq!(&text[at.clone()], *word);
            assert!(
                problem.contains("quotes") && (problem.contains("7d-ago") || problem.contains("3mo-ago")),
                "{problem}"
            );
            assert!(Filter::field("x").gt(*word).check().is_err(), "{word}");
        }
        let text = with(json!(word));
        assert!(holds(&format!("x = '{word}' and x >= '{word}' and not x > '{word}'"), &text), "{word}");
        let quoted = Filter::parse(&format!("x >= '{word}'")).unwrap();
        assert_eq!(Filter::parse(&quoted.to_string()).unwrap(), quoted);
    }
    for word in everywhere {
        for filter in [format!("x = {word}"), format!("x != {word}"), format!("x in (a, {word})")] {
            assert!(Filter::parse(&filter).is_err(), "{filter}");
        }
    }
    // Numbers of invoices, versions, codes: text, as before.
    for word in in_an_order.into_iter().chain(["now", "now-playing", "ago", "5d", "7e"]) {
        assert!(holds(&format!("x = {word} and x in ({word}) and not x != {word}"), &with(json!(word))), "{word}");
    }
    for (filter, value) in [
        ("x > a", "b"),
        ("x >= 1.2.9", "1.3.0"),
        ("x < 2024-1187", "2024-1186"),
        ("x < 1234-57", "1234-56"),
        ("x > 5c", "5d"),
        ("x > nowhere", "o"),
        ("x >= v2024-13", "v2024-13"),
        ("x > '2024-13'", "2024-14"),
    ] {
        assert!(holds(filter, &with(json!(value))), "{filter}");
    }
}

/// NOW is Wednesday, 2024-05-08, 00:00 UTC.
#[test]
fn filter_times_before_now() {
    for (word, wanted) in [
        ("30min-ago", "2024-05-07T23:30Z"),
        ("30minutes-ago", "2024-05-07T23:30Z"),
        ("12h-ago", "2024-05-07T12:00Z"),
        ("1hour-ago", "2024-05-07T23:00Z"),
        ("7d-ago", "2024-05-01T00:00Z"),
        ("30days-ago", "2024-04-08T00:00Z"),
        ("2w-ago", "2024-04-24T00:00Z"),
        ("1week-ago", "2024-05-01T00:00Z"),
        ("1mo-ago", "2024-04-08T00:00Z"),
        ("5months-ago", "2023-12-08T00:00Z"),
        ("17mo-ago", "2022-12-08T00:00Z"),
        ("1y-ago", "2023-05-08T00:00Z"),
        ("3YEARS-ago", "2021-05-08T00:00Z"),
        ("now", "2024-05-08T00:00Z"),
    ] {
        let wanted = time::read(wanted, 0).unwrap();
        let time::Moment::Written { start, .. } = wanted else { panic!("{wanted:?}") };
        assert_eq!(time::read(word, NOW), Ok(time::Moment::Ago(start)), "{word}");
    }
    let at = |text: &str| match time::read(text, 0) {
        Ok(time::Moment::Written { start, .. }) => start,
        other => panic!("{other:?}"),
    };
    // A month without that day has the time on its last day.
    for (now, word, wanted) in [
        ("2024-05-31T10:00", "1mo-ago", "2024-04-30T10:00"),
        ("2024-03-30T10:00", "1mo-ago", "2024-02-29T10:00"),
        ("2024-02-29T10:00", "1y-ago", "2023-02-28T10:00"),
        ("1970-01-31T00:00", "2mo-ago", "1969-11-30T00:00"),
    ] {
        assert_eq!(time::read(word, at(now)), Ok(time::Moment::Ago(at(wanted))), "{word} before {now}");
    }
    for word in ["400y-ago", "99999999999999mo-ago", "9223372036854775807y-ago", "99999999999999999999d-ago"] {
        assert!(time::read(word, NOW).is_err(), "{word}");
    }
    for (word, day) in [("yesterday", "2024-05-07"), ("today", "2024-05-08"), ("Tomorrow", "2024-05-09")] {
        assert_eq!(time::read(word, NOW), time::read(day, 0));
        let (stored, text) = (with(json!(day)), with(json!(word)));
        let filter = format!("x = {word} and x >= {word} and not x < {word} and x <= '{word}' and x != '{word}'");
        assert!(holds(&filter, &stored), "{word}");
        assert!(holds(&format!("x = {word} and x = '{word}' and x in ({word})"), &text), "{word}");
        for filter in [format!("x = {word}"), format!("modified >= {word}"), format!("x > {word}")] {
            let parsed = Filter::parse_at(&filter, NOW).unwrap();
            assert_eq!(Filter::parse_at(&parsed.to_string(), NOW).unwrap(), parsed);
        }
    }
    assert!(holds("modified = yesterday and modified < today and modified < now", &with(json!(1))));
}

/// A stored day contains the instant that it is compared with: the day counts as equal.
#[test]
fn filter_day_of_an_instant_is_equal_to_it() {
    // 7d-ago is 2024-05-01T00:00Z, 156h-ago is noon of that day.
    for (stored, order) in [
        ("2024-04-30", "<"),
        ("2024-05-01", "="),
        ("1. Mai 2024", "="),
        ("2024-05", "="),
        ("2024-05-01T11:59:59Z", "<"),
        ("2024-05-01T12:00", "="),
        ("2024-05-01T12:00:01Z", ">"),
        ("2024-05-02", ">"),
    ] {
        let fields = with(json!(stored));
        for sign in ["<", "=", ">"] {
            assert_eq!(holds(&format!("x {sign} 156h-ago"), &fields), sign == order, "{stored} {sign}");
        }
    }
}

/// For every stored date and number, exactly one of `<`, `=` and `>` holds, and the other operators follow from these.
#[test]
fn filter_orders_exclude_each_other() {
    let words = ["7d-ago", "156h-ago", "now", "today", "2024-05-01T12:00:00.5", "2024-05-01T12", "5", "2.5", "2024.0"];
    let literals = PARSED_TEXTS.iter().map(|(text, ..)| *text).chain(words);
    let mut compared = 0;
    for literal in literals.filter(|literal| !AMBIGUOUS.contains(literal)) {
        let written = format!("\"{literal}\"");
        let word = if words.contains(&literal) { literal } else { &written };
        // Quoted, a period longer than a day is not a date after `=`.
        let is_date = |it: &str| matches!(it, "2024" | "2024-05");
        let word = if is_date(literal) { literal } else { word };
        for (stored, number, date) in PARSED_TEXTS {
            let fields = with(json!(stored));
            let is =
                |sign: &str| Filter::parse_at(&format!("x {sign} {word}"), NOW).is_ok_and(|it| it.matches(&fields));
            let (less, greater) = (is("<"), is(">"));
            // After `=`, a number in quotes is only text.
            let equal = is("<=") && is(">=");
            if !less && !greater && !equal {
                continue;
            }
            if date.is_none() && number.is_none() {
                continue;
            }
            compared += 1;
            assert_eq!([less, equal, greater].iter().filter(|it| **it).count(), 1, "{stored} and {literal}");
            assert_eq!((is("<="), is(">=")), (less || equal, greater || equal), "{stored} and {literal}");
        }
        // All dates have an order to a date.
        let is_instant = words[..4].contains(&literal);
        for (stored, _, date) in PARSED_TEXTS.iter().filter(|_| is_instant) {
            let any = holds(&format!("x < {word} or x >= {word}"), &with(json!(stored)));
            assert_eq!(any, date.is_some(), "{stored} and {literal}");
        }
    }
    assert!(compared > 200, "{compared}");
}
