//! The values of columns that filters read.

use std::sync::Arc;

use tantivy::columnar::DynamicColumn;

use super::world::{lexicon_bytes, merged_bytes};
use crate::filter::FieldValue;
use crate::kernel::SharedBytes;
use crate::lexical::fields::column_name;
use crate::lexical::{Fields, LexicalPart, Lexicon, Passage};

const PATHS: [&str; 6] = ["lang", "a.b", "a", "back\\slash", "with space", "日期"];

fn value(path: &str, row: usize) -> FieldValue {
    match path {
        "lang" => FieldValue::Text(if row.is_multiple_of(2) { "zh" } else { "en" }.to_owned()),
        "a.b" => FieldValue::Integer(row as i64 - 3),
        "a" => FieldValue::Float(row as f64 / 2.0 + 0.25),
        "back\\slash" => FieldValue::Bool(row.is_multiple_of(3)),
        _ => FieldValue::Text(format!("2024-05-0{}T00:00:00Z", row % 9)),
    }
}

/// Returns all values of a path in a row.
fn values(lexicon: &Lexicon, path: &str, row: u32) -> Vec<FieldValue> {
    let (reader, rows) = lexicon.columns(0).unwrap();
    let document = rows.document(row).unwrap();
    let mut found = Vec::new();
    let columns = [false, true].map(|fractions| column_name(path, fractions));
    for handle in columns.iter().flat_map(|name| reader.fast_fields().dynamic_column_handles(name).unwrap()) {
        match handle.open().unwrap() {
            DynamicColumn::Str(column) => found.extend(column.term_ords(document).map(|ord| {
                let mut text = String::new();
                column.ord_to_str(ord, &mut text).unwrap();
                FieldValue::Text(text)
            })),
            DynamicColumn::I64(column) => found.extend(column.values_for_doc(document).map(FieldValue::Integer)),
            DynamicColumn::F64(column) => found.extend(column.values_for_doc(document).map(FieldValue::Float)),
            DynamicColumn::Bool(column) => found.extend(column.values_for_doc(document).map(FieldValue::Bool)),
            other => panic!("{path} is a column of {other:?}"),
        }
    }
    found
}

#[test]
fn values_are_read_by_their_path() {
    let fields: Vec<Fields> = (0..10)
        .map(|row| {
            let mut values: Vec<_> = PATHS.iter().map(|path| ((*path).to_owned(), value(path, row))).collect();
            if row == 4 {
                values = vec![("tags".to_owned(), FieldValue::Text("x".to_owned()))];
                values.push(("tags".to_owned(), FieldValue::Text("y".to_owned())));
            }
            Fields(values)
        })
        .collect();
    let passages =
        fields.iter().map(|fields| Passage { text: "word", id: "", title: "", names: &[], headings: &[], fields });
    let built: Arc<SharedBytes> = Arc::new(SharedBytes::from(lexicon_bytes(passages)));
    let lexicon = Lexicon::open(vec![Arc::clone(&built) as _]).unwrap();
    let check = |lexicon: &Lexicon, row: usize, row_in_lexicon: u32| {
        for path in PATHS {
            let wanted = if row == 4 { vec![] } else { vec![value(path, row)] };
            assert_eq!(values(lexicon, path, row_in_lexicon), wanted, "{path} of row {row}");
        }
        assert_eq!(values(lexicon, "tags", row_in_lexicon).len(), if row == 4 { 2 } else { 0 });
        assert!(values(lexicon, "b", row_in_lexicon).is_empty() && values(lexicon, "a.c", row_in_lexicon).is_empty());
    };
    (0..10).for_each(|row| check(&lexicon, row, row as u32));
    // The same after a merge that drops the odd rows and reverses the others.
    let rows = (0..10_u32).map(|row| row.is_multiple_of(2).then_some(4 - row / 2)).collect();
    let merged = merged_bytes(vec![LexicalPart { source: built, rows }]).unwrap();
    let lexicon = Lexicon::open(vec![Arc::new(SharedBytes::from(merged))]).unwrap();
    (0..5_usize).for_each(|row_in_lexicon| check(&lexicon, (4 - row_in_lexicon) * 2, row_in_lexicon as u32));
}
