//! Old Excel workbooks (.xls, 97 to 2003).

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::rc::Rc;

use crate::Extracted;
use crate::error::{Error, Result};
use crate::office::markdown::one_line;
use crate::office::properties::Properties;
use crate::office::sheet::cells::{CellPlace, fill_merged};
use crate::office::sheet::number_format::Formats;
use crate::office::sheet::xls_records::{CONTINUE, Texts, XlsRecord, XlsRecords};
use crate::office::sheet::{CellValue, Sheet, SheetOutput, SheetRow, losses as room_losses};
use crate::types::Syntax;

/// A workbook stream with more bytes is not read.
const MAX_STREAM_BYTES: u64 = 256 << 20;
/// The version of the format that this reader supports.
const BIFF8: u16 = 0x0600;

/// Reads the rows of a workbook as sections, in the same form as those of a new workbook.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted, older than Excel 97 or has no cells.
pub fn xls(bytes: &[u8]) -> Result<Extracted> {
    let damaged = |_| Error::damaged("XLS", "its streams are missing; get a complete copy");
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
    if !file.is_stream("/Workbook") {
        return Err(Error::unsupported("an Excel workbook of before 1997 (.xls); save it as .xlsx"));
    }
    let mut stream = Vec::new();
    let mut losses = Vec::new();
    let part = file.open_stream("/Workbook").map_err(damaged)?;
    if part.take(MAX_STREAM_BYTES).read_to_end(&mut stream).is_err() {
        losses.push("the workbook is damaged; the content after the damage is missing".to_owned());
    }
    // A hostile file may have overlapping sheets; without a limit they would be read again and again.
    let mut book = XlsWorkbook { bytes_left: 2 * stream.len(), ..XlsWorkbook::default() };
    let sheets = book.read_globals(&stream)?;
    let mut output = SheetOutput::default();
    for (name, offset) in sheets {
        if output.is_full() {
            losses.push(format!("sheet {name} was not read: the file has too many rows"));
            continue;
        }
        let Some(rows) = stream.get(offset..).and_then(|part| book.read_sheet(part)) else {
            losses.push(format!("sheet {name} is missing from the file"));
            continue;
        };
        output.write(Sheet { name, rows });
    }
    if book.notes > 0 {
        let noun = if book.notes == 1 { "comment on a cell was" } else { "comments on cells were" };
        losses.push(format!("{} {noun} not read (save it as .xlsx)", book.notes));
    }
    room_losses(&output, false, &mut losses);
    output.parts.finish(Syntax::Plain, Properties::default(), losses, "an XLS without cells")
}

/// Data shared by the sheets of a workbook.
#[derive(Debug, Default)]
struct XlsWorkbook {
    strings: Vec<Rc<str>>,
    formats: Formats,
    from_1904: bool,
    notes: usize,
    /// The number of bytes of sheets that may still be read.
    bytes_left: usize,
}

impl XlsWorkbook {
    /// Reads the records before the sheets, and returns the names and places of the sheets.
    fn read_globals(&mut self, stream: &[u8]) -> Result<Vec<(String, usize)>> {
        let mut records = XlsRecords(stream).peekable();
        let mut sheets = Vec::new();
        let (mut codes, mut cells) = (Vec::new(), Vec::new());
        if records.peek().and_then(|first| first.u16(0)) != Some(BIFF8) {
            return Err(Error::unsupported("an Excel workbook of before 1997 (.xls); save it as .xlsx"));
        }
        while let Some(record) = records.next() {
            match record.kind {
                0x0a => break,
                0x2f => return Err(Error::encrypted("XLS")),
                0x22 => self.from_1904 = record.u16(0) == Some(1),
                0x85 if record.bytes.get(5) == Some(&0) => {
                    let name = Texts::new(vec![record.bytes], 6).next_short_text().unwrap_or_default();
                    sheets.extend(record.u32(0).and_then(|at| Some((name, usize::try_from(at).ok()?))));
                }
                0x41e => {
                    let code = Texts::new(vec![record.bytes], 2).next_text();
                    codes.extend(record.u16(0).zip(code));
                }
                0xe0 => cells.push(record.u16(2).unwrap_or(0)),
                0xfc => {
                    let mut parts = vec![record.bytes];
                    while let Some(next) = records.next_if(|next| next.kind == CONTINUE) {
                        parts.push(next.bytes);
                    }
                    // Two counts come first. They are ignored; the texts that exist are read.
                    let mut texts = Texts::new(parts, 8);
                    while let Some(text) = texts.next_text() {
                        self.strings.push(one_line(&text).into());
                    }
                }
                _ => {}
            }
        }
        self.formats = Formats::of_codes(codes, &cells);
        Ok(sheets)
    }

