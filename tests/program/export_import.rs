//! `nigh export` and `nigh import`: round trips, and errors of lines.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::support::Place;
use crate::support::command::{code, err, nigh, out, run, value};

fn passages(place: &Place, collection: &str) -> u64 {
    value(&run(place.root(), &["status", "--json", "--collection", collection]))["passages"].as_u64().unwrap()
}

#[test]
fn import_restores_rows_places_and_columns_without_vectors() {
    let place = Place::new();
    place.write("customers.csv", "name,city\nAnn,Dublin\nBea,Oban\nCid,Cork\n");
    place.write("notes.md", "# One\n\nSome words.\n\n# Two\n\nOther words.\n");
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    for (name, vectors) in [("plain", &[][..]), ("whole", &["--vectors"])] {
        let file = format!("{name}.jsonl");
        let export = run(place.root(), &[&["export", "--collection", "docs", "-o", &file], vectors].concat());
        assert_eq!(code(&export), 0, "{}", err(&export));
        let import = run(place.root(), &["import", &file, "--collection", name, "--model", "model"]);
        assert_eq!(code(&import), 0, "{}", err(&import));
        assert_eq!(passages(&place, name), passages(&place, "docs"), "{name}");
        let search = |collection: &str| {
            let arguments = ["search", "who", "--where", "city = Dublin", "--json", "--collection", collection];
            let mut hit = value(&run(place.root(), &arguments))["hits"][0].take();
            hit["path"].take();
            hit
        };
        let hit = search(name);
        assert_eq!(
            (&hit["passage"]["metadata"]["name"], hit["passage"]["place"]["number"].as_u64()),
            (&"Ann".into(), Some(2)),
            "{hit}"
        );
        assert_eq!(hit["passage"], search("docs")["passage"]);
    }
    // An export of an older version: no passages, no hash.
    let old: String = fs::read_to_string(place.path("plain.jsonl"))
        .unwrap()
        .lines()
        .map(|line| {
            let mut document: serde_json::Value = serde_json::from_str(line).unwrap();
            let members = document.as_object_mut().unwrap();
            members.remove("passages");
            members.remove("text_hash");
            format!("{document}\n")
        })
        .collect();
    fs::write(place.path("old.jsonl"), old).unwrap();
    let import = run(place.root(), &["import", "old.jsonl", "--collection", "old", "--model", "model"]);
    assert_eq!((code(&import), err(&import)), (0, String::new()));
    // An edited text is reported, since its rows are lost.
    let edited = fs::read_to_string(place.path("plain.jsonl")).unwrap().replace("Oban", "Inverness");
    fs::write(place.path("edited.jsonl"), edited).unwrap();
    let import = run(place.root(), &["import", "edited.jsonl", "--collection", "edited", "--model", "model"]);
    assert!(code(&import) == 0 && err(&import).contains("1 document edited after the export"), "{}", err(&import));
}

fn import(place: &Place, lines: &[u8]) -> Output {
    fs::write(place.path("in.jsonl"), lines).unwrap();
    run(place.root(), &["import", "in.jsonl", "--collection", "c", "--model", "model"])
}

#[test]
fn import_reports_wrong_lines() {
    let place = Place::new();
    for (line, message) in [
        (&b"x"[..], "not JSON (column 1); write one object on each line"),
        (b"{\"id\": \"a\", \"text\": \"cut", "the JSON is cut off"),
        (b"{\"id\": \"a\"}", "\"text\" is missing"),
        (b"{\"text\": \"a\"}", "\"id\" is missing"),
        (b"{\"id\": 5, \"text\": \"a\"}", "\"id\" must be text in quotes"),
        (b"[1, 2]", "not an object"),
        (b"\"words\"", "not an object"),
        (b"{\"id\": \"a\", \"text\": \"\xff\"}", "not UTF-8; save the input as UTF-8"),
        (
            b"{\"id\": \"a\", \"text\": \"a\"},",
            "unexpected text after the object (column 25); write one object on each line",
        ),
        (b"{\"id\": \"a\", \"text\": \"a\"}\r{\"id\": \"b\"}", "unexpected text after the object"),
        (b"[", "a list, not an object; write one object on each line"),
        (b"\"text\": \"a\"}", "not an object; write one on each line"),
    ] {
        let refused = import(&place, line);
        let shown = err(&refused);
        assert_eq!(code(&refused), 2, "{shown}");
        assert!(shown.contains(&format!("line 1: {message}")), "{shown:?} lacks {message:?}");
        assert!(shown.contains("1 line refused; nothing was imported"), "{shown}");
        assert!(!shown.contains("expected ident") && !shown.contains("line 1 column"), "{shown}");
    }
    let partly = import(&place, b"{\"id\": \"a\", \"text\": \"words\"}\nx\n");
    assert!(err(&partly).contains("1 line refused; 1 document imported"), "{}", err(&partly));
    assert!(out(&partly).contains("Imported 1 document"));
}

#[test]
fn import_takes_inputs_of_editors_and_other_programs() {
    let place = Place::new();
    let lines = "\u{feff}{\"id\": \"a\", \"text\": \"first\"}\r\n\r\n{\"id\": \"b\", \"text\": \"two\"}\r\n{\"id\": \"a\", \"text\": \"last\"}";
    let imported = import(&place, lines.as_bytes());
    assert_eq!(code(&imported), 0, "{}", err(&imported));
    assert!(out(&imported).starts_with("Imported 2 documents; 2 came without vectors"), "{}", out(&imported));
    assert!(err(&imported).contains("1 line has an id that appears again further down; the last line of an id wins"));
    let exported = out(&run(place.root(), &["export", "--collection", "c"]));
    assert!(exported.contains("last") && !exported.contains("first") && exported.lines().count() == 2, "{exported}");
    // From stdin by `-`; a later line replaces a text that waits to be encoded.
    let mut with_vectors = out(&run(place.root(), &["export", "--vectors", "--collection", "c"]));
    with_vectors.insert_str(0, "{\"id\": \"a\", \"text\": \"older\"}\n");
    let mut command = nigh(place.root(), &["import", "-", "--collection", "c", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(with_vectors.as_bytes()).unwrap();
    let report = value(&child.wait_with_output().unwrap());
    assert_eq!(
        (&report["imported"], &report["encoded"], &report["repeated"]),
        (&2.into(), &0.into(), &1.into()),
        "{report}"
    );
    let exported = out(&run(place.root(), &["export", "--collection", "c"]));
    assert!(exported.contains("last") && !exported.contains("older"), "{exported}");
    for (bytes, message) in [
        (&b"\xff\xfe{\0}\0"[..], "the input is UTF-16; save it as UTF-8; nothing was imported"),
        (b"\x1f\x8b\x08\0", "the input is compressed; unpack it first; nothing was imported"),
    ] {
        let refused = import(&place, bytes);
        assert!(code(&refused) == 2 && err(&refused).contains(message), "{}", err(&refused));
    }
}
