//! Limits of documents: their names, their length, and what happens to others when one is refused.

use nigh::{Document, DocumentId, Error};

use crate::support::{Place, assert_sound, found, ids, text};

#[test]
fn documents_of_any_length_are_stored() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    let large: String = (0..400).map(|i| text::markdown(i, 12)).collect();
    assert!(large.len() > 1_000_000, "{}", large.len());
    let texts =
        [("empty", String::new()), ("white", " \n\t\u{3000}".to_owned()), ("large", large), ("x", "x".to_owned())];
    writer.upsert_all(texts.iter().map(|(id, text)| Document::new(*id, text.clone()))).run().unwrap();
    writer.commit().unwrap();
    for (id, text) in &texts {
        assert_eq!(&collection.document(id).unwrap().unwrap().text, text);
    }
    // A text without a word cannot be found, and causes no failure.
    let mut all = ids(&collection, "mean pooling");
    all.sort();
    assert_eq!(all, ["large", "x"]);
    assert!(collection.status().unwrap().passages > 5_000);
    assert_sound(&collection);
    assert!(writer.remove("large").unwrap());
    writer.commit().unwrap();
    assert_eq!(collection.status().unwrap().passages, 1);
    assert_sound(&collection);
}

#[test]
fn ids_may_be_any_text() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    let longest = "é".repeat(DocumentId::MAX_BYTES / 2);
    let names = [
        "a b",
        "../up",
        "/",
        "日本語 🦀",
        "line\nbreak",
        "\u{202e}rtl",
        "e\u{301}",
        "é",
        "a",
        "A",
        "a\u{1}",
        "\"'\\",
        &longest,
    ];
    writer.upsert_all(names.map(|name| Document::new(name, format!("the text of {name}")))).run().unwrap();
    writer.commit().unwrap();
    for name in names {
        assert_eq!(collection.document(name).unwrap().unwrap().text, format!("the text of {name}"));
    }
    let mut all: Vec<String> =
        found(collection.search("text").limit(99).run().unwrap()).into_iter().map(|f| f.0).collect();
    all.sort();
    let mut expected = names.to_vec();
    expected.sort_unstable();
    assert_eq!(all, expected);
    for bad in ["", "a\0b", &format!("{longest}x")] {
        let refused = writer.upsert(Document::new(bad, "text")).unwrap_err();
        assert!(matches!(refused, Error::InvalidDocument { .. }) && refused.is_user_error(), "{refused:?}");
        assert!(matches!(writer.remove(bad), Err(Error::InvalidDocument { .. })));
        assert!(matches!(collection.document(bad), Err(Error::InvalidDocument { .. })));
        let read = collection.document(bad).unwrap_err().to_string();
        assert!(!read.contains("stored") && !read.contains('\0'), "{read}");
    }
    let escaped = collection.document("a\0b").unwrap_err().to_string();
    assert!(escaped.contains(r#""a\0b""#), "{escaped}");
    assert_sound(&collection);
}

#[test]
fn refused_document_keeps_the_ones_before_it() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    let refused =
        writer.upsert_all(["one", "two", "", "four"].map(|id| Document::new(id, "a text"))).run().unwrap_err();
    assert!(matches!(refused, Error::InvalidDocument { .. }), "{refused:?}");
    let brought = Document::new("brought", "a text").with_vector(vec![1.0; 32]);
    let refused = writer.upsert_all([Document::new("five", "a text"), brought]).run().unwrap_err();
    assert!(matches!(refused, Error::CollectionKind { .. }), "{refused:?}");
    writer.commit().unwrap();
    let mut all = ids(&collection, "a text");
    all.sort();
    assert_eq!(all, ["five", "one", "two"]);
}
