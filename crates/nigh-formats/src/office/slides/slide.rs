//! One slide of a PowerPoint presentation: shapes, tables, diagrams.

use crate::office::archive::Archive;
use crate::office::drawing::{description, part_text};
use crate::office::markdown::{MarkdownBlock, MarkdownWriter, cell_line, row};
use crate::office::namespace::Ns;
use crate::office::slides::beside::{Deck, notes_and_comments};
use crate::office::slides::text::paragraphs;
use crate::office::xml::Xml;

/// A slide while it is read.
#[derive(Debug, Default)]
pub(in crate::office) struct Slide {
    /// Titles, then everything else.
    pub(super) titles: Vec<MarkdownBlock>,
    pub(super) blocks: Vec<MarkdownBlock>,
    pub(super) footers: Vec<String>,
    /// True for a layout or master, whose placeholders are not shown.
    pub(super) is_master: bool,
    /// The relations of diagrams and charts.
    pub(super) drawings: Vec<String>,
    /// The whole text, once it is read.
    pub(in crate::office) writer: MarkdownWriter,
    pub(in crate::office) hidden: bool,
    /// The number of embedded files of other formats.
    pub(in crate::office) embedded: usize,
    /// True if there is sound or video.
    pub(in crate::office) media: bool,
    /// The number of characters that exist only in a symbol font.
    pub(in crate::office) unknown_signs: usize,
}

/// A shape while it is read.
#[derive(Debug, Default)]
struct SlideShape {
    /// The type of the placeholder that it fills; "" without a type, `None` for a shape that is not a placeholder.
    placeholder: Option<String>,
    blocks: Vec<MarkdownBlock>,
    /// Its alternative text.
    described: Option<String>,
    unknown_signs: usize,
}

/// Reads a slide, with its notes and comments.
pub(in crate::office) fn read_slide(
    archive: &mut Archive<'_>,
    name: &str,
    text: &str,
    deck: &mut Deck,
    losses: &mut Vec<String>,
) -> Slide {
    let mut slide = Slide::default();
    let mut xml = Xml::new(text, Ns::Slide);
    let mut hides_master = false;
    if let Some(root) = xml.child() {
        let denies = |name: &str| root.get(name).is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off"));
        (slide.hidden, hides_master) = (denies("show"), denies("showMasterSp"));
        slide.shapes(&mut xml);
    }
    xml.losses(name, losses);

    let relations = archive.relations(name).unwrap_or_default();
    slide.embedded = relations.values().filter(|other| matches!(other.kind.as_str(), "package" | "oleObject")).count();
    slide.media = relations.values().any(|other| matches!(other.kind.as_str(), "audio" | "video" | "media"));
    for id in std::mem::take(&mut slide.drawings) {
        let Some(part) = relations.get(&id) else { continue };
        slide.blocks.extend(part_text(archive, &part.target, losses).map(MarkdownBlock::Text));
    }
    if !hides_master {
        slide.blocks.extend(deck.masters(archive, &relations, losses));
    }
    let footers = std::mem::take(&mut slide.footers).into_iter().filter(|footer| deck.is_new(footer));
    slide.blocks.extend(footers.map(|footer| MarkdownBlock::Text(format!("Footer: {footer}"))));
    let titles = std::mem::take(&mut slide.titles);
    let blocks = std::mem::take(&mut slide.blocks);
    titles.iter().chain(&blocks).for_each(|block| slide.writer.push(block));
    for words in notes_and_comments(archive, &relations, deck, losses) {
        slide.writer.push(&MarkdownBlock::Text(words));
    }
    slide
}

impl Slide {
    /// Reads shapes, also shapes in groups.
    pub(super) fn shapes(&mut self, xml: &mut Xml<'_>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Slide, "sp" | "cxnSp") => {
                    let mut shape = SlideShape::default();
                    shape.read(xml);
                    self.take(shape);
                }
                (Ns::Drawing, "tbl") => {
                    let mut lines = Vec::new();
                    self.rows(xml, &mut lines);
                    self.blocks.push(MarkdownBlock::Rows(lines));
                }
                // The alternative text of a picture, a group, or a chart.
                (Ns::Slide, "cNvPr") => self.blocks.extend(description(xml, &element).map(MarkdownBlock::Text)),
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

    fn take(&mut self, mut shape: SlideShape) {
        self.unknown_signs += shape.unknown_signs;
        let described = shape.described.take().filter(|text| shape.blocks.iter().all(|block| block.line() != *text));
        match shape.placeholder.as_deref() {
            Some(_) if self.is_master => {}
            Some("ftr") => self.footers.push(cell_line(&shape.blocks)),
            // Numbers and dates; on notes pages the picture and the number of the slide.
            Some("sldNum" | "dt" | "hdr" | "sldImg") => {}
            Some("title" | "ctrTitle") => {
                let title = cell_line(&shape.blocks);
                self.titles.push(MarkdownBlock::Heading(1, title));
            }
            _ => {
                self.blocks.extend(shape.blocks);
                self.blocks.extend(described.map(MarkdownBlock::Text));
            }
        }
    }

    /// Reads the rows of a table.
    fn rows(&mut self, xml: &mut Xml<'_>, lines: &mut Vec<String>) {
        while let Some(element) = xml.child() {
            if !element.has_name(Ns::Drawing, "tr") {
                xml.skip();
                continue;
            }
            let mut cells = Vec::new();
            while let Some(cell) = xml.child() {
                if !cell.has_name(Ns::Drawing, "tc") {
                    xml.skip();
                    continue;
                }
                let covered = cell.is_true("hMerge");
                let mut shape = SlideShape::default();
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

impl SlideShape {
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
