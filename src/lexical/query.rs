//! The terms of a query, with their weights in the collection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::analysis::{Asked, Question};
use super::background::idf;
use super::candidates::{TermCandidate, TermCandidates};
use super::guard::guard;
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// The most terms to search for. A longer query keeps the terms with the highest possible scores.
const MAX_TERMS: usize = 64;
/// The factor of an exact term: its weight is this × the idf mass of its parts × its share of the query. A text that repeats the parts must
/// not outweigh the exact term, and an exact term that is one of many words must weigh little. Chosen by hand.
const EXACT_WEIGHT: f32 = 4.0;
/// The bytes of a query that are used; the rest is ignored.
const MAX_QUERY_BYTES: usize = 8192;

/// A query, resolved for one [`Lexicon`].
pub struct Query {
    /// The terms, in the order in which their scores are added.
    pub(super) terms: Vec<QueryTerm>,
    /// The idf mass: the sum of weight × idf over all terms, also terms that no passage has, but without the title field.
    pub(super) mass: f32,
    /// The sum of the idf of all terms of the title field, also of terms that no passage has, and their number.
    pub(super) title_mass: f32,
    pub(super) title_terms: usize,
    pub(super) statistics: Statistics,
}

/// A term of a field.
pub(super) struct QueryTerm {
    pub(super) field: Field,
    pub(super) text: String,
    /// Its contribution to the query's mass.
    pub(super) idf_mass: f32,
    /// Its idf in the title field; 0 in other fields.
    pub(super) title_mass: f32,
    /// The factor of its BM25.
    pub(super) weight: f32,
    /// The part of its weight that it gets as an exact term, in [0, 1).
    pub(super) bonus: f32,
    /// For an exact term, its share of the query, in [0, 1].
    pub(super) exact: f32,
    /// The scorer; includes the weight.
    pub(super) bm25: Bm25Weight,
}

impl Query {
    /// True if no passage can match.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns the share of the query's idf mass whose terms the collection has, in [0, 1]. Near 0 for a query in a language that the
    /// collection does not have.
    pub fn known(&self) -> f32 {
        if self.mass > 0.0 { self.terms.iter().map(|term| term.idf_mass).sum::<f32>() / self.mass } else { 0.0 }
    }
}

impl Lexicon {
    /// Resolves a query: divides its Chinese into words of this collection, and omits function words if there are other words.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn query(&self, text: &str) -> Result<Query> {
        let mut end = text.len().min(MAX_QUERY_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let question = Question::new(&text[..end]);
        guard(|| self.resolve(question))
    }

    /// Collects the candidates of all parts of the query, then gives them weights.
    fn resolve(&self, question: Question) -> Result<Query> {
        let mut candidates = TermCandidates::new(self);
        // [parts of the query]: the candidates of each part.
        let mut candidates_of_parts = Vec::with_capacity(question.asked.len());
        for asked in question.asked {
            let mut indices = Vec::new();
            match asked {
                Asked::Word { stem, exact, function } => {
                    let (stem, exact) = candidates.choose_spelling(stem, exact, &question.spelled)?;
                    indices.push(candidates.add(LAYOUT.words, stem.clone(), function)?);
                    candidates.add(LAYOUT.title, stem, function)?;
                    indices.push(candidates.add(LAYOUT.grams, exact, function)?);
                }
                Asked::Code(code) => indices.push(candidates.add(LAYOUT.grams, code, false)?),
                Asked::Pair(pair) if candidates.frequency(LAYOUT.grams, &pair)? == 0 => {}
                Asked::Pair(pair) => indices.push(candidates.add(LAYOUT.grams, pair, false)?),
                Asked::Han(run) => {
                    let first = candidates.candidates.len();
                    candidates.add_han(&run)?;
                    indices.extend(first..candidates.candidates.len());
                }
                Asked::Run { whole, grams } => {
                    indices.push(candidates.add(LAYOUT.words, whole.clone(), false)?);
                    candidates.add(LAYOUT.title, whole, false)?;
                    for gram in grams {
                        indices.push(candidates.add(LAYOUT.grams, gram, false)?);
                    }
                }
            }
            candidates_of_parts.push(indices);
        }
        candidates.add_exact(question.exact, &candidates_of_parts)?;
        let mut candidates = candidates.candidates;
        if candidates.iter().any(|candidate| !candidate.droppable) {
            candidates.retain(|candidate| !candidate.droppable);
        }
        self.weigh(candidates)
    }

    /// Gives the candidates their weights, and drops those that no passage has.
    fn weigh(&self, candidates: Vec<TermCandidate>) -> Result<Query> {
        let passages = self.passages();
        let mut statistics = Statistics { passages, tokens: HashMap::new(), frequencies: HashMap::new() };
        let (mut terms, mut mass) = (Vec::new(), 0.0);
        let (mut all_title_mass, mut title_terms) = (0.0, 0);
        // The weight of an exact term depends on its share of the whole query.
        let query_mass: f32 = candidates.iter().map(TermCandidate::idf_mass).sum();
        for candidate in candidates {
            let idf_mass = candidate.idf_mass();
            let TermCandidate { field, text, frequency, average_length, idf: idf_with_background, .. } = candidate;
            // BM25 multiplies a weight by the idf in the collection, without the background passages.
            let own_idf = idf(frequency as f32, passages as f32);
            let base_weight = LAYOUT.weight(field) * idf_with_background / own_idf;
            let parts_mass = candidate.parts_mass.max(candidate.min_fraction * query_mass);
            let share_of_query = if query_mass > 0.0 { (parts_mass / query_mass).min(1.0) } else { 0.0 };
            let bonus = EXACT_WEIGHT * share_of_query * parts_mass / own_idf;
            let weight = base_weight + bonus;
            mass += idf_mass;
            let title_mass = if field == LAYOUT.title { idf_with_background } else { 0.0 };
            all_title_mass += title_mass;
            title_terms += usize::from(field == LAYOUT.title);
            if frequency == 0 {
                continue;
            }
            if let Entry::Vacant(entry) = statistics.tokens.entry(field) {
                entry.insert(self.tokens(field)?);
            }
            statistics.frequencies.insert(Term::from_field_text(field, &text), frequency);
            let bm25 = Bm25Weight::for_one_term_without_explain(frequency, passages, average_length).boost_by(weight);
            let bonus = bonus / weight;
            terms.push(QueryTerm { field, text, idf_mass, title_mass, weight, bonus, exact: share_of_query, bm25 });
        }
        if terms.len() > MAX_TERMS {
            terms.sort_by(|a: &QueryTerm, b| b.bm25.max_score().total_cmp(&a.bm25.max_score()));
            mass -= terms.drain(MAX_TERMS..).map(|dropped| dropped.idf_mass).sum::<f32>();
        }
        Ok(Query { terms, mass, title_mass: all_title_mass, title_terms, statistics })
    }
}

/// The statistics of the query's terms, so that tantivy does not look them up again.
pub(super) struct Statistics {
    passages: u64,
    tokens: HashMap<Field, u64>,
    frequencies: HashMap<Term, u64>,
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

/// Returns tantivy's scoring options with these statistics.
pub(super) fn scoring<'a>(searcher: &'a Searcher, query: &'a Query) -> tantivy::query::EnableScoring<'a> {
    tantivy::query::EnableScoring::enabled_from_statistics_provider(&query.statistics, searcher)
}
