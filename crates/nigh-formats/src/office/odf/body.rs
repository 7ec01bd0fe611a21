//! The content of an OpenDocument: paragraphs, lists, text boxes, formulas, notes.

use std::collections::HashMap;

use crate::office::archive::resolve;
use crate::office::markdown::{MarkdownBlock, MarkdownWriter, tidy};
use crate::office::namespace::Ns;
use crate::office::odf::fields::form_field;
use crate::office::odf::styles::{Object, OdfStyles};
use crate::office::symbols::{RunFont, decode_symbols};
use crate::office::word::styles::is_code;
use crate::office::xml::{Element, Xml, XmlNode};

/// At most this many consecutive spaces are kept.
const MAX_SPACES: u32 = 40;
/// A reader of content.
#[derive(Debug, Default)]
pub(in crate::office) struct OdfBody {
    pub(in crate::office) styles: OdfStyles,
    pub(in crate::office) writer: MarkdownWriter,
    /// Formulas and charts by their folder in the archive, in lower case.
    pub(in crate::office) objects: HashMap<String, Object>,
    /// The texts of form controls, by their ids.
    pub(super) controls: HashMap<String, String>,
    /// The number of objects that are not in `objects`.
    pub(in crate::office) foreign: usize,
    /// The number of characters that exist only in a symbol font.
    pub(in crate::office) unknown_signs: usize,
    /// The symbol font of the text that is being read.
    font: Option<RunFont>,
    /// A formula in a frame, for the line that contains the frame.
    formula: Option<String>,
    /// Notes and comments that follow the block that is being read.
    pub(in crate::office) pending: Vec<String>,
    /// The number of notes so far.
    pub(super) notes: usize,
    /// True if the document has a title, which takes the first level of headings.
    titled: bool,
}

/// The list that a paragraph is in.
#[derive(Debug, Clone, Default)]
struct OdfList {
    /// From 1; 0 outside lists.
    depth: u32,
    style: String,
}

/// A paragraph while it is read.
#[derive(Debug, Default)]
pub(super) struct OdfParagraph {
    pub(super) text: String,
    /// The blocks of text boxes that are anchored in it.
    boxes: Vec<MarkdownBlock>,
}

impl OdfBody {
    /// Writes the content of the element that was opened last.
    pub(in crate::office) fn write(&mut self, xml: &mut Xml<'_>) {
        let mut blocks = Vec::new();
        self.container(xml, &mut blocks, &OdfList::default(), true);
        self.flush(&mut blocks);
    }

    /// Returns the blocks inside the element that was opened last.
    pub(in crate::office) fn blocks(&mut self, xml: &mut Xml<'_>) -> Vec<MarkdownBlock> {
        let mut blocks = Vec::new();
        self.container(xml, &mut blocks, &OdfList::default(), false);
        blocks
    }

    /// Writes these blocks and then the notes on them.
    pub(in crate::office) fn flush(&mut self, blocks: &mut Vec<MarkdownBlock>) {
        blocks.drain(..).for_each(|block| self.writer.push(&block));
        self.pending.drain(..).for_each(|note| self.writer.push(&MarkdownBlock::Text(note)));
    }

    /// Reads the element that was opened last as a block.
    pub(in crate::office) fn block(
        &mut self,
        xml: &mut Xml<'_>,
        element: &Element<'_>,
        blocks: &mut Vec<MarkdownBlock>,
    ) {
        self.element(xml, element, blocks, &OdfList::default(), false);
    }

    fn container(&mut self, xml: &mut Xml<'_>, blocks: &mut Vec<MarkdownBlock>, list: &OdfList, top: bool) {
        while let Some(element) = xml.child() {
            self.element(xml, &element, blocks, list, top);
            if top {
                self.flush(blocks);
            }
        }
    }

