//! Properties that hold for every text: on cases, on random texts, and on the corpora if they are present.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use std::cell::Cell;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

const SYNTAXES: [Syntax; 6] = [Syntax::Plain, Syntax::Markdown, Syntax::Code, Syntax::Rst, Syntax::Org, Syntax::Tex];

/// A counter for which each letter of a wide script, each mark, and each four of other letters and digits is a token.
#[derive(Default)]
struct FakeTokens {
    /// True if the counts do not add up: a long text counts more than its parts together, and some texts one or two more.
    unruly: bool,
    /// The number of calls.
    calls: Cell<usize>,
    /// The bytes of the texts of all calls.
    bytes: Cell<usize>,
    /// The bytes of the longest text of a call.
    longest: Cell<usize>,
}

impl FakeTokens {
    fn note(&self, text: &str) {
        self.calls.set(self.calls.get() + 1);
        self.bytes.set(self.bytes.get() + text.len());
        self.longest.set(self.longest.get().max(text.len()));
    }
}

impl TokenCounter for FakeTokens {
    fn count(&self, text: &str) -> usize {
        self.note(text);
        let count = tokens_of(text).len();
        if self.unruly { count + count / 4 + text.len() % 3 } else { count }
    }

    fn offsets(&self, text: &str) -> Vec<(usize, usize)> {
        self.note(text);
        tokens_of(text)
    }
}

/// Returns the start and the end of each token.
fn tokens_of(text: &str) -> Vec<(usize, usize)> {
    /// The first character of the wide scripts, such as Chinese.
    const FIRST_WIDE: u32 = 0x2e80;
    let mut tokens: Vec<(usize, usize)> = Vec::new();
    let mut letters_of_word = 0;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if c.is_whitespace() {
            letters_of_word = 0;
        } else if c.is_alphanumeric() && (c as u32) < FIRST_WIDE {
            match tokens.last_mut() {
                Some((_, last_end)) if letters_of_word % 4 != 0 => *last_end = end,
                _ => tokens.push((start, end)),
            }
            letters_of_word += 1;
        } else {
            letters_of_word = 0;
            tokens.push((start, end));
        }
    }
    tokens
}

fn options(max_tokens: usize, overlap_tokens: usize) -> SplitOptions {
    SplitOptions { max_tokens, paragraph_tokens: max_tokens, overlap_tokens, cuts: Cuts::Blocks }
}

/// Checks everything that is guaranteed for the passages of any text.
fn check(text: &str, pieces: &[SplitPiece], tokens: &dyn TokenCounter, options: SplitOptions) {
    let limit = options.max_tokens.max(SplitOptions::MIN_TOKENS);
    let max = options.paragraph_tokens.max(limit);
    let mut covered = 0;
    let mut before: Option<&SplitPiece> = None;
    // The line at the byte `line_start`, from 1.
    let (mut line, mut line_start) = (1, 0);
    for piece in pieces {
        let bytes = piece.span.bytes.clone();
        let passage = &text[bytes.clone()];
        assert!(!passage.is_empty() && passage.trim() == passage, "{passage:?} has white space around it");
        let count = tokens.count(passage);
        assert_eq!(count, piece.tokens);
        assert!(count <= max, "{count} tokens, at most {max}: {passage:?}");
        if let Some(before) = before {
            let before = before.span.bytes.clone();
            assert!(bytes.start > before.start && bytes.end > before.end, "{before:?} then {bytes:?}");
            if bytes.start < before.end {
                let shared = tokens.count(&text[bytes.start..before.end]);
                assert!(
                    shared <= options.overlap_tokens.min(limit / 2).saturating_mul(max) / limit,
                    "{shared} tokens shared"
                );
            }
        }
        if bytes.start > covered {
            assert!(text[covered..bytes.start].trim().is_empty(), "left out: {:?}", &text[covered..bytes.start]);
        }
        line += text[line_start..bytes.start].matches('\n').count();
        line_start = bytes.start;
        assert_eq!(piece.span.lines, line..line + passage.lines().count().max(1));
        covered = bytes.end;
        before = Some(piece);
    }
    assert!(text[covered..].trim().is_empty(), "left out at the end: {:?}", &text[covered..]);
}

