//! OpenDocument spreadsheets.

use std::collections::HashMap;
use std::rc::Rc;

use crate::Extracted;
use crate::error::Result;
use crate::office::drawing::embedded_losses;
use crate::office::markdown::{MarkdownBlock, cell_line, one_line};
use crate::office::namespace::Ns;
use crate::office::odf::body::OdfBody;
use crate::office::odf::{open, open_body, read_objects};
use crate::office::properties::{Properties, rfc3339};
use crate::office::sheet::ods_beside::{messages, printed};
use crate::office::sheet::value::clock;
use crate::office::sheet::{CellValue, Sheet, SheetOutput, SheetRow, decimal, losses as room_losses, never_calculated};
use crate::office::xml::{Element, Xml};
use crate::types::Syntax;

/// The number of rows in a sheet.
const MAX_ROW: u32 = 1_048_576;
/// The number of columns in a sheet.
const MAX_COLUMN: u32 = 16_384;
/// At most this many cells of one sheet are in memory.
const MAX_CELLS: usize = 5_000_000;
/// Repeated cells and rows, which are stored once, are written out as at most this many cells of one file.
const MAX_COPIES: u32 = 100_000;
/// A merged cell's text of at most this many bytes is repeated in the rows that the cell spans.
const MAX_MERGED_BYTES: usize = 200;

/// Reads the rows of a spreadsheet as sections: all sheets in their order, also hidden ones. Formulas give the values that
/// were stored with them.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted or has no cells.
pub fn ods(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODS")?;
    let mut losses = Vec::new();
    let properties = Properties::of_odf(&mut archive, &mut losses);
    let mut xml = Xml::new(&content, Ns::Office);
    let mut reader = OdsReader { copies_left: MAX_COPIES, ..OdsReader::default() };
    read_objects(&mut archive, &mut reader.body, &mut losses);
    let styles = archive.optional("styles.xml", &mut losses).unwrap_or_default();
    let mut printed = printed(&styles);
    let mut output = SheetOutput::default();
    if open_body(&mut xml, "spreadsheet") {
        while let Some(element) = xml.child() {
            if element.has_name(Ns::Table, "content-validations") {
                reader.messages = messages(&mut xml);
                continue;
            }
            if !element.has_name(Ns::Table, "table") {
                xml.skip();
                continue;
            }
            let name = element.get("name").unwrap_or_default();
            if output.is_full() {
                losses.push(format!("sheet {name} was not read: the file has too many rows"));
                xml.skip();
                continue;
            }
            reader.next_row = 1;
            reader.cells_left_out |= reader.cells > MAX_CELLS;
            reader.cells = 0;
            reader.above.clear();
            let mut rows = Vec::new();
            reader.rows(&mut xml, &mut rows);
            if !printed.is_empty() {
                let number = rows.iter().map(|row| row.number).max().map_or(1, |last| (last + 1).min(MAX_ROW));
                rows.push(SheetRow { number, cells: Vec::new(), notes: std::mem::take(&mut printed) });
            }
            output.write(Sheet { name, rows });
        }
    }
    xml.losses("content.xml", &mut losses);
    never_calculated(reader.never_calculated, &mut losses);
    if reader.repeated > 0 {
        losses.push(format!("{} copies of cells and rows that repeat were left out", reader.repeated));
    }
    embedded_losses(reader.body.foreign, &mut losses);
    room_losses(&output, reader.cells_left_out || reader.cells > MAX_CELLS, &mut losses);
    output.parts.finish(Syntax::Plain, properties, losses, "an ODS without cells")
}

/// Reads sheets.
#[derive(Debug, Default)]
struct OdsReader {
    /// Reads the paragraphs in cells, and the comments on them.
    body: OdfBody,
    next_row: u32,
    /// The number of cells of the sheet.
    cells: usize,
    /// True if a sheet before had more than [`MAX_CELLS`] cells.
    cells_left_out: bool,
    /// For each column, the value of the cell that spans rows, and its last row.
    above: HashMap<u32, (CellValue, u32)>,
    never_calculated: usize,
    /// Input messages by the names of validation rules, until a cell has shown them.
    messages: HashMap<String, Vec<String>>,
    copies_left: u32,
    /// The number of copies beyond [`MAX_COPIES`].
    repeated: usize,
}

