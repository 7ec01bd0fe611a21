//! Texts of workbooks apart from cells: chart sheets, headers, messages, comments, shapes, table names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::xlsx::xlsx;
use crate::Extracted;
use crate::office::archive::fixture::{archive, relations};

/// Makes a workbook of a sheet of two rows and the elements after them, with more parts, and relations of the sheet.
fn book(after: &str, beside: &[(&str, &str, &str)], more: &[(&str, &str)]) -> Extracted {
    let sheet = format!(
        "<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>Day</v></c><c r='B1' t='str'><v>Height</v></c></row>\
         <row r='2'><c r='A2'><v>1</v></c><c r='B2'><v>2</v></c></row></sheetData>{after}</worksheet>"
    );
    let sheets = relations(&[
        ("a", "worksheet", "worksheets/s.xml"),
        ("b", "chartsheet", "chartsheets/c.xml"),
        ("m", "xlMacrosheet", "m.xml"),
        ("p", "person", "persons/p.xml"),
    ]);
    let has = |name: &str| more.iter().any(|(part, _)| part.contains(name));
    let second = if has("chartsheets") { "<sheet name='Curve' r:id='b'/>" } else { "" };
    let third = if has("xl/m.xml") { "<sheet name='Macros' r:id='m'/>" } else { "" };
    let workbook = format!("<workbook><sheets><sheet name='One' r:id='a'/>{second}{third}</sheets></workbook>");
    let of_sheet = relations(beside);
    let mut parts = vec![
        ("xl/workbook.xml", workbook.as_str()),
        ("xl/_rels/workbook.xml.rels", sheets.as_str()),
        ("xl/worksheets/s.xml", sheet.as_str()),
        ("xl/worksheets/_rels/s.xml.rels", of_sheet.as_str()),
    ];
    parts.extend(more);
    xlsx(&archive(&parts)).unwrap()
}

#[test]
fn chart_sheets_and_drawings_on_charts_are_read() {
    let chart = "<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Tides</a:t></a:r></a:p></c:rich></c:tx></c:title>\
        <c:ser><c:tx><c:strRef><c:strCache><c:pt><c:v>Stromness</c:v></c:pt></c:strCache></c:strRef></c:tx></c:ser></c:chart></c:chartSpace>";
    let drawing = "<xdr:wsDr><xdr:absoluteAnchor><xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id='c'/></a:graphicData></a:graphic>\
        </xdr:graphicFrame></xdr:absoluteAnchor></xdr:wsDr>";
    let upon = "<c:userShapes><cdr:relSizeAnchor xmlns:cdr='http://schemas.openxmlformats.org/drawingml/2006/chartDrawing'><cdr:sp><cdr:txBody>\
        <a:p><a:r><a:t>Spring tide</a:t></a:r></a:p></cdr:txBody></cdr:sp></cdr:relSizeAnchor></c:userShapes>";
    let found = book(
        "",
        &[],
        &[
            (
                "xl/chartsheets/c.xml",
                "<chartsheet><drawing r:id='d'/><headerFooter><oddFooter>&amp;CHarbour office</oddFooter></headerFooter></chartsheet>",
            ),
            ("xl/chartsheets/_rels/c.xml.rels", &relations(&[("d", "drawing", "../drawings/d.xml")])),
            ("xl/drawings/d.xml", drawing),
            ("xl/drawings/_rels/d.xml.rels", &relations(&[("c", "chart", "../charts/c.xml")])),
            ("xl/charts/c.xml", chart),
            ("xl/charts/_rels/c.xml.rels", &relations(&[("u", "chartUserShapes", "../drawings/u.xml")])),
            ("xl/drawings/u.xml", upon),
            ("xl/m.xml", "<macrosheet/>"),
        ],
    );
    assert_eq!(found.text, "Day: 1; Height: 2\nTides; Stromness; Spring tide\nFooter: Harbour office");
    let last = found.sections.last().unwrap();
    assert_eq!((last.place.name.as_deref(), last.headings.join("/")), (Some("Curve"), "Curve".to_owned()));
    assert_eq!(found.losses, ["sheet Macros is of a kind that is not read (xlMacrosheet)"]);
}

