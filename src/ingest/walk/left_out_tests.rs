//! Tests of what a walk leaves out without any error: repositories below, ignore files and their counts, generated files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::tests::{folder, names, run};
use super::*;
use crate::ingest::source::LeftOutBy::{Exclude, Generated, IgnoreFile, Include};

/// Returns reason, name, number of files and number of folders.
fn left_out(scan: &FolderScan) -> Vec<(LeftOutBy, &str, usize, usize)> {
    scan.left_out.iter().map(|((by, name), count)| (*by, name.as_str(), count.files, count.folders)).collect()
}

#[test]
fn repository_below_ends_rules_of_git_and_not_of_nigh() {
    let folder = folder(&[
        (".git/info/exclude", "secret.md\n"),
        (".gitignore", "*.log\n/nested/private.md\n"),
        (".nighignore", "draft.md\n"),
        ("a.log", "left out"),
        ("secret.md", "left out"),
        ("plain/b.log", "left out: no repository"),
        ("nested/.git/config", ""),
        ("nested/.gitignore", "own.md\n"),
        ("nested/a.log", "another repository"),
        ("nested/secret.md", "another repository"),
        ("nested/private.md", "another repository"),
        ("nested/own.md", "left out by its own"),
        ("nested/draft.md", "left out by ours"),
        ("nested/deep/a.log", "another repository"),
        // A submodule and a worktree have a file with the path of the repository.
        ("module/.git", "gitdir: ../.git/modules/module\n"),
        ("module/a.log", "another repository"),
    ]);
    let found = run(folder.path(), &WalkOptions::default());
    let expected = ["module/a.log", "nested/a.log", "nested/deep/a.log", "nested/private.md", "nested/secret.md"];
    assert_eq!(names(&found), expected);
    let expected_left_out = [
        (IgnoreFile, ".git/info/exclude", 1, 0),
        (IgnoreFile, ".gitignore", 2, 0),
        (IgnoreFile, ".nighignore", 1, 0),
        (IgnoreFile, "nested/.gitignore", 1, 0),
    ];
    assert_eq!(left_out(&found), expected_left_out);

    // From inside: the same rules apply, up to the repository's top.
    assert_eq!(
        names(&run(&folder.path().join("nested"), &WalkOptions::default())),
        &["a.log", "deep/a.log", "private.md", "secret.md"]
    );
    assert_eq!(names(&run(&folder.path().join("nested/deep"), &WalkOptions::default())), ["a.log"]);
    let inside = run(&folder.path().join("plain"), &WalkOptions::default());
    let outer = folder.path().canonicalize().unwrap().join(".gitignore");
    assert_eq!(left_out(&inside), [(IgnoreFile, outer.to_str().unwrap(), 1, 0)], "named by its whole path");
}

#[test]
fn base_decides_which_rules_above_apply_outside_repositories() {
    let folder = folder(&[
        (".gitignore", "*.md\n"),
        ("base/.gitignore", "*.log\n"),
        ("base/sub/a.md", "a"),
        ("base/sub/b.log", "b"),
    ]);
    let root = folder.path().join("base/sub");
    assert_eq!(names(&run(&root, &WalkOptions::default())), ["a.md", "b.log"], "a stray file far above rules nobody");
    let base = Some(folder.path().join("base"));
    assert_eq!(names(&run(&root, &WalkOptions { base, ..WalkOptions::default() })), ["a.md"]);
}

#[test]
fn left_out_counts_globs_and_not_hidden_names() {
    let folder = folder(&[
        ("a.md", "a"),
        ("b.txt", "b"),
        ("c.txt", "c"),
        ("drafts/d.md", "d"),
        ("drafts/e.md", "e"),
        (".hidden.log", ""),
        (".gitignore", ".hidden.log\n"),
    ]);
    let walk =
        WalkOptions { include: vec!["*.md".to_owned()], exclude: vec!["/drafts".to_owned()], ..WalkOptions::default() };
    let found = run(folder.path(), &walk);
    assert_eq!(names(&found), ["a.md"]);
    assert_eq!(left_out(&found), [(Include, "", 2, 0), (Exclude, "", 0, 1)]);
}

