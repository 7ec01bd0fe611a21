//! Rules compared with those of the crate `ignore`, and hostile rules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ignore::WalkBuilder;
use ignore::gitignore::GitignoreBuilder;
use rand_source::Random;

use super::*;
use crate::ingest::source::{WalkOptions, scan};

/// Few names, so that rules match them often.
const NAMES: [&str; 14] =
    ["a", "b", "ab", "ba.c", "a.c", "b.log", ".a", ".b.c", "a b", "中文.c", "[a]", "x.y.c", "é", "a\\b"];

mod rand_source {
    /// Random numbers that are the same in every run.
    pub(super) struct Random(pub(super) u64);

    impl Random {
        pub(super) fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % end
        }

        pub(super) fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
            choices[self.below(choices.len())]
        }
    }
}

/// Makes a rule of pieces that affect each other.
fn rule(random: &mut Random) -> String {
    const PIECES: [&str; 30] = [
        "a",
        "b",
        "*",
        "?",
        "/",
        "**",
        "**/",
        "/**",
        "/**/",
        "a",
        "b",
        ".c",
        ".",
        "*.c",
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[]a]",
        "[a",
        "{a,b}",
        "{a,{b,ab}}",
        "{,a}",
        "\\a",
        "\\*",
        "é",
        "中",
        "[é]",
        " ",
        ",",
    ];
    let mut rule = String::new();
    if random.below(5) == 0 {
        rule.push('!');
    }
    for _ in 0..=random.below(5) {
        rule.push_str(random.one_of(&PIECES));
    }
    if random.below(6) == 0 {
        rule.push('/');
    }
    if random.below(10) == 0 {
        rule = random
            .one_of(&[
                "a}", "{a", "a\\", "[c-a]", "# a", "", "\\!a", "\\#b", "!", "/", "**", "!**", "a\\ ", "a ", "*", "/*",
                ".*",
            ])
            .to_owned();
    }
    rule
}

fn path(random: &mut Random) -> String {
    let parts: Vec<&str> = (0..=random.below(4)).map(|_| random.one_of(&NAMES)).collect();
    parts.join("/")
}

#[test]
fn rules_decide_as_the_crate_ignore() {
    let mut random = Random(1);
    let (mut matched, mut invalid) = (0, 0);
    for _ in 0..12_000 {
        let rules: Vec<String> = (0..=random.below(3)).map(|_| rule(&mut random)).collect();
        let mut builder = GitignoreBuilder::new("");
        let (mut set, mut scratch) = (RuleSet::default(), GlobWorkspace::default());
        for line in &rules {
            let ours = pattern::parse(line, GlobDialect::Own);
            // A line that is not a rule for one is not a rule for the other either.
            assert_eq!(builder.add_line(None, line).is_ok(), ours.is_ok(), "{line:?}: {ours:?}");
            match ours {
                Ok(Some((pattern, verdict))) => set.add(pattern, verdict),
                Ok(None) => {}
                Err(_) => invalid += 1,
            }
        }
        let theirs = builder.build().unwrap();
        for _ in 0..12 {
            let path = path(&mut random);
            // The crate compares bytes.
            if !path.is_ascii() && rules.iter().any(|rule| rule.contains(['?', '['])) {
                continue;
            }
            for folder in [false, true] {
                let expected = match theirs.matched(&path, folder) {
                    ignore::Match::None => RuleDecision::Nothing,
                    ignore::Match::Ignore(_) => RuleDecision::LeaveOut,
                    ignore::Match::Whitelist(_) => RuleDecision::Keep,
                };
                matched += usize::from(expected != RuleDecision::Nothing);
                assert_eq!(set.decide(path.as_bytes(), folder, &mut scratch), expected, "{rules:?} {path} {folder}");
            }
        }
    }
    assert!(matched > 30_000 && invalid > 100, "{matched} {invalid}");
}

