//! One slide of a PowerPoint presentation: shapes, tables, diagrams, notes, comments.

use std::collections::HashMap;

use crate::office::archive::{Archive, Relation};
use crate::office::drawing::{description, drawing_text};
use crate::office::markdown::{Block, Writer, cell_line, one_line, row};
use crate::office::namespace::Ns;
use crate::office::slides::text::paragraphs;
use crate::office::xml::{Node, Xml};

/// A slide as it is read.
#[derive(Debug, Default)]
pub(in crate::office) struct Slide {
    /// Titles, then everything else.
    titles: Vec<Block>,
    blocks: Vec<Block>,
    /// The relations of diagrams and charts.
    drawings: Vec<String>,
    /// All of it, once read.
    pub(in crate::office) writer: Writer,
    pub(in crate::office) hidden: bool,
    /// How many files of other formats are in it.
    pub(in crate::office) embedded: usize,
    /// Signs that only a symbol font has.
    pub(in crate::office) unknown_signs: usize,
}

/// A shape as it is read.
#[derive(Debug, Default)]
struct Shape {
    /// The type of the placeholder that it fills; "" for one of no type, none for a shape of its own.
    placeholder: Option<String>,
    blocks: Vec<Block>,
    /// What it is described as for those who do not see it.
    described: Option<String>,
    unknown_signs: usize,
}

/// Reads a slide, and what stands beside it.
pub(in crate::office) fn read_slide(
    archive: &mut Archive<'_>,
    name: &str,
    text: &str,
    losses: &mut Vec<String>,
) -> Slide {
    let mut slide = Slide::default();
    let mut xml = Xml::new(text, Ns::Slide);
    if let Some(root) = xml.child() {
        slide.hidden = root.get("show").is_some_and(|show| matches!(show.as_str(), "0" | "false" | "off"));
        slide.shapes(&mut xml);
    }
    xml.losses(name, losses);

    let relations = archive.relations(name).unwrap_or_default();
    slide.embedded = relations.values().filter(|other| matches!(other.kind.as_str(), "package" | "oleObject")).count();
    for id in std::mem::take(&mut slide.drawings) {
        let Some(part) = relations.get(&id) else { continue };
        if let Some(text) = archive.optional(&part.target, losses) {
            slide.blocks.push(Block::Text(drawing_text(&mut Xml::new(&text, Ns::Chart))));
        }
    }
    let titles = std::mem::take(&mut slide.titles);
    let blocks = std::mem::take(&mut slide.blocks);
    titles.iter().chain(&blocks).for_each(|block| slide.writer.push(block));
    for said in beside(archive, &relations, losses) {
        slide.writer.push(&Block::Text(said));
    }
    slide
}

/// What stands beside a slide: its notes, then its comments.
fn beside(archive: &mut Archive<'_>, relations: &HashMap<String, Relation>, losses: &mut Vec<String>) -> Vec<String> {
    let mut said = Vec::new();
    let mut others: Vec<&Relation> = relations.values().collect();
    others.sort_by(|a, b| b.kind.cmp(&a.kind).then_with(|| a.target.cmp(&b.target)));
    for Relation { kind, target } in others {
        if kind != "notesSlide" && kind != "comments" {
            continue;
        }
        let Some(text) = archive.optional(target, losses) else { continue };
        let mut xml = Xml::new(&text, Ns::Slide);
        xml.child();
        if kind == "notesSlide" {
            let mut notes = Slide { hidden: true, ..Slide::default() };
            notes.shapes(&mut xml);
            let lines: Vec<String> = notes.blocks.iter().map(Block::line).filter(|line| !line.is_empty()).collect();
            if !lines.is_empty() {
                said.push(format!("Notes: {}", lines.join("\n")));
            }
        } else {
            while let Some(_comment) = xml.child() {
                let text = one_line(&comment_text(&mut xml));
                if !text.is_empty() {
                    said.push(format!("Comment: {text}"));
                }
            }
        }
        xml.losses(target, losses);
    }
    said
}

