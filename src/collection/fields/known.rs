//! Reads the values of fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::tally::Tally;
use super::{FieldSummary, hints};
use crate::collection::handle::Collection;
use crate::collection::words::{Lexicon, each, matching};
use crate::error::Result;
use crate::filter::{Field, Filter, closest, written};
use crate::index::{RowId, Snapshot};

/// The most field names that a hint lists.
const MAX_LISTED_NAMES: usize = 32;

/// Reads the fields of the documents: from columns if the build and the collection have them, otherwise from every document.
pub(super) struct FieldReader<'a> {
    snapshot: &'a Arc<Snapshot>,
    lexicon: Option<Arc<Lexicon>>,
    /// `[segments][rows that are not deleted]`, ascending.
    rows: Vec<Vec<u32>>,
    /// `[segments][rows]`: the number of each row's document, from 0; [`DELETED`] for a deleted row.
    document_of_row: Vec<Vec<u32>>,
    /// The number of documents.
    documents: usize,
}

/// Marks the row of a deleted passage.
const DELETED: u32 = u32::MAX;

impl<'a> FieldReader<'a> {
    /// Prepares reading the fields of one commit.
    pub(super) fn new(collection: &Collection, snapshot: &'a Arc<Snapshot>) -> Result<Self> {
        let segments = snapshot.sidecars().count();
        let (mut rows, mut document_of_row) = (vec![Vec::new(); segments], vec![Vec::new(); segments]);
        let places = snapshot.places()?;
        for (number, place) in (0..).zip(&places) {
            let document_rows = snapshot.document(*place)?.rows();
            let numbers: &mut Vec<u32> = &mut document_of_row[place.segment];
            numbers.resize(numbers.len().max(document_rows.end as usize), DELETED);
            numbers[document_rows.start as usize..document_rows.end as usize].fill(number);
            rows[place.segment].extend(document_rows);
        }
        rows.iter_mut().for_each(|rows: &mut Vec<u32>| rows.sort_unstable());
        let lexicon = collection.lexicon(snapshot)?;
        Ok(Self { snapshot, lexicon, rows, document_of_row, documents: places.len() })
    }

    /// Returns the number of a row's document; `None` for a deleted row.
    fn document_of(&self, row: RowId) -> Option<u32> {
        let number = self.document_of_row.get(row.segment).and_then(|numbers| numbers.get(row.row as usize)).copied();
        number.filter(|&number| number != DELETED)
    }

    /// Returns the paths of all fields. May include fields of deleted documents.
    pub(super) fn paths(&self) -> Result<BTreeSet<String>> {
        if let Some(lexicon) = &self.lexicon {
            return lexicon.paths();
        }
        let mut paths = BTreeSet::new();
        each(self.snapshot, true, &mut |_, fields| {
            for (path, _) in &fields.0 {
                if !paths.contains(path) {
                    paths.insert(path.clone());
                }
            }
        })?;
        Ok(paths)
    }

    /// True if a document matches the filter.
    pub(super) fn has_match(&self, filter: &Filter) -> Result<bool> {
        let matching_rows = match &self.lexicon {
            Some(lexicon) => lexicon.matching(filter)?,
            None => matching(self.snapshot, filter)?,
        };
        let is_live = |segment: usize, row: u32| self.document_of(RowId { segment, row }).is_some();
        Ok(matching_rows.iter().enumerate().any(|(segment, rows)| rows.iter().any(|&row| is_live(segment, row))))
    }

    /// Returns a summary of each field, with at most `most` values.
    pub(super) fn summaries(&self, paths: &[String], most: usize) -> Result<Vec<FieldSummary>> {
        let tally = || Tally::new(self.documents);
        if let Some(lexicon) = &self.lexicon {
            let summarise = |path: &String| {
                let mut tally = tally();
                lexicon.values(path, &self.rows, &mut |row, value| {
                    if let Some(document) = self.document_of(row) {
                        tally.add(document, value);
                    }
                })?;
                Ok(tally.finish(path, most))
            };
            return paths.iter().map(summarise).collect();
        }
        let mut tallies: BTreeMap<&str, Tally> = paths.iter().map(|path| (path.as_str(), tally())).collect();
        let needs_language = paths.iter().any(|path| *path == Field::Language.path());
        each(self.snapshot, needs_language, &mut |row, fields| {
            let Some(document) = self.document_of(row) else { return };
            for (path, value) in &fields.0 {
                if let Some(tally) = tallies.get_mut(path.as_str()) {
                    tally.add(document, value.as_ref());
                }
            }
        })?;
        Ok(tallies.into_iter().map(|(path, tally)| tally.finish(path, most)).collect())
    }

    /// Returns a hint for each of these paths that no document has.
    pub(super) fn unknown_fields(&self, asked: &BTreeSet<String>) -> Result<Vec<String>> {
        let paths = self.paths()?;
        let mut hints = Vec::new();
        for path in asked {
            // The lexical index may still have a field of deleted documents.
            let is_known = paths.contains(path)
                && self.summaries(std::slice::from_ref(path), 0)?.iter().any(|summary| summary.documents > 0);
            if is_known {
                continue;
            }
            let field = Field::of_path(path);
            let name = field.name();
            let others: Vec<String> = paths
                .iter()
                .map(|path| Field::of_path(path))
                .filter(|field| !field.is_built_in())
                .map(|field| written(&field))
                .collect();
            let built_in = || Field::built_in().map(|name| -> &str { name });
            // "lang" is another name of the field "language", which `built_in` does not list.
            let names = built_in().chain(["lang"]).chain(others.iter().map(String::as_str));
            let meant = hints::built_in_alias(&name).or_else(|| closest(&name, names));
            let meant = meant.map_or(String::new(), |meant| format!(" Did you mean {meant}?"));
            let all: Vec<&str> = built_in().chain(others.iter().map(String::as_str)).collect();
            let shown = all.iter().take(MAX_LISTED_NAMES).copied().collect::<Vec<_>>().join(", ");
            let dots = if all.len() > MAX_LISTED_NAMES { ", …" } else { "" };
            hints.push(format!("{name:?} is not a field.{meant} The fields are {shown}{dots}"));
        }
        Ok(hints)
    }
}
