//! OpenDocument texts and presentations.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | OpenDocument texts |
//! | `body.rs` | paragraphs, lists and shapes of any OpenDocument |
//! | `notes.rs` | notes and comments |
//! | `fields.rs` | form fields in a line |
//! | `controls.rs` | form controls on a page |
//! | `slides.rs` | presentations |
//! | `styles.rs` | styles, and the texts of embedded objects |
//! | `table.rs` | tables in texts and presentations |
//! | `tests.rs` | tests |

pub(in crate::office) mod body;
mod controls;
pub(in crate::office) mod fields;
mod notes;
mod slides;
pub(in crate::office) mod styles;
pub(in crate::office) mod table;

use crate::Extracted;
use crate::error::{Error, Result};
use crate::office::archive::Archive;
use crate::office::drawing::embedded_losses;
use crate::office::markdown::{MarkdownBlock, cell_line};
use crate::office::namespace::Ns;
use crate::office::odf::body::OdfBody;
use crate::office::odf::styles::Object;
use crate::office::parts::finish_document;
use crate::office::properties::Properties;
use crate::office::symbols;
use crate::office::xml::{Xml, XmlNode};

pub use slides::odp;

/// Opens an OpenDocument and reads its content and its styles.
pub(in crate::office) fn open<'a>(bytes: &'a [u8], format: &'static str) -> Result<(Archive<'a>, String)> {
    let mut archive = Archive::open(bytes, format)?;
    let encrypted = || Error::encrypted(format);
    // Older files encrypt each part, newer ones a package of all parts.
    if archive.text("META-INF/manifest.xml")?.is_some_and(|manifest| manifest.contains("encryption-data>")) {
        return Err(encrypted());
    }
    match archive.text("content.xml")? {
        Some(content) => Ok((archive, content)),
        None if archive.has("encrypted-package") => Err(encrypted()),
        None => Err(Error::damaged(format, "content.xml is missing")),
    }
}

/// Reads an OpenDocument text as Markdown: the body with its notes after the blocks that refer to them, then
/// headers and footers.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted or has no text.
pub fn odt(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODT")?;
    let mut losses = Vec::new();
    let properties = Properties::of_odf(&mut archive, &mut losses);
    let styles = archive.optional("styles.xml", &mut losses).unwrap_or_default();
    let mut body = OdfBody::default();
    body.styles.read(&styles);
    body.styles.read(&content);
    read_objects(&mut archive, &mut body, &mut losses);

    let mut xml = Xml::new(&content, Ns::Office);
    if open_body(&mut xml, "text") {
        body.write(&mut xml);
    }
    xml.losses("content.xml", &mut losses);

    let mut xml = Xml::new(&styles, Ns::Office);
    let mut seen: Vec<String> = properties.title.iter().cloned().collect();
    while let Some(node) = xml.next() {
        let XmlNode::Open(element) = node else { continue };
        let label = match element.name() {
            (Ns::Style, "header" | "header-first" | "header-left") => "Header: ",
            (Ns::Style, "footer" | "footer-first" | "footer-left") => "Footer: ",
            _ => continue,
        };
        let text = cell_line(&body.blocks(&mut xml));
        body.pending.clear();
        if text.chars().any(char::is_alphabetic) && !seen.contains(&text) {
            body.writer.push(&MarkdownBlock::Text(format!("{label}{text}")));
            seen.push(text);
        }
    }
    embedded_losses(body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    finish_document(body.writer, properties, losses, "an ODT without text (pictures only?)")
}

/// Reads the formulas and charts that are in folders of their own.
pub(in crate::office) fn read_objects(archive: &mut Archive<'_>, body: &mut OdfBody, losses: &mut Vec<String>) {
    for name in archive.names_with_ending("/content.xml") {
        let Some(text) = archive.optional(&name, losses) else { continue };
        let folder = name.trim_end_matches("/content.xml").to_owned();
        body.objects.insert(folder, Object::read(&text));
    }
}

/// Reads on to the start of the body with this name.
pub(in crate::office) fn open_body(xml: &mut Xml<'_>, name: &str) -> bool {
    while let Some(node) = xml.next() {
        if matches!(&node, XmlNode::Open(element) if element.has_name(Ns::Office, name)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;
