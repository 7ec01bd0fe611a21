//! Office documents: text processing, presentations and spreadsheets, of Microsoft's family and of OpenDocument.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`extract`]: calls the reader of each format |
//! | `kind.rs` | [`kind`]: detects the format by the content |
//! | `archive.rs`, `archive_tests.rs` | the ZIP archive: parts by name, relations, the limit for unpacked bytes |
//! | `namespace/` | vocabularies of XML names |
//! | `xml/` | a part as a stream of elements and texts, by namespace, bounded in depth |
//! | `properties.rs` | title, author, dates |
//! | `markdown.rs`, `markdown_tests.rs` | writes blocks as clean Markdown |
//! | `parts.rs` | joins the sections |
//! | `drawing.rs` | the texts of diagrams and charts, descriptions of pictures |
//! | `symbols.rs` | characters of the fonts Symbol, Wingdings, Webdings |
//! | `word/` | Word documents |
//! | `slides/` | PowerPoint presentations |
//! | `sheet/` | spreadsheets: Excel's, old and new, and OpenDocument's |
//! | `odf/` | OpenDocument texts and presentations |

pub(super) mod archive;
mod drawing;
mod kind;
mod markdown;
pub(super) mod namespace;
mod odf;
pub(super) mod parts;
pub(super) mod properties;
mod sheet;
mod slides;
mod symbols;
mod word;
pub(super) mod xml;

use super::Extracted;
use crate::error::{Error, Result};
use crate::kinds::office::OfficeKind;

pub use kind::kind;
pub use odf::{odp, odt};
pub use sheet::ods::ods;
pub use sheet::xls::xls;
pub use sheet::xlsx::xlsx;
pub use slides::pptx;
pub use word::docx;

/// Reads a file of this kind. Books have their own reader.
///
/// # Errors
/// Returns the reason why nothing of it can be read; for formats that are never read, also what to do about it.
pub fn extract(kind: OfficeKind, bytes: &[u8]) -> Result<Extracted> {
    match kind {
        OfficeKind::Docx => docx(bytes),
        OfficeKind::Pptx => pptx(bytes),
        OfficeKind::Xlsx => xlsx(bytes),
        OfficeKind::Odt => odt(bytes),
        OfficeKind::Odp => odp(bytes),
        OfficeKind::Ods => ods(bytes),
        OfficeKind::Epub => super::epub::epub(bytes),
        OfficeKind::OldExcel => xls(bytes),
        OfficeKind::Xlsb | OfficeKind::Encrypted | OfficeKind::OldWord | OfficeKind::OldPowerPoint => {
            Err(kind.unread().unwrap_or_else(|| Error::Unsupported(kind.name().to_owned())))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::archive::fixture::archive;
    use super::*;

    #[test]
    fn cut_archive_keeps_its_kind() {
        let text = "x".repeat(50);
        let word = archive(&[("a", &text), ("word/document.xml", &text), ("b", &text)]);
        let book = archive(&[("mimetype", "application/epub+zip"), ("b", &text)]);
        for (bytes, expected, named) in [(word, OfficeKind::Docx, "DOCX"), (book, OfficeKind::Epub, "EPUB")] {
            let cut = &bytes[..bytes.len() - 30];
            assert_eq!(kind(cut), Some(expected));
            let reason = extract(expected, cut).unwrap_err().to_string();
            assert!(reason.starts_with(&format!("damaged or incomplete {named}")), "{reason}");
        }
    }
}
