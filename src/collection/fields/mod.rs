//! The fields that filters can use in a collection, and the reasons why a filter matches nothing.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`FieldSummary`], and the methods of a collection about its fields and about a filter |
//! | `known.rs` | reads the values of fields |
//! | `tally.rs` | counts the values of a field |
//! | `hints.rs` | hints about fields and values that no document has |

mod hints;
mod known;
mod tally;

use std::collections::BTreeSet;

use self::known::FieldReader;
use super::handle::Collection;
use crate::error::Result;
use crate::filter::{Field, FieldValue, Filter};

/// The most fields that [`Collection::fields`] returns.
const MAX_FIELDS: usize = 1000;

/// A field that filters can use, with its values in the documents.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FieldSummary {
    /// The field's name, as it is written in a filter.
    pub name: String,
    /// The number of documents that have a value of it.
    pub documents: u64,
    /// The values, each with the number of documents that have it, most frequent first. Texts of more than 200 bytes are left
    /// out.
    pub values: Vec<(FieldValue, u64)>,
    /// True if there are more values than [`FieldSummary::values`] lists.
    pub more: bool,
    /// The least and the greatest number; `None` if no value is a number.
    pub range: Option<(f64, f64)>,
}

impl Collection {
    /// Returns the fields that filters can use, with their values: the built-in ones first, then metadata by name, at most
    /// 1,000 in all. Lists at most `most` values of each.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn fields(&self, most: usize) -> Result<Vec<FieldSummary>> {
        let snapshot = self.newest()?;
        snapshot.intact(|| {
            let reader = FieldReader::new(self, &snapshot)?;
            let paths: Vec<String> = reader.paths()?.into_iter().take(MAX_FIELDS).collect();
            let mut all = reader.summaries(&paths, most)?;
            all.retain(|summary| summary.documents > 0);
            all.sort_by_key(|summary| !Field::built_in().any(|name| name == summary.name));
            Ok(all)
        })
    }

    /// Returns a hint for each name in a filter that no document has: the name that may be meant, and the names that exist.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn unknown_fields(&self, filter: &Filter) -> Result<Vec<String>> {
        if filter.leaves().all(|leaf| leaf.field.is_built_in()) {
            return Ok(Vec::new());
        }
        let snapshot = self.newest()?;
        snapshot.intact(|| FieldReader::new(self, &snapshot)?.unknown_fields(filter.leaves()))
    }

    /// Returns the reasons why a search with a filter finds nothing: names that no document has, and tests that no document passes,
    /// with the values that there are. Empty if a document with text matches.
    ///
    /// # Errors
    /// [`crate::Error::InvalidFilter`]; [`crate::Error::IndexDamaged`].
    pub fn why_nothing(&self, filter: &Filter) -> Result<Vec<String>> {
        let snapshot = self.newest()?;
        snapshot.intact(|| {
            let reader = FieldReader::new(self, &snapshot)?;
            if reader.matches(filter)? > 0 {
                return Ok(Vec::new());
            }
            if reader.has_match_without_rows(filter)? {
                return Ok(vec!["all documents that match have no text, so a search does not find them".to_owned()]);
            }
            let mut hints = reader.unknown_fields(filter.leaves())?;
            let (mut seen, mut counts) = (BTreeSet::new(), Vec::new());
            for leaf in filter.wanted().into_iter().filter(|leaf| seen.insert(leaf.written())) {
                let summary = reader.summaries(&[leaf.field.path()], usize::MAX)?.pop();
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
                match reader.matches(&Filter::of_leaf(leaf.clone()))? {
                    0 => hints.push(hints::no_match(leaf, &summary)),
                    count => counts.push(format!("{}: {count}", leaf.written())),
                }
            }
            if hints.is_empty() && filter.leaves().count() > 1 {
                let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
                hints.push(format!(
                    "each test of the filter has documents that pass it{counts}, but none passes all that must hold"
                ));
            }
            Ok(hints)
        })
    }
}
