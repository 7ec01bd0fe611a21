//! Tables of a Word document: one line for each row, or blocks if a table is only used for layout.

use std::collections::HashMap;

use crate::office::drawing::join_title;
use crate::office::markdown::{MarkdownBlock, cell_line, is_layout, one_line, row};
use crate::office::namespace::Ns;
use crate::office::word::body::WordBody;
use crate::office::word::forms::Control;
use crate::office::xml::Xml;

/// A cell's text of at most this many bytes is repeated in the rows that the cell spans.
const MAX_SPANNED_BYTES: usize = 200;
/// The widest column span that Word makes.
const MAX_SPAN: u32 = 63;

/// A cell of a table.
#[derive(Debug, Default)]
struct WordCell {
    blocks: Vec<MarkdownBlock>,
    span: u32,
    /// True if it continues the cell above.
    continues: bool,
    /// True if it is the first cell of a row span.
    begins: bool,
    /// True if it was deleted by a tracked change.
    deleted: bool,
}

impl WordBody {
    /// Reads the table that was opened last.
    pub(in crate::office) fn table(&mut self, xml: &mut Xml<'_>, blocks: &mut Vec<MarkdownBlock>) {
        self.end_joined(blocks);
        let mut above = HashMap::new();
        let mut lines = Vec::new();
        self.rows(xml, &mut above, &mut lines, blocks);
        if !lines.is_empty() {
            blocks.push(MarkdownBlock::Rows(lines));
        }
    }

    /// Reads rows, also rows inside other elements. `above` holds for each column the text of a cell that spans rows.
    fn rows(
        &mut self,
        xml: &mut Xml<'_>,
        above: &mut HashMap<u32, String>,
        lines: &mut Vec<String>,
        blocks: &mut Vec<MarkdownBlock>,
    ) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Word, "tr") => {
                    let mut cells = Vec::new();
                    if !self.cells(xml, &mut cells) {
                        continue;
                    }
                    let layout = cells.len() == 1 || cells.iter().any(|cell| is_layout(&cell.blocks));
                    if layout {
                        if !lines.is_empty() {
                            blocks.push(MarkdownBlock::Rows(std::mem::take(lines)));
                        }
                        cells.into_iter().for_each(|mut cell| blocks.append(&mut cell.blocks));
                        continue;
                    }
                    lines.push(row(&texts(cells, above)));
                }
                (Ns::Word, "tblPr") => blocks.extend(description(xml).map(MarkdownBlock::Text)),
                (Ns::Word, "sdtPr") => lines.extend(Control::read(xml).title),
                (Ns::Word, "tblGrid" | "del" | "moveFrom") => xml.skip(),
                _ => self.rows(xml, above, lines, blocks),
            }
        }
    }

    /// Reads the cells of a row; returns false if the row is deleted.
    fn cells(&mut self, xml: &mut Xml<'_>, cells: &mut Vec<WordCell>) -> bool {
        let (mut kept, mut title) = (true, None);
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Word, "tc") => {
                    let mut cell = WordCell { span: 1, ..WordCell::default() };
                    self.cell(xml, &mut cell);
                    self.end_joined(&mut cell.blocks);
                    if !cell.deleted {
                        cells.push(cell);
                    }
                }
                (Ns::Word, "trPr") => {
                    while let Some(property) = xml.child() {
                        kept &= !matches!(property.name(), (Ns::Word, "del" | "moveFrom"));
                        xml.skip();
                    }
                }
                (Ns::Word, "tblPrEx") => xml.skip(),
                (Ns::Word, "sdtPr") => title = Control::read(xml).title,
                _ => {
                    let first = cells.len();
                    kept &= self.cells(xml, cells);
                    if let Some(cell) = cells.get_mut(first) {
                        cell.blocks.splice(0..0, title.take().map(MarkdownBlock::Text));
                    }
                }
            }
        }
        kept
    }

    fn cell(&mut self, xml: &mut Xml<'_>, cell: &mut WordCell) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Word, "tcPr") => {
                    while let Some(property) = xml.child() {
                        match property.name() {
                            (Ns::Word, "gridSpan") => {
                                cell.span = property.number("val").unwrap_or(1).clamp(1, MAX_SPAN)
                            }
                            (Ns::Word, "cellDel") => cell.deleted = true,
                            (Ns::Word, "vMerge") => {
                                cell.begins = property.get("val").is_some_and(|value| value == "restart");
                                cell.continues = !cell.begins;
                            }
                            _ => {}
                        }
                        xml.skip();
                    }
                }
                (Ns::Word, "p") => self.paragraph(xml, &mut cell.blocks),
                (Ns::Word, "tbl") => self.table(xml, &mut cell.blocks),
                (Ns::Word, "del" | "moveFrom" | "sdtPr") => xml.skip(),
                _ => self.container(xml, &mut cell.blocks, false),
            }
        }
    }
}

/// Returns the title and description (alternative text) in the properties of a table.
fn description(xml: &mut Xml<'_>) -> Option<String> {
    let (mut title, mut text) = (String::new(), String::new());
    while let Some(property) = xml.child() {
        let attribute_text = || one_line(&property.get("val").unwrap_or_default());
        match property.name() {
            (Ns::Word, "tblCaption") => title = attribute_text(),
            (Ns::Word, "tblDescription") => text = attribute_text(),
            _ => {}
        }
        xml.skip();
    }
    join_title(&title, &text)
}

/// Returns the texts of a row's cells; cells that continue the one above get its text.
fn texts(cells: Vec<WordCell>, above: &mut HashMap<u32, String>) -> Vec<String> {
    let mut column = 0;
    let mut texts = Vec::with_capacity(cells.len());
    for cell in cells {
        let mut text = cell_line(&cell.blocks);
        if cell.continues && text.is_empty() {
            text = above.get(&column).cloned().unwrap_or_default();
        } else if cell.begins && text.len() <= MAX_SPANNED_BYTES {
            above.insert(column, text.clone());
        } else {
            above.remove(&column);
        }
        column += cell.span;
        texts.push(text);
    }
    texts
}
