//! Texts on a page apart from its content: notes, typed text, stamps.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use unpdf::parser::raw::PdfObject;

use super::files;
use super::hidden::Hidden;
use super::objects::{Dict, ObjectId};
use super::rich::{insert_spaces, without_tags};

/// Most annotations that are read of one page.
const MAX_PAGE_ANNOTATIONS: usize = 10_000;

/// Most annotations that are read of a document.
const MAX_ANNOTATIONS: usize = 100_000;

/// Most appearances of a document that are drawn for their text.
const MAX_DRAWN: usize = 2_000;

/// A note with at least this many characters that repeats the page's text is a copy of the text that it marks.
const MIN_QUOTE_CHARS: usize = 12;

/// The value for a note that is never a copy.
const NEVER_A_QUOTE: usize = usize::MAX;

/// The annotations of the pages.
#[derive(Default)]
pub(super) struct PageAnnotations {
    /// The notes of each page, in reading order.
    pub(super) notes: BTreeMap<u32, Vec<Note>>,
    /// Pages with media that are not text.
    pub(super) media: BTreeSet<u32>,
    /// The names of the files that are attached to pages.
    pub(super) files: Vec<String>,
    /// The number of annotations and appearances beyond the limits.
    pub(super) unread: usize,
    /// The number of appearances drawn so far.
    drawn: usize,
    /// The number of annotations read so far.
    read: usize,
}

/// The text of one annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// The author, in the words before the text: "Comment by Li: ".
    pub(super) label: String,
    /// Its text; empty if only its appearance has one.
    pub(super) text: String,
    /// The form that draws it, if its text has to be read from the form.
    pub(super) drawn: Option<ObjectId>,
    /// The note is left out if the page has the same text, and the text has at least this many characters.
    pub(super) quote_from: usize,
}

impl PageAnnotations {
    /// Adds the annotations of a page.
    pub(super) fn page(&mut self, number: u32, page: Dict<'_>, hidden: &Hidden) {
        let mut notes: Vec<(Option<ObjectId>, Option<ObjectId>, Note)> = Vec::new();
        let mut hints = HashSet::new();
        let limit = MAX_PAGE_ANNOTATIONS.min(MAX_ANNOTATIONS.saturating_sub(self.read));
        let all = page.array("Annots");
        self.unread += all.len().saturating_sub(limit);
        for object in all.iter().take(limit) {
            self.read += 1;
            let Some(annotation) = Dict::from_object(page.raw, object).filter(|annotation| !hidden.has(*annotation))
            else {
                continue;
            };
            let note = match annotation.name("Subtype") {
                // The value of a form field is read with the form; here only the appearance of a signature.
                Some(b"Widget") => {
                    let is_signature = annotation.inherited("FT").and_then(PdfObject::as_name) == Some(b"Sig");
                    is_signature.then(|| self.appearance(annotation)).flatten().map(|drawn| Note::drawn(Some(drawn)))
                }
                Some(b"PrinterMark" | b"TrapNet") => None,
                Some(b"Link") => link(annotation).filter(|note| hints.insert(note.text.clone())),
                Some(b"Redact") => redaction(annotation),
                Some(b"Popup") => popup(annotation),
                Some(b"FreeText") => match annotation_text(annotation) {
                    Some(text) => Some(Note { text, ..Note::drawn(None) }),
                    None => self.appearance(annotation).map(|drawn| Note::drawn(Some(drawn))),
                },
                Some(b"Stamp" | b"Watermark") => self.stamp(annotation),
                Some(kind) => {
                    if kind == b"FileAttachment" {
                        self.files.push(annotation.dict("FS").and_then(files::name).unwrap_or_default());
                    }
                    if matches!(kind, b"Sound" | b"Movie" | b"Screen" | b"3D" | b"RichMedia") {
                        self.media.insert(number);
                    }
                    comment(annotation)
                }
                None => comment(annotation),
            };
            if let Some(note) = note {
                notes.push((object.as_reference(), annotation.id("IRT"), note));
            }
        }
        if !notes.is_empty() {
            self.notes.insert(number, order_by_answers(notes));
        }
    }

    /// Reads a stamp: the text that it draws, or its name; its author's text may add to it.
    fn stamp(&mut self, annotation: Dict<'_>) -> Option<Note> {
        let text = annotation_text(annotation).unwrap_or_default();
        let drawn = self.appearance(annotation);
        let stamp_name = annotation.name("Name").filter(|_| drawn.is_none() && text.is_empty()).map(insert_spaces);
        let text = stamp_name.unwrap_or(text);
        (drawn.is_some() || !text.is_empty()).then(|| Note { text, ..Note::drawn(drawn) })
    }

    /// Returns the form that draws an annotation in its current state.
    fn appearance(&mut self, annotation: Dict<'_>) -> Option<ObjectId> {
        let appearances = annotation.dict("AP")?;
        let id = match appearances.get("N")? {
            PdfObject::Stream(_) => appearances.id("N"),
            _ => {
                let states = appearances.dict("N")?;
                let state = annotation.name("AS").and_then(|state| std::str::from_utf8(state).ok())?;
                states.id(state).filter(|_| matches!(states.get(state), Some(PdfObject::Stream(_))))
            }
        }?;
        let too_many = self.drawn >= MAX_DRAWN;
        self.unread += usize::from(too_many);
        self.drawn += 1;
        (!too_many).then_some(id)
    }
}

