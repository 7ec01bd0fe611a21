//! `--space`: `nigh encode` in the folder of a collection uses the space of its vectors; `nigh migrate` moves them.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::command::{assert_refused, code, err, nigh, out, run, value};
use crate::support::{Place, TinyModel, real};

#[test]
fn encode_uses_the_space_of_the_collection() {
    let Some(model) = real::model("multilingual-e5-small-q4") else { return };
    let model = model.path().to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "leave.md",
            "# Leave\n\nEmployees receive twenty-five days of paid leave a year. Unused days expire in March.\n",
        ),
        ("parking.md", "# 停车\n\n员工停车场每月收费一百元，请在前台登记车牌号码。访客停车每小时五元。\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = nigh(folder.path(), arguments).output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", err(&output));
        output
    };
    run(&["index", ".", "--model", model, "--space", "language-neutral"]);
    assert_eq!(value(&run(&["status", "--json"]))["space"], "language-neutral");

    let encode = |arguments: &[&str]| -> Value {
        let mut command = nigh(folder.path(), arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"how long is my holiday\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", err(&output));
        value(&output)["vector"].clone()
    };
    let own = encode(&["encode", "--query"]);
    assert_eq!(own, encode(&["encode", "--query", "--model", model, "--space", "language-neutral"]));
    assert_ne!(own, encode(&["encode", "--query", "--model", model]));
}

/// A folder indexed with a model that the language-neutral space suits.
fn indexed(arguments: &[&str]) -> Place {
    let place = Place::with(&TinyModel::multilingual());
    place.write("dog.md", "# Dogs\n\nA dog and a cat, near the head of the line.\n");
    place.write("ru.md", "Собака и кошка спят.\n");
    let output = run(&place.docs(), &[&["index", ".", "--model", "../model"], arguments].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    place
}

#[test]
fn migrate_moves_the_vectors_and_status_says_what_it_costs() {
    let place = indexed(&["--space", "original"]);
    let run = |arguments: &[&str]| run(&place.docs(), arguments);
    let status = value(&run(&["status", "--json"]));
    let possible = &status["possible_move"];
    assert_eq!((&possible["space"], &possible["seconds"]), (&"language-neutral".into(), &1.into()));
    assert_eq!(possible["command"], "nigh migrate --space language-neutral");
    assert_eq!(possible["bytes"], status["bytes_on_disk"]);
    let shown = out(&run(&["status"]));
    assert!(shown.contains("`nigh migrate --space language-neutral`") && shown.contains("encodes nothing"), "{shown}");

    // Other commands do not move it, and say what does.
    assert_refused(
        &run(&["search", "dog", "--space", "language-neutral"]),
        &["original", "`nigh migrate --space language-neutral`"],
    );
    let moved = value(&run(&["migrate", "--space", "language-neutral", "--json"]));
    assert_eq!((&moved["from"], &moved["to"]), (&3.into(), &3.into()));
    let space = serde_json::json!({ "from": "original", "to": "language-neutral", "passages": 2 });
    assert_eq!(moved["space"], space);
    let status = value(&run(&["status", "--json"]));
    assert_eq!((&status["space"], &status["possible_move"]), (&"language-neutral".into(), &Value::Null));
    assert_eq!(value(&run(&["index", "--json"]))["passages_encoded"], 0);
    assert_eq!(code(&run(&["verify"])), 0);
    assert_eq!(value(&run(&["search", "dog", "--json"]))["hits"][0]["id"], "dog.md");

    let again = out(&run(&["migrate", "--space", "language-neutral"]));
    assert!(again.contains("already in the language-neutral space"), "{again}");
    assert_refused(&run(&["migrate", "--space", "original"]), &["encoded again"]);
    assert_refused(
        &run(&["search", "dog", "--space", "original"]),
        &["original", "language-neutral", "`nigh index --collection NEW --space original`"],
    );
}

#[test]
fn space_of_a_new_collection_can_be_a_setting() {
    let place = indexed(&["--space", "original"]);
    let run = |arguments: &[&str]| run(&place.docs(), arguments);
    let config = place.docs().join(".nigh/config.toml");
    std::fs::write(&config, "space = \"language-neutral\"\n").unwrap();
    // It does not move an existing collection.
    let noted = run(&["index"]);
    assert_eq!(code(&noted), 0, "{}", err(&noted));
    let note = err(&noted);
    assert!(note.contains("is ignored") && note.contains("`nigh migrate --space language-neutral`"), "{note}");
    std::fs::write(&config, "space = \"original\"\n").unwrap();
    for name in ["records", "published", "head", "lock"] {
        let path = place.docs().join(".nigh").join(name);
        if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
    }
    let made = run(&["index", ".", "--model", "../model", "--trust"]);
    assert_eq!(code(&made), 0, "{}", err(&made));
    let status = value(&run(&["status", "--json", "--trust"]));
    assert_eq!((&status["space"], &status["settings"]["space"]["from"]), (&"original".into(), &"file".into()));
}

#[test]
fn space_of_a_new_collection_suits_its_model() {
    let place = indexed(&[]);
    let status = value(&run(&place.docs(), &["status", "--json"]));
    assert_eq!((&status["space"], &status["settings"]["space"]["value"]), (&"language-neutral".into(), &Value::Null));
}

#[test]
fn migrate_refuses_a_space_that_does_not_suit_the_model() {
    let place = crate::support::command::indexed();
    let status = value(&run(&place.docs(), &["status", "--json"]));
    assert_eq!(status["possible_move"], Value::Null);
    assert_refused(&run(&place.docs(), &["migrate", "--space", "language-neutral"]), &["multilingual"]);
}
