//! A collection whose passages are made again by another rule: the same as one made with that rule, whole after every interruption.

use std::cell::Cell;
use std::fs;

use nigh::{Cancel, Collection, CollectionOptions, Cuts, Document, Error, FolderOptions};

use crate::support::{Place, assert_sound, exported, found, text};

const FILES: u64 = 10;

/// A folder, and a collection of it with passages of this length.
fn indexed(tokens: usize) -> (Place, Collection) {
    let place = Place::new();
    for seed in 0..FILES {
        place.write(&format!("{seed}.md"), text::markdown(seed, 5));
    }
    let collection = place.options().passage_tokens(tokens).open(place.path("changed")).unwrap();
    place.index(&collection);
    (place, collection)
}

/// Returns the texts of the passages of each document.
fn passages(collection: &Collection) -> Vec<(String, Vec<String>)> {
    let texts = |passages: Option<Vec<nigh::ExportedPassage>>, text: &str| {
        passages.unwrap().iter().map(|passage| text[passage.start_byte..passage.end_byte].to_owned()).collect()
    };
    exported(collection).into_iter().map(|document| (document.id, texts(document.passages, &document.text))).collect()
}

fn answers(collection: &Collection) -> Vec<Vec<(String, f32)>> {
    ["a dog and a cat", "head of the line", "pooling"].map(|q| found(collection.search(q).run().unwrap())).into()
}

#[test]
fn changed_collection_is_like_one_that_was_made_with_the_rule() {
    let (place, collection) = indexed(16);
    let short = passages(&collection);
    assert_eq!(collection.outdated_passages().unwrap().files, 0);
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("note", "A note that no file has. ".repeat(20))).unwrap();
    assert!(writer.change_passages(Some(40), Some(3)).unwrap());
    assert!(!writer.change_passages(Some(40), Some(3)).unwrap(), "nothing to change");
    drop(writer);

    // Nothing has another passage yet, and everything is found. Also a reader knows it.
    let of_files = |all: Vec<(String, Vec<String>)>| all.into_iter().filter(|(id, _)| id != "note").collect::<Vec<_>>();
    assert_eq!(of_files(passages(&collection)), short);
    let reader = place.options().read_only(true).open(place.path("changed")).unwrap();
    for handle in [&collection, &reader] {
        let outdated = handle.outdated_passages().unwrap();
        assert_eq!((outdated.files, outdated.other_documents), (FILES, 1));
        let status = handle.status().unwrap();
        assert_eq!((status.cuts, status.passage_tokens, status.overlap_tokens), (Cuts::Sections, Some(40), Some(3)));
    }
    drop(reader);

    // Indexing splits the files again, though none has changed; the next run does nothing.
    let report = place.index(&collection);
    assert_eq!((report.changed as u64, report.unchanged, report.removed), (FILES, 0, 0));
    let outdated = collection.outdated_passages().unwrap();
    assert_eq!((outdated.files, outdated.text_bytes, outdated.other_documents), (0, 0, 1));
    let report = place.index(&collection);
    assert_eq!((report.changed, report.unchanged as u64, report.passages_encoded), (0, FILES, 0));

    let fresh = place.options().passage_tokens(40).overlap_tokens(3).open(place.path("fresh")).unwrap();
    place.index(&fresh);
    let changed = passages(&collection);
    assert_ne!(of_files(changed.clone()), short);
    assert_eq!(of_files(changed), passages(&fresh));
    let mut writer = collection.writer().unwrap();
    writer.remove("note").unwrap();
    writer.commit().unwrap();
    drop(writer);
    assert_eq!(answers(&collection), answers(&fresh));
    assert_sound(&collection);
}

#[test]
fn change_that_is_interrupted_continues_where_it_stopped() {
    let (place, collection) = indexed(16);
    // A file that changes, one that is gone, and one that is new: as in every run.
    place.write("3.md", "# Pooling\n\nOther words than before.\n");
    fs::remove_file(place.docs().join("5.md")).unwrap();
    place.write("new.md", "# New\n\nA dog and a cat.\n");
    collection.writer().unwrap().change_passages(None, None).unwrap();
    drop(collection);
    let mut rounds = 0;
    let mut left = FILES;
    loop {
        // Each run stops after its second file, and the process ends.
        let collection = place.options().open(place.path("changed")).unwrap();
        let (stop, files) = (Cancel::new(), Cell::new(0));
        let mut writer = collection.writer().unwrap();
        let run = writer.index_folder(place.docs()).cancel(&stop).on_progress(|progress| {
            files.set(progress.files_done);
            if progress.files_done >= 2 {
                stop.cancel();
            }
        });
        let report = run.run().unwrap();
        drop(writer);
        assert_eq!(answers(&collection).iter().filter(|hits| hits.is_empty()).count(), 0);
        assert_sound(&collection);
        let now = collection.outdated_passages().unwrap().files;
        assert!(now < left || !report.interrupted, "{now} of {left} after {} files", files.get());
        left = now;
        rounds += 1;
        if !report.interrupted {
            break;
        }
    }
    assert!(rounds > 2 && left == 0, "{rounds} rounds, {left} left");
    let collection = place.options().open(place.path("changed")).unwrap();
    let fresh = place.options().open(place.path("fresh")).unwrap();
    place.index(&fresh);
    assert_eq!(passages(&collection), passages(&fresh));
    assert_eq!(answers(&collection), answers(&fresh));
}

#[test]
fn file_that_is_not_looked_at_keeps_its_passages() {
    let (place, collection) = indexed(16);
    let old = passages(&collection);
    collection.writer().unwrap().change_passages(None, None).unwrap();
    let mut writer = collection.writer().unwrap();
    let options = FolderOptions::new().only((0..FILES).filter(|&file| file != 4).map(|file| format!("{file}.md")));
    writer.index_folder(place.docs()).options(options).run().unwrap();
    drop(writer);
    assert_eq!(collection.outdated_passages().unwrap().files, 1);
    let now = passages(&collection);
    let of = |all: &[(String, Vec<String>)], id: &str| all.iter().find(|(found, _)| found == id).cloned();
    assert!(of(&now, "4.md").is_some() && of(&now, "4.md") == of(&old, "4.md"));
    assert_ne!(of(&now, "3.md"), of(&old, "3.md"));
    assert_eq!(place.index(&collection).changed, 1);
    assert_eq!(collection.outdated_passages().unwrap().files, 0);
}

#[test]
fn change_that_is_not_possible_is_refused() {
    let (_place, collection) = indexed(16);
    let old = collection.status().unwrap().passage_tokens;
    let refused = collection.writer().unwrap().change_passages(Some(100_000), None).unwrap_err();
    assert!(matches!(refused, Error::InvalidOptions { .. }), "{refused}");
    assert_eq!(collection.status().unwrap().passage_tokens, old);
    assert_eq!(collection.outdated_passages().unwrap().files, 0);
    let place = Place::new();
    let vectors = CollectionOptions::new().dimension(4).open(place.path("vectors")).unwrap();
    let refused = vectors.writer().unwrap().change_passages(None, None).unwrap_err();
    assert!(matches!(refused, Error::CollectionKind { .. }) && refused.to_string().contains("no model"), "{refused}");
    assert_eq!(vectors.outdated_passages().unwrap(), nigh::OutdatedPassages::default());
}
