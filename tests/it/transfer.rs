//! Documents are exported from one collection as JSON lines and imported into another.

use nigh::{
    Collection, CollectionOptions, Document, Error, ExportedDocument, ExportedPassage, Imported, Part, Result, Span,
    Syntax, VectorPrecision,
};

use crate::support::{Place, Random, TinyModel, assert_sound, counts, exported, found, text};

const QUERIES: [&str; 4] = ["mean pooling", "句向量 平均", "documents and answers", "问答"];

fn filled(place: &Place) -> Collection {
    for i in 0..12 {
        place.write(&format!("{i}.md"), text::markdown(i, 5));
    }
    let collection = place.open();
    place.index(&collection);
    let mut writer = collection.writer().unwrap();
    writer
        .upsert(Document::new("brought", "one more").with("n", 1.5).with("s", "文").with_syntax(Syntax::Code))
        .unwrap();
    writer.upsert(Document::new("empty", "")).unwrap();
    writer.commit().unwrap();
    collection
}

/// Returns the collection's documents as JSON lines, as `nigh export` writes them.
fn export_lines(collection: &Collection, vectors: bool) -> Vec<String> {
    let documents = collection.export().vectors(vectors).run().unwrap();
    documents.map(|document| serde_json::to_string(&document.unwrap()).unwrap()).collect()
}

/// Imports lines and commits; returns how many came with vectors, and how many were encoded.
fn import(collection: &Collection, lines: &[String]) -> Result<(usize, usize)> {
    let mut writer = collection.writer()?;
    let documents = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    let report = writer.import_all(documents).run()?;
    writer.commit()?;
    Ok((report.stored, report.encoded))
}

fn search_all(collection: &Collection) -> Vec<Vec<(String, f32)>> {
    QUERIES.iter().map(|query| found(collection.search(*query).limit(20).run().unwrap())).collect()
}

fn sort_by_id(mut answers: Vec<Vec<(String, f32)>>) -> Vec<Vec<(String, f32)>> {
    answers.iter_mut().for_each(|hits| hits.sort_by(|a, b| a.0.cmp(&b.0)));
    answers
}

#[test]
fn export_with_vectors_is_imported_without_encoding() {
    let place = Place::new();
    let collection = filled(&place);
    let lines = export_lines(&collection, true);
    assert_eq!(lines.len(), 14);
    let copy = place.options().open(place.path("copy.nigh")).unwrap();
    assert_eq!(import(&copy, &lines).unwrap(), (14, 0));
    assert_eq!(exported(&copy), exported(&collection));
    assert_eq!(sort_by_id(search_all(&copy)), sort_by_id(search_all(&collection)));
    assert_sound(&copy);
    // Indexing the folder finds the documents unchanged.
    let report = place.index(&copy);
    assert_eq!((counts(&report), report.passages_encoded), ([0, 0, 12, 0, 0, 0], 0), "{report:?}");
    // Importing the same again changes nothing.
    import(&copy, &lines).unwrap();
    assert_eq!(exported(&copy), exported(&collection));
    assert_sound(&copy);
}

#[test]
fn import_without_vectors_encodes_the_text() {
    let place = Place::new();
    let collection = filled(&place);
    let lines = export_lines(&collection, false);
    assert!(lines.iter().all(|line| !line.contains("\"vector\"") && !line.contains("\"model\"")));
    let copy = place.options().open(place.path("copy.nigh")).unwrap();
    assert_eq!(import(&copy, &lines).unwrap(), (0, 14));
    // Only documents from files have a hash of the file's bytes.
    let content = |collection: &Collection| -> Vec<ExportedDocument> {
        let mut documents = exported(collection);
        documents.iter_mut().for_each(|document| document.content_hash = None);
        documents
    };
    assert_eq!(content(&copy), content(&collection));
    assert_eq!(sort_by_id(search_all(&copy)), sort_by_id(search_all(&collection)));
}

#[test]
fn import_refuses_vectors_of_another_model() {
    let place = Place::new();
    let collection = filled(&place);
    let lines = export_lines(&collection, true);
    let other = Place::with(&TinyModel { seed: 5, ..TinyModel::default() });
    let copy = other.open();
    assert_eq!(import(&copy, &lines).unwrap(), (0, 14));
    let texts =
        |collection| exported(collection).into_iter().map(|d| (d.id, d.text, d.metadata, d.syntax)).collect::<Vec<_>>();
    assert_eq!(texts(&copy), texts(&collection));
    assert_ne!(sort_by_id(search_all(&copy)), sort_by_id(search_all(&collection)));
    let direct = other.options().open(other.path("direct.nigh")).unwrap();
    import(&direct, &export_lines(&collection, false)).unwrap();
    assert_eq!(exported(&copy), exported(&direct));
    // Vectors of a model cannot be imported into a collection without a model.
    let vectors = CollectionOptions::new().dimension(32).open(place.path("v.nigh")).unwrap();
    assert!(matches!(import(&vectors, &lines), Err(Error::CollectionKind { .. })));
}

