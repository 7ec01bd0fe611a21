//! A writer: documents that are encoded in one batch, cancelled operations, refused documents.

use std::iter;

use nigh::{Cancel, CollectionOptions, Document, Error};

use crate::support::{Place, assert_sound, exported, ids, text};

/// Texts for several batches; one of them is larger than a batch.
fn documents() -> Vec<Document> {
    let large: String = (0..60).map(|i| text::markdown(i, 12)).collect();
    assert!(large.len() > 150_000, "{}", large.len());
    let small = (0..40).map(|i| Document::new(format!("{i}"), text::markdown(i, 40)));
    small.chain(iter::once(Document::new("large", large))).collect()
}

#[test]
fn upsert_in_a_loop_stores_what_upsert_all_stores() {
    let place = Place::new();
    let [one_by_one, together] = ["a", "b"].map(|name| place.options().open(place.path(name)).unwrap());
    let mut writer = one_by_one.writer().unwrap();
    for document in documents() {
        writer.upsert(document).unwrap();
    }
    assert_eq!(writer.commit().unwrap().stored, 41);
    let mut writer = together.writer().unwrap();
    assert_eq!(writer.upsert_all(documents()).run().unwrap(), 41);
    writer.commit().unwrap();
    assert_eq!(exported(&one_by_one), exported(&together));
    assert_sound(&one_by_one);
}

#[test]
fn upsert_and_remove_take_effect_in_the_order_of_the_calls() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("twice", "the first version")).unwrap();
    writer.upsert(Document::new("twice", "the second version")).unwrap();
    writer.upsert(Document::new("removed", "here")).unwrap();
    assert!(writer.remove("removed").unwrap(), "also while its text waits to be encoded");
    writer.upsert(Document::new("again", "one")).unwrap();
    writer.upsert_all([Document::new("again", "another")]).run().unwrap();
    writer.commit().unwrap();
    let text = |id| collection.document(id).unwrap().map(|document| document.text);
    assert_eq!(text("twice").as_deref(), Some("the second version"));
    assert_eq!(text("removed"), None);
    assert_eq!(text("again").as_deref(), Some("another"));
    assert_eq!(collection.status().unwrap().documents, 2);
}

#[test]
fn dropping_a_writer_discards_what_was_not_committed() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("kept", "committed")).unwrap();
    writer.commit().unwrap();
    writer.upsert(Document::new("dropped", "with its writer")).unwrap();
    drop(writer);
    assert_eq!(collection.status().unwrap().documents, 1);
}

#[test]
fn upsert_refuses_an_invalid_document_at_once_and_stores_the_others() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("good", "mean pooling")).unwrap();
    let deep = (0..200).fold(serde_json::Value::Null, |inner, _| serde_json::Value::Array(vec![inner]));
    let refused = writer.upsert(Document::new("deep", "text").with("values", deep)).unwrap_err();
    assert!(matches!(&refused, Error::InvalidDocument { id, .. } if id == "deep"), "{refused}");
    let refused = writer.upsert(Document::new("", "text")).unwrap_err();
    assert!(matches!(refused, Error::InvalidDocument { .. }), "{refused}");
    let refused = writer.upsert(Document::new("vector", "text").with_vector(vec![1.0])).unwrap_err();
    assert!(matches!(refused, Error::CollectionKind { .. }), "{refused}");
    assert_eq!(writer.commit().unwrap().stored, 1);
    assert_eq!(ids(&collection, "pooling"), ["good"]);
}

#[test]
fn cancel_ends_upserts_and_keeps_documents_taken_before() {
    let place = Place::new();
    let collection = CollectionOptions::new().dimension(2).open(place.path("v")).unwrap();
    let cancel = Cancel::new();
    let stop = cancel.clone();
    let documents = (0..10).map(|i| {
        if i == 4 {
            stop.cancel();
        }
        Document::new(format!("{i}"), "").with_vector(vec![1.0, i as f32])
    });
    let mut writer = collection.writer().unwrap();
    let result = writer.upsert_all(documents).cancel(&cancel).run();
    assert!(matches!(result, Err(Error::Interrupted)), "{result:?}");
    assert_eq!(writer.commit().unwrap().stored, 4);
    let exported = collection.export().vectors(true).run().unwrap().map(Result::unwrap).collect::<Vec<_>>();
    let imported = writer.import_all(exported).cancel(&cancel).run();
    assert!(matches!(imported, Err(Error::Interrupted)), "{imported:?}");
    // The writer is still usable.
    writer.wait_for_merges().run().unwrap();
}

#[test]
fn cancel_ends_a_rebuild_and_what_was_published_stays() {
    let place = Place::new();
    let path = place.path("v");
    let options = || CollectionOptions::new().dimension(2);
    let collection = options().open(&path).unwrap();
    let mut writer = collection.writer().unwrap();
    let document = |i: usize| Document::new(format!("{i}"), "").with_vector(vec![1.0, i as f32]);
    writer.upsert_all((0..20).map(document)).run().unwrap();
    writer.commit().unwrap();
    drop((writer, collection));
    let cancel = Cancel::new();
    let mut seen = Vec::new();
    let rebuilt = nigh::Collection::rebuild(&path).options(options()).cancel(&cancel).on_progress(|progress| {
        seen.push((progress.documents, progress.total));
        if progress.documents == 7 {
            cancel.cancel();
        }
    });
    assert!(matches!(rebuilt.run(), Err(Error::Interrupted)));
    assert_eq!((seen[0], seen[seen.len() - 1]), ((1, 20), (7, 20)));
    let collection = options().open(&path).unwrap();
    assert_eq!(collection.status().unwrap().documents, 20);
    assert_sound(&collection);
    drop(collection);
    nigh::Collection::rebuild(&path).options(options()).run().unwrap();
}
