//! Damaged files: never a panic, never a wrong value, never a silent loss.

use std::fs::{self, OpenOptions};

use super::*;
use crate::error::{Error, Result};

const DOCUMENTS: u64 = 1500;

fn text(i: u64) -> String {
    format!("第 {i} 篇 document {i}。").repeat(30)
}

/// Creates a flushed, closed collection of a few megabytes.
fn create_collection() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 32);
    for i in 0..DOCUMENTS {
        store.put(&document(&format!("{i}"), &text(i), i, 32)).unwrap();
    }
    store.flush().unwrap();
    dir
}

/// Checks that everything acknowledged is there and correct, or that an error reports it. Returns the findings of the full check.
fn read_all(collection: &Path) -> Result<Vec<Finding>> {
    let store = Store::open(collection, WAIT)?;
    store.for_each_stamp(&mut |_| Ok(()))?;
    store.for_each_vector(&mut |_| Ok(()))?;
    store.for_each_document(&mut |_| Ok(()))?;
    for i in 0..DOCUMENTS {
        let stored = store.document(&id(&format!("{i}")))?.expect("acknowledged");
        assert_eq!(store.whole_text(stored.number)?, text(i));
        assert_eq!(store.vector(stored.passages[0].id)?.expect("acknowledged"), vector(i, 32));
    }
    store.verify()
}

/// True if the result reports damage or loss. `damage`: what was done to the files, for messages.
fn is_detected(result: Result<Vec<Finding>>, damage: &str) -> bool {
    match result {
        Ok(findings) => !findings.is_empty(),
        Err(Error::RecordsDamaged { .. } | Error::RecordsBehind { .. }) => true,
        Err(other) => panic!("{damage}: {other}"),
    }
}

#[test]
fn damage_by_truncation_is_detected() {
    let intact = create_collection();
    let db = Path::new("records/db");
    let length = fs::metadata(intact.path().join(db)).unwrap().len();
    assert!(length > 3 << 20, "{length}");
    for lost in [1, 500, 64 << 10, 256 << 10, 700 << 10, 1 << 20, 2 << 20, 3 << 20, length - 100, length] {
        for with_snapshots in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            copy(intact.path(), dir.path());
            let file = OpenOptions::new().write(true).open(dir.path().join(db)).unwrap();
            file.set_len(length - lost).unwrap();
            if !with_snapshots {
                remove_snapshots(dir.path());
            }
            let detected = is_detected(read_all(dir.path()), &format!("{lost} bytes lost"));
            assert!(detected || lost < 1 << 20, "{lost} bytes lost, snapshots {with_snapshots}");
        }
    }
}

