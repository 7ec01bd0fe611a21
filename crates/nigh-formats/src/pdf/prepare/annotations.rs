//! What stands on a page beside its content: notes, typed text, stamps.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::objects::{Dict, Id};

/// Annotations read of one page.
const MOST_OF_PAGE: usize = 10_000;

/// Annotations read of a document.
const MOST: usize = 100_000;

/// Appearances drawn for their text, of a document.
const MOST_DRAWN: usize = 2_000;

/// A note as long as this that repeats the page's text is the text that it marks.
const LEAST_QUOTE: usize = 12;

/// What was found on the pages.
#[derive(Default)]
pub(super) struct Found {
    /// By page, in the order in which they are to be read.
    pub(super) notes: BTreeMap<u32, Vec<Note>>,
    /// Pages with media that are not text.
    pub(super) media: BTreeSet<u32>,
    /// Whether one of them is a file.
    pub(super) files: bool,
    /// How many were too many to be read, or to be drawn.
    pub(super) unread: usize,
    drawn: usize,
    read: usize,
}

/// What one annotation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// Who says it, in the words before it: "Comment by Li: ".
    pub(super) label: String,
    /// What it says; empty where only its appearance may tell.
    pub(super) text: String,
    /// The form that draws it, where its text has to be read from that.
    pub(super) drawn: Option<Id>,
    /// Whether it is left out where the page says the same.
    pub(super) may_quote: bool,
}

/// Layers of a document that are not shown.
pub(super) struct Hidden(HashSet<Id>);

impl Hidden {
    pub(super) fn of(raw: &RawDocument) -> Self {
        let layers = Dict::catalog(raw).and_then(|catalog| catalog.dict("OCProperties"));
        let Some(layers) = layers else { return Self(HashSet::new()) };
        let ids = |items: &[PdfObject]| items.iter().filter_map(PdfObject::as_reference).collect::<HashSet<Id>>();
        let Some(set) = layers.dict("D") else { return Self(HashSet::new()) };
        let mut off = ids(set.array("OFF"));
        if set.name("BaseState") == Some(b"OFF") {
            off.extend(ids(layers.array("OCGs")));
            let on = ids(set.array("ON"));
            off.retain(|id| !on.contains(id));
        }
        Self(off)
    }

    /// Whether an annotation is not shown.
    pub(super) fn has(&self, annotation: Dict<'_>) -> bool {
        const HIDDEN: i64 = 1 << 1;
        const NO_VIEW: i64 = 1 << 5;
        if annotation.integer("F").unwrap_or(0) & (HIDDEN | NO_VIEW) != 0 {
            return true;
        }
        let Some(layer) = annotation.id("OC") else { return false };
        let group = annotation.dict("OC").filter(|layer| layer.name("Type") == Some(b"OCMD"));
        let Some(group) = group else { return self.0.contains(&layer) };
        let members: Vec<Id> = match group.get("OCGs") {
            Some(PdfObject::Array(items)) => items.iter().filter_map(PdfObject::as_reference).collect(),
            _ => group.id("OCGs").into_iter().collect(),
        };
        !members.is_empty() && members.iter().all(|id| self.0.contains(id))
    }
}

