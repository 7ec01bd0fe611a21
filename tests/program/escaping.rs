//! No text of a file controls the terminal: every command and error on a collection whose names, headings, texts, metadata,
//! settings, model and folder contain escape sequences, C1 controls, bidi controls, line breaks and characters without a glyph.

use std::fs;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::command::{code, err, nigh, out, run};
use crate::support::{Place, TinyModel};

/// A legal name on Linux. The text after the line break must never begin a line.
const NAME: &str = "PWNED\u{1b}]0;T\u{7}\u{1b}[31m\u{9b}32m\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{feff}\u{200b}\u{e0041}\r\nBROKEN";
/// The same for text, which may contain line breaks.
const TEXT: &str = "PWNED\u{1b}]0;T\u{7}\u{1b}[31m\u{9b}32m\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{feff}\u{200b}\u{e0041}";

/// Our own styles.
const CODES: [&str; 7] =
    ["\u{1b}[1;35m", "\u{1b}[2m", "\u{1b}[33m", "\u{1b}[1;4;31m", "\u{1b}[1;31m", "\u{1b}[1;4m", "\u{1b}[0m"];

/// Characters that must not be printed, by a list of its own: all of the two strings except plain letters and `]0;[`, and the other
/// control characters.
fn must_be_escaped(c: char) -> bool {
    c != '\n' && (c.is_control() || (!c.is_ascii() && NAME.contains(c)))
}

fn assert_harmless(what: &str, printed: &[u8], codes: &[&str]) {
    let mut text = String::from_utf8(printed.to_vec()).unwrap();
    for code in codes {
        text = text.replace(code, "");
    }
    assert!(!text.contains(must_be_escaped), "{what}: {text:?}");
    assert!(!text.lines().any(|line| line.starts_with("BROKEN")), "{what}: a name breaks the line: {text:?}");
}

/// A folder in which every string is hostile.
struct Hostile {
    place: Place,
}

impl Hostile {
    /// `docs/NAME/` with its collection, made with the model `NAME`.
    fn new() -> Self {
        let hostile = Self { place: Place::new() };
        TinyModel::default().write(&hostile.model());
        let heading = TEXT.replace(['\u{2028}', '\u{2029}'], "");
        let front = format!("---\ntitle: {heading}\n{heading}: {heading}\n---\n");
        let text = format!("{front}# Pooling {heading}\n\nMean pooling {TEXT} averages the states of words.\n");
        hostile.write(&format!("{NAME}.md"), text);
        hostile.write(&format!("binary{NAME}.md"), b"\0\x01\x02".as_slice());
        hostile.write(&format!("table{NAME}.csv"), format!("name,{heading}\nrow,{heading}\nother,words\n"));
        let sentence = "This one sentence about the states of words is long enough to be asked for.";
        let rest = "words that stay ".repeat(20);
        hostile.write(&format!("own{NAME}.md"), format!("# Asking questions {heading}\n\n{sentence}\n\n{rest}\n"));
        // An unclosed bracket would be refused, which is not tested here.
        let glob = NAME.replace('[', "\\[").replace('\u{7f}', "");
        let settings = format!("exclude = [{}]\n", json!(glob));
        hostile.write(".nigh/config.toml", settings);
        let trusted = run(&hostile.folder(), &["trust", "."]);
        assert_eq!(code(&trusted), 0, "{}", err(&trusted));
        hostile
    }

    fn model(&self) -> PathBuf {
        self.place.path(NAME)
    }

    fn folder(&self) -> PathBuf {
        self.place.docs().join(NAME)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        self.place.write(&format!("{NAME}/{name}"), content);
    }

    /// Runs a command with and without colour, and as JSON; asserts that each output is harmless and contains the hostile string.
    /// Returns the last output.
    fn all(&self, arguments: &[&str], exit: i32) -> Output {
        self.run_text(arguments, exit);
        self.run_json(arguments, exit)
    }

    fn run_text(&self, arguments: &[&str], exit: i32) -> Output {
        self.run(&[arguments, &["--color", "always"]].concat(), exit, &CODES);
        self.run(&[arguments, &["--color", "never"]].concat(), exit, &[])
    }

    fn run_json(&self, arguments: &[&str], exit: i32) -> Output {
        let output = self.run(&[arguments, &["--json"]].concat(), exit, &[]);
        for line in out(&output).lines() {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let exact = contains_text(&value, NAME)
                || contains_text(&value, TEXT)
                || contains_text(&value, "PWNED\u{1b}]0;T\u{7}");
            assert!(exact, "{arguments:?}: the value is not exact: {value}");
        }
        output
    }

    fn run(&self, arguments: &[&str], exit: i32, codes: &[&str]) -> Output {
        let output = run(&self.folder(), arguments);
        self.assert(arguments, &output, codes);
        assert_eq!(code(&output), exit, "{arguments:?}: {}{}", out(&output), err(&output));
        output
    }

