//! The rows of a spreadsheet as sections: which row names the columns, what a row says, and its columns as metadata.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | rows of any spreadsheet to sections, columns as metadata |
//! | `header.rs` | the tables of a sheet, and which row names the columns of each |
//! | `xls.rs` | old Excel workbooks |
//! | `xls_records.rs` | their records, and the texts in them |
//! | `xlsx.rs` | Excel workbooks: sheets and rows |
//! | `cells.rs` | references, texts and merged cells of a workbook |
//! | `number_format.rs` | which numbers are days and times, formats of cells |
//! | `number_pattern.rs` | numbers as the codes of formats show them |
//! | `notes.rs` | comments and shapes on a sheet |
//! | `ods.rs` | OpenDocument spreadsheets |

pub(in crate::office) mod cells;
pub(in crate::office) mod header;
pub(in crate::office) mod notes;
pub(in crate::office) mod number_format;
pub(in crate::office) mod number_pattern;
pub(in crate::office) mod ods;
pub(in crate::office) mod xls;
pub(in crate::office) mod xls_records;
pub(in crate::office) mod xlsx;

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Number, Value as Json};

use crate::Section;
use crate::office::markdown::one_line;
use crate::office::parts::Parts;
use crate::types::{Metadata, Place, PlaceKind};

/// The text of one file ends at this many bytes: a shared text or a repeated row may stand in many rows.
const MAX_TEXT: usize = 128 << 20;
/// This many rows of one file become sections, and this many of their values metadata.
const MAX_ROWS: usize = 200_000;
const MAX_VALUES: usize = 2_000_000;
/// A longer text is in the row's text only.
const VALUE_MAX: usize = 500;
/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) enum Value {
    /// Text on one line, not empty. Many cells may share it.
    Text(Rc<str>),
    /// A number, and what its format shows of it where that is not the number as it is.
    Number(f64, Option<Rc<str>>),
    /// A day, a time or both, in ISO 8601, and what is shown of it where that is more.
    Date(String, Option<Rc<str>>),
    /// True or false.
    Bool(bool),
}

impl Value {
    pub(in crate::office) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            Self::Number(_, Some(shown)) | Self::Date(_, Some(shown)) => shown.to_string(),
            Self::Number(number, None) => decimal(*number),
            Self::Date(date, None) => date.replace('T', " "),
            Self::Bool(value) => value.to_string(),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Text(text) => text.to_string().into(),
            Self::Number(number, _) => {
                let whole = number.fract() == 0.0 && number.abs() < 9e15;
                #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
                let number =
                    if whole { Some(Number::from(*number as i64)) } else { Number::from_f64(rounded(*number)) };
                number.map_or(Json::Null, Json::Number)
            }
            Self::Date(date, _) => date.clone().into(),
            Self::Bool(value) => (*value).into(),
        }
    }
}

/// A number without the noise that binary fractions have behind their 15th digit.
fn rounded(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}

fn decimal(number: f64) -> String {
    let number = rounded(number);
    if number != 0.0 && !(1e-9..1e16).contains(&number.abs()) { format!("{number:e}") } else { number.to_string() }
}

/// A row that has cells: its number, from 1, and its cells by column, ascending.
#[derive(Debug, Clone, Default)]
pub(in crate::office) struct Row {
    pub(in crate::office) number: u32,
    pub(in crate::office) cells: Vec<(u32, Value)>,
    /// Comments on its cells.
    pub(in crate::office) notes: Vec<String>,
}

/// A sheet: its name, and its rows that have cells.
#[derive(Debug, Default)]
pub(in crate::office) struct Sheet {
    pub(in crate::office) name: String,
    pub(in crate::office) rows: Vec<Row>,
}

/// The sections of all sheets of a file.
#[derive(Debug)]
pub(in crate::office) struct Output {
    pub(in crate::office) parts: Parts,
    /// The text ends when it has this many bytes; its last row may take as many again.
    room: usize,
    rows: usize,
    values: usize,
    /// Rows for which there was no room, and rows of which the metadata had none.
    pub(in crate::office) left_out: usize,
    pub(in crate::office) without_metadata: usize,
}

