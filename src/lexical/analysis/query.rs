//! Analyses a query without the index. The index later decides into which words Chinese is cut.

use super::normalise::normalise;
use super::notations::{self, Found, Side};
use super::stems::stem;
use super::{Piece, capped, han, is_function_word, names, pieces, spelling};

/// A part of a query.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) enum Asked {
    /// A word, by its stem and by its exact form.
    Word { stem: String, exact: String, function: bool },
    /// An exact form.
    Code(String),
    /// Two neighbours of a longer chunk. They do not count when no passage has them.
    Pair(String),
    /// Chinese characters.
    Han(String),
    /// A run by itself, and its grams.
    Run { whole: String, grams: Vec<String> },
}

/// A name, code or number that a query asks for exactly: passages with the whole, not those with its parts.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) struct Exact {
    /// Its forms; the first is the one in the query.
    pub(in crate::lexical) forms: Vec<String>,
    /// Its parts: places in [`Question::asked`].
    pub(in crate::lexical) parts: Vec<usize>,
    /// Its kind.
    pub(in crate::lexical) kind: Kind,
}

impl Exact {
    fn code() -> Self {
        Self { forms: Vec::new(), parts: Vec::new(), kind: Kind::Code }
    }
}

/// What is asked for exactly.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) enum Kind {
    /// A code, a version, a number in a text.
    Code,
    /// A value that has several notations. `alone`: the last form is the number without its unit. `text`: the value as in the query.
    Value { alone: bool, text: String },
    /// A name of a document. The first `first` forms are paths, from the top folder down; the others are names. Of each group the first
    /// form that a passage has counts. `is_file`: it looks like the name of a file.
    Name { first: usize, is_file: bool },
}

/// An analysed query.
#[derive(Debug, PartialEq, Eq, Clone, Default)]
pub(in crate::lexical) struct Question {
    /// Each part once. Counting repeated parts brought nothing on any set that was measured.
    pub(in crate::lexical) asked: Vec<Asked>,
    /// What is asked for exactly.
    pub(in crate::lexical) exact: Vec<Exact>,
    /// Exact forms of words, and other spellings of them.
    pub(in crate::lexical) spelled: Vec<(String, String)>,
}

impl Question {
    pub(in crate::lexical) fn new(text: &str) -> Self {
        let mut question = Self::default();
        let normal = normalise(text);
        question.cut(&normal);
        let mut values = Vec::new();
        notations::in_text(&normal, Side::Asked, &mut |range, found| {
            values.push(question.written(normal.get(range).unwrap_or_default(), found));
        });
        // Names in it: their parts are those of the words that they are written with.
        let mut named = Vec::new();
        for name in names::in_question(text) {
            let parts = question.parts(&normalise(name.part));
            let first = name.first.len();
            let forms = name.first.into_iter().chain(name.names).collect();
            named.push(Exact { forms, parts, kind: Kind::Name { first, is_file: name.is_file } });
        }
        // First, since where there is such a document, texts that speak of it count less.
        question.spelled = spelling::others(text);
        question.exact.splice(0..0, named.into_iter().chain(values));
        question
    }

    /// What is asked with a part of the question.
    fn parts(&self, part: &str) -> Vec<usize> {
        let mut alone = Self::default();
        alone.cut(part);
        let holds = |asked: &Asked, one: &Asked| match (asked, one) {
            (Asked::Han(run), Asked::Han(part)) => run.contains(part.as_str()),
            _ => asked == one,
        };
        let place = |one| self.asked.iter().position(|asked| holds(asked, one));
        alone.asked.iter().filter_map(place).collect()
    }

    /// What one place of the question says, of which `text` is the part.
    fn written(&self, text: &str, found: Found) -> Exact {
        let parts = self.parts(text);
        match found {
            Found::Code(forms) => Exact { forms, parts, kind: Kind::Code },
            Found::Value(forms) => {
                let alone = forms.last().is_some_and(|form| form.is_number);
                let kind = Kind::Value { alone, text: text.to_owned() };
                Exact { forms: forms.into_iter().map(|form| form.term).collect(), parts, kind }
            }
        }
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
                Piece::Sign(sign) => {
                    self.end(&mut chunk);
                    chunk.forms.push(sign.to_owned());
                    Asked::Code(sign.to_owned())
                }
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
            // A sign is a chunk by itself.
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