#[test]
fn generated_files_are_left_out_and_counted_by_name() {
    const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# made by a tool\n";
    let folder = folder(&[
        ("web/node_modules/a/readme.md", "x"),
        ("app/node_modules/b/readme.md", "x"),
        ("web/package-lock.json", "{}"),
        ("web/package.json", "{}"),
        ("py/__pycache__/m.py", "x"),
        ("py/my env/pyvenv.cfg", "home = /usr/bin\n"),
        ("py/my env/lib/a.py", "x"),
        ("rust/Cargo.toml", "[package]\n"),
        ("rust/Cargo.lock", "version = 4\n"),
        ("rust/target/doc.md", "x"),
        ("cache/CACHEDIR.TAG", TAG),
        ("cache/a.md", "x"),
        // These only have common names.
        ("sales/target/goals.md", "x"),
        ("house/build/plan.md", "x"),
        ("trade/vendor/prices.md", "x"),
        ("odd/CACHEDIR.TAG", "no signature\n"),
        ("odd/dist/a.md", "x"),
    ]);
    let found = run(folder.path(), &WalkOptions::default());
    let expected = [
        "house/build/plan.md",
        "odd/CACHEDIR.TAG",
        "odd/dist/a.md",
        "rust/Cargo.toml",
        "sales/target/goals.md",
        "trade/vendor/prices.md",
        "web/package.json",
    ];
    assert_eq!(names(&found), expected);
    let expected_left_out = [
        (Generated, "Cargo.lock", 1, 0),
        (Generated, "__pycache__", 0, 1),
        (Generated, "cache", 0, 1),
        (Generated, "my env", 0, 1),
        (Generated, "node_modules", 0, 2),
        (Generated, "package-lock.json", 1, 0),
        (Generated, "target", 0, 1),
    ];
    assert_eq!(left_out(&found), expected_left_out);
    assert!(found.skipped.is_empty(), "{found:?}");

    // As a root, it is walked like any other; and an ignore file can include it again.
    assert_eq!(names(&run(&folder.path().join("web/node_modules"), &WalkOptions::default())), ["a/readme.md"]);
    fs::write(folder.path().join(".nighignore"), "!node_modules/\n!Cargo.lock\n").unwrap();
    fs::write(folder.path().join("rust/.gitignore"), "/target\n").unwrap();
    let taken = run(folder.path(), &WalkOptions::default());
    for name in ["web/node_modules/a/readme.md", "app/node_modules/b/readme.md", "rust/Cargo.lock"] {
        assert!(names(&taken).contains(&name), "{name}");
    }
    assert!(left_out(&taken).contains(&(IgnoreFile, "rust/.gitignore", 0, 1)), "a rule goes first: {taken:?}");
}

#[test]
fn collection_folder_is_never_walked_whatever_its_name() {
    let folder =
        folder(&[("a.md", "a"), ("all.idx/.gitignore", "*\n"), ("all.idx/head", ""), ("sub/all.idx/b.md", "b")]);
    let own = folder.path().join("all.idx").canonicalize().ok();
    let found = run(folder.path(), &WalkOptions { own, ..WalkOptions::default() });
    assert_eq!(names(&found), ["a.md", "sub/all.idx/b.md"]);
    assert_eq!(left_out(&found), []);
}

#[cfg(unix)]
#[test]
fn root_whose_files_cannot_be_accessed_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("shut/a.md", "a")]);
    let root = folder.path().join("shut");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o444)).unwrap();
    let refused = fs::metadata(root.join("a.md")).is_err();
    let result = scan(&root, &WalkOptions::default(), &|| false);
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
    if !refused {
        return crate::ingest::skipped("this user may read everything");
    }
    assert!(matches!(result, Err(Error::Io { .. })), "{result:?}");
}

#[test]
fn generated_files_alone_do_not_make_a_folder_empty() {
    let folder = folder(&[("node_modules/a.js", "x")]);
    assert!(!run(folder.path(), &WalkOptions::default()).is_empty());
    assert!(!is_bare(folder.path(), &WalkOptions::default(), &|| false).unwrap());
}
