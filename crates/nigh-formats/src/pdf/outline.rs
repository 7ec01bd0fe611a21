//! The headings above every page: the bookmarks for it, or the headings of the pages before it.

use unpdf::Document;
use unpdf::model::OutlineItem;

use super::letters;
use super::pages::Pages;

/// Bookmarks nested deeper are left out: hostile files nest them without limit.
const MAX_DEPTH: usize = 8;

/// More bookmarks than this are left out.
const MAX_BOOKMARKS: usize = 20_000;

/// At most this many bookmarks of one page are searched in its text.
const MAX_PAGE_BOOKMARKS: usize = 200;

/// The heading at the top of a page is searched in this many characters.
const TOP_CHARS: usize = 200;

/// Returns the headings above every page, outermost first.
pub(super) fn headings_above(document: &Document, pages: &Pages) -> Vec<Vec<String>> {
    let bookmarks = bookmarks(document);
    if bookmarks.is_empty() { from_headings(pages) } else { from_bookmarks(document, pages, &bookmarks) }
}

/// Returns, for every page, the titles of bookmarks that are neither on the page nor in the headings above it.
pub(super) fn missing_bookmarks(document: &Document, pages: &Pages, headings: &[Vec<String>]) -> Vec<Vec<String>> {
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let mut rest = bookmarks_of(document, true).into_iter().peekable();
    let texts = document.pages.iter().zip(&pages.texts).zip(headings);
    let missing = texts.map(|((page, text), above)| {
        let mut titles: Vec<String> = Vec::new();
        let mut letters_of_page = None;
        let mut bookmarks_left = MAX_PAGE_BOOKMARKS;
        while let Some((_, path)) = rest.next_if(|(number, _)| *number <= page.number) {
            let Some(title) = path.last().filter(|_| bookmarks_left > 0) else { continue };
            bookmarks_left -= 1;
            let letters_of_title = letters(title);
            let letters_of_page: &String = letters_of_page.get_or_insert_with(|| letters(text));
            if !letters_of_title.is_empty()
                && !above.contains(title)
                && !titles.contains(title)
                && !letters_of_page.contains(&letters_of_title)
            {
                titles.push(title.clone());
            }
        }
        titles
    });
    missing.collect()
}

/// Returns the page and the path of every bookmark that has a page, in page order.
fn bookmarks(document: &Document) -> Vec<(u32, Vec<String>)> {
    bookmarks_of(document, false)
}

/// Returns the page and the path of every bookmark, in page order. If `include_without_page`, a bookmark without a page gets
/// the page of the previous one.
fn bookmarks_of(document: &Document, include_without_page: bool) -> Vec<(u32, Vec<String>)> {
    let mut bookmarks = Vec::new();
    let mut last_page = 1;
    let Some(outline) = &document.outline else { return bookmarks };
    let mut unvisited: Vec<(&OutlineItem, Vec<String>)> =
        outline.items.iter().rev().map(|item| (item, Vec::new())).collect();
    while let Some((item, above)) = unvisited.pop() {
        let title = letters::normalise(&item.title).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut path = above;
        if !title.is_empty() {
            path.push(title);
        }
        last_page = item.page.unwrap_or(last_page);
        if !path.is_empty() && (include_without_page || item.page.is_some()) {
            bookmarks.push((last_page, path.clone()));
        }
        if bookmarks.len() >= MAX_BOOKMARKS {
            break;
        }
        if path.len() < MAX_DEPTH {
            unvisited.extend(item.children.iter().rev().map(|child| (child, path.clone())));
        }
    }
    bookmarks.sort_by_key(|(page, _)| *page);
    bookmarks
}

/// Returns the headings from bookmarks. If the parts of several bookmarks share a page, the page gets the headings that all of them have.
fn from_bookmarks(document: &Document, pages: &Pages, bookmarks: &[(u32, Vec<String>)]) -> Vec<Vec<String>> {
    let mut rest = bookmarks;
    let mut open: Vec<String> = Vec::new();
    let mut above = Vec::with_capacity(document.pages.len());
    for (page, text) in document.pages.iter().zip(&pages.texts) {
        let count = rest.iter().take_while(|(number, _)| *number <= page.number).count();
        let (begun_here, later) = rest.split_at(count);
        rest = later;
        let Some((_, first)) = begun_here.first() else {
            above.push(open.clone());
            continue;
        };
        let at_top = first.last().is_some_and(|title| {
            let top: String = text.chars().take(TOP_CHARS).filter(|c| c.is_alphanumeric()).collect();
            let title: String = title.chars().filter(|c| c.is_alphanumeric()).collect();
            // A bookmark of the whole document begins on its first page.
            open.is_empty() || top.contains(&title)
        });
        let mut path = if at_top { first.clone() } else { open.clone() };
        for (_, other) in begun_here {
            let common = path.iter().zip(other).take_while(|(a, b)| a == b).count();
            path.truncate(common);
        }
        above.push(path);
        if let Some((_, last)) = begun_here.last() {
            open.clone_from(last);
        }
    }
    above
}

/// Returns the headings from earlier pages. They apply to a page that continues a sentence, until the page has a heading of their level or
/// above. Other pages get none, since they may begin with a heading that was not recognised.
fn from_headings(pages: &Pages) -> Vec<Vec<String>> {
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut above = Vec::with_capacity(pages.texts.len());
    let mut continues_sentence = false;
    for (own, text) in pages.headings.iter().zip(&pages.texts) {
        let highest = own.iter().map(|(level, _)| *level).min().unwrap_or(usize::MAX);
        if !continues_sentence {
            open.clear();
        }
        above.push(open.iter().filter(|(level, _)| *level < highest).map(|(_, title)| title.clone()).collect());
        for (level, title) in own {
            open.retain(|(above, _)| above < level);
            open.push((*level, title.clone()));
        }
        let last = text.trim_end().chars().next_back();
        continues_sentence =
            last.is_some_and(|last| last.is_alphanumeric() || matches!(last, ',' | '，' | '、' | ';' | '；' | '-'));
    }
    above
}
