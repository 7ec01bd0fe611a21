//! Documents of any size read back as they were stored; a document that cannot be stored is refused.

use std::sync::Arc;

use super::super::codec::PIECE_BYTES;
use super::super::keys;
use super::super::tree::{Batch, Tree};
use super::*;
use crate::error::Error;

#[test]
fn document_reads_back_as_it_was_put() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 6);
    let text = "平均池化 mean pooling。\n".repeat(2000);
    let middle = text.char_indices().nth(9000).unwrap().0;
    let mut new = document("笔记/池化.md", &text, 3, 6);
    new.metadata.insert("deep".to_owned(), serde_json::json!({"列表": [1, 2.5, null, "x".repeat(9000)]}));
    new.passages = vec![
        passage(0..middle, PassageVector::New(vector(1, 6))),
        passage(middle..text.len(), PassageVector::New(vector(2, 6))),
    ];
    new.passages[1].context = Context {
        headings: vec!["章".repeat(5000), "节".to_owned()],
        place: Some(Place::new(PlaceKind::Row, 12).named("预算")),
        metadata: r#"{"城市":"上海"}"#.to_owned(),
    };
    let put = store.put(&new).unwrap();
    assert_eq!((put.sequence, put.document, put.removed.len()), (1, 0, 0));
    store.flush().unwrap();
    drop(store);

    let store = Store::open(dir.path(), WAIT).unwrap();
    let stored = store.document(&new.id).unwrap().unwrap();
    assert_eq!(stored.number, put.document);
    assert_eq!((&stored.id, stored.syntax, &*stored.metadata), (&new.id, new.syntax, &*metadata_json(&new.metadata)));
    assert_eq!((stored.stamp, stored.content_hash, &stored.text), (new.stamp, new.content_hash, &text));
    for (ordinal, (found, put_in)) in stored.passages.iter().zip(&new.passages).enumerate() {
        assert_eq!((&found.span, &found.context, found.hash), (&put_in.span, &put_in.context, put_in.hash));
        let shown = store.found(0, ordinal as u32).unwrap().unwrap();
        assert_eq!((&shown.document, &shown.metadata, shown.passages), (&new.id, &new.metadata, 2));
        assert_eq!((shown.passage.id, &shown.passage.context), (found.id, &found.context));
        assert_eq!(shown.text, text[found.span.bytes.clone()]);
        assert_eq!(store.text(0, found.span.bytes.clone()).unwrap(), text[found.span.bytes.clone()]);
    }
    assert_eq!((store.found(0, 2).unwrap(), store.found(1, 0).unwrap()), (None, None));
    assert_eq!(store.whole_text(0).unwrap(), text);
    assert_eq!(store.vector(put.passages[1]).unwrap().unwrap(), vector(2, 6));
    assert_eq!(store.vector(PassageId(99)).unwrap(), None);
    assert_eq!(store.document(&id("other")).unwrap(), None);
    assert_eq!(store.counts(), Counts { sequence: 1, documents: 1, passages: 2 });
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn text_reads_back_by_any_byte_range() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 1);
    for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
        // A character of three bytes lies across the end of every piece.
        let mut text = "a".repeat(length % 3);
        text.push_str(&"文".repeat(length / 3));
        let mut new = document("t", &text, 1, 1);
        new.passages.clear();
        let number = store.put(&new).unwrap().document;
        assert_eq!(store.whole_text(number).unwrap(), text);
        for start in (0..=text.len()).filter(|&i| text.is_char_boundary(i) && (i < 9 || i % PIECE_BYTES < 4)) {
            for end in (start..=text.len()).filter(|&i| text.is_char_boundary(i) && i % PIECE_BYTES < 7) {
                assert_eq!(store.text(number, start..end).unwrap(), text[start..end]);
            }
        }
        let beyond = text.len()..text.len() + 1;
        assert!(matches!(store.text(number, beyond), Err(Error::InvalidInput { .. })));
    }
    let number = store.document(&id("t")).unwrap().unwrap().number;
    assert!(matches!(store.text(number, 1..3), Err(Error::InvalidInput { .. })), "inside a character");
    assert!(matches!(store.whole_text(77), Err(Error::DocumentMissing { .. })));
}

