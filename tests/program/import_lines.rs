//! `nigh import` of hostile lines.

use std::io::Write;
use std::process::Stdio;

use crate::support::Place;
use crate::support::command::{code, err, nigh, run, value};

#[test]
fn import_refuses_hostile_lines_by_number_and_takes_the_others() {
    let place = Place::new();
    let mut command = nigh(place.root(), &["--collection", "c.nigh", "import", "--model", "model", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let long = "x".repeat((64 << 20) + 1);
    let written = std::thread::spawn(move || {
        writeln!(input, r#"{{"id": "a", "text": "first"}}"#).unwrap();
        writeln!(input, r#"{{"id": "b", "text": "{long}"}}"#).unwrap();
        writeln!(input, r#"{{"id": "c", "{long}": "", "text": "c"}}"#).unwrap();
        writeln!(input, "\n\n[[[{long}").unwrap();
        let many = "0,".repeat(200_000);
        writeln!(input, r#"{{"id": "d", "text": "d", "metadata": {{"x": [{many}0]}}}}"#).unwrap();
        writeln!(input, r#"{{"id": "e", "text": "e", "metadata": {}"#, "{\"a\":".repeat(100_000)).unwrap();
        write!(input, r#"{{"id": "z", "text": "last"}}"#).unwrap();
    });
    let output = child.wait_with_output().unwrap();
    written.join().unwrap();
    let report = value(&output);
    assert_eq!((code(&output), &report["imported"], &report["refusals"]), (2, &2.into(), &5.into()), "{report}");
    let message = err(&output);
    for part in [
        "line 2: a text in it is longer",
        "line 3: a text in it is longer",
        "line 6: ",
        "line 7: metadata",
        "line 8: recursion",
    ] {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
    assert!(message.len() < 2000, "{message}");
}

#[test]
fn import_lists_only_the_first_refused_lines() {
    let place = Place::new();
    std::fs::write(place.path("bad.jsonl"), "x\n".repeat(5000)).unwrap();
    let arguments = ["--collection", "c.nigh", "import", "bad.jsonl", "--model", "model", "--json"];
    let output = run(place.root(), &arguments);
    let report = value(&output);
    assert_eq!((&report["refusals"], report["refused"].as_array().unwrap().len()), (&5000.into(), 1000));
    assert!(err(&output).contains("5,000 lines refused"));
}