#[test]
fn export_and_import_of_own_vectors_in_both_forms() {
    let place = Place::new();
    let options = || CollectionOptions::new().dimension(3).vector_precision(VectorPrecision::F32);
    let collection = options().open(place.path("v.nigh")).unwrap();
    let mut random = Random(1);
    let mut short = Vec::new();
    for i in 0..20 {
        let vector: Vec<f32> = (0..3).map(|_| random.normal() as f32).collect();
        short.push(
            serde_json::json!({ "id": i.to_string(), "text": format!("text {i}"), "vector": vector }).to_string(),
        );
    }
    assert_eq!(import(&collection, &short).unwrap(), (20, 0));
    let copy = options().open(place.path("copy.nigh")).unwrap();
    assert_eq!(import(&copy, &export_lines(&collection, true)).unwrap(), (20, 0));
    assert_eq!(exported(&copy), exported(&collection));
    let ask =
        |collection: &Collection| found(collection.search_by_vector(vec![1.0, 2.0, -1.0]).limit(20).run().unwrap());
    assert_eq!((ask(&copy).len(), ask(&copy)), (20, ask(&collection)));
    assert_sound(&copy);
    let without = export_lines(&collection, false);
    assert!(matches!(import(&copy, &without), Err(Error::CollectionKind { .. })));
    let wider = CollectionOptions::new().dimension(4).open(place.path("w.nigh")).unwrap();
    for lines in [short, export_lines(&collection, true)] {
        let refused = import(&wider, &lines).unwrap_err();
        assert!(matches!(refused, Error::InvalidDocument { .. }) && refused.to_string().contains('4'), "{refused}");
    }
    // A collection with a model encodes the text itself.
    assert_eq!(import(&place.open(), &export_lines(&collection, true)).unwrap(), (0, 20));
}

#[test]
fn import_refuses_invalid_documents() {
    let place = Place::new();
    let collection = CollectionOptions::new().dimension(2).open(place.path("v.nigh")).unwrap();
    let good = || ExportedPassage::new(Span::new(0..3, 1..2), vec![0.6, 0.8]);
    let document = |passage: ExportedPassage| {
        let mut document = ExportedDocument::new("a", "词 two\nlines");
        document.passages = Some(vec![passage]);
        document
    };
    let bad: [fn(&mut ExportedPassage); 10] = [
        |passage| passage.end_byte = 99,
        |passage| (passage.start_byte, passage.end_byte) = (3, 1),
        |passage| passage.start_byte = 1,
        |passage| passage.vector = vec![1.0],
        |passage| passage.vector = vec![1.0, 1.0],
        |passage| passage.vector = vec![0.0, 0.0],
        |passage| passage.vector = vec![f32::NAN, 1.0],
        |passage| (passage.start_line, passage.end_line) = (0, 0),
        |passage| (passage.start_line, passage.end_line) = (2, 1),
        |passage| (passage.start_line, passage.end_line) = (7, 900),
    ];
    let mut writer = collection.writer().unwrap();
    for make_bad in bad {
        let mut passage = good();
        make_bad(&mut passage);
        let refused = writer.import(document(passage.clone()));
        assert!(matches!(refused, Err(Error::InvalidDocument { .. })), "{passage:?}: {refused:?}");
    }
    let mut nameless = document(good());
    nameless.id.clear();
    let refused = writer.import(nameless);
    assert!(matches!(refused, Err(Error::InvalidDocument { .. })), "{refused:?}");
    writer.import(document(good())).unwrap();
    writer.commit().unwrap();
    assert_eq!(collection.status().unwrap().documents, 1);
    assert_sound(&collection);
}

/// Returns a text of one byte more than allowed.
fn too_long_text() -> String {
    "x".repeat((64 << 20) + 1)
}

#[test]
fn texts_that_are_too_long_are_refused_everywhere() {
    let place = Place::new();
    let collection = place.open();
    let vectors = CollectionOptions::new().dimension(2).open(place.path("v.nigh")).unwrap();
    let says = |refused: Result<(), Error>| {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Error::InvalidDocument { .. }), "{refused}");
        assert!(refused.to_string().contains("67108865 bytes; the most is 67108864"), "{refused}");
    };
    says(collection.writer().unwrap().upsert(Document::new("a", too_long_text())));
    says(vectors.writer().unwrap().upsert(Document::new("a", too_long_text()).with_vector(vec![1.0, 0.0])));
    let mut exported = ExportedDocument::new("a", too_long_text());
    exported.vector = Some(vec![1.0, 0.0]);
    says(collection.writer().unwrap().import(exported.clone()).map(|_| ()));
    exported.passages = Some(vec![]);
    says(vectors.writer().unwrap().import(exported).map(|_| ()));
}

