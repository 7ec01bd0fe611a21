//! Phrases, and texts in which they are looked for: compared without case, width and the kind of Chinese characters.

use crate::collection::words::normalise;
use crate::text::script::{is_han, is_han_or_kana, is_indexed_hangul};

/// What may follow an apostrophe without beginning a word: the word index joins `don't` to one word.
const CONTRACTED: [&str; 6] = ["t", "re", "ve", "ll", "d", "m"];

/// A phrase that is ready to be looked for.
#[derive(Debug)]
pub(super) struct Phrase {
    /// Folded, never empty.
    folded: String,
}

impl Phrase {
    /// Returns `None` for a phrase without any character.
    pub(super) fn new(text: &str) -> Option<Self> {
        let folded = fold(text);
        (!folded.is_empty()).then_some(Self { folded })
    }

    /// Returns the folded text of the phrase.
    pub(super) fn folded(&self) -> &str {
        &self.folded
    }

    /// True if a folded text contains the phrase. Its words must be whole, in scripts with spaces between words.
    pub(super) fn is_in(&self, folded: &str) -> bool {
        self.places_in(folded).next().is_some()
    }

    /// Returns the bytes of a folded text where the phrase begins.
    pub(super) fn places_in<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = usize> + 'a {
        let step = self.folded.chars().next().map_or(1, char::len_utf8);
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let at = from + folded.get(from..)?.find(&self.folded)?;
                // Places may overlap.
                from = at + step;
                if self.is_whole(folded, at) {
                    return Some(at);
                }
            }
        })
    }

    /// True if no word of the text continues over an end of the phrase at `at`.
    fn is_whole(&self, folded: &str, at: usize) -> bool {
        let (before, after) = (&folded[..at], &folded[at + self.folded.len()..]);
        let is_word = |c: Option<char>| c.is_some_and(is_word_character);
        let joins_before = is_word(self.folded.chars().next()) && is_word(before.chars().next_back());
        let ends_with_word = is_word(self.folded.chars().next_back());
        !joins_before && !(ends_with_word && (is_word(after.chars().next()) || is_contracted(after)))
    }

    /// True if the phrase may begin in one passage and end in the next: passages end between words.
    pub(super) fn may_be_divided(&self) -> bool {
        let mut characters = self.folded.chars();
        characters.next().is_some() && characters.next().is_some() && !self.folded.chars().all(is_word_character)
    }
}

/// True if a text begins as the end of `don't`, `we're`.
fn is_contracted(text: &str) -> bool {
    let Some(ending) = text.strip_prefix('\'') else { return false };
    let end = ending.find(|c| !is_word_character(c)).unwrap_or(ending.len());
    CONTRACTED.contains(&&ending[..end])
}

/// True for letters and digits of the scripts that separate their words. A phrase in another script (Chinese, Japanese, Thai,
/// Korean with its endings) may begin and end anywhere.
pub(super) fn is_word_character(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric(),
        // Thai, Lao, Tibetan, Burmese, Khmer.
        '\u{e01}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => false,
        // Vowel signs and viramas of the Indic scripts are not letters, but belong to words.
        '\u{900}'..='\u{963}' | '\u{980}'..='\u{dff}' => true,
        _ => c.is_alphanumeric() && !is_han_or_kana(c) && !is_han(c) && !is_indexed_hangul(c) && c != '々' && c != '〇',
    }
}

/// Folds a text: normalised as in the word index, lower case, single spaces; no space between a Chinese character and a Latin one,
/// because people write both.
pub(super) fn fold(text: &str) -> String {
    let normal = normalise(text);
    let mut folded = String::with_capacity(normal.len());
    if normal.is_ascii() {
        for word in normal.split_ascii_whitespace() {
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.push_str(word);
        }
        folded.make_ascii_lowercase();
        return folded;
    }
    let (mut last, mut is_spaced) = (None, false);
    for c in normal.chars() {
        if c.is_whitespace() {
            is_spaced = true;
            continue;
        }
        if is_spaced && last.is_some_and(|last| !are_joined(last, c)) {
            folded.push(' ');
        }
        (last, is_spaced) = (Some(c), false);
        folded.extend(c.to_lowercase());
    }
    folded
}

/// True if white space between two characters makes no difference.
fn are_joined(one: char, other: char) -> bool {
    is_han_or_kana(one) && is_word_character(other) || is_word_character(one) && is_han_or_kana(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(text: &str, phrase: &str) -> bool {
        Phrase::new(phrase).is_some_and(|phrase| phrase.is_in(&fold(text)))
    }

    #[test]
    fn phrases_are_found_however_they_are_spelled() {
        for (text, phrase) in [
            ("The Disk\n   is  FULL.", "disk is full"),
            ("a a a b", "a a b"),
            ("ba a a", "a a"),
            ("显存不足怎么办", "存不"),
            ("请看ＧＰＵ 显存", "gpu显存"),
            ("GPU显存", "gpu 显存"),
            ("state-of-the-art", "art"),
            ("(art)", "art"),
            ("x86_64 is fast", "64 is"),
            ("the dog's bowl", "dog"),
            ("l'eau", "eau"),
            ("학교에서", "학교"),
            ("C++17", "c++"),
            ("C++ 17", "c++"),
            ("v2.1.0", "v2.1"),
            ("✅ done", "✅"),
        ] {
            assert!(contains(text, phrase), "{phrase} in {text}");
        }
    }

    #[test]
    fn words_of_phrases_are_whole() {
        for (text, phrase) in [
            ("a party", "art"),
            ("artful", "art"),
            ("GPUs", "gpu"),
            ("disk 42", "disk 4"),
            ("v2.1.0", "2.1"),
            ("don't", "don"),
            ("we're", "we"),
            ("disk, full", "disk full"),
            ("diskfull", "disk full"),
            ("", "a"),
            ("a", ""),
            ("a", " \u{200b}"),
        ] {
            assert!(!contains(text, phrase), "{phrase} in {text}");
        }
    }

    #[cfg(feature = "lexical")]
    #[test]
    fn phrases_are_spelled_as_in_the_word_index() {
        assert!(contains("機器學習與資訊檢索", "机器学习") && contains("机器学习", "機器學習"));
        assert!(contains("don\u{2019}t stop", "Don't stop"));
        assert!(contains("Café au lait", "cafe") && contains("Straße", "STRASSE"));
    }

    #[test]
    fn only_phrases_of_several_words_are_divided() {
        let divided = |text| Phrase::new(text).unwrap().may_be_divided();
        assert!(divided("disk full") && divided("显存") && divided("a-b"));
        assert!(!divided("disk") && !divided("存"));
    }
}
