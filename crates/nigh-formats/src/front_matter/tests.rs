//! What is read, what stays text, hostile input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn yaml(body: &str) -> Option<Value> {
    yaml::read(body).map(Value::Object)
}

fn toml(body: &str) -> Option<Value> {
    toml::read(body).map(Value::Object)
}

#[test]
fn front_matter_is_only_at_the_start() {
    let text = "---\ntitle: A\n\ntags: [b]\n---\n# H\n";
    assert_eq!(&text[front_matter(text).unwrap()], "---\ntitle: A\n\ntags: [b]\n---\n");
    assert!(front_matter("---\r\ntitle: A\r\n---\r\nx").is_some());
    assert!(front_matter("+++\n# c\ntitle = 'A'\n+++\nx").is_some());
    for text in [
        "---\n\n# H: a\n\n---\n",
        "---\ntitle: A\n",
        "\n---\na: b\n---\n",
        "---\n---\n",
        "text",
        "",
        "----\na: b\n---\n",
        "+++\ntitle: A\n+++\n",
        "+++\na = 1\n---\n",
    ] {
        assert_eq!(front_matter(text), None, "{text:?}");
    }
}

#[test]
fn yaml_of_notes_is_read() {
    for (body, wanted) in [
        (
            "title: Plain # no\nn: 3\nx: 1.5\nz: 007\nt: True\nv: 1.10\nno:\n",
            json!({
                "title": "Plain", "n": 3, "x": 1.5, "z": "007", "t": true, "v": "1.10", "no": null
            }),
        ),
        ("tags:\n  - a\n  - \"b c\" # d\n  - '#e'\nmore: 1", json!({"tags": ["a", "b c", "#e"], "more": 1})),
        ("tags:\n- a\n- b\nmore: x", json!({"tags": ["a", "b"], "more": "x"})),
        (
            "tags: [a, 'b, c', \"d\",\n  e]\nx: {p: 1, \"q\": [2, ], r}",
            json!({
                "tags": ["a", "b, c", "d", "e"], "x": {"p": 1, "q": [2], "r": null}
            }),
        ),
        (
            "a: >-\n  one\n  two\n\n  three\nb: |\n  x\n    y\n\n  z\n\nc: 1",
            json!({"a": "one two\nthree", "b": "x\n  y\n\nz", "c": 1}),
        ),
        (
            "title: one\n  two\n  three\ndate: 2024-05-01T10:00:00+08:00",
            json!({"title": "one two three", "date": "2024-05-01T10:00:00+08:00"}),
        ),
        (
            "cover:\n  image: a.jpg\n  size:\n    w: 3\nurl: https://x.y/z#part",
            json!({
                "cover": {"image": "a.jpg", "size": {"w": 3}}, "url": "https://x.y/z#part"
            }),
        ),
        (
            "people:\n  - name: Ana\n    age: 3\n  - name: 王\n\n# done\nx: ''",
            json!({"people": [{"name": "Ana", "age": 3}, {"name": "王"}], "x": ""}),
        ),
        (
            "title: Foo: a story\n\"quoted key\": \"a \\u4e2d \\\"b\\\"\"",
            json!({"title": "Foo: a story", "quoted key": "a 中 \"b\""}),
        ),
        ("q: \"one\n  two\n\n  three\"\ns: 'it''s'\nend: 1", json!({"q": "one two\nthree", "s": "it's", "end": 1})),
        ("标题: 养猫笔记\n标签: [猫, 健康]", json!({"标题": "养猫笔记", "标签": ["猫", "健康"]})),
        (
            "a:\n  long value\n  on two lines\nm:\n  - - 1\n    - 2",
            json!({"a": "long value on two lines", "m": [[1, 2]]}),
        ),
    ] {
        assert_eq!(yaml(body), Some(wanted), "{body}");
        assert_eq!(yaml(&body.replace('\n', "\r\n")), yaml(body), "{body}");
    }
}

