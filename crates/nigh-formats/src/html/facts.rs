//! A page's title and metadata: author, date, description, language, site.

use serde_json::Value;

use super::tree::{HtmlTree, NodeRef};
use super::tree_walk::{TreeWalk, WalkStep};
use crate::types::Metadata;

/// Longer values, in characters, are not what their names promise.
const MAX_VALUE_CHARS: usize = 2000;

/// The `<meta>` names (or properties) for each kind of metadata, the most reliable name first.
const NAMES: [(&str, &[&str]); 5] = [
    (
        "author",
        &["author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "citation_author", "byl"],
    ),
    (
        "published",
        &[
            "article:published_time",
            "datepublished",
            "date",
            "dc.date",
            "dcterms.date",
            "dc.date.issued",
            "pubdate",
            "publishdate",
            "parsely-pub-date",
            "citation_publication_date",
        ],
    ),
    ("modified", &["article:modified_time", "og:updated_time", "last-modified", "dcterms.modified"]),
    ("description", &["description", "og:description", "dc.description", "twitter:description"]),
    ("site", &["og:site_name", "application-name"]),
];

/// The title and metadata of a page.
pub(super) struct PageMetadata {
    pub(super) title: Option<String>,
    pub(super) metadata: Metadata,
}

/// Returns the `<title>` with white space collapsed. The `<title>` of a picture is not used.
pub(super) fn title(tree: &HtmlTree) -> Option<String> {
    let mut walk = TreeWalk::new(tree.root());
    while let Some(step) = walk.next() {
        let WalkStep::Enter(node) = step else { continue };
        match node.name() {
            Some("title") => {
                if let Some(title) = clean(&node.all_text()) {
                    return Some(title);
                }
            }
            Some("svg") => walk.skip_children(),
            _ => {}
        }
    }
    None
}

/// Reads the title, without the site's name if that is recognised, and the metadata.
pub(super) fn read_metadata(tree: &HtmlTree) -> PageMetadata {
    let mut metadata = Metadata::new();
    let mut metas: Vec<(String, &str)> = Vec::new();
    let mut heading = None;
    let mut described = Metadata::new();
    for step in TreeWalk::new(tree.root()) {
        let WalkStep::Enter(node) = step else { continue };
        match node.name() {
            Some("html") => put(&mut metadata, "language", node.attribute("lang").or(node.attribute("xml:lang"))),
            Some("meta") => {
                let name = node.attribute("property").or(node.attribute("name")).or(node.attribute("itemprop"));
                if let (Some(name), Some(content)) = (name, node.attribute("content")) {
                    metas.push((name.trim().to_ascii_lowercase(), content));
                }
            }
            Some("h1") if heading.is_none() => heading = clean(&node.all_text()),
            Some("script") if is_json_ld(node) => linked_data(&node.all_text(), &mut described),
            _ => {}
        }
    }
    for (name, from) in NAMES {
        for wanted in from {
            for (_, value) in metas.iter().filter(|(found, _)| found == wanted) {
                if !metadata.contains_key(name) {
                    put(&mut metadata, name, Some(value));
                }
            }
        }
    }
    for (name, value) in described {
        metadata.entry(name).or_insert(value);
    }
    let og_title = || metas.iter().find(|(name, _)| name == "og:title").and_then(|(_, value)| clean(value));
    let title = title(tree).or_else(og_title).or_else(|| heading.clone());
    PageMetadata { title: title.map(|title| without_site(title, heading)), metadata }
}

/// Stores a value if it is plausible for its name.
fn put(metadata: &mut Metadata, name: &str, value: Option<&str>) {
    let Some(value) = value.and_then(clean) else { return };
    let is_plausible = match name {
        "published" | "modified" => is_date(&value),
        "author" => !value.contains("://"),
        _ => true,
    };
    if is_plausible {
        metadata.insert(name.to_owned(), value.into());
    }
}

fn is_json_ld(node: NodeRef) -> bool {
    node.attribute("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
}

/// Reads author and dates of the first article in schema.org's linked data.
fn linked_data(json: &str, metadata: &mut Metadata) {
    let Ok(data) = serde_json::from_str::<Value>(json) else { return };
    let to_list = |value: Value| match value {
        Value::Array(values) => values,
        one => vec![one],
    };
    let graph = data.get("@graph").cloned().unwrap_or(data);
    let Some(article) = to_list(graph).into_iter().find(|item| item.get("datePublished").is_some()) else { return };
    let text = |name: &str| article.get(name).and_then(Value::as_str);
    put(metadata, "published", text("datePublished"));
    put(metadata, "modified", text("dateModified"));
    let authors = to_list(article.get("author").cloned().unwrap_or(Value::Null));
    let names: Vec<&str> =
        authors.iter().filter_map(|author| author.as_str().or_else(|| author.get("name")?.as_str())).collect();
    put(metadata, "author", Some(&names.join(", ")));
}

/// If the title begins with the page's first heading and a separator, returns only that heading.
fn without_site(title: String, heading: Option<String>) -> String {
    let Some(heading) = heading else { return title };
    let separated = title
        .strip_prefix(&heading)
        .is_some_and(|rest| rest.trim_start().starts_with(['|', '-', '–', '—', '_', '·', '•', '»', '｜']));
    if separated { heading } else { title }
}

/// Collapses the white space of a value. Returns `None` if it is empty or far too long.
fn clean(value: &str) -> Option<String> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty() && value.chars().nth(MAX_VALUE_CHARS).is_none()).then_some(value)
}

/// True if a value begins like a date of RFC 3339; other dates cannot be compared.
fn is_date(value: &str) -> bool {
    let mut shape = value.trim().bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    b"0000-00-00".iter().all(|&want| shape.next() == Some(want))
        && matches!(shape.next(), None | Some(b'T' | b't' | b' '))
}
