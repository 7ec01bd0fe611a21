//! A question to what it asks for, before any index is seen: which words Chinese is cut into is for the index to say.

use super::stems::stem;
use super::{Piece, capped, han, is_function_word, names, pieces};

/// What a question asks for.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) enum Asked {
    /// A word, by its stem and by its exact form.
    Word { stem: String, exact: String, function: bool },
    /// An exact form.
    Code(String),
    /// Two neighbours of a longer chunk; that no passage has them says nothing.
    Pair(String),
    /// Chinese characters.
    Han(String),
    /// A run by itself, and its grams.
    Run { whole: String, grams: Vec<String> },
}

/// An exact name, code or number that a question asks for. Whoever has it is wanted, and not who has the parts of it.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) struct Exact {
    /// The forms that it may have, the one that was asked for first.
    pub(in crate::lexical) forms: Vec<String>,
    /// Its parts: places in [`Question::asked`].
    pub(in crate::lexical) parts: Vec<usize>,
    /// What kind of thing it is.
    pub(in crate::lexical) kind: Kind,
}

impl Exact {
    fn code() -> Self {
        Self { forms: Vec::new(), parts: Vec::new(), kind: Kind::Code }
    }
}

/// What is asked for exactly.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(in crate::lexical) enum Kind {
    /// A code, a version, a number in a text.
    Code,
    /// What a document is called. The first form is its whole path, the others names of which the first that there is counts.
    /// `is_file`: it looks like the name of a file, whatever stands beside it.
    Name { is_file: bool },
}

/// A question, cut.
#[derive(Debug, PartialEq, Eq, Clone, Default)]
pub(in crate::lexical) struct Question {
    /// Each once: counting it as often as it was asked for was worth nothing on any set measured.
    pub(in crate::lexical) asked: Vec<Asked>,
    /// What is asked for exactly.
    pub(in crate::lexical) exact: Vec<Exact>,
}

impl Question {
    pub(in crate::lexical) fn new(text: &str) -> Self {
        let mut question = Self::default();
        question.cut(text);
        // Names in it: their parts are those of the words that they are written with.
        let mut named = Vec::new();
        for name in names::in_question(text) {
            let mut alone = Self::default();
            alone.cut(name.part);
            let place = |asked| question.asked.iter().position(|other| other == asked);
            let parts = alone.asked.iter().filter_map(place).collect();
            let forms = [name.path].into_iter().chain(name.names).collect();
            named.push(Exact { forms, parts, kind: Kind::Name { is_file: name.is_file } });
        }
        // First, since where there is such a document, texts that speak of it count less.
        question.exact.splice(0..0, named);
        question
    }

    fn cut(&mut self, text: &str) {
        let mut buffer = String::new();
        let mut chunk = Exact::code();
        pieces(text, &mut buffer, &mut |piece| {
            let one = match piece {
                Piece::Chunk => return self.end(&mut chunk),
                Piece::Whole(whole) => {
                    if !chunk.forms.iter().any(|known| known == whole) {
                        chunk.forms.push(whole.to_owned());
                    }
                    return;
                }
                Piece::Word(word) => {
                    Asked::Word { stem: stem(word), exact: word.to_owned(), function: is_function_word(word) }
                }
                Piece::Code(code) => Asked::Code(code.to_owned()),
                Piece::Pair(pair) => Asked::Pair(pair.to_owned()),
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
            let of_chunk = matches!(one, Asked::Word { .. } | Asked::Code(_) | Asked::Pair(_));
            if !of_chunk {
                self.end(&mut chunk);
            }
            let place = self.asked.iter().position(|other| *other == one).unwrap_or_else(|| {
                self.asked.push(one);
                self.asked.len() - 1
            });
            if of_chunk && !chunk.parts.contains(&place) {
                chunk.parts.push(place);
            }
        });
        self.end(&mut chunk);
    }

    /// A chunk has ended: a word with digits is a name as a whole, and so are several that are written as one.
    fn end(&mut self, chunk: &mut Exact) {
        let mut ended = std::mem::replace(chunk, Exact::code());
        if ended.forms.is_empty()
            && let Some(Asked::Word { exact, .. }) = ended.parts.first().map(|&place| &self.asked[place])
            && exact.len() > 1
            && exact.bytes().any(|b| b.is_ascii_digit())
        {
            ended.forms.push(exact.clone());
        }
        if !ended.forms.is_empty() && !self.exact.contains(&ended) {
            self.exact.push(ended);
        }
    }
}
