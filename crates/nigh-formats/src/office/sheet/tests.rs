//! Tests of rows as sections.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::Value as Json;

use super::*;
use crate::office::parts::DocumentParts;
use crate::office::sheet::value::round_to_15_digits;

/// Makes a sheet; numbers are numbers, and `@` marks a date.
fn sheet(rows: &[&[&str]]) -> Sheet {
    let value = |text: &str| match (text.parse::<f64>(), text.strip_prefix('@')) {
        (Ok(number), _) => CellValue::Number(number, None),
        (_, Some(date)) => CellValue::Date(date.to_owned(), None),
        _ => CellValue::Text(text.into()),
    };
    let rows = (1u32..).zip(rows).map(|(number, cells)| SheetRow {
        number,
        cells: (0u32..).zip(*cells).filter(|(_, text)| !text.is_empty()).map(|(at, text)| (at, value(text))).collect(),
        notes: Vec::new(),
    });
    Sheet { name: "S".into(), rows: rows.filter(|row| !row.cells.is_empty()).collect() }
}

/// Writes a sheet; returns the text and the parts.
fn lines(rows: &[&[&str]]) -> (String, DocumentParts) {
    let mut output = SheetOutput::default();
    output.write(sheet(rows));
    (output.parts.text.clone(), output.parts)
}

#[test]
fn header_names_the_columns() {
    let (text, parts) = lines(&[
        &["Report of May"],
        &[],
        &["Name", "Sum", "Day"],
        &["Ann", "1.5", "@2024-05-01"],
        &["Bo", "", "", "aside"],
    ]);
    assert_eq!(text, "Report of May\nName: Ann; Sum: 1.5; Day: 2024-05-01\nName: Bo; aside");
    let places: Vec<_> = parts.sections.iter().map(|section| section.place.to_string()).collect();
    assert_eq!(places, ["S row 1", "S row 4", "S row 5"]);
    assert_eq!(
        serde_json::to_string(&parts.sections[1].metadata).unwrap(),
        r#"{"Day":"2024-05-01","Name":"Ann","Sum":1.5}"#
    );
    assert_eq!(parts.sections[1].headings, ["S"]);
}

#[test]
fn first_row_is_no_header_without_rows_or_with_values() {
    for (rows, text) in [
        // The only row; values in it; repeated names; a value that is repeated below; one column; too few names.
        (&[&["Name", "Sum"][..]][..], "Name | Sum"),
        (&[&["a", "1"], &["b", "2"]], "a | 1\nb | 2"),
        (&[&["x", "x"], &["b", "c"]], "x | x\nb | c"),
        (&[&["Ann", "Paris"], &["Bo", "Paris"]], "Ann | Paris\nBo | Paris"),
        (&[&["one"], &["two"]], "one\ntwo"),
        (&[&["a", "b"], &["c", "d", "e", "f", "g"]], "a | b\nc | d | e | f | g"),
        // Years are names if they are in order.
        (&[&["Region", "2021", "2023"], &["North", "5", "6"]], "Region: North; 2021: 5; 2023: 6"),
        (&[&["Region", "2021", "2019", "2023"], &["N", "5", "6"]], "Region | 2021 | 2019 | 2023\nN | 5 | 6"),
    ] {
        assert_eq!(lines(rows).0, text);
    }
}

#[test]
fn tables_below_have_their_own_column_names() {
    let first = [&["port", "depth"][..], &["Oban", "4"], &["Leith", "12"], &[]];
    let port = "port: Oban; depth: 4\nport: Leith; depth: 12\n";
    for (rows, text) in [
        (&[&["ship", "draught"][..], &["Heron", "3"]][..], "ship: Heron; draught: 3"),
        (&[&["Ships"], &["ship", "draught"], &["Heron", "3"]], "Ships\nship: Heron; draught: 3"),
        (&[&["", "", "ship", "draught"], &["", "", "Heron", "3"]], "ship: Heron; draught: 3"),
        (&[&["Total", "16"]], "port: Total; depth: 16"),
        (&[&["Measured in May"], &[], &["Wick", "7"]], "Measured in May\nport: Wick; depth: 7"),
        (&[&["3", "Heron"], &["2", "Plover"]], "3 | Heron\n2 | Plover"),
        (
            &[&["ship", "draught"], &[], &["Heron", "3"], &[], &["Plover", "2"]],
            "ship: Heron; draught: 3\nship: Plover; draught: 2",
        ),
    ] {
        assert_eq!(lines(&[&first[..], rows].concat()).0, format!("{port}{text}"));
    }
}

