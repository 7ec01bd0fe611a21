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

/// What a passage whose title has all words of the query gets as its exact share; and if the query has only one word. Chosen by hand:
/// a file that is asked for by two words of its name comes before texts that have these words.
const TITLED: f32 = 0.6;
const TITLED_BY_ONE: f32 = 0.35;
/// Less than 1, because sums are rounded.
const ALMOST_ALL: f32 = 0.999;

/// The lexical score of a passage.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LexicalScore {
    /// Weighted BM25, from 0.
    pub score: f32,
    /// The part of the score from exact terms.
    pub bonus: f32,
    /// The share of the query in exact terms that the passage has, in [0, 1]. If the title has all words of the query, at least a constant.
    pub exact: f32,
    /// The share of the query's idf mass whose terms the passage has, in [0, 1].
    pub coverage: f32,
}

/// The kind of a matching term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// A stem, or a Chinese word.
    Word,
    /// An exact form, a name of a document, a code, a character or a bigram.
    Exact,
    /// A word of the title or of a heading.
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
        // [rows]: the summed idf of the query's words that the title has.
        let mut in_titles = vec![0.0_f32; rows.len()];
        self.each_match(query, rows, &mut |index, term, score, _| {
            let term = &query.terms[term];
            let total = &mut scores[index];
            total.score += score;
            total.coverage += term.idf_mass;
            total.bonus += score * term.bonus;
            total.exact = (total.exact + term.exact).min(1.0);
            in_titles[index] += term.title_mass;
        })?;
        let titled = if query.title_terms > 1 { TITLED } else { TITLED_BY_ONE };
        for (total, in_title) in scores.iter_mut().zip(in_titles) {
            if query.title_mass > 0.0 && in_title > query.title_mass * ALMOST_ALL {
                total.exact = total.exact.max(titled);
            }
        }
        if query.mass > 0.0 {
            scores.iter_mut().for_each(|total| total.coverage = (total.coverage / query.mass).min(1.0));
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
        // Segment, tantivy's document, index in `rows`.
        let mut wanted = Vec::with_capacity(rows.len());
        for (index, &RowId { segment, row }) in rows.iter().enumerate() {
            let document = self.columns(segment).and_then(|(_, rows)| rows.document(row));
            let document = document.ok_or_else(|| damaged(format!("segment {segment} has no row {row}")))?;
            wanted.push((segment, document, index));
        }
        wanted.sort_unstable();
        let same_segment = |a: &(usize, _, _), b: &(usize, _, _)| a.0 == b.0;
        guard(|| wanted.chunk_by(same_segment).try_for_each(|rows| self.each_match_in_segment(query, rows, emit)))
    }

    /// Does the same for rows of one segment. `rows`: segment, document, index to emit; sorted by document.
    fn each_match_in_segment(
        &self,
        query: &Query,
        rows: &[(usize, u32, usize)],
        emit: &mut dyn FnMut(usize, usize, f32, u32),
    ) -> Result<()> {
        let Some((reader, _)) = self.columns(rows[0].0) else { return Ok(()) };
        for (number, term) in query.terms.iter().enumerate() {
            let inverted = reader.inverted_index(term.field).map_err(unreadable)?;
            let wanted = Term::from_field_text(term.field, &term.text);
            let postings = inverted.read_postings(&wanted, IndexRecordOption::WithFreqs).map_err(unread)?;
            let Some(mut postings) = postings else { continue };
            let lengths = reader.get_fieldnorms_reader(term.field).map_err(unreadable)?;
            for &(_, document, index) in rows {
                let next = if postings.doc() < document { postings.seek(document) } else { postings.doc() };
                if next == TERMINATED {
                    break;
                }
                if next == document {
                    let frequency = postings.term_freq();
                    emit(index, number, term.bm25.score(lengths.fieldnorm_id(document), frequency), frequency);
                }
            }
        }
        Ok(())
    }
}
