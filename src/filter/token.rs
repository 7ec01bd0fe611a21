//! Splits an expression into tokens.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::Filter;
use super::problem::FilterProblem;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A bare word, unchanged.
    Word,
    /// A keyword, in lower case.
    Keyword(&'static str),
    /// Text in quotes.
    Quoted,
    /// A name in backticks.
    Name,
    /// Punctuation: `(`, `)`, `,`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `^=`, `~`, `!`, `and`, `or`.
    Sign(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilterToken {
    pub(super) kind: TokenKind,
    /// The word, or the text or name without quotes.
    pub(super) text: String,
    /// Its range of bytes in the expression.
    pub(super) at: Range<usize>,
}

pub(super) const KEYWORDS: [&str; 8] = ["and", "or", "not", "in", "exists", "prefix", "glob", "contains"];

/// Operators, the longest first, and their tokens.
const SIGNS: [(&str, &str); 20] = [
    ("==", "="),
    ("!=", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("^=", "^="),
    ("=~", "=~"),
    ("~=", "~="),
    ("!~", "!~"),
    ("&&", "and"),
    ("||", "or"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    ("~", "~"),
    ("!", "!"),
    ("&", "and"),
    ("|", "or"),
];

/// Signs of other languages, and the operator for each.
const FOREIGN: [(&str, &str); 3] = [("=>", ">="), ("=<", "<="), ("<>", "!=")];

/// True if a bare word may contain the character.
pub(super) fn in_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c) || matches!(c, '_' | '-' | '.' | '/' | ':' | '*' | '@' | '+')
}

/// True for combining marks and joiners: accents in names from macOS, Hindi, Hebrew points.
fn is_mark(c: char) -> bool {
    c.width() == Some(0) && !is_hidden(c)
}

/// True for invisible characters.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'
            | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

pub(super) fn keyword(text: &str) -> Option<&'static str> {
    KEYWORDS.into_iter().find(|keyword| keyword.eq_ignore_ascii_case(text))
}

/// Returns full-width punctuation as ASCII, and other characters unchanged.
fn ascii(c: char) -> char {
    match c {
        '（' => '(',
        '）' => ')',
        '，' => ',',
        '＝' => '=',
        '＂' | '“' | '”' => '"',
        '‘' | '’' | '＇' => '\'',
        '＜' => '<',
        '＞' => '>',
        '！' => '!',
        other => other,
    }
}

pub(super) fn tokens(expression: &str) -> Result<Vec<FilterToken>, FilterProblem> {
    if expression.len() > Filter::MAX_BYTES {
        let what = format!("it has {} bytes; at most {} are allowed", expression.len(), Filter::MAX_BYTES);
        return Err(FilterProblem::new(expression.floor_char_boundary(Filter::MAX_BYTES)..expression.len(), what));
    }
    let mut tokens = Vec::new();
    let mut place = 0;
    while let Some(c) = expression[place..].chars().next() {
        let rest = &expression[place..];
        if c.is_whitespace() {
            place += c.len_utf8();
            continue;
        }
        let token = match ascii(c) {
            quote @ ('"' | '\'' | '`') => quoted(expression, place, quote)?,
            c if in_word(c) => {
                let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
                let kind = keyword(&rest[..end]).map_or(TokenKind::Word, TokenKind::Keyword);
                FilterToken { kind, text: rest[..end].to_owned(), at: place..place + end }
            }
            _ => sign(rest, place)?,
        };
        place = token.at.end;
        tokens.push(token);
    }
    tokens.push(FilterToken { kind: TokenKind::End, text: String::new(), at: place..place });
    Ok(tokens)
}

fn sign(rest: &str, place: usize) -> Result<FilterToken, FilterProblem> {
    let two: Vec<char> = rest.chars().take(2).collect();
    let bytes = |count: usize| two.iter().take(count).map(|c| c.len_utf8()).sum::<usize>();
    let plain: String = two.iter().map(|c| ascii(*c)).collect();
    if let Some((foreign, meant)) = FOREIGN.iter().find(|(foreign, _)| *foreign == plain) {
        return Err(FilterProblem::new(
            place..place + bytes(2),
            format!("unknown operator {foreign}. Did you mean {meant}?"),
        ));
    }
    if let Some((text, sign)) = SIGNS.iter().find(|(text, _)| plain.starts_with(text)) {
        let at = place..place + bytes(text.len());
        return Ok(FilterToken { kind: TokenKind::Sign(sign), text: (*text).to_owned(), at });
    }
    let what = format!("put {:?} in quotes", two.first().copied().unwrap_or_default());
    Err(FilterProblem::new(place..place + bytes(1), what))
}

fn quoted(expression: &str, place: usize, quote: char) -> Result<FilterToken, FilterProblem> {
    let inside = &expression[place..];
    let mut characters = inside.char_indices();
    let opening = characters.next().map_or(quote, |(_, c)| c);
    // A full-width quote is closed by any quote of its kind; an ASCII quote only by itself.
    let closes = |c: char| c == opening || (opening != quote && ascii(c) == quote);
    let mut text = String::new();
    while let Some((offset, c)) = characters.next() {
        if closes(c) {
            let kind = if quote == '`' { TokenKind::Name } else { TokenKind::Quoted };
            return Ok(FilterToken { kind, text, at: place..place + offset + c.len_utf8() });
        }
        match if c == '\\' { characters.next() } else { None } {
            Some((_, 'n')) => text.push('\n'),
            Some((_, 't')) => text.push('\t'),
            Some((_, escaped)) => text.push(escaped),
            None => text.push(c),
        }
    }
    Err(FilterProblem::new(place..expression.len(), format!("the {opening} is not closed")))
}
