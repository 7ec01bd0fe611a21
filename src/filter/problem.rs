//! Mistakes in expressions.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::token::is_hidden;
use crate::error::Error;

/// A mistake in an expression, with its range in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilterProblem {
    pub(super) at: Range<usize>,
    pub(super) what: String,
}

impl FilterProblem {
    pub(super) fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        Self { at, what: shortened(what.into()) }
    }

    pub(super) fn into_error(self, expression: &str) -> Error {
        Error::InvalidFilter { expression: expression.to_owned(), at: self.at, problem: self.what }
    }
}

/// Shortens a message in its middle: it may contain a word of any length.
fn shortened(what: String) -> String {
    const MAX_MESSAGE_BYTES: usize = 400;
    if what.len() <= MAX_MESSAGE_BYTES {
        return what;
    }
    let (head, tail) =
        (what.floor_char_boundary(MAX_MESSAGE_BYTES / 2), what.ceil_char_boundary(what.len() - MAX_MESSAGE_BYTES / 2));
    format!("{}…{}", &what[..head], &what[tail..])
}

/// The most columns of an expression that are shown; of a longer one, those around the mistake.
const MAX_COLUMNS: usize = 76;
/// The columns that are shown before the mistake.
const COLUMNS_BEFORE: usize = 30;

impl Error {
    /// For [`Error::InvalidFilter`]: the expression on one line, and carets under the mistake on the next, for a fixed-width font in which
    /// wide characters take two columns. `None` for other errors.
    pub fn caret(&self) -> Option<String> {
        let Self::InvalidFilter { expression, at, .. } = self else { return None };
        Some(caret(expression, at))
    }
}

fn caret(expression: &str, at: &Range<usize>) -> String {
    // Control characters become spaces, hidden characters U+FFFD.
    let cells: Vec<(usize, char, usize)> = expression
        .char_indices()
        .map(|(byte, c)| match c {
            c if c.is_control() => (byte, ' ', 1),
            c if is_hidden(c) => (byte, char::REPLACEMENT_CHARACTER, 1),
            c => (byte, c, c.width().unwrap_or(0)),
        })
        .collect();
    let until = |byte: usize| cells.iter().take_while(|cell| cell.0 < byte).map(|cell| cell.2).sum::<usize>();
    let (whole, mistake) = (until(usize::MAX), until(at.start));
    let first = if whole > MAX_COLUMNS { mistake.saturating_sub(COLUMNS_BEFORE) } else { 0 };
    let (mut line, mut marks) = (String::new(), String::new());
    let mut column = 0;
    let mut marked = 0;
    let mut cut = false;
    if first > 0 {
        line.push('…');
        marks.push(' ');
    }
    for (byte, c, width) in &cells {
        let start = column;
        column += width;
        if start < first {
            continue;
        }
        if whole > MAX_COLUMNS && column > first + MAX_COLUMNS {
            cut = true;
            break;
        }
        line.push(*c);
        if at.contains(byte) {
            marks.extend(std::iter::repeat_n('^', *width));
            marked += width;
        } else if marked == 0 && *byte < at.start {
            marks.extend(std::iter::repeat_n(' ', *width));
        }
    }
    if cut {
        line.push('…');
    }
    if marked == 0 {
        marks.push('^');
    }
    format!("{line}\n{marks}")
}
