//! Stems of words: Snowball, by the script of a word. Hindi and Arabic have short rules of their own: Snowball has no rules for Hindi,
//! and leaves the Arabic article after a conjunction.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

/// The most stems that are cached. Most words of a passage occurred before.
const MAX_CACHED: usize = 1 << 16;

/// Endings of Hindi nouns and verbs for number, gender and case, the longest first, and the fewest characters of the rest.
/// After Ramanathan and Rao (2003), "A lightweight stemmer for Hindi".
const HINDI: [(&str, usize); 24] = [
    ("ियों", 2),
    ("ियां", 2),
    ("ाओं", 2),
    ("ाएं", 2),
    ("ुओं", 2),
    ("ुएं", 2),
    ("ाने", 2),
    ("ाना", 2),
    ("ते", 2),
    ("ता", 2),
    ("ती", 2),
    ("ना", 2),
    ("नी", 2),
    ("ने", 2),
    ("ों", 1),
    ("ें", 1),
    ("ीं", 1),
    ("ां", 1),
    ("ो", 1),
    ("े", 1),
    ("ी", 1),
    ("ि", 1),
    ("ा", 1),
    ("ु", 1),
];

/// Conjunctions, prepositions and articles before an Arabic noun; endings of number, gender and possession. After Larkey, Ballesteros
/// and Connell (2002), "light10".
const ARABIC_BEFORE: [&str; 7] = ["وال", "فال", "بال", "كال", "ولل", "ال", "لل"];
const ARABIC_AFTER: [&str; 9] = ["ها", "ان", "ات", "ون", "ين", "يه", "يا", "ه", "ي"];

/// A cache of stems.
pub(super) struct Stems(HashMap<String, String>);

impl Stems {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Returns the stem of a word in lower case, or the word itself.
    pub(super) fn stem<'a>(&'a mut self, word: &'a str) -> &'a str {
        let Some(language) = rules_of(word) else { return word };
        if self.0.len() >= MAX_CACHED {
            self.0.clear();
        }
        if !self.0.contains_key(word) {
            self.0.insert(word.to_owned(), language.stem(word));
        }
        self.0.get(word).map_or(word, String::as_str)
    }
}

/// Returns the stem of one word.
pub(in crate::lexical) fn stem(word: &str) -> String {
    rules_of(word).map_or_else(|| word.to_owned(), |language| language.stem(word))
}

enum Language {
    Snowball(Algorithm),
    Arabic,
    Hindi,
}

impl Language {
    fn stem(&self, word: &str) -> String {
        match self {
            Self::Snowball(algorithm) => Stemmer::create(*algorithm).stem(word).into_owned(),
            Self::Arabic => arabic(word).to_owned(),
            Self::Hindi => hindi(word).to_owned(),
        }
    }
}

/// Returns the language whose rules stem a word. It depends on the script only, so that documents and queries agree.
fn rules_of(word: &str) -> Option<Language> {
    let first = word.chars().next()?;
    let all = |range: std::ops::RangeInclusive<char>| word.chars().all(|c| range.contains(&c));
    Some(match first {
        'a'..='z' if word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase()) => {
            Language::Snowball(Algorithm::English)
        }
        'а'..='я' if all('а'..='я') => Language::Snowball(Algorithm::Russian),
        'ا'..='ي' if all('ا'..='ي') => Language::Arabic,
        'α'..='ω' if all('α'..='ω') => Language::Snowball(Algorithm::Greek),
        '\u{900}'..='\u{97f}' if all('\u{900}'..='\u{97f}') => Language::Hindi,
        _ => return None,
    })
}

fn arabic(word: &str) -> &str {
    let has = |stem: &&str, min: usize| stem.chars().count() >= min;
    let bare = ARABIC_BEFORE.iter().find_map(|before| word.strip_prefix(before).filter(|stem| has(stem, 2)));
    let bare = bare.or_else(|| word.strip_prefix('و').filter(|stem| has(stem, 3))).unwrap_or(word);
    let stem = ARABIC_AFTER.iter().find_map(|after| bare.strip_suffix(after).filter(|stem| has(stem, 2)));
    stem.unwrap_or(bare)
}

fn hindi(word: &str) -> &str {
    let stem = HINDI.iter().find_map(|(ending, min_characters)| {
        let stem = word.strip_suffix(ending)?;
        (stem.chars().count() >= *min_characters).then_some(stem)
    });
    stem.unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for family in [
            &["running", "runs", "run"][..],
            &["किताबें", "किताब", "किताबों"],
            &["लड़का", "लड़के", "लड़कों"],
            &["книга", "книги", "книгу"],
            &["كتاب", "الكتاب", "والكتاب"],
            &["مكتبه", "المكتبه", "مكتبات", "ومكتبه"],
        ] {
            let stems: Vec<String> = family.iter().map(|word| stem(word)).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{family:?}: {stems:?}");
        }
        for word in ["l", "b12", "학교", "שלום", "ё", "с"] {
            assert_eq!(stem(word), word);
        }
    }

    #[test]
    fn cached_stems_are_the_same() {
        let mut stems = Stems::new();
        for word in ["running", "running", "книги", "किताबें", "x"] {
            assert_eq!(stems.stem(word), stem(word));
        }
    }
}
