//! Mail: single messages, mailboxes and saved web pages, by the `mail-parser` crate.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`extract`], and the ways in: [`eml`], [`mbox`], [`mhtml`] |
//! | `mailbox.rs` | a mailbox to messages |
//! | `message.rs` | a message to its text, its metadata, and what of it is not read |
//! | `body.rs` | the parts of a message that are text |

mod body;
mod mailbox;
mod message;

use std::panic::catch_unwind;

use super::{Encoding, Extracted, Section, html};
use crate::error::{Error, Result};
use crate::kinds::mail::MailKind;
use crate::types::{Metadata, Place, PlaceKind, Syntax};
use message::Message;

/// Names of attachments told of in one loss.
const MAX_NAMED: usize = 5;

/// The text of mail of that kind.
///
/// # Errors
/// The reason why nothing of it can be read.
pub fn extract(kind: MailKind, bytes: &[u8]) -> Result<Extracted> {
    match kind {
        MailKind::Message => eml(bytes),
        MailKind::Mailbox => mbox(bytes),
        MailKind::WebArchive => mhtml(bytes),
    }
}

/// The text of one message: its subject, its body, and its attachments that are text.
///
/// # Errors
/// The reason: no mail, encrypted, without text.
pub fn eml(bytes: &[u8]) -> Result<Extracted> {
    let message = read(bytes).ok_or_else(|| Error::damaged("a damaged mail (it has no header lines)"))?;
    let Some(text) = message.text() else {
        return Err(if message.encrypted {
            Error::encrypted("an encrypted mail; decrypt it in your mail program and save it again")
        } else {
            Error::empty("a mail without text")
        });
    };
    let mut losses = message.losses.clone();
    losses.extend(unread(&message.unread));
    let section = Section {
        start: 0,
        place: Place::new(PlaceKind::Text, 0),
        headings: if message.markdown { Vec::new() } else { message.subject.iter().cloned().collect() },
        metadata: Metadata::new(),
    };
    Ok(Extracted {
        text,
        sections: vec![section],
        metadata: message.metadata,
        losses,
        title: message.subject,
        syntax: if message.markdown { Syntax::Markdown } else { Syntax::Plain },
        encoding: Encoding::Utf8,
    })
}

/// The text of a mailbox, a section a message.
///
/// # Errors
/// The reason, when it has no message with text.
pub fn mbox(bytes: &[u8]) -> Result<Extracted> {
    let (mut text, mut sections, mut unread_names) = (String::new(), Vec::new(), Vec::new());
    let (mut count, mut damaged, mut empty, mut encrypted, mut undecoded) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    for raw in mailbox::messages(bytes) {
        count = count.saturating_add(1);
        let Some(mut message) = read(&raw) else {
            damaged += 1;
            continue;
        };
        undecoded += u32::from(!message.losses.is_empty());
        unread_names.append(&mut message.unread);
        // Messages written as HTML and as plain text are side by side: all are laid out as plain text.
        message.markdown = false;
        let Some(message_text) = message.text() else {
            empty += u32::from(!message.encrypted);
            encrypted += u32::from(message.encrypted);
            continue;
        };
        encrypted += u32::from(message.encrypted);
        if !text.is_empty() {
            text.push('\n');
        }
        sections.push(Section {
            start: text.len(),
            place: Place::new(PlaceKind::Message, count),
            headings: message.subject.iter().cloned().collect(),
            metadata: message.metadata,
        });
        text.push_str(&message_text);
    }
    let mut losses = Vec::new();
    for (number, what) in [
        (damaged, "damaged and were left out"),
        (encrypted, "encrypted and could not be read"),
        (empty, "without text"),
        (undecoded, "in part in characters that could not be decoded"),
    ] {
        if number > 0 {
            losses.push(format!("{number} of {count} messages are {what}"));
        }
    }
    losses.extend(unread(&unread_names));
    if sections.is_empty() {
        return Err(Error::Empty(match losses.is_empty() {
            true => "a mailbox without messages".to_owned(),
            false => format!("a mailbox without text: {}", losses.join("; ")),
        }));
    }
    let metadata = Metadata::from([("messages".to_owned(), count.into())]);
    Ok(Extracted { text, sections, metadata, losses, title: None, syntax: Syntax::Plain, encoding: Encoding::Utf8 })
}

/// The text of a web page that was saved with its pictures in one file.
///
/// # Errors
/// The reason: no page in it, or a page without text.
pub fn mhtml(bytes: &[u8]) -> Result<Extracted> {
    let page = catch_unwind(|| {
        let message = mail_parser::MessageParser::default().parse(bytes)?;
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

/// Reads one message; none when it has no header lines, or its reader fails on it.
fn read(bytes: &[u8]) -> Option<Message> {
    catch_unwind(|| Message::read(bytes)).ok().flatten()
}

/// "2 attachments are not read: a.pdf, b.docx".
fn unread(names: &[String]) -> Option<String> {
    let few: Vec<&str> = names.iter().map(String::as_str).take(MAX_NAMED).collect();
    let more = match names.len().saturating_sub(few.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match names.len() {
        0 => None,
        1 => Some(format!("1 attachment is not read: {}", few.concat())),
        count => Some(format!("{count} attachments are not read: {}{more}", few.join(", "))),
    }
}

#[cfg(test)]
mod tests;
