//! Tests of names and scopes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::office::namespace::Ns;
use crate::office::namespace::scope::{MAX_DECLARED, Scope};

#[test]
fn namespaces_of_both_editions_are_one_vocabulary() {
    for (uri, expected) in [
        ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", Ns::Word),
        ("http://purl.oclc.org/ooxml/wordprocessingml/main", Ns::Word),
        ("http://purl.oclc.org/ooxml/spreadsheetml/main", Ns::Sheet),
        ("http://purl.oclc.org/ooxml/officeDocument/relationships", Ns::Relation),
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", Ns::Sheet),
        ("http://schemas.microsoft.com/office/spreadsheetml/2010/11/main", Ns::Foreign),
        ("urn:oasis:names:tc:opendocument:xmlns:text:1.0", Ns::Text),
        ("urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0", Ns::Number),
        ("http://openoffice.org/2000/table", Ns::Table),
        ("http://example.org/text", Ns::Foreign),
        ("", Ns::None),
    ] {
        assert_eq!(Ns::of_uri(uri), expected, "{uri}");
    }
}

#[test]
fn scopes_shadow_and_are_limited() {
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let part = Scope::of_part(Ns::Sheet);
    assert_eq!((part.unprefixed(), part.prefix("w"), part.prefix("x")), (Ns::Sheet, Ns::Word, Ns::Foreign));
    let outer = Scope::inside(&part, [("x", word), ("", word)].into_iter());
    assert_eq!((outer.unprefixed(), outer.prefix("x")), (Ns::Word, Ns::Word));
    let inner = Scope::inside(&outer, [("x", "urn:mine"), ("w", "urn:mine"), ("", "")].into_iter());
    assert_eq!((inner.unprefixed(), inner.prefix("x"), inner.prefix("w")), (Ns::None, Ns::Foreign, Ns::Foreign));
    let names: Vec<String> = (0..10_000).map(|number| format!("n{number}")).collect();
    let many = Scope::inside(&part, names.iter().map(|name| (name.as_str(), "urn:x")));
    assert_eq!((many.declared.len(), many.prefix("w")), (MAX_DECLARED, Ns::Word));
}
