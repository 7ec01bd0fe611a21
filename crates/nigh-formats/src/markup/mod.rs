//! Finds headings, the title, fields and parts that are not prose in reStructuredText, Org and LaTeX, for this crate and the splitter.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`parts`], [`title`] and [`fields`] for all three languages |
//! | `rst.rs` | reStructuredText |
//! | `org.rs` | Org mode |
//! | `tex.rs` | LaTeX |
//! | `fields.rs` | fields at the top of Org and reStructuredText: author, date, tags |

mod fields;
mod org;
mod rst;
mod tex;

use std::ops::Range;

pub(super) use self::fields::fields;
use crate::types::Syntax;

/// A part of a text that is not prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkupPart {
    pub bytes: Range<usize>,
    /// Level, from 1, and title of a heading. `None` for code, tables, data.
    pub heading: Option<(u8, String)>,
}

impl MarkupPart {
    fn lines(bytes: Range<usize>) -> Self {
        Self { bytes, heading: None }
    }
}

/// Returns the headings and other parts of a text that are not prose, in ascending order without overlaps.
pub fn parts(text: &str, syntax: Syntax) -> Vec<MarkupPart> {
    match syntax {
        Syntax::Rst => rst::parts(text),
        Syntax::Org => org::parts(text),
        Syntax::Tex => tex::parts(text),
        _ => Vec::new(),
    }
}

/// Returns the declared title of a text, else its first heading.
pub(super) fn title(text: &str, syntax: Syntax) -> Option<String> {
    let declared = match syntax {
        Syntax::Org => org::title(text),
        Syntax::Tex => tex::title(text),
        _ => None,
    };
    let first = || parts(text, syntax).into_iter().find_map(|part| part.heading).map(|(_, title)| title);
    declared.or_else(first).filter(|title| !title.is_empty())
}

/// A line without its end, and its start.
#[derive(Debug, Clone, Copy)]
struct MarkupLine<'t> {
    at: usize,
    text: &'t str,
}

impl MarkupLine<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }
}

fn lines(text: &str) -> Vec<MarkupLine<'_>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        MarkupLine { at: start, text: line.trim_end() }
    });
    lines.collect()
}

/// Shows parts for comparison in tests: "2 Title" for a heading, else the text.
#[cfg(test)]
fn show_parts(text: &str, parts: Vec<MarkupPart>) -> Vec<String> {
    let shown = |MarkupPart { bytes, heading }| {
        heading.map_or_else(|| text[bytes].to_owned(), |(level, title): (u8, String)| format!("{level} {title}"))
    };
    parts.into_iter().map(shown).collect()
}
