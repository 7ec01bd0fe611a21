//! Walks of small folders.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use std::cell::Cell;
use std::io;
use std::time::UNIX_EPOCH;

use super::errors::add_failed;
use super::facts::nanoseconds;
use super::*;

/// Creates a folder with these files: path and content.
pub(super) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

pub(super) fn run(root: &Path, walk: &WalkOptions) -> FolderScan {
    scan(root, walk, &|| false).unwrap()
}

pub(super) fn names(scan: &FolderScan) -> Vec<&str> {
    scan.files.iter().map(|f| f.relative.as_str()).collect()
}

fn reason<'s>(scan: &'s FolderScan, path: &str) -> &'s str {
    &scan.skipped.iter().find(|s| s.path == path).unwrap_or_else(|| panic!("{path} is not in {scan:?}")).reason
}

#[test]
fn ignored_files_hidden_files_and_own_folders_are_left_out() {
    let folder = folder(&[
        ("b.md", "b"),
        ("a/z.md", "z"),
        ("a/build/out.md", "ignored by a/.gitignore"),
        ("a/.gitignore", "build/\n*.log\n!keep.log\n"),
        ("a/x.log", "ignored"),
        ("a/keep.log", "kept by its negation"),
        (".nighignore", "secret*\n"),
        ("secret.md", "ignored"),
        (".ignore", "b.md\n"),
        (".hidden.md", "hidden"),
        (".nigh/notes.md", "own"),
        ("a/.nigh/notes.md", "own"),
        (".git/info/exclude", "a/excluded.md\n"),
        ("a/excluded.md", "in git's own list"),
        ("中文 文件.md", "zh"),
    ]);
    let found = run(folder.path(), &WalkOptions::default());
    assert_eq!(names(&found), ["a/keep.log", "a/z.md", "b.md", "中文 文件.md"]);
    assert!(found.skipped.is_empty() && found.failed_directories.is_empty(), "{found:?}");
    assert_eq!((found.files[2].size, found.files[2].path.as_path()), (1, folder.path().join("b.md").as_path()));
    assert!(found.files[2].modified_ns > 1_500_000_000_000_000_000);

    let hidden = run(folder.path(), &WalkOptions { hidden: true, ..WalkOptions::default() });
    let expected =
        [".hidden.md", ".ignore", ".nighignore", "a/.gitignore", "a/keep.log", "a/z.md", "b.md", "中文 文件.md"];
    assert_eq!(names(&hidden), expected);
    assert_eq!(run(folder.path(), &WalkOptions::default()), found, "the order is the same every time");
}

#[test]
fn size_limit_is_reported_with_its_option() {
    let folder = folder(&[("big.txt", "12345"), ("fits.txt", "1234")]);
    let found = run(folder.path(), &WalkOptions { max_file_size: 4, ..WalkOptions::default() });
    assert_eq!(names(&found), ["fits.txt"]);
    assert!(reason(&found, "big.txt").contains("max_file_size"));
}

#[test]
fn root_may_be_a_single_file() {
    let folder = folder(&[("a.md", "a"), (".gitignore", "*\n")]);
    let found = run(&folder.path().join("a.md"), &WalkOptions::default());
    assert_eq!(names(&found), ["a.md"], "asked for by name, so no rule leaves it out");
    assert_eq!(found.files[0].path, folder.path().join("a.md"));
}

#[test]
fn missing_root_is_an_error() {
    let folder = folder(&[]);
    assert!(matches!(scan(&folder.path().join("no"), &WalkOptions::default(), &|| false), Err(Error::Io { .. })));
}

#[test]
fn cancelling_stops_the_walk_at_once() {
    let folder = folder(&[("a", "a"), ("b", "b"), ("c", "c")]);
    let calls = Cell::new(0);
    let result = scan(folder.path(), &WalkOptions::default(), &|| calls.replace(calls.get() + 1) >= 2);
    assert!(matches!(result, Err(Error::Interrupted)));
    assert_eq!(calls.get(), 3);
}

#[test]
fn ignore_rule_that_is_invalid_is_reported_and_the_others_apply() {
    let folder = folder(&[("a.md", "a"), ("b.md", "b"), (".nighignore", "b{,.md\nb.md\n")]);
    let found = run(folder.path(), &WalkOptions::default());
    assert_eq!(names(&found), ["a.md"]);
    assert!(reason(&found, ".nighignore").contains("not understood"), "{found:?}");
}

