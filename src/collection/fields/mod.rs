//! What filters can ask of a collection, and why one accepts nothing.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`FieldSummary`], and what a collection says of its fields and of a filter |
//! | `known.rs` | where the values of fields are read |
//! | `tally.rs` | values, counted |
//! | `hints.rs` | what is said of names and values that no document has |

mod hints;
mod known;
mod tally;

use std::collections::BTreeSet;

use self::known::Known;
use super::handle::Collection;
use crate::error::Result;
use crate::filter::{Field, FieldValue, Filter};

/// Fields that are told of.
const MOST_FIELDS: usize = 1000;

/// A field that filters can ask, and what documents say of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FieldSummary {
    /// Its name, as it is written in a filter.
    pub name: String,
    /// How many documents have a value of it.
    pub documents: u64,
    /// Its values, each with the number of documents that have it, the commonest first. Texts of more than 200 bytes are left out.
    pub values: Vec<(FieldValue, u64)>,
    /// Whether there are more values than those.
    pub more: bool,
    /// The least and the greatest of its numbers.
    pub range: Option<(f64, f64)>,
}

impl Collection {
    /// Which fields filters can ask, with their values: the built-in ones first, then metadata by name, at most 1,000 of both.
    /// `most` is how many values are listed of each.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn fields(&self, most: usize) -> Result<Vec<FieldSummary>> {
        let snapshot = self.newest()?;
        snapshot.intact(|| {
            let known = Known::of(self, &snapshot)?;
            let paths: Vec<String> = known.paths()?.into_iter().take(MOST_FIELDS).collect();
            let mut all = known.summaries(&paths, most)?;
            all.retain(|summary| summary.documents > 0);
            all.sort_by_key(|summary| !Field::built_in().any(|name| name == summary.name));
            Ok(all)
        })
    }

    /// Which names of a filter no document has, what may be meant, and which names there are.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn unknown_fields(&self, filter: &Filter) -> Result<Vec<String>> {
        let asked: BTreeSet<String> =
            filter.leaves().filter(|leaf| !leaf.field.is_built_in()).map(|leaf| leaf.field.path()).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = self.newest()?;
        snapshot.intact(|| Known::of(self, &snapshot)?.unknown(&asked))
    }

    /// Why no document matches a filter: names that none has, tests that none passes with the values that there are. Nothing
    /// where one matches.
    ///
    /// # Errors
    /// [`crate::Error::InvalidFilter`]; [`crate::Error::IndexDamaged`].
    pub fn why_nothing(&self, filter: &Filter) -> Result<Vec<String>> {
        let snapshot = self.newest()?;
        snapshot.intact(|| {
            let known = Known::of(self, &snapshot)?;
            if known.any(filter)? {
                return Ok(Vec::new());
            }
            let asked = filter.leaves().filter(|leaf| !leaf.field.is_built_in()).map(|leaf| leaf.field.path());
            let mut hints = known.unknown(&asked.collect())?;
            let unknown = hints.len();
            let mut seen = BTreeSet::new();
            for leaf in filter.wanted().into_iter().filter(|leaf| seen.insert(leaf.written())) {
                let summary = known.summaries(&[leaf.field.path()], usize::MAX)?.pop();
                let Some(summary) = summary.filter(|summary| summary.documents > 0) else {
                    if leaf.field.is_built_in() {
                        hints.push(format!(
                            "no document matches {}: no document has a {}",
                            leaf.written(),
                            leaf.field.name()
                        ));
                    }
                    continue;
                };
                if !known.any(&Filter::of_leaf(leaf.clone()))? {
                    hints.push(hints::no_match(leaf, &summary));
                }
            }
            if hints.len() == unknown && unknown == 0 && filter.leaves().count() > 1 {
                hints.push(
                    "each test of the filter has documents that pass it, but none passes all that must hold".to_owned(),
                );
            }
            Ok(hints)
        })
    }
}