#[test]
fn kept_passages_keep_ids_and_vectors() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 4);
    let mut new = document("d", "abcdef", 1, 4);
    new.passages = (0..3).map(|i| passage(i..i + 1, PassageVector::New(vector(i as u64, 4)))).collect();
    let first = store.put(&new).unwrap();

    new.passages = vec![
        passage(0..2, PassageVector::New(vector(9, 4))),
        passage(2..3, PassageVector::Keep(first.passages[2])),
        passage(3..4, PassageVector::Keep(first.passages[0])),
    ];
    let second = store.put(&new).unwrap();
    assert_eq!((second.document, second.sequence), (first.document, 2));
    assert_eq!(second.passages, [PassageId(3), first.passages[2], first.passages[0]]);
    assert_eq!(second.removed, [first.passages[1]]);
    assert_eq!(store.vector(first.passages[2]).unwrap().unwrap(), vector(2, 4));
    assert_eq!(store.vector(first.passages[1]).unwrap(), None);
    let all = all_vectors(&store);
    let places: Vec<_> = all.iter().map(|(passage, document, ordinal, _)| (passage.0, *document, *ordinal)).collect();
    assert_eq!(places, [(0, 0, 2), (2, 0, 1), (3, 0, 0)]);

    let before = store.counts();
    let stranger = store.put(&document("e", "x", 1, 4)).unwrap().passages[0];
    for bad in [vec![stranger], vec![first.passages[1]], vec![first.passages[0]; 2]] {
        new.passages = bad.into_iter().map(|id| passage(0..1, PassageVector::Keep(id))).collect();
        assert!(matches!(store.put(&new), Err(Error::InvalidDocument { .. })));
    }
    assert_eq!(store.counts().sequence, before.sequence + 1, "what is refused changes nothing");
    let removed = store.remove(&id("d")).unwrap().unwrap();
    assert_eq!(removed.removed, [PassageId(0), PassageId(2), PassageId(3)]);
    assert_eq!(store.remove(&id("d")).unwrap(), None);
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn document_that_cannot_be_stored_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 4);
    let good = document("d", "文字", 1, 4);
    let with = |span: Span, vector: Vec<f32>| {
        let passages =
            vec![SplitPassage { span, context: Context::default(), hash: [0; 16], vector: PassageVector::New(vector) }];
        SplitDocument { passages, ..good.clone() }
    };
    let span = |bytes, lines| Span { bytes, lines };
    let mut nested = serde_json::Value::Null;
    for _ in 0..500 {
        nested = serde_json::json!([nested]);
    }
    let bad = [
        with(span(0..3, 1..2), vec![0.0; 3]),
        with(span(0..3, 1..2), vec![f32::NAN, 0.0, 0.0, 0.0]),
        with(span(0..3, 1..2), vec![1e6, 0.0, 0.0, 0.0]),
        with(span(0..2, 1..2), vec![0.0; 4]),
        with(span(0..7, 1..2), vec![0.0; 4]),
        with(span(0..3, 0..2), vec![0.0; 4]),
        SplitDocument { metadata: Metadata::from([("deep".to_owned(), nested)]), ..good.clone() },
    ];
    for document in bad {
        let result = store.put(&document);
        assert!(matches!(result, Err(Error::InvalidDocument { .. })), "{:?} gave {result:?}", document.passages);
    }
    assert_eq!(store.counts(), Counts::default());
}

#[test]
fn dimension_of_0_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let created = Store::create(dir.path(), Settings::of_dimension(0));
    assert!(matches!(created, Err(Error::InvalidOptions { .. })));
}

