//! A build without search by words (feature `lexical`): nothing of this is ever made, and the compiler knows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::Result;
use crate::filter::{Filter, ValueRef};
use crate::index::{RowId, ScoredRow, Sidecar, Snapshot};
use crate::records::WordIndex;

/// Keeps nothing: [`super::check`] refuses to write collections that keep words.
pub(super) enum Words {}

impl Words {
    pub(super) fn sidecar(_: WordIndex) -> Arc<dyn Sidecar> {
        Arc::new(super::NoWords)
    }
}

/// The words of no snapshot.
#[derive(Default)]
pub(in crate::collection) struct Lexicons {}

impl Lexicons {
    pub(in crate::collection) fn of(&self, _: &Arc<Snapshot>) -> Result<Option<Arc<Lexicon>>> {
        Ok(None)
    }
}

/// Words of another build are left as they are.
pub(in crate::collection) fn are_outdated(_: &Snapshot) -> Result<bool> {
    Ok(false)
}

/// Words cannot be read in this build; the segments that hold them are still checked byte by byte.
pub(in crate::collection) fn verify(_: &Snapshot) -> Result<()> {
    Ok(())
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

/// Gives the number of a row's document, or `None` when a search may not find the row.
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
