//! The places where a block that is too long may be split: at the ends of sentences, lines and clauses, Chinese and English.
//!
//! The sentence rules of UAX #29 are not used: they end a sentence at every line end, which splits hard-wrapped paragraphs at
//! random places, and they do not find clauses.

use unicode_segmentation::UnicodeSegmentation;

use super::blocks::BlockKind;
use crate::text::sentence::{is_closer, is_stop};

/// The rank of a place for a split, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// White space.
    Space,
    /// After a comma, `、` or a colon; in code after a comma, `)` or `}`.
    Clause,
    /// A line end within prose.
    Line,
    /// After a semicolon.
    Semicolon,
    /// The unit of the kind of block: a sentence of prose, a line of code.
    Unit,
    /// A blank line between lines of code.
    Gap,
}

/// A place where a block may be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Boundary {
    /// The first byte of the next unit, after the white space.
    pub(super) at: usize,
    pub(super) rank: Rank,
}

/// Finds all boundaries in `start < at <= limit`, ascending. `text` extends to the end of the block, since a boundary depends on
/// the text after it.
pub(super) fn boundaries(text: &str, start: usize, limit: usize, kind: BlockKind, found: &mut Vec<Boundary>) {
    found.clear();
    let mut at = start;
    while let Some(c) = text.get(at..limit).and_then(|rest| rest.chars().next()) {
        // The rank of the punctuation mark at this place; `None` for white space. Other characters are skipped.
        let mark = match kind {
            _ if c.is_whitespace() => None,
            BlockKind::Prose if is_stop(c) => Some(Rank::Unit),
            _ if matches!(c, ';' | '\u{ff1b}') => Some(Rank::Semicolon),
            BlockKind::Prose if matches!(c, ',' | '\u{ff0c}' | '、' | ':' | '\u{ff1a}') => Some(Rank::Clause),
            BlockKind::Lines if matches!(c, ',' | ')' | '}' | '\u{ff0c}' | '、' | '。') => Some(Rank::Clause),
            _ => {
                at += c.len_utf8();
                continue;
            }
        };
        // The ends of the marks (with closing quotes) and of the white space after them.
        let marks =
            run_end(text, at, limit, |c| mark.is_some() && (is_closer(c) || (mark == Some(Rank::Unit) && is_stop(c))));
        let mark_end = if mark.is_some() { marks.max(at + c.len_utf8()) } else { at };
        let next = run_end(text, mark_end, limit, char::is_whitespace);
        let space = &text[mark_end..next];
        let ended = match mark {
            // "3.14", "a.b" and "10:30" do not end; a full-width mark, or a mark in code, needs no space after it.
            Some(Rank::Unit) => ends_sentence(text, at, mark_end, next),
            Some(_) => !c.is_ascii() || kind == BlockKind::Lines || !space.is_empty(),
            None => false,
        };
        // The higher of two ranks: that of the mark and that of the white space.
        let rank = [
            mark.filter(|_| ended),
            match (space.is_empty(), space.contains('\n'), kind) {
                (true, ..) => None,
                (false, true, BlockKind::Lines) if space.bytes().filter(|b| *b == b'\n').count() > 1 => Some(Rank::Gap),
                (false, true, BlockKind::Lines) => Some(Rank::Unit),
                (false, true, BlockKind::Prose) => Some(Rank::Line),
                (false, false, _) => Some(Rank::Space),
            },
        ];
        if let Some(rank) = rank.into_iter().flatten().max()
            && next > start
        {
            found.push(Boundary { at: next, rank });
        }
        at = next;
    }
}

/// True if the stop marks in `at..end`, including closing quotes, end a sentence. The next sentence would begin at `next`.
fn ends_sentence(text: &str, at: usize, end: usize, next: usize) -> bool {
    if text[at..end].contains(|c| is_stop(c) && !matches!(c, '.' | '!' | '?')) {
        return true;
    }
    let Some(following) = text[next..].chars().next() else { return true };
    if next == end {
        // "OK.然后": Chinese writers leave no space.
        return !following.is_ascii() && following.is_alphabetic();
    }
    if text[at..end].starts_with('.') {
        let before = &text[text.floor_char_boundary(at.saturating_sub(8))..at];
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let first_on_line = before[..before.len() - word.len()].trim_end_matches([' ', '\t']);
        // Not an end: "e.g. this", "J. Smith", and the number of a list item.
        let is_list_number = word.len() <= 3
            && word.bytes().all(|b| b.is_ascii_digit())
            && (first_on_line.is_empty() || first_on_line.ends_with('\n'));
        let is_initial = word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase());
        return !(following.is_lowercase() || is_list_number || is_initial);
    }
    true
}

/// Returns the end of the run of such characters from `at`, at most `limit`.
fn run_end(text: &str, at: usize, limit: usize, is_part: impl Fn(char) -> bool) -> usize {
    text.get(at..limit).map_or(at, |rest| at + rest.find(|c| !is_part(c)).unwrap_or(rest.len()))
}

