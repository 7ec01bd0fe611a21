//! Tests of Excel workbooks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::office::archive::fixture::{archive, relations};

fn book(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let list = relations(&[
        ("a", "worksheet", "worksheets/s.xml"),
        ("b", "worksheet", "worksheets/gone.xml"),
        ("c", "chartsheet", "c.xml"),
        ("d", "styles", "styles.xml"),
        ("e", "sharedStrings", "strings.xml"),
    ]);
    let mut parts = vec![
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='One' r:id='a' state='hidden'/><sheet name='Two' r:id='b'/>\
          <sheet name='Three' r:id='c'/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", list.as_str()),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy-mm-dd'/></numFmts>\
          <cellStyleXfs><xf numFmtId='9'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='9'/></cellXfs></styleSheet>",
        ),
        (
            "xl/strings.xml",
            "<sst uniqueCount='99999999999999'><si><t>Name</t></si><si><r><t>Bi</t></r><r><t>rth</t></r><rPh><t>no</t></rPh></si>\
          <si><t>Li_x000D_ Bai</t></si></sst>",
        ),
        ("xl/worksheets/s.xml", sheet),
    ];
    parts.extend(more);
    archive(&parts)
}

#[test]
fn cells_of_every_type() {
    let sheet = "<worksheet><sheetData>\
        <row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2' t='s'><v>1</v></c><c t='inlineStr'><is><t>Share</t></is></c><c r='E2' t='str'><v>Ok</v></c></row>\
        <row r='4'><c r='A4' t='s'><v>2</v></c><c r='B4' s='1'><v>45418</v></c><c r='C4' s='2'><f>1/4</f><v>0.25</v></c><c r='E4' t='b'><v>1</v></c></row>\
        <row><c r='A5'/><c r='B5' s='1'/><c r='C5'><f>SUM(A1)</f></c><c r='E5' t='e'><v>#N/A</v></c></row>\
        <row r='9'><c r='B9' t='s'><v>77</v></c><c r='C9'><v>3</v></c></row>\
        </sheetData><mergeCells><mergeCell ref='A4:B9'/><mergeCell ref='C4:A'/></mergeCells></worksheet>";
    let notes = relations(&[("x", "comments", "../comments1.xml"), ("y", "drawing", "../drawings/d.xml")]);
    let found = xlsx(&book(sheet, &[
        ("xl/worksheets/_rels/s.xml.rels", &notes),
        ("xl/comments1.xml", "<comments><authors><author>Z</author></authors><commentList><comment ref='B4'><text><r><t>Check</t></r></text></comment></commentList></comments>"),
        ("xl/drawings/d.xml", "<wsDr><twoCellAnchor><from><col>1</col><row>19</row></from><to><row>30</row></to><sp><txBody><a:p><a:r><a:t>A box</a:t></a:r></a:p></txBody></sp></twoCellAnchor></wsDr>"),
    ])).unwrap();
    assert_eq!(
        found.text,
        "Name: Li Bai; Birth: 2024-05-06; Share: 25%; Ok: true; Comment: Check\nName: Li Bai; Ok: #N/A\nName: Li Bai; Share: 3\nA box"
    );
    let places: Vec<_> = found.sections.iter().map(|section| section.place.to_string()).collect();
    assert_eq!(places, ["One row 4", "One row 5", "One row 9", "One row 20"]);
    assert_eq!(
        serde_json::to_string(&found.sections[0].metadata).unwrap(),
        r#"{"Birth":"2024-05-06","Name":"Li Bai","Ok":true,"Share":0.25}"#
    );
    assert_eq!(found.losses.len(), 4, "{:?}", found.losses);
    assert!(found.losses[1].contains("Three"), "{:?}", found.losses);
    assert!(found.losses[0].contains("Two") && found.losses[2].contains("1 formula"), "{:?}", found.losses);
}

