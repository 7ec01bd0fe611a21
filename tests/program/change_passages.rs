//! `nigh migrate --passages`: passages by another rule, and what `nigh status` says before and after.

use serde_json::Value;

use crate::support::command::{code, err, indexed, out, run, value};

#[test]
fn migrate_makes_the_passages_again() {
    let place = indexed();
    let run = |arguments: &[&str]| run(&place.docs(), arguments);
    let status = value(&run(&["status", "--json"]));
    assert_eq!(status["outdated_passages"], Value::Null);
    let files = status["documents"].as_u64().unwrap();

    let noted = run(&["migrate", "--passages"]);
    assert_eq!(code(&noted), 0, "{}", err(&noted));
    assert!(err(&noted).contains("have this rule already"), "{}", err(&noted));

    let changed = value(&run(&["migrate", "--passages", "--passage-tokens", "16", "--json"]));
    assert_eq!(changed["changed"].as_u64(), Some(files));
    let status = value(&run(&["status", "--json"]));
    assert_eq!((&status["passage_tokens"], &status["outdated_passages"]), (&16.into(), &Value::Null));
    assert_eq!(value(&run(&["index", "--json"]))["passages_encoded"], 0);
    assert_eq!(code(&run(&["verify"])), 0);
    let alone = run(&["migrate", "--passage-tokens", "16"]);
    assert!(code(&alone) == 2 && err(&alone).contains("--passages"), "{}", err(&alone));
}

#[test]
fn status_names_what_is_left_and_its_cost() {
    let place = indexed();
    // As after a run that was interrupted.
    let collection = place.options().open(place.docs().join(".nigh")).unwrap();
    collection.writer().unwrap().change_passages(Some(16), None).unwrap();
    let files = collection.status().unwrap().documents;
    drop(collection);
    let run = |arguments: &[&str]| run(&place.docs(), arguments);
    let status = value(&run(&["status", "--json"]));
    let outdated = &status["outdated_passages"];
    assert_eq!((&outdated["command"], &outdated["files"]), (&"nigh index".into(), &files.into()));
    assert!(outdated["seconds"].as_u64().unwrap() >= 1 && outdated["text_bytes"].as_u64().unwrap() > 0);
    let shown = out(&run(&["status"]));
    assert!(shown.contains("the next `nigh index` replaces them"), "{shown}");
    assert_eq!(code(&run(&["index"])), 0);
    assert!(!out(&run(&["status"])).contains("old passages"));
}
