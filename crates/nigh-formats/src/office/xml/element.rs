//! The start of an element: its name, and its attributes by vocabulary.

use std::borrow::Cow;
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;

use crate::office::namespace::{Ns, Scope};

/// The start of an element.
pub(crate) struct Element<'a> {
    pub(super) start: BytesStart<'a>,
    pub(super) ns: Ns,
    /// The start of the name after the prefix.
    pub(super) local: usize,
    pub(super) scope: Rc<Scope>,
}

impl Element<'_> {
    /// Returns its vocabulary, and its name in the vocabulary.
    pub(crate) fn name(&self) -> (Ns, &str) {
        (self.ns, self.start.name().into_inner().get(self.local..).unwrap_or_default())
    }

    /// True if the element has this name.
    pub(crate) fn has_name(&self, ns: Ns, local: &str) -> bool {
        self.name() == (ns, local)
    }

    /// Returns the attribute of that name: one without a prefix, or one of the element's own vocabulary.
    pub(crate) fn get(&self, local: &str) -> Option<String> {
        self.value(local).map(Cow::into_owned)
    }

    /// The same, borrowed from the part if nothing in it is escaped.
    pub(crate) fn value(&self, local: &str) -> Option<Cow<'_, str>> {
        let [value] = self.values([local]);
        value
    }

    /// Returns the attributes of those names.
    pub(crate) fn values<const N: usize>(&self, names: [&str; N]) -> [Option<Cow<'_, str>>; N] {
        self.find(names, |prefix| prefix.is_none_or(|prefix| self.is_own(prefix)))
    }

    /// True if a prefix stands for the vocabulary of the element.
    fn is_own(&self, prefix: &str) -> bool {
        let own = self.local.checked_sub(1).filter(|length| *length > 0);
        let own = own.and_then(|length| self.start.name().into_inner().get(..length));
        own == Some(prefix) || self.scope.prefix(prefix) == self.ns
    }

    /// Returns the attribute of that name in another vocabulary.
    pub(crate) fn get_in(&self, ns: Ns, local: &str) -> Option<String> {
        let [value] = self.find([local], |prefix| prefix.is_some_and(|prefix| self.scope.prefix(prefix) == ns));
        value.map(Cow::into_owned)
    }

    /// Returns an attribute as a number.
    pub(crate) fn number(&self, local: &str) -> Option<u32> {
        self.value(local)?.trim().parse().ok()
    }

    /// True if an attribute is true.
    pub(crate) fn is_true(&self, local: &str) -> bool {
        self.value(local).is_some_and(|value| is_true(&value))
    }

    /// Returns, for each of these names, the first attribute with a wanted prefix.
    fn find<const N: usize>(
        &self,
        names: [&str; N],
        wanted: impl Fn(Option<&str>) -> bool,
    ) -> [Option<Cow<'_, str>>; N] {
        let place = |found: &[Option<Cow<'_, str>>; N], prefix: Option<&str>, local: &str| {
            let at = names.iter().position(|name| *name == local)?;
            (found.get(at)?.is_none() && wanted(prefix)).then_some(at)
        };
        let mut found = [const { None }; N];
        let mut plain = PlainAttributes(self.start.attributes_raw());
        for (prefix, local, value) in plain.by_ref() {
            if let Some(slot) = place(&found, prefix, local).and_then(|at| found.get_mut(at)) {
                *slot = Some(Cow::Borrowed(value));
                if found.iter().all(Option::is_some) {
                    return found;
                }
            }
        }
        if plain.0.is_empty() {
            return found;
        }
        // The check for duplicates would compare each name with every other one.
        let mut attributes = self.start.attributes();
        found = [const { None }; N];
        for attribute in attributes.with_checks(false).flatten() {
            let key = attribute.key.into_inner();
            let (prefix, local) = key.rsplit_once(':').map_or((None, key), |(prefix, local)| (Some(prefix), local));
            if let Some(slot) = place(&found, prefix, local).and_then(|at| found.get_mut(at)) {
                *slot = Some(value(attribute));
            }
        }
        found
    }

    /// Returns its namespace declarations: prefixes and namespaces.
    pub(super) fn declarations(start: &BytesStart<'_>) -> Vec<(String, String)> {
        let mut attributes = start.attributes();
        let declared = attributes.with_checks(false).flatten().filter_map(|attribute| {
            let rest = attribute.key.into_inner().strip_prefix("xmlns")?;
            let prefix = if rest.is_empty() { rest } else { rest.strip_prefix(':')? };
            Some((prefix.to_owned(), value(attribute).into_owned()))
        });
        declared.collect()
    }
}

/// Iterates over attributes in the usual notation: the name before and after the colon, and the value. It stops before attributes in
/// another notation, or with references.
struct PlainAttributes<'a>(&'a str);

impl<'a> Iterator for PlainAttributes<'a> {
    type Item = (Option<&'a str>, &'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0;
        let mut bytes = text.bytes().enumerate().skip_while(|(_, byte)| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        let Some((start, first)) = bytes.next() else {
            self.0 = "";
            return None;
        };
        if start == 0 || first == b':' || !is_of_name(first) {
            return None;
        }
        let mut colon = None;
        let equals = bytes.by_ref().find_map(|(at, byte)| {
            if byte == b':' {
                colon = Some(at);
            }
            (!is_of_name(byte)).then_some((at, byte))
        });
        let (equals, quote) = (equals.filter(|(_, byte)| *byte == b'=')?.0, bytes.next()?.1);
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let ends = |byte: u8| byte == quote || byte == b'&' || byte < b' ';
        let (end, _) = bytes.find(|(_, byte)| ends(*byte)).filter(|(_, byte)| *byte == quote)?;
        self.0 = text.get(end + 1..)?;
        let prefix = colon.and_then(|colon| text.get(start..colon));
        Some((prefix, text.get(colon.map_or(start, |colon| colon + 1)..equals)?, text.get(equals + 2..end)?))
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}

fn value(attribute: Attribute<'_>) -> Cow<'_, str> {
    attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or(attribute.value)
}

/// True for the truth values of both families of formats.
fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on" | "t")
}
