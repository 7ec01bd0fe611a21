//! Tables of delimited text (CSV, TSV): a section a row. Rows after a blank one may be another table.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::Extracted;
use super::delimiter::{Dialect, dialect};
use super::fields::{Record, Records};
use super::header::{self, Cells, LOOK_AHEAD, Line, Next};
use super::rows::{Rows, VALUE_MAX, lines_named, one_line, typed};
use crate::types::Metadata;

/// So many first rows of a table are kept to tell whether later ones are of it.
const ABOVE: usize = 40;
/// So many times it is asked whether another table begins: a file with more blank lines has them within its table.
const MOST_TABLES: usize = 1000;
/// The delimiter is told from this many first bytes.
const SAMPLE: usize = 64 << 10;

/// A table's rows; none when it is no table: prose with commas, a list of one column.
pub(super) fn delimited(text: &str) -> Option<Extracted> {
    let cut = text.floor_char_boundary(SAMPLE);
    let sample = if cut < text.len() { text[..cut].rsplit_once('\n').map_or("", |(lines, _)| lines) } else { text };
    let dialect = dialect(sample)?;
    let mut table = Table::new(&dialect);
    let mut queue: VecDeque<Record> = VecDeque::new();
    let mut records = Records::new(text, dialect.signs, dialect.width).skip(usize::from(dialect.names_itself));
    let mut number = u64::from(dialect.names_itself);
    let (mut blank, mut asked) = (false, 0);
    queue.extend(records.by_ref().take(LOOK_AHEAD));
    table.begin(&queue);
    loop {
        if queue.is_empty() {
            queue.extend(records.next());
        }
        let Some(record) = queue.front() else { break };
        if record.is_blank() {
            blank = true;
            number += 1;
            queue.pop_front();
            continue;
        }
        if (blank || record.after_blank) && table.has_rows && !dialect.is_spaced && asked < MOST_TABLES {
            asked += 1;
            look_ahead(&mut queue, &mut records);
            table.goes_on(&queue);
        }
        blank = false;
        number += 1;
        if let Some(record) = queue.pop_front() {
            table.add(number, record);
        }
    }
    table.finish()
}

/// Brings the rows up to the second blank one into the queue.
fn look_ahead(queue: &mut VecDeque<Record>, records: &mut impl Iterator<Item = Record>) {
    let is_gap = |record: &Record| record.after_blank || record.is_blank();
    let mut gaps = queue.iter().skip(1).filter(|record| is_gap(record)).count();
    while queue.len() < LOOK_AHEAD && gaps < 3 {
        let Some(record) = records.next() else { break };
        gaps += usize::from(is_gap(&record));
        queue.push_back(record);
    }
}

/// The rows of a queue as the rules of headers look at them, and of each which record it is.
fn lines(queue: &VecDeque<Record>) -> (Vec<Line<'_>>, Vec<usize>) {
    let (mut lines, mut numbers, mut gaps, mut blank) = (Vec::new(), Vec::new(), 0, false);
    for (number, record) in queue.iter().take(LOOK_AHEAD).enumerate() {
        if record.is_blank() {
            blank = true;
            continue;
        }
        let after_blank = (blank || record.after_blank) && number > 0;
        blank = false;
        gaps += usize::from(after_blank);
        if gaps > 2 {
            break;
        }
        lines.push(Line { after_blank, cells: cells(record) });
        numbers.push(number);
    }
    (lines, numbers)
}

fn cells(record: &Record) -> Cells<'_> {
    let cells = (0_u32..).zip(&record.fields).map(|(column, field)| (column, Cow::Borrowed(field.trim())));
    cells.filter(|(_, cell)| !cell.is_empty()).collect()
}

/// A table while it is read, and the rows so far.
struct Table {
    rows: Rows,
    /// The fields that name the columns; none: nothing does.
    names: Option<Record>,
    shown: Vec<String>,
    /// The first rows of the table.
    above: Vec<Record>,
    width: usize,
    /// So many rows to come are titles of the table; the next one is its header, where it has one.
    titles: usize,
    is_named: bool,
    /// The first row of full width has come: what stands before it is a title, no damage.
    begun: bool,
    has_rows: bool,
    /// Lines of rows with another number of fields than this many.
    ragged: (Vec<u64>, usize),
}

impl Table {
    fn new(dialect: &Dialect) -> Self {
        Self {
            rows: Rows::default(),
            names: None,
            shown: Vec::new(),
            above: Vec::new(),
            width: dialect.width,
            titles: 0,
            is_named: false,
            begun: false,
            has_rows: false,
            ragged: (Vec::new(), dialect.width),
        }
    }

