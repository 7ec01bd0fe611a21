//! Finds the delimiter of delimited text, and its quote and escape characters.

use super::fields::{CsvRecord, CsvRecords, Signs};
use super::header::is_value;

/// In a table, at most one in this many records has another number of fields.
const RECORDS_PER_RAGGED_RECORD: usize = 10;
/// Most title lines above a table.
const MAX_TITLE_LINES: usize = 8;
/// Most comment lines above a table, and most lines with a name and a value, as banks write them.
const MAX_COMMENT_LINES: usize = 150;
const MAX_PAIR_LINES: usize = 40;
/// At most this many tables may follow each other without blank lines, each with its own width and with at least this many rows.
const MAX_OTHER_TABLES: usize = 3;
const MIN_OTHER_TABLE_ROWS: usize = 2;

/// The way a text is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CsvDialect {
    pub(super) signs: Signs,
    /// The number of fields of most records.
    pub(super) width: usize,
    /// True if the first line declares the delimiter, as Excel does: "sep=;".
    pub(super) is_declared: bool,
    /// True if all records are separated by a blank line.
    pub(super) is_spaced: bool,
}

/// Finds how a table is delimited. Returns `None` if the text is not a table. If the text continues after the
/// sample, the sample ends at its first quote that does not close in it.
pub(super) fn dialect(sample: &str, is_cut: bool) -> Option<CsvDialect> {
    if let Some(delimiter) = declared_delimiter(sample) {
        let samples = possible_signs(sample, delimiter)
            .into_iter()
            .filter_map(|signs| DialectSample::read(sample, signs, is_cut, true));
        let DialectSample { signs, width, records, .. } = samples.reduce(DialectSample::better)?;
        return Some(CsvDialect { signs, width, is_declared: true, is_spaced: is_spaced(&records) });
    }
    let mut best: Option<(u64, CsvDialect)> = None;
    for delimiter in [b'\t', b',', b';', b'|'] {
        let samples = possible_signs(sample, delimiter)
            .into_iter()
            .filter_map(|signs| DialectSample::read(sample, signs, is_cut, false));
        let samples =
            samples.filter(|sample| is_table(&sample.records, sample.width, sample.count, sample.clean, delimiter));
        let Some(DialectSample { signs, width, records, score, .. }) = samples.reduce(DialectSample::better) else {
            continue;
        };
        if best.is_none_or(|(other, _)| score > other) {
            best = Some((score, CsvDialect { signs, width, is_declared: false, is_spaced: is_spaced(&records) }));
        }
    }
    best.map(|(_, dialect)| dialect)
}

/// Returns the possible ways to read a text with this delimiter: as most programs write tables, with backslashes as databases
/// write them, with apostrophes as quotes.
fn possible_signs(sample: &str, delimiter: u8) -> Vec<Signs> {
    let usual = Signs::with_delimiter(delimiter);
    let mut readings = vec![usual];
    let has_pair = |first: u8, seconds: &[u8]| {
        sample.as_bytes().windows(2).any(|pair| matches!(pair, [a, b] if *a == first && seconds.contains(b)))
    };
    if has_pair(b'\\', &[b'"', b'\n', b'N', delimiter]) {
        readings.push(Signs { escapes: true, ..usual });
    }
    let apostrophes = !sample.contains('"') && (sample.starts_with('\'') || has_pair(delimiter, b"\'"));
    if apostrophes {
        readings.push(Signs { quote: b'\'', ..usual });
        readings.push(Signs { quote: b'\'', escapes: true, ..usual });
    }
    readings
}

/// A sample that was read in one of these ways.
struct DialectSample {
    signs: Signs,
    records: Vec<CsvRecord>,
    /// The number of fields of most records.
    width: usize,
    /// The number of these records.
    count: usize,
    /// The percentage of their fields that are sound.
    clean: u64,
    /// Higher is better: the share of records of one width, and how sound their fields are; then the number of fields.
    score: u64,
    /// The number of quoted fields.
    quoted: usize,
    /// The number of signs in them that backslashes are escapes, such as a quote after a backslash.
    escaped: usize,
}

