//! Reports why a PDF gave no text, and which parts could not be read.

use std::collections::BTreeSet;

use unpdf::{Document, ErrorKind, Page};

use super::pages::Pages;
use super::prepare::Prepared;
use crate::error::Error;

/// A page without text is scanned if pictures cover at least this share of it.
const MIN_SCANNED_COVERAGE: f32 = 0.1;

/// A page without text and with at least this many filled shapes has its letters drawn as outlines.
const MIN_DRAWN_SHAPES: u32 = 100;

/// Most characters of a page number in a margin: "Page 1234 of 5678".
const MAX_PAGE_NUMBER_CHARS: u32 = 14;

/// A report lists at most this many fonts or files.
const MAX_LISTED_NAMES: usize = 3;

/// Returns why a PDF could not be opened.
pub(super) fn opening_error(bytes: &[u8], kind: ErrorKind, error: &str) -> Error {
    let tail = bytes.get(bytes.len().saturating_sub(2048)..).unwrap_or(bytes);
    let has_end_marker = tail.windows(5).any(|window| window == b"%%EOF");
    match kind {
        ErrorKind::Encrypted | ErrorKind::InvalidPassword => Error::encrypted("PDF"),
        ErrorKind::UnknownFormat => Error::unsupported("not a PDF, despite its name"),
        ErrorKind::UnsupportedVersion => {
            Error::Unsupported(format!("a PDF of an unsupported version: {}", one_line(error)))
        }
        _ if !has_end_marker => Error::damaged("PDF", "its end is cut off; get a complete copy"),
        _ => Error::damaged("PDF", format_args!("{}; open it in a viewer and print it to a new PDF", one_line(error))),
    }
}

/// Returns why a PDF that could be opened has no text.
pub(super) fn without_text(document: &Document) -> Error {
    let pages = document.pages.len();
    let of_pages = if pages == 1 { "of 1 page".to_owned() } else { format!("of {pages} pages") };
    let fonts = unreadable_fonts(document.pages.iter());
    if !fonts.is_empty() {
        let fonts = list_names(&fonts);
        Error::Unsupported(format!(
            "a PDF {of_pages} whose fonts have no mapping to Unicode ({fonts}); run OCR on it first"
        ))
    } else if document.pages.is_empty() {
        Error::damaged("PDF", "it has no readable page")
    } else if document.pages.iter().any(|page| page.undecodable_content_streams > 0) {
        Error::Unsupported(format!(
            "a PDF {of_pages} whose content cannot be decoded; open it in a viewer and print it to a new PDF"
        ))
    } else if document.extraction_quality.xref_reconstructed || lost_objects(document) {
        Error::damaged("PDF", format_args!("no text is left {of_pages}; get a complete copy"))
    } else if document.pages.iter().any(looks_scanned) {
        Error::Empty(format!("a PDF {of_pages} without text (scanned?); run OCR on it first"))
    } else {
        Error::Empty(format!("a PDF {of_pages} without text (blank?)"))
    }
}

