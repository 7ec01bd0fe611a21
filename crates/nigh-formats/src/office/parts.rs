//! The last step of all readers: joins the parts of a text and their metadata.

use crate::error::{Error, Result};
use crate::office::markdown::MarkdownWriter;
use crate::office::properties::Properties;
use crate::types::{Metadata, Place, PlaceKind, Syntax};
use crate::{Encoding, Extracted, Section};

/// The collected parts of a document: slides, rows, chapters.
#[derive(Debug, Default)]
pub(crate) struct DocumentParts {
    pub(crate) text: String,
    pub(crate) sections: Vec<Section>,
}

impl DocumentParts {
    /// Adds a part's text, after `separator`. Ignores a blank part and returns false.
    pub(crate) fn push(&mut self, separator: &str, text: &str, section: impl FnOnce(usize) -> Section) -> bool {
        let text = text.trim();
        if text.is_empty() {
            return false;
        }
        self.text.push_str(if self.text.is_empty() { "" } else { separator });
        let start = self.text.len();
        self.text.push_str(text);
        self.sections.push(section(start));
        true
    }

    /// Returns the number of bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Returns the document. `empty` is the reason if it has no text.
    pub(crate) fn finish(
        self,
        syntax: Syntax,
        properties: Properties,
        losses: Vec<String>,
        empty: &str,
    ) -> Result<Extracted> {
        if self.sections.is_empty() {
            // "a DOCX without text (pictures only?)", but without the guess if there are other losses.
            let format = empty.split(" without ").next().unwrap_or(empty);
            return Err(match losses.first() {
                Some(loss) => Error::Unsupported(format!("{format} of which nothing could be read: {loss}")),
                None => Error::empty(empty),
            });
        }
        Ok(Extracted {
            text: self.text,
            sections: self.sections,
            metadata: properties.metadata,
            losses,
            title: properties.title,
            syntax,
            encoding: Encoding::Utf8,
        })
    }
}

/// Makes a section without headings and metadata.
pub(crate) fn section(start: usize, place: Place) -> Section {
    Section { start, place, headings: Vec::new(), metadata: Metadata::new() }
}

/// Makes a document in one piece; its places are found by its headings.
pub(in crate::office) fn finish_document(
    writer: MarkdownWriter,
    mut properties: Properties,
    losses: Vec<String>,
    empty: &str,
) -> Result<Extracted> {
    let (text, heading) = writer.finish();
    properties.title = properties.title.or(heading);
    let mut parts = DocumentParts::default();
    parts.push("", &text, |start| section(start, Place::new(PlaceKind::Text, 0)));
    parts.finish(Syntax::Markdown, properties, losses, empty)
}

/// Writes numbers as text: "3", "3 and 5", "3 to 7 and 9".
pub(crate) fn ranges(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let words = runs.iter().map(|&(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    });
    let joined = words.collect::<Vec<_>>().join(", ");
    match joined.rsplit_once(", ") {
        Some((before, last)) => format!("{before} and {last}"),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn ranges_join_consecutive_numbers() {
        for (numbers, words) in [
            (&[3][..], "3"),
            (&[3, 4], "3 and 4"),
            (&[1, 3, 4, 5, 9], "1, 3 to 5 and 9"),
            (&[3, 4, 5], "3 to 5"),
            (&[u32::MAX, 0], "4294967295 and 0"),
        ] {
            assert_eq!(ranges(numbers), words);
        }
    }
}
