//! Damaged or missing published files and records: reported or repaired, and never a wrong answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nigh::{
    Collection, CollectionOptions, Document, DocumentChange, Error, ExportedDocument, ExportedPassage, Place as Where,
    PlaceKind, Rebuilt,
};

use crate::support::{Place, Random, assert_sound, counts, exported, found};

const DIMENSION: usize = 8;

fn options() -> CollectionOptions {
    CollectionOptions::new().lock_timeout(Duration::from_secs(2))
}

fn unit(random: &mut Random) -> Vec<f32> {
    let vector: Vec<f64> = (0..DIMENSION).map(|_| random.normal()).collect();
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter().map(|x| (x / length) as f32).collect()
}

fn document(name: &str, seed: u64) -> ExportedDocument {
    let mut random = Random(seed);
    let (mut text, mut passages) = (String::new(), Vec::new());
    for line in 1..2 + random.below(3) {
        let start_byte = text.len();
        text.push_str(&format!("{name} 第 {line} 行, {seed}\n"));
        let (end_byte, headings, vector) = (text.len(), vec![format!("标题 {seed}")], unit(&mut random));
        let place = Some(Where::new(PlaceKind::Row, line as u32).named("表"));
        let metadata = [("row".to_owned(), line.into())].into();
        let mut passage = ExportedPassage::new(nigh::Span::new(start_byte..end_byte, line..line + 1), vector);
        (passage.headings, passage.place, passage.metadata) = (headings, place, metadata);
        passages.push(passage);
    }
    let mut document = ExportedDocument::new(name, text);
    document.metadata = [("seed".to_owned(), seed.into())].into();
    document.syntax = nigh::Syntax::Markdown;
    document.passages = Some(passages);
    document
}

/// Writes `names` and removes `gone`, in one commit.
fn commit(collection: &Collection, names: &[String], seed: u64, gone: &[&str]) {
    let mut writer = collection.writer().unwrap();
    for (name, i) in names.iter().zip(0..) {
        writer.import(document(name, seed + i)).unwrap();
    }
    for name in gone {
        assert!(writer.remove(name).unwrap(), "{name}");
    }
    writer.commit().unwrap();
}

fn document_ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|i| format!("文 {i}")).collect()
}

/// Everything about a collection that can be seen from outside.
#[derive(Debug, PartialEq)]
struct Facts {
    documents: Vec<ExportedDocument>,
    answers: Vec<Vec<(String, f32)>>,
}

fn facts(collection: &Collection) -> Facts {
    let mut random = Random(1);
    let search = |query: Vec<f32>| found(collection.search_by_vector(query).limit(15).run().unwrap());
    let answers = (0..10).map(|_| search(unit(&mut random))).collect();
    Facts { documents: exported(collection), answers }
}

/// Returns the last change of each document, with its sequence number.
fn changes(collection: &Collection) -> Vec<DocumentChange> {
    collection.changes_since(0, usize::MAX).unwrap()
}

fn not_removed(changes: &[DocumentChange]) -> Vec<&DocumentChange> {
    changes.iter().filter(|change| !change.removed).collect()
}

/// Makes a collection with some commits, and closes it.
fn filled() -> (Place, PathBuf, Facts, Vec<DocumentChange>) {
    let place = Place::new();
    let path = place.path("v");
    let collection = options().dimension(DIMENSION).open(&path).unwrap();
    commit(&collection, &document_ids(0..40), 100, &[]);
    commit(&collection, &document_ids(35..80), 200, &["文 3", "文 4"]);
    commit(&collection, &document_ids(0..3), 300, &["文 50"]);
    let (facts, changes) = (facts(&collection), changes(&collection));
    assert_sound(&collection);
    (place, path, facts, changes)
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(path.join("published")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { fs::copy(entry.path(), to).map(|_| ()).unwrap() }
    }
}

fn rebuild(path: &Path) -> (Collection, Rebuilt) {
    Collection::rebuild(path).options(options()).run().unwrap()
}

