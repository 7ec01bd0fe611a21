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
    let mut records = Records::new(text, dialect.delimiter, dialect.width).skip(usize::from(dialect.names_itself));
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
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn rows(text: &str) -> Vec<(u32, String)> {
        let table = delimited(text).unwrap_or_else(|| panic!("{text:?}"));
        let ends = table.sections.iter().skip(1).map(|section| section.start).chain([table.text.len()]);
        let shown = |(section, end): (&super::super::Section, usize)| {
            (section.place.number, table.text[section.start..end].trim_end().to_owned())
        };
        table.sections.iter().zip(ends).map(shown).collect()
    }

    #[test]
    fn a_section_a_row() {
        let text = "id,名称,note,ok\n1,\"张三, 李四\",\"two\nlines \"\"q\"\"\",true\n\n007,b,,no\n";
        let table = delimited(text).unwrap();
        assert_eq!(table.text, "id: 1; 名称: 张三, 李四; note: two lines \"q\"; ok: true\nid: 007; 名称: b; ok: no");
        assert_eq!(table.sections.iter().map(|s| s.place.number).collect::<Vec<_>>(), [2, 3]);
        let json = serde_json::to_value(&table.sections[0].metadata).unwrap();
        assert_eq!(json, serde_json::json!({"id": 1, "名称": "张三, 李四", "note": "two\nlines \"q\"", "ok": true}));
        assert_eq!(table.sections[1].metadata["id"], "007");
        assert!(table.losses.is_empty());
    }

    #[test]
    fn delimiters_and_headers() {
        assert_eq!(rows("a;b\n1,5;2\n2,5;3\n"), [(2, "a: 1,5; b: 2".to_owned()), (3, "a: 2,5; b: 3".to_owned())]);
        assert_eq!(rows("a\tb\nx, y\tz\n")[0].1, "a: x, y; b: z");
        assert_eq!(rows("a|b\nx|z\n")[0].1, "a: x; b: z");
        // No header: numbers, names that come again.
        assert_eq!(rows("1,x\n2,y\n"), [(1, "1; x".to_owned()), (2, "2; y".to_owned())]);
        assert_eq!(rows("red,x\nred,y\n")[0].1, "red; x");
        assert_eq!(rows("2024-01-02,x\n2024-01-03,y\n")[0].1, "2024-01-02; x");
        // An index without a name; years as names; a title above.
        assert_eq!(rows(",a,2023,2024\n0,x,5,6\n")[0].1, "0; a: x; 2023: 5; 2024: 6");
        assert_eq!(
            rows("Report\na,b\n1,2\n3,4\n"),
            [(1, "Report".to_owned()), (3, "a: 1; b: 2".to_owned()), (4, "a: 3; b: 4".to_owned())]
        );
    }

    fn texts(text: &str) -> Vec<String> {
        rows(text).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_second_table_has_its_own_names_or_none() {
        let first = "port,depth\nOban,4\nLeith,12\n";
        let named = ["port: Oban; depth: 4", "port: Leith; depth: 12"];
        for (second, expected) in [
            ("\nship,draught\nHeron,3\nPlover,2\n", &["ship: Heron; draught: 3", "ship: Plover; draught: 2"][..]),
            (",\nship,draught\nHeron,3\nPlover,2\n", &["ship: Heron; draught: 3", "ship: Plover; draught: 2"]),
            ("\n\nship,draught,owner\nHeron,3,Ann\n", &["ship: Heron; draught: 3; owner: Ann"]),
            ("\nShips\nship,draught\nHeron,3\n", &["Ships", "ship: Heron; draught: 3"]),
            ("\nport,depth\nWick,3\n", &["port: Wick; depth: 3"]),
            ("\nWick,7\nThurso,8\n", &["port: Wick; depth: 7", "port: Thurso; depth: 8"]),
            ("\nTotal,16\n", &["port: Total; depth: 16"]),
            ("\nMeasured in May\n", &["Measured in May"]),
            ("\nship,captain\nHeron,Bo\nPlover,Cy\n", &["ship: Heron; captain: Bo", "ship: Plover; captain: Cy"]),
            ("\n3,Heron\n2,Plover\n", &["3; Heron", "2; Plover"]),
        ] {
            for (text, end) in
                [(format!("{first}{second}"), "\n"), (format!("{first}{second}").replace('\n', "\r\n"), "\r\n")]
            {
                let expected: Vec<&str> = named.iter().chain(expected).copied().collect();
                assert_eq!(texts(&text), expected, "{second:?} {end:?}");
                assert_eq!(delimited(&text).unwrap().losses, [""; 0], "{second:?}");
            }
        }
        let found = delimited(&format!("{first}\nship,draught\nHeron,3\n")).unwrap();
        let last = found.sections.last().unwrap();
        assert_eq!(serde_json::to_value(&last.metadata).unwrap(), serde_json::json!({"ship": "Heron", "draught": 3}));
        assert_eq!(last.place.number, 5);
    }

    #[test]
    fn dialects() {
        for (text, expected) in [
            (
                "sep=;\nPlant;Soil\nSea holly;sand\nMarram;dune\n",
                &["Plant: Sea holly; Soil: sand", "Plant: Marram; Soil: dune"][..],
            ),
            ("\"sep=,\"\r\na,b\r\n1,2\r\n", &["a: 1; b: 2"]),
            ("SEP=\t\na\tb\n1;2\t3\n", &["a: 1;2; b: 3"]),
            ("sep=|,\na,b\n1,2\n", &["sep=|", "a: 1; b: 2"]),
            (
                "Ort;Preis;Menge\nHusum;1,25;3,5\nEmden;2,75;4,0\n",
                &["Ort: Husum; Preis: 1,25; Menge: 3,5", "Ort: Emden; Preis: 2,75; Menge: 4,0"],
            ),
            (
                "Name (Vor-, Nachname);Rolle (z.B. Koch, Kellner)\nAda Bern;Koch\n",
                &["Name (Vor-, Nachname): Ada Bern; Rolle (z.B. Koch, Kellner): Koch"],
            ),
            (
                "id;note;price\n1;\"a, b, c\nd, e, f\ng, h, i\";3,5\n2;\"j, k\nm, n\";4,5\n",
                &["id: 1; note: a, b, c d, e, f g, h, i; price: 3,5", "id: 2; note: j, k m, n; price: 4,5"],
            ),
            ("id,note\n1,\"a; b; c\"\n2,\"d; e; f\"\n", &["id: 1; note: a; b; c", "id: 2; note: d; e; f"]),
            (
                "April 15, 2023;402;25.00;Ray;\nApril 14, 2023;444;25.00;Scott;\nApril 9, 2023;678;25.00;\n",
                &["April 15, 2023; 402; 25.00; Ray", "April 14, 2023; 444; 25.00; Scott", "April 9, 2023; 678; 25.00"],
            ),
            (
                "# made by x\n# on 2024-01-02, at noon\n\nname,size\nbolt,5\nnut,3\n",
                &["# made by x", "# on 2024-01-02; at noon", "name: bolt; size: 5", "name: nut; size: 3"],
            ),
            ("#name,size\nbolt,5\nnut,3\n", &["#name: bolt; size: 5", "#name: nut; size: 3"]),
            (
                "Export\nfrom the store\nof May\nname,size\nbolt,5\nnut,3\n",
                &["Export", "from the store", "of May", "name: bolt; size: 5", "name: nut; size: 3"],
            ),
            ("a,b\n\nx,1\n\ny,2\n\nz,3\n\n", &["a: x; b: 1", "a: y; b: 2", "a: z; b: 3"]),
            ("a,b,c\n1,2\n3,4,5,6\n7,8,9\n", &["1; 2", "3; 4; 5; 6", "a: 7; b: 8; c: 9"]),
            ("a|b\nx, y|1\nz, w|2\n", &["a: x, y; b: 1", "a: z, w; b: 2"]),
            ("k,v\n1,\n2,x,\n", &["k: 1", "k: 2; v: x"]),
            (
                "species\tplace\nPuffin\tcliffs, turf\nAuk\tcliffs, ledges\n",
                &["species: Puffin; place: cliffs, turf", "species: Auk; place: cliffs, ledges"],
            ),
        ] {
            assert_eq!(texts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_as_they_are_written() {
        let found = delimited("Ware;Preis\nTisch;1.185,55\nStuhl;185,50\n").unwrap();
        assert!(found.text.starts_with("Ware: Tisch; Preis: 1.185,55\n"), "{}", found.text);
        assert_eq!(found.sections[0].metadata["Preis"], 1185.55);
        assert_eq!(found.sections[1].metadata["Preis"], "185,50");
    }

    #[test]
    fn many_blank_lines_take_linear_time() {
        let begun = std::time::Instant::now();
        for text in ["a,b\nc,1\n\n".repeat(100_000), "a,b\nc,d\ne,1\n,\n".repeat(60_000), ",\n".repeat(300_000)] {
            let _ = delimited(&text);
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn rows_without_number_are_taken_together() {
        let text: String = (0..70_000).map(|row| format!("{row},x\n")).collect();
        let table = delimited(&format!("a,b\n{text}")).unwrap();
        assert_eq!(table.sections.len(), 35_000);
        assert!(table.losses[0].starts_with("70000 rows are too many"), "{:?}", table.losses);
        assert!(table.text.starts_with("a: 0; b: x\na: 1; b: x\n") && table.text.ends_with("a: 69999; b: x"));
        let section = &table.sections[1];
        assert_eq!((section.place.number, &table.text[section.start..][..4]), (4, "a: 2"));
        assert_eq!(serde_json::to_value(&section.metadata).unwrap(), serde_json::json!({"b": "x"}));
    }

    #[test]
    fn malformed_rows_are_kept_and_named() {
        let mut text = "a,b,c\n".to_owned();
        for row in 0..30 {
            text += if row == 4 { "1,2\n" } else { "1,2,3\n" };
        }
        let table = delimited(&text).unwrap();
        assert_eq!(table.sections.len(), 30);
        assert_eq!(
            table.losses,
            ["line 6: not 3 fields as in the other rows; kept without the names of their columns"]
        );
        assert!(table.text.contains("\n1; 2\n"));
        let windows = delimited(&text.replace('\n', "\r\n")).unwrap();
        assert_eq!((&windows.losses, &windows.text), (&table.losses, &table.text));
        // A quote that does not close takes its own row alone.
        let text = text.replace("1,2\n1", "1,\"2\n1");
        let table = delimited(&text).unwrap();
        assert_eq!((table.sections.len(), table.losses.len()), (30, 1));
        let open = format!("a,b\n{}", "1,\"2\n".repeat(2000));
        assert_eq!(delimited(&open).unwrap().text.matches('2').count(), 2000, "a quote may close another");
    }

    #[test]
    fn what_is_no_table() {
        for text in [
            "",
            "a\nb\nc\n",
            "Dear Sir, I write\nto you, today, about\nthe matter\nof commas, semicolons; and\nso on, and on, and on\nand on\n",
            "a,b,c\n",
        ] {
            assert_eq!(delimited(text), None, "{text:?}");
        }
    }

    fn fragments() -> impl proptest::strategy::Strategy<Value = String> {
        let part =
            proptest::sample::select(&["a", "b,", "\"", ",", ";", "\t", "\n", "\r\n", "1", "中", "\"\"", " ", "|"][..]);
        proptest::strategy::Strategy::prop_map(proptest::collection::vec(part, 0..80), |parts| parts.concat())
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn rows_of_any_text(text in fragments()) {
            for (delimiter, width) in [(b',', 0), (b',', 2), (b';', 3), (b'\t', 2)] {
                let count = |text: &str| text.matches(['中', 'a', 'b', '1']).count();
                let fields = Records::new(&text, delimiter, width).flat_map(|record| record.fields);
                assert_eq!(fields.map(|field| count(&field)).sum::<usize>(), count(&text), "{delimiter} {width}");
            }
            if let Some(table) = delimited(&text) {
                assert_eq!(table.sections[0].start, 0);
                assert!(table.sections.is_sorted_by(|a, b| a.start < b.start && a.place.number < b.place.number));
                assert!(table.sections.iter().all(|section| table.text.is_char_boundary(section.start)));
            }
        }
    }
}
