//! `nigh status --stale`, the state between runs, and the settings of a folder.

use std::fs;
use std::time::Duration;

use nigh::{FolderDiff, FolderOptions};

use crate::support::command::{assert_refused, code, err, out, run, value};
use crate::support::{Place, counts, set_age};

fn stale(place: &Place, collection: &nigh::Collection, options: &FolderOptions) -> FolderDiff {
    collection.diff_folder(place.docs()).options(options.clone()).run().unwrap()
}

#[test]
fn status_stale_agrees_with_the_next_run() {
    let place = Place::new();
    for name in ["same", "touched", "edited", "gone", "moved"] {
        place.write(&format!("{name}.md"), format!("This is {name}.\n"));
    }
    place.write("picture.md", b"\x89PNG\r\n\x1a\n\0\0");
    let collection = place.open();
    place.index(&collection);
    let options = FolderOptions::default();
    let before = stale(&place, &collection, &options);
    assert!(before.is_current() && before.unchanged == 5 && before.skipped.len() == 1, "{before:?}");

    set_age(&place.docs().join("touched.md"), Duration::from_secs(60));
    place.write("edited.md", "This was edited.\n");
    fs::remove_file(place.docs().join("gone.md")).unwrap();
    fs::rename(place.docs().join("moved.md"), place.docs().join("to.md")).unwrap();
    place.write("new.md", "New.\n");
    let found = stale(&place, &collection, &options);
    assert_eq!(found.new, ["new.md"]);
    assert_eq!(found.changed, ["edited.md"]);
    assert_eq!(found.removed, ["gone.md"]);
    assert_eq!(found.renamed.iter().map(|r| (&*r.from, &*r.to)).collect::<Vec<_>>(), [("moved.md", "to.md")]);
    assert_eq!((found.unchanged, found.skipped), (2, before.skipped));
    assert_eq!((found.failed.len(), found.left_out.len()), (0, 0));
    let report = place.index(&collection);
    assert_eq!((counts(&report), report.renamed), ([1, 1, 2, 1, 1, 0], 1), "{report:?}");
    assert_eq!(report.passages_encoded, 2);
    assert!(stale(&place, &collection, &options).is_current());
}

#[test]
fn moved_folder_and_moved_edited_file_keep_their_vectors() {
    let place = Place::new();
    let long: String = (0..40).map(|i| format!("Paragraph number {i} of a text in several passages.\n\n")).collect();
    place.write("old/long.txt", &long);
    place.write("old/twin.txt", "The same in two places.\n");
    place.write("old/other.txt", "The same in two places.\n");
    let collection = place.open();
    let passages = place.index(&collection).passages_encoded;
    fs::rename(place.docs().join("old"), place.docs().join("new")).unwrap();
    let report = place.index(&collection);
    assert_eq!((report.renamed, report.added, report.removed, report.passages_encoded), (3, 0, 0, 0), "{report:?}");
    assert_eq!(report.passages_kept, passages);

    fs::remove_file(place.docs().join("new/long.txt")).unwrap();
    place.write("new/longer.txt", format!("{long}One paragraph more at the end of it all.\n"));
    let report = place.index(&collection);
    assert_eq!((report.renamed, report.added, report.removed), (0, 1, 1), "{report:?}");
    assert!(report.passages_encoded <= 2 && report.passages_kept + 2 >= passages - 2, "{report:?}");
}

#[test]
fn index_of_a_path_reads_only_that_path() {
    let place = Place::new();
    for name in ["a/x.md", "a/y.md", "ab/x.md", "b/x.md"] {
        place.write(name, name);
    }
    let collection = place.open();
    place.index(&collection);
    for name in ["a/x.md", "ab/x.md", "b/x.md"] {
        place.write(name, format!("{name} again"));
    }
    fs::remove_file(place.docs().join("a/y.md")).unwrap();
    let options = FolderOptions::new().only(["a", "b/x.md", "never/was"]);
    let report = collection.writer().unwrap().index_folder(place.docs()).options(options.clone()).run().unwrap();
    assert_eq!(counts(&report), [0, 2, 1, 1, 0, 0], "{report:?}");
    assert_eq!(stale(&place, &collection, &FolderOptions::default()).changed, ["ab/x.md"]);
}

#[test]
fn include_and_exclude_from_the_file_and_from_the_command_line() {
    let place = Place::new();
    for name in ["a.md", "b.txt", "notes/c.md", "drafts/d.md", "drafts/e.txt"] {
        place.write(name, name);
    }
    let index = |arguments: &[&str]| {
        let output = run(&place.docs(), &[&["index", "--model", "../model", "--json"], arguments].concat());
        assert_eq!(code(&output), 0, "{}", err(&output));
        value(&output)["documents"].as_u64().unwrap()
    };
    assert_eq!(index(&[]), 5);
    let config = place.docs().join(".nigh/config.toml");
    assert!(fs::read_to_string(&config).unwrap().contains("# exclude = []"), "every setting with its default");
    fs::write(&config, "include = [\"*.md\"]\nexclude = [\"/drafts\"]\n").unwrap();
    assert_eq!(index(&[]), 2);
    assert_eq!(index(&["--include", "*.txt"]), 3, "the command line replaces the file's list, one setting at a time");
    assert_eq!(index(&[]), 2);
    assert_eq!(index(&["--exclude", "nothing"]), 3);
    assert_eq!(index(&[]), 2);
    assert_eq!(index(&["--include", "notes", "--include", "b.*"]), 3);
    let status = run(&place.docs(), &["status"]);
    let line = |name: &str| out(&status).lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("include").ends_with("*.md (config.toml)") && line("hidden").ends_with("false (default)"));
    assert_refused(&run(&place.docs(), &["index", "--include", "{"]), &["--include: {: a { without its }"]);
    fs::write(&config, "exclud = []\n").unwrap();
    assert_refused(&run(&place.docs(), &["index"]), &["config.toml", "line 1", "exclud"]);
}

#[test]
fn status_stale_exit_code_tells_whether_to_index() {
    let place = Place::new();
    place.write("docs/a.md", "one");
    place.write("elsewhere/b.md", "two");
    let output = run(&place.root().join("docs"), &["index", "docs", "--collection", ".nigh", "--model", "../model"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let stale = || run(&place.docs(), &["status", "--stale"]);
    assert_eq!((code(&stale()), out(&stale()).lines().next()), (0, Some("Up to date: 1 file.")));
    place.write("docs/c.md", "three");
    assert_eq!(code(&stale()), 1);
    assert!(out(&stale()).contains("docs/c.md") && !out(&stale()).contains("elsewhere"), "{}", out(&stale()));
    let all = run(&place.docs(), &["status", "--stale", "--json", "."]);
    assert_eq!(value(&all)["new"], serde_json::json!(["docs/c.md", "elsewhere/b.md"]));
}
