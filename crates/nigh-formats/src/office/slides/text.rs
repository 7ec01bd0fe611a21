//! The paragraphs of a shape, with their lists and symbols.

use crate::office::markdown::{MarkdownBlock, tidy};
use crate::office::namespace::Ns;
use crate::office::symbols::{RunFont, SymbolFont, decode_symbols};
use crate::office::xml::{Xml, XmlNode};

/// A paragraph while it is read.
#[derive(Debug, Default)]
struct SlideParagraph {
    text: String,
    level: u32,
    bullet: bool,
    unknown_signs: usize,
}

/// Reads the paragraphs of a text body. If `listed`, they are list items by default. `unknown` counts characters that
/// exist only in a symbol font.
pub(in crate::office) fn paragraphs(xml: &mut Xml<'_>, listed: bool, unknown: &mut usize) -> Vec<MarkdownBlock> {
    let mut blocks = Vec::new();
    while let Some(element) = xml.child() {
        if !element.has_name(Ns::Drawing, "p") {
            xml.skip();
            continue;
        }
        let mut paragraph = SlideParagraph { bullet: listed, ..SlideParagraph::default() };
        paragraph.read(xml, &mut None);
        *unknown += paragraph.unknown_signs;
        let text = tidy(&paragraph.text);
        if !text.is_empty() {
            blocks.push(match paragraph.bullet {
                true => MarkdownBlock::Item(paragraph.level as usize, "-".to_owned(), text),
                false => MarkdownBlock::Text(text),
            });
        }
    }
    // A single item is not a list.
    if let [MarkdownBlock::Item(0, _, text)] = blocks.as_slice() {
        blocks = vec![MarkdownBlock::Text(text.clone())];
    }
    blocks
}

impl SlideParagraph {
    fn read(&mut self, xml: &mut Xml<'_>, font: &mut Option<RunFont>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Drawing | Ns::Math, "t") => {
                    let text = xml.text();
                    self.text.push_str(&decode_symbols(&text, *font, &mut self.unknown_signs));
                }
                (Ns::Drawing, "br") => {
                    self.text.push('\n');
                    xml.skip();
                }
                (Ns::Drawing, "tab") => {
                    self.text.push(' ');
                    xml.skip();
                }
                (Ns::Drawing, "pPr") => {
                    self.level = element.number("lvl").unwrap_or(0).min(8);
                    while let Some(property) = xml.child() {
                        match property.name() {
                            (Ns::Drawing, "buNone") => self.bullet = false,
                            (Ns::Drawing, "buChar" | "buAutoNum" | "buBlip") => self.bullet = true,
                            _ => {}
                        }
                        xml.skip();
                    }
                }
                // The number of the slide and today's date.
                (Ns::Drawing, "fld")
                    if element.get("type").is_some_and(|kind| kind == "slidenum" || kind.starts_with("datetime")) =>
                {
                    xml.skip();
                }
                (Ns::Drawing, "r" | "fld") => self.read(xml, &mut None),
                (Ns::Drawing, "rPr") => *font = run_font(xml),
                (Ns::Drawing, "endParaRPr") | (Ns::Word, "rPr") => xml.skip(),
                _ => self.read(xml, font),
            }
        }
    }
}

/// Returns the symbol font of a run, by its properties.
fn run_font(xml: &mut Xml<'_>) -> Option<RunFont> {
    let inside = xml.depth();
    let (mut symbols, mut letters) = (None, None);
    while let Some(node) = xml.next() {
        if let XmlNode::Open(element) = &node {
            match element.name() {
                (Ns::Drawing, "sym") => symbols = element.get("typeface").and_then(|name| SymbolFont::from_name(&name)),
                (Ns::Drawing, "latin") => {
                    letters = element.get("typeface").and_then(|name| SymbolFont::from_name(&name))
                }
                _ => {}
            }
        }
        if xml.depth() < inside {
            break;
        }
    }
    let letters = letters.map(|font| RunFont { font, letters: true });
    letters.or_else(|| symbols.map(|font| RunFont { font, letters: false }))
}
