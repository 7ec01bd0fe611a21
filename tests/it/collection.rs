//! Documents are written and found: guarantees of a writer, and how searches see them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use nigh::{Collection, Document, Error, Mode, PassageId, Syntax};

use crate::support::{Place, Random, TinyModel, assert_sound, exported, found, ids, text};

pub const TEXTS: [(&str, &str); 5] = [
    ("mean", "Mean pooling averages the token vectors of a sentence."),
    ("池化", "句向量用平均池化，是对所有词向量的平均。"),
    ("cats", "A cat and a dog near the line."),
    ("rust", "The rust encoder reads a model folder."),
    ("搜索", "搜索数据库中的文本，接近的结果在前面。"),
];

fn documents() -> Vec<Document> {
    TEXTS.iter().map(|(id, text)| Document::new(*id, *text)).collect()
}

pub fn filled(place: &Place) -> Collection {
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    assert_eq!(writer.upsert_all(documents()).run().unwrap(), TEXTS.len());
    writer.commit().unwrap();
    collection
}

/// Returns the passage that is nearest to this text.
fn nearest_passage(collection: &Collection, text: &str) -> (PassageId, String) {
    let hit = collection.search(text).limit(1).run().unwrap().hits.remove(0);
    (hit.passage.id, hit.passage.text)
}

#[test]
fn search_finds_every_document_by_its_own_words() {
    let place = Place::with(&TinyModel { prompts: None, ..TinyModel::default() });
    let collection = filled(&place);
    for (id, text) in TEXTS {
        let hits = collection.search(text).mode(Mode::Dense).run().unwrap();
        assert_eq!(hits.mode, Mode::Dense);
        assert_eq!(hits.hits.len(), TEXTS.len());
        let best = &hits.hits[0];
        assert_eq!((best.rank, best.document.id.as_str(), best.passage.text.as_str()), (1, id, text));
        assert_eq!((best.passage.span.bytes.clone(), best.passage.span.lines.clone()), (0..text.len(), 1..2));
        assert!((best.score - 1.0).abs() < 2e-3, "{}", best.score);
        assert!(hits.hits.is_sorted_by(|a, b| a.score >= b.score && a.rank + 1 == b.rank));
    }
    assert_sound(&collection);
}

#[test]
fn commit_makes_all_changes_visible_at_once() {
    let place = Place::new();
    let collection = place.open();
    let other = collection.clone();
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(documents()).run().unwrap();
    assert_eq!(ids(&other, "a query"), [] as [&str; 0]);
    assert_eq!((other.status().unwrap().documents, other.document("mean").unwrap()), (0, None));
    let committed = writer.commit().unwrap();
    assert_eq!((committed.stored, committed.removed), (TEXTS.len(), 0));
    assert_eq!(ids(&other, "a query").len(), TEXTS.len());
    let hits = other.search("a query").run().unwrap();
    assert_eq!(hits.generation, committed.generation);

    writer.remove("mean").unwrap();
    writer.upsert(Document::new("new", "a new document")).unwrap();
    let before = ids(&other, "a query");
    assert!(before.contains(&"mean".to_owned()) && !before.contains(&"new".to_owned()));
    assert!(writer.commit().unwrap().generation > committed.generation);
    let after = ids(&other, "a query");
    assert!(!after.contains(&"mean".to_owned()) && after.contains(&"new".to_owned()));

    writer.upsert(Document::new("dropped", "with its writer")).unwrap();
    drop(writer);
    assert_eq!(collection.document("dropped").unwrap(), None);
    assert_sound(&collection);
}

#[test]
fn upsert_replaces_and_remove_removes() {
    let place = Place::new();
    let collection = filled(&place);
    let mut writer = collection.writer().unwrap();
    let odd = serde_json::json!({ "nested": [1, null, "文"] });
    let long = "metadata ".repeat(5_000);
    let new = Document::new("cats", "现在是中文。").with("lang", "zh").with("odd", odd).with("long", long);
    writer.upsert(new.clone()).unwrap();
    assert!(writer.remove("rust").unwrap());
    assert!(!writer.remove("nobody").unwrap());
    writer.commit().unwrap();
    assert!(!writer.remove("rust").unwrap(), "gone already");
    // The last version of an id counts, also within one commit; `remove` also removes a pending document.
    writer.upsert(Document::new("twice", "first")).unwrap();
    writer.upsert(Document::new("twice", "second")).unwrap();
    writer.upsert(Document::new("brief", "here")).unwrap();
    assert!(writer.remove("brief").unwrap());
    writer.commit().unwrap();
    assert_eq!(collection.document("cats").unwrap(), Some(new));
    assert_eq!(collection.document("twice").unwrap().unwrap().text, "second");
    assert_eq!((collection.document("rust").unwrap(), collection.document("brief").unwrap()), (None, None));
    let mut all = ids(&collection, "a cat");
    all.sort();
    assert_eq!(all, ["cats", "mean", "twice", "搜索", "池化"]);
    assert_sound(&collection);
}

