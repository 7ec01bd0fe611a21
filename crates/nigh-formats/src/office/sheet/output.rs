//! Turns the rows of all sheets of a file into sections, with their columns as metadata.

use std::collections::BTreeMap;

use crate::Section;
use crate::office::markdown::one_line;
use crate::office::parts::DocumentParts;
use crate::office::sheet::{CellValue, Sheet, SheetRow};
use crate::rows::unique_names;
use crate::types::{Metadata, Place, PlaceKind};

/// Most bytes of text from one file: a shared text or a repeated row may occur in many rows.
const MAX_TEXT_BYTES: usize = 128 << 20;
/// At most this many rows of one file become sections.
const MAX_ROWS: usize = 200_000;
/// At most this many values of one file become metadata.
const MAX_VALUES: usize = 2_000_000;
/// A longer value is only in the row's text, not in the metadata.
const MAX_VALUE_BYTES: usize = 500;

/// The sections of all sheets of a file.
#[derive(Debug)]
pub(in crate::office) struct SheetOutput {
    pub(in crate::office) parts: DocumentParts,
    /// The text ends at this many bytes; its last row may be as long again.
    pub(super) max_bytes: usize,
    pub(super) rows: usize,
    pub(super) values: usize,
    /// The number of rows beyond the limits, and of rows whose metadata was beyond the limit.
    pub(in crate::office) left_out: usize,
    pub(in crate::office) without_metadata: usize,
}

impl Default for SheetOutput {
    fn default() -> Self {
        Self {
            parts: DocumentParts::default(),
            max_bytes: MAX_TEXT_BYTES,
            rows: 0,
            values: 0,
            left_out: 0,
            without_metadata: 0,
        }
    }
}

impl SheetOutput {
    /// True if further rows would be left out.
    pub(in crate::office) fn is_full(&self) -> bool {
        self.rows >= MAX_ROWS || self.parts.len() > self.max_bytes
    }

    /// Adds a section for each row. A header names the columns of the rows below it and does not become a section, unless it is
    /// the only row.
    pub(in crate::office) fn write(&mut self, sheet: Sheet) {
        let mut tables = sheet.tables().into_iter().peekable();
        let mut header = None;
        let (mut names, mut keys) = (BTreeMap::new(), BTreeMap::new());
        let name = one_line(&sheet.name);
        for (at, row) in sheet.rows.iter().enumerate() {
            if let Some(table) = tables.next_if(|table| table.start == at) {
                header = table.header;
                let row = header.and_then(|at| sheet.rows.get(at));
                let cells = row.map(|row| row.cells.as_slice()).unwrap_or_default();
                names = cells.iter().map(|(column, value)| (*column, value.shown().into_owned())).collect();
                keys = names.keys().copied().zip(unique_names(names.values())).collect();
            }
            if header == Some(at) && row.notes.is_empty() {
                continue;
            }
            if self.is_full() {
                self.left_out += sheet.rows.len() - at;
                return;
            }
            let named = header.is_some_and(|header| at > header);
            let metadata = if named { self.metadata(row, &keys) } else { Metadata::new() };
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

    fn metadata(&mut self, row: &SheetRow, names: &BTreeMap<u32, String>) -> Metadata {
        if self.values >= MAX_VALUES {
            self.without_metadata += 1;
            return Metadata::new();
        }
        let values = row.cells.iter().filter_map(|(column, value)| {
            let short = !matches!(value, CellValue::Text(text) if text.len() > MAX_VALUE_BYTES);
            Some((names.get(column).filter(|_| short)?.clone(), value.json()))
        });
        let metadata: Metadata = values.collect();
        self.values += metadata.len();
        metadata
    }

    fn text(&self, row: &SheetRow, names: Option<&BTreeMap<u32, String>>) -> String {
        let mut text = String::new();
        for (column, value) in &row.cells {
            let shown = value.shown();
            if self.parts.len() + text.len() + shown.len() > self.max_bytes * 2 {
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

/// Reports what was left out because of the limits.
pub(in crate::office) fn losses(output: &SheetOutput, cells_left_out: bool, losses: &mut Vec<String>) {
    if output.left_out > 0 || cells_left_out {
        let count = if output.left_out > 0 { format!("{} ", output.left_out) } else { String::new() };
        losses.push(format!("the last {count}rows were left out: one file gives at most {MAX_ROWS} (split it)"));
    }
    if output.without_metadata > 0 {
        losses.push(format!("{} rows have no columns as metadata: there are too many", output.without_metadata));
    }
}

/// Reports how many formulas have no value.
pub(in crate::office) fn never_calculated(count: usize, losses: &mut Vec<String>) {
    if count > 0 {
        let (noun, verb) = if count == 1 { ("formula", "has") } else { ("formulas", "have") };
        losses.push(format!(
            "{count} {noun} {verb} no stored result (open the file in a spreadsheet program and save it)"
        ));
    }
}
