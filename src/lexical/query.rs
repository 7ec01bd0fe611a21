//! The terms of a query, with their weights in the collection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::analysis::{Asked, Question};
use super::candidates::{TermCandidate, TermCandidates, idf};
use super::guard::guard;
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// The most terms to search for. A longer query keeps those with the highest scores.
const MOST_TERMS: usize = 64;
/// The weight of an exact term, times the summed weight of its parts, times its share of the query: so high that repeating the parts
/// does not outweigh it, and low where it is one of many words. Chosen by hand.
const EXACT: f32 = 4.0;
/// Bytes of a query that are used; the rest is ignored.
const LONGEST_QUESTION: usize = 8192;

/// A query, resolved for one [`Lexicon`].
pub struct Query {
    /// In the order in which they are summed.
    pub(super) terms: Vec<QueryTerm>,
    /// The sum of weight × idf over all terms, also those that no passage has; without those of the title field.
    pub(super) mass: f32,
    pub(super) statistics: Statistics,
}

/// A term of a field.
pub(super) struct QueryTerm {
    pub(super) field: Field,
    pub(super) text: String,
    /// What it adds to the mass.
    pub(super) share: f32,
    /// The factor of its BM25.
    pub(super) weight: f32,
    /// The part of its weight that it has because the query asks for it exactly, in [0, 1).
    pub(super) bonus: f32,
    /// The share of the query that it asks for exactly, in [0, 1].
    pub(super) exact: f32,
    /// Includes the weight.
    pub(super) bm25: Bm25Weight,
}

impl Query {
    /// Whether no passage can match.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The share of the query's idf mass that the collection has, in [0, 1]. Near 0 for a query in a language that the collection does
    /// not have.
    pub fn known(&self) -> f32 {
        if self.mass > 0.0 { self.terms.iter().map(|term| term.share).sum::<f32>() / self.mass } else { 0.0 }
    }
}

impl Lexicon {
    /// Resolves a query: cuts its Chinese into words that this collection has, and leaves out function words, unless there is nothing
    /// else.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn query(&self, text: &str) -> Result<Query> {
        let mut end = text.len().min(LONGEST_QUESTION);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let question = Question::new(&text[..end]);
        guard(|| self.resolve(question))
    }

    fn resolve(&self, question: Question) -> Result<Query> {
        let mut candidates = TermCandidates::new(self);
        // [parts of the query]: the candidates of each.
        let mut brought = Vec::with_capacity(question.asked.len());
        for asked in question.asked {
            let mut places = Vec::new();
            match asked {
                Asked::Word { stem, exact, function } => {
                    let (stem, exact) = candidates.spelled(stem, exact, &question.spelled)?;
                    places.push(candidates.add(LAYOUT.words, stem.clone(), function)?);
                    candidates.add(LAYOUT.title, stem, function)?;
                    places.push(candidates.add(LAYOUT.grams, exact, function)?);
                }
                Asked::Code(code) => places.push(candidates.add(LAYOUT.grams, code, false)?),
                Asked::Pair(pair) if candidates.frequency(LAYOUT.grams, &pair)? == 0 => {}
                Asked::Pair(pair) => places.push(candidates.add(LAYOUT.grams, pair, false)?),
                Asked::Han(run) => {
                    let from = candidates.found.len();
                    candidates.add_han(&run)?;
                    places.extend(from..candidates.found.len());
                }
                Asked::Run { whole, grams } => {
                    places.push(candidates.add(LAYOUT.words, whole.clone(), false)?);
                    candidates.add(LAYOUT.title, whole, false)?;
                    for gram in grams {
                        places.push(candidates.add(LAYOUT.grams, gram, false)?);
                    }
                }
            }
            brought.push(places);
        }
        candidates.add_exact(question.exact, &brought)?;
        let mut found = candidates.found;
        if found.iter().any(|candidate| !candidate.function) {
            found.retain(|candidate| !candidate.function);
        }
        self.weigh(found)
    }

    fn weigh(&self, found: Vec<TermCandidate>) -> Result<Query> {
        let passages = self.passages();
        let mut statistics = Statistics { passages, tokens: HashMap::new(), frequencies: HashMap::new() };
        let (mut terms, mut mass) = (Vec::new(), 0.0);
        // The weight of an exact term depends on its share of the whole query.
        let all: f32 = found.iter().map(|candidate| candidate.share(passages)).sum();
        for candidate in found {
            let share = candidate.share(passages);
            let TermCandidate { field, text, frequency, exact, least, .. } = candidate;
            let plain = LAYOUT.weight(field);
            let exact = exact.max(least * all);
            let of_question = if all > 0.0 { (exact / all).min(1.0) } else { 0.0 };
            let bonus = EXACT * of_question * exact / idf(frequency, passages);
            let weight = plain + bonus;
            mass += share;
            if frequency == 0 {
                continue;
            }
            if let Entry::Vacant(unknown) = statistics.tokens.entry(field) {
                unknown.insert(self.tokens(field)?);
            }
            statistics.frequencies.insert(Term::from_field_text(field, &text), frequency);
            let average = statistics.average(field);
            let bm25 = Bm25Weight::for_one_term_without_explain(frequency, passages, average).boost_by(weight);
            let bonus = bonus / weight;
            terms.push(QueryTerm { field, text, share, weight, bonus, exact: of_question, bm25 });
        }
        if terms.len() > MOST_TERMS {
            terms.sort_by(|a: &QueryTerm, b| b.bm25.max_score().total_cmp(&a.bm25.max_score()));
            mass -= terms.drain(MOST_TERMS..).map(|left_out| left_out.share).sum::<f32>();
        }
        Ok(Query { terms, mass, statistics })
    }
}

/// The statistics of the query's terms in the collection, so that tantivy does not look them up again.
pub(super) struct Statistics {
    passages: u64,
    tokens: HashMap<Field, u64>,
    frequencies: HashMap<Term, u64>,
}

impl Statistics {
    fn average(&self, field: Field) -> f32 {
        self.tokens.get(&field).map_or(0.0, |&tokens| tokens as f32) / self.passages.max(1) as f32
    }
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        Ok(self.tokens.get(&field).copied().unwrap_or_default())
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.passages)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(self.frequencies.get(term).copied().unwrap_or_default())
    }
}

/// Scoring with the statistics that were looked up already.
pub(super) fn scoring<'a>(searcher: &'a Searcher, query: &'a Query) -> tantivy::query::EnableScoring<'a> {
    tantivy::query::EnableScoring::enabled_from_statistics_provider(&query.statistics, searcher)
}
