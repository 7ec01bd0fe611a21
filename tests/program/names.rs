//! Files that are asked for by name: exact names and titles, parts of names, folders, aliases, tags, links. Front matter of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nigh::{Collection, CollectionOptions, Filter};

use crate::support::Place;
use crate::support::command::{code, err, nigh, out, run};
use crate::support::real;

/// The least share of questions of each kind whose file comes first.
const MIN_SHARE: f64 = 0.95;

/// Files, and what they are asked by: words of the name, a folder and a word, an alias.
const ASKED: [(&str, &[&str]); 62] = [
    ("dev/products/dw45-gateway-manual.md", &["gateway manual", "dw45 manual", "DW45 gateway"]),
    ("dev/products/DW30气象站说明书.md", &["DW30 说明书", "气象站说明书"]),
    ("dev/products/DW12温湿度标签.txt", &["DW12 标签"]),
    ("dev/products/dw20-datasheet.md", &["dw20 datasheet"]),
    ("dev/products/packaging-spec.txt", &["packaging spec"]),
    ("dev/products/标定记录2025.csv", &["标定记录", "2025 标定记录"]),
    ("dev/products/firmware-changelog.md", &["firmware changelog"]),
    ("dev/products/气象站固件更新日志.md", &["气象站 更新日志"]),
    ("dev/meetings/2025-03-11-周会.md", &["周会 2025-03-11", "3月11日周会", "2025-03-11"]),
    ("dev/meetings/2025-03-04-weekly.md", &["weekly 4 March", "2025-03-04"]),
    ("dev/meetings/2025-04-24-supplier-call.md", &["supplier call", "supplier call 24 April"]),
    ("dev/meetings/2025-06-retro.md", &["retro"]),
    ("dev/meetings/2025-05-20-产品评审.md", &["产品评审", "5月20日产品评审"]),
    ("dev/meetings/2025-07-年中总结.md", &["年中总结"]),
    ("dev/handbook/expenses-uk.md", &["expenses uk"]),
    ("dev/handbook/onboarding-checklist.md", &["onboarding checklist"]),
    ("dev/sales/quote-hollins-estate.csv", &["quote hollins"]),
    ("dev/sales/invoice-2025-0311.json", &["invoice 0311", "invoice 2025-0311"]),
    ("dev/sales/采购合同-外壳.md", &["采购合同 外壳"]),
    ("dev/sales/trade-fair-travel.md", &["trade fair"]),
    ("dev/sales/customers.json", &["sales customers"]),
    ("dev/sales/distributor-agreement-nordics.md", &["nordics agreement"]),
    ("dev/support/ticket-1187-orchard.txt", &["ticket 1187"]),
    ("dev/support/工单-茶园丢包.txt", &["工单 茶园"]),
    ("dev/support/客户拜访-冷库.md", &["客户拜访", "冷库 拜访"]),
    ("dev/support/vineyard-case-study.md", &["vineyard case study"]),
    ("dev/support/售后维修价目.csv", &["维修价目"]),
    ("dev/software/git规范.md", &["git 规范"]),
    ("dev/software/driftlog/alert_rules.py", &["alert rules"]),
    ("dev/software/driftlog/export_csv.py", &["export csv"]),
    ("dev/software/driftlog/config.yaml", &["driftlog config"]),
    ("dev/software/driftlog/API.md", &["driftlog api"]),
    ("dev/software/gateway/led.c", &["gateway led"]),
    ("dev/software/docker-compose.yaml", &["docker compose"]),
    ("dev/software/app/release-notes.html", &["app release notes"]),
    ("dev/office/printer.txt", &["office printer"]),
    ("dev/office/团建计划-武夷山.md", &["武夷山 团建"]),
    ("dev/office/meeting-room-booking.md", &["meeting room"]),
    ("formats/LibraryLoans.cs", &["library loans"]),
    ("formats/ParkingMeter.java", &["parking meter"]),
    ("formats/PlantWatering.swift", &["plant watering"]),
    ("formats/StepCounter.kt", &["step counter"]),
    ("formats/allotment-minutes.docx", &["allotment minutes"]),
    ("formats/bus_timetable.py", &["bus timetable"]),
    ("formats/budget-2025.xlsx", &["budget 2025"]),
    ("formats/ring_buffer.rs", &["ring buffer"]),
    ("formats/tide-table.xls", &["tide table"]),
    ("formats/roof-letter-part-scanned.pdf", &["roof letter"]),
    ("formats/volcano-lecture.pptx", &["volcano lecture"]),
    ("formats/museum-guide.pdf", &["museum guide"]),
    ("formats/bike-share.ipynb", &["bike share"]),
    ("formats/员工手册.docx", &["员工手册"]),
    ("formats/城市骑行指南.pdf", &["城市骑行", "骑行指南"]),
    ("formats/会议改期通知.eml", &["会议改期"]),
    ("formats/地铁新线.html", &["地铁 新线"]),
    ("formats/马帮旧事.epub", &["馬幫舊事"]),
    ("notes/1on1 Maria.md", &["1on1", "1on1 maria", "notes maria"]),
    ("notes/周会 2025-03-17.md", &["周会 2025-03-17", "2025-03-17", "3月17日周会", "17 March 2025"]),
    ("notes/Nachtzug.md", &["Night train to Vienna", "night train vienna", "夜车", "nachtzug"]),
    ("notes/zk/202405011030.md", &["Slip box method", "202405011030", "zettelkasten"]),
    ("notes/hugo/first-post.md", &["A first post", "hugo post", "first post"]),
    ("notes/ReadingListSummer.md", &["reading list", "summer reading list"]),
];