/// Splits a text and checks the passages, with both kinds of cuts; returns those with the kind of `options`.
fn checked(text: &str, syntax: Syntax, options: SplitOptions) -> Vec<SplitPiece> {
    let fake = FakeTokens::default();
    let paragraph_tokens = options.max_tokens.max(SplitOptions::MIN_TOKENS).saturating_mul(2);
    let sections = SplitOptions { cuts: Cuts::Sections, paragraph_tokens, ..options };
    check(text, &split(text, syntax, &fake, sections), &fake, sections);
    let pieces = split(text, syntax, &fake, options);
    check(text, &pieces, &fake, options);
    pieces
}

fn texts<'t>(text: &'t str, pieces: &[SplitPiece]) -> Vec<&'t str> {
    pieces.iter().map(|p| &text[p.span.bytes.clone()]).collect()
}

#[test]
fn blocks_share_a_passage_and_are_not_cut() {
    let text = "aa bb cc\n\ndd ee\n\nff gg hh ii jj\n\nkk";
    let pieces = checked(text, Syntax::Plain, options(8, 4));
    assert_eq!(texts(text, &pieces), ["aa bb cc\n\ndd ee", "ff gg hh ii jj\n\nkk"]);
    assert_eq!(pieces[1].span.lines, 5..8);
}

#[test]
fn long_text_is_split_part_by_part() {
    let text = "# One\n\naa bb\n\n## Two\n\ncc dd ee\n\n### Three\n\nff gg hh\n\nii jj kk\n";
    let fake = FakeTokens::default();
    let pieces = split_by(24, 0, text, Syntax::Markdown, &fake, options(8, 0));
    check(text, &pieces, &fake, options(8, 0));
    let paths: Vec<String> = pieces.iter().map(|p| p.headings.join("/")).collect();
    assert_eq!(paths, ["One", "One/Two", "One/Two/Three", "One/Two/Three"], "headings go on");
}

/// A part must not grow to the end of the text while it looks for a block that is not a heading.
#[test]
fn parts_of_headings_alone_take_work_in_proportion_to_the_text() {
    let text = "# one\n\n".repeat(1000);
    let (mut start, mut parts) = (0, 0);
    while start < text.len() {
        let (blocks, end) = blocks_from(&text, start, 100, (Syntax::Markdown, Cuts::Sections));
        assert!(!blocks.is_empty() && end > start);
        (start, parts) = (end, parts + 1);
    }
    assert!(parts <= 4 * text.len() / 100 + 1, "{parts}");
}

#[test]
fn part_ends_at_a_blank_line_else_a_line_else_a_word() {
    assert_eq!(part_end("aaaa\n\nbb cc", 0, 9), 6, "a blank line first");
    assert_eq!(part_end("aaaa bb\ncc", 0, 9), 8, "then the end of a line");
    assert_eq!(part_end("aaaa bbbb", 0, 8), 4, "then that of a word");
    assert_eq!(part_end("中中中中", 3, 4), 6, "a character at least");
}

#[test]
fn front_matter_that_is_left_out_is_in_no_passage() {
    let text = "---\ntitle: A long enough title\ntags: [a, b]\n---\n\nText after it.\n";
    let front = text.find("\nText").unwrap();
    for most in [10, 1000] {
        let pieces = split_by(most, front, text, Syntax::Markdown, &FakeTokens::default(), options(30, 0));
        assert_eq!(texts(text, &pieces).concat().replace(' ', ""), "Textafterit.");
        assert_eq!(pieces[0].span.lines, 6..7);
    }
    assert_eq!(checked(text, Syntax::Markdown, options(100, 0))[0].span.bytes.start, 0);
}

