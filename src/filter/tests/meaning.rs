//! The rules in the module's documentation, one by one, and the builder.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::naive::{FakeDocument, NOW};
use crate::filter::{Filter, FilterValue, PathTest, time};

pub(super) fn note() -> FakeDocument {
    let metadata = json!({
        "year": 2024, "text_year": "2024", "rating": 4.5, "draft": false, "tags": ["甲", "乙"], "nothing": null, "none": [],
        "author": {"name": "张三", "mails": [{"host": "a.org"}, {"host": "b.org"}]}, "size": "huge", "title": "Deep Work",
        "big": 9_007_199_254_740_993_i64, "date": "2024-05-01"
    });
    let metadata = metadata.as_object().unwrap().clone().into_iter().collect();
    // 2024-05-07T12:00:00Z
    let modified = NOW - 12 * 3600 * 1_000_000_000;
    FakeDocument {
        id: "docs/zh/Note.MD".into(),
        metadata,
        file: Some((10_240, modified)),
        text_len: 7,
        language: Some("zh"),
    }
}

#[test]
fn documented_rules_hold() {
    let fields = note().fields();
    let holds = |text: &str| Filter::parse_at(text, NOW).unwrap().matches(&fields);
    for text in [
        "path = docs/zh/Note.MD",
        "extension = md and extension = '.MD' and EXTENSION != md",
        "lang = ZH and language in (en, zh)",
        "size = 10KiB and size > 10KB and size < 10.5KiB and metadata.size = huge",
        "year = 2024 and year != '2024' and text_year = 2024 and text_year = '2024' and year < 2024.5",
        "date >= 2024 and date < 2024-06 and date prefix 2024-05",
        "draft = false and draft = FALSE and not draft = 'false' and not draft < true and draft != 0",
        "tags = 甲 and tags = 乙 and tags != 丙 and not tags != 甲 and tags > 一",
        "author.name = 张三 and author.mails.host = b.org and exists(author) and author.mails exists and author.name exists and not exists(auth) and author != x",
        "nothing not exists and none not exists and nothing != x and nothing not in (x) and not nothing < 1",
        "missing != 1 and not missing = 1 and not missing >= 1 and missing not prefix '' and missing not glob '*'",
        "big = 9007199254740993 and big != 9007199254740992 and big = 9007199254740992.0",
        "modified = 2024-05-07 and modified = 2024-05 and modified >= 2024-05 and not modified > 2024-05 and modified < 2024-06",
        "modified > 1d-ago and modified = 12h-ago and modified < 719min-ago and modified > 1w-ago",
        "modified = 2024-05-07T20:00+08:00 and modified = 2024-05-07T12:00:00.000Z and modified != 2024-05-07T12:01",
        "path glob '**/*.MD' and path not glob '/*.MD' and path not glob '**/*.md' and path glob 'docs/{zh,en}/**'",
        "path glob '*.MD' and path glob 'Note*' and path glob 'Note.MD' and path not glob 'ote.MD' and path glob '{*.txt,*.MD}'",
        "path glob zh and path glob 'd?cs' and path glob zh/ and path glob docs/ and path not glob Note.MD/ and path glob docs/zh/",
        "path glob ./docs/zh/*.MD and path glob /docs/ and path not glob /zh/ and path not glob 'docs/*' and path glob '**'",
        "title glob 'Deep*' and title not glob Deep",
        "title contains WORK and title not contains works and path CONTAINS ＮＯＴＥ and path contains '' and missing not contains ''",
        "path ^= docs/ and path not prefix ocs",
        "title = 'Deep Work' and title != 'deep work' and metadata.title prefix Deep",
        "（lang ＝ “zh” and tags in （甲，“丙”）） AND ！（size ＜ 3）",
        "not not lang = zh && (lang == en || lang = zh) and !(lang = en | lang = fr)",
        "a = 1 and lang = en or lang = zh",
        "lang in (zh) and not lang in ()",
        r#"`author.name` = "\张三" and title = 'Deep\ Work'"#,
    ] {
        assert!(holds(text), "{text}");
        assert!(!holds(&format!("not ({text})")), "{text}");
    }
}

