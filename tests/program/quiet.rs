//! `--quiet`, broken pipes, and full disks.

use std::fs::{self, File};
use std::process::{Output, Stdio};

use crate::support::Place;
use crate::support::command::{code, err, indexed, nigh, out, run};

#[test]
fn quiet_prints_only_results() {
    let place = indexed();
    let file = "{\"id\": \"a\", \"text\": \"words\"}\n";
    fs::write(place.path("in.jsonl"), file).unwrap();
    let model = place.model();
    let model = model.to_str().unwrap();
    for line in [
        "verify",
        "rebuild",
        "migrate",
        "trust",
        "import ../in.jsonl",
        "export -o ../out.jsonl",
        &format!("model import {model} --name mine"),
        "encode --model ../model --npy ../v.npy",
    ] {
        let output = run(&place.docs(), &[&["-q"][..], &line.split(' ').collect::<Vec<_>>()].concat());
        assert!(code(&output) <= 1, "{line}: {}", err(&output));
        assert_eq!((out(&output), err(&output)), (String::new(), String::new()), "{line}");
    }
    for line in [
        "search pooling -q -l",
        "status -q",
        "model list -q",
        "trust -q --json",
        "verify -q --json",
        "completions bash -q",
    ] {
        let output = run(&place.docs(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!((code(&output), err(&output)), (0, String::new()), "{line}");
        assert!(!out(&output).is_empty(), "{line} has results");
    }
    // Errors are printed with --quiet too.
    fs::write(place.path("bad.jsonl"), "x\n").unwrap();
    let refused = run(&place.docs(), &["-q", "import", "../bad.jsonl"]);
    assert_eq!((code(&refused), out(&refused).as_str()), (2, ""));
    assert!(err(&refused).contains("line 1: not JSON"), "{}", err(&refused));
}

/// Every command that prints.
const PRINTING: [&str; 16] = [
    "completions bash",
    "completions zsh",
    "completions fish",
    "completions elvish",
    "completions powershell",
    "--help",
    "--version",
    "help search",
    "search pooling",
    "search pooling --json",
    "search pooling -l",
    "status",
    "status --fields",
    "export --vectors",
    "model list",
    "verify",
];

fn ended(place: &Place, line: &str, out: Stdio) -> Output {
    let arguments: Vec<&str> = line.split(' ').collect();
    nigh(&place.docs(), &arguments).stdout(out).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn broken_pipe_prints_no_error() {
    let place = indexed();
    for line in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = ended(&place, line, writer.into());
        assert_eq!((code(&output), err(&output)), (0, String::new()), "{line}");
    }
}

#[test]
fn full_disk_of_the_output_is_an_error() {
    let place = indexed();
    for line in PRINTING {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = ended(&place, line, full.into());
        let message = err(&output);
        assert_eq!((code(&output), message.lines().count()), (2, 1), "{line}: {message}");
        assert!(message.contains("cannot write to standard output"), "{line}: {message}");
    }
    for line in ["export -o /dev/full", "encode --model ../model --npy /dev/full"] {
        let output = ended(&place, line, Stdio::piped());
        assert_eq!((code(&output), err(&output).lines().count()), (2, 1), "{line}: {}", err(&output));
    }
}
