//! The blocks of a page to text: paragraphs with a blank line between them, rows and items a line each.
//!
//! Sizes of letters tell headings, and can mislead: they are believed only where they are few and short, and then the
//! text is Markdown. Where the file has bookmarks those are the headings, and the text is plain.

use unpdf::{Block, Document, Page, Paragraph, Table};

use super::words::{self, Vocabulary};

/// A longer "heading" is a paragraph in large letters; in characters.
const MAX_HEADING: usize = 150;

/// Headings make up at most one character in so many.
const HEADING_SHARE: usize = 5;

/// What the pages say.
pub(super) struct Pages {
    /// Of every page, blank ones as the empty text.
    pub(super) texts: Vec<String>,
    /// The headings on every page, with their levels; empty where they are not believed.
    pub(super) headings: Vec<Vec<(usize, String)>>,
    /// Whether headings are marked in the texts.
    pub(super) markdown: bool,
}

/// A block as it will be written.
struct Piece {
    text: String,
    heading: Option<usize>,
    /// Whether it follows the piece before on the next line.
    joined: bool,
}

/// Reads all pages of a document.
pub(super) fn of(document: &Document) -> Pages {
    let raw: Vec<Vec<Piece>> = document.pages.iter().map(pieces).collect();
    let vocabulary = Vocabulary::of(raw.iter().flatten().map(|piece| piece.text.as_str()));
    let pages: Vec<Vec<Piece>> = raw
        .into_iter()
        .map(|page| {
            let tidy = |piece: Piece| Piece { text: words::tidy(&piece.text, &vocabulary), ..piece };
            page.into_iter().map(tidy).filter(|piece| !piece.text.is_empty()).collect()
        })
        .collect();
    let has_bookmarks = document.outline.as_ref().is_some_and(|outline| !outline.items.is_empty());
    let markdown = !has_bookmarks && believable(&pages);
    let headings = pages.iter().map(|page| if markdown { headings(page) } else { Vec::new() }).collect();
    let mut texts: Vec<String> = pages.iter().map(|page| written(page, markdown)).collect();
    if let Some(form) = form(document)
        && let Some(last) = texts.last_mut()
    {
        if !last.is_empty() {
            last.push_str("\n\n");
        }
        last.push_str(&form);
    }
    Pages { texts, headings, markdown }
}

/// Whether what looks like headings does so throughout.
fn believable(pages: &[Vec<Piece>]) -> bool {
    let (mut all, mut heads, mut count) = (0_usize, 0_usize, 0_usize);
    for piece in pages.iter().flatten() {
        let length = piece.text.chars().count();
        all += length;
        if piece.heading.is_some() {
            if length > MAX_HEADING {
                return false;
            }
            heads += length;
            count += 1;
        }
    }
    count > 0 && heads * HEADING_SHARE <= all
}

fn headings(page: &[Piece]) -> Vec<(usize, String)> {
    page.iter().filter_map(|piece| piece.heading.map(|level| (level, piece.text.replace('\n', " ")))).collect()
}

/// A page's pieces as one text.
fn written(page: &[Piece], markdown: bool) -> String {
    let mut text = String::new();
    for piece in page {
        if !text.is_empty() {
            text.push_str(if piece.joined { "\n" } else { "\n\n" });
        }
        match piece.heading {
            Some(level) if markdown => {
                text.push_str(&"#".repeat(level));
                text.push(' ');
                text.push_str(&piece.text.replace('\n', " "));
            }
            _ if markdown => {
                for (at, line) in piece.text.split('\n').enumerate() {
                    text.push_str(if at > 0 { "\n" } else { "" });
                    text.push_str(if is_markup(line) { "\\" } else { "" });
                    text.push_str(line);
                }
            }
            _ => text.push_str(&piece.text),
        }
    }
    text
}

/// Whether Markdown reads a line of text as a heading, the underline of one, or the fence of code.
fn is_markup(line: &str) -> bool {
    let after_hashes = line.trim_start_matches('#');
    let hashes = line.len() - after_hashes.len();
    let underline = |mark: char| !line.trim().is_empty() && line.trim().chars().all(|c| c == mark);
    ((1..=6).contains(&hashes) && (after_hashes.is_empty() || after_hashes.starts_with(' ')))
        || underline('=')
        || underline('-')
        || line.starts_with("```")
        || line.starts_with("~~~")
}

fn pieces(page: &Page) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut in_list = false;
    for block in &page.elements {
        match block {
            Block::Paragraph(paragraph) => {
                let is_item = paragraph.style.list_info.is_some();
                pieces.push(Piece {
                    text: paragraph.plain_text(),
                    heading: heading(paragraph),
                    joined: is_item && in_list,
                });
                in_list = is_item;
                continue;
            }
            Block::Table(table) => {
                let rows = rows(table);
                pieces.extend(rows.into_iter().enumerate().map(|(at, text)| Piece {
                    text,
                    heading: None,
                    joined: at > 0,
                }));
            }
            Block::Code { content } => pieces.push(Piece { text: content.clone(), heading: None, joined: false }),
            Block::Image { alt_text: Some(text), .. } => {
                pieces.push(Piece { text: text.clone(), heading: None, joined: false });
            }
            _ => {}
        }
        in_list = false;
    }
    pieces
}

fn heading(paragraph: &Paragraph) -> Option<usize> {
    paragraph.heading_level().map(|level| usize::from(level.clamp(1, 6)))
}

/// A line a row, cells apart by " | ".
fn rows(table: &Table) -> Vec<String> {
    let caption = table.caption.iter().map(String::clone);
    let rows = table.rows.iter().map(|row| {
        let cell = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut cells: Vec<String> = row.cells.iter().map(|at| cell(at.plain_text())).collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        cells.join(" | ")
    });
    caption.chain(rows).filter(|row| !row.trim().is_empty()).collect()
}

/// What was filled into the document's form, a line a field.
fn form(document: &Document) -> Option<String> {
    let line = |field: &unpdf::model::FormField| {
        field.value.as_ref()?;
        let value = field.display_value();
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let empty = value.is_empty() || value == "[ ]";
        (!empty).then(|| format!("{}: {value}", field.name.trim()))
    };
    let lines: Vec<String> = document.form_fields.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
