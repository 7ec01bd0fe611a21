//! Tests of the reader of parts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::office::namespace::Ns;
use crate::office::xml::{Xml, XmlNode};

#[test]
fn texts_entities_and_ends() {
    let mut xml = Xml::new("<a x:y='1 &lt; 2'><b/>one &amp; t&#119;o<![CDATA[ <3]]>&unknown;</a>", Ns::Sheet);
    let Some(XmlNode::Open(a)) = xml.next() else { panic!("no element") };
    assert_eq!(a.name(), (Ns::Sheet, "a"));
    assert_eq!((a.get("y"), a.get_in(Ns::Foreign, "y").as_deref()), (None, Some("1 < 2")));
    assert_eq!(xml.text(), "one & two <3");
    assert!(xml.next().is_none() && !xml.damaged);
}

#[test]
fn entities_are_not_expanded_and_errors_end_the_part() {
    let mut laughs = Xml::new("<!DOCTYPE a [<!ENTITY b 'lol'><!ENTITY c '&b;&b;'>]><a>&c;x</a>", Ns::Sheet);
    laughs.next();
    assert_eq!(laughs.text(), "x");
    for cut in ["<a><b>text", "<a><b>text</a>", "<a><b>text</b", "<a><b>text<b x=></a>"] {
        let mut xml = Xml::new(cut, Ns::Sheet);
        xml.next();
        assert!(xml.text().starts_with("text"), "{cut}");
        assert!(xml.damaged, "{cut}");
    }
}

#[test]
fn depth_is_limited() {
    let deep = format!("<r>{}x{}<i>y</i></r>", "<d>".repeat(100_000), "</d>".repeat(100_000));
    let mut xml = Xml::new(&deep, Ns::Sheet);
    xml.next();
    assert_eq!(xml.text(), "y");
    let mut losses = Vec::new();
    xml.losses("part", &mut losses);
    assert!(losses.len() == 1 && losses[0].contains("200 deep"), "{losses:?}");
}

/// Writes the names of all elements and all texts.
fn show_nodes(text: &str, default: Ns) -> String {
    let mut xml = Xml::new(text, default);
    let mut shown = String::new();
    while let Some(node) = xml.next() {
        match node {
            XmlNode::Open(element) => shown += &format!("{:?}.{}(", element.name().0, element.name().1),
            XmlNode::Close => shown += ")",
            XmlNode::Text(text) => shown += text.trim(),
        }
    }
    assert!(!xml.damaged && xml.depth == 0 && xml.outer.is_empty() && xml.unseen.is_empty(), "{text}");
    shown
}

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const STRICT: &str = "http://purl.oclc.org/ooxml/wordprocessingml/main";

#[test]
fn elements_are_identified_by_namespace_not_by_prefix() {
    for (text, expected) in [
        (format!("<w:p xmlns:w='{W}'><w:t/></w:p>"), "Word.p(Word.t())"),
        (format!("<x:p xmlns:x='{STRICT}'><x:t/></x:p>"), "Word.p(Word.t())"),
        (format!("<p xmlns='{STRICT}'><t/><t xmlns=''/><t/></p>"), "Word.p(Word.t()None.t()Word.t())"),
        (format!("<w:p xmlns:w='{W}'><t/><w:t xmlns:w='urn:x'/><w:t/></w:p>"), "Word.p(None.t()Foreign.t()Word.t())"),
        // A part without declarations gets the vocabulary of its format.
        ("<worksheet><row/></worksheet>".to_owned(), "Sheet.worksheet(Sheet.row())"),
        ("<w:p><w:t/><t/><zz:t/></w:p>".to_owned(), "Word.p(Word.t()None.t()Foreign.t())"),
        // Declarations end with their element, whether it is read or skipped.
        (format!("<a><b xmlns='{W}'><c/></b><d/></a>"), "Sheet.a(Word.b(Word.c())Sheet.d())"),
    ] {
        assert_eq!(show_nodes(&text, Ns::Sheet), expected, "{text}");
    }
    let text = format!("<w:p xmlns:w='{W}' xmlns:q='urn:x' xmlns:v='{STRICT}' q:val='no' v:val='yes'/>");
    let mut xml = Xml::new(&text, Ns::None);
    let element = xml.child().unwrap();
    assert_eq!(
        (element.get("val").as_deref(), element.get_in(Ns::Foreign, "val").as_deref()),
        (Some("yes"), Some("no"))
    );
}

#[test]
fn alternative_contents_give_one_branch() {
    let alternative = |branches: &str| {
        format!(
            "<a xmlns:w14='http://schemas.microsoft.com/office/word/2010/wordml' xmlns:new='urn:new'>\
            <mc:AlternateContent>{branches}</mc:AlternateContent><z/></a>"
        )
    };
    for (branches, expected) in [
        ("<mc:Choice Requires='w14'><b/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "b"),
        ("<mc:Choice Requires='w14 new'><b/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "c"),
        ("<mc:Choice Requires='new'/><mc:Choice Requires='w14'><b/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "b"),
        ("<mc:Choice><b/></mc:Choice><mc:Choice><d/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "b"),
    ] {
        let expected = format!("Sheet.a(Sheet.{expected}()Sheet.z())");
        assert_eq!(show_nodes(&alternative(branches), Ns::Sheet), expected, "{branches}");
    }
    let nested =
        alternative(&format!("<mc:Choice Requires='w14'>{}x</mc:Choice>", alternative("<mc:Fallback>y</mc:Fallback>")));
    assert_eq!(show_nodes(&nested, Ns::Sheet), "Sheet.a(Sheet.a(ySheet.z())xSheet.z())");
    // A skip inside a branch skips the element around all branches.
    let text = alternative("<mc:Choice><b/><c/></mc:Choice>");
    let mut xml = Xml::new(&text, Ns::Sheet);
    xml.child();
    assert!(xml.child().is_some_and(|b| b.has_name(Ns::Sheet, "b")) && xml.child().is_none());
    xml.skip();
    assert!(xml.next().is_none() && !xml.damaged && xml.depth == 0);
}

#[test]
fn attributes_are_read_in_any_notation() {
    for (text, expected) in [
        (" r='1' w:t='2' x:s='3'", [Some("1"), Some("2"), None]),
        (" rr='0' r = \"1\"\n\tt='a &amp; b'", [Some("1"), Some("a & b"), None]),
        (" a='r=9 s=8' r='1'", [Some("1"), None, None]),
        (" a='&lt;' x:r='9' r='1' s='&#x41;'", [Some("1"), None, Some("A")]),
        (" r='1' r='2' t='a\nb'", [Some("1"), Some("a b"), None]),
        (" r=\"it's\" s=''", [Some("it's"), None, Some("")]),
        (" é='1' r='2'", [Some("2"), None, None]),
        (" r='1' s=2 t='3'", [Some("1"), Some("3"), None]),
        ("", [None, None, None]),
    ] {
        let part = format!("<w:c xmlns:w='{W}'{text}/>");
        let mut xml = Xml::new(&part, Ns::None);
        let element = xml.child().unwrap();
        let found = element.values(["r", "t", "s"]);
        assert_eq!(found.each_ref().map(|value| value.as_deref()), expected, "{text}");
        assert_eq!(["r", "t", "s"].map(|name| element.get(name)), found.map(|value| value.map(Into::into)), "{text}");
    }
}
