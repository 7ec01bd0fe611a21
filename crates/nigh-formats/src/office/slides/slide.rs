//! One slide of a PowerPoint presentation: shapes, tables, diagrams, notes, comments.

use std::collections::HashMap;

use crate::office::archive::{Archive, Relation};
use crate::office::drawing::drawing_text;
use crate::office::markdown::{Block, Writer, cell_line, one_line, row, tidy};
use crate::office::word::body::choice;
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
}

/// A shape as it is read.
#[derive(Debug, Default)]
struct Shape {
    /// The type of the placeholder that it fills; "" for one of no type, none for a shape of its own.
    placeholder: Option<String>,
    blocks: Vec<Block>,
}

/// Reads a slide, and what stands beside it.
pub(in crate::office) fn read_slide(
    archive: &mut Archive<'_>,
    name: &str,
    text: &str,
    losses: &mut Vec<String>,
) -> Slide {
    let mut slide = Slide::default();
    let mut xml = Xml::new(text);
    if let Some(root) = xml.child() {
        slide.hidden = root.get("show").is_some_and(|show| matches!(show.as_str(), "0" | "false"));
        slide.shapes(&mut xml);
    }
    xml.losses(name, losses);

    let relations = archive.relations(name).unwrap_or_default();
    slide.embedded = relations.values().filter(|other| matches!(other.kind.as_str(), "package" | "oleObject")).count();
    for id in std::mem::take(&mut slide.drawings) {
        let Some(part) = relations.get(&id) else { continue };
        if let Some(text) = archive.optional(&part.target, losses) {
            slide.blocks.push(Block::Text(drawing_text(&mut Xml::new(&text))));
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
        let mut xml = Xml::new(&text);
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
            && matches!(element.name(), "text" | "t")
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
                "sp" => {
                    let mut shape = Shape::default();
                    shape.read(xml);
                    self.take(shape);
                }
                "tbl" => {
                    let mut lines = Vec::new();
                    rows(xml, &mut lines);
                    self.blocks.push(Block::Rows(lines));
                }
                // A diagram names its data first, a chart its part.
                "relIds" => {
                    self.drawings.extend(element.get("dm"));
                    xml.skip();
                }
                "chart" => {
                    self.drawings.extend(element.get("id"));
                    xml.skip();
                }
                "AlternateContent" => {
                    if choice(xml) {
                        self.shapes(xml);
                        xml.skip();
                    }
                }
                "timing" | "transition" | "extLst" | "blipFill" | "spPr" => xml.skip(),
                _ => self.shapes(xml),
            }
        }
    }

    fn take(&mut self, shape: Shape) {
        match shape.placeholder.as_deref() {
            // Numbers, dates and footers are the same on every slide; on notes the picture of the slide and its number.
            Some("sldNum" | "dt" | "ftr" | "hdr" | "sldImg") => {}
            Some("title" | "ctrTitle") => {
                let title = cell_line(&shape.blocks);
                self.titles.push(Block::Heading(1, title));
            }
            _ => self.blocks.extend(shape.blocks),
        }
    }
}

impl Shape {
    fn read(&mut self, xml: &mut Xml<'_>) {
        while let Some(element) = xml.child() {
            match element.name() {
                "ph" => {
                    self.placeholder = Some(element.get("type").unwrap_or_default());
                    xml.skip();
                }
                "txBody" => {
                    let listed = matches!(self.placeholder.as_deref(), Some("" | "body" | "obj" | "half"));
                    self.blocks.extend(paragraphs(xml, listed));
                }
                "spPr" | "style" | "extLst" => xml.skip(),
                _ => self.read(xml),
            }
        }
    }
}

/// The paragraphs of a text body; `listed` says that they are items unless they say otherwise.
fn paragraphs(xml: &mut Xml<'_>, listed: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    while let Some(element) = xml.child() {
        if element.name() != "p" {
            xml.skip();
            continue;
        }
        let (mut text, mut level, mut bullet) = (String::new(), 0, listed);
        paragraph(xml, &mut text, &mut level, &mut bullet);
        let text = tidy(&text);
        if !text.is_empty() {
            let block = if bullet { Block::Item(level as usize, "-".to_owned(), text) } else { Block::Text(text) };
            blocks.push(block);
        }
    }
    // A single item is no list.
    if let [Block::Item(0, _, text)] = blocks.as_slice() {
        blocks = vec![Block::Text(text.clone())];
    }
    blocks
}

fn paragraph(xml: &mut Xml<'_>, text: &mut String, level: &mut u32, bullet: &mut bool) {
    while let Some(element) = xml.child() {
        match element.name() {
            "t" => text.push_str(&xml.text()),
            "br" => {
                text.push('\n');
                xml.skip();
            }
            "tab" => {
                text.push(' ');
                xml.skip();
            }
            "pPr" => {
                *level = element.number("lvl").unwrap_or(0).min(8);
                while let Some(property) = xml.child() {
                    match property.name() {
                        "buNone" => *bullet = false,
                        "buChar" | "buAutoNum" | "buBlip" => *bullet = true,
                        _ => {}
                    }
                    xml.skip();
                }
            }
            // The number of the slide and today's date.
            "fld" if element.get("type").is_some_and(|kind| kind == "slidenum" || kind.starts_with("datetime")) => {
                xml.skip();
            }
            "AlternateContent" => {
                if choice(xml) {
                    paragraph(xml, text, level, bullet);
                    xml.skip();
                }
            }
            "rPr" | "endParaRPr" | "Fallback" => xml.skip(),
            _ => paragraph(xml, text, level, bullet),
        }
    }
}

/// The rows of a table.
fn rows(xml: &mut Xml<'_>, lines: &mut Vec<String>) {
    while let Some(element) = xml.child() {
        if element.name() != "tr" {
            xml.skip();
            continue;
        }
        let mut cells = Vec::new();
        while let Some(cell) = xml.child() {
            if cell.name() != "tc" {
                xml.skip();
                continue;
            }
            let covered = cell.get("hMerge").is_some();
            let mut shape = Shape::default();
            shape.read(xml);
            if !covered {
                cells.push(cell_line(&shape.blocks));
            }
        }
        lines.push(row(&cells));
    }
}