#[test]
fn headings_begin_passages_and_stay_with_their_text() {
    let text = "# One\n\naa bb\n\n## Two\n\ncc dd ee\n\n### Three\n\nff gg hh\n\n## Four\n\nii\n";
    let pieces = checked(text, Syntax::Markdown, options(8, 0));
    assert_eq!(
        texts(text, &pieces),
        ["# One\n\naa bb", "## Two\n\ncc dd ee", "### Three\n\nff gg hh", "## Four\n\nii"]
    );
    let paths: Vec<String> = pieces.iter().map(|p| p.headings.join("/")).collect();
    assert_eq!(paths, ["One", "One/Two", "One/Two/Three", "One/Four"]);
    // Less than a quarter full: the next heading joins.
    let pieces = checked(text, Syntax::Markdown, options(40, 0));
    assert_eq!(
        texts(text, &pieces),
        [text[..text.find("### Three").unwrap()].trim_end(), text[text.find("### Three").unwrap()..].trim_end()]
    );
    assert_eq!(pieces[1].headings, ["One", "Two", "Three"]);
}

#[test]
fn headings_stay_with_the_first_part_of_a_long_block() {
    let text = "# Head\n\nA b c d. E f g h. I j k l. M n o p.\n\ntail";
    let pieces = checked(text, Syntax::Markdown, options(8, 0));
    assert_eq!(texts(text, &pieces), ["# Head\n\nA b c d.", "E f g h.", "I j k l.", "M n o p.", "tail"]);
    assert!(pieces.iter().all(|p| p.headings == ["Head"]));
    // Also if the first sentence fits neither with it nor without.
    let text = "# Head\n\na b c d e f g h i j k l";
    assert_eq!(texts(text, &checked(text, Syntax::Markdown, options(8, 0))), ["# Head\n\na b c d e f", "g h i j k l"]);
}

#[test]
fn heading_without_text_is_a_passage_and_a_long_heading_is_split() {
    assert_eq!(checked("# Head", Syntax::Markdown, options(8, 0)).len(), 1);
    let long = format!("# {}\n\ntext", "长标题".repeat(400));
    let pieces = checked(&long, Syntax::Markdown, options(16, 4));
    assert!(pieces.len() > 60 && pieces.last().unwrap().headings[0].chars().count() == 201);
}

#[test]
fn headings_without_end_keep_their_paths() {
    let text: String = (0..50).map(|i| format!("# H{i}\n\n")).collect();
    let pieces = checked(&text, Syntax::Markdown, options(10, 2));
    for piece in &pieces {
        let first = text[piece.span.bytes.clone()].lines().next().unwrap().trim_start_matches("# ");
        assert_eq!(piece.headings, [first]);
    }
}

#[test]
fn overlap_is_of_whole_sentences() {
    let text = "甲乙丙。丁戊己。庚辛壬。癸子丑。";
    assert_eq!(
        texts(text, &checked(text, Syntax::Plain, options(9, 4))),
        ["甲乙丙。丁戊己。", "丁戊己。庚辛壬。", "庚辛壬。癸子丑。"]
    );
    assert_eq!(
        texts(text, &checked(text, Syntax::Plain, options(9, 3))),
        ["甲乙丙。丁戊己。", "戊己。庚辛壬。", "辛壬。癸子丑。"]
    );
    assert_eq!(texts(text, &checked(text, Syntax::Plain, options(9, 0))), ["甲乙丙。丁戊己。", "庚辛壬。癸子丑。"]);
}

#[test]
fn overlap_never_splits_a_sentence_that_fits() {
    let text = "One two. Three four five six seven. Eight nine ten eleven.";
    let pieces = checked(text, Syntax::Plain, options(11, 5));
    assert!(texts(text, &pieces).iter().all(|p| p.ends_with('.')), "{:?}", texts(text, &pieces));
}

#[test]
fn code_is_split_at_lines() {
    let text = "fn a() {\n    one;\n    two;\n}\n\nfn b() {\n    three;\n    four;\n}\n";
    let pieces = checked(text, Syntax::Code, options(10, 0));
    assert_eq!(texts(text, &pieces), ["fn a() {\n    one;\n    two;\n}", "fn b() {\n    three;\n    four;", "}"]);
}