    fn element(
        &mut self,
        xml: &mut Xml<'_>,
        element: &Element<'_>,
        blocks: &mut Vec<MarkdownBlock>,
        list: &OdfList,
        top: bool,
    ) {
        match element.name() {
            (Ns::Text, "h") => {
                let level = element.number("outline-level").unwrap_or(1).clamp(1, 6) + u32::from(self.titled);
                let mut paragraph = self.paragraph(xml, element.get("style-name").as_deref());
                blocks.push(MarkdownBlock::Heading(u8::try_from(level).unwrap_or(6), paragraph.text));
                blocks.append(&mut paragraph.boxes);
            }
            (Ns::Text, "p") => {
                let style = element.get("style-name");
                let title = style.as_deref().is_some_and(|style| self.styles.has(style, |name| name == "Title"));
                let code = style.as_deref().is_some_and(|style| {
                    self.styles.has(style, |name| is_code(&name.to_lowercase().replace("_20_", " ")))
                });
                let mut paragraph = self.paragraph(xml, style.as_deref());
                if !paragraph.text.trim().is_empty() {
                    self.titled |= title;
                    let text = paragraph.text;
                    blocks.push(match (title, code) {
                        (true, _) => MarkdownBlock::Heading(1, tidy(&text)),
                        (false, true) => MarkdownBlock::Code(text),
                        (false, false) => MarkdownBlock::Text(tidy(&text)),
                    });
                }
                blocks.append(&mut paragraph.boxes);
            }
            (Ns::Text, "list") => self.list(xml, element, blocks, list),
            (Ns::Table, "table") => self.table(xml, blocks),
            (Ns::Office, "annotation") => self.comment(xml),
            (Ns::Draw, "object" | "object-ole") => {
                xml.skip();
                let folder = element.get_in(Ns::Xlink, "href").map(|href| resolve("", &href).to_lowercase());
                // Only once: a text that is referenced often must not make the document long.
                match folder.and_then(|folder| self.objects.remove(&folder)) {
                    Some(Object::Formula(text)) => self.formula = Some(text),
                    Some(Object::Other(text)) => blocks.push(MarkdownBlock::Text(text)),
                    None => self.foreign += 1,
                }
            }
            (Ns::Office, "forms") => self.read_controls(xml),
            (Ns::Draw, "control") => {
                let words = element.get("control").and_then(|id| self.controls.remove(&id));
                blocks.extend(words.map(MarkdownBlock::Text));
                self.container(xml, blocks, list, false);
            }
            // Sound and video inside the file.
            (Ns::Draw, "plugin" | "applet") => {
                let href = element.get_in(Ns::Xlink, "href").unwrap_or_default();
                self.foreign += usize::from(!href.is_empty() && !href.contains("://"));
                xml.skip();
            }
            // A table of contents repeats the headings; tracked changes hold deleted text; the rest is not text.
            (Ns::Text | Ns::Table, "tracked-changes")
            | (Ns::Text, "table-of-content" | "sequence-decls" | "variable-decls" | "user-field-decls")
            | (Ns::Office, "binary-data" | "event-listeners")
            | (Ns::Draw, "image") => xml.skip(),
            // The alternative text of a picture or shape.
            (Ns::Svg, "title" | "desc") => {
                let words = MarkdownBlock::Text(tidy(&xml.text()));
                blocks.extend(Some(words).filter(|words| !words.line().is_empty() && blocks.last() != Some(words)));
            }
            _ => self.container(xml, blocks, list, top),
        }
    }

    fn paragraph(&mut self, xml: &mut Xml<'_>, style: Option<&str>) -> OdfParagraph {
        let mut paragraph = OdfParagraph::default();
        let around = std::mem::replace(&mut self.font, style.and_then(|style| self.styles.font(style)));
        self.inline(xml, &mut paragraph);
        self.font = around;
        paragraph
    }

    fn inline(&mut self, xml: &mut Xml<'_>, paragraph: &mut OdfParagraph) {
        loop {
            let element = match xml.next() {
                Some(XmlNode::Open(element)) => element,
                // A line end in the file is a space in the text.
                Some(XmlNode::Text(text)) => {
                    let text = decode_symbols(&text, self.font, &mut self.unknown_signs);
                    paragraph.text.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
                    continue;
                }
                Some(XmlNode::Close) | None => return,
            };
            match element.name() {
                (Ns::Text, "span") => {
                    let style = element.get("style-name");
                    let font = style.and_then(|style| self.styles.font(&style)).or(self.font);
                    let around = std::mem::replace(&mut self.font, font);
                    self.inline(xml, paragraph);
                    self.font = around;
                }
                (Ns::Field, "fieldmark" | "fieldmark-start") => {
                    paragraph.text.extend(form_field(xml, &element));
                }
                (Ns::Text, "s") => {
                    let count = element.number("c").unwrap_or(1).min(MAX_SPACES);
                    paragraph.text.extend((0..count).map(|_| ' '));
                    xml.skip();
                }
                (Ns::Text, "tab") => {
                    paragraph.text.push('\t');
                    xml.skip();
                }
                (Ns::Text, "line-break") => {
                    paragraph.text.push('\n');
                    xml.skip();
                }
                (Ns::Text, "note") => self.note(xml, paragraph),
                (Ns::Office, "annotation") => self.comment(xml),
                (Ns::Text, "ruby-text" | "page-number" | "script" | "tracked-changes")
                | (Ns::Office, "annotation-end") => {
                    xml.skip();
                }
                (Ns::Draw, name) if name != "a" => {
                    self.element(xml, &element, &mut paragraph.boxes, &OdfList::default(), false);
                    paragraph.text.extend(self.formula.take());
                }
                _ => self.inline(xml, paragraph),
            }
        }
    }

    fn list(&mut self, xml: &mut Xml<'_>, element: &Element<'_>, blocks: &mut Vec<MarkdownBlock>, outer: &OdfList) {
        let style = element.get("style-name").unwrap_or_else(|| outer.style.clone());
        let list = OdfList { depth: outer.depth + 1, style };
        let numbered = self.styles.numbered.get(&list.style).is_some_and(|levels| levels.contains(&list.depth));
        let mut number = 0u32;
        while let Some(item) = xml.child() {
            if !item.has_name(Ns::Text, "list-item") {
                self.container(xml, blocks, &list, false);
                continue;
            }
            number = item.number("start-value").unwrap_or_else(|| number.saturating_add(1));
            let mark = if numbered { format!("{number}.") } else { "-".to_owned() };
            let mut inside = Vec::new();
            self.container(xml, &mut inside, &list, false);
            // An item that only contains a nested list has no mark of its own.
            if let Some(first) = inside.first_mut()
                && let MarkdownBlock::Text(text) = first
            {
                *first = MarkdownBlock::Item(list.depth.saturating_sub(1) as usize, mark, std::mem::take(text));
            }
            blocks.append(&mut inside);
        }
    }
}
