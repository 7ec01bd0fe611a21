//! A disk that fills up: a clear error, and nothing acknowledged is lost.
//!
//! The disk is a small tmpfs in a mount namespace of the child, which ends with the child.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use nigh::{Collection, Document, Error};

use crate::support::{Place, Random, assert_sound, exported, ignored_test, text};

/// The variable with the parent's place; the child's disk is mounted on its `disk`.
const PLACE: &str = "NIGH_TEST_FULL_DISK";
/// The exit code of the shell if it may not mount.
const REFUSED: i32 = 77;

#[test]
fn full_disk_keeps_committed_documents() {
    let allowed = |arguments: &[&str]| {
        let probe = Command::new("unshare").args(arguments).arg("true").stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    };
    // Root needs no user namespace, and may not get one; other users need it.
    let Some(namespace) = [["--mount"].as_slice(), &["--mount", "--map-root-user"]].into_iter().find(|a| allowed(a))
    else {
        crate::support::real::skipped("unshare cannot make a mount namespace here");
        return;
    };
    let place = Place::new();
    let disk = place.path("disk");
    fs::create_dir(&disk).unwrap();
    let inner = ignored_test("full_disk::child");
    let script = format!("mount -t tmpfs -o size=14m tmpfs \"$0\" || exit {REFUSED}; exec \"$@\"");
    let mut outer = Command::new("unshare");
    outer.args(namespace).args(["sh", "-c", &script]).arg(&disk).arg(inner.get_program()).args(inner.get_args());
    let output = outer.env(PLACE, place.root()).output().unwrap();
    let message = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(REFUSED) {
        crate::support::real::skipped(&format!("a tmpfs cannot be mounted here: {message}"));
        return;
    }
    assert!(output.status.success() && message.contains("the disk was full and is not any more"), "{message}");
    print!("{message}");
}

/// Returns a text that hardly compresses, so that the disk fills.
fn long_text(seed: u64) -> String {
    let mut random = Random(seed);
    (0..40_000).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
}

fn open(place: &Place) -> Result<Collection, Error> {
    place.options().passage_tokens(8).open(place.path("disk/notes.nigh"))
}

fn assert_holds(collection: &Collection, acknowledged: &BTreeMap<String, String>) {
    for (id, text) in acknowledged {
        assert_eq!(&collection.document(id).unwrap().unwrap_or_else(|| panic!("{id} is lost")).text, text);
    }
}

fn assert_clear(error: &Error) {
    let message = error.to_string();
    assert!(
        matches!(error, Error::Io { .. }) && message.contains("free some space") && !message.contains('\n'),
        "{error:?}"
    );
    assert!(!error.is_corruption());
}

#[test]
#[ignore = "the child of the test above"]
fn child() {
    let Some(root) = std::env::var_os(PLACE) else { return };
    let place = Place::at(root);
    let filler = place.path("disk/filler");
    fs::write(&filler, vec![1; 7 << 20]).unwrap();
    let collection = open(&place).unwrap();
    let mut acknowledged = BTreeMap::new();
    let mut failed = None;
    for i in 0..1_000 {
        let (id, text) = (format!("doc {}", i % 700), long_text(i));
        // A new writer each time, as in a program that continues after an error.
        let mut writer = collection.writer().unwrap();
        let done = writer.upsert(Document::new(id.as_str(), text.as_str())).and_then(|()| writer.commit());
        match done {
            Ok(_) => drop(acknowledged.insert(id, text)),
            Err(error) => {
                failed = Some((id, error));
                break;
            }
        }
    }
    let (unsure, error) = failed.expect("14 MB hold all that");
    println!("after {} documents: {error}", acknowledged.len());
    assert_clear(&error);
    assert!(acknowledged.len() > 10);
    // The disk has no space for another document, whether the records or the published files need it.
    let mut writer = collection.writer().unwrap();
    let more = (0..50).try_for_each(|i| writer.upsert(Document::new(format!("x{i}"), long_text(i))));
    assert_clear(&more.and_then(|()| writer.commit()).unwrap_err());
    drop(writer);
    drop(collection);

    // On the full disk the collection opens or gives a clear error, and so does indexing a folder.
    for i in 0..10 {
        place.write(&format!("{i}.md"), text::markdown(i, 40));
    }
    match open(&place) {
        Ok(collection) => {
            assert_holds(&collection, &acknowledged);
            let mut writer = collection.writer().unwrap();
            let done = writer.index_folder(place.docs()).run();
            println!(
                "a folder on the full disk: {}",
                done.as_ref().map_or_else(ToString::to_string, |r| format!("{r:?}"))
            );
            assert_clear(&done.expect_err("the disk is full"));
        }
        Err(error) => {
            println!("opening on the full disk: {error}");
            assert_clear(&error);
        }
    }

    fs::remove_file(&filler).unwrap();
    let collection = open(&place).unwrap();
    assert_sound(&collection);
    assert_holds(&collection, &acknowledged);
    let half = collection.document(&unsure).unwrap();
    assert!(half.is_none_or(|half| half.text.len() == 40_000), "half a document");
    place.index(&collection);
    assert_holds(&collection, &acknowledged);
    assert_sound(&collection);
    let fresh = place.options().passage_tokens(8).open(place.path("fresh.nigh")).unwrap();
    place.index(&fresh);
    let of_files: Vec<_> = exported(&collection).into_iter().filter(|document| document.id.ends_with(".md")).collect();
    assert!(of_files == exported(&fresh), "not what a fresh index has");
    println!("the disk was full and is not any more");
}
