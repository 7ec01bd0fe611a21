//! XML as a stream of elements and texts: what the parts of office documents and books are read with.
//!
//! Names are told by their namespaces. Of alternative contents (`mc:AlternateContent`) one branch is given, as if it
//! stood there alone.

use std::borrow::Cow;
use std::rc::Rc;

use memchr::memchr_iter;
use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::office::namespace::{Ns, Scope};

/// Elements nested deeper than this are left out: the readers recurse, and no real document comes near.
const MAX_DEPTH: usize = 200;

/// What stands next in a part.
pub(crate) enum Node<'a> {
    /// An element begins. Its children follow, then its [`Node::Close`], also when it is written as `<a/>`.
    Open(Element<'a>),
    /// The innermost open element ends.
    Close,
    /// Characters, entities resolved.
    Text(Cow<'a, str>),
}

/// The start of an element.
pub(crate) struct Element<'a> {
    start: BytesStart<'a>,
    ns: Ns,
    /// Where in its name the part behind the prefix begins.
    local: usize,
    scope: Rc<Scope>,
}

impl Element<'_> {
    /// Its vocabulary, and its name in it.
    pub(crate) fn name(&self) -> (Ns, &str) {
        (self.ns, self.start.name().into_inner().get(self.local..).unwrap_or_default())
    }

    /// Whether this is its name.
    pub(crate) fn is(&self, ns: Ns, local: &str) -> bool {
        self.name() == (ns, local)
    }

    /// The attribute of that name: one without a prefix, or one of the element's own vocabulary.
    pub(crate) fn get(&self, local: &str) -> Option<String> {
        self.find(local, |prefix| prefix.is_none_or(|prefix| self.scope.prefix(prefix) == self.ns))
    }

    /// The attribute of that name in another vocabulary.
    pub(crate) fn get_in(&self, ns: Ns, local: &str) -> Option<String> {
        self.find(local, |prefix| prefix.is_some_and(|prefix| self.scope.prefix(prefix) == ns))
    }

    /// An attribute's number.
    pub(crate) fn number(&self, local: &str) -> Option<u32> {
        self.get(local)?.trim().parse().ok()
    }

    /// Whether an attribute says yes.
    pub(crate) fn says(&self, local: &str) -> bool {
        self.get(local).is_some_and(|value| is_true(&value))
    }

    fn find(&self, local: &str, wanted: impl Fn(Option<&str>) -> bool) -> Option<String> {
        // The check for duplicates compares every name with every other one.
        let mut attributes = self.start.attributes();
        let attribute = attributes.with_checks(false).flatten().find(|attribute| {
            let Some(before) = attribute.key.into_inner().strip_suffix(local) else { return false };
            match before.strip_suffix(':') {
                Some(prefix) => wanted(Some(prefix)),
                None => before.is_empty() && wanted(None),
            }
        })?;
        Some(value(&attribute))
    }

    /// What it declares: prefixes and namespaces.
    fn declarations(start: &BytesStart<'_>) -> Vec<(String, String)> {
        let mut attributes = start.attributes();
        let declared = attributes.with_checks(false).flatten().filter_map(|attribute| {
            let rest = attribute.key.into_inner().strip_prefix("xmlns")?;
            let prefix = if rest.is_empty() { rest } else { rest.strip_prefix(':')? };
            Some((prefix.to_owned(), value(&attribute)))
        });
        declared.collect()
    }
}

fn value(attribute: &Attribute<'_>) -> String {
    match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => value.into_owned(),
        Err(_) => attribute.value.clone().into_owned(),
    }
}

/// A truth value as either family of formats writes it.
pub(crate) fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on" | "t")
}

/// An open element that is not given: its content is, as if it stood there alone.
struct Unseen {
    depth: usize,
    /// Of alternative contents, whether a branch was given; none for the branch.
    taken: Option<bool>,
}

