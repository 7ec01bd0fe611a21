//! Filters over columns: compares them with the plain evaluator and a naive one, and measures their time.

use std::time::Instant;

use proptest::prelude::*;
use serde_json::json;
use tantivy::directory::RamDirectory;
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::schema::{JsonObjectOptions, Schema};
use tantivy::{Index, IndexSettings, ReloadPolicy, Searcher, TantivyDocument};

use crate::document::{DocumentId, Metadata};
use crate::filter::tests::naive::{FakeDocument, NOW};
use crate::filter::tests::random::{facts, tree};
use crate::filter::{FieldValue, Fields, Filter};
use crate::lexical::filter::rows;

/// One segment of documents with these values, in their order.
fn segment(documents: &[Fields]) -> Searcher {
    let mut builder = Schema::builder();
    let fields = builder.add_json_field("fields", JsonObjectOptions::default().set_fast("raw"));
    let builder = Index::builder().schema(builder.build()).settings(IndexSettings::default());
    let mut writer: SingleSegmentIndexWriter =
        builder.single_segment_index_writer(RamDirectory::default(), 50_000_000).unwrap();
    for values in documents {
        let mut document = TantivyDocument::new();
        document.add_object(fields, values.to_object());
        writer.add_document(document).unwrap();
    }
    let index = writer.finalize().unwrap();
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().unwrap().searcher()
}

fn matching(searcher: &Searcher, filter: &Filter) -> Vec<u32> {
    let [reader] = searcher.segment_readers() else { panic!("one segment") };
    let found = rows(reader, filter).unwrap();
    let list: Vec<u32> = found.iter().collect();
    assert_eq!(list.len(), found.count() as usize);
    assert!((0..reader.max_doc() + 70).all(|document| found.contains(document) == list.contains(&document)));
    list
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn filters_agree_with_both_evaluators(
        documents in prop::collection::vec(facts(), 1..90),
        trees in prop::collection::vec(tree(), 20),
    ) {
        let fields: Vec<Fields> = documents.iter().map(FakeDocument::fields).collect();
        let searcher = segment(&fields);
        for tree in trees {
            let text = tree.text();
            let filter = Filter::parse_at(&text, NOW).unwrap();
            let naive: Vec<u32> = (0..).zip(&documents).filter(|(_, facts)| tree.holds(facts)).map(|(i, _)| i).collect();
            let plain: Vec<u32> = (0..).zip(&fields).filter(|(_, fields)| filter.matches(fields)).map(|(i, _)| i).collect();
            prop_assert_eq!(&plain, &naive, "plain: {}", text);
            prop_assert_eq!(&matching(&searcher, &filter), &naive, "columns: {}", text);
        }
    }
}

/// A glob may match paths that do not begin like the glob: names at any depth, paths from the top, paths outside the folder.
#[test]
fn glob_reads_all_paths_that_it_may_match() {
    let ids = [
        "README.md",
        "docs/README.md",
        "docs/zh/a.md",
        "src/main.rs",
        "/abs/src/main.rs",
        "-x/a.md",
        "notes/docs/b.md",
    ];
    let facts = |id: &&str| FakeDocument {
        id: (*id).into(),
        metadata: Metadata::new(),
        file: None,
        text_len: 1,
        language: None,
    };
    let fields: Vec<Fields> = ids.iter().map(|id| facts(id).fields()).collect();
    let searcher = segment(&fields);
    for (glob, wanted) in [
        ("README*", &[0, 1][..]),
        ("main.rs", &[3, 4]),
        ("docs", &[1, 2, 6]),
        ("docs/", &[1, 2, 6]),
        ("/docs/", &[1, 2]),
        ("/src/*.rs", &[3]),
        ("src/*.rs", &[3]),
        ("./README.md", &[0]),
        ("abs/**", &[4]),
        ("/abs/**", &[4]),
        ("-x/*", &[5]),
    ] {
        let filter = Filter::field("path").glob(glob);
        let plain: Vec<u32> = (0..).zip(&fields).filter(|(_, of)| filter.matches(of)).map(|(row, _)| row).collect();
        assert_eq!(plain, wanted, "plain: {glob}");
        assert_eq!(matching(&searcher, &filter), wanted, "columns: {glob}");
    }
}

/// Returns a large collection: as many paths as documents, some passages each.
fn large(rows: usize) -> Vec<Fields> {
    (0..rows)
        .map(|row| {
            let document = row / 5;
            let text = |text: String| FieldValue::Text(text);
            let mut values = vec![
                (
                    "path".to_owned(),
                    text(format!(
                        "docs/part-{}/note-{document:05}.{}",
                        document % 37,
                        ["md", "txt", "rs"][document % 3]
                    )),
                ),
                ("extension".to_owned(), text(["md", "txt", "rs"][document % 3].to_owned())),
                ("language".to_owned(), text(if document % 2 == 0 { "zh" } else { "en" }.to_owned())),
                ("size".to_owned(), FieldValue::Integer((document * 7919 % 100_000) as i64)),
                (
                    "modified".to_owned(),
                    FieldValue::Integer(1_700_000_000_000_000_000 + document as i64 * 100_000_003_000_000),
                ),
                ("metadata.year".to_owned(), FieldValue::Integer(2000 + (document % 25) as i64)),
                ("metadata.rating".to_owned(), FieldValue::Float((document % 50) as f64 / 10.0)),
            ];
            if document % 4 == 0 {
                values.extend(
                    (0..document % 3)
                        .map(|i| ("metadata.tags".to_owned(), text(format!("tag{}", (document + i) % 100)))),
                );
            }
            Fields(values)
        })
        .collect()
}

