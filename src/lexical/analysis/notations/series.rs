//! Numbers of a series: the word before a number says what it counts.

use std::ops::Range;

use super::scan::{Number, Scan};
use super::{Form, Side, numerals, units};
use crate::lexical::analysis::{Script, script};

/// The most letters of the name before a number in a code: `RFC 7321`.
const MAX_SERIES_LETTERS: usize = 5;
/// The most digits of the number after such a name.
const MAX_SERIES_DIGITS: usize = 6;
/// The most letters that are read of the word before a number.
const MAX_WORD_LETTERS: usize = 20;

impl Scan<'_, '_> {
    /// Emits a number with the word before it: `Chapter 4`, `§ 23 Abs. 2`, `RFC 7321`. Returns the byte at which to continue.
    pub(super) fn numbered(&mut self, word: Range<usize>, number: &Number) -> usize {
        let text = self.text;
        let (mut end, mut start) = (number.range.end, word.start);
        let mut forms = Vec::new();
        if let Some(label) = units::label(&text[word.clone()]) {
            let digits = number.digits.trim_start_matches('0');
            let after = &text[end..];
            let goes_on = after.starts_with(['.', '-', ':']) && after[1..].starts_with(|c: char| c.is_ascii_digit());
            // `§ 23a`
            let letter = after.chars().next().filter(char::is_ascii_alphabetic);
            let length = usize::from(letter.is_some());
            if digits.is_empty() || goes_on || after[length..].starts_with(|c| script(c) == Script::Letters) {
                return end;
            }
            let letter = letter.map_or_else(String::new, |letter| letter.to_lowercase().to_string());
            let whole = format!("{label} {digits}{letter}");
            end += length;
            if let Some((part, length)) = part_after(label, &text[end..]) {
                forms.push(Form::marked(&format!("{whole}/{part}")));
                end += length;
            }
            forms.push(Form::marked(&whole));
        } else if let Some((begin, letters)) = self.series(word, number) {
            start = begin;
            forms.push(Form { term: format!("{letters}{}", number.digits), is_number: false });
        } else {
            return end;
        }
        if self.side == Side::Asked && number.digits.len() > 1 {
            forms.push(Form::number(&number.digits));
        }
        self.value(start..end, forms);
        end
    }

    /// Reads a short word, a blank and a number. Returns the start of the word and its letters.
    fn series(&self, word: Range<usize>, number: &Number) -> Option<(usize, String)> {
        let text = self.text;
        let before = &text[..word.end];
        let is_word = text[number.range.end..].starts_with(|c| script(c) == Script::Letters);
        if text.get(word.end..number.range.start) != Some(" ") || number.digits.len() > MAX_SERIES_DIGITS || is_word {
            return None;
        }
        let in_series = |c: char| c.is_ascii_alphabetic() || c == '-';
        let length = before.len() - before.trim_end_matches(in_series).len();
        let word = before[before.len() - length..].trim_start_matches('-');
        let start = before.len() - word.len();
        let letters: String = word.chars().filter(|&c| c != '-').collect();
        let is_name = self.side == Side::Asked || letters.bytes().all(|b| b.is_ascii_uppercase());
        let is_word_start = !text[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '\''));
        let is_series = (2..=MAX_SERIES_LETTERS).contains(&letters.len()) && is_name && is_word_start;
        is_series.then(|| (start, letters.to_ascii_lowercase()))
    }

    /// Reads the Roman numeral that may begin at the byte `at`. It counts only after a label: `Chapter IV`.
    pub(super) fn roman(&mut self, at: usize) -> usize {
        let text = self.text;
        let length = text[at..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let end = at + length;
        if text[..at].ends_with(char::is_alphanumeric) {
            return at + 1;
        }
        let numeral = &text[at..end];
        let letters = numeral.bytes().take_while(u8::is_ascii_alphabetic).count();
        let is_upper = numeral.bytes().all(|b| b.is_ascii_uppercase());
        let is_lower = numeral.bytes().all(|b| b.is_ascii_lowercase()) && self.side == Side::Asked && length > 1;
        let Some(number) = numerals::roman(numeral).filter(|_| is_upper || is_lower) else { return at + letters };
        let word = word_before(text, at);
        if word.end < at
            && let Some(label) = units::label(&text[word.clone()])
            && !text[end..].starts_with(char::is_alphanumeric)
        {
            self.value(word.start..end, vec![Form::marked(&format!("{label} {number}"))]);
        }
        end
    }
}

/// Signs between a number and the word before it.
const BETWEEN: [char; 4] = [' ', '.', '-', '_'];

/// Returns the range of the word before the byte `at`, with at most two signs between. `§` is a word, and so are one or two Chinese
/// characters.
pub(super) fn word_before(text: &str, at: usize) -> Range<usize> {
    let mut before = &text[..at];
    for _ in 0..2 {
        before = before.strip_suffix(BETWEEN).unwrap_or(before);
    }
    if before.ends_with('§') {
        return before.len() - '§'.len_utf8()..before.len();
    }
    let han: usize = before.chars().rev().take(2).take_while(|&c| script(c) == Script::Han).map(char::len_utf8).sum();
    if han > 0 {
        let start = before.len() - han;
        let last = before.len() - before.chars().next_back().map_or(0, char::len_utf8);
        let is_label = units::label(&before[start..]).is_some();
        return if is_label { start } else { last }..before.len();
    }
    let letters = before.chars().rev().take(MAX_WORD_LETTERS).take_while(|c| c.is_alphabetic()).map(char::len_utf8);
    before.len() - letters.sum::<usize>()..before.len()
}

/// Reads the part of a paragraph: ` Abs. 2`, ` Absatz 2`, `(2)`. Returns its number and its length.
fn part_after<'a>(label: &str, text: &'a str) -> Option<(&'a str, usize)> {
    const SIGNS: [&str; 8] = [" Abs. ", " Abs.", " Abs ", " Absatz ", "(", " (", " abs. ", " abs "];
    let sign =
        SIGNS.iter().filter(|_| matches!(label, "§" | "article" | "section")).find(|sign| text.starts_with(**sign))?;
    let after = &text[sign.len()..];
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let end = sign.len() + digits;
    let closed = usize::from(sign.ends_with('(') && text[end..].starts_with(')'));
    ((1..=3).contains(&digits) && sign.ends_with('(') == (closed == 1)).then_some((&after[..digits], end + closed))
}
