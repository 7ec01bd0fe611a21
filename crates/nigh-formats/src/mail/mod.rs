//! Mail: single messages, mailboxes and saved web pages, by the `mail-parser` crate.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`extract`], and the entry points [`eml`], [`mbox`], [`mhtml`] |
//! | `mailbox.rs` | splits a mailbox into messages |
//! | `message.rs` | text and metadata of a message, and the names of attachments that could not be read |
//! | `header.rs`, `parameter.rs` | repairs header fields for the parser: parameters in pieces, letters without a label |
//! | `word.rs` | encoded words, single or adjacent |
//! | `body.rs` | the parts of a message: body and attachments |
//! | `attachment.rs` | reads attachments with the readers of their formats, within limits |
//! | `document.rs` | joins a message and its attachments into one text with sections |

mod attachment;
mod body;
mod document;
mod header;
mod mailbox;
mod message;
mod parameter;
mod word;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Extracted, html};
use crate::error::{Error, Result};
use crate::kinds::mail::MailKind;
use crate::types::{Metadata, Place, PlaceKind, Syntax};
use attachment::AttachmentBudget;
use document::MailDocument;
use message::Message;

/// A report lists at most this many attachments.
const MAX_LISTED_ATTACHMENTS: usize = 5;

/// Reads the text of mail of this kind.
///
/// # Errors
/// Returns the reason why nothing of it can be read.
pub fn extract(kind: MailKind, bytes: &[u8]) -> Result<Extracted> {
    read_mail(kind, bytes, AttachmentBudget::new())
}

/// The same as [`extract`], but attachments are only listed, not read. For mail with an attachment that made its reader hang or crash.
///
/// # Errors
/// The same as [`extract`].
pub fn without_attachments(kind: MailKind, bytes: &[u8]) -> Result<Extracted> {
    read_mail(kind, bytes, AttachmentBudget::none())
}

fn read_mail(kind: MailKind, bytes: &[u8], budget: AttachmentBudget) -> Result<Extracted> {
    match kind {
        MailKind::Message => eml(bytes, budget),
        MailKind::Mailbox => mbox(bytes, budget),
        MailKind::WebArchive => mhtml(bytes),
    }
}

/// Reads the text of one message: its subject, its body, and its attachments.
///
/// # Errors
/// Returns the reason: not mail, encrypted, or without text.
fn eml(bytes: &[u8], mut budget: AttachmentBudget) -> Result<Extracted> {
    let mut message = read(bytes, &mut budget).ok_or_else(|| Error::damaged("mail", "it has no header lines"))?;
    let markdown =
        message.markdown || message.attachments.iter().any(|attachment| attachment.found.syntax == Syntax::Markdown);
    let mut document = MailDocument::new(markdown);
    document.add(&mut message, None);
    if document.is_empty() {
        return Err(if message.encrypted {
            Error::Encrypted("encrypted mail; decrypt it in a mail program and save it again".to_owned())
        } else {
            let reasons = unread(&message.unread).map(|reasons| format!(": {reasons}")).unwrap_or_default();
            Error::Empty(format!("a mail without text{reasons}"))
        });
    }
    let mut losses = message.losses;
    losses.extend(unread(&message.unread));
    let (metadata, title) = (message.metadata, message.subject);
    Ok(document.finish(metadata, title, losses))
}

/// Reads the text of a mailbox: one section for each message, and further sections for its attachments.
///
/// # Errors
/// Returns the reason if no message has text.
fn mbox(bytes: &[u8], mut budget: AttachmentBudget) -> Result<Extracted> {
    let mut unread_names = Vec::new();
    // A mailbox has HTML and plain messages: all are laid out as plain text.
    let mut document = MailDocument::new(false);
    let (mut count, mut damaged, mut empty, mut encrypted, mut undecoded) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    for raw in mailbox::messages(bytes) {
        count = count.saturating_add(1);
        let Some(mut message) = read(&raw, &mut budget) else {
            damaged += 1;
            continue;
        };
        undecoded += u32::from(!message.losses.is_empty());
        unread_names.append(&mut message.unread);
        message.markdown = false;
        encrypted += u32::from(message.encrypted);
        if !document.add(&mut message, Some(Place::new(PlaceKind::Message, count))) {
            empty += u32::from(!message.encrypted);
        }
    }
    let mut losses = Vec::new();
    for (number, problem) in [
        (damaged, "damaged and were left out"),
        (encrypted, "encrypted and could not be read"),
        (empty, "without text"),
        (undecoded, "in part in characters that could not be decoded"),
    ] {
        if number > 0 {
            let verb = if number == 1 { "is" } else { "are" };
            losses.push(format!("{number} of {count} messages {verb} {problem}"));
        }
    }
    losses.extend(unread(&unread_names));
    if document.is_empty() {
        return Err(Error::Empty(match losses.is_empty() {
            true => "a mailbox without messages".to_owned(),
            false => format!("a mailbox without text: {}", losses.join("; ")),
        }));
    }
    let metadata = Metadata::from([("messages".to_owned(), count.into())]);
    Ok(document.finish(metadata, None, losses))
}

/// Reads the text of a web page that was saved with its pictures in one file.
///
/// # Errors
/// Returns the reason: no page in it, or a page without text.
fn mhtml(bytes: &[u8]) -> Result<Extracted> {
    let page = catch_unwind(|| {
        let bytes = header::repair(bytes);
        let message = mail_parser::MessageParser::default().parse(bytes.as_ref())?;
        let page = message.parts.iter().find_map(|part| match &part.body {
            mail_parser::PartType::Html(page) => Some(page.to_string()),
            _ => None,
        })?;
        Some((page, message.subject().map(str::to_owned), message.date().filter(|date| date.is_valid()).cloned()))
    });
    let Ok(Some((page, subject, date))) = page else {
        return Err(Error::empty("a saved web page (MHTML) without a page in it"));
    };
    let mut found = html::html(&page)?;
    found.title = found.title.or(subject);
    if let Some(date) = date {
        found.metadata.insert("saved".to_owned(), date.to_rfc3339().into());
    }
    Ok(found)
}

/// Reads one message; returns `None` if it has no header lines, or if the parser panics.
fn read(bytes: &[u8], budget: &mut AttachmentBudget) -> Option<Message> {
    catch_unwind(AssertUnwindSafe(|| Message::read(bytes, budget))).ok().flatten()
}

/// Returns "2 attachments are not read: a.jpg (JPEG pictures are not read: no OCR), b.docx (…)".
fn unread(names: &[(String, String)]) -> Option<String> {
    let listed: Vec<String> =
        names.iter().take(MAX_LISTED_ATTACHMENTS).map(|(name, reason)| format!("{name} ({reason})")).collect();
    let more = match names.len().saturating_sub(listed.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match names.len() {
        0 => None,
        1 => Some(format!("1 attachment is not read: {}", listed.concat())),
        count => Some(format!("{count} attachments are not read: {}{more}", listed.join(", "))),
    }
}

#[cfg(test)]
mod attachment_tests;
#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod header_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod word_tests;
