//! Tables of delimited text (CSV, TSV): a section for each row. Rows after a blank one may be another table, and so may rows below
//! another header.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | reads the rows of all tables of a text |
//! | `names.rs` | finds rows that name the columns, are above a table, or begin another one |
//! | `requoted.rs` | repairs text whose quotes were quoted twice |
//! | `tests.rs`, `quote_tests.rs` | tests |

mod names;
#[cfg(test)]
mod quote_tests;
mod requoted;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use names::cells;
use requoted::repair_quotes;

use super::Extracted;
use super::delimiter::{CsvDialect, dialect, is_comment};
use super::fields::{CsvRecord, CsvRecords};
use super::header::{self, LOOK_AHEAD};
use super::rows::{MAX_VALUE_BYTES, RowSections, list_lines, one_line, parse_value, unique_names};
use crate::types::Metadata;

/// This many first rows of a table are kept, to recognise later rows.
const KEPT_ROWS: usize = 40;
/// Most checks for another table in a file: if there are more blank lines, they are within a table.
const MAX_TABLE_CHECKS: usize = 1000;
/// The delimiter is detected in this many first bytes; in more if they do not contain two records.
const SAMPLE_BYTES: usize = 64 << 10;
/// The larger sample.
const LARGE_SAMPLE_BYTES: usize = 4 << 20;

/// Reads the rows of a table; returns `None` if the text is not a table: prose with commas, a list of one column.
pub(super) fn delimited(text: &str) -> Option<Extracted> {
    // Some programs quote the quotes, or each line.
    let with_repaired_quotes = || repair_quotes(text).and_then(|text| read(&text));
    if text.starts_with("\"\"") {
        with_repaired_quotes().or_else(|| read(text))
    } else {
        read(text).or_else(with_repaired_quotes)
    }
}

/// Detects how a text is delimited, by its first lines.
fn detect_dialect(text: &str) -> Option<CsvDialect> {
    let sample = |max_bytes: usize| {
        let cut = text.floor_char_boundary(max_bytes);
        let lines = |text: &'_ str| text.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        if cut < text.len() { (&text[..lines(&text[..cut])], true) } else { (text, false) }
    };
    let (first, is_cut) = sample(SAMPLE_BYTES);
    if !is_cut {
        return dialect(first, false);
    }
    let more = || dialect(sample(LARGE_SAMPLE_BYTES).0, true);
    dialect(first, true).or_else(more).or_else(|| dialect(first, false))
}

/// Reads the rows of a table.
fn read(text: &str) -> Option<Extracted> {
    let dialect = detect_dialect(text)?;
    let mut table = CsvTable::new(&dialect);
    let mut queue: VecDeque<CsvRecord> = VecDeque::new();
    let mut records = CsvRecords::new(text, dialect.signs, dialect.width).skip(usize::from(dialect.is_declared));
    let mut number = u64::from(dialect.is_declared);
    let (mut blank, mut checks) = (false, 0);
    queue.extend(records.by_ref().take(LOOK_AHEAD));
    table.find_header(&queue);
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
        let after_blank = blank || record.after_blank;
        // Checks whether another table begins here: after a blank row, or at a row that does not fit.
        let may_check = table.has_rows && table.titles == 0 && !table.is_named && checks < MAX_TABLE_CHECKS;
        if may_check && if after_blank { !dialect.is_spaced } else { table.is_odd(record) } {
            checks += 1;
            look_ahead(&mut queue, &mut records);
            if after_blank {
                table.check_after_blank(&queue);
            } else {
                table.check_new_table(&queue);
            }
        }
        blank = false;
        number += 1;
        if let Some(record) = queue.pop_front() {
            table.add(number, record);
        }
    }
    table.finish()
}

/// Reads records into the queue, up to the third blank row.
fn look_ahead(queue: &mut VecDeque<CsvRecord>, records: &mut impl Iterator<Item = CsvRecord>) {
    let is_gap = |record: &CsvRecord| record.after_blank || record.is_blank();
    let mut gaps = queue.iter().skip(1).filter(|record| is_gap(record)).count();
    while queue.len() < LOOK_AHEAD && gaps < 3 {
        let Some(record) = records.next() else { break };
        gaps += usize::from(is_gap(&record));
        queue.push_back(record);
    }
}

