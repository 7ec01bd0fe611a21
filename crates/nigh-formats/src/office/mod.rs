//! Office documents: text processing, presentations and spreadsheets, of Microsoft's family and of OpenDocument.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`extract`]: the way to each reader |
//! | `kind.rs` | [`kind`]: which format a file's content is |
//! | `archive.rs` | the ZIP archive: parts by name, relations, a bound on what is unpacked |
//! | `xml.rs` | a part as a stream of elements and texts, bounded in depth |
//! | `ole.rs` | compound files: old formats and encrypted ones, told apart |
//! | `properties.rs` | title, author, dates |
//! | `markdown.rs` | blocks to clean Markdown |
//! | `parts.rs` | sections put together to what is handed on |
//! | `drawing.rs` | the texts of diagrams and charts |
//! | `docx.rs` | Word documents: their parts |
//! | `docx_body.rs` | paragraphs and notes of a Word document |
//! | `docx_table.rs` | its tables |
//! | `docx_styles.rs` | which styles are headings, titles, code |
//! | `docx_numbering.rs` | the numbers of lists and headings |
//! | `slides.rs` | PowerPoint presentations |
//! | `slide.rs` | one slide: shapes, tables, notes, comments |
//! | `xls.rs` | old Excel workbooks |
//! | `xls_records.rs` | their records, and the texts in them |
//! | `xlsx.rs` | Excel workbooks: sheets and rows |
//! | `xlsx_cells.rs` | references, texts and merged cells of a workbook |
//! | `xlsx_format.rs` | which numbers are days, times, percentages |
//! | `xlsx_notes.rs` | comments and shapes on a sheet |
//! | `sheet.rs` | rows of any spreadsheet to sections, columns as metadata |
//! | `sheet_header.rs` | which row names the columns |
//! | `odf.rs` | OpenDocument texts and presentations |
//! | `odf_body.rs` | paragraphs, lists and notes of any OpenDocument |
//! | `odf_table.rs` | tables in texts and presentations |
//! | `odf_styles.rs` | what styles say, and what embedded objects do |
//! | `ods.rs` | OpenDocument spreadsheets |

pub(super) mod archive;
mod docx;
mod docx_body;
mod docx_numbering;
mod docx_styles;
mod docx_table;
mod drawing;
mod kind;
mod markdown;
mod odf;
mod odf_body;
mod odf_styles;
mod odf_table;
mod ods;
mod ole;
pub(super) mod parts;
pub(super) mod properties;
mod sheet;
mod sheet_header;
mod slide;
mod slides;
mod xls;
mod xls_records;
mod xlsx;
mod xlsx_cells;
mod xlsx_format;
mod xlsx_notes;
pub(super) mod xml;

use super::Extracted;
use crate::error::{Error, Result};

pub use docx::docx;
pub use kind::{OfficeKind, kind};
pub use odf::{odp, odt};
pub use ods::ods;
pub use slides::pptx;
pub use xls::xls;
pub use xlsx::xlsx as sheet;

/// Reads a file of that kind. Books have their own reader.
///
/// # Errors
/// The reason why nothing of it can be read; for what is not read at all, what to do about it.
pub fn extract(kind: OfficeKind, bytes: &[u8]) -> Result<Extracted> {
    match kind {
        OfficeKind::Docx => docx(bytes),
        OfficeKind::Pptx => pptx(bytes),
        OfficeKind::Xlsx => sheet(bytes),
        OfficeKind::Odt => odt(bytes),
        OfficeKind::Odp => odp(bytes),
        OfficeKind::Ods => ods(bytes),
        OfficeKind::Epub => super::epub::epub(bytes),
        OfficeKind::Xlsb => Err(Error::unsupported("a binary Excel workbook (.xlsb); save it as .xlsx")),
        OfficeKind::Encrypted => {
            Err(Error::encrypted("an encrypted Office file; remove its password to have it indexed"))
        }
        OfficeKind::OldWord => Err(Error::unsupported("the old Word format (.doc); save it as .docx")),
        OfficeKind::OldExcel => xls(bytes),
        OfficeKind::OldPowerPoint => Err(Error::unsupported("the old PowerPoint format (.ppt); save it as .pptx")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::archive::fixture::archive;
    use super::*;

    #[test]
    fn a_cut_archive_keeps_its_kind_and_says_what_it_is() {
        let text = "x".repeat(50);
        let word = archive(&[("a", &text), ("word/document.xml", &text), ("b", &text)]);
        let book = archive(&[("mimetype", "application/epub+zip"), ("b", &text)]);
        for (bytes, expected, named) in [(word, OfficeKind::Docx, "DOCX"), (book, OfficeKind::Epub, "EPUB")] {
            let cut = &bytes[..bytes.len() - 30];
            assert_eq!(kind(cut), Some(expected));
            let reason = extract(expected, cut).unwrap_err().to_string();
            assert!(reason.starts_with(&format!("a damaged {named}")), "{reason}");
        }
    }
}