const NOTES: [(&str, &str); 8] = [
    ("1on1 Maria.md", "She wants to learn about budgets and to travel less. Next time we look at her plan.\n"),
    ("Tom catch-up.txt", "He asks for a second screen.\n"),
    ("周会 2025-03-17.md", "## 进展\n\n新外壳已经到货，下周开始装配。\n"),
    (
        "Nachtzug.md",
        "---\ntitle: Der Nachtzug\naliases: [Night train to Vienna, 夜车]\ntags: rail, austria\ndate: 20250301\nauthor: Jana Huber\n---\nThe sleeper leaves at ten in the evening, see [[1on1 Maria|our talk]].\n",
    ),
    (
        "zk/202405011030.md",
        "---\ntitle: Slip box method\ntag: \"#zettelkasten #method\"\n---\nOne thought on each card. [Train](../Nachtzug.md)\n",
    ),
    (
        "hugo/first-post.md",
        "+++\ntitle = \"A first post\"\ncategories = ['web']\n[params]\nlayout = \"wide\"\n+++\nWe began to write.\n",
    ),
    ("ReadingListSummer.md", "Three novels and one book on bread.\n"),
    ("only.md", "---\ndescription: The zeppelin museum opens in May.\ntags: [sky]\n---\n# Visit\n"),
];

/// Copies a folder of the repository.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let is_list =
            name.to_str().unwrap().ends_with("s.jsonl") && from.ends_with("formats") && name != "tickets.jsonl";
        if entry.is_dir() {
            copy(&entry, &to.join(name));
        } else if !is_list && name != "unreadable.jsonl" {
            fs::copy(&entry, to.join(name)).unwrap();
        }
    }
}

fn write_notes(folder: &Path) {
    for (name, text) in NOTES {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The documents with their titles, from `nigh export`.
fn titles(folder: &Path) -> Vec<(String, Option<String>)> {
    let exported = out(&nigh(folder, &["export"]).output().unwrap());
    let document = |line: &str| -> (String, Option<String>) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["id"].as_str().unwrap().to_owned(), line["metadata"]["title"].as_str().map(str::to_owned))
    };
    exported.lines().map(document).collect()
}

/// Returns a name with its words apart: `Parking Meter`, `ring buffer`.
fn apart(stem: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for c in stem.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            words.push(' ');
        }
        words.push(if matches!(c, '-' | '_') { ' ' } else { c });
        before = c;
    }
    words
}

/// Returns questions by kind: the question and its file. A name that several files have is not asked.
fn questions(documents: &[(String, Option<String>)]) -> BTreeMap<&'static str, Vec<(String, String)>> {
    let mut asked: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for (id, title) in documents {
        let name = id.rsplit('/').next().unwrap();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let date = stem.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(0);
        let mut ask = |kind, question: &str| asked.entry(kind).or_default().push((question.to_owned(), id.clone()));
        ask("name", name);
        ask("stem", stem);
        ask("path", id);
        ask("words", &apart(stem));
        if let Some(title) = title {
            ask("title", title);
        }
        if date > 6 {
            ask("without date", &stem[date..]);
        }
    }
    for questions in asked.values_mut() {
        let all: Vec<String> = questions.iter().map(|(question, _)| question.to_lowercase()).collect();
        questions.retain(|(question, _)| all.iter().filter(|other| **other == question.to_lowercase()).count() == 1);
    }
    let words = ASKED.iter().flat_map(|(id, all)| all.iter().map(|asked| ((*asked).to_owned(), (*id).to_owned())));
    asked.insert("asked", words.collect());
    asked
}

