//! The tests of blocks as Markdown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

fn written(blocks: &[Block]) -> String {
    let mut writer = Writer::default();
    blocks.iter().for_each(|block| writer.push(block));
    writer.finish().0
}

#[test]
fn blocks_and_their_distances() {
    let item = |depth, mark: &str, text: &str| Block::Item(depth, mark.to_owned(), text.to_owned());
    let text = written(&[
        Block::Heading(1, " A \n title of Vec<T>, 1 < 2".into()),
        item(3, "-", "one"),
        item(1, "-", "two"),
        item(0, "二、", "three"),
        item(0, "3)", &"long ".repeat(100)),
        Block::Text("  ".into()),
        Block::Code("if x:\n".into()),
        Block::Code("    # y".into()),
        Block::Text("a \u{200b} b\u{ad}c\t d\n\n e".into()),
        Block::Rows(vec!["a | b".into(), "c |".into()]),
    ]);
    let start = "# A title of Vec\\<T>, 1 < 2\n\n- one\n  - two\n二、three\n\n3) long";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("long\n\n```\nif x:\n    # y\n```\n\na bc d\ne\n\na | b\nc |"), "{text}");
}

#[test]
fn only_what_would_be_misread_is_escaped() {
    for line in ["# no heading", "#", "```", "~~~x", "---", "=", "<!-- x", "<PRE>"] {
        assert_eq!(written(&[Block::Text(line.into())]), format!("\\{line}"));
    }
    for line in
        ["#hashtag", "- dash", "1. one", "> quote", "a_b*c*", "--- and", "<3", "####### 7", "字#", "<字字字字字"]
    {
        assert_eq!(written(&[Block::Text(line.into())]), line);
    }
    assert_eq!(row(&["a".into(), String::new(), "c".into(), String::new()]), "a | | c |");
}
