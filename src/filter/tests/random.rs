//! Random expressions and metadata.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::naive::{
    AMBIGUOUS, DAY, FakeDocument, GLOBS, KnownLiteral, MAY, Means, NOW, NaiveTest, PARSED_TEXTS, SECOND, Target, Tree,
    WEEK_AGO, YEAR, quoted,
};

const NAMES: [&str; 14] =
    ["a", "b", "a.b", "日期", "", "with space", "size", "metadata", "x\\y", "not", "k\0", "k\u{2}0", "a`b", "title"];
const TEXTS: [&str; 13] = [
    "",
    "zh",
    "ZH",
    "ｚｈ Ｄｏｃｓ/",
    "Docs zh",
    "true",
    "文档",
    "docs/a/x.md",
    "a.md",
    "docs/x.md",
    "zhen",
    "\u{10ffff}",
    "\u{ffff}",
];

const IDS: [&str; 12] = [
    "a.md",
    "It is here. Is it?",
    "a.b-c-d-e-f-g-h-i-j-k-l-m-n",
    "docs/a.md",
    "docs/a/b.MD",
    "Makefile",
    ".profile",
    "src/lib.rs",
    "文档/笔记.txt",
    "docs/a/",
    "2024",
    "x.",
];

fn numbers() -> Vec<Json> {
    let big = 9_007_199_254_740_993_i64;
    let mut numbers: Vec<Json> =
        vec![json!(u64::MAX), json!(0.5), json!(2.5), json!(2024.0), json!(1e300), json!(-0.0)];
    numbers.extend([0, 1, -1, 2023, 2024, 2025, big, big - 1, i64::MAX, i64::MIN].map(|number| json!(number)));
    numbers
}

fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        1 => Just(Json::Null),
        2 => any::<bool>().prop_map(Json::Bool),
        5 => prop::sample::select(numbers()),
        3 => prop::sample::select(TEXTS.to_vec()).prop_map(|text| json!(text)),
        5 => prop::sample::select(PARSED_TEXTS.to_vec()).prop_map(|(text, ..)| json!(text)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::Array),
            prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), inner, 0..3)
                .prop_map(|members| Json::Object(members.into_iter().map(|(name, v)| (name.to_owned(), v)).collect())),
        ]
    })
}

pub(crate) fn facts() -> impl Strategy<Value = FakeDocument> {
    let times = vec![MAY.0 - 1, MAY.0, MAY.0 + 1, MAY.1 - 1, MAY.1, YEAR.0 - 1, YEAR.0, YEAR.1 - 1, YEAR.1, NOW, 0, -5];
    let sizes = prop::sample::select(vec![0_u64, 299, 300, 1535, 1536, 1537, 9999, 10_000, u64::MAX]);
    (
        prop::sample::select(IDS.to_vec()),
        prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), value(), 0..6),
        prop::option::of((sizes, prop::sample::select(times))),
        prop::sample::select(vec![0_usize, 300, 1536]),
        prop::sample::select(vec![None, Some("zh"), Some("en")]),
    )
        .prop_map(|(id, metadata, file, text_len, language)| {
            let metadata: BTreeMap<String, Json> = metadata.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
            let file = file.map(|(size, modified)| (size.min(i64::MAX as u64), modified));
            FakeDocument { id: id.to_owned(), metadata, file, text_len, language }
        })
}

/// A literal for any metadata field.
fn known() -> impl Strategy<Value = KnownLiteral> {
    let bare = |text: &'static str, means: Json| KnownLiteral::new(text, text, Means::Json(means));
    let date =
        |text: &'static str, date| KnownLiteral { date: Some(date), ..KnownLiteral::new(text, text, Means::Text) };
    let ago = KnownLiteral {
        date: Some((WEEK_AGO, WEEK_AGO + 1)),
        ..KnownLiteral::new("7d-ago", "2024-05-01T00:00:00.000000000Z", Means::Text)
    };
    let mut all = vec![
        KnownLiteral { date: Some(YEAR), ..bare("2024", json!(2024)) },
        date("2024-05", MAY),
        date("2024-05-01", DAY),
        date("01.05.2024", DAY),
        date("2024-05-01T02:00+02:00", (MAY.0, MAY.0 + 60 * SECOND)),
        ago,
        KnownLiteral {
            date: Some((MAY.0 - 23 * 86_400 * SECOND, MAY.0 - 23 * 86_400 * SECOND + 1)),
            ..KnownLiteral::new("1mo-ago", "2024-04-08T00:00:00.000000000Z", Means::Text)
        },
        bare("12.5", json!(12.5)),
        bare("999", json!(999)),
        bare("7", json!(7)),
        bare("2.5", json!(2.5)),
        bare("2024.0", json!(2024.0)),
        bare("-1", json!(-1)),
        bare("0", json!(0)),
        bare("1e300", json!(1e300)),
        bare("9007199254740993", json!(9_007_199_254_740_993_i64)),
        bare("9007199254740992.0", json!(9_007_199_254_740_992.0)),
        bare("9223372036854775807", json!(i64::MAX)),
        bare("-9223372036854775808", json!(i64::MIN)),
        bare("18446744073709551615", json!(u64::MAX as f64)),
        bare("true", json!(true)),
        bare("FALSE", json!(false)),
        KnownLiteral::new("zh", "zh", Means::Text),
        KnownLiteral::new("文档", "文档", Means::Text),
    ];
    all.extend(TEXTS.map(|text| KnownLiteral::new(&quoted(text, '\''), text, Means::Text)));
    // A whole day in quotes is also that day.
    all.extend(PARSED_TEXTS.map(|(text, _, time)| KnownLiteral {
        date: time.filter(|time| time.1 - time.0 <= DAY.1 - DAY.0),
        ..KnownLiteral::new(&quoted(text, '\''), text, Means::Text)
    }));
    prop::sample::select(all)
}