impl Note {
    fn drawn(drawn: Option<ObjectId>) -> Self {
        Self { label: String::new(), text: String::new(), drawn, quote_from: MIN_QUOTE_CHARS }
    }

    /// Returns the text to write after the page's text. `drawn` is the text of its appearance, `page` the page's text without white space.
    pub(super) fn text_after_page(&self, drawn: Option<&str>, page: &str) -> Option<String> {
        let without_space = |text: &str| text.split_whitespace().collect::<String>();
        let (text, drawn) = (self.text.trim(), drawn.unwrap_or("").trim());
        let (own, seen) = (without_space(text), without_space(drawn));
        let both = match () {
            () if own.contains(&seen) => text.to_owned(),
            () if seen.contains(&own) => drawn.to_owned(),
            () => format!("{drawn}\n{text}"),
        };
        let quotes =
            both.chars().nth(self.quote_from.saturating_sub(1)).is_some() && page.contains(&without_space(&both));
        (!both.is_empty() && !quotes).then(|| format!("{}{both}", self.label))
    }
}

/// Returns the text of an annotation: its contents, or its rich text.
fn annotation_text(annotation: Dict<'_>) -> Option<String> {
    annotation.text("Contents").or_else(|| annotation.text("RC").map(|rich| without_tags(&rich)))
}

/// Reads a comment, with its author in the label.
fn comment(annotation: Dict<'_>) -> Option<Note> {
    // The state of a review ("Accepted") is not a text of its author.
    if annotation.get("StateModel").is_some() {
        return None;
    }
    let text = annotation_text(annotation)?;
    let label = match annotation.text("T") {
        Some(author) => format!("Comment by {}: ", author.split_whitespace().collect::<Vec<_>>().join(" ")),
        None => "Comment: ".to_owned(),
    };
    let marks = matches!(annotation.name("Subtype"), Some(b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut"));
    Some(Note { label, text, drawn: None, quote_from: if marks { MIN_QUOTE_CHARS } else { NEVER_A_QUOTE } })
}

/// Returns the description of a link. Most only repeat the link's text or its address.
fn link(annotation: Dict<'_>) -> Option<Note> {
    let text = annotation_text(annotation)?.trim().to_owned();
    let address = text.contains("://") || text.starts_with("mailto:") || text.starts_with("www.");
    (!address).then(|| Note { text, quote_from: 1, ..Note::drawn(None) })
}

/// Returns the replacement for content that is to be removed, and reports it.
fn redaction(annotation: Dict<'_>) -> Option<Note> {
    let Some(text) = annotation.text("OverlayText") else { return comment(annotation) };
    let own = comment(annotation).map(|note| format!("{}{}", note.label, note.text));
    let text = own.map_or_else(|| text.clone(), |own| format!("{text}\n{own}"));
    Some(Note { text, quote_from: NEVER_A_QUOTE, ..Note::drawn(None) })
}

/// Reads the window that shows a note: its own text is used if the note has none.
fn popup(annotation: Dict<'_>) -> Option<Note> {
    let parent = annotation.dict("Parent");
    let shown_there = parent.is_some_and(|parent| annotation_text(parent).is_some());
    (!shown_there).then(|| comment(annotation)).flatten()
}

/// Puts answers after the notes that they answer.
fn order_by_answers(notes: Vec<(Option<ObjectId>, Option<ObjectId>, Note)>) -> Vec<Note> {
    let ids: HashSet<ObjectId> = notes.iter().filter_map(|(id, ..)| *id).collect();
    let mut answers: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for (at, (id, to, _)) in notes.iter().enumerate() {
        match to.filter(|to| ids.contains(to) && Some(*to) != *id) {
            Some(to) => answers.entry(to).or_default().push(at),
            None => waiting.push(at),
        }
    }
    waiting.reverse();
    let mut order = Vec::with_capacity(notes.len());
    while let Some(at) = waiting.pop() {
        order.push(at);
        let id = notes.get(at).and_then(|(id, ..)| *id);
        waiting.extend(id.and_then(|id| answers.remove(&id)).into_iter().flatten().rev());
    }
    // Notes that answer each other in a cycle.
    let mut cycles: Vec<usize> = answers.into_values().flatten().collect();
    cycles.sort_unstable();
    order.extend(cycles);
    let mut notes: Vec<Option<Note>> = notes.into_iter().map(|(.., note)| Some(note)).collect();
    order.into_iter().filter_map(|at| notes.get_mut(at).and_then(Option::take)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_not_repeated() {
        let note = |text: &str, quotes: bool| {
            let quote_from = if quotes { MIN_QUOTE_CHARS } else { NEVER_A_QUOTE };
            Note { text: text.to_owned(), quote_from, ..Note::drawn(None) }
        };
        assert_eq!(note("Seen by Li", false).text_after_page(Some("APPROVED"), "").unwrap(), "APPROVED\nSeen by Li");
        assert_eq!(note("APPROVED by Li", false).text_after_page(Some("APPROVED"), "").unwrap(), "APPROVED by Li");
        assert_eq!(note("a longer sentence", true).text_after_page(None, "xalongersentencey"), None);
        assert_eq!(note("No", true).text_after_page(None, "Now").unwrap(), "No");
    }
}
