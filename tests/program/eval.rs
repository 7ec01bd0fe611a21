//! `nigh eval`: measures sets and the user's own documents; its output and errors. The metrics are
//! compared with pytrec_eval and scipy in their own tests; `fixtures/eval/metrics.py` made the values.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nigh::{EncoderOptions, Error, Pooling, TextKind};
use serde_json::{Value, json};

use crate::support::command::{assert_refused, code, err, nigh, out, run, value};
use crate::support::{Place, TinyModel, cosine, exported, load};

const DOCUMENTS: [(&str, &str, &str); 5] = [
    ("a", "pooling", "the mean of the token states is the sentence vector"),
    ("b", "", "a cat and a dog are near the rust folder"),
    ("c", "向量", "句向量用平均池化"),
    ("d", "index", "the store commits a version of the index file"),
    ("e", "", "attention is a layer with heads for each token in the text"),
];

const QUESTIONS: [(&str, &str); 4] =
    [("q1", "sentence vector pooling"), ("q2", "平均池化是什么"), ("q3", "dog or cat"), ("q4", "nobody judged this")];

/// Returns a BEIR directory `set` with five documents and three judged questions.
fn set(place: &Place) -> PathBuf {
    let path = place.path("set");
    fs::create_dir_all(path.join("qrels")).unwrap();
    let corpus = DOCUMENTS.map(|(id, title, text)| json!({"_id": id, "title": title, "text": text}));
    lines(&path.join("corpus.jsonl"), &corpus);
    lines(&path.join("queries.jsonl"), &QUESTIONS.map(|(id, text)| json!({"_id": id, "text": text})));
    let qrels = "query-id\tcorpus-id\tscore\nq1\ta\t2\nq1\te\t1\nq2\tc\t1\nq3\tb\t1\nq3\tgone\t1\nq9\ta\t1\n";
    fs::write(path.join("qrels/test.tsv"), qrels).unwrap();
    path
}

fn lines(path: &Path, values: &[Value]) {
    let text: String = values.iter().map(|value| format!("{value}\n")).collect();
    fs::write(path, text).unwrap();
}

/// Runs `nigh eval` with its own temporary directory, which must be empty afterwards.
fn eval(place: &Place, arguments: &[&str]) -> Output {
    let temporary = place.path("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = nigh(place.root(), &[&["eval"], arguments].concat());
    let output = command.env("TMPDIR", &temporary).output().unwrap();
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "a temporary collection was left behind");
    output
}

/// Makes an output the same for every run and machine: replaces seconds by blanks, rounds numbers.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            for (name, part) in map.iter_mut() {
                *part = match name.as_str() {
                    "seconds" => "[seconds]".into(),
                    "collection" => "[collection]".into(),
                    _ => steady(part.take()),
                };
            }
        }
        Value::Number(number) if number.is_f64() => {
            value = ((number.as_f64().unwrap() * 1e6).round() / 1e6).into();
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| *part = steady(part.take())),
        _ => {}
    }
    value
}