#[test]
fn definitions_that_fit_stay_whole() {
    // The class has 20 tokens: with a maximum of 24 it is one passage, though the first method alone fills a quarter of it.
    let class = "class A:\n    x = 1\n\n    def f(self):\n        a b\n\n    def g(self):\n        c d\n";
    let text = format!("import a, b, c\n\n{class}\ny = f()\n");
    let pieces = checked(&text, Syntax::Code, options(24, 4));
    let shown: Vec<(String, &str)> = pieces.iter().map(|p| p.headings.join("/")).zip(texts(&text, &pieces)).collect();
    let passage = |headings: &str, text: &'static str| (headings.to_owned(), text);
    assert_eq!(shown, [passage("", "import a, b, c"), passage("class A", class.trim_end()), passage("", "y = f()")]);
    // If it does not fit, it is split at its methods, whose headings name the class.
    let pieces = checked(&text, Syntax::Code, options(12, 4));
    let paths: Vec<String> = pieces.iter().map(|p| p.headings.join("/")).collect();
    assert_eq!(paths, ["", "class A", "class A/def f", "class A/def g", ""], "{:?}", texts(&text, &pieces));
}

#[test]
fn overlap_of_code_is_of_whole_lines() {
    let long: String = (0..9).map(|i| format!("    call(a{i}, b{i})\n")).collect();
    let text = format!("def f():\n{long}");
    for piece in checked(&text, Syntax::Code, options(20, 8)) {
        assert!(text[..piece.span.bytes.start].trim_end_matches(' ').ends_with('\n') || piece.span.bytes.start == 0);
        assert_eq!(piece.headings, ["def f"]);
    }
}

#[test]
fn texts_without_a_place_to_split_are_split_with_bounded_work() {
    for (name, text) in [
        ("one word", "a".repeat(100_000)),
        ("base64", "QUJD+/8=".repeat(12_500)),
        ("Chinese", "汉字".repeat(50_000)),
        ("emoji", "👨‍👩‍👧‍👦😀🇨🇳".repeat(3_000)),
        ("marks", "。\u{ff0c}\u{ff01}\u{ff1f}\u{ff1b}".repeat(8_000)),
        ("dots", ".".repeat(100_000)),
        ("dots and brackets", ".)))))".repeat(20_000)),
        ("combining", "e\u{301}\u{302}".repeat(30_000)),
        ("windows", "line of text here\r\n".repeat(5_000)),
        ("spaces", format!("a{}b", " ".repeat(300_000))),
        ("no tokens", "\u{200b}\u{200d}".repeat(40_000)),
        ("minified", "function a(b,c){return b+c};var d=a(1,2);".repeat(2_500)),
        ("mixed", "我们用 BERT 生成句向量, with mean pooling 效果更好 ".repeat(2_000)),
    ] {
        for syntax in SYNTAXES {
            for (max, overlap) in [(8, 4), (250, 30), (8000, 100)] {
                for unruly in [false, true] {
                    let fake = FakeTokens { unruly, ..FakeTokens::default() };
                    let pieces = split(&text, syntax, &fake, options(max, overlap));
                    let (calls, bytes) = (fake.calls.get(), fake.bytes.get());
                    assert!(fake.longest.get() <= 64 << 10, "{name}: {} bytes at once", fake.longest.get());
                    assert!(
                        calls <= 16 * pieces.len() + text.len() / 4096 + 64,
                        "{name} {max}: {calls}, {} pieces",
                        pieces.len()
                    );
                    let unit = text.len() + (64 << 10);
                    assert!(bytes <= 12 * unit, "{name} {max}: {bytes} bytes tokenised of {}", text.len());
                    check(&text, &pieces, &fake, options(max, overlap));
                }
            }
        }
    }
}

#[test]
fn white_space_alone_gives_no_passage() {
    assert!(checked(" \r\n\u{3000}", Syntax::Markdown, options(8, 0)).is_empty());
}

#[test]
fn graphemes_stay_whole_where_they_fit() {
    let family = "👨‍👩‍👧‍👦";
    let text = family.repeat(50);
    let pieces = checked(&text, Syntax::Plain, options(16, 0));
    assert!(texts(&text, &pieces).iter().all(|p| p.len() % family.len() == 0));
}

