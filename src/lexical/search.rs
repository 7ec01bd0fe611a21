//! The best documents. Tantivy skips the blocks of passages that cannot be among them (block-max WAND, Ding and Suel 2011), where
//! "among them" is measured by the worst of the best documents so far, each by its best passage.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query as _, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Score, Term};

use super::guard::{guard, unreadable};
use super::lexicon::Lexicon;
use super::query::{Query, scoring};
use super::score::Scored;
use crate::error::{Error, Result};

/// Documents kept beyond those asked for: tantivy sums terms in no fixed order, so what is the same to the last bit or two is
/// put in order by the exact scores.
const SPARE: usize = 16;

/// By how much of a score sums of the same terms in another order may differ.
const ROUNDING: f32 = 1e-6;

/// A document that was found, by its best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Its number.
    pub document: u64,
    /// The segment of its best passage.
    pub segment: usize,
    /// The row of its best passage.
    pub row: u32,
    /// How well that passage answers.
    pub scored: Scored,
}

impl Lexicon {
    /// The best `limit` documents, best first; what is as good comes in the order of documents. `accept` gives the document of
    /// `(segment, row)`, or none when the row may not be found.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`]; what `accept` returns.
    pub fn search(
        &self,
        query: &Query,
        limit: usize,
        accept: &dyn Fn(usize, u32) -> Result<Option<u64>>,
    ) -> Result<Vec<Match>> {
        if query.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut best = Best::new(limit.saturating_add(SPARE));
        guard(|| self.collect(query, &mut best, accept))?;
        let found: Vec<Candidate> = best.sorted.into_iter().collect();
        let rows: Vec<(usize, u32)> = found.iter().map(|candidate| candidate.place).collect();
        let scores = self.score(query, &rows)?;
        let matches = found.iter().zip(scores).map(|(candidate, scored)| {
            let (segment, row) = candidate.place;
            Match { document: candidate.document, segment, row, scored }
        });
        let mut matches: Vec<Match> = matches.collect();
        let order = |a: &Match, b: &Match| b.scored.score.total_cmp(&a.scored.score).then(a.document.cmp(&b.document));
        matches.sort_by(order);
        matches.truncate(limit);
        Ok(matches)
    }

    fn collect(
        &self,
        query: &Query,
        best: &mut Best,
        accept: &dyn Fn(usize, u32) -> Result<Option<u64>>,
    ) -> Result<()> {
        let clauses = query.terms.iter().map(|term| {
            let wanted = Term::from_field_text(term.field, &term.text);
            let one = Box::new(TermQuery::new(wanted, IndexRecordOption::WithFreqs));
            let weighted = BoostQuery::new(one, term.weight);
            (Occur::Should, Box::new(weighted) as Box<dyn tantivy::query::Query>)
        });
        let all = BooleanQuery::new(clauses.collect());
        let weight = all.weight(scoring(&self.searcher, query)).map_err(unreadable)?;
        for (segment, reader, rows) in self.readers() {
            let mut failed: Option<Error> = None;
            let from = best.threshold();
            let mut offer = |document: u32, score: Score| {
                let row = rows.row(document);
                match accept(segment, row) {
                    Ok(Some(document)) => best.offer(Candidate { score, document, place: (segment, row) }),
                    Ok(None) => {}
                    Err(error) => {
                        failed = Some(error);
                        return Score::INFINITY;
                    }
                }
                best.threshold()
            };
            weight.for_each_pruning(from, reader, &mut offer).map_err(unreadable)?;
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// A passage that may be its document's best.
#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    document: u64,
    place: (usize, u32),
}

impl Ord for Candidate {
    /// Best first.
    fn cmp(&self, other: &Self) -> Ordering {
        let ties = || (self.document, self.place).cmp(&(other.document, other.place));
        other.score.total_cmp(&self.score).then_with(ties)
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// The best documents, each by its best passage.
struct Best {
    limit: usize,
    sorted: BTreeSet<Candidate>,
    of_document: HashMap<u64, Candidate>,
}

impl Best {
    fn new(limit: usize) -> Self {
        Self { limit, sorted: BTreeSet::new(), of_document: HashMap::new() }
    }

    fn offer(&mut self, candidate: Candidate) {
        let mut candidate = candidate;
        if let Some(&before) = self.of_document.get(&candidate.document) {
            if candidate.score < before.score * (1.0 - ROUNDING) {
                return;
            }
            // As good but for rounding: the first passage counts, in whatever order they come.
            if candidate.score <= before.score * (1.0 + ROUNDING) {
                candidate.score = candidate.score.max(before.score);
                candidate.place = candidate.place.min(before.place);
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

    /// What a passage must score above to matter: a little less than the worst document kept, as sums are rounded.
    fn threshold(&self) -> Score {
        if self.sorted.len() < self.limit {
            return Score::MIN;
        }
        self.sorted.last().map_or(Score::MIN, |worst| worst.score * (1.0 - ROUNDING)).next_down()
    }
}
