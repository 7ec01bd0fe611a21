//! Reads the parts of a message: body and attachments.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

use super::attachment::{self, Attachment, AttachmentReader};
use super::header::{decode_labelled, is_label};
use super::word::is_wide;
use crate::{charset, html, text};

/// If a plain body has less than one character for this many of the HTML body, it only refers to the HTML body.
const HTML_CHARS_PER_STUB_CHAR: usize = 5;

/// The text of a message.
#[derive(Default)]
pub(super) struct MailBody {
    pub(super) text: String,
    /// True if all its layout is Markdown.
    pub(super) markdown: bool,
    /// The names of all attachments.
    pub(super) names: Vec<String>,
    /// The attachments that were read.
    pub(super) attachments: Vec<Attachment>,
    /// The names of the attachments that were not read, and the reasons.
    pub(super) unread: Vec<(String, String)>,
}

/// Reads a message.
pub(super) fn read_body(message: &Message, reading: &mut AttachmentReader) -> MailBody {
    let mut body = MailBody::default();
    let mut plain = String::new();
    for part in message.text_bodies() {
        match &part.body {
            PartType::Text(text) => add(&mut plain, &join_flowed_lines(part, &decode_part(message, part, text))),
            PartType::Html(page) => {
                body.markdown = true;
                add(&mut plain, &html::body_markdown(&decode_part(message, part, page)).1);
            }
            _ => {}
        }
    }
    if !body.markdown {
        let mut page = String::new();
        for part in message.html_bodies() {
            if let PartType::Html(source) = &part.body {
                add(&mut page, &html::body_markdown(&decode_part(message, part, source)).1);
            }
        }
        if plain.trim().len() * HTML_CHARS_PER_STUB_CHAR < page.trim().len() {
            (plain, body.markdown) = (page, true);
        }
    }
    add(&mut body.text, &plain);
    for part in message.attachments() {
        read_attachment(message, part, &mut body, reading);
    }
    body
}

/// Reads an attachment. If it cannot be read, keeps its name.
fn read_attachment(message: &Message, part: &MessagePart, body: &mut MailBody, reading: &mut AttachmentReader) {
    let kind = part.content_type();
    let media = kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("")).to_ascii_lowercase());
    let media = media.unwrap_or_default();
    let name = part.attachment_name().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    let name = name.filter(|name| !name.is_empty());
    let (bytes, name) = match (&part.body, name) {
        (PartType::Multipart(_), _) => return,
        // A text without a name continues the body: the footer of a mailing list, an invitation.
        (PartType::Text(text), None) => {
            body.markdown = false;
            return add(&mut body.text, &decode_part(message, part, text));
        }
        (PartType::Html(page), None) => {
            return add(&mut body.text, &html::body_markdown(&decode_part(message, part, page)).1);
        }
        (PartType::Text(text) | PartType::Html(text), Some(name)) => (attached_bytes(message, part, text), name),
        (PartType::Message(inner), name) => {
            let subject = inner.subject().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
            let subject = Some(subject).filter(|subject| !subject.is_empty());
            let name = name.unwrap_or_else(|| "message".to_owned());
            body.names.push(name.clone());
            let heading = subject.clone().unwrap_or_else(|| name.clone());
            return match reading.nested() {
                Some(mut deeper) => nested(read_body(inner, &mut deeper), heading, subject, body),
                None => body.unread.push((name, "a mail in a mail in a mail, too deep".to_owned())),
            };
        }
        // To a reader, signatures and pictures shown in the text are not attachments.
        (PartType::Binary(bytes) | PartType::InlineBinary(bytes), name) => {
            let signature = ["pgp-signature", "pkcs7-signature", "x-pkcs7-signature", "pgp-encrypted"];
            let signature = media.split_once('/').is_some_and(|(_, kind)| signature.contains(&kind));
            if signature || (media.starts_with("image/") && part.content_id().is_some()) {
                return;
            }
            let unnamed = || if media.len() > 1 { media.clone() } else { "without a name".to_owned() };
            (Cow::Borrowed(bytes.as_ref()), name.unwrap_or_else(unnamed))
        }
    };
    body.names.push(name.clone());
    let root = message.content_type().map_or(("", None), |kind| (kind.ctype(), kind.subtype()));
    if let ("multipart", Some("encrypted")) = root {
        return body.unread.push((name, "encrypted".to_owned()));
    }
    match attachment::read(&bytes, &name, &media, reading) {
        Ok(mut read) => {
            body.names.append(&mut read.names);
            body.unread.append(&mut read.unread);
            body.attachments.append(&mut read.attachments);
        }
        Err(reason) => body.unread.push((name, reason)),
    }
}

