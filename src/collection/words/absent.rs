//! Replacements for a build without the feature `lexical`. These types have no values, and the compiler knows it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::error::Result;
use crate::filter::{Filter, ValueRef};
use crate::index::{RowId, ScoredRow, Sidecar, Snapshot};
use crate::records::WordIndex;

/// No sidecar: [`super::check`] refuses to write collections with a lexical index.
pub(super) enum LexicalSidecar {}

impl LexicalSidecar {
    pub(super) fn sidecar(_: WordIndex) -> Arc<dyn Sidecar> {
        Arc::new(super::NoSidecar)
    }
}

/// Returns no lexicon.
#[derive(Default)]
pub(in crate::collection) struct Lexicons {}

impl Lexicons {
    pub(in crate::collection) fn of(&self, _: &Arc<Snapshot>) -> Result<Option<Arc<Lexicon>>> {
        Ok(None)
    }
}

/// Leaves the lexical index of another build as it is.
pub(in crate::collection) fn are_outdated(_: &Snapshot) -> Result<bool> {
    Ok(false)
}

/// This build cannot read a lexical index; the checksums of its segments are checked nevertheless.
pub(in crate::collection) fn verify(_: &Snapshot) -> Result<()> {
    Ok(())
}

/// Normalises a text for comparisons of phrases: width only, because the tables of accents and Chinese characters are absent.
pub(in crate::collection) fn normalise(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) }
}

pub(in crate::collection) enum Query {}

impl Query {
    pub(in crate::collection) fn known(&self) -> f32 {
        match *self {}
    }
}

pub(in crate::collection) enum Lexicon {}

/// Takes the values of a field.
type Work<'a> = dyn FnMut(RowId, ValueRef<'_>) + 'a;

pub(in crate::collection) struct LexicalScore {
    pub(in crate::collection) score: f32,
    pub(in crate::collection) bonus: f32,
    pub(in crate::collection) exact: f32,
    pub(in crate::collection) coverage: f32,
}

pub(in crate::collection) struct Term {
    pub(in crate::collection) term: String,
    pub(in crate::collection) score: f32,
}

/// Returns the number of a row's document, or `None` if the search may not find the row.
type Accept<'a> = dyn Fn(RowId) -> Result<Option<u64>> + 'a;

impl Lexicon {
    pub(in crate::collection) fn paths(&self) -> Result<BTreeSet<String>> {
        match *self {}
    }

    pub(in crate::collection) fn values(&self, _: &str, _: &[Vec<u32>], _: &mut Work<'_>) -> Result<()> {
        match *self {}
    }

    pub(in crate::collection) fn matching(&self, _: &Filter) -> Result<Vec<Vec<u32>>> {
        match *self {}
    }

    pub(in crate::collection) fn rows_of_phrase(&self, _: &str) -> Result<Vec<Vec<Vec<u32>>>> {
        match *self {}
    }

    pub(in crate::collection) fn query(&self, _: &str) -> Result<Query> {
        match *self {}
    }

    pub(in crate::collection) fn search(&self, _: &Query, _: usize, _: &Accept<'_>) -> Result<Vec<ScoredRow>> {
        match *self {}
    }

    pub(in crate::collection) fn score(&self, _: &Query, _: &[RowId]) -> Result<Vec<LexicalScore>> {
        match *self {}
    }

    pub(in crate::collection) fn explain(&self, _: &Query, _: RowId) -> Result<Vec<Term>> {
        match *self {}
    }
}
