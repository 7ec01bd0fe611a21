//! Globs: the faster way for suffixes, and signs for characters.

use serde_json::json;

use super::meaning::note;
use super::naive::FakeDocument;
use crate::filter::Filter;

/// The faster way for suffixes gives the same results.
#[test]
fn fast_suffixes_agree_with_the_glob() {
    let texts = [
        "",
        "a",
        ".md",
        "a.md",
        "/a.md",
        "x/.md",
        "x/y/a.md",
        "a.mdx",
        "a.md/",
        "a\n.md",
        "x\n/y.md",
        "文/档.md",
        "md",
    ];
    for pattern in ["**/*.md", "**/*", "**/*a", "**/*档.md", "**/*\n.md"] {
        let glob = globset::GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build().unwrap();
        let filter = Filter::field("t").glob(pattern);
        for text in texts {
            let fields = FakeDocument { metadata: [("t".to_owned(), json!(text))].into(), ..note() }.fields();
            assert_eq!(filter.matches(&fields), glob.compile_matcher().is_match(text), "{pattern:?} {text:?}");
        }
    }
}

/// A sign of a glob matches one character of any number of bytes.
#[test]
fn signs_of_globs_match_characters() {
    for (glob, text, expected) in [
        ("?.md", "é.md", true),
        ("??.md", "é.md", false),
        ("?.md", "中.md", true),
        ("?", "😀", true),
        ("[é].md", "é.md", true),
        ("[éa].md", "a.md", true),
        ("[é].md", "è.md", false),
        ("[!é].md", "è.md", true),
        ("[!é].md", "é.md", false),
        ("[^a]", "中", true),
        ("ångstr[ö]m", "ångström", true),
        ("ångstr?m", "ångström", true),
        ("1ö?5", "1ö55", true),
        ("1?5helloö", "155helloö", true),
        ("?", "例", true),
        ("??", "者", false),
        ("*.{mp4}", "【file.mp4", true),
        ("[а-я]*", "документ", true),
        ("[а-я]*", "текст/x", false),
        ("K?ln", "Ko\u{308}ln", true),
        ("{?,ab}.md", "é.md", true),
        ("a[-b]c", "a-c", true),
        ("[]]", "]", true),
        ("a.b", "axb", false),
        ("a+(b)|^$&~#", "a+(b)|^$&~#", true),
        ("[a^&&-]", "&", true),
        ("\\?", "?", true),
        ("\\?", "x", false),
        ("**", "a/b", true),
        ("a/**", "a/b/c", true),
        ("a/**", "a", false),
        ("a/**/b", "a/b", true),
        ("**/b", "a/x/b", true),
        ("**/b", "ab", false),
        ("{a,{b,c}}", "c", true),
    ] {
        let fields = FakeDocument { metadata: [("t".to_owned(), json!(text))].into(), ..note() }.fields();
        assert_eq!(Filter::field("t").glob(glob).matches(&fields), expected, "{glob:?} {text:?}");
    }
    for (glob, problem) in [("[a", "a [ without its ]"), ("{a", "a { without its }"), ("[b-a]", "is reversed")] {
        let error = Filter::field("t").glob(glob).check().unwrap_err().to_string();
        assert!(error.contains("is not a glob") && error.contains(problem), "{error}");
    }
    assert!(Filter::field("t").glob(&"{".repeat(5000)).check().is_err());
}
