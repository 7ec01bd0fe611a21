//! Which row of a table names its columns, and whether the rows after a blank one are another table.
//!
//! Readers of delimited text and of spreadsheets ask the same two questions: [`first`] for the rows that a file begins
//! with, [`next`] for those after a blank row. Both look at a bounded number of rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// This many rows are looked at: readers need not give more, nor keep more of the table above.
pub(crate) const LOOK_AHEAD: usize = 200;
/// A header comes after at most so many rows of a single cell.
const TITLES_MAX: usize = 8;
/// A longer text is no name of a column.
const NAME_MAX: usize = 100;
/// What stands for a value that is not there.
const PLACEHOLDERS: [&str; 11] = ["n/a", "na", "-", "—", "–", "none", "null", "nil", "unknown", "tbd", "?"];

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

/// Whether all cells of a row may be names of columns: different short texts, or years, days or quarters in a row beside
/// a text.
pub(crate) fn is_names(row: &Cells<'_>) -> bool {
    let mut seen = HashSet::new();
    let mut texts = 0;
    let mut steps: Vec<&str> = Vec::new();
    let mut shapes: HashMap<String, usize> = HashMap::new();
    for (_, cell) in row {
        shapes.extend(step_shape(cell).map(|shape| (shape, 0)));
    }
    for (_, cell) in row {
        if let Some(count) = step_shape(cell).and_then(|shape| shapes.get_mut(&shape)) {
            *count += 1;
        }
    }
    for (_, cell) in row {
        let cell = cell.trim();
        let stepped = || step_shape(cell).and_then(|shape| shapes.get(&shape)).is_some_and(|count| *count > 1);
        if is_year(cell) || is_day(cell) {
            steps.push(cell);
        } else if is_value(cell) && stepped() {
            // "FY2023", "FY2024"
        } else if is_name(cell) {
            texts += 1;
        } else {
            return false;
        }
        if !seen.insert(cell) {
            return false;
        }
    }
    texts > 0 && steps.len() != 1 && (steps.is_sorted() || steps.iter().rev().is_sorted())
}

fn is_name(cell: &str) -> bool {
    !is_value(cell)
        && cell.chars().count() <= NAME_MAX
        && !cell.contains("://")
        && !cell.contains('@')
        && !PLACEHOLDERS.contains(&cell.to_lowercase().as_str())
}

/// Whether a cell holds a number, a truth value, a date, an amount, a telephone number: mostly digits.
pub(crate) fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.is_empty() || cell.parse::<f64>().is_ok() || ["true", "false"].iter().any(|w| cell.eq_ignore_ascii_case(w))
    {
        return true;
    }
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    // A currency's sign or unit does not make a word of an amount.
    digits > 0 && digits * 2 > cell.chars().filter(|c| c.is_alphanumeric()).count()
}

/// A year that a column may be called by.
fn is_year(cell: &str) -> bool {
    cell.len() == 4 && cell.parse::<u32>().is_ok_and(|year| (1900..=2100).contains(&year))
}

/// "2024-05", "2024-05-06", "2024-05-06 10:00:00".
fn is_day(cell: &str) -> bool {
    let shape: String = cell.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00" || shape.starts_with("0000-00-00")
}

