//! The query syntax: what was read of it, for people and for programs.

use nigh::{Filter, QuerySyntax};
use serde::Serialize;

use crate::output::Failure;

/// What was read as syntax, for programs.
#[derive(Serialize)]
pub struct SyntaxJson<'a> {
    text: &'a str,
    phrases: &'a [String],
    excluded: &'a [String],
    /// A filter as `--where` reads it; null if there is none.
    filter: Option<String>,
}

impl<'a> SyntaxJson<'a> {
    pub fn of(syntax: &'a QuerySyntax) -> Self {
        let QuerySyntax { text, phrases, excluded, filter, .. } = syntax;
        Self { text, phrases, excluded, filter: filter.as_ref().map(Filter::to_string) }
    }
}

/// Says in one line what was read as syntax.
pub fn note(syntax: &QuerySyntax) -> String {
    let mut note = format!("searched for: {}", syntax.text);
    for phrase in &syntax.phrases {
        note.push_str(&format!(" · with \"{phrase}\""));
    }
    for excluded in &syntax.excluded {
        note.push_str(&format!(" · without \"{excluded}\""));
    }
    for part in &syntax.filter_parts {
        match part.strip_prefix(['-', '－']) {
            Some(part) => note.push_str(&format!(" · not {part}")),
            None => note.push_str(&format!(" · only {part}")),
        }
    }
    note
}

/// The error about a query that has nothing but syntax.
pub fn no_words(query: &str) -> Failure {
    let advice = "add words to search for, or use --plain to search for it as it stands";
    Failure::message(format!("the question has only conditions and no words: {query}; {advice}"))
}