/// Tables without the last column, seconds.
fn without_seconds(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once("  ") {
        Some((rest, last)) if last.parse::<f64>().is_ok() && last.split('.').next_back().map(str::len) == Some(1) => {
            format!("{} [s]\n", rest.trim_end())
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn eval_json_is_an_object_for_one_run_and_a_list_for_several() {
    let place = Place::new();
    set(&place);
    let one = eval(&place, &["set", "--model", "model", "--json"]);
    assert_eq!(code(&one), 0, "{}", err(&one));
    // int8 gives the same bits on every machine.
    insta::assert_json_snapshot!("eval_one", steady(value(&one)));
    for says in ["1 judged document: not in", "1 judged question: not in", "1 question: not judged"] {
        assert!(err(&one).contains(says), "{says}: {}", err(&one));
    }
    let several = eval(&place, &["set", "--model", "model", "--precision", "int8,f32", "--json", "--quiet"]);
    assert_eq!(err(&several), "");
    let several = value(&several);
    assert_eq!(several.as_object().unwrap().len(), 1);
    assert_eq!(steady(several["runs"][0].clone()), steady(value(&one)));
    assert_eq!(several["runs"][1]["precision"], "f32");
}

#[test]
fn eval_prints_tables() {
    let place = Place::new();
    set(&place);
    let pairs = "score\tsentence1\tsentence2\n5\ta cat\tthe cat\n0\ta dog\tcode\n3\t句向量\t文本向量\n1\tfile\tattention head\n";
    fs::write(place.path("one.tsv"), pairs).unwrap();
    fs::write(place.path("two.tsv"), pairs.replace("5\t", "4\t")).unwrap();
    let output = eval(&place, &["set", "one.tsv", "two.tsv", "--model", "model", "--pooling", "mean,cls", "-q"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    insta::assert_snapshot!("eval_tables", without_seconds(&out(&output)));
}

/// Every text is its own query: every answer comes first, and every metric is 1.
#[test]
fn eval_scores_one_if_documents_are_their_own_questions() {
    let place = Place::with(&TinyModel { prompts: None, ..TinyModel::default() });
    let path = set(&place);
    let text = |title: &str, text: &str| if title.is_empty() { text.to_owned() } else { format!("{title} {text}") };
    lines(&path.join("queries.jsonl"), &DOCUMENTS.map(|(id, title, t)| json!({"_id": id, "text": text(title, t)})));
    let qrels: String = DOCUMENTS.iter().map(|(id, ..)| format!("{id}\t{id}\t1\n")).collect();
    fs::write(place.path("own.tsv"), qrels).unwrap();
    let measured = value(&eval(&place, &["set", "--qrels", "own.tsv", "--model", "model", "--json"]));
    assert_eq!(measured["metrics"], json!({"ndcg@10": 1.0, "recall@100": 1.0, "mrr@10": 1.0}));
    assert_eq!(measured["counts"]["queries"], 5);
    // Each query's answer is its neighbour, which is found, but never first.
    let qrels: String = ["a\tb", "b\tc", "c\td", "d\te", "e\ta"].map(|pair| format!("{pair}\t1\n")).concat();
    fs::write(place.path("own.tsv"), qrels).unwrap();
    let measured = value(&eval(&place, &["set", "--qrels", "own.tsv", "--model", "model", "--json"]));
    assert_eq!(measured["metrics"]["recall@100"], 1.0);
    assert!(measured["metrics"]["mrr@10"].as_f64().unwrap() <= 0.5);
}

/// Two of the four answers are left out; parts of two and three documents are measured.
#[test]
fn eval_measures_relevance_in_parts_of_a_set() {
    let place = Place::new();
    set(&place);
    let other = place.path("other");
    fs::create_dir(&other).unwrap();
    lines(&other.join("queries.jsonl"), &[json!({"_id": 1, "text": "rust code"}), json!({"_id": 2, "text": " "})]);
    let arguments = ["set", "--irrelevant", "other", "--sizes", "2,400", "--model", "model", "-q"];
    let measured = value(&eval(&place, &[&arguments[..], &["--json", "--mode", "hybrid"]].concat()));
    let parts = measured["relevance"].as_array().unwrap();
    let documents: Vec<u64> = parts.iter().map(|part| part["documents"].as_u64().unwrap()).collect();
    assert_eq!(documents, [2, 3]);
    for part in parts {
        let questions = |kind: &str| part[kind]["questions"].as_u64().unwrap();
        assert_eq!((questions("foreign"), questions("right") + questions("near")), (1, 3), "{part}");
        assert!(questions("right") > 0 && part["line"] == 0.3, "{part}");
    }
    let whole = value(&eval(&place, &["set", "--model", "model", "--json"]));
    assert_eq!((&measured["metrics"], whole.get("relevance")), (&whole["metrics"], None));
    let people = out(&eval(&place, &arguments));
    assert!(people.contains("foreign") && people.lines().count() == 6, "{people}");
    assert_refused(
        &eval(&place, &["set", "--irrelevant", "nowhere", "--model", "model"]),
        &["nowhere", "queries.jsonl"],
    );
    for wrong in [&["eval", "set", "--sizes", "3"][..], &["eval", "set", "--seed", "3"]] {
        let output = run(place.root(), wrong);
        assert!(code(&output) == 2 && err(&output).contains("--irrelevant"), "{wrong:?}: {}", err(&output));
    }
}

#[test]
fn eval_takes_questions_and_corpus_from_different_sets() {
    let place = Place::new();
    let path = set(&place);
    let other = place.path("other");
    fs::create_dir(&other).unwrap();
    fs::copy(path.join("corpus.jsonl"), other.join("corpus.jsonl")).unwrap();
    fs::remove_file(path.join("corpus.jsonl")).unwrap();
    let crossed = value(&eval(&place, &["set", "--corpus", "other", "--model", "model", "--json"]));
    assert_eq!((&crossed["set"], &crossed["counts"]["queries"]), (&"set on other".into(), &3.into()));
    let again = value(&eval(&place, &["other", "--queries", "set", "--model", "model", "--json"]));
    assert_eq!((&again["metrics"], &again["set"]), (&crossed["metrics"], &crossed["set"]));
}

#[test]
fn eval_splits_or_truncates_long_documents() {
    let place = Place::new();
    let path = set(&place);
    let long = "the mean of the token states is the sentence vector. ".repeat(20) + "dog cat";
    lines(&path.join("corpus.jsonl"), &[json!({"_id": "a", "text": long}), json!({"_id": "b", "text": "a dog"})]);
    let count = |arguments: &[&str]| {
        let measured = value(&eval(&place, &[&["set", "--model", "model", "--json"], arguments].concat()));
        (measured["counts"]["documents"].as_u64().unwrap(), measured["counts"]["passages"].as_u64().unwrap())
    };
    assert_eq!(count(&["--truncate"]), (2, 2));
    let (documents, passages) = count(&[]);
    assert!(documents == 2 && passages > 4, "{passages} passages");
}

/// Scores that equal the cosines correlate perfectly, for each pooling.
#[test]
fn eval_pairs_use_the_query_prefix_and_the_given_pooling() {
    let place = Place::new();
    let sentences = ["a cat", "the dog is near", "句向量", "文本模型", "rust code", "commit a version of the file"];
    for (name, pooling) in [("mean", Pooling::Mean), ("cls", Pooling::Cls), ("max", Pooling::Max)] {
        let encoder = load(&place.model(), EncoderOptions::default().pooling(pooling));
        let vectors = encoder.encode_as(TextKind::Query, &sentences).unwrap();
        let mut text = "score\tsentence1\tsentence2\n".to_owned();
        for i in 0..sentences.len() {
            for j in 0..i {
                let score = cosine(vectors.get(i).unwrap(), vectors.get(j).unwrap());
                text += &format!("{score:.17}\t{}\t{}\n", sentences[i], sentences[j]);
            }
        }
        fs::write(place.path("pairs.tsv"), text).unwrap();
        let all = value(&eval(&place, &["pairs.tsv", "--model", "model", "--pooling", "mean,cls,max", "--json"]));
        for run in all["runs"].as_array().unwrap() {
            let spearman = run["metrics"]["spearman"].as_f64().unwrap();
            assert_eq!(spearman > 1.0 - 1e-12, run["pooling"] == name, "{name}: {run}");
        }
    }
}

#[test]
fn pooling_option_is_part_of_a_collections_fingerprint() {
    let place = Place::new();
    let cls = Place::with(&TinyModel { pooling: "cls", ..TinyModel::default() });
    let text = ["the mean of the token states", "句向量"];
    let ours = load(&place.model(), EncoderOptions::default().pooling(Pooling::Cls));
    let theirs = load(&cls.model(), EncoderOptions::default());
    assert_eq!(ours.encode(&text).unwrap(), theirs.encode(&text).unwrap());
    assert_eq!(ours.model().pooling(), Pooling::Cls);
    let options = || place.options().encoder(EncoderOptions::default().pooling(Pooling::Cls));
    drop(options().create(place.path("notes.nigh")).unwrap());
    assert!(matches!(place.options().open(place.path("notes.nigh")), Err(Error::ModelMismatch { .. })));
    options().open(place.path("notes.nigh")).unwrap();
}

#[test]
fn eval_errors_name_the_mistake() {
    let place = Place::new();
    let path = set(&place);
    let refused = |arguments: &[&str], says: &[&str]| {
        assert_refused(&eval(&place, &[arguments, &["--model", "model", "-q"]].concat()), says);
    };
    refused(&["nowhere"], &["cannot read nowhere"]);
    refused(&["docs"], &["docs/corpus.jsonl is not a file", "BEIR"]);
    refused(&["set", "--qrels", "nowhere.tsv"], &["nowhere.tsv is not a file", "--qrels"]);
    fs::write(path.join("corpus.jsonl"), "{\"_id\": \"a\", \"text\": \"x\"}\nnot json\n").unwrap();
    refused(&["set"], &["set/corpus.jsonl:2: "]);
    fs::write(path.join("corpus.jsonl"), "").unwrap();
    refused(&["set"], &["set/corpus.jsonl is empty"]);
    fs::write(place.path("a.tsv"), "score\tsentence1\tsentence2\n1\ta\n").unwrap();
    refused(&["a.tsv"], &["a.tsv:2: ", "header"]);
    assert_refused(&run(place.root(), &["eval", "a.tsv", "--model", "nowhere"]), &["a.tsv:2: "]);
    for wrong in [&["eval"][..], &["eval", "a.tsv", "--own"], &["eval", "a.tsv", "--sample", "3"]] {
        let output = run(place.root(), wrong);
        assert!(code(&output) == 2 && err(&output).contains("Usage: nigh eval"), "{wrong:?}: {}", err(&output));
    }
    assert_refused(&run(place.root(), &["eval", "--own"]), &["no collection", "nigh index"]);
}

/// Returns an indexed folder of documents in both languages, each with its own heading and sentences.
fn own() -> Place {
    let place = Place::new();
    let words = ["pooling", "token", "vector", "sentence", "search", "model", "index", "attention"];
    for (i, word) in words.into_iter().enumerate() {
        let filler = "the of and to in is that it for as with on by an be this are from or at which ".repeat(2);
        let text = format!(
            "# The {word} question\n\nEvery {word} is found near the document of its own number {i} here.\n\n{filler}\n"
        );
        place.write(&format!("en{i}.md"), text);
    }
    let filler = "在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家用";
    for (i, word) in ["平均", "数据", "语言", "索引"].into_iter().enumerate() {
        place.write(
            &format!("zh{i}.md"),
            format!("# 关于{word}\n\n每一个{word}的文本都写入自己的档案后面里去。\n\n{filler}\n"),
        );
    }
    let indexed = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&indexed), 0, "{}", err(&indexed));
    place
}

#[test]
fn eval_own_leaves_the_collection_unchanged() {
    let place = own();
    let collection = place.docs().join(".nigh");
    let documents = || exported(&nigh::Collection::open_read_only(&collection).unwrap());
    let before = documents();
    let path = collection.to_str().unwrap();
    let ask = |more: &[&str]| {
        let output = eval(&place, &[&["--own", "--collection", path, "--json"], more].concat());
        assert_eq!(code(&output), 0, "{}", err(&output));
        value(&output)
    };
    let measured = ask(&["--pooling", "mean,cls"]);
    assert_eq!((&measured["documents"], &measured["questions"]), (&12.into(), &24.into()));
    insta::assert_json_snapshot!("eval_own", steady(measured.clone()));
    assert_eq!(steady(ask(&["--pooling", "mean,cls"])), steady(measured.clone()), "the seed decides");
    assert_eq!(ask(&["--sample", "3"])["questions"], 6);
    let groups = measured["runs"][0]["groups"].as_object().unwrap();
    let asked = ["zh", "en", "heading", "sentence"].map(|name| groups[name]["queries"].as_u64().unwrap());
    assert_eq!((groups.len(), asked), (4, [8, 16, 12, 12]));
    assert_eq!(documents(), before, "the collection was only read");
    let people = out(&eval(&place, &["--own", "--collection", path, "--mode", "dense"]));
    assert!(people.contains("24 questions from 12 of them") && people.contains("One setting was measured"), "{people}");
    let people = out(&eval(&place, &["--own", "--collection", path]));
    assert!(people.contains("against ") && people.contains("lexical"), "{people}");
}

#[test]
fn eval_own_without_questions_is_an_error() {
    let place = Place::new();
    place.write("a.md", "too short");
    assert_eq!(code(&run(&place.docs(), &["index", "--model", "../model", "-q"])), 0);
    let path = place.docs().join(".nigh");
    let output = eval(&place, &["--own", "--collection", path.to_str().unwrap()]);
    assert_refused(&output, &["no question can be made from 1 document"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_eval_removes_temporary_files() {
    let place = Place::new();
    let path = set(&place);
    let text = "the mean of the token states is the sentence vector. ".repeat(200);
    let corpus: Vec<Value> = (0..2000).map(|i| json!({"_id": i.to_string(), "text": format!("{text}{i}")})).collect();
    lines(&path.join("corpus.jsonl"), &corpus);
    let temporary = place.path("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = nigh(place.root(), &["eval", "set", "--model", "model", "-q"]);
    let mut child: std::process::Child =
        command.env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    let begun = || {
        let folders = fs::read_dir(&temporary).unwrap().flatten();
        folders.into_iter().any(|folder| folder.path().join("collection").join("published").exists())
    };
    while !begun() {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not begin");
        assert!(child.try_wait().unwrap().is_none(), "it ended too soon");
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(200));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}
