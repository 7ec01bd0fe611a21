//! Real files of every format, made by real programs: questions about their content find them at the right place; files
//! that cannot be read are reported with the reason. See `fixtures/formats/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use nigh::{Collection, CollectionOptions, Hit, PlaceKind};
use serde::Deserialize;
use serde_json::Value;

use crate::support::command::{code, err, nigh, value};
use crate::support::real;

/// The minimum shares of questions whose file comes first, and whose passage is at the right place. README has the measured
/// values, which are well above; a reader that loses text falls below.
const MIN_FIRST_SHARE: f64 = 0.84;
const MIN_PLACE_SHARE: f64 = 0.8;
/// The maximum number of readable files of which no question finds the right passage.
const MAX_MISSED_FILES: usize = 1;

#[derive(Debug, Deserialize)]
struct Question {
    file: String,
    question: String,
    place: Option<Wanted>,
    lines: Option<(usize, usize)>,
    headings: Option<Vec<String>>,
    contains: String,
    #[serde(default)]
    cross_lingual: bool,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    kind: PlaceKind,
    number: Option<u32>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Unreadable {
    file: String,
    reason_contains: String,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program/fixtures/formats")
}

fn lines<T: for<'d> Deserialize<'d>>(name: &str) -> Vec<T> {
    let text = fs::read_to_string(fixtures().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// Returns a copy of the files, indexed by the program with the model, and the program's report.
fn indexed(model: &Path) -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if !["README.md", "questions.jsonl", "unreadable.jsonl"].iter().any(|own| name == *own) {
            fs::copy(entry.path(), folder.path().join(name)).unwrap();
        }
    }
    let output = nigh(folder.path(), &["index", "--json", "--model", model.to_str().unwrap()]).output().unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    (folder, value(&output))
}

fn bare(text: &str) -> String {
    let straight = text.replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\"");
    straight.split_whitespace().collect()
}

/// Describes the error in a hit's place; `None` if it is right.
fn misplaced(question: &Question, hit: &Hit) -> Option<String> {
    let passage = &hit.passage;
    if let Some(wanted) = &question.place {
        let found = passage.place.as_ref();
        let kind = found.is_some_and(|place| place.kind == wanted.kind);
        let number = wanted.number.is_none_or(|number| found.is_some_and(|place| place.number == number));
        let name = wanted.name.as_deref().is_none_or(|name| {
            found.and_then(|place| place.name.as_deref()).is_some_and(|found| bare(found).contains(&bare(name)))
        });
        if !(kind && number && name) {
            return Some(format!("at {found:?}, not at {wanted:?}"));
        }
    }
    if let Some((first, last)) = question.lines
        && (passage.span.lines.start > last || passage.span.lines.end <= first || passage.place.is_some())
    {
        return Some(format!("in lines {:?} at {:?}, not {first} to {last}", passage.span.lines, passage.place));
    }
    let wanted = question.headings.iter().flatten().last();
    // The heading may be the start of the passage's text.
    let under = |wanted: &String| {
        let headings = passage.headings.iter().any(|heading| bare(heading).contains(&bare(wanted)));
        headings || bare(&passage.text).contains(&bare(wanted))
    };
    if wanted.is_some_and(|wanted| !under(wanted)) {
        return Some(format!("under {:?}, not under {:?}", passage.headings, question.headings));
    }
    let there = bare(&passage.text).contains(&bare(&question.contains));
    (!there).then(|| format!("without {:?}", question.contains))
}

#[test]
fn formats_give_the_right_place_for_every_question() {
    let Some(model) = real::model("multilingual-e5-small-q4") else { return };
    let (folder, report) = indexed(model.path());
    let unreadable: Vec<Unreadable> = lines("unreadable.jsonl");
    let left_out: BTreeMap<&str, &str> = ["skipped", "failed"]
        .iter()
        .flat_map(|list| report[list].as_array().unwrap())
        .map(|file| (file["path"].as_str().unwrap(), file["reason"].as_str().unwrap()))
        .collect();
    let expected: BTreeSet<&str> = unreadable.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(left_out.keys().copied().collect::<BTreeSet<_>>(), expected, "{left_out:#?}");
    for Unreadable { file, reason_contains } in &unreadable {
        assert!(
            left_out[file.as_str()].to_lowercase().contains(reason_contains),
            "{file}: {}",
            left_out[file.as_str()]
        );
    }
    let partial: Vec<&str> =
        report["partial"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(partial.contains(&"roof-letter-part-scanned.pdf"), "{:#?}", report["partial"]);

    let collection =
        CollectionOptions::new().model(model.path()).read_only(true).open(folder.path().join(".nigh")).unwrap();
    let questions: Vec<Question> = lines("questions.jsonl");
    let (mut asked, mut first, mut at_place) = (0, 0, 0);
    let mut found: BTreeMap<&str, bool> = BTreeMap::new();
    for question in questions.iter().filter(|question| !question.cross_lingual) {
        asked += 1;
        let seen = found.entry(&question.file).or_default();
        let hits = collection.search(question.question.as_str()).limit(5).run().unwrap();
        let place = hits.hits.iter().position(|hit| hit.document.id.as_str() == question.file);
        let Some(place) = place else {
            println!("{}: not among the first five: {}", question.file, question.question);
            continue;
        };
        first += usize::from(place == 0);
        match misplaced(question, &hits.hits[place]) {
            None => {
                at_place += 1;
                *seen = true;
            }
            Some(how) => println!("{}: {how}: {}", question.file, question.question),
        }
        if place > 0 {
            let before = &hits.hits[0];
            println!("{}: rank {} after {}: {}", question.file, place + 1, before.document.id, question.question);
        }
    }
    println!("{asked} questions, {first} files first, {at_place} at the right place");
    let missed: Vec<&&str> = found.iter().filter(|(_, seen)| !**seen).map(|(file, _)| file).collect();
    println!("no question finds these at the right place: {missed:?}");
    assert!(missed.len() <= MAX_MISSED_FILES, "no question finds these at the right place: {missed:?}");
    assert!(first as f64 >= MIN_FIRST_SHARE * asked as f64, "{first} of {asked}");
    assert!(at_place as f64 >= MIN_PLACE_SHARE * asked as f64, "{at_place} of {asked}");
    columns_are_metadata(&collection);
}

/// Filters test the metadata of passages.
fn columns_are_metadata(collection: &Collection) {
    let all = |filter: &str| {
        let filter = nigh::Filter::parse(filter).unwrap();
        collection.search("row").limit(50).filter(filter).run().unwrap().hits
    };
    for hit in all("path = \"choir-list.mbox\" and exists(from)") {
        assert!(hit.passage.metadata["from"].is_string() && hit.passage.place.is_some(), "{hit:?}");
    }
}
