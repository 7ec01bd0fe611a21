//! The tests of OpenDocument spreadsheets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::office::archive::fixture::archive;

fn text(value: &str) -> String {
    format!("<table:table-cell office:value-type='string'><text:p>{value}</text:p></table:table-cell>")
}

fn read(rows: &str) -> Result<Extracted> {
    let sheet = format!("<office:spreadsheet><table:table table:name='One'>{rows}</table:table></office:spreadsheet>");
    ods(&archive(&[("content.xml", &format!("<d><office:body>{sheet}</office:body></d>"))]))
}

fn row(attributes: &str, cells: &[&str]) -> String {
    format!("<table:table-row {attributes}>{}</table:table-row>", cells.concat())
}

#[test]
fn cells_of_every_type() {
    let merged = "<table:table-cell table:number-rows-spanned='2' office:value-type='string'><text:p>Li</text:p></table:table-cell>";
    let date = "<table:table-cell office:value-type='date' office:date-value='2024-05-06'><text:p>6. Mai</text:p></table:table-cell>";
    let time = "<table:table-cell office:value-type='time' office:time-value='PT09H30M00S'/>";
    let share = "<table:table-cell office:value-type='percentage' office:value='0.25'><office:annotation><dc:creator>Z</dc:creator><text:p>Check</text:p></office:annotation><text:p>25%</text:p></table:table-cell>";
    let never = "<table:table-cell table:formula='of:=1'/>";
    let rest = "<table:table-cell table:number-columns-repeated='16380'/>";
    let rows = [
        row("", &[&text("Name"), &text("Day"), &text("At"), &text("Share"), rest]),
        row("table:number-rows-repeated='3'", &["<table:table-cell table:number-columns-repeated='16384'/>"]),
        row("", &[merged, date, time, share, rest]),
        row("", &["<table:covered-table-cell/>", never, rest]),
        row("table:number-rows-repeated='2'", &[&text("Bo")]),
        row("table:number-rows-repeated='1048500'", &["<table:table-cell/>"]),
    ];
    let found = read(&rows.concat()).unwrap();
    assert_eq!(
        found.text,
        "Name: Li; Day: 2024-05-06 6. Mai; At: 09:30:00; Share: 25%; Comment by Z: Check\nName: Li\nName: Bo\nName: Bo"
    );
    let places: Vec<_> = found.sections.iter().map(|section| section.place.number).collect();
    assert_eq!(places, [5, 6, 7, 8]);
    assert_eq!(found.losses.len(), 1, "{:?}", found.losses);
}

#[test]
fn repetition_is_bounded() {
    let cell =
        "<table:table-cell table:number-columns-repeated='4294967295' office:value-type='float' office:value='1'/>";
    let found = read(&row("table:number-rows-repeated='4294967295'", &[cell])).unwrap();
    assert!(found.text.len() < 1 << 20 && found.losses.len() == 1, "{} {:?}", found.text.len(), found.losses);
    assert!(read("").unwrap_err().to_string().starts_with("an ODS without cells"));
}
