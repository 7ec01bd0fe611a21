//! What is syntax and what is text.

use proptest::prelude::*;

use super::QuerySyntax;

/// Describes what was read: the text, then each part.
fn read(query: &str) -> String {
    let QuerySyntax { text, phrases, excluded, filter, filter_parts: _ } = QuerySyntax::parse(query);
    let mut parts = vec![text];
    parts.extend(phrases.iter().map(|phrase| format!("with {phrase}")));
    parts.extend(excluded.iter().map(|excluded| format!("without {excluded}")));
    parts.extend(filter.map(|filter| format!("if {filter}")));
    parts.join(" | ")
}

#[test]
fn syntax_is_read() {
    for (query, wanted) in [
        ("\"disk full\"", "disk full | with disk full"),
        ("why \"disk full\" again", "why disk full again | with disk full"),
        ("\"a\" \"b\"", "a b | with a | with b"),
        ("(\"a b\"), c", "(a b), c | with a b"),
        ("“磁盘 已满” 怎么办", "磁盘 已满 怎么办 | with 磁盘 已满"),
        ("备份“全量备份”策略", "备份全量备份策略 | with 全量备份"),
        ("备份\"全量备份\"策略", "备份全量备份策略 | with 全量备份"),
        ("「全量」『增量』", "全量增量 | with 全量 | with 增量"),
        ("foo“bar”baz", "foo bar baz | with bar"),
        ("„genau so“ bitte", "genau so bitte | with genau so"),
        ("＂disk full＂", "disk full | with disk full"),
        ("\" spaced\" \"out \"", "\" spaced\" out | with out"),
        ("backups -draft", "backups | without draft"),
        ("-draft backups", "backups | without draft"),
        ("a -b-c, d", "a d | without b-c"),
        ("a  -bc  d", "a  d | without bc"),
        ("a -\"first draft\" b", "a b | without first draft"),
        ("价格 －草稿", "价格 | without 草稿"),
        ("价格 -「不含税」", "价格 | without 不含税"),
        ("价格 -价", "价格 | without 价"),
        ("it -c++", "it | without c++"),
        ("wifi path:notes", "wifi | if path glob \"*[nN][oO][tT][eE][sS]*\""),
        ("wifi path:1/", "wifi | if path glob **/*1/**"),
        ("wifi path:1/2", "wifi | if path glob \"**/*1/2{*,*/**}\""),
        ("wifi path:/1", "wifi | if path prefix /1 or path glob \"**/1{*,*/**}\""),
        ("wifi -path:1", "wifi | if path not glob *1*"),
        ("wifi path:*.md", "wifi | if path glob *.md"),
        ("wifi path:./1", "wifi | if path prefix ./1"),
        ("wifi path:.", "wifi | if path prefix ./"),
        ("wifi path:\"1 2/\"", "wifi | if path glob \"**/*1 2/**\""),
        ("wifi path:笔记/", "wifi | if path glob **/*笔记/**"),
        ("ext:md", " | if extension = md"),
        ("a ext:.MD, b", "a b | if extension = md"),
        ("a ext:md,txt ext:org", "a | if extension in (md, org, txt)"),
        ("a -ext:md -ext：txt", "a | if not extension = md and not extension = txt"),
        ("a lang:zh", "a | if language glob \"{zh,zh[-_]*}\""),
        ("a lang:zh,en", "a | if language glob \"{zh,zh[-_]*,en,en[-_]*}\""),
        ("a language：pt_BR", "a | if language in (pt-br)"),
        ("a -lang:ZH", "a | if language not glob \"{zh,zh[-_]*}\""),
        ("disk -draft \"full\" ext:md", "disk full | with full | without draft | if extension = md"),
        ("\u{3000}-draft\u{3000}a", "a | without draft"),
    ] {
        assert_eq!(read(query), wanted, "{query}");
    }
}

