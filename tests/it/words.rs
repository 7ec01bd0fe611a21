//! Data that a collection stores for searches by words: everything, Chinese without a dictionary, or nothing.

use nigh::{Collection, Document, Error, Filter, Mode, WordIndex};

use nigh::FieldValue;

use crate::support::{Place, assert_sound, exported, ids, index};

/// Documents with every kind of value, files with values in each row; one document replaced and one removed.
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
    writer.upsert_all(documents.to_vec()).run().unwrap();
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

/// Returns the passages that match a filter, by a search by meaning.
fn matching_passages(collection: &Collection, filter: &str) -> Vec<(String, u32, u32)> {
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
fn lexical_index_can_be_left_out() {
    let place = Place::new();
    let collection = place.options().word_index(WordIndex::None).open(place.path("c")).unwrap();
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

    // Rebuilt and reopened with the default options, it keeps its own setting.
    let (collection, _) = Collection::rebuild(place.path("c")).options(place.options()).run().unwrap();
    assert_sound(&collection);
    assert_eq!((exported(&collection), ids(&collection, "cello")), before);
    drop(collection);
    let collection = place.options().open(place.path("c")).unwrap();
    assert_eq!(collection.search("cello").run().unwrap().mode, Mode::Dense);
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("new", "One more.").with("stars", 9)).unwrap();
    writer.commit().unwrap();
    assert_eq!(matching_passages(&collection, "stars = 9").len(), 1);
    assert_sound(&collection);
}

#[test]
fn filters_without_columns_match_some_documents() {
    let place = Place::new();
    let collection = place.options().word_index(WordIndex::None).open(place.path("c")).unwrap();
    fill(&place, &collection);
    let all = matching_passages(&collection, "path exists");
    for filter in FILTERS {
        let left = matching_passages(&collection, filter);
        assert!(!left.is_empty() && left.len() < all.len(), "{filter}: {left:?} of {all:?}");
    }
    assert!(all.iter().all(|(id, ..)| id != "gone"));
}

#[cfg(feature = "lexical")]
#[test]
fn filters_match_the_same_with_and_without_columns() {
    let places = [Place::new(), Place::new()];
    let [with, without] = [WordIndex::BUILT_IN, WordIndex::None];
    let [with, without] = [(with, &places[0]), (without, &places[1])].map(|(words, place)| {
        let collection = place.options().word_index(words).open(place.path("c")).unwrap();
        fill(place, &collection);
        collection
    });
    for filter in FILTERS {
        assert_eq!(matching_passages(&with, filter), matching_passages(&without, filter), "{filter}");
    }
}

#[cfg(feature = "lexical")]
#[test]
fn chinese_without_a_dictionary_is_found_by_characters() {
    let place = Place::new();
    let collection = place.options().word_index(WordIndex::Characters).open(place.path("c")).unwrap();
    let texts = [
        ("name", "欧阳娜娜", "昨晚欧阳娜娜演奏了大提琴。"),
        ("bridge", "长江大桥", "南京市长江大桥很长。"),
        ("one", "鲲", "北冥有鱼，其名为鲲。"),
        ("traditional", "臺灣大學", "他毕业于台湾大学物理系。"),
    ];
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(texts.map(|(id, _, text)| Document::new(id, text)).to_vec()).run().unwrap();
    writer.commit().unwrap();
    for (id, question, _) in texts {
        let hits = collection.search(question).mode(Mode::Lexical).run().unwrap().hits;
        assert_eq!(hits[0].document.id.as_str(), id, "{question}");
    }
    assert_sound(&collection);
}

#[cfg(not(feature = "lexical"))]
#[test]
fn lexical_index_needs_a_build_that_can_write_it() {
    let place = Place::new();
    assert_eq!(WordIndex::BUILT_IN, WordIndex::None);
    for words in [WordIndex::Characters, WordIndex::Full] {
        let made = place.options().word_index(words).open(place.path("c"));
        let Err(error @ Error::CollectionKind { .. }) = made else { panic!("it was made") };
        assert!(error.to_string().contains("feature"), "{error}");
        assert!(!Collection::exists(place.path("c")));
    }
}

fn unknown_of(collection: &Collection, filter: &str) -> Vec<String> {
    collection.unknown_fields(&filter.parse().unwrap()).unwrap()
}

