//! All vectors replaced: nothing else changes, and an interruption at any step leaves the old records or the new ones.

use std::fs;

use super::*;
use crate::error::{Error, Result};

/// Long enough that a vector has two pieces.
const DIMENSION: usize = 2000;
const NEW: &str = "records.with-new-vectors";
const OLD: &str = "records.with-old-vectors";

fn settings(fingerprint: &str) -> Settings {
    let (name, path) = ("m".to_owned(), "/m".to_owned());
    Settings {
        model: Some(ModelIdentity { name, fingerprint: fingerprint.to_owned(), path }),
        ..Settings::of_dimension(DIMENSION)
    }
}

/// A store with replaced and removed documents, and one that is unfinished.
fn filled(path: &Path) -> Store {
    let store = Store::create(path, settings("old")).unwrap();
    for seed in 0..90 {
        store.put(&document(&format!("d{}", seed % 80), &"text ".repeat(900), seed, DIMENSION)).unwrap();
    }
    store.remove(&id("d3")).unwrap();
    let mut part = document("part", "one two", 5, DIMENSION);
    part.passages.push(passage(0..3, PassageVector::Missing { prefix: String::new(), tokens: 3 }));
    store.put_part(&part).unwrap();
    store.flush().unwrap();
    store
}

fn negate(vector: &mut [f32]) -> Result<()> {
    vector.iter_mut().for_each(|x| *x = -*x);
    Ok(())
}

fn replaced(store: Store) -> Result<Store> {
    store.replace_vectors(settings("new"), &mut negate, &mut |_, _| Ok(()))
}

/// Returns everything that must not change, and the numbers of all vectors.
fn content(store: &Store) -> (Vec<StoredDocument>, Vec<DocumentChange>, Vec<Vec<f32>>) {
    assert_eq!(store.verify().unwrap(), []);
    let (mut documents, mut vectors) = (Vec::new(), Vec::new());
    store
        .for_each_document(&mut |mut document| {
            for passage in &mut document.passages {
                vectors.push(store.vector(passage.id).unwrap().unwrap());
                passage.vector.clear();
            }
            documents.push(document);
            Ok(())
        })
        .unwrap();
    (documents, store.changes_since(0, usize::MAX).unwrap(), vectors)
}

fn negated(vectors: &[Vec<f32>]) -> Vec<Vec<f32>> {
    vectors.iter().map(|vector| vector.iter().map(|x| -x).collect()).collect()
}

/// Checks that the store is whole, with the old vectors or the new ones; returns whether they are the new ones.
fn is_new(store: &Store, old: &(Vec<StoredDocument>, Vec<DocumentChange>, Vec<Vec<f32>>)) -> bool {
    let now = content(store);
    assert!(now.0 == old.0 && now.1 == old.1, "documents and changes stay");
    let fingerprint = store.settings().model.unwrap().fingerprint;
    match fingerprint.as_str() {
        "old" => assert!(now.2 == old.2),
        _ => assert!(now.2 == negated(&old.2)),
    }
    assert_eq!(fs::read_dir(store.collection()).unwrap().count(), 3, "only head, lock and records are left");
    fingerprint == "new"
}

#[test]
fn replacing_changes_only_the_vectors_and_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let (old, totals) = (content(&store), store.totals());
    let mut told = Vec::new();
    let store = store
        .replace_vectors(settings("new"), &mut negate, &mut |done, total| {
            told.push((done, total));
            Ok(())
        })
        .unwrap();
    assert_eq!((told.first(), told.last()), (Some(&(64, 80)), Some(&(80, 80))));
    assert!(is_new(&store, &old));
    assert_eq!((store.totals(), store.head().unwrap().settings), (totals, store.settings()));
    store.put(&document("later", "later", 1, DIMENSION)).unwrap();
    store.flush().unwrap();
    drop(store);
    let store = Store::open(dir.path(), WAIT).unwrap();
    assert_eq!((store.counts().documents, store.verify().unwrap()), (totals.documents + 1, Vec::new()));
}

#[test]
fn replacing_that_fails_leaves_the_old_records() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = filled(dir.path());
    let old = content(&store);
    for fails_at in [0, 40, 79] {
        let mut count = 0;
        let mut fail = |vector: &mut [f32]| {
            count += 1;
            if count > fails_at { Err(Error::Interrupted) } else { negate(vector) }
        };
        let failed = store.replace_vectors(settings("new"), &mut fail, &mut |_, _| Ok(()));
        assert!(matches!(failed, Err(Error::Interrupted)), "{failed:?}");
        store = Store::open(dir.path(), WAIT).unwrap();
        assert!(!is_new(&store, &old), "{fails_at}");
    }
    let not_finite = &mut |vector: &mut [f32]| {
        vector[0] = f32::NAN;
        Ok(())
    };
    assert!(matches!(
        store.replace_vectors(settings("new"), not_finite, &mut |_, _| Ok(())),
        Err(Error::InvalidInput { .. })
    ));
    let store = Store::open(dir.path(), WAIT).unwrap();
    let other = store.replace_vectors(Settings::of_dimension(8), &mut negate, &mut |_, _| Ok(()));
    assert!(matches!(other, Err(Error::InvalidOptions { .. })), "{other:?}");
    assert!(!is_new(&Store::open(dir.path(), WAIT).unwrap(), &old));
}

/// The directories as a crash leaves them, before and after each rename and deletion.
#[test]
fn crash_at_any_step_leaves_the_old_records_or_the_new_ones() {
    let place = tempfile::tempdir().unwrap();
    let [before, after] = ["before", "after"].map(|name| place.path().join(name));
    let store = filled(&before);
    let old = content(&store);
    drop(store);
    copy(&before, &after);
    let store = Store::open(&after, WAIT).unwrap();
    drop(replaced(store).unwrap());
    for (case, old_records, new_records, new_head, ends_new) in [
        ("copying", "records", Some(NEW), false, false),
        ("between the renames", OLD, Some(NEW), false, false),
        ("renamed", OLD, Some("records"), false, true),
        ("acknowledged", OLD, Some("records"), true, true),
    ] {
        let crashed = place.path().join(case);
        fs::create_dir(&crashed).unwrap();
        copy(&before.join("records"), &crashed.join(old_records));
        if let Some(name) = new_records {
            copy(&after.join("records"), &crashed.join(name));
        }
        fs::copy(if new_head { &after } else { &before }.join("head"), crashed.join("head")).unwrap();
        if case == "copying" {
            // In the middle of the copy.
            let file = fs::File::options().write(true).open(crashed.join(NEW).join("db")).unwrap();
            file.set_len(file.metadata().unwrap().len() / 3).unwrap();
        }
        let inspected = Store::inspect(&crashed, Duration::ZERO).unwrap();
        assert_eq!((inspected.verify().unwrap(), inspected.loss()), (Vec::new(), None), "{case}");
        drop(inspected);
        let store = Store::open(&crashed, WAIT).unwrap();
        assert_eq!(is_new(&store, &old), ends_new, "{case}");
        // Again, after the crash.
        if !ends_new {
            assert!(is_new(&replaced(store).unwrap(), &old), "{case}");
        }
    }
    // A crash while the old records are deleted: only a part of them is left.
    let crashed = place.path().join("deleting");
    copy(&after, &crashed);
    fs::create_dir(crashed.join(OLD)).unwrap();
    fs::write(crashed.join(OLD).join("conf"), "").unwrap();
    assert!(is_new(&Store::open(&crashed, WAIT).unwrap(), &old));
}
