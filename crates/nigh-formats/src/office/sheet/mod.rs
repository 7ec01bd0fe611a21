//! The rows of a spreadsheet as sections: which row names the columns, what a row says, and its columns as metadata.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | rows and sheets of any spreadsheet |
//! | `output.rs` | rows to sections, columns as metadata |
//! | `value.rs` | the value of a cell |
//! | `header.rs` | the tables of a sheet, and the header row of each |
//! | `xls.rs`, `xls_tests.rs` | old Excel workbooks |
//! | `xls_records.rs` | their records, and the texts in them |
//! | `xlsx.rs`, `xlsx_tests.rs` | Excel workbooks: sheets and rows |
//! | `cells.rs` | references, texts and merged cells of a workbook |
//! | `number_format/` | number formats of cells; numbers that are days and times |
//! | `number_pattern/` | numbers as the codes of formats show them |
//! | `han.rs` | numbers in the numerals of East Asia |
//! | `notes.rs` | comments and shapes on a sheet, names of its tables |
//! | `messages.rs` | headers and footers on paper, messages of cells |
//! | `ods.rs`, `ods_tests.rs` | OpenDocument spreadsheets |
//! | `ods_beside.rs` | their headers and messages |
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

/// A row that has cells: its number, from 1, and its cells by column, ascending.
#[derive(Debug, Clone, Default)]
pub(in crate::office) struct SheetRow {
    pub(in crate::office) number: u32,
    pub(in crate::office) cells: Vec<(u32, CellValue)>,
    /// Comments on its cells.
    pub(in crate::office) notes: Vec<String>,
}

/// A sheet: its name, and its rows that have cells.
#[derive(Debug, Default)]
pub(in crate::office) struct Sheet {
    pub(in crate::office) name: String,
    pub(in crate::office) rows: Vec<SheetRow>,
}
