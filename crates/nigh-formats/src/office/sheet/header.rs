//! Finds the tables of a sheet: where each begins, and which row names its columns. The rules are those of all tables
//! (`crate::header`).

use std::borrow::Cow;

use crate::header::{
    Cells, FilledRow, LOOK_AHEAD, Next, begins_between, begins_unlike, begins_within, first, next, same,
};
use crate::office::sheet::{CellValue, Sheet, SheetRow};

/// After this many blank rows of one sheet, no more tables are searched.
const MAX_EXAMINED_BLANK_ROWS: usize = 500;
/// At most this many rows of a table are compared with those below the next blank row.
const MAX_ROWS_ABOVE: usize = 100;

/// A table of a sheet, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) struct SheetTable {
    /// Its first row, as an index into the sheet's rows.
    pub(in crate::office) start: usize,
    /// The row that names its columns.
    pub(in crate::office) header: Option<usize>,
}

impl Sheet {
    /// Finds the tables of the sheet; the first begins at the sheet's first row.
    pub(in crate::office) fn tables(&self) -> Vec<SheetTable> {
        // Rows with only comments are not rows of a table, and not blank either.
        let rows: Vec<usize> =
            self.rows.iter().enumerate().filter_map(|(at, row)| (!row.cells.is_empty()).then_some(at)).collect();
        let top = self.lines(&rows, 0);
        let found = first(&top);
        let mut tables = vec![SheetTable { start: 0, header: found.and_then(|at| rows.get(at).copied()) }];
        let mut names = found.and_then(|at| top.get(at)).map(|line| line.cells.clone());
        let mut above: Vec<Cells<'_>> = Vec::new();
        // Rows since the last blank one, and in the block before it.
        let (mut since, mut before) = (0, 0);
        let (mut at, mut examined) = (found.map_or(0, |at| at + 1), 0);
        while let Some(row) = rows.get(at).and_then(|at| self.rows.get(*at)) {
            let after_blank = self.after_blank(&rows, at);
            if after_blank {
                (before, since) = (since, 0);
            }
            since += 1;
            let begun = !above.is_empty() || (names.is_none() && at > 0);
            if after_blank && begun && examined < MAX_EXAMINED_BLANK_ROWS {
                examined += 1;
                let lines = self.lines(&rows, at);
                // In such a sheet every second row is blank.
                let is_spaced = before == 1 && row.cells.len() > 1 && lines.get(1).is_none_or(|line| line.after_blank);
                let fits = |names: &Cells<'_>| row.cells.len() <= names.len() && !spaced_header(names, row);
                let found = match &names {
                    Some(names) if is_spaced && fits(names) => Next::Continues,
                    names => next(names.as_ref(), &above, &lines),
                };
                let start = rows.get(at).copied().unwrap_or_default();
                match found {
                    Next::Continues => {
                        let last = tables.iter().rev().find_map(|table| table.header);
                        if tables.last().is_some_and(|table| table.header != last) {
                            tables.push(SheetTable { start, header: last });
                        }
                    }
                    Next::Named(below) => {
                        tables.push(SheetTable { start, header: rows.get(at + below).copied() });
                        names = lines.get(below).map(|line| line.cells.clone());
                        above.clear();
                        since += below;
                        at += below + 1;
                        continue;
                    }
                    Next::Unnamed => {
                        let end =
                            lines.iter().skip(1).position(|line| line.after_blank).map_or(lines.len(), |at| at + 1);
                        let is_note = lines.iter().take(end).all(|line| line.cells.len() == 1);
                        tables.push(SheetTable { start, header: None });
                        if !is_note {
                            names = None;
                        }
                        // The rows up to the next blank row do not belong to the table above.
                        at += 1;
                        while at < rows.len() && !self.after_blank(&rows, at) {
                            (at, since) = (at + 1, since + 1);
                        }
                        continue;
                    }
                }
            } else if !after_blank && row.cells.len() == 1 && names.is_some() && examined < MAX_EXAMINED_BLANK_ROWS {
                examined += 1;
                if begins_within(&above, &self.lines(&rows, at + 1)) {
                    let start = rows.get(at).copied().unwrap_or_default();
                    tables.push(SheetTable { start, header: rows.get(at + 1).copied() });
                    names = rows.get(at + 1).and_then(|at| self.rows.get(*at)).map(cells);
                    above.clear();
                    (at, since) = (at + 2, since + 1);
                    continue;
                }
            } else if let Some(known) =
                names.as_ref().filter(|_| !after_blank && may_be_header(row) && examined < MAX_EXAMINED_BLANK_ROWS)
            {
                examined += 1;
                let lines = self.lines(&rows, at);
                let repeats_header = lines.first().is_some_and(|line| same(&line.cells, known));
                if repeats_header || begins_between(&above, &lines) || begins_unlike(Some(known), &above, &lines) {
                    let start = rows.get(at).copied().unwrap_or_default();
                    tables.push(SheetTable { start, header: Some(start) });
                    names = Some(cells(row));
                    above.clear();
                    at += 1;
                    continue;
                }
            }
            if above.len() < MAX_ROWS_ABOVE {
                above.push(cells(row));
            }
            at += 1;
        }
        tables
    }

    /// True if a blank row precedes this row.
    fn after_blank(&self, rows: &[usize], at: usize) -> bool {
        let number = |at: usize| rows.get(at).and_then(|at| self.rows.get(*at)).map_or(0, |row| row.number);
        at > 0 && number(at) > number(at - 1).saturating_add(1)
    }

    /// Returns the rows from `from` on, as far as they are examined.
    fn lines(&self, rows: &[usize], from: usize) -> Vec<FilledRow<'static>> {
        let mut lines = Vec::new();
        let mut blanks = 0;
        for (at, row) in rows.iter().enumerate().skip(from).take(LOOK_AHEAD) {
            let Some(row) = self.rows.get(*row) else { break };
            let after_blank = self.after_blank(rows, at);
            blanks += usize::from(after_blank && at > from);
            // The rows of this block and, if it may be only a header, of the one below it.
            if blanks > 1 && lines.len() > 8 {
                break;
            }
            lines.push(FilledRow { after_blank, cells: cells(row) });
        }
        lines
    }
}

/// True if a row within a table may be the header of another one: it has several texts and nothing else.
fn may_be_header(row: &SheetRow) -> bool {
    row.cells.len() > 1 && row.cells.iter().all(|(_, value)| matches!(value, CellValue::Text(_)))
}

/// True if the row names the columns again, in a sheet with blank rows between all rows.
fn spaced_header(names: &Cells<'_>, row: &SheetRow) -> bool {
    row.cells.iter().any(|(_, value)| {
        let shown = value.shown();
        names.iter().any(|(_, name)| *name == *shown)
    })
}

fn cells(row: &SheetRow) -> Cells<'static> {
    row.cells.iter().map(|(column, value)| (*column, Cow::Owned(value.shown().into_owned()))).collect()
}
