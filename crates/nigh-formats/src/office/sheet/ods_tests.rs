//! Tests of OpenDocument spreadsheets.

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
fn repeated_cells_are_limited() {
    let cell =
        "<table:table-cell table:number-columns-repeated='4294967295' office:value-type='float' office:value='1'/>";
    let found = read(&row("table:number-rows-repeated='4294967295'", &[cell])).unwrap();
    assert!(found.text.len() < 1 << 20 && found.losses.len() == 1, "{} {:?}", found.text.len(), found.losses);
    assert!(read("").unwrap_err().to_string().starts_with("an ODS without cells"));
}

#[test]
fn headers_messages_controls_and_descriptions_are_read() {
    let rules = "<table:content-validations><table:content-validation table:name='v1'><table:help-message table:title='Height' table:display='true'>\
        <text:p>In metres</text:p><text:p>above datum</text:p></table:help-message><table:error-message><text:p>Too high</text:p></table:error-message>\
        </table:content-validation></table:content-validations>";
    let asks = "<table:table-cell table:content-validation-name='v1'/>";
    let sheet = [
        "<office:forms><form:form><form:button form:id='b' form:label='Compute'/></form:form></office:forms>\
         <table:title>Tides</table:title><table:shapes><draw:control draw:control='b'/></table:shapes>",
        &row("", &[&text("Day"), &text("Height")]),
        &row("table:number-rows-repeated='3'", &[asks]),
        &row(
            "",
            &[
                &text("Mon"),
                asks,
                "<table:table-cell><draw:frame><draw:object xlink:href='./gone'/></draw:frame></table:table-cell>",
            ],
        ),
    ]
    .concat();
    let content = format!(
        "<d><office:body><office:spreadsheet>{rules}<table:table table:name='One'>{sheet}</table:table></office:spreadsheet></office:body></d>"
    );
    let styles = "<s><office:master-styles><style:master-page style:name='Default'><style:header><text:p><text:sheet-name>???</text:sheet-name></text:p></style:header>\
        <style:header-left style:display='false'><text:p>not shown</text:p></style:header-left>\
        <style:footer><style:region-left><text:p>Harbour<text:s/>office</text:p></style:region-left><style:region-right><text:p>Page <text:page-number>1</text:page-number></text:p></style:region-right>\
        </style:footer></style:master-page></office:master-styles></s>";
    let found = ods(&archive(&[("content.xml", &content), ("styles.xml", styles)])).unwrap();
    assert_eq!(
        found.text,
        "Tides\nCompute\nInput message: Height: In metres above datum; Error message: Too high\nDay: Mon\nFooter: Harbour office"
    );
    assert_eq!(found.losses, ["an embedded object (formula, sheet, file) was not read"]);
}
