//! The pieces of a glob as a regular expression over characters.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use super::syntax::{Dialect, Token, parse};

/// What a glob may take of memory, compiled.
const MOST_BYTES: usize = 10 << 20;

/// The expression that matches what a glob matches from end to end.
///
/// # Errors
/// What is wrong with the glob.
pub(super) fn compile(glob: &str) -> Result<Regex, String> {
    let tokens = parse(glob, Dialect::Setting)?;
    let mut text = String::from("^(?:");
    if tokens == [Token::Prefix] {
        // `**` alone is everything.
        text.push_str(".*");
    } else {
        write(&tokens, &mut text);
    }
    text.push_str(")$");
    Regex::builder()
        .syntax(syntax::Config::new().dot_matches_new_line(true))
        .configure(Config::new().nfa_size_limit(Some(MOST_BYTES)))
        .build(&text)
        .map_err(|_| "it is too long".to_owned())
}

/// Recurses into braces, of which there are few.
fn write(tokens: &[Token], text: &mut String) {
    let mut before = None;
    for token in tokens {
        match token {
            Token::Literal(character) => literal(*character, text),
            Token::Any => text.push_str("[^/]"),
            Token::Star if before == Some(&Token::Star) => {}
            Token::Star => text.push_str("[^/]*"),
            Token::Prefix => text.push_str("(?:.*/)?"),
            Token::Suffix => text.push_str("/.*"),
            Token::Between => text.push_str("/(?:.*/)?"),
            Token::Class { ranges, negated } => {
                text.push_str(if *negated { "[^" } else { "[" });
                for (from, to) in ranges {
                    literal(*from, text);
                    text.push('-');
                    literal(*to, text);
                }
                text.push(']');
            }
            Token::Either(branches) => {
                let branches = branches.iter().filter(|branch| !branch.iter().all(Token::is_empty));
                let mut sign = "(?:";
                for branch in branches {
                    text.push_str(sign);
                    write(branch, text);
                    sign = "|";
                }
                if sign == "|" {
                    text.push(')');
                }
            }
        }
        before = Some(token);
    }
}

/// A character as itself, also in a class.
fn literal(character: char, text: &mut String) {
    if matches!(
        character,
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~'
    ) {
        text.push('\\');
    }
    text.push(character);
}
