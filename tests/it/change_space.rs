//! The vectors of a collection moved to the language-neutral space: the same as encoded there, whole after every interruption.

use std::fs;

use nigh::{Cancel, Collection, CollectionOptions, Document, Encoder, EncoderOptions, Error, ModelInfo, VectorSpace};

use crate::support::real::model;
use crate::support::{Place, Random, TinyModel, assert_sound, cosine, exported, found, text};

const NEUTRAL: VectorSpace = VectorSpace::LanguageNeutral;

/// A folder, and the path of a collection of it.
fn place() -> Place {
    let place = Place::with(&TinyModel::multilingual());
    for seed in 0..12 {
        place.write(&format!("{seed}.md"), text::markdown(seed, 4));
    }
    place.write("ru.md", "Собака и кошка спят на старом диване у окна.\n");
    place
}

/// Indexes the folder into a new collection.
fn indexed(place: &Place, name: &str, space: VectorSpace) -> Collection {
    let collection = place.options().vector_space(space).open(place.path(name)).unwrap();
    place.index(&collection);
    collection
}

fn space(collection: &Collection) -> VectorSpace {
    collection.status().unwrap().space.unwrap()
}

fn answers(collection: &Collection) -> Vec<Vec<(String, f32)>> {
    let mut random = Random(7);
    let questions = (0..8).map(|_| text::sentence(&mut random));
    questions.map(|question| found(collection.search(question).run().unwrap())).collect()
}

/// Asserts that two collections give nearly the same answers: each document has nearly the same score in both, so that only
/// documents with nearly the same score change places. A score has cosines divided by their deviation, which is small.
fn assert_same_answers(a: &[Vec<(String, f32)>], b: &[Vec<(String, f32)>]) {
    const NEARLY: f32 = 0.01;
    for (a, b) in a.iter().zip(b) {
        assert!(!a.is_empty() && a.len() == b.len());
        for ((id, score), (_, in_this_place)) in a.iter().zip(b) {
            // A document may have left the page only if the last one has its score.
            let other = b.iter().find(|(other, _)| other == id).map_or(b[b.len() - 1].1, |(_, score)| *score);
            assert!((score - other).abs() < NEARLY && (score - in_this_place).abs() < NEARLY, "{id}: {a:?} {b:?}");
        }
    }
}

/// Returns the smallest cosine of the vectors of two collections of the same documents. Asserts that all else is the same.
fn least_cosine(a: &Collection, b: &Collection) -> f64 {
    let (a, b) = (exported(a), exported(b));
    let mut least = 1.0f64;
    assert_eq!(a.len(), b.len());
    for (mut a, mut b) in a.into_iter().zip(b) {
        let mut vectors = [&mut a, &mut b].map(|document| {
            let passages = document.passages.iter_mut().flatten();
            passages.map(|passage| std::mem::take(&mut passage.vector)).collect::<Vec<_>>()
        });
        assert_eq!(a, b);
        let second = vectors[1].split_off(0);
        assert_eq!(vectors[0].len(), second.len());
        for (a, b) in vectors[0].iter().zip(&second) {
            least = least.min(cosine(a, b));
        }
    }
    least
}

#[test]
fn moved_collection_is_like_one_that_was_encoded_in_the_space() {
    let place = place();
    let collection = indexed(&place, "moved", VectorSpace::Original);
    // A change, and a document that is gone: followers of the changes must still see it.
    place.write("3.md", "# Pooling\n\nOther words than before.\n");
    fs::remove_file(place.docs().join("5.md")).unwrap();
    place.index(&collection);
    let (changes, before) = (collection.changes_since(0, 100).unwrap(), collection.status().unwrap());
    let old = exported(&collection);
    drop(collection);

    let mut told = Vec::new();
    let change = Collection::change_space(place.path("moved"), NEUTRAL).options(place.options());
    let (moved, change) = change.on_progress(|progress| told.push(progress)).run().unwrap();
    assert_eq!((change.from, change.to, change.passages), (VectorSpace::Original, NEUTRAL, before.passages));
    let last = told.last().unwrap();
    assert_eq!((last.passages, last.documents), (before.passages, before.documents));
    assert_eq!((last.total_passages, last.total_documents), (before.passages, before.documents));

    let fresh = indexed(&place, "fresh", NEUTRAL);
    assert!(least_cosine(&moved, &fresh) > 0.99999, "{}", least_cosine(&moved, &fresh));
    assert_same_answers(&answers(&moved), &answers(&fresh));
    assert_ne!(exported(&moved), old);
    let after = moved.status().unwrap();
    assert_eq!(after.fingerprint, fresh.status().unwrap().fingerprint);
    assert_eq!((after.sequence, after.documents, after.passages), (before.sequence, before.documents, before.passages));
    assert_eq!(moved.changes_since(0, 100).unwrap(), changes);
    assert_sound(&moved);
    drop(moved);

    // It is a collection of that space from now on.
    let moved = place.options().open(place.path("moved")).unwrap();
    let report = place.index(&moved);
    assert_eq!((report.passages_encoded, report.unchanged, space(&moved)), (0, 12, NEUTRAL));
    place.write("later.md", "# Later\n\nA dog and a cat.\n");
    assert_eq!(place.index(&moved).added, 1);
    place.index(&fresh);
    assert!(least_cosine(&moved, &fresh) > 0.99999);
    drop(moved);
    let (rebuilt, _) = Collection::rebuild(place.path("moved")).options(place.options()).run().unwrap();
    assert!(least_cosine(&rebuilt, &fresh) > 0.99999);
}

