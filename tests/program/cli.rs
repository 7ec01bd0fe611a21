//! The commands: their output, and which collection they use.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::json_order::Names;
use crate::support::Place;
use crate::support::command::{assert_refused, code, err, indexed, indexed_with, nigh, out, run, value};

/// Makes an output the same for every run: replaces times by blanks, rounds scores.
fn steady(mut value: Value) -> Value {
    for time in value["took_ms"].as_object_mut().unwrap().values_mut() {
        assert!(time.as_f64().unwrap() >= 0.0);
        *time = "[ms]".into();
    }
    for hit in value["hits"].as_array_mut().unwrap() {
        let rounded = |score: &Value| Value::from((score.as_f64().unwrap() * 1e3).round() / 1e3);
        for key in ["score", "relevance"] {
            hit[key] = rounded(&hit[key]);
        }
        let explain = &mut hit["explain"];
        for key in ["dense_score", "lexical_score", "coverage", "fused_score"] {
            explain[key] = rounded(&explain[key]);
        }
        for term in explain["terms"].as_array_mut().unwrap() {
            term["score"] = rounded(&term["score"]);
        }
    }
    value
}

#[test]
fn search_json_is_a_stable_contract() {
    // The scores of f32 do not depend on rounding.
    let place = indexed_with(&["--precision", "f32"]);
    let output = run(&place.docs(), &["search", "平均池化", "-k", "2", "--json", "--explain"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    insta::assert_json_snapshot!(steady(value(&output)));
}

#[test]
fn status_and_index_json_have_their_fields() {
    let place = indexed();
    let status = out(&run(&place.docs(), &["status", "--json"]));
    insta::assert_json_snapshot!("status_fields", Names::parse(&status).first());
    let output = run(&place.docs(), &["index", "--json"]);
    insta::assert_json_snapshot!("index_fields", Names::parse(&out(&output)).first());
    let index = value(&output);
    assert_eq!((&index["unchanged"], &index["passages_encoded"]), (&3.into(), &0.into()));
}

#[test]
fn search_prints_path_line_score_and_passage() {
    let place = indexed();
    let output = run(&place.docs(), &["search", "平均池化", "--color", "always"]);
    let text = out(&output);
    assert!(text.contains("zh/pooling.md:3\u{1b}[0m  "), "{text}");
    assert!(text.contains("句向量用\u{1b}[1;31m平均池化\u{1b}[0m。"), "{text}");
    let plain = out(&run(&place.docs(), &["search", "平均池化"]));
    assert!(!plain.contains('\u{1b}'), "colour goes to terminals only: {plain}");
    let files = out(&run(&place.docs(), &["search", "root", "of", "the", "head", "-l"]));
    assert_eq!(files.lines().count(), 3);
    assert!(files.lines().any(|line| line == "en/attention.md"), "{files}");
    let context = out(&run(&place.docs(), &["search", "run", "-C", "5"]));
    assert!(context.contains("  fn main() {\n"), "{context}");
}

#[test]
fn collection_is_found_from_a_subfolder_and_by_name() {
    let place = indexed();
    let below = place.docs().join("zh");
    assert_eq!(code(&run(&below, &["search", "池化"])), 0);
    let shown = out(&run(&below, &["search", "平均池化", "-l"]));
    assert!(shown.lines().any(|line| line == "pooling.md"), "paths are shown from where one is: {shown}");
    let elsewhere = tempfile::tempdir().unwrap();
    assert_refused(&run(elsewhere.path(), &["search", "池化"]), &["no collection", "nigh index"]);
    for path in [place.docs(), place.docs().join(".nigh")] {
        assert_eq!(code(&run(elsewhere.path(), &["status", "--collection", path.to_str().unwrap()])), 0);
        let mut command = nigh(elsewhere.path(), &["status"]);
        assert_eq!(code(&command.env("NIGH_COLLECTION", &path).output().unwrap()), 0);
    }
    // Indexing a subfolder updates its documents and does not change the others.
    fs::remove_file(below.join("pooling.md")).unwrap();
    fs::remove_file(place.docs().join("en/attention.md")).unwrap();
    let part = value(&run(place.root(), &["index", "docs/zh", "--json", "--allow-empty"]));
    assert_eq!((&part["removed"], &part["documents"]), (&1.into(), &2.into()));
}

#[test]
fn similar_takes_files_in_the_collection_and_outside() {
    let place = indexed();
    let inside = value(&run(&place.docs(), &["similar", "zh/pooling.md", "--json"]));
    let ids: Vec<&str> = inside["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 2 && !ids.contains(&"zh/pooling.md"), "the file itself is left out: {ids:?}");
    fs::write(place.path("copy.md"), fs::read(place.docs().join("en/attention.md")).unwrap()).unwrap();
    let outside = value(&run(&place.docs(), &["similar", "../copy.md", "--json"]));
    assert_eq!(outside["hits"][0]["id"], "en/attention.md");
    assert!(outside["hits"][0]["score"].as_f64().unwrap() > 0.999);
    assert_refused(&run(&place.docs(), &["similar", "absent.md"]), &["absent.md"]);
}

#[test]
fn encode_writes_json_lines_or_numpy() {
    let place = Place::new();
    let encode = |arguments: &[&str], input: &str| {
        let mut command = nigh(place.root(), arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = encode(&["encode", "--model", "model"], "one line\n两行\r\n");
    let lines: Vec<Value> = out(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[1]["text"]), (2, &"两行".into()));
    let dimension = lines[0]["vector"].as_array().unwrap().len();
    let question = encode(&["encode", "--model", "model", "--query"], "one line\n");
    assert_ne!(value(&question)["vector"], lines[0]["vector"], "the query prefix counts");
    let numpy = encode(&["encode", "--model", "model", "--npy", "v.npy"], "one line\n两行\n");
    assert_eq!((code(&numpy), out(&numpy).as_str()), (0, ""));
    let bytes = fs::read(place.path("v.npy")).unwrap();
    assert_eq!((&bytes[..6], bytes.len()), (&b"\x93NUMPY"[..], 128 + 2 * dimension * 4));
    let first = f32::from_le_bytes(bytes[128..132].try_into().unwrap());
    assert_eq!(Some(f64::from(first)).map(|x| x as f32), lines[0]["vector"][0].as_f64().map(|x| x as f32));
    assert_eq!(code(&encode(&["encode", "--model", "model"], "")), 1);
    let mut command = nigh(place.root(), &["encode", "--model", "model"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"good\n\xff\xfe\n").unwrap();
    let refused = child.wait_with_output().unwrap();
    assert_refused(&refused, &["line 2", "UTF-8"]);
}

#[test]
fn export_and_import_round_trip() {
    let place = indexed();
    let exported = run(&place.docs(), &["export", "--vectors", "-o", "../all.jsonl"]);
    assert_eq!((code(&exported), fs::read_to_string(place.path("all.jsonl")).unwrap().lines().count()), (0, 3));
    let copy = ["--collection", "copy.nigh"];
    let imported = run(place.root(), &[&copy[..], &["import", "all.jsonl", "--model", "model", "--json"]].concat());
    assert_eq!((&value(&imported)["imported"], &value(&imported)["encoded"]), (&3.into(), &0.into()));
    let search = |collection: &str, directory: &Path| {
        let mut hits = value(&run(directory, &["--collection", collection, "search", "池化", "--json"]))["hits"].take();
        for hit in hits.as_array_mut().unwrap() {
            let hit = hit.as_object_mut().unwrap();
            hit.remove("metadata");
            // The copy is in another folder, so its paths differ.
            hit.remove("path");
        }
        hits
    };
    assert_eq!(search(".nigh", &place.docs()), search("copy.nigh", place.root()));
    fs::write(place.path("bad.jsonl"), "{\"id\":\"a\",\"text\":\"good\"}\nnot json\n{\"id\":\"\",\"text\":\"x\"}\n")
        .unwrap();
    let partly = run(place.root(), &[&copy[..], &["import", "bad.jsonl"]].concat());
    assert_eq!(code(&partly), 2);
    assert!(err(&partly).contains("line 2") && err(&partly).contains("line 3"), "{}", err(&partly));
    let status = value(&run(place.root(), &[&copy[..], &["status", "--json"]].concat()));
    assert_eq!(status["documents"], 4, "what is right goes in");
}

#[test]
fn precision_of_a_collection_is_kept() {
    let place = indexed_with(&["--precision", "f32"]);
    let search = |arguments: &[&str]| run(&place.docs(), &[&["search", "平均池化", "--json"], arguments].concat());
    let scores = |output: &Output| -> Vec<f64> {
        assert_eq!(code(output), 0, "{}", err(output));
        value(output)["hits"].as_array().unwrap().iter().map(|hit| hit["score"].as_f64().unwrap()).collect()
    };
    let remembered = scores(&search(&[]));
    assert_eq!(remembered, scores(&search(&["--precision", "f32"])));
    assert!(!place.model().join("nigh-int8.packed").exists(), "f32 was remembered, and int8 was loaded");
    assert_refused(&search(&["--precision", "int8"]), &["was made with", "--collection"]);
    let again = value(&run(&place.docs(), &["index", "--json"]));
    assert_eq!((&again["unchanged"], &again["passages_encoded"]), (&3.into(), &0.into()));
    assert_refused(&run(&place.docs(), &["index", "--precision", "int8"]), &["was made with"]);

    let place = indexed();
    assert!(place.model().join("nigh-int8.packed").exists(), "int8 is the default");
    let search = |arguments: &[&str]| run(&place.docs(), &[&["search", "平均池化", "--json"], arguments].concat());
    assert_eq!(scores(&search(&[])), scores(&search(&["--precision", "int8"])));
    assert_ne!(scores(&search(&[])), remembered);
    assert_refused(&search(&["--precision", "f32"]), &["was made with"]);
}

#[test]
fn index_lists_skipped_files() {
    let place = Place::new();
    place.write("good.md", "words");
    place.write("binary.md", b"\x00\x01\x02");
    place.write("half.txt", b"\xff\xfea\0b");
    let output = run(&place.docs(), &["index", "--model", "../model"]);
    let text = out(&output);
    assert_eq!(code(&output), 0, "{}", err(&output));
    for part in ["Indexed 1 file", "2 files skipped", "binary.md: ", "half.txt: "] {
        assert!(text.contains(part), "{text:?} lacks {part:?}");
    }
}

#[test]
fn completions_for_every_shell() {
    let place = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(out(&run(place.path(), &["completions", shell])).contains("nigh"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_finished_files() {
    let place = Place::new();
    for i in 0..3000 {
        place.write(&format!("{i}.md"), format!("# Document {i}\n\n{}", "some words to encode. ".repeat(40)));
    }
    let mut command = nigh(&place.docs(), &["index", "--model", "../model", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A busy machine starts a program slowly: before the collection exists, a signal would end it without a report.
    let collection = place.docs().join(".nigh");
    for _ in 0..200 {
        if collection.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    std::thread::sleep(std::time::Duration::from_millis(600));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let report = value(&output);
    if code(&output) == 0 {
        eprintln!("the run ended before it could be interrupted; what follows holds all the same");
    } else {
        assert_eq!((code(&output), &report["interrupted"]), (130, &true.into()));
    }
    let again = value(&run(&place.docs(), &["index", "--json"]));
    assert_eq!(again["documents"], 3000);
    assert_eq!(again["unchanged"], report["added"], "what was finished is not done again");
}