impl DialectSample {
    /// Reads a sample in one way, and rates the result. Returns `None` if the records have no common width.
    fn read(sample: &str, signs: Signs, is_cut: bool, is_declared: bool) -> Option<Self> {
        // Reads the records, without the line that declares the delimiter.
        let mut reader = CsvRecords::new(sample, signs, 0);
        let mut records = Vec::new();
        while let Some(record) = reader.next() {
            if is_cut && reader.is_open() {
                break;
            }
            records.push(record);
        }
        if is_declared && !records.is_empty() {
            records.remove(0);
        }
        // Rates the result.
        let (width, count) = usual_width(&records)?;
        let clean = clean(&records, width, signs.delimiter);
        let fit = (count * 100 / records.len().max(1)) as u64;
        let score = fit * clean * clean / 100 * (100 - 100 / width as u64);
        Some(Self { signs, records, width, count, clean, score, quoted: reader.quoted, escaped: reader.escaped })
    }

    /// Returns the better of two. The first reads as most programs write; the second wins only with evidence in the text.
    fn better(self, other: Self) -> Self {
        // Evidence for backslashes as escapes; for apostrophes as quotes: they enclose most texts.
        let texts = other.records.iter().flat_map(|record| &record.fields);
        let texts = texts.filter(|field| !field.trim().is_empty() && field.parse::<f64>().is_err()).count();
        let has_evidence = match (other.signs.escapes, other.signs.quote) {
            (true, b'"') => self.escaped > 0,
            (true, _) => false,
            (false, _) => other.quoted * 2 > texts && !self.signs.escapes,
        };
        if other.score > self.score || (other.score == self.score && has_evidence) { other } else { self }
    }
}

/// Returns the delimiter that the first line declares.
fn declared_delimiter(sample: &str) -> Option<u8> {
    let line = sample.lines().next()?.trim_start_matches('"');
    let rest = line.get(..4).filter(|head| head.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..))?;
    let (sign, after) = rest.as_bytes().split_first()?;
    // Programs add quotes, and a separator for each column.
    let is_whole_line = after.iter().all(|byte| byte == sign || matches!(byte, b'"' | b' ' | b'\r'));
    (matches!(sign, b',' | b';' | b'\t' | b'|') && is_whole_line).then_some(*sign)
}

/// Returns the number of fields of most records, at least two, and the number of these records.
fn usual_width(records: &[CsvRecord]) -> Option<(usize, usize)> {
    let mut widths: Vec<usize> = Vec::new();
    for record in records.iter().filter(|record| !record.is_blank()) {
        let width = record.fields.len();
        if width >= widths.len() {
            widths.resize(width + 1, 0);
        }
        if let Some(count) = widths.get_mut(width) {
            *count += 1;
        }
    }
    widths
        .iter()
        .copied()
        .enumerate()
        .skip(2)
        .max_by_key(|(width, count)| (*count, *width))
        .filter(|(_, count)| *count > 0)
}

/// True if a record is a comment line, or a header that looks like one.
pub(super) fn is_comment(record: &CsvRecord) -> bool {
    record.fields.first().is_some_and(|field| field.starts_with('#'))
}

fn is_spaced(records: &[CsvRecord]) -> bool {
    let blank = records.iter().filter(|record| record.after_blank).count();
    records.len() > 3 && blank * 3 > records.len() * 2
}

