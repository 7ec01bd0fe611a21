//! Finds the best documents, each by its best passage. Tantivy skips blocks of passages that score below the worst of the best documents
//! so far (block-max WAND, Ding and Suel 2011).

use std::collections::{BTreeSet, HashMap};

use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query as _, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Score, Term};

use super::guard::{guard, unreadable};
use super::lexicon::Lexicon;
use super::query::{Query, scoring};
use crate::error::{Error, Result};
use crate::row::{RowId, ScoredRow};

/// The number of documents that are kept beyond the limit. Tantivy adds terms in no fixed order, so its scores differ in the last bits.
/// The scores of [`Lexicon::score`] then decide the order.
const SPARE: usize = 16;

/// The largest relative difference between sums of the same terms in different orders.
const ROUNDING: f32 = 1e-6;

/// Returns the number of a row's document, or `None` if a search may not find the row.
pub(super) type Accept<'a> = dyn Fn(RowId) -> Result<Option<u64>> + 'a;

impl Lexicon {
    /// Returns the best rows, one for each of the best `limit` documents, best first. `accept` returns the document of a row, or `None` if
    /// the search may not find the row.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`]; errors of `accept`.
    pub fn search(&self, query: &Query, limit: usize, accept: &Accept<'_>) -> Result<Vec<ScoredRow>> {
        if query.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut best = BestDocuments::new(limit.saturating_add(SPARE));
        guard(|| self.collect(query, &mut best, accept))?;
        let mut found: Vec<ScoredRow> = best.sorted.into_iter().collect();
        let rows: Vec<RowId> = found.iter().map(|found| found.row).collect();
        for (found, exact) in found.iter_mut().zip(self.score(query, &rows)?) {
            found.score = exact.score;
        }
        found.sort_unstable();
        found.truncate(limit);
        Ok(found)
    }

    fn collect(&self, query: &Query, best: &mut BestDocuments, accept: &Accept<'_>) -> Result<()> {
        let clauses = query.terms.iter().map(|term| {
            let wanted = Term::from_field_text(term.field, &term.text);
            let term_query = Box::new(TermQuery::new(wanted, IndexRecordOption::WithFreqs));
            let weighted = BoostQuery::new(term_query, term.weight);
            (Occur::Should, Box::new(weighted) as Box<dyn tantivy::query::Query>)
        });
        let all = BooleanQuery::new(clauses.collect());
        let weight = all.weight(scoring(&self.searcher, query)).map_err(unreadable)?;
        for (segment, reader, rows) in self.readers() {
            let mut failed: Option<Error> = None;
            let threshold = best.threshold();
            let mut offer = |document: u32, score: Score| {
                let row = RowId { segment, row: rows.row(document) };
                match accept(row) {
                    Ok(Some(document)) => best.offer(ScoredRow { row, document, score }),
                    Ok(None) => {}
                    Err(error) => {
                        failed = Some(error);
                        // No document exceeds this threshold, so the search of the segment ends.
                        return Score::INFINITY;
                    }
                }
                best.threshold()
            };
            weight.for_each_pruning(threshold, reader, &mut offer).map_err(unreadable)?;
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The best row of each of the best documents.
struct BestDocuments {
    limit: usize,
    sorted: BTreeSet<ScoredRow>,
    of_document: HashMap<u64, ScoredRow>,
}

impl BestDocuments {
    fn new(limit: usize) -> Self {
        Self { limit, sorted: BTreeSet::new(), of_document: HashMap::new() }
    }

    fn offer(&mut self, mut candidate: ScoredRow) {
        if let Some(&before) = self.of_document.get(&candidate.document) {
            if candidate.score < before.score * (1.0 - ROUNDING) {
                return;
            }
            // Equal except for rounding: the first passage counts, in any order of arrival.
            if candidate.score <= before.score * (1.0 + ROUNDING) {
                candidate.score = candidate.score.max(before.score);
                candidate.row = candidate.row.min(before.row);
            }
            self.sorted.remove(&before);
        } else if self.sorted.len() >= self.limit {
            match self.sorted.last().copied() {
                Some(worst) if candidate < worst => {
                    self.sorted.remove(&worst);
                    self.of_document.remove(&worst.document);
                }
                _ => return,
            }
        }
        self.sorted.insert(candidate);
        self.of_document.insert(candidate.document, candidate);
    }

    /// Returns the score that a passage must exceed to matter: a little less than the worst kept document, because sums are rounded.
    fn threshold(&self) -> Score {
        if self.sorted.len() < self.limit {
            return Score::MIN;
        }
        self.sorted.last().map_or(Score::MIN, |worst| worst.score * (1.0 - ROUNDING)).next_down()
    }
}