    fn assert(&self, arguments: &[&str], output: &Output, codes: &[&str]) {
        let what = format!("{arguments:?}");
        assert_harmless(&what, &output.stdout, codes);
        assert_harmless(&what, &output.stderr, &[]);
        let shown = [out(output), err(output)].concat();
        assert!(shown.contains("PWNED"), "{what} does not show the hostile string: {shown:?}");
    }
}

/// True if a string or a name in a JSON value contains a text.
fn contains_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(values) => values.iter().any(|value| contains_text(value, text)),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains(text) || contains_text(value, text)),
        _ => false,
    }
}

#[test]
fn escaping_covers_every_command() {
    let hostile = Hostile::new();
    let model = hostile.model();
    let model = model.to_str().unwrap();
    hostile.run(&["index", "--model", model, "--color", "always"], 0, &CODES);
    hostile.all(&["index", "--verbose"], 0);
    hostile.all(&["status"], 0);
    let status = out(&hostile.run_text(&["status"], 0));
    assert!(status.contains(r"PWNED\u{1b}]0;T\u{7}") && status.contains(r"\u{e0041}\r\nBROKEN"), "{status}");
    for options in [&[][..], &["--explain", "--highlight"], &["-C", "3"], &["--mode", "lexical", "--explain"]] {
        hostile.all(&[&["search", "mean pooling averages states PWNED"], options].concat(), 0);
    }
    let files = hostile.run(&["search", "mean pooling", "-l"], 0, &[]);
    assert!(out(&files).lines().any(|line| line.ends_with(r"\r\nBROKEN.md")), "{}", out(&files));
    let file = format!("{NAME}.md");
    hostile.all(&["similar", &file], 0);
    hostile.run_json(&["export"], 0);
    hostile.run_json(&["export", "--vectors"], 0);
    let brought = json!({
        "id": format!("brought{NAME}"), "text": format!("A pool averages {TEXT}"), "metadata": {NAME: [NAME, {TEXT: TEXT}]},
    });
    hostile.write("brought.jsonl", brought.to_string());
    hostile.run(&["import", "brought.jsonl", "--json"], 0, &[]);
    hostile.all(&["search", "a pool averages", "--where", "path prefix \"brought\""], 0);
    hostile.all(&["rebuild"], 0);
    hostile.all(&["migrate"], 0);
    hostile.run_json(&["verify"], 0);
    hostile.all(&["model", "show", model], 0);
    hostile.all(&["eval", "--own", "--sample", "5"], 0);
    let questions = format!("questions{NAME}.jsonl");
    let asked = [
        json!({"id": NAME, "question": format!("pooling {TEXT}"), "files": [&file, format!("x{NAME}")], "answer": TEXT}),
        json!({"question": "averages", "files": [format!("x{NAME}")], "kind": NAME, "lang": TEXT, NAME: 1}),
        json!({"question": format!("sentence {TEXT}"), "kind": NAME, "lang": NAME}),
    ];
    hostile.write(&questions, asked.map(|line| format!("{line}\n")).concat());
    hostile.all(&["eval", "--questions", &questions, "--verbose"], 0);
    hostile.write(&format!("new{NAME}.md"), "new words");
    fs::rename(hostile.folder().join(&file), hostile.folder().join(format!("moved{file}"))).unwrap();
    fs::remove_file(hostile.folder().join(format!("table{NAME}.csv"))).unwrap();
    hostile.all(&["status", "--stale", "--verbose"], 1);
}

#[test]
fn null_option_prints_exact_names() {
    let hostile = Hostile::new();
    let model = hostile.model();
    run(&hostile.folder(), &["index", "--model", model.to_str().unwrap()]);
    for option in ["-0", "--null", "-l0"] {
        let output = run(&hostile.folder(), &["search", "mean pooling", option]);
        let names: Vec<&[u8]> = output.stdout.split_inclusive(|&byte| byte == 0).collect();
        assert_eq!((code(&output), names.len()), (0, 3), "{}", err(&output));
        assert!(names.contains(&format!("{NAME}.md\0").as_bytes()), "{names:?}");
    }
}