#[test]
fn tables_without_a_blank_row_between_have_their_own_column_names() {
    let first = [&["port", "depth"][..], &["Oban", "4"], &["Leith", "12"]];
    let port = "port: Oban; depth: 4\nport: Leith; depth: 12\n";
    // Without a blank row, a title of one cell and other kinds of values show the second table.
    let (text, _) = lines(&[&first[..], &[&["Ships"][..], &["ship", "draught"], &["Heron", "3"]]].concat());
    assert_eq!(text, format!("{port}Ships\nship: Heron; draught: 3"));
    for (rows, text) in [
        (&[&["ship", "draught"][..], &["Heron", "3"]][..], "ship: Heron; draught: 3"),
        (&[&["port", "depth"][..], &["Wick", "3"]], "port: Wick; depth: 3"),
        (&[&["Wick", "closed"][..], &["Thurso", "3"]], "port: Wick; depth: closed\nport: Thurso; depth: 3"),
    ] {
        assert_eq!(lines(&[&first[..], rows].concat()).0, format!("{port}{text}"));
    }
}

#[test]
fn repeated_column_names_get_numbers_in_metadata() {
    let (text, parts) = lines(&[&["rest", "currency", "sum", "currency"], &["5", "EUR", "6", "USD"]]);
    assert_eq!(text, "rest: 5; currency: EUR; sum: 6; currency: USD");
    assert_eq!(
        serde_json::to_string(&parts.sections[0].metadata).unwrap(),
        r#"{"currency":"EUR","currency 2":"USD","rest":5,"sum":6}"#
    );
}

#[test]
fn second_table_of_words_has_no_column_names() {
    // Words below words: the header is not certain, and no name is better than a wrong name.
    let (text, parts) = lines(&[&["port", "master"], &["Oban", "Ann"], &[], &["ship", "captain"], &["Heron", "Bo"]]);
    assert_eq!(text, "port: Oban; master: Ann\nship | captain\nHeron | Bo");
    assert!(parts.sections[2].metadata.is_empty());
}

#[test]
fn tables_with_blank_rows_between_all_rows_or_side_by_side() {
    let spaced: [&[&str]; 7] = [&["name", "town"], &[], &["Ann", "Rome"], &[], &["Bo", "Bath"], &[], &["Cy", "York"]];
    assert_eq!(lines(&spaced).0, "name: Ann; town: Rome\nname: Bo; town: Bath\nname: Cy; town: York");
    let (text, _) =
        lines(&[&["port", "depth", "", "ship", "draught"], &["Oban", "4", "", "Heron", "3"], &["Leith", "12"]]);
    assert_eq!(text, "port: Oban; depth: 4; ship: Heron; draught: 3\nport: Leith; depth: 12");
}

#[test]
fn numbers_are_shown_with_at_most_15_digits() {
    let shown = |number| CellValue::Number(number, None).shown().into_owned();
    assert_eq!((shown(0.1 + 0.2), shown(1e20)), ("0.3".into(), "1e20".into()));
    assert_eq!(shown(-1234567.0), "-1234567");
    for (number, expected) in [
        (0.0, "0"),
        (-0.07, "-0.07"),
        (1.0 / 3.0, "0.333333333333333"),
        (2.0 / 3.0, "0.666666666666667"),
        (1_234_567_890.123_45, "1234567890.12345"),
        (0.123_456_789_012_345, "0.123456789012345"),
        (0.1 + 0.2, "0.3"),
        (999_999_999_999_999.0, "999999999999999"),
        (1_234_567_890_123_456.0, "1234567890123460"),
        (99_999.999_999_999_99, "100000"),
        (1.5e-9, "0.0000000015"),
        (1.5e-10, "1.5e-10"),
    ] {
        assert_eq!(shown(number), expected);
        assert_eq!(round_to_15_digits(number), expected.parse::<f64>().unwrap(), "{number}");
    }
    assert_eq!(CellValue::Number(3.0, None).json(), Json::from(3));
    assert_eq!(CellValue::Number(0.1 + 0.2, None).json(), Json::from(0.3));
    assert_eq!(CellValue::Number(f64::NAN, None).json(), Json::Null);
}

#[test]
fn text_shared_by_many_cells_is_limited() {
    let shared = CellValue::Text("long ".repeat(200).trim_end().into());
    let rows = (1..=100).map(|number| SheetRow {
        number,
        cells: (0..50).map(|column| (column, shared.clone())).collect(),
        notes: Vec::new(),
    });
    let mut output = SheetOutput { max_bytes: 10_000, ..SheetOutput::default() };
    output.write(Sheet { name: "S".into(), rows: rows.collect() });
    assert!((10_000..30_000).contains(&output.parts.len()), "{}", output.parts.len());
    assert_eq!(output.left_out, 99);
    let mut reports = Vec::new();
    losses(&output, false, &mut reports);
    assert!(reports[0].contains("last 99 rows"), "{reports:?}");
}
