//! The documents that contain phrases, and not others; and the passages of them that a search may show.
//!
//! The word index gives the documents that have all terms of a phrase; their texts decide. Without a word index every text is read.

use std::ops::Range;

use super::phrase::{Phrase, fold};
use crate::collection::words::Lexicon;
use crate::document::parse_metadata;
use crate::error::Result;
use crate::index::{FoundDocument, RowId, RowSet, Snapshot};

/// The most bytes of a file extension, as in the names of the word index.
const MAX_EXTENSION_BYTES: usize = 5;

/// Returns the rows of the documents that contain all of `phrases` and none of `excluded`, in their text, title, headings or file
/// name. Of a document in whose passages a phrase stands, only these rows; else all of its rows. `within`: the rows to choose from.
///
/// # Errors
/// [`crate::Error::IndexDamaged`].
pub(super) fn rows(
    snapshot: &Snapshot,
    lexicon: Option<&Lexicon>,
    phrases: &[String],
    excluded: &[String],
    within: Option<&RowSet>,
) -> Result<RowSet> {
    let sought = |texts: &[String]| -> Result<Vec<Sought>> {
        let phrases = texts.iter().filter_map(|text| Phrase::new(text));
        phrases.map(|phrase| Sought::new(snapshot, lexicon, phrase)).collect()
    };
    let (phrases, excluded) = (sought(phrases)?, sought(excluded)?);
    let mut accepted = vec![Vec::new(); snapshot.segment_count()];
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        let row_of = |row: u32| RowId { segment: place.segment, row };
        let rows: Vec<RowId> =
            document.rows().map(row_of).filter(|&row| within.is_none_or(|within| within.contains(row))).collect();
        if rows.is_empty() {
            continue;
        }
        let check = Check { document: &document, segment: place.segment, phrases: &phrases, excluded: &excluded };
        let chosen = check.choose(&rows)?;
        accepted[place.segment].extend(chosen.into_iter().map(|row| row.row));
    }
    Ok(RowSet::of(snapshot, accepted))
}

/// Where a document may contain a phrase.
#[derive(Clone, Copy, PartialEq)]
enum Possible {
    Nowhere,
    Name,
    Anywhere,
}

/// A phrase, and the rows that its terms leave possible.
struct Sought {
    phrase: Phrase,
    /// For each term the rows with it; empty without a word index.
    terms: Vec<RowSet>,
    /// The same for a phrase that may be a file name or the end of a path, whose folders and extension are not among the terms.
    terms_of_name: Option<Vec<RowSet>>,
}

impl Sought {
    fn new(snapshot: &Snapshot, lexicon: Option<&Lexicon>, phrase: Phrase) -> Result<Self> {
        let terms_of = |text: &str| -> Result<Vec<RowSet>> {
            let Some(lexicon) = lexicon else { return Ok(Vec::new()) };
            Ok(lexicon.rows_of_phrase(text)?.into_iter().map(|rows| RowSet::of(snapshot, rows)).collect())
        };
        let terms = terms_of(phrase.folded())?;
        let terms_of_name = name_part(phrase.folded()).map(terms_of).transpose()?;
        Ok(Self { phrase, terms, terms_of_name })
    }

    /// Returns where a document with these rows may contain the phrase.
    fn possible(&self, segment: usize, rows: &Range<u32>) -> Possible {
        let has_all = |terms: &[RowSet]| {
            terms.iter().all(|with_term| rows.clone().any(|row| with_term.contains(RowId { segment, row })))
        };
        if has_all(&self.terms) {
            Possible::Anywhere
        } else if self.terms_of_name.as_deref().is_some_and(has_all) {
            Possible::Name
        } else {
            Possible::Nowhere
        }
    }

    /// True if the passage of a row may contain the phrase.
    fn is_possible_in(&self, row: RowId) -> bool {
        self.terms.iter().all(|with_term| with_term.contains(row))
    }
}

