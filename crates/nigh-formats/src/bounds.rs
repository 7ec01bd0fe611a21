//! Limits for headings, metadata and sections: a subject of ten megabytes must not be kept with each of a thousand passages, and ten
//! million rows must not become as many passages.

use std::mem;

use serde_json::Value;

use super::{Extracted, Section, heading_text};
use crate::types::Metadata;

/// Most bytes in a metadata value.
const MAX_VALUE_BYTES: usize = 1 << 10;
/// Most bytes of all names and values of a section and of a document.
const MAX_SECTION_METADATA_BYTES: usize = 16 << 10;
const MAX_DOCUMENT_METADATA_BYTES: usize = 64 << 10;

/// Most sections of a document, and most bytes of memory for them; beyond, neighbours are joined.
const MAX_SECTIONS: usize = 1 << 16;
const MAX_SECTION_MEMORY: usize = 96 << 20;

/// Shortens headings, names and metadata to what a person would read, and joins sections if there are too many. Does not change
/// the text.
pub(super) fn apply_limits(mut extracted: Extracted) -> Extracted {
    extracted.title = extracted.title.map(|title| heading_text([title.as_str()])).filter(|title| !title.is_empty());
    limit_metadata(&mut extracted.metadata, MAX_DOCUMENT_METADATA_BYTES);
    for section in &mut extracted.sections {
        for heading in &mut section.headings {
            *heading = heading_text([heading.as_str()]);
        }
        if let Some(name) = &mut section.place.name {
            *name = heading_text([name.as_str()]);
        }
        limit_metadata(&mut section.metadata, MAX_SECTION_METADATA_BYTES);
    }
    let mut sections = Sections::default();
    let all = extracted.sections.len();
    mem::take(&mut extracted.sections).into_iter().for_each(|section| sections.push(section));
    extracted.losses.extend(sections.loss(all, "parts"));
    extracted.sections = sections.finish();
    extracted
}

/// Collects sections in order. If there are too many, neighbours are joined: two into one, then four, then eight. A joined section
/// has the place of the first, and the headings and metadata that all of them share.
#[derive(Debug)]
pub(super) struct Sections {
    sections: Vec<Section>,
    /// The number of neighbouring sections that are joined into one.
    joined: usize,
    /// The same for the last one, which may have fewer so far.
    in_last: usize,
    /// Estimated bytes of all sections.
    memory: usize,
    max_sections: usize,
}

impl Default for Sections {
    fn default() -> Self {
        Self { sections: Vec::new(), joined: 1, in_last: 1, memory: 0, max_sections: MAX_SECTIONS }
    }
}

impl Sections {
    /// Adds a section, and joins neighbours if there are too many.
    pub(super) fn push(&mut self, section: Section) {
        match self.sections.last_mut().filter(|_| self.in_last < self.joined) {
            Some(last) => {
                join(last, section);
                self.in_last += 1;
            }
            None => {
                self.memory += memory(&section);
                self.sections.push(section);
                self.in_last = 1;
            }
        }
        if self.sections.len() > self.max_sections || (self.memory > MAX_SECTION_MEMORY && self.sections.len() > 1) {
            self.join_pairs();
        }
    }

    /// Joins each two neighbours.
    fn join_pairs(&mut self) {
        let mut joined: Vec<Section> = Vec::with_capacity(self.sections.len() / 2 + 1);
        if self.sections.len().is_multiple_of(2) {
            // The last section is joined to the one before it, which is complete.
            self.in_last += self.joined;
        }
        for (number, section) in mem::take(&mut self.sections).into_iter().enumerate() {
            match joined.last_mut().filter(|_| number % 2 == 1) {
                Some(first) => join(first, section),
                None => joined.push(section),
            }
        }
        self.memory = joined.iter().map(memory).sum();
        self.joined *= 2;
        self.sections = joined;
    }

    /// Returns the report about joined sections; `all` is their number before.
    pub(super) fn loss(&self, all: usize, what: &str) -> Option<String> {
        let joined = self.joined;
        (joined > 1).then(|| {
            format!(
                "{all} {what} are too many for one passage each: every {joined} are joined, at the place of the first, \
                 with the columns whose value is the same in all of them"
            )
        })
    }

    /// Returns all sections.
    pub(super) fn finish(self) -> Vec<Section> {
        self.sections
    }
}

/// Joins the next section to the first.
fn join(first: &mut Section, next: Section) {
    let common = first.headings.iter().zip(&next.headings).take_while(|(a, b)| a == b).count();
    first.headings.truncate(common);
    first.metadata.retain(|name, value| next.metadata.get(name) == Some(value));
}