#[cfg(unix)]
#[test]
fn links_are_reported_and_followed_on_request() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("real/a.md", "a"), ("b.md", "b")]);
    let root = folder.path();
    symlink("b.md", root.join("link.md")).unwrap();
    symlink("nowhere", root.join("dangling.md")).unwrap();
    symlink("self.md", root.join("self.md")).unwrap();
    symlink("..", root.join("real/up")).unwrap();
    let found = run(root, &WalkOptions::default());
    assert_eq!(names(&found), ["b.md", "real/a.md"]);
    assert!(reason(&found, "link.md").contains("follow_links"));
    assert!(reason(&found, "real/up").contains("symbolic link"));
    assert!(reason(&found, "dangling.md").contains("nowhere"));
    assert!(reason(&found, "self.md").contains("nowhere"));
    assert!(found.failed_directories.is_empty());

    let followed = run(root, &WalkOptions { follow_links: true, ..WalkOptions::default() });
    assert_eq!(names(&followed), ["b.md", "link.md", "real/a.md"]);
    assert_eq!(followed.files[1].size, 1, "the size is that of the target");
    assert!(reason(&followed, "real/up").contains("above it"));
    assert!(reason(&followed, "dangling.md").contains("nowhere"));
    assert!(reason(&followed, "self.md").contains("symbolic link"), "{followed:?}");

    let linked_root = tempfile::tempdir().unwrap();
    symlink(root, linked_root.path().join("way")).unwrap();
    assert_eq!(names(&run(&linked_root.path().join("way"), &WalkOptions::default())), ["b.md", "real/a.md"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_and_sockets_are_reported() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::UnixListener;
    let folder = folder(&[("a.md", "a")]);
    fs::write(folder.path().join(OsStr::from_bytes(b"bad\xff.md")), "x").unwrap();
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    let found = run(folder.path(), &WalkOptions::default());
    assert_eq!(names(&found), ["a.md"]);
    assert!(reason(&found, "bad\u{fffd}.md").contains("rename"));
    assert_eq!(reason(&found, "socket"), "not a regular file");
}

#[cfg(unix)]
#[test]
fn unreadable_folder_is_unknown_and_not_empty() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("open/a.md", "a"), ("shut/b.md", "b")]);
    let shut = folder.path().join("shut");
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&shut).is_ok() {
        crate::ingest::skipped("this user (root?) can read a folder of mode 000");
        return;
    }
    let found = run(folder.path(), &WalkOptions::default());
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(names(&found), ["open/a.md"]);
    assert_eq!(found.failed_directories, ["shut"]);
    assert!(reason(&found, "shut").contains("cannot be read"));
}

#[test]
fn unreadable_folder_leaves_the_files_below_unknown() {
    // Pass the kind of the error, so that the test also runs where every folder can be read.
    let refused = (io::ErrorKind::PermissionDenied, false);
    let mut scan = FolderScan::default();
    add_failed(&mut scan, Some(Path::new("shut/in")), "shut/in".to_owned(), refused, "refused");
    assert_eq!(scan.failed_directories, ["shut/in"]);
    assert!(scan.is_unknown("shut/in") && scan.is_unknown("shut/in/a.md"));
    assert!(!scan.is_unknown("shut/inside.md") && !scan.is_unknown("shut") && !scan.is_unknown("a.md"));
    add_failed(&mut scan, None, String::new(), refused, "refused");
    assert!(scan.is_unknown("a.md"), "an error without a path may hide anything");
}

#[test]
fn times_before_1970_are_negative() {
    let second = std::time::Duration::from_secs(1);
    assert_eq!(nanoseconds(UNIX_EPOCH + second), 1_000_000_000);
    assert_eq!(nanoseconds(UNIX_EPOCH - second), -1_000_000_000);
}

