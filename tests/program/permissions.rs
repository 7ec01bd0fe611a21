//! Permissions of stored files under any umask; collections on a read-only medium.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::prepared::{Prepared, QUESTIONS, essence, write};
use crate::support::program::{Ran, Surroundings, bounded};
use crate::support::tree;

/// The user `nobody`, for tests that run as root.
const NOBODY: u32 = 65_534;

/// Returns the files of a directory, itself included, that other users may access.
fn open_to_others(directory: &Path) -> Vec<String> {
    let mode = |path: &Path| path.symlink_metadata().unwrap().mode() & 0o7777;
    let all = tree::snapshot(directory).into_keys();
    let wrong = all.filter(|path| mode(path) != if path.is_dir() { 0o700 } else { 0o600 });
    wrong.map(|path| format!("{} has mode {:o}", path.display(), mode(&path))).collect()
}

#[test]
fn permissions_of_stored_files_are_the_owners() {
    let place = tempfile::tempdir().unwrap();
    let surroundings = Surroundings::new(place.path());
    let mut wrong = Vec::new();
    for umask in ["022", "000", "077"] {
        let folder = place.path().join(format!("umask {umask}"));
        write(&folder, "a.md", "Pooling of token vectors.\n");
        write(&folder, "nothing.txt", [0u8, 1, 2, 3, 0, 255].repeat(50));
        let nigh = |line: &str| surroundings.shell(&folder, &format!("umask {umask}; {line}"));
        let mut look = |after: &str| {
            let open = open_to_others(&folder.join(".nigh"));
            wrong.extend(open.into_iter().map(|file| format!("umask {umask}, after {after}: {file}")));
        };
        nigh("nigh index . --model tiny").assert_fine();
        look("index");
        write(&folder, "b.md", "Search finds near documents.\n");
        nigh("nigh index").assert_fine();
        look("another index");
        nigh("nigh export --vectors > .lines && nigh import .lines").assert_fine();
        look("import");
        nigh("nigh rebuild").assert_fine();
        look("rebuild");
        fs::remove_dir_all(folder.join(".nigh/records")).unwrap();
        nigh("nigh rebuild").assert_fine();
        look("rebuild of the records");
        nigh("nigh migrate").assert_fine();
        look("migrate");
        write(&folder, "c.md", "A cat and a dog.\n");
        surroundings.watch(&folder, &[], Duration::from_millis(800)).assert_fine();
        look("watch");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn permissions_of_an_open_collection_are_closed_by_a_writer() {
    let prepared = Prepared::new();
    let case = prepared.case();
    for path in tree::snapshot(&case.collection()).into_keys() {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    write(&case.folder, "new.md", "A new document.\n");
    assert!(case.run(&["index"]).unwrap().is_fine());
    let open = fs::metadata(case.collection()).unwrap().mode() & 0o077;
    assert_eq!(open, 0, "others may look into the collection after index");
}

/// Commands that read work as usual; commands that write fail with an error that names the place.
fn reads_only(prepared: &Prepared, run: &dyn Fn(&[&str]) -> Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((name, arguments), wanted) in QUESTIONS.into_iter().zip(&prepared.now) {
        let ran = run(arguments);
        wrong.extend(ran.fault());
        if !ran.is_fine() || essence(name, &ran).as_ref() != Ok(wanted) {
            wrong.push(format!("{name}: {}", ran.output_line()));
        }
    }
    for arguments in [&["verify"][..], &["status", "--stale"], &["eval", "--own"]] {
        let ran = run(arguments);
        wrong.extend(ran.fault());
        if !ran.is_fine() {
            wrong.push(format!("{arguments:?}: {}", ran.output_line()));
        }
    }
    for command in ["index", "rebuild", "migrate", "import"] {
        let ran = run(&[command]);
        wrong.extend(ran.fault());
        if ran.code == Some(2) && !ran.output_line().contains(".nigh") {
            wrong.push(format!("{command}: the error names no place: {}", ran.output_line()));
        }
    }
    wrong
}

#[test]
fn read_only_medium_can_be_searched() {
    let prepared = Prepared::new();
    let mut tried = 0;
    let case = prepared.case();
    let before = tree::snapshot(&case.collection());
    let mut wrong = Vec::new();
    type Make = for<'a> fn(&'a Prepared, &'a Path) -> Option<Run<'a>>;
    // In this order: the second case changes the owner of the folder.
    for (what, make) in [("a read-only mount", mounted as Make), ("no permission", forbidden)] {
        let Some(run) = make(&prepared, &case.folder) else {
            crate::support::real::skipped(&format!("{what} cannot be made here"));
            continue;
        };
        tried += 1;
        wrong.extend(reads_only(&prepared, &run).into_iter().map(|problem| format!("{what}: {problem}")));
        let written = tree::differences(&before, &tree::snapshot(&case.collection()));
        // This test changed permissions and owner itself.
        wrong.extend(written.into_iter().filter(|w| !w.ends_with("mode") && !w.ends_with("owner")));
    }
    // Makes the folder removable again.
    for path in tree::snapshot(&case.folder).into_keys().filter(|path| path.is_dir()) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
    }
    eprintln!("{tried} media tried");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type Run<'a> = Box<dyn Fn(&[&str]) -> Ran + 'a>;

/// Runs commands that see the folder through a read-only mount, in their own namespace.
fn mounted<'a>(prepared: &'a Prepared, folder: &'a Path) -> Option<Run<'a>> {
    let script = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && cd \"$0\" && exec nigh \"$@\"";
    let run = move |arguments: &[&str]| {
        let mut command = prepared.surroundings.nigh(folder, &[]);
        let environment: Vec<_> = command.get_envs().map(|(k, v)| (k.to_owned(), v.unwrap().to_owned())).collect();
        command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script]).arg(folder).args(arguments);
        command.env_clear().envs(environment).current_dir(folder).stdin(Stdio::null());
        bounded(command, prepared.surroundings.limit)
    };
    run(&["--version"]).is_fine().then(|| Box::new(run) as Run<'a>)
}

/// Runs commands on a folder that belongs to `nobody` and is not writable; root could write anyway.
fn forbidden<'a>(prepared: &'a Prepared, folder: &'a Path) -> Option<Run<'a>> {
    let root = folder.metadata().ok()?.uid() == 0;
    let own = |path: &Path| !root || chown(path, Some(NOBODY), Some(NOBODY)).is_ok();
    let data = prepared.surroundings.data();
    for path in tree::snapshot(folder).into_keys().chain(tree::snapshot(&data).into_keys()) {
        if !own(&path) {
            return None;
        }
    }
    let home = prepared.surroundings.home();
    own(&home);
    fs::set_permissions(prepared.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    for path in tree::snapshot(folder).into_keys() {
        let mode = if path.is_dir() { 0o500 } else { 0o400 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let run = move |arguments: &[&str]| {
        let mut command = prepared.surroundings.nigh(folder, arguments);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        bounded(command, prepared.surroundings.limit)
    };
    // Another user may be unable to start the program.
    let mut probe = Command::new(env!("CARGO_BIN_EXE_nigh"));
    if root {
        probe.uid(NOBODY).gid(NOBODY);
    }
    let starts = probe.arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    starts.then(|| Box::new(run) as Run<'a>)
}
