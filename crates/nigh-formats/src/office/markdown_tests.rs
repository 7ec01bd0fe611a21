//! Tests of blocks as Markdown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

fn write_blocks(blocks: &[MarkdownBlock]) -> String {
    let mut writer = MarkdownWriter::default();
    blocks.iter().for_each(|block| writer.push(block));
    writer.finish().0
}

#[test]
fn blocks_and_blank_lines_between_them() {
    let item = |depth, mark: &str, text: &str| MarkdownBlock::Item(depth, mark.to_owned(), text.to_owned());
    let text = write_blocks(&[
        MarkdownBlock::Heading(1, " A \n title of Vec<T>, 1 < 2".into()),
        item(3, "-", "one"),
        item(1, "-", "two"),
        item(0, "二、", "three"),
        item(0, "3)", &"long ".repeat(100)),
        MarkdownBlock::Text("  ".into()),
        MarkdownBlock::Code("if x:\n".into()),
        MarkdownBlock::Code("    # y".into()),
        MarkdownBlock::Text("a \u{200b} b\u{ad}c\t d\n\n e".into()),
        MarkdownBlock::Rows(vec!["a | b".into(), "c |".into()]),
    ]);
    let start = "# A title of Vec\\<T>, 1 < 2\n\n- one\n  - two\n二、three\n\n3) long";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("long\n\n```\nif x:\n    # y\n```\n\na bc d\ne\n\na | b\nc |"), "{text}");
}

#[test]
fn escapes_only_lines_that_would_be_misread() {
    for line in ["# no heading", "#", "```", "~~~x", "---", "=", "<!-- x", "<PRE>"] {
        assert_eq!(write_blocks(&[MarkdownBlock::Text(line.into())]), format!("\\{line}"));
    }
    for line in
        ["#hashtag", "- dash", "1. one", "> quote", "a_b*c*", "--- and", "<3", "####### 7", "字#", "<字字字字字"]
    {
        assert_eq!(write_blocks(&[MarkdownBlock::Text(line.into())]), line);
    }
    assert_eq!(row(&["a".into(), String::new(), "c".into(), String::new()]), "a | | c |");
}

#[test]
fn markdown_fast_path_accepts_only_single_lines() {
    let spaces_and_invisible =
        (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| one_line(&format!("a{c}b")) != format!("a{c}b"));
    let mut count = 0;
    for character in spaces_and_invisible.filter(|c| *c != ' ') {
        count += 1;
        assert!(!is_one_line(&format!("a{character}b")), "{character:?}");
    }
    // 65 controls, of which 6 are white space, 18 other spaces, and 3 that are left out.
    assert_eq!(count, 65 + 18 + 3);
    for character in (0..=0x10_ffff).filter_map(char::from_u32) {
        let unseen =
            character.is_control() || character.is_whitespace() || "\u{ad}\u{200b}\u{feff}".contains(character);
        assert!(!unseen || character == ' ' || !is_one_line(&format!("a{character}b")), "{character:?}");
    }
    for (text, expected) in [
        ("船长。，日志", true),
        ("a b", true),
        ("", true),
        ("été", true),
        ("a  b", false),
        ("a\nb", false),
        ("船\u{3000}长", false),
        ("a\u{7f}b", false),
    ] {
        assert_eq!(is_one_line(text), expected, "{text:?}");
    }
}
