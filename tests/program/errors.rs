//! Exit codes and errors of the commands.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::support::Place;
use crate::support::command::{assert_refused, code, err, indexed, nigh, out, run, value};

#[test]
fn exit_codes_tell_found_nothing_and_error() {
    let place = indexed();
    let found = |arguments: &[&str]| code(&run(&place.docs(), arguments));
    assert_eq!(found(&["search", "anything"]), 0);
    assert_eq!(found(&["search", "anything", "--min-score", "1.5"]), 1);
    assert_eq!(found(&["search", "anything", "--min-score", "1.5", "--json"]), 1);
    assert_refused(&run(&place.docs(), &["search", "  "]), &["query is empty"]);
    assert_eq!(found(&["search"]), 2);
    assert_eq!(found(&["no-such-command"]), 2);
    assert_eq!(found(&["--help"]), 0);
    assert_eq!(found(&["verify"]), 0);
    assert_eq!(found(&["migrate"]), 0);
}

#[test]
fn broken_pipe_is_not_an_error() {
    let place = indexed();
    let mut child = nigh(&place.docs(), &["export", "--vectors"]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), err(&output)), (0, String::new()));
}

#[test]
fn errors_name_what_is_missing() {
    let place = Place::new();
    place.write("a.md", "text");
    let offline = run(&place.docs(), &["index", "--offline"]);
    assert_refused(&offline, &["--offline", "multilingual-e5-small"]);
    assert_refused(&run(&place.docs(), &["index", "--model", "no-such-model"]), &["no-such-model", "all-MiniLM-L6-v2"]);
    assert_refused(&run(&place.docs(), &["index", "absent"]), &["absent"]);
    assert_refused(&run(place.root(), &["index", "docs/a.md"]), &["is a file"]);
    let ort = run(&place.docs(), &["index", "--model", "../model", "--backend", "ort"]);
    assert_refused(&ort, &["model.onnx", "--backend native"]);
    assert_eq!(code(&run(&place.docs(), &["search", "x"])), 2);
}

#[test]
fn model_that_differs_or_is_damaged_is_refused() {
    let place = indexed();
    let other = crate::support::TinyModel { seed: 99, ..Default::default() };
    other.write(&place.path("other"));
    let output = run(&place.docs(), &["index", "--model", "../other"]);
    assert_refused(&output, &["was made with", "other"]);
    fs::write(place.model().join("tokenizer.json"), "{").unwrap();
    let output = run(&place.docs(), &["search", "x"]);
    assert_eq!(code(&output), 2, "{}", err(&output));
}

#[test]
fn precisions_and_instruction_sets_are_listed_in_errors() {
    let place = Place::new();
    let encode = |arguments: &[&str]| {
        let mut command = nigh(place.root(), &[&["encode", "--model", "model"], arguments].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments does not read its input.
        let _ = child.stdin.take().unwrap().write_all("one line\n".as_bytes());
        child.wait_with_output().unwrap()
    };
    let vector = |output: &Output| value(output)["vector"].clone();
    let [default, int8, f32] =
        [&[][..], &["--precision", "int8"], &["--precision", "f32"]].map(|arguments| vector(&encode(arguments)));
    assert_eq!(default, int8);
    assert_ne!(int8, f32);
    for level in ["portable", "avx2", "avx-vnni", "avx512", "avx512-vnni", "amx"] {
        let output = encode(&["--simd", level]);
        if code(&output) == 0 {
            assert_eq!(vector(&output), int8, "{level}: not the same digits");
        } else {
            assert_refused(&output, &["this CPU cannot run", level]);
        }
    }
    fs::write(place.model().join("model.onnx"), "no model").unwrap();
    let refused = encode(&["--precision", "int8", "--backend", "ort"]);
    assert_refused(&refused, &["ort", "int8", "--precision", "--backend native"]);
    for (option, wrong) in [("--precision", "int4"), ("--simd", "neon")] {
        let output = encode(&[option, wrong]);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""));
        assert!(err(&output).contains(option) && err(&output).contains(wrong), "{}", err(&output));
    }
    let help = out(&run(place.root(), &["encode", "--help"]));
    for part in ["--precision", "int8", "f32", "--simd", "portable", "avx2", "avx-vnni", "avx512", "avx512-vnni", "amx"]
    {
        assert!(help.contains(part), "{help} lacks {part}");
    }
}

#[test]
fn options_with_bad_numbers_are_refused() {
    let place = indexed();
    for (option, wrong) in [
        ("--min-score", "nan"),
        ("--min-score", "inf"),
        ("--min-score", "-inf"),
        ("--min-relevance", "nan"),
        ("--min-relevance", "inf"),
        ("--min-relevance", "1.5"),
        ("--recall", "nan"),
        ("--threads", "0"),
        ("--threads", "257"),
        ("--threads", "20000"),
        ("--threads", "99999999999999999999"),
    ] {
        let output = run(&place.docs(), &["search", "x", &format!("{option}={wrong}")]);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{option} {wrong}");
        assert!(err(&output).contains(option) && err(&output).contains(wrong), "{}", err(&output));
    }
    assert_eq!(code(&run(&place.docs(), &["search", "x", "--threads", "256", "--min-score=-1e9"])), 0);
}

#[test]
fn filter_error_of_a_long_filter_is_short() {
    let place = indexed();
    let filter = format!("lang = zh and {} size < big", "title = '名字' and ".repeat(2500));
    let output = run(&place.docs(), &["search", "x", "--where", &filter]);
    let shown = err(&output);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!((code(&output), lines.len()), (2, 3), "{shown}");
    assert!(shown.len() < 1000 && lines[0].contains("big") && lines[1].contains("size < big"), "{shown}");
    let column = |line: &str, part: &str| line.find(part).map(|at| unicode_width::UnicodeWidthStr::width(&line[..at]));
    assert_eq!(column(lines[1], "big"), column(lines[2], "^^^"), "{shown}");
}

#[test]
fn lock_error_names_the_process_that_holds_it() {
    let place = indexed();
    let held = place.options().open(place.docs().join(".nigh")).unwrap();
    let output = run(&place.docs(), &["index"]);
    assert_refused(&output, &["in use by process", &std::process::id().to_string()]);
    drop(held);
    assert_eq!(code(&run(&place.docs(), &["index"])), 0);
}
