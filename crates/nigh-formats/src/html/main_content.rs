//! Finds the part of a page that is its content.
//!
//! Text is counted in characters that are not white space, with the text of links counted separately. The steps, in this order:
//!
//! 1. Navigation, footers, banners and the like are left out if names, roles and classes mark them; all of them
//!    stay if half of the text outside links would be lost.
//! 2. If the author marked exactly one `<main>`, and it has 4/5 of the remaining text outside links, it is the content.
//! 3. Otherwise the content is the body. The content is an article if one element has 4/5 of the text outside links, and this is at
//!    least 200 characters and a quarter of all text. Blocks next to the article and next to its ancestors are left out if they are
//!    mostly links, or a short line of them ("Home > News", "Contact | About").
//!
//! So a list, a documentation page or a short page is never lost because it is not an article.

use std::collections::HashSet;

use super::tree::{HtmlTree, NodeId, NodeRef};
use super::tree_walk::{TreeWalk, WalkStep};
use super::{elements, markdown};

/// An article has at least this many characters outside links.
const MIN_ARTICLE_CHARS: usize = 200;

/// A line of links next to an article has at most this many characters.
const MAX_LINK_LINE_CHARS: usize = 200;

/// Signs of a line of links, or of a copyright notice.
const LINE_SIGNS: [&str; 9] = [">", "»", "›", "|", "©", "版权", "Copyright", "All rights reserved", "备案"];

/// The amount of text in a part of a page, in characters that are not white space.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    all: usize,
    outside_links: usize,
}

/// Returns the content of a page as Markdown.
pub(super) fn markdown(mut tree: HtmlTree) -> String {
    let chrome = chrome(&tree);
    let excluded: HashSet<NodeId> = chrome.iter().copied().collect();
    let full = weigh(tree.body());
    let rest = weights(&tree, &excluded).weight_of(tree.body());
    if rest.all > 0 && rest.outside_links * 2 >= full.outside_links {
        for id in chrome {
            tree.detach(id);
        }
    }
    let weights = weights(&tree, &HashSet::new());
    let whole = weights.weight_of(tree.body());
    let is_content = |main: &NodeRef| {
        let weight = weights.weight_of(*main);
        weight.all > 0 && weight.outside_links * 5 >= whole.outside_links * 4
    };
    let root = only_main(&tree).filter(is_content).unwrap_or(tree.body()).id;
    for id in beside_article(tree.node(root), &weights) {
        tree.detach(id);
    }
    markdown::write_markdown(tree.node(root))
}

/// Returns the blocks next to an article; none if the page has no article.
fn beside_article(root: NodeRef, weights: &NodeWeights) -> Vec<NodeId> {
    let total = weights.weight_of(root);
    let mut beside = Vec::new();
    if total.outside_links < MIN_ARTICLE_CHARS || total.outside_links * 4 < total.all {
        return beside;
    }
    let mut container = root;
    while let Some(child) =
        container.children().find(|at| weights.weight_of(*at).outside_links * 5 >= total.outside_links * 4)
    {
        let others = container.children().filter(|other| other.id != child.id);
        beside.extend(others.filter(|other| is_mostly_links(*other, weights.weight_of(*other))).map(|other| other.id));
        container = child;
        if container.name() == Some("article") {
            break;
        }
    }
    beside
}

/// True if a block next to an article is mostly links, or one line of links.
fn is_mostly_links(node: NodeRef, weight: Weight) -> bool {
    let is_block = node.name().is_some_and(|name| {
        matches!(
            name,
            "div"
                | "section"
                | "ul"
                | "ol"
                | "dl"
                | "table"
                | "tr"
                | "td"
                | "aside"
                | "header"
                | "footer"
                | "form"
                | "center"
        )
    });
    if !is_block || weight.all == 0 || node.has("h1") {
        return false;
    }
    let is_link_line = || {
        weight.all <= MAX_LINK_LINE_CHARS && !node.has("p") && {
            let text = node.all_text();
            LINE_SIGNS.iter().any(|sign| text.contains(sign))
        }
    };
    weight.outside_links * 2 < weight.all || is_link_line()
}

/// Returns the one element that the author marked as the main content.
fn only_main(tree: &HtmlTree) -> Option<NodeRef<'_>> {
    let mut only = None;
    let mut walk = TreeWalk::new(tree.body());
    while let Some(step) = walk.next() {
        let WalkStep::Enter(node) = step else { continue };
        let Some(name) = node.name() else { continue };
        if is_main(node, name) && !elements::is_unseen(node, name) {
            if only.is_some() {
                return None;
            }
            only = Some(node);
            // `<main>` may contain `<div role="main">`, or the other way round.
            walk.skip_children();
        }
    }
    only
}

/// True if the element is `<main>`, or has that role.
fn is_main(node: NodeRef, name: &str) -> bool {
    name == "main" || has_role(node, &["main"])
}