const LARGE: [&str; 12] = [
    "lang = zh and size < 10KB and year >= 2020",
    "lang = zh and (size < 10KB or not path prefix docs/part-3)",
    "path glob 'docs/part-1/**' and extension = md and modified > 2024-01",
    "path glob '**/*.md' and lang = zh and year = 2024",
    "path glob '**/note-*7.rs' or tags in (tag1, tag5, tag99) or rating > 4.5",
    "tags != tag1 and exists(rating) and size >= 50KB",
    "path = docs/part-0/note-00000.md or path = docs/part-1/note-00001.txt or path > docs/part-9/note-19989.md",
    "year in (2001, 2003, 2005) and rating >= 2.5 and lang != en",
    "size < 1000.5 and path <= docs/part-2 and tags exists",
    "year = 2024",
    "path glob '**/*.md'",
    "tags prefix tag1",
];

#[test]
fn filters_of_many_documents_agree_with_the_plain_evaluator() {
    let fields = large(12_000);
    let searcher = segment(&fields);
    for text in LARGE {
        let filter = Filter::parse(text).unwrap();
        let plain: Vec<u32> = (0..).zip(&fields).filter(|(_, fields)| filter.matches(fields)).map(|(i, _)| i).collect();
        assert!(!plain.is_empty() && plain.len() < fields.len(), "{text}: {}", plain.len());
        let [reader] = searcher.segment_readers() else { panic!("one segment") };
        assert_eq!(rows(reader, &filter).unwrap().iter().collect::<Vec<_>>(), plain, "{text}");
    }
}

/// Long names, long texts and names of punctuation are kept complete and distinct, up to the documented limits.
#[test]
fn odd_names_and_long_texts_are_columns() {
    let long = "长".repeat(9_990);
    let names = [".", "a\u{1}b", "\\.", " ", "\0", "\u{2}0", "\"`'", "", "fields", "float.x", long.as_str()];
    let text = "文".repeat(30_000);
    let of = |name: &str, value: serde_json::Value| {
        let id = DocumentId::new("a").unwrap();
        Fields::of(&id, &Metadata::from([(name.to_owned(), value)]), None, 0, None)
    };
    let mut fields: Vec<Fields> = names.iter().map(|name| of(name, json!([text, 0.5]))).collect();
    fields.push(of("x", json!(0.5)));
    fields.push(of(&"x".repeat(70_000), json!(true)));
    let searcher = segment(&fields);
    for (row, name) in (0..).zip(names.iter().copied().chain(["x"])) {
        let field = || Filter::field(&format!("metadata.{name}"));
        // The name `.` is that of a value with an empty name in an object with an empty name.
        let existing = if name.is_empty() { vec![0, row] } else { vec![row] };
        assert_eq!(matching(&searcher, &field().exists()), existing, "{name:.20}");
        assert_eq!(matching(&searcher, &field().lt(1)), [row], "{name:.20}");
        let whole = field().eq(&text[..60_000]);
        assert_eq!(matching(&searcher, &whole), if name == "x" { vec![] } else { vec![row] }, "{name:.20}");
        assert!((0..).zip(&fields).all(|(i, fields)| whole.matches(fields) == (i == row && name != "x")));
    }
    assert!(matching(&searcher, &Filter::field(&"x".repeat(70_000)).exists()).is_empty());
}

/// `cargo test --release -p nigh --lib lexical::tests::filter::filter_times -- --ignored --nocapture`
#[test]
#[ignore = "prints figures, for a quiet machine"]
#[expect(clippy::print_stderr, reason = "prints measurements")]
fn filter_times() {
    let searcher = segment(&large(100_000));
    let [reader] = searcher.segment_readers() else { panic!("one segment") };
    for text in LARGE {
        let filter = Filter::parse(text).unwrap();
        let count = rows(reader, &filter).unwrap().count();
        let mut times: Vec<f64> = (0..21)
            .map(|_| {
                let start = Instant::now();
                let found = rows(reader, &filter).unwrap();
                let took = start.elapsed().as_secs_f64() * 1e3;
                assert_eq!(found.count(), count);
                took
            })
            .collect();
        times.sort_by(f64::total_cmp);
        eprintln!("{:7.3} ms (worst {:7.3})  {count:6} rows  {text}", times[10], times[20]);
    }
}
