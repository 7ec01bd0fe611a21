//! Finds the row of a table that names its columns, and whether the rows after a blank row are another table.
//!
//! The readers of delimited text and of spreadsheets call the same two functions: [`first`] for the rows at the beginning of a
//! file, [`next`] for those after a blank row. Both read a bounded number of rows.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | headers, tables below each other |
//! | `cells.rs` | distinguishes column names from values |
//! | `tests.rs` | tests |

mod cells;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use cells::{CellStyle, is_names_with_repeats, is_placeholder, style};
pub(crate) use cells::{is_names, is_value};

/// This many rows are examined: readers need not pass more, nor keep more of the table above.
pub(crate) const LOOK_AHEAD: usize = 200;
/// Most one-cell rows (titles) above a header.
const MAX_TITLE_ROWS: usize = 8;
/// The cells of a row that are not empty: column, from 0, and text. Ascending.
pub(crate) type Cells<'a> = Vec<(u32, Cow<'a, str>)>;

/// A row that is not blank.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilledRow<'a> {
    /// True if a blank row precedes it.
    pub(crate) after_blank: bool,
    pub(crate) cells: Cells<'a>,
}

/// The relation of the rows after a blank row to the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Rows of the table above: they have its column names, or none if it has none.
    Continues,
    /// A new table. The row of that number, from 0, names its columns; those before it are titles.
    Named(usize),
    /// Rows for which the header is not decided yet.
    Unnamed,
}

/// Finds the row that names the columns of the first table: the first with at least two cells that are all names, with most cells
/// below under one, and with no name repeated in its column.
pub(crate) fn first(lines: &[FilledRow<'_>]) -> Option<usize> {
    let at = lines.iter().take(MAX_TITLE_ROWS).position(|line| line.cells.len() > 1)?;
    is_header(lines, at).then_some(at)
}

/// Classifies the rows after a blank row. `names` is the header of the table above, `above` are its first rows; `lines` begin
/// with the row after the blank one and may continue after the next.
pub(crate) fn next(names: Option<&Cells<'_>>, above: &[Cells<'_>], lines: &[FilledRow<'_>]) -> Next {
    let end = lines.iter().skip(1).position(|line| line.after_blank).map_or(lines.len(), |at| at + 1);
    // The first row with several cells may be a header; the rows above it are titles.
    let at = lines.iter().take(end.min(MAX_TITLE_ROWS)).position(|line| line.cells.len() > 1);
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
    // Without column names above, only numbers below the row prove a header.
    let numbers_below = header && differs(row, &below);
    let Some(names) = names else { return if numbers_below { Next::Named(at) } else { Next::Unnamed } };
    if same(row, names) {
        return Next::Named(at);
    }
    let above: Vec<&Cells<'_>> = above.iter().take(LOOK_AHEAD).collect();
    // With column names above, there are three kinds of evidence: numbers below, a shared name, or no row that fits the table above.
    if header {
        let shared = row.iter().any(|(_, cell)| names.iter().any(|(_, name)| name.eq_ignore_ascii_case(cell)));
        let no_row_fits_above =
            differs(row, &above) && below.iter().all(|row| !fits(row, &above, names)) && !below.is_empty();
        if numbers_below || shared || no_row_fits_above {
            return Next::Named(at);
        }
    }
    if is_names(row) {
        return if repeats_above(row, &below, &above) { Next::Continues } else { Next::Unnamed };
    }
    if fits(row, &above, names) { Next::Continues } else { Next::Unnamed }
}

/// True if a row within a table, below a title of one cell, begins another table. Without a blank row this needs more evidence: the
/// row has words where the table above and the rows below have numbers.
pub(crate) fn begins_within(above: &[Cells<'_>], lines: &[FilledRow<'_>]) -> bool {
    begins_with_words_in(1, above, lines)
}

/// The same without a title: in at least two columns.
pub(crate) fn begins_between(above: &[Cells<'_>], lines: &[FilledRow<'_>]) -> bool {
    begins_with_words_in(2, above, lines)
}

/// The same in one column. Either the row has the letter case of the column names above and no row of that table has it ("ship"
/// below "port" and "Oban"), or the numbers below are of another kind than those above.
pub(crate) fn begins_unlike(names: Option<&Cells<'_>>, above: &[Cells<'_>], lines: &[FilledRow<'_>]) -> bool {
    if !begins_with_words_in(1, above, lines) {
        return false;
    }
    let Some(row) = lines.first().map(|line| &line.cells) else { return false };
    let common = |cells: &Cells<'_>| {
        let mut styles = cells.iter().map(|(_, cell)| style(cell));
        let first = styles.next().flatten();
        first.filter(|_| styles.all(|next| next == first))
    };
    let words: Vec<CellStyle> =
        above.iter().flatten().filter(|(_, cell)| !is_value(cell)).filter_map(|(_, cell)| style(cell)).collect();
    let kind_by_names = names.and_then(common).filter(|style| common(row) == Some(*style));
    if kind_by_names.is_some_and(|style| words.len() > 1 && !words.contains(&style)) {
        return true;
    }
    let below = rows_below(lines);
    row.iter().filter(|(_, cell)| !is_value(cell)).any(|(column, _)| {
        let kinds = |rows: &[&Cells<'_>]| -> Vec<bool> {
            let cells = rows.iter().flat_map(|row| row.iter()).filter(|(at, cell)| at == column && is_value(cell));
            cells.map(|(_, cell)| cell.parse::<f64>().is_ok()).collect()
        };
        let above: Vec<&Cells<'_>> = above.iter().take(LOOK_AHEAD).collect();
        let (above, below) = (kinds(&above), kinds(&below));
        let alike = |kinds: &[bool]| kinds.len() > 1 && kinds.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
        alike(&above) && alike(&below) && above.first() != below.first()
    })
}