/// Adds a message inside the message, and its attachments.
pub(super) fn nested(inner: MailBody, heading: String, subject: Option<String>, body: &mut MailBody) {
    let mut text = subject.unwrap_or_default();
    add(&mut text, &inner.text);
    if !text.trim().is_empty() {
        body.attachments.push(Attachment::of_message(heading.clone(), text));
    }
    body.names.extend(inner.names);
    body.unread.extend(inner.unread);
    body.attachments.extend(inner.attachments.into_iter().map(|attachment| attachment.below(&heading)));
}

/// Returns the bytes of a part that the parser has decoded to text.
fn raw_bytes<'m>(message: &'m Message, part: &MessagePart, text: &'m str) -> Cow<'m, [u8]> {
    let range = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let Some(raw) = message.raw_message().get(range) else { return Cow::Borrowed(text.as_bytes()) };
    let decoded = match part.encoding {
        Encoding::None => return Cow::Borrowed(raw),
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    };
    decoded.map_or(Cow::Borrowed(text.as_bytes()), Cow::Owned)
}

/// Returns the bytes of an attached file, converted to UTF-8 if only its label declares the charset.
fn attached_bytes<'m>(message: &'m Message, part: &MessagePart, text: &'m str) -> Cow<'m, [u8]> {
    let raw = raw_bytes(message, part, text);
    let has_label = part.content_type().and_then(|kind| kind.attribute("charset")).is_some_and(is_label);
    if !has_label || std::str::from_utf8(&raw).is_ok_and(|text| charset::charset_of_escapes(text.as_bytes()).is_none())
    {
        return raw;
    }
    match decode_part(message, part, text) {
        text if text.contains(char::REPLACEMENT_CHARACTER) => raw,
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Returns the text of a part. If the bytes are invalid in the declared charset, guesses the charset.
fn decode_part<'m>(message: &'m Message, part: &MessagePart, text: &'m str) -> Cow<'m, str> {
    let label = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or("");
    let charset = charset::charset_of_label(label);
    // The parser lacks some of these charsets.
    if is_wide(label) || charset.is_some_and(charset::Charset::uses_escapes) {
        let own = decode_labelled(&raw_bytes(message, part, text), label);
        return if own.contains(char::REPLACEMENT_CHARACTER) { Cow::Borrowed(text) } else { Cow::Owned(own) };
    }
    let doubtful = charset.is_some_and(charset::Charset::is_single_byte) && !text.is_ascii();
    let escaped = charset::charset_of_escapes(text.as_bytes()).is_some();
    if !doubtful && !escaped && !text.contains(char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(text);
    }
    let bytes = raw_bytes(message, part, text);
    // A page without a label may declare its charset itself.
    let own = || if part.is_text_html() { html::declared_charset(&bytes) } else { None };
    let label = if label.is_empty() || label.ends_with("ascii") { own() } else { Some(label.to_owned()) };
    match text::decode(bytes.into_owned(), label.as_deref()) {
        Ok(decoded) if decoded.loss.is_none() => Cow::Owned(decoded.text),
        _ => Cow::Borrowed(text),
    }
}

/// Appends a text to another, with a blank line between them.
pub(super) fn add(to: &mut String, text: &str) {
    let text = text.trim_matches(['\n', '\r']).trim_end();
    if text.trim().is_empty() {
        return;
    }
    if !to.is_empty() {
        to.push_str("\n\n");
    }
    // Lines of mail end with CR LF.
    to.extend(text.split("\r\n").flat_map(|line| ["\n", line]).skip(1));
}

/// Returns the text of a part, and joins the lines that "format=flowed" (RFC 3676) broke for transport.
fn join_flowed_lines(part: &MessagePart, text: &str) -> String {
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
