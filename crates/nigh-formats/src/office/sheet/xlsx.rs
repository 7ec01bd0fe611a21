//! Excel workbooks: sheets, shared texts, formats of cells, comments.

use std::borrow::Cow;
use std::rc::Rc;

use crate::Extracted;
use crate::error::Result;
use crate::office::archive::Archive;
use crate::office::drawing::embedded_losses;
use crate::office::markdown::one_line;
use crate::office::namespace::Ns;
use crate::office::properties::{Properties, rfc3339};
use crate::office::sheet;
use crate::office::sheet::cells::{MAX_ROW, fill_merged, reference, rich_text, text_value};
use crate::office::sheet::messages::Messages;
use crate::office::sheet::notes::{people, read_notes};
use crate::office::sheet::number_format::Formats;
use crate::office::sheet::{CellValue, Sheet, SheetOutput, SheetRow, never_calculated};
use crate::office::xml::{Element, Xml, XmlNode};
use crate::types::Syntax;

/// At most this many cells of one sheet are in memory.
const MAX_CELLS: usize = 5_000_000;
/// Memory is reserved for at most this many cells of a row before they are read.
const MAX_EXPECTED_CELLS: usize = 64;

/// Reads the rows of a workbook as sections: all sheets in their order, also hidden ones. Formulas give the values that
/// were stored with them.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted or has no cells.
pub fn xlsx(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "XLSX")?;
    let mut losses = Vec::new();
    let main = archive.main_part("xl/workbook.xml")?;
    let properties = Properties::of_ooxml(&mut archive, &mut losses);
    let relations = archive.relations(&main)?;
    let text = archive.text(&main)?.unwrap_or_default();
    let mut book = XlsxWorkbook::default();
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

    let people = part("person")
        .and_then(|name| archive.optional(&name, &mut losses))
        .map(|text| people(&text))
        .unwrap_or_default();

    let mut output = SheetOutput::default();
    let mut embedded = 0;
    for (name, id) in sheets {
        let Some(relation) = relations.get(&id) else {
            losses.push(format!("sheet {name} is missing from the file"));
            continue;
        };
        if !matches!(relation.kind.as_str(), "worksheet" | "chartsheet") {
            losses.push(format!("sheet {name} is of a kind that is not read ({})", relation.kind));
            continue;
        }
        if output.is_full() {
            losses.push(format!("sheet {name} was not read: the file has too many rows"));
            continue;
        }
        if !archive.has(&relation.target) {
            losses.push(format!("sheet {name} is missing from the file"));
        }
        let Some(text) = archive.optional(&relation.target, &mut losses) else { continue };
        let mut xml = Xml::new(&text, Ns::Sheet);
        let mut messages = Messages::default();
        let mut rows = book.read_sheet(&mut xml, &mut messages);
        xml.losses(&format!("sheet {name}"), &mut losses);
        embedded += read_notes(&mut archive, &relation.target, &mut rows, messages, &people, &mut losses);
        output.write(Sheet { name, rows });
    }
    never_calculated(book.never_calculated, &mut losses);
    if book.missing > 0 {
        let cells = if book.missing == 1 { "a cell is".to_owned() } else { format!("{} cells are", book.missing) };
        losses.push(format!("the text of {cells} missing from the file"));
    }
    embedded_losses(embedded, &mut losses);
    sheet::losses(&output, book.cells_left_out, &mut losses);
    output.parts.finish(Syntax::Plain, properties, losses, "an XLSX without cells")
}

/// Data shared by the sheets of a workbook.
#[derive(Debug, Default)]
struct XlsxWorkbook {
    strings: Vec<Rc<str>>,
    formats: Formats,
    /// True if days are counted from 1904.
    from_1904: bool,
    never_calculated: usize,
    /// The number of cells whose shared text is missing.
    missing: usize,
    cells_left_out: bool,
    /// The number of cells in the previous row: memory is reserved for as many in the next.
    width: usize,
}

impl XlsxWorkbook {
    /// Returns the names and relations of the sheets.
    fn read_workbook(&mut self, text: &str, name: &str, losses: &mut Vec<String>) -> Vec<(String, String)> {
        let mut sheets = Vec::new();
        let mut xml = Xml::new(text, Ns::Sheet);
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            match element.name() {
                (Ns::Sheet, "workbookPr") => {
                    self.from_1904 = element.is_true("date1904");
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
            if element.has_name(Ns::Sheet, "si") {
                // Cleaned here, once: a million cells may share it.
                let text = one_line(&rich_text(&mut xml));
                self.strings.push(text.into());
            } else {
                xml.skip();
            }
        }
        xml.losses(name, losses);
    }

    fn read_sheet(&mut self, xml: &mut Xml<'_>, messages: &mut Messages) -> Vec<SheetRow> {
        let mut rows: Vec<SheetRow> = Vec::new();
        let mut merged = Vec::new();
        let (mut number, mut cells) = (0, 0);
        xml.child();
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Sheet, "sheetData") => {
                    while let Some(row) = xml.child() {
                        if !row.has_name(Ns::Sheet, "row") || cells > MAX_CELLS {
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
                _ => messages.read(xml, &element),
            }
        }
        fill_merged(&mut rows, &merged);
        rows
    }

    fn read_row(&mut self, xml: &mut Xml<'_>, number: u32) -> SheetRow {
        let mut row =
            SheetRow { number, cells: Vec::with_capacity(self.width.min(MAX_EXPECTED_CELLS)), notes: Vec::new() };
        let mut column = 0;
        while let Some(element) = xml.child() {
            if !element.has_name(Ns::Sheet, "c") {
                xml.skip();
                continue;
            }
            column = element.value("r").and_then(|r| reference(&r)).map_or(column, |(_, column)| column);
            if let Some(value) = self.read_cell(xml, &element) {
                row.cells.push((column, value));
            }
            column += 1;
        }
        self.width = row.cells.len();
        row.cells.sort_by_key(|(column, _)| *column);
        row
    }

    fn read_cell(&mut self, xml: &mut Xml<'_>, cell: &Element<'_>) -> Option<CellValue> {
        let kind = cell.value("t").unwrap_or_default();
        let style = || cell.number("s").unwrap_or(0) as usize;
        let (mut stored, mut formula, mut inline) = (Cow::Borrowed(""), false, None);
        while let Some(child) = xml.child() {
            match child.name() {
                (Ns::Sheet, "v") => stored = xml.characters(),
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
            // A formula with an empty text as result has the type "str".
            self.never_calculated += usize::from(formula && kind != "str");
            return None;
        }
        match &*kind {
            "s" => {
                let shared = stored.trim().parse::<usize>().ok().and_then(|at| self.strings.get(at));
                self.missing += usize::from(shared.is_none());
                let shared = Rc::clone(shared?);
                text_value(self.formats.text(style, &shared).map_or(shared, Into::into))
            }
            "b" => Some(CellValue::Bool(stored.trim() == "1")),
            "d" => {
                let date =
                    rfc3339(&stored).map(|date| date.trim_end_matches('Z').trim_end_matches("T00:00:00").to_owned());
                Some(CellValue::Date(date.unwrap_or_else(|| stored.trim().chars().take(30).collect()), None))
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
#[path = "xlsx_tests.rs"]
mod tests;
