//! OpenDocument presentations.

use std::collections::HashMap;

use crate::Extracted;
use crate::error::Result;
use crate::office::drawing::embedded_losses;
use crate::office::markdown::{MarkdownBlock, cell_line, one_line};
use crate::office::namespace::Ns;
use crate::office::odf::body::OdfBody;
use crate::office::odf::{open, open_body, read_objects};
use crate::office::parts::{DocumentParts, ranges, section};
use crate::office::properties::Properties;
use crate::office::symbols;
use crate::office::xml::{Element, Xml};
use crate::types::{Place, PlaceKind, Syntax};

/// Reads an OpenDocument presentation as Markdown. Each slide has its title as heading, then everything else, then the texts of its
/// master that no slide before had, then the notes. Hidden slides are read, and their sections have `hidden`.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted or has no text.
pub fn odp(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODP")?;
    let mut losses = Vec::new();
    let mut properties = Properties::of_odf(&mut archive, &mut losses);
    let styles = archive.optional("styles.xml", &mut losses).unwrap_or_default();
    let mut body = OdfBody::default();
    let mut shared = SharedContent::read(&styles, &mut body);
    body.styles.read(&content);
    read_objects(&mut archive, &mut body, &mut losses);

    let mut xml = Xml::new(&content, Ns::Office);
    let mut parts = DocumentParts::default();
    let (mut slides_without_text, mut first_title, mut number) = (Vec::new(), None, 0);
    if open_body(&mut xml, "presentation") {
        while let Some(element) = xml.child() {
            if element.has_name(Ns::Presentation, "footer-decl") {
                let words = one_line(&xml.text());
                shared.footers.extend(element.get("name").map(|name| (name, words)));
                continue;
            }
            if !element.has_name(Ns::Draw, "page") {
                xml.skip();
                continue;
            }
            number += 1;
            read_slide(&mut body, &mut xml, shared.take_texts(&element));
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
                slides_without_text.push(number);
            }
        }
    }
    xml.losses("content.xml", &mut losses);
    if !slides_without_text.is_empty() && parts.len() > 0 {
        let (noun, verb) = if slides_without_text.len() == 1 { ("slide", "has") } else { ("slides", "have") };
        losses.push(format!("{noun} {} {verb} no text (pictures only?)", ranges(&slides_without_text)));
    }
    embedded_losses(body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    properties.title = properties.title.or(first_title);
    parts.finish(Syntax::Markdown, properties, losses, "an ODP without text (pictures only?)")
}

/// Reads a slide; `shared` has the texts of its master.
fn read_slide(body: &mut OdfBody, xml: &mut Xml<'_>, mut shared: Vec<MarkdownBlock>) {
    let (mut titles, mut blocks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(element) = xml.child() {
        if element.has_name(Ns::Presentation, "notes") {
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
                titles.push(MarkdownBlock::Heading(1, cell_line(&title)));
            }
            // These are the same on every slide.
            Some("date-time" | "footer" | "page-number" | "header") => xml.skip(),
            _ => body.block(xml, &element, &mut blocks),
        }
    }
    titles.append(&mut blocks);
    titles.append(&mut shared);
    body.flush(&mut titles);
    let text: Vec<String> = notes.iter().map(MarkdownBlock::line).filter(|line| !line.is_empty()).collect();
    if !text.is_empty() {
        body.flush(&mut vec![MarkdownBlock::Text(format!("Notes: {}", text.join("\n")))]);
    }
}

/// Returns the purpose of a shape.
fn class(element: &Element<'_>) -> Option<String> {
    element.get_in(Ns::Presentation, "class")
}

/// Texts that several slides show.
#[derive(Debug, Default)]
struct SharedContent {
    /// The shapes of masters by name, until a slide has shown them.
    masters: HashMap<String, Vec<MarkdownBlock>>,
    /// Footers by name, until a slide has shown them.
    footers: HashMap<String, String>,
}

impl SharedContent {
    /// Reads the masters of `styles.xml`. Placeholders and notes are not shown.
    fn read(styles: &str, body: &mut OdfBody) -> Self {
        let mut shared = Self::default();
        let mut xml = Xml::new(styles, Ns::Office);
        if !open_body(&mut xml, "master-styles") {
            return shared;
        }
        while let Some(master) = xml.child() {
            if !master.has_name(Ns::Style, "master-page") {
                xml.skip();
                continue;
            }
            let mut blocks = Vec::new();
            while let Some(shape) = xml.child() {
                if shape.name().0 != Ns::Draw || class(&shape).is_some() {
                    xml.skip();
                } else {
                    body.block(&mut xml, &shape, &mut blocks);
                }
            }
            body.pending.clear();
            shared.masters.extend(master.get("name").map(|name| (name, blocks)));
        }
        shared
    }

    /// Takes the texts of the slide's master, which come before its own.
    fn take_texts(&mut self, slide: &Element<'_>) -> Vec<MarkdownBlock> {
        let master = slide.get("master-page-name").and_then(|name| self.masters.remove(&name));
        let footer = slide.get_in(Ns::Presentation, "use-footer-name").and_then(|name| self.footers.remove(&name));
        let footer = footer.filter(|footer| footer.chars().any(char::is_alphabetic));
        let footer = footer.map(|footer| MarkdownBlock::Text(format!("Footer: {footer}")));
        let mut blocks = master.unwrap_or_default();
        blocks.retain(|block| block.line().chars().any(char::is_alphabetic));
        blocks.extend(footer);
        blocks
    }
}