/// A reader of one part. At the first fault it says that there is nothing more, so that what was read before is kept.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
    damaged: bool,
    too_deep: bool,
    /// What holds for the innermost open element, and what held before, with the depth of the element that changed it.
    scope: Rc<Scope>,
    outer: Vec<(usize, Rc<Scope>)>,
    unseen: Vec<Unseen>,
    /// The prefix that was looked up last in this scope.
    last: (String, Ns),
}

impl<'a> Xml<'a> {
    /// A reader at the start of a part. Document types are passed over, and entities of their own are nothing. `default`
    /// is what names without a prefix are of in a part that declares nothing.
    pub(crate) fn new(text: &'a str, default: Ns) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self {
            reader,
            depth: 0,
            damaged: false,
            too_deep: false,
            scope: Scope::of_part(default),
            outer: Vec::new(),
            unseen: Vec::new(),
            last: Default::default(),
        }
    }

    /// What stands next; none at the end and after a fault.
    pub(crate) fn next(&mut self) -> Option<Node<'a>> {
        while !self.damaged {
            match self.reader.read_event() {
                Ok(Event::Start(start)) if self.depth >= MAX_DEPTH => {
                    self.too_deep = true;
                    self.depth += 1;
                    drop(start);
                    self.pass(self.depth - 1);
                }
                Ok(Event::Start(start)) => {
                    self.depth += 1;
                    let element = self.element(start);
                    if element.ns != Ns::Compatibility || !self.is_unseen(&element) {
                        return Some(Node::Open(element));
                    }
                }
                Ok(Event::End(_)) => {
                    let unseen = self.unseen.last().is_some_and(|unseen| unseen.depth == self.depth);
                    self.close();
                    if !unseen {
                        return Some(Node::Close);
                    }
                }
                Ok(Event::Text(text)) => return Some(Node::Text(text.into_inner())),
                Ok(Event::CData(text)) => return Some(Node::Text(text.into_inner())),
                Ok(Event::GeneralRef(reference)) => {
                    let resolved = match &*reference {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        "nbsp" => Some('\u{a0}'),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    if let Some(character) = resolved {
                        return Some(Node::Text(Cow::Owned(character.to_string())));
                    }
                }
                Ok(Event::Eof) => {
                    // A part that ends inside an element was cut off.
                    self.damaged = self.depth > 0;
                    return None;
                }
                Ok(_) => {}
                Err(_) => self.damaged = true,
            }
        }
        None
    }

    /// The element that begins so.
    fn element(&mut self, start: BytesStart<'a>) -> Element<'a> {
        let name = start.name().into_inner();
        let raw = start.attributes_raw().as_bytes();
        let declares = memchr_iter(b'x', raw).any(|at| raw.get(at..).is_some_and(|rest| rest.starts_with(b"xmlns")));
        if declares || self.depth == 1 {
            let before = Rc::clone(&self.scope);
            if self.depth == 1 && name.contains(':') {
                // Names without a prefix are of no vocabulary here.
                self.scope = Scope::of_part(Ns::None);
            }
            if declares {
                let declared = Element::declarations(&start);
                let declared = declared.iter().map(|(prefix, uri)| (prefix.as_str(), uri.as_str()));
                self.scope = Scope::inside(&self.scope, declared);
            }
            self.outer.push((self.depth, before));
            self.last = Default::default();
        }
        let colon = name.split_once(':');
        let local = colon.map_or(0, |(prefix, _)| prefix.len() + 1);
        let ns = match colon {
            None => self.scope.unprefixed(),
            Some((prefix, _)) if prefix == self.last.0 => self.last.1,
            Some((prefix, _)) => {
                let ns = self.scope.prefix(prefix);
                prefix.clone_into(&mut self.last.0);
                self.last.1 = ns;
                ns
            }
        };
        Element { start, ns, local, scope: Rc::clone(&self.scope) }
    }

    /// Whether an element of alternative contents is not given: that around the branches, and the branch that is taken.
    /// The first branch is taken that needs nothing unknown; the others are passed over here.
    fn is_unseen(&mut self, element: &Element<'_>) -> bool {
        let depth = self.depth;
        let parent = self.unseen.last_mut().filter(|unseen| unseen.depth + 1 == depth);
        match (element.name().1, parent.and_then(|parent| parent.taken.as_mut())) {
            ("AlternateContent", _) => self.unseen.push(Unseen { depth, taken: Some(false) }),
            (branch @ ("Choice" | "Fallback"), Some(taken)) => {
                let needs = if branch == "Choice" { element.get("Requires") } else { None };
                let needs = needs.unwrap_or_default();
                let known = |prefix| !matches!(element.scope.prefix(prefix), Ns::Foreign | Ns::None);
                if *taken || !needs.split_whitespace().all(known) {
                    self.pass(depth - 1);
                } else {
                    *taken = true;
                    self.unseen.push(Unseen { depth, taken: None });
                }
            }
            _ => return false,
        }
        true
    }

    /// The innermost open element has ended.
    fn close(&mut self) {
        if self.unseen.last().is_some_and(|unseen| unseen.depth >= self.depth) {
            self.unseen.pop();
        }
        if let Some((_, scope)) = self.outer.pop_if(|(depth, _)| *depth >= self.depth) {
            self.scope = scope;
            self.last = Default::default();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Passes over the rest of the element that was opened last, without recursion.
    pub(crate) fn skip(&mut self) {
        let mut inside = self.depth;
        for unseen in self.unseen.iter().rev() {
            if unseen.depth == inside {
                inside -= 1;
            }
        }
        self.pass(inside.saturating_sub(1));
    }

    /// Goes on until no more than so many elements are open.
    fn pass(&mut self, outside: usize) {
        while self.depth > outside && !self.damaged {
            match self.reader.read_event() {
                Ok(Event::Start(_)) => self.depth += 1,
                Ok(Event::End(_)) => self.close(),
                Ok(Event::Eof) | Err(_) => self.damaged = true,
                Ok(_) => {}
            }
        }
    }

    /// The characters in the rest of the element that was opened last, those of its children too.
    pub(crate) fn text(&mut self) -> String {
        let outside = self.depth().saturating_sub(1);
        let mut text = String::new();
        while self.depth() > outside {
            match self.next() {
                Some(Node::Text(piece)) => text.push_str(&piece),
                Some(_) => {}
                None => break,
            }
        }
        text
    }

    /// Goes on to the next child of the element that was opened last: none at its end, which is passed. What the
    /// caller opens it must read to its end, or [`Xml::skip`].
    pub(crate) fn child(&mut self) -> Option<Element<'a>> {
        loop {
            match self.next()? {
                Node::Open(element) => return Some(element),
                Node::Close => return None,
                Node::Text(_) => {}
            }
        }
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth - self.unseen.len()
    }

    /// What was not read of the part called `name`.
    pub(crate) fn losses(&self, name: &str, losses: &mut Vec<String>) {
        if self.damaged {
            losses.push(format!("{name} is damaged, what follows the fault is missing"));
        }
        if self.too_deep {
            losses.push(format!("{name} nests elements more than {MAX_DEPTH} deep, the innermost are missing"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn texts_entities_and_ends() {
        let mut xml = Xml::new("<a x:y='1 &lt; 2'><b/>one &amp; t&#119;o<![CDATA[ <3]]>&unknown;</a>", Ns::Sheet);
        let Some(Node::Open(a)) = xml.next() else { panic!("no element") };
        assert_eq!(a.name(), (Ns::Sheet, "a"));
        assert_eq!((a.get("y"), a.get_in(Ns::Foreign, "y").as_deref()), (None, Some("1 < 2")));
        assert_eq!(xml.text(), "one & two <3");
        assert!(xml.next().is_none() && !xml.damaged);
    }

    #[test]
    fn entities_are_not_expanded_and_faults_end_the_part() {
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
    fn depth_is_bounded() {
        let deep = format!("<r>{}x{}<i>y</i></r>", "<d>".repeat(100_000), "</d>".repeat(100_000));
        let mut xml = Xml::new(&deep, Ns::Sheet);
        xml.next();
        assert_eq!(xml.text(), "y");
        let mut losses = Vec::new();
        xml.losses("part", &mut losses);
        assert!(losses.len() == 1 && losses[0].contains("200 deep"), "{losses:?}");
    }

    /// The names of all elements and all texts.
    fn shown(text: &str, default: Ns) -> String {
        let mut xml = Xml::new(text, default);
        let mut shown = String::new();
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) => shown += &format!("{:?}.{}(", element.name().0, element.name().1),
                Node::Close => shown += ")",
                Node::Text(text) => shown += text.trim(),
            }
        }
        assert!(!xml.damaged && xml.depth == 0 && xml.outer.is_empty() && xml.unseen.is_empty(), "{text}");
        shown
    }

    const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    const STRICT: &str = "http://purl.oclc.org/ooxml/wordprocessingml/main";

    #[test]
    fn names_are_told_by_their_namespaces() {
        for (text, expected) in [
            (format!("<w:p xmlns:w='{W}'><w:t/></w:p>"), "Word.p(Word.t())"),
            (format!("<x:p xmlns:x='{STRICT}'><x:t/></x:p>"), "Word.p(Word.t())"),
            (format!("<p xmlns='{STRICT}'><t/><t xmlns=''/><t/></p>"), "Word.p(Word.t()None.t()Word.t())"),
            (
                format!("<w:p xmlns:w='{W}'><t/><w:t xmlns:w='urn:x'/><w:t/></w:p>"),
                "Word.p(None.t()Foreign.t()Word.t())",
            ),
            // A part that declares nothing is read as it is meant.
            ("<worksheet><row/></worksheet>".to_owned(), "Sheet.worksheet(Sheet.row())"),
            ("<w:p><w:t/><t/><zz:t/></w:p>".to_owned(), "Word.p(Word.t()None.t()Foreign.t())"),
            // Declarations end with their element, whether it is read or passed over.
            (format!("<a><b xmlns='{W}'><c/></b><d/></a>"), "Sheet.a(Word.b(Word.c())Sheet.d())"),
        ] {
            assert_eq!(shown(&text, Ns::Sheet), expected, "{text}");
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
    fn one_branch_of_alternative_contents() {
        let alternative = |branches: &str| {
            format!(
                "<a xmlns:w14='http://schemas.microsoft.com/office/word/2010/wordml' xmlns:new='urn:new'>\
                <mc:AlternateContent>{branches}</mc:AlternateContent><z/></a>"
            )
        };
        for (branches, expected) in [
            ("<mc:Choice Requires='w14'><b/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "b"),
            ("<mc:Choice Requires='w14 new'><b/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "c"),
            (
                "<mc:Choice Requires='new'/><mc:Choice Requires='w14'><b/></mc:Choice><mc:Fallback><c/></mc:Fallback>",
                "b",
            ),
            ("<mc:Choice><b/></mc:Choice><mc:Choice><d/></mc:Choice><mc:Fallback><c/></mc:Fallback>", "b"),
        ] {
            let expected = format!("Sheet.a(Sheet.{expected}()Sheet.z())");
            assert_eq!(shown(&alternative(branches), Ns::Sheet), expected, "{branches}");
        }
        let nested = alternative(&format!(
            "<mc:Choice Requires='w14'>{}x</mc:Choice>",
            alternative("<mc:Fallback>y</mc:Fallback>")
        ));
        assert_eq!(shown(&nested, Ns::Sheet), "Sheet.a(Sheet.a(ySheet.z())xSheet.z())");
        // What is passed over from within a branch is the element around all of them.
        let text = alternative("<mc:Choice><b/><c/></mc:Choice>");
        let mut xml = Xml::new(&text, Ns::Sheet);
        xml.child();
        assert!(xml.child().is_some_and(|b| b.is(Ns::Sheet, "b")) && xml.child().is_none());
        xml.skip();
        assert!(xml.next().is_none() && !xml.damaged && xml.depth == 0);
    }
}