    /// Returns the rows of the sheet that begins here; `None` if no sheet begins here.
    fn read_sheet(&mut self, part: &[u8]) -> Option<Vec<SheetRow>> {
        let mut records = XlsRecords(part);
        records.next().filter(|first| first.kind == 0x809)?;
        let mut rows: BTreeMap<u16, Vec<(u32, CellValue)>> = BTreeMap::new();
        let mut merged: Vec<(CellPlace, CellPlace)> = Vec::new();
        // A chart in the sheet is a nested sheet.
        let mut inside = 0;
        let mut formula = None;
        for record in records {
            self.bytes_left = self.bytes_left.checked_sub(record.bytes.len() + 4)?;
            match record.kind {
                0x809 => inside += 1,
                0x0a if inside == 0 => break,
                0x0a => inside -= 1,
                _ if inside > 0 => {}
                0x1c => self.notes += 1,
                0xe5 => {
                    for area in record.bytes.get(2..).unwrap_or_default().chunks_exact(8) {
                        let area = XlsRecord { kind: 0, bytes: area };
                        let corner = |row, column| Some((u32::from(area.u16(row)?) + 1, u32::from(area.u16(column)?)));
                        merged.extend(corner(0, 4).zip(corner(2, 6)));
                    }
                }
                0x207 => {
                    let text = Texts::new(vec![record.bytes], 0).next_text();
                    if let (Some((row, column)), Some(text)) = (formula.take(), text.and_then(text_value)) {
                        rows.entry(row).or_default().push((column, text));
                    }
                }
                _ => {
                    let Some((row, column)) = record.u16(0).zip(record.u16(2)) else { continue };
                    formula = (record.kind == 0x06).then_some((row, u32::from(column)));
                    let cells = self.cells(&record, u32::from(column));
                    if !cells.is_empty() {
                        rows.entry(row).or_default().extend(cells);
                    }
                }
            }
        }
        let mut rows: Vec<SheetRow> = rows
            .into_iter()
            .map(|(row, mut cells)| {
                cells.sort_by_key(|(column, _)| *column);
                SheetRow { number: u32::from(row) + 1, cells, notes: Vec::new() }
            })
            .collect();
        fill_merged(&mut rows, &merged);
        Some(rows)
    }

    /// Returns the cells in a record; the first is in this column.
    fn cells(&self, record: &XlsRecord<'_>, column: u32) -> Vec<(u32, CellValue)> {
        let number = |style: usize, number: Option<f64>| Some(self.number(record.u16(style)?, number?));
        let value = match record.kind {
            0x203 => number(4, record.f64(6)),
            0x27e => number(4, record.u32(6).map(decode_compact)),
            0xbd => {
                let count = record.bytes.len().saturating_sub(6) / 6;
                let cell = |at: usize| number(4 + at * 6, record.u32(6 + at * 6).map(decode_compact));
                return (column..).zip(0..count).filter_map(|(column, at)| Some((column, cell(at)?))).collect();
            }
            0xfd => {
                let at = record.u32(6).and_then(|at| usize::try_from(at).ok());
                let text = at.and_then(|at| self.strings.get(at)).filter(|text| !text.is_empty());
                text.map(|text| CellValue::Text(Rc::clone(text)))
            }
            0x204 => Texts::new(vec![record.bytes], 6).next_text().and_then(text_value),
            // The byte after the value is 0 unless the value is an error.
            0x205 if record.bytes.get(7) == Some(&0) => record.bytes.get(6).map(|value| CellValue::Bool(*value != 0)),
            0x06 => match record.bytes.get(6..14) {
                // Not a number: 1 is a truth value; 0 a text in the next record; 2 an error; 3 an empty text.
                Some([kind, _, value, _, _, _, 0xff, 0xff]) => (*kind == 1).then_some(CellValue::Bool(*value != 0)),
                _ => number(4, record.f64(6)),
            },
            _ => None,
        };
        value.map(|value| (column, value)).into_iter().collect()
    }

    fn number(&self, style: u16, number: f64) -> CellValue {
        self.formats.value(usize::from(style), number, self.from_1904)
    }
}

fn text_value(text: String) -> Option<CellValue> {
    crate::office::sheet::cells::text_value(one_line(&text).into())
}

/// Decodes a 30-bit number: an integer, or the upper half of a floating-point number; either may be times 100.
fn decode_compact(bits: u32) -> f64 {
    let number =
        if bits & 2 != 0 { f64::from(bits.cast_signed() >> 2) } else { f64::from_bits(u64::from(bits & !3) << 32) };
    if bits & 1 != 0 { number / 100.0 } else { number }
}

#[cfg(test)]
#[path = "xls_tests.rs"]
mod tests;
