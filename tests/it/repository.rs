//! A hostile repository: what is no regular file of its own, at every path of `.nigh` and in the place of every ignore file.
//! Whatever command runs in it, nothing outside changes or is read, nothing hangs, and memory stays bounded.
//!
//! `NIGH_TEST_FULL` runs every command in every case; else a quarter of them, spread over all.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::chance::in_threads;
use crate::support::prepared::{Prepared, write};
use crate::support::program::{Ran, at_home, bounded, watched};
use crate::support::tree::{self, Seen};

/// What stands in the files of the home, and nowhere else.
const SECRET: &str = "SENTINEL-5d1c of the reader's own files";
const LIMIT: Duration = Duration::from_secs(10);

/// Everywhere that nigh keeps something or looks for something, and what it calls new files.
const PATHS: [&str; 25] = [
    ".nigh",
    ".nigh/lock",
    ".nigh/head",
    ".nigh/head.new",
    ".nigh/config.toml",
    ".nigh/config.toml.new",
    ".nigh/folders.json",
    ".nigh/folders.json.new",
    ".nigh/.gitignore",
    ".nigh/records",
    ".nigh/records/db",
    ".nigh/records/conf",
    ".nigh/records/blobs",
    ".nigh/records/snap.0000000000000765",
    ".nigh/records/snap.0000000000000765.generating",
    ".nigh/published",
    ".nigh/published/CURRENT",
    ".nigh/published/CURRENT.new",
    ".nigh/published/segment-00000000",
    ".nigh/published/segment-00000005",
    ".gitignore",
    ".nighignore",
    ".git/info/exclude",
    "sub/.gitignore",
    "sub/.nighignore",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    /// A link to a file of the home, to nothing in it, to a folder of it, to what never ends.
    Link,
    Dangling,
    LinkToFolder,
    LinkToZero,
    Fifo,
    Socket,
    Device,
    /// A second name of a file of the home.
    HardLink,
}

const OBJECTS: [Object; 8] = [
    Object::Link,
    Object::Dangling,
    Object::LinkToFolder,
    Object::LinkToZero,
    Object::Fifo,
    Object::Socket,
    Object::Device,
    Object::HardLink,
];

/// What the repository has beside the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// A whole collection.
    Collection,
    /// A head that says that one is there.
    Head,
    Nothing,
}

const COMMANDS: [&[&str]; 16] = [
    &["search", "pooling"],
    &["search", "pooling", "--mode", "lexical"],
    &["similar", "a.md"],
    &["status"],
    &["status", "--stale"],
    &["export"],
    &["verify"],
    &["encode"],
    &["eval", "--own"],
    &["index"],
    &["index", ".", "--model", "tiny"],
    &["import", ".lines.jsonl"],
    &["import", ".lines.jsonl", "--model", "tiny"],
    &["rebuild"],
    &["migrate"],
    &["watch"],
];

/// A home that nobody may touch.
fn sentinel(home: &Path) {
    for (name, text) in [
        (".ssh/authorized_keys", "ssh-ed25519 AAAA"),
        (".bashrc", "export PATH"),
        (".gitignore", "*.o"),
        (".config/settings.toml", "follow_links = true"),
        (".local/share/keep", ""),
        ("private/secret.md", "# My diary"),
        ("private/db", "no database"),
        ("private/CURRENT", "NIGHCURR"),
    ] {
        write(home, name, format!("{text}\n# {SECRET}\n"));
    }
}

/// Puts the object at a path; false where it cannot be made here.
fn plant(object: Object, path: &Path, home: &Path) -> bool {
    tree::remove(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match object {
        Object::Link => symlink(home.join(".ssh/authorized_keys"), path).is_ok(),
        Object::Dangling => symlink(home.join(".config/autostart"), path).is_ok(),
        Object::LinkToFolder => symlink(home.join("private"), path).is_ok(),
        Object::LinkToZero => symlink("/dev/zero", path).is_ok(),
        Object::HardLink => fs::hard_link(home.join(".bashrc"), path).is_ok(),
        Object::Fifo => Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success()),
        // A socket's path must be short: it is made elsewhere and moved.
        Object::Socket => {
            let short =
                std::env::temp_dir().join(format!("nigh-{}-{:?}", std::process::id(), std::thread::current().id()));
            UnixListener::bind(&short).is_ok() && fs::rename(&short, path).is_ok()
        }
        Object::Device => {
            let made = Command::new("mknod").arg(path).args(["c", "1", "5"]).stderr(Stdio::null()).status();
            made.is_ok_and(|status| status.success())
        }
    }
}