/// A table while it is read, and the rows so far.
struct CsvTable {
    rows: RowSections,
    /// The fields that name the columns; `None` without a header.
    names: Option<CsvRecord>,
    shown: Vec<String>,
    /// The names of the values in metadata; a repeated name has a number.
    keys: Vec<String>,
    /// The first rows of the table.
    above: Vec<CsvRecord>,
    /// For each column, how many of these rows hold a value, and how many are not empty.
    values: Vec<(usize, usize)>,
    width: usize,
    delimiter: u8,
    /// The next this many rows that are not blank are titles of the table; then the header follows, if there is one.
    titles: usize,
    is_named: bool,
    /// True after the first row of full width: rows before it are a title, not damage.
    begun: bool,
    has_rows: bool,
    /// Lines of rows with another number of fields, and the expected number.
    ragged: (Vec<u64>, usize),
}

impl CsvTable {
    fn new(dialect: &CsvDialect) -> Self {
        Self {
            rows: RowSections::default(),
            names: None,
            shown: Vec::new(),
            keys: Vec::new(),
            above: Vec::new(),
            values: Vec::new(),
            width: dialect.width,
            delimiter: dialect.signs.delimiter,
            titles: 0,
            is_named: false,
            begun: false,
            has_rows: false,
            ragged: (Vec::new(), dialect.width),
        }
    }

    /// Forgets the names and rows of the table above.
    fn reset(&mut self) {
        self.names = None;
        self.shown.clear();
        self.keys.clear();
        self.above.clear();
        self.values.clear();
        self.begun = true;
    }

    /// True if a row has as many fields as the table, perhaps with additional empty ones.
    fn fits(&self, record: &CsvRecord) -> bool {
        let found = record.fields.len();
        found == self.width
            || (found > self.width && record.fields.iter().skip(self.width).all(|field| field.trim().is_empty()))
    }

    fn add(&mut self, number: u64, record: CsvRecord) {
        self.has_rows = true;
        if self.titles > 0 {
            self.titles -= 1;
            let text = if is_comment(&record) {
                record.fields.join(char::from(self.delimiter).encode_utf8(&mut [0; 4]))
            } else {
                fact(&record).unwrap_or_else(|| row(&record.fields, &[], &[], false).0)
            };
            return self.rows.add(number, &text, Metadata::new());
        }
        // The header.
        if std::mem::take(&mut self.is_named) {
            self.shown = record.fields.iter().map(|field| one_line(field)).collect();
            self.keys = unique_names(&self.shown);
            self.begun = true;
            self.names = Some(record);
            return;
        }
        // A row of values.
        let fits = self.fits(&record);
        let width_is_known = self.width > 0;
        self.begun |= fits;
        if !fits && width_is_known && self.begun {
            self.ragged.0.push(record.line);
            self.ragged.1 = self.width;
        }
        let (names, keys) = if fits { (&self.shown[..], &self.keys[..]) } else { (&[][..], &[][..]) };
        let (text, metadata) = row(&record.fields, names, keys, fits || !width_is_known);
        let is_fact = self.names.is_none() && record.fields.first().is_some_and(|field| field.trim().ends_with(':'));
        let text = fact(&record).filter(|_| is_fact).unwrap_or(text);
        self.rows.add(number, &text, metadata);
        if self.above.len() < KEPT_ROWS {
            self.values.resize(self.values.len().max(record.fields.len()), (0, 0));
            for ((values, all), field) in self.values.iter_mut().zip(&record.fields) {
                if !field.trim().is_empty() {
                    (*values, *all) = (*values + usize::from(header::is_value(field)), *all + 1);
                }
            }
            self.above.push(record);
        }
    }

    fn finish(mut self) -> Option<Extracted> {
        let (lines, width) = &self.ragged;
        if !lines.is_empty() {
            let lines = list_lines(lines);
            let kept = "kept without the names of their columns";
            self.rows.losses.push(format!("{lines}: not {width} fields as in the other rows; {kept}"));
        }
        self.rows.finish()
    }
}

/// Reads a row above a table with a name and a value, as "Account: 123".
fn fact(record: &CsvRecord) -> Option<String> {
    let cells = cells(record);
    let [(0, name), (1, value)] = &cells[..] else { return None };
    let name = one_line(name);
    Some(format!("{}: {}", name.trim_end_matches(':'), one_line(value)))
}

/// Returns "Name: value; Name: value", and the values by their names; a column without a name is named by its number.
fn row(fields: &[String], names: &[String], keys: &[String], with_metadata: bool) -> (String, Metadata) {
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
        if with_metadata && field.len() <= MAX_VALUE_BYTES {
            let key = keys.get(number).filter(|key| !key.is_empty()).cloned();
            metadata.insert(key.unwrap_or_else(|| format!("column {}", number + 1)), parse_value(field.trim()));
        }
    }
    (text, metadata)
}