#[test]
fn reopened_collection_gives_the_same_hits() {
    let place = Place::new();
    let collection = filled(&place);
    let mut writer = collection.writer().unwrap();
    for i in 0..40 {
        // Some are alike: equal scores must keep their order.
        writer
            .upsert(Document::new(format!("doc {i}"), text::markdown(i / 3, 4)).with_syntax(Syntax::Markdown))
            .unwrap();
    }
    for i in (0..40).step_by(4) {
        writer.remove(&format!("doc {i}")).unwrap();
    }
    writer.commit().unwrap();
    let queries = ["mean pooling", "句向量 平均", "documents and answers", "x"];
    let ask = |collection: &Collection| queries.map(|query| found(collection.search(query).limit(30).run().unwrap()));
    let (before, status) = (ask(&collection), collection.status().unwrap());
    let content = exported(&collection);
    drop((writer, collection));
    let again = place.open();
    assert_eq!(ask(&again), before);
    assert_eq!(exported(&again), content);
    let now = again.status().unwrap();
    assert_eq!((now.documents, now.passages, now.sequence), (status.documents, status.passages, status.sequence));
    assert_eq!((now.generation, now.lost_changes), (status.generation, None));
    assert_sound(&again);
}

#[test]
fn search_limit_min_score_and_explanation() {
    let place = Place::new();
    let collection = filled(&place);
    let search = || collection.search("平均 pooling");
    let all = found(search().run().unwrap());
    for limit in [0, 1, 3, usize::MAX] {
        assert_eq!(found(search().limit(limit).run().unwrap()), all[..limit.min(all.len())]);
    }
    let least = all[2].1;
    assert_eq!(found(search().min_score(least).run().unwrap()), all[..3]);
    assert_eq!(found(search().min_score(f32::MAX).run().unwrap()), []);
    for refused in [
        search().min_score(f32::NAN),
        search().min_score(f32::INFINITY),
        search().min_relevance(f32::NAN),
        search().min_relevance(1.1),
        search().min_relevance(-0.1),
        search().recall(f32::NAN),
        search().recall(f32::INFINITY),
    ] {
        let refused = refused.run().unwrap_err();
        assert!(matches!(refused, Error::InvalidInput { .. }) && refused.to_string().contains("must be"), "{refused}");
    }
    assert!(search().run().unwrap().hits.iter().all(|hit| hit.explanation.is_none()));
    for hit in search().explain(true).run().unwrap().hits {
        let explanation = hit.explanation.unwrap();
        assert_eq!(explanation.fused_score, hit.score);
        assert!(explanation.dense_rank.is_some() && explanation.dense_score.is_some_and(|cosine| cosine <= 1.0));
        assert_eq!(explanation.lexical_score.is_some_and(|bm25| bm25 > 0.0), !explanation.terms.is_empty());
        assert_eq!((explanation.passage_ordinal, explanation.compared), (0, TEXTS.len()));
    }
}