/// Returns the parts of a page that are not its content, only the outermost.
fn chrome(tree: &HtmlTree) -> Vec<NodeId> {
    let weights = weights(tree, &HashSet::new());
    let mut outermost = Vec::new();
    let mut content_depth = 0_usize;
    let mut walk = TreeWalk::new(tree.body());
    while let Some(step) = walk.next() {
        let (node, entered) = match step {
            WalkStep::Enter(node) => (node, true),
            WalkStep::Leave(node) => (node, false),
        };
        let Some(name) = node.name() else { continue };
        if name == "article" || is_main(node, name) {
            content_depth = if entered { content_depth + 1 } else { content_depth.saturating_sub(1) };
        } else if entered && is_chrome(node, name, content_depth > 0, &weights) {
            outermost.push(node.id);
            walk.skip_children();
        }
    }
    outermost
}

/// True if an element is navigation, a footer, a banner and the like. A first-level heading is probably the page's title: of the elements
/// with one, only navigation, search, menus and dialogs are chrome.
fn is_chrome(node: NodeRef, name: &str, in_content: bool, weights: &NodeWeights) -> bool {
    let has_class = |marks: &[&str]| {
        let named = |(attribute, value): (&str, &str)| {
            attribute == "class" && value.split_ascii_whitespace().any(|class| marks.contains(&class))
        };
        node.attributes().any(named)
    };
    match name {
        "nav" => return true,
        "footer" | "header" | "aside" if !in_content => return !node.has("h1"),
        "a" => return has_class(&["skip-link", "skiplink", "skip-to-content"]),
        // Only these elements are recognised by their role, class or id.
        "div" | "section" | "ul" | "ol" | "aside" | "p" | "dialog" | "form" | "header" | "footer" | "table" => {}
        _ => return false,
    }
    if has_role(node, &["navigation", "search", "menu", "menubar", "toolbar", "dialog", "alertdialog"]) {
        return true;
    }
    if !in_content && has_role(node, &["banner", "contentinfo", "complementary"]) {
        return !node.has("h1");
    }
    let marks = node.attributes().filter(|(attribute, _)| matches!(*attribute, "class" | "id"));
    let marks = marks.flat_map(|(_, value)| value.split_ascii_whitespace());
    let limit = marks.filter_map(|mark| mark_limit(&mark.to_ascii_lowercase(), in_content)).max();
    // A class name is only a hint: a block with much text outside links stays.
    limit.is_some_and(|limit| weights.weight_of(node).outside_links <= limit && !node.has("h1"))
}

/// Returns how many characters outside links an element of this class or id can have without being content.
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

/// True if the element has one of the roles.
fn has_role(node: NodeRef, roles: &[&str]) -> bool {
    node.attribute("role").is_some_and(|role| roles.iter().any(|at| role.trim().eq_ignore_ascii_case(at)))
}

/// The weight of every node, with all nodes below it.
struct NodeWeights(Vec<Weight>);

impl NodeWeights {
    fn weight_of(&self, node: NodeRef) -> Weight {
        self.0.get(node.id).copied().unwrap_or_default()
    }
}

/// Returns the weight of a node with all nodes below it.
fn weigh(node: NodeRef) -> Weight {
    let mut total = Weight::default();
    visit(node, &HashSet::new(), |_, weight| {
        total.all += weight.all;
        total.outside_links += weight.outside_links;
    });
    total
}

/// Computes the weights of all nodes in a page's body. The nodes of `excluded` and all below them count as empty.
fn weights(tree: &HtmlTree, excluded: &HashSet<NodeId>) -> NodeWeights {
    let mut weights = vec![Weight::default(); tree.len()];
    visit(tree.body(), excluded, |node, own| {
        // The depth is bounded, so this is linear.
        let mut at = Some(node);
        while let Some(node) = at {
            if let Some(weight) = weights.get_mut(node.id) {
                weight.all += own.all;
                weight.outside_links += own.outside_links;
            }
            at = node.parent();
        }
    });
    NodeWeights(weights)
}

/// Calls `on_text` with the weight of every visible text.
fn visit<'a>(root: NodeRef<'a>, excluded: &HashSet<NodeId>, mut on_text: impl FnMut(NodeRef<'a>, Weight)) {
    let mut links = 0_usize;
    let mut walk = TreeWalk::new(root);
    while let Some(step) = walk.next() {
        match step {
            WalkStep::Enter(node) => {
                // Leaving the link is reported even if its children are skipped.
                links += usize::from(node.name() == Some("a"));
                if node.name().is_some_and(|name| excluded.contains(&node.id) || elements::is_unseen(node, name)) {
                    walk.skip_children();
                }
                if let Some(text) = node.text() {
                    let all = text.chars().filter(|c| !c.is_whitespace()).count();
                    on_text(node, Weight { all, outside_links: if links == 0 { all } else { 0 } });
                }
            }
            WalkStep::Leave(node) => links -= usize::from(links > 0 && node.name() == Some("a")),
        }
    }
}