impl Default for Output {
    fn default() -> Self {
        Self { parts: Parts::default(), room: MAX_TEXT, rows: 0, values: 0, left_out: 0, without_metadata: 0 }
    }
}

impl Output {
    /// Whether further rows would be left out.
    pub(in crate::office) fn is_full(&self) -> bool {
        self.rows >= MAX_ROWS || self.parts.len() > self.room
    }

    /// Adds a section for each row. A header names the columns of the rows below it and is no row itself, unless it is
    /// all there is.
    pub(in crate::office) fn write(&mut self, sheet: Sheet) {
        let mut tables = sheet.tables().into_iter().peekable();
        let mut header = None;
        let mut names = HashMap::new();
        let name = one_line(&sheet.name);
        for (at, row) in sheet.rows.iter().enumerate() {
            if let Some(table) = tables.next_if(|table| table.start == at) {
                header = table.header;
                let row = header.and_then(|at| sheet.rows.get(at));
                let cells = row.map(|row| row.cells.as_slice()).unwrap_or_default();
                names = cells.iter().map(|(column, value)| (*column, value.shown())).collect();
            }
            if header == Some(at) && row.notes.is_empty() {
                continue;
            }
            if self.is_full() {
                self.left_out += sheet.rows.len() - at;
                return;
            }
            let named = header.is_some_and(|header| at > header);
            let metadata = if named { self.metadata(row, &names) } else { Metadata::new() };
            let text = self.text(row, named.then_some(&names));
            let added = self.parts.push("\n", &text, |start| Section {
                start,
                place: Place::new(PlaceKind::Row, row.number).named(&name),
                headings: vec![name.clone()],
                metadata,
            });
            self.rows += usize::from(added);
        }
    }

    fn metadata(&mut self, row: &Row, names: &HashMap<u32, String>) -> Metadata {
        if self.values >= MAX_VALUES {
            self.without_metadata += 1;
            return Metadata::new();
        }
        let values = row.cells.iter().filter_map(|(column, value)| {
            let short = !matches!(value, Value::Text(text) if text.len() > VALUE_MAX);
            Some((names.get(column).filter(|_| short)?.clone(), value.json()))
        });
        let metadata: Metadata = values.collect();
        self.values += metadata.len();
        metadata
    }

    fn text(&self, row: &Row, names: Option<&HashMap<u32, String>>) -> String {
        let mut text = String::new();
        for (column, value) in &row.cells {
            let shown = value.shown();
            if self.parts.len() + text.len() + shown.len() > self.room * 2 {
                break;
            }
            text.push_str(match names {
                _ if text.is_empty() => "",
                Some(_) => "; ",
                None => " | ",
            });
            if let Some(name) = names.and_then(|names| names.get(column)) {
                text.push_str(name);
                text.push_str(": ");
            }
            text.push_str(&shown);
        }
        for note in &row.notes {
            text.push_str(if text.is_empty() { "" } else { "; " });
            text.push_str(&one_line(note));
        }
        text
    }
}

