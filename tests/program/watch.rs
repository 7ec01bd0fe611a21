//! `nigh watch`: after any changes, the collection equals a fresh index of the folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nigh::{Collection, CollectionOptions};

use crate::support::command::{code, err, nigh, run, value};
use crate::support::{Place, Random, assert_sound, exported};

/// A running watch; killed when a test fails.
struct Watch(Child);

impl Watch {
    fn start(place: &Place) -> Self {
        let output = run(&place.docs(), &["index", "--model", "../model", "--json"]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        let mut command = nigh(&place.docs(), &["watch", "--json", "--delay-ms", "50"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let watch = Self(child);
        // It locks the collection once it runs.
        wait_until("the watch to begin", || {
            let locked = CollectionOptions::new()
                .lock_timeout(Duration::ZERO)
                .existing_only(true)
                .open(place.docs().join(".nigh"));
            matches!(locked, Err(nigh::Error::Locked { .. }))
        });
        watch
    }

    /// Stops the watch with Ctrl-C: it must end with exit code 0.
    fn end(mut self) {
        let asked = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until `nigh status --stale` finds nothing to do.
fn wait_until_current(place: &Place) {
    wait_until("the collection to be as the folder", || {
        let output = run(&place.docs(), &["status", "--stale", "--json"]);
        assert!(code(&output) < 2, "{}", err(&output));
        code(&output) == 0
    });
}

/// Returns the documents of a collection, without numbers that depend on its history.
fn content(collection: &Collection) -> BTreeMap<String, String> {
    let documents = exported(collection).into_iter().map(|document| {
        let passages = document.passages.into_iter().flatten();
        let passages: Vec<String> =
            passages.map(|p| format!("{:?} {:?} {:?}", p.start_byte, p.headings, p.vector)).collect();
        (document.id, format!("{} {:?} {passages:?}", document.text, document.metadata))
    });
    documents.collect()
}

/// Asserts that the folder's collection equals a new one of the same folder.
fn assert_as_fresh(place: &Place) {
    let watched = place.options().open(place.docs().join(".nigh")).unwrap();
    let fresh = place.open();
    place.index(&fresh);
    assert_eq!(content(&watched), content(&fresh));
    assert_sound(&watched);
}

#[test]
fn watch_follows_a_burst_of_changes() {
    let place = Place::new();
    for i in 0..30 {
        place.write(&format!("d{}/{i}.md", i % 5), format!("# File {i}\n\nBefore the watch, 第 {i} 篇。\n"));
    }
    let watch = Watch::start(&place);
    let mut random = Random(11);
    for step in 0..400 {
        change(&place.docs(), &mut random, step);
        if step % 40 == 0 {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    wait_until_current(&place);
    watch.end();
    assert_as_fresh(&place);
}

/// Makes one random change.
fn change(folder: &Path, random: &mut Random, step: usize) {
    let (from, to) = (random.below(6), random.below(6));
    let file = |d: usize, i: usize| folder.join(format!("d{d}/{i}.md"));
    let (i, j) = (random.below(12), random.below(12));
    // A missing file cannot be changed; doing nothing is one of the changes.
    match random.below(10) {
        0..=3 => {
            fs::create_dir_all(folder.join(format!("d{from}"))).unwrap();
            fs::write(file(from, i), format!("# Step {step}\n\nChanged to {step}, 改为 {step}。\n")).unwrap();
        }
        4 => {
            let _ = fs::remove_file(file(from, i));
        }
        5 | 6 => {
            let _ = fs::rename(file(from, i), file(to, j));
        }
        7 => {
            let _ = fs::rename(folder.join(format!("d{from}")), folder.join(format!("d{to}/in{step}")));
        }
        8 => {
            // As editors save: write another file, then rename it.
            let beside = folder.join(format!("{step}.tmp"));
            fs::write(&beside, format!("Saved in step {step}.\n")).unwrap();
            let _ = fs::rename(&beside, file(to, j));
        }
        _ => {
            if step.is_multiple_of(7) {
                let _ = fs::remove_dir_all(folder.join(format!("d{from}")));
            }
        }
    }
}

#[test]
fn watch_follows_changed_ignore_rules() {
    let place = Place::new();
    place.write("a.md", "one");
    place.write("b.log", "two");
    let watch = Watch::start(&place);
    let documents = || value(&run(&place.docs(), &["status", "--json"]))["documents"].as_u64().unwrap();
    assert_eq!(documents(), 2);
    fs::write(place.docs().join(".nighignore"), "*.log\n").unwrap();
    wait_until("the rule to hold", || documents() == 1);
    fs::remove_file(place.docs().join(".nighignore")).unwrap();
    wait_until("the rule to be gone", || documents() == 2);
    watch.end();
    assert_as_fresh(&place);
}

#[test]
fn watch_leaves_out_generated_folders_until_included() {
    let place = Place::new();
    place.write("a.md", "one");
    let watch = Watch::start(&place);
    let documents = || value(&run(&place.docs(), &["status", "--json"]))["documents"].as_u64().unwrap();
    fs::create_dir_all(place.docs().join("node_modules/p")).unwrap();
    fs::write(place.docs().join("node_modules/p/readme.md"), "made").unwrap();
    fs::write(place.docs().join("b.md"), "two").unwrap();
    wait_until("the other file", || documents() == 2);
    // The folder becomes a repository: ignore rules above it no longer apply.
    fs::create_dir_all(place.docs().join("inner")).unwrap();
    fs::write(place.docs().join("inner/c.log"), "three").unwrap();
    fs::write(place.docs().join(".gitignore"), "*.log\n").unwrap();
    fs::write(place.docs().join("d.md"), "four").unwrap();
    wait_until("the next file", || documents() == 3);
    wait_until_current(&place);
    assert_eq!(documents(), 3);
    fs::create_dir(place.docs().join("inner/.git")).unwrap();
    wait_until("the file of the inner repository", || documents() == 4);
    fs::write(place.docs().join(".nighignore"), "!node_modules/\n").unwrap();
    wait_until("the files of the included folder", || documents() == 5);
    watch.end();
    assert_as_fresh(&place);
}

#[test]
fn watch_needs_a_collection() {
    let place = Place::new();
    crate::support::command::assert_refused(&run(&place.docs(), &["watch"]), &["no collection", "nigh index"]);
}

/// Returns the number of inotify watches of a process.
#[cfg(target_os = "linux")]
fn watches(process: u32) -> usize {
    let files = fs::read_dir(format!("/proc/{process}/fdinfo")).unwrap().filter_map(Result::ok);
    let contents = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    contents.map(|content| content.lines().filter(|line| line.starts_with("inotify ")).count()).sum()
}

#[cfg(target_os = "linux")]
#[test]
fn watch_does_not_watch_folders_that_are_left_out() {
    let place = Place::new();
    place.write("notes/deep/a.md", "one");
    for i in 0..40 {
        place.write(&format!("node_modules/p{i}/lib/readme.md"), "made");
        place.write(&format!("old/{i}/b.md"), "left out");
    }
    place.write(".nighignore", "old/\n");
    let watch = Watch::start(&place);
    let of_watch = || watches(watch.0.id());
    // The root, notes, notes/deep.
    wait_until("three watches", || of_watch() == 3);
    // A new tree is watched at once; a tree that is left out is not.
    let documents = || value(&run(&place.docs(), &["status", "--json"]))["documents"].as_u64().unwrap();
    place.write("new/x/y/c.md", "two");
    place.write("node_modules/late/readme.md", "made");
    wait_until("the new file", || documents() == 2);
    assert_eq!(of_watch(), 6);
    place.write("new/x/y/d.md", "three");
    wait_until("a file in the new folder", || documents() == 3);
    // A moved folder is watched under its new name.
    fs::rename(place.docs().join("new"), place.docs().join("notes/moved")).unwrap();
    wait_until("the moved files", || run(&place.docs(), &["similar", "notes/moved/x/y/d.md"]).status.success());
    place.write("notes/moved/x/y/e.md", "four");
    wait_until("a file in the moved folder", || documents() == 4);
    assert_eq!(of_watch(), 6);
    // Rules decide what is watched.
    place.write(".nighignore", "notes/moved/\n");
    wait_until("the rule to hold", || documents() == 41);
    wait_until("the watches to follow", || of_watch() == 3 + 41);
    watch.end();
    assert_as_fresh(&place);
}

/// A full scan opens every folder, which gives events: they must not cause another full scan.
#[test]
fn watch_scan_causes_no_further_scan() {
    let place = Place::new();
    for i in 0..4500 {
        fs::create_dir_all(place.docs().join(format!("d{}/e{i}", i % 50))).unwrap();
    }
    place.write("a.md", "one");
    run(&place.docs(), &["index", "--model", "../model"]);
    let seen = place.docs().join("../seen");
    let mut command = nigh(&place.docs(), &["watch", "--json", "--delay-ms", "50"]);
    let child = command.stdout(fs::File::create(&seen).unwrap()).stderr(Stdio::null()).spawn().unwrap();
    let watch = Watch(child);
    let runs = || fs::read_to_string(&seen).unwrap().matches("\"whole\":true").count();
    wait_until("the first look", || runs() > 0);
    std::thread::sleep(Duration::from_secs(2));
    place.write("b.md", "two");
    wait_until("the new file", || fs::read_to_string(&seen).unwrap().contains("\"whole\":false"));
    assert_eq!(runs(), 1);
    watch.end();
}