#[test]
fn search_similar_to_a_document_a_file_or_a_vector() {
    let place = Place::with(&TinyModel { prompts: None, ..TinyModel::default() });
    let collection = filled(&place);
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("copy", TEXTS[0].1)).unwrap();
    writer.upsert(Document::new("blank", " \n")).unwrap();
    writer.commit().unwrap();
    let like = found(collection.similar_to("mean").run().unwrap());
    assert_eq!((like[0].0.as_str(), like.len()), ("copy", TEXTS.len()), "like itself, and never itself");
    let file = place.write("a.md", TEXTS[1].1);
    assert_eq!(found(collection.similar_to_file(&file).unwrap().run().unwrap())[0].0, "池化");
    let vector = collection.encoder().unwrap().encode(&[TEXTS[3].1]).unwrap().into_vec();
    let scaled = vector.iter().map(|x| x * 7.0).collect();
    let by_vector = collection.search_by_vector(scaled).run().unwrap();
    assert_eq!(found(by_vector)[0].0, "rust");
    assert_eq!(found(collection.search("x").by_vector(vector).run().unwrap())[0].0, "rust");
    assert_eq!(found(collection.search("x").like("mean").run().unwrap())[0].0, "copy");
    let missing = collection.similar_to("nobody").run().unwrap_err();
    assert!(matches!(missing, Error::DocumentMissing { .. }) && missing.to_string().contains("nobody"), "{missing}");
    for vector in [vec![1.0; 31], vec![f32::NAN; 32], vec![f32::INFINITY; 32], vec![]] {
        assert!(matches!(collection.search_by_vector(vector).run(), Err(Error::InvalidInput { .. })));
    }
    let empty = place.write("empty.md", "");
    assert!(matches!(collection.similar_to_file(&empty), Err(Error::InvalidInput { .. })));
    assert!(matches!(collection.similar_to_file(place.path("none")), Err(Error::InvalidInput { .. })));
    // A vector without a direction is near nothing; otherwise it would be equally near to everything.
    let blank = collection.similar_to("blank").run().map(found);
    assert!(blank.as_ref().is_ok_and(Vec::is_empty) || matches!(blank, Err(Error::InvalidInput { .. })), "{blank:?}");
    let zero = collection.search_by_vector(vec![0.0; 32]).run().map(found);
    assert!(matches!(zero, Err(Error::InvalidInput { .. })), "{zero:?}");
}

#[test]
fn passages_that_are_unchanged_keep_their_ids() {
    let place = Place::with(&TinyModel { prompts: None, ..TinyModel::default() });
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    let mut random = Random(3);
    let paragraphs: Vec<String> =
        (0..8).map(|_| (0..3).map(|_| text::sentence(&mut random)).collect::<Vec<_>>().join(" ")).collect();
    writer.upsert(Document::new("a", paragraphs.join("\n\n"))).unwrap();
    writer.commit().unwrap();
    let before: Vec<_> = exported(&collection)[0].passages.clone().unwrap();
    assert!(before.len() >= 8, "{}", before.len());
    let numbers: Vec<_> = before
        .iter()
        .map(|p| nearest_passage(&collection, &paragraphs.join("\n\n")[p.start_byte..p.end_byte]))
        .collect();
    let edited = [&paragraphs[1..], &["a new end".to_owned()]].concat().join("\n\n");
    writer.upsert(Document::new("a", edited)).unwrap();
    writer.commit().unwrap();
    let kept = numbers.iter().filter(|(id, text)| nearest_passage(&collection, text) == (*id, text.clone())).count();
    assert!(kept >= numbers.len() - 4 && kept < numbers.len(), "{kept} of {}", numbers.len());
    assert_sound(&collection);
}

#[test]
fn search_sees_one_commit_while_another_is_written() {
    let place = Place::new();
    let collection = place.open();
    const DOCUMENTS: usize = 9;
    let version = |n: usize| {
        (0..DOCUMENTS)
            .map(move |i| Document::new(format!("doc {i}"), format!("version {n} of document {i}. ").repeat(9)))
    };
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(version(0)).run().unwrap();
    writer.commit().unwrap();
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let search = || {
            let mut versions = BTreeMap::new();
            while !done.load(Ordering::Relaxed) {
                let hits = collection.search("version of document").limit(50).run().unwrap();
                assert_eq!(hits.hits.len(), DOCUMENTS);
                let mut seen = BTreeSet::new();
                for hit in &hits.hits {
                    let number = hit.passage.text.split("version ").nth(1).and_then(|rest| rest.split(' ').next());
                    seen.insert(number.unwrap().to_owned());
                    let number = hit.document.id.as_str().trim_start_matches("doc ");
                    assert!(hit.passage.text.contains(&format!("document {number}.")), "{hit:?}");
                }
                assert_eq!(seen.len(), 1, "parts of two commits: {seen:?}");
                let known = versions.entry(hits.generation).or_insert_with(|| seen.clone());
                assert_eq!(*known, seen, "two contents have the number {}", hits.generation);
            }
            versions
        };
        let searchers = [scope.spawn(search), scope.spawn(search)];
        for n in 1..15 {
            writer.upsert_all(version(n)).run().unwrap();
            writer.commit().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        searchers.map(|searcher| searcher.join().unwrap())
    });
    assert!(seen.iter().any(|versions| versions.len() > 2), "no search ran beside a commit: {seen:?}");
    assert_sound(&collection);
}