/// File names in the form of macOS, patterns in the form of keyboards, and the other way round.
#[test]
fn composed_and_decomposed_text_is_equal() {
    let decomposed = "notes/cafe\u{301}.md";
    let facts = |id: &str, name: &str, value: &str| {
        let metadata = std::iter::once((name.to_owned(), json!(value))).collect();
        FakeDocument { id: id.into(), metadata, file: None, text_len: 1, language: None }.fields()
    };
    let written = [
        facts(decomposed, "re\u{301}gion", "Ko\u{308}ln"),
        facts("notes/café.md", "région", "Köln"),
        facts("notes/café.md", "région", "Ko\u{308}ln"),
    ];
    for text in [
        "path = notes/café.md",
        "path = 'notes/cafe\u{301}.md'",
        "path glob '**/c?f*.md' and path glob '**/*é.md' and path ^= notes/café",
        "path in (x, notes/café.md) and path >= notes/café.md",
        "région = Köln and `re\u{301}gion` = 'Ko\u{308}ln' and région glob 'K*ln'",
    ] {
        let filter = Filter::parse_at(text, NOW).unwrap();
        assert!(written.iter().all(|fields| filter.matches(fields)), "{text}");
        assert_eq!(Filter::parse_at(&filter.to_string(), NOW).unwrap(), filter);
    }
}

#[test]
fn builder_agrees_with_expressions() {
    let field = Filter::field;
    let pairs = [
        (field("year").eq(2024), "year = 2024"),
        (field("year").ne(-1_i64), "year != -1"),
        (field("rating").gt(4.5), "rating > 4.5"),
        (field("draft").eq(true), "draft = true"),
        (field("size").le("10KB") | field("size").ge(5_u64), "size <= 10KB or size >= 5"),
        (field("tags").is_in(["甲", "and"]).not(), "tags not in (甲, \"and\")"),
        (field("tags").eq("2024"), "tags = \"2024\""),
        (!(field("a").exists() & field("b c").exists()), "not (exists(a) and exists(`b c`))"),
        (
            field("path").prefix("docs/").and(field("path").glob("**/*.{md,txt}")),
            "path prefix docs/ and path glob \"**/*.{md,txt}\"",
        ),
        (field("modified").lt("2024-05").or(field("metadata.size").lt(1)), "modified < 2024-05 or metadata.size < 1"),
        (field("a").eq(1).and(field("b").eq(2).or(field("c").eq(3))), "a = 1 and (b = 2 or c = 3)"),
        (field("a").eq(1).or(field("b").eq(2)).or(field("c").eq(3)), "a = 1 or b = 2 or c = 3"),
        (field("x").eq("a\n\"b\\"), "x = \"a\\n\\\"b\\\\\""),
        (field("date").eq(FilterValue::word("2026-10")), "date = 2026-10"),
        (field("date").is_in([FilterValue::word("2026"), "2026".into()]), "date in (2026, \"2026\")"),
        (field("date").ge("2026-11"), "date >= 2026-11"),
        (field("date").ge(FilterValue::word("2026-11")), "date >= 2026-11"),
        (field("x").eq(FilterValue::word("true")), "x = true"),
        (field("path").contains("Wi Fi"), "path contains \"Wi Fi\""),
        (!field("tags").contains("猫"), "tags not contains 猫"),
        (field("contains").contains("in"), "`contains` contains \"in\""),
        (Filter::all(), "exists(path)"),
    ];
    for (built, text) in pairs {
        assert_eq!(built.to_string(), text);
        assert_eq!(Filter::parse(text).unwrap(), built, "{text}");
        assert_eq!(text.parse::<Filter>().unwrap(), built);
        assert!(built.check().is_ok());
    }
    let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(NOW as u64 + 7);
    let built = field("modified").gt(at);
    assert_eq!(built.to_string(), "modified > 2024-05-08T00:00:00.000000007Z");
    assert_eq!(Filter::parse(&built.to_string()).unwrap(), built);
}

#[test]
fn filter_check_reports_invalid_tests() {
    let field = Filter::field;
    let fields = note().fields();
    for filter in [
        field("modified").eq("soon"),
        field("size").is_in(["1", "two"]),
        field("size").eq(true),
        field("size").prefix("1"),
        field("path").glob("[a"),
        field("modified").contains("2024"),
        field("rating").lt(f64::NAN),
        field("x").eq(FilterValue::word("a b")),
        field("x").gt("1x-ago"),
        field("x").lt("2024-13"),
        field("x").is_in([FilterValue::word("now-30d")]),
    ] {
        let wrong = filter.clone() | field("lang").eq("zh");
        let Err(error) = wrong.check() else { panic!("{wrong}") };
        assert!(error.is_user_error() && error.caret().is_some(), "{error}");
        assert!(!filter.matches(&fields), "{filter}");
    }
}

