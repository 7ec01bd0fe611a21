//! `nigh eval --questions`: the user's own questions on the user's collection; figures, output, errors.

use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::command::{assert_refused, code, err, indexed, out, run, value};
use crate::support::{Place, exported, real};

/// Questions for the folder of [`indexed`]: two kinds, two languages, one question that nothing answers.
const QUESTIONS: &str = r#"{"id": "q1", "question": "平均池化", "files": ["pooling.md"], "answer": "句向量用平均池化", "kind": "words", "lang": "zh"}
{"id": 2, "question": "scores divided", "files": ["en/attention.md"], "answer": "never written", "kind": "words", "lang": "en"}

{"question": "attention", "files": ["main.rs"], "kind": "wrong"}
{"question": "bicycle", "files": [], "kind": "none"}
{"question": "head", "kind": "none"}
"#;

fn write(place: &Place, questions: &str) {
    fs::write(place.path("questions.jsonl"), questions).unwrap();
}

fn eval(place: &Place, arguments: &[&str]) -> Output {
    let collection = place.docs().join(".nigh");
    let arguments =
        [&["eval", "--questions", "questions.jsonl", "--collection", collection.to_str().unwrap()], arguments].concat();
    run(place.root(), &arguments)
}

#[test]
fn eval_questions_counts_what_a_search_finds() {
    let place = indexed();
    write(&place, QUESTIONS);
    let collection = place.docs().join(".nigh");
    let documents = || exported(&nigh::Collection::open_read_only(&collection).unwrap());
    let before = documents();
    let output = eval(&place, &["--mode", "lexical", "--json"]);
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
    let measured = value(&output);
    assert_eq!(
        (&measured["documents"], &measured["questions"], &measured["model"], &measured["space"]),
        (&3.into(), &5.into(), &"model".into(), &"original".into())
    );
    let run_json = &measured["runs"][0];
    assert_eq!((&run_json["mode"], measured["runs"].as_array().unwrap().len()), (&"lexical".into(), 1));
    // The order of the file; languages only where a kind has several.
    let parts: Vec<_> = run_json["groups"].as_array().unwrap().iter().map(|g| (&g["kind"], &g["lang"])).collect();
    let expected = json!([["words", null], ["words", "zh"], ["words", "en"], ["wrong", null], ["none", null]]);
    assert_eq!(json!(parts), expected);
    let words = &run_json["groups"][0]["answered"];
    let of = |name: &str| words[name].as_u64().unwrap();
    assert_eq!(["questions", "first", "within_3", "within_10", "shown_of", "shown"].map(of), [2, 2, 2, 2, 2, 1]);
    assert_eq!(words["mrr@10"], 1.0);
    let wrong = &run_json["groups"][3]["answered"];
    assert_eq!((&wrong["first"], &wrong["within_10"], &wrong["mrr@10"]), (&0.into(), &0.into(), &0.0.into()));
    assert_eq!(run_json["groups"][4]["unanswered"]["questions"], 2);
    assert_eq!(run_json["groups"][4]["answered"]["mrr@10"], Value::Null);
    assert_eq!(
        (&run_json["all"]["answered"]["questions"], &run_json["all"]["answered"]["first"]),
        (&3.into(), &2.into())
    );
    // Each question, with its line and what a search shows.
    let each = run_json["questions"].as_array().unwrap();
    assert_eq!(json!(each.iter().map(|q| &q["line"]).collect::<Vec<_>>()), json!([1, 2, 4, 5, 6]));
    assert_eq!((&each[1]["id"], &each[1]["rank"], &each[1]["shown"]), (&"2".into(), &1.into(), &false.into()));
    assert_eq!((&each[3]["first"], &each[3]["rank"]), (&Value::Null, &Value::Null));
    let search = ["search", "head", "--mode", "lexical", "--json", "--collection", collection.to_str().unwrap()];
    let hit = value(&run(place.root(), &search))["hits"][0].clone();
    assert_eq!(
        each[4]["first"],
        json!({"id": "en/attention.md", "path": "docs/en/attention.md", "relevance": hit["relevance"]})
    );
    let below = u64::from(hit["relevance"].as_f64().unwrap() < 0.3) + 1;
    assert_eq!(run_json["groups"][4]["unanswered"]["below"], below);
    assert_eq!(documents(), before, "the collection was only read");
}