/// The same with and without columns: fields of the collection, and why no document matches a filter.
#[test]
fn fields_and_hints_of_filters() {
    for words in [WordIndex::None, WordIndex::BUILT_IN] {
        let place = Place::new();
        let collection = place.options().word_index(words).open(place.path("c")).unwrap();
        fill(&place, &collection);
        let fields = collection.fields(100).unwrap();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let expected = [
            "extension",
            "language",
            "modified",
            "path",
            "size",
            "box.a.deep",
            "box.z",
            "city",
            "lang",
            "name",
            "people",
            "stars",
            "tags",
        ];
        // A metadata field `lang` is written `metadata.lang`, since `lang` is a built-in field.
        let expected: Vec<&str> = expected.map(|name| if name == "lang" { "metadata.lang" } else { name }).into();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let mut wanted = expected.clone();
        wanted.sort_unstable();
        assert_eq!(sorted, wanted, "{words:?}");
        let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
        let text = |text: &str| FieldValue::Text(text.to_owned());
        assert_eq!(field("tags").values, [(text("a"), 1), (text("b"), 1)]);
        // Fields count documents, not rows; removed and replaced documents do not count.
        let stars = field("stars");
        assert_eq!((stars.documents, stars.range, stars.values.len(), stars.more), (3, Some((1.0, 5.0)), 4, false));
        assert_eq!(field("city").values, [(text("Bonn"), 1), (text("北京"), 1)]);
        assert_eq!(field("extension").values, [(text("csv"), 1), (text("jsonl"), 1), (text("txt"), 1)]);
        assert_eq!((field("path").documents, field("path").values.len()), (8, 8));
        let few = collection.fields(1).unwrap();
        assert!(few.iter().all(|field| field.values.len() <= 1));
        assert!(few.iter().find(|field| field.name == "city").unwrap().more);

        let why = |filter: &str| collection.why_nothing(&filter.parse().unwrap()).unwrap();
        let says = |filter: &str, parts: &[&str]| {
            let message = why(filter).join("; ");
            assert!(
                parts.iter().all(|part| message.contains(part)) && !parts.is_empty(),
                "{words:?} {filter}: {message}"
            );
        };
        says("ext = md", &["\"ext\" is not a field", "Did you mean extension?", "tags", "stars"]);
        says("tag = b", &["\"tag\" is not a field", "Did you mean tags?"]);
        says("city = Bon", &["no document matches city = Bon", "Did you mean \"Bonn\"?"]);
        says(
            "language = fr",
            &["no document matches language = fr; this collection has", "de (1)", "klingon (1)", "zh (1)"],
        );
        says("stars = 3 and city = Bonn", &["no document matches stars = 3", "4 (1)", "2.5 (1)"]);
        says("tags = b and city = Bonn", &["none passes all"]);
        says("path = plain.txt", &["Did you mean \"docs/plain.txt\"", "path contains plain.txt"]);
        says("stars > 100", &["no document matches stars > 100"]);
        says("size > 5000", &["no document matches size > 5000; this collection has ", " to ", " bytes"]);
        says("modified > tomorrow", &["no document matches modified > tomorrow; this collection has 20", "Z to 20"]);
        // An object has no value itself, but it exists.
        says("box = 1", &["\"box\" is an object", "The fields inside are box.a.deep, box.z"]);
        says("exists(bocks)", &["\"bocks\" is not a field"]);
        assert!(collection.count(&"exists(box) and exists(box.a)".parse().unwrap()).unwrap() > 0, "{words:?}");
        assert_eq!(collection.count(&"exists(bo) or exists(box.a.dee)".parse().unwrap()).unwrap(), 0);
        assert_eq!(unknown_of(&collection, "exists(box)"), [] as [String; 0]);
        for filter in ["city = Bonn", "tagg != x", "not (tagg = x)", "stars > 100 or city = Bonn"] {
            assert_eq!(why(filter), [] as [String; 0], "{words:?} {filter}");
        }
        // An unknown name is reported even if something is found.
        let unknown = |filter: &str| unknown_of(&collection, filter);
        assert!(unknown("tagg != x").concat().contains("Did you mean tags?"));
        assert!(unknown("tags != x and size > 3 and `city` exists and title exists").concat().contains("\"title\""));
        assert_eq!(unknown("tags != x and size > 3"), [] as [String; 0]);
    }
}