/// Returns the last boundary between two visible characters (graphemes) in `after < at <= limit`; `limit` if there is none near.
pub(super) fn grapheme_boundary(text: &str, after: usize, limit: usize) -> usize {
    if limit >= text.len() {
        return limit;
    }
    // Nearly all graphemes are far shorter than this; a longer grapheme is split like any other text.
    const MAX_GRAPHEME_BYTES: usize = 64;
    let from = text.floor_char_boundary(limit.saturating_sub(MAX_GRAPHEME_BYTES).max(after));
    let to = text.ceil_char_boundary((limit + MAX_GRAPHEME_BYTES).min(text.len()));
    let last = text[from..to].grapheme_indices(true).map(|(i, _)| from + i).take_while(|at| *at <= limit).last();
    last.filter(|at| *at > after).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, kind: BlockKind, least: Rank) -> Vec<&str> {
        let mut found = Vec::new();
        boundaries(text, 0, text.len(), kind, &mut found);
        let mut parts = Vec::new();
        let mut start = 0;
        for boundary in found.iter().filter(|b| b.rank >= least && b.at < text.len()) {
            parts.push(text[start..boundary.at].trim_end());
            start = boundary.at;
        }
        parts.push(&text[start..]);
        parts
    }

    fn sentences(text: &str) -> Vec<&str> {
        cut(text, BlockKind::Prose, Rank::Unit)
    }

    #[test]
    fn chinese_sentences() {
        // Full-width marks are written as escapes throughout: editors and terminals like to make them ASCII.
        let text = "今天好。明天呢\u{ff1f}走吧\u{ff01}嗯……好";
        assert_eq!(sentences(text), ["今天好。", "明天呢\u{ff1f}", "走吧\u{ff01}", "嗯……", "好"]);
        let text = "他说\u{ff1a}“走吧。”然后走了。\u{ff08}真的\u{ff01}\u{ff09}好「对\u{ff1f}」是";
        let parts = ["他说\u{ff1a}“走吧。”", "然后走了。", "\u{ff08}真的\u{ff01}\u{ff09}", "好「对\u{ff1f}」", "是"];
        assert_eq!(sentences(text), parts);
        assert_eq!(sentences("用 Java 8.0 写。OK.然后呢?好"), ["用 Java 8.0 写。", "OK.", "然后呢?", "好"]);
        let text = "一\u{ff0c}二\u{ff1b}三、四\u{ff1a}五";
        assert_eq!(sentences(text), [text]);
        assert_eq!(cut(text, BlockKind::Prose, Rank::Semicolon), ["一\u{ff0c}二\u{ff1b}", "三、四\u{ff1a}五"]);
        let clauses = ["一\u{ff0c}", "二\u{ff1b}", "三、", "四\u{ff1a}", "五"];
        assert_eq!(cut(text, BlockKind::Prose, Rank::Clause), clauses);
    }

    #[test]
    fn english_sentences() {
        assert_eq!(sentences("One. Two?! \"Three.\" Four"), ["One.", "Two?!", "\"Three.\"", "Four"]);
        assert_eq!(
            sentences("Pi is 3.14 and a.b works, e.g. here. J. Smith"),
            ["Pi is 3.14 and a.b works, e.g. here.", "J. Smith"]
        );
        assert_eq!(sentences("wrapped\nline goes on.\nNext"), ["wrapped\nline goes on.", "Next"]);
        assert_eq!(sentences("1. First item. Second"), ["1. First item.", "Second"]);
        assert_eq!(sentences("It was in 2024. Then"), ["It was in 2024.", "Then"]);
        assert_eq!(cut("at 10:30, we 1,000", BlockKind::Prose, Rank::Clause), ["at 10:30,", "we 1,000"]);
    }

    #[test]
    fn lines_of_code_and_clauses_of_one() {
        assert_eq!(cut("let a = 1.5;\r\n\r\n  b. c\nd", BlockKind::Lines, Rank::Unit), ["let a = 1.5;", "b. c", "d"]);
        assert_eq!(cut("a;\nb\n\n\tc\r\n \r\nd", BlockKind::Lines, Rank::Gap), ["a;\nb", "c", "d"]);
        assert_eq!(cut("f(a,b);g()", BlockKind::Lines, Rank::Clause), ["f(a,", "b)", ";", "g()"]);
    }

    #[test]
    fn visible_characters_stay_whole() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(3);
        assert_eq!(grapheme_boundary(&text, 0, family.len() + 7), family.len());
        assert_eq!(
            grapheme_boundary(&text, family.len(), family.len() + 7),
            family.len() + 7,
            "at least some progress"
        );
        assert_eq!(grapheme_boundary("abc", 0, 2), 2);
    }
}
