//! The content of a paragraph of a Word document: runs and elements around them, symbols, fields, drawings.

use crate::office::drawing::description;
use crate::office::markdown::{MarkdownBlock, one_line};
use crate::office::namespace::Ns;
use crate::office::symbols::{RunFont, SymbolFont, char_of_code, decode_symbols};
use crate::office::word::body::{NoteKind, WordBody, WordParagraph, properties};
use crate::office::xml::Xml;

impl WordBody {
    /// Reads the runs of a paragraph, also inside other elements. Tracked insertions are text, deletions are not.
    pub(in crate::office) fn inline(&mut self, xml: &mut Xml<'_>, paragraph: &mut WordParagraph) {
        self.runs(xml, paragraph, &mut None);
    }

    fn runs(&mut self, xml: &mut Xml<'_>, paragraph: &mut WordParagraph, font: &mut Option<RunFont>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Word, "pPr") => properties(xml, paragraph),
                (Ns::Word, "r") | (Ns::Math, "r") => self.runs(xml, paragraph, &mut None),
                (Ns::Word, "rPr") => *font = run_font(xml),
                (Ns::Word | Ns::Math, "t") => {
                    let text = xml.characters();
                    let text = decode_symbols(&text, *font, &mut self.unknown_signs);
                    self.add_text(paragraph, &text);
                }
                (Ns::Word, "sym") => {
                    let font = element.get("font");
                    match element.get("char").and_then(|code| char_of_code(font.as_deref(), &code)) {
                        Some(sign) => self.add_text(paragraph, sign.encode_utf8(&mut [0; 4])),
                        None => self.unknown_signs += 1,
                    }
                    xml.skip();
                }
                (Ns::Word, "tab" | "ptab") => {
                    self.add_text(paragraph, "\t");
                    xml.skip();
                }
                (Ns::Word, "br" | "cr") => {
                    self.add_text(paragraph, "\n");
                    xml.skip();
                }
                (Ns::Word, "noBreakHyphen") => {
                    self.add_text(paragraph, "-");
                    xml.skip();
                }
                // In a formula: a superscript, a subscript, a denominator.
                (Ns::Math, name @ ("sup" | "sub" | "den")) => {
                    let before = paragraph.text.len();
                    paragraph.text.push_str(match name {
                        "sup" => "^",
                        "sub" => "_",
                        _ => "/",
                    });
                    self.inline(xml, paragraph);
                    if paragraph.text.len() == before + 1 {
                        paragraph.text.truncate(before);
                    }
                }
                (Ns::Word, "txbxContent") => {
                    let mut blocks = self.blocks(xml);
                    paragraph.boxes.append(&mut blocks);
                }
                (Ns::WordDrawing, "docPr") | (Ns::Picture | Ns::WordShape, "cNvPr") => {
                    let words = description(xml, &element).map(MarkdownBlock::Text);
                    // A picture and its frame have the same description.
                    paragraph.boxes.extend(words.filter(|words| paragraph.boxes.last() != Some(words)));
                }
                (Ns::Vml, name) => {
                    // The words of a WordArt are in an attribute.
                    let word_art = if name == "textpath" { element.get("string") } else { None };
                    let words = [element.get("alt"), word_art];
                    let words =
                        words.into_iter().flatten().map(|words| one_line(&words)).filter(|words| !words.is_empty());
                    paragraph.boxes.extend(words.map(MarkdownBlock::Text));
                    self.inline(xml, paragraph);
                }
                (Ns::Word, "fldChar") => self.field(xml, &element, paragraph),
                (Ns::Word, "instrText") => {
                    let text = xml.characters();
                    self.instruction(&text);
                }
                (Ns::Word, "fldSimple") => self.simple_field(xml, &element, paragraph),
                (Ns::Word, "sdt") => self.control(xml, paragraph),
                (Ns::Word, "footnoteReference") => self.note(xml, &element, NoteKind::Footnote, paragraph),
                (Ns::Word, "endnoteReference") => self.note(xml, &element, NoteKind::Endnote, paragraph),
                (Ns::Word, "commentReference") => self.note(xml, &element, NoteKind::Comment, paragraph),
                (Ns::Drawing, "t") => {
                    let text = xml.text();
                    self.add_text(paragraph, &text);
                }
                (Ns::Word | Ns::Drawing, "p") => {
                    self.inline(xml, paragraph);
                    paragraph.text.push(' ');
                }
                (Ns::Word, "del" | "moveFrom" | "delText" | "delInstrText" | "rt" | "sdtPr" | "fldData") => xml.skip(),
                _ => self.runs(xml, paragraph, font),
            }
        }
    }

    /// Adds to a paragraph's text, unless it is the result of a field whose text was already written.
    pub(in crate::office) fn add_text(&mut self, paragraph: &mut WordParagraph, text: &str) {
        let has_text = !text.trim().is_empty();
        self.fields.iter_mut().filter(|field| field.in_result).for_each(|field| field.shown |= has_text);
        if !self.fields.iter().any(|field| field.in_result && field.was_written) {
            paragraph.text.push_str(text);
        }
    }
}

/// Returns the symbol font of a run, by its properties.
fn run_font(xml: &mut Xml<'_>) -> Option<RunFont> {
    while let Some(property) = xml.child() {
        if !property.has_name(Ns::Word, "rFonts") {
            xml.skip();
            continue;
        }
        let names = property.values(["ascii", "hAnsi", "cs", "eastAsia"]);
        let [ascii, ansi, complex, asian] = names.map(|name| SymbolFont::from_name(&name?));
        let letters = ascii.or(ansi).map(|font| RunFont { font, letters: true });
        // Skips the rest of the element and of the properties.
        xml.skip();
        xml.skip();
        return letters.or(complex.or(asian).map(|font| RunFont { font, letters: false }));
    }
    None
}
