//! Suggestions for operators of other query languages, and for misplaced words and signs.

use std::ops::Range;

use super::builder::FilterField;
use super::name::Field;
use super::parse::FilterParser;
use super::problem::FilterProblem;
use super::token::{FilterToken, KEYWORDS, TokenKind, keyword};
use super::{close, display, size, time};

/// Chinese words between tests, and the keyword for each.
const CHINESE: [(&str, &str); 5] = [("并且", "and"), ("且", "and"), ("和", "and"), ("或者", "or"), ("或", "or")];

/// Words of other query languages, and the operator for each.
const FOREIGN: [(&str, &str); 10] = [
    ("is", "="),
    ("eq", "="),
    ("equals", "="),
    ("ne", "!="),
    ("lt", "<"),
    ("le", "<="),
    ("gt", ">"),
    ("ge", ">="),
    ("startswith", "prefix"),
    ("starts_with", "prefix"),
];

/// Words and signs of other query languages that search for a part of a text or a pattern.
const PART_OPERATORS: [&str; 14] =
    ["includes", "has", "like", "ilike", "matches", "match", "regex", "regexp", "包含", "匹配", "~", "=~", "~=", "!~"];

const OPERATORS: &str = "=, !=, <, <=, >, >=, in, exists, prefix, glob or contains";

/// True if an operator of another language searches for a part of a text.
pub(super) fn asks_part(operator: &str) -> bool {
    PART_OPERATORS.contains(&&*operator.to_lowercase())
}

impl FilterParser {
    /// Returns the message for a token that cannot follow a test.
    pub(super) fn problem_after_test(&self, token: &FilterToken) -> String {
        let before = self.place.checked_sub(1).map(|place| &self.tokens[place].kind);
        let next = self.tokens.get(self.place + 1);
        let number =
            |token: Option<&FilterToken>| token.is_some_and(|it| it.text.bytes().all(|byte| byte.is_ascii_digit()));
        if token.kind == TokenKind::Sign(",")
            && number(self.place.checked_sub(1).map(|at| &self.tokens[at]))
            && number(next)
        {
            return "expected and, or, or the end; write a fraction with a point: 2.50".to_owned();
        }
        if token.kind == TokenKind::Word {
            let chinese = CHINESE.iter().find(|(word, _)| *word == token.text).map(|(_, meant)| *meant);
            if let Some(meant) = chinese.or_else(|| close::closest(&token.text, ["and", "or"])) {
                return format!("expected and, or, or the end. Did you mean {meant}?");
            }
            if let Some(meant) = self.value_with_space() {
                return format!("expected and, or, or the end. Did you mean {meant}?");
            }
            let next = next.map(|token| &token.kind);
            if before == Some(&TokenKind::Word)
                && !matches!(next, Some(TokenKind::Sign("=" | "!=" | "<" | "<=" | ">" | ">=")))
            {
                return "expected and, or, or the end; put several words in quotes".to_owned();
            }
        }
        "expected and, or, or the end".to_owned()
    }

    /// Returns the value that is meant if a word after a test belongs to the value before it: `30 d-ago`, `30 days ago`, `10 KB`, or a
    /// time after a day.
    fn value_with_space(&self) -> Option<String> {
        let word = |place: usize| {
            self.tokens.get(place).filter(|token| token.kind == TokenKind::Word).map(|token| token.text.as_str())
        };
        let (before, this) = (word(self.place.checked_sub(1)?)?, word(self.place)?);
        let ago = word(self.place + 1).filter(|next| *next == "ago");
        let is_number = before.bytes().all(|byte| byte.is_ascii_digit());
        let mut joined = vec![format!("{before}T{this}")];
        if is_number {
            joined = vec![format!("{before}{this}"), format!("{before}{this}-{}", ago.unwrap_or_default())];
        } else if this == "ago" {
            joined.push(format!("{before}-ago"));
        }
        let is_size = self.place.checked_sub(3).and_then(word) == Some("size");
        joined.into_iter().find(|text| {
            let size = is_size && size::bytes(text).is_ok();
            size || time::relative(text, 0).is_some() || (!is_number && time::parse_written(text).is_some())
        })
    }

    pub(super) fn missing_operator(
        &self,
        field: &FilterField,
        token: &FilterToken,
        name_at: Range<usize>,
        negated: bool,
    ) -> FilterProblem {
        let name = field.field().name();
        let word = token.text.to_lowercase();
        if token.kind == TokenKind::Word || PART_OPERATORS.contains(&&*word) {
            let unknown = format!("unknown operator {:?}; use {OPERATORS}", token.text);
            if PART_OPERATORS.contains(&&*word) {
                return FilterProblem::new(
                    token.at.clone(),
                    format!("{unknown}. {}", self.part_suggestion(field.field(), negated != word.starts_with('!'))),
                );
            }
            let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == word).map(|(_, meant)| *meant);
            let meant = foreign.or_else(|| close::closest(&word, KEYWORDS.into_iter().skip(2)));
            let meant = meant.map_or(String::new(), |meant| format!(". Did you mean {meant}?"));
            return FilterProblem::new(token.at.clone(), format!("{unknown}{meant}"));
        }
        // A name at the end or before a sign may be a misspelt keyword.
        let meant = close::closest(&name, KEYWORDS).filter(|_| keyword(&name).is_none());
        let meant = meant.map(|meant| format!(". Did you mean {meant}?")).unwrap_or_default();
        let at = if token.kind == TokenKind::End { name_at } else { token.at.clone() };
        FilterProblem::new(at, format!("expected an operator after the name {name:?}: {OPERATORS}{meant}"))
    }

    /// Returns the suggestion for an operator that searches for a part of a text.
    fn part_suggestion(&self, field: &Field, negated: bool) -> String {
        let sample = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _-.@".contains(c)) && !text.is_empty();
        let given = Some(self.peek()).filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted));
        let given = given.map(|token| token.text.trim_matches('*')).filter(|text| sample(text)).unwrap_or("TEXT");
        let (name, not) = (display::name(field), if negated { "not " } else { "" });
        let quoted = display::value(given, true);
        match field {
            Field::Size | Field::Modified => format!("{name} is not text"),
            Field::Path => format!("For a part of a path: {name} {not}contains {quoted}"),
            Field::Extension | Field::Language => format!("For a whole value: {not}{name} = {given}"),
            Field::Metadata(_) => format!(
                "For a part of a text: {name} {not}contains {quoted}; for one of several values: {not}{name} = {quoted}"
            ),
        }
    }
}
