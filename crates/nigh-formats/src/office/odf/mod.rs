//! OpenDocument texts and presentations.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | OpenDocument texts and presentations |
//! | `body.rs` | paragraphs, lists and notes of any OpenDocument |
//! | `fields.rs` | form fields |
//! | `styles.rs` | what styles say, and what embedded objects do |
//! | `table.rs` | tables in texts and presentations |
//! | `tests.rs` | the tests of all of it |

pub(in crate::office) mod body;
pub(in crate::office) mod fields;
pub(in crate::office) mod styles;
pub(in crate::office) mod table;

use crate::Extracted;
use crate::error::{Error, Result};
use crate::office::archive::Archive;
use crate::office::drawing::embedded_losses;
use crate::office::markdown::{Block, cell_line};
use crate::office::namespace::Ns;
use crate::office::odf::body::Body;
use crate::office::odf::styles::Object;
use crate::office::parts::{Parts, ranges, section, whole};
use crate::office::properties::Properties;
use crate::office::symbols;
use crate::office::xml::{Element, Node, Xml};
use crate::types::{Place, PlaceKind, Syntax};

/// Opens an OpenDocument and reads its content and its styles.
pub(in crate::office) fn open<'a>(bytes: &'a [u8], format: &'static str) -> Result<(Archive<'a>, String)> {
    let mut archive = Archive::open(bytes, format)?;
    let encrypted = || Error::Encrypted(format!("an encrypted {format}; remove its password to have it indexed"));
    // Older files encrypt part by part, newer ones a package of all parts.
    if archive.text("META-INF/manifest.xml")?.is_some_and(|manifest| manifest.contains("encryption-data>")) {
        return Err(encrypted());
    }
    match archive.text("content.xml")? {
        Some(content) => Ok((archive, content)),
        None if archive.has("encrypted-package") => Err(encrypted()),
        None => Err(Error::Damaged(format!("a damaged {format} (content.xml is missing)"))),
    }
}

/// The text of an OpenDocument text as Markdown: the body with its notes after the blocks that refer to them, then
/// headers and footers.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no text.
pub fn odt(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODT")?;
    let mut losses = Vec::new();
    let properties = Properties::of_odf(&mut archive, &mut losses);
    let styles = archive.optional("styles.xml", &mut losses).unwrap_or_default();
    let mut body = Body::default();
    body.styles.read(&styles);
    body.styles.read(&content);
    read_objects(&mut archive, &mut body, &mut losses);

    let mut xml = Xml::new(&content, Ns::Office);
    if opened(&mut xml, "text") {
        body.write(&mut xml);
    }
    xml.losses("content.xml", &mut losses);

    let mut xml = Xml::new(&styles, Ns::Office);
    let mut seen: Vec<String> = properties.title.iter().cloned().collect();
    while let Some(node) = xml.next() {
        let Node::Open(element) = node else { continue };
        let label = match element.name() {
            (Ns::Style, "header" | "header-first" | "header-left") => "Header: ",
            (Ns::Style, "footer" | "footer-first" | "footer-left") => "Footer: ",
            _ => continue,
        };
        let said = cell_line(&body.blocks(&mut xml));
        body.pending.clear();
        if said.chars().any(char::is_alphabetic) && !seen.contains(&said) {
            body.writer.push(&Block::Text(format!("{label}{said}")));
            seen.push(said);
        }
    }
    embedded_losses(body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    whole(body.writer, properties, losses, "an ODT without text (pictures only?)")
}

/// Reads the formulas and charts that lie in folders of their own.
pub(in crate::office) fn read_objects(archive: &mut Archive<'_>, body: &mut Body, losses: &mut Vec<String>) {
    for name in archive.ending("/content.xml") {
        let Some(text) = archive.optional(&name, losses) else { continue };
        let folder = name.trim_end_matches("/content.xml").to_owned();
        body.objects.insert(folder, Object::read(&text));
    }
}

/// Goes on to the start of the body of that name.
pub(in crate::office) fn opened(xml: &mut Xml<'_>, name: &str) -> bool {
    while let Some(node) = xml.next() {
        if matches!(&node, Node::Open(element) if element.is(Ns::Office, name)) {
            return true;
        }
    }
    false
}

/// The text of an OpenDocument presentation as Markdown: of each slide the title as heading, then everything else, then
/// the notes. Hidden slides are read, and their sections say `hidden`.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no text.
pub fn odp(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODP")?;
    let mut losses = Vec::new();
    let mut properties = Properties::of_odf(&mut archive, &mut losses);
    let mut body = Body::default();
    body.styles.read(&content);
    read_objects(&mut archive, &mut body, &mut losses);

    let mut xml = Xml::new(&content, Ns::Office);
    let mut parts = Parts::default();
    let (mut silent, mut first_title, mut number) = (Vec::new(), None, 0);
    if opened(&mut xml, "presentation") {
        while let Some(element) = xml.child() {
            if !element.is(Ns::Draw, "page") {
                xml.skip();
                continue;
            }
            number += 1;
            read_slide(&mut body, &mut xml);
            let (text, title) = std::mem::take(&mut body.writer).finish();
            first_title = first_title.or(title);
            let hidden = element.get("style-name").is_some_and(|style| body.styles.hides(&style));
            let written = parts.push("\n\n", &text, |start| {
                let mut section = section(start, Place::new(PlaceKind::Slide, number));
                if hidden {
                    section.metadata.insert("hidden".to_owned(), true.into());
                }
                section
            });
            if !written {
                silent.push(number);
            }
        }
    }
    xml.losses("content.xml", &mut losses);
    if !silent.is_empty() && parts.len() > 0 {
        let (noun, verb) = if silent.len() == 1 { ("slide", "has") } else { ("slides", "have") };
        losses.push(format!("{noun} {} {verb} no text (pictures only?)", ranges(&silent)));
    }
    embedded_losses(body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    properties.title = properties.title.or(first_title);
    parts.finish(Syntax::Markdown, properties, losses, "an ODP without text (pictures only?)")
}

fn read_slide(body: &mut Body, xml: &mut Xml<'_>) {
    let (mut titles, mut blocks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(element) = xml.child() {
        if element.is(Ns::Presentation, "notes") {
            while let Some(part) = xml.child() {
                if class(&part).is_some_and(|class| class == "notes") {
                    body.block(xml, &part, &mut notes);
                } else {
                    xml.skip();
                }
            }
            continue;
        }
        match class(&element).as_deref() {
            Some("title") => {
                let mut title = Vec::new();
                body.block(xml, &element, &mut title);
                titles.push(Block::Heading(1, cell_line(&title)));
            }
            // The same on every slide.
            Some("date-time" | "footer" | "page-number" | "header") => xml.skip(),
            _ => body.block(xml, &element, &mut blocks),
        }
    }
    titles.append(&mut blocks);
    body.flush(&mut titles);
    let said: Vec<String> = notes.iter().map(Block::line).filter(|line| !line.is_empty()).collect();
    if !said.is_empty() {
        body.flush(&mut vec![Block::Text(format!("Notes: {}", said.join("\n")))]);
    }
}

/// What a shape is for.
fn class(element: &Element<'_>) -> Option<String> {
    element.get_in(Ns::Presentation, "class")
}

#[cfg(test)]
mod tests;
