//! Which quotation marks open and close a phrase.

use super::super::phrase::is_word_character;
use crate::text::script::is_han_or_kana;

/// Each opening mark with the marks that close it. `《》` are the marks of titles, not of quotations.
const MARKS: [(char, &[char]); 7] = [
    ('"', &['"']),
    ('＂', &['＂']),
    ('“', &['”']),
    ('„', &['“', '”']),
    ('「', &['」']),
    ('『', &['』']),
    ('｢', &['｣']),
];

/// The longest phrase, with its marks. A longer quotation is text.
const MAX_PHRASE_BYTES: usize = 1000;

/// True for any mark that opens or closes a phrase.
pub(super) fn is_mark(c: char) -> bool {
    MARKS.iter().any(|(open, closing)| *open == c || closing.contains(&c))
}

/// Reads a phrase at the beginning of a text: returns its content, and the bytes up to the end of its closing mark. `None` if it
/// is not closed, or has nothing to look for.
pub(super) fn quoted(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next()?;
    let (_, closing) = MARKS.iter().find(|(mark, _)| *mark == open)?;
    let inner = &text[open.len_utf8()..text.floor_char_boundary(MAX_PHRASE_BYTES)];
    let end = inner.find(*closing)?;
    let mark = inner[end..].chars().next()?;
    let content = inner[..end].trim();
    has_content(content).then_some((content, open.len_utf8() + end + mark.len_utf8()))
}

/// True if a mark opens a phrase after the character `before`. The marks `"` and `＂` are the same at both ends, and also mean
/// inches: they open one only where no word and no `key:` or `key=` ends. The others show their direction.
pub(super) fn opens(text: &str, before: Option<char>) -> bool {
    let mut characters = text.chars();
    match characters.next() {
        Some('"' | '＂') => {
            let may_open = before.is_none_or(|before| {
                before.is_whitespace() || is_han_or_kana(before) || "([{<,;（［【｛《〈，。、：；？！".contains(before)
            });
            may_open && characters.next().is_some_and(|next| !next.is_whitespace())
        }
        Some(c) => MARKS.iter().any(|(open, _)| *open == c),
        None => false,
    }
}

/// True if a phrase has a letter, a digit or a sign such as a tick. Punctuation alone is in every document.
fn has_content(phrase: &str) -> bool {
    let is_sign = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    phrase.chars().any(|c| is_word_character(c) || c.is_alphanumeric() || is_sign(c))
}
