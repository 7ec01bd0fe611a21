//! Scores of given rows, and the contribution of each term. Terms are added in the order of the query, so the score of a passage does
//! not depend on the segments of its collection.

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::analysis::readable;
use super::guard::{damaged, guard, unread, unreadable};
use super::lexicon::Lexicon;
use super::query::Query;
use super::schema::LAYOUT;
use crate::error::Result;
use crate::row::RowId;

/// The lexical score of a passage.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LexicalScore {
    /// Weighted BM25, from 0.
    pub score: f32,
    /// The part of the score from exact terms.
    pub bonus: f32,
    /// The share of the query in exact terms that the passage has, in [0, 1].
    pub exact: f32,
    /// The share of the query's idf mass whose terms the passage has, in [0, 1].
    pub coverage: f32,
}

/// The kind of a matching term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// A stem, or a word of Chinese.
    Word,
    /// An exact form, a name of a document, a code, a character or a bigram.
    Exact,
    /// A word of title or headings.
    Title,
}

/// A term of the query that a passage has.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedTerm {
    /// The term in the index: normalised, and a stem for [`TermKind::Word`].
    pub term: String,
    /// Its kind.
    pub kind: TermKind,
    /// Its contribution to the score.
    pub score: f32,
    /// The number of its occurrences in the passage.
    pub frequency: u32,
}

impl Lexicon {
    /// Returns the scores of rows, in their order. A row that does not exist is an error; a row without any of the terms has 0.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn score(&self, query: &Query, rows: &[RowId]) -> Result<Vec<LexicalScore>> {
        let mut scores = vec![LexicalScore::default(); rows.len()];
        self.each_match(query, rows, &mut |place, term, score, _| {
            scores[place].score += score;
            let term = &query.terms[term];
            scores[place].coverage += term.share;
            scores[place].bonus += score * term.bonus;
            scores[place].exact = (scores[place].exact + term.exact).min(1.0);
        })?;
        if query.mass > 0.0 {
            scores.iter_mut().for_each(|scored| scored.coverage = (scored.coverage / query.mass).min(1.0));
        }
        Ok(scores)
    }

    /// Returns the terms of the query that a row has, sorted by their contribution to the score.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`], also for a row that does not exist.
    pub fn explain(&self, query: &Query, row: RowId) -> Result<Vec<MatchedTerm>> {
        let mut found = Vec::new();
        self.each_match(query, &[row], &mut |_, term, score, frequency| {
            let term = &query.terms[term];
            let kind = match term.field {
                field if field == LAYOUT.words => TermKind::Word,
                field if field == LAYOUT.grams => TermKind::Exact,
                _ => TermKind::Title,
            };
            found.push(MatchedTerm { term: readable(&term.text).to_owned(), kind, score, frequency });
        })?;
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(found)
    }

    /// Calls `emit` for each term that a row has: index in `rows`, index of the term, contribution to the score, frequency. For each row
    /// the terms come in the order of the query.
    fn each_match(&self, query: &Query, rows: &[RowId], emit: &mut dyn FnMut(usize, usize, f32, u32)) -> Result<()> {
        let mut wanted = Vec::with_capacity(rows.len());
        for (place, &RowId { segment, row }) in rows.iter().enumerate() {
            let document = self.columns(segment).and_then(|(_, rows)| rows.document(row));
            let document = document.ok_or_else(|| damaged(format!("segment {segment} has no row {row}")))?;
            wanted.push((segment, document, place));
        }
        wanted.sort_unstable();
        guard(|| wanted.chunk_by(|a, b| a.0 == b.0).try_for_each(|group| self.in_segment(query, group, emit)))
    }

    /// Does the same for rows of one segment. `group` is sorted by document.
    fn in_segment(
        &self,
        query: &Query,
        group: &[(usize, u32, usize)],
        emit: &mut dyn FnMut(usize, usize, f32, u32),
    ) -> Result<()> {
        let Some((reader, _)) = self.columns(group[0].0) else { return Ok(()) };
        for (place, term) in query.terms.iter().enumerate() {
            let index = reader.inverted_index(term.field).map_err(unreadable)?;
            let wanted = Term::from_field_text(term.field, &term.text);
            let postings = index.read_postings(&wanted, IndexRecordOption::WithFreqs).map_err(unread)?;
            let Some(mut postings) = postings else { continue };
            let lengths = reader.get_fieldnorms_reader(term.field).map_err(unreadable)?;
            for &(_, document, row) in group {
                let at = if postings.doc() < document { postings.seek(document) } else { postings.doc() };
                if at == TERMINATED {
                    break;
                }
                if at == document {
                    let frequency = postings.term_freq();
                    emit(row, place, term.bm25.score(lengths.fieldnorm_id(document), frequency), frequency);
                }
            }
        }
        Ok(())
    }
}