#[test]
fn limits_out_of_range_are_clamped() {
    let text = "aa bb cc dd ee ff gg hh ii jj kk ll";
    assert_eq!(texts(text, &checked(text, Syntax::Plain, options(0, 0))), ["aa bb cc dd ee ff gg hh", "ii jj kk ll"]);
    checked(text, Syntax::Plain, options(8, usize::MAX));
    assert_eq!(checked(text, Syntax::Plain, options(usize::MAX, usize::MAX)).len(), 1);
}

fn fragments() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("# 标题 one\n"),
        Just("## Two\n\n"),
        Just("###### 六\n"),
        Just("Setext\n---\n"),
        Just("---\n"),
        Just("title: x\n"),
        Just("```\n"),
        Just("```rust\nfn a() {}\n"),
        Just("- item\n"),
        Just("  - nested\n"),
        Just("1. first\n\n"),
        Just("> quote\n"),
        Just("| a | b |\n|---|---|\n"),
        Just("| 1 | 2 |\n"),
        Just("<div>\n"),
        Just("[l]: http://x.y\n"),
        Just("[^1]: note\n"),
        Just("\n"),
        Just("\n\n"),
        Just("\r\n"),
        Just("    "),
        Just("\t"),
        Just(" "),
        Just("\u{3000}"),
        Just("。"),
        Just("\u{ff01}”"),
        Just("……"),
        Just("\u{ff0c}"),
        Just("\u{ff1b}"),
        Just(";"),
        Just(", "),
        Just(". "),
        Just("; "),
        Just("word "),
        Just("汉字"),
        Just("一段没有标点的很长的中文"),
        Just("antidisestablishmentarianism"),
        Just("👨‍👩‍👧‍👦"),
        Just("🇨🇳"),
        Just("e\u{301}"),
        Just(" \u{301}"),
        Just("3.14"),
        Just("a.b(c);"),
        Just("\u{200b}"),
        Just("\0"),
        Just("}\n"),
        Just("<!--"),
        Just("*"),
        Just("`"),
        Just("&amp;"),
        Just("fn a() {\n"),
        Just("class A:\n"),
        Just("    def f(self):\n        return 1\n"),
        Just("    }\n"),
        Just("end\n"),
        Just("@x\n"),
        Just("/* c\n"),
        Just("*/\n"),
        Just("// c\n"),
        Just("\"\"\""),
        Just("int f(int a,\n"),
        Just("public:\n"),
        Just("const f = (a) => {\n"),
        Just("create function f()\nbegin\n"),
        Just("====\n"),
        Just("Two\n----\n"),
        Just(".. note:: x\n\n   y\n"),
        Just("::\n\n  z\n"),
        Just("* TODO H :tag:\n"),
        Just("** h\n"),
        Just("#+BEGIN_SRC\n"),
        Just("#+end_src\n"),
        Just("\\section{A {b}}\n"),
        Just("\\begin{verbatim}\n"),
        Just("\\end{verbatim}\n"),
        Just("% \\section{c}\n"),
        Just("{"),
        Just("\\"),
    ];
    prop::collection::vec(part, 0..120).prop_map(|parts| parts.concat())
}

