//! A question's terms, with what the collection knows of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::analysis::{Asked, Exact, LONGEST_WORD, Question, asks_only_bigram, best_cut, is_function_word, readable};
use super::guard::guard;
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// Terms that are searched at most; of more, those that weigh most.
const MOST_TERMS: usize = 64;
/// What an exact name weighs, times what its parts weigh together and its share of the question: so much that repeating the parts
/// does not make up for it, and little where it is one of many words.
const EXACT: f32 = 4.0;
/// The shortest beginning of a code that stands for all of it, in bytes; git gives seven, serial numbers are often cut to their series.
const LEAST_BEGINNING: usize = 6;
/// How many codes of one beginning are asked for.
const MOST_COMPLETED: usize = 8;
/// Bytes of a question that are looked at.
const LONGEST_QUESTION: usize = 8192;

/// A question, made ready for one [`Lexicon`]. It can be asked and scored as often as one likes.
pub struct Query {
    /// In the order in which they are summed.
    pub(super) terms: Vec<QueryTerm>,
    /// What weight × idf of all terms sums to, those that no passage has too; without the title's.
    pub(super) mass: f32,
    pub(super) statistics: Statistics,
}

/// A term of a field.
pub(super) struct QueryTerm {
    pub(super) field: Field,
    pub(super) text: String,
    /// What it adds to the mass.
    pub(super) share: f32,
    /// What its BM25 is multiplied with.
    pub(super) weight: f32,
    /// Which part of its weight it has because it is asked for exactly, in [0, 1).
    pub(super) bonus: f32,
    /// Which share of the question is asked for exactly with it, in [0, 1].
    pub(super) exact: f32,
    /// With the weight.
    pub(super) bm25: Bm25Weight,
}

impl Query {
    /// Whether no passage can match.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The share of the question's idf mass that is in the collection at all, from 0 to 1. Near 0 for a question in a language
    /// that the collection does not have.
    pub fn known(&self) -> f32 {
        if self.mass > 0.0 { self.terms.iter().map(|term| term.share).sum::<f32>() / self.mass } else { 0.0 }
    }
}

/// idf as BM25 has it, ln(1 + (N − n + ½) / (n + ½)).
fn idf(frequency: u64, passages: u64) -> f32 {
    let (n, all) = (frequency as f32, passages.max(frequency) as f32);
    (1.0 + (all - n + 0.5) / (n + 0.5)).ln()
}

