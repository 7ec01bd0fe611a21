//! The rows of a spreadsheet as sections: the header row, the text of each row, and its columns as metadata.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | rows and sheets of any spreadsheet |
//! | `output.rs` | turns rows into sections, and columns into metadata |
//! | `value.rs` | the value of a cell |
//! | `header.rs` | the tables of a sheet, and the header row of each |
//! | `xls.rs`, `xls_tests.rs` | old Excel workbooks |
//! | `xls_records.rs` | the records of old Excel workbooks, and the texts in them |
//! | `xlsx.rs`, `xlsx_tests.rs` | Excel workbooks: sheets and rows |
//! | `cells.rs` | references, texts and merged cells of a workbook |
//! | `number_format/` | number formats of cells; numbers that are dates and times |
//! | `number_pattern/` | numbers as format codes display them |
//! | `han.rs` | numbers in East Asian numerals |
//! | `notes.rs` | comments and shapes on a sheet, names of its tables |
//! | `messages.rs` | printed headers and footers, messages of cells |
//! | `ods.rs`, `ods_tests.rs` | OpenDocument spreadsheets |
//! | `ods_beside.rs` | headers and messages of OpenDocument spreadsheets |
//! | `beside_tests.rs` | tests of texts apart from cells |
//! | `tests.rs` | the tests of rows as sections |

pub(in crate::office) mod cells;
mod han;
pub(in crate::office) mod header;
pub(in crate::office) mod messages;
pub(in crate::office) mod notes;
pub(in crate::office) mod number_format;
pub(in crate::office) mod number_pattern;
pub(in crate::office) mod ods;
mod ods_beside;
mod output;
mod value;
pub(in crate::office) mod xls;
pub(in crate::office) mod xls_records;
pub(in crate::office) mod xlsx;

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod tests;

pub(in crate::office) use output::{SheetOutput, losses, never_calculated};
pub(in crate::office) use value::{CellValue, decimal};

/// A row with cells: its number, from 1, and its cells by column, ascending.
#[derive(Debug, Clone, Default)]
pub(in crate::office) struct SheetRow {
    pub(in crate::office) number: u32,
    pub(in crate::office) cells: Vec<(u32, CellValue)>,
    /// Comments on its cells.
    pub(in crate::office) notes: Vec<String>,
}

/// A sheet: its name, and its rows with cells.
#[derive(Debug, Default)]
pub(in crate::office) struct Sheet {
    pub(in crate::office) name: String,
    pub(in crate::office) rows: Vec<SheetRow>,
}
