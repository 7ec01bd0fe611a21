//! Quoted texts, and what an unquoted word means.

use serde_json::{Number, Value};

/// Reads a text in double quotes at the start of `text`. Returns it and the bytes that it takes, with its quotes. Line breaks fold
/// as in YAML, unless `is_toml`, where they are invalid.
pub(super) fn double_quoted(text: &str, is_toml: bool) -> Option<(String, usize)> {
    let inside = text.strip_prefix('"')?;
    let mut found = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((found, at + 2)),
            '\n' if is_toml => return None,
            '\n' => at_break(&mut found, inside, at, &mut characters),
            '\\' => match characters.next()?.1 {
                '\n' if !is_toml => skip_indent(inside, &mut characters),
                escaped => found.push(escape(escaped, &mut characters)?),
            },
            c => found.push(c),
        }
    }
    None
}

/// Reads a text in single quotes: in YAML two quotes are one, in TOML nothing is escaped.
pub(super) fn single_quoted(text: &str, is_toml: bool) -> Option<(String, usize)> {
    let inside = text.strip_prefix('\'')?;
    let mut found = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' if !is_toml && inside[at + 1..].starts_with('\'') => {
                characters.next();
                found.push(c);
            }
            '\'' => return Some((found, at + 2)),
            '\n' if is_toml => return None,
            '\n' => at_break(&mut found, inside, at, &mut characters),
            c => found.push(c),
        }
    }
    None
}

/// Folds the line break at byte `at`: into a space, or into a line break for each blank line after it.
fn at_break(found: &mut String, inside: &str, at: usize, characters: &mut std::str::CharIndices<'_>) {
    found.truncate(found.trim_end_matches([' ', '\t', '\r']).len());
    let rest = &inside[at + 1..];
    let space = rest.len() - rest.trim_start().len();
    let blank = rest[..space].matches('\n').count();
    match blank {
        0 => found.push(' '),
        blank => found.extend(std::iter::repeat_n('\n', blank)),
    }
    advance(characters, at + 1 + space);
}

/// Skips the indentation after an escaped line break.
fn skip_indent(inside: &str, characters: &mut std::str::CharIndices<'_>) {
    let at = characters.offset();
    let rest = &inside[at..];
    advance(characters, at + rest.len() - rest.trim_start_matches([' ', '\t']).len());
}

/// Moves to a byte, which is the start of a character.
fn advance(characters: &mut std::str::CharIndices<'_>, to: usize) {
    while characters.offset() < to && characters.next().is_some() {}
}

/// Returns the character of an escape, whose first character after the backslash is given.
pub(super) fn escape(first: char, rest: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'b' => return Some('\u{8}'),
        'f' => return Some('\u{c}'),
        'e' => return Some('\u{1b}'),
        '0' => return Some('\0'),
        '_' => return Some('\u{a0}'),
        '"' | '\\' | '/' | '\'' | ' ' => return Some(first),
        _ => return None,
    };
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + rest.next()?.1.to_digit(16)?;
    }
    char::from_u32(code)
}

/// Returns what an unquoted word of YAML means. A number stays text if it would be written in another way: `007`, `1.10`.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::from(text)),
    }
}

/// Reads a number that is written as nigh writes it.
pub(super) fn number(text: &str) -> Option<Value> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') || text.len() > 32 {
        return None;
    }
    let number: Number = text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))?;
    (number.to_string() == text).then_some(Value::Number(number))
}
