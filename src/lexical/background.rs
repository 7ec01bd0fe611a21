//! How rare a term is: in the collection, and in texts of all kinds, English and Chinese.
//!
//! In a small collection the number of passages with a word says little: among 100 passages, `get` can be as rare as a name. So
//! the idf of a term is computed as if the collection had [`PASSAGES`] more passages of everyday text, as long as its own. In a
//! large collection they change little.
//!
//! `background.txt` has the words with a frequency of at least 1 in 20,000. Each line has words of one frequency: first L, then
//! the words, of frequency 10^(-L/10). CONTRIBUTING.md tells how it was made. Any other word is rare.

use std::collections::HashMap;
use std::sync::LazyLock;

use tantivy::schema::Field;

use super::analysis::{is_han, stem};
use super::schema::LAYOUT;

/// The number of background passages.
const PASSAGES: f32 = 1000.0;
/// The mean number of characters of a Chinese word in a text.
const CHARACTERS_OF_WORD: f32 = 1.5;
/// The number of terms in the field of characters and bigrams for each character of a Chinese text.
const GRAMS_OF_CHARACTER: f32 = 2.0;

static BACKGROUND: LazyLock<Background> = LazyLock::new(|| Background::read(include_str!("background.txt")));

/// Frequencies, as shares of all words; of characters, as shares of all characters.
#[derive(Default)]
struct Background {
    /// English and Chinese words.
    words: HashMap<&'static str, f32>,
    /// English words by their [`beginning`], which a stem shares. Stemming all words would take longer than a search.
    english: HashMap<[u8; 2], Vec<(&'static str, f32)>>,
    characters: HashMap<char, f32>,
}

impl Background {
    fn read(text: &'static str) -> Self {
        let mut background = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            let level: f32 = words.next().and_then(|level| level.parse().ok()).unwrap_or(f32::INFINITY);
            let frequency = 10_f32.powf(-level / 10.0);
            for word in words {
                background.words.insert(word, frequency);
                if word.chars().all(is_han) {
                    let share = frequency / CHARACTERS_OF_WORD;
                    word.chars().for_each(|c| *background.characters.entry(c).or_default() += share);
                } else {
                    background.english.entry(beginning(word)).or_default().push((word, frequency));
                }
            }
        }
        background
    }

    /// Returns the frequency of all English words with a stem; `None` if there is none.
    fn stem(&self, wanted: &str) -> Option<f32> {
        let same_beginning = self.english.get(&beginning(wanted))?;
        let with_stem = same_beginning.iter().filter(|(word, _)| stem(word) == wanted);
        with_stem.map(|(_, frequency)| *frequency).reduce(|sum, frequency| sum + frequency)
    }

    fn character(&self, c: char) -> f32 {
        self.characters.get(&c).copied().unwrap_or(0.0)
    }

    /// Returns the share of a term among the terms of a field.
    fn frequency(&self, field: Field, term: &str) -> f32 {
        let word = self.words.get(term).copied().unwrap_or(0.0);
        if field != LAYOUT.grams {
            return self.stem(term).unwrap_or(word);
        }
        let mut characters = term.chars();
        match (characters.next(), characters.next(), characters.next()) {
            (Some(first), None, None) if is_han(first) => self.character(first) / GRAMS_OF_CHARACTER,
            // A bigram that is not a word still occurs where its characters meet.
            (Some(first), Some(second), None) if is_han(first) => {
                (word / CHARACTERS_OF_WORD).max(self.character(first) * self.character(second)) / GRAMS_OF_CHARACTER
            }
            _ => word,
        }
    }
}

/// Returns the first two bytes of a word or stem, with `i` for `y`: the stem of `lying` is `lie`.
fn beginning(word: &str) -> [u8; 2] {
    let mut bytes = word.bytes().map(|byte| if byte == b'y' { b'i' } else { byte });
    [bytes.next().unwrap_or(0), bytes.next().unwrap_or(0)]
}

/// Returns the idf of BM25: ln(1 + (N − n + ½) / (n + ½)), with n of N passages.
pub(super) fn idf(frequency: f32, passages: f32) -> f32 {
    (1.0 + (passages.max(frequency) - frequency + 0.5) / (frequency + 0.5)).ln()
}

/// Returns the idf of a term in the collection and the background passages together. `frequency`: the number of passages with the term, of
/// `passages` passages. `length`: the mean number of terms of the field in a passage.
pub(super) fn background_idf(field: Field, term: &str, frequency: u64, passages: u64, length: f32) -> f32 {
    // The probability that at least one of `length` random terms is this one.
    let share = -(-BACKGROUND.frequency(field, term) * length).exp_m1();
    idf(frequency as f32 + PASSAGES * share, passages as f32 + PASSAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_small_collection(field: Field, term: &str) -> f32 {
        background_idf(field, term, 5, 100, 200.0)
    }

    #[test]
    fn everyday_words_weigh_less_than_rare_ones_that_as_many_passages_have() {
        let words = LAYOUT.words;
        for (common, rare) in [("get", "sensor"), ("many", "warranti"), ("公司", "湿度"), ("公司", "保修")] {
            let (common, rare) = (in_small_collection(words, common), in_small_collection(words, rare));
            assert!(rare > 2.0 * common, "{common} {rare}");
        }
        let grams = LAYOUT.grams;
        assert!(in_small_collection(grams, "熵") > 2.0 * in_small_collection(grams, "多"));
        // A bigram of two common characters is not a word, but occurs.
        assert!(in_small_collection(grams, "熵增") > 1.1 * in_small_collection(grams, "的人"));
        // A stem has the frequency of all its words.
        assert!(in_small_collection(words, "compani") < in_small_collection(grams, "companies"));
    }

    #[test]
    fn background_changes_little_in_a_large_collection() {
        for term in ["get", "sensor", "公司"] {
            let large = background_idf(LAYOUT.words, term, 50_000, 1_000_000, 200.0);
            assert!((large - idf(50_000.0, 1_000_000.0)).abs() < 0.05, "{term} {large}");
        }
    }

    #[test]
    fn stems_begin_as_their_words_do() {
        for word in BACKGROUND.english.values().flatten().map(|(word, _)| word) {
            assert_eq!(beginning(&stem(word)), beginning(word), "{word}");
        }
    }

    #[test]
    fn every_line_of_the_file_has_a_level_and_words() {
        let mut last = 0;
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("background.txt").lines() {
            let (level, words) = line.split_once(' ').unwrap();
            let level: u32 = level.parse().unwrap();
            // The levels of English, then those of Chinese.
            assert!((level > last || seen.contains("the") && !seen.contains("的")) && level <= 43, "{line}");
            last = level;
            for word in words.split(' ') {
                assert!(word.chars().all(is_han) || word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
                assert!(seen.insert(word), "twice: {word}");
            }
        }
        assert!(seen.len() > 4000);
    }
}
