//! An empty folder keeps its documents unless --allow-empty is given. Files are read again
//! with --reread.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nigh::{Collection, FolderOptions, FolderReport};

use crate::support::command::{code, err, out, run, value};
use crate::support::{Place, counts, set_age};

fn indexed() -> (Place, Collection) {
    let place = Place::new();
    for name in ["a.md", "b/c.md", "b/d.md"] {
        place.write(&format!("notes/{name}"), format!("This is {name}.\n"));
    }
    let collection = place.open();
    let report = with(&place, &collection, |options| options);
    assert_eq!(counts(&report), [3, 0, 0, 0, 0, 0]);
    (place, collection)
}

fn with(place: &Place, collection: &Collection, set: impl Fn(FolderOptions) -> FolderOptions) -> FolderReport {
    let options = set(FolderOptions::new());
    let root = place.docs().join("notes");
    let mut writer = collection.writer().unwrap();
    writer.index_folder(&root).prefix("notes/").options(options.clone()).run().unwrap()
}

fn empty(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir(folder).unwrap();
}

#[test]
fn empty_folder_keeps_its_documents_unless_allowed() {
    let (place, collection) = indexed();
    let root = place.docs().join("notes");
    empty(&root);
    fs::create_dir(root.join("b")).unwrap();
    fs::write(root.join(".not-mounted"), "").unwrap();
    for _ in 0..2 {
        let report = with(&place, &collection, |options| options);
        assert_eq!((counts(&report), report.kept), ([0, 0, 0, 0, 0, 1], 3), "{report:?}");
        let message = &report.failed[0];
        assert!(message.path == "notes" && message.reason.contains("allow_empty"), "{message:?}");
        assert!(report.is_unchanged());
    }
    let options = FolderOptions::default();
    let stale = collection.diff_folder(&root).prefix("notes/").options(options.clone()).run().unwrap();
    assert!(stale.removed.is_empty() && stale.unchanged == 3 && stale.failed.len() == 1, "{stale:?}");
    assert_eq!(collection.status().unwrap().documents, 3);

    // One file shows that the folder's disk is mounted.
    place.write("notes/new.md", "New.\n");
    assert_eq!(counts(&with(&place, &collection, |options| options)), [1, 0, 0, 3, 0, 0]);
    empty(&root);
    let report = with(&place, &collection, |options| options.allow_empty(true));
    assert_eq!((counts(&report), report.kept), ([0, 0, 0, 1, 0, 0], 0), "{report:?}");
}

#[test]
fn empty_subfolder_loses_its_documents_if_other_files_remain() {
    let (place, collection) = indexed();
    let root = place.docs().join("notes");
    let part = |options: FolderOptions| options.only(["b", "a.md"]);
    fs::remove_dir_all(root.join("b")).unwrap();
    fs::rename(root.join("a.md"), root.join("z.md")).unwrap();
    assert_eq!(counts(&with(&place, &collection, part)), [0, 0, 0, 3, 0, 0], "z.md is there");
    assert_eq!(counts(&with(&place, &collection, |options| options)), [1, 0, 0, 0, 0, 0]);
    fs::remove_file(root.join("z.md")).unwrap();
    let last = with(&place, &collection, |options| options.only(["z.md"]));
    assert_eq!((counts(&last), last.kept), ([0, 0, 0, 0, 0, 1], 1), "{last:?}");
}

#[test]
fn folder_with_only_ignored_files_is_not_empty() {
    let (place, collection) = indexed();
    place.write("notes/.nighignore", "*.md\n");
    assert_eq!(counts(&with(&place, &collection, |options| options)), [0, 0, 0, 3, 0, 0]);
}

#[test]
fn allow_empty_option_is_advised_and_removes_documents() {
    let place = Place::new();
    place.write("a.md", "This is a.\n");
    let index = |more: &[&str]| {
        let mut arguments = vec!["index", "--model", "../model"];
        arguments.extend(more);
        let output = run(&place.docs(), &arguments);
        assert_eq!(code(&output), 0, "{}", err(&output));
        output
    };
    index(&[]);
    set_age(&place.docs().join("a.md"), Duration::from_secs(60));
    let report = value(&index(&["--reread", "--json"]));
    assert_eq!((&report["unchanged"], &report["passages_encoded"]), (&1.into(), &0.into()), "{report}");
    fs::remove_file(place.docs().join("a.md")).unwrap();
    let message = out(&index(&[]));
    assert!(
        message.contains("Nothing changed; 1 document of an empty folder stays.")
            && message.contains("nigh index --allow-empty"),
        "{message}"
    );
    assert_eq!(value(&index(&["--json"]))["kept"], 1);
    let report = value(&index(&["--allow-empty", "--json"]));
    assert_eq!((&report["removed"], &report["kept"]), (&1.into(), &0.into()), "{report}");
}