/// Creates a tree with rules in it and above it.
fn create_tree(random: &mut Random, folder: &Path, depth: usize) {
    fs::create_dir_all(folder).unwrap();
    for name in [".gitignore", ".nighignore", ".ignore", ".git/info/exclude"] {
        if random.below(4) == 0 {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let mut lines: Vec<String> = (0..=random.below(4)).map(|_| rule(random)).collect();
            if name == ".nighignore" {
                // In the crate `?` and a class match a byte, in nigh a character.
                lines.retain(|line| !line.contains(['?', '[']));
            }
            if name.contains("git") {
                // The crate reads braces as alternatives in git's files, too, and allows a `/` in a class; git does not.
                lines.retain(|line| !line.contains(['{', '}', '[']));
            }
            let ending = random.one_of(&["\n", "\r\n"]);
            let mark = random.one_of(&["", "", "\u{feff}"]);
            fs::write(file, format!("{mark}{}", lines.join(ending))).unwrap();
        }
    }
    for _ in 0..2 + random.below(4) {
        let path = folder.join(random.one_of(&NAMES));
        if path.exists() {
            continue;
        }
        if depth > 0 && random.below(2) == 0 {
            create_tree(random, &path, depth - 1);
        } else {
            fs::write(path, "x").unwrap();
        }
    }
}

/// Returns the walk of the crate `ignore`, which nigh used before.
fn walk_with_ignore_crate(root: &Path, hidden: bool) -> Vec<String> {
    let not_ours = |name: &std::ffi::OsStr| name == ".git" || name == ".nigh";
    let entries = WalkBuilder::new(root)
        .hidden(!hidden)
        .ignore(false)
        .git_ignore(true)
        .git_exclude(true)
        .git_global(false)
        .require_git(true)
        .parents(true)
        .add_custom_ignore_filename(".nighignore")
        .filter_entry(move |entry| entry.depth() == 0 || !not_ours(entry.file_name()))
        .build();
    let files = entries.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let below = |entry: ignore::DirEntry| entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let mut found: Vec<String> = files.map(below).collect();
    found.sort();
    found
}

#[test]
fn walks_find_what_the_crate_ignore_finds() {
    let (mut random, mut found_files, mut walked_folders) = (Random(2), 0, 0);
    for _ in 0..150 {
        let folder = tempfile::tempdir().unwrap();
        create_tree(&mut random, folder.path(), 4);
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        // Walk the folder itself, and those in it, where the rules above them also apply.
        let below = NAMES.map(|name| folder.path().join(name));
        let deeper = NAMES.map(|name| below[0].join(name));
        let roots = below.iter().chain(&deeper).filter(|path| path.is_dir()).map(|path| path.as_path());
        for root in std::iter::once(folder.path()).chain(roots) {
            for hidden in [false, true] {
                let walk = WalkOptions { hidden, ..WalkOptions::default() };
                let ours = scan(root, &walk, &|| false).unwrap();
                let ours: Vec<&str> = ours.files.iter().map(|file| file.relative.as_str()).collect();
                assert_eq!(ours, walk_with_ignore_crate(root, hidden), "{root:?} {hidden}");
                found_files += ours.len();
            }
            walked_folders += 1;
        }
    }
    assert!(found_files > 2000 && walked_folders > 200, "{found_files} {walked_folders}");
}

#[test]
fn exclude_file_of_a_worktree_is_in_its_repository() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for path in ["main/.git/info", "main/.git/worktrees/w", "w"] {
        fs::create_dir_all(at(path)).unwrap();
    }
    fs::write(at("main/.git/info/exclude"), "*.log\n").unwrap();
    fs::write(at("main/.git/worktrees/w/commondir"), "../..\n").unwrap();
    fs::write(at("w/a.log"), "").unwrap();
    fs::write(at("w/a.md"), "").unwrap();
    for pointer in [at("main/.git/worktrees/w").to_str().unwrap(), "../main/.git/worktrees/w"] {
        fs::write(at("w/.git"), format!("gitdir: {pointer}\n")).unwrap();
        let found = scan(&at("w"), &WalkOptions::default(), &|| false).unwrap();
        assert_eq!(found.files.len(), 1, "{pointer}: {found:?}");
        assert!(found.skipped.is_empty());
    }
}

/// True if a line leaves out the file `path`: as a line in a file of nigh's, and in one of git's.
fn decide(line: &str, path: &str) -> [bool; 2] {
    [GlobDialect::Own, GlobDialect::Git].map(|dialect| {
        let (mut set, mut scratch) = (RuleSet::default(), GlobWorkspace::default());
        let Ok(Some((pattern, verdict))) = pattern::parse(line, dialect) else { return false };
        set.add(pattern, verdict);
        set.decide(&bytes_of(Path::new(path)), false, &mut scratch) == RuleDecision::LeaveOut
    })
}