#[test]
fn values_never_become_blob_files() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { precision: VectorPrecision::F32, ..Settings::of_dimension(2048) };
    let store = Store::create(dir.path(), settings).unwrap();
    let text = "五兆字节的文档 five megabytes ".repeat(140_000);
    assert!(text.len() > 5_000_000);
    let mut new = document("large", &text, 1, 2048);
    new.metadata.insert("notes".to_owned(), "x".repeat(300_000).into());
    new.passages = (0..40).map(|i| passage(i * 37..i * 37 + 37, PassageVector::New(vector(i as u64, 2048)))).collect();
    let number = store.put(&new).unwrap().document;
    store.put(&new).unwrap();
    for i in 0..200 {
        store.put(&document(&format!("{i}"), &"文".repeat(i * 20), i as u64, 2048)).unwrap();
    }
    store.flush().unwrap();
    assert_eq!(files_in(&dir.path().join("records/blobs")), 0);
    assert_eq!(store.whole_text(number).unwrap(), text);
    let all = all_vectors(&store);
    assert_eq!(all.len(), 240);
    let expected: Vec<u8> = vector(7, 2048).iter().flat_map(|n| n.to_le_bytes()).collect();
    assert!(all.iter().any(|(_, _, ordinal, bytes)| *ordinal == 7 && *bytes == expected));
    assert!(Store::size_in(store.collection()).unwrap() > 5_000_000);
    assert_eq!(store.verify().unwrap(), []);
    drop(store);
    let store = Store::open(dir.path(), WAIT).unwrap();
    assert_eq!(files_in(&dir.path().join("records/blobs")), 0);
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn scans_give_documents_stamps_and_changes() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 2);
    for i in 0..2500u64 {
        store.put(&document(&format!("文件/{i:04}"), "text", i, 2)).unwrap();
    }
    let stamp =
        FileStamp { size: 1, modified_ns: i64::MIN, checked_ns: i64::MAX, changed_ns: i64::MIN, inode: u64::MAX };
    assert!(store.restamp(&id("文件/0007"), Some(stamp)).unwrap());
    assert!(store.restamp(&id("文件/0008"), None).unwrap());
    assert!(!store.restamp(&id("missing"), None).unwrap());
    store.remove(&id("文件/0009")).unwrap();
    store.put(&document("文件/0010", "other", 1, 2)).unwrap();

    let mut stamps = Vec::new();
    let mut push = |document| {
        stamps.push(document);
        Ok(())
    };
    store.for_each_stamp(&mut push).unwrap();
    assert_eq!(stamps.len(), 2499);
    assert!(stamps.is_sorted_by(|a, b| a.id < b.id));
    assert_eq!((stamps[7].stamp, stamps[8].stamp, stamps[9].number), (Some(stamp), None, 10));

    let mut numbers = Vec::new();
    let mut number = |document: StoredDocument| {
        numbers.push(document.number);
        store.remove(&document.id).map(|_| ())
    };
    store.for_each_document(&mut number).unwrap();
    assert_eq!(numbers.len(), 2499, "removing from within the scan is allowed");
    assert_eq!(store.counts().documents, 0);

    store.put(&document("文件/0000", "again", 5, 2)).unwrap();
    let changes = store.changes_since(0, usize::MAX).unwrap();
    assert_eq!(changes.len(), 2501, "2,500 removals and one put");
    let last = changes.last().unwrap();
    assert_eq!((last.removed, last.document, last.sequence), (false, 2500, store.counts().sequence));
    assert_eq!(store.changes_since(last.sequence - 1, 9).unwrap(), std::slice::from_ref(last));
    assert_eq!(store.changes_since(0, 3).unwrap(), &changes[..3]);
    assert_eq!(store.changes_since(u64::MAX, 3).unwrap(), []);
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn lock_error_names_the_holder() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path(), 2);
    match Store::open(dir.path(), OpenMode::default()) {
        Err(Error::Locked { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    drop(store);
    Store::open(dir.path(), OpenMode::default()).unwrap();
}

#[test]
fn missing_store_is_not_opened_and_existing_one_is_not_created() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open(dir.path(), WAIT), Err(Error::CollectionMissing { .. })));
    drop(create(dir.path(), 2));
    let created = Store::create(dir.path(), Settings::of_dimension(2));
    assert!(matches!(created, Err(Error::CollectionExists { .. })));
}

#[test]
fn settings_are_stored_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let model = ModelIdentity { name: "e5".into(), fingerprint: "ab12".into(), path: "/模型/".repeat(1500) };
    let mut settings = Settings {
        model: Some(model),
        passage_tokens: Some(200),
        created_unix: 1_790_000_000,
        ..Settings::of_dimension(3)
    };
    let store = Store::create(dir.path(), settings.clone()).unwrap();
    drop(store);
    let store = Store::open(dir.path(), WAIT).unwrap();
    assert_eq!(store.settings(), settings);
    store.put(&document("d", "x", 1, 3)).unwrap();
    settings.overlap_tokens = Some(20);
    settings.model.as_mut().unwrap().path = "/short".into();
    store.set_settings(settings.clone()).unwrap();
    let other = Settings { dimension: 4, ..settings.clone() };
    assert!(matches!(store.set_settings(other), Err(Error::InvalidOptions { .. })));
    let head = store.flush().unwrap();
    assert_eq!((head.generation, head.sequence, head.documents, &head.settings), (2, 1, 1, &settings));
    drop(store);
    assert_eq!(Store::open(dir.path(), WAIT).unwrap().settings(), settings);
}