#[test]
fn moved_collection_of_a_real_model_finds_the_same() {
    let Some(info) = model("multilingual-e5-small-q4") else { return };
    let place = Place::new();
    let options = || CollectionOptions::new().model(info.path());
    let mut random = Random(3);
    let documents: Vec<Document> =
        (0..30).map(|i| Document::new(format!("{i}"), text::sentence(&mut random))).collect();
    let open = |name: &str, space| {
        let collection = options().vector_space(space).open(place.path(name)).unwrap();
        let mut writer = collection.writer().unwrap();
        writer.upsert_all(documents.clone()).run().unwrap();
        writer.commit().unwrap();
        drop(writer);
        collection
    };
    drop(open("moved", VectorSpace::Original));
    let fresh = open("fresh", NEUTRAL);
    let (moved, _) = Collection::change_space(place.path("moved"), NEUTRAL).run().unwrap();
    assert!(least_cosine(&moved, &fresh) > 0.99999, "{}", least_cosine(&moved, &fresh));
    assert_same_answers(&answers(&moved), &answers(&fresh));
}

#[test]
fn move_that_is_not_possible_is_refused_and_changes_nothing() {
    let place = place();
    let change = |name: &str, to| Collection::change_space(place.path(name), to).options(place.options()).run();
    drop(indexed(&place, "notes.nigh", VectorSpace::Original));
    let (same, unchanged) = change("notes.nigh", VectorSpace::Original).unwrap();
    assert_eq!((unchanged.from, unchanged.to, unchanged.passages), (VectorSpace::Original, VectorSpace::Original, 0));
    let old = exported(&same);
    let locked = change("notes.nigh", NEUTRAL).unwrap_err();
    assert!(matches!(locked, Error::Locked { .. }), "{locked}");
    assert_eq!(exported(&same), old);
    drop(same);

    let (moved, _) = change("notes.nigh", NEUTRAL).unwrap();
    let new = exported(&moved);
    drop(moved);
    let (again, unchanged) = change("notes.nigh", NEUTRAL).unwrap();
    assert_eq!((unchanged.from, unchanged.passages), (NEUTRAL, 0));
    drop(again);
    let back = change("notes.nigh", VectorSpace::Original).unwrap_err();
    assert!(matches!(back, Error::InvalidOptions { .. }) && back.to_string().contains("encoded again"), "{back}");
    // Opening it asks for a space that it does not have: the error names both.
    let asked = place.options().vector_space(VectorSpace::Original).open(place.path("notes.nigh")).unwrap_err();
    let named = asked.to_string();
    assert!(matches!(asked, Error::SpaceMismatch { expected: NEUTRAL, asked: VectorSpace::Original, .. }), "{named}");
    assert!(named.contains("language-neutral") && named.contains("original"), "{named}");
    assert_eq!(exported(&place.options().open(place.path("notes.nigh")).unwrap()), new);

    assert!(matches!(change("absent", NEUTRAL), Err(Error::CollectionMissing { .. })));
    let vectors = CollectionOptions::new().dimension(4).open(place.path("vectors")).unwrap();
    drop(vectors);
    let own = Collection::change_space(place.path("vectors"), NEUTRAL).run().unwrap_err();
    assert!(matches!(own, Error::CollectionKind { .. }) && own.to_string().contains("no model"), "{own}");
}

#[test]
fn model_that_is_not_multilingual_is_refused() {
    let place = Place::new();
    place.write("a.md", "A dog and a cat.\n");
    let collection = place.open();
    place.index(&collection);
    let old = exported(&collection);
    drop(collection);
    let change = Collection::change_space(place.path("notes.nigh"), NEUTRAL).options(place.options());
    let refused = change.run().unwrap_err();
    assert!(
        matches!(refused, Error::InvalidOptions { .. }) && refused.to_string().contains("multilingual"),
        "{refused}"
    );
    assert_eq!(exported(&place.open()), old);
    // An encoder refuses it as well.
    let info = ModelInfo::open(place.model()).unwrap();
    let refused = Encoder::with_options(info, EncoderOptions::new().space(NEUTRAL)).unwrap_err();
    assert!(refused.to_string().contains("multilingual"), "{refused}");
}

