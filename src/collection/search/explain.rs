//! Explains a hit: how its score was computed.

use super::candidate::HitCandidate;
use super::hits::{Explanation, TermScore};
use super::run::SearchRun;
use crate::error::Result;
use crate::index::{FoundDocument, RowId, ScoredRow};

impl SearchRun<'_> {
    /// Explains how the score of a hit was computed. `document`: the document of the hit.
    pub(super) fn explanation(
        &self,
        found: &ScoredRow,
        candidate: &HitCandidate,
        document: &FoundDocument<'_>,
    ) -> Result<Explanation> {
        // Each side may have chosen another passage; the hit shows the one with the best fused score.
        let (mut dense, mut lexical) = (None, None);
        for (row, other) in self.candidates.iter().filter(|(_, other)| other.document == found.document) {
            let ordinal = document.ordinal_of(row.row);
            dense = other.dense_rank.map(|rank| (rank, ordinal)).or(dense);
            lexical = other.lexical_rank.map(|rank| (rank, ordinal)).or(lexical);
        }
        Ok(Explanation {
            dense_rank: dense.map(|(rank, _)| rank),
            dense_score: candidate.cosine,
            dense_passage: dense.map(|(_, ordinal)| ordinal),
            lexical_rank: lexical.map(|(rank, _)| rank),
            lexical_score: candidate.bm25,
            lexical_passage: lexical.map(|(_, ordinal)| ordinal),
            candidates: self.candidates_per_side(),
            coverage: candidate.coverage,
            terms: self.terms(found.row)?,
            fused_score: found.score,
            passage_ordinal: document.ordinal_of(found.row.row),
            compared: self.segments.iter().map(|plan| plan.compared).sum(),
            exact: self.segments.iter().all(|plan| plan.ef.is_none()),
        })
    }

    /// Returns the terms of the query that a row has, sorted by what they add to the score. A term in several fields is listed
    /// once, with the sum.
    fn terms(&self, row: RowId) -> Result<Vec<TermScore>> {
        let matched = match &self.lexical {
            Some((lexicon, query)) => lexicon.explain(query, row)?,
            None => Vec::new(),
        };
        let mut terms: Vec<TermScore> = Vec::new();
        for term in matched {
            match terms.iter_mut().find(|known| known.term == term.term) {
                Some(known) => known.score += term.score,
                None => terms.push(TermScore { term: term.term, score: term.score }),
            }
        }
        terms.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(terms)
    }
}