impl OdsReader {
    /// Reads rows, also rows in groups.
    fn rows(&mut self, xml: &mut Xml<'_>, rows: &mut Vec<SheetRow>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Table, "table-row") => {
                    let repeated = element.number("number-rows-repeated").unwrap_or(1).max(1);
                    if self.cells > MAX_CELLS || self.next_row > MAX_ROW {
                        xml.skip();
                        continue;
                    }
                    let row = self.row(xml);
                    if row.cells.is_empty() && !row.notes.is_empty() {
                        rows.push(row);
                    } else if !row.cells.is_empty() {
                        let width = u32::try_from(row.cells.len()).unwrap_or(MAX_COLUMN).max(1);
                        let wanted = repeated.min(MAX_ROW - row.number + 1);
                        let copies = wanted.min(1 + self.copies_left / width);
                        self.copies_left = self.copies_left.saturating_sub((copies - 1) * width);
                        self.repeated += (wanted - copies) as usize;
                        self.cells += copies as usize * row.cells.len();
                        let (number, cells) = (row.number, row.cells.clone());
                        rows.push(row);
                        rows.extend((1..copies).map(|copy| SheetRow {
                            number: number + copy,
                            cells: cells.clone(),
                            notes: Vec::new(),
                        }));
                    }
                    self.next_row = self.next_row.saturating_add(repeated);
                }
                (Ns::Table, "table-rows" | "table-header-rows" | "table-row-group") => self.rows(xml, rows),
                (Ns::Office, "forms") => self.body.read_controls(xml),
                // The table's alternative text.
                (Ns::Table, "title" | "desc") => {
                    let words = one_line(&xml.text());
                    if !words.is_empty() {
                        rows.push(SheetRow { number: self.next_row, cells: Vec::new(), notes: vec![words] });
                    }
                }
                // Shapes on the sheet.
                (Ns::Table, "shapes") => {
                    let text = cell_line(&self.body.blocks(xml));
                    self.body.pending.clear();
                    if !text.is_empty() {
                        rows.push(SheetRow { number: self.next_row, cells: Vec::new(), notes: vec![text] });
                    }
                }
                _ => xml.skip(),
            }
        }
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> SheetRow {
        let mut row = SheetRow { number: self.next_row, ..SheetRow::default() };
        let mut column = 0u32;
        while let Some(element) = xml.child() {
            let repeated = element.number("number-columns-repeated").unwrap_or(1).max(1);
            if column >= MAX_COLUMN {
                xml.skip();
                continue;
            }
            match element.name() {
                (Ns::Table, "table-cell") => {
                    let value = self.cell(xml, &element);
                    row.notes.append(&mut self.body.pending);
                    let rule = element.get("content-validation-name").filter(|_| !self.messages.is_empty());
                    row.notes.extend(rule.and_then(|rule| self.messages.remove(&rule)).into_iter().flatten());
                    if let Some(value) = value {
                        let spans = element.number("number-rows-spanned").unwrap_or(1);
                        let short = !matches!(&value, CellValue::Text(text) if text.len() > MAX_MERGED_BYTES);
                        if spans > 1 && short {
                            self.above.insert(column, (value.clone(), row.number.saturating_add(spans - 1)));
                        }
                        let wanted = repeated.min(MAX_COLUMN - column);
                        let copies = wanted.min(1 + self.copies_left);
                        self.copies_left -= copies - 1;
                        self.repeated += (wanted - copies) as usize;
                        row.cells.extend((column..column + copies).map(|column| (column, value.clone())));
                    }
                }
                (Ns::Table, "covered-table-cell") => {
                    xml.skip();
                    if let Some((value, last)) = self.above.get(&column)
                        && *last >= row.number
                    {
                        row.cells.push((column, value.clone()));
                    }
                }
                _ => {
                    xml.skip();
                    continue;
                }
            }
            column = column.saturating_add(repeated);
        }
        row
    }

    fn cell(&mut self, xml: &mut Xml<'_>, cell: &Element<'_>) -> Option<CellValue> {
        let blocks = self.body.blocks(xml);
        let text = || -> Option<CellValue> {
            let text = cell.get_in(Ns::Office, "string-value").unwrap_or_else(|| cell_line(&blocks));
            let text: Rc<str> = one_line(&text).into();
            (!text.is_empty()).then_some(CellValue::Text(text))
        };
        let kind = cell.get_in(Ns::Office, "value-type").unwrap_or_default();
        let number = || cell.get_in(Ns::Office, "value").and_then(|value| value.trim().parse::<f64>().ok());
        match kind.as_str() {
            "float" | "currency" | "percentage" => {
                number().map(|number| CellValue::Number(number, displayed_number(number, &blocks, &kind))).or_else(text)
            }
            "date" => {
                let date = cell.get_in(Ns::Office, "date-value").unwrap_or_default();
                // A date in a cell has no time zone.
                let content = cell_line(&blocks);
                rfc3339(&date)
                    .map(|date| {
                        let date = date.trim_end_matches('Z').to_owned();
                        let words = is_in_words(&content);
                        let shown = words.then(|| format!("{} {content}", date.replace('T', " ")).into());
                        CellValue::Date(date, shown)
                    })
                    .or_else(text)
            }
            "time" => cell
                .get_in(Ns::Office, "time-value")
                .and_then(|time| clock(&time))
                .map(|time| CellValue::Date(time, None))
                .or_else(text),
            "boolean" => Some(CellValue::Bool(cell.get_in(Ns::Office, "boolean-value")? == "true")),
            "" if blocks.is_empty() => {
                self.never_calculated += usize::from(cell.get("formula").is_some());
                None
            }
            _ => text(),
        }
    }
}

/// True if a date is displayed with more than digits: names of months and weekdays, East Asian words.
fn is_in_words(shown: &str) -> bool {
    let mut words = shown.split(|c: char| !c.is_alphabetic());
    words.any(|word| word.chars().count() > 2 || word.contains(|c: char| !c.is_ascii()))
}

/// Returns the displayed text of a number. The file stores the text as it was last displayed.
fn displayed_number(number: f64, blocks: &[MarkdownBlock], kind: &str) -> Option<Rc<str>> {
    let shown = one_line(&cell_line(blocks));
    let shows_a_number = shown.chars().any(char::is_numeric) && shown.len() < 100;
    match (shows_a_number, kind) {
        (true, _) => Some(shown.into()),
        (false, "percentage") => Some(format!("{}%", decimal(number * 100.0)).into()),
        (false, _) => None,
    }
}

#[cfg(test)]
#[path = "ods_tests.rs"]
mod tests;
