//! Web pages: converts HTML to clean Markdown.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`html`], [`body_markdown`] and [`declared_charset`]: the entry points |
//! | `dom.rs` | parses text into a tree of bounded depth, in linear time |
//! | `tree.rs` | the tree |
//! | `tree_walk.rs` | a walk through the tree |
//! | `elements.rs` | the meaning of element names: void, special, hidden, raw |
//! | `main_content.rs` | finds the content of a page |
//! | `writer.rs` | writes blocks, lists, rows and code as lines of Markdown |
//! | `markdown.rs` | turns the tree into Markdown |
//! | `instead.rs` | text in place of an element, or next to it |
//! | `instead_tests.rs`, `tests.rs` | tests |
//! | `facts.rs` | title, author and date of a page |

mod dom;
mod elements;
mod facts;
mod instead;
mod main_content;
mod markdown;
mod tree;
mod tree_walk;
mod writer;

use super::{Encoding, Extracted, Section};
use crate::error::{Error, Result};
use crate::types::{Metadata, Place, PlaceKind, Syntax};
use tree::HtmlTree;
use tree_walk::{TreeWalk, WalkStep};
#[cfg(feature = "mail")]
pub(crate) use writer::plain_as_markdown;

/// A charset declaration is within this many bytes of the start (the limit of the HTML standard).
const CHARSET_SEARCH_BYTES: usize = 1024;

/// A shorter text for browsers without scripts only asks the reader to enable scripts.
const MIN_NO_SCRIPT_CHARS: usize = 200;

/// Converts a whole HTML document or a fragment to Markdown, and returns its `<title>` too: all text that a reader would see,
/// including navigation.
pub fn body_markdown(html: &str) -> (Option<String>, String) {
    let document = dom::parse(html);
    (facts::title(&document), markdown::write_markdown(document.body()))
}

/// Reads the text of a web page: its content without navigation, footer and banners if they are recognised, else all of it.
///
/// # Errors
/// Returns the reason if the page has no text.
pub fn html(text: &str) -> Result<Extracted> {
    let document = dom::parse(text);
    let facts = facts::read_metadata(&document);
    let (without_scripts, length) = without_scripts(&document);
    let mut markdown = main_content::markdown(document);
    let mut losses = Vec::new();
    if length >= MIN_NO_SCRIPT_CHARS && markdown.trim().is_empty() {
        markdown = without_scripts;
    } else if length >= MIN_NO_SCRIPT_CHARS {
        losses.push("text for browsers without scripts is left out (<noscript>)".to_owned());
    }
    if markdown.trim().is_empty() {
        return Err(Error::Empty(match facts.title {
            Some(title) => {
                let title: String = title.chars().take(80).collect();
                format!("a web page without text but its title, {title:?} (filled in by scripts?)")
            }
            None => "a web page without text (filled in by scripts?)".to_owned(),
        }));
    }
    Ok(Extracted {
        text: markdown,
        sections: vec![Section {
            start: 0,
            place: Place::new(PlaceKind::Text, 0),
            headings: Vec::new(),
            metadata: Metadata::new(),
        }],
        metadata: facts.metadata,
        losses,
        title: facts.title,
        syntax: Syntax::Markdown,
        encoding: Encoding::Utf8,
    })
}

/// Returns the text for browsers without scripts, and its number of characters.
fn without_scripts(document: &HtmlTree) -> (String, usize) {
    let mut text = String::new();
    for step in TreeWalk::new(document.body()) {
        let WalkStep::Enter(node) = step else { continue };
        if node.name() == Some("noscript") {
            for child in node.children() {
                let part = markdown::write_markdown(child);
                text.push_str(if part.is_empty() || text.is_empty() { "" } else { "\n" });
                text.push_str(&part);
            }
        }
    }
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    (text, length)
}

/// Returns the charset that a page declares in its first bytes, as written there: `gb2312`, `utf-8`.
pub fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head: String =
        bytes.iter().take(CHARSET_SEARCH_BYTES).map(|&byte| char::from(byte).to_ascii_lowercase()).collect();
    let quotes = |c: char| c == '"' || c == '\'' || c.is_ascii_whitespace();
    // `<?xml version="1.0" encoding="gbk"?>` comes first.
    let xml = head.trim_start_matches(|c: char| !c.is_ascii() || c.is_ascii_whitespace());
    let xml = xml.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).and_then(|(declaration, _)| {
        let (_, value) = declaration.split_once("encoding")?;
        label(value.trim_start().strip_prefix('=')?.trim_start_matches(quotes))
    });
    if xml.is_some() {
        return xml;
    }
    let mut rest = head.as_str();
    while let Some((_, after)) = rest.split_once("<meta") {
        let tag = after.split('>').next().unwrap_or(after);
        for (at, word) in tag.match_indices("charset") {
            let value = tag.get(at + word.len()..).unwrap_or("").trim_start();
            if let Some(found) = value.strip_prefix('=').and_then(|value| label(value.trim_start_matches(quotes))) {
                return Some(found);
            }
        }
        rest = after;
    }
    None
}

/// Returns the charset name at the start of a text, if it looks like one.
fn label(text: &str) -> Option<String> {
    let name: String =
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '+')).collect();
    (!name.is_empty() && name.len() <= 40).then_some(name)
}

#[cfg(test)]
mod instead_tests;
#[cfg(test)]
mod tests;
