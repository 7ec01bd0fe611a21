//! Words to their stems: Snowball, by the script of a word; short rules for Hindi, which it does not have, and for Arabic, whose article it
//! leaves behind a conjunction.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

/// How many stems are cached. Most words of a passage occurred before.
const KEPT: usize = 1 << 16;

/// Endings of Hindi nouns and verbs that come and go with number, gender and case, the longest first; and how many characters must
/// stay before each. After Ramanathan and Rao (2003), "A lightweight stemmer for Hindi".
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

/// Conjunction, preposition and article that are written with an Arabic noun; endings of number, gender and possession. After Larkey,
/// Ballesteros and Connell (2002), "light10".
const ARABIC_BEFORE: [&str; 7] = ["وال", "فال", "بال", "كال", "ولل", "ال", "لل"];
const ARABIC_BEHIND: [&str; 9] = ["ها", "ان", "ات", "ون", "ين", "يه", "يا", "ه", "ي"];

/// Stems, remembered.
pub(super) struct Stems(HashMap<String, String>);

impl Stems {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    /// The stem of a word in lower case; the word itself where it has none.
    pub(super) fn stem<'a>(&'a mut self, word: &'a str) -> &'a str {
        let Some(language) = language(word) else { return word };
        if self.0.len() >= KEPT {
            self.0.clear();
        }
        if !self.0.contains_key(word) {
            self.0.insert(word.to_owned(), language.stem(word));
        }
        self.0.get(word).map_or(word, String::as_str)
    }
}

/// The stem of one word.
pub(in crate::lexical) fn stem(word: &str) -> String {
    language(word).map_or_else(|| word.to_owned(), |language| language.stem(word))
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

/// The language of a word's rules. It depends on the script alone, so that documents and queries agree.
fn language(word: &str) -> Option<Language> {
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
    let long = |stem: &&str, least: usize| stem.chars().count() >= least;
    let bare = ARABIC_BEFORE.iter().find_map(|before| word.strip_prefix(before).filter(|stem| long(stem, 2)));
    let bare = bare.or_else(|| word.strip_prefix('و').filter(|stem| long(stem, 3))).unwrap_or(word);
    let stem = ARABIC_BEHIND.iter().find_map(|behind| bare.strip_suffix(behind).filter(|stem| long(stem, 2)));
    stem.unwrap_or(bare)
}

fn hindi(word: &str) -> &str {
    let ending = HINDI.iter().find_map(|(ending, kept)| {
        let stem = word.strip_suffix(ending)?;
        (stem.chars().count() >= *kept).then_some(stem)
    });
    ending.unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_stem() {
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
    fn remembered_stems_are_the_same() {
        let mut stems = Stems::new();
        for word in ["running", "running", "книги", "किताबें", "x"] {
            assert_eq!(stems.stem(word), stem(word));
        }
    }
}
