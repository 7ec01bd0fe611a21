//! Collections without a model: documents have their own vectors.

use nigh::{Collection, CollectionOptions, Document, Error, ExportedDocument, Mode, VectorPrecision};

use crate::support::{Place, Random, assert_sound, found};

const DIMENSION: usize = 8;

fn options() -> CollectionOptions {
    CollectionOptions::new().dimension(DIMENSION)
}

fn vector(random: &mut Random) -> Vec<f32> {
    (0..DIMENSION).map(|_| random.normal() as f32).collect()
}

fn document(id: usize, vector: Vec<f32>) -> Document {
    Document::new(format!("{id}"), format!("the text of {id}\nin two lines")).with_vector(vector)
}

fn filled(collection: &Collection, count: usize) -> Vec<Vec<f32>> {
    let mut random = Random(5);
    let vectors: Vec<Vec<f32>> = (0..count).map(|_| vector(&mut random)).collect();
    let mut writer = collection.writer().unwrap();
    let documents: Vec<Document> = vectors.iter().enumerate().map(|(i, v)| document(i, v.clone())).collect();
    assert_eq!(writer.upsert_all(documents).run().unwrap(), count);
    writer.commit().unwrap();
    vectors
}

/// Computes all cosines; returns ids and cosines, best first.
fn expected_hits(vectors: &[Vec<f32>], query: &[f32]) -> Vec<(String, f64)> {
    let mut all: Vec<(String, f64)> =
        vectors.iter().enumerate().map(|(i, v)| (i.to_string(), crate::support::cosine(v, query))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all
}

#[test]
fn search_is_exact_cosine_in_both_precisions() {
    let place = Place::new();
    for (name, options, tolerance) in
        [("f16", options(), 2e-3), ("f32", options().vector_precision(VectorPrecision::F32), 1e-5)]
    {
        let collection = options.open(place.path(name)).unwrap();
        let vectors = filled(&collection, 500);
        let wanted = if name == "f16" { VectorPrecision::F16 } else { VectorPrecision::F32 };
        assert_eq!(collection.status().unwrap().precision, wanted);
        let mut random = Random(6);
        for _ in 0..20 {
            let query = vector(&mut random);
            let expected = expected_hits(&vectors, &query);
            let hits = found(collection.search_by_vector(query).limit(50).run().unwrap());
            assert_eq!(hits.len(), 50);
            for (place, (id, score)) in hits.iter().enumerate() {
                let own = expected.iter().find(|(i, _)| i == id).unwrap().1;
                assert!((f64::from(*score) - own).abs() < tolerance, "{name}: {id} has {score}, not {own}");
                assert!((expected[place].1 - own).abs() < 2.0 * tolerance, "{name}: {id} at {place}");
            }
        }
        let like = found(collection.similar_to("7").limit(3).run().unwrap());
        assert!(like.iter().all(|(id, _)| id != "7"));
        assert_eq!(like[0].0, expected_hits(&vectors, &vectors[7])[1].0);
        assert_sound(&collection);
    }
}

#[test]
fn vectors_of_zero_or_not_finite_are_refused() {
    let place = Place::new();
    let collection = options().open(place.path("v")).unwrap();
    let mut writer = collection.writer().unwrap();
    let mut infinite = vec![1.0; DIMENSION];
    infinite[3] = f32::INFINITY;
    let bad = [
        vec![1.0; DIMENSION + 1],
        vec![1.0; DIMENSION - 1],
        vec![],
        vec![0.0; DIMENSION],
        vec![f32::NAN; DIMENSION],
        infinite,
    ];
    for vector in bad {
        let refused = writer.upsert(document(1, vector.clone())).unwrap_err();
        assert!(matches!(refused, Error::InvalidDocument { .. }) && refused.to_string().contains("\"1\""), "{refused}");
        let searched = collection.search_by_vector(vector.clone()).run();
        assert!(matches!(searched, Err(Error::InvalidInput { .. })), "{vector:?}: {searched:?}");
    }
    let none = writer.upsert(Document::new("1", "text alone")).unwrap_err();
    assert!(matches!(none, Error::CollectionKind { .. }) && none.to_string().contains("8 numbers"), "{none}");
    let meant = collection.search("in words").mode(Mode::Dense).run();
    assert!(matches!(meant, Err(Error::CollectionKind { .. })));
    assert!(matches!(collection.encoder(), Err(Error::CollectionKind { .. })));
    // Very small and very large vectors have a direction too.
    let huge = [1e30, -1e30, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let tiny = huge.map(|x| x * 1e-60);
    writer.upsert(document(2, huge.map(|x: f64| x as f32).into())).unwrap();
    writer.upsert(document(3, tiny.map(|x| x as f32).into())).unwrap();
    writer.commit().unwrap();
    let hits = found(collection.search_by_vector(vec![1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).run().unwrap());
    assert!(hits.len() == 2 && hits.iter().all(|(_, score)| (score - 1.0).abs() < 1e-3), "{hits:?}");
    assert_sound(&collection);
}

#[test]
fn vector_errors_name_the_document_and_the_number() {
    let place = Place::new();
    let collection = options().open(place.path("v")).unwrap();
    let mut writer = collection.writer().unwrap();
    let none = writer.upsert(Document::new("lamp", "text alone")).unwrap_err().to_string();
    assert!(none.contains("\"lamp\"") && none.contains("8 numbers"), "{none}");
    let none = writer.import(ExportedDocument::new("shade", "text alone")).unwrap_err().to_string();
    assert!(none.contains("\"shade\""), "{none}");
    let mut vector = vec![1.0; DIMENSION];
    vector[5] = f32::NAN;
    let refused = writer.upsert(Document::new("lamp", "").with_vector(vector.clone())).unwrap_err().to_string();
    assert!(refused.contains("\"lamp\"") && refused.contains("NaN at index 5"), "{refused}");
    let refused = collection.search_by_vector(vector.clone()).run().unwrap_err().to_string();
    assert!(refused.contains("the query vector has the number NaN at index 5"), "{refused}");
    for wrong in [vec![], vec![0.0; DIMENSION + 1]] {
        let refused = collection.search_by_vector(wrong.clone()).run().unwrap_err().to_string();
        assert!(refused.contains(&format!("{} numbers", wrong.len())), "{refused}");
    }
    let each = collection.search("").run_each_vector([vec![1.0; DIMENSION], vector]).unwrap_err().to_string();
    assert!(each.contains("the query vector with index 1") && each.contains("NaN at index 5"), "{each}");
    let with_model = place.open();
    let mut writer = with_model.writer().unwrap();
    let brought = writer.upsert(Document::new("lamp", "text").with_vector(vec![1.0; 32])).unwrap_err().to_string();
    assert!(brought.contains("\"lamp\""), "{brought}");
}

#[test]
fn run_each_vector_gives_the_hits_of_single_searches() {
    let place = Place::new();
    let collection = options().open(place.path("v")).unwrap();
    filled(&collection, 100);
    let mut random = Random(9);
    let queries: Vec<Vec<f32>> = (0..5).map(|_| vector(&mut random)).collect();
    let each = collection.search("").limit(4).run_each_vector(queries.clone()).unwrap();
    assert_eq!(each.len(), queries.len());
    for (query, hits) in queries.into_iter().zip(each) {
        assert_eq!(found(hits), found(collection.search_by_vector(query).limit(4).run().unwrap()));
    }
    assert!(collection.search("").run_each_vector([]).unwrap().is_empty());
}

#[test]
fn upsert_all_reports_progress_of_given_vectors() {
    let place = Place::new();
    let collection = options().open(place.path("v")).unwrap();
    let mut writer = collection.writer().unwrap();
    let mut seen = Vec::new();
    let documents = (0..3).map(|i| document(i, vec![1.0; DIMENSION]));
    writer
        .upsert_all(documents)
        .on_progress(|progress| seen.push((progress.documents, progress.passages)))
        .run()
        .unwrap();
    assert_eq!(seen, [(1, 0), (2, 0), (3, 0)]);
}

#[test]
fn hits_serialise_with_the_names_of_the_program() {
    let place = Place::new();
    let collection = options().open(place.path("v")).unwrap();
    let mut writer = collection.writer().unwrap();
    writer.upsert(document(1, vec![1.0; DIMENSION]).with("price", 5)).unwrap();
    writer.commit().unwrap();
    let hits = collection.search_by_vector(vec![1.0; DIMENSION]).run().unwrap();
    let json = serde_json::to_value(&hits).unwrap();
    let passage = serde_json::json!({
        "id": hits.hits[0].passage.id, "text": "the text of 1\nin two lines", "start_byte": 0, "end_byte": 26,
        "start_line": 1, "end_line": 2, "headings": [], "place": null, "metadata": {},
    });
    let mut listed = passage.clone();
    listed["score"] = serde_json::json!(hits.hits[0].score);
    let hit = serde_json::json!({
        "rank": 1, "score": hits.hits[0].score, "relevance": hits.hits[0].relevance, "id": "1", "metadata": {"price": 5},
        "passage_count": 1, "passage": passage, "passages": [listed], "matching_passages": 1,
    });
    assert_eq!(json["hits"], serde_json::json!([hit]));
    let mode = if cfg!(feature = "lexical") { "hybrid" } else { "dense" };
    assert_eq!((&json["mode"], &json["generation"]), (&mode.into(), &hits.generation.into()));
    let total = hits.timings.total.as_secs_f64() * 1e3;
    assert!((json["took_ms"]["total"].as_f64().unwrap() - total).abs() < 1e-3, "{json}");
    assert_eq!(json["plan"][0]["rows"], 1);
    let explained = collection.search_by_vector(vec![1.0; DIMENSION]).explain(true).run().unwrap();
    assert_eq!(serde_json::to_value(&explained.hits[0]).unwrap()["explain"]["dense_rank"], 1);
}

#[test]
fn passage_of_a_document_with_a_vector_is_the_whole_text() {
    let place = Place::new();
    let collection = options().open(place.path("v")).unwrap();
    let mut writer = collection.writer().unwrap();
    let texts = ["", "one line", "two\nlines", "ends with a break\n", " \n "];
    for (i, text) in texts.iter().enumerate() {
        let mut vector = vec![0.0; DIMENSION];
        vector[i] = 1.0;
        writer.upsert(Document::new(format!("{i}"), *text).with_vector(vector)).unwrap();
    }
    writer.commit().unwrap();
    for (i, text) in texts.iter().enumerate() {
        let mut query = vec![0.0; DIMENSION];
        query[i] = 2.0;
        let hit = collection.search_by_vector(query).limit(1).run().unwrap().hits.remove(0);
        assert_eq!((hit.document.id.as_str(), hit.passage.text.as_str()), (i.to_string().as_str(), *text));
        assert_eq!(hit.passage.span.bytes, 0..text.len());
        assert_eq!(hit.passage.span.lines, 1..text.lines().count().max(1) + 1);
        assert_eq!(hit.score, 1.0);
    }
    // A search by words needs no model.
    if cfg!(feature = "lexical") {
        let hits = collection.search("two lines").run().unwrap().hits;
        assert_eq!((hits[0].document.id.as_str(), hits[0].passage.text.as_str()), ("2", texts[2]));
    }
    assert_sound(&collection);
}

#[test]
fn collection_is_of_one_kind() {
    let place = Place::new();
    let (notes, vectors) = (place.path("notes.nigh"), place.path("v"));
    drop((place.open(), options().open(&vectors).unwrap()));
    let refusals = [
        options().open(&notes).err().unwrap(),
        CollectionOptions::new().dimension(DIMENSION + 1).open(&vectors).err().unwrap(),
        CollectionOptions::new().model(place.model()).open(&vectors).err().unwrap(),
    ];
    for refused in refusals {
        assert!(matches!(refused, Error::CollectionKind { .. }) && refused.is_user_error(), "{refused:?}");
    }
    let both = options().model(place.model()).open(place.path("both")).err().unwrap();
    assert!(matches!(both, Error::InvalidOptions { .. }), "{both:?}");
    for dimension in [0, 1_000_000] {
        let refused = CollectionOptions::new().dimension(dimension).open(place.path("none")).err().unwrap();
        assert!(matches!(refused, Error::InvalidOptions { .. }), "{refused:?}");
        assert!(!Collection::exists(place.path("none")));
    }
    // Without options the collection opens with its own kind.
    assert_eq!(Collection::open(&vectors).unwrap().status().unwrap().dimension, DIMENSION);
    let refused =
        place.open().writer().unwrap().upsert(Document::new("a", "b").with_vector(vec![1.0; 32])).unwrap_err();
    assert!(matches!(refused, Error::CollectionKind { .. }), "{refused:?}");
}