#[test]
fn yaml_that_is_invalid_or_not_read_stays_text() {
    for body in [
        "a: &x 1\nb: *x",
        "a: *x",
        "a: !!str 1",
        "a: 1\na: 2",
        "a: [1, 2",
        "a: {b: 1",
        "a: {b: 1, b: 2}",
        "a: \"open\nb: 1",
        "a: \"x\" y",
        "a: [1] 2",
        "a: 1\n  b: 2",
        "a:\n    b: 1\n  c: 2",
        "a:\n\tb: 1",
        "- a\n- b",
        "just text",
        "a: 1\njust text",
        "a: 1\n- b",
        "%YAML 1.2\na: 1",
        "a: @x",
        "a: - b",
        "{{title}}: x",
        "date: {{date}}",
        "a: \"\\q\"",
        "a: \"\\ud800\"",
        "a: |x\n  y",
        "a: x # c\n  y",
        "a: [[[[[[[[1]]]]]]]]",
        "a:\n b:\n  c:\n   d:\n    e:\n     f:\n      g:\n       h: 1",
        "",
    ] {
        assert_eq!(yaml(body).filter(|found| *found != json!({})), None, "{body}");
    }
}

#[test]
fn toml_of_notes_is_read() {
    for (body, wanted) in [
        (
            "title = \"A \\u4e2d\" # no\nn = 1_000\nd = 2024-05-01T10:00:00Z\nok = true\nday = 2024-05-01 10:00:00",
            json!({
                "title": "A 中", "n": 1000, "d": "2024-05-01T10:00:00Z", "ok": true, "day": "2024-05-01T10:00:00"
            }),
        ),
        (
            "tags = ['a', \"b\", # c\n  'd',\n]\nx.y = 1\n'k e' = -1.5",
            json!({"tags": ["a", "b", "d"], "x": {"y": 1}, "k e": -1.5}),
        ),
        (
            "a = 1\n[params]\nb = '''\none\ntwo'''\n[params.c]\nd = {e = 1, f.g = 'h'}",
            json!({
                "a": 1, "params": {"b": "one\ntwo", "c": {"d": {"e": 1, "f": {"g": "h"}}}}
            }),
        ),
        (
            "[[r]]\nn = 1\n[r.s]\nt = 2\n[[r]]\nn = 3\n[r.s]\nt = 4",
            json!({"r": [{"n": 1, "s": {"t": 2}}, {"n": 3, "s": {"t": 4}}]}),
        ),
        ("a = \"\"\"x \\\n   y\"\"\"\nb = ''", json!({"a": "x y", "b": ""})),
    ] {
        assert_eq!(toml(body), Some(wanted), "{body}");
        assert_eq!(toml(&body.replace('\n', "\r\n")), toml(body), "{body}");
    }
    for body in [
        "a = 1\na = 2",
        "[a]\nb = 1\n[a]\nc = 2",
        "a = 1\n[a]\nb = 1",
        "a = [1, 2",
        "a = {b = 1",
        "a = \"open",
        "a = 1 b = 2",
        "a = word",
        "a",
        "a =",
        "= 1",
        "[a",
        "[[a]\nb = 1",
        "a = [[[[[[[[1]]]]]]]]",
        "a.b.c.d.e.f.g.h = 1",
        "a: 1",
    ] {
        assert_eq!(toml(body), None, "{body}");
    }
}

#[test]
fn tags_aliases_and_dates_are_normalised() {
    let fields = |text: &str| json!(front_matter_fields(text));
    for (text, wanted) in [
        ("---\ntags: sea, #boats ,sea\n---\nx", json!({"tags": ["sea", "boats"]})),
        ("---\ntags: #one #two/three\n---\nx", json!({"tags": ["one", "two/three"]})),
        ("---\ntags: # none\nx: 1\n---\nx", json!({"x": 1})),
        ("---\ntags: \"#sea #boats/small\"\ntag: third\n---\nx", json!({"tags": ["third", "sea", "boats/small"]})),
        ("---\ntag: [2024, \"#a b\", null]\n---\nx", json!({"tags": ["2024", "a b"]})),
        ("---\ntags: 猫，狗、鱼\nAliases: 养猫\n---\nx", json!({"tags": ["猫", "狗", "鱼"], "aliases": ["养猫"]})),
        ("---\nalias: One name, other\naliases:\n---\nx", json!({"aliases": ["One name", "other"]})),
        (
            "---\ndate: 20240501\nupdated: 202405011030\ndue: 2024/5/1\ncreated:\n---\nx",
            json!({
                "date": "2024-05-01", "updated": "2024-05-01T10:30", "due": "2024/5/1"
            }),
        ),
        ("---\ntags:\n  a: 1\n---\nx", json!({"tags": {"a": 1}})),
        ("---\ndate: 20241301\n---\nx", json!({"date": 20_241_301})),
        ("no", json!({})),
    ] {
        assert_eq!(fields(text), wanted, "{text}");
    }
    let many: Vec<String> = (0..500).map(|n| format!("t{n}")).collect();
    let found = front_matter_fields(&format!("---\ntags: {}\n---\nx", many.join(" ")));
    assert_eq!(found["tags"].as_array().unwrap().len(), 100);
}