#[test]
fn damaged_file_is_reported_and_rebuilt() {
    let (_place, path, facts_before, changes_before) = filled();
    let count = files(&path).len();
    assert!(count >= 2, "{:?}", files(&path));
    for which in 0..count {
        for damage in ["flip", "cut", "delete"] {
            let file = files(&path)[which.min(files(&path).len() - 1)].clone();
            let current = file.ends_with("CURRENT");
            let mut bytes = fs::read(&file).unwrap();
            fs::remove_file(&file).unwrap();
            match damage {
                // In a segment a byte of its body, in the manifest a byte of its content.
                "flip" => {
                    let at = bytes.len() / 2;
                    bytes[at] ^= 4;
                    fs::write(&file, &bytes).unwrap();
                }
                "cut" => fs::write(&file, &bytes[..bytes.len() - 5]).unwrap(),
                _ => {}
            }
            if !(current && damage == "delete") {
                let collection = options().read_only(true).open(&path);
                let error = match collection.and_then(|collection| Ok((collection.verify()?, collection))) {
                    Ok((findings, collection)) => {
                        // All data is checked when it is read: an answer is right, or an error.
                        match collection.search_by_vector(vec![1.0; DIMENSION]).exact(true).run() {
                            Err(Error::IndexDamaged { path, .. }) => assert_eq!(path, file),
                            Err(other) => panic!("{other}"),
                            Ok(_) => assert_eq!(damage, "flip"),
                        }
                        findings.join("\n")
                    }
                    Err(error) => error.to_string(),
                };
                assert!(
                    error.contains(&*file.to_string_lossy()) && error.contains("rebuild the collection"),
                    "{damage}: {error}"
                );
            }
            let (collection, rebuilt) = rebuild(&path);
            assert_eq!(rebuilt, Rebuilt::Published);
            assert!(facts(&collection) == facts_before, "{damage} of {}", file.display());
            assert_eq!(changes(&collection), changes_before);
            assert_sound(&collection);
        }
    }
}

#[test]
fn missing_manifest_is_rebuilt_on_opening() {
    let (_place, path, facts_before, _) = filled();
    let held = options().read_only(true).open(&path).unwrap();
    fs::remove_file(path.join("published/CURRENT")).unwrap();
    let refused = held.search_by_vector(vec![1.0; DIMENSION]).run().unwrap_err();
    assert!(refused.to_string().contains("CURRENT"), "{refused}");
    let reader = options().read_only(true).open(&path).err().unwrap().to_string();
    assert!(
        reader.contains("CURRENT") && reader.contains("rebuild the collection"),
        "a reader writes nothing: {reader}"
    );
    assert!(facts(&options().open(&path).unwrap()) == facts_before);
    // A reader that was open sees the rebuilt index, and later commits.
    assert!(facts(&held) == facts_before);
    let writer = options().open(&path).unwrap();
    commit(&writer, &document_ids(200..205), 900, &[]);
    assert!(facts(&held) == facts(&writer) && held.status().unwrap().documents > facts_before.documents.len() as u64);
}

#[test]
fn lost_records_are_rebuilt() {
    let (_place, path, facts_before, changes_before) = filled();
    for gone in [&["records"][..], &["records", "head"], &["head"]] {
        for name in gone {
            let path = path.join(name);
            if path.is_dir() { fs::remove_dir_all(&path).unwrap() } else { fs::remove_file(&path).unwrap() }
        }
        assert!(facts(&options().read_only(true).open(&path).unwrap()) == facts_before, "readers need no records");
        let collection = options().open(&path).unwrap();
        assert!(facts(&collection) == facts_before, "{gone:?}");
        assert_eq!(not_removed(&changes(&collection)), not_removed(&changes_before), "{gone:?}");
        assert_sound(&collection);
        // New sequence numbers differ from all old ones, and later commits are stored as usual.
        commit(&collection, &["new".to_owned()], 500, &[]);
        let new = changes(&collection).into_iter().find(|change| change.id.as_str() == "new").unwrap();
        assert!(changes_before.iter().all(|old| old.document < new.document && old.sequence < new.sequence));
        assert!(collection.writer().unwrap().remove("new").unwrap());
        let mut writer = collection.writer().unwrap();
        writer.remove("new").unwrap();
        writer.commit().unwrap();
        assert!(facts(&collection) == facts_before);
        assert_sound(&collection);
        drop((writer, collection));
        assert!(facts(&options().open(&path).unwrap()) == facts_before, "{gone:?}: opened again");
    }
}

/// Overwrites sled's files with garbage.
fn garble(path: &Path) {
    let database = path.join("records/db");
    let length = fs::metadata(&database).unwrap().len() as usize;
    fs::write(&database, vec![0xa7; length]).unwrap();
    fs::write(path.join("records/conf"), "no such thing").unwrap();
}

