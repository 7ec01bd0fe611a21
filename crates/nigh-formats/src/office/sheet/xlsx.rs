//! Excel workbooks: sheets, shared texts, formats of cells, comments.

use std::rc::Rc;

use crate::Extracted;
use crate::error::Result;
use crate::office::archive::Archive;
use crate::office::markdown::one_line;
use crate::office::namespace::Ns;
use crate::office::properties::{Properties, rfc3339};
use crate::office::sheet;
use crate::office::sheet::cells::{MAX_ROW, fill_merged, reference, rich_text, text_value};
use crate::office::sheet::notes::read_notes;
use crate::office::sheet::number_format::Formats;
use crate::office::sheet::{Output, Row, Sheet, Value};
use crate::office::xml::{Element, Node, Xml};
use crate::types::Syntax;

/// This many cells of one sheet are held at a time.
const MAX_CELLS: usize = 5_000_000;
/// The rows of a workbook as sections: of all sheets in their order, hidden ones too. Formulas give the values that
/// were stored with them.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no cells.
pub fn xlsx(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "XLSX")?;
    let mut losses = Vec::new();
    let main = archive.main_part("xl/workbook.xml")?;
    let properties = Properties::of_ooxml(&mut archive, &mut losses);
    let relations = archive.relations(&main)?;
    let text = archive.text(&main)?.unwrap_or_default();
    let mut book = Book::default();
    let sheets = book.read_workbook(&text, &main, &mut losses);
    let part = |kind: &str| relations.values().find(|relation| relation.kind == kind).map(|r| r.target.clone());
    if let Some(name) = part("styles") {
        let text = archive.optional(&name, &mut losses).unwrap_or_default();
        book.formats = Formats::read(&text);
    }
    if let Some(name) = part("sharedStrings") {
        let text = archive.optional(&name, &mut losses).unwrap_or_default();
        book.read_strings(&text, &name, &mut losses);
    }

    let mut output = Output::default();
    for (name, id) in sheets {
        let Some(relation) = relations.get(&id).filter(|relation| relation.kind == "worksheet") else { continue };
        if output.is_full() {
            losses.push(format!("sheet {name} was not read: there is a limit to the rows of one file"));
            continue;
        }
        if !archive.has(&relation.target) {
            losses.push(format!("sheet {name} is missing from the file"));
        }
        let Some(text) = archive.optional(&relation.target, &mut losses) else { continue };
        let mut xml = Xml::new(&text, Ns::Sheet);
        let mut rows = book.read_sheet(&mut xml);
        xml.losses(&format!("sheet {name}"), &mut losses);
        read_notes(&mut archive, &relation.target, &mut rows, &mut losses);
        output.write(Sheet { name, rows });
    }
    if book.never_calculated > 0 {
        let count = book.never_calculated;
        let (noun, verb) = if count == 1 { ("formula", "has") } else { ("formulas", "have") };
        losses.push(format!(
            "{count} {noun} {verb} no stored result (open the file in a spreadsheet program and save it)"
        ));
    }
    if book.missing > 0 {
        let cells = if book.missing == 1 { "a cell is".to_owned() } else { format!("{} cells are", book.missing) };
        losses.push(format!("the text of {cells} missing from the file"));
    }
    sheet::losses(&output, book.cells_left_out, &mut losses);
    output.parts.finish(Syntax::Plain, properties, losses, "an XLSX without cells")
}

/// What the sheets of a workbook share.
#[derive(Debug, Default)]
struct Book {
    strings: Vec<Rc<str>>,
    formats: Formats,
    /// Days are counted from 1904.
    from_1904: bool,
    never_calculated: usize,
    /// Cells whose shared text is not there.
    missing: usize,
    cells_left_out: bool,
}

impl Book {
    /// The sheets' names and relations.
    fn read_workbook(&mut self, text: &str, name: &str, losses: &mut Vec<String>) -> Vec<(String, String)> {
        let mut sheets = Vec::new();
        let mut xml = Xml::new(text, Ns::Sheet);
        while let Some(node) = xml.next() {
            let Node::Open(element) = node else { continue };
            match element.name() {
                (Ns::Sheet, "workbookPr") => {
                    self.from_1904 = element.says("date1904");
                }
                (Ns::Sheet, "sheet") => {
                    let id = element.get_in(Ns::Relation, "id").or_else(|| element.get("id")).unwrap_or_default();
                    sheets.push((element.get("name").unwrap_or_default(), id));
                }
                _ => {}
            }
        }
        xml.losses(name, losses);
        sheets
    }

    fn read_strings(&mut self, text: &str, name: &str, losses: &mut Vec<String>) {
        let mut xml = Xml::new(text, Ns::Sheet);
        xml.child();
        while let Some(element) = xml.child() {
            if element.is(Ns::Sheet, "si") {
                // Clean here, once: a million cells may share it.
                let text = one_line(&rich_text(&mut xml));
                self.strings.push(text.into());
            } else {
                xml.skip();
            }
        }
        xml.losses(name, losses);
    }