/// The shape of a text with numbers that may count columns: "FY2023", "Q1 2024", "Jan 2024". None for other numbers.
fn step_shape(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let counts = |number: &str| number.is_empty() || number.len() <= 2 || is_year(number);
    let begins = cell.starts_with(char::is_alphabetic) && cell.len() <= 20;
    if !begins || !cell.split(|c: char| !c.is_ascii_digit()).all(counts) {
        return None;
    }
    let mut shape = String::new();
    for character in cell.chars() {
        let kind = match character {
            c if c.is_ascii_digit() => '0',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        if !shape.ends_with(kind) {
            shape.push(kind);
        }
    }
    shape.contains('0').then_some(shape)
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

fn is_placeholder(cell: &str) -> bool {
    PLACEHOLDERS.contains(&cell.trim().to_lowercase().as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of one string each: cells between bars, empty ones left out; an empty string is a blank row.
    fn lines(rows: &[&'static str]) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut after_blank = false;
        for row in rows {
            let cells: Cells<'_> = (0u32..)
                .zip(row.split('|').map(str::trim))
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(column, cell)| (column, Cow::Borrowed(cell)))
                .collect();
            if cells.is_empty() {
                after_blank = true;
            } else {
                lines.push(Line { after_blank, cells });
                after_blank = false;
            }
        }
        lines
    }

    #[test]
    fn the_first_header() {
        for (rows, expected) in [
            (&["name|sum", "Ann|1"][..], Some(0)),
            (&["Report of May", "", "name|sum", "Ann|1"], Some(1)),
            (&["name|sum", "", "Ann|1"], Some(0)),
            (&["name|sum"], None),
            (&["a|1", "b|2"], None),
            (&["x|x", "b|c"], None),
            (&["Ann|Paris", "Bo|Paris"], None),
            (&["a|b", "c|d|e|f|g"], None),
            (&["Region|2021|2023", "North|5|6"], Some(0)),
            (&["Region|2021|2019|2023", "N|5|6"], None),
            (&["Region|2024-01|2024-02", "N|5|6"], Some(0)),
            (&["Region|Q1|Q2", "N|5|6"], Some(0)),
            (&["Region|FY2023|FY2024", "N|5|6"], Some(0)),
            (&["Region|Jan 2024|Feb 2024", "N|5|6"], Some(0)),
            (&["2024-01-02|x", "2024-01-03|y"], None),
            (&["Ann|ann@example.org", "Bo|bo@example.org"], None),
            (&["Ann|+44 1234 567", "Bo|+44 1234 568"], None),
            // A second table with the same names does not take them from the first.
            (&["port|depth", "Oban|4", "", "port|depth", "Leith|2"], Some(0)),
        ] {
            assert_eq!(first(&lines(rows)), expected, "{rows:?}");
        }
    }

    #[test]
    fn rows_after_a_blank_one() {
        let depths = &["port|depth", "Oban|4", "Leith|12"][..];
        let words = &["port|master", "Oban|Ann", "Leith|Bo"][..];
        for (above, rows, expected) in [
            (depths, &["ship|draught", "Heron|3", "Plover|2"][..], Next::Named(0)),
            (depths, &["Ships of the line", "ship|draught", "Heron|3"], Next::Named(1)),
            (depths, &["ship|captain", "Heron|Bo"], Next::Named(0)),
            (depths, &["port|depth", "Wick|3"], Next::Named(0)),
            (depths, &["port|ships", "Oban|few"], Next::Named(0)),
            (depths, &["||ship|draught", "||Heron|3"], Next::Named(0)),
            (depths, &["ship|draught", "", "Heron|3"], Next::Named(0)),
            (depths, &["Wick|7", "Thurso|8"], Next::GoesOn),
            (depths, &["Total|16"], Next::GoesOn),
            (depths, &["Wick|n/a", "Thurso|8"], Next::GoesOn),
            (depths, &["3|Heron", "2|Plover"], Next::Unnamed),
            (depths, &["Measured in May"], Next::Unnamed),
            (depths, &["Measured in May", "and in June"], Next::Unnamed),
            (depths, &["||Heron|3", "||Plover|2"], Next::Unnamed),
            (words, &["ship|captain", "Heron|Cy"], Next::Unnamed),
            (words, &["ship|draught", "Heron|3"], Next::Named(0)),
            (words, &["Wick|Ann", "Thurso|Di"], Next::GoesOn),
            (words, &["Heron|3", "Plover|2"], Next::Unnamed),
            (&[], &["ship|draught", "Heron|3"], Next::Named(0)),
            (&[], &["ship|captain", "Heron|Bo"], Next::Unnamed),
        ] {
            let above: Vec<Cells<'_>> = lines(above).into_iter().map(|line| line.cells).collect();
            let (names, above) = above.split_first().map_or((None, &[][..]), |(names, rows)| (Some(names), rows));
            assert_eq!(next(names, above, &lines(rows)), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_title_within_a_table() {
        let above: Vec<Cells<'_>> = lines(&["Oban|4", "Leith|12"]).into_iter().map(|line| line.cells).collect();
        for (rows, expected) in [
            (&["ship|draught", "Heron|3"][..], true),
            (&["Wick|3", "Thurso|8"], false),
            (&["ship|captain", "Heron|Bo"], false),
            (&["Wick|unknown", "Thurso|8"], false),
            (&["Wick"], false),
        ] {
            assert_eq!(begins_within(&above, &lines(rows)), expected, "{rows:?}");
        }
    }
}
