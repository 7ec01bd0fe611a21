//! A walk over all reachable objects.

use std::collections::{BTreeSet, VecDeque};

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

use super::objects::{Dict, ObjectId, Seen};

/// Nested values are followed up to this depth.
const MAX_DEPTH: usize = 64;

/// The results of a walk over all objects.
#[derive(Default)]
pub(super) struct ObjectWalk {
    /// The greatest number of an object.
    pub(super) highest: u32,
    /// Tables from codes to characters, and from codes to glyphs.
    pub(super) to_unicode: BTreeSet<ObjectId>,
    pub(super) encodings: BTreeSet<ObjectId>,
    /// Content streams that pages and other streams draw.
    pub(super) forms: BTreeSet<ObjectId>,
}

impl ObjectWalk {
    /// Walks from the trailer.
    pub(super) fn from_trailer(raw: &RawDocument) -> Self {
        let mut walked = Self::default();
        let mut seen = Seen::default();
        let mut waiting = VecDeque::new();
        for value in raw.trailer().values() {
            walked.value(raw, value, &mut seen, &mut waiting, 0);
        }
        while let Some(id) = waiting.pop_front() {
            let Some(object) = raw.get_object(id) else { continue };
            if let PdfObject::Stream(stream) = object {
                if stream.dict.get(b"Subtype".as_slice()).and_then(PdfObject::as_name) == Some(b"Form") {
                    walked.forms.insert(id);
                }
                walked.entries(raw, &stream.dict, &mut seen, &mut waiting, 0);
            } else {
                walked.value(raw, object, &mut seen, &mut waiting, 0);
            }
        }
        walked
    }

    fn value(
        &mut self,
        raw: &RawDocument,
        value: &PdfObject,
        seen: &mut Seen,
        waiting: &mut VecDeque<ObjectId>,
        depth: usize,
    ) {
        match value {
            _ if depth > MAX_DEPTH => {}
            PdfObject::Reference(number, generation) => {
                self.highest = self.highest.max(*number);
                let id = (*number, *generation);
                if seen.mark_visited(id) {
                    waiting.push_back(id);
                }
            }
            PdfObject::Array(items) => items.iter().for_each(|item| self.value(raw, item, seen, waiting, depth + 1)),
            PdfObject::Dict(entries) => self.entries(raw, entries, seen, waiting, depth),
            _ => {}
        }
    }

    fn entries(
        &mut self,
        raw: &RawDocument,
        entries: &PdfDict,
        seen: &mut Seen,
        waiting: &mut VecDeque<ObjectId>,
        depth: usize,
    ) {
        let dict = Dict { raw, entries };
        self.to_unicode.extend(dict.id("ToUnicode"));
        if dict.name("Subtype") == Some(b"Type0") {
            self.encodings.extend(dict.id("Encoding"));
        }
        entries.values().for_each(|value| self.value(raw, value, seen, waiting, depth + 1));
    }
}