#[test]
fn other_text_is_unchanged() {
    for query in [
        "",
        "  ",
        " what did we decide  about backups? ",
        "-",
        "--",
        "a - b",
        "a -- b",
        "-5",
        "－５ 度",
        "-5 °C",
        "a-b",
        "tar -v",
        "gcc -std=c17 --help -L/usr/lib",
        "\"unclosed",
        "unclosed\"",
        "“unclosed",
        "\"\"",
        "\"  \"",
        "\"...\"",
        "“，”",
        "5\" and 3\" drives",
        "6'2\"",
        "key=\"value\" author:\"John\"",
        "《红楼梦》",
        "'single' `code`",
        "path:",
        "path: notes",
        "path:/",
        "path://x",
        "path:[*",
        "path:\"open",
        "ext:",
        "ext:,",
        "ext:*",
        "ext:md的",
        "ext:md,*",
        "ext:a-very-long-extension-of-a-file",
        "lang:rust",
        "lang:",
        "lang:zh,rust",
        "language:english",
        "-lang:rust",
        "-path:",
        "http://example.org note:x 12:30 std::vec",
        "Path:x xpath:y",
        "备份path:x",
        "RTX-4090",
        "a\u{0}b",
    ] {
        let syntax = QuerySyntax::parse(query);
        assert!(syntax.is_plain() && syntax.filter_parts.is_empty(), "{query}: {syntax:?}");
        assert_eq!(syntax.text, query);
    }
    let long = format!("\"{}\"", "x".repeat(2000));
    assert_eq!(QuerySyntax::parse(&long).text, long);
}

#[test]
fn further_parts_are_text() {
    let many = "-ab ".repeat(QuerySyntax::MAX_PARTS + 2);
    let syntax = QuerySyntax::parse(&many);
    assert_eq!((syntax.excluded.len(), &*syntax.text), (QuerySyntax::MAX_PARTS, "-ab -ab"));
    let languages = format!("a lang:{}", ["zh"; 500].join(","));
    assert!(QuerySyntax::parse(&languages).filter.is_some_and(|filter| filter.check().is_ok()));
}

/// True if `part` is `whole` with characters left out, except for spaces between words.
fn is_left_of(part: &str, whole: &str) -> bool {
    let mut rest = whole.chars();
    part.chars().filter(|c| !c.is_whitespace()).all(|c| rest.any(|other| other == c))
}

/// Texts of the characters and words that syntax is made of.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "\"", "“", "”", "„", "「", "」", "『", "』", "＂", "-", "－", " ", "\u{3000}", "\n", ":", "：", "path", "ext",
        "lang", "zh", "md", "notes/", "*", "?", "[", "{", "}", "\\", ",", "，", "草稿", "draft", "5", "é", "\u{301}",
        "\u{0}", "🎉", "/", ".",
    ];
    prop::collection::vec(prop_oneof![prop::sample::select(PIECES).prop_map(str::to_owned), ".{0,2}"], 0..24)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_query(query in hostile()) {
        let syntax = QuerySyntax::parse(&query);
        prop_assert!(is_left_of(&syntax.text, &query), "{syntax:?}");
        if syntax.is_plain() {
            prop_assert_eq!(&syntax.text, &query);
        }
        for phrase in &syntax.phrases {
            prop_assert!(query.contains(phrase.as_str()) && syntax.text.contains(phrase.as_str()));
        }
        prop_assert!(syntax.excluded.iter().chain(&syntax.filter_parts).all(|part| query.contains(part.as_str())));
        prop_assert_eq!(syntax.filter.is_some(), !syntax.filter_parts.is_empty());
        if let Some(filter) = &syntax.filter {
            prop_assert!(filter.check().is_ok());
            prop_assert_eq!(&filter.to_string().parse::<crate::filter::Filter>().unwrap(), filter);
        }
        // What is left has no syntax of the kinds that were removed whole.
        prop_assert!(syntax.text.len() <= query.len() + syntax.phrases.len() * 2);
    }
}
