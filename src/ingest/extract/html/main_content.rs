//! Which part of a page is its content.
//!
//! Text is counted in characters that are not white space, links' text apart. The first that holds, holds:
//!
//! 1. the author's one `<main>`, if it has 4/5 of the text outside links;
//! 2. the article that readability finds, if it has 4/5 of the text outside links and 3/5 of all text;
//! 3. the body without navigation, footer and banners, if it has half of the text outside links;
//! 4. the body.
//!
//! The shares of 1 and 2 are of what 3 leaves. So a list, a documentation page or a short page is never lost because it
//! is no article, and an article loses what stands around it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::{Document, NodeId, NodeRef};
use dom_smoothie::{Config, Readability};

use super::dom::{self, Step, Walk};
use super::{elements, markdown};

/// Readability scores every element several times; larger pages are data or books and taken whole.
const MAX_NODES: usize = 60_000;

/// Shorter pages are not asked for an article, in characters.
const MIN_ARTICLE: usize = 250;

/// How much a part of a page says, in characters that are not white space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    all: usize,
    outside_links: usize,
}

/// The body of a page, or all of a fragment.
pub(super) fn body(document: &Document) -> NodeRef<'_> {
    document.body().unwrap_or_else(|| document.root())
}

/// The content of a page as Markdown. The title heads an article, which readability takes from it.
pub(super) fn markdown(document: Document, title: Option<&str>) -> String {
    let full = weigh(&body(&document));
    let chrome = chrome(&document);
    let rest = weigh_without(&body(&document), &chrome);
    if rest.all == 0 || rest.outside_links * 2 < full.outside_links {
        return markdown::of(&body(&document));
    }
    for id in &chrome {
        document.tree.remove_from_parent(id);
    }
    if let Some(main) = only_main(&document)
        && weigh(&main).outside_links * 5 >= rest.outside_links * 4
    {
        return markdown::of(&main);
    }
    if let Some(article) = article(&document, rest, title) {
        return article;
    }
    markdown::of(&body(&document))
}

/// What readability takes for the article, if it is nearly all that the page says.
fn article(document: &Document, rest: Weight, title: Option<&str>) -> Option<String> {
    if rest.all < MIN_ARTICLE || document.tree.len() > MAX_NODES {
        return None;
    }
    // Chinese says in 200 characters what English does in the default 500.
    let config = Config { disable_json_ld: true, char_threshold: 200, ..Config::default() };
    let mut readability = Readability::with_document(document.clone(), None, Some(config)).ok()?;
    // A page that makes the crate panic is taken whole.
    let content = catch_unwind(AssertUnwindSafe(|| readability.parse().ok().map(|article| article.content)));
    let article = dom::parse(&content.ok()??);
    let root = body(&article);
    let found = weigh(&root);
    if found.outside_links * 5 < rest.outside_links * 4 || found.all * 5 < rest.all * 3 {
        return None;
    }
    let text = markdown::of(&root);
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let heads = |title: &str| {
        let title = letters(title);
        text.lines().take(5).any(|line| line.starts_with('#') && letters(line) == title)
    };
    Some(match title {
        Some(title) if !heads(title) => format!("# {title}\n\n{text}"),
        _ => text,
    })
}

/// The one element that the author marked as the main content.
fn only_main(document: &Document) -> Option<NodeRef<'_>> {
    let mut found = None;
    for step in Walk::new(body(document)) {
        let Step::Enter(node) = step else { continue };
        let Some(name) = elements::name(&node) else { continue };
        if (&*name == "main" || role(&node) == "main") && !elements::is_unseen(&node, &name) {
            match found {
                None => found = Some(node),
                // `<main>` with `<div role="main">` in it, or the other way round.
                Some(outer) if node.ancestors(None).iter().any(|above| above.id == outer.id) => {}
                Some(_) => return None,
            }
        }
    }
    found
}

/// The parts of a page that are not its content: outermost only.
fn chrome(document: &Document) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut content_depth = 0_usize;
    let mut walk = Walk::new(body(document));
    while let Some(step) = walk.next() {
        let (node, entered) = match step {
            Step::Enter(node) => (node, true),
            Step::Leave(node) => (node, false),
        };
        let Some(name) = elements::name(&node) else { continue };
        if matches!(&*name, "main" | "article") || role(&node) == "main" {
            content_depth = if entered { content_depth + 1 } else { content_depth.saturating_sub(1) };
        } else if entered && is_chrome(&node, &name, content_depth > 0) {
            found.push(node.id);
            walk.skip_children();
        }
    }
    found
}

