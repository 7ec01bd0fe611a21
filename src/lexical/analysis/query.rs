//! Analyses a query without the index. The segmentation of Chinese needs the index and comes later.

use super::normalise::normalise;
use super::notations::{self, Found, Side};
use super::stems::stem;
use super::{Piece, capped, han, is_function_word, names, pieces, spelling};

/// A part of a query.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) enum Asked {
    /// A word, with its stem and its exact form.
    Word { stem: String, exact: String, function: bool },
    /// An exact form.
    Code(String),
    /// Two neighbouring words of a longer chunk. They do not count if no passage has them.
    Pair(String),
    /// Chinese characters.
    Han(String),
    /// A run of a script without spaces, and its bigrams.
    Run { whole: String, grams: Vec<String> },
}

/// A name, code or number that a query searches for exactly: passages must have the whole, not only its parts.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) struct Exact {
    /// Its forms; the first is the one in the query.
    pub(in crate::lexical) forms: Vec<String>,
    /// The indices of its parts in [`Question::asked`].
    pub(in crate::lexical) parts: Vec<usize>,
    /// Its kind.
    pub(in crate::lexical) kind: Kind,
}

impl Exact {
    fn code() -> Self {
        Self { forms: Vec::new(), parts: Vec::new(), kind: Kind::Code }
    }
}

/// The kind of an exact part of a query.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(in crate::lexical) enum Kind {
    /// A code, a version, a number in a text.
    Code,
    /// A value with several notations. `alone`: the last form is the number without its unit. `text`: the value as in the query.
    Value { alone: bool, text: String },
    /// A name of a document. The first `paths` forms are paths, from the top folder down; the others are names. In both groups only the
    /// first form that a passage has counts. `is_file`: it looks like a file name.
    Name { paths: usize, is_file: bool },
}

/// An analysed query.
#[derive(Debug, PartialEq, Eq, Clone, Default)]
pub(in crate::lexical) struct Question {
    /// The different parts. Counting repeated parts improved no measured set.
    pub(in crate::lexical) asked: Vec<Asked>,
    /// The exact parts.
    pub(in crate::lexical) exact: Vec<Exact>,
    /// Exact forms of words, and their other spellings.
    pub(in crate::lexical) spelled: Vec<(String, String)>,
}

impl Question {
    pub(in crate::lexical) fn new(text: &str) -> Self {
        let mut question = Self::default();
        let normal = normalise(text);
        question.add_pieces(&normal);
        let mut values = Vec::new();
        notations::in_text(&normal, Side::Asked, &mut |range, found| {
            values.push(question.exact_of(normal.get(range).unwrap_or_default(), found));
        });
        // Names in the query; their parts are the parts of their words.
        let mut named_parts = Vec::new();
        for name in names::in_question(text) {
            let parts = question.indices_of_parts(&normalise(name.part));
            let paths = name.paths.len();
            let forms = name.paths.into_iter().chain(name.names).collect();
            named_parts.push(Exact { forms, parts, kind: Kind::Name { paths, is_file: name.is_file } });
        }
        question.spelled = spelling::other_spellings(text);
        // Names come first: if such a document exists, other texts that mention it count less.
        question.exact.splice(0..0, named_parts.into_iter().chain(values));
        question
    }

    /// Returns the indices of the parts of the query that are also in `text`, a part of the query.
    fn indices_of_parts(&self, text: &str) -> Vec<usize> {
        let mut analysed = Self::default();
        analysed.add_pieces(text);
        let contains = |asked: &Asked, part: &Asked| match (asked, part) {
            (Asked::Han(run), Asked::Han(part)) => run.contains(part.as_str()),
            _ => asked == part,
        };
        let index_of = |part| self.asked.iter().position(|asked| contains(asked, part));
        analysed.asked.iter().filter_map(index_of).collect()
    }

    /// Returns the exact part for a code or value. `text`: the code or value as it is in the query.
    fn exact_of(&self, text: &str, found: Found) -> Exact {
        let parts = self.indices_of_parts(text);
        match found {
            Found::Code(forms) => Exact { forms, parts, kind: Kind::Code },
            Found::Value(forms) => {
                let alone = forms.last().is_some_and(|form| form.is_number);
                let kind = Kind::Value { alone, text: text.to_owned() };
                Exact { forms: forms.into_iter().map(|form| form.term).collect(), parts, kind }
            }
        }
    }

    fn add_pieces(&mut self, text: &str) {
        let mut buffer = String::new();
        let mut chunk = Exact::code();
        pieces(text, &mut buffer, &mut |piece| {
            let part = match piece {
                Piece::Chunk => return self.end_chunk(&mut chunk),
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
                    self.end_chunk(&mut chunk);
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
            // A sign is its own chunk.
            let in_chunk = matches!(part, Asked::Word { .. } | Asked::Code(_) | Asked::Pair(_));
            if !in_chunk {
                self.end_chunk(&mut chunk);
            }
            let index = self.asked.iter().position(|other| *other == part).unwrap_or_else(|| {
                self.asked.push(part);
                self.asked.len() - 1
            });
            if in_chunk && !chunk.parts.contains(&index) {
                chunk.parts.push(index);
            }
        });
        self.end_chunk(&mut chunk);
    }

    /// Ends a chunk. It becomes an exact part if it is a word with digits, or several words written as one.
    fn end_chunk(&mut self, chunk: &mut Exact) {
        let mut ended = std::mem::replace(chunk, Exact::code());
        if ended.forms.is_empty()
            && let Some(Asked::Word { exact, .. }) = ended.parts.first().map(|&index| &self.asked[index])
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
