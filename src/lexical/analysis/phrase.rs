//! The terms that every text with a phrase has.

use super::normalise::normalise;
use super::{Piece, han, pieces};

/// Returns terms of the field of exact forms that a text has if it contains this phrase as whole words: its words, its Chinese pairs of
/// characters. Terms that depend on what stands beside the phrase are left out. May be empty.
pub(in crate::lexical) fn terms_of_phrase(phrase: &str) -> Vec<String> {
    let (mut terms, mut buffer) = (Vec::new(), String::new());
    pieces(&normalise(phrase), &mut buffer, &mut |piece| match piece {
        Piece::Word(term) | Piece::Sign(term) => terms.push(term.to_owned()),
        Piece::Han(run) | Piece::Dense(run) | Piece::Hangul(run) => {
            let is_single = run.chars().nth(1).is_none();
            han::grams(run, &mut |gram| {
                if is_single || gram.chars().nth(1).is_some() {
                    terms.push(gram.to_owned());
                }
            });
        }
        Piece::Code(_) | Piece::Pair(_) | Piece::Whole(_) | Piece::Chunk => {}
    });
    terms.sort_unstable();
    terms.dedup();
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_have_the_terms_of_their_texts() {
        for (phrase, terms) in [
            ("The Disk-full error", &["disk", "error", "full", "the"][..]),
            ("don\u{2019}t", &["dont"]),
            ("GPU顯存不足", &["gpu", "不足", "存不", "显存"]),
            ("存", &["存"]),
            ("RTX-4090", &["4090", "rtx"]),
            ("학교", &["학교"]),
            ("✅ C++", &["c", "✅"]),
            ("->", &[]),
        ] {
            assert_eq!(terms_of_phrase(phrase), terms, "{phrase}");
        }
    }
}
