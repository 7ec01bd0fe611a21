//! The records of delimited text, also of one whose quotes are damaged.

use csv::{ByteRecord, ReaderBuilder};

/// After so many quotes that do not close, quotes are letters.
const OPEN_QUOTES: usize = 3;

/// One record.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) fields: Vec<String>,
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// Whether blank lines stand before it.
    pub(super) after_blank: bool,
}

impl Record {
    /// Whether nothing is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }
}

/// The records of a text. A quote that does not close is a letter.
pub(super) struct Records<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    delimiter: u8,
    /// The number of fields of a whole record; 0: not known.
    width: usize,
    /// Where the reader's text begins, in bytes and lines.
    start: usize,
    lines_before: u64,
    open_quotes: usize,
    record: ByteRecord,
}

fn reader(text: &str, delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).quoting(quoting);
    builder.from_reader(text.as_bytes())
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str, delimiter: u8, width: usize) -> Self {
        let reader = reader(text, delimiter, true);
        Self { text, reader, delimiter, width, start: 0, lines_before: 0, open_quotes: 0, record: ByteRecord::new() }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
            return None;
        }
        let fields =
            |record: &ByteRecord| record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        let position = self.record.position()?;
        // The reader counts line ends that it passes over before a record to the record.
        let at = self.start + usize::try_from(position.byte()).ok()?;
        let before = self.text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        let from = at + before;
        let ends = self.text.get(at..from).map_or(0, |passed| passed.matches('\n').count());
        let line = self.lines_before + position.line() + ends as u64;
        // The second half of CR LF is passed over, too.
        let half = self.text.get(..at).is_some_and(|before| before.ends_with('\r'))
            && self.text.get(at..).is_some_and(|rest| rest.starts_with('\n'));
        let after_blank = at > 0 && before > usize::from(half);
        // A record over lines up to the end that has not the fields it should: its quote does not close.
        let to = self.reader.position();
        let whole = self.start as u64 + to.byte() >= self.text.len() as u64;
        let torn = whole && self.lines_before + to.line() > line + 1 && self.record.len() != self.width;
        if torn && let Some(rest) = self.text.get(from..) {
            self.open_quotes += 1;
            let quoted_after = self.open_quotes < OPEN_QUOTES;
            let first = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let mut single = reader(if quoted_after { &rest[..first] } else { rest }, self.delimiter, false);
            if !single.read_byte_record(&mut self.record).unwrap_or(false) {
                return None;
            }
            self.lines_before = if quoted_after { line } else { line - 1 };
            if quoted_after {
                self.start = from + first;
                self.reader = reader(&rest[first..], self.delimiter, true);
            } else {
                self.start = from;
                self.reader = single;
            }
        }
        Some(Record { fields: fields(&self.record), line, after_blank })
    }
}
