//! The real models' tokenizers against the `tokenizers` crate, over every text of NIGH_TEST_FILES.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use nigh::{Encoder, TextKind};
use serde_json::Value;
use tokenizers::Tokenizer;

use crate::support::real::{files, model};

/// Calls `take` with each string of each line of the evaluation sets: titles, texts, sentences.
fn each_evaluation_text(folder: &Path, take: &mut dyn FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_evaluation_text(&path, take);
            continue;
        }
        let content = fs::read_to_string(&path).unwrap();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => {
                for line in content.lines() {
                    let value: Value = serde_json::from_str(line).unwrap();
                    value.as_object().unwrap().values().filter_map(Value::as_str).for_each(&mut *take);
                }
            }
            Some("tsv") => content.lines().flat_map(|line| line.split('\t')).for_each(&mut *take),
            _ => take(&content),
        }
    }
}

/// Calls `take` with each text file of the archives.
fn each_corpus_text(folder: &Path, take: &mut dyn FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(path).unwrap()));
        for file in archive.entries().unwrap() {
            let mut content = String::new();
            if file.unwrap().read_to_string(&mut content).is_ok() {
                take(&content);
            }
        }
    }
}

fn assert_equals_crate(name: &str) {
    let (Some(model), Some(sets), Some(archives)) = (model(name), files("eval"), files("corpora")) else { return };
    let mut crates = Tokenizer::from_bytes(fs::read(model.path().join("tokenizer.json")).unwrap()).unwrap();
    crates.with_padding(None).with_truncation(None).unwrap();
    let encoder = Encoder::load(model.path()).unwrap();
    let (mut texts, mut bytes, mut tokens) = (0, 0, 0);
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    let mut compare = |text: &str| {
        let started = Instant::now();
        let expected = crates.encode(text, true).unwrap();
        theirs += started.elapsed();
        let started = Instant::now();
        let ids = encoder.tokenise(TextKind::Plain, text).unwrap().ids;
        let offsets = encoder.token_offsets(text).unwrap();
        ours += started.elapsed();
        assert_eq!(ids, expected.get_ids(), "ids of {text:?}");
        let special = expected.get_special_tokens_mask();
        let own =
            expected.get_offsets().iter().zip(special).filter(|(_, special)| **special == 0).map(|(span, _)| *span);
        assert!(own.eq(offsets.iter().copied()), "offsets of {text:?}");
        assert_eq!(encoder.count_tokens(text), offsets.len());
        texts += 1;
        bytes += text.len();
        tokens += ids.len();
    };
    each_evaluation_text(&sets, &mut compare);
    each_corpus_text(&archives, &mut compare);
    assert!(texts > 10_000, "only {texts} texts");
    println!("{name}: {texts} texts, {bytes} bytes, {tokens} tokens; ids and offsets {ours:?}, the crate {theirs:?}");
}

#[test]
fn tokenizer_of_minilm_equals_the_crate() {
    assert_equals_crate("all-MiniLM-L6-v2");
}

#[test]
fn tokenizer_of_e5_equals_the_crate() {
    assert_equals_crate("multilingual-e5-small-q4");
}
