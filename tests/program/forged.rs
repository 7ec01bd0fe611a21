//! A forged head and manifest: numbers that no collection has, settings that need
//! more memory than there is, names with control characters. `src/index/tests/hostile/` tests the rest of the manifest,
//! apart from settings.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::chance::in_threads;
use crate::support::prepared::{Prepared, QUESTIONS, essence};

/// A terminal escape sequence.
const ESCAPE: &str = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";

/// Replaces the settings in a manifest by others of the same length, and corrects its checksum.
fn forge_manifest(path: &Path, change: &dyn Fn(&mut Value)) {
    let mut bytes = fs::read(path).unwrap();
    let start = bytes.windows(2).position(|part| part == b"{\"").unwrap();
    // Their length precedes them, seven bits in each byte.
    let end = start + usize::from(bytes[start - 2] & 0x7f) + (usize::from(bytes[start - 1]) << 7);
    let mut settings: Value = serde_json::from_slice(&bytes[start..end]).unwrap();
    change(&mut settings);
    // A shorter creation time leaves space for the change; the rest is filled with blanks, which JSON allows.
    settings["created_unix"] = 1.into();
    let mut text = settings.to_string().into_bytes();
    assert!(text.len() <= end - start, "no room for {}", settings);
    text.resize(end - start, b' ');
    bytes[start..end].copy_from_slice(&text);
    let crc = crc32fast::hash(&bytes[16..]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    fs::write(path, bytes).unwrap();
}

fn forge_head(path: &Path, change: &dyn Fn(&mut Value)) {
    let mut head: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut head);
    fs::write(path, head.to_string()).unwrap();
}

type Change = Box<dyn Fn(&mut Value) + Sync>;

/// Wrong settings, by name.
fn settings() -> Vec<(String, Change)> {
    let mut all: Vec<(String, Change)> = Vec::new();
    for (key, value) in [
        ("dimension", json!(0)),
        ("dimension", json!(31)),
        ("dimension", json!(64)),
        ("dimension", json!(1_000_000_000)),
        ("dimension", json!(4_294_967_296u64)),
        ("passage_tokens", json!(0)),
        ("passage_tokens", json!(99_999_999)),
        ("overlap_tokens", json!(99_999_999)),
        ("precision", json!("f32")),
        ("precision", json!("f64")),
        ("model", Value::Null),
    ] {
        let name = format!("{key} {value}");
        all.push((name, Box::new(move |settings| settings[key] = value.clone())));
    }
    all.push((
        "a model's name with escapes".to_owned(),
        Box::new(|settings| {
            settings["model"]["fingerprint"] = "00".into();
            settings["model"]["name"] = ESCAPE.into();
        }),
    ));
    all.push((
        "a model's path to a device".to_owned(),
        Box::new(|settings| settings["model"]["path"] = "/dev/zero".into()),
    ));
    all
}

#[test]
fn forged_heads_and_settings_are_harmless() {
    let prepared = Prepared::new();
    let mut cases: Vec<(String, &str, Change)> = Vec::new();
    for (name, change) in settings() {
        cases.push((format!("CURRENT's {name}"), "published/CURRENT", change));
    }
    for (name, change) in settings() {
        let change: Change = Box::new(move |head| change(&mut head["settings"]));
        cases.push((format!("head's {name}"), "head", change));
    }
    for field in ["format", "sequence", "documents", "passages", "generation", "next_document", "next_passage"] {
        for number in [0, 1, u64::from(u32::MAX), 1 << 32, i64::MAX as u64, u64::MAX] {
            let change: Change = Box::new(move |head| head[field] = number.into());
            cases.push((format!("head's {field} {number}"), "head", change));
        }
    }
    cases.push(("head's settings of 8 MB".to_owned(), "head", Box::new(|head| head["x"] = "x".repeat(8 << 20).into())));
    let deep: Change = Box::new(|head| {
        head["settings"]["x"] = (0..120).fold(json!(1), |inner, _| json!([inner]));
    });
    cases.push(("head's deep settings".to_owned(), "head", deep));
    let wrong = in_threads(&cases, |(name, file, change)| {
        let mut wrong = Vec::new();
        for writes in [false, true] {
            let case = prepared.case();
            let path = case.collection().join(file);
            if *file == "head" {
                forge_head(&path, change)
            } else {
                forge_manifest(&path, change)
            }
            let mut note =
                |result: Result<(), String>| wrong.extend(result.err().map(|error| format!("{name}: {error}")));
            let harmless = |ran: &crate::support::program::Ran| {
                let shown = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']
                    .into_iter()
                    .find(|c| ran.out.contains(*c) || ran.err.contains(*c));
                shown.map_or(Ok(()), |c| Err(format!("`{}` prints {c:?}", ran.line)))
            };
            if writes {
                for arguments in [&["verify"][..], &["index"], &["rebuild"], &["index"], &["verify"]] {
                    note(case.run(arguments).and_then(|ran| harmless(&ran)));
                }
                continue;
            }
            for (i, (question, arguments)) in QUESTIONS.into_iter().enumerate() {
                note(case.run(arguments).and_then(|ran| {
                    harmless(&ran)?;
                    // `status` and `export` print the model's name as stored.
                    let shows_name = question == "status" || question == "export" && name.contains("model");
                    if ran.code != Some(2) && !shows_name && essence(question, &ran)? != prepared.now[i] {
                        return Err(format!("{question}: A WRONG ANSWER: {}", ran.output_line()));
                    }
                    Ok(())
                }));
            }
        }
        wrong
    });
    println!("{} cases", cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
