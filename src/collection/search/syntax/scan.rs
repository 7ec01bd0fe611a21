//! Finds the parts of a query that are syntax, and keeps the rest as text.

use super::super::phrase::is_word_character;
use super::QuerySyntax;
use super::field::{self, FieldFilters};
use super::quotes;

/// A part of a query that is syntax.
enum SyntaxPart<'a> {
    Phrase(&'a str),
    Excluded(&'a str),
    Filter { value: field::FieldValue<'a>, is_negated: bool },
}

/// Takes a query apart.
pub(super) fn parse(query: &str) -> QuerySyntax {
    let mut found = QuerySyntax::default();
    let (mut text, mut filters, mut parts) = (QueryText::default(), FieldFilters::default(), 0);
    let (mut at, mut before) = (0, None);
    while let Some(c) = query[at..].chars().next() {
        let part = if parts < QuerySyntax::MAX_PARTS { part_at(&query[at..], before) } else { None };
        let Some((part, length)) = part else {
            text.push(c);
            at += c.len_utf8();
            before = Some(c);
            continue;
        };
        match part {
            SyntaxPart::Phrase(phrase) => {
                text.push_phrase(phrase);
                found.phrases.push(phrase.to_owned());
            }
            SyntaxPart::Excluded(excluded) => {
                text.leave_out();
                found.excluded.push(excluded.to_owned());
            }
            SyntaxPart::Filter { value, is_negated } => {
                text.leave_out();
                filters.add(value, is_negated);
                found.filter_parts.push(query[at..at + length].to_owned());
            }
        }
        parts += 1;
        at += length;
        before = query[..at].chars().next_back();
    }
    found.text = if parts == 0 { query.to_owned() } else { text.text.trim().to_owned() };
    found.filter = filters.joined();
    found
}

/// Reads the part at the beginning of a text, which follows the character `before`. Returns it with its length in bytes.
fn part_at(text: &str, before: Option<char>) -> Option<(SyntaxPart<'_>, usize)> {
    if before.is_none_or(char::is_whitespace) {
        let minus = text.chars().next().filter(|c| matches!(c, '-' | '－')).map_or(0, char::len_utf8);
        let (is_negated, rest) = (minus > 0, &text[minus..]);
        if let Some((value, length)) = field::value_at(rest) {
            return Some((SyntaxPart::Filter { value, is_negated }, minus + length));
        }
        if is_negated {
            let (excluded, length) = quotes::quoted(rest).or_else(|| excluded_word(rest))?;
            return Some((SyntaxPart::Excluded(excluded), minus + length));
        }
    }
    if !quotes::opens(text, before) {
        return None;
    }
    quotes::quoted(text).map(|(phrase, length)| (SyntaxPart::Phrase(phrase), length))
}

/// Reads the word after a minus, up to white space. Options of commands are text: `-5`, `-v`, `-std=c17`, `--help`.
fn excluded_word(text: &str) -> Option<(&str, usize)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(['.', ',', ';', '!', '?', '，', '。', '；', '！', '？', '、']);
    let is_one = word.chars().next().is_some_and(char::is_alphabetic)
        && word.chars().all(|c| is_word_character(c) || c.is_alphanumeric() || "-_.'’&+#·".contains(c));
    (is_one && !(word.len() == 1 && word.is_ascii())).then_some((word, end))
}

/// The text that stays: words are neither joined nor left with double spaces where a part was.
#[derive(Default)]
struct QueryText {
    text: String,
    /// True if the last thing was a part: the next character may have to be joined.
    after_phrase: bool,
    after_gap: bool,
}

impl QueryText {
    fn push(&mut self, c: char) {
        let ends_blank = self.text.chars().next_back().is_none_or(char::is_whitespace);
        if self.after_gap && ends_blank && c.is_whitespace() {
            return;
        }
        if self.after_phrase {
            self.separate(c);
        }
        (self.after_phrase, self.after_gap) = (false, false);
        self.text.push(c);
    }

    fn push_phrase(&mut self, phrase: &str) {
        if let Some(first) = phrase.chars().next() {
            self.separate(first);
        }
        self.text.push_str(phrase);
        (self.after_phrase, self.after_gap) = (true, false);
    }

    fn leave_out(&mut self) {
        self.after_gap = true;
    }

    /// Adds a space if a word would otherwise continue with `next`.
    fn separate(&mut self, next: char) {
        if is_word_character(next) && self.text.chars().next_back().is_some_and(is_word_character) {
            self.text.push(' ');
        }
    }
}
