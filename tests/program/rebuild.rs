//! `nigh verify` reports damage, and `nigh rebuild` repairs it.

use std::fs;
use std::path::{Path, PathBuf};

use nigh::{Collection, CollectionOptions, Document};

use crate::support::command::{code, err, out, run};
use crate::support::{Place, Random, exported};

/// Documents with vectors in three commits; later ones replace some of the earlier.
fn filled(path: &Path) -> Collection {
    let collection = CollectionOptions::new().dimension(8).open(path).unwrap();
    let mut random = Random(7);
    for (names, seed) in [(0..40, 1), (35..77, 2), (0..3, 3)] {
        let mut writer = collection.writer().unwrap();
        for name in names {
            let vector = (0..8).map(|_| random.normal() as f32).collect();
            let text = format!("文 {name} of {seed}");
            writer.upsert(Document::new(format!("文 {name}"), text).with_vector(vector)).unwrap();
        }
        writer.commit().unwrap();
    }
    collection
}

fn a_segment(path: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> =
        fs::read_dir(path.join("published")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().find(|file| !file.ends_with("CURRENT")).unwrap()
}

#[test]
fn verify_reports_damage_and_rebuild_repairs_it() {
    let place = Place::new();
    let path = place.path("v");
    let before = exported(&filled(&path));
    let nigh = |command: &str| -> (i32, String, String) {
        let output = run(place.root(), &[command, "--collection", "v"]);
        (code(&output), out(&output), err(&output))
    };
    let (ended, message, _) = nigh("verify");
    assert_eq!((ended, message.as_str()), (0, "OK: 77 documents, 77 passages checked, no damage.\n"));

    let segment = a_segment(&path);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[5000] ^= 1;
    fs::remove_file(&segment).unwrap();
    fs::write(&segment, bytes).unwrap();
    let (ended, message, wrong) = nigh("verify");
    let named = segment.file_name().unwrap().to_str().unwrap();
    assert!(ended == 2 && message.contains(named) && wrong.contains("nigh rebuild"), "{ended}: {message} {wrong}");
    let (ended, message, wrong) = nigh("rebuild");
    assert!(
        ended == 0 && message.contains("the published index from the records") && message.contains("77 documents"),
        "{ended}: {message} {wrong}"
    );
    assert_eq!(nigh("verify").0, 0);

    let database = path.join("records/db");
    let length = fs::metadata(&database).unwrap().len() as usize;
    fs::write(&database, vec![0xa7; length]).unwrap();
    fs::write(path.join("records/conf"), "no such thing").unwrap();
    let (ended, message, wrong) = nigh("verify");
    assert!(ended == 2 && message.contains("records") && wrong.contains("nigh rebuild"), "{ended}: {message} {wrong}");
    assert_eq!(nigh("status").0, 0, "readers need no records");
    let (ended, message, wrong) = nigh("rebuild");
    assert!(ended == 0 && message.contains("the records from the published index"), "{ended}: {message} {wrong}");
    assert_eq!(nigh("verify").0, 0);
    assert_eq!(exported(&Collection::open_read_only(&path).unwrap()), before);

    fs::rename(&path, place.path("away")).unwrap();
    let (ended, _, wrong) = nigh("rebuild");
    assert!(ended == 2 && wrong.lines().count() == 1, "{ended}: {wrong}");
}