#[test]
fn eval_questions_prints_tables_and_the_questions_to_look_at() {
    let place = indexed();
    write(&place, QUESTIONS);
    let output = eval(&place, &["--mode", "lexical,hybrid", "--quiet"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let text = out(&output);
    let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
    assert!(text.lines().next().unwrap().ends_with("  3 documents, 5 questions; model, original space"), "{text}");
    let cells = |start: &str| line(start).split_whitespace().skip(start.split_whitespace().count()).collect::<Vec<_>>();
    assert_eq!(cells("answered"), ["mode", "questions", "first", "≥", ".3", "in", "3", "in", "10", "shown", "MRR@10"]);
    let words = cells("words  ");
    assert_eq!((words[0], words[1], words[2], words[4], words[6]), ("lexical", "2", "2", "2", "1/2"), "{text}");
    assert_eq!(cells("words zh")[..3], ["lexical", "1", "1"], "{text}");
    assert_eq!(cells("none  ")[..2], ["lexical", "2"], "{text}");
    assert!(text.lines().filter(|line| line.contains(" hybrid ")).count() >= 6, "{text}");
    assert!(!text.contains("bicycle"), "{text}");
    let verbose = out(&eval(&place, &["--mode", "lexical", "-v"]));
    for says in [
        "Right file not first, lexical: 1",
        "  attention",
        "line 4; right: main.rs, not in the first ten; first hit: docs/en/attention.md, relevance ",
        "its passage lacks the answer, lexical: 1",
        "    2; right: en/attention.md, rank 1; first hit: ",
    ] {
        assert!(verbose.contains(says), "{says}: {verbose}");
    }
    assert!(!verbose.contains("平均池化"), "{verbose}");
    // Without kinds, answers and questions that nothing answers.
    write(&place, "{\"question\": \"head\", \"files\": [\"attention.md\"]}\n");
    let plain = out(&eval(&place, &["--mode", "lexical"]));
    assert!(plain.lines().count() == 3 && plain.contains("  all ") && !plain.contains("shown"), "{plain}");
}

#[test]
fn eval_questions_reports_names_that_no_document_has() {
    let place = indexed();
    place.write("pooling.md", "# Other\n\nAnother text of this name.\n");
    assert_eq!(code(&run(&place.docs(), &["index", "-q"])), 0);
    write(
        &place,
        "{\"question\": \"head\", \"files\": [\"gone.md\", \"ooling.md\"], \"fils\": 1}\n\
         {\"question\": \"another text\", \"files\": [\"pooling.md\"]}\n\
         {\"question\": \"池化\", \"files\": [\"zh/pooling.md\", \"gone.md\"]}\n",
    );
    let output = eval(&place, &["--mode", "lexical", "--json"]);
    for says in [
        "2 names in \"files\" that no document has (\"gone.md\", \"ooling.md\")",
        "1 unknown field (\"fils\"): ignored",
    ] {
        assert!(err(&output).contains(says), "{says}: {}", err(&output));
    }
    assert!(
        err(&output).contains("1 name in \"files\" that several documents have (\"pooling.md\")"),
        "{}",
        err(&output)
    );
    let measured = value(&output);
    assert_eq!(measured["names_unknown"], json!(["gone.md", "ooling.md"]));
    assert_eq!(measured["names_of_several"], json!(["pooling.md"]));
    let ranks: Vec<&Value> =
        measured["runs"][0]["questions"].as_array().unwrap().iter().map(|question| &question["rank"]).collect();
    assert_eq!(json!(ranks), json!([null, 1, 1]));
    write(&place, "{\"question\": \"head\", \"files\": [\"gone.md\"]}\n{\"question\": \"foot\"}\n");
    assert_refused(
        &eval(&place, &["--mode", "lexical"]),
        &["no document of the collection", "\"gone.md\"", "--collection", "nigh index"],
    );
}

#[test]
fn eval_questions_errors_name_the_mistake() {
    let place = indexed();
    write(&place, "{\"question\": \"head\"}\n{\"questions\": \"head\"}\n");
    assert_refused(&eval(&place, &[]), &["questions.jsonl:2: \"question\" is missing"]);
    write(&place, "");
    assert_refused(&eval(&place, &[]), &["questions.jsonl has no question"]);
    assert_refused(&run(&place.docs(), &["eval", "--questions", "nowhere"]), &["nowhere is not a file"]);
    write(&place, "{\"question\": \"head\"}\n");
    let file = ["eval", "--questions", "questions.jsonl"];
    assert_refused(&run(place.root(), &file), &["no collection", "--collection"]);
    for wrong in
        [&["set"][..], &["--own"], &["--model", "m"], &["--pooling", "cls"], &["--sample", "3"], &["--seed", "2"]]
    {
        let output = run(place.root(), &[&file, wrong].concat());
        assert!(code(&output) == 2 && err(&output).contains("Usage: nigh eval"), "{wrong:?}: {}", err(&output));
    }
    assert_eq!(code(&run(place.root(), &["eval", "--own", "--verbose"])), 2);
}

/// In the language-neutral space, which needs a model of several languages.
#[test]
fn eval_names_the_space_of_the_collection() {
    let Some(model) = real::model("multilingual-e5-small-q4") else { return };
    let place = Place::new();
    place.write("leave.md", "# Leave\n\nEmployees receive twenty-five days of paid leave a year.\n");
    place.write("停车.md", "# 停车\n\n员工停车场每月收费一百元，请在前台登记车牌号码。访客停车每小时五元。\n");
    let model = model.path().to_str().unwrap();
    let index = ["index", "--model", model, "--space", "language-neutral", "-q"];
    assert_eq!(code(&run(&place.docs(), &index)), 0);
    write(
        &place,
        "{\"question\": \"what do visitors pay for parking\", \"files\": [\"停车.md\"], \"answer\": \"每小时五元\"}\n",
    );
    let measured = value(&eval(&place, &["--json"]));
    assert_eq!((&measured["space"], &measured["runs"][0]["mode"]), (&"language-neutral".into(), &"hybrid".into()));
    assert_eq!(measured["runs"][0]["all"]["answered"]["shown"], 1, "{measured}");
    let people = |arguments: &[&str]| {
        let output = run(&place.docs(), arguments);
        assert_eq!(code(&output), 0, "{}", err(&output));
        out(&output)
    };
    let questions = people(&["eval", "--questions", "../questions.jsonl"]);
    assert!(questions.contains("language-neutral space") && questions.contains("1/1"), "{questions}");
    let filler = "the of and to in is that it for as with on by an be this are from or at which ".repeat(2);
    let text =
        format!("# The visitor question\n\nEvery visitor writes the own name into the book of the hall.\n\n{filler}\n");
    place.write("more.md", text);
    assert_eq!(code(&run(&place.docs(), &["index", "-q"])), 0);
    let own = people(&["eval", "--own", "--mode", "dense"]);
    assert!(own.contains("; language-neutral space"), "{own}");
    let own = value(&run(&place.docs(), &["eval", "--own", "--mode", "dense", "--json"]));
    assert_eq!(own["runs"][0]["space"], "language-neutral");
}
