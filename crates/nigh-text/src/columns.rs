//! Widths of text on a terminal: Chinese, Japanese and Korean characters take two columns, and so do emoji.

use crate::script::{is_han, is_hangul_syllable, is_kana};

/// Returns the columns of a character: 0, 1 or 2. An estimate: terminals differ in rare characters.
pub fn of(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        // Combining accents, zero-width characters, variation selectors.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        // CJK punctuation and symbols, full-width forms, emoji.
        '\u{2e80}'..='\u{303e}' | '\u{3200}'..='\u{33ff}' | '\u{ff01}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' => 2,
        '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}' | '\u{1f900}'..='\u{1faff}' => 2,
        _ if is_han(c) || is_kana(c) || is_hangul_syllable(c) => 2,
        _ => 1,
    }
}

/// Returns the columns of a text.
pub fn width(text: &str) -> usize {
    text.chars().map(of).sum()
}

/// Returns the bytes of a text that fit in `columns`, at least one character.
pub fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    let full = text.char_indices().find(|&(_, c)| {
        used += of(c);
        used > columns
    });
    full.map_or(text.len(), |(at, c)| if at == 0 { c.len_utf8() } else { at })
}

/// Returns the last byte up to `end` at which a line may be broken: at a space, or beside a wide character, but not before a mark;
/// `end` itself if there is none.
pub fn break_before(text: &str, end: usize) -> usize {
    let may_break = |at: usize| {
        let (before, after) = (text[..at].chars().next_back(), text[at..].chars().next());
        let (Some(before), Some(after)) = (before, after) else { return false };
        let is_mark = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
        after.is_whitespace() || before.is_whitespace() || (of(before) == 2 || of(after) == 2) && !is_mark(after)
    };
    let places = text[..end].char_indices().map(|(at, _)| at).chain([end]);
    places.rev().take_while(|&at| at > 0).find(|&at| may_break(at)).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_of_scripts() {
        for (text, columns) in [
            ("abc", 3),
            ("中文，", 6),
            ("カナ", 4),
            ("한글", 4),
            ("ＡＢ", 4),
            ("e\u{301}", 1),
            ("é—…", 3),
            ("😀", 2),
            ("", 0),
        ] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn parts_fit_and_break_where_they_may() {
        assert_eq!((fitting("abcdef", 4), fitting("中文字", 4), fitting("中文字", 5), fitting("中", 1)), (4, 6, 6, 3));
        assert_eq!(fitting("ab", 9), 2);
        assert_eq!(break_before("one two three", 9), 8);
        assert_eq!(break_before("onetwothree", 5), 5);
        // Not before a mark.
        let text = "中文，字";
        assert_eq!(break_before(text, 6), 3);
    }
}
