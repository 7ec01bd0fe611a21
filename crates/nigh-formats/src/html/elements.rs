//! The meaning of HTML element names for a reader of text.

use super::tree::NodeRef;

/// True for elements without an end tag.
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

/// True for elements that only change how letters look. If they are left open, the parser opens them again in every later block,
/// which can grow without bound. Leaving them out loses no text.
pub(super) fn is_letter_style(name: &str) -> bool {
    matches!(
        name,
        "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// True for elements that the parser itself closes when the next of their kind begins, and for those with raw text: they
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

/// True for elements whose content the tokenizer takes as text, up to their end tag.
pub(super) fn is_raw(name: &str) -> bool {
    matches!(name, "script" | "style" | "title" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes")
}

/// True for elements that stop the effect of an end tag with another name.
pub(super) fn is_scope(name: &str) -> bool {
    matches!(name, "table" | "caption" | "marquee" | "object" | "applet" | "template" | "svg" | "math")
}

/// True for elements that stop the effect of an end tag of an inline or unknown element ("special" in the HTML standard), without
/// those of [`cannot_nest`].
pub(super) fn is_special(name: &str) -> bool {
    is_scope(name)
        || is_block(name)
        || matches!(
            name,
            "button" | "center" | "dir" | "frameset" | "listing" | "menu" | "search" | "select" | "summary"
        )
}

/// True for elements that begin a line of their own.
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

/// Returns the level of a heading, 1 to 6.
pub(super) fn heading_level(name: &str) -> Option<usize> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

/// True if a template holds content that its parent shows (declarative shadow DOM).
pub(super) fn is_shadow_root(node: NodeRef) -> bool {
    let mode = |mode: &str| mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed");
    node.attribute("shadowrootmode").is_some_and(mode)
}

/// A button or question of at most this many characters may be one that only expands text.
const MAX_EXPANDER_CHARS: usize = 25;

/// True if a button's text is useful to a reader, as the headings of foldable parts are.
fn is_heading_button(node: NodeRef) -> bool {
    let above = std::iter::successors(node.parent(), |node| node.parent()).take(4);
    if above.filter_map(NodeRef::name).any(|name| heading_level(name).is_some() || matches!(name, "dt" | "summary")) {
        return true;
    }
    let text = node.all_text();
    let text = text.trim();
    text.ends_with(['?', '？']) || text.chars().nth(MAX_EXPANDER_CHARS).is_some()
}

/// True if an element and its content are not text for a reader: programs, controls of forms, content that the page hides.
pub(super) fn is_unseen(node: NodeRef, name: &str) -> bool {
    let unseen = match name {
        "template" => !is_shadow_root(node),
        "button" => !is_heading_button(node),
        // In a picture: elements for use elsewhere, and styles.
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

/// True if the page hides an element.
pub(super) fn is_hidden(node: NodeRef, name: &str) -> bool {
    let hidden = |(attribute, value): (&str, &str)| match attribute {
        "hidden" => !value.eq_ignore_ascii_case("until-found"),
        "aria-hidden" => value.eq_ignore_ascii_case("true"),
        "style" => hides(value),
        // Line numbers of a code listing.
        "class" => value
            .split_ascii_whitespace()
            .any(|class| matches!(class, "linenos" | "lineno" | "linenodiv" | "line-numbers-rows" | "gutter")),
        _ => false,
    };
    node.attributes().any(hidden) || (name == "dialog" && node.attribute("open").is_none())
}

/// True if a style attribute hides its element.
fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        rule.split_once(':').is_some_and(|(property, value)| {
            let value = value.trim();
            let value = value.get(..value.len().min(6)).unwrap_or("");
            match property.trim() {
                property if property.eq_ignore_ascii_case("display") => value.eq_ignore_ascii_case("none"),
                property if property.eq_ignore_ascii_case("visibility") => value.eq_ignore_ascii_case("hidden"),
                // Word and Outlook write this for hidden text.
                property if property.eq_ignore_ascii_case("mso-hide") => value.eq_ignore_ascii_case("all"),
                _ => false,
            }
        })
    })
}
