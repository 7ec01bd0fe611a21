//! Text to terms, in the same way for documents and for queries.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `normalise.rs` | one spelling: width, accents, traditional characters (`simplified.txt` is their table) |
//! | `marks.rs` | one spelling in scripts beyond Latin and Chinese |
//! | `latin.rs` | words with case, digits and joiners: `RTX-4090`, `fooBarBaz`, `C++`, `O'Brien` |
//! | `numbers.rs` | versions, amounts |
//! | `notations/` | dates, numerals, units, numbers in groups: one term for several ways to write them |
//! | `names.rs` | exact names of a document |
//! | `numbered.rs` | names with a number: `RFC 24` |
//! | `han.rs` | Chinese: characters and pairs of them; the best cut of a query by document frequency |
//! | `dictionary.rs` | Chinese words from a dictionary (`words.txt.gz`), with the feature `zh` |
//! | `spelling.rs` | transliterations: `Muenchen` for `München` |
//! | `stems.rs` | words to their stems |
//! | `terms.rs` | stored text to the terms of each field |
//! | `phrase.rs` | the terms that every text with a phrase has |
//! | `query.rs` | a query to its terms, without the index |
//! | `stop.rs` | function and question words |
//!
//! These files use nothing else of the crate but `text`. A text is divided into runs of one script, also in the middle of a word (`GPU显存`, `第3章`).

#[cfg(feature = "zh")]
mod dictionary;
mod han;
mod latin;
mod marks;
mod names;
pub(super) mod normalise;
mod notations;
mod numbered;
mod numbers;
mod phrase;
mod query;
mod spelling;
mod stems;
mod stop;
mod terms;

pub(super) use han::{MAX_WORD_CHARACTERS, best_cut};
pub(super) use phrase::terms_of_phrase;
pub(super) use query::{Asked, Exact, Kind, Question};
pub(super) use stems::stem;
pub(super) use stop::{is_function_word, is_question_bigram};
pub(super) use terms::Terms;

use crate::text::script::{is_indexed_han, is_indexed_hangul, is_indexed_hiragana, is_indexed_katakana};

/// A piece of text: a run of one script, or a word in it.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    /// A word in lower case; its stem and its exact form become terms.
    Word(&'a str),
    /// A part of a compound word; only its exact form becomes a term.
    Code(&'a str),
    /// Two neighbouring words of a longer chunk, as one.
    Pair(&'a str),
    /// Several words as one: a name, a version, a number. A query with it searches for the whole, not for its parts.
    Whole(&'a str),
    /// A sign with its own meaning.
    Sign(&'a str),
    /// The beginning of a chunk: the pieces up to the next chunk are its parts.
    Chunk,
    /// Chinese characters, without spaces between the words.
    Han(&'a str),
    /// Another script without spaces between words (katakana, hiragana, Thai, Lao, Khmer, Burmese). It gives bigrams.
    Dense(&'a str),
    /// Hangul has spaces, but its words also have endings. It gives words and bigrams.
    Hangul(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Script {
    Han,
    Dense,
    Katakana,
    Hiragana,
    Hangul,
    Letters,
    /// A sign with a meaning, such as a tick or an emoji.
    Sign,
    None,
}

fn script(c: char) -> Script {
    match c {
        '0'..='9' | 'A'..='Z' | 'a'..='z' => Script::Letters,
        '\0'..='\x7f' => Script::None,
        _ if is_indexed_han(c) => Script::Han,
        _ if is_indexed_hiragana(c) => Script::Hiragana,
        _ if is_indexed_katakana(c) => Script::Katakana,
        '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Script::Dense,
        _ if is_indexed_hangul(c) => Script::Hangul,
        // Vowel signs and viramas of the Indic scripts are not letters, but belong to words.
        '\u{900}'..='\u{963}' | '\u{980}'..='\u{dff}' => Script::Letters,
        _ if c.is_alphanumeric() => Script::Letters,
        // Arrows, ticks, stars and emoji, but not box-drawing lines.
        '\u{2190}'..='\u{21ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' => Script::Sign,
        '\u{1f000}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}' => Script::Sign,
        _ => Script::None,
    }
}

/// Returns a term as a person reads it: without the marks of names and notations.
pub(super) fn readable(term: &str) -> &str {
    notations::readable(names::readable(term))
}

/// True if a character is Chinese.
pub(super) fn is_han(c: char) -> bool {
    script(c) == Script::Han
}

/// Emits every piece of a normalised text, in order.
fn pieces(text: &str, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    let mut start = 0;
    // The last two characters before the run.
    let mut before = [' '; 2];
    while let Some(first) = text[start..].chars().next() {
        let kind = script(first);
        let end = match kind {
            Script::None | Script::Sign => start + first.len_utf8(),
            Script::Letters => latin::chunk_end(text, start),
            _ => {
                let other = text[start..].char_indices().find(|&(_, c)| !continues(kind, c));
                other.map_or(text.len(), |(offset, _)| start + offset)
            }
        };
        let run = &text[start..end];
        match kind {
            Script::Han => emit(Piece::Han(run)),
            Script::Dense | Script::Katakana | Script::Hiragana => emit(Piece::Dense(run)),
            Script::Hangul => emit(Piece::Hangul(run)),
            Script::Letters => {
                emit(Piece::Chunk);
                // A single dot directly before the run, as in ".NET".
                let dotted = before[1] == '.' && before[0] != '.' && !before[0].is_alphanumeric();
                latin::words(run, dotted && first.is_alphabetic(), buffer, emit);
            }
            Script::Sign => emit(Piece::Sign(run)),
            Script::None => {}
        }
        let mut last = run.chars().rev();
        before = match (last.next(), last.next()) {
            (Some(last), Some(before)) => [before, last],
            (last, _) => [before[1], last.unwrap_or(' ')],
        };
        start = end;
    }
}

/// True if a run continues with `c`. The sign of a long vowel belongs to both kinds of kana.
fn continues(kind: Script, c: char) -> bool {
    script(c) == kind || c == 'ー' && kind == Script::Hiragana
}

/// Returns the beginning of a word: at most [`MAX_WORD_BYTES`] bytes.
fn capped(word: &str) -> &str {
    let mut end = word.len().min(MAX_WORD_BYTES);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    &word[..end]
}

/// The most bytes of a term. Only the beginning of a longer word is indexed and searched.
const MAX_WORD_BYTES: usize = 64;
