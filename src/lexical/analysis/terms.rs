//! Turns the text of a document into the terms of each field.

use super::normalise::normalise;
use super::notations::{self, Found, Side};
use super::stems::Stems;
use super::{Piece, capped, han, names, pieces};

/// The terms of one passage, each followed by a newline; no term contains a newline.
pub(in crate::lexical) struct Terms {
    /// Stems, and Chinese words.
    pub(in crate::lexical) words: String,
    /// Exact forms, codes, characters and bigrams.
    pub(in crate::lexical) grams: String,
    /// The same as `words`, for titles and headings only.
    pub(in crate::lexical) title: String,
    /// True to divide Chinese into words of the dictionary.
    dictionary: bool,
    stems: Stems,
    buffer: String,
    named: Named,
}

/// The names of the last document. The passages of a document follow each other, so its names are computed once.
#[derive(Default)]
struct Named {
    id: String,
    title: String,
    others: Vec<String>,
    terms: String,
}

impl Terms {
    pub(in crate::lexical) fn new(dictionary: bool) -> Self {
        let text = String::new;
        Self {
            words: text(),
            grams: text(),
            title: text(),
            dictionary,
            stems: Stems::new(),
            buffer: text(),
            named: Named::default(),
        }
    }

    pub(in crate::lexical) fn clear(&mut self) {
        self.words.clear();
        self.grams.clear();
        self.title.clear();
    }

    /// Adds text. The words of titles go into every field.
    pub(in crate::lexical) fn add(&mut self, text: &str, is_title: bool) {
        let Self { words, grams, title, dictionary, stems, buffer, named: _ } = self;
        let words_before = words.len();
        let text = normalise(text);
        pieces(&text, buffer, &mut |piece| match piece {
            Piece::Word(word) => {
                push(words, stems.stem(word));
                push(grams, word);
            }
            Piece::Code(code) | Piece::Sign(code) | Piece::Pair(code) | Piece::Whole(code) => push(grams, code),
            Piece::Chunk => {}
            Piece::Han(run) => {
                han::stored_words(run, *dictionary, &mut |word| push(words, word));
                han::grams(run, &mut |gram| push(grams, gram));
            }
            Piece::Dense(run) | Piece::Hangul(run) => {
                push(words, capped(run));
                han::grams(run, &mut |gram| push(grams, gram));
            }
        });
        notations::in_text(&text, Side::Stored, &mut |_, found| match found {
            Found::Code(forms) => forms.iter().for_each(|form| push(grams, form)),
            Found::Value(forms) => forms.iter().for_each(|form| push(grams, &form.term)),
        });
        if is_title {
            title.push_str(&words[words_before..]);
        }
    }

    /// Adds the exact names of the document. `others`: its names besides the title and the path.
    pub(in crate::lexical) fn add_names(&mut self, id: &str, title: &str, others: &[String]) {
        let Self { grams, named, .. } = self;
        if named.id != id || named.title != title || named.others != others {
            let mut terms = std::mem::take(&mut named.terms);
            terms.clear();
            names::of_document(id, title, others, &mut |name| push(&mut terms, name));
            *named = Named { id: id.to_owned(), title: title.to_owned(), others: others.to_vec(), terms };
        }
        grams.push_str(&named.terms);
    }
}

fn push(terms: &mut String, term: &str) {
    terms.push_str(term);
    terms.push('\n');
}
