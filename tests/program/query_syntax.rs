//! Phrases, exclusions and short filters in a question.

use std::process::Output;

use nigh::WordIndex;
use serde_json::{Value, json};

use crate::support::Place;
use crate::support::command::{assert_refused, code, err, out, run, value};

/// The folder, not indexed yet.
fn folder() -> Place {
    let place = Place::new();
    place.write("server.md", "# Server\n\nThe disk is full again. Delete the old logs of the server.\n");
    place.write("ideas/draft.md", "# Ideas\n\nA draft: what if the disk of the server is never full?\n");
    place.write("README.md", "# Overview\n\nThis folder has notes about a server.\n");
    place.write("sub/old.txt", "The README.txt of the old server was lost.\n");
    place.write("运维/备份.md", "# 备份\n\n每周做一次全量备份，服务器的磁盘已满时先清理。\n");
    place.write("运维/草稿.txt", "这是草稿：全量备份也許太慢，伺服器不够快。\n");
    place
}

fn notes() -> Place {
    let place = folder();
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    place
}

fn search(place: &Place, question: &str, arguments: &[&str]) -> Output {
    run(&place.docs(), &[&["search"], arguments, &["--", question]].concat())
}

/// The paths that a question finds, sorted.
fn paths(place: &Place, question: &str, arguments: &[&str]) -> Vec<String> {
    let output = search(place, question, &[arguments, &["-l"]].concat());
    assert!(code(&output) < 2, "{question}: {}", err(&output));
    let mut paths: Vec<String> = out(&output).lines().map(str::to_owned).collect();
    paths.sort();
    paths
}

#[test]
fn query_syntax_is_read_in_both_languages() {
    let place = notes();
    for (question, wanted) in [
        ("\"the disk is full\"", vec!["server.md"]),
        ("server \"disk\"", vec!["ideas/draft.md", "server.md"]),
        ("server -draft ext:md", vec!["README.md", "server.md", "运维/备份.md"]),
        ("-\"disk is full\" server ext:md -path:运维", vec!["README.md", "ideas/draft.md"]),
        ("server path:sub/", vec!["sub/old.txt"]),
        ("server path:SUB", vec!["sub/old.txt"]),
        ("server path:*.txt", vec!["sub/old.txt", "运维/草稿.txt"]),
        ("server path:\"sub/\" -ext:md,org", vec!["sub/old.txt"]),
        ("怎么做“全量备份”", vec!["运维/备份.md", "运维/草稿.txt"]),
        ("备份「全量備份」策略 －草稿", vec!["运维/备份.md"]),
        ("备份 lang：zh ext：txt", vec!["运维/草稿.txt"]),
        ("\"服务器\"", vec!["运维/备份.md"]),
        ("server lang:zh", vec!["运维/备份.md", "运维/草稿.txt"]),
    ] {
        assert_eq!(paths(&place, question, &[]), wanted, "{question}");
    }
    // In all modes, and together with a filter.
    for mode in ["hybrid", "dense", "lexical"] {
        assert_eq!(paths(&place, "\"disk is full\" -draft", &["--mode", mode]), ["server.md"], "{mode}");
    }
    assert_eq!(paths(&place, "server -draft", &["--where", "path prefix ideas or path = server.md"]), ["server.md"]);
    // The shell's words are one question.
    let words = run(&place.docs(), &["search", "server", "ext:md", "path:ideas", "-l"]);
    assert_eq!(out(&words), "ideas/draft.md\n", "{}", err(&words));
}

#[test]
fn query_syntax_needs_no_word_index() {
    let place = folder();
    let collection = place.options().word_index(WordIndex::None).open(place.docs().join(".nigh")).unwrap();
    place.index(&collection);
    drop(collection);
    for (question, wanted) in [
        ("\"the disk is full\"", vec!["server.md"]),
        ("\"README.md\"", vec!["README.md"]),
        ("怎么做“全量備份” -草稿", vec!["运维/备份.md"]),
        ("server -draft ext:md lang:en", vec!["README.md", "server.md"]),
    ] {
        assert_eq!(paths(&place, question, &["--trust"]), wanted, "{question}");
    }
}

#[test]
fn query_syntax_finds_quoted_file_names_first() {
    let place = notes();
    for question in ["\"README.md\"", "“README.md”", "\"readme\"", "README.md"] {
        let output = search(&place, question, &["-l"]);
        assert!(out(&output).starts_with("README.md\n"), "{question}: {}", out(&output));
    }
    assert_eq!(paths(&place, "\"运维/备份.md\"", &[]), ["运维/备份.md"]);
}

