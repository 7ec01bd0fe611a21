//! Error messages with carets.

use std::fmt::Write;

use crate::filter::Filter;

fn caret_text(expression: &str) -> String {
    let error = Filter::parse(expression).unwrap_err();
    assert!(error.is_user_error() && !error.to_string().contains('\n'));
    let crate::error::Error::InvalidFilter { problem, .. } = &error else { panic!("{error}") };
    format!("{}\n{problem}\n\n", error.caret().unwrap())
}

#[test]
fn carets_are_under_the_mistake() {
    let mistakes = [
        "",
        "lang",
        "lang = ",
        "lang = zh and",
        "lang = zh adn size < 10KB",
        "标题 = 你好 世界",
        "语言 = 中文 and （大小 < 3",
        "年份 >= 2024 并且 size < 10KB",
        "(year > 2020))",
        "(year > 2020",
        "size < ten",
        "文档 = 甲 and size < 十",
        "modified > 2024-13",
        "modified > 7d",
        "modified < 30x-ago",
        "modified < 3m-ago",
        "date > 30 d-ago",
        "date > 30 days ago and x = 1",
        "date > 7d ago",
        "size < 10 KB",
        "date < 2024-05-01 10:00",
        "date > now-30d",
        "date > 2024-13",
        "tags im (a, b)",
        "tags in a",
        "tags in (a, b",
        "tags in (a b)",
        "title includes x",
        "path has wifi",
        "path ~ notes",
        "path =~ 'a.*b'",
        "path !~ notes",
        "path not includes notes",
        "文件 包含 x",
        "tags like 'sea*'",
        "size ~ 3",
        "language like english",
        "size contains 1",
        "contains = 1",
        "title => x",
        "年份 =< 2024",
        "title not = x",
        "path glob '[a'",
        "size glob '1*'",
        "title = \"open",
        "作者 = “张三",
        "\"title\" = x",
        "`a\\`b` x",
        "and = 3",
        "title = not",
        "title = `x`",
        "exists title",
        "exists(title",
        "title = a?b",
        "nto (lang = zh)",
        "  lang = zh\tand\n(x",
        "cafe\u{301} = हिन्दी and ten\u{200b} x",
        "a\u{202e} = b",
    ];
    let mut all = String::new();
    mistakes.iter().for_each(|mistake| write!(all, "{}", caret_text(mistake)).unwrap());
    insta::assert_snapshot!(all);
}

#[test]
fn long_expressions_are_cut_around_the_mistake() {
    let many = |count| vec!["标签 = 甲"; count].join(" or ");
    let middle = format!("{} or size < big or {}", many(30), many(30));
    let late = format!("{} or size < big", many(30));
    let long = format!("title = {}", "x".repeat(Filter::MAX_BYTES));
    insta::assert_snapshot!(format!("{}{}{}", caret_text(&middle), caret_text(&late), caret_text(&long)));
    for text in [&middle, &late, &long] {
        let caret = Filter::parse(text).unwrap_err().caret().unwrap();
        assert!(caret.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 78), "{caret}");
    }
    // The message is short, too, whichever word of the expression it repeats.
    let word = "名".repeat(15_000);
    for text in
        [&middle, &late, &long, &word, &format!("{word} im 3"), &format!("size < {word}"), &format!("a = b {word}")]
    {
        let error = Filter::parse(text).unwrap_err();
        assert!(error.to_string().len() < 1000, "{}", error.to_string().len());
        assert!(matches!(&error, crate::error::Error::InvalidFilter { expression, .. } if expression == text));
    }
}

#[test]
fn too_deep_expressions_are_an_error() {
    let nested = |depth: usize| format!("{}a = b{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(Filter::MAX_DEPTH)).is_ok());
    assert!(Filter::parse(&nested(Filter::MAX_DEPTH + 1)).is_err());
    assert!(Filter::parse(&"(".repeat(60_000)).is_err() && Filter::parse(&"!".repeat(60_000)).is_err());
    assert!(Filter::parse(&format!("{} a = b", "not ".repeat(15_000))).is_err());
}

/// The builder has no limit of depth, because neither it nor the evaluation is recursive.
#[test]
fn filter_from_the_builder_may_be_deep() {
    let mut filter = Filter::field("a").eq("b");
    for _ in 0..20_000 {
        filter = !(filter & Filter::field("x").exists() | Filter::field("y").exists());
    }
    // Each round tests a missing field, and negates the result.
    assert!(filter.clone().matches(&crate::filter::Fields::default()));
    assert!(!(!filter.clone()).matches(&crate::filter::Fields::default()));
    assert!(filter.check().is_ok() && filter.clone() == filter);
}
