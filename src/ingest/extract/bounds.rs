//! Bounds on what every passage of a document carries along: a subject of ten megabytes must not be kept with each of a
//! thousand passages.

use serde_json::Value;

use super::{Extracted, heading_text};
use crate::document::Metadata;

/// Bytes of a value of metadata.
const MOST_VALUE: usize = 1 << 10;
/// Bytes of all names and values of a section's, and of a document's own.
const MOST_OF_SECTION: usize = 16 << 10;
const MOST_OF_DOCUMENT: usize = 64 << 10;

/// Cuts headings, names and metadata to what a person would read. The text is as it was.
pub(super) fn bounded(mut extracted: Extracted) -> Extracted {
    extracted.title = extracted.title.map(|title| heading_text([title.as_str()])).filter(|title| !title.is_empty());
    cut(&mut extracted.metadata, MOST_OF_DOCUMENT);
    for section in &mut extracted.sections {
        for heading in &mut section.headings {
            *heading = heading_text([heading.as_str()]);
        }
        if let Some(name) = &mut section.place.name {
            *name = heading_text([name.as_str()]);
        }
        cut(&mut section.metadata, MOST_OF_SECTION);
    }
    extracted
}

fn cut(metadata: &mut Metadata, most: usize) {
    let mut left = most;
    metadata.retain(|name, value| {
        shorten(value);
        let bytes = name.len() + size(value);
        let fits = name.len() <= MOST_VALUE && bytes <= left;
        left -= if fits { bytes } else { 0 };
        fits
    });
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > MOST_VALUE => {
            text.truncate(text.floor_char_boundary(MOST_VALUE));
            text.push('…');
        }
        Value::Array(values) => {
            values.iter_mut().for_each(shorten);
            let mut left = MOST_OF_SECTION / 2;
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

/// Bytes that a value takes when it is written, about.
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
    use crate::document::{Place, PlaceKind, Syntax};

    #[test]
    fn what_is_far_too_long_is_cut_and_the_rest_is_kept() {
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
        let found = bounded(extracted);
        assert_eq!(found.text, long);
        let section = &found.sections[0];
        assert!(section.headings[0].len() < 1000 && section.headings[1] == "short");
        assert!(found.title.unwrap().len() < 1000 && section.place.name.as_ref().unwrap().len() < 1000);
        assert!(section.metadata["from"] == "me" && size(&section.metadata["to"]) <= MOST_OF_SECTION / 2);
        assert!(
            section.metadata.values().map(size).sum::<usize>() <= MOST_OF_SECTION + 100,
            "{:?}",
            section.metadata.keys()
        );
    }
}