#[test]
fn front_matter_is_hidden_only_if_text_follows_it() {
    for (text, hidden) in [
        ("---\na: b\n---\nText.\n", 13),
        ("+++\na = 1\n+++\n\n正文\n", 14),
        ("---\na: b\n...\nText.\n", 13),
        ("---\na: b\n---\n", 0),
        ("---\na: b\n---\n# Title\n\n## Two\n\n***\n", 0),
        ("---\na: *b\n---\nText.\n", 0),
        ("---\n\na: b\n\n---\nText.\n", 0),
        ("Text.\n", 0),
    ] {
        assert_eq!(hidden_front_matter(text), hidden, "{text:?}");
    }
}

/// Input that is made to take long is read in little time, or stays text.
#[test]
fn hostile_front_matter_takes_little_time() {
    let bodies = [
        format!("a: {}", "[".repeat(60_000)),
        format!("a: {}", "{a: ".repeat(15_000)),
        format!("a: [{}]", "x, ".repeat(20_000)),
        format!("a: \"{}", "\\n".repeat(30_000)),
        format!("a: '{}", "''".repeat(30_000)),
        (0..6000).map(|n| format!("k{n}: v\n")).collect(),
        "- ".repeat(30_000),
        format!("a:\n  {}", "- ".repeat(30_000)),
        "a: b\n".repeat(12_000),
        format!("a: >\n{}", "\n".repeat(60_000)),
        format!("a: b\n{}", " #\n".repeat(20_000)),
        format!("a: {}", "#".repeat(60_000)),
        format!("a: b\n{}", "  c\n\n".repeat(12_000)),
        format!("a: {}", "x: ".repeat(20_000)),
        format!("a = {}", "[".repeat(60_000)),
        format!("a = [{}]", "\n#".repeat(30_000)),
        "[a]\n".repeat(15_000),
        "[[a]]\n".repeat(10_000),
    ];
    for body in bodies {
        let start = std::time::Instant::now();
        for text in [format!("---\n{body}\n---\nText.\n"), format!("+++\n{body}\n+++\nText.\n")] {
            let (hidden, fields) = (hidden_front_matter(&text), front_matter_fields(&text));
            assert!(hidden == 0 || !fields.is_empty(), "{:?}", &body[..40]);
        }
        assert!(start.elapsed().as_millis() < 1500, "{:?} took {:?}", &body[..40], start.elapsed());
    }
}

/// Pieces of front matter, valid and not.
const PIECES: [&str; 40] = [
    "a", "b: ", "c:", "\n", "\n", "\n  ", "\n    ", "- ", "-", "[", "]", "{", "}", ",", "\"", "'", "''", "\\", "\\u",
    "#", " #", "|", ">", ">-", "|2", "&x", "*x", "!", "?", "---\n", "+++\n", " = ", "[[", "]]", "\"\"\"", "'''", "\t",
    "\r\n", "中文", "1.5",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40), rest in "\\PC{0,20}") {
        let body = pieces.concat() + &rest;
        for text in [format!("---\nk: {body}\n---\nText\n"), format!("+++\nk = {body}\n+++\nText\n"), body] {
            let hidden = hidden_front_matter(&text);
            prop_assert!(text.is_char_boundary(hidden));
            let _ = (front_matter_fields(&text), yaml::read(&text), toml::read(&text));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let body = String::from_utf8_lossy(&bytes);
        for text in [format!("---\nk: {body}\n---\nText\n"), format!("+++\nk = {body}\n+++\nText\n")] {
            prop_assert!(text.is_char_boundary(hidden_front_matter(&text)));
        }
        let _ = (yaml::read(&body), toml::read(&body));
    }

    /// What serde_json writes is YAML in brackets.
    #[test]
    fn json_is_read_as_yaml(texts in prop::collection::vec("[a-zA-Z #:,'\"\\\\\\n中]{0,12}", 0..6), number: i32, truth: bool) {
        let value = json!({"texts": texts, "n": number, "t": truth, "o": {"x": null}});
        prop_assert_eq!(yaml(&format!("v: {value}")), Some(json!({"v": value})));
    }
}
