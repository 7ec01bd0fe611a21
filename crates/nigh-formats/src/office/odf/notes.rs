//! Footnotes, endnotes and comments of an OpenDocument.

use crate::office::markdown::{cell_line, tidy};
use crate::office::namespace::Ns;
use crate::office::odf::body::{OdfBody, OdfParagraph};
use crate::office::xml::Xml;

impl OdfBody {
    /// Reads a note. Its text is written after the block that refers to it.
    pub(super) fn note(&mut self, xml: &mut Xml<'_>, paragraph: &mut OdfParagraph) {
        while let Some(part) = xml.child() {
            if !part.has_name(Ns::Text, "note-body") {
                xml.skip();
                continue;
            }
            let text = cell_line(&self.blocks(xml));
            if !text.is_empty() {
                self.notes += 1;
                paragraph.text.push_str(&format!("[^{}]", self.notes));
                self.pending.push(format!("[^{}]: {text}", self.notes));
            }
        }
    }

    /// Reads a comment. Its text is written after the block that contains it.
    pub(super) fn comment(&mut self, xml: &mut Xml<'_>) {
        let (mut author, mut blocks) = (String::new(), Vec::new());
        while let Some(part) = xml.child() {
            match part.name() {
                (Ns::Dc, "creator") => author = xml.text(),
                (Ns::Dc, "date")
                | (Ns::Meta, "date-string" | "creator-initials")
                | (Ns::Extension, "sender-initials") => xml.skip(),
                _ => self.block(xml, &part, &mut blocks),
            }
        }
        let text = cell_line(&blocks);
        let author = tidy(&author);
        if !text.is_empty() {
            self.pending.push(match author.is_empty() {
                true => format!("Comment: {text}"),
                false => format!("Comment by {author}: {text}"),
            });
        }
    }
}
