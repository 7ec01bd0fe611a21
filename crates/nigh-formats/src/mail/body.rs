//! The parts of a message that are text: its body, attachments of text, and messages inside it.

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use crate::html;

/// Messages inside messages are read so deep.
const MAX_DEPTH: usize = 4;

/// A plain body with less than one character in so many of the HTML body's only says that there is one.
const STUB_SHARE: usize = 5;

/// The text of a message.
#[derive(Default)]
pub(super) struct Body {
    pub(super) text: String,
    /// All of it that is layout is Markdown.
    pub(super) markdown: bool,
    /// The names of all attachments.
    pub(super) attachments: Vec<String>,
    /// The names of those that are not text.
    pub(super) unread: Vec<String>,
}

/// Reads a message.
pub(super) fn of(message: &Message) -> Body {
    let mut body = Body::default();
    read(message, &mut body, MAX_DEPTH);
    body
}

fn read(message: &Message, body: &mut Body, depth: usize) {
    let mut plain = String::new();
    let mut from_html = false;
    for part in message.text_bodies() {
        match &part.body {
            PartType::Text(text) => add(&mut plain, &flowed(part, text)),
            PartType::Html(page) => {
                from_html = true;
                add(&mut plain, &html::body_markdown(page).1);
            }
            _ => {}
        }
    }
    if !from_html {
        let mut page = String::new();
        for part in message.html_bodies() {
            if let PartType::Html(source) = &part.body {
                add(&mut page, &html::body_markdown(source).1);
            }
        }
        if plain.trim().len() * STUB_SHARE < page.trim().len() {
            plain = page;
            from_html = true;
        }
    }
    body.markdown = from_html && body.text.is_empty();
    add(&mut body.text, &plain);
    for part in message.attachments() {
        attachment(part, body, depth);
    }
}

/// Reads an attachment, if it is text or a message; else its name is kept.
fn attachment(part: &MessagePart, body: &mut Body, depth: usize) {
    let kind = part.content_type();
    let subtype = kind.and_then(|kind| kind.subtype()).unwrap_or("").to_ascii_lowercase();
    let name = part.attachment_name().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    let name = name.filter(|name| !name.is_empty());
    let text = match &part.body {
        PartType::Text(text) => text.to_string(),
        PartType::Html(page) => html::body_markdown(page).1,
        PartType::Message(inner) if depth > 0 => {
            body.attachments.push(name.unwrap_or_else(|| "message".to_owned()));
            let mut within = Body::default();
            read(inner, &mut within, depth - 1);
            let subject = inner.subject().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
            add(&mut body.text, &subject);
            add(&mut body.text, &within.text);
            body.markdown = false;
            body.attachments.append(&mut within.attachments);
            body.unread.append(&mut within.unread);
            return;
        }
        PartType::Multipart(_) => return,
        // Signatures, and pictures shown in the text, are no attachments to a reader.
        PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Message(_) => {
            let signature =
                matches!(&*subtype, "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature" | "pgp-encrypted");
            let picture =
                kind.is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("image")) && part.content_id().is_some();
            if !signature && !picture {
                let name = name.unwrap_or_else(|| match kind {
                    Some(kind) if !subtype.is_empty() => format!("{}/{subtype}", kind.ctype()),
                    _ => "without a name".to_owned(),
                });
                body.attachments.push(name.clone());
                body.unread.push(name);
            }
            return;
        }
    };
    if let Some(name) = name {
        add(&mut body.text, &name);
        body.attachments.push(name);
    }
    body.markdown = false;
    add(&mut body.text, &text);
}

/// Adds a text below another, with a blank line between them.
fn add(to: &mut String, text: &str) {
    let text = text.trim_matches(['\n', '\r']).trim_end();
    if text.trim().is_empty() {
        return;
    }
    if !to.is_empty() {
        to.push_str("\n\n");
    }
    // Mail ends its lines with CR LF.
    to.extend(text.split("\r\n").flat_map(|line| ["\n", line]).skip(1));
}

/// The text of a part, with lines joined that "format=flowed" (RFC 3676) broke for transport.
fn flowed(part: &MessagePart, text: &str) -> String {
    let attribute = |name: &str| part.content_type().and_then(|kind| kind.attribute(name));
    if !attribute("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
        return text.to_owned();
    }
    let delete_space = attribute("delsp").is_some_and(|value| value.eq_ignore_ascii_case("yes"));
    let quotes = |line: &str| line.bytes().take_while(|&byte| byte == b'>').count();
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = quotes(line);
        let content = line.get(depth..).unwrap_or("");
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open == Some(depth) {
            out.push_str(content);
        } else {
            if !out.is_empty() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            out.push_str(if depth > 0 { " " } else { "" });
            out.push_str(content);
        }
        open = (content.ends_with(' ') && content != "-- ").then_some(depth);
        if open.is_some() && delete_space {
            out.pop();
        }
    }
    out
}