/// Says what there was no room for.
pub(in crate::office) fn losses(output: &Output, cells_left_out: bool, losses: &mut Vec<String>) {
    if output.left_out > 0 || cells_left_out {
        let count = if output.left_out > 0 { format!("{} ", output.left_out) } else { String::new() };
        losses.push(format!("the last {count}rows were left out: one file gives at most {MAX_ROWS} (split it)"));
    }
    if output.without_metadata > 0 {
        losses.push(format!("{} rows have no columns as metadata: there are too many", output.without_metadata));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let value = |text: &str| match (text.parse::<f64>(), text.strip_prefix('@')) {
            (Ok(number), _) => Value::Number(number, None),
            (_, Some(date)) => Value::Date(date.to_owned(), None),
            _ => Value::Text(text.into()),
        };
        let rows = (1u32..).zip(rows).map(|(number, cells)| Row {
            number,
            cells: (0u32..)
                .zip(*cells)
                .filter(|(_, text)| !text.is_empty())
                .map(|(at, text)| (at, value(text)))
                .collect(),
            notes: Vec::new(),
        });
        Sheet { name: "S".into(), rows: rows.filter(|row| !row.cells.is_empty()).collect() }
    }

    fn lines(rows: &[&[&str]]) -> (String, Parts) {
        let mut output = Output::default();
        output.write(sheet(rows));
        (output.parts.text.clone(), output.parts)
    }

    #[test]
    fn a_header_names_the_columns() {
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
    fn rows_that_are_no_header() {
        for (rows, text) in [
            (&[&["Name", "Sum"][..]][..], "Name | Sum"),
            (&[&["a", "1"], &["b", "2"]], "a | 1\nb | 2"),
            (&[&["x", "x"], &["b", "c"]], "x | x\nb | c"),
            (&[&["Ann", "Paris"], &["Bo", "Paris"]], "Ann | Paris\nBo | Paris"),
            (&[&["one"], &["two"]], "one\ntwo"),
            (&[&["a", "b"], &["c", "d", "e", "f", "g"]], "a | b\nc | d | e | f | g"),
            (&[&["Region", "2021", "2023"], &["North", "5", "6"]], "Region: North; 2021: 5; 2023: 6"),
            (&[&["Region", "2021", "2019", "2023"], &["N", "5", "6"]], "Region | 2021 | 2019 | 2023\nN | 5 | 6"),
        ] {
            assert_eq!(lines(rows).0, text);
        }
    }

    #[test]
    fn tables_below_have_names_of_their_own() {
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
        // Without a blank row a title of one cell and another kind of values tell it.
        let (text, _) = lines(&[&first[..3], &[&["Ships"][..], &["ship", "draught"], &["Heron", "3"]]].concat());
        assert_eq!(text, format!("{port}Ships\nship: Heron; draught: 3"));
        // Words below words: it cannot be told, and no name is better than a wrong one.
        let (text, parts) =
            lines(&[&["port", "master"], &["Oban", "Ann"], &[], &["ship", "captain"], &["Heron", "Bo"]]);
        assert_eq!(text, "port: Oban; master: Ann\nship | captain\nHeron | Bo");
        assert!(parts.sections[2].metadata.is_empty());
        // Blank rows between all rows, and two tables side by side.
        let spaced: [&[&str]; 7] =
            [&["name", "town"], &[], &["Ann", "Rome"], &[], &["Bo", "Bath"], &[], &["Cy", "York"]];
        assert_eq!(lines(&spaced).0, "name: Ann; town: Rome\nname: Bo; town: Bath\nname: Cy; town: York");
        let (text, _) =
            lines(&[&["port", "depth", "", "ship", "draught"], &["Oban", "4", "", "Heron", "3"], &["Leith", "12"]]);
        assert_eq!(text, "port: Oban; depth: 4; ship: Heron; draught: 3\nport: Leith; depth: 12");
    }

    #[test]
    fn values_as_people_write_them() {
        let shown = |number| Value::Number(number, None).shown();
        assert_eq!((shown(0.1 + 0.2), shown(1e20)), ("0.3".into(), "1e20".into()));
        assert_eq!(shown(-1234567.0), "-1234567");
        assert_eq!(Value::Number(3.0, None).json(), Json::from(3));
        assert_eq!(Value::Number(0.1 + 0.2, None).json(), Json::from(0.3));
        assert_eq!(Value::Number(f64::NAN, None).json(), Json::Null);
    }

    #[test]
    fn a_text_that_many_cells_share_is_bounded() {
        let shared = Value::Text("long ".repeat(200).trim_end().into());
        let rows = (1..=100).map(|number| Row {
            number,
            cells: (0..50).map(|column| (column, shared.clone())).collect(),
            notes: Vec::new(),
        });
        let mut output = Output { room: 10_000, ..Output::default() };
        output.write(Sheet { name: "S".into(), rows: rows.collect() });
        assert!((10_000..30_000).contains(&output.parts.len()), "{}", output.parts.len());
        assert_eq!(output.left_out, 99);
        let mut said = Vec::new();
        losses(&output, false, &mut said);
        assert!(said[0].contains("last 99 rows"), "{said:?}");
    }
}
