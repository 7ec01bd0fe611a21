//! The passages of a document that answer the query.
//!
//! The two searches find the best passage of each document, each by its own scores. All passages of these documents become
//! candidates, so that the fused score chooses the best one, and others that answer as well are known.

use std::collections::{HashMap, HashSet};

use super::candidate::HitCandidate;
use super::fusion::{self, QueryShares};
use super::run::SearchRun;
use crate::error::Result;
use crate::index::{AcceptedRows, FoundDocument, FoundPassage, RowId, ScoredRow, Snapshot};

/// The most passages that become candidates because their documents are. A book has a few thousand, a mailbox up to 65,536.
const MAX_ADDED: usize = 100_000;
/// How much lower than the best one the score of a passage may be that answers, too, in standard deviations of a cosine. Chosen by
/// how often the passages shown hold the answer (docs/benchmarks/passages.md).
const MARGIN: f32 = 2.0;
/// The same in a search by words alone, as a share of the best score. A round value; not fitted.
const LEXICAL_MARGIN: f32 = 0.25;

/// The passages of a hit's document that answer the query.
pub(super) struct AnsweringPassages<'d> {
    /// The best one.
    pub(super) best: FoundPassage<'d>,
    /// Others that are shown with their scores, best first.
    pub(super) others: Vec<(FoundPassage<'d>, f32)>,
    /// How many answer, shown or not.
    pub(super) matching: usize,
}

/// The most passages of a hit.
#[derive(Debug, Clone, Copy)]
pub(super) struct MostPassages {
    /// At least 1.
    pub(super) number: usize,
    /// True for the best ones, however well they answer.
    pub(super) anyway: bool,
}

/// Makes all passages of the candidates' documents candidates, those of the best documents first, up to [`MAX_ADDED`].
pub(super) fn add_all_passages(
    candidates: &mut HashMap<RowId, HitCandidate>,
    snapshot: &Snapshot,
    accepted: &AcceptedRows<'_>,
) -> Result<()> {
    let rank = |candidate: &HitCandidate| {
        [candidate.dense_rank, candidate.lexical_rank].into_iter().flatten().min().unwrap_or(usize::MAX)
    };
    let mut found: Vec<(usize, RowId, u64)> =
        candidates.iter().map(|(&row, candidate)| (rank(candidate), row, candidate.document)).collect();
    found.sort_unstable_by_key(|&(rank, row, _)| (rank, row));
    let (mut seen, mut added) = (HashSet::new(), 0);
    for (_, row, document) in found {
        if !seen.insert(document) {
            continue;
        }
        let rows = snapshot.document_of(row)?.rows();
        added += rows.len();
        if added > MAX_ADDED {
            break;
        }
        for other in rows.map(|other| RowId { row: other, ..row }).filter(|&other| other != row) {
            if accepted.document(other)?.is_some() {
                candidates.entry(other).or_insert_with(|| HitCandidate::of(document));
            }
        }
    }
    Ok(())
}

impl SearchRun<'_> {
    /// Returns the passages of a hit's document that answer. `found`: the best one, `best`: its scores.
    pub(super) fn answering_passages<'d>(
        &self,
        (found, best): (&ScoredRow, &HitCandidate),
        document: &FoundDocument<'d>,
        shares: QueryShares,
        most: MostPassages,
    ) -> Result<AnsweringPassages<'d>> {
        let deviation = best.random_scores.map_or(0.0, |scores| scores.deviation);
        let margin = match (self.is_hybrid(), best.cosine) {
            (true, Some(_)) => MARGIN,
            (false, Some(_)) => MARGIN * deviation,
            (_, None) => LEXICAL_MARGIN * found.score,
        };
        let candidate = |row: u32| {
            let row = RowId { row, ..found.row };
            let score = fusion::score(self.candidates.get(&row)?, shares, self.is_hybrid());
            (row != found.row).then_some((row.row, score))
        };
        let mut others: Vec<(u32, f32)> = document.rows().filter_map(candidate).collect();
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let matching = others.partition_point(|other| other.1 > found.score - margin);
        others.truncate(if most.anyway { others.len() } else { matching }.min(most.number - 1));
        let matching = 1 + matching;
        let passage = |row: u32| document.passage(document.ordinal_of(row));
        let others = others.into_iter().map(|(row, score)| Ok((passage(row)?, score))).collect::<Result<_>>()?;
        Ok(AnsweringPassages { best: passage(found.row.row)?, others, matching })
    }
}
