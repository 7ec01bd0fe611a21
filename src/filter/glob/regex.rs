//! A glob as a regular expression over characters.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use super::syntax::{GlobDialect, GlobToken, parse};

/// The most memory of a compiled glob, in bytes.
const MAX_BYTES: usize = 10 << 20;

/// Compiles the regular expression that matches the same whole texts as a glob.
///
/// # Errors
/// The problem of the glob.
pub(super) fn compile(glob: &str) -> Result<Regex, String> {
    let tokens = parse(glob, GlobDialect::Setting)?;
    let mut text = String::from("^(?:");
    if tokens == [GlobToken::Prefix] {
        // `**` alone matches everything.
        text.push_str(".*");
    } else {
        write(&tokens, &mut text);
    }
    text.push_str(")$");
    Regex::builder()
        .syntax(syntax::Config::new().dot_matches_new_line(true))
        .configure(Config::new().nfa_size_limit(Some(MAX_BYTES)))
        .build(&text)
        .map_err(|_| "it is too long".to_owned())
}

/// Writes tokens as a regular expression. Recurses into braces, whose number is limited.
fn write(tokens: &[GlobToken], text: &mut String) {
    let mut before = None;
    for token in tokens {
        match token {
            GlobToken::Literal(character) => literal(*character, text),
            GlobToken::Any => text.push_str("[^/]"),
            GlobToken::Star if before == Some(&GlobToken::Star) => {}
            GlobToken::Star => text.push_str("[^/]*"),
            GlobToken::Prefix => text.push_str("(?:.*/)?"),
            GlobToken::Suffix => text.push_str("/.*"),
            GlobToken::Between => text.push_str("/(?:.*/)?"),
            GlobToken::Class { ranges, negated } => {
                text.push_str(if *negated { "[^" } else { "[" });
                for (from, to) in ranges {
                    literal(*from, text);
                    text.push('-');
                    literal(*to, text);
                }
                text.push(']');
            }
            GlobToken::Either(branches) => {
                let branches = branches.iter().filter(|branch| !branch.iter().all(GlobToken::is_empty));
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

/// Writes a literal character, also in a class.
fn literal(character: char, text: &mut String) {
    if matches!(
        character,
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~'
    ) {
        text.push('\\');
    }
    text.push(character);
}