impl Lexicon {
    /// Makes a question ready: cuts its Chinese into the words that this collection has, and leaves out what only asks, unless
    /// there is nothing else.
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
        let mut candidates = Candidates::new(self);
        // [asked]: the candidates that it brought.
        let mut brought = Vec::with_capacity(question.asked.len());
        for asked in question.asked {
            let mut places = Vec::new();
            match asked {
                Asked::Word { stem, exact, function } => {
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

    fn weigh(&self, found: Vec<Candidate>) -> Result<Query> {
        let passages = self.passages();
        let mut statistics = Statistics { passages, tokens: HashMap::new(), frequencies: HashMap::new() };
        let (mut terms, mut mass) = (Vec::new(), 0.0);
        // What is asked for exactly weighs by its share of all.
        let all: f32 = found.iter().map(|candidate| candidate.share(passages)).sum();
        for candidate in found {
            let share = candidate.share(passages);
            let Candidate { field, text, frequency, exact, .. } = candidate;
            let plain = LAYOUT.weight(field);
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

/// A term that may be asked for.
struct Candidate {
    field: Field,
    text: String,
    frequency: u64,
    function: bool,
    /// Whether that no passage has it says something of the question.
    counts: bool,
    /// What the parts weigh of which it is the whole; 0 for what is not asked for exactly.
    exact: f32,
}

impl Candidate {
    /// What it adds to the question's mass.
    fn share(&self, passages: u64) -> f32 {
        if self.field == LAYOUT.title || !self.counts {
            return 0.0;
        }
        LAYOUT.weight(self.field) * idf(self.frequency, passages)
    }
}

struct Candidates<'a> {
    lexicon: &'a Lexicon,
    known: HashMap<(Field, String), u64>,
    asked: HashMap<(Field, String), usize>,
    found: Vec<Candidate>,
}

impl<'a> Candidates<'a> {
    fn new(lexicon: &'a Lexicon) -> Self {
        Self { lexicon, known: HashMap::new(), asked: HashMap::new(), found: Vec::new() }
    }

    fn frequency(&mut self, field: Field, text: &str) -> Result<u64> {
        let key = (field, text.to_owned());
        if let Some(&frequency) = self.known.get(&key) {
            return Ok(frequency);
        }
        let frequency = self.lexicon.frequency(field, text)?;
        self.known.insert(key, frequency);
        Ok(frequency)
    }

    /// Each term once. Returns its place.
    fn add(&mut self, field: Field, text: String, function: bool) -> Result<usize> {
        if let Some(&place) = self.asked.get(&(field, text.clone())) {
            return Ok(place);
        }
        let frequency = self.frequency(field, &text)?;
        let place = self.found.len();
        self.asked.insert((field, text.clone()), place);
        self.found.push(Candidate { field, text, frequency, function, counts: true, exact: 0.0 });
        Ok(place)
    }

    /// Those that are asked for exactly. `brought`: the candidates of each thing asked. Forms that no passage has say nothing, except
    /// the first one of a chunk; names of documents never do.
    fn add_exact(&mut self, wanted: Vec<Exact>, brought: &[Vec<usize>]) -> Result<()> {
        let passages = self.lexicon.passages();
        for Exact { forms, parts } in wanted {
            let is_name = forms.first().is_some_and(|form| readable(form) != form);
            let (mut places, mut known) = (Vec::new(), Vec::new());
            let forms = self.completed(forms, is_name)?;
            for (number, form) in forms.into_iter().enumerate() {
                let frequency = self.frequency(LAYOUT.grams, &form)?;
                if frequency == 0 && (is_name || number > 0) {
                    continue;
                }
                let before = self.found.len();
                let place = self.add(LAYOUT.grams, form, false)?;
                if place == before {
                    self.found[place].counts = !is_name && number == 0;
                }
                places.push(place);
                if frequency > 0 {
                    known.push(place);
                }
            }
            places.extend(parts.iter().filter_map(|&part| brought.get(part)).flatten());
            places.sort_unstable();
            places.dedup();
            let all = places.iter().filter_map(|&place| self.found.get(place));
            let mass: f32 = all.filter(|one| !one.function).map(|one| one.share(passages)).sum();
            for &place in &known {
                let exact = &mut self.found[place].exact;
                *exact = exact.max(mass / known.len() as f32);
            }
        }
        Ok(())
    }

    /// What a code begins that no passage has as it was asked for: of a commit or a serial number people give the beginning.
    fn completed(&mut self, mut forms: Vec<String>, is_name: bool) -> Result<Vec<String>> {
        let Some(first) = forms.first().filter(|first| !is_name && first.len() >= LEAST_BEGINNING) else {
            return Ok(forms);
        };
        let is_code = first.bytes().any(|b| b.is_ascii_digit()) && first.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_code && self.frequency(LAYOUT.grams, first)? == 0 {
            forms.extend(self.lexicon.beginning(LAYOUT.grams, first, MOST_COMPLETED)?);
        }
        Ok(forms)
    }

    /// The words of the best cut, all bigrams, and the characters of which no bigram is known.
    fn add_han(&mut self, run: &str) -> Result<()> {
        let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
        let count = starts.len() - 1;
        let bigrams: Vec<&str> = starts.windows(3).map(|at| &run[at[0]..at[2]]).collect();
        let mut known = Vec::with_capacity(bigrams.len());
        for bigram in &bigrams {
            known.push(self.frequency(LAYOUT.grams, bigram)? > 0);
        }
        let total = self.lexicon.tokens(LAYOUT.words)? as f64;
        let cut = best_cut(run, total, |begin, end| {
            // A word is stored only where its bigrams are.
            let (first, last) = (index_of(&starts, begin), index_of(&starts, end));
            debug_assert!(last - first <= LONGEST_WORD);
            let possible = known[first..last.saturating_sub(1).max(first)].iter().all(|&known| known);
            if possible { self.frequency(LAYOUT.words, &run[begin..end]) } else { Ok(0) }
        })?;
        for range in cut {
            let word = &run[range];
            let function = is_function_word(word);
            self.add(LAYOUT.words, word.to_owned(), function)?;
            self.add(LAYOUT.title, word.to_owned(), function)?;
        }
        for bigram in &bigrams {
            self.add(LAYOUT.grams, (*bigram).to_owned(), asks_only_bigram(bigram))?;
        }
        for place in 0..count {
            let before = place.checked_sub(1).is_some_and(|before| known[before]);
            if !before && !known.get(place).copied().unwrap_or(false) {
                let character = &run[starts[place]..starts[place + 1]];
                self.add(LAYOUT.grams, character.to_owned(), is_function_word(character))?;
            }
        }
        Ok(())
    }
}

fn index_of(starts: &[usize], at: usize) -> usize {
    starts.binary_search(&at).unwrap_or_default()
}

/// What the collection knows of a question's terms, so that tantivy does not look it up again.
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

/// Both what the searcher holds and what was looked up already.
pub(super) fn scoring<'a>(searcher: &'a Searcher, query: &'a Query) -> tantivy::query::EnableScoring<'a> {
    tantivy::query::EnableScoring::enabled_from_statistics_provider(&query.statistics, searcher)
}
