//! Files made to hang, crash or exhaust the reader: each is indexed or reported, memory
//! stays bounded, and no file spoils another. See `fixtures/hostile/make.py`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::support::Place;
use crate::support::command::{code, err, nigh, value};

#[derive(Debug, Deserialize)]
struct Expected {
    path: String,
    expect: String,
    #[serde(default)]
    hex: Option<String>,
}

/// Makes some groups of the files; `None` if Python is missing.
fn make_files(place: &Place, groups: &str) -> Option<Vec<Expected>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program/fixtures/hostile/make.py");
    fs::remove_dir(place.docs()).unwrap();
    let status = Command::new("python3")
        .arg(script)
        .args([&place.docs().display().to_string(), "--tiny", "500", "--only", groups])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdout(Stdio::null())
        .status();
    let Ok(status) = status else {
        crate::support::real::skipped("python3 is not here");
        return None;
    };
    assert!(status.success());
    let lines = fs::read_to_string(place.root().join("expected.jsonl")).unwrap();
    Some(lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn assert_every_file_is_indexed_or_reported(groups: &str) {
    let place = Place::new();
    let Some(expected) = make_files(&place, groups) else { return };
    let config = place.docs().join(".nigh/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    // The time limit is short; a second run does not read these files again.
    fs::write(&config, "extract_seconds = 5\n").unwrap();
    let index = || nigh(&place.docs(), &["index", "--json", "--model", "../model", "--trust"]).output().unwrap();
    let output = index();
    assert_eq!(code(&output), 0, "{}", err(&output));
    let report = value(&output);
    let named = |list: &str| -> BTreeSet<String> {
        report[list].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
    };
    let (skipped, failed) = (named("skipped"), named("failed"));
    let collection = place.options().read_only(true).open(place.docs().join(".nigh")).unwrap();
    let mut wrong = Vec::new();
    // A report of a folder covers the files in it.
    for Expected { path, expect, hex } in expected.iter().filter(|line| !place.docs().join(&line.path).is_dir()) {
        let stored = nigh::DocumentId::new(path.as_str()).is_ok() && collection.document(path).unwrap().is_some();
        let within = |list: &BTreeSet<String>| {
            // A folder that cannot be read covers its content.
            list.iter()
                .any(|named| path == named || path.strip_prefix(named.as_str()).is_some_and(|r| r.starts_with('/')))
        };
        let reported = within(&skipped) || within(&failed);
        let fine = match expect.as_str() {
            // A path that is too long for an id is reported.
            "indexed" => stored || (path.len() > nigh::DocumentId::MAX_BYTES && reported),
            // Skipped and failed are both right: the file must be reported.
            "skipped" | "failed" => !stored && (reported || hex.is_some()),
            _ => stored || reported || hex.is_some(),
        };
        if !fine {
            wrong.push(format!("{path}: {expect} wanted; stored {stored}, reported {reported}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let again = value(&index());
    assert_eq!(again["passages_encoded"], 0);
    assert_eq!(again["added"].as_u64().unwrap() + again["changed"].as_u64().unwrap(), 0, "{again}");
    let names = |report: &serde_json::Value, list: &str| report[list].as_array().unwrap().len();
    assert_eq!(names(&again, "failed") + names(&again, "skipped"), skipped.len() + failed.len());
}

#[test]
fn hostile_office_files_are_reported() {
    assert_every_file_is_indexed_or_reported("office");
}

#[test]
fn hostile_pdfs_and_mails_are_reported() {
    assert_every_file_is_indexed_or_reported("pdfs,mail");
}

#[test]
fn hostile_names_links_and_small_files_are_reported() {
    assert_every_file_is_indexed_or_reported("names,small");
}
