//! Stored text to the terms of each field.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

use super::{Piece, capped, han, pieces};

/// Stems kept at hand; a passage has few words that none before it had.
const KEPT_STEMS: usize = 1 << 16;

/// The terms of one passage, each followed by a newline. No term holds one.
pub(in crate::lexical) struct Terms {
    /// Stems, words of Chinese.
    pub(in crate::lexical) words: String,
    /// Exact forms, codes, characters and bigrams.
    pub(in crate::lexical) grams: String,
    /// What `words` would have of title and headings alone.
    pub(in crate::lexical) title: String,
    /// Whether Chinese has words of a dictionary.
    dictionary: bool,
    stems: Stems,
    buffer: String,
}

impl Terms {
    pub(in crate::lexical) fn new(dictionary: bool) -> Self {
        let text = String::new;
        Self { words: text(), grams: text(), title: text(), dictionary, stems: Stems::new(), buffer: text() }
    }

    pub(in crate::lexical) fn clear(&mut self) {
        self.words.clear();
        self.grams.clear();
        self.title.clear();
    }

    /// Adds text; titles count in every field.
    pub(in crate::lexical) fn add(&mut self, text: &str, is_title: bool) {
        let Self { words, grams, title, dictionary, stems, buffer } = self;
        let from = words.len();
        pieces(text, buffer, &mut |piece| match piece {
            Piece::Word(word) => {
                push(words, stems.stem(word));
                push(grams, word);
            }
            Piece::Code(code) => push(grams, code),
            Piece::Han(run) => {
                han::stored_words(run, *dictionary, &mut |word| push(words, word));
                han::grams(run, &mut |gram| push(grams, gram));
            }
            Piece::Dense(run) | Piece::Hangul(run) => {
                push(words, capped(run));
                han::grams(run, &mut |gram| push(grams, gram));
            }
        });
        if is_title {
            title.push_str(&words[from..]);
        }
    }
}

fn push(terms: &mut String, term: &str) {
    terms.push_str(term);
    terms.push('\n');
}

/// English stems (Snowball, "Porter 2"), remembered.
struct Stems {
    stemmer: Stemmer,
    known: HashMap<String, String>,
}

impl Stems {
    fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: HashMap::new() }
    }

    fn stem<'a>(&'a mut self, word: &'a str) -> &'a str {
        if !has_stem(word) {
            return word;
        }
        if self.known.len() >= KEPT_STEMS {
            self.known.clear();
        }
        let Self { stemmer, known } = self;
        if !known.contains_key(word) {
            known.insert(word.to_owned(), stemmer.stem(word).into_owned());
        }
        known.get(word).map_or(word, String::as_str)
    }
}

fn has_stem(word: &str) -> bool {
    word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// The stem of one word.
pub(super) fn stem(word: &str) -> String {
    if has_stem(word) { Stemmer::create(Algorithm::English).stem(word).into_owned() } else { word.to_owned() }
}
