//! Opening a collection: the lock, the model, the options.

use std::fs;

use nigh::{Collection, CollectionOptions, Document, EncoderError, EncoderOptions, Error, Precision};

use crate::collection::{TEXTS, filled};
use crate::support::{Place, TinyModel, assert_sound, exported, found, ids};

#[test]
fn lock_allows_one_writer_at_a_time() {
    let place = Place::new();
    let collection = filled(&place);
    let writer = collection.writer().unwrap();
    let refused = collection.clone().writer().err().unwrap();
    assert!(matches!(refused, Error::Locked { holder: Some(pid), .. } if pid == std::process::id()), "{refused}");
    drop(writer);
    drop(collection.writer().unwrap());
    let refused = place.options().open(place.path("notes.nigh")).err().unwrap();
    assert!(matches!(refused, Error::Locked { holder: Some(pid), .. } if pid == std::process::id()), "{refused}");
    assert!(refused.is_user_error() && !refused.is_corruption());
    let clone = collection.clone();
    drop(collection);
    assert!(place.options().open(place.path("notes.nigh")).is_err(), "a clone still has it");
    drop(clone);
    assert_sound(&place.open());
}

#[test]
fn model_mismatch_is_refused_and_changes_nothing() {
    let place = Place::new();
    let content = exported(&filled(&place));
    let other = place.path("other");
    TinyModel { seed: 99, ..TinyModel::default() }.write(&other);
    let open = |model: &std::path::Path| place.options().model(model).open(place.path("notes.nigh"));
    let refused = open(&other).err().unwrap();
    assert!(matches!(refused, Error::ModelMismatch { .. }), "{refused:?}");
    assert!(refused.to_string().contains("other (") && refused.to_string().contains("a new collection"), "{refused}");
    // A model with the same name but other files is another model.
    let weights = other.join("model.safetensors");
    fs::rename(place.model().join("model.safetensors"), place.path("kept")).unwrap();
    fs::copy(weights, place.model().join("model.safetensors")).unwrap();
    let refused = CollectionOptions::new().open(place.path("notes.nigh")).err().unwrap();
    assert!(matches!(refused, Error::ModelMismatch { .. }), "{refused:?}");
    fs::rename(place.path("kept"), place.model().join("model.safetensors")).unwrap();
    // A copy of the model elsewhere is the same model.
    TinyModel::default().write(&place.path("copy"));
    let collection = open(&place.path("copy")).unwrap();
    assert_eq!(exported(&collection), content);
    assert_eq!(ids(&collection, "a query").len(), TEXTS.len());
}

#[test]
fn precision_mismatch_is_refused() {
    let place = Place::new();
    let path = place.path("notes.nigh");
    let with = |precision| place.options().encoder(EncoderOptions::default().precision(precision));
    for (made, other) in [(Precision::F32, Precision::Int8), (Precision::Int8, Precision::F32)] {
        let collection = with(made).open(&path).unwrap();
        let mut writer = collection.writer().unwrap();
        writer.upsert_all(TEXTS.iter().map(|(id, text)| Document::new(*id, *text))).run().unwrap();
        writer.commit().unwrap();
        let scores = found(collection.search("a query").run().unwrap());
        drop(writer);
        drop(collection);
        let refused = with(other).open(&path).err().unwrap();
        assert!(matches!(refused, Error::ModelMismatch { .. }), "{refused:?}");
        // Without a precision, the collection opens with its own, with or without the model's path.
        for options in [place.options(), CollectionOptions::new(), with(made)] {
            let collection = options.open(&path).unwrap();
            assert_eq!(found(collection.search("a query").run().unwrap()), scores, "{made:?}");
        }
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn read_only_and_existing_only_create_nothing() {
    let place = Place::new();
    let path = place.path("notes.nigh");
    for options in [place.options().read_only(true), place.options().existing_only(true)] {
        let refused = options.open(&path).err().unwrap();
        assert!(matches!(refused, Error::CollectionMissing { .. }), "{refused:?}");
        assert!(!path.exists() && !Collection::exists(&path));
    }
    drop(filled(&place));
    assert!(Collection::exists(&path));
    assert!(matches!(place.options().create(&path), Err(Error::CollectionExists { .. } | Error::Locked { .. })));
    // The collection stores the path of its model.
    let reader = Collection::open_read_only(&path).unwrap();
    assert_eq!(ids(&reader, "a query").len(), TEXTS.len());
    assert!(matches!(reader.writer(), Err(Error::CollectionKind { .. })));
}

#[test]
fn missing_model_still_allows_reading() {
    let place = Place::new();
    drop(filled(&place));
    fs::rename(place.model(), place.path("away")).unwrap();
    let models = nigh::ModelStore::at(place.path("data"));
    let collection = CollectionOptions::new().model_store(models).open(place.path("notes.nigh")).unwrap();
    assert_eq!(collection.document("mean").unwrap().unwrap().text, TEXTS[0].1);
    assert_eq!((collection.status().unwrap().documents, collection.status().unwrap().model_path), (5, None));
    assert_eq!(found(collection.similar_to("mean").run().unwrap()).len(), 4);
    let refused = collection.search("a query").run().unwrap_err();
    assert!(
        matches!(refused, Error::Model(EncoderError::ModelNotInstalled { .. } | EncoderError::ModelUnknown { .. })),
        "{refused:?}"
    );
    fs::rename(place.path("away"), place.model()).unwrap();
    assert_eq!(ids(&collection, "a query").len(), 5, "back again, looked for again");
}

#[test]
fn new_collection_keeps_a_gitignore_with_other_rules() {
    let place = Place::new();
    for (name, before, after) in
        [("new", None, "*\n"), ("own", Some("target\n"), "target\n"), ("again", Some("*\n"), "*\n")]
    {
        let path = place.path(name);
        fs::create_dir(&path).unwrap();
        if let Some(rules) = before {
            fs::write(path.join(".gitignore"), rules).unwrap();
        }
        drop(place.options().open(&path).unwrap());
        assert_eq!(fs::read_to_string(path.join(".gitignore")).unwrap(), after, "{name}");
    }
    let refused = place.options().open("").err().unwrap();
    assert!(matches!(refused, Error::InvalidOptions { .. }), "{refused:?}");
}