/// Whether a path may still be what was planted.
fn is_planted(object: Object, path: &Path) -> bool {
    let there = path.symlink_metadata();
    there.is_ok_and(
        |there| if object == Object::HardLink { tree::is_odd(path) } else { !there.is_file() && !there.is_dir() },
    )
}

struct Attack {
    number: usize,
    path: &'static str,
    object: Object,
    beside: Beside,
}

/// Runs commands one after the other, and says what is wrong.
fn attack(prepared: &Prepared, attack: &Attack, full: bool) -> Result<Vec<String>, &'static str> {
    let &Attack { number, path, object, beside } = attack;
    let root = tempfile::tempdir().unwrap();
    let (folder, home) = (root.path().join("repository"), root.path().join("home"));
    sentinel(&home);
    tree::copy(&prepared.path("now"), &folder);
    if beside != Beside::Collection {
        let head = fs::read(folder.join(".nigh/head")).unwrap();
        fs::remove_dir_all(folder.join(".nigh")).unwrap();
        if beside == Beside::Head {
            write(&folder, ".nigh/head", head);
        }
    }
    fs::create_dir_all(folder.join(".git/info")).unwrap();
    write(&folder, ".lines.jsonl", "{\"id\":\"imported\",\"text\":\"pooling\"}\n");
    let object_path = folder.join(path);
    if !plant(object, &object_path, &home) {
        return Err("cannot be made here");
    }
    let before = tree::snapshot(&home);
    let mut wrong = Vec::new();
    for (i, arguments) in COMMANDS.into_iter().enumerate() {
        if !full && !(number + i).is_multiple_of(4) {
            continue;
        }
        if !is_planted(object, &object_path) {
            plant(object, &object_path, &home);
        }
        let mut command = prepared.surroundings.nigh(&folder, arguments);
        at_home(&mut command, &home);
        let ran = match arguments {
            ["watch"] => watched(command, Duration::from_millis(if full { 2000 } else { 600 }), LIMIT),
            _ => bounded(command, LIMIT),
        };
        wrong.extend(harm(&ran, &before, &home, &folder));
        if !wrong.is_empty() {
            // What comes next would only say it again.
            break;
        }
    }
    Ok(wrong)
}

/// What a command did that it must not.
fn harm(ran: &Ran, before: &BTreeMap<PathBuf, Seen>, home: &Path, folder: &Path) -> Vec<String> {
    let mut wrong: Vec<String> = ran.fault().into_iter().collect();
    let touched = tree::differences(before, &tree::snapshot(home));
    if !touched.is_empty() {
        wrong.push(format!("`{}` TOUCHES THE HOME: {}", ran.line, touched.join(", ")));
    }
    if ran.out.contains(SECRET) || ran.err.contains(SECRET) {
        wrong.push(format!("`{}` shows what is in the home: {}", ran.line, ran.said()));
    }
    for path in tree::files(folder) {
        let own = !tree::is_odd(&path);
        if own && fs::read(&path).unwrap().windows(SECRET.len()).any(|part| part == SECRET.as_bytes()) {
            wrong.push(format!("`{}` TAKES what is in the home into {}", ran.line, path.display()));
        }
    }
    wrong
}

#[test]
fn nothing_outside_is_touched_read_or_waited_for() {
    let prepared = Prepared::new();
    let full = std::env::var_os("NIGH_TEST_FULL").is_some();
    let mut attacks = Vec::new();
    for path in PATHS {
        for object in OBJECTS {
            for beside in [Beside::Collection, Beside::Head, Beside::Nothing] {
                let of_collection = path.starts_with(".nigh/") || path == ".nigh";
                let useless = beside == Beside::Head && (!of_collection || path == ".nigh" || path == ".nigh/head");
                if !useless {
                    attacks.push(Attack { number: attacks.len(), path, object, beside });
                }
            }
        }
    }
    let started = std::time::Instant::now();
    let skipped = std::sync::Mutex::new(Vec::new());
    let wrong = in_threads(&attacks, |case| {
        let what = format!("{}, {:?}, beside {:?}", case.path, case.object, case.beside);
        match attack(&prepared, case, full) {
            Ok(wrong) => wrong.into_iter().map(|wrong| format!("{what}: {wrong}")).collect(),
            Err(reason) => {
                skipped.lock().unwrap().push(format!("{what} {reason}"));
                Vec::new()
            }
        }
    });
    let skipped = skipped.into_inner().unwrap();
    println!("{} cases in {:?}, {} skipped {:?}", attacks.len(), started.elapsed(), skipped.len(), skipped.first());
    assert!(skipped.len() * 4 < attacks.len(), "{skipped:?}");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), attacks.len(), wrong.join("\n"));
}

