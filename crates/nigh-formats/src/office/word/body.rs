//! The body of a Word document: paragraphs, lists, tables, text boxes, and the notes that they refer to.

use std::collections::HashMap;

use crate::office::markdown::{MarkdownBlock, MarkdownWriter, join_mark, tidy};
use crate::office::namespace::Ns;
use crate::office::word::fields::WordField;
use crate::office::word::forms::Control;
use crate::office::word::numbering::Numbering;
use crate::office::word::styles::{ParagraphRole, WordStyles};
use crate::office::xml::{Element, Xml, XmlNode};

/// A reader of the parts that hold paragraphs.
#[derive(Debug, Default)]
pub(in crate::office) struct WordBody {
    pub(in crate::office) styles: WordStyles,
    pub(in crate::office) numbering: Numbering,
    /// Footnotes, endnotes and comments whose reference was not read yet, by kind and id.
    pub(in crate::office) notes: HashMap<(NoteKind, String), String>,
    pub(in crate::office) writer: MarkdownWriter,
    /// The number of referenced parts in other formats, which are not read.
    pub(in crate::office) foreign: usize,
    /// The number of characters that exist only in a symbol font.
    pub(in crate::office) unknown_signs: usize,
    /// Open fields, also those that began in earlier paragraphs.
    pub(in crate::office) fields: Vec<WordField>,
    /// A paragraph whose end is deleted: the next one continues it.
    joined: Option<WordParagraph>,
    /// Texts to write when the current block ends.
    pending: Vec<String>,
    /// The number of notes so far.
    numbered: usize,
    /// True if the headings have a title above them.
    titled: bool,
    /// The roles of styles that were looked up before.
    roles: HashMap<String, ParagraphRole>,
}

/// The kind of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::office) enum NoteKind {
    /// At the foot of the page.
    Footnote,
    /// At the end of the text.
    Endnote,
    /// A reader's comment.
    Comment,
}

/// A paragraph while it is read.
#[derive(Debug, Default)]
pub(in crate::office) struct WordParagraph {
    pub(in crate::office) text: String,
    style: Option<String>,
    outline: Option<u32>,
    list: (Option<String>, Option<u32>),
    /// The blocks of text boxes that are anchored in it.
    pub(in crate::office) boxes: Vec<MarkdownBlock>,
    /// True if its end was deleted by a tracked change.
    end_deleted: bool,
}

impl WordBody {
    /// Writes the content of the element that was opened last.
    pub(in crate::office) fn write(&mut self, xml: &mut Xml<'_>) {
        let mut blocks = Vec::new();
        self.container(xml, &mut blocks, true);
        self.end_joined(&mut blocks);
        self.flush(&mut blocks);
    }

    /// Returns the blocks inside the element that was opened last.
    pub(in crate::office) fn blocks(&mut self, xml: &mut Xml<'_>) -> Vec<MarkdownBlock> {
        let mut blocks = Vec::new();
        let before = (self.joined.take(), std::mem::take(&mut self.fields));
        self.container(xml, &mut blocks, false);
        self.end_joined(&mut blocks);
        (self.joined, self.fields) = before;
        blocks
    }

    fn flush(&mut self, blocks: &mut Vec<MarkdownBlock>) {
        blocks.drain(..).for_each(|block| self.writer.push(&block));
        self.pending.drain(..).for_each(|note| self.writer.push(&MarkdownBlock::Text(note)));
    }

