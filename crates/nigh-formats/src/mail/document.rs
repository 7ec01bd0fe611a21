//! Joins messages and their attachments into one text with sections.

use super::attachment::{self, Attachment};
use super::message::{Message, lower_headings};
use crate::bounds::Sections;
use crate::html::plain_as_markdown;
use crate::types::{Metadata, Place, PlaceKind, Syntax};
use crate::{Encoding, Extracted, MOST_TEXT, Section};

/// A text that grows message by message.
pub(super) struct MailDocument {
    text: String,
    sections: Sections,
    count: usize,
    markdown: bool,
    losses: Vec<String>,
}

impl MailDocument {
    /// Makes an empty document, laid out as Markdown or as plain text.
    pub(super) fn new(markdown: bool) -> Self {
        Self { text: String::new(), sections: Sections::default(), count: 0, markdown, losses: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a message. `place` is the place of the message and its attachments; without it, each gets its own place. Returns false if
    /// the message has no text.
    pub(super) fn add(&mut self, message: &mut Message, place: Option<Place>) -> bool {
        let count = self.count;
        let default_place = || Place::new(PlaceKind::Text, 0);
        if let Some(mut text) = message.text() {
            if self.markdown && !message.markdown {
                text = plain_as_markdown(&text);
            }
            let headings = if message.markdown { Vec::new() } else { message.subject.iter().cloned().collect() };
            let metadata = if place.is_some() { message.metadata.clone() } else { Metadata::new() };
            self.section(
                Section { start: 0, place: place.clone().unwrap_or_else(default_place), headings, metadata },
                &text,
            );
        }
        for attachment in std::mem::take(&mut message.attachments) {
            self.attachment(message, attachment, place.as_ref());
        }
        self.count > count
    }

    fn attachment(&mut self, message: &Message, attachment: Attachment, place: Option<&Place>) {
        let Attachment { names, mut found, is_message } = attachment;
        let name = names.last().map_or("", String::as_str);
        self.losses.extend(found.losses.iter().map(|loss| format!("{name}: {loss}")));
        let sections = attachment::sections(&mut found);
        let ends = sections.iter().skip(1).map(|section| section.start).chain([found.text.len()]);
        let above: Vec<String> = message.subject.iter().chain(&names).cloned().collect();
        for (number, (section, end)) in sections.iter().zip(ends).enumerate() {
            let part = found.text.get(section.start..end).unwrap_or("").trim_matches(['\n', '\r']).trim_end();
            let mut text = self.convert_layout(part, found.syntax);
            if number == 0 && !is_message {
                let mark = if self.markdown { "## " } else { "" };
                text = format!("{mark}{name}\n\n{text}");
            }
            let mut headings = above.clone();
            if self.markdown && number == 0 && !is_message {
                headings.pop();
            }
            headings.extend(section.headings.iter().cloned());
            let mut metadata = section.metadata.clone();
            if place.is_some() {
                metadata.extend(message.metadata.clone());
            }
            let own_place = || match (section.place.kind, &section.place.name) {
                (PlaceKind::Row, Some(sheet)) => section.place.clone().named(format!("{name} {sheet}")),
                (PlaceKind::Row, None) => section.place.clone().named(name),
                _ => section.place.clone(),
            };
            let place = place.cloned().unwrap_or_else(own_place);
            self.section(Section { start: 0, place, headings, metadata }, &text);
        }
    }

    /// Converts a part of an attachment to the layout of the document.
    fn convert_layout(&self, part: &str, syntax: Syntax) -> String {
        match (self.markdown, syntax) {
            (false, _) => part.to_owned(),
            (true, Syntax::Markdown) => lower_headings(&lower_headings(part)),
            (true, Syntax::Code) => {
                let longest = part.split(|c| c != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat(longest.max(2) + 1);
                format!("{fence}\n{part}\n{fence}")
            }
            (true, _) => plain_as_markdown(part),
        }
    }

    fn section(&mut self, mut section: Section, text: &str) {
        // A text beyond the limit is refused later, so the rest is not kept.
        if text.trim().is_empty() || self.text.len() > MOST_TEXT {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        section.start = self.text.len();
        self.text.push_str(text.trim_end());
        self.text.push('\n');
        self.count += 1;
        self.sections.push(section);
    }

    pub(super) fn finish(mut self, metadata: Metadata, title: Option<String>, mut losses: Vec<String>) -> Extracted {
        losses.append(&mut self.losses);
        losses.extend(self.sections.loss(self.count, "parts"));
        Extracted {
            text: self.text,
            sections: self.sections.finish(),
            metadata,
            losses,
            title,
            syntax: if self.markdown { Syntax::Markdown } else { Syntax::Plain },
            encoding: Encoding::Utf8,
        }
    }
}
