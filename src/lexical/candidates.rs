//! The terms that a query may search for, before they get weights, each with the number of passages that have it. `exact.rs` adds the
//! exact terms.

use std::collections::HashMap;

use tantivy::schema::Field;

use super::analysis::{self, MAX_WORD_CHARACTERS, asks_only_bigram, best_cut, is_function_word};
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// The idf of BM25: ln(1 + (N − n + ½) / (n + ½)), with n of N passages.
pub(super) fn idf(frequency: u64, passages: u64) -> f32 {
    let (n, all) = (frequency as f32, passages.max(frequency) as f32);
    (1.0 + (all - n + 0.5) / (n + 0.5)).ln()
}

/// A term that a query may search for.
pub(super) struct TermCandidate {
    pub(super) field: Field,
    pub(super) text: String,
    pub(super) frequency: u64,
    pub(super) function: bool,
    /// True if it counts as a part of the query even if no passage has it.
    pub(super) counts: bool,
    /// For an exact term, the weight of its parts; otherwise 0.
    pub(super) exact: f32,
    /// Its minimum share of the query.
    pub(super) min_share: f32,
}

impl TermCandidate {
    /// Returns its contribution to the idf mass of the query.
    pub(super) fn share(&self, passages: u64) -> f32 {
        if self.field == LAYOUT.title || !self.counts {
            return 0.0;
        }
        LAYOUT.weight(self.field) * idf(self.frequency, passages)
    }
}

/// Collects the terms of a query.
pub(super) struct TermCandidates<'a> {
    pub(super) lexicon: &'a Lexicon,
    known: HashMap<(Field, String), u64>,
    asked: HashMap<(Field, String), usize>,
    pub(super) found: Vec<TermCandidate>,
}

impl<'a> TermCandidates<'a> {
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

    /// Adds a term if it is new. Returns its index.
    pub(super) fn add(&mut self, field: Field, text: String, function: bool) -> Result<usize> {
        if let Some(&place) = self.asked.get(&(field, text.clone())) {
            return Ok(place);
        }
        let frequency = self.frequency(field, &text)?;
        let place = self.found.len();
        self.asked.insert((field, text.clone()), place);
        self.found.push(TermCandidate { field, text, frequency, function, counts: true, exact: 0.0, min_share: 0.0 });
        Ok(place)
    }

    /// Returns the stem and the exact form of a word. If no passage has the word, returns those of another spelling that a passage has.
    pub(super) fn choose_spelling(
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

    /// Adds the words of the best segmentation, all bigrams, and the characters that are in no known bigram.
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
            // A passage with a word also has its bigrams: this avoids most searches for words.
            let (first, last) = (index_of(&starts, begin), index_of(&starts, end));
            debug_assert!(last - first <= MAX_WORD_CHARACTERS);
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