#[test]
fn escaping_covers_every_error() {
    let hostile = Hostile::new();
    let model = hostile.model();
    let model = model.to_str().unwrap();
    hostile.all(&["search", "words"], 2);
    hostile.all(&["index", "--model", &format!("/nowhere/{NAME}")], 2);
    hostile.all(&["index", &format!("absent{NAME}")], 2);
    run(&hostile.folder(), &["index", "--model", model]);
    let absent = format!("absent{NAME}");
    let elsewhere = format!("/nowhere/{NAME}");
    let filters = [NAME, "path = \"PWNED\u{1b}[31m\u{202e}\n", "PWNED\u{9b} and"];
    for filter in filters {
        let refused = hostile.run_text(&["search", "words", "--where", filter], 2);
        let shown = err(&refused);
        assert!(shown.lines().count() == 3 && shown.ends_with("^\n"), "the carets are under the filter: {shown}");
    }
    for arguments in [
        &["similar", &absent][..],
        &["status", "--collection", &elsewhere],
        &["model", "show", &elsewhere],
        &["model", "import", &elsewhere],
        &["encode", "--model", &elsewhere],
        &["eval", &absent],
        &["import", &absent],
        &["export", "--output", &format!("{elsewhere}/x")],
        &["search", "words", "--runtime-library", &elsewhere, "--backend", "ort"],
        &["search", "words", "--mode", NAME],
        &["search", "words", &format!("--{NAME}")],
        &["search", "words", "-k", NAME],
        &[NAME],
    ] {
        hostile.run_text(arguments, 2);
    }
    // Refused lines: their ids and errors are printed.
    let bad = [
        json!({"id": format!("a\0{NAME}"), "text": "words"}).to_string(),
        json!({"id": "b", "text": "words", "syntax": NAME}).to_string(),
        json!({"id": "c", NAME: 1}).to_string(),
    ];
    hostile.write("bad.jsonl", bad.join("\n"));
    let refused = hostile.run_text(&["import", "bad.jsonl"], 2);
    assert_eq!(err(&refused).matches("PWNED").count(), 2, "{}", err(&refused));
    // The sets to measure.
    hostile.write(&format!("set{NAME}/corpus.jsonl"), "{\"_id\": \"PWNED\u{9b}\u{202e}\", \"text\": 1}\n");
    hostile.write(&format!("set{NAME}/queries.jsonl"), "");
    hostile.write(&format!("set{NAME}/qrels/test.tsv"), "");
    hostile.run_text(&["eval", &format!("set{NAME}")], 2);
    hostile.write("pairs.tsv", format!("score\tsentence1\tsentence2\n{TEXT}\ta\tb\n"));
    hostile.run_text(&["eval", "pairs.tsv"], 2);
    hostile.write(&format!("{NAME}.jsonl"), "{\"question\": 1}\n");
    hostile.run_text(&["eval", "--questions", &format!("{NAME}.jsonl")], 2);
    // The settings.
    for settings in [
        format!("{} = 1\n", json!(NAME.replace('\u{7f}', ""))),
        format!("max_file_size = {}\n", json!(NAME.replace('\u{7f}', ""))),
        format!("hidden = {}\n", json!(NAME.replace('\u{7f}', ""))),
        "PWNED = \u{1b}]0;T\u{7}\u{9b}\n".to_owned(),
    ] {
        hostile.write(".nigh/config.toml", settings);
        hostile.all(&["status"], 2);
        hostile.all(&["index"], 2);
    }
    hostile.write(".nigh/config.toml", "");
    // A missing or damaged model, and damage in the collection: errors name paths.
    fs::write(hostile.model().join("tokenizer.json"), format!("{{\"{TEXT}\"")).unwrap();
    for packed in fs::read_dir(hostile.model()).unwrap().map(|entry| entry.unwrap().path()) {
        if packed.to_string_lossy().contains("packed") {
            fs::remove_file(packed).unwrap();
        }
    }
    hostile.all(&["search", "words"], 2);
    fs::remove_dir_all(hostile.model()).unwrap();
    hostile.all(&["search", "words"], 2);
    hostile.all(&["status"], 0);
    fs::write(hostile.folder().join(".nigh/published/CURRENT"), TEXT).unwrap();
    hostile.all(&["status"], 2);
    hostile.run_text(&["verify"], 2);
}

#[test]
fn escaping_in_watch() {
    let hostile = Hostile::new();
    let model = hostile.model();
    run(&hostile.folder(), &["index", "--model", model.to_str().unwrap()]);
    for (options, codes) in [(&["--color", "always"][..], &CODES[..]), (&["--json"], &[])] {
        let mut command = nigh(&hostile.folder(), &[&["watch", "--verbose", "--delay-ms", "50"], options].concat());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        hostile.write(&format!("binary2{NAME}.md"), b"\0\x01\x02".as_slice());
        std::thread::sleep(Duration::from_millis(1500));
        let asked = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let output = child.wait_with_output().unwrap();
        hostile.assert(&["watch"], &output, codes);
        assert!(out(&output).contains("PWNED"), "{}", out(&output));
    }
}

#[test]
fn escaping_in_eval_of_sets_and_models() {
    let hostile = Hostile::new();
    let model = hostile.model();
    let model = model.to_str().unwrap();
    let set = format!("set{NAME}");
    let id = |i: usize| format!("{i}PWNED");
    let plain: String = (0..4).map(|i| json!({"_id": id(i), "text": TEXT}).to_string() + "\n").collect();
    hostile.write(&format!("{set}/corpus.jsonl"), plain.clone());
    hostile.write(&format!("{set}/queries.jsonl"), plain);
    let judged: String = (0..4).map(|i| format!("{}\t{}\t1\n", id(i), id(i))).collect();
    hostile.write(&format!("{set}/qrels/test.tsv"), format!("query-id\tcorpus-id\tscore\n{judged}"));
    hostile.all(&["eval", &set, "--model", model], 0);
    let pairs = format!("pairs{NAME}.tsv");
    hostile.write(&pairs, format!("score\tsentence1\tsentence2\n1\t{TEXT}\tb\n2\ta\t{TEXT} c\n3\tx\ty\n"));
    hostile.all(&["eval", &pairs, "--model", model, "--mode", "dense"], 0);
}
