//! Tables of delimited text (CSV, TSV): the delimiter, the header, a section a row.

use serde_json::Value;

use super::Extracted;
use super::fields::{Record, Records};
use super::rows::{Rows, VALUE_MAX, lines_named, one_line, typed};
use crate::types::Metadata;

/// The delimiter and the header are told from this many first bytes.
const SAMPLE: usize = 64 << 10;
/// Of the records of a table at most one in so many has another number of fields.
const RAGGED: usize = 10;
/// A header comes after at most so many records (a title, a date).
const PREAMBLE: usize = 5;

/// A table's rows; none when it is no table: prose with commas, a list of one column.
pub(super) fn delimited(text: &str) -> Option<Extracted> {
    let cut = text.floor_char_boundary(SAMPLE);
    let sample = if cut < text.len() { text[..cut].rsplit_once('\n').map_or("", |(lines, _)| lines) } else { text };
    let (delimiter, width) = delimiter(sample)?;
    let records: Vec<Record> = Records::new(sample, delimiter, width).collect();
    let header = header(&records, width);
    let names: Vec<String> = match header.and_then(|at| records.get(at)) {
        Some(record) => record.fields.iter().map(|field| one_line(field)).collect(),
        None => Vec::new(),
    };
    let mut rows = Rows::default();
    let mut ragged = Vec::new();
    let mut begun = false;
    for (at, record) in Records::new(text, delimiter, width).enumerate() {
        if header == Some(at) {
            continue;
        }
        let preamble = header.is_some_and(|header| at < header);
        let fits = record.fields.len() == width && !preamble;
        // What stands before the first row is a title, no damage.
        begun |= record.fields.len() == width;
        if !fits && !preamble && begun {
            ragged.push(record.line);
        }
        let (text, metadata) = row(&record.fields, if fits { &names } else { &[] }, fits);
        rows.add(at as u64 + 1, &text, metadata);
    }
    if !ragged.is_empty() {
        let lines = lines_named(&ragged);
        let kept = "kept without the names of their columns";
        rows.losses.push(format!("{lines}: not {width} fields as in the other rows; {kept}"));
    }
    rows.finish()
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

/// The delimiter that gives records of one width, two fields at least, and that width.
fn delimiter(sample: &str) -> Option<(u8, usize)> {
    let mut best: Option<(u8, usize, usize)> = None;
    for delimiter in [b'\t', b',', b';', b'|'] {
        let mut widths: Vec<usize> = Vec::new();
        let mut all = 0;
        for record in Records::new(sample, delimiter, 0) {
            all += 1;
            let width = record.fields.len();
            if width >= widths.len() {
                widths.resize(width + 1, 0);
            }
            if let Some(count) = widths.get_mut(width) {
                *count += 1;
            }
        }
        let Some((width, count)) =
            widths.iter().copied().enumerate().skip(2).max_by_key(|(width, count)| (*count, *width))
        else {
            continue;
        };
        // A title above the table does not count against it.
        let others = all - count;
        let table = count >= 2 && (others * RAGGED <= all || (others <= 1 && count >= 3));
        if table && best.is_none_or(|(_, fields, rows)| (count, width) > (rows, fields)) {
            best = Some((delimiter, width, count));
        }
    }
    best.map(|(delimiter, width, _)| (delimiter, width))
}

/// Which record names the columns: the first of full width, when its fields are names, all different, and do not come
/// again as values.
fn header(records: &[Record], width: usize) -> Option<usize> {
    let filled = |record: &Record| record.fields.iter().filter(|field| !field.trim().is_empty()).count();
    // One column may have no name: an index.
    let at =
        records.iter().take(PREAMBLE + 1).position(|r| r.fields.len() == width && filled(r) + 1 >= width.max(2))?;
    let record = records.get(at)?;
    let names: Vec<&str> = record.fields.iter().map(|field| field.trim()).filter(|field| !field.is_empty()).collect();
    let year = |name: &&str| name.len() == 4 && matches!(typed(name), Value::Number(_)) && name.starts_with(['1', '2']);
    // Years name columns where there are several.
    let years = names.iter().filter(|name| year(name)).count();
    let is_name = |name: &&str| {
        let text = matches!(typed(name), Value::String(_)) && name.len() <= 200 && !is_measure(name);
        text || (year(name) && years >= 2 && years < names.len())
    };
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let again = records.iter().skip(at + 1).any(|other| {
        other.fields.len() == width
            && other.fields.iter().zip(&record.fields).any(|(value, name)| !value.trim().is_empty() && value == name)
    });
    (!names.is_empty() && names.iter().all(is_name) && sorted.len() == names.len() && !again).then_some(at)
}

/// Dates, times, amounts, telephone numbers: mostly digits.
fn is_measure(field: &str) -> bool {
    let digits = field.bytes().filter(u8::is_ascii_digit).count();
    field.is_ascii() && digits > 0 && digits * 2 >= field.bytes().filter(|b| !b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn rows(text: &str) -> Vec<(u32, String)> {
        let table = delimited(text).unwrap();
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
