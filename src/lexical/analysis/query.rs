//! A question to what it asks for, before any index is seen: which words Chinese is cut into is for the index to say.

use super::terms::stem;
use super::{Piece, capped, han, is_function_word, pieces};

/// What a question asks for.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) enum Asked {
    /// A word, by its stem and by its exact form.
    Word { stem: String, exact: String, function: bool },
    /// An exact form.
    Code(String),
    /// Chinese characters.
    Han(String),
    /// A run by itself, and its grams.
    Run { whole: String, grams: Vec<String> },
}

/// A question, cut.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) struct Question(pub(in crate::lexical) Vec<Asked>);

impl Question {
    pub(in crate::lexical) fn new(text: &str) -> Self {
        let (mut asked, mut buffer) = (Vec::new(), String::new());
        pieces(text, &mut buffer, &mut |piece| {
            let one = match piece {
                Piece::Word(word) => {
                    Asked::Word { stem: stem(word), exact: word.to_owned(), function: is_function_word(word) }
                }
                Piece::Code(code) => Asked::Code(code.to_owned()),
                Piece::Han(run) => Asked::Han(run.to_owned()),
                Piece::Dense(run) | Piece::Hangul(run) => {
                    let mut grams = Vec::new();
                    let single = run.chars().count() == 1;
                    han::grams(run, &mut |gram| {
                        if single || gram.chars().count() == 2 {
                            grams.push(gram.to_owned());
                        }
                    });
                    Asked::Run { whole: capped(run).to_owned(), grams }
                }
            };
            // Each word once: counting it as often as it was asked for was worth nothing on any set measured.
            if !asked.contains(&one) {
                asked.push(one);
            }
        });
        Self(asked)
    }
}