impl Found {
    /// Adds those of a page.
    pub(super) fn page(&mut self, number: u32, page: Dict<'_>, hidden: &Hidden) {
        let mut notes: Vec<(Option<Id>, Option<Id>, Note)> = Vec::new();
        let room = MOST_OF_PAGE.min(MOST.saturating_sub(self.read));
        let all = page.array("Annots");
        self.unread += all.len().saturating_sub(room);
        for object in all.iter().take(room) {
            self.read += 1;
            let Some(annotation) = Dict::of(page.raw, object).filter(|annotation| !hidden.has(*annotation)) else {
                continue;
            };
            let note = match annotation.name("Subtype") {
                // Its value is read with the form's, a signature's appearance here.
                Some(b"Widget") => {
                    let is_signature = annotation.inherited("FT").and_then(PdfObject::as_name) == Some(b"Sig");
                    is_signature.then(|| self.appearance(annotation)).flatten().map(|drawn| Note::drawn(Some(drawn)))
                }
                Some(b"Link" | b"PrinterMark" | b"TrapNet" | b"Redact") => None,
                Some(b"Popup") => popup(annotation),
                Some(b"FreeText") => match said(annotation) {
                    Some(text) => Some(Note { text, ..Note::drawn(None) }),
                    None => self.appearance(annotation).map(|drawn| Note::drawn(Some(drawn))),
                },
                Some(b"Stamp" | b"Watermark") => self.stamp(annotation),
                Some(kind) => {
                    self.files |= kind == b"FileAttachment";
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
            self.notes.insert(number, threads(notes));
        }
    }

    /// A stamp says what it draws, or what it is called; what its author says of it may be more.
    fn stamp(&mut self, annotation: Dict<'_>) -> Option<Note> {
        let text = said(annotation).unwrap_or_default();
        let drawn = self.appearance(annotation);
        let called = annotation.name("Name").filter(|_| drawn.is_none() && text.is_empty()).map(spaced);
        let text = called.unwrap_or(text);
        (drawn.is_some() || !text.is_empty()).then(|| Note { text, ..Note::drawn(drawn) })
    }

    /// The form that draws an annotation as it is now.
    fn appearance(&mut self, annotation: Dict<'_>) -> Option<Id> {
        let looks = annotation.dict("AP")?;
        let id = match looks.get("N")? {
            PdfObject::Stream(_) => looks.id("N"),
            _ => {
                let states = looks.dict("N")?;
                let state = annotation.name("AS").and_then(|state| std::str::from_utf8(state).ok())?;
                states.id(state).filter(|_| matches!(states.get(state), Some(PdfObject::Stream(_))))
            }
        }?;
        let too_many = self.drawn >= MOST_DRAWN;
        self.unread += usize::from(too_many);
        self.drawn += 1;
        (!too_many).then_some(id)
    }
}

impl Note {
    fn drawn(drawn: Option<Id>) -> Self {
        Self { label: String::new(), text: String::new(), drawn, may_quote: true }
    }

    /// As it stands after the page's text. `drawn` is what its appearance says, `page` the text without white space.
    pub(super) fn written(&self, drawn: Option<&str>, page: &str) -> Option<String> {
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        let (text, drawn) = (self.text.trim(), drawn.unwrap_or("").trim());
        let (own, seen) = (squeeze(text), squeeze(drawn));
        let both = match () {
            () if own.contains(&seen) => text.to_owned(),
            () if seen.contains(&own) => drawn.to_owned(),
            () => format!("{drawn}\n{text}"),
        };
        let quotes = self.may_quote && both.chars().count() >= LEAST_QUOTE && page.contains(&squeeze(&both));
        (!both.is_empty() && !quotes).then(|| format!("{}{both}", self.label))
    }
}

/// What an annotation says: its contents, or those in rich text.
fn said(annotation: Dict<'_>) -> Option<String> {
    annotation.text("Contents").or_else(|| annotation.text("RC").map(|rich| without_tags(&rich)))
}

fn comment(annotation: Dict<'_>) -> Option<Note> {
    // A review's state ("Accepted") is no text of anybody's.
    if annotation.get("StateModel").is_some() {
        return None;
    }
    let text = said(annotation)?;
    let label = match annotation.text("T") {
        Some(author) => format!("Comment by {}: ", author.split_whitespace().collect::<Vec<_>>().join(" ")),
        None => "Comment: ".to_owned(),
    };
    let marks = matches!(annotation.name("Subtype"), Some(b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut"));
    Some(Note { label, text, drawn: None, may_quote: marks })
}

/// A window that shows a note: its own words count where the note has none.
fn popup(annotation: Dict<'_>) -> Option<Note> {
    let parent = annotation.dict("Parent");
    let shown_there = parent.is_some_and(|parent| said(parent).is_some());
    (!shown_there).then(|| comment(annotation)).flatten()
}

/// Answers after what they answer.
fn threads(notes: Vec<(Option<Id>, Option<Id>, Note)>) -> Vec<Note> {
    let ids: HashSet<Id> = notes.iter().filter_map(|(id, ..)| *id).collect();
    let mut answers: BTreeMap<Id, Vec<usize>> = BTreeMap::new();
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
    // Those that answer each other in a circle.
    let mut circles: Vec<usize> = answers.into_values().flatten().collect();
    circles.sort_unstable();
    order.extend(circles);
    let mut notes: Vec<Option<Note>> = notes.into_iter().map(|(.., note)| Some(note)).collect();
    order.into_iter().filter_map(|at| notes.get_mut(at).and_then(Option::take)).collect()
}

/// "NotApproved" as it is read: "Not Approved".
fn spaced(name: &[u8]) -> String {
    let mut out = String::new();
    for c in String::from_utf8_lossy(name).chars() {
        if c.is_uppercase() && out.ends_with(char::is_lowercase) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// The text of rich text, a line a paragraph.
fn without_tags(rich: &str) -> String {
    let mut out = String::new();
    for (at, part) in rich.split('<').enumerate() {
        let (tag, text) = if at == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        let ends = tag.starts_with("/p") || tag.starts_with("br") || tag.starts_with("/div");
        out.push_str(if ends { "\n" } else { "" });
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            out.push_str(before);
            let (entity, after) = after.split_once(';').unwrap_or(("", after));
            let number = entity.strip_prefix('#').map(|number| match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            });
            out.extend(match (entity, number) {
                ("lt", _) => Some('<'),
                ("gt", _) => Some('>'),
                ("amp", _) => Some('&'),
                ("quot", _) => Some('"'),
                ("apos", _) => Some('\''),
                (_, Some(Ok(number))) => char::from_u32(number),
                _ => None,
            });
            rest = after;
        }
        out.push_str(rest);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_and_names() {
        assert_eq!(
            without_tags("<?xml?><body><p>a &lt;b&gt; &#26041;&#x6cd5;</p><p>c&amp;d</p></body>"),
            "a <b> 方法\nc&d"
        );
        assert_eq!(spaced(b"NotForPublicRelease"), "Not For Public Release");
    }

    #[test]
    fn a_note_says_once_what_is_said_twice() {
        let note = |text: &str, may_quote| Note { text: text.to_owned(), may_quote, ..Note::drawn(None) };
        assert_eq!(note("Seen by Li", false).written(Some("APPROVED"), "").unwrap(), "APPROVED\nSeen by Li");
        assert_eq!(note("APPROVED by Li", false).written(Some("APPROVED"), "").unwrap(), "APPROVED by Li");
        assert_eq!(note("a longer sentence", true).written(None, "xalongersentencey"), None);
        assert_eq!(note("No", true).written(None, "Now").unwrap(), "No");
    }
}