fn syntaxes() -> impl Strategy<Value = Syntax> {
    prop::sample::select(&SYNTAXES[..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn passages_of_fragments_keep_the_guarantees_and_share_only_cut_blocks(text in fragments(), syntax in syntaxes(), max in 8_usize..40, overlap in 0_usize..12, unruly: bool) {
        let fake = FakeTokens { unruly, ..FakeTokens::default() };
        let pieces = split(&text, syntax, &fake, options(max, overlap));
        check(&text, &pieces, &fake, options(max, overlap));
        let blocks = blocks_of(&text, (syntax, Cuts::Blocks));
        for pair in pieces.windows(2).filter(|pair| pair[1].span.bytes.start < pair[0].span.bytes.end) {
            let shared = pair[1].span.bytes.start;
            let at = blocks.iter().position(|b| b.bytes.contains(&shared)).unwrap();
            let headed = blocks[at].needs_next_block() || (at > 0 && blocks[at - 1].needs_next_block());
            let cut = &text[blocks[at].bytes.clone()];
            prop_assert!(headed || fake.count(cut) > max, "{cut:?} fits, so nothing in it is in two passages");
        }
    }

    #[test]
    fn passages_of_any_characters_keep_the_guarantees(text in "\\PC{0,300}|(?s).{0,300}", syntax in syntaxes(), max in 8_usize..40, unruly: bool) {
        let fake = FakeTokens { unruly, ..FakeTokens::default() };
        check(&text, &split(&text, syntax, &fake, options(max, 4)), &fake, options(max, 4));
    }

    #[test]
    fn passages_of_texts_read_in_parts_keep_the_guarantees(text in fragments(), syntax in syntaxes(), most in 1_usize..60, unruly: bool) {
        let fake = FakeTokens { unruly, ..FakeTokens::default() };
        check(&text, &split_by(most, 0, &text, syntax, &fake, options(12, 4)), &fake, options(12, 4));
    }

    #[test]
    fn headings_never_end_a_passage(words in prop::collection::vec((0_usize..4, 1_usize..12), 1..30)) {
        let text: String = words.iter().map(|(kind, n)| match kind {
            0 => "# h\n\n".to_owned(),
            1 => "## h h\n\n".to_owned(),
            _ => format!("{}\n\n", "w ".repeat(*n)),
        }).collect();
        for piece in checked(&text, Syntax::Markdown, options(60, 5)) {
            let passage = &text[piece.span.bytes.clone()];
            let last = passage.lines().last().unwrap_or_default();
            let rest = text[piece.span.bytes.end..].trim_start();
            prop_assert!(!last.starts_with('#') || rest.is_empty() || (passage.matches("w").count() == 0 && rest.starts_with('#')), "{passage:?}");
        }
    }
}

/// Returns the files of a corpus, unpacked in memory; empty, with a message, if it is absent.
fn corpus(name: &str) -> Vec<(String, String)> {
    let files = std::env::var_os("NIGH_TEST_FILES").map(PathBuf::from).unwrap_or_default();
    let Ok(file) = std::fs::File::open(files.join("corpora").join(name)) else {
        crate::ingest::skipped(&format!("NIGH_TEST_FILES names no folder with corpora/{name}"));
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(file)).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        if path.ends_with(".md") && std::io::Read::read_to_string(&mut entry, &mut text).is_ok() {
            files.push((path, text));
        }
    }
    assert!(files.len() > 100, "{name} has {} files", files.len());
    files
}

#[test]
fn passages_of_real_documents_keep_the_guarantees() {
    for name in ["javaguide.tar.gz", "rust-rfcs.tar.gz"] {
        let fake = FakeTokens::default();
        let (mut bytes, mut passages, mut small) = (0, 0, 0);
        for (_, text) in corpus(name) {
            for syntax in [Syntax::Markdown, Syntax::Plain] {
                let pieces = split(&text, syntax, &fake, options(250, 32));
                check(&text, &pieces, &fake, options(250, 32));
                if syntax == Syntax::Markdown {
                    bytes += text.len();
                    passages += pieces.len();
                    small += pieces.iter().filter(|p| p.tokens < 25).count();
                }
            }
        }
        if passages > 0 {
            eprintln!("{name}: {bytes} bytes, {passages} passages of Markdown, {small} of them under 25 tokens");
        }
    }
}

fn by_sections(text: &str, syntax: Syntax, max_tokens: usize) -> Vec<(String, String)> {
    let options = SplitOptions { max_tokens, paragraph_tokens: max_tokens, overlap_tokens: 4, cuts: Cuts::Sections };
    let pieces = split(text, syntax, &FakeTokens::default(), options);
    check(text, &pieces, &FakeTokens::default(), options);
    pieces.iter().map(|piece| (text[piece.span.bytes.clone()].replace('\n', "/"), piece.headings.join(" > "))).collect()
}

#[test]
fn passages_end_before_headings_of_the_same_or_a_higher_level() {
    let text = "# Guide\n\nIntro.\n\n## Backup\n\nNightly.\n\n### Where\n\nBergen.\n\n## Restore\n\nAsk Ana.\n";
    let found = by_sections(text, Syntax::Markdown, 100);
    let found: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(found, ["# Guide//Intro.//## Backup//Nightly.//### Where//Bergen.", "## Restore//Ask Ana."]);
}

#[test]
fn plain_text_is_cut_at_its_numbered_questions_and_titles() {
    let faq = "Common questions\n================\n\n1. How long are backups kept?\n   For thirty days.\n\n2. Who restores them?\n   Ana does, on Mondays.\n";
    let found = by_sections(faq, Syntax::Plain, 100);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].0.ends_with("For thirty days.") && found[1].0.starts_with("2. Who restores"), "{found:?}");
    let manual = "第一章 安装\n\n先连接电源，再按住按钮三秒。\n\n第二章 维护\n\n每月清洁一次滤网。\n";
    let found = by_sections(manual, Syntax::Plain, 100);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1].0.starts_with("第二章") && found[1].1.contains("维护"), "{found:?}");
}