fn git(directory: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.current_dir(directory).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").env_remove("GIT_DIR");
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// As it comes about: an author's repository is cloned, or unpacked, and the reader asks something.
#[test]
fn a_clone_harms_nobody() {
    let prepared = Prepared::new();
    let root = tempfile::tempdir().unwrap();
    if !git(root.path(), &["--version"]) {
        eprintln!("skipped: git is not here");
        return;
    }
    let paths: Vec<&str> = PATHS.into_iter().filter(|path| !path.starts_with(".git/")).collect();
    let mut cases = Vec::new();
    for path in paths {
        cases.extend([Object::Link, Object::Dangling, Object::LinkToFolder, Object::Fifo].map(|object| (path, object)));
    }
    let wrong = in_threads(&cases, |&(path, object)| {
        let root = tempfile::tempdir().unwrap();
        let [author, clone, home] = ["author", "clone", "home"].map(|name| root.path().join(name));
        sentinel(&home);
        tree::copy(&prepared.path("now"), &author);
        if path != ".nigh/.gitignore" {
            fs::remove_file(author.join(".nigh/.gitignore")).unwrap();
        }
        assert!(plant(object, &author.join(path), &home));
        let shipped = if object == Object::Fifo {
            fs::create_dir(&clone).unwrap();
            let pipe = "tar -C \"$0\" -cf - . | tar -C \"$1\" -xf -";
            Command::new("sh").args(["-c", pipe]).arg(&author).arg(&clone).status().unwrap().success()
        } else {
            git(&author, &["init", "-q"])
                && git(&author, &["add", "-f", "."])
                && git(&author, &["commit", "-q", "-m", "all"])
                && git(root.path(), &["clone", "-q", "author", "clone"])
        };
        assert!(shipped && is_planted(object, &clone.join(path)), "{path}, {object:?} cannot be shipped");
        let before = tree::snapshot(&home);
        let mut wrong = Vec::new();
        for arguments in
            [&["search", "pooling"][..], &["status"], &["index", "."], &["rebuild"], &["index", ".", "--model", "tiny"]]
        {
            let mut command = prepared.surroundings.nigh(&clone, arguments);
            at_home(&mut command, &home);
            let harmed = harm(&bounded(command, LIMIT), &before, &home, &clone);
            wrong.extend(harmed.into_iter().map(|wrong| format!("{path}, {object:?}: {wrong}")));
            if !wrong.is_empty() {
                break;
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Regular files, but far too large, or of patterns that are dear.
#[test]
fn ignore_files_are_bounded() {
    let prepared = Prepared::new();
    let dear = "*a*a*a*a*a*a*a*a*a*b\n";
    let mut wrong = Vec::new();
    for (name, text) in [
        (".gitignore", dear.repeat(250_000)),
        (".nighignore", dear.repeat(60_000)),
        ("sub/.gitignore", "a".repeat(80_000_000)),
        ("sub/.nighignore", "?\n".repeat(3_000_000)),
        (".git/info/exclude", dear.repeat(250_000)),
    ] {
        let case = prepared.case();
        fs::create_dir_all(case.folder.join(".git/info")).unwrap();
        write(&case.folder, name, text);
        for arguments in [&["index", "--json"][..], &["status", "--stale"]] {
            let ran = bounded(prepared.surroundings.nigh(&case.folder, arguments), LIMIT);
            wrong.extend(ran.fault().map(|fault| format!("{name}: {fault}")));
            if arguments[0] == "index" && !ran.said().contains(name) {
                wrong.push(format!("{name}: {arguments:?} does not say that it is not obeyed: {}", ran.said()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