#[test]
fn headers_messages_and_link_hints_are_read() {
    let after = "<dataValidations><dataValidation type='list' sqref='B2:B90' showInputMessage='1' promptTitle='Height' prompt='In metres_x000a_above datum' \
        errorTitle='No' error='Between 0 and 9'><formula1>\"a,b\"</formula1></dataValidation><dataValidation sqref='C5' prompt='Late'/></dataValidations>\
        <hyperlinks><hyperlink ref='A2' r:id='x' tooltip='To the almanac'/><hyperlink ref='A2' tooltip='https://example.org - click'/></hyperlinks>\
        <headerFooter><oddHeader>&amp;LConfidential&amp;RPage &amp;P</oddHeader><evenHeader>&amp;LConfidential</evenHeader></headerFooter>\
        <extLst><ext><x14:dataValidations><x14:dataValidation prompt='From the other sheet'><x14:formula1/><xm:sqref>A2</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>";
    let found = book(after, &[], &[]);
    assert_eq!(
        found.text,
        "Day: 1; Height: 2; Input message: Height: In metres above datum; Error message: No: Between 0 and 9; To the almanac; \
         Input message: From the other sheet\nInput message: Late\nHeader: Confidential"
    );
}

#[test]
fn comments_of_both_kinds_are_written_once() {
    let threaded = "xmlns='http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments'";
    let old = "<comments><authors><author>Li</author><author>tc={1}</author></authors><commentList>\
        <comment ref='A2' authorId='0'><text><t>A note</t></text></comment>\
        <comment ref='B2' authorId='1'><text><t>[Threaded comment] Comment: Why?</t></text></comment>\
        <comment ref='B2' authorId='0'><text><t>Li:\nsigned</t></text></comment></commentList></comments>";
    let new = format!(
        "<ThreadedComments {threaded}><threadedComment ref='B2' personId='{{P}}' id='{{1}}'><text>Why?</text></threadedComment>\
        <threadedComment ref='B2' personId='{{Q}}' id='{{2}}' parentId='{{1}}'><text>So</text></threadedComment></ThreadedComments>"
    );
    let people = format!("<personList {threaded}><person displayName='Ada' id='{{P}}'/></personList>");
    let beside = [("x", "comments", "../comments.xml"), ("y", "threadedComment", "../threaded.xml")];
    let found =
        book("", &beside, &[("xl/comments.xml", old), ("xl/threaded.xml", &new), ("xl/persons/p.xml", &people)]);
    assert_eq!(
        found.text,
        "Day: 1; Height: 2; Comment by Li: A note; Comment: Li: signed; Comment by Ada: Why?; Comment: So"
    );
}

#[test]
fn shapes_and_table_names_are_read_and_embedded_files_reported() {
    let drawing = "<xdr:wsDr><xdr:twoCellAnchor><xdr:from><xdr:row>1</xdr:row></xdr:from><xdr:sp><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>One</a:t></a:r></a:p>\
        <a:p><a:r><a:t>Two</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>";
    let table = |name: &str, more: &str| format!("<table displayName='{name}' ref='A1:B2'>{more}</table>");
    let described = "<extLst><ext><x14:table altText='Heights' altTextSummary='By day'/></ext></extLst>";
    let beside = [
        ("d", "drawing", "../d.xml"),
        ("t", "table", "../t1.xml"),
        ("u", "table", "../t2.xml"),
        ("o", "oleObject", "../o.bin"),
    ];
    let (named, usual) = (table("TidesOf2024", described), table("Table12", ""));
    let found = book("", &beside, &[("xl/d.xml", drawing), ("xl/t1.xml", &named), ("xl/t2.xml", &usual)]);
    assert_eq!(found.text, "Day | Height; Table: TidesOf2024; Heights: By day\nDay: 1; Height: 2; One Two");
    assert_eq!(found.losses, ["an embedded object (formula, sheet, file) was not read"]);
}
