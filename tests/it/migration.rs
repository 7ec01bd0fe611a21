//! A complete collection of an older version: searched as it is, migrated with equal content, its lexical index rebuilt.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
#[cfg(feature = "lexical")]
use nigh::Mode;
use nigh::{Collection, CollectionOptions, Document, Error, Trust, TrustList};

/// Unpacks the collection of format 2, with the export of the version that made it.
fn unpack_fixture() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/v0003_identity/collection.tar.gz");
    tar::Archive::new(GzDecoder::new(File::open(fixture).unwrap())).unpack(folder.path()).unwrap();
    let (path, exported) = (folder.path().join("collection"), fs::read_to_string(folder.path().join("export.jsonl")));
    (folder, path, exported.unwrap())
}

fn export_lines(collection: &Collection) -> String {
    let mut lines = String::new();
    for document in collection.export().vectors(true).run().unwrap() {
        let line = serde_json::to_string(&document.unwrap()).unwrap();
        // Removes fields that the exports of that version did not have.
        let (before, rest) = line.split_once("\"text_hash\":\"").unwrap();
        lines += &format!("{before}{}\n", rest.split_once("\",").unwrap().1);
    }
    lines
}

fn search_ids(collection: &Collection) -> Vec<String> {
    let hits = collection.search_by_vector(vec![0.5, 0.5, -0.5, 0.5]).limit(3).run().unwrap();
    hits.hits.into_iter().map(|hit| hit.document.id.to_string()).collect()
}

#[test]
fn migration_of_the_previous_format_gives_an_identity() {
    let (_folder, path, before) = unpack_fixture();
    let reader = Collection::open_read_only(&path).unwrap();
    assert_eq!((export_lines(&reader), search_ids(&reader)[0].as_str()), (before.clone(), "notes/b.txt"));
    drop(reader);
    assert!(matches!(Collection::open(&path), Err(Error::FormatOld { found: 2, newest: 3, .. })));

    let migrated = || Collection::migrate(&path).map(|change| (change.from, change.to)).unwrap();
    assert_eq!(migrated(), (2, 3));
    assert_eq!(migrated(), (3, 3), "nothing is left to do");
    let collection = Collection::open(&path).unwrap();
    assert_eq!(export_lines(&collection), before, "texts, hashes and vectors are the same bytes");
    assert_eq!((search_ids(&collection)[0].as_str(), collection.verify().unwrap()), ("notes/b.txt", Vec::new()));
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("new", "new").with_vector(vec![0.0, 0.0, 0.0, 1.0])).unwrap();
    writer.commit().unwrap();
    assert_eq!(collection.status().unwrap().documents, 4);

    let mode = |name: &str| fs::metadata(path.join(name)).unwrap().mode() & 0o777;
    assert_eq!((mode(""), mode("records"), mode("published")), (0o700, 0o700, 0o700));
    assert_eq!((mode("head"), mode("records/db"), mode("published/CURRENT")), (0o600, 0o600, 0o600));
}

#[test]
fn migrated_collection_is_trusted_on_request() {
    let (folder, path, _) = unpack_fixture();
    let list = TrustList::at(folder.path().join("data"));
    let open = || CollectionOptions::new().trust(Trust::Listed(list.clone())).open(&path).unwrap().is_trusted();
    Collection::migrate(&path).unwrap();
    assert!(!open());
    list.add(&path).unwrap();
    assert!(open());
}

/// The fixture is from `nigh import --dimension 4` of the version whose lexical index had format 1.
#[cfg(feature = "lexical")]
#[test]
fn lexical_index_of_an_older_version_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/words-1.tar.gz");
    tar::Archive::new(GzDecoder::new(File::open(fixture).unwrap())).unpack(folder.path()).unwrap();
    let path = folder.path().join("collection");
    let words = |collection: &Collection| {
        let hits = collection.search("2.1.0").mode(Mode::Lexical).run()?.hits;
        Ok::<_, Error>(hits.into_iter().map(|hit| hit.document.id.to_string()).collect::<Vec<_>>())
    };
    let reader = Collection::open_read_only(&path).unwrap();
    let before = export_lines(&reader);
    let Err(error @ Error::IndexDamaged { .. }) = words(&reader) else { panic!("old words were read as new ones") };
    let message = error.to_string();
    assert!(message.contains("segment-00000000") && message.contains("rebuild the collection"), "{message}");

    let collection = Collection::open(&path).unwrap();
    assert_eq!(words(&collection).unwrap(), ["notes/a.md", "notes/b.md"]);
    assert_eq!((export_lines(&collection), collection.verify().unwrap()), (before, Vec::new()));
    drop(collection);
    assert_eq!(words(&Collection::open_read_only(&path).unwrap()).unwrap()[0], "notes/a.md");
}