/// Returns the part of a phrase that a file name has in the word index: without folders and extension. `None` if these are all.
fn name_part(phrase: &str) -> Option<&str> {
    let name = phrase.rsplit('/').next().unwrap_or(phrase);
    let stem = name.rsplit_once('.').filter(|(stem, extension)| {
        !stem.is_empty()
            && extension.len() <= MAX_EXTENSION_BYTES
            && extension.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let part = stem.map_or(name, |(stem, _)| stem);
    (part.len() < phrase.len()).then_some(part)
}

/// The names of a document, folded.
struct Names {
    path: String,
    title: String,
}

impl Names {
    fn of(document: &FoundDocument<'_>) -> Result<Self> {
        let record = document.record()?;
        let metadata = parse_metadata(&record.id, &record.metadata)?;
        let title = metadata.get("title").and_then(|title| title.as_str()).unwrap_or_default();
        Ok(Self { path: fold(record.id.as_str()), title: fold(title) })
    }

    /// True if the title or the file name contains a phrase. Folders and the extension count only together with the name.
    fn have(&self, phrase: &Phrase) -> bool {
        let name_start = self.path.rfind('/').map_or(0, |slash| slash + 1);
        let dot = self.path[name_start..].rfind('.').filter(|&dot| dot > 0);
        let name_end = dot.map_or(self.path.len(), |dot| name_start + dot);
        let in_name = |at: usize| at < name_end && at + phrase.folded().len() > name_start;
        phrase.is_in(&self.title) || phrase.places_in(&self.path).any(in_name)
    }
}

/// The check of one document.
struct Check<'a> {
    document: &'a FoundDocument<'a>,
    segment: usize,
    phrases: &'a [Sought],
    excluded: &'a [Sought],
}

impl Check<'_> {
    /// Chooses from these rows of the document.
    fn choose(&self, rows: &[RowId]) -> Result<Vec<RowId>> {
        let all_rows = self.document.rows();
        let possible = |sought: &Sought| sought.possible(self.segment, &all_rows);
        if self.phrases.iter().any(|phrase| possible(phrase) == Possible::Nowhere) {
            return Ok(Vec::new());
        }
        let excluded: Vec<&Sought> =
            self.excluded.iter().filter(|&excluded| possible(excluded) != Possible::Nowhere).collect();
        if self.phrases.is_empty() && excluded.is_empty() {
            return Ok(rows.to_vec());
        }
        let names = Names::of(self.document)?;
        if excluded.iter().any(|excluded| names.have(&excluded.phrase)) {
            return Ok(Vec::new());
        }
        let mut found: Vec<bool> = self.phrases.iter().map(|sought| names.have(&sought.phrase)).collect();
        let (mut in_text, mut in_headings) = (Vec::new(), Vec::new());
        for (ordinal, row) in (0..).zip(all_rows.clone()) {
            let row = RowId { segment: self.segment, row };
            let is_possible = |sought: &Sought| sought.is_possible_in(row);
            if !self.phrases.iter().any(is_possible) && !excluded.iter().any(|excluded| is_possible(excluded)) {
                continue;
            }
            let passage = self.document.passage(ordinal)?;
            let text = fold(&passage.text);
            let headings: Vec<String> = passage.context.headings.iter().map(|heading| fold(heading)).collect();
            let in_a_heading = |phrase: &Phrase| headings.iter().any(|heading| phrase.is_in(heading));
            if excluded.iter().any(|excluded| excluded.phrase.is_in(&text) || in_a_heading(&excluded.phrase)) {
                return Ok(Vec::new());
            }
            for (sought, found) in self.phrases.iter().zip(&mut found) {
                let list = match &sought.phrase {
                    phrase if phrase.is_in(&text) => &mut in_text,
                    phrase if in_a_heading(phrase) => &mut in_headings,
                    _ => continue,
                };
                *found = true;
                if list.last() != Some(&row) {
                    list.push(row);
                }
            }
        }
        // A phrase may begin in one passage and end in the next.
        let is_divided = |sought: &Sought| possible(sought) == Possible::Anywhere && sought.phrase.may_be_divided();
        let mut missing = self.phrases.iter().zip(&mut found).filter(|(_, found)| !**found).peekable();
        if all_rows.len() > 1 && (missing.peek().is_some() || excluded.iter().any(|excluded| is_divided(excluded))) {
            let missing: Vec<_> = missing.collect();
            if missing.iter().any(|(sought, _)| !is_divided(sought)) {
                return Ok(Vec::new());
            }
            let whole = fold(&self.document.text()?);
            if excluded.iter().any(|excluded| is_divided(excluded) && excluded.phrase.is_in(&whole)) {
                return Ok(Vec::new());
            }
            missing.into_iter().for_each(|(sought, found)| *found = sought.phrase.is_in(&whole));
        }
        if found.contains(&false) {
            return Ok(Vec::new());
        }
        let chosen =
            |list: &[RowId]| rows.iter().copied().filter(|row| list.binary_search(row).is_ok()).collect::<Vec<_>>();
        let best = [chosen(&in_text), chosen(&in_headings)].into_iter().find(|rows| !rows.is_empty());
        Ok(best.unwrap_or_else(|| rows.to_vec()))
    }
}
