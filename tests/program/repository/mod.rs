//! A hostile repository: a link, FIFO, device or other odd object at every path of `.nigh` and in place of every ignore file.
//! No command in it may change or read anything outside, or hang; memory stays bounded.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `objects.rs` | the paths, the objects that are planted there, and a home with secrets |
//! | `mod.rs` | runs the commands and checks that they do no harm |
//!
//! `NIGH_TEST_FULL` runs every command in every case; otherwise a quarter of them, evenly chosen.

mod objects;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::chance::in_threads;
use crate::support::prepared::{Prepared, write};
use crate::support::program::{Ran, at_home, bounded, watched};
use crate::support::tree::{self, Seen};
use objects::{OBJECTS, Object, PATHS, SECRET, is_planted, plant, sentinel};

/// Time limit of a command.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The rest of the repository, besides the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// A complete collection.
    Collection,
    /// Only a head, which claims that there is a collection.
    Head,
    Nothing,
}

const COMMANDS: [&[&str]; 17] = [
    &["search", "pooling"],
    &["search", "pooling", "--mode", "lexical"],
    &["similar", "a.md"],
    &["status"],
    &["status", "--stale"],
    &["export"],
    &["verify"],
    &["encode", "--offline"],
    &["eval", "--own"],
    &["eval", "--questions", ".questions.jsonl"],
    &["index", "--offline"],
    &["index", ".", "--model", "tiny"],
    &["import", ".lines.jsonl", "--offline"],
    &["import", ".lines.jsonl", "--model", "tiny"],
    &["rebuild"],
    &["migrate"],
    &["watch"],
];

struct Attack {
    number: usize,
    path: &'static str,
    object: Object,
    beside: Beside,
}

/// Runs commands one after the other; returns the harm that they did.
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
    write(&folder, ".questions.jsonl", "{\"question\":\"pooling\",\"files\":[\"a.md\"]}\n");
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
            ["watch"] => watched(command, Duration::from_millis(if full { 2000 } else { 600 }), TIME_LIMIT),
            _ => bounded(command, TIME_LIMIT),
        };
        wrong.extend(harm(&ran, &before, &home, &folder));
        if !wrong.is_empty() {
            // Later commands would only repeat it.
            break;
        }
    }
    Ok(wrong)
}

/// Describes the harm that a command did.
fn harm(ran: &Ran, before: &BTreeMap<PathBuf, Seen>, home: &Path, folder: &Path) -> Vec<String> {
    let mut wrong: Vec<String> = ran.fault().into_iter().collect();
    let touched = tree::differences(before, &tree::snapshot(home));
    if !touched.is_empty() {
        wrong.push(format!("`{}` TOUCHES THE HOME: {}", ran.line, touched.join(", ")));
    }
    if ran.out.contains(SECRET) || ran.err.contains(SECRET) {
        wrong.push(format!("`{}` shows what is in the home: {}", ran.line, ran.output_line()));
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
fn repository_never_reaches_files_outside() {
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

/// The usual case: an author's repository is cloned or unpacked, and its user runs commands.
#[test]
fn repository_clone_is_harmless() {
    let prepared = Prepared::new();
    let root = tempfile::tempdir().unwrap();
    if !git(root.path(), &["--version"]) {
        crate::support::real::skipped("git is not here");
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
            let harmed = harm(&bounded(command, TIME_LIMIT), &before, &home, &clone);
            wrong.extend(harmed.into_iter().map(|wrong| format!("{path}, {object:?}: {wrong}")));
            if !wrong.is_empty() {
                break;
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Regular files that are far too large, or have patterns that are slow to match.
#[test]
fn repository_ignore_files_are_bounded() {
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
            let ran = bounded(prepared.surroundings.nigh(&case.folder, arguments), TIME_LIMIT);
            wrong.extend(ran.fault().map(|fault| format!("{name}: {fault}")));
            if arguments[0] == "index" && !ran.output_line().contains(name) {
                wrong.push(format!("{name}: {arguments:?} does not report that it is ignored: {}", ran.output_line()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