    /// Reads block by block. If `top`, each is written as soon as it is read.
    pub(in crate::office) fn container(&mut self, xml: &mut Xml<'_>, blocks: &mut Vec<MarkdownBlock>, top: bool) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Word, "p") => self.paragraph(xml, blocks),
                (Ns::Word, "tbl") => self.table(xml, blocks),
                (Ns::Word, "altChunk") => {
                    self.foreign += 1;
                    xml.skip();
                }
                // The properties of a control around the following blocks.
                (Ns::Word, "sdtPr") => blocks.extend(Control::read(xml).title.map(MarkdownBlock::Text)),
                (Ns::Word, "del" | "moveFrom" | "sectPr") => xml.skip(),
                _ => self.container(xml, blocks, top),
            }
            if top {
                self.flush(blocks);
            }
        }
    }

    pub(in crate::office) fn paragraph(&mut self, xml: &mut Xml<'_>, blocks: &mut Vec<MarkdownBlock>) {
        let mut paragraph = self.joined.take().unwrap_or_default();
        // When two paragraphs are joined, the properties of the remaining end apply to both.
        (paragraph.style, paragraph.outline, paragraph.list) = Default::default();
        paragraph.end_deleted = false;
        self.inline(xml, &mut paragraph);
        // A field that never ends must not hide the text after it.
        self.fields.iter_mut().for_each(|field| field.was_written = false);
        if paragraph.end_deleted {
            self.joined = Some(paragraph);
        } else {
            self.end(paragraph, blocks);
        }
    }

    /// Ends a paragraph that waits for its continuation.
    pub(in crate::office) fn end_joined(&mut self, blocks: &mut Vec<MarkdownBlock>) {
        if let Some(paragraph) = self.joined.take() {
            self.end(paragraph, blocks);
        }
    }

    fn end(&mut self, mut paragraph: WordParagraph, blocks: &mut Vec<MarkdownBlock>) {
        let role = paragraph.style.as_deref().map(|style| self.role(style)).unwrap_or_default();
        let text = tidy(&paragraph.text);
        if !text.is_empty() && !role.is_contents {
            let level = paragraph.outline.or(role.heading).filter(|level| *level < 9);
            let depth = paragraph.list.1.or(role.list.1).or(level).unwrap_or(0) as usize;
            let list = paragraph.list.0.or(role.list.0).filter(|list| list != "0");
            let mark = list.and_then(|list| self.numbering.mark(&list, depth));
            blocks.push(match (level, mark) {
                _ if role.is_code => MarkdownBlock::Code(paragraph.text),
                _ if role.is_title => {
                    self.titled = true;
                    MarkdownBlock::Heading(1, text)
                }
                (Some(level), mark) => {
                    let mark = mark.filter(|mark| mark != "-").unwrap_or_default();
                    // At most 9 levels and a title.
                    let level = u8::try_from(level + 1 + u32::from(self.titled)).unwrap_or(6);
                    MarkdownBlock::Heading(level, join_mark(&mark, &text))
                }
                (None, Some(mark)) => MarkdownBlock::Item(depth, mark, text),
                (None, None) => MarkdownBlock::Text(text),
            });
        }
        blocks.append(&mut paragraph.boxes);
    }

    fn role(&mut self, style: &str) -> ParagraphRole {
        if let Some(role) = self.roles.get(style) {
            return role.clone();
        }
        let role = self.styles.role(style);
        self.roles.insert(style.to_owned(), role.clone());
        role
    }

    /// Reads a reference to a note. The note is written after the block with its first reference.
    pub(in crate::office) fn note(
        &mut self,
        xml: &mut Xml<'_>,
        element: &Element<'_>,
        kind: NoteKind,
        paragraph: &mut WordParagraph,
    ) {
        xml.skip();
        let Some(text) = element.get("id").and_then(|id| self.notes.remove(&(kind, id))) else { return };
        if kind == NoteKind::Comment {
            return self.pending.push(text);
        }
        self.numbered += 1;
        paragraph.text.push_str(&format!("[^{}]", self.numbered));
        self.pending.push(format!("[^{}]: {text}", self.numbered));
    }
}

/// Reads the properties that determine the role of a paragraph.
pub(in crate::office) fn properties(xml: &mut Xml<'_>, paragraph: &mut WordParagraph) {
    let inside = xml.depth();
    loop {
        match xml.next() {
            Some(XmlNode::Open(element)) => match element.name() {
                (Ns::Word, "pStyle") => paragraph.style = element.get("val"),
                (Ns::Word, "outlineLvl") => paragraph.outline = element.number("val"),
                (Ns::Word, "numId") => paragraph.list.0 = element.get("val"),
                (Ns::Word, "ilvl") => paragraph.list.1 = element.number("val"),
                // The properties of the paragraph's end.
                (Ns::Word, "rPr") => {
                    while let Some(property) = xml.child() {
                        paragraph.end_deleted |= matches!(property.name(), (Ns::Word, "del" | "moveFrom"));
                        xml.skip();
                    }
                }
                // The properties before a tracked change.
                (Ns::Word, "pPrChange" | "sectPr") => xml.skip(),
                _ => {}
            },
            Some(_) => {}
            None => return,
        }
        if xml.depth() < inside {
            return;
        }
    }
}
