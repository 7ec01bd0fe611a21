//! Tables in OpenDocument texts and presentations: one line for each row, or blocks if a table is only used for layout.

use std::collections::HashMap;

use crate::office::markdown::{MarkdownBlock, cell_line, is_layout, one_line, row};
use crate::office::namespace::Ns;
use crate::office::odf::body::OdfBody;
use crate::office::xml::Xml;

/// A row of a table has at most this many cells.
const MAX_CELLS: u32 = 1000;
/// A cell's text of at most this many bytes is repeated in the rows that the cell spans.
const MAX_SPANNED_BYTES: usize = 200;

impl OdfBody {
    /// Reads the table that was opened last.
    pub(in crate::office) fn table(&mut self, xml: &mut Xml<'_>, blocks: &mut Vec<MarkdownBlock>) {
        let mut lines = Vec::new();
        self.rows(xml, &mut HashMap::new(), &mut lines, blocks);
        if !lines.is_empty() {
            blocks.push(MarkdownBlock::Rows(lines));
        }
    }

    /// Reads rows, also rows in groups. `above` holds for each column the text of a cell that spans rows, and the rows left.
    fn rows(
        &mut self,
        xml: &mut Xml<'_>,
        above: &mut HashMap<u32, (String, u32)>,
        lines: &mut Vec<String>,
        blocks: &mut Vec<MarkdownBlock>,
    ) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Table, "table-row") => {
                    let mut cells = self.cells(xml, above);
                    let layout = cells.len() == 1 || cells.iter().any(|cell| is_layout(cell));
                    if layout {
                        if !lines.is_empty() {
                            blocks.push(MarkdownBlock::Rows(std::mem::take(lines)));
                        }
                        cells.iter_mut().for_each(|cell| blocks.append(cell));
                    } else {
                        lines.push(row(&cells.iter().map(|cell| cell_line(cell)).collect::<Vec<_>>()));
                    }
                }
                (Ns::Table, "table-header-rows" | "table-rows" | "table-row-group") => {
                    self.rows(xml, above, lines, blocks)
                }
                // The table's alternative text.
                (Ns::Table, "title" | "desc") => blocks.push(MarkdownBlock::Text(one_line(&xml.text()))),
                _ => xml.skip(),
            }
        }
    }

    /// Returns the blocks of a row's cells.
    fn cells(&mut self, xml: &mut Xml<'_>, above: &mut HashMap<u32, (String, u32)>) -> Vec<Vec<MarkdownBlock>> {
        let (mut cells, mut column) = (Vec::new(), 0u32);
        while let Some(element) = xml.child() {
            let repeated = element.number("number-columns-repeated").unwrap_or(1).clamp(1, MAX_CELLS);
            match element.name() {
                (Ns::Table, "table-cell") => {
                    let spans = element.number("number-rows-spanned").unwrap_or(1);
                    let blocks = self.blocks(xml);
                    let text = if spans > 1 { cell_line(&blocks) } else { String::new() };
                    if !text.is_empty() && text.len() <= MAX_SPANNED_BYTES {
                        above.insert(column, (text, spans - 1));
                    }
                    // A repeated cell with text is rare, and its text is needed only once.
                    let empty = if blocks.is_empty() { repeated - 1 } else { 0 };
                    cells.push(blocks);
                    cells.extend((0..empty).map(|_| Vec::new()));
                }
                (Ns::Table, "covered-table-cell") => {
                    xml.skip();
                    if let Some((text, left)) = above.get_mut(&column).filter(|(_, left)| *left > 0) {
                        *left -= 1;
                        cells.push(vec![MarkdownBlock::Text(text.clone())]);
                    }
                }
                _ => {
                    xml.skip();
                    continue;
                }
            }
            column = column.saturating_add(repeated);
            if column > MAX_CELLS {
                while xml.child().is_some() {
                    xml.skip();
                }
                break;
            }
        }
        while cells.len() > 1 && cells.last().is_some_and(Vec::is_empty) {
            cells.pop();
        }
        cells
    }
}
