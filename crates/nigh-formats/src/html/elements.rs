//! The meaning of HTML element names for a reader of text.

use super::tree::NodeRef;

/// Elements that have no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements that only change how letters look. The parser opens them again in every later block when they are left
/// open, which can grow without bound; nothing is lost by leaving them out.
pub(super) fn is_letter_style(name: &str) -> bool {
    matches!(
        name,
        "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// Elements that the parser itself closes when the next of their kind begins, and those whose content is raw text: they
/// cannot nest without another element between them.
pub(super) fn cannot_nest(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "head"
            | "body"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "colgroup"
            | "option"
            | "optgroup"
            | "rb"
            | "rt"
            | "rtc"
            | "rp"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "plaintext"
    ) || is_raw(name)
}

/// Elements whose content the tokenizer takes as text, up to their end tag.
pub(super) fn is_raw(name: &str) -> bool {
    matches!(name, "script" | "style" | "title" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes")
}

/// Elements that an end tag of another name does not reach through.
pub(super) fn is_scope(name: &str) -> bool {
    matches!(name, "table" | "caption" | "marquee" | "object" | "applet" | "template" | "svg" | "math")
}

/// Elements that an end tag of an inline or unknown element does not reach through ("special" in the HTML standard), without those of
/// [`cannot_nest`].
pub(super) fn is_special(name: &str) -> bool {
    is_scope(name)
        || is_block(name)
        || matches!(
            name,
            "button" | "center" | "dir" | "frameset" | "listing" | "menu" | "search" | "select" | "summary"
        )
}

/// Elements that begin a line of their own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "svg"
            | "table"
            | "textarea"
            | "ul"
    )
}

/// The level of a heading, 1 to 6.
pub(super) fn heading_level(name: &str) -> Option<usize> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

/// Whether a template holds what its parent shows (declarative shadow DOM).
pub(super) fn is_shadow_root(node: NodeRef) -> bool {
    let mode = |mode: &str| mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed");
    node.attribute("shadowrootmode").is_some_and(mode)
}

/// A button or question of at most this many characters can say that it expands text.
const LONG_BUTTON: usize = 25;

/// Whether a button says what a reader would look for, as the headings of foldable parts do.
fn is_heading_button(node: NodeRef) -> bool {
    let above = std::iter::successors(node.parent(), |node| node.parent()).take(4);
    if above.filter_map(NodeRef::name).any(|name| heading_level(name).is_some() || matches!(name, "dt" | "summary")) {
        return true;
    }
    let text = node.all_text();
    let text = text.trim();
    text.ends_with(['?', '？']) || text.chars().nth(LONG_BUTTON).is_some()
}

/// Whether an element and all in it is no text for a reader: programs, forms' controls, what the page hides.
pub(super) fn is_unseen(node: NodeRef, name: &str) -> bool {
    let unseen = match name {
        "template" => !is_shadow_root(node),
        "button" => !is_heading_button(node),
        // In a picture: elements that are drawn elsewhere, and styles.
        "defs" | "symbol" | "clippath" | "clipPath" | "mask" | "pattern" | "metadata" | "linearGradient" => true,
        name => matches!(
            name,
            "head"
                | "script"
                | "style"
                | "noscript"
                | "noembed"
                | "noframes"
                | "iframe"
                | "canvas"
                | "audio"
                | "video"
                | "object"
                | "select"
                | "datalist"
                | "progress"
                | "meter"
        ),
    };
    unseen || is_hidden(node, name)
}

/// Whether the page hides an element.
pub(super) fn is_hidden(node: NodeRef, name: &str) -> bool {
    let hidden = |(attribute, value): (&str, &str)| match attribute {
        "hidden" => !value.eq_ignore_ascii_case("until-found"),
        "aria-hidden" => value.eq_ignore_ascii_case("true"),
        "style" => hides(value),
        // Line numbers of a listing.
        "class" => value
            .split_ascii_whitespace()
            .any(|class| matches!(class, "linenos" | "lineno" | "linenodiv" | "line-numbers-rows" | "gutter")),
        _ => false,
    };
    node.attributes().any(hidden) || (name == "dialog" && node.attribute("open").is_none())
}

/// Whether a style attribute hides its element.
fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        rule.split_once(':').is_some_and(|(property, value)| {
            let value = value.trim();
            let value = value.get(..value.len().min(6)).unwrap_or("");
            match property.trim() {
                property if property.eq_ignore_ascii_case("display") => value.eq_ignore_ascii_case("none"),
                property if property.eq_ignore_ascii_case("visibility") => value.eq_ignore_ascii_case("hidden"),
                // What Word and Outlook write for hidden text.
                property if property.eq_ignore_ascii_case("mso-hide") => value.eq_ignore_ascii_case("all"),
                _ => false,
            }
        })
    })
}
