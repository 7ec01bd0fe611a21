//! Which row of a table names its columns, and whether the rows after a blank one are another table.
//!
//! Readers of delimited text and of spreadsheets ask the same two questions: [`first`] for the rows that a file begins
//! with, [`next`] for those after a blank row. Both look at a bounded number of rows.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | headers, tables below each other |
//! | `cells.rs` | which cells are names of columns, which are values |
//! | `tests.rs` | the tests of all of it |

mod cells;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use cells::is_placeholder;
pub(crate) use cells::{is_names, is_value};

/// This many rows are looked at: readers need not give more, nor keep more of the table above.
pub(crate) const LOOK_AHEAD: usize = 200;
/// A header comes after at most so many rows of a single cell.
const TITLES_MAX: usize = 8;
/// The cells of a row that hold something: column, from 0, and text. Ascending.
pub(crate) type Cells<'a> = Vec<(u32, Cow<'a, str>)>;

/// A row that holds something.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line<'a> {
    /// Whether a blank row stands before it.
    pub(crate) after_blank: bool,
    pub(crate) cells: Cells<'a>,
}

/// What the rows after a blank one are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Rows of the table above: its names, or its lack of names, hold for them.
    GoesOn,
    /// A table of its own. The row of that number, from 0, names its columns; those before it are titles.
    Named(usize),
    /// Rows of which it cannot be told what names their columns.
    Unnamed,
}

/// The row that names the columns of the first table: the first of at least two cells, when all of them are names, most
/// cells below stand under one, and none is said again in its column.
pub(crate) fn first(lines: &[Line<'_>]) -> Option<usize> {
    let at = lines.iter().take(TITLES_MAX).position(|line| line.cells.len() > 1)?;
    is_header(lines, at).then_some(at)
}

/// What the rows after a blank row are. `names` is the header of the table above, `above` are its first rows; `lines`
/// begin with the row after the blank one and may go on behind the next.
pub(crate) fn next(names: Option<&Cells<'_>>, above: &[Cells<'_>], lines: &[Line<'_>]) -> Next {
    let end = lines.iter().skip(1).position(|line| line.after_blank).map_or(lines.len(), |at| at + 1);
    let at = lines.iter().take(end.min(TITLES_MAX)).position(|line| line.cells.len() > 1);
    let Some((at, row)) = at.and_then(|at| Some((at, &lines.get(at)?.cells))) else { return Next::Unnamed };
    let header = is_header(lines, at);
    let mut block = lines.get(at + 1..end).unwrap_or_default();
    if block.is_empty() {
        // A blank row below the header.
        let rest = lines.get(end..).unwrap_or_default();
        let end = rest.iter().skip(1).position(|line| line.after_blank).map_or(rest.len(), |at| at + 1);
        block = rest.get(..end).unwrap_or_default();
    }
    let below: Vec<&Cells<'_>> = block.iter().take(LOOK_AHEAD).map(|line| &line.cells).collect();
    let numbers_below = header && differs(row, &below);
    let Some(names) = names else { return if numbers_below { Next::Named(at) } else { Next::Unnamed } };
    if same(row, names) {
        return Next::Named(at);
    }
    let above: Vec<&Cells<'_>> = above.iter().take(LOOK_AHEAD).collect();
    if header {
        let shared = row.iter().any(|(_, cell)| names.iter().any(|(_, name)| name.eq_ignore_ascii_case(cell)));
        let no_row_of_it =
            differs(row, &above) && below.iter().all(|row| !fits(row, &above, names)) && !below.is_empty();
        if numbers_below || shared || no_row_of_it {
            return Next::Named(at);
        }
    }
    if is_names(row) {
        return if said_above(row, &below, &above) { Next::GoesOn } else { Next::Unnamed };
    }
    if fits(row, &above, names) { Next::GoesOn } else { Next::Unnamed }
}

/// Whether a row within a table, below a title of one cell, begins another table. Without a blank row it takes more: the
/// row says words where the table above and the rows below have numbers.
#[cfg_attr(not(feature = "office"), allow(dead_code, reason = "delimited text marks no titles"))]
pub(crate) fn begins_within(above: &[Cells<'_>], lines: &[Line<'_>]) -> bool {
    let Some(row) = lines.first().map(|line| &line.cells).filter(|row| row.len() > 1) else { return false };
    let below: Vec<&Cells<'_>> =
        lines.iter().skip(1).take_while(|line| !line.after_blank).take(LOOK_AHEAD).map(|line| &line.cells).collect();
    let above: Vec<&Cells<'_>> = above.iter().take(LOOK_AHEAD).collect();
    is_header(lines, 0) && differs(row, &below) && differs(row, &above)
}

/// Whether this row names the columns of those below it: up to the next blank row, or the rows behind a blank one that
/// follows at once.
fn is_header(lines: &[Line<'_>], at: usize) -> bool {
    let Some((row, below)) = lines.get(at..).and_then(<[Line<'_>]>::split_first) else { return false };
    if below.is_empty() || !is_names(&row.cells) {
        return false;
    }
    let columns: HashMap<u32, &str> = row.cells.iter().map(|(column, name)| (*column, name.as_ref())).collect();
    let (mut under, mut all) = (0, 0);
    for (number, line) in below.iter().take(LOOK_AHEAD).enumerate() {
        if line.after_blank && number > 0 {
            break;
        }
        for (column, cell) in &line.cells {
            all += 1;
            under += usize::from(columns.contains_key(column));
            if columns.get(column).is_some_and(|name| *name == cell) {
                return false;
            }
        }
    }
    under * 4 >= all * 3
}

/// Whether some cell of the row is a word where most of those rows hold a value.
fn differs(row: &Cells<'_>, rows: &[&Cells<'_>]) -> bool {
    row.iter().filter(|(_, cell)| !is_value(cell)).any(|(column, _)| {
        let (values, all) = column_of(rows, *column);
        values > 0 && values * 2 >= all
    })
}

/// Whether a row may be one of the table above: its cells stand under names, its values where there are values, and its
/// words where there are words.
fn fits(row: &Cells<'_>, above: &[&Cells<'_>], names: &Cells<'_>) -> bool {
    let under = row.iter().filter(|(column, _)| names.iter().any(|(named, _)| named == column)).count();
    let kept = row.iter().all(|(column, cell)| {
        let (values, all) = column_of(above, *column);
        all < 2 || if is_value(cell) { values > 0 } else { values < all || is_placeholder(cell) }
    });
    under * 4 >= row.len() * 3 && kept
}

/// How many cells of a column hold values, and how many anything.
fn column_of(rows: &[&Cells<'_>], column: u32) -> (usize, usize) {
    let mut cells = 0;
    let found = rows.iter().filter_map(|row| {
        let at = row.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        row.get(at)
    });
    let values = found.inspect(|_| cells += 1).filter(|(_, cell)| is_value(cell)).count();
    (values, cells)
}

/// Whether a cell of these rows is said in its column above.
fn said_above(row: &Cells<'_>, below: &[&Cells<'_>], above: &[&Cells<'_>]) -> bool {
    let said: HashSet<(u32, &str)> =
        above.iter().flat_map(|row| row.iter()).map(|(column, cell)| (*column, cell.as_ref())).collect();
    row.iter()
        .chain(below.iter().flat_map(|row| row.iter()))
        .any(|(column, cell)| said.contains(&(*column, cell.as_ref())))
}

fn same(row: &Cells<'_>, names: &Cells<'_>) -> bool {
    row.len() == names.len() && row.iter().zip(names).all(|(a, b)| a.0 == b.0 && a.1.trim() == b.1.trim())
}