/// True if the records are a table.
fn is_table(records: &[CsvRecord], width: usize, count: usize, clean: u64, delimiter: u8) -> bool {
    if count < 2 {
        return false;
    }
    // Titles and comments above the table are ignored, and so are notes below it.
    let title_lines = |records: &[CsvRecord]| {
        let comments = records.iter().take(MAX_COMMENT_LINES).take_while(|record| is_comment(record)).count();
        let titles = records.iter().skip(comments).take(MAX_TITLE_LINES);
        comments + titles.take_while(|record| record.fields.len() == 1 || is_comment(record)).count()
    };
    // Removes titles, comments, notes and pairs; the rest must have one width.
    let titles = title_lines(records);
    let body = records.get(titles..).unwrap_or(&[]);
    let notes = body.iter().rev().take(MAX_TITLE_LINES).take_while(|record| record.fields.len() == 1).count();
    let body = body.get(..body.len().saturating_sub(notes)).unwrap_or(&[]);
    // Words of prose have spaces after commas.
    let has_space_after_comma = |field: &String| {
        delimiter == b',' && field.strip_prefix(' ').is_some_and(|field| !field.trim().is_empty() && !is_value(field))
    };
    let comments = records.iter().take(titles).filter(|record| is_comment(record)).count();
    if titles - comments + notes > 1 && body.iter().any(|record| record.fields.iter().any(has_space_after_comma)) {
        return false;
    }
    let pairs = body.iter().take(MAX_PAIR_LINES + 1).take_while(|record| record.fields.len() < width.min(4)).count();
    let are_pairs = pairs <= MAX_PAIR_LINES && count >= 3;
    let body = body.get(if are_pairs { pairs } else { 0 }..).unwrap_or(&[]);
    // Another table below has its own width and titles: a block between blank lines is counted alone.
    let mut tables = MAX_OTHER_TABLES;
    let others: usize = body
        .chunk_by(|_, next| !next.after_blank && !next.is_blank())
        .map(|block| {
            let block = block.get(title_lines(block)..).unwrap_or(&[]);
            let own = usual_width(block)
                .filter(|(_, count)| *count > 1 && count * 2 > block.len())
                .map_or(width, |(own, _)| own);
            let runs = block.chunk_by(|record, next| record.fields.len() == next.fields.len());
            let odd = runs.filter(|run| {
                let fields = run.first().map_or(0, |record| record.fields.len());
                let is_odd = ![own, width].contains(&fields);
                let prose = run.iter().flat_map(|record| &record.fields).any(has_space_after_comma);
                let is_table = is_odd && fields > 1 && run.len() >= MIN_OTHER_TABLE_ROWS && tables > 0 && !prose;
                tables -= usize::from(is_table);
                is_odd && !is_table
            });
            odd.flatten().filter(|record| !record.is_blank()).count()
        })
        .sum();
    let all = body.len();
    // One line above may have another number of fields.
    if others * RECORDS_PER_RAGGED_RECORD <= all || (others <= 1 && count >= 3) {
        return true;
    }
    // Ragged, but with short fields without signs of another delimiter.
    let is_short = |field: &String| field.len() <= 40 && !has_space_after_comma(field);
    clean >= 75
        && count * 5 >= all * 2
        && body.iter().all(|record| record.fields.len() > 1 && record.fields.iter().all(is_short))
}

/// Returns the percentage of fields without signs of another delimiter and without stray quotes.
fn clean(records: &[CsvRecord], width: usize, delimiter: u8) -> u64 {
    let (mut all, mut sound) = (0_u64, 0_u64);
    for record in records.iter().filter(|record| record.fields.len() == width) {
        for field in &record.fields {
            all += 1;
            sound += u64::from(is_sound(field, delimiter));
        }
    }
    sound * 100 / all.max(1)
}

fn is_sound(field: &str, delimiter: u8) -> bool {
    let bytes = field.as_bytes();
    // Quoted fields may contain anything; their quotes are already removed.
    if field.contains('\n') || field.trim().is_empty() {
        return true;
    }
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        byte if *byte == delimiter => true,
        // A decimal comma, or a comma in a sentence.
        b',' => {
            (digit(at.checked_sub(1)) && digit(Some(at + 1))) || bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace)
        }
        b';' => bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace),
        b'\t' => false,
        b'|' => bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace),
        b'"' => at > 0 && !bytes.get(at - 1).is_some_and(|before| [b';', b'\t', b'|', b','].contains(before)),
        _ => true,
    })
}
