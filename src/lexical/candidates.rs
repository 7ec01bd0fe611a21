//! The terms that a query may search for, before they get weights, each with the number of passages that have it. `exact.rs` adds the
//! exact terms.

use std::collections::HashMap;

use tantivy::schema::Field;

use super::analysis::{self, MAX_WORD_CHARACTERS, best_cut, is_function_word, is_question_bigram};
use super::background::background_idf;
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// A term that a query may search for.
pub(super) struct TermCandidate {
    pub(super) field: Field,
    pub(super) text: String,
    pub(super) frequency: u64,
    /// The mean number of terms of its field in a passage.
    pub(super) average_length: f32,
    /// Its idf in the collection and the background passages together.
    pub(super) idf: f32,
    /// True if the query can do without it: a function word, or a bigram that only asks. It is dropped if the query has other terms.
    pub(super) droppable: bool,
    /// False for an exact term whose parts are already counted: it adds nothing to the idf mass of the query.
    pub(super) adds_to_mass: bool,
    /// For an exact term, the idf mass of its parts; otherwise 0.
    pub(super) parts_mass: f32,
    /// The minimum of `parts_mass`, as a fraction of the idf mass of the query, 0 to 1.
    pub(super) min_fraction: f32,
}

impl TermCandidate {
    /// Returns its contribution to the idf mass of the query. The title field adds nothing: its terms are those of the text again.
    pub(super) fn idf_mass(&self) -> f32 {
        if self.field == LAYOUT.title || !self.adds_to_mass {
            return 0.0;
        }
        LAYOUT.weight(self.field) * self.idf
    }
}

/// Collects the terms of a query.
pub(super) struct TermCandidates<'a> {
    pub(super) lexicon: &'a Lexicon,
    /// The number of passages with each term that was looked up.
    frequency_cache: HashMap<(Field, String), u64>,
    average_lengths: HashMap<Field, f32>,
    /// The index of each term in `candidates`.
    index_of_term: HashMap<(Field, String), usize>,
    pub(super) candidates: Vec<TermCandidate>,
}

impl<'a> TermCandidates<'a> {
    pub(super) fn new(lexicon: &'a Lexicon) -> Self {
        Self {
            lexicon,
            frequency_cache: HashMap::new(),
            average_lengths: HashMap::new(),
            index_of_term: HashMap::new(),
            candidates: Vec::new(),
        }
    }

    /// Returns the number of passages with a term.
    pub(super) fn frequency(&mut self, field: Field, text: &str) -> Result<u64> {
        let key = (field, text.to_owned());
        if let Some(&frequency) = self.frequency_cache.get(&key) {
            return Ok(frequency);
        }
        let frequency = self.lexicon.frequency(field, text)?;
        self.frequency_cache.insert(key, frequency);
        Ok(frequency)
    }

    /// Returns the mean number of terms of a field in a passage.
    fn average_length(&mut self, field: Field) -> Result<f32> {
        if let Some(&length) = self.average_lengths.get(&field) {
            return Ok(length);
        }
        let length = self.lexicon.tokens(field)? as f32 / self.lexicon.passages().max(1) as f32;
        self.average_lengths.insert(field, length);
        Ok(length)
    }

    /// Adds a term if it is new. Returns its index in `candidates`.
    pub(super) fn add(&mut self, field: Field, text: String, droppable: bool) -> Result<usize> {
        if let Some(&index) = self.index_of_term.get(&(field, text.clone())) {
            return Ok(index);
        }
        let frequency = self.frequency(field, &text)?;
        let average_length = self.average_length(field)?;
        let idf = background_idf(field, &text, frequency, self.lexicon.passages(), average_length);
        let index = self.candidates.len();
        self.index_of_term.insert((field, text.clone()), index);
        self.candidates.push(TermCandidate {
            field,
            text,
            frequency,
            average_length,
            idf,
            droppable,
            adds_to_mass: true,
            parts_mass: 0.0,
            min_fraction: 0.0,
        });
        Ok(index)
    }

    /// Returns the stem and the exact form of a word. If no passage has the word, returns the stem and the exact form of another
    /// spelling that a passage has. `spellings`: pairs of a word and another spelling of it.
    pub(super) fn choose_spelling(
        &mut self,
        stem: String,
        exact: String,
        spellings: &[(String, String)],
    ) -> Result<(String, String)> {
        let others: Vec<&String> =
            spellings.iter().filter(|(word, _)| *word == exact).map(|(_, other)| other).collect();
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

    /// Adds the terms of a run of Han characters: the words of the best segmentation, all bigrams, and each single character whose
    /// bigrams no passage has.
    pub(super) fn add_han(&mut self, run: &str) -> Result<()> {
        let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
        let count = starts.len() - 1;
        let bigrams: Vec<&str> = starts.windows(3).map(|starts| &run[starts[0]..starts[2]]).collect();
        // [bigrams]: true if a passage has the bigram.
        let mut occurs = Vec::with_capacity(bigrams.len());
        for bigram in &bigrams {
            occurs.push(self.frequency(LAYOUT.grams, bigram)? > 0);
        }
        let total_words = self.lexicon.tokens(LAYOUT.words)? as f64;
        let segmentation = best_cut(run, total_words, |begin, end| {
            // A passage with a word also has its bigrams: this avoids most searches for words.
            let (first, past_last) = (index_of(&starts, begin), index_of(&starts, end));
            debug_assert!(past_last - first <= MAX_WORD_CHARACTERS);
            // A word of n characters has n − 1 bigrams.
            let bigrams_of_word = first..past_last.saturating_sub(1).max(first);
            let possible = occurs[bigrams_of_word].iter().all(|&occurs| occurs);
            if possible { self.frequency(LAYOUT.words, &run[begin..end]) } else { Ok(0) }
        })?;
        for range in segmentation {
            let word = &run[range];
            let droppable = is_function_word(word);
            self.add(LAYOUT.words, word.to_owned(), droppable)?;
            self.add(LAYOUT.title, word.to_owned(), droppable)?;
        }
        for bigram in &bigrams {
            self.add(LAYOUT.grams, (*bigram).to_owned(), is_question_bigram(bigram))?;
        }
        for number in 0..count {
            let with_previous = number.checked_sub(1).is_some_and(|previous| occurs[previous]);
            let with_next = occurs.get(number).copied().unwrap_or(false);
            if !with_previous && !with_next {
                let character = &run[starts[number]..starts[number + 1]];
                self.add(LAYOUT.grams, character.to_owned(), is_function_word(character))?;
            }
        }
        Ok(())
    }
}

/// Returns the number of the character that starts at the byte `start`, which is always in `starts`.
fn index_of(starts: &[usize], start: usize) -> usize {
    starts.binary_search(&start).unwrap_or_default()
}