    fn read_sheet(&mut self, xml: &mut Xml<'_>) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut merged = Vec::new();
        let (mut number, mut cells) = (0, 0);
        xml.child();
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Sheet, "sheetData") => {
                    while let Some(row) = xml.child() {
                        if !row.is(Ns::Sheet, "row") || cells > MAX_CELLS {
                            self.cells_left_out |= cells > MAX_CELLS;
                            xml.skip();
                            continue;
                        }
                        number =
                            row.number("r").filter(|r| (1..=MAX_ROW).contains(r)).unwrap_or(number + 1).min(MAX_ROW);
                        let row = self.read_row(xml, number);
                        cells += row.cells.len();
                        rows.extend((!row.cells.is_empty()).then_some(row));
                    }
                }
                (Ns::Sheet, "mergeCells") => {
                    while let Some(merge) = xml.child() {
                        let area = merge.get("ref").and_then(|area| {
                            let (first, last) = area.split_once(':')?;
                            Some((reference(first)?, reference(last)?))
                        });
                        merged.extend(area);
                        xml.skip();
                    }
                }
                _ => xml.skip(),
            }
        }
        fill_merged(&mut rows, &merged);
        rows
    }

    fn read_row(&mut self, xml: &mut Xml<'_>, number: u32) -> Row {
        let mut row = Row { number, ..Row::default() };
        let mut column = 0;
        while let Some(element) = xml.child() {
            if !element.is(Ns::Sheet, "c") {
                xml.skip();
                continue;
            }
            column = element.get("r").and_then(|r| reference(&r)).map_or(column, |(_, column)| column);
            if let Some(value) = self.read_cell(xml, &element) {
                row.cells.push((column, value));
            }
            column += 1;
        }
        row.cells.sort_by_key(|(column, _)| *column);
        row
    }

    fn read_cell(&mut self, xml: &mut Xml<'_>, cell: &Element<'_>) -> Option<Value> {
        let kind = cell.get("t").unwrap_or_default();
        let style = || cell.number("s").unwrap_or(0) as usize;
        let (mut stored, mut formula, mut inline) = (String::new(), false, None);
        while let Some(child) = xml.child() {
            match child.name() {
                (Ns::Sheet, "v") => stored = xml.text(),
                (Ns::Sheet, "is") => inline = Some(rich_text(xml)),
                (Ns::Sheet, "f") => {
                    formula = true;
                    xml.skip();
                }
                _ => xml.skip(),
            }
        }
        if let Some(text) = inline {
            let text = one_line(&text);
            return text_value(self.formats.text(style, &text).unwrap_or(text).into());
        }
        if stored.is_empty() {
            // A formula whose result is the empty text says "str".
            self.never_calculated += usize::from(formula && kind != "str");
            return None;
        }
        match kind.as_str() {
            "s" => {
                let shared = stored.trim().parse::<usize>().ok().and_then(|at| self.strings.get(at));
                self.missing += usize::from(shared.is_none());
                let shared = Rc::clone(shared?);
                text_value(self.formats.text(style, &shared).map_or(shared, Into::into))
            }
            "b" => Some(Value::Bool(stored.trim() == "1")),
            "d" => {
                let date =
                    rfc3339(&stored).map(|date| date.trim_end_matches('Z').trim_end_matches("T00:00:00").to_owned());
                Some(Value::Date(date.unwrap_or_else(|| stored.trim().chars().take(30).collect()), None))
            }
            "str" | "e" => text_value(one_line(&stored).into()),
            _ => {
                let Ok(number) = stored.trim().parse::<f64>() else { return text_value(one_line(&stored).into()) };
                Some(self.formats.value(style(), number, self.from_1904))
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(found.losses.len(), 3, "{:?}", found.losses);
        assert!(found.losses[0].contains("Two") && found.losses[1].contains("1 formula"), "{:?}", found.losses);
    }

    #[test]
    fn damaged_and_empty_workbooks() {
        let found = xlsx(&book("<worksheet><sheetData><row><c><v>1</v></c></row><row><c><v>2</v>", &[])).unwrap();
        assert_eq!(found.text, "1\n2");
        assert!(found.losses.iter().any(|loss| loss.contains("sheet One is damaged")), "{:?}", found.losses);
        let reason = xlsx(&book("<worksheet/>", &[])).unwrap_err().to_string();
        assert!(reason.starts_with("an XLSX of which nothing could be read: sheet Two"), "{reason}");
    }

    #[test]
    fn names_are_told_by_their_namespaces() {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let strict = "http://purl.oclc.org/ooxml/spreadsheetml/main";
        for (uri, x) in [(main, ""), (strict, "x:"), (main, "s:")] {
            let declared = if x.is_empty() {
                format!("xmlns='{uri}'")
            } else {
                format!("xmlns:{}='{uri}'", x.trim_end_matches(':'))
            };
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
    fn charts_and_descriptions_on_a_sheet() {
        let sheet = "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row></sheetData></worksheet>";
        let anchor = |row: u32, content: &str| {
            format!(
                "<xdr:twoCellAnchor><xdr:from><xdr:row>{row}</xdr:row></xdr:from><xdr:to><xdr:row>99</xdr:row></xdr:to>{content}</xdr:twoCellAnchor>"
            )
        };
        let drawing = format!(
            "<xdr:wsDr>{}{}</xdr:wsDr>",
            anchor(
                4,
                "<xdr:pic><xdr:nvPicPr><xdr:cNvPr id='2' name='p' descr='A pier in fog'/></xdr:nvPicPr></xdr:pic>"
            ),
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
}