#[test]
fn format_that_is_too_new_or_too_old_is_refused() {
    for (format, too_new) in [(FORMAT_CURRENT + 1, true), (0, false)] {
        let dir = tempfile::tempdir().unwrap();
        drop(create(dir.path(), 2));
        assert_eq!(Store::migrate(dir.path(), WAIT.wait).unwrap(), (FORMAT_CURRENT, FORMAT_CURRENT));
        rewrite(dir.path(), |batch| batch.insert(keys::FORMAT, &format.to_le_bytes()));
        let (opened, migrated) = (Store::open(dir.path(), WAIT), Store::migrate(dir.path(), WAIT.wait));
        if too_new {
            assert!(matches!(opened, Err(Error::FormatTooNew { found: 4, newest: FORMAT_CURRENT, .. })));
            assert!(matches!(migrated, Err(Error::FormatTooNew { found: 4, .. })), "{migrated:?}");
        } else {
            assert!(matches!(opened, Err(Error::FormatTooOld { found: 0, .. })));
            assert!(matches!(migrated, Err(Error::FormatTooOld { found: 0, .. })));
        }
    }
}

#[test]
fn format_that_is_missing_or_garbled_is_damage() {
    for garbled in [None, Some(&b"\x01\x00"[..])] {
        let dir = tempfile::tempdir().unwrap();
        drop(create(dir.path(), 2));
        rewrite(dir.path(), |batch| match garbled {
            Some(bytes) => batch.insert(keys::FORMAT, bytes),
            None => batch.remove(keys::FORMAT),
        });
        assert!(matches!(Store::open(dir.path(), WAIT), Err(Error::RecordsDamaged { .. })));
    }
}

/// Changes rows without the store.
pub(super) fn rewrite(collection: &Path, change: impl FnOnce(&mut Batch)) {
    let tree = Tree::open(&collection.join("records")).unwrap();
    let mut batch = Batch::default();
    change(&mut batch);
    tree.apply(batch).unwrap();
    tree.flush().unwrap();
}

#[test]
fn verify_finds_every_missing_and_every_stray_row() {
    let whole = tempfile::tempdir().unwrap();
    let store = create(whole.path(), 2000);
    store.put(&document("a", &"长文".repeat(2000), 1, 2000)).unwrap();
    store.put(&document("b", "short", 2, 2000)).unwrap();
    store.flush().unwrap();
    drop(store);
    let rows: Vec<_> = {
        let tree = Tree::open(&whole.path().join("records")).unwrap();
        tree.scan(&[]).collect::<crate::error::Result<_>>().unwrap()
    };
    let stored = rows.iter().filter(|(key, _)| key[0] != keys::META);
    let mut tried = 0;
    for (key, value) in stored {
        let mut stray = key.to_vec();
        stray[8.min(key.len() - 1)] ^= 0x40;
        for what in ["missing", "stray", "cut"] {
            let dir = tempfile::tempdir().unwrap();
            copy(whole.path(), dir.path());
            rewrite(dir.path(), |batch| match what {
                "missing" => batch.remove(key),
                "stray" => batch.insert(stray.clone(), value),
                _ => batch.insert(key, &value[..value.len() - 1]),
            });
            let store = Store::open(dir.path(), WAIT).unwrap();
            assert_ne!(store.verify().unwrap(), [], "{what}: {key:?}");
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn threads_see_whole_documents() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(create(dir.path(), 2));
    // Each version has one character, which its passage's hash and its metadata also contain.
    let version = |n: u64| {
        let character = char::from(b'a' + (n % 26) as u8);
        let mut new = document("d", &character.to_string().repeat(10 + (n as usize * 997) % 9000), n % 26, 2);
        new.passages[0].hash = [(n % 26) as u8; 16];
        new
    };
    store.put(&version(0)).unwrap();
    std::thread::scope(|scope| {
        let reader = || {
            for _ in 0..300 {
                let stored = store.document(&id("d")).unwrap().unwrap();
                let n = stored.metadata.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap();
                assert_eq!((stored.passages.len(), stored.passages[0].hash), (1, [n as u8; 16]));
                assert_eq!(stored.passages[0].span.bytes.end, stored.text.len());
                let text = store.whole_text(0).unwrap();
                assert!(stored.text.bytes().all(|b| b == b'a' + n as u8));
                assert!(text.bytes().all(|b| b == text.as_bytes()[0]));
                let mut seen = 0;
                let mut count = |_: StoredVector<'_>| {
                    seen += 1;
                    Ok(())
                };
                store.for_each_vector(&mut count).unwrap();
                assert_eq!(seen, 1);
            }
        };
        let readers = [scope.spawn(reader), scope.spawn(reader)];
        let mut n = 0;
        while readers.iter().any(|r| !r.is_finished()) {
            n += 1;
            store.put(&version(n)).unwrap();
            if n % 50 == 0 {
                store.flush().unwrap();
            }
        }
    });
    assert_eq!(store.verify().unwrap(), []);
}
