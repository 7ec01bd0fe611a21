//! Reads a message: its text, its metadata, and the names of the attachments that could not be read.

use mail_parser::{Addr, Address, MessageParser, MimeHeaders};

use super::attachment::{Attachment, AttachmentBudget};
use super::body::{self, MailBody};
use super::header::repair;
use crate::types::Metadata;

/// A message as it is indexed.
pub(super) struct Message {
    pub(super) subject: Option<String>,
    pub(super) metadata: Metadata,
    /// Its attachments.
    pub(super) attachments: Vec<Attachment>,
    /// The names of the attachments that could not be read, and the reasons.
    pub(super) unread: Vec<(String, String)>,
    pub(super) losses: Vec<String>,
    /// True if its text is encrypted.
    pub(super) encrypted: bool,
    /// True if its body was HTML and is now Markdown.
    pub(super) markdown: bool,
    body: String,
}

impl Message {
    /// Reads a raw message; returns `None` if it has no header lines.
    pub(super) fn read(bytes: &[u8], budget: &mut AttachmentBudget) -> Option<Self> {
        let bytes = repair(bytes);
        let parsed = MessageParser::default().parse(bytes.as_ref())?;
        if parsed.headers().is_empty() {
            return None;
        }
        let MailBody { text, markdown, names, attachments, unread } = body::read_body(&parsed, &mut budget.reader());
        let mut metadata = Metadata::new();
        for (name, address) in [("from", parsed.from()), ("to", parsed.to()), ("cc", parsed.cc())] {
            if let Some(address) = address.and_then(addresses) {
                metadata.insert(name.to_owned(), address.into());
            }
        }
        let subject = parsed.subject().and_then(one_line);
        if let Some(subject) = &subject {
            metadata.insert("subject".to_owned(), subject.as_str().into());
        }
        if let Some(date) = parsed.date().filter(|date| date.is_valid()) {
            metadata.insert("date".to_owned(), date.to_rfc3339().into());
        }
        if let Some(id) = parsed.message_id().and_then(one_line) {
            metadata.insert("message_id".to_owned(), id.into());
        }
        if !names.is_empty() {
            metadata.insert("attachments".to_owned(), names.into());
        }
        // S/MIME or PGP, and nothing else in the message could be read.
        let content_type = parsed.content_type();
        let content_type =
            content_type.map(|value| (value.ctype().to_owned(), value.subtype().unwrap_or("").to_owned()));
        let encrypted = text.trim().is_empty()
            && attachments.is_empty()
            && content_type.is_some_and(|(main_type, subtype)| {
                (main_type.eq_ignore_ascii_case("multipart") && subtype.eq_ignore_ascii_case("encrypted"))
                    || matches!(&*subtype.to_ascii_lowercase(), "pkcs7-mime" | "x-pkcs7-mime")
            });
        let mut losses = Vec::new();
        if [Some(&text), subject.as_ref()].into_iter().flatten().any(|text| text.contains('\u{fffd}')) {
            losses.push("some characters could not be decoded".to_owned());
        }
        Some(Self { subject, metadata, attachments, unread, losses, encrypted, markdown, body: text })
    }

    /// Returns the subject and the body; `None` if both are empty, or if the body is encrypted (also with a subject).
    pub(super) fn text(&self) -> Option<String> {
        let body = self.body.trim_matches('\n').trim_end();
        if body.trim().is_empty() && self.encrypted {
            return None;
        }
        let heading_is_subject = self.subject.as_deref().is_some_and(|subject| {
            let first = body.lines().next().unwrap_or("");
            self.markdown && first.strip_prefix("# ") == Some(subject)
        });
        let text = match (&self.subject, self.markdown) {
            _ if heading_is_subject => body.to_owned(),
            (Some(subject), true) => format!("# {subject}\n\n{}", lower_headings(body)),
            (Some(subject), false) => format!("{subject}\n\n{body}"),
            (None, _) => body.to_owned(),
        };
        let text = text.trim_end();
        (!text.trim().is_empty()).then(|| format!("{text}\n"))
    }
}

/// Returns "Name <address>, …".
fn addresses(address: &Address) -> Option<String> {
    let format_one = |address: &Addr| match (address.name(), address.address()) {
        (Some(name), Some(address)) => one_line(&format!("{name} <{address}>")),
        (Some(one), None) | (None, Some(one)) => one_line(one),
        (None, None) => None,
    };
    let all: Vec<String> = address.iter().filter_map(format_one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Returns a value on one line; `None` if it is empty.
fn one_line(value: &str) -> Option<String> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty()).then_some(value)
}

/// Lowers the headings of Markdown by one level, because the subject is the first level. Level 6 stays. Only code blocks with ``` are
/// recognised.
pub(super) fn lower_headings(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() + 64);
    let mut fence: Option<usize> = None;
    for line in markdown.split_inclusive('\n') {
        let ticks = line.bytes().take_while(|&byte| byte == b'`').count();
        match fence {
            Some(length) if ticks >= length => fence = None,
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                let level = line.bytes().take_while(|&byte| byte == b'#').count();
                if (1..6).contains(&level) && line.get(level..).is_some_and(|rest| rest.starts_with(' ')) {
                    out.push('#');
                }
            }
            Some(_) => {}
        }
        out.push_str(line);
    }
    out
}