#[test]
fn files_are_found_by_their_names() {
    let Some(model) = real::model("multilingual-e5-small-q4") else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    copy(&root.join("benches/folders/dev/files"), &folder.path().join("dev"));
    copy(&root.join("tests/program/fixtures/formats"), &folder.path().join("formats"));
    write_notes(&folder.path().join("notes"));
    let index = nigh(folder.path(), &["index", "-q", "--model", model.path().to_str().unwrap()]).output().unwrap();
    assert_eq!(code(&index), 0, "{}", err(&index));
    let options = CollectionOptions::new().model(model.path()).read_only(true);
    let collection: Collection = options.open(folder.path().join(".nigh")).unwrap();
    let mut failed = Vec::new();
    for (kind, questions) in questions(&titles(folder.path())) {
        let mut first = 0;
        for (question, wanted) in &questions {
            let hits = collection.search(question.as_str()).limit(3).run().unwrap();
            let found: Vec<&str> = hits.hits.iter().map(|hit| hit.document.id.as_str()).collect();
            first += usize::from(found.first() == Some(&wanted.as_str()));
            if found.first() != Some(&wanted.as_str()) {
                println!("{kind}: {question:?} finds {found:?}, not {wanted}");
            }
        }
        println!("{kind}: {first} of {} first", questions.len());
        assert!(questions.len() >= if kind == "without date" { 5 } else { 40 }, "{kind}: {}", questions.len());
        if (first as f64) < MIN_SHARE * questions.len() as f64 {
            failed.push(kind);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn front_matter_is_metadata_and_not_text() {
    let place = Place::new();
    write_notes(&place.docs());
    place.write("bad.md", "---\ntitle: *nowhere\n---\nBroken fields.\n");
    let cell = serde_json::json!({"cell_type": "markdown", "metadata": {}, "source": "---\ntitle: Quokka\n---\nSmall animals.\n"});
    place.write(
        "cells.ipynb",
        serde_json::json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string(),
    );
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let found = |query: &str, filter: &str| {
        let output = run(&place.docs(), &["search", query, "--mode", "lexical", "-l", "--where", filter]);
        let mut found: Vec<String> = out(&output).lines().map(str::to_owned).collect();
        found.sort();
        found.join(" ")
    };
    for (query, filter, wanted) in [
        ("sleeper", "tags = rail and date > 2025-02 and date < 2025-03-02", "Nachtzug.md"),
        ("card", "tags = zettelkasten and title contains SLIP", "zk/202405011030.md"),
        ("write", "params.layout = wide and categories = web", "hugo/first-post.md"),
        ("zeppelin", "tags = sky", "only.md"),
        ("sleeper", "aliases contains vienna", "Nachtzug.md"),
        // Notes that link to a note.
        ("sleeper", "links = '1on1 Maria'", "Nachtzug.md"),
        ("thought", "links = Nachtzug", "zk/202405011030.md"),
        // Words of the front matter are found, also of fields that are not names.
        ("Jana Huber", "exists(path)", "Nachtzug.md"),
        ("wide", "exists(path)", "hugo/first-post.md"),
        ("nowhere", "exists(path)", "bad.md"),
    ] {
        assert_eq!(found(query, filter), wanted, "{query} where {filter}");
    }
    let shown = out(&run(&place.docs(), &["search", "Jana Huber", "--mode", "lexical", "-C", "0"]));
    assert!(shown.contains("The sleeper") && !shown.contains("author"), "{shown}");
    assert!(shown.contains("Nachtzug.md:8"), "{shown}");
    // Front matter that is the best text there is, that cannot be read, or that is not at the top of a file, is shown.
    for (query, text) in [
        ("zeppelin", "description: The zeppelin museum"),
        ("broken", "title: *nowhere"),
        ("small animals", "title: Quokka"),
    ] {
        let shown = out(&run(&place.docs(), &["search", query, "--mode", "lexical", "-C", "0"]));
        assert!(shown.contains(text), "{shown}");
    }
    let collection = place.options().read_only(true).open(place.docs().join(".nigh")).unwrap();
    let document = collection.document("Nachtzug.md").unwrap().unwrap();
    assert!(document.text.starts_with("---\ntitle"), "the text is whole");
    assert_eq!(document.metadata["tags"], serde_json::json!(["rail", "austria"]));
    assert_eq!(collection.count(&Filter::parse("tags contains RAI").unwrap()).unwrap(), 1);
}