/// The error marks the first invalid test, not the whole filter.
#[test]
fn filter_check_marks_the_invalid_test() {
    let field = Filter::field;
    let bad = |name: &str| field(name).eq("soon");
    for (filter, wanted) in [
        (bad("modified"), "modified = soon"),
        (field("x").gt(5) & (bad("modified") | field("y").eq("modified = soon")), "modified = soon"),
        (field("y").eq("modified = soon") & !bad("modified"), "modified = soon"),
        (field("a").eq(1) | !(field("b").eq(2) & field("size").is_in(["1", "two"])) | bad("size"), "size in (1, two)"),
        (field("a").eq(1) & !field("path").glob("[a"), "path not glob \"[a\""),
    ] {
        let error = filter.check().unwrap_err();
        let crate::error::Error::InvalidFilter { expression, at, .. } = &error else { panic!("{error}") };
        assert_eq!(*expression, filter.to_string());
        assert_eq!(&expression[at.clone()], wanted);
        let before = "modified = soon\" and not ";
        assert!(!expression.starts_with("y") || expression[..at.start].ends_with(before), "{expression} {at:?}");
    }
}

/// The paths of a filter can be rewritten; the kinds of its tests stay.
#[test]
fn with_paths_changes_tests_of_paths() {
    let filter =
        Filter::parse("path = ./a and path in (b, ./c) and not path prefix ./d and path glob './*.md' and x = ./a")
            .unwrap();
    let changed = filter.with_paths(|test, text| {
        let rest = text.strip_prefix("./")?;
        Some(if test == PathTest::Glob { format!("/n/{rest}") } else { format!("n/{rest}") })
    });
    let wanted = "path = n/a and path in (b, n/c) and path not prefix n/d and path glob \"/n/*.md\" and x = ./a";
    assert_eq!(changed, Filter::parse(wanted).unwrap());
    let wrong = Filter::parse("path glob x").unwrap().with_paths(|_, _| Some("[".to_owned()));
    assert!(wrong.check().is_err());
}

#[test]
fn hints_for_names_close_to_built_in_ones() {
    let hints = |text: &str| Filter::parse(text).unwrap().hints();
    assert_eq!(
        hints("siez < 3 or Path = x"),
        [
            "\"siez\" is not a built-in field. Did you mean size?",
            "\"Path\" is not a built-in field. Did you mean path?"
        ]
    );
    assert!(hints("size < 3 and title = x and year = 3 and metadata.size = 2 and 标题 = x").is_empty());
}

/// Compares days with a count from year to year, and writes each instant back as text.
#[test]
fn dates_follow_the_calendar() {
    let mut day = -(1970 - 1678) * 365 - 70;
    for year in 1678..2262_i64 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let months = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(months) {
            for date in [1, 2, length] {
                let at = (day + date - 1) * 86_400_000_000_000;
                let text = format!("{year:04}-{month:02}-{date:02}");
                let wanted = time::Moment::Written { start: at, end: at + 86_400_000_000_000 };
                assert_eq!(time::read(&text, 0), Ok(wanted));
                assert_eq!(time::write(at + 3_723_000_000_004), format!("{text}T01:02:03.000000004Z"));
            }
            assert!(time::read(&format!("{year:04}-{month:02}-{:02}", length + 1), 0).is_err());
            day += length;
        }
    }
    assert_eq!(time::read("1970-01-01T00:00-01:30", 0), time::read("1970-01-01T01:30Z", 0));
    for wrong in [
        "1677",
        "2262",
        "202",
        "2024-00",
        "2024-1",
        "2024-05-01T",
        "2024-05-01T24:00",
        "2024T10:00",
        "-ago",
        "9d",
        "+024",
        "2024-05-01T10",
        "2024-05-01T10:00:00.",
        "2024-05-01T10:00:00.0000000001",
        "99999999999999w-ago",
        "2024-05-01T10:00+8:00",
    ] {
        assert!(time::read(wrong, 0).is_err(), "{wrong}");
    }
}
