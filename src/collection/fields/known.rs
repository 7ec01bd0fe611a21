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
    /// `[segments][rows]`: the number of each row's document, from 0; `u32::MAX` for a deleted row.
    document: Vec<Vec<u32>>,
    documents: usize,
}

impl<'a> FieldReader<'a> {
    pub(super) fn new(collection: &Collection, snapshot: &'a Arc<Snapshot>) -> Result<Self> {
        let segments = snapshot.sidecars().count();
        let (mut rows, mut document) = (vec![Vec::new(); segments], vec![Vec::new(); segments]);
        let places = snapshot.places()?;
        for (number, place) in (0..).zip(&places) {
            let own = snapshot.document(*place)?.rows();
            let documents: &mut Vec<u32> = &mut document[place.segment];
            documents.resize(documents.len().max(own.end as usize), u32::MAX);
            documents[own.start as usize..own.end as usize].fill(number);
            rows[place.segment].extend(own);
        }
        rows.iter_mut().for_each(|rows: &mut Vec<u32>| rows.sort_unstable());
        Ok(Self { snapshot, lexicon: collection.lexicon(snapshot)?, rows, document, documents: places.len() })
    }

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

    pub(super) fn has_match(&self, filter: &Filter) -> Result<bool> {
        let found = match &self.lexicon {
            Some(lexicon) => lexicon.matching(filter)?,
            None => matching(self.snapshot, filter)?,
        };
        let lives = |segment: usize, row: u32| {
            self.document.get(segment).and_then(|of| of.get(row as usize)).is_some_and(|&document| document != u32::MAX)
        };
        Ok(found.iter().enumerate().any(|(segment, rows)| rows.iter().any(|&row| lives(segment, row))))
    }

    pub(super) fn summaries(&self, paths: &[String], most: usize) -> Result<Vec<FieldSummary>> {
        let tally = || Tally::new(self.documents);
        let document = |row: RowId| {
            let document = self.document.get(row.segment).and_then(|of| of.get(row.row as usize)).copied();
            document.filter(|&document| document != u32::MAX)
        };
        if let Some(lexicon) = &self.lexicon {
            let one = |path: &String| {
                let mut tally = tally();
                lexicon.values(path, &self.rows, &mut |row, value| {
                    if let Some(document) = document(row) {
                        tally.add(document, value);
                    }
                })?;
                Ok(tally.finish(path, most))
            };
            return paths.iter().map(one).collect();
        }
        let mut tallies: BTreeMap<&str, Tally> = paths.iter().map(|path| (path.as_str(), tally())).collect();
        let languages = paths.iter().any(|path| *path == Field::Language.path());
        each(self.snapshot, languages, &mut |row, fields| {
            let Some(document) = document(row) else { return };
            for (path, value) in &fields.0 {
                if let Some(tally) = tallies.get_mut(path.as_str()) {
                    tally.add(document, value.as_ref());
                }
            }
        })?;
        Ok(tallies.into_iter().map(|(path, tally)| tally.finish(path, most)).collect())
    }

    pub(super) fn unknown_fields(&self, asked: &BTreeSet<String>) -> Result<Vec<String>> {
        let there = self.paths()?;
        let mut hints = Vec::new();
        for path in asked {
            // The lexical index may still have a field of deleted documents.
            let known = there.contains(path)
                && self.summaries(std::slice::from_ref(path), 0)?.iter().any(|it| it.documents > 0);
            if known {
                continue;
            }
            let field = Field::of_path(path);
            let name = field.name();
            let others: Vec<String> = there
                .iter()
                .map(|path| Field::of_path(path))
                .filter(|it| !it.is_built_in())
                .map(|it| written(&it))
                .collect();
            let built_in = || Field::built_in().map(|name| -> &str { name });
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
