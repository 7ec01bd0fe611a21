//! Turns a tree into Markdown: text with headings, lists, rows and code; of links and styles only their words.

use super::elements;
use super::instead::{fraction_sign, replacement_text, title_text};
use super::tree::{NodeId, NodeRef};
use super::tree_walk::{TreeWalk, WalkStep};
use super::writer::{PageWriter, push_collapsed};

/// Writes a node and all below it as Markdown.
pub(super) fn write_markdown(root: NodeRef) -> String {
    let mut writer = PageWriter::new();
    let mut table: Option<HtmlTable> = None;
    let mut code: Option<String> = None;
    let mut heading: Option<usize> = None;
    let mut walk = TreeWalk::new(root);
    while let Some(step) = walk.next() {
        let (node, entered) = match step {
            WalkStep::Enter(node) => (node, true),
            WalkStep::Leave(node) => (node, false),
        };
        let Some(name) = node.name() else {
            if entered && let Some(text) = node.text() {
                match (&mut code, &mut table) {
                    (Some(code), _) => code.push_str(text),
                    (None, Some(table)) => table.text(text),
                    (None, None) => writer.text(text),
                }
            }
            continue;
        };
        // `instead` shows the choices of a list, so its content is only skipped if the list is hidden.
        let unseen = if name == "select" { elements::is_hidden(node, name) } else { elements::is_unseen(node, name) };
        if entered && (unseen || (heading.is_some() && is_permalink(node, name))) {
            walk.skip_children();
            continue;
        }
        if let Some(lines) = &mut code {
            if name == "pre" && !entered {
                writer.code(lines);
                code = None;
            } else if entered && (name == "br" || (name == "div" && !lines.ends_with('\n'))) {
                lines.push('\n');
            }
            continue;
        }
        if entered && let Some(sign) = fraction_sign(node) {
            match &mut table {
                Some(table) => table.text(sign),
                None => writer.text(sign),
            }
        }
        if !entered && let Some(words) = title_text(node, name) {
            match &mut table {
                Some(table) => table.text(&words),
                None => writer.text(&words),
            }
        }
        if entered && let Some(words) = replacement_text(node, name) {
            match &mut table {
                Some(table) => table.text(&words),
                None => writer.text(&words),
            }
            if !matches!(name, "td" | "th") {
                walk.skip_children();
                continue;
            }
        }
        if let Some(open) = &mut table {
            if open.step(node, name, entered) {
                writer.rows(&open.rows);
                table = None;
            }
            continue;
        }
        match (name, entered) {
            ("br", true) => writer.line_break(),
            ("pre" | "listing" | "xmp", true) => {
                writer.end_block();
                code = Some(String::new());
            }
            ("table", true) if is_data(node) => {
                writer.end_block();
                table = Some(HtmlTable::new(node));
            }
            ("ul" | "menu" | "dir", true) => writer.start_list(None),
            ("ol", true) => {
                let first = node.attribute("start").and_then(|start| start.trim().parse().ok());
                writer.start_list(Some(first.unwrap_or(1)));
            }
            ("ul" | "menu" | "dir" | "ol", false) => writer.end_list(),
            ("li", true) => writer.start_item(),
            ("li", false) => writer.end_item(),
            ("dt", false) => {
                writer.end_block();
                writer.no_gap();
            }
            // In a picture, each text is a block of its own.
            ("text" | "title" | "desc" | "foreignObject", _) => writer.end_block(),
            // Cells of a table that is only used for layout.
            ("td" | "th" | "tr", _) => writer.end_block(),
            _ => match elements::heading_level(name) {
                Some(level) if entered => {
                    writer.end_block();
                    heading = Some(level);
                }
                Some(_) => {
                    if let Some(level) = heading.take() {
                        writer.end_heading(level);
                    }
                }
                // A block inside a heading does not end it.
                None if elements::is_block(name) && heading.is_some() => writer.text(" "),
                None if elements::is_block(name) => writer.end_block(),
                None => {}
            },
        }
    }
    writer.finish()
}

/// True if an element in a heading is the sign that links to the heading.
fn is_permalink(node: NodeRef, name: &str) -> bool {
    if name != "a" {
        return false;
    }
    let mut text = String::new();
    for step in TreeWalk::new(node) {
        if let WalkStep::Enter(below) = step {
            text.push_str(below.text().unwrap_or(""));
        }
        if text.len() > 16 {
            return false;
        }
    }
    let is_sign = matches!(text.trim(), "" | "#" | "¶" | "§" | "\u{1f517}" | "[edit]" | "[link]");
    is_sign && !node.has("img")
}

/// True if a table holds data, not the layout of a page: no headings, code, lists of blocks or tables in it, and at least
/// one row with more than one cell.
fn is_data(table: NodeRef) -> bool {
    let (mut cells, mut has_several_cells, mut blocks) = (0_usize, false, 0_usize);
    for step in TreeWalk::new(table).skip(1) {
        match step {
            WalkStep::Leave(node) if node.name() == Some("tr") => {
                has_several_cells |= cells > 1;
                cells = 0;
            }
            WalkStep::Leave(_) => {}
            WalkStep::Enter(node) => {
                let Some(name) = node.name() else { continue };
                match name {
                    "table" | "pre" | "hr" | "article" | "section" | "form" => return false,
                    "td" | "th" => {
                        cells += 1;
                        blocks = 0;
                    }
                    "p" | "blockquote" => {
                        blocks += 1;
                        if blocks > 3 {
                            return false;
                        }
                    }
                    name if elements::heading_level(name).is_some() => return false,
                    _ => {}
                }
            }
        }
    }
    has_several_cells
}

/// A data table while it is read.
struct HtmlTable {
    root: NodeId,
    rows: Vec<String>,
    row: Vec<String>,
    cell: String,
}

impl HtmlTable {
    fn new(root: NodeRef) -> Self {
        Self { root: root.id, rows: Vec::new(), row: Vec::new(), cell: String::new() }
    }

    fn text(&mut self, text: &str) {
        push_collapsed(&mut self.cell, text);
    }

    /// Takes an element's start or end; returns true at the end of the table.
    fn step(&mut self, node: NodeRef, name: &str, entered: bool) -> bool {
        match (name, entered) {
            ("td" | "th", false) => {
                let cell = std::mem::take(&mut self.cell);
                self.row.push(cell.trim().to_owned());
            }
            ("tr" | "caption", false) => {
                if name == "caption" {
                    self.row.push(std::mem::take(&mut self.cell).trim().to_owned());
                }
                while self.row.last().is_some_and(String::is_empty) {
                    self.row.pop();
                }
                if !self.row.is_empty() {
                    self.rows.push(self.row.join(" | "));
                    self.row.clear();
                }
            }
            ("br", true) => self.text(" "),
            _ if elements::is_block(name) => self.text(" "),
            _ => {}
        }
        !entered && node.id == self.root
    }
}
