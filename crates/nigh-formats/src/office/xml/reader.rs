//! The reader of a part: tracks scopes, selects a branch of alternative contents, limits the depth.

use std::borrow::Cow;
use std::rc::Rc;

use memchr::memchr_iter;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::office::namespace::{Ns, Scope};
use crate::office::xml::{Element, XmlNode};

/// Elements nested deeper are left out: the readers recurse, and real documents are far from this depth.
const MAX_DEPTH: usize = 200;

/// An open element that is not returned; its content is returned as if the element were not there.
pub(super) struct Unseen {
    depth: usize,
    /// For alternative contents: whether a branch was returned. `None` for the branch itself.
    taken: Option<bool>,
}

/// Reads one part. After the first error it returns no more items, so that what was read before is kept.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    pub(super) depth: usize,
    pub(super) damaged: bool,
    too_deep: bool,
    /// The scope of the innermost open element; then the scopes before, with the depth of the element that changed each.
    scope: Rc<Scope>,
    pub(super) outer: Vec<(usize, Rc<Scope>)>,
    pub(super) unseen: Vec<Unseen>,
    /// The prefix that was looked up last in this scope.
    last: (String, Ns),
}

impl<'a> Xml<'a> {
    /// Makes a reader at the start of a part. Document types are skipped, and entities that they define become empty. `default`
    /// is the vocabulary of names without a prefix in a part that declares no namespace.
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

    /// Returns the next item; `None` at the end and after an error.
    pub(crate) fn next(&mut self) -> Option<XmlNode<'a>> {
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
                        return Some(XmlNode::Open(element));
                    }
                }
                Ok(Event::End(_)) => {
                    let unseen = self.unseen.last().is_some_and(|unseen| unseen.depth == self.depth);
                    self.close();
                    if !unseen {
                        return Some(XmlNode::Close);
                    }
                }
                Ok(Event::Text(text)) => return Some(XmlNode::Text(text.into_inner())),
                Ok(Event::CData(text)) => return Some(XmlNode::Text(text.into_inner())),
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
                        return Some(XmlNode::Text(Cow::Owned(character.to_string())));
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

    /// Returns the element with this start tag.
    fn element(&mut self, start: BytesStart<'a>) -> Element<'a> {
        let name = start.name().into_inner();
        let raw = start.attributes_raw().as_bytes();
        let declares = memchr_iter(b'x', raw).any(|at| raw.get(at..).is_some_and(|rest| rest.starts_with(b"xmlns")));
        if declares || self.depth == 1 {
            let before = Rc::clone(&self.scope);
            if self.depth == 1 && name.contains(':') {
                // Here names without a prefix have no vocabulary.
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
        let (ns, local) = self.resolve(name);
        Element { start, ns, local, scope: Rc::clone(&self.scope) }
    }

    /// Returns the vocabulary of an element's name, and the start of the name after its prefix.
    fn resolve(&mut self, name: &str) -> (Ns, usize) {
        let (last, ns) = &self.last;
        // Most names have the prefix of the one before. Prefixes have no colon.
        if name.as_bytes().get(last.len()) == Some(&b':') && name.starts_with(last.as_str()) {
            return (*ns, last.len() + 1);
        }
        let Some((prefix, _)) = name.split_once(':') else { return (self.scope.unprefixed(), 0) };
        let ns = self.scope.prefix(prefix);
        prefix.clone_into(&mut self.last.0);
        self.last.1 = ns;
        (ns, prefix.len() + 1)
    }

    /// True if an element of alternative contents is not returned: the one around the branches, and the selected branch itself.
    /// Selects the first branch that needs nothing unknown; skips the others here.
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

    /// Handles the end of the innermost open element.
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

    /// Skips the rest of the element that was opened last, without recursion.
    pub(crate) fn skip(&mut self) {
        let mut inside = self.depth;
        for unseen in self.unseen.iter().rev() {
            if unseen.depth == inside {
                inside -= 1;
            }
        }
        self.pass(inside.saturating_sub(1));
    }

    /// Reads on until at most this many elements are open.
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

    /// Returns the characters in the rest of the element that was opened last, also those of its children.
    pub(crate) fn text(&mut self) -> String {
        self.characters().into_owned()
    }

    /// The same, borrowed from the part if the characters are one piece of it.
    pub(crate) fn characters(&mut self) -> Cow<'a, str> {
        let outside = self.depth().saturating_sub(1);
        let mut text = Cow::Borrowed("");
        while self.depth() > outside {
            match self.next() {
                Some(XmlNode::Text(piece)) if text.is_empty() => text = piece,
                Some(XmlNode::Text(piece)) => text.to_mut().push_str(&piece),
                Some(_) => {}
                None => break,
            }
        }
        text
    }

    /// Reads on to the next child of the element that was opened last. At its end, reads that and returns `None`. The caller must read each
    /// child to its end, or [`Xml::skip`] it.
    pub(crate) fn child(&mut self) -> Option<Element<'a>> {
        loop {
            match self.next()? {
                XmlNode::Open(element) => return Some(element),
                XmlNode::Close => return None,
                XmlNode::Text(_) => {}
            }
        }
    }

    /// Returns the number of open elements.
    pub(crate) fn depth(&self) -> usize {
        self.depth - self.unseen.len()
    }

    /// Reports what was not read of the part with this name.
    pub(crate) fn losses(&self, name: &str, losses: &mut Vec<String>) {
        if self.damaged {
            losses.push(format!("{name} is damaged; the content after the damage is missing"));
        }
        if self.too_deep {
            losses.push(format!("{name} nests elements more than {MAX_DEPTH} deep; the innermost are missing"));
        }
    }
}