#[test]
fn move_that_is_cancelled_at_any_moment_leaves_one_of_the_two_spaces() {
    let place = place();
    drop(indexed(&place, "original", VectorSpace::Original));
    let (original, moved) = (place.path("original"), place.path("moved"));
    let open = || place.options().open(&moved).unwrap();
    copy(&original, &moved);
    let old = exported(&open());
    let change = |cancel: &Cancel, stop_at: usize| {
        let mut steps = 0;
        let change = Collection::change_space(&moved, NEUTRAL).options(place.options()).cancel(cancel);
        let ended = change
            .on_progress(|_| {
                steps += 1;
                if steps == stop_at {
                    cancel.cancel();
                }
            })
            .run();
        ended.map(|_| steps)
    };
    let steps = change(&Cancel::new(), usize::MAX).unwrap();
    assert!(steps > 10, "{steps}");
    let new = exported(&open());
    let (mut in_old, mut in_new) = (0, 0);
    for stop_at in 1..steps {
        fs::remove_dir_all(&moved).unwrap();
        copy(&original, &moved);
        let reader = Collection::open_read_only(&moved).unwrap();
        let stopped = change(&Cancel::new(), stop_at);
        assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
        // Readers have the old vectors until all are published.
        assert_eq!(exported(&reader), old);
        assert_eq!(space(&Collection::open_read_only(&moved).unwrap()), VectorSpace::Original);
        let opened = open();
        assert_sound(&opened);
        let now = exported(&opened);
        match space(&opened) {
            NEUTRAL => {
                assert_eq!(now, new, "{stop_at}");
                in_new += 1;
            }
            _ => {
                assert_eq!(now, old, "{stop_at}");
                in_old += 1;
            }
        }
        drop(opened);
        change(&Cancel::new(), usize::MAX).unwrap();
        assert_eq!(exported(&open()), new, "{stop_at}");
        let left = fs::read_dir(&moved).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(left.into_iter().all(|name| !name.starts_with("records.")), "{stop_at}");
    }
    assert!(in_old > 0 && in_new > 0, "{in_old} {in_new}");
}

/// The records are in the new space and the published index is in the old one; then the records are lost. Documents are never
/// restored one by one into records of the other space.
#[test]
fn records_lost_between_the_two_steps_are_restored_in_the_old_space() {
    let place = place();
    let collection = indexed(&place, "notes.nigh", VectorSpace::Original);
    let old = exported(&collection);
    drop(collection);
    let path = place.path("notes.nigh");
    let cancel = Cancel::new();
    let change = Collection::change_space(&path, NEUTRAL).options(place.options()).cancel(&cancel);
    let stop = |progress: nigh::SpaceProgress| {
        if progress.documents > 0 {
            cancel.cancel();
        }
    };
    assert!(matches!(change.on_progress(stop).run(), Err(Error::Interrupted)));
    let findings = Collection::verify_at(&path, &place.options()).unwrap();
    assert!(findings.len() == 1 && findings[0].contains("interrupted"), "{findings:?}");
    fs::remove_dir_all(path.join("records")).unwrap();
    let restored = place.options().open(&path).unwrap();
    assert_eq!((space(&restored), exported(&restored)), (VectorSpace::Original, old));
    assert_sound(&restored);
    drop(restored);
    let (moved, _) = Collection::change_space(&path, NEUTRAL).options(place.options()).run().unwrap();
    assert_eq!(exported(&moved).len(), 13);
    assert_sound(&moved);
}

#[test]
fn reader_from_before_the_move_asks_to_be_opened_again() {
    let place = place();
    drop(indexed(&place, "notes.nigh", VectorSpace::Original));
    let path = place.path("notes.nigh");
    let reader = place.options().read_only(true).open(&path).unwrap();
    let snapshot = reader.snapshot().unwrap();
    let before = found(snapshot.search("a dog").run().unwrap());
    let (moved, _) = Collection::change_space(&path, NEUTRAL).options(place.options()).run().unwrap();
    let refused = reader.search("a dog").run().unwrap_err();
    assert!(refused.to_string().contains("open it again"), "{refused}");
    assert_eq!(found(snapshot.search("a dog").run().unwrap()), before, "it holds the old vectors");
    let again = place.options().read_only(true).open(&path).unwrap();
    let ids = |collection: &Collection| found(collection.search("a dog").run().unwrap());
    assert_eq!(ids(&again), ids(&moved));
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