/// The text of a comment: `p:text` of the old kind, `a:t` of the new one.
fn comment_text(xml: &mut Xml<'_>) -> String {
    let inside = xml.depth();
    let mut text = String::new();
    while let Some(node) = xml.next() {
        if let Node::Open(element) = node
            && matches!(element.name(), (Ns::Slide, "text") | (Ns::Drawing, "t"))
        {
            text.push_str(&xml.text());
            text.push(' ');
        }
        if xml.depth() < inside {
            break;
        }
    }
    text
}

impl Slide {
    /// Reads shapes, also those in groups.
    fn shapes(&mut self, xml: &mut Xml<'_>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Slide, "sp" | "cxnSp") => {
                    let mut shape = Shape::default();
                    shape.read(xml);
                    self.take(shape);
                }
                (Ns::Drawing, "tbl") => {
                    let mut lines = Vec::new();
                    self.rows(xml, &mut lines);
                    self.blocks.push(Block::Rows(lines));
                }
                // Of a picture, a group, a chart.
                (Ns::Slide, "cNvPr") => self.blocks.extend(description(xml, &element).map(Block::Text)),
                // A diagram names its data first, a chart its part.
                (Ns::Diagram, "relIds") => {
                    self.drawings.extend(element.get_in(Ns::Relation, "dm"));
                    xml.skip();
                }
                (Ns::Chart | Ns::Chart2014, "chart") => {
                    self.drawings.extend(element.get_in(Ns::Relation, "id"));
                    xml.skip();
                }
                (Ns::Slide, "timing" | "transition" | "extLst" | "blipFill" | "spPr" | "nvPr") => xml.skip(),
                _ => self.shapes(xml),
            }
        }
    }

    fn take(&mut self, mut shape: Shape) {
        self.unknown_signs += shape.unknown_signs;
        let described = shape.described.take().filter(|said| shape.blocks.iter().all(|block| block.line() != *said));
        match shape.placeholder.as_deref() {
            // Numbers, dates and footers are the same on every slide; on notes the picture of the slide and its number.
            Some("sldNum" | "dt" | "ftr" | "hdr" | "sldImg") => {}
            Some("title" | "ctrTitle") => {
                let title = cell_line(&shape.blocks);
                self.titles.push(Block::Heading(1, title));
            }
            _ => {
                self.blocks.extend(shape.blocks);
                self.blocks.extend(described.map(Block::Text));
            }
        }
    }

    /// The rows of a table.
    fn rows(&mut self, xml: &mut Xml<'_>, lines: &mut Vec<String>) {
        while let Some(element) = xml.child() {
            if !element.is(Ns::Drawing, "tr") {
                xml.skip();
                continue;
            }
            let mut cells = Vec::new();
            while let Some(cell) = xml.child() {
                if !cell.is(Ns::Drawing, "tc") {
                    xml.skip();
                    continue;
                }
                let covered = cell.says("hMerge");
                let mut shape = Shape::default();
                shape.read(xml);
                self.unknown_signs += shape.unknown_signs;
                if !covered {
                    cells.push(cell_line(&shape.blocks));
                }
            }
            lines.push(row(&cells));
        }
    }
}

impl Shape {
    fn read(&mut self, xml: &mut Xml<'_>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Slide, "ph") => {
                    self.placeholder = Some(element.get("type").unwrap_or_default());
                    xml.skip();
                }
                (Ns::Slide, "cNvPr") => self.described = description(xml, &element),
                (Ns::Slide | Ns::Drawing, "txBody") => {
                    let listed = matches!(self.placeholder.as_deref(), Some("" | "body" | "obj" | "half"));
                    self.blocks.extend(paragraphs(xml, listed, &mut self.unknown_signs));
                }
                (Ns::Slide, "spPr" | "style" | "extLst") | (Ns::Drawing, "tcPr") => xml.skip(),
                _ => self.read(xml),
            }
        }
    }
}