/// Reports which parts of a PDF with text could not be read.
pub(super) fn losses(document: &Document, read: &Pages, prepared: &Prepared, bytes: &[u8]) -> Vec<String> {
    let mut losses = Vec::new();
    let quality = &document.extraction_quality;
    let damaged = quality.xref_reconstructed || lost_objects(document);
    let page_numbers = |wanted: &dyn Fn(&Page, usize) -> bool| -> Vec<u32> {
        let pages = document.pages.iter().enumerate();
        pages.filter(|(at, page)| wanted(page, *at)).map(|(_, page)| page.number).collect()
    };
    let blank = |at: usize| read.blank.get(at).copied().unwrap_or(true);
    let unmapped = |page: &Page| !page.unreadable_fonts.is_empty();
    let scanned = page_numbers(&|page, at| blank(at) && !unmapped(page) && looks_scanned(page));
    if !scanned.is_empty() {
        let verb = if scanned.len() == 1 { "has" } else { "have" };
        losses.push(format!("{} {verb} no text (scanned?)", list_pages(&scanned)));
    }
    let no_mapping = page_numbers(&|page, _| unmapped(page));
    if !no_mapping.is_empty() {
        let fonts = list_names(&unreadable_fonts(document.pages.iter()));
        losses.push(format!("text of {} uses a font without a mapping to Unicode: {fonts}", list_pages(&no_mapping)));
    }
    let without_meaning = page_numbers(&|page, at| {
        !unmapped(page) && (read.garbled.get(at) == Some(&true) || has_many_unmapped_signs(page))
    });
    if !without_meaning.is_empty() {
        losses.push(format!("text of {} has characters without a meaning in Unicode", list_pages(&without_meaning)));
    }
    let damaged_streams = page_numbers(&|page, _| page.undecodable_content_streams > 0);
    if !damaged_streams.is_empty() {
        losses.push(format!("content of {} is damaged and was left out", list_pages(&damaged_streams)));
    }
    if damaged {
        let empty = page_numbers(&|page, at| blank(at) && !unmapped(page) && !looks_scanned(page));
        let declared = quality.declared_page_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        let mut loss = String::from("the file is damaged and was read as far as possible");
        if !empty.is_empty() {
            let verb = if empty.len() == 1 { "has" } else { "have" };
            loss.push_str(&format!("; {} {verb} no text", list_pages(&empty)));
        }
        if declared > document.pages.len() {
            loss.push_str(&format!("; {} of {declared} pages were found", document.pages.len()));
        }
        losses.push(loss);
    }
    let ocr = page_numbers(&|page, _| page.ocr_text_suppressed);
    if !ocr.is_empty() {
        losses.push(format!("the OCR text under the picture of {} is unreadable and was left out", list_pages(&ocr)));
    }
    let unplaced = page_numbers(&|page, at| page.painted_text_chars > 0 && blank(at) && !unmapped(page));
    if !unplaced.is_empty() {
        losses.push(format!("text of {} could not be placed and was left out", list_pages(&unplaced)));
    }
    // unpdf takes every bare number in a margin for a page number.
    let numbered = page_numbers(&|page, _| page.omitted_page_number_chars > MAX_PAGE_NUMBER_CHARS);
    if !numbered.is_empty() {
        losses.push(format!(
            "numbers in the margins of {} were taken for page numbers and left out",
            list_pages(&numbered)
        ));
    }
    if !prepared.media.is_empty() {
        losses.push(format!("audio, video or 3D models on {} are not read", list_pages(&prepared.media)));
    }
    if prepared.other_form {
        losses.push("its form is in XFA, which is not read; print it to a new PDF".to_owned());
    }
    if prepared.unread > 0 {
        losses.push(format!("{} notes and stamps were left out: the file has too many", prepared.unread));
    }
    if !prepared.files.is_empty() || has_attachments(bytes) {
        let names: BTreeSet<&str> = prepared.files.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", list_names(&names)) };
        losses.push(format!("files attached inside the PDF are not read{names}"));
    }
    losses
}

/// True if the PDF contains files.
fn has_attachments(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"/EmbeddedFiles").is_some()
}

/// True if a page shows many signs that its fonts map to no character.
fn has_many_unmapped_signs(page: &Page) -> bool {
    page.undecoded_text_codes > 5 && page.undecoded_text_codes.saturating_mul(20) > page.painted_text_chars
}

/// True if parts of the file could not be read.
fn lost_objects(document: &Document) -> bool {
    let quality = &document.extraction_quality;
    quality.unresolved_page_nodes > 0 || quality.pages_incomplete
}

/// True if a page without text shows something that may look like text.
fn looks_scanned(page: &Page) -> bool {
    page.image_coverage >= MIN_SCANNED_COVERAGE || page.fill_op_count >= MIN_DRAWN_SHAPES
}

/// Returns the names of the fonts that have no mapping to Unicode.
fn unreadable_fonts<'a>(pages: impl Iterator<Item = &'a Page>) -> BTreeSet<&'a str> {
    pages.flat_map(|page| page.unreadable_fonts.iter()).map(|font| font.name.as_str()).collect()
}

/// Lists a few names, and the number of the others.
fn list_names(names: &BTreeSet<&str>) -> String {
    let listed: Vec<&str> = names.iter().copied().take(MAX_LISTED_NAMES).collect();
    match names.len().saturating_sub(listed.len()) {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}

/// Returns "page 3", "pages 3 to 5 and 9", "pages 1, 3, 5 and 71 more".
pub(super) fn list_pages(numbers: &[u32]) -> String {
    /// Ranges listed before the rest is counted.
    const MAX_RANGES: usize = 5;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let shown = |&(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    };
    let mut parts: Vec<String> = ranges.iter().take(MAX_RANGES).map(shown).collect();
    let rest: u32 = ranges.iter().skip(MAX_RANGES).map(|(first, last)| last - first + 1).sum();
    if rest > 0 {
        parts.push(format!("{rest} more"));
    }
    let noun = if numbers.len() == 1 { "page" } else { "pages" };
    match parts.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{noun} {} and {last}", before.join(", ")),
        _ => format!("{noun} {}", parts.concat()),
    }
}

/// Returns the first line of an error message from unpdf, cut to 100 characters.
fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or("").trim().chars().take(100).collect()
}