    /// Tells the header of the first table.
    fn begin(&mut self, queue: &VecDeque<Record>) {
        // Lines that begin with "#" are comments, unless they have the table's fields.
        let comment = |record: &Record| {
            record.fields.first().is_some_and(|field| field.starts_with('#')) && record.fields.len() != self.width
        };
        let comments = queue.iter().take_while(|record| comment(record) || record.is_blank()).count();
        let rest: VecDeque<Record> = queue.iter().skip(comments).cloned().collect();
        let (lines, numbers) = lines(&rest);
        let narrow = lines.iter().position(|line| line.cells.len() > 1);
        // A line of the file's own facts may stand above, with more than one field.
        let wide = rest
            .iter()
            .take(LOOK_AHEAD)
            .position(|record| record.fields.len() == self.width && cells(record).len() + 1 >= self.width);
        let below = |at: usize| header::first(lines.get(at..)?).map(|header| header + at);
        let found = below(0).or_else(|| {
            let wide = numbers.iter().position(|number| Some(*number) == wide)?;
            below(wide).filter(|_| Some(wide) != narrow && wide <= 8)
        });
        if let Some(header) = found.and_then(|at| numbers.get(at)) {
            (self.titles, self.is_named) = (comments + header, true);
        } else {
            self.titles = comments;
        }
    }

    /// Tells what the rows after a blank one are.
    fn goes_on(&mut self, queue: &VecDeque<Record>) {
        let above: Vec<Cells> = self.above.iter().map(cells).collect();
        let names = self.names.as_ref().map(cells);
        let (lines, numbers) = lines(queue);
        let next = header::next(names.as_ref(), &above, &lines);
        match next {
            Next::GoesOn => return,
            Next::Named(at) => {
                let at = numbers.get(at).copied().unwrap_or(0);
                self.width = queue.get(at).map_or(self.width, |header| header.fields.len());
                (self.titles, self.is_named) = (at, true);
            }
            Next::Unnamed => {
                self.width = 0;
                (self.titles, self.is_named) = (0, false);
            }
        }
        drop(above);
        self.names = None;
        self.shown.clear();
        self.above.clear();
        self.begun = true;
    }

    fn add(&mut self, number: u64, record: Record) {
        self.has_rows = true;
        if self.titles > 0 {
            self.titles -= 1;
            let (text, metadata) = row(&record.fields, &[], false);
            return self.rows.add(number, &text, metadata);
        }
        if std::mem::take(&mut self.is_named) {
            self.shown = record.fields.iter().map(|field| one_line(field)).collect();
            self.begun = true;
            self.names = Some(record);
            return;
        }
        // A row may lack its last fields where they are empty, and have empty ones more.
        let filled = record.fields.iter().rposition(|field| !field.trim().is_empty()).map_or(0, |last| last + 1);
        let fits = record.fields.len() == self.width || (filled <= self.width && record.fields.len() > self.width);
        let known = self.width > 0;
        self.begun |= fits;
        if !fits && known && self.begun {
            self.ragged.0.push(record.line);
            self.ragged.1 = self.width;
        }
        let (text, metadata) = row(&record.fields, if fits { &self.shown } else { &[] }, fits || !known);
        self.rows.add(number, &text, metadata);
        if self.above.len() < ABOVE {
            self.above.push(record);
        }
    }

    fn finish(mut self) -> Option<Extracted> {
        let (lines, width) = &self.ragged;
        if !lines.is_empty() {
            let lines = lines_named(lines);
            let kept = "kept without the names of their columns";
            self.rows.losses.push(format!("{lines}: not {width} fields as in the other rows; {kept}"));
        }
        self.rows.finish()
    }
}

/// "Name: value; Name: value", and the values by their names; a column without a name goes by its number.
fn row(fields: &[String], names: &[String], with_metadata: bool) -> (String, Metadata) {
    let mut text = String::new();
    let mut metadata = Metadata::new();
    for (number, field) in fields.iter().enumerate() {
        let value = one_line(field);
        if value.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("; ");
        }
        let name = names.get(number).filter(|name| !name.is_empty());
        if let Some(name) = name {
            text.push_str(name);
            text.push_str(": ");
        }
        text.push_str(&value);
        if with_metadata && field.len() <= VALUE_MAX {
            let name = name.cloned().unwrap_or_else(|| format!("column {}", number + 1));
            metadata.insert(name, typed(field.trim()));
        }
    }
    (text, metadata)
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
