//! Relevance in small collections, and the reference texts that it needs, stored next to a model.

use std::fs;
use std::path::{Path, PathBuf};

use nigh::{Collection, CollectionOptions, Document, Mode, ModelInfo, Syntax};
use serde_json::Value;

use crate::support::Place;
use crate::support::real::{model, skip};

/// The relevance that README gives as the limit for answers.
const MIN_ANSWER_RELEVANCE: f32 = 0.3;

/// Questions that notes about sentence encoders do not answer.
const FOREIGN: [&str; 16] = [
    "红烧肉怎么做才不腻？",
    "明天上海会下雨吗？",
    "发烧到39度需要去医院吗？",
    "第一次世界大战是哪一年爆发的？",
    "租房合同到期不续租要提前几天通知？",
    "番茄什么时候移栽最好？",
    "北京到广州的高铁要多长时间？",
    "小孩晚上不肯睡觉怎么办？",
    "How do I get red wine out of a carpet?",
    "When does the last ferry to the island leave?",
    "What is the capital of Australia?",
    "How often should I water a cactus?",
    "Can I deduct the cost of my bicycle from my taxes?",
    "Who won the women's final at Wimbledon?",
    "Which medicine helps against hay fever?",
    "How long must bread dough rise before baking?",
];

/// Returns a model that knows Chinese and English.
fn multilingual_model() -> Option<ModelInfo> {
    let info = ["multilingual-e5-small-q4", "multilingual-e5-small"].into_iter().find_map(|name| {
        let path = crate::support::real::store().find(Path::new(name)).ok()?;
        Some(ModelInfo::open(path).unwrap())
    });
    if info.is_none() {
        skip("a multilingual model");
    }
    info
}

fn example_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path)
}

/// Returns the documents of the demo, in one language.
fn demo_documents(language: &str) -> Vec<Document> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(example_path("corpus").join(language)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let document = |path: &PathBuf| {
        let id = format!("{language}/{}", path.file_name().unwrap().to_str().unwrap());
        Document::new(id, fs::read_to_string(path).unwrap()).with_syntax(Syntax::Markdown)
    };
    paths.iter().map(document).collect()
}

fn collection(info: &ModelInfo, documents: Vec<Document>) -> (tempfile::TempDir, Collection) {
    let directory = tempfile::tempdir().unwrap();
    let collection = CollectionOptions::new().model(info.path()).open(directory.path().join("notes.nigh")).unwrap();
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(documents).run().unwrap();
    writer.commit().unwrap();
    (directory, collection)
}

/// Returns the first hit: its document and its relevance.
fn first_hit(collection: &Collection, question: &str, mode: Mode) -> (String, f32) {
    let hit = collection.search(question).mode(mode).limit(1).run().unwrap().hits.remove(0);
    (hit.document.id.as_str().to_owned(), hit.relevance)
}

/// Returns the questions of the demo, with the documents that answer them.
fn demo_questions() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(example_path("questions.jsonl")).unwrap();
    let question = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        let expect = value["expect"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        (value["question"].as_str().unwrap().to_owned(), expect)
    };
    text.lines().map(question).collect()
}

#[test]
fn relevance_of_a_small_collection_separates_its_own_questions() {
    let Some(info) = multilingual_model() else { return };
    for languages in [&["en", "zh"][..], &["zh"], &["en"]] {
        let documents: Vec<Document> = languages.iter().flat_map(|language| demo_documents(language)).collect();
        let (_directory, collection) = collection(&info, documents);
        let (mut right, mut kept) = (0, 0);
        for (question, expect) in demo_questions() {
            let chinese = !question.is_ascii();
            if !languages.contains(&if chinese { "zh" } else { "en" }) {
                continue;
            }
            let (id, relevance) = first_hit(&collection, &question, Mode::Hybrid);
            if expect.contains(&id) {
                right += 1;
                kept += usize::from(relevance >= MIN_ANSWER_RELEVANCE);
            }
        }
        assert!(right >= 5 && kept + 1 >= right, "{languages:?}: {kept} of {right}");
        let relevant: Vec<(&str, f32)> = FOREIGN
            .iter()
            .map(|&question| (question, first_hit(&collection, question, Mode::Hybrid).1))
            .filter(|(_, relevance)| *relevance >= MIN_ANSWER_RELEVANCE)
            .collect();
        assert!(relevant.len() <= 1, "{languages:?}: {relevant:?}");
    }
}

#[test]
fn relevance_of_five_documents_with_an_english_model() {
    let Some(info) = model("all-MiniLM-L6-v2") else { return };
    let documents: Vec<Document> = demo_documents("en").into_iter().filter(|d| WANTED.contains(&&*d.id)).collect();
    assert_eq!(documents.len(), 5);
    let (_directory, collection) = collection(&info, documents);
    let asked: Vec<(String, Vec<String>)> = demo_questions()
        .into_iter()
        .filter(|(question, expect)| question.is_ascii() && expect.iter().any(|id| WANTED.contains(&&**id)))
        .collect();
    assert_eq!(asked.len(), 5);
    for (question, expect) in asked {
        let (id, relevance) = first_hit(&collection, &question, Mode::Hybrid);
        assert!(expect.contains(&id) && relevance >= MIN_ANSWER_RELEVANCE, "{question}: {id} {relevance}");
    }
    for question in FOREIGN {
        let relevance = first_hit(&collection, question, Mode::Hybrid).1;
        assert!(relevance < MIN_ANSWER_RELEVANCE, "{question}: {relevance}");
    }
}

const WANTED: [&str; 5] = [
    "en/square-root-of-the-head.md",
    "en/fill-in-the-blanks.md",
    "en/cross-attention.md",
    "en/words-and-meanings.md",
    "en/what-goes-in.md",
];

/// Returns the files of reference texts in a model's directory.
fn reference_files(model: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(model).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("nigh-background-")).collect()
}

#[test]
fn reference_texts_are_encoded_once_and_again_after_damage() {
    let place = Place::new();
    let relevance = || {
        let collection = place.options().open(place.path("notes.nigh")).unwrap();
        collection.search("平均池化").run().unwrap().hits.iter().map(|hit| hit.relevance).collect::<Vec<_>>()
    };
    drop(super::collection::filled(&place));
    assert_eq!(reference_files(&place.model()), [] as [PathBuf; 0], "nothing was searched yet");
    let made = relevance();
    let [path] = &reference_files(&place.model())[..] else { panic!("one file") };
    let bytes = fs::read(path).unwrap();
    let modified = || fs::metadata(path).unwrap().modified().unwrap();
    let before = modified();
    assert_eq!(relevance(), made);
    assert_eq!(modified(), before, "it was read, not rewritten");
    let mut damaged = bytes.clone();
    damaged[200] ^= 1;
    fs::write(path, damaged).unwrap();
    assert_eq!(relevance(), made);
    assert_eq!(fs::read(path).unwrap(), bytes);
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
    assert_eq!(relevance(), made, "kept in memory");
}
