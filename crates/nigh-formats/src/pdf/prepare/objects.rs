//! Access to the objects of a file.

use std::collections::HashSet;

use encoding_rs::{UTF_16BE, UTF_16LE};
use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

/// An indirect object's number and generation.
pub(super) type ObjectId = (u32, u16);

/// The characters of bytes 0x18 to 0x1f in a text string (ISO 32000-1, D.3).
const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];

/// The characters of bytes 0x80 to 0xa0.
const HIGH: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ',
    'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', ' ', '€',
];

/// Most bytes of a text string that is read.
const MAX_STRING_BYTES: usize = 1 << 20;

/// A dictionary, with the document that its references point to.
#[derive(Clone, Copy)]
pub(super) struct Dict<'a> {
    pub(super) raw: &'a RawDocument,
    pub(super) entries: &'a PdfDict,
}

impl<'a> Dict<'a> {
    /// Returns the dictionary of an object: the object itself, or the dictionary of a stream.
    pub(super) fn from_object(raw: &'a RawDocument, object: &'a PdfObject) -> Option<Self> {
        let entries = match raw.resolve(object) {
            PdfObject::Dict(entries) => entries,
            PdfObject::Stream(stream) => &stream.dict,
            _ => return None,
        };
        Some(Self { raw, entries })
    }

    /// Returns the catalog.
    pub(super) fn catalog(raw: &'a RawDocument) -> Option<Self> {
        Self::from_object(raw, raw.trailer().get(b"Root".as_slice())?)
    }

    /// Returns an entry as it is stored.
    pub(super) fn stored(&self, key: &str) -> Option<&'a PdfObject> {
        self.entries.get(key.as_bytes())
    }

    /// Returns an entry; follows a reference.
    pub(super) fn get(&self, key: &str) -> Option<&'a PdfObject> {
        self.stored(key).map(|object| self.raw.resolve(object)).filter(|object| !matches!(object, PdfObject::Null))
    }

    pub(super) fn id(&self, key: &str) -> Option<ObjectId> {
        self.stored(key)?.as_reference()
    }

    pub(super) fn dict(&self, key: &str) -> Option<Dict<'a>> {
        Self::from_object(self.raw, self.stored(key)?)
    }

    pub(super) fn array(&self, key: &str) -> &'a [PdfObject] {
        self.get(key).and_then(PdfObject::as_array).unwrap_or(&[])
    }

    pub(super) fn name(&self, key: &str) -> Option<&'a [u8]> {
        self.get(key)?.as_name()
    }

    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.as_i64()
    }

    /// Returns an entry that is text: a string, or a stream (allowed for rich text).
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            PdfObject::Str(bytes) => Some(text(bytes)),
            PdfObject::Stream(stream) => unpdf::parser::raw::stream::decompress(stream).ok().map(|bytes| text(&bytes)),
            _ => None,
        }
        .filter(|text| !text.trim().is_empty())
    }

    /// The same as [`Dict::get`], for this dictionary or its nearest ancestor with the entry.
    pub(super) fn inherited(&self, key: &str) -> Option<&'a PdfObject> {
        self.with_parents().find_map(|dict| dict.get(key))
    }

    /// Returns this dictionary and its ancestors; stops in a cycle.
    pub(super) fn with_parents(self) -> impl Iterator<Item = Dict<'a>> {
        const MAX_DEPTH: usize = 64;
        let mut next = Some(self);
        let above = std::iter::from_fn(move || {
            let dict = next?;
            next = dict.dict("Parent");
            Some(dict)
        });
        above.take(MAX_DEPTH)
    }
}

/// Decodes a text string: UTF-16 or UTF-8 with a mark, else PDFDocEncoding. Language marks are left out.
pub(super) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..MAX_STRING_BYTES).unwrap_or(bytes);
    let decoded = match bytes {
        [0xfe, 0xff, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xff, 0xfe, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // UTF-8 without a mark is not allowed, but common.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => text.to_owned(),
            _ => bytes.iter().map(|&byte| pdf_doc(byte)).collect(),
        },
    };
    let mut out = String::with_capacity(decoded.len());
    let mut in_language = false;
    let mut chars = decoded.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => in_language = !in_language,
            _ if in_language => {}
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn pdf_doc(byte: u8) -> char {
    match byte {
        0x18..=0x1f => LOW[usize::from(byte - 0x18)],
        0x80..=0xa0 => HIGH[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

/// Makes a string object of a text, in UTF-16.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The objects that a walk through a graph has visited.
#[derive(Default)]
pub(super) struct Seen(HashSet<ObjectId>);

impl Seen {
    /// Marks an object as visited; returns true for the first time.
    pub(super) fn mark_visited(&mut self, id: ObjectId) -> bool {
        self.0.insert(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_strings_are_decoded() {
        assert_eq!(text(b"caf\xe9 \x80 \x93\x94 \x8d q\x8e"), "café • ﬁﬂ “ q”");
        assert_eq!(text(b"\xfe\xff\x70\x6f\x58\x54\x00\r\x00\n\x00a"), "灯塔\na");
        assert_eq!(text(b"\xff\xfe\x6f\x70"), "灯");
        assert_eq!(text("\u{feff}灯".as_bytes()), "灯");
        assert_eq!(text("灯塔".as_bytes()), "灯塔");
        assert_eq!(text(b"\xfe\xff\x00\x1b\x00e\x00n\x00\x1b\x00a"), "a");
    }
}
