//! Reads the values of fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::tally::Tally;
use super::{FieldSummary, hints};
use crate::collection::handle::Collection;
use crate::collection::words::{Lexicon, each, matches_without_rows, matching};
use crate::error::Result;
use crate::filter::{Field, Filter, Leaf, closest, is_inside, written};
use crate::index::{DocumentRef, RowId, Snapshot};

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
    /// The documents without passages. They have no rows.
    without_rows: Vec<DocumentRef>,
}

/// Marks the row of a deleted passage.
const DELETED: u32 = u32::MAX;

impl<'a> FieldReader<'a> {
    /// Prepares reading the fields of one commit.
    pub(super) fn new(collection: &Collection, snapshot: &'a Arc<Snapshot>) -> Result<Self> {
        let segments = snapshot.sidecars().count();
        let (mut rows, mut document_of_row) = (vec![Vec::new(); segments], vec![Vec::new(); segments]);
        let (places, mut without_rows) = (snapshot.places()?, Vec::new());
        for (number, place) in (0..).zip(&places) {
            let document_rows = snapshot.document(*place)?.rows();
            if document_rows.is_empty() {
                without_rows.push(*place);
            }
            let numbers: &mut Vec<u32> = &mut document_of_row[place.segment];
            numbers.resize(numbers.len().max(document_rows.end as usize), DELETED);
            numbers[document_rows.start as usize..document_rows.end as usize].fill(number);
            rows[place.segment].extend(document_rows);
        }
        rows.iter_mut().for_each(|rows: &mut Vec<u32>| rows.sort_unstable());
        let (lexicon, documents) = (collection.lexicon(snapshot)?, places.len());
        Ok(Self { snapshot, lexicon, rows, document_of_row, documents, without_rows })
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

    /// True if a document without passages matches, which no search finds.
    pub(super) fn has_match_without_rows(&self, filter: &Filter) -> Result<bool> {
        for place in &self.without_rows {
            if matches_without_rows(&self.snapshot.document(*place)?, filter)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the number of documents with a passage that matches.
    pub(super) fn matches(&self, filter: &Filter) -> Result<usize> {
        let matching_rows = match &self.lexicon {
            Some(lexicon) => lexicon.matching(filter)?,
            None => matching(self.snapshot, filter)?,
        };
        let rows =
            (0..).zip(&matching_rows).flat_map(|(segment, rows)| rows.iter().map(move |&row| RowId { segment, row }));
        Ok(rows.filter_map(|row| self.document_of(row)).collect::<BTreeSet<u32>>().len())
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

    /// Returns a hint for each metadata name in the tests that no document has.
    pub(super) fn unknown_fields<'l>(&self, leaves: impl Iterator<Item = &'l Leaf>) -> Result<Vec<String>> {
        // The names, and whether they are only tested for existence.
        let mut asked: BTreeMap<String, bool> = BTreeMap::new();
        for leaf in leaves.filter(|leaf| !leaf.field.is_built_in()) {
            *asked.entry(leaf.field.path()).or_insert(true) &= leaf.looks_inside();
        }
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let paths = self.paths()?;
        let mut hints = Vec::new();
        for (path, only_exists) in &asked {
            // The lexical index may still have a field of deleted documents.
            let is_known = paths.contains(path)
                && self.summaries(std::slice::from_ref(path), 0)?.iter().any(|summary| summary.documents > 0);
            if is_known {
                continue;
            }
            let field = Field::of_path(path);
            let name = field.name();
            let inner: Vec<String> = paths.iter().filter(|inner| is_inside(path, inner)).cloned().collect();
            let inner = self.summaries(&inner, 0)?.into_iter().filter(|summary| summary.documents > 0);
            let inner: Vec<String> = inner.map(|summary| summary.name).collect();
            if !inner.is_empty() {
                if !only_exists {
                    let shown = listed(&inner);
                    hints.push(format!(
                        "{name:?} is an object, which has no value itself. The fields inside are {shown}"
                    ));
                }
                continue;
            }
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
            let all: Vec<String> = built_in().map(str::to_owned).chain(others.iter().cloned()).collect();
            hints.push(format!("{name:?} is not a field.{meant} The fields are {}", listed(&all)));
        }
        Ok(hints)
    }
}

/// Lists names, at most [`MAX_LISTED_NAMES`].
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MAX_LISTED_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > MAX_LISTED_NAMES { shown + ", …" } else { shown }
}
