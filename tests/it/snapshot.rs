//! Snapshots: reads within one commit; pages, counts, ids, removal by filter, batches.

use nigh::{
    Collection, Document, DocumentId, Encoder, Error, Filter, Hits, Mode, SearchBuilder, Snapshot, WordIndex, Writer,
};

use crate::collection::{TEXTS, filled};
use crate::support::{Place, assert_sound};

const LANGUAGES: [&str; 3] = ["zh", "en", "de"];

/// Thirty documents without a model, each with its own vector and a language.
fn numbered(place: &Place) -> Collection {
    let collection = nigh::CollectionOptions::new().dimension(4).open(place.path("numbers")).unwrap();
    let mut writer = collection.writer().unwrap();
    let documents =
        (0..30).map(|i| {
            let angle = i as f32 * 0.05;
            Document::new(format!("n{i:02}"), format!("Number {i}"))
                .with("language", LANGUAGES[i % 3])
                .with_vector(vec![angle.cos(), angle.sin(), 0.0, 0.0])
        });
    writer.upsert_all(documents.collect::<Vec<_>>()).run().unwrap();
    writer.commit().unwrap();
    drop(writer);
    collection
}

fn names(hits: &Hits) -> Vec<&str> {
    hits.iter().map(|hit| hit.document.id.as_str()).collect()
}

#[test]
fn snapshot_reads_its_own_commit() {
    let place = Place::new();
    let collection = filled(&place);
    let before = collection.snapshot().unwrap();
    let reader = Collection::open_read_only(collection.path()).unwrap();
    let read_before = reader.snapshot().unwrap();

    let mut writer = collection.writer().unwrap();
    writer.remove("cats").unwrap();
    writer.upsert(Document::new("mean", "Something else is said here now.")).unwrap();
    writer.upsert(Document::new("new", "A new text.")).unwrap();
    writer.commit().unwrap();

    let text_of = |snapshot: &Snapshot, id: &str| snapshot.document(id).unwrap().map(|document| document.text);
    for old in [&before, &read_before] {
        assert_eq!(old.documents(), 5);
        assert_eq!(text_of(old, "mean").as_deref(), Some(TEXTS[0].1));
        assert_eq!(text_of(old, "new"), None);
        let hits = old.search("a cat and a dog").run().unwrap();
        assert_eq!(hits.generation, old.generation());
        assert!(names(&hits).contains(&"cats") && !names(&hits).contains(&"new"));
        assert!(names(&old.similar_to("cats").run().unwrap()).contains(&"mean"));
        let all = Filter::parse("exists(path)").unwrap();
        assert_eq!(old.count(&all).unwrap(), 5);
        assert_eq!(old.ids(&all, None, 100).unwrap().len(), 5);
    }
    for now in [collection.snapshot().unwrap(), reader.snapshot().unwrap()] {
        assert!(now.generation() > before.generation());
        assert_eq!((now.documents(), text_of(&now, "cats")), (5, None));
        assert_eq!(text_of(&now, "new").as_deref(), Some("A new text."));
        assert!(!names(&now.search("a cat and a dog").run().unwrap()).contains(&"cats"));
    }
}

#[test]
fn pages_of_hits_are_the_whole_list_in_parts() {
    let place = Place::new();
    let collection = numbered(&place);
    let snapshot = collection.snapshot().unwrap();
    let query = vec![0.8, 0.6, 0.0, 0.0];
    let whole = snapshot.search_by_vector(query.clone()).limit(30).run().unwrap();
    assert_eq!(whole.len(), 30);
    for size in [1, 7, 10, 29, 30, 31] {
        let mut paged = Vec::new();
        for offset in (0..35).step_by(size) {
            paged.extend(snapshot.search_by_vector(query.clone()).limit(size).offset(offset).run().unwrap());
        }
        assert_eq!(paged, whole.hits, "pages of {size}");
    }
    assert!(snapshot.search_by_vector(query.clone()).offset(30).run().unwrap().is_empty());
    assert!(snapshot.search_by_vector(query.clone()).offset(usize::MAX).run().unwrap().is_empty());
    let first = snapshot.search_by_vector(query).limit(1).run().unwrap();
    assert_eq!(first.first(), whole.first());
}

#[test]
fn filters_count_list_and_remove_documents() {
    let place = Place::new();
    let collection = numbered(&place);
    let chinese = Filter::parse("language = zh").unwrap();
    let expected: Vec<String> = (0..30).step_by(3).map(|i| format!("n{i:02}")).collect();
    assert_eq!(collection.count(&chinese).unwrap(), 10);

    let snapshot = collection.snapshot().unwrap();
    let (mut listed, mut after) = (Vec::<DocumentId>::new(), None);
    loop {
        let page = snapshot.ids(&chinese, after.as_ref(), 4).unwrap();
        assert!(page.len() <= 4);
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        listed.extend(page);
    }
    assert_eq!(listed.iter().map(|id| id.as_str()).collect::<Vec<_>>(), expected);

    let mut writer = collection.writer().unwrap();
    // Pending documents are removed as well.
    let late = Document::new("late", "Late").with("language", "zh").with_vector(vec![0.0, 0.0, 1.0, 0.0]);
    writer.upsert(late).unwrap();
    assert_eq!(writer.remove_matching(&chinese).unwrap(), 11);
    assert_eq!(collection.count(&chinese).unwrap(), 11, "not committed yet");
    writer.commit().unwrap();
    assert_eq!((collection.count(&chinese).unwrap(), collection.snapshot().unwrap().documents()), (0, 20));
    assert_eq!(writer.remove_matching(&chinese).unwrap(), 0);
    assert_eq!(snapshot.count(&chinese).unwrap(), 10, "the snapshot of before has them");
    drop(writer);
    assert_sound(&collection);
}