#[test]
fn braces_are_alternatives_in_files_of_nigh_and_literal_in_those_of_git() {
    for (line, path, expected) in [
        ("*.{c,h}", "x/a.c", [true, false]),
        ("*.{c,h}", "a.{c,h}", [false, true]),
        ("{{cookiecutter.name}}", "{{cookiecutter.name}}", [false, true]),
    ] {
        assert_eq!(decide(line, path), expected, "{line} {path}");
    }
    assert!(pattern::parse("a{b", GlobDialect::Own).is_err());
    assert!(pattern::parse("a{b", GlobDialect::Git).is_ok());
}

#[test]
fn classes_in_files_of_git_can_escape_and_have_names_and_no_slash() {
    for (line, path, expected) in [
        ("*[\\<\\>\\:\\\"\\/\\\\\\|\\?\\*]*", "folder/bar.txt", false),
        ("x[\\]\\?]y", "x]y", true),
        ("x[\\]\\?]y", "x\\y", false),
        ("x[!a]y", "x/y", false),
        ("x[!a]y", "xby", true),
        ("x[[:digit:]_]y", "x7y", true),
        ("x[[:digit:]_]y", "x_y", true),
        ("x[[:digit:]_]y", "x:y", false),
        ("x[![:space:]]y", "x y", false),
        ("x[[:digit]y", "x:y", true),
        ("x[\\a-\\c]y", "xby", true),
    ] {
        assert_eq!(decide(line, path)[1], expected, "{line} {path}");
    }
}

/// `?` and classes match a character in nigh's files, and a byte in git's files, as in git.
#[test]
fn wildcards_match_characters_in_files_of_nigh_and_bytes_in_those_of_git() {
    for (line, path, expected) in [
        ("?.md", "x/é.md", [true, false]),
        ("??.md", "é.md", [false, true]),
        ("?.md", "中.md", [true, false]),
        ("?.md", "a.md", [true, true]),
        ("caf?", "cafe\u{301}", [true, false]),
        ("[é].md", "é.md", [true, false]),
        ("[éa].md", "a.md", [true, true]),
        ("[éa].md", "è.md", [false, false]),
        ("[!é].md", "è.md", [true, false]),
        ("[!é].md", "é.md", [false, false]),
        ("[!a]", "中", [true, false]),
        ("[а-я].md", "д.md", [true, false]),
        ("[一-龥]*.md", "文档.md", [true, true]),
        ("*?", "é", [true, true]),
        ("*?é", "xéé", [true, true]),
        ("*[é]?x", "aé中x", [true, false]),
        ("a/**/?.md", "a/b/c/é.md", [true, false]),
        ("{?,ab}.md", "é.md", [true, false]),
        ("/?/?.md", "é/é.md", [true, false]),
        ("?", "/", [false, false]),
    ] {
        assert_eq!(decide(line, path), expected, "{line} {path}");
    }
    let long = format!("{}x", "é?".repeat(1000));
    assert!(decide(&long, &format!("{}x", "éé".repeat(1000)))[0]);
}

#[test]
fn spaces_at_the_end_of_a_line_are_removed_as_in_git() {
    for (line, path, expected) in [
        ("a  ", "a", true),
        ("a\\ ", "a ", true),
        ("a\\   ", "a ", true),
        ("a\\ ", "a", false),
        ("a\\\\ ", "a\\", true),
        ("a\t", "a\t", true),
        ("a\t", "a", false),
        ("a\u{3000}", "a\u{3000}", true),
        (" a", "a", false),
        ("\\#a", "#a", true),
        ("\\!a", "!a", true),
    ] {
        assert_eq!(decide(line, path), [expected; 2], "{line:?} {path:?}");
    }
}

#[test]
fn names_are_compared_composed() {
    // One name in two ways: composed, and as some systems store it.
    let pairs =
        [("café", "cafe\u{301}"), ("학점", "\u{1112}\u{1161}\u{11a8}\u{110c}\u{1165}\u{11b7}"), ("ё", "е\u{308}")];
    for (composed, decomposed) in pairs {
        for (rule, name) in [(composed, decomposed), (decomposed, composed), (decomposed, decomposed)] {
            for (rule, path) in [
                (rule.to_owned(), format!("x/{name}")),
                (format!("*{rule}*"), format!("a {name} b.md")),
                (format!("/{rule}/*.md"), format!("{name}/a.md")),
                (format!("*.{rule}"), format!("a.{name}")),
            ] {
                assert_eq!(decide(&rule, &path), [true, true], "{rule:?} {path:?}");
            }
        }
    }
}