/// Without vectors, rows keep their passages, places and columns; an edited text is split again.
#[test]
fn parts_are_restored_without_vectors() {
    let place = Place::new();
    place.write("ports.csv", "port,depth\nOban,4.5\nLeith,12\nUllapool,7\n");
    place.write("notes.md", text::markdown(1, 5));
    place.write(
        "long.jsonl",
        format!("{{\"who\": \"a\", \"said\": \"{}\"}}\n{{\"who\": \"b\"}}\n", "words of a row ".repeat(300)),
    );
    let collection = place.open();
    place.index(&collection);
    let plain = export_lines(&collection, false);
    let of = |id: &str| plain.iter().find(|line| line.contains(id)).unwrap();
    assert!(of("ports.csv").contains("\"Oban\"") && !of("ports.csv").contains("\"vector\""), "{}", of("ports.csv"));
    assert!(!of("notes.md").contains("passages"), "passages that follow from the text are not exported");
    let copy = place.options().open(place.path("copy.nigh")).unwrap();
    assert_eq!(import(&copy, &plain).unwrap(), (0, 3));
    assert_sound(&copy);
    let essence = |collection: &Collection| -> Vec<_> {
        let all = exported(collection).into_iter().map(|document| {
            let passages = document.passages.unwrap().into_iter();
            (
                document.id,
                passages
                    .map(|p| {
                        (p.start_byte, p.end_byte, p.start_line, p.end_line, p.headings, p.place, p.metadata, p.hash)
                    })
                    .collect::<Vec<_>>(),
            )
        });
        all.collect()
    };
    assert_eq!(essence(&copy), essence(&collection));
    let filter = || nigh::Filter::parse("port = Leith and depth > 5").unwrap();
    let hits = copy.search("harbour").filter(filter()).run().unwrap().hits;
    assert_eq!((hits.len(), &hits[0].passage.metadata["port"]), (1, &"Leith".into()));
    assert!(hits[0].passage.place.is_some());
    assert_eq!(export_lines(&copy, false), plain, "and again");

    // An edited text has other passages; a line of an older export has none.
    let mut edited: ExportedDocument = serde_json::from_str(of("ports.csv")).unwrap();
    edited.text = edited.text.replace("Leith", "Leith and Granton");
    let mut writer = copy.writer().unwrap();
    let imported = writer.import(edited.clone()).unwrap();
    assert!(matches!(&imported, Imported::Edited(document) if document.parts.is_empty()), "{imported:?}");
    let mut old = edited.clone();
    (old.text_hash, old.passages) = (None, None);
    let imported = writer.import(old).unwrap();
    assert!(matches!(&imported, Imported::NeedsEncoding(document) if document.parts.is_empty()), "{imported:?}");
    // Without the hash, passages are accepted unless they are not part of the text.
    (edited.text_hash, edited.text) = (None, "short".to_owned());
    assert!(matches!(writer.import(edited), Err(Error::InvalidDocument { .. })));
}

/// A document may give its passages. One that is too long is split, and nothing is lost.
#[test]
fn documents_in_parts_lose_no_text() {
    let place = Place::new();
    let collection = place.open();
    let long = "many words of one part that no passage holds ".repeat(400);
    let text = format!("first\nsecond\n{long}");
    let parts = [Part::new(0..5).with("n", 1), Part::new(6..12).with("n", 2), Part::new(13..text.len()).with("n", 3)];
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("parts", text.clone()).with_parts(parts)).unwrap();
    writer.commit().unwrap();
    let document = exported(&collection).remove(0);
    let passages = document.passages.unwrap();
    let numbers: Vec<_> = passages.iter().map(|passage| passage.metadata["n"].as_i64().unwrap()).collect();
    assert!(numbers.len() > 3 && numbers[..3] == [1, 2, 3] && numbers[2..].iter().all(|&n| n == 3), "{numbers:?}");
    assert_eq!((passages[1].start_line, passages[1].end_line, passages[2].start_line), (2, 2, 3));
    let ends = passages.last().unwrap();
    assert!(text[ends.end_byte..].trim().is_empty() && (ends.start_line, ends.end_line) == (3, 3));
    assert!(
        passages[2..]
            .windows(2)
            .all(|pair| text[pair[0].end_byte.min(pair[1].start_byte)..pair[1].start_byte].trim().is_empty())
    );
    let outside = writer.upsert(Document::new("bad", "池").with_parts([Part::new(1..2)]));
    assert!(matches!(outside, Err(Error::InvalidDocument { .. })), "{outside:?}");
    assert_sound(&collection);
}