fn remove_snapshots(collection: &Path) {
    for entry in fs::read_dir(collection.join("records")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[test]
fn damage_by_flipped_bytes_is_detected_or_harmless() {
    let intact = create_collection();
    let mut random = Random::from_clock();
    let mut detected = 0;
    for round in 0..24 {
        let dir = tempfile::tempdir().unwrap();
        copy(intact.path(), dir.path());
        let records = fs::read_dir(dir.path().join("records")).unwrap().map(|e| e.unwrap().path());
        let mut files: Vec<_> = records.filter(|path| path.is_file()).collect();
        files.sort();
        let snapshot = files.iter().find(|path| path.to_string_lossy().contains("snap.")).cloned();
        let file = match snapshot {
            Some(snapshot) if round % 6 == 5 => snapshot,
            _ => dir.path().join("records/db"),
        };
        let mut bytes = fs::read(&file).unwrap();
        for _ in 0..1 + round % 3 {
            let offset = random.below(bytes.len() as u64) as usize;
            bytes[offset] ^= 1 << random.below(8);
        }
        fs::write(&file, bytes).unwrap();
        detected += u32::from(is_detected(read_all(dir.path()), &format!("round {round}, {}", file.display())));
    }
    assert!(detected > 0, "not one of 24 was noticed");
}

#[test]
fn damage_of_half_a_snapshot_is_cleared() {
    let intact = create_collection();
    let half = intact.path().join("records/snap.00000000000FFFFF.generating");
    fs::write(&half, b"half").unwrap();
    assert_eq!(read_all(intact.path()).unwrap(), []);
    assert!(!half.exists());
}

#[test]
fn loss_of_the_tail_is_refused_unless_accepted() {
    let intact = create_collection();
    let older = tempfile::tempdir().unwrap();
    copy(intact.path(), older.path());
    let store = Store::open(intact.path(), WAIT).unwrap();
    store.remove(&id("0")).unwrap();
    let last = store.put(&document("new", "new", 1, 32)).unwrap();
    store.flush().unwrap();
    drop(store);

    fs::copy(intact.path().join("head"), older.path().join("head")).unwrap();
    match Store::open(older.path(), WAIT) {
        Err(Error::RecordsBehind { expected, found, .. }) => assert_eq!((expected, found), (DOCUMENTS + 2, DOCUMENTS)),
        other => panic!("{other:?}"),
    }
    let accept = OpenMode { accept_loss: true, ..WAIT };
    drop(Store::open(older.path(), accept).unwrap());
    assert!(Store::open(older.path(), WAIT).is_err(), "looking accepts nothing");
    let store = Store::open(older.path(), accept).unwrap();
    let loss = store.loss().unwrap();
    assert_eq!((loss.acknowledged.unwrap().sequence, loss.found.sequence), (DOCUMENTS + 2, DOCUMENTS));
    assert_eq!(store.verify().unwrap(), []);
    store.flush().unwrap();
    drop(store);

    let store = Store::open(older.path(), WAIT).unwrap();
    assert_eq!(store.loss(), None);
    let again = store.put(&document("again", "again", 1, 32)).unwrap();
    assert!(again.sequence > last.sequence && again.document > last.document);
    assert!(again.passages[0] > last.passages[0], "a lost number is not given again");
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn loss_of_everything_is_refused_then_the_store_starts_again() {
    let intact = create_collection();
    fs::remove_dir_all(intact.path().join("records")).unwrap();
    assert!(matches!(
        Store::open(intact.path(), WAIT),
        Err(Error::RecordsBehind { expected: DOCUMENTS, found: 0, .. })
    ));
    let store = Store::open(intact.path(), OpenMode { accept_loss: true, ..WAIT }).unwrap();
    assert_eq!(store.settings(), Settings::of_dimension(32));
    assert_eq!(store.counts().documents, 0);
    let put = store.put(&document("0", &text(0), 0, 32)).unwrap();
    assert_eq!((put.document, put.passages[0]), (DOCUMENTS, PassageId(DOCUMENTS)));
    store.flush().unwrap();
    drop(store);
    let store = Store::open(intact.path(), WAIT).unwrap();
    assert_eq!(store.counts().documents, 1);
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn head_that_is_lost_or_garbled_is_detected() {
    for garbled in [None, Some("{\"format\":1,")] {
        let dir = tempfile::tempdir().unwrap();
        let store = create(dir.path(), 2);
        store.put(&document("d", "x", 1, 2)).unwrap();
        store.flush().unwrap();
        drop(store);
        match garbled {
            Some(text) => fs::write(dir.path().join("head"), text).unwrap(),
            None => fs::remove_file(dir.path().join("head")).unwrap(),
        }
        assert!(matches!(Store::open(dir.path(), WAIT), Err(Error::RecordsDamaged { .. })));
        let store = Store::open(dir.path(), OpenMode { accept_loss: true, ..WAIT }).unwrap();
        assert_eq!(store.loss().map(|loss| loss.acknowledged), Some(None));
        store.flush().unwrap();
        drop(store);
        assert_eq!(Store::open(dir.path(), WAIT).unwrap().counts().documents, 1);
    }
}

#[test]
fn create_that_was_interrupted_can_be_repeated() {
    let dir = tempfile::tempdir().unwrap();
    drop(create(dir.path(), 2));
    fs::remove_file(dir.path().join("head")).unwrap();
    assert!(matches!(Store::open(dir.path(), WAIT), Err(Error::CollectionMissing { .. })));
    drop(create(dir.path(), 3));
    assert_eq!(Store::open(dir.path(), WAIT).unwrap().settings().dimension, 3);
}