#[test]
fn query_syntax_paths_are_seen_from_the_current_folder() {
    let place = notes();
    let below = place.docs().join("sub");
    for (question, wanted) in [("server path:./", "old.txt\n"), ("server path:.", "old.txt\n")] {
        assert_eq!(out(&run(&below, &["search", question, "-l"])), wanted, "{question}");
    }
    let up = out(&run(&below, &["search", "server path:../ideas", "-l"]));
    assert_eq!(up, "../ideas/draft.md\n");
    let folder = place.docs().canonicalize().unwrap().join("sub");
    let absolute = format!("server path:{}/", folder.display());
    assert_eq!(paths(&place, &absolute, &[]), ["sub/old.txt"]);
}

#[test]
fn query_syntax_is_shown() {
    let place = notes();
    let question = "why \"disk is full\" -draft ext:md -path:sub";
    let shown = search(&place, question, &[]);
    assert_eq!(
        err(&shown).lines().next().unwrap(),
        "nigh: searched for: why disk is full · with \"disk is full\" · without \"draft\" · only ext:md · not path:sub"
    );
    assert_eq!(err(&search(&place, question, &["-q"])), "");
    let json_output = search(&place, question, &["--json"]);
    assert_eq!(err(&json_output), "");
    let json = value(&json_output);
    assert_eq!((&json["query"], json["hits"][0]["id"].as_str()), (&question.into(), Some("server.md")));
    let syntax = json["syntax"].clone();
    assert_eq!((&syntax["text"], &syntax["phrases"]), (&json!("why disk is full"), &json!(["disk is full"])));
    assert_eq!(syntax["excluded"], json!(["draft"]));
    // The filter is one for --where.
    let filter = syntax["filter"].as_str().unwrap();
    assert!(filter.contains("extension = md"), "{filter}");
    assert_eq!(
        paths(&place, "server", &["--where", filter]),
        ["README.md", "ideas/draft.md", "server.md", "运维/备份.md"]
    );
}

#[test]
fn query_syntax_can_be_switched_off() {
    let place = notes();
    for question in ["\"no such phrase\" -server path:nowhere", "server"] {
        let plain = search(&place, question, &["--plain", "--json"]);
        let json = value(&plain);
        assert_eq!((json["hits"].as_array().unwrap().len(), &json["syntax"]), (6, &Value::Null), "{question}");
        let shown = err(&search(&place, question, &["--plain"]));
        assert!(!shown.contains("searched for"), "{shown}");
    }
    // Text that cannot be syntax is searched for without a note.
    for question in ["\"unclosed", "12:30 std::vec -5 a-b", "path: lang:rust", "tar -v - x"] {
        let json = value(&search(&place, question, &["--json"]));
        assert_eq!((json["hits"].as_array().unwrap().len(), &json["syntax"]), (6, &Value::Null), "{question}");
    }
}

#[test]
fn query_syntax_says_why_nothing_fits() {
    let place = notes();
    for (question, arguments, part) in [
        ("server \"never written\"", &[][..], "no document contains \"never written\" exactly"),
        ("\"disk is full\" \"全量备份\"", &[], "no document contains all of \"disk is full\", \"全量备份\""),
        (
            "\"disk is full\" -server",
            &[],
            "every document with \"disk is full\" contains what the question leaves out: \"server\"",
        ),
        ("\"disk is full\" path:sub", &[], "no document that passes the filter also fits"),
        ("server ext:pdf", &[], "no document matches extension = pdf; this collection has"),
        ("server lang:fr", &[], "no document matches language"),
        ("\"disk is full\"", &["--min-relevance", "1"], "nothing at 1 or more"),
    ] {
        let output = search(&place, question, arguments);
        assert_eq!((code(&output), out(&output).as_str()), (1, ""), "{question}");
        assert!(err(&output).contains(part), "{question}: {}", err(&output));
        assert_eq!(err(&output).lines().count(), 2, "{question}: {}", err(&output));
        assert_eq!(err(&search(&place, question, &[arguments, &["-q"]].concat())), "", "{question}");
    }
    let json = value(&search(&place, "server \"never written\"", &["--json"]));
    assert!(json["hints"][0].as_str().unwrap().contains("\"never written\""), "{json}");
    for question in ["ext:md", "-draft", "path:sub/ -lang:en"] {
        assert_refused(&search(&place, question, &[]), &["only conditions", question, "--plain"]);
    }
}

#[test]
fn query_syntax_is_not_read_by_similar() {
    let place = notes();
    place.write("-server ext:md", "The disk of the server is full.\n");
    let similar = run(&place.docs(), &["similar", "./-server ext:md", "-l"]);
    assert_eq!((code(&similar), err(&similar).as_str()), (0, ""), "{}", out(&similar));
    assert_eq!(out(&similar).lines().count(), 6);
}
