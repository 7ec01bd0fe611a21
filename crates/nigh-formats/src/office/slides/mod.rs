//! PowerPoint presentations: one section for each slide, in the order of the presentation.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | PowerPoint presentations |
//! | `slide.rs` | one slide: shapes, tables, diagrams |
//! | `beside.rs` | texts common to all slides; notes, comments |
//! | `text.rs` | the paragraphs of a shape |
//! | `tests.rs` | tests |

mod beside;
pub(in crate::office) mod slide;
pub(in crate::office) mod text;

use crate::Extracted;
use crate::error::Result;
use crate::office::archive::Archive;
use crate::office::drawing::embedded_losses;
use crate::office::namespace::Ns;
use crate::office::parts::{DocumentParts, ranges, section};
use crate::office::properties::Properties;
use crate::office::slides::beside::Deck;
use crate::office::slides::slide::read_slide;
use crate::office::symbols;
use crate::office::xml::{Xml, XmlNode};
use crate::types::{Place, PlaceKind, Syntax};

/// Reads a presentation as Markdown. Each slide has its title as heading, the shapes, tables, diagrams and charts, the texts of its
/// layout and master, then notes and comments. A text that many slides share is only on the first. Hidden slides are read, and
/// their sections have `hidden`.
///
/// # Errors
/// Returns the reason if it is damaged, encrypted or has no text.
pub fn pptx(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "PPTX")?;
    let mut losses = Vec::new();
    let main = archive.main_part("ppt/presentation.xml")?;
    let mut properties = Properties::of_ooxml(&mut archive, &mut losses);
    let relations = archive.relations(&main)?;
    let text = archive.text(&main)?.unwrap_or_default();

    let mut deck = Deck::default();
    for relation in relations.values().filter(|part| matches!(part.kind.as_str(), "commentAuthors" | "authors")) {
        archive.optional(&relation.target, &mut losses).iter().for_each(|text| deck.read_people(text));
    }
    let mut parts = DocumentParts::default();
    let mut media = Vec::new();
    let (mut slides_without_text, mut first_title, mut embedded, mut unknown_signs) = (Vec::new(), None, 0, 0);
    for (number, id) in (1u32..).zip(slide_ids(&text, &main, &mut losses)) {
        let name = relations.get(&id).map(|relation| relation.target.clone()).unwrap_or_default();
        let found = match archive.text(&name) {
            Ok(Some(text)) => read_slide(&mut archive, &name, &text, &mut deck, &mut losses),
            Ok(None) => {
                losses.push(format!("slide {number} is missing from the file"));
                continue;
            }
            Err(reason) => {
                losses.push(format!("slide {number} could not be read: {reason}"));
                continue;
            }
        };
        embedded += found.embedded;
        media.extend(found.media.then_some(number));
        unknown_signs += found.unknown_signs;
        let (text, title) = found.writer.finish();
        first_title = first_title.or(title);
        let written = parts.push("\n\n", &text, |start| {
            let mut section = section(start, Place::new(PlaceKind::Slide, number));
            if found.hidden {
                section.metadata.insert("hidden".to_owned(), true.into());
            }
            section
        });
        if !written {
            slides_without_text.push(number);
        }
    }
    if !slides_without_text.is_empty() && parts.len() > 0 {
        let (noun, verb) = if slides_without_text.len() == 1 { ("slide", "has") } else { ("slides", "have") };
        losses.push(format!("{noun} {} {verb} no text (pictures only?)", ranges(&slides_without_text)));
    }
    if !media.is_empty() {
        let noun = if media.len() == 1 { "slide" } else { "slides" };
        losses.push(format!("audio or video on {noun} {} is not read", ranges(&media)));
    }
    embedded_losses(embedded, &mut losses);
    symbols::losses(unknown_signs, &mut losses);
    properties.title = properties.title.or(first_title);
    parts.finish(Syntax::Markdown, properties, losses, "a PPTX without text (pictures only?)")
}

/// Returns the relations of the slides, in the order in which they are shown.
fn slide_ids(text: &str, name: &str, losses: &mut Vec<String>) -> Vec<String> {
    let mut xml = Xml::new(text, Ns::Slide);
    let mut ids = Vec::new();
    while let Some(node) = xml.next() {
        if let XmlNode::Open(element) = node
            && element.has_name(Ns::Slide, "sldId")
        {
            ids.extend(element.get_in(Ns::Relation, "id").or_else(|| element.get("id")));
        }
    }
    xml.losses(name, losses);
    ids
}

#[cfg(test)]
mod tests;