/// A B-tree node of a map has at most this many values, and about this many bytes.
const VALUES_PER_NODE: usize = 11;
const NODE_BYTES: usize = 640;
/// The bytes of a `String` without its text.
const STRING_BYTES: usize = 24;

/// Estimates the memory of a section without its text: its own structure, headings, and the tree nodes of its values.
fn memory(section: &Section) -> usize {
    let values = section.metadata.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>();
    let nodes = section.metadata.len().div_ceil(VALUES_PER_NODE) * NODE_BYTES;
    let headings = section.headings.iter().map(|heading| heading.len() + STRING_BYTES).sum::<usize>();
    size_of::<Section>() + values + nodes + headings
}

/// Shortens values, and removes those beyond `max_bytes` for all.
fn limit_metadata(metadata: &mut Metadata, max_bytes: usize) {
    let mut left = max_bytes;
    metadata.retain(|name, value| {
        shorten(value);
        let bytes = name.len() + size(value);
        let fits = name.len() <= MAX_VALUE_BYTES && bytes <= left;
        left -= if fits { bytes } else { 0 };
        fits
    });
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > MAX_VALUE_BYTES => {
            text.truncate(text.floor_char_boundary(MAX_VALUE_BYTES));
            text.push('…');
        }
        Value::Array(values) => {
            values.iter_mut().for_each(shorten);
            let mut left = MAX_SECTION_METADATA_BYTES / 2;
            values.retain(|value| {
                let bytes = size(value);
                let fits = bytes <= left;
                left -= if fits { bytes } else { 0 };
                fits
            });
        }
        _ => {}
    }
}

/// Estimates the bytes of a value when it is written.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 3,
        Value::Array(values) => values.iter().map(size).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value) + 4).sum::<usize>() + 2,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::{Encoding, Section};
    use super::*;
    use crate::types::{Place, PlaceKind, Syntax};

    #[test]
    fn sections_are_joined_in_pairs() {
        for all in 1..200_u32 {
            let mut sections = Sections { max_sections: 8, ..Sections::default() };
            for number in 0..all {
                let place = Place::new(PlaceKind::Row, number + 1);
                let metadata = Metadata::from([("same".to_owned(), 7.into()), ("row".to_owned(), number.into())]);
                let headings = vec!["Sheet".to_owned(), format!("{number}")];
                sections.push(Section { start: number as usize * 10, place, headings, metadata });
            }
            let together = sections.joined as u32;
            assert_eq!(together, (all.div_ceil(8)).next_power_of_two(), "{all}");
            assert_eq!(sections.loss(all as usize, "rows").is_some(), together > 1);
            let found = sections.finish();
            assert_eq!(found.len() as u32, all.div_ceil(together), "{all}");
            for (section, first) in found.iter().zip((0..all).step_by(together as usize)) {
                assert_eq!((section.start, section.place.number), (first as usize * 10, first + 1));
                let alone = (first + 1..first + together).all(|second| second >= all);
                assert_eq!(section.headings.len(), if alone { 2 } else { 1 }, "{all}: {section:?}");
                assert_eq!(section.metadata.len(), if alone { 2 } else { 1 });
                assert_eq!(section.metadata["same"], 7);
            }
        }
    }

    #[test]
    fn bounds_cut_only_what_is_too_long() {
        let long = "长".repeat(1 << 20);
        let metadata = Metadata::from([
            ("from".to_owned(), "me".into()),
            ("subject".to_owned(), long.as_str().into()),
            ("to".to_owned(), vec![long.clone(); 100].into()),
        ]);
        let section = Section {
            start: 0,
            place: Place::new(PlaceKind::Chapter, 1).named(&*long),
            headings: vec![long.clone(), "short".to_owned()],
            metadata: metadata.clone(),
        };
        let (text, title) = (long.clone(), Some(long.clone()));
        let (sections, losses) = (vec![section], Vec::new());
        let extracted =
            Extracted { text, sections, metadata, losses, title, syntax: Syntax::Plain, encoding: Encoding::Utf8 };
        let found = apply_limits(extracted);
        assert_eq!(found.text, long);
        let section = &found.sections[0];
        assert!(section.headings[0].len() < 1000 && section.headings[1] == "short");
        assert!(found.title.unwrap().len() < 1000 && section.place.name.as_ref().unwrap().len() < 1000);
        assert!(section.metadata["from"] == "me" && size(&section.metadata["to"]) <= MAX_SECTION_METADATA_BYTES / 2);
        assert!(
            section.metadata.values().map(size).sum::<usize>() <= MAX_SECTION_METADATA_BYTES + 100,
            "{:?}",
            section.metadata.keys()
        );
    }
}
