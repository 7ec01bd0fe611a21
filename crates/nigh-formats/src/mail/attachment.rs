//! Reads attachments with the readers of their formats, within limits for the whole file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use super::body::{self, MailBody};
use super::header::repair;
use super::mailbox;
use crate::format::Format;
use crate::kinds::mail::MailKind;
use crate::{Error, Extracted, MOST_TEXT, Section, extract_as};

/// Messages inside messages are read up to this depth.
const MAX_DEPTH: usize = 4;
/// At most this many attachments of one file are read.
const MAX_ATTACHMENTS: usize = 10_000;
/// The longest time for all attachments of one file: a mailbox must be finished before the worker's time limit.
const MAX_READING_TIME: Duration = Duration::from_secs(10);

/// File names by media type, for attachments without an extension.
const EXTENSIONS: [(&str, &str); 7] = [
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
    ("text/markdown", "md"),
    ("text/html", "html"),
    ("application/xhtml+xml", "html"),
    ("application/json", "json"),
    ("application/x-ndjson", "jsonl"),
];

/// The budget for the attachments of one message.
pub(super) struct AttachmentReader<'b> {
    left: &'b mut AttachmentBudget,
    depth: usize,
}

/// The remaining limits.
pub(super) struct AttachmentBudget {
    until: Instant,
    count: usize,
    bytes: usize,
    /// The reason why no more than `count` are read.
    why: &'static str,
}

impl AttachmentBudget {
    pub(super) fn new() -> Self {
        Self {
            until: Instant::now() + MAX_READING_TIME,
            count: MAX_ATTACHMENTS,
            bytes: MOST_TEXT,
            why: "there are too many",
        }
    }

    /// Returns limits under which no attachment is read.
    pub(super) fn none() -> Self {
        Self { count: 0, why: "the reader of one of them hung or died", ..Self::new() }
    }

    pub(super) fn reader(&mut self) -> AttachmentReader<'_> {
        AttachmentReader { left: self, depth: MAX_DEPTH }
    }

    /// Counts an attachment; returns the reason if it is one too many.
    fn count_attachment(&mut self) -> Result<(), String> {
        self.count = self.count.checked_sub(1).ok_or(self.why)?;
        if Instant::now() > self.until {
            return Err("reading the others took too long".to_owned());
        }
        Ok(())
    }

    /// Counts the bytes of a text; returns the reason if the text of all attachments is too long.
    fn count_text(&mut self, text: &str) -> Result<(), String> {
        self.bytes = self.bytes.checked_sub(text.len()).ok_or("with it the text of all is too long")?;
        Ok(())
    }
}

impl AttachmentReader<'_> {
    /// Returns the budget for a message inside the message; `None` at the depth limit.
    pub(super) fn nested(&mut self) -> Option<AttachmentReader<'_>> {
        let depth = self.depth.checked_sub(1)?;
        Some(AttachmentReader { left: self.left, depth })
    }
}

/// An attachment that was read.
pub(super) struct Attachment {
    /// The names of the messages that contain it, its own last.
    pub(super) names: Vec<String>,
    pub(super) found: Extracted,
    /// True if the text begins with the name, as a message begins with its subject.
    pub(super) is_message: bool,
}

impl Attachment {
    /// Makes an attachment of a message inside the message; its text begins with its subject.
    pub(super) fn of_message(name: String, text: String) -> Self {
        let found = Extracted {
            text,
            sections: Vec::new(),
            metadata: crate::Metadata::new(),
            losses: Vec::new(),
            title: None,
            syntax: crate::Syntax::Plain,
            encoding: crate::Encoding::Utf8,
        };
        Self { names: vec![name], found, is_message: true }
    }

    pub(super) fn below(mut self, name: &str) -> Self {
        self.names.insert(0, name.to_owned());
        self
    }
}

/// Reads the bytes of an attachment as a file with this name.
///
/// # Errors
/// Returns the reason why it has no text here.
pub(super) fn read(bytes: &[u8], name: &str, media: &str, reading: &mut AttachmentReader) -> Result<MailBody, String> {
    reading.left.count_attachment()?;
    let path = Path::new(name);
    let extension = EXTENSIONS.iter().find(|(known, _)| path.extension().is_none() && *known == media);
    let named = extension.map_or_else(|| path.to_path_buf(), |(_, extension)| path.with_extension(extension));
    let format = Format::of(bytes, &named).map_err(|reason| reason.to_string())?;
    if let Some(reason) = format.unread() {
        return Err(reason.to_string());
    }
    let mut read = MailBody::default();
    if let Format::Mail(kind @ (MailKind::Message | MailKind::Mailbox)) = format {
        let mut deeper = reading.nested().ok_or("a mail in a mail in a mail, too deep")?;
        match kind {
            MailKind::Mailbox => mailbox::messages(bytes).for_each(|raw| message(&raw, name, &mut read, &mut deeper)),
            _ => message(bytes, name, &mut read, &mut deeper),
        }
        return Ok(read);
    }
    let found = catch_unwind(AssertUnwindSafe(|| extract_as(format, bytes.to_vec(), &named)));
    let found = found.unwrap_or_else(|_| Err(Error::Damaged("its reader failed; it may be damaged".to_owned())));
    let found = found.map_err(|reason| reason.to_string())?;
    reading.left.count_text(&found.text)?;
    read.attachments.push(Attachment { names: vec![name.to_owned()], found, is_message: false });
    Ok(read)
}

/// Reads a message that is attached as a file.
fn message(raw: &[u8], name: &str, read: &mut MailBody, reading: &mut AttachmentReader) {
    let raw = repair(raw);
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        let parsed = mail_parser::MessageParser::default().parse(raw.as_ref())?;
        let subject = parsed.subject().map(|subject| subject.split_whitespace().collect::<Vec<_>>().join(" "));
        Some((body::read_body(&parsed, reading), subject.filter(|subject| !subject.is_empty())))
    }));
    match parsed.ok().flatten() {
        Some((inner, subject)) => {
            if let Err(reason) = reading.left.count_text(&inner.text) {
                return read.unread.push((name.to_owned(), reason));
            }
            body::nested(inner, name.to_owned(), subject, read);
        }
        None => read.unread.push((name.to_owned(), "damaged mail".to_owned())),
    }
}

/// Takes the sections of an attachment; an attachment without sections becomes one.
pub(super) fn sections(found: &mut Extracted) -> Vec<Section> {
    let place = crate::Place::new(crate::PlaceKind::Text, 0);
    match std::mem::take(&mut found.sections) {
        sections if sections.is_empty() => {
            vec![Section { start: 0, place, headings: Vec::new(), metadata: crate::Metadata::new() }]
        }
        sections => sections,
    }
}