#[test]
fn damaged_workbooks_keep_rows_and_empty_ones_are_refused() {
    let found = xlsx(&book("<worksheet><sheetData><row><c><v>1</v></c></row><row><c><v>2</v>", &[])).unwrap();
    assert_eq!(found.text, "1\n2");
    assert!(found.losses.iter().any(|loss| loss.contains("sheet One is damaged")), "{:?}", found.losses);
    let reason = xlsx(&book("<worksheet/>", &[])).unwrap_err().to_string();
    assert!(reason.starts_with("an XLSX of which nothing could be read: sheet Two"), "{reason}");
}

#[test]
fn elements_of_other_namespaces_are_ignored() {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let strict = "http://purl.oclc.org/ooxml/spreadsheetml/main";
    for (uri, x) in [(main, ""), (strict, "x:"), (main, "s:")] {
        let declared =
            if x.is_empty() { format!("xmlns='{uri}'") } else { format!("xmlns:{}='{uri}'", x.trim_end_matches(':')) };
        let workbook = format!(
            "<{x}workbook {declared} xmlns:q='{}'><{x}workbookPr date1904='1'/><{x}sheets><{x}sheet name='One' sheetId='7' q:id='a'/></{x}sheets>\
             <{x}extLst><{x}ext xmlns:x15='http://schemas.microsoft.com/office/spreadsheetml/2010/11/main'>\
             <x15:workbookPr chartTrackingRefBase='1'/></{x}ext></{x}extLst></{x}workbook>",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        );
        let styles =
            format!("<{x}styleSheet {declared}><{x}cellXfs><{x}xf numFmtId='14'/></{x}cellXfs></{x}styleSheet>");
        let sheet = format!(
            "<{x}worksheet {declared}><{x}sheetData><{x}row r='1'><{x}c r='A1' s='0'><{x}v>100</{x}v></{x}c>\
             <own:c xmlns:own='urn:mine' r='B1'><own:v>7</own:v></own:c></{x}row></{x}sheetData></{x}worksheet>"
        );
        let bytes = archive(&[
            ("xl/workbook.xml", &workbook),
            (
                "xl/_rels/workbook.xml.rels",
                &relations(&[("a", "worksheet", "worksheets/s.xml"), ("d", "styles", "styles.xml")]),
            ),
            ("xl/styles.xml", &styles),
            ("xl/worksheets/s.xml", &sheet),
        ]);
        assert_eq!(xlsx(&bytes).unwrap().text, "1904-04-10", "{workbook}");
    }
}

#[test]
fn charts_and_descriptions_on_a_sheet_are_read() {
    let sheet = "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row></sheetData></worksheet>";
    let anchor = |row: u32, content: &str| {
        format!(
            "<xdr:twoCellAnchor><xdr:from><xdr:row>{row}</xdr:row></xdr:from><xdr:to><xdr:row>99</xdr:row></xdr:to>{content}</xdr:twoCellAnchor>"
        )
    };
    let drawing = format!(
        "<xdr:wsDr>{}{}</xdr:wsDr>",
        anchor(4, "<xdr:pic><xdr:nvPicPr><xdr:cNvPr id='2' name='p' descr='A pier in fog'/></xdr:nvPicPr></xdr:pic>"),
        anchor(
            9,
            "<xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id='c'/></a:graphicData></a:graphic></xdr:graphicFrame>"
        ),
    );
    let found = xlsx(&book(
        sheet,
        &[
            ("xl/worksheets/_rels/s.xml.rels", &relations(&[("y", "drawing", "../drawings/d.xml")])),
            ("xl/drawings/d.xml", &drawing),
            ("xl/drawings/_rels/d.xml.rels", &relations(&[("c", "chart", "../charts/c.xml")])),
            (
                "xl/charts/c.xml",
                "<c:chartSpace><c:title><a:p><a:r><a:t>Landings</a:t></a:r></a:p></c:title></c:chartSpace>",
            ),
        ],
    ));
    let found = found.unwrap();
    assert_eq!(found.text, "1\nA pier in fog\nLandings");
    let rows: Vec<_> = found.sections.iter().map(|section| section.place.number).collect();
    assert_eq!(rows, [1, 5, 10]);
}
