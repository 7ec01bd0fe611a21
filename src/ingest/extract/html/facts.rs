//! What a page says of itself: its title, and its author, date, description, language and site as metadata.

use dom_query::Document;
use dom_smoothie::Readability;

use super::dom::{Step, Walk};
use super::elements;
use crate::document::Metadata;

/// Longer values are not what they are named; in characters.
const MAX_LENGTH: usize = 2000;

/// What a page says of itself.
pub(super) struct Facts {
    pub(super) title: Option<String>,
    pub(super) metadata: Metadata,
}

/// The `<title>` as it is written, white space apart. That of a picture is not meant.
pub(super) fn title(document: &Document) -> Option<String> {
    let mut walk = Walk::new(document.root());
    while let Some(step) = walk.next() {
        let Step::Enter(node) = step else { continue };
        match elements::name(&node) {
            Some(name) if &*name == "title" => {
                if let Some(title) = clean(&node.text()) {
                    return Some(title);
                }
            }
            Some(name) if &*name == "svg" => walk.skip_children(),
            _ => {}
        }
    }
    None
}

/// The title without the site's name where that can be told, and the metadata.
pub(super) fn of(document: &Document) -> Facts {
    let mut metadata = Metadata::new();
    let mut found_title = None;
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value.and_then(clean) {
            metadata.insert(name.to_owned(), value.into());
        }
    };
    put("language", document.html_root().attr("lang").as_deref());
    if let Ok(readability) = Readability::with_document(document.clone(), None, None) {
        let found = readability.get_article_metadata(readability.parse_json_ld());
        put("author", found.byline.as_deref().filter(|author| !author.contains("://")));
        put("description", found.excerpt.as_deref());
        put("site", found.site_name.as_deref());
        put("published", found.published_time.as_deref().filter(|date| is_date(date)));
        put("modified", found.modified_time.as_deref().filter(|date| is_date(date)));
        found_title = clean(&found.title);
    }
    let title = found_title.or_else(|| title(document)).map(|title| without_site(document, title));
    Facts { title, metadata }
}

/// The title, when it begins with the page's first heading and a separator: that heading.
fn without_site(document: &Document, title: String) -> String {
    let heading = Walk::new(document.root()).find_map(|step| match step {
        Step::Enter(node) if elements::name(&node).is_some_and(|name| &*name == "h1") => Some(node.text()),
        _ => None,
    });
    let Some(heading) = heading.and_then(|heading| clean(&heading)) else { return title };
    let separated = title
        .strip_prefix(&heading)
        .is_some_and(|rest| rest.trim_start().starts_with(['|', '-', '–', '—', '_', '·', '•', '»', '｜']));
    if separated { heading } else { title }
}

/// A value with its white space collapsed; none when nothing is left, or far too much.
fn clean(value: &str) -> Option<String> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty() && value.chars().nth(MAX_LENGTH).is_none()).then_some(value)
}

/// Whether a value begins as a date of RFC 3339 does; others cannot be compared.
fn is_date(value: &str) -> bool {
    let mut shape = value.trim().bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    b"0000-00-00".iter().all(|&want| shape.next() == Some(want))
        && matches!(shape.next(), None | Some(b'T' | b't' | b' '))
}
