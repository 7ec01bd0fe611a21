//! Rows of delimited text that name the columns, are above a table, or begin another one.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::CsvTable;
use crate::delimiter::is_comment;
use crate::fields::CsvRecord;
use crate::header::{self, Cells, FilledRow, LOOK_AHEAD, Next};

/// Most lines above a table with facts about the file.
const MAX_FACT_LINES: usize = 60;

impl CsvTable {
    /// Finds the header of the first table.
    pub(super) fn find_header(&mut self, queue: &VecDeque<CsvRecord>) {
        let comments = self.comments(queue);
        let rest: VecDeque<CsvRecord> = queue.iter().skip(comments).cloned().collect();
        let (lines, numbers) = lines(&rest, true);
        let below = |at: usize| header::first(lines.get(at..)?).map(|header| header + at);
        let fields = |line: usize| numbers.get(line).and_then(|at| rest.get(*at)).map_or(0, |row| row.fields.len());
        let is_header = |at: usize| header::is_header(&lines, at);
        let same_width_rows = |at: usize| (at..lines.len()).take_while(|next| fields(*next) == fields(at)).count();
        let begins = |at: usize| lines.get(at..at + same_width_rows(at)).is_some_and(header::begins);
        // Lines above may have facts of the file in more than one field: an account number, a period. The table has the usual width, or a
        // greater one.
        let first_multicell = lines.iter().position(|line| line.cells.len() > 1);
        let is_wide = |at: usize, min_cells: usize| {
            let cells = lines.get(at).map_or(0, |line| line.cells.len());
            cells >= min_cells && cells + 1 >= fields(at) && Some(at) != first_multicell
        };
        let max_lines = lines.len().min(MAX_FACT_LINES);
        // The first row of the usual width, and the first wider row that begins a table.
        let usual_width =
            (0..max_lines).find(|at| fields(*at) == self.width && (is_wide(*at, 1) || Some(*at) == first_multicell));
        let wider = first_multicell.and_then(|first_multicell| {
            let wider = |at: &usize| is_wide(*at, fields(first_multicell).max(2) + 1) && fields(*at) == fields(at + 1);
            (first_multicell..max_lines).find(|at| wider(at) && begins(*at))
        });
        let wide = [usual_width, wider].into_iter().flatten().filter(|at| Some(*at) != first_multicell);
        let wide: Vec<usize> = wide.filter(|at| is_header(*at)).collect();
        // The first header by the general rules; facts above the table do not count.
        let first = below(0).filter(|at| {
            let first_cell = lines.get(*at).and_then(|line| line.cells.first());
            let is_fact = first_cell.is_some_and(|(_, cell)| cell.ends_with(':'));
            let is_table = || {
                !is_fact
                    && fields(*at) == fields(at + 1)
                    && begins(*at)
                    && !are_facts(lines.get(*at..).unwrap_or_default())
            };
            wide.iter().all(|wide| at >= wide) || is_table()
        });
        if let Some(header) = first.or(wide.first().copied()) {
            let comments = queue.iter().take(comments).filter(|record| !record.is_blank()).count();
            (self.titles, self.is_named) = (comments + header, true);
            if fields(header) == fields(header + 1) {
                self.width = fields(header);
            }
        } else {
            self.titles = queue.iter().take(comments).filter(|record| !record.is_blank()).count();
        }
    }

    /// Returns the number of comment records above the table. The last one that begins with "#" may name the columns.
    fn comments(&self, queue: &VecDeque<CsvRecord>) -> usize {
        let comments = queue.iter().take_while(|record| is_comment(record) || record.is_blank()).count();
        let last = queue.iter().take(comments).rposition(|record| !record.is_blank());
        let Some((last, record)) = last.and_then(|last| Some((last, queue.get(last)?))) else { return 0 };
        let rest: VecDeque<CsvRecord> = queue.iter().skip(comments).cloned().collect();
        let spaced = |record: &CsvRecord| record.fields.iter().skip(1).any(|field| field.starts_with(' '));
        let is_sentence = spaced(record) && !rest.front().is_some_and(spaced);
        if record.fields.len() != self.width || is_sentence || header::begins(&lines(&rest, false).0) {
            return comments;
        }
        last
    }

    /// True if a row may begin another table: its number of fields differs, or it has one field, or words under numbers, or repeats the
    /// column names.
    pub(super) fn is_odd(&self, record: &CsvRecord) -> bool {
        if self.width == 0 {
            return false;
        }
        let has_one_cell = || record.fields.iter().filter(|field| !field.trim().is_empty()).take(2).count() == 1;
        if !self.fits(record) || has_one_cell() {
            return true;
        }
        let has_word = self.values.iter().zip(&record.fields).any(|((values, all), field)| {
            let begins_as_number = field.starts_with(|first: char| first.is_ascii_digit() || first == '-');
            *values > 0 && values * 2 >= *all && !begins_as_number && !header::is_value(field)
        });
        has_word || self.names.as_ref().is_some_and(|names| names.fields == record.fields)
    }

