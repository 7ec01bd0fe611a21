//! The stored fixtures of every format: a store that an earlier build wrote is migrated, opens, and has its old content.

use std::fs::File;
use std::path::PathBuf;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::super::keys;
use super::super::tree::{Batch, Tree};
use super::*;
use crate::error::Error;

/// Returns the path of a format's fixture.
fn fixture(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(version).join("fixture.tar.gz")
}

/// The folder of the current format.
const NEWEST: &str = "v0003_identity";

/// Unpacks a fixture into a temporary folder.
fn unpack(version: &str) -> tempfile::TempDir {
    assert!(fixture(version).metadata().unwrap().len() < 50_000);
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(GzDecoder::new(File::open(fixture(version)).unwrap())).unpack(dir.path()).unwrap();
    dir
}

fn settings() -> Settings {
    Settings {
        model: Some(ModelIdentity {
            name: "测试 model".into(),
            fingerprint: "00ff".into(),
            path: "/models/测试".into(),
        }),
        cuts: Cuts::Blocks,
        passage_tokens: Some(128),
        old_passages_until: 0,
        overlap_tokens: Some(16),
        created_unix: 1_790_000_000,
        ..Settings::of_dimension(8)
    }
}

const CHINESE: &str = "# 池化\n\n句向量是词向量的平均。\n";
const CODE: &str = "fn main() {}\n";

fn chinese() -> SplitDocument {
    SplitDocument {
        id: id("笔记/池化.md"),
        text: CHINESE.to_owned(),
        syntax: Syntax::Markdown,
        metadata: Metadata::from([("lang".into(), "zh".into()), ("年".into(), 2026.into())]),
        stamp: Some(FileStamp {
            size: 46,
            modified_ns: 1_790_000_000_123_456_789,
            checked_ns: 1_790_000_001_000_000_000,
            changed_ns: 1_790_000_000_200_000_000,
            inode: 4_711,
        }),
        content_hash: [0xab; 32],
        passages: vec![SplitPassage {
            span: Span { bytes: 10..CHINESE.len(), lines: 3..4 },
            context: Context::of_headings(vec!["池化".to_owned()]),
            hash: [0xcd; 16],
            vector: PassageVector::New(vec![0.5, -0.25, 0.0, 1.0, 0.125, -1.0, 0.75, 2.0]),
        }],
    }
}

/// Longer than one piece, in two passages.
fn english() -> SplitDocument {
    let text = "Mean pooling averages the token states. ".repeat(120);
    let middle = 2000;
    let mut new = document("notes/pooling.txt", &text, 7, 8);
    new.syntax = Syntax::Plain;
    new.metadata.clear();
    new.stamp = None;
    new.passages = vec![
        passage(0..middle, PassageVector::New(vector(1, 8))),
        passage(middle..text.len(), PassageVector::New(vector(2, 8))),
    ];
    new
}

/// Adds the values that format 1 could not store for [`english`].
fn with_places(mut new: SplitDocument) -> SplitDocument {
    let place = Some(Place::new(PlaceKind::Row, 17).named("预算"));
    let metadata = r#"{"city":"上海"}"#.to_owned();
    new.passages[1].context = Context { place, metadata, ..new.passages[1].context.clone() };
    new
}

fn rst() -> SplitDocument {
    SplitDocument { syntax: Syntax::Rst, passages: Vec::new(), ..document("ü.rst", "Title\n=====\n", 11, 8) }
}

/// Makes the fixture, for the folder of a new format only: a stored fixture never changes.
/// `cargo test -p nigh --lib records::tests::fixture::write_fixture -- --ignored`
#[test]
#[ignore = "writes the fixture of a new format"]
fn write_fixture() {
    assert!(!fixture(NEWEST).exists(), "a stored fixture never changes; delete it if its format was never released");
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), settings()).unwrap();
    store.put(&chinese()).unwrap();
    store.put(&document("removed", "gone", 3, 8)).unwrap();
    let first = store.put(&english()).unwrap();
    store.flush().unwrap();
    store.remove(&id("removed")).unwrap();
    let mut again = with_places(english());
    again.passages[1].vector = PassageVector::Keep(first.passages[1]);
    store.put(&again).unwrap();
    store
        .put(&SplitDocument { syntax: Syntax::Code, passages: Vec::new(), ..document("main.rs", CODE, 9, 8) })
        .unwrap();
    store.put(&rst()).unwrap();
    store.flush().unwrap();
    drop(store);
    let out = GzEncoder::new(File::create(fixture(NEWEST)).unwrap(), Compression::best());
    let mut tar = tar::Builder::new(out);
    tar.append_dir_all(".", dir.path()).unwrap();
    tar.into_inner().unwrap().finish().unwrap();
}

#[test]
fn format_1_is_migrated_and_keeps_its_content() {
    let dir = unpack("v0001_initial");
    assert!(matches!(Store::open(dir.path(), WAIT), Err(Error::FormatOld { found: 1, newest: 3, .. })));
    assert_eq!(Store::migrate(dir.path(), WAIT.wait).unwrap(), (1, 3));
    let store = Store::open(dir.path(), WAIT).unwrap();
    check_migrated(&store, 6, &english());
    assert_eq!(Store::migrate(dir.path(), Duration::ZERO).unwrap_err().to_string(), locked_message(dir.path()));
    drop(store);
    assert_eq!(Store::migrate(dir.path(), WAIT.wait).unwrap(), (3, 3));
}