/// Documents without text have no passages, so no search finds them. All else sees them.
#[test]
fn filters_see_documents_without_text() {
    for words in [WordIndex::None, WordIndex::BUILT_IN] {
        let place = Place::new();
        let collection = place.options().word_index(words).open(place.path("c")).unwrap();
        let mut writer = collection.writer().unwrap();
        let documents = [
            Document::new("p/empty", "").with("kind", "note").with("lang", "fr"),
            Document::new("p/full", "A text.").with("kind", "note"),
            Document::new("q/spaces", " \n ").with("kind", serde_json::json!({"name": "blank"})),
            Document::new("q/full", "Another text."),
        ];
        writer.upsert_all(documents).run().unwrap();
        writer.commit().unwrap();
        let snapshot = collection.snapshot().unwrap();
        let ids = |filter: &Filter| -> Vec<String> {
            let ids = snapshot.ids(filter, None, 100).unwrap();
            assert_eq!(ids.len(), snapshot.count(filter).unwrap(), "{filter}");
            ids.iter().map(|id| id.as_str().to_owned()).collect()
        };
        assert_eq!(ids(&Filter::all()), ["p/empty", "p/full", "q/full", "q/spaces"], "{words:?}");
        assert_eq!(ids(&!Filter::all()), [] as [&str; 0]);
        for (filter, wanted) in [
            ("path prefix p/", &["p/empty", "p/full"][..]),
            ("size = 0", &["p/empty"]),
            ("kind = note and lang = fr", &["p/empty"]),
            ("kind != note", &["q/full", "q/spaces"]),
            ("exists(kind) and not exists(lang)", &["q/spaces"]),
            ("kind = other", &[]),
        ] {
            assert_eq!(ids(&Filter::parse(filter).unwrap()), wanted, "{words:?} {filter}");
        }
        let why = collection.why_nothing(&Filter::parse("lang = fr").unwrap()).unwrap();
        assert!(why.concat().contains("no text"), "{why:?}");
        let invalid = Filter::field("size").eq("big");
        assert!(matches!(snapshot.count(&invalid), Err(Error::InvalidFilter { .. })));

        assert_eq!(writer.remove_matching(&Filter::field("path").prefix("p/")).unwrap(), 2);
        writer.commit().unwrap();
        assert_eq!(collection.snapshot().unwrap().documents(), 2);
        assert_eq!(writer.remove_matching(&Filter::all()).unwrap(), 2);
        writer.commit().unwrap();
        assert_eq!(collection.snapshot().unwrap().documents(), 0);
        assert!(matches!(collection.count(&invalid), Err(Error::InvalidFilter { .. })), "in an empty collection, too");
        drop(writer);
        assert_sound(&collection);
    }
}

#[test]
fn count_has_a_table_once_for_any_number_of_rows() {
    let place = Place::new();
    let collection = place.open();
    place.write("docs/cities.csv", "city,people\nBonn,330000\nKöln,1080000\nBonn,1\n");
    place.write("docs/plain.txt", "Bonn");
    place.index(&collection);
    let count = |filter: &str| collection.count(&Filter::parse(filter).unwrap()).unwrap();
    assert_eq!((count("city = Bonn"), count("city = Rome"), count("exists(path)")), (1, 0, 2));
}

#[test]
fn batch_search_gives_the_hits_of_single_searches() {
    let place = Place::new();
    let collection = filled(&place);
    let queries = ["平均池化", "a cat near the line", "rust model", "搜索"];
    for mode in [Mode::Hybrid, Mode::Dense, Mode::Lexical] {
        let search = |query: &str| collection.search(query).mode(mode).limit(3);
        let single: Vec<Hits> = queries.iter().map(|query| search(query).run().unwrap()).collect();
        let batch = search("not asked").run_each(queries).unwrap();
        assert_eq!(batch.len(), queries.len());
        for (one, other) in single.iter().zip(&batch) {
            assert_eq!((&one.hits, one.mode, one.generation), (&other.hits, other.mode, other.generation));
        }
    }
    assert!(matches!(collection.search("x").run_each(["good", " "]), Err(Error::EmptyQuery)));
    assert_eq!(collection.search("x").run_each([] as [&str; 0]).unwrap(), []);
}

#[test]
fn handles_can_be_shared_sent_and_shown() {
    fn shared<T: Send + Sync + std::fmt::Debug>() {}
    shared::<Collection>();
    shared::<Snapshot>();
    shared::<SearchBuilder>();
    shared::<Encoder>();
    shared::<Hits>();
    fn sent<T: Send + std::fmt::Debug>() {}
    sent::<Writer>();
    let place = Place::new();
    let collection = filled(&place);
    let snapshot = collection.snapshot().unwrap();
    assert!(format!("{snapshot:?}").starts_with("Snapshot { collection: Collection { path: "), "{snapshot:?}");
}