/// Whether an element is navigation, a footer, a banner and the like.
fn is_chrome(node: &NodeRef, name: &str, in_content: bool) -> bool {
    match name {
        "nav" => return true,
        "footer" | "header" | "aside" if !in_content => return !has_title(node),
        // What can be marked by a class.
        "a" => return node.has_class("skip-link") || node.has_class("skiplink") || node.has_class("skip-to-content"),
        "div" | "section" | "ul" | "ol" | "aside" | "p" | "dialog" | "form" | "header" | "footer" | "table" => {}
        _ => return false,
    }
    match &*role(node) {
        "navigation" | "search" | "menu" | "menubar" | "toolbar" | "dialog" | "alertdialog" => return true,
        "banner" | "contentinfo" | "complementary" if !in_content => return !has_title(node),
        _ => {}
    }
    let marks = |attribute: &str| node.attr(attribute).map(|value| value.to_ascii_lowercase()).unwrap_or_default();
    let marks = [marks("class"), marks("id")];
    let mut marks = marks.iter().flat_map(|value| value.split_ascii_whitespace());
    let limit = marks.by_ref().filter_map(|mark| mark_limit(mark, in_content)).max();
    limit.is_some_and(|limit| {
        let weight = weigh(node);
        // A class is a hint only: what has much to say beside its links stays.
        weight.outside_links <= limit && !has_title(node)
    })
}

/// How many characters outside links an element of this class or id can have and still be no content.
fn mark_limit(mark: &str, in_content: bool) -> Option<usize> {
    match mark {
        "breadcrumb" | "breadcrumbs" | "pagination" | "pager" => Some(100),
        "nav" | "navbar" | "navigation" | "topnav" | "sidenav" | "share" | "social" | "social-share"
        | "share-buttons" => Some(200),
        "menu" | "sidebar" | "side-bar" | "sphinxsidebar" | "toolbar" | "topbar" | "related" if !in_content => {
            Some(200)
        }
        "footer" | "site-footer" | "page-footer" | "copyright" | "site-header" | "newsletter" if !in_content => {
            Some(500)
        }
        "ad" | "ads" | "advert" | "advertisement" | "ad-banner" | "adsbygoogle" | "sponsor" | "sponsored" => Some(500),
        mark if mark.len() < 60 && ["cookie", "consent", "gdpr"].iter().any(|word| mark.contains(word)) => Some(3000),
        _ => None,
    }
}

/// Whether an element holds a heading of the first level.
fn has_title(node: &NodeRef) -> bool {
    Walk::new(*node)
        .any(|step| matches!(step, Step::Enter(below) if elements::name(&below).is_some_and(|name| &*name == "h1")))
}

fn role(node: &NodeRef) -> String {
    node.attr("role").map(|role| role.trim().to_ascii_lowercase()).unwrap_or_default()
}

fn weigh(root: &NodeRef) -> Weight {
    weigh_without(root, &[])
}

/// The weight of a node without those of some nodes below it.
fn weigh_without(root: &NodeRef, without: &[NodeId]) -> Weight {
    let without: std::collections::HashSet<NodeId> = without.iter().copied().collect();
    let mut weight = Weight::default();
    let mut links = 0_usize;
    let mut walk = Walk::new(*root);
    while let Some(step) = walk.next() {
        match step {
            Step::Enter(node) => match elements::name(&node) {
                Some(name) if without.contains(&node.id) || elements::is_unseen(&node, &name) => {
                    walk.skip_children();
                    // Its end comes all the same.
                    links += usize::from(&*name == "a");
                }
                Some(name) => links += usize::from(&*name == "a"),
                None if node.is_text() => {
                    let count = node.text().chars().filter(|c| !c.is_whitespace()).count();
                    weight.all += count;
                    weight.outside_links += if links == 0 { count } else { 0 };
                }
                None => {}
            },
            Step::Leave(node) => {
                links -= usize::from(links > 0 && elements::name(&node).is_some_and(|name| &*name == "a"));
            }
        }
    }
    weight
}
