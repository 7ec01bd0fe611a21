//! Text in place of elements, or next to them: descriptions of pictures, typed or chosen values, formulas.

use super::elements;
use super::tree::NodeRef;
use super::tree_walk::{TreeWalk, WalkStep};

/// At most this many choices of one list are read.
const MAX_CHOICES: usize = 100;

/// Returns the text in place of an element's content.
pub(super) fn replacement_text(node: NodeRef, name: &str) -> Option<String> {
    let attribute_text =
        |name: &str| node.attribute(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match name {
        // An empty description means that the picture carries no information.
        "img" | "area" => Some(match node.attribute("alt") {
            Some(alt) => alt.to_owned(),
            None => attribute_text("aria-label").or_else(|| attribute_text("title")).unwrap_or_default(),
        }),
        "input" => Some(match node.attribute("type").unwrap_or("").trim().to_ascii_lowercase().as_str() {
            "image" => attribute_text("alt").unwrap_or_default(),
            "" | "text" | "search" | "email" | "tel" | "url" | "number" | "date" | "time" | "month" | "week"
            | "datetime-local" => attribute_text("value").or_else(|| attribute_text("placeholder")).unwrap_or_default(),
            _ => String::new(),
        }),
        "embed" | "wbr" => Some(String::new()),
        "textarea" if node.all_text().trim().is_empty() => attribute_text("placeholder"),
        // The content of a formula repeats it, in symbols and in TeX.
        "math" => attribute_text("alttext").or_else(|| tex(node)),
        "annotation" | "annotation-xml" => Some(String::new()),
        "select" => Some(chosen_choices(node)),
        _ if node.attribute("role").is_some_and(|role| role.trim() == "img") => {
            attribute_text("aria-label").or_else(|| sign_meaning(node, name))
        }
        _ => sign_meaning(node, name),
    }
}

/// Returns the TeX of a formula that is next to its symbols.
fn tex(math: NodeRef) -> Option<String> {
    let tex = TreeWalk::new(math).find_map(|step| match step {
        WalkStep::Enter(node) if node.name() == Some("annotation") => {
            node.attribute("encoding").filter(|encoding| encoding.to_ascii_lowercase().contains("tex"))?;
            Some(node.all_text().split_whitespace().collect::<Vec<_>>().join(" "))
        }
        _ => None,
    })?;
    (!tex.is_empty()).then_some(tex)
}

/// Returns the sign between two parts of a formula, one above the other.
pub(super) fn fraction_sign(node: NodeRef) -> Option<&'static str> {
    std::iter::successors(node.previous(), |node| node.previous()).find(|before| before.name().is_some())?;
    match node.parent()?.name()? {
        "mfrac" => Some("/"),
        "msup" | "mover" => Some("^"),
        "msub" | "munder" => Some("_"),
        "mtr" => Some(" "),
        _ => None,
    }
}

/// Returns the meaning of a sign without words: stars, flags, marks in table cells. Links and buttons are not signs.
fn sign_meaning(node: NodeRef, name: &str) -> Option<String> {
    if !matches!(name, "span" | "i" | "em" | "b" | "strong" | "td" | "th" | "time" | "data") {
        return None;
    }
    let attribute_text = |name: &str| node.attribute(name).map(str::trim).filter(|text| !text.is_empty());
    let meaning = attribute_text("aria-label").or_else(|| attribute_text("title"))?;
    let shows_more = ["img", "input", "select", "a", "button"].iter().any(|name| node.has(name));
    (!shows_more && node.all_text().trim().is_empty()).then(|| meaning.to_owned())
}

/// Returns the visible choices of a list: the chosen ones, else the first; all if the list is always open.
fn chosen_choices(select: NodeRef) -> String {
    let rows = select.attribute("size").and_then(|size| size.trim().parse::<u32>().ok());
    let is_open = rows.map_or(select.attribute("multiple").is_some(), |rows| rows > 1);
    let mut shown: Vec<String> = Vec::new();
    let mut first = None;
    for step in TreeWalk::new(select) {
        let WalkStep::Enter(node) = step else { continue };
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match node.name() {
            Some("optgroup") if is_open => shown.extend(node.attribute("label").map(words)),
            Some(name @ "option") if !elements::is_hidden(node, name) && shown.len() < MAX_CHOICES => {
                let text = node.attribute("label").map_or_else(|| words(&node.all_text()), words);
                if is_open || node.attribute("selected").is_some() {
                    shown.push(text);
                } else if first.is_none() {
                    first = Some(text);
                }
            }
            _ => {}
        }
    }
    shown.retain(|text| !text.is_empty());
    if is_open { shown.join(", ") } else { shown.pop().or(first).unwrap_or_default() }
}

/// Returns the words that a `title` adds to the text of an element: the meaning of an abbreviation or of a column header, the full
/// version of a text that is cut.
pub(super) fn title_text(node: NodeRef, name: &str) -> Option<String> {
    let title = node.attribute("title").map(str::trim).filter(|title| !title.is_empty())?;
    let adds = match name {
        "abbr" | "acronym" | "dfn" => true,
        "th" => {
            let text = node.all_text();
            let text = text.trim();
            !text.is_empty() && !text.contains(title)
        }
        "a" | "span" | "td" | "em" | "i" | "b" | "strong" | "code" => {
            let text = node.all_text();
            let text = text.trim();
            let stem = text.strip_suffix('…').or_else(|| text.strip_suffix("...")).map(str::trim_end);
            stem.is_some_and(|stem| !stem.is_empty() && title.len() > text.len() && title.starts_with(stem))
        }
        _ => false,
    };
    adds.then(|| format!(" ({title})"))
}