#[test]
fn garbled_records_are_rebuilt() {
    let (_place, path, facts_before, changes_before) = filled();
    garble(&path);
    let refused = options().open(&path).err().unwrap();
    assert!(matches!(refused, Error::RecordsDamaged { .. }), "{refused:?}");
    assert!(refused.to_string().contains("rebuild the collection"), "{refused}");
    assert!(facts(&options().read_only(true).open(&path).unwrap()) == facts_before);
    let (collection, rebuilt) = rebuild(&path);
    assert_eq!(rebuilt, Rebuilt::Records);
    assert!(facts(&collection) == facts_before);
    assert_eq!(not_removed(&changes(&collection)), not_removed(&changes_before));
    assert_sound(&collection);
    assert!(path.join("records.damaged-1/db").exists());
    commit(&collection, &document_ids(90..95), 700, &[]);
    drop(collection);
    assert_sound(&options().open(&path).unwrap());
}

#[test]
fn lost_tail_of_the_records_is_recovered() {
    let (place, path, ..) = filled();
    for with_head in [true, false] {
        let old = place.path(&format!("old {with_head}"));
        copy(&path.join("records"), &old.join("records"));
        fs::copy(path.join("head"), old.join("head")).unwrap();
        let collection = options().open(&path).unwrap();
        commit(&collection, &document_ids(10..20), 1000, &["文 30"]);
        commit(&collection, &document_ids(100..120), 1100, &["文 11", "文 60"]);
        // The document was removed and written again: it has the same name and another number.
        commit(&collection, &["文 60".to_owned()], 1200, &[]);
        let (facts_before, changes_before) = (facts(&collection), changes(&collection));
        drop(collection);
        fs::remove_dir_all(path.join("records")).unwrap();
        copy(&old.join("records"), &path.join("records"));
        if with_head {
            fs::copy(old.join("head"), path.join("head")).unwrap();
        }
        if with_head {
            // Nothing shows that data is missing: nigh must not guess which of the two copies is right.
            let refused = options().open(&path).err().unwrap();
            assert!(matches!(refused, Error::CopiesDiffer { .. }), "{refused}");
            drop(Collection::rebuild(&path).options(options()).run().unwrap());
        }
        let collection = options().open(&path).unwrap();
        assert!(facts(&collection) == facts_before, "with the old head: {with_head}");
        assert_eq!(not_removed(&changes(&collection)), not_removed(&changes_before));
        assert_sound(&collection);
        commit(&collection, &["文 30".to_owned()], 1300, &["文 100"]);
        assert_sound(&collection);
        let mut writer = collection.writer().unwrap();
        writer.remove("文 30").unwrap();
        for i in (10..20).filter(|i| *i != 11) {
            writer.remove(&format!("文 {i}")).unwrap();
        }
        writer.commit().unwrap();
        drop(writer);
        commit(&collection, &document_ids(10..31), 1400, &[]);
        assert_sound(&collection);
    }
}

#[test]
fn loss_in_both_copies_is_reported() {
    let (place, path, facts_before, _) = filled();
    let old = place.path("old");
    for part in ["records", "published"] {
        copy(&path.join(part), &old.join(part));
    }
    let collection = options().open(&path).unwrap();
    commit(&collection, &document_ids(100..120), 1100, &["文 11"]);
    drop(collection);
    for part in ["records", "published"] {
        fs::remove_dir_all(path.join(part)).unwrap();
        copy(&old.join(part), &path.join(part));
    }
    for _ in 0..2 {
        let error = options().open(&path).err().unwrap();
        assert!(matches!(error, Error::RecordsBehind { .. }), "{error:?}");
    }
    let collection = options().allow_data_loss(true).open(&path).unwrap();
    assert!(facts(&collection) == facts_before, "what is left is there");
    drop(collection);
    let collection = options().allow_data_loss(true).open(&path).unwrap();
    commit(&collection, &document_ids(200..203), 1500, &[]);
    drop(collection);
    assert_sound(&options().open(&path).unwrap());
}