/// True if the first row has words in at least `columns` columns where the rows above and below have values.
fn begins_with_words_in(columns: usize, above: &[Cells<'_>], lines: &[FilledRow<'_>]) -> bool {
    let Some(row) = lines.first().map(|line| &line.cells).filter(|row| row.len() > 1) else { return false };
    let above: Vec<&Cells<'_>> = above.iter().take(LOOK_AHEAD).collect();
    let below = rows_below(lines);
    let words = |rows: &[&Cells<'_>]| words_among_values(row, rows).take(columns).count() == columns;
    is_header(lines, 0) && words(&below) && words(&above)
}

/// True if the first row names the columns of the rows below it, and has words where they have numbers.
pub(crate) fn begins(lines: &[FilledRow<'_>]) -> bool {
    lines.first().is_some_and(|line| line.cells.len() > 1 && differs(&line.cells, &rows_below(lines)))
        && is_header(lines, 0)
}

/// Returns the rows below the first, up to a blank one.
fn rows_below<'l, 'a>(lines: &'l [FilledRow<'a>]) -> Vec<&'l Cells<'a>> {
    lines.iter().skip(1).take_while(|line| !line.after_blank).take(LOOK_AHEAD).map(|line| &line.cells).collect()
}

/// True if row `at` names the columns of the rows below it: those up to the next blank row, or those after a blank row that
/// follows immediately. A row that is repeated unchanged heads another part of the table.
pub(crate) fn is_header(lines: &[FilledRow<'_>], at: usize) -> bool {
    let Some((row, below)) = lines.get(at..).and_then(<[FilledRow<'_>]>::split_first) else { return false };
    let row = &row.cells;
    let block: Vec<&Cells<'_>> = below
        .iter()
        .enumerate()
        .take(LOOK_AHEAD)
        .take_while(|(number, line)| *number == 0 || (!line.after_blank && !same(&line.cells, row)))
        .map(|(_, line)| &line.cells)
        .collect();
    if block.is_empty() || !(is_names(row) || (is_names_with_repeats(row) && differs(row, &block))) {
        return false;
    }
    // At least 3/4 of the cells below must be under a name, and none may repeat the name.
    let columns: HashMap<u32, &str> = row.iter().map(|(column, name)| (*column, name.as_ref())).collect();
    let (mut under, mut all) = (0, 0);
    for (column, cell) in block.iter().flat_map(|cells| cells.iter()) {
        all += 1;
        under += usize::from(columns.contains_key(column));
        if columns.get(column).is_some_and(|name| *name == cell) {
            return false;
        }
    }
    under * 4 >= all * 3
}

/// True if a cell of the row is a word where most of those rows hold a value.
fn differs(row: &Cells<'_>, rows: &[&Cells<'_>]) -> bool {
    words_among_values(row, rows).next().is_some()
}

/// Returns the columns where the row has a word and most of those rows hold a value.
fn words_among_values(row: &Cells<'_>, rows: &[&Cells<'_>]) -> impl Iterator<Item = u32> {
    row.iter().filter(|(_, cell)| !is_value(cell)).map(|(column, _)| *column).filter(|column| {
        let (values, all) = column_of(rows, *column);
        values > 0 && values * 2 >= all
    })
}

/// True if a row may belong to the table above: its cells are under names, its values under values, and its words under words.
fn fits(row: &Cells<'_>, above: &[&Cells<'_>], names: &Cells<'_>) -> bool {
    let under = row.iter().filter(|(column, _)| names.iter().any(|(named, _)| named == column)).count();
    let kept = row.iter().all(|(column, cell)| {
        let (values, all) = column_of(above, *column);
        all < 2 || if is_value(cell) { values > 0 } else { values < all || is_placeholder(cell) }
    });
    under * 4 >= row.len() * 3 && kept
}

/// Returns the number of cells of a column that hold values, and of those that are not empty.
fn column_of(rows: &[&Cells<'_>], column: u32) -> (usize, usize) {
    let mut cells = 0;
    let found = rows.iter().filter_map(|row| {
        let at = row.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        row.get(at)
    });
    let values = found.inspect(|_| cells += 1).filter(|(_, cell)| is_value(cell)).count();
    (values, cells)
}

/// True if a cell of these rows repeats a cell above it in its column.
fn repeats_above(row: &Cells<'_>, below: &[&Cells<'_>], above: &[&Cells<'_>]) -> bool {
    let message: HashSet<(u32, &str)> =
        above.iter().flat_map(|row| row.iter()).map(|(column, cell)| (*column, cell.as_ref())).collect();
    row.iter()
        .chain(below.iter().flat_map(|row| row.iter()))
        .any(|(column, cell)| message.contains(&(*column, cell.as_ref())))
}

/// True if two rows have the same texts in the same columns.
pub(crate) fn same(row: &Cells<'_>, names: &Cells<'_>) -> bool {
    row.len() == names.len() && row.iter().zip(names).all(|(a, b)| a.0 == b.0 && a.1.trim() == b.1.trim())
}
