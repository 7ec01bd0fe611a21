//! Writes the blocks of a page as text: a blank line between paragraphs, one line for each row and list item.
//!
//! Headings are guessed from font sizes, which can mislead. They are accepted only if they are few and short; the text is then
//! Markdown. If the file has bookmarks, those are the headings, and the text is plain.

use unpdf::{Block, Document, Page, Paragraph, Table};

use super::addresses;
use super::hyphens::{self, Vocabulary};
use super::letters;
use super::prepare::Prepared;

/// A longer "heading", in characters, is a paragraph in large letters.
const MAX_HEADING_CHARS: usize = 150;

/// Guessed headings are accepted if they have at most one character in this many.
const CHARACTERS_PER_HEADING_CHARACTER: usize = 5;

/// The text of the pages.
pub(super) struct Pages {
    /// The text of every page; blank ones are empty.
    pub(super) texts: Vec<String>,
    /// The headings on every page, with their levels; empty if they are not accepted.
    pub(super) headings: Vec<Vec<(usize, String)>>,
    /// True if headings are marked in the texts.
    pub(super) markdown: bool,
    /// For each page, true if many of its characters have no meaning in Unicode.
    pub(super) garbled: Vec<bool>,
    /// For each page, true if its content has no text (annotations and forms do not count).
    pub(super) blank: Vec<bool>,
}

/// A block as it will be written.
struct PageBlock {
    text: String,
    heading: Option<usize>,
    /// True if only a line end is between it and the previous block.
    joined: bool,
}

/// Reads all pages of a document. `bytes` is its file; `prepared` has the texts that are not in the content of pages.
pub(super) fn read_pages(document: &Document, bytes: &[u8], prepared: &Prepared) -> Pages {
    let raw: Vec<Vec<PageBlock>> = document.pages.iter().map(blocks_of).collect();
    let garbled = raw.iter().map(|page| letters::is_garbled(page.iter().map(|piece| piece.text.as_str()))).collect();
    let normalise = |piece: PageBlock| PageBlock { text: letters::normalise(&piece.text), ..piece };
    let mut pages: Vec<Vec<PageBlock>> =
        raw.into_iter().map(|page| page.into_iter().map(normalise).collect()).collect();
    let vocabulary = Vocabulary::count_words(pages.iter().flatten().map(|piece| piece.text.as_str()));
    let texts: Vec<Vec<&str>> = pages.iter().map(|page| page.iter().map(|at| at.text.as_str()).collect()).collect();
    let evidence = addresses::collect_evidence(document, &texts, bytes);
    let mut blank = Vec::with_capacity(pages.len());
    for (page, pieces) in document.pages.iter().zip(&mut pages) {
        for piece in pieces.iter_mut() {
            if let Some(evidence) = evidence.get(&page.number) {
                piece.text = evidence.join_urls(&piece.text);
            }
            piece.text = hyphens::join_words(&piece.text, &vocabulary);
        }
        let shown: String = pieces.iter().flat_map(|piece| without_white_space(&piece.text)).collect();
        blank.push(shown.is_empty());
        let more = prepared.texts_beside_content(page.number, &shown).into_iter().map(|text| letters::normalise(&text));
        pieces.extend(more.map(|text| PageBlock { text, heading: None, joined: false }));
        pieces.retain(|piece| !piece.text.is_empty());
    }
    let has_bookmarks = document.outline.as_ref().is_some_and(|outline| !outline.items.is_empty());
    let markdown = !has_bookmarks && headings_are_plausible(&pages);
    let headings = pages.iter().map(|page| if markdown { headings(page) } else { Vec::new() }).collect();
    let texts = pages.iter().map(|page| page_text(page, markdown)).collect();
    Pages { texts, headings, markdown, garbled, blank }
}

/// Returns the characters of a text without its white space.
fn without_white_space(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace())
}

/// True if all guessed headings are plausible.
fn headings_are_plausible(pages: &[Vec<PageBlock>]) -> bool {
    let (mut all, mut heads, mut count) = (0_usize, 0_usize, 0_usize);
    for piece in pages.iter().flatten() {
        let length = piece.text.chars().count();
        all += length;
        if piece.heading.is_some() {
            if length > MAX_HEADING_CHARS {
                return false;
            }
            heads += length;
            count += 1;
        }
    }
    count > 0 && heads * CHARACTERS_PER_HEADING_CHARACTER <= all
}

fn headings(page: &[PageBlock]) -> Vec<(usize, String)> {
    page.iter().filter_map(|piece| piece.heading.map(|level| (level, piece.text.replace('\n', " ")))).collect()
}

/// Writes the blocks of a page as one text.
fn page_text(page: &[PageBlock], markdown: bool) -> String {
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

/// True if Markdown reads a line of text as a heading, the underline of a heading, or a code fence.
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

fn blocks_of(page: &Page) -> Vec<PageBlock> {
    let mut pieces = Vec::new();
    let mut in_list = false;
    for block in &page.elements {
        match block {
            Block::Paragraph(paragraph) => {
                let is_item = paragraph.style.list_info.is_some();
                pieces.push(PageBlock {
                    text: paragraph.plain_text(),
                    heading: heading(paragraph),
                    joined: is_item && in_list,
                });
                in_list = is_item;
                continue;
            }
            Block::Table(table) => {
                let rows = rows(table);
                pieces.extend(rows.into_iter().enumerate().map(|(at, text)| PageBlock {
                    text,
                    heading: None,
                    joined: at > 0,
                }));
            }
            Block::Code { content } => pieces.push(PageBlock { text: content.clone(), heading: None, joined: false }),
            Block::Image { alt_text: Some(text), .. } => {
                pieces.push(PageBlock { text: text.clone(), heading: None, joined: false });
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

/// Writes one line for each row, cells separated by " | ".
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
