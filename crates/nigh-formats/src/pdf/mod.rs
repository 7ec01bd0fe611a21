//! PDFs: one section for each page, in reading order, by the `unpdf` crate.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`pdf`]: the entry point |
//! | `prepare/` | changes what unpdf ignores or misreads: character maps (CMap), `ActualText`, annotations, form fields |
//! | `losses.rs` | why a PDF has no text, and reports of what was not read |
//! | `pages.rs` | writes the blocks of a page as text, and checks the guessed headings |
//! | `letters.rs` | ligatures, spaces, look-alike characters |
//! | `hyphens.rs` | hyphens at line ends |
//! | `compounds.rs` | prefixes and suffixes that are written with a hyphen |
//! | `addresses.rs` | URLs that were broken at the end of a line |
//! | `outline.rs` | the headings above every page, from bookmarks or from the headings on pages |
//! | `facts.rs` | title, author and date of the file |

mod addresses;
mod compounds;
mod facts;
mod hyphens;
mod letters;
mod losses;
mod outline;
mod pages;
mod prepare;

use std::panic::catch_unwind;

use unpdf::ParseOptions;

use super::{Encoding, Extracted, Section};
use crate::error::{Error, Result};
use crate::types::{Metadata, Place, PlaceKind, Syntax};

/// Reads the text of a PDF: one section for each page, except blank pages.
///
/// # Errors
/// - [`Error::Encrypted`]: the PDF needs a password.
/// - [`Error::Damaged`]: it cannot be parsed.
/// - [`Error::Empty`]: no page has text.
/// - [`Error::Unsupported`]: the parser panics on it.
pub fn pdf(bytes: &[u8]) -> Result<Extracted> {
    let parse = |bytes: &[u8]| {
        let options = ParseOptions::new().with_resources(false).sequential();
        catch_unwind(|| unpdf::parse_bytes_with_options(bytes, options))
    };
    // If the preparation or the prepared file fails, the original is read.
    let prepared = catch_unwind(|| prepare::prepare(bytes)).unwrap_or_default();
    let changed = prepared.bytes.as_deref().and_then(|bytes| Some((bytes, parse(bytes).ok()?.ok()?)));
    let (parsed, mut document) = match changed {
        Some(changed) => changed,
        None => match parse(bytes) {
            Ok(Ok(document)) => (bytes, document),
            Ok(Err(error)) => return Err(losses::opening_error(bytes, error.kind(), &error.to_string())),
            Err(_) => {
                return Err(Error::unsupported(
                    "a PDF that crashes the PDF reader; open it in a viewer and print it to a new PDF",
                ));
            }
        },
    };
    document.extraction_quality.xref_reconstructed |= prepared.was_damaged;
    let read = pages::read_pages(&document, parsed, &prepared);
    let losses = losses::losses(&document, &read, &prepared, bytes);
    if read.texts.iter().all(|text| text.trim().is_empty()) {
        return Err(losses::without_text(&document));
    }
    let headings = outline::headings_above(&document, &read);
    let bookmarks_of_pages = outline::missing_bookmarks(&document, &read, &headings);
    let mut text = String::new();
    let mut sections = Vec::new();
    let pages = document.pages.iter().zip(&read.texts).zip(headings).zip(bookmarks_of_pages);
    for (((page, page_text), headings), missing_bookmarks) in pages {
        if page_text.trim().is_empty() && missing_bookmarks.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let place = Place::new(PlaceKind::Page, page.number);
        sections.push(Section { start: text.len(), place, headings, metadata: Metadata::new() });
        text.push_str(page_text);
        if !missing_bookmarks.is_empty() {
            text.push_str(if page_text.trim().is_empty() { "" } else { "\n\n" });
            text.push_str(&format!("Bookmarks: {}", missing_bookmarks.join("; ")));
        }
    }
    text.push('\n');
    let (title, metadata) = facts::read_metadata(&document, bytes);
    let syntax = if read.markdown { Syntax::Markdown } else { Syntax::Plain };
    Ok(Extracted { text, sections, metadata, losses, title, syntax, encoding: Encoding::Utf8 })
}

#[cfg(test)]
mod tests;