fn known_of(built_in: &'static str) -> BoxedStrategy<KnownLiteral> {
    let bytes = |text: &str, bytes: Json| KnownLiteral::new(text, "", Means::Json(bytes));
    let time = |text: &str, (start, end)| KnownLiteral::new(text, "", Means::Time(start, end));
    match built_in {
        "size" => prop::sample::select(vec![
            bytes("300", json!(300)),
            bytes("'0.3kb'", json!(300)),
            bytes("1.5KiB", json!(1536)),
            bytes("10KB", json!(10_000)),
            bytes("300.5", json!(300.5)),
            bytes("0", json!(0)),
        ])
        .boxed(),
        "modified" => prop::sample::select(vec![
            time("2024-05", MAY),
            time("2024", YEAR),
            time("'2024-04-30'", (MAY.0 - 86_400 * SECOND, MAY.0)),
            time("2024-05-01T08:00+08:00", (MAY.0, MAY.0 + 60 * SECOND)),
            time("7d-ago", (WEEK_AGO, WEEK_AGO + 1)),
            time("1970-01-01T00:00:00", (0, SECOND)),
        ])
        .boxed(),
        "extension" => {
            let folded = |written: &str| KnownLiteral::new(written, "md", Means::Letters);
            prop::sample::select(vec![folded("md"), folded(".MD"), folded("'Md'")]).boxed()
        }
        "path" => prop::sample::select(IDS.to_vec())
            .prop_map(|id| KnownLiteral::new(&quoted(id, '"'), id, Means::Letters))
            .boxed(),
        _ => {
            let folded = |written: &str, text: &str| KnownLiteral::new(written, text, Means::Letters);
            prop::sample::select(vec![folded("zh", "zh"), folded("“EN”", "en"), folded("fr", "fr")]).boxed()
        }
    }
}

fn test_of(known: BoxedStrategy<KnownLiteral>, text: bool) -> BoxedStrategy<NaiveTest> {
    let compare =
        (prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]), known.clone()).prop_map(|(sign, known)| {
            NaiveTest::Compare(if AMBIGUOUS.contains(&known.text.as_str()) { "!=" } else { sign }, known)
        });
    let list = (any::<bool>(), prop::collection::vec(known, 0..4)).prop_map(|(not, known)| NaiveTest::In(not, known));
    let numeric = prop_oneof![5 => compare, 2 => list, 1 => Just(NaiveTest::Exists)].boxed();
    if !text {
        return numeric;
    }
    let prefixes = vec!["", "zh", "docs/", "2024", "文", "\u{10ffff}", "md"];
    let prefix =
        (any::<bool>(), prop::sample::select(prefixes)).prop_map(|(not, text)| NaiveTest::Prefix(not, text.to_owned()));
    let glob = (any::<bool>(), 0..GLOBS.len()).prop_map(|(not, glob)| NaiveTest::Glob(not, glob));
    let parts = vec!["", "zh", "Docs/", "ＤＯＣＳ", "24", "文", ".M", "true", "x.md", " ", "\u{10ffff}"];
    let contains = (any::<bool>(), prop::sample::select(parts)).prop_map(|(not, part)| NaiveTest::Contains(not, part));
    prop_oneof![5 => numeric, 1 => prefix, 1 => glob, 1 => contains].boxed()
}

fn leaf() -> impl Strategy<Value = Tree> {
    let built_in = prop::sample::select(vec!["path", "extension", "language", "lang", "modified", "size"])
        .prop_flat_map(|name| {
            let test = test_of(known_of(name), !matches!(name, "size" | "modified"));
            test.prop_map(move |test| Tree::Leaf(Target::BuiltIn(name), test))
        });
    let path = prop::collection::vec(prop::sample::select(NAMES.to_vec()), 1..3).prop_map(|names| names.join("."));
    let metadata =
        (path, test_of(known().boxed(), true)).prop_map(|(path, test)| Tree::Leaf(Target::Metadata(path), test));
    prop_oneof![1 => built_in, 2 => metadata]
}

pub(crate) fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::And),
            prop::collection::vec(inner, 2..4).prop_map(Tree::Or),
        ]
    })
}
