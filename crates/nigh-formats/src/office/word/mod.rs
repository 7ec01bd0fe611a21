//! Word documents: their parts, and the order in which they are read.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | Word documents: their parts |
//! | `body.rs` | paragraphs and notes of a Word document |
//! | `runs.rs` | the content of a paragraph: runs, fields, drawings |
//! | `fields.rs` | fields in a line |
//! | `forms.rs` | form fields and content controls |
//! | `numbering.rs` | the numbers of lists and headings |
//! | `styles.rs` | styles that are headings, titles, code |
//! | `table.rs` | its tables |
//! | `beside_tests.rs` | tests of texts apart from the body: titles, hints, defaults |
//! | `tests.rs` | all other tests |

pub(in crate::office) mod body;
pub(in crate::office) mod fields;
pub(in crate::office) mod forms;
pub(in crate::office) mod numbering;
pub(in crate::office) mod runs;
pub(in crate::office) mod styles;
pub(in crate::office) mod table;

use crate::Extracted;
use crate::error::Result;
use crate::office::archive::Archive;
use crate::office::drawing::{embedded_losses, part_text};
use crate::office::markdown::{MarkdownBlock, cell_line, one_line};
use crate::office::namespace::Ns;
use crate::office::parts::finish_document;
use crate::office::properties::Properties;
use crate::office::symbols;
use crate::office::word::body::{NoteKind, WordBody};
use crate::office::word::numbering::Numbering;
use crate::office::word::styles::WordStyles;
use crate::office::xml::Xml;

/// Reads a Word document as Markdown: the body with its notes after the blocks that refer to them, then
/// headers, footers, diagrams and charts.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted or has no text.
pub fn docx(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "DOCX")?;
    let mut losses = Vec::new();
    let main = archive.main_part("word/document.xml")?;
    let properties = Properties::of_ooxml(&mut archive, &mut losses);
    let mut others: Vec<(String, String)> = archive
        .relations(&main)
        .map_err(|reason| losses.push(reason.to_string()))
        .unwrap_or_default()
        .into_values()
        .map(|relation| (relation.kind, relation.target))
        .collect();
    // The order of a map is random.
    others.sort();
    others.dedup();

    let mut body = WordBody::default();
    for (kind, name) in &others {
        let note = match kind.as_str() {
            "styles" | "numbering" => None,
            "footnotes" => Some(NoteKind::Footnote),
            "endnotes" => Some(NoteKind::Endnote),
            "comments" => Some(NoteKind::Comment),
            _ => continue,
        };
        let Some(text) = archive.optional(name, &mut losses) else { continue };
        match note {
            Some(note) => read_notes(&mut body, note, &text, name, &mut losses),
            None if kind == "styles" => body.styles = WordStyles::read(&text),
            None => body.numbering = Numbering::read(&text),
        }
    }

    let text = archive.text(&main)?.unwrap_or_default();
    let mut xml = Xml::new(&text, Ns::Word);
    // Reads the whole root element: the background outside the body contains at most a picture.
    xml.child();
    body.write(&mut xml);
    xml.losses(&main, &mut losses);
    drop(text);

    write_comments(&mut body);
    // A header that only repeats the title adds nothing.
    let mut seen: Vec<String> = properties.title.iter().cloned().collect();
    for (kind, name) in &others {
        let label = match kind.as_str() {
            "header" => "Header: ",
            "footer" => "Footer: ",
            "diagramData" | "chart" | "chartEx" => "",
            _ => continue,
        };
        let words = if label.is_empty() {
            part_text(&mut archive, name, &mut losses)
        } else {
            archive.optional(name, &mut losses).map(|text| {
                let mut xml = Xml::new(&text, Ns::Word);
                xml.child();
                let blocks = body.blocks(&mut xml);
                xml.losses(name, &mut losses);
                cell_line(&blocks)
            })
        };
        let Some(words) = words else { continue };
        // The first page, even pages and each section have their own headers, mostly the same.
        if words.chars().any(char::is_alphabetic) && !seen.contains(&words) {
            body.writer.push(&MarkdownBlock::Text(format!("{label}{words}")));
            seen.push(words);
        }
    }
    let embedded = others.iter().filter(|(kind, _)| matches!(kind.as_str(), "package" | "oleObject")).count();
    embedded_losses(embedded + body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    finish_document(body.writer, properties, losses, "a DOCX without text (pictures only?)")
}

/// Reads footnotes, endnotes or comments, to be written where the body refers to them.
fn read_notes(body: &mut WordBody, kind: NoteKind, text: &str, name: &str, losses: &mut Vec<String>) {
    let mut xml = Xml::new(text, Ns::Word);
    xml.child();
    while let Some(element) = xml.child() {
        // The lines between text and notes are stored as notes of a special type.
        let separator = element.get("type").is_some_and(|kind| kind != "normal");
        let (Some(id), false) = (element.get("id"), separator) else {
            xml.skip();
            continue;
        };
        let author = element.get("author").filter(|author| !author.trim().is_empty());
        let blocks = body.blocks(&mut xml);
        let words = cell_line(&blocks);
        let words = match (kind, author) {
            _ if words.is_empty() => continue,
            (NoteKind::Comment, Some(author)) => format!("Comment by {}: {words}", one_line(&author)),
            (NoteKind::Comment, None) => format!("Comment: {words}"),
            _ => words,
        };
        body.notes.insert((kind, id), words);
    }
    xml.losses(name, losses);
}

/// Writes the comments without a mark in the text.
fn write_comments(body: &mut WordBody) {
    let notes = std::mem::take(&mut body.notes);
    let mut left: Vec<(String, String)> =
        notes.into_iter().filter_map(|((kind, id), text)| (kind == NoteKind::Comment).then_some((id, text))).collect();
    left.sort();
    left.into_iter().for_each(|(_, text)| body.writer.push(&MarkdownBlock::Text(text)));
}

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod tests;