#[test]
fn bracket_without_its_end_is_an_error_only_in_a_setting() {
    assert_eq!(decide("[bad", "[bad"), [true, true]);
    let refused = parse_lines(&["ok".to_owned(), "[bad".to_owned()]).unwrap_err();
    assert!(refused.contains("[bad: a [ without its ]"), "{refused}");
    assert!(parse_lines(&["\\[bad".to_owned(), "[b]ad".to_owned()]).is_ok());
}

#[test]
fn exclude_file_of_a_submodule_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for path in [".git/info", ".git/modules/m/info", "m"] {
        fs::create_dir_all(at(path)).unwrap();
    }
    fs::write(at(".git/info/exclude"), "*.md\n").unwrap();
    fs::write(at(".git/modules/m/info/exclude"), "*.log\n").unwrap();
    fs::write(at("m/.git"), "gitdir: ../.git/modules/m\n").unwrap();
    fs::write(at("m/a.log"), "").unwrap();
    fs::write(at("m/a.md"), "").unwrap();
    let found = || scan(folder.path(), &WalkOptions::default(), &|| false).unwrap().files.len();
    assert_eq!(found(), 2, "what is no repository has none");
    fs::write(at(".git/modules/m/HEAD"), "ref: refs/heads/main\n").unwrap();
    assert_eq!(found(), 1);
}

#[test]
fn hostile_rules_take_a_bounded_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut inner = folder.path().to_path_buf();
    let lines = [
        format!("{}b\n", "*a".repeat(500)),
        format!("*{}b\n", "a".repeat(120)),
        format!("{}b\n", "**/a*".repeat(100)),
        format!("{}c\n", "{a,b}".repeat(30)),
        format!("*a{}b\n", "?".repeat(100)),
    ];
    let hostile: String = lines.iter().cycle().take(4000).map(String::as_str).collect();
    let hostile = hostile.get(..1 << 20).and_then(|cut| cut.rsplit_once('\n')).map_or(&*hostile, |(cut, _)| cut);
    for _ in 0..30 {
        inner.push("a".repeat(20));
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join(".gitignore"), hostile).unwrap();
        for number in 0..10 {
            fs::write(inner.join(format!("{}{number}", "a".repeat(200))), "").unwrap();
        }
    }
    let started = Instant::now();
    let found = scan(folder.path(), &WalkOptions::default(), &|| false).unwrap();
    let took = started.elapsed();
    assert_eq!(found.files.len(), 300);
    let other = found.skipped.iter().find(|skipped| !skipped.reason.contains("hold here"));
    assert_eq!(other, None);
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn bounds_hold_for_all_rules_of_a_place_together_and_end_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir_all(at("a/b")).unwrap();
    fs::create_dir_all(at("c")).unwrap();
    let many = |kind: &str| (0..12_000).map(|number| format!("{kind}{number}\n")).collect::<String>();
    fs::write(at("a/.gitignore"), many("x")).unwrap();
    fs::write(at("a/b/.gitignore"), many("y")).unwrap();
    fs::write(at("c/.gitignore"), many("z")).unwrap();
    for file in ["a/x11999", "a/b/y7999", "a/b/y8000", "c/z11999"] {
        fs::write(at(file), "").unwrap();
    }
    let found = scan(folder.path(), &WalkOptions::default(), &|| false).unwrap();
    let names: Vec<&str> = found.files.iter().map(|file| file.relative.as_str()).collect();
    assert_eq!(names, ["a/b/y8000"], "what is over the bound is not applied, what is below it is");
    let reported: Vec<&str> = found.skipped.iter().map(|skipped| skipped.path.as_str()).collect();
    assert_eq!(reported, ["a/b/.gitignore"]);
    let reason = &found.skipped[0].reason;
    assert!(reason.contains("line 8001 (and 3999 more)") && reason.contains("20000"), "{reason}");
}

#[test]
fn globs_of_the_settings_are_bounded_too() {
    let globs = |glob: String, times: usize| parse_lines(&vec![glob; times]).map(|_| ());
    assert!(globs("*.md".to_owned(), 100).is_ok());
    assert!(globs("*.md".to_owned(), 30_000).is_err());
    assert!(globs("x".repeat(5000), 1).is_err());
    assert!(globs("*a".repeat(2000), 10).is_err());
    assert!(globs("{".repeat(40), 1).unwrap_err().contains("braces"));
}