#[test]
fn format_2_is_migrated_and_gets_an_id_once() {
    let (dir, other) = (unpack("v0002_places"), unpack("v0002_places"));
    assert_eq!(Store::migrate(dir.path(), WAIT.wait).unwrap(), (2, 3));
    let store = Store::open(dir.path(), WAIT).unwrap();
    let assigned_id = check_migrated(&store, 7, &with_places(english()));
    drop(store);
    assert_eq!(Store::open(dir.path(), WAIT).unwrap().settings().id, assigned_id, "it stays");
    assert_eq!(Store::head_identity(dir.path()).unwrap().as_deref(), Some(assigned_id.as_str()));
    Store::migrate(other.path(), WAIT.wait).unwrap();
    assert_ne!(Store::open(other.path(), WAIT).unwrap().settings().id, assigned_id);
}

/// Checks a store that was migrated. Returns the identity that it got.
fn check_migrated(store: &Store, sequence: u64, english: &SplitDocument) -> String {
    let assigned_id = store.settings().id;
    assert!(
        assigned_id.len() == 32
            && assigned_id != settings().id
            && assigned_id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{assigned_id}"
    );
    let known = chinese().stamp.map(|stamp| FileStamp { changed_ns: 0, inode: 0, ..stamp });
    // Opening the store acknowledged it again, in the new format.
    check_content(store, &Settings { id: assigned_id.clone(), ..settings() }, 4, sequence, english, known);
    assigned_id
}

fn locked_message(path: &Path) -> String {
    Error::Locked { path: path.to_path_buf(), holder: Some(std::process::id()) }.to_string()
}

#[test]
fn format_3_keeps_its_content() {
    let dir = unpack(NEWEST);
    let store = Store::open(dir.path(), WAIT).unwrap();
    check_content(&store, &settings(), 3, 7, &with_places(english()), chinese().stamp);
    let stored = store.document(&id("ü.rst")).unwrap().unwrap();
    assert_eq!((stored.number, stored.syntax), (4, Syntax::Rst));
}

#[test]
fn migration_refuses_a_garbled_passage() {
    let dir = unpack("v0001_initial");
    {
        let tree = Tree::open(&dir.path().join("records")).unwrap();
        let (key, value) = tree.scan(&[keys::PASSAGES]).next().unwrap().unwrap();
        let mut batch = Batch::default();
        batch.insert(key, &value[..value.len() - 1]);
        tree.apply(batch).unwrap();
        tree.flush().unwrap();
    }
    let migrated = Store::migrate(dir.path(), WAIT.wait);
    assert!(matches!(migrated, Err(Error::RecordsDamaged { .. })), "{migrated:?}");
    assert!(matches!(Store::open(dir.path(), WAIT), Err(Error::FormatOld { .. })), "it stays what it was");
}

/// Checks the documents of every fixture; `english`, and the stamp of `chinese`, are as its format could store them.
fn check_content(
    store: &Store,
    made_with: &Settings,
    generation: u64,
    sequence: u64,
    english: &SplitDocument,
    stamp: Option<FileStamp>,
) {
    let documents = sequence - 3;
    assert_eq!(&store.settings(), made_with);
    assert_eq!(store.counts(), Counts { sequence, documents, passages: 3 });
    let head = store.head().unwrap();
    let counted = (head.sequence, head.documents, head.passages, head.generation);
    assert_eq!((head.format, counted), (FORMAT_CURRENT, (sequence, documents, 3, generation)));
    assert_eq!((head.next_document, head.next_passage), (documents + 1, 5));

    let chinese = SplitDocument { stamp, ..chinese() };
    let expected = [(0, 1, chinese, vec![0]), (2, 5, english.clone(), vec![4, 3])];
    for (number, sequence, new, passages) in expected {
        let stored = store.document(&new.id).unwrap().unwrap();
        assert_eq!((stored.number, stored.sequence, stored.syntax), (number, sequence, new.syntax));
        assert_eq!((stored.metadata, stored.stamp), (metadata_json(&new.metadata), new.stamp));
        assert_eq!(stored.content_hash, new.content_hash);
        assert_eq!(store.whole_text(number).unwrap(), new.text);
        for ((stored, new), passage) in stored.passages.iter().zip(&new.passages).zip(passages) {
            assert_eq!((stored.id.0, &stored.span), (passage, &new.span));
            assert_eq!((&stored.context, stored.hash), (&new.context, new.hash));
            let PassageVector::New(vector) = &new.vector else { panic!("{new:?}") };
            assert_eq!(store.vector(stored.id).unwrap().as_ref(), Some(vector));
        }
    }
    let code = store.document(&id("main.rs")).unwrap().unwrap();
    assert_eq!((code.number, code.syntax, code.passages.len()), (3, Syntax::Code, 0));
    assert_eq!(store.whole_text(3).unwrap(), CODE);
    let changes = store.changes_since(0, 10).unwrap();
    let log: Vec<_> = changes.iter().map(|c| (c.sequence, c.document, c.id.as_str(), c.removed)).collect();
    let log_expected = [
        (1, 0, "笔记/池化.md", false),
        (4, 1, "removed", true),
        (5, 2, "notes/pooling.txt", false),
        (6, 3, "main.rs", false),
        (7, 4, "ü.rst", false),
    ];
    assert_eq!(log, log_expected[..documents as usize + 1]);
    assert_eq!(store.verify().unwrap(), []);
}
