//! Which folders a run reads, what it leaves out and why, and the settings for that.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::Place;
use crate::support::command::{assert_refused, code, err, out, run, value};

fn index(folder: &Path, more: &[&str]) -> Value {
    let output = run(folder, &[&["index", "--json"], more].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    value(&output)
}

/// Returns the ids of all documents.
fn ids(folder: &Path) -> Vec<String> {
    let exported = out(&run(folder, &["export"]));
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    let mut ids: Vec<String> = exported.lines().map(id).collect();
    ids.sort();
    ids
}

fn folders(folder: &Path) -> Value {
    value(&run(folder, &["status", "--json"]))["folders"].clone()
}

/// Three folders, of which two are indexed.
fn two_of_three() -> Place {
    let place = Place::new();
    for name in ["a/a.md", "b/b.md", "c/c.md"] {
        place.write(name, format!("This is {name}.\n"));
    }
    index(&place.docs(), &["--model", "../model", "a", "b"]);
    assert_eq!(folders(&place.docs()), json!(["a", "b"]));
    place
}

#[test]
fn index_without_a_path_updates_the_indexed_folders() {
    let place = two_of_three();
    place.write("b/new.md", "New.\n");
    let report = index(&place.docs(), &[]);
    assert_eq!((&report["added"], &report["removed"], &report["unchanged"]), (&1.into(), &0.into(), &2.into()));
    assert_eq!(
        (folders(&place.docs()), ids(&place.docs())),
        (json!(["a", "b"]), vec!["a/a.md".into(), "b/b.md".into(), "b/new.md".into()])
    );
    // From within one of them, from elsewhere by name, and from a folder that is not indexed.
    place.write("a/more.md", "More.\n");
    assert_eq!(index(&place.docs().join("b"), &[])["added"], 1);
    place.write("a/third.md", "Third.\n");
    let elsewhere = place.root().join("docs/c");
    let output = run(&elsewhere, &["index", "--json", "--collection", "../.nigh"]);
    assert_eq!((&value(&output)["added"], code(&output)), (&1.into(), 0));
    assert!(
        err(&output).contains("is not one of its folders") && err(&output).contains("nigh index ."),
        "{}",
        err(&output)
    );
    // A named folder is added to them.
    index(&place.docs(), &["c"]);
    assert_eq!(folders(&place.docs()), json!(["a", "b", "c"]));
    // The base folder contains them all; a folder elsewhere stays.
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("x.md"), "Elsewhere.\n").unwrap();
    let other = other.path().canonicalize().unwrap();
    index(&place.docs(), &["--collection", ".nigh", other.to_str().unwrap()]);
    let report = index(&place.docs(), &["."]);
    assert_eq!((&report["removed"], &folders(&place.docs())), (&0.into(), &json!(["", other.to_str().unwrap()])));
    assert!(ids(&place.docs()).contains(&other.join("x.md").to_str().unwrap().to_owned()));
}

#[test]
fn index_without_a_path_needs_an_indexed_folder() {
    let place = Place::new();
    place.write("a.md", "A.\n");
    place.write("b.md", "Never asked for.\n");
    index(&place.docs(), &["--model", "../model", "--collection", ".nigh", "a.md"]);
    assert_refused(&run(&place.docs(), &["index"]), &["has no folders", "nigh index ."]);
    assert_eq!(ids(&place.docs()), ["a.md"]);
    assert_eq!(index(&place.docs(), &["."])["documents"], 2);
}

