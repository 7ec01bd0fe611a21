//! The terms that a question may ask for, with in how many passages each is, before they are weighed. `exact.rs` adds those that are
//! asked for exactly.

use std::collections::HashMap;

use tantivy::schema::Field;

use super::analysis::{self, LONGEST_WORD, asks_only_bigram, best_cut, is_function_word};
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

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
    pub(super) counts: bool,
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
    pub(super) lexicon: &'a Lexicon,
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

    /// The stem and the exact form of a word as stored text spells it: another way where no passage has it as it was asked for.
    pub(super) fn spelled(
        &mut self,
        stem: String,
        exact: String,
        others: &[(String, String)],
    ) -> Result<(String, String)> {
        let others: Vec<&String> = others.iter().filter(|(word, _)| *word == exact).map(|(_, other)| other).collect();
        if others.is_empty() || self.frequency(LAYOUT.words, &stem)? > 0 || self.frequency(LAYOUT.grams, &exact)? > 0 {
            return Ok((stem, exact));
        }
        for other in others {
            if self.frequency(LAYOUT.grams, other)? > 0 {
                return Ok((analysis::stem(other), other.clone()));
            }
        }
        Ok((stem, exact))
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
