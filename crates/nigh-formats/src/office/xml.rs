//! XML as a stream of elements and texts: what the parts of office documents and books are read with.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

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
pub(crate) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Its name without the prefix: the same for transitional and strict documents, whose namespaces differ.
    pub(crate) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Whether the name with its prefix is this one.
    pub(crate) fn is(&self, qualified: &str) -> bool {
        self.0.name().as_ref() == qualified
    }

    /// Whether its name has this prefix.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.0.name().as_ref().split_once(':').is_some_and(|(found, _)| found == prefix)
    }

    /// The first attribute of that local name.
    pub(crate) fn get(&self, local: &str) -> Option<String> {
        self.find(|key| key.rsplit_once(':').map_or(key, |(_, name)| name) == local)
    }

    /// The attribute of that name, its prefix included.
    pub(crate) fn get_qualified(&self, name: &str) -> Option<String> {
        self.find(|key| key == name)
    }

    /// An attribute's number.
    pub(crate) fn number(&self, local: &str) -> Option<u32> {
        self.get(local)?.trim().parse().ok()
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        // The check for duplicates compares every name with every other one.
        let mut attributes = self.0.attributes();
        let attribute = attributes.with_checks(false).flatten().find(|attribute| wanted(attribute.key.as_ref()))?;
        Some(match attribute.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => attribute.value.into_owned(),
        })
    }
}

/// A reader of one part. At the first fault it says that there is nothing more, so that what was read before is kept.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
    damaged: bool,
    too_deep: bool,
}

impl<'a> Xml<'a> {
    /// A reader at the start of a part. Document types are passed over, and entities of their own are nothing.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self { reader, depth: 0, damaged: false, too_deep: false }
    }

    /// What stands next; none at the end and after a fault.
    pub(crate) fn next(&mut self) -> Option<Node<'a>> {
        while !self.damaged {
            match self.reader.read_event() {
                Ok(Event::Start(start)) if self.depth >= MAX_DEPTH => {
                    self.too_deep = true;
                    self.depth += 1;
                    drop(start);
                    self.skip();
                }
                Ok(Event::Start(start)) => {
                    self.depth += 1;
                    return Some(Node::Open(Element(start)));
                }
                Ok(Event::End(_)) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Some(Node::Close);
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

    /// Passes over the rest of the element that was opened last, without recursion.
    pub(crate) fn skip(&mut self) {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside && !self.damaged {
            match self.reader.read_event() {
                Ok(Event::Start(_)) => self.depth += 1,
                Ok(Event::End(_)) => self.depth -= 1,
                Ok(Event::Eof) | Err(_) => self.damaged = true,
                Ok(_) => {}
            }
        }
    }

    /// The characters in the rest of the element that was opened last, those of its children too.
    pub(crate) fn text(&mut self) -> String {
        let outside = self.depth.saturating_sub(1);
        let mut text = String::new();
        while self.depth > outside {
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
        self.depth
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
        let mut xml = Xml::new("<a x:y='1 &lt; 2'><b/>one &amp; t&#119;o<![CDATA[ <3]]>&unknown;</a>");
        let Some(Node::Open(a)) = xml.next() else { panic!("no element") };
        assert_eq!((a.name(), a.get("y").as_deref(), a.get_qualified("y")), ("a", Some("1 < 2"), None));
        assert_eq!(xml.text(), "one & two <3");
        assert!(xml.next().is_none() && !xml.damaged);
    }

    #[test]
    fn entities_are_not_expanded_and_faults_end_the_part() {
        let mut laughs = Xml::new("<!DOCTYPE a [<!ENTITY b 'lol'><!ENTITY c '&b;&b;'>]><a>&c;x</a>");
        laughs.next();
        assert_eq!(laughs.text(), "x");
        for cut in ["<a><b>text", "<a><b>text</a>", "<a><b>text</b", "<a><b>text<b x=></a>"] {
            let mut xml = Xml::new(cut);
            xml.next();
            assert!(xml.text().starts_with("text"), "{cut}");
            assert!(xml.damaged, "{cut}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("<r>{}x{}<i>y</i></r>", "<d>".repeat(100_000), "</d>".repeat(100_000));
        let mut xml = Xml::new(&deep);
        xml.next();
        assert_eq!(xml.text(), "y");
        let mut losses = Vec::new();
        xml.losses("part", &mut losses);
        assert!(losses.len() == 1 && losses[0].contains("200 deep"), "{losses:?}");
    }
}