#[test]
fn removed_folder_loses_its_documents_and_an_unmounted_one_keeps_them() {
    let place = two_of_three();
    fs::remove_dir_all(place.docs().join("b")).unwrap();
    let stale = run(&place.docs(), &["status", "--stale", "--json"]);
    assert_eq!((code(&stale), &value(&stale)["removed"]), (1, &json!(["b/b.md"])));
    let output = run(&place.docs(), &["index", "--json"]);
    assert_eq!((code(&output), &value(&output)["removed"]), (0, &1.into()));
    assert!(err(&output).contains("is gone: 1 document removed"), "{}", err(&output));
    assert_eq!((folders(&place.docs()), ids(&place.docs())), (json!(["a"]), vec!["a/a.md".to_owned()]));

    // If its parent is missing too, its disk may not be mounted.
    let disk = tempfile::tempdir().unwrap();
    let notes = disk.path().canonicalize().unwrap().join("disk/notes");
    fs::create_dir_all(&notes).unwrap();
    fs::write(notes.join("x.md"), "On a disk.\n").unwrap();
    index(&place.docs(), &["--collection", ".nigh", notes.to_str().unwrap()]);
    fs::remove_dir_all(disk.path().join("disk")).unwrap();
    let stale = run(&place.docs(), &["status", "--stale", "--json"]);
    assert_eq!((code(&stale), &value(&stale)["removed"]), (0, &json!([])));
    let report = index(&place.docs(), &[]);
    assert_eq!((&report["removed"], &report["documents"]), (&0.into(), &2.into()));
    let message = &report["failed"][0];
    assert!(
        message["path"] == notes.to_str().unwrap() && message["reason"].as_str().unwrap().contains("--allow-empty"),
        "{message}"
    );
    let report = index(&place.docs(), &["--allow-empty"]);
    assert_eq!((&report["removed"], &folders(&place.docs())), (&1.into(), &json!(["a"])));

    // If all folders are missing, nothing is removed unasked.
    fs::remove_dir_all(place.docs().join("a")).unwrap();
    assert_refused(
        &run(&place.docs(), &["index"]),
        &["the indexed folders are missing", "nothing was removed", "--allow-empty"],
    );
    assert_refused(&run(&place.docs(), &["watch"]), &["none of the folders exists"]);
    assert_eq!(ids(&place.docs()), ["a/a.md"]);
}

