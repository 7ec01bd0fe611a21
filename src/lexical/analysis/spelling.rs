//! Transliterations: people write `Muenchen` for `München`, `Aarhus` for `Århus`. When no passage has a word of the query, the query
//! searches for its other spelling.

use unicode_normalization::UnicodeNormalization;

use super::normalise::normalise;
use super::{Piece, pieces};

/// Two letters that stand for a letter with a mark, and this letter without its mark, as in normalised text.
const TWO_FOR_ONE: [(&str, &str); 4] = [("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")];
/// The fewest bytes of a word that gets another spelling. A shorter word could become another word: `poet`, `duel`. A wrong spelling does
/// no harm: it counts only if a passage has it.
const MIN_WORD_BYTES: usize = 5;

/// Returns the two letters for an umlaut or a similar letter.
fn as_two(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' => "ae",
        'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
        'ü' | 'Ü' => "ue",
        'å' | 'Å' => "aa",
        _ => return None,
    })
}

/// Returns words of a query, each with another spelling; both are normalised.
pub(super) fn other_spellings(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if !text.is_ascii() {
        for word in text.split_whitespace().filter(|word| !word.is_ascii()) {
            let word: String = word.nfc().collect();
            if !word.contains(|c| as_two(c).is_some()) {
                continue;
            }
            let mut spelled = String::with_capacity(word.len());
            for c in word.chars() {
                match as_two(c) {
                    Some(two) => spelled.push_str(two),
                    None => spelled.push(c),
                }
            }
            let (written, other) = (words(&normalise(&word)), words(&normalise(&spelled)));
            if written.len() == other.len() {
                found.extend(written.into_iter().zip(other).filter(|(written, other)| written != other));
            }
        }
    }
    for word in words(&normalise(text)) {
        let mut other = word.clone();
        for (two, one) in TWO_FOR_ONE {
            other = other.replace(two, one);
        }
        if word.len() >= MIN_WORD_BYTES && word.is_ascii() && other != word {
            found.push((word, other));
        }
    }
    found
}

/// Returns the exact words of a text.
fn words(text: &str) -> Vec<String> {
    let (mut found, mut buffer) = (Vec::new(), String::new());
    pieces(text, &mut buffer, &mut |piece| {
        if let Piece::Word(word) = piece {
            found.push(word.to_owned());
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_umlauts_have_two_spellings() {
        let one = |word: &str, other: &str| (word.to_owned(), other.to_owned());
        assert_eq!(other_spellings("Köln am Rhein"), [one("koln", "koeln")]);
        assert_eq!(other_spellings("Ko\u{308}ln"), [one("koln", "koeln")]);
        assert_eq!(other_spellings("Muenchen"), [one("muenchen", "munchen")]);
        assert_eq!(other_spellings("GRÖSSE"), [one("grosse", "groesse")]);
        assert_eq!(other_spellings("Ørsted Århus"), [one("orsted", "oersted"), one("arhus", "aarhus")]);
        assert_eq!(other_spellings("Straße 东京 café poet"), []);
    }
}
