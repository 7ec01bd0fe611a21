//! Scores of given rows, and of which terms they are made. Terms are summed in the question's order, so a passage has the same
//! score however its collection is cut into segments.

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::analysis::readable;
use super::guard::{damaged, guard, unread, unreadable};
use super::lexicon::Lexicon;
use super::query::Query;
use super::schema::LAYOUT;
use crate::error::Result;

/// How well a passage answers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scored {
    /// Weighted BM25, from 0.
    pub score: f32,
    /// Which part of the score it has for what the question asks for exactly.
    pub bonus: f32,
    /// Which share of the question is asked for exactly, and in the passage, from 0 to 1.
    pub exact: f32,
    /// Which share of the question's idf mass the passage has, from 0 to 1.
    pub coverage: f32,
}

/// What kind of term matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// A stem, or a word of Chinese.
    Word,
    /// An exact form, a name of a document, a code, a character or a pair of them.
    Exact,
    /// A word of title or headings.
    Title,
}

/// A term of the question that a passage has.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedTerm {
    /// As it is in the index: folded, and a stem when it is a [`TermKind::Word`].
    pub term: String,
    /// Its kind.
    pub kind: TermKind,
    /// What it adds to the score.
    pub score: f32,
    /// How often the passage has it.
    pub frequency: u32,
}

impl Lexicon {
    /// Scores rows `(segment, row)`, in their order. One that is not there is an error, one without any of the terms has 0.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn score(&self, query: &Query, rows: &[(usize, u32)]) -> Result<Vec<Scored>> {
        let mut scores = vec![Scored::default(); rows.len()];
        self.matches(query, rows, &mut |place, term, score, _| {
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

    /// Which terms a row has, the weightiest first.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`], also for a row that is not there.
    pub fn explain(&self, query: &Query, segment: usize, row: u32) -> Result<Vec<MatchedTerm>> {
        let mut found = Vec::new();
        self.matches(query, &[(segment, row)], &mut |_, term, score, frequency| {
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

    /// Shows which of `rows` has which term, and what it adds there; for each row in the order of the terms.
    fn matches(
        &self,
        query: &Query,
        rows: &[(usize, u32)],
        show: &mut dyn FnMut(usize, usize, f32, u32),
    ) -> Result<()> {
        let mut wanted = Vec::with_capacity(rows.len());
        for (place, &(segment, row)) in rows.iter().enumerate() {
            let document = self.columns(segment).and_then(|(_, rows)| rows.document(row));
            let document = document.ok_or_else(|| damaged(format!("segment {segment} has no row {row}")))?;
            wanted.push((segment, document, place));
        }
        wanted.sort_unstable();
        guard(|| wanted.chunk_by(|a, b| a.0 == b.0).try_for_each(|group| self.in_segment(query, group, show)))
    }

    /// `group` is sorted by document.
    fn in_segment(
        &self,
        query: &Query,
        group: &[(usize, u32, usize)],
        show: &mut dyn FnMut(usize, usize, f32, u32),
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
                    show(row, place, term.bm25.score(lengths.fieldnorm_id(document), frequency), frequency);
                }
            }
        }
        Ok(())
    }
}