#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ignore_files_that_are_links_pipes_or_huge_are_reported_and_not_read() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[
        ("a.md", "a"),
        ("rules", "*.md\n"),
        ("linked/b.md", "b"),
        ("endless/c.md", "c"),
        ("piped/d.md", "d"),
        ("huge/e.md", "e"),
        ("folder/f.md", "f"),
        ("folder/.gitignore/x", "x"),
        ("repository/.git/info/x", "x"),
        ("repository/g.md", "g"),
        ("elsewhere/h.md", "h"),
        ("dangling/i.md", "i"),
    ]);
    let root = folder.path();
    symlink("../rules", root.join("linked/.nighignore")).unwrap();
    symlink("/dev/zero", root.join("endless/.gitignore")).unwrap();
    pipe(&root.join("piped/.gitignore"));
    fs::write(root.join("huge/.gitignore"), "*.md\n".repeat(300_000)).unwrap();
    pipe(&root.join("repository/.git/info/exclude"));
    symlink("../repository/.git", root.join("elsewhere/.git")).unwrap();
    symlink("nowhere", root.join("dangling/.gitignore")).unwrap();
    let found = run(root, &WalkOptions::default());
    let taken = [
        "a.md",
        "dangling/i.md",
        "elsewhere/h.md",
        "endless/c.md",
        "folder/f.md",
        "huge/e.md",
        "linked/b.md",
        "piped/d.md",
        "repository/g.md",
        "rules",
    ];
    assert_eq!(names(&found), taken);
    for (path, what) in [
        ("linked/.nighignore", "symbolic link"),
        ("dangling/.gitignore", "symbolic link"),
        ("endless/.gitignore", "symbolic link"),
        ("piped/.gitignore", "FIFO"),
        ("huge/.gitignore", "1048576 bytes"),
        ("repository/.git/info/exclude", "FIFO"),
        ("elsewhere/.git", "symbolic link"),
    ] {
        let reason = reason(&found, path);
        assert!(reason.contains(what) && reason.contains("applied"), "{path}: {reason}");
    }
    assert_eq!(found.skipped.len(), 7, "{:?}", found.skipped);
}

#[cfg(unix)]
#[test]
fn root_may_be_a_link_and_its_ignore_file_may_not() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("real/a.md", "a"), ("real/b.log", "b"), ("rules", "*.log\n")]);
    let root = folder.path().join("way");
    symlink("real", &root).unwrap();
    symlink("../rules", folder.path().join("real/.gitignore")).unwrap();
    let found = run(&root, &WalkOptions::default());
    assert_eq!(names(&found), ["a.md", "b.log"]);
    assert!(reason(&found, ".gitignore").contains("symbolic link"));
}

#[test]
fn ignore_file_problems_are_reported_once_for_each_kind() {
    let long = format!("{}\n", "x".repeat(5000));
    let rules = [b"\xef\xbb\xbf*.log\ncaf\xe9\n[z-a]\n{\n{\n# \xff\n".as_slice(), long.as_bytes(), b"b.md\n"].concat();
    let folder = folder(&[("a.md", ""), ("b.md", ""), ("c.log", "")]);
    fs::write(folder.path().join(".nighignore"), rules).unwrap();
    let found = run(folder.path(), &WalkOptions::default());
    assert_eq!(names(&found), ["a.md"], "{found:?}");
    let reasons: Vec<&str> = found.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for wanted in ["line 3 (and 2 more)", "line 2: not UTF-8", "line 7: more than 4096 bytes"] {
        assert!(reasons.iter().any(|reason| reason.contains(wanted)), "{wanted}: {reasons:?}");
    }
}

#[test]
fn empty_folder_differs_from_one_whose_files_are_left_out() {
    let empty = folder(&[]);
    fs::create_dir_all(empty.path().join("a/b")).unwrap();
    fs::write(empty.path().join(".not-mounted"), "").unwrap();
    let bare = |folder: &Path| is_bare(folder, &WalkOptions::default(), &|| false).unwrap();
    assert!(run(empty.path(), &WalkOptions::default()).is_empty() && bare(empty.path()));
    let ignored = folder(&[("a/b.md", ""), (".gitignore", "*.md\n")]);
    assert!(!run(ignored.path(), &WalkOptions::default()).is_empty() && !bare(ignored.path()));
    let unwanted = folder(&[("a.md", "")]);
    let walk = WalkOptions { include: vec!["*.txt".to_owned()], ..WalkOptions::default() };
    assert!(!run(unwanted.path(), &walk).is_empty());
    let part = WalkOptions { only: Some(vec!["gone.md".to_owned()]), ..WalkOptions::default() };
    assert!(run(unwanted.path(), &part).is_empty(), "nothing where it was looked");
    assert!(!bare(unwanted.path()));
}
