//! Opening a collection: the lock, the model, the options.

use std::fs;
use std::process::Stdio;
use std::sync::Barrier;
use std::time::Duration;

use nigh::{Collection, CollectionOptions, Document, EncoderError, EncoderOptions, Error, Precision};

use crate::collection::{TEXTS, filled};
use crate::support::{Place, TinyModel, assert_sound, exported, found, ids, ignored_test};

const IN_THIS_PROCESS: &str = "is already open for writing in this process; use a clone of that Collection, with one Writer \
                               at a time, or drop it and its clones";

#[test]
fn lock_allows_one_writer_at_a_time() {
    let place = Place::new();
    let collection = filled(&place);
    let writer = collection.writer().unwrap();
    let refused = collection.clone().writer().err().unwrap();
    assert!(refused.to_string().ends_with(IN_THIS_PROCESS), "{refused}");
    assert!(matches!(refused, Error::Locked { holder: Some(pid), .. } if pid == std::process::id()), "{refused}");
    drop(writer);
    drop(collection.writer().unwrap());
    let refused = place.options().open(place.path("notes.nigh")).err().unwrap();
    assert!(matches!(refused, Error::Locked { holder: Some(pid), .. } if pid == std::process::id()), "{refused}");
    assert!(refused.is_user_error() && !refused.is_corruption());
    assert!(refused.to_string().ends_with(IN_THIS_PROCESS), "{refused}");
    let refused = place.options().create(place.path("notes.nigh")).err().unwrap();
    assert!(matches!(refused, Error::CollectionExists { .. }), "{refused}");
    let clone = collection.clone();
    drop(collection);
    assert!(place.options().open(place.path("notes.nigh")).is_err(), "a clone still has it");
    drop(clone);
    assert_sound(&place.open());
}

/// Opens or creates the collection, stores one document with this id and closes it.
fn add_document(place: &Place, id: &str) -> nigh::Result<()> {
    let options = CollectionOptions::new().dimension(2).lock_timeout(Duration::from_secs(60));
    let mut writer = options.open(place.path("new/notes.nigh"))?.writer()?;
    writer.upsert(Document::new(id, "a text").with_vector(vec![1.0, 0.0]))?;
    writer.commit().map(|_| ())
}

#[test]
fn lock_is_waited_for_by_threads_that_create_a_collection() {
    for _ in 0..5 {
        let place = Place::new();
        let barrier = Barrier::new(8);
        let ids: Vec<String> = (0..8).map(|thread| format!("thread-{thread}")).collect();
        std::thread::scope(|scope| {
            for id in &ids {
                let (place, barrier) = (&place, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    add_document(place, id).unwrap();
                });
            }
        });
        assert_created(&place, ids);
    }
}

#[test]
fn lock_is_waited_for_by_processes_that_create_a_collection() {
    for _ in 0..5 {
        let place = Place::new();
        let child = || ignored_test("opening::creating_process").env(PLACE, place.root()).stdout(Stdio::null()).spawn();
        let mut children: Vec<_> = (0..6).map(|_| child().unwrap()).collect();
        let ids: Vec<String> = children.iter().map(|child| format!("process-{}", child.id())).collect();
        std::thread::sleep(Duration::from_millis(300));
        fs::write(place.path("go"), "").unwrap();
        for child in &mut children {
            assert!(child.wait().unwrap().success(), "its message is above");
        }
        assert_created(&place, ids);
    }
}

const PLACE: &str = "NIGH_TEST_PLACE";

/// Run by [`lock_is_waited_for_by_processes_that_create_a_collection`].
#[test]
#[ignore = "started by another test"]
fn creating_process() {
    let place = Place::at(std::env::var_os(PLACE).unwrap());
    while !place.path("go").exists() {
        std::thread::yield_now();
    }
    add_document(&place, &format!("process-{}", std::process::id())).unwrap();
}

fn assert_created(place: &Place, mut ids: Vec<String>) {
    let collection = Collection::open(place.path("new/notes.nigh")).unwrap();
    let mut stored: Vec<String> = exported(&collection).into_iter().map(|document| document.id).collect();
    stored.sort();
    ids.sort();
    assert_eq!(stored, ids);
    assert_eq!(fs::read_to_string(place.path("new/notes.nigh/.gitignore")).unwrap(), "*\n");
    assert_sound(&collection);
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