#[test]
fn titles_in_capitals_and_behind_signs_belong_to_the_text_below() {
    let faq = "PART FOUR: HEAT\n\nQ: Can it cool?\nA: No.\n\nMONEY\n\nQ: Who pays?\nA: The fund pays.\n\nQ: How often?\nA: Once.\n";
    let found = by_sections(faq, Syntax::Plain, 100);
    assert!(found.iter().all(|(text, _)| !text.ends_with("MONEY")), "{found:?}");
    let money = found.iter().find(|(text, _)| text.contains("Who pays")).unwrap();
    assert!(money.0.contains("MONEY") || money.1.contains("MONEY"), "{found:?}");
    let signs = "【停车】\n员工停车每月一百元。\n\n【食堂】\n午餐十二点开始。\n\n■ 假期\n\n每年十五天。\n";
    let found = by_sections(signs, Syntax::Plain, 100);
    let starts: Vec<&str> = found.iter().map(|(text, _)| text.split("//").next().unwrap()).collect();
    assert_eq!(starts.len(), 3, "{found:?}");
    assert!(starts[1].starts_with("【食堂】") && starts[2].starts_with("■ 假期"), "{found:?}");
    let ruled = "－－－－－－－－\n【六】 探望\n－－－－－－－－\n\n问：几点？\n答：九点前。\n\n－－－－－－－－\n【七】 费用\n－－－－－－－－\n\n问：多少？\n答：一百元。\n";
    let found = by_sections(ruled, Syntax::Plain, 100);
    assert!(found.len() == 2 && found[1].0.contains("【七】") && !found[0].0.contains('七'), "{found:?}");
    let list = "要带的东西：\n■ 护照\n■ 水杯\n■ 雨衣\n";
    assert_eq!(by_sections(list, Syntax::Plain, 100).len(), 1);
}

#[test]
fn lines_of_a_log_are_never_split_between() {
    let log: String =
        (10..40).map(|minute| format!("2025-03-04 10:{minute} pump {minute} reports that all is well\n")).collect();
    let found = by_sections(&log, Syntax::Plain, 40);
    assert!(found.len() > 3);
    assert!(found.iter().all(|(text, _)| text.starts_with("2025-03-04") && text.ends_with("well")), "{found:?}");
}

#[test]
fn a_long_paragraph_stays_whole_up_to_its_own_limit() {
    let long = "One two three four five six seven. ".repeat(4);
    let text = format!("# Title\n\nShort one.\n\n{long}\n\nShort two.\n");
    let options = SplitOptions { max_tokens: 20, paragraph_tokens: 60, overlap_tokens: 2, cuts: Cuts::Sections };
    let pieces = split(&text, Syntax::Markdown, &FakeTokens::default(), options);
    check(&text, &pieces, &FakeTokens::default(), options);
    assert_eq!(texts(&text, &pieces), ["# Title\n\nShort one.", long.trim_end(), "Short two."]);
}
