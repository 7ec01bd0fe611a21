//! What a collection keeps of words: all, no Chinese words of a dictionary, nothing.

use nigh::{Collection, Document, Error, Filter, Mode, WordIndex};

use crate::support::{Place, assert_sound, exported, ids, index};

/// Documents with every kind of value, files with values of their own in each row, one replaced and one removed.
fn fill(place: &Place, collection: &Collection) {
    let mut writer = collection.writer().unwrap();
    place.write("docs/notes.jsonl", "{\"name\": \"one\", \"stars\": 1}\n{\"name\": \"two\", \"stars\": 2.5}\n");
    place.write("docs/cities.csv", "city,people\nBonn,330000\n北京,21890000\n");
    place.write("docs/plain.txt", "Nothing is said of this one beside its name.");
    index(&mut writer, &place.docs(), "");
    let german = "Das ist ein langer deutscher Satz über die Frage, wie spät es in Bonn gerade ist.";
    let documents = [
        Document::new("de", german),
        Document::new("zh", "昨晚欧阳娜娜演奏了大提琴，台下坐满了人。").with("stars", 5),
        Document::new("said", german).with("lang", "Klingon").with("tags", vec!["a", "b"]),
        Document::new("nested", "A text.").with("box", serde_json::json!({"z": 1, "a": {"deep": true}})),
        Document::new("gone", "This one goes again.").with("stars", 5),
        Document::new("changed", "Before.").with("stars", 5),
    ];
    writer.upsert_all(documents.to_vec()).unwrap();
    writer.commit().unwrap();
    writer.remove("gone").unwrap();
    writer.upsert(Document::new("changed", "After.").with("stars", 4)).unwrap();
    writer.commit().unwrap();
}

const FILTERS: [&str; 16] = [
    "path ^= 'c'",
    "path = 'nested'",
    "extension in ('csv', 'jsonl')",
    "size > 60",
    "language = 'de'",
    "language != 'zh'",
    "lang = 'klingon'",
    "stars >= 2",
    "stars = 2.5",
    "not stars exists",
    "tags = 'b'",
    "box.z = 1 and box.a.deep = true",
    "city = '北京' or people < 400000",
    "name = 'two'",
    "modified > 2001-01-01",
    "path glob '**/*.{csv,txt}'",
];

/// Which passages a filter leaves, by a search for meaning.
fn left(collection: &Collection, filter: &str) -> Vec<(String, u32, u32)> {
    let filter: Filter = filter.parse().unwrap_or_else(|error| panic!("{filter}: {error}"));
    let found = collection.search("a text").mode(Mode::Dense).filter(filter).limit(100).exact(true).run().unwrap();
    let mut found: Vec<_> = found
        .hits
        .into_iter()
        .map(|hit| {
            (hit.document.id.to_string(), hit.passage.span.bytes.start as u32, hit.passage.span.bytes.end as u32)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_collection_without_words_is_searched_by_meaning_and_stays_so() {
    let place = Place::new();
    let collection = place.options().words(WordIndex::None).open(place.path("c")).unwrap();
    fill(&place, &collection);
    let hits = collection.search("cello").run().unwrap();
    assert!(!hits.hits.is_empty() && hits.mode == Mode::Dense);
    assert!(hits.hits.iter().all(|hit| hit.relevance.is_finite()));
    let by_words = collection.search("cello").mode(Mode::Lexical).run();
    let Err(Error::CollectionKind { problem, .. }) = by_words else { panic!("{by_words:?}") };
    assert!(problem.contains("keeps no words"), "{problem}");
    assert_sound(&collection);
    let before = (exported(&collection), ids(&collection, "cello"));
    drop(collection);

    // Opened again, made again, with the default options: it is asked what it keeps.
    let (collection, _) = Collection::rebuild(place.path("c"), place.options()).unwrap();
    assert_sound(&collection);
    assert_eq!((exported(&collection), ids(&collection, "cello")), before);
    drop(collection);
    let collection = place.options().open(place.path("c")).unwrap();
    assert_eq!(collection.search("cello").run().unwrap().mode, Mode::Dense);
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("new", "One more.").with("stars", 9)).unwrap();
    writer.commit().unwrap();
    assert_eq!(left(&collection, "stars = 9").len(), 1);
    assert_sound(&collection);
}

#[test]
fn filters_without_columns_leave_something_and_not_all() {
    let place = Place::new();
    let collection = place.options().words(WordIndex::None).open(place.path("c")).unwrap();
    fill(&place, &collection);
    let all = left(&collection, "path exists");
    for filter in FILTERS {
        let left = left(&collection, filter);
        assert!(!left.is_empty() && left.len() < all.len(), "{filter}: {left:?} of {all:?}");
    }
    assert!(all.iter().all(|(id, ..)| id != "gone"));
}

#[cfg(feature = "lexical")]
#[test]
fn filters_find_the_same_with_columns_and_without() {
    let places = [Place::new(), Place::new()];
    let [with, without] = [WordIndex::BUILT_IN, WordIndex::None];
    let [with, without] = [(with, &places[0]), (without, &places[1])].map(|(words, place)| {
        let collection = place.options().words(words).open(place.path("c")).unwrap();
        fill(place, &collection);
        collection
    });
    for filter in FILTERS {
        assert_eq!(left(&with, filter), left(&without, filter), "{filter}");
    }
}

#[cfg(feature = "lexical")]
#[test]
fn without_a_dictionary_chinese_is_found_by_its_characters() {
    let place = Place::new();
    let collection = place.options().words(WordIndex::Characters).open(place.path("c")).unwrap();
    let texts = [
        ("name", "欧阳娜娜", "昨晚欧阳娜娜演奏了大提琴。"),
        ("bridge", "长江大桥", "南京市长江大桥很长。"),
        ("one", "鲲", "北冥有鱼，其名为鲲。"),
        ("traditional", "臺灣大學", "他毕业于台湾大学物理系。"),
    ];
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(texts.map(|(id, _, text)| Document::new(id, text)).to_vec()).unwrap();
    writer.commit().unwrap();
    for (id, question, _) in texts {
        let hits = collection.search(question).mode(Mode::Lexical).run().unwrap().hits;
        assert_eq!(hits[0].document.id.as_str(), id, "{question}");
    }
    assert_sound(&collection);
}

#[cfg(not(feature = "lexical"))]
#[test]
fn a_build_that_cannot_make_words_refuses_to_keep_them() {
    let place = Place::new();
    assert_eq!(WordIndex::BUILT_IN, WordIndex::None);
    for words in [WordIndex::Characters, WordIndex::Full] {
        let made = place.options().words(words).open(place.path("c"));
        let Err(error @ Error::CollectionKind { .. }) = made else { panic!("it was made") };
        assert!(error.to_string().contains("feature"), "{error}");
        assert!(!Collection::exists(place.path("c")));
    }
}