#[test]
fn include_on_the_command_line_removes_nothing_and_in_the_file_it_does() {
    let place = Place::new();
    for name in ["a.md", "b.txt", "drafts/c.md", ".hidden.md"] {
        place.write(name, format!("This is {name}.\n"));
    }
    assert_eq!(index(&place.docs(), &["--model", "../model", "--hidden"])["documents"], 4);
    place.write("a.md", "A changed.\n");
    place.write("b.txt", "B changed.\n");
    for narrow in [
        &["--hidden", "--include", "*.md"][..],
        &["--exclude", "drafts", "--hidden"],
        &["--max-file-size", "1"],
        &["--hidden=false"],
    ] {
        let stale = value(&run(&place.docs(), &[&["status", "--stale", "--json"], narrow].concat()));
        assert_eq!(stale["removed"], json!([]), "{narrow:?}");
        let report = index(&place.docs(), narrow);
        assert_eq!((&report["removed"], &report["documents"]), (&0.into(), &4.into()), "{narrow:?}: {report}");
    }
    let output = run(&place.docs(), &["index", "--include", "*.md", "--hidden"]);
    assert!(
        err(&output).contains("apply to this run only") && err(&output).contains("config.toml"),
        "{}",
        err(&output)
    );
    // The document of a removed file is removed.
    fs::remove_file(place.docs().join("b.txt")).unwrap();
    assert_eq!(index(&place.docs(), &["--include", "*.md", "--hidden"])["removed"], 1);

    fs::write(place.docs().join(".nigh/config.toml"), "exclude = [\"drafts\"]\n").unwrap();
    let report = index(&place.docs(), &[]);
    assert_eq!((&report["removed"], &report["ruled_out"], &report["documents"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(report["left_out"], json!([{"by": "exclude", "name": "", "files": 0, "folders": 1}]));
    index(&place.docs(), &["--hidden", "--exclude", "nothing"]);
    let message = out(&run(&place.docs(), &["index"]));
    assert!(message.contains("2 removed documents: ignore files or settings now leave out their files"), "{message}");
}

#[test]
fn ignore_files_and_generated_folders_are_listed_with_counts() {
    let place = Place::new();
    for name in ["a.md", "x.log", "sub/y.log", "node_modules/p/readme.md", "web/node_modules/q/readme.md", "Cargo.lock"]
    {
        place.write(name, format!("This is {name}.\n"));
    }
    place.write("sub/.gitignore", "*.log\n");
    place.write(".nighignore", "x.*\n");
    let report = index(&place.docs(), &["--model", "../model"]);
    let left_out = json!([
        {"by": "ignore_file", "name": ".nighignore", "files": 1, "folders": 0},
        {"by": "ignore_file", "name": "sub/.gitignore", "files": 1, "folders": 0},
        {"by": "generated", "name": "Cargo.lock", "files": 1, "folders": 0},
        {"by": "generated", "name": "node_modules", "files": 0, "folders": 2},
    ]);
    assert_eq!((&report["documents"], &report["left_out"]), (&1.into(), &left_out));
    let stale = run(&place.docs(), &["status", "--stale", "--json"]);
    assert_eq!((code(&stale), &value(&stale)["left_out"]), (0, &left_out));
    for message in [out(&run(&place.docs(), &["index"])), out(&run(&place.docs(), &["status", "--stale"]))] {
        for line in [
            "1 file by sub/.gitignore",
            "2 folders named node_modules/ (made by tools",
            "!node_modules/ in .nighignore",
        ] {
            assert!(message.contains(line), "{line}: {message}");
        }
    }
    place.write(".nighignore", "!node_modules/\n!*.log\n");
    assert_eq!(index(&place.docs(), &[])["documents"], 5, "what is taken back");

    let place = Place::new();
    place.write("a.md", "A.\n");
    place.write(".gitignore", "*\n");
    let output = run(&place.docs(), &["index", "--json", "--model", "../model"]);
    assert_eq!(
        value(&output)["left_out"],
        json!([{"by": "ignore_file", "name": ".gitignore", "files": 1, "folders": 0}])
    );
    assert!(err(&output).contains("nothing is indexed") && err(&output).contains(".nighignore"), "{}", err(&output));
}

#[test]
fn settings_globs_match_both_unicode_forms() {
    let place = Place::new();
    for name in ["cafe\u{301}/a.md", "b\u{fc}ro.md", "c.md"] {
        place.write(name, format!("This is {name}.\n"));
    }
    let globs = ["--exclude", "café", "--exclude", "bu\u{308}ro*"];
    assert_eq!(index(&place.docs(), &[&["--model", "../model"], &globs[..]].concat())["documents"], 1);
}

#[test]
fn quiet_index_prints_nothing() {
    let place = Place::new();
    place.write("a.md", "A.\n");
    place.write("b.md", b"\x89PNG\r\n\x1a\n\0\0");
    place.write("node_modules/c.md", "C.\n");
    for arguments in [
        &["index", "-q", "--model", "../model"][..],
        &["index", "-q"],
        &["index", "-q", "--include", "*.md", "--reread"],
    ] {
        let output = run(&place.docs(), arguments);
        assert_eq!((code(&output), out(&output), err(&output)), (0, String::new(), String::new()), "{arguments:?}");
    }
    assert_eq!(value(&run(&place.docs(), &["index", "-q", "--json"]))["unchanged"], 1, "asked for");
    assert_refused(&run(&place.docs(), &["index", "-q", "nowhere"]), &["nowhere"]);
}

#[test]
fn settings_that_are_ignored_are_reported() {
    let place = Place::new();
    place.write("a.md", "An answer.\n");
    index(&place.docs(), &["--model", "../model"]);
    let config = place.docs().join(".nigh/config.toml");
    let made_with = value(&run(&place.docs(), &["status", "--json"]))["model"].as_str().unwrap().to_owned();
    let template = fs::read_to_string(&config).unwrap();
    assert!(template.contains(&format!("# model = \"{made_with}\"")), "{template}");

    for (text, says) in [
        ("\nexclude = [\"[bad\"]\n", "line 2: exclude: [bad: a [ without its ]"),
        ("include = [\"a{b\"]\n", "line 1: include: a{b: a { without its }"),
        ("include = \"*.md\"\n", "line 1: include: write a list, [\"*.md\"]"),
        ("hidden = 1\n", "line 1: hidden: write true or false"),
    ] {
        fs::write(&config, text).unwrap();
        assert_refused(&run(&place.docs(), &["index"]), &["config.toml", says]);
        assert_refused(&run(&place.docs(), &["status"]), &["config.toml", says]);
        let search = run(&place.docs(), &["search", "answer", "-l"]);
        assert_eq!((code(&search), out(&search)), (0, "a.md\n".to_owned()));
        assert!(
            err(&search).contains(says) && err(&search).contains("searches ignore config.toml"),
            "{}",
            err(&search)
        );
    }
    fs::remove_file(&config).unwrap();
    assert_refused(&run(&place.docs(), &["index", "--exclude", "[bad"]), &["--exclude: [bad: a [ without its ]"]);

    fs::write(&config, "model = \"another-model\"\npassage_tokens = 20\noverlap_tokens = 3\n").unwrap();
    let output = run(&place.docs(), &["index"]);
    let status = out(&run(&place.docs(), &["status"]));
    for name in ["model = \"another-model\"", "passage_tokens = 20", "overlap_tokens = 3"] {
        for message in [err(&output), status.clone()] {
            let line = message.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {message}"));
            assert!(line.contains("is ignored: it applies to a new collection only; this one has"), "{line}");
        }
    }
    assert!(status.contains(&format!("{:<16} {made_with} (stored in the collection)", "model")), "{status}");
    fs::write(&config, format!("model = \"{made_with}\"\n")).unwrap();
    assert_eq!(err(&run(&place.docs(), &["index"])), "");
}

#[test]
fn settings_size_limit_is_shown_with_its_origin() {
    let place = Place::new();
    place.write("a.md", "A.\n");
    place.write("large.md", "x".repeat(2000));
    index(&place.docs(), &["--model", "../model"]);
    let reason = |more: &[&str]| index(&place.docs(), more)["skipped"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason(&["--max-file-size", "1K"]).contains("more than --max-file-size (1 KiB)"));
    fs::write(place.docs().join(".nigh/config.toml"), "max_file_size = \"1K\"\nextract_memory = \"300M\"\n").unwrap();
    assert!(reason(&[]).contains("more than max_file_size in config.toml (1 KiB)"), "{}", reason(&[]));
    let stale = value(&run(&place.docs(), &["status", "--stale", "--json"]));
    assert!(stale["skipped"][0]["reason"].as_str().unwrap().contains("max_file_size in config.toml (1 KiB)"));
    let status = out(&run(&place.docs(), &["status"]));
    for row in ["max_file_size    1 KiB (config.toml)", "extract_memory   300 MiB (config.toml)"] {
        assert!(status.contains(row), "{row}: {status}");
    }
    fs::remove_file(place.docs().join(".nigh/config.toml")).unwrap();
    assert!(out(&run(&place.docs(), &["status"])).contains("max_file_size    32 MiB (default)"));
}

/// `Übung` and `café`, composed and decomposed.
#[cfg(target_os = "linux")]
#[test]
fn paths_are_found_in_both_unicode_forms() {
    let (composed, decomposed) = (["\u{dc}bung", "caf\u{e9}.md"], ["U\u{308}bung", "cafe\u{301}.md"]);
    for (stored, typed) in [(composed, decomposed), (decomposed, composed)] {
        let place = Place::new();
        place.write(&format!("{}/{}", stored[0], stored[1]), "Coffee is roasted in the drum.");
        place.write(&format!("{}/b.md", stored[0]), "Tea is rolled and dried.");
        let docs = place.docs();
        // A folder has its own collection in it.
        index(&docs, &["--model", "../model", typed[0]]);
        assert_eq!(ids(&docs.join(stored[0])), ["b.md", stored[1]]);
        fs::remove_dir_all(docs.join(stored[0]).join(".nigh")).unwrap();
        index(&docs, &["--model", "../model", "."]);
        let wanted = [format!("{}/b.md", stored[0]), format!("{}/{}", stored[0], stored[1])];
        assert_eq!(ids(&docs), wanted);
        let file = format!("{}/{}", typed[0], typed[1]);
        // As a document, as a file to index, as a folder to check.
        let similar = run(&docs, &["similar", &file, "--json"]);
        assert!(code(&similar) == 0 && out(&similar).contains("b.md"), "{}", err(&similar));
        assert_eq!(index(&docs, &[&file])["unchanged"], 1);
        assert_eq!(code(&run(&docs, &["status", "--stale", typed[0]])), 0);
        // As a file that was never indexed, and as a document without its file.
        place.write(&format!("{}.txt", stored[1]), "Beans are roasted in a drum.");
        let other = run(&docs, &["similar", &format!("{}.txt", typed[1]), "--json"]);
        assert!(code(&other) == 0 && out(&other).contains("b.md"), "{}", err(&other));
        fs::remove_dir_all(docs.join(stored[0])).unwrap();
        let gone = run(&docs, &["similar", &file, "--json"]);
        assert!(code(&gone) == 0 && out(&gone).contains("b.md"), "{}", err(&gone));
        assert_refused(&run(&docs, &["index", "Ubung"]), &["Ubung"]);
    }
}