#[test]
fn loss_of_both_copies_is_an_error() {
    let (_place, path, ..) = filled();
    let refused = |what: &str| {
        for error in
            [options().open(&path).err().unwrap(), Collection::rebuild(&path).options(options()).run().err().unwrap()]
        {
            let message = error.to_string();
            assert!(matches!(error, Error::RecordsDamaged { .. } | Error::IndexDamaged { .. }), "{what}: {error:?}");
            assert!(message.contains(&*path.to_string_lossy()), "{what}: {message}");
        }
        let last = Collection::rebuild(&path).options(options()).run().err().unwrap().to_string();
        assert!(
            last.contains("move the collection away") && !last.contains("rebuild the collection"),
            "{what}: {last}"
        );
        assert!(!files(&path).is_empty(), "{what}: what is left was deleted");
    };
    garble(&path);
    let current = path.join("published/CURRENT");
    let bytes = fs::read(&current).unwrap();
    fs::write(&current, &bytes[..40]).unwrap();
    refused("both garbled");
    fs::remove_dir_all(path.join("records")).unwrap();
    fs::remove_file(path.join("head")).unwrap();
    refused("records gone, manifest garbled");
    fs::remove_file(&current).unwrap();
    refused("records and manifest gone");
    fs::write(&current, &bytes).unwrap();
    assert!(!options().open(&path).unwrap().verify().unwrap().iter().any(|_| true), "it was all there");
}

#[test]
fn collection_of_an_older_nigh_opens() {
    let (_place, path, facts_before, changes_before) = filled();
    for step in 0..4 {
        let published = path.join("published");
        match step {
            // Publishing was interrupted: there are segments, but no manifest.
            3 => {
                fs::remove_file(published.join("CURRENT")).unwrap();
                fs::write(published.join("segment-00000077"), "half").unwrap();
            }
            _ => fs::remove_dir_all(&published).unwrap(),
        }
        let collection = match step {
            0 => options().open(&path).unwrap(),
            1 => {
                let refused = options().read_only(true).open(&path).err().unwrap().to_string();
                assert!(refused.contains("CURRENT") && !published.exists(), "a reader writes nothing: {refused}");
                options().open(&path).unwrap()
            }
            _ => options().existing_only(true).open(&path).unwrap(),
        };
        assert!(facts(&collection) == facts_before, "step {step}");
        assert_sound(&collection);
        assert_eq!(changes(&collection), changes_before);
        assert!(!published.join("segment-00000077").exists());
    }
    // A reader does not wait for a writer if nothing is published.
    let writer = options().open(&path).unwrap();
    fs::remove_dir_all(path.join("published")).unwrap();
    let refused = options().read_only(true).lock_timeout(Duration::ZERO).open(&path).err().unwrap();
    assert!(matches!(refused, Error::IndexDamaged { .. }), "{refused:?}");
    drop(writer);
}

#[test]
fn rebuild_keeps_the_stamps_of_files() {
    let place = Place::new();
    for i in 0..6 {
        place.write(&format!("{i}.md"), format!("# 标题 {i}\n\nSome text about {i}.\n"));
    }
    let collection = place.open();
    place.index(&collection);
    collection.writer().unwrap().upsert(Document::new("empty", "")).unwrap();
    let before = exported(&collection);
    drop(collection);
    let path = place.path("notes.nigh");
    fs::remove_dir_all(path.join("records")).unwrap();
    let collection = place.open();
    assert_eq!(exported(&collection), before);
    let again = place.index(&collection);
    assert_eq!((counts(&again), again.passages_encoded), ([0, 0, 6, 0, 0, 0], 0));
    drop(collection);
    garble(&path);
    let (collection, _) = Collection::rebuild(&path).options(place.options()).run().unwrap();
    let again = place.index(&collection);
    assert_eq!((counts(&again), again.passages_encoded), ([0, 0, 6, 0, 0, 0], 0));
    assert_eq!(exported(&collection), before);
    assert_sound(&collection);
}

#[test]
fn rebuild_says_when_the_published_index_is_that_of_another_collection() {
    let (place, path, ..) = filled();
    let (_other, other, ..) = filled();
    fs::remove_dir_all(path.join("published")).unwrap();
    copy(&other.join("published"), &path.join("published"));
    fs::remove_dir_all(path.join("records")).unwrap();
    let refused = Collection::rebuild(&path).options(options()).run().unwrap_err();
    assert!(matches!(refused, Error::RecordsDamaged { repairable: false, .. }), "{refused:?}");
    let said = refused.to_string();
    assert!(said.contains("cannot be restored: the published index belongs to another collection"), "{said}");
    assert!(!said.contains("is damaged too"), "{said}");
    // Its own index, but damaged.
    fs::write(path.join("published/CURRENT"), "no such thing").unwrap();
    let said = Collection::rebuild(&path).options(options()).run().unwrap_err().to_string();
    assert!(said.contains("CURRENT is damaged too"), "{said}");
    drop(place);
}
