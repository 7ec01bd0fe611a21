//! The terms that a question may ask for, with in how many passages each is, before they are weighed.

use std::collections::HashMap;

use tantivy::schema::Field;

use super::analysis::{Exact, Kind, LONGEST_WORD, asks_only_bigram, best_cut, is_function_word};
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// What a name weighs where another document has the path that was asked for, and a text that speaks of a document that there is.
const SAME_NAME: f32 = 0.7;
const SPOKEN_OF: f32 = 0.3;
/// The least share of a question that the name of a file is.
const FILE: f32 = 0.7;
/// The shortest beginning of a code that stands for all of it, in bytes; git gives seven, serial numbers are often cut to their series.
const LEAST_BEGINNING: usize = 6;
/// How many codes of one beginning are asked for.
const MOST_COMPLETED: usize = 8;
/// idf as BM25 has it, ln(1 + (N − n + ½) / (n + ½)).
pub(super) fn idf(frequency: u64, passages: u64) -> f32 {
    let (n, all) = (frequency as f32, passages.max(frequency) as f32);
    (1.0 + (all - n + 0.5) / (n + 0.5)).ln()
}

/// A term that may be asked for.
pub(super) struct Candidate {
    pub(super) field: Field,
    pub(super) text: String,
    pub(super) frequency: u64,
    pub(super) function: bool,
    /// Whether that no passage has it says something of the question.
    counts: bool,
    /// What the parts weigh of which it is the whole; 0 for what is not asked for exactly.
    pub(super) exact: f32,
    /// The least share of the question that it is.
    pub(super) least: f32,
}

impl Candidate {
    /// What it adds to the question's mass.
    pub(super) fn share(&self, passages: u64) -> f32 {
        if self.field == LAYOUT.title || !self.counts {
            return 0.0;
        }
        LAYOUT.weight(self.field) * idf(self.frequency, passages)
    }
}

pub(super) struct Candidates<'a> {
    lexicon: &'a Lexicon,
    known: HashMap<(Field, String), u64>,
    asked: HashMap<(Field, String), usize>,
    pub(super) found: Vec<Candidate>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(lexicon: &'a Lexicon) -> Self {
        Self { lexicon, known: HashMap::new(), asked: HashMap::new(), found: Vec::new() }
    }

    pub(super) fn frequency(&mut self, field: Field, text: &str) -> Result<u64> {
        let key = (field, text.to_owned());
        if let Some(&frequency) = self.known.get(&key) {
            return Ok(frequency);
        }
        let frequency = self.lexicon.frequency(field, text)?;
        self.known.insert(key, frequency);
        Ok(frequency)
    }

    /// Each term once. Returns its place.
    pub(super) fn add(&mut self, field: Field, text: String, function: bool) -> Result<usize> {
        if let Some(&place) = self.asked.get(&(field, text.clone())) {
            return Ok(place);
        }
        let frequency = self.frequency(field, &text)?;
        let place = self.found.len();
        self.asked.insert((field, text.clone()), place);
        self.found.push(Candidate { field, text, frequency, function, counts: true, exact: 0.0, least: 0.0 });
        Ok(place)
    }

    /// Those that are asked for exactly, names of documents first. `brought`: the candidates of each thing asked. Forms that no passage
    /// has say nothing, except the first one of a code.
    pub(super) fn add_exact(&mut self, wanted: Vec<Exact>, brought: &[Vec<usize>]) -> Result<()> {
        let mut named: Vec<usize> = Vec::new();
        for exact in wanted {
            match exact.kind {
                Kind::Name { is_file } => {
                    if self.add_name(&exact, is_file, brought)? {
                        named.extend(&exact.parts);
                    }
                }
                Kind::Code => {
                    let spoken_of = exact.parts.iter().any(|part| named.contains(part));
                    self.add_code(exact, if spoken_of { SPOKEN_OF } else { 1.0 }, brought)?;
                }
            }
        }
        Ok(())
    }

    /// A name of documents: the whole path before a name alone. Returns whether there is such a document.
    fn add_name(&mut self, name: &Exact, is_file: bool, brought: &[Vec<usize>]) -> Result<bool> {
        let least = if is_file { FILE } else { 0.0 };
        let mass = self.mass(Vec::new(), &name.parts, brought);
        let (mut weight, mut is_known) = (1.0, false);
        for (number, form) in name.forms.iter().enumerate() {
            if self.frequency(LAYOUT.grams, form)? == 0 {
                continue;
            }
            let place = self.add(LAYOUT.grams, form.clone(), false)?;
            let candidate = &mut self.found[place];
            candidate.counts = false;
            candidate.exact = candidate.exact.max(mass * weight);
            candidate.least = candidate.least.max(least * weight);
            is_known = true;
            if number > 0 {
                break;
            }
            weight = SAME_NAME;
        }
        Ok(is_known)
    }

    fn add_code(&mut self, code: Exact, weight: f32, brought: &[Vec<usize>]) -> Result<()> {
        let (mut places, mut known) = (Vec::new(), Vec::new());
        for (number, form) in self.completed(code.forms)?.into_iter().enumerate() {
            let frequency = self.frequency(LAYOUT.grams, &form)?;
            if frequency == 0 && number > 0 {
                continue;
            }
            let before = self.found.len();
            let place = self.add(LAYOUT.grams, form, false)?;
            if place == before {
                self.found[place].counts = number == 0;
            }
            places.push(place);
            if frequency > 0 {
                known.push(place);
            }
        }
        let mass = weight * self.mass(places, &code.parts, brought) / known.len().max(1) as f32;
        for place in known {
            self.found[place].exact = self.found[place].exact.max(mass);
        }
        Ok(())
    }

    /// What the candidates at `places`, and those that the parts brought, weigh together.
    fn mass(&self, mut places: Vec<usize>, parts: &[usize], brought: &[Vec<usize>]) -> f32 {
        places.extend(parts.iter().filter_map(|&part| brought.get(part)).flatten());
        places.sort_unstable();
        places.dedup();
        let passages = self.lexicon.passages();
        let all = places.iter().filter_map(|&place| self.found.get(place));
        all.filter(|one| !one.function).map(|one| one.share(passages)).sum()
    }

    /// What a code begins that no passage has as it was asked for: of a commit or a serial number people give the beginning.
    fn completed(&mut self, mut forms: Vec<String>) -> Result<Vec<String>> {
        let Some(first) = forms.first().filter(|first| first.len() >= LEAST_BEGINNING) else {
            return Ok(forms);
        };
        let is_code = first.bytes().any(|b| b.is_ascii_digit()) && first.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_code && self.frequency(LAYOUT.grams, first)? == 0 {
            forms.extend(self.lexicon.beginning(LAYOUT.grams, first, MOST_COMPLETED)?);
        }
        Ok(forms)
    }

    /// The words of the best cut, all bigrams, and the characters of which no bigram is known.
    pub(super) fn add_han(&mut self, run: &str) -> Result<()> {
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