    /// Checks whether another table begins at a row without a blank row before it.
    pub(super) fn check_new_table(&mut self, queue: &VecDeque<CsvRecord>) {
        let above: Vec<Cells> = self.above.iter().map(cells).collect();
        let names = self.names.as_ref().map(cells);
        let (lines, numbers) = lines(queue, false);
        let fields = |line: usize| numbers.get(line).and_then(|at| queue.get(*at)).map(|row| row.fields.len());
        let rows = |at: usize, max_rows: usize| {
            let to_come = lines.iter().enumerate().skip(at + 1).take(max_rows);
            let rows_of_this_width =
                to_come.take_while(|(next, line)| !line.after_blank && fields(*next) == fields(at));
            rows_of_this_width.count()
        };
        let is_header_row = |at: usize| {
            let Some(row) = lines.get(at) else { return false };
            let rest = lines.get(at..).unwrap_or_default();
            // The rows of another table have another number of fields.
            let other = fields(at) != Some(self.width)
                && row.cells.len() > 1
                && row.cells.len() * 2 > fields(at).unwrap_or(0)
                && rows(at, 1) == 1
                && (header::begins(rest) || (rows(at, 2) == 2 && header::is_header(rest, 0)));
            let repeats_header = names.as_ref().is_some_and(|names| header::same(&row.cells, names));
            let begins_unlike = || header::begins_unlike(names.as_ref(), &above, rest);
            other || repeats_header || header::begins_between(&above, rest) || begins_unlike()
        };
        // The header, perhaps below a title.
        let has_title = lines.first().is_some_and(|line| line.cells.len() == 1)
            && lines.get(1).is_some_and(|line| !line.after_blank)
            && (is_header_row(1) || header::begins_within(&above, lines.get(1..).unwrap_or_default()));
        let Some(at) = (if has_title { Some(1) } else { is_header_row(0).then_some(0) }) else { return };
        let Some(number) = numbers.get(at).copied() else { return };
        self.width = queue.get(number).map_or(self.width, |header| header.fields.len());
        (self.titles, self.is_named) = (at, true);
        drop(above);
        self.reset();
    }

    /// Classifies the rows after a blank one.
    pub(super) fn check_after_blank(&mut self, queue: &VecDeque<CsvRecord>) {
        let above: Vec<Cells> = self.above.iter().map(cells).collect();
        let names = self.names.as_ref().map(cells);
        let (lines, numbers) = lines(queue, false);
        let next = header::next(names.as_ref(), &above, &lines);
        match next {
            Next::Continues => return,
            Next::Named(at) => {
                let number = numbers.get(at).copied().unwrap_or(0);
                self.width = queue.get(number).map_or(self.width, |header| header.fields.len());
                (self.titles, self.is_named) = (at, true);
            }
            Next::Unnamed => {
                self.width = 0;
                (self.titles, self.is_named) = (0, false);
            }
        }
        drop(above);
        self.reset();
    }
}

/// Returns the rows of a queue up to the third blank one, or all, in the form for the header rules, and the record of
/// each.
fn lines(queue: &VecDeque<CsvRecord>, all: bool) -> (Vec<FilledRow<'_>>, Vec<usize>) {
    let (mut lines, mut numbers, mut gaps, mut blank) = (Vec::new(), Vec::new(), 0, false);
    for (number, record) in queue.iter().take(LOOK_AHEAD).enumerate() {
        if record.is_blank() {
            blank = true;
            continue;
        }
        let after_blank = (blank || record.after_blank) && number > 0;
        blank = false;
        gaps += usize::from(after_blank);
        if gaps > 2 && !all {
            break;
        }
        lines.push(FilledRow { after_blank, cells: cells(record) });
        numbers.push(number);
    }
    (lines, numbers)
}

pub(super) fn cells(record: &CsvRecord) -> Cells<'_> {
    let cells = (0_u32..).zip(&record.fields).map(|(column, field)| (column, Cow::Borrowed(field.trim())));
    cells.filter(|(_, cell)| !cell.is_empty()).collect()
}

/// True if rows of two cells are pairs of a name and a value: a single pair, or values of several kinds.
fn are_facts(lines: &[FilledRow<'_>]) -> bool {
    let rows = lines.iter().enumerate().take_while(|(at, line)| *at == 0 || !line.after_blank);
    let mut pairs = rows.map_while(|(_, line)| if let [_, (_, value)] = &line.cells[..] { Some(value) } else { None });
    let kinds: Vec<bool> = pairs.by_ref().skip(1).map(|value| value.parse::<f64>().is_ok()).collect();
    lines.first().is_some_and(|line| line.cells.len() == 2)
        && (kinds.len() < 2 || kinds.contains(&true) && kinds.contains(&false))
}
